//! What kind of driver it is, by what stands in it.

use super::protocols::{GRAPHICS_OUTPUT, PLATFORM_GOP_POLICY, Protocol, SIMPLE_NETWORK};
use super::text;
use crate::bytes::Window;
use std::fmt;

/// What a driver is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DriverKind {
    /// Prepares an Intel iGPU that is handed to a VM: `OpRegion` and stolen memory.
    IgdAssignment,
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
            Self::PlatformGopPolicy => "platform-gop-policy",
            Self::IntelGop => "intel-gop",
            Self::AmdGop => "amd-gop",
            Self::NvidiaGop => "nvidia-gop",
            Self::OtherGop => "gop",
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
            Self::PlatformGopPolicy => "Platform GOP policy",
            Self::IntelGop => "Intel GOP driver",
            Self::AmdGop => "AMD GOP driver",
            Self::NvidiaGop => "NVIDIA GOP driver",
            Self::OtherGop => "GOP driver",
            Self::Ipxe => "iPXE",
            Self::Network => "network driver",
            Self::Unknown => "unknown driver",
        }
    }

    /// What it is there for; nothing of an unknown one.
    #[must_use]
    pub const fn purpose(self) -> Option<&'static str> {
        Some(match self {
            Self::IgdAssignment => "makes the iGPU usable in the VM: gives it OpRegion and stolen memory",
            Self::PlatformGopPolicy => "tells the GOP driver which screens the board has (VBT)",
            Self::IntelGop | Self::AmdGop | Self::NvidiaGop | Self::OtherGop => {
                "lights the screen before the operating system starts"
            }
            Self::Ipxe => "boots from the network",
            Self::Network => "drives a network card",
            Self::Unknown => return None,
        })
    }
}

/// What a kind was told by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// This text, at this offset of the driver.
    Text(&'static str, usize),
    /// The GUID of this protocol.
    Protocol(Protocol),
    /// The table of device ids.
    AssignmentTable,
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text, at) => write!(f, "the text \"{text}\" at {at:#x}"),
            Self::Protocol(protocol) => write!(f, "the GUID of {} at {:#x}", protocol.name, protocol.offset),
            Self::AssignmentTable => f.write_str("its table of device ids"),
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

/// Protocols that tell a kind where no text does.
const PROTOCOLS: [(&str, DriverKind); 3] = [
    (GRAPHICS_OUTPUT, DriverKind::OtherGop),
    (PLATFORM_GOP_POLICY, DriverKind::PlatformGopPolicy),
    (SIMPLE_NETWORK, DriverKind::Network),
];

/// The kind of `driver`, and what tells it.
pub(super) fn of(driver: Window<'_>, protocols: &[Protocol], table: bool) -> (DriverKind, Vec<Evidence>) {
    let by_text = TEXTS.iter().find_map(|(text, kind)| Some((*kind, Evidence::Text(text, text::find(driver, text)?.offset))));
    let by_table = || table.then_some((DriverKind::IgdAssignment, Evidence::AssignmentTable));
    let by_protocol = || {
        PROTOCOLS.iter().find_map(|(name, kind)| {
            let protocol = protocols.iter().find(|protocol| protocol.name == *name)?;
            Some((*kind, Evidence::Protocol(*protocol)))
        })
    };
    let Some((kind, evidence)) = by_text.or_else(by_table).or_else(by_protocol) else {
        return (DriverKind::Unknown, Vec::new());
    };
    let mut all = vec![evidence];
    let graphics = matches!(kind, DriverKind::IntelGop | DriverKind::AmdGop | DriverKind::NvidiaGop);
    let output = protocols.iter().find(|protocol| protocol.name == GRAPHICS_OUTPUT);
    all.extend(output.filter(|_| graphics).map(|protocol| Evidence::Protocol(*protocol)));
    if table && kind == DriverKind::IgdAssignment && !all.contains(&Evidence::AssignmentTable) {
        all.push(Evidence::AssignmentTable);
    }
    (kind, all)
}

/// The version that a GOP driver names. Intel's hold none as text.
pub(super) fn version(driver: Window<'_>, kind: DriverKind) -> Option<String> {
    let behind = |label: &str| {
        let text = text::behind(driver, text::find(driver, label)?);
        Some(text.trim().to_owned()).filter(|text| !text.is_empty())
    };
    match kind {
        DriverKind::AmdGop => {
            let text = behind("Release Driver Rev.")?;
            // The number ends where the date begins.
            let number = text.split(|letter: char| letter.is_ascii_alphabetic()).next()?.trim_end_matches('.');
            Some(number.to_owned()).filter(|number| !number.is_empty())
        }
        DriverKind::NvidiaGop => behind("VER:"),
        DriverKind::IgdAssignment
        | DriverKind::PlatformGopPolicy
        | DriverKind::IntelGop
        | DriverKind::OtherGop
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
        let evidence = |text: &str, table| of(Window::of_file(text.as_bytes()), &[], table);
        assert_eq!(evidence("", true), (DriverKind::IgdAssignment, vec![Evidence::AssignmentTable]));
        let named = Evidence::Text("IgdAssignmentDxe", 0);
        assert_eq!(evidence("IgdAssignmentDxe", false), (DriverKind::IgdAssignment, vec![named.clone()]));
        assert_eq!(evidence("IgdAssignmentDxe", true), (DriverKind::IgdAssignment, vec![named, Evidence::AssignmentTable]));
        assert_eq!(evidence("iPXE", true), (DriverKind::Ipxe, vec![Evidence::Text("iPXE", 0)]));
        assert_eq!(evidence("", false), (DriverKind::Unknown, Vec::new()));
    }

    #[test]
    fn a_version_is_what_stands_behind_its_label() {
        let of = |text: &str, kind| version(Window::of_file(text.as_bytes()), kind);
        assert_eq!(of("AMD GOP Release Driver Rev.1.68.0.Jun 13 2019\0", DriverKind::AmdGop).as_deref(), Some("1.68.0"));
        assert_eq!(of("nvgop-gp1xx VER: 10048 \0", DriverKind::NvidiaGop).as_deref(), Some("10048"));
        assert_eq!(of("nvgop-gp1xx VER:\0", DriverKind::NvidiaGop), None);
        assert_eq!(of("Release Driver Rev.Jun\0", DriverKind::AmdGop), None);
        assert_eq!(of("VER: 10048\0", DriverKind::IntelGop), None);
    }
}
