//! A PE driver: the smallest program that firmware loads from an option ROM and starts.

use super::spec::{ComposeError, Driver};
use super::structure::written;
use super::{apply, content, from_hex};
use binrw::binrw;
use std::slice;

/// Headers of the file, up to the first section (PE/COFF, 2 and 3).
#[binrw]
#[brw(little)]
struct Headers {
    dos_magic: [u8; 2],
    dos_unused: [u8; 58],
    pe_offset: u32,
    signature: [u8; 4],
    machine: u16,
    number_of_sections: u16,
    time_date_stamp: u32,
    symbols: [u32; 2],
    size_of_optional_header: u16,
    characteristics: u16,
    magic: u16,
    linker_version: [u8; 2],
    size_of_code: u32,
    size_of_initialized_data: u32,
    size_of_uninitialized_data: u32,
    address_of_entry_point: u32,
    base_of_code: u32,
    image_base: u64,
    section_alignment: u32,
    file_alignment: u32,
    versions: [u16; 6],
    win32_version: u32,
    size_of_image: u32,
    length_before_sections: u32,
    check_sum: u32,
    subsystem: u16,
    dll_characteristics: u16,
    stack_and_heap: [u64; 4],
    loader_flags: u32,
    number_of_data_directories: u32,
    data_directories: [[u32; 2]; 16],
    sections: [SectionHeader; 2],
}

/// A section header (PE/COFF, 4).
#[binrw]
#[brw(little)]
struct SectionHeader {
    name: [u8; 8],
    virtual_size: u32,
    virtual_address: u32,
    size_of_raw_data: u32,
    pointer_to_raw_data: u32,
    relocations_and_lines: [u32; 3],
    characteristics: u32,
}

/// Bytes of a section in the file, and what it begins at a multiple of.
const FILE_ALIGNMENT: u32 = 0x200;
/// What a section begins at a multiple of in memory.
const PAGE: u32 = 0x1000;
/// Data directory of the base relocations.
const BASE_RELOCATIONS: usize = 5;
/// A relocation block of page 0x1000 with two entries that say "nothing": present, so that the loader may move the image.
const RELOCATIONS: [u8; 12] = [0x00, 0x10, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0];

/// Executable, line numbers and symbols stripped, large addresses; bit 0 says that relocations are stripped.
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
    let mut data_directories = [[0; 2]; 16];
    if let Some(directory) = data_directories.get_mut(BASE_RELOCATIONS).filter(|_| driver.relocations) {
        *directory = [reloc.virtual_address, reloc.virtual_size];
    }
    let headers = Headers {
        dos_magic: *b"MZ",
        dos_unused: [0; 58],
        pe_offset: 0x40,
        signature: *b"PE\0\0",
        machine: driver.machine,
        number_of_sections: 2,
        time_date_stamp: 0,
        symbols: [0; 2],
        size_of_optional_header: 0xF0,
        characteristics: CHARACTERISTICS | u16::from(!driver.relocations),
        magic: 0x020B,
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
        length_before_sections: FILE_ALIGNMENT,
        check_sum: 0,
        subsystem: driver.subsystem,
        dll_characteristics: 0,
        stack_and_heap: [0; 4],
        loader_flags: 0,
        number_of_data_directories: 16,
        data_directories,
        sections: [text, reloc],
    };
    let mut bytes = written(&headers)?;
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
    before: Option<&SectionHeader>,
    length: usize,
    characteristics: u32,
) -> Result<SectionHeader, ComposeError> {
    let too_large = ComposeError::TooLarge("the driver");
    let virtual_size = u32::try_from(length).map_err(|_| too_large.clone())?;
    let pointer_to_raw_data = match before {
        Some(before) => before.pointer_to_raw_data.saturating_add(before.size_of_raw_data),
        None => FILE_ALIGNMENT,
    };
    Ok(SectionHeader {
        name,
        virtual_size,
        virtual_address: before.map_or(Ok(PAGE), end)?,
        size_of_raw_data: virtual_size.max(1).checked_next_multiple_of(FILE_ALIGNMENT).ok_or(too_large)?,
        pointer_to_raw_data,
        relocations_and_lines: [0; 3],
        characteristics,
    })
}

/// The first page behind a section.
fn end(section: &SectionHeader) -> Result<u32, ComposeError> {
    let end = section.virtual_address.checked_add(section.virtual_size).and_then(|end| end.checked_next_multiple_of(PAGE));
    end.ok_or(ComposeError::TooLarge("the driver"))
}

fn pad(bytes: &mut Vec<u8>) {
    bytes.resize(bytes.len().next_multiple_of(512), 0);
}
