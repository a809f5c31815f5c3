//! A PE driver: the smallest program that firmware loads from an option ROM and starts.

use super::spec::{ComposeError, Driver};
use super::structure::written;
use super::{apply, content, from_hex};
use crate::layout::pe::{DataDirectory, DosHeader, OptionalHeader, PeHeader, PeSectionHeader};
use crate::layout::{Machine, Subsystem};
use std::slice;

/// Bytes of a section in the file, and what it begins at a multiple of.
const FILE_ALIGNMENT: u32 = 0x200;
/// What a section begins at a multiple of in memory.
const PAGE: u32 = 0x1000;
/// A relocation block of page 0x1000 with two entries that say "nothing": present, so that the
/// loader may move the image.
const RELOCATIONS: [u8; 12] = [0x00, 0x10, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0];

/// Executable, line numbers and symbols stripped, large addresses; bit 0 says that relocations are
/// stripped.
const CHARACTERISTICS: u16 = 0x022E;

/// The driver's bytes.
pub(super) fn compose(driver: &Driver) -> Result<Vec<u8>, ComposeError> {
    let mut bytes = match (&driver.given, &driver.file, &driver.bytes) {
        (Some(given), _, _) => given.clone(),
        (None, Some(name), _) => return Err(ComposeError::File(name.clone())),
        (None, None, Some(bytes)) => from_hex(bytes)?,
        (None, None, None) => pe(driver)?,
    };
    apply(&mut bytes, &driver.patch)?;
    Ok(bytes)
}

/// A PE image with the code and relocations that are asked for.
fn pe(driver: &Driver) -> Result<Vec<u8>, ComposeError> {
    let mut code = match (&driver.code, driver.machine) {
        (Some(code), _) => from_hex(code)?,
        // xor eax, eax; ret
        (None, 0x8664) => vec![0x31, 0xC0, 0xC3],
        // mov x0, #0; ret
        (None, 0xAA64) => vec![0x00, 0x00, 0x80, 0xD2, 0xC0, 0x03, 0x5F, 0xD6],
        (None, other) => return Err(ComposeError::Machine(other)),
    };
    for part in &driver.data {
        code.resize(code.len().next_multiple_of(16), 0);
        code.extend(content(slice::from_ref(part))?);
    }
    let text = section(*b".text\0\0\0", None, code.len(), 0x6000_0020)?;
    let reloc = section(*b".reloc\0\0", Some(&text), RELOCATIONS.len(), 0x4200_0040)?;
    let size_of_image = end(&reloc)?;
    let mut directories = [DataDirectory { address: 0, size: 0 }; DataDirectory::COUNT];
    if let Some(directory) =
        directories.get_mut(DataDirectory::BASE_RELOCATIONS).filter(|_| driver.relocations)
    {
        *directory = DataDirectory { address: reloc.virtual_address, size: reloc.virtual_size };
    }
    let dos = DosHeader { magic: *b"MZ", unused: [0; 58], pe_offset: small(DosHeader::SIZE)? };
    let header = PeHeader {
        signature: *b"PE\0\0",
        machine: Machine(driver.machine),
        number_of_sections: 2,
        time_date_stamp: 0,
        symbols: [0; 2],
        size_of_optional_header: small(
            OptionalHeader::SIZE
                .saturating_add(DataDirectory::SIZE.saturating_mul(DataDirectory::COUNT)),
        )?,
        characteristics: CHARACTERISTICS | u16::from(!driver.relocations),
    };
    let optional = OptionalHeader {
        magic: OptionalHeader::PE32_PLUS,
        linker_version: [0; 2],
        size_of_code: text.size_of_raw_data,
        size_of_initialized_data: FILE_ALIGNMENT,
        size_of_uninitialized_data: 0,
        address_of_entry_point: text.virtual_address,
        base_of_code: text.virtual_address,
        image_base: 0,
        section_alignment: PAGE,
        file_alignment: FILE_ALIGNMENT,
        versions: [0; 6],
        win32_version: 0,
        size_of_image,
        size_of_headers: FILE_ALIGNMENT,
        check_sum: 0,
        subsystem: Subsystem(driver.subsystem),
        dll_characteristics: 0,
        stack_and_heap: [0; 4],
        loader_flags: 0,
        number_of_data_directories: small(DataDirectory::COUNT)?,
    };
    let mut bytes = [written(&dos)?, written(&header)?, written(&optional)?].concat();
    for directory in &directories {
        bytes.extend(written(directory)?);
    }
    for section in [&text, &reloc] {
        bytes.extend(written(section)?);
    }
    for part in [code.as_slice(), &RELOCATIONS] {
        pad(&mut bytes);
        bytes.extend(part);
    }
    pad(&mut bytes);
    Ok(bytes)
}

/// A section of `length` bytes behind `before`, or behind the headers.
fn section(
    name: [u8; 8],
    before: Option<&PeSectionHeader>,
    length: usize,
    characteristics: u32,
) -> Result<PeSectionHeader, ComposeError> {
    let too_large = ComposeError::TooLarge("the driver");
    let virtual_size = u32::try_from(length).map_err(|_| too_large.clone())?;
    let pointer_to_raw_data = match before {
        Some(before) => before.pointer_to_raw_data.saturating_add(before.size_of_raw_data),
        None => FILE_ALIGNMENT,
    };
    Ok(PeSectionHeader {
        name,
        virtual_size,
        virtual_address: before.map_or(Ok(PAGE), end)?,
        size_of_raw_data: virtual_size
            .max(1)
            .checked_next_multiple_of(FILE_ALIGNMENT)
            .ok_or(too_large)?,
        pointer_to_raw_data,
        relocations_and_lines: [0; 3],
        characteristics,
    })
}

/// The first page behind a section.
fn end(section: &PeSectionHeader) -> Result<u32, ComposeError> {
    let end = section
        .virtual_address
        .checked_add(section.virtual_size)
        .and_then(|end| end.checked_next_multiple_of(PAGE));
    end.ok_or(ComposeError::TooLarge("the driver"))
}

/// A size of headers as a field has it.
fn small<T: TryFrom<usize>>(size: usize) -> Result<T, ComposeError> {
    T::try_from(size).map_err(|_| ComposeError::TooLarge("the driver"))
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(512), 0);
}
