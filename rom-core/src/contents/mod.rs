//! What an image holds: which driver, for which GPUs, with which tables. Everything said here names
//! its evidence.

mod compatibility;
mod device_tables;
mod driver_kind;
mod gpu_ids;
mod protocols;
mod text;
mod vbios;
mod vbt;

pub use compatibility::{Compatibility, DeviceCompatibility, compatibility};
pub use device_tables::{AssignmentTable, GopList};
pub use driver_kind::{DriverKind, Evidence, InFile};
pub use gpu_ids::GpuIds;
pub use protocols::Protocol;
pub use vbios::Vbios;
pub use vbt::Vbt;

use crate::bytes::Window;
use crate::model::{Body, DeviceId, Image};

/// What an image holds. Offsets in drivers count from the start of the driver, after decompression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    /// What kind of driver it is; `None` in an image without one.
    pub driver: Option<DriverKind>,
    /// What that was identified by.
    pub evidence: Vec<Evidence>,
    /// The version that a GOP driver names.
    pub version: Option<String>,
    /// Protocols whose GUIDs are in the driver.
    pub protocols: Vec<Protocol>,
    /// The GPUs that an IGD assignment driver knows.
    pub assignment_table: Option<AssignmentTable>,
    /// The GPUs that an Intel GOP driver lists.
    pub gop_lists: Vec<GopList>,
    /// Intel's Video BIOS Table.
    pub vbt: Option<Vbt>,
    /// What a legacy VBIOS of AMD or NVIDIA says of itself.
    pub vbios: Option<Vbios>,
}

impl Contents {
    /// The devices that the tables in it name, in order, each once.
    #[must_use]
    pub fn devices(&self) -> Vec<DeviceId> {
        let table = self.assignment_table.iter().flat_map(|table| &table.ids);
        let lists = self.gop_lists.iter().flat_map(|list| &list.ids);
        let mut devices: Vec<DeviceId> =
            table.chain(lists).map(|id| DeviceId::intel(*id)).collect();
        devices.sort_unstable();
        devices.dedup();
        devices
    }
}

/// What `image` holds; `None` if there is nothing to look into. `known` tells GPU ids from chance.
#[must_use]
pub fn contents(image: &Image<'_>, known: &GpuIds) -> Option<Contents> {
    match &image.body {
        Body::Efi(efi) if !efi.driver.is_empty() => {
            Some(of_driver(Window::of_file(&efi.driver), known))
        }
        Body::Legacy(_) => of_legacy(image.window),
        Body::Efi(_) | Body::OpenFirmware | Body::HpPaRisc | Body::Unknown => None,
    }
}

/// What a legacy image holds: tables and texts, and nothing that is a driver for firmware.
fn of_legacy(window: Window<'_>) -> Option<Contents> {
    let (vbt, vbios) = (vbt::find(window), vbios::find(window));
    if vbt.is_none() && vbios.is_none() {
        return None;
    }
    Some(Contents {
        driver: None,
        evidence: Vec::new(),
        version: None,
        protocols: Vec::new(),
        assignment_table: None,
        gop_lists: Vec::new(),
        vbt,
        vbios,
    })
}

/// The Video BIOS Table in `window`, if there is one.
#[must_use]
pub fn find_vbt(window: Window<'_>) -> Option<Vbt> {
    vbt::find(window)
}

/// What a driver is: a PE or TE image by itself.
#[must_use]
pub fn of_driver(driver: Window<'_>, known: &GpuIds) -> Contents {
    of_module(driver, None, known)
}

/// What a driver is that is in this file of a firmware volume.
#[must_use]
pub(crate) fn of_module(driver: Window<'_>, file: Option<InFile>, known: &GpuIds) -> Contents {
    let protocols = protocols::find(driver);
    let assignment_table = device_tables::assignment_table(driver);
    let (kind, evidence) = driver_kind::of(driver, &protocols, assignment_table.is_some(), file);
    let gop_lists = if kind == DriverKind::IntelGop {
        device_tables::gop_lists(driver, known)
    } else {
        Vec::new()
    };
    Contents {
        driver: Some(kind),
        evidence,
        version: driver_kind::version(driver, kind),
        protocols,
        assignment_table: assignment_table.filter(|_| kind == DriverKind::IgdAssignment),
        gop_lists,
        vbt: vbt::find(driver),
        vbios: None,
    }
}
