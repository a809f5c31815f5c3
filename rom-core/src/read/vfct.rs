//! AMD's table of VBIOS images.

use super::structure::structure;
use crate::bytes::{Span, Window};
use crate::layout::{VfctHeader, VfctImageHeader};
use crate::model::{DeviceId, Vfct, VfctImage};

/// Images of a table that are read: there is one for each GPU.
const MOST_IMAGES: usize = 16;

/// Reads the table at the start of `file`; `None` if none begins there. The length in the table
/// bounds the walk, not that of the file.
#[must_use]
pub fn vfct(file: Window<'_>) -> Option<Vfct> {
    let header: VfctHeader = structure(file, 0)?;
    if header.signature != VfctHeader::SIGNATURE {
        return None;
    }
    let length = usize::try_from(header.length).ok()?;
    let table = file.first(length);
    let mut vfct = Vfct {
        length,
        missing: length.saturating_sub(file.len()),
        checksum: file.cut(0, length).map(Window::byte_sum),
        images: Vec::new(),
        cut_image: None,
    };
    let mut at = usize::try_from(header.vbios_image_offset).ok()?;
    // The images begin after the header: anything else would read the header as one.
    if at < VfctHeader::SIZE {
        return Some(vfct);
    }
    while vfct.images.len() < MOST_IMAGES {
        let Some(image) = structure::<VfctImageHeader>(table, at) else { break };
        let Ok(bytes) = usize::try_from(image.image_length) else { break };
        if bytes == 0 {
            break;
        }
        at = at.saturating_add(VfctImageHeader::SIZE);
        if table.cut(at, bytes).is_none() {
            vfct.cut_image = Some(Span::new(at, bytes));
            break;
        }
        vfct.images.push(VfctImage {
            span: Span::new(at, bytes),
            bus: image.pci_bus,
            device: image.pci_device,
            function: image.pci_function,
            id: DeviceId { vendor: image.vendor_id, device: image.device_id },
            subsystem: DeviceId { vendor: image.subsystem_vendor_id, device: image.subsystem_id },
            revision: image.revision,
        });
        at = at.saturating_add(bytes);
    }
    Some(vfct)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(images: &[(u16, usize)], first: u32) -> Vec<u8> {
        let mut body = Vec::new();
        for (device, length) in images {
            let mut header = vec![0; VfctImageHeader::SIZE];
            header[0] = 0x0B;
            header[0x0C..0x0E].copy_from_slice(&0x1002_u16.to_le_bytes());
            header[0x0E..0x10].copy_from_slice(&device.to_le_bytes());
            header[0x18..].copy_from_slice(&u32::try_from(*length).unwrap().to_le_bytes());
            body.extend(header);
            body.extend(vec![0x90; *length]);
        }
        let mut table = vec![0; VfctHeader::SIZE];
        table[..4].copy_from_slice(b"VFCT");
        table[0x34..0x38].copy_from_slice(&first.to_le_bytes());
        table.extend(body);
        let length = u32::try_from(table.len()).unwrap();
        table[4..8].copy_from_slice(&length.to_le_bytes());
        table[9] = table.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte));
        table
    }

    fn read(bytes: &[u8]) -> Vfct {
        vfct(Window::of_file(bytes)).unwrap()
    }

    #[test]
    fn each_image_has_the_ids_and_the_place_of_its_gpu() {
        let read = read(&table(&[(0x1638, 512), (0x164E, 1024)], 0x4C));
        let images: Vec<_> =
            read.images.iter().map(|image| (image.id.device, image.span, image.bus)).collect();
        assert_eq!(
            images,
            [(0x1638, Span::new(0x68, 512), 0x0B), (0x164E, Span::new(0x284, 1024), 0x0B)]
        );
        assert_eq!((read.missing, read.checksum, read.cut_image), (0, Some(0), None));
    }

    #[test]
    fn a_table_is_read_no_further_than_it_is_sound() {
        assert!(
            read(&table(&[(0x1638, 512)], 0x20)).images.is_empty(),
            "the first image would be in the header"
        );
        assert!(read(&table(&[(0x1638, 512)], u32::MAX)).images.is_empty());
        assert!(
            read(&table(&[(0x1638, 0), (0x1638, 512)], 0x4C)).images.is_empty(),
            "length 0 ends the list"
        );
        assert_eq!(read(&table(&vec![(0x1638, 4); 40], 0x4C)).images.len(), MOST_IMAGES);
        let mut cut = table(&[(0x1638, 512), (0x164E, 512)], 0x4C);
        cut.truncate(cut.len() - 10);
        let cut = read(&cut);
        assert_eq!((cut.images.len(), cut.missing, cut.checksum), (1, 10, None));
        assert_eq!(cut.cut_image, Some(Span::new(0x284, 512)));
        assert_eq!(vfct(Window::of_file(b"VFCT")), None);
    }
}
