//! The declared structures that an image has, and where they are.

use super::{Body, DeviceList, Image};
use crate::layout::{
    CompressionHeader, EfiRomHeader, Field, LegacyRomHeader, Npde, Pcir, PcirRevision3,
    PnpExpansionHeader, RomHeader, pcir::DEVICE_LIST_ENTRY,
};

/// A structure of the format in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Structure {
    /// What it is called.
    pub name: &'static str,
    /// Where it begins in the file.
    pub offset: usize,
    /// Its fields; their places count from `offset`.
    pub fields: &'static [Field],
}

impl Image<'_> {
    /// The structures of this image, in the order of the file. The file can end before the last of
    /// their fields.
    #[must_use]
    pub fn structures(&self) -> Vec<Structure> {
        let start = self.span().offset;
        let mut all = Vec::new();
        let mut add = |name, offset, fields| all.push(Structure { name, offset, fields });
        match &self.body {
            Body::Efi(_) => add(EfiRomHeader::NAME, start, EfiRomHeader::FIELDS),
            Body::Legacy(_) => add(LegacyRomHeader::NAME, start, LegacyRomHeader::FIELDS),
            Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => {
                add(RomHeader::NAME, start, RomHeader::FIELDS);
            }
        }
        if let Ok(block) = &self.pcir {
            let at = block.span.offset;
            add(Pcir::NAME, at, Pcir::FIELDS);
            if block.revision_3.is_some() {
                add(PcirRevision3::NAME, at.saturating_add(Pcir::SIZE), PcirRevision3::FIELDS);
            }
            if let DeviceList::Present(span, ids) = &block.device_list {
                for at in (span.offset..).step_by(size_of::<u16>()).take(ids.len()) {
                    add("device list", at, DEVICE_LIST_ENTRY);
                }
            }
            if let Some((span, _)) = block.npde {
                add(Npde::NAME, span.offset, Npde::FIELDS);
            }
        }
        match &self.body {
            Body::Efi(efi) => {
                if let Some(stored) = efi.stored.filter(|_| efi.compression.is_some()) {
                    add(CompressionHeader::NAME, stored.span().offset, CompressionHeader::FIELDS);
                }
            }
            Body::Legacy(legacy) => {
                for block in &legacy.pnp {
                    add(PnpExpansionHeader::NAME, block.span.offset, PnpExpansionHeader::FIELDS);
                }
            }
            Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => {}
        }
        all
    }
}
