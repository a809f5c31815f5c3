//! The board's flash chip, by Linux's driver for Intel's flash controller (`spi-intel`). Other
//! ways to read it are other programs'.

use super::super::{cpu, kernel};
use super::{Missing, SourceBytes, failed};
use crate::advice::Advice;
use crate::files::HostFiles;
use crate::probe::Probe;
use rom_core::read::chip_regions;
use rom_core::{Span, Window};
use std::io;

/// What the driver names the partition that is the chip (Linux,
/// `drivers/spi/spi-intel.c`, `intel_spi_populate_chip`).
const NAME: &str = "\"BIOS\"";
/// Where it is if the kernel shows it.
const USUAL: &str = "/dev/mtd0ro";
/// The largest chip that is read.
const LARGEST: u64 = 128 << 20;
/// Bytes that are read at once: a part of the chip that is closed costs no more than that around
/// it.
const BLOCK: u64 = 64 << 10;
/// Bytes of the descriptor with its lists.
const DESCRIPTOR: u64 = 4 << 10;
/// Gaps that are named.
const MOST_GAPS: usize = 8;

/// The partition that holds the BIOS: its device, which can only be read, and its bytes.
fn partition(files: &dyn HostFiles) -> Option<(String, u64)> {
    let list = Probe::file(files, "/proc/mtd");
    let line = list.as_ref()?.lines().find(|line| line.ends_with(NAME))?;
    let (device, rest) = line.split_once(':')?;
    let size = u64::from_str_radix(rest.split_whitespace().next()?, 16).ok()?;
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    device.strip_prefix("mtd").filter(|number| is_number(number))?;
    Some((format!("/dev/{device}ro"), size))
}

/// Where it is.
pub(super) fn path(files: &dyn HostFiles) -> String {
    partition(files).map_or_else(|| USUAL.to_owned(), |(path, _)| path)
}

/// Reads the BIOS region: that of the descriptor, or the whole chip where there is none.
pub(super) fn read(files: &dyn HostFiles, path: &str) -> Result<SourceBytes, Missing> {
    let Some((_, size)) = partition(files) else { return Err(no_partition(files)) };
    if size > LARGEST {
        return Err(Missing::plain(format!("it has {size} bytes, more than any board's")));
    }
    let descriptor = match files.flash(path, 0, DESCRIPTOR) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(Missing::closed(&error));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(failed(&error)),
        // The descriptor may be closed while the BIOS region is open.
        Err(_) => Vec::new(),
    };
    let length = usize::try_from(size).unwrap_or(usize::MAX);
    let mut regions: Vec<Span> = chip_regions(Window::of_file(&descriptor), length)
        .iter()
        .filter(|region| region.is_bios)
        .map(|region| region.span)
        .collect();
    if regions.is_empty() {
        regions.push(Span::new(0, length));
    }
    let mut read = SourceBytes::default();
    let mut gaps: Vec<(Span, io::Error)> = Vec::new();
    for region in regions {
        blocks(files, path, region, &mut read.bytes, &mut gaps);
    }
    if gaps.iter().map(|(gap, _)| gap.length).sum::<usize>() >= read.bytes.len() {
        let why = gaps.first().map_or_else(Missing::empty, |(_, error)| failed(error));
        return Err(why);
    }
    let count = gaps.len();
    read.gaps = gaps.iter().take(MOST_GAPS).map(|(gap, error)| sentence(*gap, error)).collect();
    if count > MOST_GAPS {
        read.gaps.push(format!("{} more places could not be read", count - MOST_GAPS));
    }
    Ok(read)
}

fn sentence(gap: Span, error: &io::Error) -> String {
    let (offset, length) = (gap.offset, gap.length);
    format!(
        "{length} bytes at {offset:#x} of the chip could not be read ({error}); they are FF here"
    )
}

/// Adds a region of the chip to `bytes`, block by block. What cannot be read is FF, as erased
/// flash is, and a gap.
fn blocks(
    files: &dyn HostFiles,
    path: &str,
    region: Span,
    bytes: &mut Vec<u8>,
    gaps: &mut Vec<(Span, io::Error)>,
) {
    let (mut at, end) = (to_u64(region.offset), to_u64(region.end()));
    while at < end {
        let length = BLOCK.min(end - at);
        let from = bytes.len();
        let error = match files.flash(path, at, length) {
            Ok(block) => {
                bytes.extend(&block);
                io::ErrorKind::UnexpectedEof.into()
            }
            Err(error) => error,
        };
        let got = to_u64(bytes.len() - from);
        let missing = usize::try_from(length.saturating_sub(got)).unwrap_or(0);
        if missing > 0 {
            bytes.resize(bytes.len() + missing, 0xFF);
            let start = usize::try_from(at + got).unwrap_or(usize::MAX);
            match gaps.last_mut() {
                Some((last, _)) if last.end() == start => last.length += missing,
                _ => gaps.push((Span::new(start, missing), error)),
            }
        }
        at += length;
    }
}

fn to_u64(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}

/// Why the kernel shows no flash chip.
fn no_partition(files: &dyn HostFiles) -> Missing {
    /// The driver, as its module is named.
    const MODULE: &str = "/sys/module/spi_intel_pci";
    let intel = cpu::of_host(files).is_none_or(|cpu| cpu.intel);
    if !intel {
        return Missing::with(
            "Linux has no driver for the flash controller of this CPU",
            flashrom(false),
        );
    }
    if files.exists(MODULE) {
        let why = "the driver is loaded and shows no chip: this board hides its flash controller";
        return Missing::with(why, flashrom(true));
    }
    match kernel::read(files).configured("CONFIG_SPI_INTEL_PCI") {
        Some(false) => Missing::with(
            "this kernel is built without the driver of Intel's flash controller \
             (CONFIG_SPI_INTEL_PCI)",
            flashrom(true),
        ),
        Some(true) => Missing::with(
            "the driver of Intel's flash controller is not loaded",
            Advice::from(
                "Load it, then run this again. It only reads: leave its parameter writeable as it \
                 is.",
            )
            .run(["modprobe", "spi-intel-pci"])
            .run(["oprom", "extract", "--host"]),
        ),
        None => Missing::with("the kernel shows no flash chip", flashrom(true)),
    }
}

/// How flashrom reads the chip into a file. It is printed and never run: on some laptops it
/// disturbs the embedded controller, and it then refuses by itself.
fn flashrom(descriptor: bool) -> Advice {
    let text = "flashrom may be able to read the chip, as root. If it says that /dev/mem cannot \
                be mapped, Secure Boot or the kernel forbids it; if it says that the laptop is \
                not supported, leave it and use the vendor's BIOS update file instead:";
    let only = ["--ifd", "-i", "bios"];
    let only = only.iter().filter(|_| descriptor).copied();
    let words = ["flashrom", "-p", "internal"].into_iter().chain(only);
    Advice::from(text).run(words.chain(["-r", "bios.bin"])).run(["oprom", "extract", "bios.bin"])
}
