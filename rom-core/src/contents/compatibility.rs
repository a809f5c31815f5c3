//! Whether a ROM supports a GPU, by what is in it.

use super::{Contents, DriverKind};
use crate::count::Count;
use crate::model::{Body, DeviceId, DeviceList, Image, Rom};

/// Whether a ROM supports a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compatibility {
    /// Its tables name the GPU.
    Supported,
    /// Its tables do not name the GPU, or it is for other devices.
    Unsupported,
    /// Nothing in it tells.
    Unknown,
}

impl Compatibility {
    /// The word for it in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Supported => "yes",
            Self::Unsupported => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether a ROM supports a GPU, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceCompatibility {
    /// The GPU.
    pub device: DeviceId,
    /// Whether it does.
    pub compatibility: Compatibility,
    /// The evidence, in words.
    pub reason: String,
}

/// Whether `rom`, whose images hold `contents`, supports `device`.
#[must_use]
pub fn compatibility(
    rom: &Rom<'_>,
    contents: &[Option<Contents>],
    device: DeviceId,
) -> DeviceCompatibility {
    let of_kind = |kind| contents.iter().flatten().filter(move |image| image.driver == Some(kind));
    let parts = IntelParts {
        assignment: of_kind(DriverKind::IgdAssignment).next(),
        gop: of_kind(DriverKind::IntelGop).next(),
    };
    let (answer, reason) = match (parts.assignment, parts.gop) {
        (None, None) => by_names(rom, contents, device),
        _ if device.vendor != DeviceId::INTEL => {
            (Compatibility::Unsupported, "its drivers are for Intel GPUs".to_owned())
        }
        _ => parts.know(device.device),
    };
    DeviceCompatibility { device, compatibility: answer, reason }
}

/// The drivers of a ROM for Intel iGPUs.
struct IntelParts<'a> {
    assignment: Option<&'a Contents>,
    gop: Option<&'a Contents>,
}

/// What a driver has to say of a GPU.
enum Says {
    /// There is no such driver.
    Absent,
    /// It carries no list.
    Nothing,
    Knows,
    KnowsNot,
}

impl IntelParts<'_> {
    fn know(&self, id: u16) -> (Compatibility, String) {
        let (assignment, of_assignment) = self.assignment_says(id);
        let (gop, of_gop) = self.gop_says(id);
        let answer = match (assignment, gop) {
            (Says::KnowsNot, _) | (_, Says::KnowsNot) => Compatibility::Unsupported,
            (Says::Knows, Says::Knows | Says::Absent) => Compatibility::Supported,
            (Says::Knows, Says::Nothing) | (Says::Nothing | Says::Absent, _) => {
                Compatibility::Unknown
            }
        };
        (answer, format!("{of_assignment}; {of_gop}"))
    }

    fn assignment_says(&self, id: u16) -> (Says, String) {
        let Some(driver) = self.assignment else {
            let text = "it has no IGD assignment driver, and the GOP driver shows nothing in a \
                VM without one";
            return (Says::Absent, text.to_owned());
        };
        let Some(table) = &driver.assignment_table else {
            return (
                Says::Nothing,
                "its assignment driver is an older one without a table of GPUs".to_owned(),
            );
        };
        let ends = table
            .ids
            .first()
            .zip(table.ids.last())
            .map_or_else(String::new, |(first, last)| format!("{first:04x} to {last:04x}"));
        let gpus = Count(table.ids.len(), "GPU");
        let about = format!("the assignment driver's table of {gpus} ({ends})");
        if table.ids.contains(&id) {
            (Says::Knows, format!("{about} lists this GPU"))
        } else {
            (Says::KnowsNot, format!("{about} does not list this GPU, so the driver ignores it"))
        }
    }

    fn gop_says(&self, id: u16) -> (Says, String) {
        let Some(driver) = self.gop else {
            return (
                Says::Absent,
                "it has no GOP driver, so there is no display before the operating system's own \
                driver starts"
                    .to_owned(),
            );
        };
        if driver.gop_lists.is_empty() {
            return (Says::Nothing, "its GOP driver has no readable list of GPUs".to_owned());
        }
        match driver.gop_lists.iter().find(|list| list.ids.contains(&id)) {
            Some(list) => (
                Says::Knows,
                format!("the GOP driver lists this GPU (at {:#x} of the driver)", list.span.offset),
            ),
            None => (
                Says::KnowsNot,
                "the GOP driver lists other GPUs but not this one, so there is no display at \
                boot"
                    .to_owned(),
            ),
        }
    }
}

/// For a ROM without Intel's drivers: what its headers and drivers name.
fn by_names(
    rom: &Rom<'_>,
    contents: &[Option<Contents>],
    device: DeviceId,
) -> (Compatibility, String) {
    if let Some(index) = rom.images.iter().position(|image| names(image, device)) {
        return (
            Compatibility::Supported,
            format!("image {index} lists this GPU in its PCI data structure"),
        );
    }
    if let Some(of_another) = another_chip(rom, device) {
        return of_another;
    }
    if let Some(kind) = contents
        .iter()
        .flatten()
        .find_map(|image| image.driver.filter(|kind| *kind != DriverKind::Unknown))
    {
        let own_vendor = match kind {
            DriverKind::AmdGop => Some(DeviceId::AMD),
            DriverKind::NvidiaGop => Some(DeviceId::NVIDIA),
            _ => None,
        };
        return if own_vendor == Some(device.vendor) {
            (
                Compatibility::Unknown,
                format!("it has an {}, which does not list its GPUs", kind.name()),
            )
        } else {
            (
                Compatibility::Unsupported,
                format!("it has a driver of another kind: {}", kind.name()),
            )
        };
    }
    let named: Vec<String> =
        rom.images.iter().filter_map(Image::device).map(|named| named.to_string()).collect();
    let legacy = rom.images.iter().any(|image| matches!(image.body, Body::Legacy(_)));
    let efi = rom.images.iter().any(|image| matches!(image.body, Body::Efi(_)));
    if legacy && !efi && !named.is_empty() {
        return (
            Compatibility::Unsupported,
            format!("it is a legacy ROM for {}, and a legacy BIOS compares ids", named.join(", ")),
        );
    }
    (Compatibility::Unknown, "it does not say which GPUs it supports".to_owned())
}

/// AMD's chips that have the same VBIOS, but for the id in it (the files of
/// isc30/ryzen-gpu-passthrough-proxmox: "Raphael Generic VBIOS" and 113-PHXGENERIC).
const SAME_VBIOS: [&[u16]; 2] = [&[0x164E, 0x13C0], &[0x15BF, 0x15C8, 0x1900, 0x1901]];

/// For a VBIOS of AMD's without the ids of `device`: AMD's drivers want the one of their own chip.
fn another_chip(rom: &Rom<'_>, device: DeviceId) -> Option<(Compatibility, String)> {
    let is_vbios = |image: &&Image<'_>| matches!(image.body, Body::Legacy(_));
    let named = rom.images.iter().filter(is_vbios).find_map(Image::device)?;
    if device.vendor != DeviceId::AMD || named.vendor != DeviceId::AMD {
        return None;
    }
    let same = SAME_VBIOS
        .iter()
        .any(|chips| chips.contains(&device.device) && chips.contains(&named.device));
    Some(if same {
        (Compatibility::Unknown, format!("its VBIOS is for {named}, a chip with the same VBIOS"))
    } else {
        (Compatibility::Unsupported, format!("its VBIOS is for another chip, {named}"))
    })
}

/// Whether the PCI data structure of `image`, or its device list, names `device`.
fn names(image: &Image<'_>, device: DeviceId) -> bool {
    let Ok(block) = &image.pcir else { return false };
    let listed =
        matches!(&block.device_list, DeviceList::Present(_, ids) if ids.contains(&device.device));
    block.pcir.vendor_id == device.vendor && (block.pcir.device_id == device.device || listed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::Span;
    use crate::compose;
    use crate::contents::{AssignmentTable, GopList};
    use crate::limits::Limits;
    use crate::read::parse;

    fn driver(kind: DriverKind) -> Contents {
        Contents {
            driver: Some(kind),
            evidence: Vec::new(),
            version: None,
            protocols: Vec::new(),
            assignment_table: None,
            gop_lists: Vec::new(),
            vbt: None,
            vbios: None,
        }
    }

    fn assignment(ids: &[u16]) -> Contents {
        let table = AssignmentTable { span: Span::new(0, 16), ids: ids.to_vec(), generations: 1 };
        Contents { assignment_table: Some(table), ..driver(DriverKind::IgdAssignment) }
    }

    fn gop(ids: &[u16]) -> Contents {
        Contents {
            gop_lists: vec![GopList { span: Span::new(0x40, 2), ids: ids.to_vec() }],
            ..driver(DriverKind::IntelGop)
        }
    }

    /// The answer for a ROM of these drivers, whose headers name 1234:5678.
    fn answer(drivers: Vec<Contents>, device: &str) -> Compatibility {
        let text = "purpose = ''\n[[image]]\nkind = 'efi'\nvendor = 0x1234\ndevice = 0x5678\n";
        let rom = compose::compose(&text.parse::<compose::Spec>().unwrap()).unwrap();
        let contents: Vec<Option<Contents>> = drivers.into_iter().map(Some).collect();
        compatibility(&parse(&rom, &Limits::default()), &contents, device.parse().unwrap())
            .compatibility
    }

    #[test]
    fn both_tables_have_to_name_an_intel_gpu() {
        use Compatibility::{Supported as Yes, Unknown, Unsupported as No};
        let device = "8086:a7a8";
        let known = [0xA7A0, 0xA7A8];
        let other = [0x46A0];
        assert_eq!(answer(vec![assignment(&known), gop(&known)], device), Yes);
        assert_eq!(answer(vec![assignment(&known)], device), Yes);
        assert_eq!(answer(vec![assignment(&known), gop(&other)], device), No);
        assert_eq!(answer(vec![assignment(&other), gop(&known)], device), No);
        assert_eq!(answer(vec![assignment(&known), driver(DriverKind::IntelGop)], device), Unknown);
        assert_eq!(answer(vec![driver(DriverKind::IgdAssignment), gop(&known)], device), Unknown);
        assert_eq!(answer(vec![gop(&known)], device), Unknown);
        assert_eq!(answer(vec![assignment(&known), gop(&known)], "1002:a7a8"), No);
    }

    #[test]
    fn drivers_of_others_serve_their_own_vendor_at_most() {
        use Compatibility::{Supported as Yes, Unknown, Unsupported as No};
        for (kind, device, expected) in [
            (DriverKind::AmdGop, "1002:67df", Unknown),
            (DriverKind::AmdGop, "10de:67df", No),
            (DriverKind::NvidiaGop, "10de:1c03", Unknown),
            (DriverKind::NvidiaGop, "1002:1c03", No),
            (DriverKind::Ipxe, "8086:a7a8", No),
            (DriverKind::Unknown, "8086:a7a8", Unknown),
            (DriverKind::Ipxe, "1234:5678", Yes),
            (DriverKind::Unknown, "1234:0001", Unknown),
            (DriverKind::Unknown, "8086:5678", Unknown),
        ] {
            assert_eq!(answer(vec![driver(kind)], device), expected, "{kind:?} {device}");
        }
    }

    #[test]
    fn a_vbios_of_amd_is_for_its_own_chip() {
        use Compatibility::{Supported as Yes, Unknown, Unsupported as No};
        let of = |named: u16, device: &str| {
            let text = format!(
                "purpose = ''\n[[image]]\nkind = 'legacy'\nvendor = 0x1002\ndevice = {named}\n"
            );
            let rom = compose::compose(&text.parse::<compose::Spec>().unwrap()).unwrap();
            let rom = parse(&rom, &Limits::default());
            compatibility(&rom, &[None], device.parse().unwrap()).compatibility
        };
        assert_eq!(of(0x1638, "1002:1638"), Yes);
        assert_eq!(of(0x1638, "1002:164c"), No, "Cezanne's for a Lucienne");
        assert_eq!(of(0x15BF, "1002:1900"), Unknown, "113-PHXGENERIC is in both");
        assert_eq!(of(0x164E, "1002:13c0"), Unknown);
        assert_eq!(of(0x164E, "1002:1900"), No);
    }

    #[test]
    fn a_legacy_rom_serves_whom_its_headers_name() {
        let text = "purpose = ''\n[[image]]\nkind = 'legacy'\nvendor = 0x1234\ndevice = \
            0x5678\ndevices = [0x9abc]\n";
        let rom = compose::compose(&text.parse::<compose::Spec>().unwrap()).unwrap();
        let rom = parse(&rom, &Limits::default());
        let answer =
            |device: &str| compatibility(&rom, &[None], device.parse().unwrap()).compatibility;
        assert_eq!(answer("1234:5678"), Compatibility::Supported);
        assert_eq!(answer("1234:9abc"), Compatibility::Supported);
        assert_eq!(answer("1234:9abd"), Compatibility::Unsupported);
    }
}
