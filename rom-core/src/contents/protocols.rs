//! Protocols that a driver uses or offers, by the GUIDs that are in it.

use crate::bytes::Window;
use crate::layout::Guid;
use memchr::memmem;

/// A protocol and where its GUID stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Protocol {
    /// Its usual name.
    pub name: &'static str,
    /// Offset of the GUID in the driver.
    pub offset: usize,
}

/// Offers a framebuffer (UEFI 2.10, 12.9).
pub(super) const GRAPHICS_OUTPUT: &str = "Graphics Output";
/// Drives a network card (UEFI 2.10, 24.1).
pub(super) const SIMPLE_NETWORK: &str = "Simple Network";
/// Hands a GOP driver its VBT and what it should know of the board (edk2-platforms,
/// `IntelSiliconPkg`: `PlatformGopPolicy.h`).
pub(super) const PLATFORM_GOP_POLICY: &str = "Platform GOP Policy";

/// Starts a driver on a device (UEFI 2.10, 11.1).
pub(super) const DRIVER_BINDING: &str = "Driver Binding";
/// Reaches a device on PCI (UEFI 2.10, 14.4).
pub(super) const PCI_IO: &str = "PCI I/O";
/// The EDID of a monitor that is in use (UEFI 2.10, 12.9).
pub(super) const EDID_ACTIVE: &str = "EDID Active";
/// Keeps the forms of a setup program (UEFI 2.10, 34).
pub(super) const HII_DATABASE: &str = "HII Database";
/// Switches a console between text and graphics, before UEFI 2.0 and on Macs (Intel's Framework,
/// `ConsoleControl.h`).
pub(super) const CONSOLE_CONTROL: &str = "Console Control";
/// Calls a legacy BIOS (Intel's Framework, Compatibility Support Module).
pub(super) const LEGACY_BIOS: &str = "Legacy BIOS";

/// Protocols that tell what a driver is for (UEFI 2.10: 9.1, 11, 12.9, 13.4, 14.4, 24.1, 24.2 and
/// 25.1).
const KNOWN: [(&str, Guid); 16] = [
    (
        DRIVER_BINDING,
        Guid::new(0x18A0_31AB, 0xB443, 0x4D1A, [0xA5, 0xC0, 0x0C, 0x09, 0x26, 0x1E, 0x9F, 0x71]),
    ),
    (
        "Component Name 2",
        Guid::new(0x6A7A_5CFF, 0xE8D9, 0x4F70, [0xBA, 0xDA, 0x75, 0xAB, 0x30, 0x25, 0xCE, 0x14]),
    ),
    (
        PCI_IO,
        Guid::new(0x4CF5_B200, 0x68B8, 0x4CA5, [0x9E, 0xEC, 0xB2, 0x3E, 0x3F, 0x50, 0x02, 0x9A]),
    ),
    (
        GRAPHICS_OUTPUT,
        Guid::new(0x9042_A9DE, 0x23DC, 0x4A38, [0x96, 0xFB, 0x7A, 0xDE, 0xD0, 0x80, 0x51, 0x6A]),
    ),
    (
        "EDID Discovered",
        Guid::new(0x1C0C_34F6, 0xD380, 0x41FA, [0xA0, 0x49, 0x8A, 0xD0, 0x6C, 0x1A, 0x66, 0xAA]),
    ),
    (
        EDID_ACTIVE,
        Guid::new(0xBD8C_1056, 0x9F36, 0x44EC, [0x92, 0xA8, 0xA6, 0x33, 0x7F, 0x81, 0x79, 0x86]),
    ),
    (
        "EDID Override",
        Guid::new(0x48EC_B431, 0xFB72, 0x45C0, [0xA9, 0x22, 0xF4, 0x58, 0xFE, 0x04, 0x0B, 0xD5]),
    ),
    (
        PLATFORM_GOP_POLICY,
        Guid::new(0xEC2E_931B, 0x3281, 0x48A5, [0x81, 0x07, 0xDF, 0x8A, 0x8B, 0xED, 0x3C, 0x5D]),
    ),
    (
        SIMPLE_NETWORK,
        Guid::new(0xA198_32B9, 0xAC25, 0x11D3, [0x9A, 0x2D, 0x00, 0x90, 0x27, 0x3F, 0xC1, 0x4D]),
    ),
    (
        "Network Interface Identifier",
        Guid::new(0x1ACE_D566, 0x76ED, 0x4218, [0xBC, 0x81, 0x76, 0x7F, 0x1F, 0x97, 0x7A, 0x89]),
    ),
    (
        "Block I/O",
        Guid::new(0x964E_5B21, 0x6459, 0x11D2, [0x8E, 0x39, 0x00, 0xA0, 0xC9, 0x69, 0x72, 0x3B]),
    ),
    (
        "Extended SCSI Pass Thru",
        Guid::new(0x143B_7632, 0xB81B, 0x4CB7, [0xAB, 0xD3, 0xB6, 0x25, 0xA5, 0xB9, 0xBF, 0xFE]),
    ),
    (
        "Driver Supported EFI Version",
        Guid::new(0x5C19_8761, 0x16A8, 0x4E69, [0x97, 0x2C, 0x89, 0xD6, 0x79, 0x54, 0xF8, 0x1D]),
    ),
    (
        HII_DATABASE,
        Guid::new(0xEF9F_C172, 0xA1B2, 0x4693, [0xB3, 0x27, 0x6D, 0x32, 0xFC, 0x41, 0x60, 0x42]),
    ),
    (
        CONSOLE_CONTROL,
        Guid::new(0xF42F_7782, 0x012E, 0x4C12, [0x99, 0x56, 0x49, 0xF9, 0x43, 0x04, 0xF7, 0x21]),
    ),
    (
        LEGACY_BIOS,
        Guid::new(0xDB9A_1E3D, 0x45CB, 0x4ABB, [0x85, 0x3B, 0xE5, 0x38, 0x7F, 0xDB, 0x2E, 0x2D]),
    ),
];

/// The known protocols whose GUIDs are in `driver`.
pub(super) fn find(driver: Window<'_>) -> Vec<Protocol> {
    KNOWN
        .iter()
        .filter_map(|(name, guid)| {
            memmem::find(driver.bytes(), &guid.0).map(|offset| Protocol { name, offset })
        })
        .collect()
}
