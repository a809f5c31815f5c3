//! Choices for an update file of a vendor that is nearly right: what is in it is found, and damage
//! does no harm.
//!
//! The first three bytes choose the format and its sizes, the last nine three bytes to change; what
//! is between is in a volume in the update.

use rom_core::compose::update::{self, Blocks, DellEntry};
use rom_core::compose::{self, volume};
use rom_core::layout::{Algorithm, CapsuleHeader, CbfsFile, FfsFileType, FirmwareVolumeHeader, Guid, SectionType};
use rom_core::unpack::{self, ItemKind, UnpackLimits};

/// A byte to change: where, counted around the file, and by which bits.
const PATCH: usize = 3;
const PATCHES: usize = 3;

pub(super) fn run(bytes: &[u8]) {
    let Some(([format, size, more], rest)) = bytes.split_first_chunk::<3>() else { return };
    let Some((payload, patches)) = rest.split_at_checked(rest.len().saturating_sub(PATCH * PATCHES)) else { return };
    let Some(firmware) = firmware(payload) else { return };
    let Some(mut file) = composed(*format, usize::from(*size), *more, &firmware) else { return };
    let mut changed = false;
    for patch in patches.chunks_exact(PATCH) {
        let at = usize::from(u16::from_le_bytes([patch[0], patch[1]])) % file.len();
        file[at] ^= patch[2];
        changed |= patch[2] != 0;
    }
    super::unpack::run(&file);
    if !changed {
        let unpacked = unpack::unpack(&file, &UnpackLimits::default());
        let mut sections = unpacked.items.iter().filter(|item| item.kind == ItemKind::Section(SectionType::RAW));
        assert!(sections.any(|item| unpacked.bytes(item.place) == payload), "the payload is not \
            found");
    }
}

/// A volume with `payload` in a section.
fn firmware(payload: &[u8]) -> Option<Vec<u8>> {
    let section = volume::section(SectionType::RAW, payload).ok()?;
    let file = volume::file(FfsFileType::FREEFORM, Guid([7; 16]), &section).ok()?;
    volume::volume(FirmwareVolumeHeader::FFS2, &[file], 64).ok()
}

/// An update around `firmware`.
fn composed(format: u8, size: usize, more: u8, firmware: &[u8]) -> Option<Vec<u8>> {
    let blocks = size * 16 + 64;
    let named = [("BIOS.bin", firmware)];
    let made = match format % 12 {
        0 => update::ami_pfat(&named, Blocks { size: blocks, signature: None }),
        1 => update::ami_pfat(&named, Blocks { size: blocks, signature: Some(u32::from(more % 3) + 1) }),
        2 => update::dell_list(&[DellEntry { data: firmware.to_vec(), place: None, revision: u32::from(more % 2) + 1 }]),
        3 => {
            let mut entries = update::dell_blocks(firmware, blocks, more.is_multiple_of(2)).ok()?;
            let count = entries.len();
            entries.rotate_left(size % count);
            update::dell_stream(&update::dell_list(&entries).ok()?)
        }
        4 => update::insyde("BIOSIMG", firmware, size),
        5 => update::ucp_module(*b"@UAF", &update::ucp_module(*b"@ROM", &padded(firmware)?).ok()?),
        6 => {
            let packed = compose::compress(firmware, if more.is_multiple_of(2) { Algorithm::Uefi } else { Algorithm::Tiano });
            update::ucp_module(*b"@HPU", &update::ucp_module(*b"@ROM", &larger(packed.ok()?)).ok()?)
        }
        7 => update::phoenix(&[(("bios.rom", firmware), false)]),
        8 => update::zip(&named, more.is_multiple_of(2)),
        9 => {
            let data = if more.is_multiple_of(2) { firmware.to_vec() } else { update::lz4_stored(firmware).ok()? };
            let compression = if more.is_multiple_of(2) { 0 } else { 2 };
            update::cbfs_file("fw", 0x50, compression, &data, firmware.len())
        }
        10 => {
            let payload = update::cbfs_payload(0, firmware).ok()?;
            update::cbfs_file("fallback/payload", CbfsFile::PAYLOAD, 0, &payload, 0)
        }
        _ => update::capsule(CapsuleHeader::KNOWN[usize::from(more) % 2].0, size + 64, firmware),
    };
    made.ok()
}

/// What a module has whose data is stored, with enough of it to be one.
fn padded(firmware: &[u8]) -> Option<Vec<u8>> {
    Some(larger(update::ucp_stored(firmware).ok()?))
}

/// The whole of AMI's program has 1 KiB at least.
fn larger(mut data: Vec<u8>) -> Vec<u8> {
    data.resize(data.len().max(0x400), 0);
    data
}
