//! Option ROMs inside of a file that is something else: a firmware image, an update, a table, an
//! archive. One answer for all that lists them.

use crate::bytes::Span;
#[cfg(feature = "unpack")]
use crate::contents::GpuIds;
use crate::file_kind::Reached;
#[cfg(feature = "unpack")]
use crate::file_kind::{ArchiveFormat, FileKind};
use crate::limits::Limits;
use crate::scan;
#[cfg(feature = "unpack")]
use crate::unpack::{self, Found, FoundKind, UnpackLimits};

/// Where an option ROM is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RomPlace {
    /// Bytes of the file, of what was opened in it, or of what was decoded from it.
    pub span: Span,
    /// Whether something had to be opened first: an archive, compressed data, text.
    pub opened: bool,
    /// Number of the data that it is in, from 1 on, where it was decoded from a firmware image.
    pub decoded: Option<usize>,
    /// The name of the file that it is in.
    pub name: Option<String>,
}

impl RomPlace {
    /// Whether it is in the bytes of the file itself.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        !self.opened && self.decoded.is_none()
    }
}

/// Hands every option ROM in `file` to `found`, with its place and its bytes. `reached` is what the
/// file is and what was opened in it. A file longer than [`Limits::firmware`] is not taken apart.
pub fn roms(
    file: &[u8],
    reached: &Reached<'_>,
    limits: &Limits,
    found: &mut dyn FnMut(RomPlace, &[u8]),
) {
    let opened = !reached.is_plain();
    #[cfg(feature = "unpack")]
    if reached.inner().holds_firmware() && file.len() <= limits.firmware {
        in_firmware(file, reached, found);
        return;
    }
    let _ = (file, limits);
    let name = reached.steps.iter().rev().find_map(|step| step.name.clone());
    for span in scan::roms(&reached.bytes) {
        let bytes = reached.bytes.get(span.offset..span.end()).unwrap_or_default();
        found(RomPlace { span, opened, decoded: None, name: name.clone() }, bytes);
    }
}

/// Every option ROM in a firmware image.
#[cfg(feature = "unpack")]
fn in_firmware(file: &[u8], reached: &Reached<'_>, found: &mut dyn FnMut(RomPlace, &[u8])) {
    let unpacked = unpack::unpack(taken_apart(file, reached), &unpack_limits(file, reached));
    let opened = !reached.is_plain() && !is_zip(reached);
    // Which drivers are in it is not asked here.
    for Found { kind, place, file, entry } in unpack::found(&unpacked, &GpuIds::default()) {
        if matches!(kind, FoundKind::OptionRom) {
            let name = file.map(|(guid, name)| name.unwrap_or_else(|| guid.to_string())).or(entry);
            let decoded = Some(place.part).filter(|part| *part > 0);
            let bytes = unpacked.bytes(place);
            found(RomPlace { span: place.span, opened, decoded, name }, bytes);
        }
    }
}

/// The bytes that are taken apart as firmware: what was reached, or the archive itself where all of
/// its files are.
#[cfg(feature = "unpack")]
#[must_use]
pub fn taken_apart<'a>(file: &'a [u8], reached: &'a Reached<'_>) -> &'a [u8] {
    if is_zip(reached) { file } else { &reached.bytes }
}

#[cfg(feature = "unpack")]
fn is_zip(reached: &Reached<'_>) -> bool {
    reached.kind == FileKind::Archive(ArchiveFormat::Zip)
}

/// Bounds on what is taken apart of `file`: what was opened on the way counts.
#[cfg(feature = "unpack")]
#[must_use]
pub fn unpack_limits(file: &[u8], reached: &Reached<'_>) -> UnpackLimits {
    let limits = UnpackLimits::default();
    let opened = if reached.is_plain() { 0 } else { file.len() };
    UnpackLimits { memory: limits.memory.saturating_sub(opened), ..limits }
}
