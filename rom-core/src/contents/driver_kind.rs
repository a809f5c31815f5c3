//! What kind of driver it is, by what is in it.

use super::protocols::{
    CONSOLE_CONTROL, DRIVER_BINDING, EDID_ACTIVE, GRAPHICS_OUTPUT, HII_DATABASE, LEGACY_BIOS,
    PCI_IO, PLATFORM_GOP_POLICY, Protocol, SIMPLE_NETWORK,
};
use super::text;
use crate::bytes::Window;
use crate::layout::{FfsFileType, Guid, Subsystem, TeHeader};
use crate::limits::Limits;
use crate::model::Payload;
use crate::read::{self, structure};
use std::fmt;

/// What a driver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DriverKind {
    /// Prepares an Intel iGPU that is passed through to a VM: `OpRegion` and stolen memory.
    IgdAssignment,
    /// Both in one: prepares an Intel iGPU and lights its screen (i915ovmf).
    IgdAssignmentAndGop,
    /// Hands Intel's GOP driver the VBT.
    PlatformGopPolicy,
    /// Intel's graphics driver for the firmware.
    IntelGop,
    /// AMD's.
    AmdGop,
    /// NVIDIA's.
    NvidiaGop,
    /// Another graphics driver.
    OtherGop,
    /// Draws through the board's legacy VBIOS.
    LegacyVideo,
    /// Draws without a device on PCI.
    DisplayWithoutPci,
    /// iPXE: boots from a network.
    Ipxe,
    /// Another driver of a network card.
    Network,
    /// None of these.
    Unknown,
}

impl DriverKind {
    /// The stable name in JSON.
    #[must_use]
    pub const fn id(self) -> &'static str {
        match self {
            Self::IgdAssignment => "igd-assignment",
            Self::IgdAssignmentAndGop => "igd-assignment-and-gop",
            Self::PlatformGopPolicy => "platform-gop-policy",
            Self::IntelGop => "intel-gop",
            Self::AmdGop => "amd-gop",
            Self::NvidiaGop => "nvidia-gop",
            Self::OtherGop => "gop",
            Self::LegacyVideo => "legacy-video",
            Self::DisplayWithoutPci => "display-without-pci",
            Self::Ipxe => "ipxe",
            Self::Network => "network",
            Self::Unknown => "unknown",
        }
    }

    /// What it is, in a few words.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::IgdAssignment => "IGD assignment driver",
            Self::IgdAssignmentAndGop => "IGD assignment and GOP driver in one (i915ovmf)",
            Self::PlatformGopPolicy => "Platform GOP policy",
            Self::IntelGop => "Intel GOP driver",
            Self::AmdGop => "AMD GOP driver",
            Self::NvidiaGop => "NVIDIA GOP driver",
            Self::OtherGop => "GOP driver",
            Self::LegacyVideo => "display driver through a legacy VBIOS",
            Self::DisplayWithoutPci => "display driver without a PCI device",
            Self::Ipxe => "iPXE",
            Self::Network => "network driver",
            Self::Unknown => "unknown driver",
        }
    }

    /// What it is there for; nothing of an unknown one.
    #[must_use]
    pub const fn purpose(self) -> Option<&'static str> {
        Some(match self {
            Self::IgdAssignment => {
                "makes the iGPU usable in the VM: gives it OpRegion and stolen memory"
            }
            Self::IgdAssignmentAndGop => {
                "makes the iGPU usable in the VM and lights the screen, for GPUs up to generation 9"
            }
            Self::PlatformGopPolicy => "tells the GOP driver which displays the board has (VBT)",
            Self::IntelGop | Self::AmdGop | Self::NvidiaGop | Self::OtherGop => {
                "draws on the display before the operating system starts"
            }
            Self::LegacyVideo => "uses the board's legacy VBIOS: of no use in a VM",
            Self::DisplayWithoutPci => "draws without a GPU: of no use in a ROM",
            Self::Ipxe => "boots from the network",
            Self::Network => "drives a network card",
            Self::Unknown => return None,
        })
    }
}

/// What a kind was identified by.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Evidence {
    /// This text, at this offset of the driver.
    Text(&'static str, usize),
    /// The GUID of this protocol.
    Protocol(Protocol),
    /// The table of device ids.
    AssignmentTable,
    /// No GUID of these protocols is in it.
    Without(&'static [&'static str]),
    /// The subsystem of its header.
    Subsystem(Subsystem),
    /// The type of the file that it is in.
    FileType(FfsFileType),
    /// The name of the file that it is in, which is that of this module.
    Module(&'static str),
}

/// The file of a firmware volume that a driver is in: its type and its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InFile {
    /// What the file is.
    pub file_type: FfsFileType,
    /// Its name.
    pub name: Guid,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text, at) => write!(f, "the text \"{text}\" at {at:#x}"),
            Self::Protocol(protocol) => {
                write!(f, "the GUID of {} at {:#x}", protocol.name, protocol.offset)
            }
            Self::AssignmentTable => f.write_str("its table of device ids"),
            Self::Without(names) => write!(f, "no GUID of {}", names.join(" and ")),
            Self::Subsystem(subsystem) => {
                write!(
                    f,
                    "its subsystem {} ({})",
                    subsystem.0,
                    subsystem.name().unwrap_or("unknown")
                )
            }
            Self::FileType(own) => {
                write!(f, "its file type {:#04x} ({})", own.0, own.name().unwrap_or("unknown"))
            }
            Self::Module(name) => write!(f, "the GUID of its file, which is {name}'s"),
        }
    }
}

/// Texts that only drivers of one kind hold, the surest first.
const TEXTS: [(&str, DriverKind); 8] = [
    ("Intel(R) GOP Driver", DriverKind::IntelGop),
    ("IgdAssignmentDxe", DriverKind::IgdAssignment),
    ("IgdLegacyModeDisplay", DriverKind::IgdAssignment),
    ("etc/igd-opregion", DriverKind::IgdAssignment),
    ("AMD GOP ", DriverKind::AmdGop),
    ("nvgop-", DriverKind::NvidiaGop),
    ("NV-UEFI-BLD-INFO", DriverKind::NvidiaGop),
    ("iPXE", DriverKind::Ipxe),
];

/// Modules that draw without a device on PCI, by the name of their file (edk2, `OpenCore`).
const WITHOUT_PCI: [(&str, Guid); 4] = [
    (
        "QemuRamfbDxe",
        Guid::new(0xDCE1_B094, 0x7DC6, 0x45D0, [0x9F, 0xDD, 0xD7, 0xFC, 0x3C, 0xC3, 0xE4, 0xEF]),
    ),
    (
        "DisplayDxe",
        Guid::new(0xC5DE_AE31, 0xFAD2, 0x4030, [0x84, 0x1B, 0xCF, 0xC9, 0x64, 0x4D, 0x2C, 0x5B]),
    ),
    (
        "ConSplitterDxe",
        Guid::new(0x408E_DCEC, 0xCF6D, 0x477C, [0xA5, 0xA8, 0xB4, 0x84, 0x4E, 0x3D, 0xE2, 0x81]),
    ),
    (
        "EnableGop",
        Guid::new(0x3FBA_58B1, 0xF8C0, 0x41BC, [0xAC, 0xD8, 0x25, 0x30, 0x43, 0xA3, 0xA1, 0x7F]),
    ),
];

/// `ConPlatformDxe`, which has all that tells a driver of a GPU and is none (edk2,
/// `MdeModulePkg/Universal/Console/ConPlatformDxe`).
const CON_PLATFORM: Guid =
    Guid::new(0x51CC_F399, 0x4FDF, 0x4E55, [0xA4, 0x5B, 0xE1, 0x23, 0xF8, 0x4D, 0x45, 0x6A]);

/// Files of these types hold what drives devices.
const OF_DEVICES: [FfsFileType; 3] =
    [FfsFileType::DRIVER, FfsFileType::PEI_AND_DRIVER, FfsFileType::MM_AND_DRIVER];

/// What setup programs and network stacks have, and no driver of a GPU without [`EDID_ACTIVE`].
const NOT_OF_GPUS: [&str; 2] = [HII_DATABASE, SIMPLE_NETWORK];

/// Protocols that tell a kind where nothing else does.
const PROTOCOLS: [(&str, DriverKind); 2] =
    [(PLATFORM_GOP_POLICY, DriverKind::PlatformGopPolicy), (SIMPLE_NETWORK, DriverKind::Network)];

/// The kind of `driver`, and what tells it. `file` is the file of a volume that it is in; without
/// one it comes from an option ROM.
pub(super) fn of(
    driver: Window<'_>,
    protocols: &[Protocol],
    table: bool,
    file: Option<InFile>,
) -> (DriverKind, Vec<Evidence>) {
    let output = protocol(protocols, GRAPHICS_OUTPUT);
    let is_graphics =
        |kind| matches!(kind, DriverKind::IntelGop | DriverKind::AmdGop | DriverKind::NvidiaGop);
    let of_devices = file.is_none_or(|file| OF_DEVICES.contains(&file.file_type));
    // In a firmware image others talk of these drivers: setup programs do.
    let counts = |kind| !is_graphics(kind) || file.is_none() || (of_devices && output.is_some());
    let by_text = TEXTS.iter().filter(|(_, kind)| counts(*kind));
    let by_text = by_text
        .map(|(text, kind)| Some((*kind, Evidence::Text(text, text::find(driver, text)?.offset))));
    let Some((kind, evidence)) = by_text
        .flatten()
        .next()
        .or_else(|| table.then_some((DriverKind::IgdAssignment, Evidence::AssignmentTable)))
    else {
        return by_protocols(driver, protocols, file);
    };
    // A driver that asks QEMU for the OpRegion and offers a framebuffer itself.
    let binding = protocol(protocols, DRIVER_BINDING);
    if let (DriverKind::IgdAssignment, Some(output), Some(binding)) = (kind, output, binding) {
        let all = vec![evidence, Evidence::Protocol(output), Evidence::Protocol(binding)];
        return (DriverKind::IgdAssignmentAndGop, all);
    }
    let mut all = vec![evidence];
    all.extend(output.filter(|_| is_graphics(kind)).map(Evidence::Protocol));
    if table && kind == DriverKind::IgdAssignment && !all.contains(&Evidence::AssignmentTable) {
        all.push(Evidence::AssignmentTable);
    }
    (kind, all)
}

fn protocol(protocols: &[Protocol], name: &str) -> Option<Protocol> {
    protocols.iter().find(|protocol| protocol.name == name).copied()
}

fn by_protocols(
    driver: Window<'_>,
    protocols: &[Protocol],
    file: Option<InFile>,
) -> (DriverKind, Vec<Evidence>) {
    let without_pci = file.and_then(|file| WITHOUT_PCI.iter().find(|(_, guid)| *guid == file.name));
    if let Some((name, _)) = without_pci {
        return (DriverKind::DisplayWithoutPci, vec![Evidence::Module(name)]);
    }
    // `EnableGop` of OpenCore sets consoles up, and a GPU's own driver does not.
    let output = protocol(protocols, GRAPHICS_OUTPUT);
    let console = protocol(protocols, CONSOLE_CONTROL).filter(|_| file.is_none());
    if let (Some(output), Some(console)) = (output, console) {
        let evidence = vec![Evidence::Protocol(output), Evidence::Protocol(console)];
        return (DriverKind::DisplayWithoutPci, evidence);
    }
    if let Some(found) = graphics(driver, protocols, file) {
        return found;
    }
    // In a firmware image half of all modules talk to a network.
    let binding = protocol(protocols, DRIVER_BINDING);
    let counts = |kind| kind != DriverKind::Network || file.is_none() || binding.is_some();
    let known = PROTOCOLS.iter().filter(|(_, kind)| counts(*kind)).find_map(|(name, kind)| {
        Some((*kind, vec![Evidence::Protocol(protocol(protocols, name)?)]))
    });
    known.unwrap_or((DriverKind::Unknown, Vec::new()))
}

/// Whether it is a driver of a GPU, and all that tells so.
///
/// Half of a firmware image uses Graphics Output. Of 216 modules with its GUID in 22 images, and of
/// 92 in 10 others, these conditions together hold for the 27 and the 16 that drive a GPU, and for
/// no other. What a driver installs does not tell: Intel's build the call from tables.
fn graphics(
    driver: Window<'_>,
    protocols: &[Protocol],
    file: Option<InFile>,
) -> Option<(DriverKind, Vec<Evidence>)> {
    let output = protocol(protocols, GRAPHICS_OUTPUT)?;
    if file.is_some_and(|file| !OF_DEVICES.contains(&file.file_type) || file.name == CON_PLATFORM) {
        return None;
    }
    let subsystem = subsystem(driver).filter(|subsystem| subsystem.is_driver())?;
    let pci = protocol(protocols, PCI_IO)?;
    let binding = protocol(protocols, DRIVER_BINDING)?;
    let last = match protocol(protocols, EDID_ACTIVE) {
        Some(edid) => Evidence::Protocol(edid),
        None if NOT_OF_GPUS.iter().any(|name| protocol(protocols, name).is_some()) => return None,
        None => Evidence::Without(&NOT_OF_GPUS),
    };
    let legacy = protocol(protocols, LEGACY_BIOS);
    let kind = if legacy.is_some() { DriverKind::LegacyVideo } else { DriverKind::OtherGop };
    let mut evidence: Vec<Evidence> = [Some(output), Some(pci), Some(binding), legacy]
        .into_iter()
        .flatten()
        .map(Evidence::Protocol)
        .collect();
    evidence.push(last);
    evidence.push(Evidence::Subsystem(subsystem));
    evidence.extend(file.map(|file| Evidence::FileType(file.file_type)));
    Some((kind, evidence))
}

/// The subsystem of a PE or TE image.
fn subsystem(driver: Window<'_>) -> Option<Subsystem> {
    if driver.has(0, &TeHeader::SIGNATURE) {
        return structure::<TeHeader>(driver, 0).map(|header| header.subsystem());
    }
    match read::payload(driver, &Limits::DEFAULT) {
        Payload::Pe(pe) => Some(pe.subsystem),
        _ => None,
    }
}

/// What AMD's drivers have before their version (UBU: the last one for arm64).
const AMD_VERSIONS: [&str; 4] =
    ["Release Driver Rev.", "Rel Driver Rev.", "Release Driver, Rev.", "Rel Driver, Rev."];

/// The version that a GOP driver names. Intel's hold none as text.
pub(super) fn version(driver: Window<'_>, kind: DriverKind) -> Option<String> {
    let behind = |label: &str| {
        let text = text::behind(driver, text::find(driver, label)?);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    match kind {
        DriverKind::AmdGop => {
            let text = AMD_VERSIONS.iter().find_map(|label| behind(label))?;
            // The number ends where the date begins.
            let number = text
                .split(|letter: char| letter.is_ascii_alphabetic())
                .next()?
                .trim_end_matches('.');
            Some(number.to_owned()).filter(|number| !number.is_empty())
        }
        DriverKind::NvidiaGop => behind("VER:"),
        DriverKind::IgdAssignment
        | DriverKind::IgdAssignmentAndGop
        | DriverKind::PlatformGopPolicy
        | DriverKind::IntelGop
        | DriverKind::OtherGop
        | DriverKind::LegacyVideo
        | DriverKind::DisplayWithoutPci
        | DriverKind::Ipxe
        | DriverKind::Network
        | DriverKind::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_of_evidence_is_told_once() {
        let evidence = |text: &str, table| of(Window::of_file(text.as_bytes()), &[], table, None);
        assert_eq!(
            evidence("", true),
            (DriverKind::IgdAssignment, vec![Evidence::AssignmentTable])
        );
        let named = Evidence::Text("IgdAssignmentDxe", 0);
        assert_eq!(
            evidence("IgdAssignmentDxe", false),
            (DriverKind::IgdAssignment, vec![named.clone()])
        );
        assert_eq!(
            evidence("IgdAssignmentDxe", true),
            (DriverKind::IgdAssignment, vec![named, Evidence::AssignmentTable])
        );
        assert_eq!(evidence("iPXE", true), (DriverKind::Ipxe, vec![Evidence::Text("iPXE", 0)]));
        assert_eq!(evidence("", false), (DriverKind::Unknown, Vec::new()));
    }

    #[test]
    fn i915ovmf_and_enable_gop_are_kinds_of_their_own() {
        let all = |names: &[&'static str]| -> Vec<Protocol> {
            names.iter().map(|name| Protocol { name, offset: 1 }).collect()
        };
        let kind = |text: &str, names: &[&'static str]| {
            of(Window::of_file(text.as_bytes()), &all(names), false, None).0
        };
        let text = "etc/igd-opregion";
        let both = [GRAPHICS_OUTPUT, DRIVER_BINDING, PCI_IO];
        assert_eq!(kind(text, &both), DriverKind::IgdAssignmentAndGop);
        assert_eq!(kind(text, &[PCI_IO]), DriverKind::IgdAssignment);
        let console = [GRAPHICS_OUTPUT, DRIVER_BINDING, PCI_IO, CONSOLE_CONTROL];
        assert_eq!(kind("", &console), DriverKind::DisplayWithoutPci);
        assert_eq!(kind("AMD GOP X64 Release", &console), DriverKind::AmdGop);
    }

    #[test]
    fn a_version_is_what_stands_behind_its_label() {
        let of = |text: &str, kind| version(Window::of_file(text.as_bytes()), kind);
        assert_eq!(
            of("AMD GOP Release Driver Rev.1.68.0.Jun 13 2019\0", DriverKind::AmdGop).as_deref(),
            Some("1.68.0")
        );
        assert_eq!(
            of("AMD GOP X64 Rel Driver Rev.3.7.10.Mar 2\0", DriverKind::AmdGop).as_deref(),
            Some("3.7.10")
        );
        assert_eq!(
            of("AMD GOP Release Driver, Rev. 1.2.3\0", DriverKind::AmdGop).as_deref(),
            Some("1.2.3")
        );
        let wide: Vec<u8> =
            "Rel Driver Rev.2.18.0.Jan".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(version(Window::of_file(&wide), DriverKind::AmdGop).as_deref(), Some("2.18.0"));
        assert_eq!(
            of("nvgop-gp1xx VER: 10048 \0", DriverKind::NvidiaGop).as_deref(),
            Some("10048")
        );
        assert_eq!(of("nvgop-gp1xx VER:\0", DriverKind::NvidiaGop), None);
        assert_eq!(of("Release Driver Rev.Jun\0", DriverKind::AmdGop), None);
        assert_eq!(of("VER: 10048\0", DriverKind::IntelGop), None);
    }
}
