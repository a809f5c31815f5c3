//! ZIP archives (PKWARE, APPNOTE.TXT 6.3.10), as far as vendors put updates into them.

use binrw::binrw;

/// Head of an entry, before its data. 30 bytes; its name and an extra field follow.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipLocalHeader {
    /// "PK" 3 4.
    pub signature: [u8; 4],
    /// Version, flags, method, time, date.
    pub fields: [u16; 5],
    /// Checksum and sizes, which may stand behind the data instead.
    pub sizes: [u32; 3],
    /// Bytes of the name.
    pub name_length: u16,
    /// Bytes of the extra field.
    pub extra_length: u16,
}

impl ZipLocalHeader {
    /// Bytes of the structure.
    pub const SIZE: usize = 30;
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"PK\x03\x04";
}

/// An entry of the directory. 46 bytes; name, extra field and comment follow.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipEntry {
    /// "PK" 1 2.
    pub signature: [u8; 4],
    /// Versions of what made it and of what reads it.
    pub versions: [u16; 2],
    /// Bit 0: encrypted.
    pub flags: u16,
    /// 0: stored. 8: deflate.
    pub method: u16,
    /// Time and date.
    pub modified: [u16; 2],
    /// CRC-32 of the file.
    pub crc32: u32,
    /// Bytes of its data.
    pub compressed_size: u32,
    /// Bytes of the file.
    pub size: u32,
    /// Bytes of the name.
    pub name_length: u16,
    /// Bytes of the extra field.
    pub extra_length: u16,
    /// Bytes of the comment.
    pub comment_length: u16,
    /// Disk and attributes.
    pub attributes: [u16; 4],
    /// Offset of its [`ZipLocalHeader`] from the start of the archive.
    pub offset: u32,
}

impl ZipEntry {
    /// Bytes of the structure.
    pub const SIZE: usize = 46;
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"PK\x01\x02";
    /// Bit 0 of `flags`.
    pub const ENCRYPTED: u16 = 1;
}

/// End of the directory. 22 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZipEnd {
    /// "PK" 5 6.
    pub signature: [u8; 4],
    /// Disks.
    pub disks: [u16; 2],
    /// Entries on this disk, and in all.
    pub counts: [u16; 2],
    /// Bytes of the directory.
    pub directory_size: u32,
    /// Offset of the directory from the start of the archive.
    pub directory_offset: u32,
    /// Bytes of the comment.
    pub comment_length: u16,
}

impl ZipEnd {
    /// Bytes of the structure.
    pub const SIZE: usize = 22;
    /// The value of `signature`.
    pub const SIGNATURE: [u8; 4] = *b"PK\x05\x06";
}
