//! The map of a file, and its header fields at their bytes.

use super::check::{self, AnalyzedFile};
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::files;
use rom_core::layout::{BLOCK, ClassCode, CodeType, CompressionType, Machine, Pcir, Subsystem};
use rom_core::model::DeviceList;
use rom_core::{Analysis, Body, Context, Image, Window, analyze_rom, parse};

/// A file, taken to pieces.
pub(crate) struct Shown {
    pub(crate) checked: AnalyzedFile,
    /// With `--hex`: for each image its structures.
    pub(crate) structures: Option<Vec<Vec<Structure>>>,
}

/// A structure of the format, as it stands in the file.
pub(crate) struct Structure {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<Field>,
}

/// A field of a structure.
pub(crate) struct Field {
    /// Offset in the file.
    pub(crate) offset: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

pub(super) fn run(args: &args::Show, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let file = files::read_rom(&args.file, context.limits())?;
    let rom = parse(&file.bytes, context.limits());
    let analysis = Analysis { size: file.size, ..analyze_rom(&rom, &context) };
    let checked = AnalyzedFile { path: check::shown(&args.file), analysis };
    let structures = args.hex.then(|| rom.images.iter().map(|image| structures(image, rom.window)).collect());
    Ok(Outcome::yes(Report::Show(Box::new(Shown { checked, structures }))))
}

/// How the bytes of a field are read.
#[derive(Clone, Copy)]
enum Meaning {
    /// A little-endian number.
    Number,
    /// A number of 512-byte units.
    Blocks,
    /// An offset from the start of the image.
    Offset,
    Ascii,
    Class,
    CodeType,
    Indicator,
    Machine,
    Subsystem,
    Compression,
    Raw,
}

type Layout = &'static [(&'static str, usize, Meaning)];

const ROM_HEADER: Layout = &[
    ("signature", 2, Meaning::Number),
    ("processor architecture unique", 22, Meaning::Raw),
    ("PCIR offset", 2, Meaning::Offset),
];
const EFI_ROM_HEADER: Layout = &[
    ("signature", 2, Meaning::Number),
    ("initialization size", 2, Meaning::Blocks),
    ("EFI signature", 4, Meaning::Number),
    ("EFI subsystem", 2, Meaning::Subsystem),
    ("EFI machine type", 2, Meaning::Machine),
    ("compression type", 2, Meaning::Compression),
    ("reserved", 8, Meaning::Raw),
    ("EFI image header offset", 2, Meaning::Offset),
    ("PCIR offset", 2, Meaning::Offset),
];
const LEGACY_ROM_HEADER: Layout = &[
    ("signature", 2, Meaning::Number),
    ("initialization size", 1, Meaning::Blocks),
    ("entry point", 4, Meaning::Raw),
    ("reserved", 17, Meaning::Raw),
    ("PCIR offset", 2, Meaning::Offset),
    ("$PnP offset", 2, Meaning::Offset),
];
const PCIR: Layout = &[
    ("signature", 4, Meaning::Ascii),
    ("vendor id", 2, Meaning::Number),
    ("device id", 2, Meaning::Number),
    ("device list offset", 2, Meaning::Number),
    ("length", 2, Meaning::Number),
    ("revision", 1, Meaning::Number),
    ("class code", 3, Meaning::Class),
    ("image length", 2, Meaning::Blocks),
    ("code revision", 2, Meaning::Number),
    ("code type", 1, Meaning::CodeType),
    ("indicator", 1, Meaning::Indicator),
    ("maximum run-time image length", 2, Meaning::Blocks),
];
const PCIR_REVISION_3: Layout =
    &[("configuration utility offset", 2, Meaning::Offset), ("DMTF CLP entry point offset", 2, Meaning::Offset)];
const NPDE: Layout = &[
    ("signature", 4, Meaning::Ascii),
    ("revision", 2, Meaning::Number),
    ("length", 2, Meaning::Number),
    ("subimage length", 2, Meaning::Blocks),
    ("last", 1, Meaning::Indicator),
];
const PNP: Layout = &[
    ("signature", 4, Meaning::Ascii),
    ("revision", 1, Meaning::Number),
    ("length in 16 bytes", 1, Meaning::Number),
    ("next header offset", 2, Meaning::Offset),
    ("reserved", 1, Meaning::Raw),
    ("checksum", 1, Meaning::Number),
    ("device identifier", 4, Meaning::Number),
    ("manufacturer offset", 2, Meaning::Offset),
    ("product name offset", 2, Meaning::Offset),
    ("device type", 3, Meaning::Raw),
    ("device indicators", 1, Meaning::Number),
    ("boot connection vector", 2, Meaning::Offset),
    ("disconnect vector", 2, Meaning::Offset),
    ("bootstrap entry vector", 2, Meaning::Offset),
    ("reserved", 2, Meaning::Raw),
    ("static resource vector", 2, Meaning::Offset),
];
const COMPRESSION: Layout = &[("compressed size", 4, Meaning::Number), ("original size", 4, Meaning::Number)];
const DEVICE: Layout = &[("device id", 2, Meaning::Number)];

/// The structures of `image`, in the order of the file.
fn structures(image: &Image<'_>, file: Window<'_>) -> Vec<Structure> {
    let start = image.span().offset;
    let mut all = Vec::new();
    let mut add = |name, at: usize, layout: Layout| all.extend(structure(file, name, at, layout));
    match &image.body {
        Body::Efi(_) => add("EFI ROM header", start, EFI_ROM_HEADER),
        Body::Legacy(_) => add("legacy ROM header", start, LEGACY_ROM_HEADER),
        Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => add("ROM header", start, ROM_HEADER),
    }
    if let Ok(block) = &image.pcir {
        add("PCI data structure", block.span.offset, PCIR);
        if block.revision_3.is_some() {
            add("PCI data structure, revision 3", block.span.offset.saturating_add(Pcir::SIZE), PCIR_REVISION_3);
        }
        if let DeviceList::Present(span, ids) = &block.device_list {
            for at in (span.offset..).step_by(2).take(ids.len()) {
                add("device list", at, DEVICE);
            }
        }
        if let Some((span, _)) = block.npde {
            add("NVIDIA PCI data extension", span.offset, NPDE);
        }
    }
    match &image.body {
        Body::Efi(efi) => {
            if let Some(stored) = efi.stored.filter(|_| efi.compression.is_some()) {
                add("compressed data", stored.span().offset, COMPRESSION);
            }
        }
        Body::Legacy(legacy) => legacy.pnp.iter().for_each(|block| add("$PnP header", block.span.offset, PNP)),
        Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => {}
    }
    all
}

/// The fields of a structure at `at`, as far as the file has them.
fn structure(file: Window<'_>, name: &'static str, at: usize, layout: Layout) -> Option<Structure> {
    let mut offset = at;
    let mut fields = Vec::new();
    for (name, length, meaning) in layout {
        let bytes = file.cut(offset, *length)?.bytes();
        fields.push(Field { offset, bytes: bytes.to_vec(), name, value: value(bytes, *meaning) });
        offset = offset.saturating_add(*length);
    }
    Some(Structure { name, fields })
}

fn value(bytes: &[u8], meaning: Meaning) -> String {
    let number = bytes.iter().rev().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    let word = u16::try_from(number).unwrap_or(u16::MAX);
    let byte = bytes.first().copied().unwrap_or(0);
    match meaning {
        Meaning::Raw => String::new(),
        Meaning::Number => format!("{number:#x}"),
        Meaning::Offset if number == 0 => "none".to_owned(),
        Meaning::Offset => format!("+{number:#x}"),
        Meaning::Blocks => format!("{number:#x} = {} bytes", number.saturating_mul(u64::try_from(BLOCK).unwrap_or(0))),
        Meaning::Ascii => String::from_utf8_lossy(bytes).into_owned(),
        Meaning::Class => bytes.try_into().map(|class| ClassCode(class).to_string()).unwrap_or_default(),
        Meaning::CodeType => CodeType(byte).to_string(),
        Meaning::Indicator if byte & 0x80 != 0 => "last image".to_owned(),
        Meaning::Indicator => "another follows".to_owned(),
        Meaning::Machine => Machine(word).to_string(),
        Meaning::Subsystem => Subsystem(word).to_string(),
        Meaning::Compression => CompressionType(word).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rom_core::layout::{CompressionHeader, EfiRomHeader, LegacyRomHeader, Npde, PnpExpansionHeader, RomHeader};

    #[test]
    fn the_tables_cover_the_declared_structures() {
        for (layout, size) in [
            (ROM_HEADER, RomHeader::SIZE),
            (EFI_ROM_HEADER, EfiRomHeader::SIZE),
            (LEGACY_ROM_HEADER, LegacyRomHeader::SIZE),
            (PCIR, Pcir::SIZE),
            (PCIR_REVISION_3, Pcir::SIZE_REVISION_3 - Pcir::SIZE),
            (NPDE, Npde::SIZE),
            (PNP, PnpExpansionHeader::SIZE),
            (COMPRESSION, CompressionHeader::SIZE),
        ] {
            assert_eq!(layout.iter().map(|(_, length, _)| length).sum::<usize>(), size, "{}", layout[0].0);
        }
    }
}
