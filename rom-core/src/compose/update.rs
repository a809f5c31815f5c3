//! Update files of vendors and archives around firmware, for tests of what takes them apart: by the
//! declarations that reading has.

use super::ComposeError;
use super::structure::written;
use crate::layout::{
    BiosGuardHeader, CapsuleHeader, CbfsCompression, CbfsFile, CbfsSegment, Guid,
    InsydeFlashHeader, PfatHeader, PfsBlockInfo, PfsChunkFooter, PfsChunkHeader, PfsEntry,
    PfsFooter, PfsHeader, TdkEntry, TdkHeader, UcpModule, ZipEnd, ZipEntry, ZipLocalHeader,
};
use flate2::Crc;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use std::io::Write as _;

/// A name and bytes.
pub type Named<'a> = (&'a str, &'a [u8]);

/// How the blocks of an update for Intel BIOS Guard are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Blocks {
    /// Bytes of data in each.
    pub size: usize,
    /// The first word of the signature behind each; `None` for none.
    pub signature: Option<u32>,
}

/// AMI's update with these files.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn ami_pfat(files: &[Named<'_>], blocks: Blocks) -> Result<Vec<u8>, ComposeError> {
    let mut text = PfatHeader::TITLE.to_vec();
    text.extend(b"\r\n");
    let mut data = Vec::new();
    for (name, bytes) in files {
        let parts = bytes.chunks(blocks.size.max(1));
        text.extend(format!("1 /B {} ;{name}\r\n", parts.len()).as_bytes());
        let mut offset: usize = 0;
        for part in parts {
            data.extend(block(b"TESTPLATFORM", offset, part, blocks.signature)?);
            offset = offset.saturating_add(part.len());
        }
    }
    let header = PfatHeader {
        header_size: word(PfatHeader::SIZE.saturating_add(text.len()))?,
        checksum: 0,
        signature: PfatHeader::SIGNATURE,
        flags: 0,
    };
    Ok([written(&header)?, text, data].concat())
}

/// A block: header, script, data, signature.
fn block(
    platform: &[u8],
    offset: usize,
    data: &[u8],
    signature: Option<u32>,
) -> Result<Vec<u8>, ComposeError> {
    // Begin; three operations with an operand each; end.
    let words = [1, 0, 0x51, word(offset)?, 0x151, 0, 0x251, word(data.len())?, 0xFF, 0];
    let script: Vec<u8> = words.iter().flat_map(|word: &u32| word.to_le_bytes()).collect();
    let mut name = [0; 16];
    name.iter_mut().zip(platform).for_each(|(place, byte)| *place = *byte);
    let header = BiosGuardHeader {
        version: [2, 0],
        platform: name,
        attributes: if signature.is_some() { BiosGuardHeader::SIGNED } else { 0 },
        script_version: [2, 0],
        script_size: word(script.len())?,
        data_size: word(data.len())?,
        versions: [0; 3],
    };
    let mut bytes = [written(&header)?, script, data.to_vec()].concat();
    if let Some(kind) = signature {
        let length = if kind == 1 {
            BiosGuardHeader::SIGNATURE_2048
        } else {
            BiosGuardHeader::SIGNATURE_3072
        };
        let end = bytes.len().saturating_add(length);
        bytes.extend(kind.to_le_bytes());
        bytes.resize(end, 0x11);
    }
    Ok(bytes)
}

/// An entry of a list of Dell's: its data, and where in the chip it goes where it is a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DellEntry {
    /// Its data.
    pub data: Vec<u8>,
    /// Address in memory, and offset in the flash chip.
    pub place: Option<(u32, u32)>,
    /// 1 or 2.
    pub revision: u32,
}

/// The entries that a firmware image in blocks becomes, with the bytes of their offsets where
/// `by_metadata` says so.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn dell_blocks(
    firmware: &[u8],
    size: usize,
    by_metadata: bool,
) -> Result<Vec<DellEntry>, ComposeError> {
    let mut entries = Vec::new();
    let mut offset: usize = 0;
    for part in firmware.chunks(size.max(1)) {
        let at = word(offset)?;
        let place = by_metadata.then_some((at.wrapping_add(0xFF00_0000), at));
        entries.push(DellEntry {
            data: block(b"DELLTEST", offset, part, None)?,
            place,
            revision: 1,
        });
        offset = offset.saturating_add(part.len());
    }
    Ok(entries)
}

/// A list of entries, as Dell has it in a packed stream.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn dell_list(entries: &[DellEntry]) -> Result<Vec<u8>, ComposeError> {
    let mut payload = Vec::new();
    for entry in entries {
        let metadata = match entry.place {
            Some((address, offset)) => {
                let info =
                    PfsBlockInfo { address, unknown: 0, offset, length: word(entry.data.len())? };
                [written(&info)?, vec![0; 9]].concat()
            }
            None => Vec::new(),
        };
        let header = PfsEntry {
            guid: Guid([0x55; 16]),
            revision: entry.revision,
            version_kinds: *b"N   ",
            version: [1, 0, 0, 0],
            reserved: 0,
            data_size: word(entry.data.len())?,
            signature_size: 0,
            metadata_size: word(metadata.len())?,
            metadata_signature_size: 0,
        };
        let head = written(&header)?;
        let reserved = vec![0; header.header_size().saturating_sub(head.len())];
        payload.extend([head, reserved, entry.data.clone(), metadata].concat());
    }
    let mut crc = Crc::new();
    crc.update(&payload);
    let payload_size = word(payload.len())?;
    let header = PfsHeader { signature: PfsHeader::SIGNATURE, version: 1, payload_size };
    let footer = PfsFooter { payload_size, checksum: !crc.sum(), signature: PfsFooter::SIGNATURE };
    Ok([written(&header)?, payload, written(&footer)?].concat())
}

/// A packed stream of Dell's with this in it.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn dell_stream(list: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder.write_all(list).and_then(|()| encoder.finish());
    let packed = packed.map_err(|_| ComposeError::TooLarge("the stream"))?;
    let length = word(packed.len())?;
    let signature = PfsChunkHeader::SIGNATURE;
    let mut header = PfsChunkHeader { length, kind: PfsChunkHeader::FIRMWARE, signature, xor: 0 };
    header.xor = xor(&written(&header)?);
    let mut footer = PfsChunkFooter { length, signature: PfsChunkFooter::SIGNATURE, xor: 0 };
    footer.xor = xor(&written(&footer)?);
    Ok([written(&header)?, packed, written(&footer)?].concat())
}

fn xor(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum, byte| sum ^ byte)
}

/// A part of Insyde's flash program.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn insyde(name: &str, data: &[u8], padding: usize) -> Result<Vec<u8>, ComposeError> {
    let mut own = [b'_'; 8];
    own.iter_mut().zip(name.bytes()).for_each(|(place, byte)| *place = byte);
    let header = InsydeFlashHeader {
        signature: InsydeFlashHeader::SIGNATURE,
        name: own,
        total_size: word(data.len().saturating_add(padding))?,
        used_size: word(data.len())?,
    };
    Ok([written(&header)?, data.to_vec(), vec![0xFF; padding]].concat())
}

/// A module of AMI's update program. Its data begins with its packed and its plain size.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn ucp_module(tag: [u8; 4], data: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let mut data = data.to_vec();
    data.resize(data.len().next_multiple_of(2), 0);
    let size = word(UcpModule::SIZE.saturating_add(data.len()))?;
    let mut header = UcpModule { tag, size, checksum: 0, unknown: *b"\0\0ABC@" };
    let words = [written(&header)?, data.clone()].concat();
    header.checksum = words.chunks_exact(2).fold(0_u16, |sum, word| match word {
        [low, high] => sum.wrapping_sub(u16::from_le_bytes([*low, *high])),
        _ => sum,
    });
    Ok([written(&header)?, data].concat())
}

/// What a module has whose data is stored.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn ucp_stored(data: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let size = word(data.len())?.to_le_bytes();
    Ok([&size[..], &size, data].concat())
}

/// Phoenix's list behind a small program; each file is plain, or LZMA where that is said.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn phoenix(files: &[(Named<'_>, bool)]) -> Result<Vec<u8>, ComposeError> {
    let mut bytes = b"MZ".to_vec();
    bytes.resize(0x400, 0);
    let size = TdkHeader::ENTRIES_AT.saturating_add(files.len().saturating_mul(TdkEntry::SIZE));
    let mut offset = bytes.len().saturating_add(size);
    let header =
        TdkHeader { signature: TdkHeader::SIGNATURE, size: word(size)?, count: word(files.len())? };
    bytes.extend(written(&header)?);
    bytes.resize(0x400_usize.saturating_add(TdkHeader::ENTRIES_AT), 0);
    for ((name, data), packed) in files {
        let mut own = [0; 256];
        own.iter_mut().zip(name.bytes()).for_each(|(place, byte)| *place = byte);
        let (at, size) = (word(offset)?, word(data.len())?);
        bytes.extend(written(&TdkEntry {
            name: own,
            offset: at,
            size,
            compressed: u32::from(*packed),
            reserved: 0,
        })?);
        offset = offset.saturating_add(data.len());
    }
    for ((_, data), _) in files {
        bytes.extend(*data);
    }
    Ok(bytes)
}

/// A ZIP archive, stored or deflated.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn zip(files: &[Named<'_>], deflate: bool) -> Result<Vec<u8>, ComposeError> {
    let mut bytes = Vec::new();
    let mut directory = Vec::new();
    for (name, plain) in files {
        let data = if deflate { deflated(plain)? } else { plain.to_vec() };
        let mut crc = Crc::new();
        crc.update(plain);
        let method = if deflate { 8 } else { 0 };
        let name_length =
            u16::try_from(name.len()).map_err(|_| ComposeError::TooLarge("the name"))?;
        let (compressed_size, size) = (word(data.len())?, word(plain.len())?);
        let local = ZipLocalHeader {
            signature: ZipLocalHeader::SIGNATURE,
            fields: [20, 0, method, 0, 0],
            sizes: [crc.sum(), compressed_size, size],
            name_length,
            extra_length: 0,
        };
        let entry = ZipEntry {
            signature: ZipEntry::SIGNATURE,
            versions: [20; 2],
            flags: 0,
            method,
            modified: [0; 2],
            crc32: crc.sum(),
            compressed_size,
            size,
            name_length,
            extra_length: 0,
            comment_length: 0,
            attributes: [0; 4],
            offset: word(bytes.len())?,
        };
        bytes.extend([written(&local)?, name.as_bytes().to_vec(), data].concat());
        directory.extend([written(&entry)?, name.as_bytes().to_vec()].concat());
    }
    let count = u16::try_from(files.len()).map_err(|_| ComposeError::TooLarge("the archive"))?;
    let end = ZipEnd {
        signature: ZipEnd::SIGNATURE,
        disks: [0; 2],
        counts: [count; 2],
        directory_size: word(directory.len())?,
        directory_offset: word(bytes.len())?,
        comment_length: 0,
    };
    Ok([bytes, directory, written(&end)?].concat())
}

fn deflated(plain: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), flate2::Compression::default());
    let packed = encoder.write_all(plain).and_then(|()| encoder.finish());
    packed.map_err(|_| ComposeError::TooLarge("the archive"))
}

/// A file of coreboot's file system. `compression` is 0 for none, 1 for LZMA, 2 for LZ4; `data` is
/// compressed already, to `plain` bytes.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn cbfs_file(
    name: &str,
    file_type: u32,
    compression: u32,
    data: &[u8],
    plain: usize,
) -> Result<Vec<u8>, ComposeError> {
    let name_size = name.len().saturating_add(1).next_multiple_of(16);
    let attributes_at = CbfsFile::SIZE.saturating_add(name_size);
    let attribute = CbfsCompression {
        tag: CbfsCompression::TAG,
        length: word(CbfsCompression::SIZE)?,
        compression,
        decompressed_size: word(plain)?,
    };
    let attributes = if compression == 0 { Vec::new() } else { written(&attribute)? };
    let header = CbfsFile {
        magic: CbfsFile::MAGIC,
        length: word(data.len())?,
        file_type,
        attributes_offset: if compression == 0 { 0 } else { word(attributes_at)? },
        offset: word(attributes_at.saturating_add(attributes.len()))?,
    };
    let mut bytes = written(&header)?;
    bytes.extend(name.as_bytes());
    bytes.resize(attributes_at, 0);
    bytes.extend([attributes.as_slice(), data].concat());
    bytes.resize(bytes.len().next_multiple_of(CbfsFile::ALIGNMENT), 0xFF);
    Ok(bytes)
}

/// A payload with one segment of data, which is compressed already as `compression` says.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn cbfs_payload(compression: u32, data: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let [code, _] = CbfsSegment::WITH_DATA;
    let offset = word(CbfsSegment::SIZE.saturating_mul(2))?;
    let segment = |segment_type, offset, length| CbfsSegment {
        segment_type,
        compression,
        offset,
        load_address: 0x80_0000,
        length,
        memory_length: length,
    };
    let first = written(&segment(code, offset, word(data.len())?))?;
    let last = written(&segment(CbfsSegment::ENTRY, 0, 0))?;
    Ok([first, last, data.to_vec()].concat())
}

/// A frame of LZ4 whose blocks are stored.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn lz4_stored(data: &[u8]) -> Result<Vec<u8>, ComposeError> {
    /// Bit of a block's size that says that it is stored, and bytes of the largest block.
    const STORED: u32 = 1 << 31;
    const LARGEST: usize = 64 << 10;
    let mut bytes = vec![0x04, 0x22, 0x4D, 0x18, 0x60, 0x40, 0x82];
    for block in data.chunks(LARGEST) {
        bytes.extend((word(block.len())? | STORED).to_le_bytes());
        bytes.extend(block);
    }
    bytes.extend([0; 4]);
    Ok(bytes)
}

/// A capsule of this GUID around `update`, whose header has `header_size` bytes.
///
/// # Errors
/// [`ComposeError::TooLarge`] where a length does not fit.
pub fn capsule(guid: Guid, header_size: usize, update: &[u8]) -> Result<Vec<u8>, ComposeError> {
    let image_size = word(header_size.saturating_add(update.len()))?;
    let is_aptio = CapsuleHeader::APTIO.contains(&guid);
    let shown = if is_aptio { CapsuleHeader::SIZE } else { header_size };
    let header = CapsuleHeader {
        capsule_guid: guid,
        header_size: word(shown)?,
        flags: 0,
        capsule_image_size: image_size,
    };
    let mut bytes = written(&header)?;
    if is_aptio {
        let offset = u16::try_from(header_size)
            .map_err(|_| ComposeError::TooLarge("the capsule's header"))?;
        bytes.extend(offset.to_le_bytes());
    }
    bytes.resize(header_size.max(bytes.len()), 0);
    bytes.extend(update);
    Ok(bytes)
}

fn word(value: usize) -> Result<u32, ComposeError> {
    u32::try_from(value).map_err(|_| ComposeError::TooLarge("the update"))
}
