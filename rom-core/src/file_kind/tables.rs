//! Tables of graphics hardware: Intel's VBT and `OpRegion`, AMD's VFCT.

use super::FileKind;
use crate::bytes::Window;
use crate::layout::{OP_REGION_SIGNATURE, VbtHeader, VfctHeader};
use crate::read;

pub(super) fn identify(file: Window<'_>) -> Option<FileKind> {
    if file.has(0, &OP_REGION_SIGNATURE) {
        return Some(FileKind::OpRegion);
    }
    if file.has(0, &VbtHeader::SIGNATURE) && file.len() >= VbtHeader::SIZE {
        return Some(FileKind::VideoBiosTable);
    }
    let vfct = file.has(0, &VfctHeader::SIGNATURE) && file.len() >= VfctHeader::SIZE;
    vfct.then_some(FileKind::Vfct)
}

/// Where the first VBIOS of a VFCT table begins.
pub(super) fn first_rom(bytes: &[u8]) -> Option<usize> {
    let table = read::vfct(Window::of_file(bytes))?;
    table.images.first().map(|image| image.span.offset)
}
