//! The header of an EFI image.

use super::field::structure;
use binrw::binrw;
use std::fmt;

structure! {
    /// EFI PCI expansion ROM header (UEFI 2.10, 14.4.2.1). 26 bytes.
    EfiRomHeader, EfiRomHeaderPlaces, "EFI ROM header" {
        /// 0xAA55.
        signature: u16 = "signature" Number,
        /// Length of the image with its headers, in units of 512 bytes.
        initialization_size: u16 = "initialization size" Blocks,
        /// 0x00000EF1.
        efi_signature: u32 = "EFI signature" Number,
        /// Subsystem of the PE image.
        efi_subsystem: Subsystem = "EFI subsystem" Subsystem,
        /// Machine of the PE image.
        efi_machine_type: Machine = "EFI machine type" Machine,
        /// How the PE image is stored.
        compression_type: CompressionType = "compression type" Compression,
        /// Zero.
        reserved: [u8; 8] = "reserved" Raw,
        /// Offset of the PE image, or of the compressed data, from the start of this header, in
        /// bytes.
        efi_image_header_offset: u16 = "EFI image header offset" Offset,
        /// Offset of the PCI data structure from the start of this header, in bytes.
        pcir_offset: u16 = "PCIR offset" Offset,
    }
}

impl EfiRomHeader {
    /// The value of `efi_signature`.
    pub const EFI_SIGNATURE: u32 = 0x0EF1;
    /// `efi_signature` and `efi_subsystem` of a boot service driver, as they are in a file.
    pub const DRIVER_MARK: [u8; 6] = {
        let [a, b, c, d] = Self::EFI_SIGNATURE.to_le_bytes();
        let [e, f] = Subsystem::EFI_BOOT_SERVICE_DRIVER.0.to_le_bytes();
        [a, b, c, d, e, f]
    };
}

/// PE machine (PE/COFF, 3.3.1; UEFI 2.10, 2.1.1).
#[binrw]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Machine(pub u16);

impl Machine {
    /// 32-bit x86.
    pub const IA32: Self = Self(0x014C);
    /// Itanium.
    pub const IA64: Self = Self(0x0200);
    /// EFI byte code.
    pub const EBC: Self = Self(0x0EBC);
    /// 32-bit Arm.
    pub const ARM: Self = Self(0x01C2);
    /// 64-bit Arm.
    pub const AARCH64: Self = Self(0xAA64);
    /// 64-bit RISC-V.
    pub const RISCV64: Self = Self(0x5064);
    /// 64-bit `LoongArch`.
    pub const LOONGARCH64: Self = Self(0x6264);
    /// 64-bit x86.
    pub const X64: Self = Self(0x8664);

    /// The usual name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::IA32 => "x86",
            Self::IA64 => "Itanium",
            Self::EBC => "EFI byte code",
            Self::ARM => "arm",
            Self::AARCH64 => "arm64",
            Self::RISCV64 => "riscv64",
            Self::LOONGARCH64 => "loongarch64",
            Self::X64 => "x86-64",
            _ => return None,
        })
    }
}

/// PE subsystem (PE/COFF, 3.4.2; UEFI 2.10, 2.1.1).
#[binrw]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subsystem(pub u16);

impl Subsystem {
    /// EFI application.
    pub const EFI_APPLICATION: Self = Self(10);
    /// EFI driver that leaves when the operating system starts.
    pub const EFI_BOOT_SERVICE_DRIVER: Self = Self(11);
    /// EFI driver that stays.
    pub const EFI_RUNTIME_DRIVER: Self = Self(12);

    /// The usual name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::EFI_APPLICATION => "application",
            Self::EFI_BOOT_SERVICE_DRIVER => "boot service driver",
            Self::EFI_RUNTIME_DRIVER => "runtime driver",
            _ => return None,
        })
    }

    /// Whether firmware starts such an image out of an option ROM.
    #[must_use]
    pub const fn is_driver(self) -> bool {
        matches!(self, Self::EFI_BOOT_SERVICE_DRIVER | Self::EFI_RUNTIME_DRIVER)
    }
}

/// How the PE image of an EFI image is stored (UEFI 2.10, table 14.24).
#[binrw]
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CompressionType(pub u16);

impl CompressionType {
    /// As it is.
    pub const NONE: Self = Self(0);
    /// With the UEFI compression algorithm (UEFI 2.10, 19).
    pub const UEFI: Self = Self(1);

    /// The usual name.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NONE => "none",
            Self::UEFI => "UEFI",
            _ => return None,
        })
    }
}

macro_rules! named_hex {
    ($($type:ident)*) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.name() {
                    Some(name) => f.write_str(name),
                    None => write!(f, "{:#x}", self.0),
                }
            }
        }
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($type), "({:#x})"), self.0)
            }
        }
    )*};
}
named_hex!(Machine Subsystem CompressionType);
