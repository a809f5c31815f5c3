//! The structures of the format, one a file, each declared once for reading and writing.
//!
//! Names are the specifications', in Rust case. All integers are little-endian. Values that a
//! specification enumerates are integer newtypes, so that a value nobody has named yet is still a
//! value.
//!
//! None of them asserts its signature or its lengths while it is read (binrw's `magic` and
//! `assert`): a structure that is wrong is read all the same, and what is wrong with it is for the
//! rules to say.

pub mod ami_pfat;
pub mod ami_ucp;
pub mod capsule;
pub mod cbfs;
pub mod compression;
pub mod dell_pfs;
pub mod efi_header;
mod field;
pub mod firmware_volume;
pub mod flash_descriptor;
pub mod guid;
pub mod insyde_flash;
pub mod legacy_header;
mod meaning;
pub mod npde;
pub mod op_region;
pub mod pcir;
pub mod pe;
pub mod phoenix_tdk;
pub mod pnp;
pub mod rom_header;
pub mod section;
pub mod te_header;
pub mod vbt;
pub mod vfct;
pub mod zip;

pub use ami_pfat::{BiosGuardHeader, PfatHeader};
pub use ami_ucp::UcpModule;
pub use capsule::CapsuleHeader;
pub use cbfs::{CbfsCompression, CbfsFile, CbfsSegment};
pub use compression::{Algorithm, CompressionHeader};
pub use dell_pfs::{PfsBlockInfo, PfsChunkFooter, PfsChunkHeader, PfsEntry, PfsFooter, PfsHeader};
pub use efi_header::{CompressionType, EfiRomHeader, Machine, Subsystem};
pub use field::{Field, Meaning};
pub use firmware_volume::{
    BlockMapEntry, FfsFileHeader, FfsFileType, FirmwareVolumeExtHeader, FirmwareVolumeHeader,
};
pub use flash_descriptor::{FlashDescriptor, FlashRegion};
pub use guid::Guid;
pub use insyde_flash::InsydeFlashHeader;
pub use legacy_header::LegacyRomHeader;
pub use npde::Npde;
pub use op_region::{OP_REGION_SIGNATURE, OP_REGION_SIZE, OP_REGION_VBT_AT};
pub use pcir::{ClassCode, CodeType, Indicator, Pcir, PcirRevision3};
pub use phoenix_tdk::{TdkEntry, TdkHeader};
pub use pnp::PnpExpansionHeader;
pub use rom_header::RomHeader;
pub use section::{CompressionSection, GuidDefinedSection, SectionHeader, SectionType};
pub use te_header::TeHeader;
pub use vbt::{BdbHeader, VbtHeader};
pub use vfct::{VfctHeader, VfctImageHeader};
pub use zip::{ZipEnd, ZipEntry, ZipLocalHeader};

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
            BdbHeader, BdbHeader::SIZE;
            FirmwareVolumeHeader, FirmwareVolumeHeader::SIZE;
            BlockMapEntry, BlockMapEntry::SIZE;
            FirmwareVolumeExtHeader, FirmwareVolumeExtHeader::SIZE;
            FfsFileHeader, FfsFileHeader::SIZE;
            SectionHeader, SectionHeader::SIZE;
            CompressionSection, CompressionSection::SIZE;
            GuidDefinedSection, GuidDefinedSection::SIZE;
            CapsuleHeader, CapsuleHeader::SIZE;
            FlashDescriptor, FlashDescriptor::SIZE;
            FlashRegion, FlashRegion::SIZE;
            TeHeader, TeHeader::SIZE;
            VfctHeader, VfctHeader::SIZE;
            VfctImageHeader, VfctImageHeader::SIZE;
            PfatHeader, PfatHeader::SIZE;
            BiosGuardHeader, BiosGuardHeader::SIZE;
            PfsChunkHeader, PfsChunkHeader::SIZE;
            PfsChunkFooter, PfsChunkFooter::SIZE;
            PfsHeader, PfsHeader::SIZE;
            PfsFooter, PfsFooter::SIZE;
            PfsEntry, PfsEntry::SIZE;
            PfsBlockInfo, PfsBlockInfo::SIZE;
            InsydeFlashHeader, InsydeFlashHeader::SIZE;
            UcpModule, UcpModule::SIZE;
            TdkEntry, TdkEntry::SIZE;
            TdkHeader, TdkHeader::SIZE;
            CbfsFile, CbfsFile::SIZE;
            CbfsCompression, CbfsCompression::SIZE;
            CbfsSegment, CbfsSegment::SIZE;
            ZipLocalHeader, ZipLocalHeader::SIZE;
            ZipEntry, ZipEntry::SIZE;
            ZipEnd, ZipEnd::SIZE;
        }
    }
}
