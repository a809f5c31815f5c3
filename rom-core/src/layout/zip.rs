//! ZIP archives (PKWARE, APPNOTE.TXT 6.3.10), as far as vendors put updates into them.

use binrw::binrw;

/// Head of an entry, before its data. 30 bytes; its name and an extra field follow.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ZipLocalHeader {
    /// "PK" 3 4.
    pub(crate) signature: [u8; 4],
    /// Version, flags, method, time, date.
    pub(crate) fields: [u16; 5],
    /// Checksum and sizes, which may be after the data instead.
    pub(crate) sizes: [u32; 3],
    /// Bytes of the name.
    pub(crate) name_length: u16,
    /// Bytes of the extra field.
    pub(crate) extra_length: u16,
}

impl ZipLocalHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 30;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 4] = *b"PK\x03\x04";
}

/// An entry of the directory. 46 bytes; name, extra field and comment follow.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ZipEntry {
    /// "PK" 1 2.
    pub(crate) signature: [u8; 4],
    /// Versions of what made it and of what reads it.
    pub(crate) versions: [u16; 2],
    /// Bit 0: encrypted.
    pub(crate) flags: u16,
    /// 0: stored. 8: deflate.
    pub(crate) method: u16,
    /// Time and date.
    pub(crate) modified: [u16; 2],
    /// CRC-32 of the file.
    pub crc32: u32,
    /// Bytes of its data.
    pub(crate) compressed_size: u32,
    /// Bytes of the file.
    pub(crate) size: u32,
    /// Bytes of the name.
    pub(crate) name_length: u16,
    /// Bytes of the extra field.
    pub(crate) extra_length: u16,
    /// Bytes of the comment.
    pub(crate) comment_length: u16,
    /// Disk and attributes.
    pub(crate) attributes: [u16; 4],
    /// Offset of its [`ZipLocalHeader`] from the start of the archive.
    pub(crate) offset: u32,
}

impl ZipEntry {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 46;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 4] = *b"PK\x01\x02";
    /// Bit 0 of `flags`.
    pub(crate) const ENCRYPTED: u16 = 1;
}

/// End of the directory. 22 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ZipEnd {
    /// "PK" 5 6.
    pub(crate) signature: [u8; 4],
    /// Disks.
    pub(crate) disks: [u16; 2],
    /// Entries on this disk, and in all.
    pub(crate) counts: [u16; 2],
    /// Bytes of the directory.
    pub(crate) directory_size: u32,
    /// Offset of the directory from the start of the archive.
    pub(crate) directory_offset: u32,
    /// Bytes of the comment.
    pub(crate) comment_length: u16,
}

impl ZipEnd {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 22;
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
}
