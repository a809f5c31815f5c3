//! The structures of the format, one a file, each declared once for reading and writing.
//!
//! Names are the specifications', in Rust case. All integers are little-endian. Values that a
//! specification enumerates are integer newtypes, so that a value nobody has named yet is still a
//! value.
//!
//! None of them asserts its signature or its lengths while it is read (binrw's `magic` and
//! `assert`): a structure that is wrong is read all the same, and what is wrong with it is for the
//! rules to say.
#![cfg_attr(
    not(feature = "unpack"),
    allow(dead_code, unused_imports, reason = "structures that only `unpack` reads")
)]

mod ami_pfat;
mod ami_ucp;
mod capsule;
mod cbfs;
pub(crate) mod compression;
mod dell_pfs;
mod efi_header;
mod field;
mod firmware_volume;
mod flash_descriptor;
mod guid;
mod insyde_flash;
mod legacy_header;
mod meaning;
mod npde;
mod op_region;
pub(crate) mod pcir;
pub mod pe;
mod phoenix_tdk;
mod pnp;
mod rom_header;
mod section;
mod te_header;
mod vbt;
mod vfct;
mod zip;

pub use capsule::CapsuleHeader;
pub use cbfs::CbfsFile;
pub use compression::{Algorithm, CompressionHeader};
pub use efi_header::{CompressionType, EfiRomHeader, Machine, Subsystem};
pub use field::{Field, Meaning};
pub use firmware_volume::{FfsFileType, FirmwareVolumeHeader};
pub use guid::Guid;
pub use legacy_header::LegacyRomHeader;
pub use npde::Npde;
pub use pcir::{ClassCode, CodeType, Indicator, Pcir, PcirRevision3};
pub use pnp::PnpExpansionHeader;
pub use rom_header::RomHeader;
pub use section::{GuidDefinedSection, SectionType};

pub(crate) use ami_pfat::{BiosGuardHeader, PfatHeader};
pub(crate) use ami_ucp::UcpModule;
pub(crate) use cbfs::{CbfsCompression, CbfsSegment};
pub(crate) use dell_pfs::{
    PfsBlockInfo, PfsChunkFooter, PfsChunkHeader, PfsEntry, PfsFooter, PfsHeader,
};
pub(crate) use firmware_volume::{BlockMapEntry, FfsFileHeader, FirmwareVolumeExtHeader};
pub(crate) use flash_descriptor::{FlashDescriptor, FlashRegion};
pub(crate) use insyde_flash::InsydeFlashHeader;
pub(crate) use op_region::OP_REGION_SIGNATURE;
pub(crate) use phoenix_tdk::{TdkEntry, TdkHeader};
pub(crate) use section::{CompressionSection, SectionHeader};
pub(crate) use te_header::TeHeader;
pub(crate) use vbt::{BdbHeader, VbtHeader};
pub(crate) use vfct::{VfctHeader, VfctImageHeader};
pub(crate) use zip::{ZipEnd, ZipEntry, ZipLocalHeader};

/// Bytes in the units that image lengths are counted in (PCI Firmware 3.3, 5.1.2; UEFI 2.10,
/// 14.4.2).
pub const BLOCK: usize = 512;

/// Bytes in `count` units of [`BLOCK`].
#[must_use]
pub fn blocks(count: u16) -> usize {
    usize::from(count).saturating_mul(BLOCK)
}

#[cfg(test)]
mod tests {
    use super::*;
    use binrw::{BinRead, BinWrite, io::Cursor};

    /// Declared sizes are what binrw reads and writes.
    #[test]
    fn sizes_are_the_specifications() {
        macro_rules! check {
            ($($type:ident, $size:expr;)*) => {$(
                let bytes: Vec<u8> = (0..=u8::MAX).cycle().take($size).collect();
                let mut input = Cursor::new(&bytes);
                let value = $type::read(&mut input).unwrap();
                assert_eq!(usize::try_from(input.position()).unwrap(), $size, stringify!($type));
                let mut output = Cursor::new(Vec::new());
                value.write(&mut output).unwrap();
                assert_eq!(output.into_inner(), bytes, stringify!($type));
            )*};
        }
        check! {
            RomHeader, RomHeader::SIZE;
            EfiRomHeader, EfiRomHeader::SIZE;
            LegacyRomHeader, LegacyRomHeader::SIZE;
            CompressionHeader, CompressionHeader::SIZE;
            Pcir, Pcir::SIZE;
            PcirRevision3, Pcir::SIZE_REVISION_3 - Pcir::SIZE;
            PnpExpansionHeader, PnpExpansionHeader::SIZE;
            Npde, Npde::SIZE;
            VbtHeader, VbtHeader::SIZE;
            BdbHeader, 0x16;
            FirmwareVolumeHeader, FirmwareVolumeHeader::SIZE;
            BlockMapEntry, BlockMapEntry::SIZE;
            FirmwareVolumeExtHeader, 20;
            FfsFileHeader, FfsFileHeader::SIZE;
            SectionHeader, SectionHeader::SIZE;
            CompressionSection, CompressionSection::SIZE;
            GuidDefinedSection, 20;
            CapsuleHeader, CapsuleHeader::SIZE;
            FlashDescriptor, 24;
            FlashRegion, FlashRegion::SIZE;
            TeHeader, 40;
            VfctHeader, VfctHeader::SIZE;
            VfctImageHeader, VfctImageHeader::SIZE;
            PfatHeader, PfatHeader::SIZE;
            BiosGuardHeader, BiosGuardHeader::SIZE;
            PfsChunkHeader, PfsChunkHeader::SIZE;
            PfsChunkFooter, PfsChunkFooter::SIZE;
            PfsHeader, PfsHeader::SIZE;
            PfsFooter, PfsFooter::SIZE;
            PfsEntry, PfsEntry::SIZE;
            PfsBlockInfo, 16;
            InsydeFlashHeader, InsydeFlashHeader::SIZE;
            UcpModule, UcpModule::SIZE;
            TdkEntry, TdkEntry::SIZE;
            TdkHeader, 16;
            CbfsFile, CbfsFile::SIZE;
            CbfsCompression, CbfsCompression::SIZE;
            CbfsSegment, CbfsSegment::SIZE;
            ZipLocalHeader, ZipLocalHeader::SIZE;
            ZipEntry, ZipEntry::SIZE;
            ZipEnd, ZipEnd::SIZE;
        }
    }
}
