//! Archives and compressed files: named by what they begin with, opened within limits where a kept
//! crate reads the format. Directories of archives are small and are read here.

use super::{OpenError, OpenLimits, Opened};
use crate::bytes::Window;
use std::fmt;

#[cfg(feature = "archives")]
mod compressed;
#[cfg(feature = "archives")]
mod tar;
#[cfg(feature = "archives")]
mod xz;
#[cfg(feature = "archives")]
mod zip;

/// A format of archives or of compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArchiveFormat {
    /// ZIP.
    Zip,
    /// tar.
    Tar,
    /// gzip.
    Gzip,
    /// xz.
    Xz,
    /// LZMA, without a container.
    Lzma,
    /// bzip2.
    Bzip2,
    /// Zstandard.
    Zstd,
    /// LZ4, in its frame format.
    Lz4,
    /// The compression of old Unix systems.
    Compress,
    /// lzip.
    Lzip,
    /// 7z.
    SevenZip,
    /// Microsoft's cabinet.
    Cabinet,
    /// RAR.
    Rar,
    /// ARJ.
    Arj,
    /// LHA.
    Lha,
    /// lzop.
    Lzop,
    /// A package of Debian.
    Debian,
    /// An OLE document: a Windows installer (MSI), or one of an old Office.
    Ole,
    /// A disc image (ISO 9660).
    DiscImage,
    /// A PDF document.
    Pdf,
    /// A picture.
    Picture,
}

impl ArchiveFormat {
    /// Its usual name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Zip => "ZIP",
            Self::Tar => "tar",
            Self::Gzip => "gzip",
            Self::Xz => "xz",
            Self::Lzma => "LZMA",
            Self::Bzip2 => "bzip2",
            Self::Zstd => "Zstandard",
            Self::Lz4 => "LZ4",
            Self::Compress => "compress (.Z)",
            Self::Lzip => "lzip",
            Self::SevenZip => "7z",
            Self::Cabinet => "cabinet (CAB)",
            Self::Rar => "RAR",
            Self::Arj => "ARJ",
            Self::Lha => "LHA",
            Self::Lzop => "lzop",
            Self::Debian => "Debian package",
            Self::Ole => "Windows installer (MSI) or another OLE document",
            Self::DiscImage => "disc image (ISO 9660)",
            Self::Pdf => "PDF",
            Self::Picture => "picture",
        }
    }

    /// Whether [`super::open`] reads it.
    #[must_use]
    pub(crate) const fn is_opened(self) -> bool {
        let format = matches!(
            self,
            Self::Zip | Self::Tar | Self::Gzip | Self::Xz | Self::Lzma | Self::Bzip2 | Self::Zstd
        );
        format && cfg!(feature = "archives")
    }

    /// A program that opens it, with its arguments before the file; for what is not opened here.
    #[must_use]
    pub(crate) const fn opener(self) -> Option<&'static [&'static str]> {
        Some(match self {
            Self::Zip
            | Self::SevenZip
            | Self::Cabinet
            | Self::Arj
            | Self::Lha
            | Self::Ole
            | Self::DiscImage => &["7z", "x"],
            Self::Lzop => &["lzop", "-dk"],
            Self::Debian => &["ar", "x"],
            Self::Rar => &["unar"],
            Self::Lz4 => &["lz4", "-d"],
            Self::Lzip => &["lzip", "-dk"],
            Self::Compress => &["uncompress", "-k"],
            Self::Tar => &["tar", "-xf"],
            Self::Gzip => &["gunzip", "-k"],
            Self::Xz => &["unxz", "-k"],
            Self::Lzma => &["unlzma", "-k"],
            Self::Bzip2 => &["bunzip2", "-k"],
            Self::Zstd => &["unzstd"],
            Self::Pdf | Self::Picture => return None,
        })
    }
}

impl fmt::Display for ArchiveFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zip | Self::Tar | Self::Cabinet | Self::Arj | Self::Lha => {
                let article = if *self == Self::Arj { "an" } else { "a" };
                write!(f, "{article} {} archive", self.name())
            }
            Self::SevenZip => f.write_str("a 7z archive"),
            Self::Rar => f.write_str("a RAR archive"),
            Self::Debian | Self::Ole => write!(f, "a {}", self.name()),
            Self::DiscImage => f.write_str("a disc image (ISO 9660)"),
            Self::Pdf => f.write_str("a PDF document"),
            Self::Picture => f.write_str("a graphics file"),
            _ => write!(f, "{} data", self.name()),
        }
    }
}

/// What formats begin with.
const BEGINNINGS: [(&[u8], ArchiveFormat); 21] = [
    (b"PK\x03\x04", ArchiveFormat::Zip),
    (b"PK\x05\x06", ArchiveFormat::Zip),
    (b"PK\x07\x08", ArchiveFormat::Zip),
    (b"\x1f\x8b\x08", ArchiveFormat::Gzip),
    (b"\xfd7zXZ\0", ArchiveFormat::Xz),
    (b"\x28\xb5\x2f\xfd", ArchiveFormat::Zstd),
    (b"\x04\x22\x4d\x18", ArchiveFormat::Lz4),
    (b"\x1f\x9d", ArchiveFormat::Compress),
    (b"LZIP", ArchiveFormat::Lzip),
    (b"7z\xbc\xaf\x27\x1c", ArchiveFormat::SevenZip),
    (b"MSCF\0\0\0\0", ArchiveFormat::Cabinet),
    (b"ISc(", ArchiveFormat::Cabinet),
    (b"Rar!\x1a\x07", ArchiveFormat::Rar),
    (b"\x60\xea", ArchiveFormat::Arj),
    (b"%PDF-", ArchiveFormat::Pdf),
    (b"\x89PNG\r\n\x1a\n", ArchiveFormat::Picture),
    (b"\x89LZO\0\r\n\x1a\n", ArchiveFormat::Lzop),
    (b"!<arch>\ndebian-binary", ArchiveFormat::Debian),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ArchiveFormat::Ole),
    (b"\xff\xd8\xff", ArchiveFormat::Picture),
    (b"GIF8", ArchiveFormat::Picture),
];

/// Where a tar header has "ustar".
const USTAR_AT: usize = 257;
/// Where an ISO 9660 image has its first descriptor.
const ISO_AT: usize = 0x8001;

pub(super) fn identify(file: Window<'_>) -> Option<ArchiveFormat> {
    let known = BEGINNINGS.iter().find(|(beginning, _)| file.has(0, beginning));
    if let Some((_, format)) = known {
        return Some(*format);
    }
    // "BZh", the size of its blocks, and what its first block or its end begins with.
    let bzip2 = file.has(0, b"BZh") && file.u8(3).is_some_and(|size| (b'1'..=b'9').contains(&size));
    if bzip2
        && (file.has(4, b"\x31\x41\x59\x26\x53\x59") || file.has(4, b"\x17\x72\x45\x38\x50\x90"))
    {
        return Some(ArchiveFormat::Bzip2);
    }
    if is_lzma(file) {
        return Some(ArchiveFormat::Lzma);
    }
    if file.has(2, b"-lh") && file.u8(6) == Some(b'-') {
        return Some(ArchiveFormat::Lha);
    }
    // A bitmap says how long it is.
    let length = u32::try_from(file.len()).ok();
    if file.has(0, b"BM") && length.is_some() && file.u32(2) == length {
        return Some(ArchiveFormat::Picture);
    }
    if file.has(0, b"RIFF") && file.has(8, b"WEBP") {
        return Some(ArchiveFormat::Picture);
    }
    if file.has(USTAR_AT, b"ustar") {
        return Some(ArchiveFormat::Tar);
    }
    file.has(ISO_AT, b"CD001").then_some(ArchiveFormat::DiscImage)
}

/// Whether LZMA data begins here: its usual properties, a dictionary of a power of two, the length
/// of what comes out or none, and a first byte that is always 0.
fn is_lzma(file: Window<'_>) -> bool {
    const LONGEST: u32 = 1 << 30;
    let dictionary = file.u32(1).is_some_and(|size| size.is_power_of_two() && size >= 1 << 12);
    let length = match (file.u32(5), file.u32(9)) {
        (Some(u32::MAX), Some(u32::MAX)) => true,
        (Some(length), Some(0)) => (1..LONGEST).contains(&length),
        _ => false,
    };
    file.u8(0) == Some(0x5D) && dictionary && length && file.u8(13) == Some(0)
}

/// What is in an archive or in compressed data.
#[cfg(feature = "archives")]
pub(super) fn open<'a>(
    bytes: &'a [u8],
    format: ArchiveFormat,
    limits: &OpenLimits,
) -> Result<Vec<Opened<'a>>, OpenError> {
    match format {
        ArchiveFormat::Zip => zip::open(bytes, limits),
        ArchiveFormat::Tar => tar::open(bytes, limits),
        ArchiveFormat::Gzip => compressed::gzip(bytes, limits),
        ArchiveFormat::Xz => compressed::one(xz::decode(bytes, limits)),
        ArchiveFormat::Lzma => compressed::lzma(bytes, limits),
        ArchiveFormat::Bzip2 => compressed::bzip2(bytes, limits),
        ArchiveFormat::Zstd => compressed::zstd(bytes, limits),
        _ => Err(OpenError::Unsupported),
    }
}

/// What is in an archive or in compressed data: nothing is opened without the feature `archives`.
#[cfg(not(feature = "archives"))]
pub(super) fn open<'a>(
    _: &'a [u8],
    _: ArchiveFormat,
    _: &OpenLimits,
) -> Result<Vec<Opened<'a>>, OpenError> {
    Err(OpenError::Unsupported)
}
