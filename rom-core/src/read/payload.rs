//! The driver of an EFI image. The only caller of goblin, which gets bytes already cut to
//! their bounds.
//!
//! Only the headers and the section table are read: that is what firmware reads, and a damaged
//! debug directory is none of its business.

use super::loaded::Loaded;
use super::{debug, relocations, signature};
use crate::bytes::{Span, Window};
use crate::layout::pe::{PeHeader, PeSectionHeader};
use crate::layout::{Machine, Subsystem};
use crate::limits::Limits;
use crate::model::{Debug, Payload, Pe, Relocations, Section, Signature};
use goblin::pe::characteristic::IMAGE_FILE_RELOCS_STRIPPED;
use goblin::pe::data_directories::DataDirectory;
use goblin::pe::header::{DosHeader, Header};
use goblin::pe::section_table::SectionTable;

/// Reads the PE or TE image at the start of `window`.
pub(crate) fn read(window: Window<'_>, limits: &Limits) -> Payload {
    if window.has(0, b"VZ") {
        return window.u16(2).map_or(Payload::NotPe, |machine| Payload::Terse(Machine(machine)));
    }
    if !window.has(0, b"MZ") {
        return Payload::NotPe;
    }
    pe(window, limits).map_or(Payload::Unreadable, Payload::Pe)
}

/// Facts of a PE image; `None` where goblin finds no readable header or section table.
fn pe(window: Window<'_>, limits: &Limits) -> Option<Pe> {
    let dos = DosHeader::parse(window.bytes()).ok()?;
    let at = usize::try_from(dos.pe_pointer).ok()?;
    let header = Header::parse_without_dos(window.from(at)?.bytes()).ok()?;
    let optional = header.optional_header?;
    let coff = header.coff_header;
    let table_at =
        at.checked_add(PeHeader::SIZE)?.checked_add(usize::from(coff.size_of_optional_header))?;
    let sections = sections(window, table_at, coff.number_of_sections, limits)?;
    let fields = &optional.windows_fields;
    let directories = &optional.data_directories;
    let directory = |found: Option<&DataDirectory>| {
        found.map_or((0, 0), |found| (found.virtual_address, found.size))
    };
    let certificates = directory(directories.get_certificate_table());
    let certificates = if certificates.1 == 0 {
        None
    } else {
        Some(Span::new(bytes(certificates.0)?, bytes(certificates.1)?))
    };
    let ends = sections.iter().map(|section| section.raw).chain(certificates).map(Span::end);
    let mut pe = Pe {
        available: window.len(),
        extent: ends.max().unwrap_or(0),
        header_offset: at,
        machine: Machine(coff.machine),
        size_of_optional_header: coff.size_of_optional_header,
        magic: optional.standard_fields.magic,
        subsystem: Subsystem(fields.subsystem),
        entry_point: optional.standard_fields.address_of_entry_point,
        image_base: fields.image_base,
        size_of_image: fields.size_of_image,
        size_of_headers: fields.size_of_headers,
        section_alignment: fields.section_alignment,
        directories: fields.number_of_rva_and_sizes,
        relocations_stripped: coff.characteristics & IMAGE_FILE_RELOCS_STRIPPED != 0,
        relocations: Relocations::Absent,
        debug: Debug::default(),
        certificates,
        signature: Signature::Absent,
        sections,
    };
    let table_end =
        table_at.saturating_add(pe.sections.len().saturating_mul(PeSectionHeader::SIZE));
    pe.extent = pe.extent.max(table_end);
    let (address, size) = directory(directories.get_debug_table());
    pe.debug = debug::read(window, &pe.sections, address, size);
    let loaded = Loaded {
        file: window,
        size_of_headers: pe.size_of_headers,
        sections: &pe.sections,
        size_of_image: pe.size_of_image.saturating_add(pe.debug.unloaded),
    };
    let (address, size) = directory(directories.get_base_relocation_table());
    pe.relocations = relocations::read(loaded, address, size, limits);
    pe.signature = signature::read(window, &pe);
    Some(pe)
}

/// The section table; `None` if it is cut or longer than the limit.
fn sections(window: Window<'_>, at: usize, count: u16, limits: &Limits) -> Option<Vec<Section>> {
    let count = usize::from(count);
    if count > limits.sections {
        return None;
    }
    let mut offset = at;
    (0..count)
        .map(|_| {
            let table = SectionTable::parse(window.bytes(), &mut offset, 0).ok()?;
            let raw = Span::new(bytes(table.pointer_to_raw_data)?, bytes(table.size_of_raw_data)?);
            Some(Section {
                name: table
                    .name
                    .iter()
                    .take_while(|byte| byte.is_ascii_graphic())
                    .map(|byte| char::from(*byte))
                    .collect(),
                raw: if raw.length == 0 { Span::default() } else { raw },
                virtual_address: table.virtual_address,
                virtual_size: table.virtual_size,
            })
        })
        .collect()
}

fn bytes(value: u32) -> Option<usize> {
    usize::try_from(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose;
    use crate::model::Body;
    use crate::read::parse;

    #[test]
    fn a_table_of_more_sections_than_the_limit_is_not_read() {
        let text = |count: u8| {
            let patch = format!("driver.patch = [{{ at = 0x46, hex = '{count:02x}00' }}]");
            format!(
                "purpose = ''\n[[image]]\nkind = 'efi'\nblocks = 20\ndriver.data = \
                    [{{ fill = 0, length = 6000 }}]\n{patch}\n"
            )
        };
        let sections = |count| {
            let rom = compose::compose(&text(count).parse::<compose::Spec>().unwrap()).unwrap();
            match &parse(&rom, &Limits::default()).images[0].body {
                Body::Efi(efi) => match &efi.payload {
                    Payload::Pe(pe) => Some(pe.sections.len()),
                    Payload::Unreadable => None,
                    other => panic!("{other:?}"),
                },
                other => panic!("{other:?}"),
            }
        };
        assert_eq!((sections(96), sections(97), sections(200)), (Some(96), None, None));
    }
}
