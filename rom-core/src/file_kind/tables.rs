//! Tables of graphics hardware: Intel's VBT and `OpRegion`, AMD's VFCT.

use super::FileKind;
use crate::bytes::Window;
use crate::layout::{OP_REGION_SIGNATURE, VbtHeader};
use crate::limits::Limits;
use crate::read;

pub(super) fn identify(file: Window<'_>) -> Option<FileKind> {
    if file.has(0, &OP_REGION_SIGNATURE) {
        return Some(FileKind::OpRegion);
    }
    if file.has(0, &VbtHeader::SIGNATURE) && file.len() >= VbtHeader::SIZE {
        return Some(FileKind::VideoBiosTable);
    }
    // A dump in text begins with the four letters as well, and what follows is no length.
    let vfct = read::vfct(file).filter(|table| table.length <= LONGEST_TABLE);
    vfct.map(|_| FileKind::Vfct)
}

/// Bytes of the longest table: two ROMs of the largest size, and what is around them.
const LONGEST_TABLE: usize = Limits::DEFAULT.file.saturating_mul(2);

/// Where the first VBIOS of a VFCT table begins.
pub(super) fn first_rom(bytes: &[u8]) -> Option<usize> {
    let table = read::vfct(Window::of_file(bytes))?;
    let first = table.images.first().map(|image| image.span);
    first.or(table.cut_image).map(|span| span.offset).filter(|at| *at < bytes.len())
}
