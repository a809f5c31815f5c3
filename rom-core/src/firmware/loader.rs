//! edk2's loader of PE images: what it looks at, in its order (edk2, `BasePeCoff.c` and `Image.c`).

use crate::layout::pe::{DataDirectory, OptionalHeader, PeHeader, PeSectionHeader};
use crate::layout::{Machine, Subsystem};
use crate::model::{Pe, Relocations, Section};
use std::fmt;

/// Why the loader does not take an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LoadFault {
    /// The optional header is neither PE32 nor PE32+.
    Magic,
    /// The size of the optional header does not go with the number of its data directories.
    OptionalHeader,
    /// Headers and section table do not fit into the size of the headers, or that not into the size
    /// of the image.
    SizeOfHeaders,
    /// Headers, a section or the certificate table end behind the image.
    Cut,
    /// A section begins inside the headers.
    SectionInHeaders,
    /// A section ends behind the image in memory.
    SectionOutside,
    /// The debug directory ends behind the image.
    DebugCut,
    /// The machine is another.
    Machine,
    /// It is no EFI program.
    Subsystem,
    /// Its relocations were taken out, and it is linked for an address that is not free.
    Fixed,
    /// The section alignment is zero.
    Alignment,
    /// The relocations cannot be applied.
    Relocations,
}

impl fmt::Display for LoadFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Magic => "the optional header of the driver is of an unknown kind",
            Self::OptionalHeader => {
                "the size of the driver's optional header does not match the number of its \
                directories"
            }
            Self::SizeOfHeaders => "the driver's headers do not fit into the size that they name",
            Self::Cut => "a part of the driver is missing",
            Self::SectionInHeaders => "a section of the driver begins inside its headers",
            Self::SectionOutside => "a section of the driver ends after the driver's end in memory",
            Self::DebugCut => "the debug directory of the driver is cut off",
            Self::Machine => "the driver is for another machine",
            Self::Subsystem => "the driver is not an EFI program",
            Self::Fixed => {
                "the driver's relocations were removed, and the address that it is linked for is \
                not free"
            }
            Self::Alignment => "the section alignment of the driver is zero",
            Self::Relocations => "the driver's relocations are damaged",
        })
    }
}

impl LoadFault {
    /// The function that gives up.
    #[must_use]
    pub const fn source(self) -> &'static str {
        match self {
            Self::Machine | Self::Subsystem | Self::Fixed => "edk2, Image.c, CoreLoadPeImage",
            Self::SectionOutside | Self::Alignment => "edk2, BasePeCoff.c, PeCoffLoaderLoadImage",
            Self::DebugCut => "edk2, BasePeCoff.c, PeCoffLoaderGetImageInfo",
            Self::Relocations => "edk2, BasePeCoff.c, PeCoffLoaderRelocateImage",
            Self::Magic
            | Self::OptionalHeader
            | Self::SizeOfHeaders
            | Self::Cut
            | Self::SectionInHeaders => "edk2, BasePeCoff.c, PeCoffLoaderGetPeHeader",
        }
    }
}

/// Bytes that the loader reads at "PE\0\0" at once: the headers of PE32+ with all data directories.
const NT_HEADERS: usize = PeHeader::SIZE
    .saturating_add(OptionalHeader::SIZE)
    .saturating_add(DataDirectory::SIZE.saturating_mul(DataDirectory::COUNT));
/// Subsystems that the core loads. Number 13, runtime drivers of Itanium, since October 2025 no
/// more (edk2 147e9a053e).
const LOADED: [Subsystem; 4] = [
    Subsystem::EFI_APPLICATION,
    Subsystem::EFI_BOOT_SERVICE_DRIVER,
    Subsystem::EFI_RUNTIME_DRIVER,
    Subsystem(13),
];
/// Addresses below this are never free for a driver that has to lie there.
const LOWEST_FREE: u64 = 0x10_0000;

/// The first thing about `pe` that the loader of a firmware for `machine` stumbles over.
#[must_use]
pub(crate) fn load_fault(pe: &Pe, machine: Machine) -> Option<LoadFault> {
    headers(pe)
        .or_else(|| sections_in_file(pe))
        .or_else(|| core(pe, machine))
        .or_else(|| memory(pe))
}

fn headers(pe: &Pe) -> Option<LoadFault> {
    let without_directories = match pe.magic {
        Pe::PE32 => OptionalHeader::SIZE_PE32,
        Pe::PE32_PLUS => OptionalHeader::SIZE,
        _ => return Some(LoadFault::Magic),
    };
    if pe.header_offset.saturating_add(NT_HEADERS) > pe.available {
        return Some(LoadFault::Cut);
    }
    let fitting =
        usize::try_from(pe.directories).ok().filter(|count| *count <= DataDirectory::COUNT);
    let fitting = fitting
        .map(|count| without_directories.saturating_add(count.saturating_mul(DataDirectory::SIZE)));
    if fitting != Some(usize::from(pe.size_of_optional_header)) {
        return Some(LoadFault::OptionalHeader);
    }
    let table = pe.section_table();
    let count = pe.sections.len();
    let sections_before = |end: u32| {
        let room = usize::try_from(end).ok()?.checked_sub(table).filter(|room| *room > 0)?;
        room.checked_div(PeSectionHeader::SIZE)
    };
    let fits = sections_before(pe.size_of_image).is_some_and(|room| room > count)
        && sections_before(pe.size_of_headers).is_some_and(|room| room >= count)
        && pe.size_of_headers < pe.size_of_image;
    if !fits {
        return Some(LoadFault::SizeOfHeaders);
    }
    let headers = usize::try_from(pe.size_of_headers).unwrap_or(usize::MAX);
    let certificates = pe.certificates.map_or(0, crate::bytes::Span::end);
    (headers.max(certificates) > pe.available).then_some(LoadFault::Cut)
}

fn sections_in_file(pe: &Pe) -> Option<LoadFault> {
    pe.sections.iter().filter(|section| section.raw.length > 0).find_map(|section| {
        let headers = usize::try_from(pe.size_of_headers).unwrap_or(usize::MAX);
        if section.virtual_address < pe.size_of_headers || section.raw.offset < headers {
            return Some(LoadFault::SectionInHeaders);
        }
        (section.raw.end() > pe.available).then_some(LoadFault::Cut)
    })
}

/// What the core of the firmware looks at before it makes room for the image.
fn core(pe: &Pe, machine: Machine) -> Option<LoadFault> {
    if pe.debug.cut {
        return Some(LoadFault::DebugCut);
    }
    // Every build has the interpreter for EFI byte code (edk2, `EbcDxe`).
    if pe.machine != machine && pe.machine != Machine::EBC {
        return Some(LoadFault::Machine);
    }
    if !LOADED.contains(&pe.subsystem) {
        return Some(LoadFault::Subsystem);
    }
    let fixed = pe.relocations_stripped
        && (pe.image_base < LOWEST_FREE || pe.subsystem == Subsystem::EFI_RUNTIME_DRIVER);
    if fixed {
        return Some(LoadFault::Fixed);
    }
    (pe.section_alignment == 0).then_some(LoadFault::Alignment)
}

/// What it looks at while it fills the room.
fn memory(pe: &Pe) -> Option<LoadFault> {
    let end = pe.size_of_image.saturating_add(pe.debug.unloaded);
    if pe.sections.iter().any(|section| !fits(section, end)) {
        return Some(LoadFault::SectionOutside);
    }
    (pe.relocations == Relocations::Damaged && !pe.relocations_stripped)
        .then_some(LoadFault::Relocations)
}

/// Whether a section that has data lies within the first `end` bytes of memory; a section of no
/// size ends before it begins.
fn fits(section: &Section, end: u32) -> bool {
    let last = section.virtual_address.wrapping_add(section.virtual_size).wrapping_sub(1);
    section.raw.length == 0 || (section.virtual_address < end && last < end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Span;
    use crate::model::{Debug, Signature};

    /// Where the section table of [`sound`] stands.
    const TABLE: u32 = 0x40 + 24 + 240;

    fn section() -> Section {
        Section {
            name: ".text".to_owned(),
            raw: Span::new(0x200, 0x200),
            virtual_address: 0x1000,
            virtual_size: 0x200,
        }
    }

    fn sound() -> Pe {
        Pe {
            available: 0x400,
            extent: 0x400,
            header_offset: 0x40,
            machine: Machine::X64,
            size_of_optional_header: 240,
            magic: Pe::PE32_PLUS,
            subsystem: Subsystem::EFI_BOOT_SERVICE_DRIVER,
            entry_point: 0x1000,
            image_base: 0,
            size_of_image: 0x2000,
            size_of_headers: 0x200,
            section_alignment: 0x1000,
            directories: 16,
            relocations_stripped: false,
            relocations: Relocations::Sound,
            debug: Debug::default(),
            certificates: None,
            signature: Signature::Absent,
            sections: vec![section()],
        }
    }

    fn fault(change: impl Fn(&mut Pe)) -> Option<LoadFault> {
        let mut pe = sound();
        change(&mut pe);
        load_fault(&pe, Machine::X64)
    }

    fn of_section(change: impl Fn(&mut Section)) -> Option<LoadFault> {
        fault(|pe| change(&mut pe.sections[0]))
    }

    #[test]
    fn headers_fit_to_the_last_byte() {
        use LoadFault::{Cut, Magic, OptionalHeader, SectionOutside, SizeOfHeaders};
        let alone = |pe: &mut Pe| pe.sections.clear();
        let room = |pe: &mut Pe, available| (pe.available, pe.directories) = (available, 17);
        assert_eq!(fault(|_| {}), None);
        assert_eq!(fault(|pe| pe.magic = 0x0107), Some(Magic));
        assert_eq!(fault(|pe| room(pe, 0x40 + NT_HEADERS)), Some(OptionalHeader));
        assert_eq!(fault(|pe| room(pe, 0x40 + NT_HEADERS - 1)), Some(Cut));
        assert_eq!(fault(|pe| pe.size_of_optional_header = 241), Some(OptionalHeader));
        assert_eq!(
            fault(|pe| (pe.directories, pe.size_of_optional_header) = (17, 248)),
            Some(OptionalHeader)
        );
        assert_eq!(fault(|pe| (pe.directories, pe.size_of_optional_header) = (0, 112)), None);
        assert_eq!(fault(|pe| (pe.magic, pe.size_of_optional_header) = (Pe::PE32, 224)), None);
        assert_eq!(fault(|pe| pe.size_of_headers = TABLE + 39), Some(SizeOfHeaders));
        assert_eq!(fault(|pe| pe.size_of_headers = TABLE + 40), None);
        assert_eq!(
            fault(|pe| (pe.size_of_headers, pe.size_of_image) = (TABLE + 40, TABLE + 79)),
            Some(SizeOfHeaders)
        );
        assert_eq!(
            fault(|pe| (pe.size_of_headers, pe.size_of_image) = (TABLE + 40, TABLE + 80)),
            Some(SectionOutside)
        );
        assert_eq!(fault(|pe| pe.size_of_image = 0x200), Some(SizeOfHeaders));
        assert_eq!(fault(|pe| (alone(pe), pe.size_of_headers = TABLE).0), Some(SizeOfHeaders));
        assert_eq!(fault(|pe| (alone(pe), pe.size_of_headers = TABLE + 1).0), None);
        assert_eq!(fault(|pe| (alone(pe), pe.available = 0x200).0), None);
        assert_eq!(fault(|pe| (alone(pe), pe.available = 0x1FF).0), Some(Cut));
        assert_eq!(fault(|pe| pe.certificates = Some(Span::new(0x300, 0x100))), None);
        assert_eq!(fault(|pe| pe.certificates = Some(Span::new(0x300, 0x101))), Some(Cut));
    }

    #[test]
    fn sections_lie_behind_the_headers_and_inside_the_image() {
        use LoadFault::{Cut, SectionInHeaders, SectionOutside};
        assert_eq!(of_section(|own| own.raw.offset = 0x1FF), Some(SectionInHeaders));
        assert_eq!(of_section(|own| own.virtual_address = 0x1FF), Some(SectionInHeaders));
        assert_eq!(of_section(|own| own.virtual_address = 0x200), None);
        assert_eq!(of_section(|own| own.raw.length = 0x201), Some(Cut));
        assert_eq!(of_section(|own| own.virtual_size = 0x1000), None);
        assert_eq!(of_section(|own| own.virtual_size = 0x1001), Some(SectionOutside));
        assert_eq!(of_section(|own| own.virtual_size = 0), None);
        assert_eq!(
            of_section(|own| (own.virtual_address, own.virtual_size) = (0x2000, 0)),
            Some(SectionOutside)
        );
        assert_eq!(
            of_section(|own| (own.raw, own.virtual_address) = (Span::new(0x9000, 0), 0x9000)),
            None
        );
        let more = Debug { cut: false, unloaded: 1 };
        assert_eq!(fault(|pe| (pe.sections[0].virtual_size, pe.debug) = (0x1001, more)), None);
    }

    #[test]
    fn the_core_takes_programs_of_its_machine() {
        use LoadFault::{
            Alignment, DebugCut, Fixed, Machine as Other, Relocations as Damaged,
            Subsystem as NoProgram,
        };
        assert_eq!(fault(|pe| pe.machine = Machine::IA32), Some(Other));
        assert_eq!(fault(|pe| pe.machine = Machine::EBC), None);
        for (number, expected) in [
            (9, Some(NoProgram)),
            (10, None),
            (11, None),
            (12, None),
            (13, None),
            (14, Some(NoProgram)),
        ] {
            assert_eq!(fault(|pe| pe.subsystem = Subsystem(number)), expected, "{number}");
        }
        let fixed = |base, subsystem| {
            fault(|pe| {
                (pe.relocations_stripped, pe.image_base, pe.subsystem) = (true, base, subsystem);
            })
        };
        assert_eq!(fixed(0xF_FFFF, Subsystem::EFI_BOOT_SERVICE_DRIVER), Some(Fixed));
        assert_eq!(fixed(0x10_0000, Subsystem::EFI_BOOT_SERVICE_DRIVER), None);
        assert_eq!(fixed(0x10_0000, Subsystem::EFI_RUNTIME_DRIVER), Some(Fixed));
        assert_eq!(fault(|pe| pe.section_alignment = 0), Some(Alignment));
        assert_eq!(fault(|pe| pe.debug.cut = true), Some(DebugCut));
        assert_eq!(fault(|pe| pe.relocations = Relocations::Damaged), Some(Damaged));
        let stripped = |pe: &mut Pe| {
            (pe.relocations, pe.relocations_stripped, pe.image_base) =
                (Relocations::Damaged, true, 0x10_0000);
        };
        assert_eq!(fault(stripped), None);
    }
}
