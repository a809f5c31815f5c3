//! One image: headers, payload, checksum.

use super::spec::{ComposeError, Image, Kind, Named};
use super::structure::{FILL, written};
use super::{apply, compress, driver, from_hex};
use crate::bytes::Window;
use crate::layout::{
    BLOCK, ClassCode, CodeType, CompressionType, EfiRomHeader, Indicator, LegacyRomHeader, Machine,
    Npde, Pcir, PcirRevision3, PnpExpansionHeader, RomHeader, Subsystem,
};

/// Where the PCI data structure stands if nothing else is asked for.
const PCIR_AT: u16 = 0x1C;
/// What drivers begin at a multiple of.
const DRIVER_ALIGNMENT: usize = 0x40;

/// The bytes of `image`; `is_last` says whether another follows it.
pub(super) fn compose(image: &Image, is_last: bool) -> Result<Vec<u8>, ComposeError> {
    if let Some(given) = &image.given {
        return as_given(image, given.clone(), is_last);
    }
    if let Some(name) = &image.file {
        return Err(ComposeError::File(name.clone()));
    }
    let pcir_at = usize::from(image.pcir_at.unwrap_or(PCIR_AT));
    let payload = match image.kind {
        Kind::Named(Named::Efi) => {
            let driver = driver::compose(&image.driver)?;
            image
                .compressed
                .algorithm()
                .map_or(Ok(driver.clone()), |algorithm| compress(&driver, algorithm))?
        }
        Kind::Named(Named::Legacy) => image.code.as_deref().map_or(Ok(Vec::new()), from_hex)?,
        Kind::CodeType(_) => Vec::new(),
    };
    let mut bytes = vec![FILL; pcir_at];
    if image.pcir {
        let (pcir, revision_3) = data_structure(image, is_last)?;
        put(&mut bytes, pcir_at, &written(&pcir)?);
        if image.revision >= 3 {
            let at = bytes.len();
            put(&mut bytes, at, &written(&revision_3)?);
        }
        if let Some(blocks) = image.npde {
            let at = bytes.len().next_multiple_of(Npde::ALIGNMENT);
            put(&mut bytes, at, &written(&npde(blocks, image.last.unwrap_or(is_last))?)?);
        }
        if !image.devices.is_empty() {
            let list_at = bytes.len();
            let offset = narrow(list_at.saturating_sub(pcir_at), "the device list's offset")?;
            put(
                &mut bytes,
                Pcir::AT.device_list_offset.after(pcir_at).offset,
                &offset.to_le_bytes(),
            );
            for word in image.devices.iter().chain([&0]) {
                bytes.extend(word.to_le_bytes());
            }
        }
    }
    let pnp_at = (image.pnp > 0).then(|| bytes.len().next_multiple_of(16));
    if let Some(at) = pnp_at {
        pnp_chain(&mut bytes, at, image.pnp)?;
    }
    let driver_at = match image.driver_at {
        Some(at) => usize::from(at),
        None if image.flush => {
            let all = bytes
                .len()
                .saturating_add(payload.len())
                .div_ceil(BLOCK)
                .max(usize::from(image.blocks));
            all.saturating_mul(BLOCK).saturating_sub(payload.len())
        }
        None => bytes.len().next_multiple_of(DRIVER_ALIGNMENT),
    };
    if !payload.is_empty() {
        put(&mut bytes, driver_at, &payload);
    }
    let blocks = bytes.len().div_ceil(BLOCK).max(usize::from(image.blocks)).max(1);
    bytes.resize(blocks.saturating_mul(BLOCK), FILL);
    let blocks = narrow(blocks, "the image")?;
    header(&mut bytes, image, blocks, (pcir_at, driver_at, pnp_at))?;
    if image.pcir {
        put(&mut bytes, Pcir::AT.image_length.after(pcir_at).offset, &blocks.to_le_bytes());
    }
    apply(&mut bytes, &image.patch)?;
    if image.kind == Kind::Named(Named::Legacy) {
        make_checksum(&mut bytes);
    }
    apply(&mut bytes, &image.damage)?;
    Ok(bytes)
}

/// An image that is there already, marked as the last one or not, and with the checksum that goes
/// with that.
fn as_given(image: &Image, mut bytes: Vec<u8>, is_last: bool) -> Result<Vec<u8>, ComposeError> {
    let window = Window::of_file(&bytes);
    let indicator_at = window
        .u16(RomHeader::AT.pcir_offset.offset)
        .map(|at| usize::from(at).saturating_add(Pcir::AT.indicator.offset));
    let old = indicator_at.and_then(|at| window.u8(at));
    if let (Some(at), Some(old)) = (indicator_at, old) {
        let last = image.last.unwrap_or(is_last);
        let new = if last { old | Indicator::LAST_IMAGE } else { old & !Indicator::LAST_IMAGE };
        put(&mut bytes, at, &[new]);
    }
    apply(&mut bytes, &image.patch)?;
    if image.kind == Kind::Named(Named::Legacy) {
        make_checksum(&mut bytes);
    }
    apply(&mut bytes, &image.damage)?;
    Ok(bytes)
}

fn data_structure(image: &Image, is_last: bool) -> Result<(Pcir, PcirRevision3), ComposeError> {
    let code_type = match image.kind {
        Kind::Named(Named::Efi) => CodeType::EFI,
        Kind::Named(Named::Legacy) => CodeType::LEGACY,
        Kind::CodeType(code_type) => CodeType(code_type),
    };
    let length = narrow(
        if image.revision >= 3 { Pcir::SIZE_REVISION_3 } else { Pcir::SIZE },
        "the PCI data structure",
    )?;
    let pcir = Pcir {
        signature: Pcir::SIGNATURE,
        vendor_id: image.vendor,
        device_id: image.device,
        device_list_offset: 0,
        length,
        revision: image.revision,
        class_code: ClassCode::from_u32(image.class),
        image_length: 0,
        code_revision: image.code_revision,
        code_type,
        indicator: Indicator(if image.last.unwrap_or(is_last) { Indicator::LAST_IMAGE } else { 0 }),
        maximum_run_time_image_length: image.run_time_blocks,
    };
    let [configuration_utility_offset, dmtf_clp_offset] = image.pointers;
    Ok((pcir, PcirRevision3 { configuration_utility_offset, dmtf_clp_offset }))
}

fn npde(blocks: u16, last: bool) -> Result<Npde, ComposeError> {
    Ok(Npde {
        signature: Npde::SIGNATURE,
        revision: 0x0100,
        length: narrow(Npde::SIZE, "NVIDIA's extension")?,
        subimage_length: blocks,
        last: if last { Indicator::LAST_IMAGE } else { 0 },
    })
}

/// Writes the header over the first bytes, once all offsets are known.
fn header(
    bytes: &mut Vec<u8>,
    image: &Image,
    blocks: u16,
    (pcir_at, driver_at, pnp_at): (usize, usize, Option<usize>),
) -> Result<(), ComposeError> {
    let pcir_offset =
        if image.pcir { narrow(pcir_at, "the PCI data structure's offset")? } else { 0 };
    let head = match image.kind {
        Kind::Named(Named::Efi) => written(&EfiRomHeader {
            signature: RomHeader::SIGNATURE,
            initialization_size: blocks,
            efi_signature: EfiRomHeader::EFI_SIGNATURE,
            efi_subsystem: Subsystem(image.driver.subsystem),
            efi_machine_type: Machine(image.driver.machine),
            compression_type: if image.compressed.is_compressed() {
                CompressionType::UEFI
            } else {
                CompressionType::NONE
            },
            reserved: [0; 8],
            efi_image_header_offset: narrow(driver_at, "the driver's offset")?,
            pcir_offset,
        })?,
        Kind::Named(Named::Legacy) => {
            let [initialization_size, _] = blocks.to_le_bytes();
            let mut head = written(&LegacyRomHeader {
                signature: RomHeader::SIGNATURE,
                initialization_size,
                entry_point: entry_point(image, driver_at)?,
                reserved: [0; LegacyRomHeader::AT.reserved.length],
                pcir_offset,
                pnp_offset: narrow(pnp_at.unwrap_or(0), "the $PnP header's offset")?,
            })?;
            // A PCI data structure at 0x1a, as old boards have it, leaves no room for the pointer
            // to a $PnP header.
            head.truncate(if image.pcir {
                pcir_at.min(LegacyRomHeader::SIZE)
            } else {
                LegacyRomHeader::SIZE
            });
            head
        }
        Kind::CodeType(_) => written(&RomHeader {
            signature: RomHeader::SIGNATURE,
            processor_architecture_unique: [0; RomHeader::AT.processor_architecture_unique.length],
            pcir_offset,
        })?,
    };
    put(bytes, 0, &head);
    Ok(())
}

/// Where the BIOS jumps to, at offset 3: back to it, or on to the code.
fn entry_point(image: &Image, code_at: usize) -> Result<[u8; 4], ComposeError> {
    if image.code.is_none() {
        // retf
        return Ok([0xCB, 0, 0, 0]);
    }
    // jmp, counted from its end
    let [low, high] = narrow(code_at.saturating_sub(6), "the code's offset")?.to_le_bytes();
    Ok([0xE9, low, high, 0])
}

/// Appends `count` $PnP headers from `at` on, each with a checksum of its own.
fn pnp_chain(bytes: &mut Vec<u8>, at: usize, count: u16) -> Result<(), ComposeError> {
    for index in 1..=count {
        let at = at.saturating_add(
            usize::from(index.wrapping_sub(1)).saturating_mul(PnpExpansionHeader::SIZE),
        );
        let next = if index == count { 0 } else { at.saturating_add(PnpExpansionHeader::SIZE) };
        let mut header = PnpExpansionHeader {
            signature: PnpExpansionHeader::SIGNATURE,
            revision: 1,
            length: 2,
            next_header_offset: narrow(next, "the $PnP header's offset")?,
            reserved: 0,
            checksum: 0,
            device_identifier: u32::from(index),
            manufacturer_offset: 0,
            product_name_offset: 0,
            device_type: [2, 0, 0],
            device_indicators: 0x64,
            boot_connection_vector: 0,
            disconnect_vector: 0,
            bootstrap_entry_vector: 0,
            reserved_2: 0,
            static_resource_vector: 0,
        };
        header.checksum = complement(&written(&header)?);
        put(bytes, at, &written(&header)?);
    }
    Ok(())
}

/// Sets the last byte that the size byte covers so that all of these sum to zero.
fn make_checksum(bytes: &mut [u8]) {
    let blocks = bytes.get(LegacyRomHeader::AT.initialization_size.offset).copied().unwrap_or(0);
    let covered = bytes.get_mut(..usize::from(blocks).saturating_mul(BLOCK)).unwrap_or_default();
    if let Some((last, rest)) = covered.split_last_mut() {
        *last = complement(rest);
    }
}

/// What has to be added to the sum of `bytes` to make it zero.
fn complement(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte))
}

/// Writes `part` at `at`, with padding where nothing stands yet.
fn put(bytes: &mut Vec<u8>, at: usize, part: &[u8]) {
    let end = at.saturating_add(part.len());
    if bytes.len() < end {
        bytes.resize(end, FILL);
    }
    if let Some(place) = bytes.get_mut(at..end) {
        place.copy_from_slice(part);
    }
}

fn narrow(value: usize, what: &'static str) -> Result<u16, ComposeError> {
    u16::try_from(value).map_err(|_| ComposeError::TooLarge(what))
}
