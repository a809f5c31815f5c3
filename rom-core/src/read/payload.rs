//! The driver of an EFI image. The only caller of goblin, which is handed bytes already cut to their bounds.
//!
//! Only the headers and the section table are read: that is what firmware reads, and a damaged debug directory is none of its
//! business.

use crate::bytes::{Span, Window};
use crate::layout::{Machine, Subsystem};
use crate::limits::Limits;
use crate::model::{Payload, Pe, Section};
use goblin::pe::characteristic::IMAGE_FILE_RELOCS_STRIPPED;
use goblin::pe::header::{DosHeader, Header};
use goblin::pe::section_table::{SIZEOF_SECTION_TABLE, SectionTable};

/// Reads the PE or TE image at the start of `window`.
pub(super) fn read(window: Window<'_>, limits: &Limits) -> Payload {
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
    let table_at = at.checked_add(PE_AND_FILE_HEADER)?.checked_add(usize::from(coff.size_of_optional_header))?;
    let sections = sections(window, table_at, coff.number_of_sections, limits)?;
    let fields = &optional.windows_fields;
    let directories = &optional.data_directories;
    let table_end = table_at.saturating_add(sections.len().saturating_mul(SIZEOF_SECTION_TABLE));
    let extent = sections.iter().map(|section| section.raw.end()).max().unwrap_or(0).max(table_end);
    Some(Pe {
        available: window.len(),
        extent,
        machine: Machine(coff.machine),
        magic: optional.standard_fields.magic,
        subsystem: Subsystem(fields.subsystem),
        entry_point: optional.standard_fields.address_of_entry_point,
        image_base: fields.image_base,
        size_of_image: fields.size_of_image,
        relocations_stripped: coff.characteristics & IMAGE_FILE_RELOCS_STRIPPED != 0,
        certificates: directories
            .get_certificate_table()
            .filter(|directory| directory.size > 0)
            .and_then(|directory| Some(Span::new(bytes(directory.virtual_address)?, bytes(directory.size)?))),
        sections,
    })
}

/// "PE\0\0" and the COFF file header (PE/COFF, 3.2 and 3.3).
const PE_AND_FILE_HEADER: usize = 24;

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
                name: table.name.iter().take_while(|byte| byte.is_ascii_graphic()).map(|byte| char::from(*byte)).collect(),
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
