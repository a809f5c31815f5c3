//! UEFI capsules: what a BIOS update file can be wrapped in.

use super::Guid;
use binrw::binrw;

/// Capsule header (UEFI 2.10, 8.5.3.1). 28 bytes.
#[binrw]
#[brw(little)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapsuleHeader {
    /// Whose capsule it is.
    pub capsule_guid: Guid,
    /// Bytes of the header, with what a vendor adds to it.
    pub header_size: u32,
    /// How it is to be passed on.
    pub flags: u32,
    /// Bytes of the capsule, the header included.
    pub capsule_image_size: u32,
}

impl CapsuleHeader {
    /// Bytes of the structure.
    pub(crate) const SIZE: usize = 28;

    /// Capsules of AMI's Aptio: behind the header is where the image begins, in 16 bits.
    pub const APTIO: [Guid; 2] = [
        Guid::new(0x4A3C_A68B, 0x7723, 0x48FB, [0x80, 0x3D, 0x57, 0x8C, 0xC1, 0xFE, 0xC4, 0x4D]),
        Guid::new(0x14EE_BB90, 0x890A, 0x43DB, [0xAE, 0xD1, 0x5D, 0x3C, 0x45, 0x88, 0xA4, 0x18]),
    ];
    /// Toshiba's: the bytes of all come before the flags.
    pub(crate) const TOSHIBA: Guid =
        Guid::new(0x3BE0_7062, 0x1D51, 0x45D2, [0x83, 0x2B, 0xF0, 0x93, 0x25, 0x7E, 0xD4, 0x61]);

    /// Whose capsules these are.
    pub const KNOWN: [(Guid, &str); 8] = [
        (
            Guid::new(
                0x3B66_86BD,
                0x0D76,
                0x4030,
                [0xB7, 0x0E, 0xB5, 0x51, 0x9E, 0x2F, 0xC5, 0xA0],
            ),
            "UEFI capsule",
        ),
        (
            Guid::new(
                0x6DCB_D5ED,
                0xE82D,
                0x4C44,
                [0xBD, 0xA1, 0x71, 0x94, 0x19, 0x9A, 0xD9, 0x2A],
            ),
            "UEFI FMP capsule",
        ),
        (Self::APTIO[0], "AMI Aptio capsule, signed"),
        (Self::APTIO[1], "AMI Aptio capsule"),
        (
            Guid::new(
                0x5391_82B9,
                0xABB5,
                0x4391,
                [0xB6, 0x9A, 0xE3, 0xA9, 0x43, 0xF7, 0x2F, 0xCC],
            ),
            "Intel capsule",
        ),
        (
            Guid::new(
                0xE20B_AFD3,
                0x9914,
                0x4F4F,
                [0x95, 0x37, 0x31, 0x29, 0xE0, 0x90, 0xEB, 0x3C],
            ),
            "Lenovo capsule",
        ),
        (
            Guid::new(
                0x25B5_FE76,
                0x8243,
                0x4A5C,
                [0xA9, 0xBD, 0x7E, 0xE3, 0x24, 0x61, 0x98, 0xB5],
            ),
            "Lenovo capsule",
        ),
        (Self::TOSHIBA, "Toshiba capsule"),
    ];
}
