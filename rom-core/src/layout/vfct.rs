//! AMD's ACPI table of VBIOS images, "VFCT".

use super::Guid;
use binrw::binrw;

/// Head of the table (Linux, `drivers/gpu/drm/amd/include/atombios.h`: `UEFI_ACPI_VFCT`). 76 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VfctHeader {
    /// "VFCT".
    pub(crate) signature: [u8; 4],
    /// Bytes of the table with all its images.
    pub(crate) length: u32,
    /// Revision of the table.
    pub(crate) revision: u8,
    /// Makes the sum of all bytes zero.
    pub(crate) checksum: u8,
    /// Who made the board's firmware.
    pub(crate) oem_id: [u8; 6],
    /// Which board.
    pub(crate) oem_table_id: [u8; 8],
    /// Version of that.
    pub(crate) oem_revision: u32,
    /// Who made the table.
    pub(crate) creator_id: [u8; 4],
    /// Version of that.
    pub(crate) creator_revision: u32,
    /// What the table is.
    pub(crate) table_uuid: Guid,
    /// Offset of the first image from the start of the table, in bytes.
    pub(crate) vbios_image_offset: u32,
    /// Offset of a second list of images, in bytes; zero for none.
    pub lib1_image_offset: u32,
    /// Zero.
    pub(crate) reserved: [u32; 4],
}

impl VfctHeader {
    /// The value of `signature`.
    pub(crate) const SIGNATURE: [u8; 4] = *b"VFCT";
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 0x4C;
}

/// What is before each image (same file: `VFCT_IMAGE_HEADER`). 28 bytes; the image follows at once.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct VfctImageHeader {
    /// PCI bus of the GPU, as firmware numbered it.
    pub(crate) pci_bus: u32,
    /// PCI device number of the GPU.
    pub(crate) pci_device: u32,
    /// PCI function of the GPU.
    pub(crate) pci_function: u32,
    /// Vendor id of the GPU.
    pub(crate) vendor_id: u16,
    /// Device id of the GPU.
    pub(crate) device_id: u16,
    /// Subsystem vendor id of the GPU.
    pub(crate) subsystem_vendor_id: u16,
    /// Subsystem id of the GPU.
    pub(crate) subsystem_id: u16,
    /// PCI revision of the GPU.
    pub(crate) revision: u32,
    /// Bytes of the image.
    pub(crate) image_length: u32,
}

impl VfctImageHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 0x1C;
}
