//! coreboot's file system (coreboot, `src/commonlib/bsd/include/commonlib/bsd/cbfs_serialized.h`).
//! Its numbers are big-endian.

use binrw::binrw;

/// Head of a file. 24 bytes; its name follows, then attributes, then its data.
#[binrw]
#[brw(big)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CbfsFile {
    /// "LARCHIVE".
    pub magic: [u8; 8],
    /// Bytes of the data.
    pub length: u32,
    /// What it is.
    pub file_type: u32,
    /// Offset of the attributes from the start of this header; zero for none.
    pub attributes_offset: u32,
    /// Offset of the data from the start of this header.
    pub offset: u32,
}

impl CbfsFile {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 24;
    /// The value of `magic`.
    pub(crate) const MAGIC: [u8; 8] = *b"LARCHIVE";
    /// What files begin at a multiple of, counted from the first.
    pub(crate) const ALIGNMENT: usize = 64;
    /// A payload: a program in segments.
    pub const PAYLOAD: u32 = 0x20;
    /// Free space.
    pub const EMPTY: u32 = 0xFFFF_FFFF;
    /// Free space, as older tools have it.
    pub(crate) const DELETED: u32 = 0;
}

/// Head of an attribute, and the one that says how data is compressed. 16 bytes.
#[binrw]
#[brw(big)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CbfsCompression {
    /// "BCZL" backwards for this attribute.
    pub(crate) tag: u32,
    /// Bytes of the attribute.
    pub(crate) length: u32,
    /// 0: none. 1: LZMA. 2: LZ4.
    pub(crate) compression: u32,
    /// Bytes after decompression.
    pub(crate) decompressed_size: u32,
}

impl CbfsCompression {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 16;
    /// The value of `tag`.
    pub(crate) const TAG: u32 = 0x4243_5A4C;
    /// The fewest bytes of an attribute: its tag and its length.
    pub(crate) const FEWEST: usize = 8;
}

/// A segment of a payload. 28 bytes.
#[binrw]
#[brw(big)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CbfsSegment {
    /// Four letters.
    pub(crate) segment_type: [u8; 4],
    /// As in [`CbfsCompression`].
    pub(crate) compression: u32,
    /// Offset of its data in the file.
    pub(crate) offset: u32,
    /// Where it is loaded.
    pub(crate) load_address: u64,
    /// Bytes of its data.
    pub(crate) length: u32,
    /// Bytes in memory.
    pub(crate) memory_length: u32,
}

impl CbfsSegment {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 28;
    /// The last segment: where the program begins.
    pub(crate) const ENTRY: [u8; 4] = *b"ENTR";
    /// Segments with data.
    pub(crate) const WITH_DATA: [[u8; 4]; 2] = [*b"CODE", *b"DATA"];
}
