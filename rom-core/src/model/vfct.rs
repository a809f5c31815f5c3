//! AMD's table of VBIOS images.

use super::DeviceId;
use crate::bytes::Span;

/// An ACPI VFCT table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vfct {
    /// Bytes of the table, as it says itself.
    pub length: usize,
    /// Bytes of it that are not in the file.
    pub missing: usize,
    /// Sum of its bytes, modulo 256; zero in a sound table. `None` if they are not all there.
    pub checksum: Option<u8>,
    /// The images that are whole, in the order of the table.
    pub images: Vec<VfctImage>,
    /// Where an image would be that reaches out of the table or the file.
    pub cut_image: Option<Span>,
}

/// A VBIOS in the table, and the GPU that it is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VfctImage {
    /// Where it is in the file.
    pub span: Span,
    /// PCI bus of the GPU, as firmware numbered it.
    pub bus: u32,
    /// PCI device number of the GPU.
    pub device: u32,
    /// PCI function of the GPU.
    pub function: u32,
    /// Vendor and device id of the GPU.
    pub id: DeviceId,
    /// Subsystem vendor and subsystem id of the GPU.
    pub subsystem: DeviceId,
    /// PCI revision of the GPU.
    pub revision: u32,
}
