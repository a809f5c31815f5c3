//! Whether a ROM serves a GPU, by what stands in it.

use super::{Contents, DriverKind};
use crate::model::{Body, DeviceId, DeviceList, Image, Rom};

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Its tables name the GPU.
    Yes,
    /// Its tables do not name the GPU, or it is for other devices.
    No,
    /// Nothing in it tells.
    Unknown,
}

impl Answer {
    /// The word for it in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether a ROM serves a GPU, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fit {
    /// The GPU.
    pub device: DeviceId,
    /// The answer.
    pub answer: Answer,
    /// The evidence, in words.
    pub reason: String,
}

/// Whether `rom`, whose images hold `contents`, serves `device`.
#[must_use]
pub fn serves(rom: &Rom<'_>, contents: &[Option<Contents>], device: DeviceId) -> Fit {
    let of_kind = |kind| contents.iter().flatten().filter(move |image| image.driver == Some(kind));
    let parts = IntelParts { assignment: of_kind(DriverKind::IgdAssignment).next(), gop: of_kind(DriverKind::IntelGop).next() };
    let (answer, reason) = match (parts.assignment, parts.gop) {
        (None, None) => by_names(rom, contents, device),
        _ if device.vendor != DeviceId::INTEL => (Answer::No, "its drivers are for Intel GPUs".to_owned()),
        _ => parts.know(device.device),
    };
    Fit { device, answer, reason }
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
    fn know(&self, id: u16) -> (Answer, String) {
        let (assignment, of_assignment) = self.assignment_says(id);
        let (gop, of_gop) = self.gop_says(id);
        let answer = match (assignment, gop) {
            (Says::KnowsNot, _) | (_, Says::KnowsNot) => Answer::No,
            (Says::Knows, Says::Knows | Says::Absent) => Answer::Yes,
            (Says::Knows, Says::Nothing) | (Says::Nothing | Says::Absent, _) => Answer::Unknown,
        };
        (answer, format!("{of_assignment}; {of_gop}"))
    }

    fn assignment_says(&self, id: u16) -> (Says, String) {
        let Some(driver) = self.assignment else {
            let text = "there is no IGD assignment driver in it, without which the GOP driver shows nothing in a VM";
            return (Says::Absent, text.to_owned());
        };
        let Some(table) = &driver.assignment_table else {
            return (Says::Nothing, "its assignment driver is an older one that holds no table of GPUs".to_owned());
        };
        let ends = table
            .ids
            .first()
            .zip(table.ids.last())
            .map_or_else(String::new, |(first, last)| format!("{first:04x} to {last:04x}"));
        let about = format!("the assignment driver's table of {} GPUs ({ends})", table.ids.len());
        if table.ids.contains(&id) {
            (Says::Knows, format!("{about} names it"))
        } else {
            (Says::KnowsNot, format!("{about} does not name it: the driver passes over this GPU"))
        }
    }

    fn gop_says(&self, id: u16) -> (Says, String) {
        let Some(driver) = self.gop else {
            return (
                Says::Absent,
                "there is no GOP driver in it: no picture before the operating system's own driver".to_owned(),
            );
        };
        if driver.gop_lists.is_empty() {
            return (Says::Nothing, "its GOP driver holds no list of GPUs that can be read".to_owned());
        }
        match driver.gop_lists.iter().find(|list| list.ids.contains(&id)) {
            Some(list) => (Says::Knows, format!("the GOP driver lists it (at {:#x} of the driver)", list.span.offset)),
            None => (Says::KnowsNot, "the GOP driver lists other GPUs and not this one: it shows no picture".to_owned()),
        }
    }
}

/// For a ROM without Intel's drivers: what its headers and drivers name.
fn by_names(rom: &Rom<'_>, contents: &[Option<Contents>], device: DeviceId) -> (Answer, String) {
    if let Some(index) = rom.images.iter().position(|image| names(image, device)) {
        return (Answer::Yes, format!("image {index} names it in its PCI data structure"));
    }
    if let Some(kind) = contents.iter().flatten().find_map(|image| image.driver.filter(|kind| *kind != DriverKind::Unknown)) {
        let own_vendor = match kind {
            DriverKind::AmdGop => Some(0x1002),
            DriverKind::NvidiaGop => Some(0x10DE),
            _ => None,
        };
        return if own_vendor == Some(device.vendor) {
            (Answer::Unknown, format!("it holds an {}, which does not say for which GPUs", kind.name()))
        } else {
            (Answer::No, format!("what it holds is another driver: {}", kind.name()))
        };
    }
    let named: Vec<String> = rom.images.iter().filter_map(Image::device).map(|named| named.to_string()).collect();
    let legacy = rom.images.iter().any(|image| matches!(image.body, Body::Legacy(_)));
    let efi = rom.images.iter().any(|image| matches!(image.body, Body::Efi(_)));
    if legacy && !efi && !named.is_empty() {
        return (Answer::No, format!("a legacy BIOS compares ids, and it is for {}", named.join(", ")));
    }
    (Answer::Unknown, "nothing in it tells which GPUs it serves".to_owned())
}

/// Whether the PCI data structure of `image`, or its device list, names `device`.
fn names(image: &Image<'_>, device: DeviceId) -> bool {
    let Ok(block) = &image.pcir else { return false };
    let listed = matches!(&block.device_list, DeviceList::Present(_, ids) if ids.contains(&device.device));
    block.pcir.vendor_id == device.vendor && (block.pcir.device_id == device.device || listed)
}
