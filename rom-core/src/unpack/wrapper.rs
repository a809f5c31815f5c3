//! What is around the volumes: the regions of a flash chip, capsules, and vendors' formats that keep volumes out of sight.

use super::{ItemKind, Place, Sealed, Unpacker};
use crate::layout::{CapsuleHeader, FlashDescriptor, FlashRegion};
use crate::read::structure;
use memchr::memmem;

/// What AMI's protected updates have at offset 8.
const AMI_PFAT: (usize, &[u8]) = (8, b"_AMIPFAT");
/// What the packed parts of Dell's updates begin with.
const DELL_PFS: &[u8] = b"PFS.HDR.";

impl Unpacker<'_> {
    /// Adds what is around everything in `file`.
    pub(super) fn wrappers(&mut self, file: Place) {
        let window = self.window(file);
        let capsule: Option<CapsuleHeader> = structure(window, 0);
        let capsule = capsule.and_then(|header| CapsuleHeader::KNOWN.iter().find(|(guid, _)| *guid == header.capsule_guid));
        let pfat = memmem::find(window.bytes(), AMI_PFAT.1).filter(|at| *at == AMI_PFAT.0 || capsule.is_some());
        let pfs = memmem::find(window.bytes(), DELL_PFS);
        let regions = regions(window);
        if let Some((_, name)) = capsule {
            self.add(0, ItemKind::Capsule(name), file);
        }
        for (name, at, length) in regions {
            if let Some(place) = file.inner(at, length) {
                self.add(0, ItemKind::Region(name), place);
            }
        }
        if let Some(place) = pfat.and_then(|at| file.from(at.saturating_sub(AMI_PFAT.0))) {
            self.add(0, ItemKind::Sealed(Sealed::AmiPfat), place);
        }
        if let Some(place) = pfs.and_then(|at| file.from(at)) {
            self.add(0, ItemKind::Sealed(Sealed::DellPfs), place);
        }
    }
}

/// The regions that the descriptor at the start of `file` names.
fn regions(file: crate::bytes::Window<'_>) -> Vec<(&'static str, usize, usize)> {
    let descriptor: Option<FlashDescriptor> = structure(file, 0);
    let Some(descriptor) = descriptor.filter(|descriptor| descriptor.signature == FlashDescriptor::SIGNATURE) else {
        return Vec::new();
    };
    let region = |(index, name): (usize, &&'static str)| {
        let at = descriptor.region_list().checked_add(index.checked_mul(FlashRegion::SIZE)?)?;
        let (offset, length) = structure::<FlashRegion>(file, at)?.extent()?;
        Some((*name, offset, length))
    };
    FlashDescriptor::REGIONS.iter().enumerate().filter_map(region).collect()
}
