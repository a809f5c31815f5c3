//! Unmodified ROMs of Debian's ipxe-qemu in OVMF: the drivers that the UEFI shell lists, each with
//! its byte range in the ROM. What `oprom test` sees of each of them is held to the same.

use crate::boot;
use crate::trial::{self, Result};
use rom_core::firmware::{self, Firmware};
use rom_core::{Limits, parse};
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

/// Where the package puts them.
const FOLDER: &str = "/usr/lib/ipxe/qemu";
/// The shell waits 5 s before it reads its script.
const PATIENCE: Duration = Duration::from_mins(2);

/// Boots all of them at once.
pub(crate) fn run() -> io::Result<Result> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(FOLDER)?.flatten().map(|entry| entry.path()).collect();
    files.sort();
    let roms = files.iter().map(fs::read).collect::<io::Result<Vec<_>>>()?;
    let mut expected: Vec<(usize, usize)> = roms.iter().flat_map(|rom| running(rom)).collect();
    let mut seen = listed(&roms)?;
    expected.sort_unstable();
    seen.sort_unstable();
    let mut disagreements = if seen == expected {
        Vec::new()
    } else {
        vec![format!("predicted {expected:x?}, listed {seen:x?}")]
    };
    for (file, rom) in files.iter().zip(&roms) {
        let rom = parse(rom, &Limits::default());
        let prediction = firmware::predict(&rom, Firmware::Ovmf, None);
        let observed = boot::observe(&rom, PATIENCE)?;
        if !observed.agrees(&prediction) {
            disagreements.push(format!("{}: observed {observed:?}", file.display()));
        }
    }
    Ok(trial::Result { compared: roms.len(), disagreements, ..trial::Result::default() })
}

/// First and last byte of each image that OVMF is to start.
fn running(rom: &[u8]) -> Vec<(usize, usize)> {
    let rom = parse(rom, &Limits::default());
    let prediction = firmware::predict(&rom, Firmware::Ovmf, None);
    let spans = prediction.runs().map(|index| rom.images[index].span());
    spans.map(|span| (span.offset, span.end() - 1)).collect()
}

/// What the shell's `drivers` lists as loaded from an option ROM.
fn listed(roms: &[Vec<u8>]) -> io::Result<Vec<(usize, usize)>> {
    let folder = tempfile::tempdir()?;
    let disk = folder.path().join("disk");
    fs::create_dir(&disk)?;
    fs::write(disk.join("startup.nsh"), "drivers\r\nreset -s\r\n")?;
    let console = boot::shell(roms, &disk, folder.path(), PATIENCE)?;
    Ok(console.split("Offset(").skip(1).filter_map(range).collect())
}

/// Reads `0x12600,0x3CFFF)` at the start of `text`.
fn range(text: &str) -> Option<(usize, usize)> {
    let (range, _) = text.split_once(')')?;
    let (start, end) = range.split_once(',')?;
    let number = |text: &str| usize::from_str_radix(text.trim().strip_prefix("0x")?, 16).ok();
    Some((number(start)?, number(end)?))
}
