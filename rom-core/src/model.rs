//! What a file turned out to be. Facts only: whether they are good or bad is for [`crate::check`] to say.
//!
//! What could not be read is absent, and where it matters the reason stands in its place. All spans are absolute.

use crate::bytes::{Span, Window};
use crate::layout::{
    CodeType, CompressionHeader, EfiRomHeader, LegacyRomHeader, Machine, Npde, Pcir, PcirRevision3, PnpExpansionHeader,
    RomHeader, Subsystem,
};
use std::fmt;

/// A file read as an option ROM.
#[derive(Clone, Debug)]
pub struct Rom<'a> {
    /// Bytes of the file, or of the part that was looked at.
    pub window: Window<'a>,
    /// The images, in the order of the file.
    pub images: Vec<Image<'a>>,
    /// Parts that tile the file exactly, in order.
    pub regions: Vec<Region>,
    /// Why no image follows the last one read.
    pub end: ChainEnd,
    /// What a file without any image is instead.
    pub foreign: Option<Foreign>,
    /// Whether the file is longer than the limit, so that its end was not looked at.
    pub cut_by_limit: bool,
}

/// A part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// What it is.
    pub kind: RegionKind,
    /// Where it is.
    pub span: Span,
}

/// What a part of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// The image of this index.
    Image(usize),
    /// What stands before the first image.
    Container,
    /// 00 or FF bytes, between images or at the end.
    Padding,
    /// Data behind the last image, or between images.
    Trailing,
    /// A file that holds no image at all.
    Unread,
}

impl RegionKind {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image(_) => "image",
            Self::Container => "container",
            Self::Padding => "padding",
            Self::Trailing => "trailing",
            Self::Unread => "unread",
        }
    }
}

/// Why the chain of images ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// There was no image.
    NoImage,
    /// The last image is marked as last.
    Marked {
        /// Where another image begins behind it, if one does.
        hidden: Option<usize>,
    },
    /// The last image ends where the file ends, and is not marked as last.
    EndOfFile,
    /// The last image is not marked as last, and what follows it holds no image.
    NothingFollows,
    /// The last image is longer than the file.
    Truncated {
        /// Bytes that are missing.
        missing: usize,
    },
    /// The last image says that it is 0 bytes long.
    ZeroLength,
    /// The last image has no readable PCI data structure, so that nobody knows where the next begins.
    Unreadable,
    /// The limit on images was reached.
    Limit,
}

/// A file that is no option ROM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign {
    /// No byte.
    Empty,
    /// A web page.
    HtmlPage,
    /// What stands in a Git repository for a large file.
    GitLfsPointer,
    /// A ZIP archive.
    Zip,
    /// gzip data.
    Gzip,
    /// A 7z archive.
    SevenZip,
    /// A PE image without a ROM around it.
    BareDriver,
    /// A BIOS: a UEFI firmware volume, capsule or flash image.
    FirmwareImage,
    /// Nothing but 00.
    AllZero,
    /// Nothing but FF.
    AllOnes,
    /// Text.
    Text,
    /// None of these.
    Unknown,
}

/// One image of the chain.
#[derive(Clone, Debug)]
pub struct Image<'a> {
    /// The bytes of it that are in the file.
    pub window: Window<'a>,
    /// Bytes that its headers promise; 0 if they promise none or none could be read.
    pub declared_length: usize,
    /// What it begins with.
    pub header: RomHeader,
    /// The PCI data structure and what hangs on it.
    pub pcir: Result<PcirBlock, PcirFault>,
    /// What it holds.
    pub body: Body<'a>,
}

impl Image<'_> {
    /// Where it is.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.window.span()
    }

    /// The PCI data structure, if it was readable.
    #[must_use]
    pub fn pcir(&self) -> Option<&Pcir> {
        self.pcir.as_ref().ok().map(|block| &block.pcir)
    }

    /// The code type, if the PCI data structure was readable.
    #[must_use]
    pub fn code_type(&self) -> Option<CodeType> {
        self.pcir().map(|pcir| pcir.code_type)
    }

    /// The ids in the PCI data structure, if it was readable.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        self.pcir().map(|pcir| DeviceId { vendor: pcir.vendor_id, device: pcir.device_id })
    }
}

/// A readable PCI data structure and what hangs on it.
#[derive(Clone, Debug)]
pub struct PcirBlock {
    /// Where the structure stands.
    pub span: Span,
    /// The structure.
    pub pcir: Pcir,
    /// What revision 3 adds, if the structure is long enough.
    pub revision_3: Option<PcirRevision3>,
    /// The devices it names beside its own.
    pub device_list: DeviceList,
    /// NVIDIA's extension and where it stands.
    pub npde: Option<(Span, Npde)>,
}

/// The device list of a revision 3 structure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeviceList {
    /// The structure has none.
    Absent,
    /// The ids, and where they stand with the terminating zero.
    Present(Span, Vec<u16>),
    /// It leads out of the image, or has no end.
    Unreadable(Span),
}

/// Why an image has no PCI data structure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PcirFault {
    /// The pointer is zero.
    PointerZero,
    /// The pointer leads out of the file.
    Outside,
    /// "PCIR" is not there.
    Signature,
}

/// What an image holds.
#[derive(Clone, Debug)]
pub enum Body<'a> {
    /// An EFI driver.
    Efi(Box<EfiImage<'a>>),
    /// Legacy x86 code.
    Legacy(Box<LegacyImage>),
    /// Open Firmware code.
    OpenFirmware,
    /// HP PA-RISC code.
    HpPaRisc,
    /// Something else, or nobody knows.
    Unknown,
}

impl Body<'_> {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Efi(_) => "efi",
            Self::Legacy(_) => "legacy",
            Self::OpenFirmware => "open-firmware",
            Self::HpPaRisc => "hp-pa-risc",
            Self::Unknown => "unknown",
        }
    }
}

/// An EFI image.
#[derive(Clone, Debug)]
pub struct EfiImage<'a> {
    /// Its header.
    pub header: EfiRomHeader,
    /// What firmware hands to the loader: from the driver's offset to the end of the initialization size, as far as it is in
    /// the file. `None` if the offset leads out of it.
    pub stored: Option<Window<'a>>,
    /// The sizes in front of compressed data.
    pub compression: Option<CompressionHeader>,
    /// The driver, after decompression where the image is compressed.
    pub payload: Payload,
}

/// The driver of an EFI image.
#[derive(Clone, Debug)]
pub enum Payload {
    /// Nothing to look at: the offset leads out of the file, or the compression type is unknown.
    Absent,
    /// Compressed data that does not decompress, and why.
    Damaged(DecompressError),
    /// Neither MZ nor a terse executable.
    NotPe,
    /// A terse executable of this machine.
    Terse(Machine),
    /// A PE image whose headers are cut or damaged.
    Unreadable,
    /// A PE image.
    Pe(Pe),
}

/// Facts about a PE image. Offsets count from its start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pe {
    /// Bytes there are, with any padding behind the image.
    pub available: usize,
    /// Bytes that its headers and sections reach to.
    pub extent: usize,
    /// Machine of the file header.
    pub machine: Machine,
    /// Magic of the optional header: 0x10b or 0x20b.
    pub magic: u16,
    /// Subsystem of the optional header.
    pub subsystem: Subsystem,
    /// Entry point, relative to the image base.
    pub entry_point: u32,
    /// Address that it is linked for.
    pub image_base: u64,
    /// Bytes that it takes in memory.
    pub size_of_image: u32,
    /// Whether the file header says that its relocations were taken out, so that it runs at `image_base` only.
    pub relocations_stripped: bool,
    /// Whether a certificate table is named, and where.
    pub certificates: Option<Span>,
    /// Sections, in order.
    pub sections: Vec<Section>,
}

impl Pe {
    /// Magic of PE32.
    pub const PE32: u16 = 0x010B;
    /// Magic of PE32+.
    pub const PE32_PLUS: u16 = 0x020B;
}

/// A section of a PE image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Name, as far as it is ASCII.
    pub name: String,
    /// Where its data stands in the PE image.
    pub raw: Span,
    /// Address relative to the image base.
    pub virtual_address: u32,
    /// Bytes in memory.
    pub virtual_size: u32,
}

/// Why compressed data does not decompress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DecompressError {
    /// What is wrong.
    pub fault: DecompressFault,
    /// Bytes of compressed data that were consumed, the 8-byte header included.
    pub at: usize,
}

/// What is wrong with compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecompressFault {
    /// The header is cut.
    Header,
    /// The header promises more compressed bytes than there are.
    Cut,
    /// The header promises more output than the limit.
    TooLarge,
    /// A code table is not a prefix code.
    Table,
    /// A match reaches before the start of the output.
    Distance,
    /// The data ends before the output is complete.
    Short,
}

impl fmt::Display for DecompressFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "its header is cut",
            Self::Cut => "it is cut",
            Self::TooLarge => "it would become larger than any driver",
            Self::Table => "a code table in it is not valid",
            Self::Distance => "it refers to data before its start",
            Self::Short => "it ends before the driver is complete",
        })
    }
}

/// A legacy x86 image.
#[derive(Clone, Debug)]
pub struct LegacyImage {
    /// Its header; `None` if the image is shorter than that.
    pub header: Option<LegacyRomHeader>,
    /// Sum of the bytes that the size byte covers, modulo 256; `None` if they are not all in the file.
    pub checksum: Option<u8>,
    /// The $PnP headers, in the order of the chain.
    pub pnp: Vec<PnpBlock>,
    /// The pointer that leads the $PnP chain to something else, if one does.
    pub pnp_fault: Option<Span>,
    /// Whether an EFI header stands in it all the same.
    pub efi_header: bool,
}

/// A $PnP header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PnpBlock {
    /// Where it stands.
    pub span: Span,
    /// The structure.
    pub header: PnpExpansionHeader,
    /// Sum of its bytes, modulo 256.
    pub checksum: u8,
}

/// A PCI vendor and device id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DeviceId {
    /// Vendor id.
    pub vendor: u16,
    /// Device id.
    pub device: u16,
}

impl DeviceId {
    /// Intel's vendor id.
    pub const INTEL: u16 = 0x8086;

    /// The Intel device of this id.
    #[must_use]
    pub const fn intel(device: u16) -> Self {
        Self { vendor: Self::INTEL, device }
    }

    /// Reads `8086:a7a8`, in either case, with or without `0x`; four digits each.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let (vendor, device) = text.trim().split_once(':')?;
        Some(Self { vendor: hex_u16(vendor)?, device: hex_u16(device)? })
    }
}

/// Reads exactly four hex digits, with or without `0x`.
#[must_use]
pub fn hex_u16(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")).unwrap_or(text);
    (digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

impl fmt::Display for DeviceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04x}:{:04x}", self.vendor, self.device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn device_ids_are_read_whole_or_not_at_all() {
        assert_eq!(DeviceId::read("8086:A7a8"), Some(DeviceId::intel(0xa7a8)));
        assert_eq!(DeviceId::read("0x8086:0xa7a8"), Some(DeviceId::intel(0xa7a8)));
        for wrong in ["8086", "8086:a7a", "8086:a7a8a", "8086:+7a8", "8086:a7a8:1", ":", ""] {
            assert_eq!(DeviceId::read(wrong), None, "{wrong:?}");
        }
    }
}
