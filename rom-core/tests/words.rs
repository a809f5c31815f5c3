//! Every word that reports have for a number or a kind, in one table.

use rom_core::contents::{Compatibility, DriverKind};
use rom_core::firmware::LoadFault;
use rom_core::layout::{
    ClassCode, CodeType, CompressionType, FfsFileType, Indicator, Machine, SectionType, Subsystem,
};
use rom_core::model::DecompressFault;
use std::fmt::Write as _;

const DRIVERS: [DriverKind; 11] = [
    DriverKind::IgdAssignment,
    DriverKind::PlatformGopPolicy,
    DriverKind::IntelGop,
    DriverKind::AmdGop,
    DriverKind::NvidiaGop,
    DriverKind::OtherGop,
    DriverKind::LegacyVideo,
    DriverKind::DisplayWithoutPci,
    DriverKind::Ipxe,
    DriverKind::Network,
    DriverKind::Unknown,
];

const LOAD_FAULTS: [LoadFault; 12] = [
    LoadFault::Magic,
    LoadFault::OptionalHeader,
    LoadFault::SizeOfHeaders,
    LoadFault::Cut,
    LoadFault::SectionInHeaders,
    LoadFault::SectionOutside,
    LoadFault::DebugCut,
    LoadFault::Machine,
    LoadFault::Subsystem,
    LoadFault::Fixed,
    LoadFault::Alignment,
    LoadFault::Relocations,
];

const DECOMPRESS_FAULTS: [DecompressFault; 7] = [
    DecompressFault::Header,
    DecompressFault::Cut,
    DecompressFault::TooLarge,
    DecompressFault::Blocks,
    DecompressFault::Table,
    DecompressFault::Distance,
    DecompressFault::Short,
];

/// A line for each number that has a name.
fn named<T: Copy>(
    table: &mut String,
    what: &str,
    of: impl Fn(u16) -> T,
    name: impl Fn(T) -> Option<&'static str>,
) {
    for number in 0..=u16::MAX {
        if let Some(name) = name(of(number)) {
            writeln!(table, "{what} {number:#06x}: {name}").unwrap();
        }
    }
}

#[test]
fn words() {
    let low = |number: u16| u8::try_from(number).unwrap_or(u8::MAX);
    let mut table = String::new();
    named(&mut table, "machine", Machine, Machine::name);
    named(&mut table, "subsystem", Subsystem, Subsystem::name);
    named(&mut table, "compression", CompressionType, CompressionType::name);
    named(&mut table, "code type", |number| CodeType(low(number)), CodeType::name);
    named(&mut table, "file", |number| FfsFileType(low(number)), FfsFileType::name);
    named(&mut table, "section", |number| SectionType(low(number)), SectionType::name);
    for kind in DRIVERS {
        writeln!(table, "driver {}: {}; {}", kind.id(), kind.name(), kind.purpose().unwrap_or("-"))
            .unwrap();
    }
    for fault in LOAD_FAULTS {
        writeln!(table, "{fault} ({})", fault.source()).unwrap();
    }
    for fault in DECOMPRESS_FAULTS {
        writeln!(table, "compressed data: {fault}").unwrap();
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/words.txt");
    if std::env::var_os("OPROM_BLESS").is_some() {
        std::fs::write(path, &table).unwrap();
    }
    assert_eq!(table, std::fs::read_to_string(path).unwrap_or_default());
    assert_eq!(
        [Compatibility::Supported, Compatibility::Unsupported, Compatibility::Unknown]
            .map(Compatibility::name),
        ["yes", "no", "unknown"]
    );
}

#[test]
fn numbers_without_a_name_are_told_as_numbers() {
    assert_eq!(Machine(0x1234).to_string(), "0x1234");
    assert_eq!(Subsystem(77).to_string(), "0x4d");
    assert_eq!(CodeType(0x70).to_string(), "code type 0x70");
    assert_eq!(format!("{:?} {:?}", Machine::X64, CodeType::EFI), "Machine(0x8664) CodeType(0x03)");
}

#[test]
fn a_class_code_has_three_parts() {
    let class = ClassCode::from_u32(0x03_80_01);
    assert_eq!((class.base(), class.sub(), class.to_u32()), (0x03, 0x80, 0x03_80_01));
    assert_eq!(
        (class.to_string(), format!("{class:?}")),
        ("038001".to_owned(), "ClassCode(038001)".to_owned())
    );
}

#[test]
fn an_indicator_has_one_bit_that_counts() {
    assert!(Indicator(0x80).is_last() && !Indicator(0x7F).is_last());
    assert_eq!((Indicator(0x81).reserved(), Indicator(0x80).reserved()), (1, 0));
}
