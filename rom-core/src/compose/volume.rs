//! Firmware volumes, files and sections, for tests of what takes them apart: by the declarations
//! that reading has (UEFI PI 1.8, volume 3, 3.2).

use super::structure::written;
use super::{ComposeError, compress};
use crate::layout::{
    Algorithm, CompressionSection, FfsFileHeader, FfsFileType, FirmwareVolumeHeader,
    FlashDescriptor, Guid, GuidDefinedSection, SectionHeader, SectionType,
};

/// A section with this content.
///
/// # Errors
/// [`ComposeError::TooLarge`] where it is 16 MiB or more.
pub fn section(section_type: SectionType, content: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let size = size_24(content.len().saturating_add(SectionHeader::SIZE))?;
    let mut bytes = written(&SectionHeader { size, section_type })?;
    bytes.extend(content);
    Ok(bytes)
}

/// A section whose content is encoded as `guid` says.
///
/// # Errors
/// [`ComposeError::TooLarge`] where it is 16 MiB or more.
pub fn encoded(guid: Guid, data: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let head = GuidDefinedSection {
        section_definition_guid: guid,
        data_offset: 0x18,
        attributes: GuidDefinedSection::PROCESSING_REQUIRED,
    };
    let mut content = written(&head)?;
    content.extend(data);
    section(SectionType::GUID_DEFINED, &content)
}

/// A section that holds `content` compressed.
///
/// # Errors
/// [`ComposeError::TooLarge`] where it is 16 MiB or more.
pub fn compressed(algorithm: Algorithm, content: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let uncompressed_length =
        u32::try_from(content.len()).map_err(|_| ComposeError::TooLarge("the section"))?;
    let mut bytes = written(&CompressionSection { uncompressed_length, compression_type: 1 })?;
    bytes.extend(compress(content, algorithm)?);
    section(SectionType::COMPRESSION, &bytes)
}

/// The section that gives a file a name for people.
///
/// # Errors
/// [`ComposeError::TooLarge`] where it is 16 MiB or more.
pub fn name(text: &str) -> Result<Vec<u8>, ComposeError> {
    let words = text.encode_utf16().chain([0]);
    section(SectionType::USER_INTERFACE, &words.flat_map(u16::to_le_bytes).collect::<Vec<u8>>())
}

/// Sections one behind the other, each where it may begin.
#[must_use]
pub fn sections(parts: &[Vec<u8>]) -> Vec<u8> {
    joined(parts, SectionHeader::ALIGNMENT, 0)
}

/// A file.
///
/// # Errors
/// [`ComposeError::TooLarge`] where it is 16 MiB or more.
pub fn file(file_type: FfsFileType, name: Guid, content: &[u8]) -> Result<Vec<u8>, ComposeError> {
    /// What a file has whose content has no checksum, and the state of one that is written.
    const NO_CHECKSUM: u8 = 0xAA;
    const DATA_VALID: u8 = 0xF8;
    let size = size_24(content.len().saturating_add(FfsFileHeader::SIZE))?;
    let mut header =
        FfsFileHeader { name, integrity_check: [0; 2], file_type, attributes: 0, size, state: 0 };
    let sum = written(&header)?.iter().fold(0_u8, |sum, byte| sum.wrapping_sub(*byte));
    header.integrity_check = [sum, NO_CHECKSUM];
    header.state = DATA_VALID;
    let mut bytes = written(&header)?;
    bytes.extend(content);
    Ok(bytes)
}

/// A volume with these files, and `free` bytes behind them.
///
/// # Errors
/// None in practice: its length fits into 64 bits.
pub fn volume(file_system: Guid, files: &[Vec<u8>], free: usize) -> Result<Vec<u8>, ComposeError> {
    /// The header with a block map of one entry and its end.
    const HEADER: usize = FirmwareVolumeHeader::SIZE + 16;
    let mut content = vec![0xFF; HEADER];
    content.extend(joined(files, FfsFileHeader::ALIGNMENT, 0xFF));
    let length = content.len().saturating_add(free).next_multiple_of(16);
    content.resize(length, 0xFF);
    let length = u64::try_from(length).map_err(|_| ComposeError::TooLarge("the volume"))?;
    let mut header = FirmwareVolumeHeader {
        zero_vector: [0; 16],
        file_system_guid: file_system,
        fv_length: length,
        signature: FirmwareVolumeHeader::SIGNATURE,
        attributes: FirmwareVolumeHeader::ERASE_POLARITY,
        header_length: u16::try_from(HEADER).map_err(|_| ComposeError::TooLarge("the volume"))?,
        checksum: 0,
        ext_header_offset: 0,
        reserved: 0,
        revision: 2,
    };
    let blocks: [u32; 4] =
        [u32::try_from(length).map_err(|_| ComposeError::TooLarge("the volume"))?, 1, 0, 0];
    let map: Vec<u8> = blocks.iter().flat_map(|word| word.to_le_bytes()).collect();
    let words = [written(&header)?, map.clone()].concat();
    header.checksum = words.chunks_exact(2).fold(0_u16, |sum, word| match word {
        [low, high] => sum.wrapping_sub(u16::from_le_bytes([*low, *high])),
        _ => sum,
    });
    let head = [written(&header)?, map].concat();
    if let Some(place) = content.get_mut(..head.len()) {
        place.copy_from_slice(&head);
    }
    Ok(content)
}

/// A flash chip: a descriptor, and `bios` behind it, which has to be whole blocks of 4 KiB.
///
/// # Errors
/// [`ComposeError::TooLarge`] where it is over 128 MiB.
pub fn flash(bios: &[u8]) -> Result<Vec<u8>, ComposeError> {
    /// Where the list of regions is, and how long the descriptor.
    const REGIONS_AT: usize = 0x40;
    const DESCRIPTOR: usize = 0x1000;
    let blocks = u16::try_from(bios.len() >> 12).map_err(|_| ComposeError::TooLarge("the BIOS"))?;
    let head = FlashDescriptor {
        reserved: [0xFF; 16],
        signature: FlashDescriptor::SIGNATURE,
        flmap0: 0x0004_0000,
    };
    let mut bytes = written(&head)?;
    bytes.resize(REGIONS_AT, 0xFF);
    for word in [0, 0, 1, blocks].into_iter().chain([0x7FFF, 0].repeat(7)) {
        bytes.extend(word.to_le_bytes());
    }
    bytes.resize(DESCRIPTOR, 0xFF);
    bytes.extend(bios);
    Ok(bytes)
}

fn joined(parts: &[Vec<u8>], alignment: usize, fill: u8) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::new();
    for part in parts {
        bytes.resize(bytes.len().next_multiple_of(alignment), fill);
        bytes.extend(part);
    }
    bytes
}

/// A length in 24 bits.
fn size_24(length: usize) -> Result<[u8; 3], ComposeError> {
    let length = u32::try_from(length).map_err(|_| ComposeError::TooLarge("a section"))?;
    match length.to_le_bytes() {
        [low, middle, high, 0] if [low, middle, high] != SectionHeader::LARGE => {
            Ok([low, middle, high])
        }
        _ => Err(ComposeError::TooLarge("a section")),
    }
}
