//! The specification, as TOML has it.

use crate::bytes::Span;
use crate::layout::Algorithm;
use crate::limits::Limits;
use std::fmt;

/// Images of a specification: more than are read, so that this can be shown, and no more than twice
/// as many.
pub(super) const MOST_IMAGES: usize = 2 * Limits::DEFAULT.images;

/// What a file consists of: what is before the images, the images, what is after them.
#[derive(Clone, Debug, Default)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Spec {
    /// What the file shows, for its reader.
    pub purpose: String,
    /// What is before the first image, or instead of any.
    #[cfg_attr(feature = "serde", serde(default))]
    pub before: Vec<Content>,
    /// The images.
    #[cfg_attr(feature = "serde", serde(default))]
    pub image: Vec<Image>,
    /// What is after the last image.
    #[cfg_attr(feature = "serde", serde(default))]
    pub after: Vec<Content>,
    /// Bytes of the file to overwrite at the end.
    #[cfg_attr(feature = "serde", serde(default))]
    pub patch: Vec<Patch>,
    /// Bytes to keep, after all else.
    pub cut_to: Option<usize>,
}

/// Bytes that stand for themselves: around images, or in a driver behind its code.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged, deny_unknown_fields))]
pub enum Content {
    /// Text, in UTF-8.
    Text {
        /// The text.
        text: String,
    },
    /// Bytes in hex, with white space where it helps.
    Hex {
        /// The digits.
        hex: String,
    },
    /// One byte again and again.
    Fill {
        /// The byte.
        fill: u8,
        /// How often.
        length: usize,
    },
    /// 16-bit words, little-endian: a list of device ids as Intel's GOP drivers hold it.
    Words {
        /// The words.
        words: Vec<u16>,
    },
    /// A table of device ids as IGD assignment drivers hold it: records of 16 bytes.
    AssignmentTable {
        /// The device ids.
        assignment_table: Vec<u16>,
    },
    /// The bytes of a file.
    File {
        /// Its name.
        file: String,
        /// Its bytes.
        #[cfg_attr(feature = "serde", serde(skip))]
        given: Option<Vec<u8>>,
    },
}

impl Content {
    /// The file that it is, and the place of its bytes.
    fn file(&mut self) -> Option<(&str, &mut Option<Vec<u8>>)> {
        match self {
            Self::File { file, given } => Some((file, given)),
            _ => None,
        }
    }
}

/// An image. Numbers are as the format has them; what is absent is computed.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Image {
    /// `efi` or `legacy`, or a number for another code type.
    pub kind: Kind,
    /// Vendor id.
    #[cfg_attr(feature = "serde", serde(default = "intel"))]
    pub vendor: u16,
    /// Device id.
    #[cfg_attr(feature = "serde", serde(default = "any_device"))]
    pub device: u16,
    /// Class code.
    #[cfg_attr(feature = "serde", serde(default))]
    pub class: u32,
    /// Further device ids: a device list.
    #[cfg_attr(feature = "serde", serde(default))]
    pub devices: Vec<u16>,
    /// Revision of the PCI data structure.
    #[cfg_attr(feature = "serde", serde(default = "revision_3"))]
    pub revision: u8,
    /// Where the PCI data structure stands; 0x1c if absent.
    pub pcir_at: Option<u16>,
    /// Whether there is a PCI data structure at all.
    #[cfg_attr(feature = "serde", serde(default = "yes"))]
    pub pcir: bool,
    /// The vendor's version.
    #[cfg_attr(feature = "serde", serde(default))]
    pub code_revision: u16,
    /// Whether it is marked as last; the last one is if this is absent.
    pub last: Option<bool>,
    /// Least length in units of 512 bytes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub blocks: u16,
    /// NVIDIA's extension: the length in it, in units of 512 bytes.
    pub npde: Option<u16>,
    /// Number of $PnP headers of a legacy image.
    #[cfg_attr(feature = "serde", serde(default))]
    pub pnp: u16,
    /// Pointers that revision 3 adds: configuration utility, DMTF CLP entry point.
    #[cfg_attr(feature = "serde", serde(default))]
    pub pointers: [u16; 2],
    /// Run-time length in units of 512 bytes.
    #[cfg_attr(feature = "serde", serde(default))]
    pub run_time_blocks: u16,
    /// The driver of an EFI image.
    #[cfg_attr(feature = "serde", serde(default))]
    pub driver: Driver,
    /// Where the driver of an EFI image or the code of a legacy image begins; the first multiple of
    /// 64 behind the headers if absent.
    pub driver_at: Option<u16>,
    /// Whether the driver ends where the image ends, as `EfiRom` places it, and as a signed one has
    /// to be: firmware hashes what is behind it too.
    #[cfg_attr(feature = "serde", serde(default))]
    pub flush: bool,
    /// A file with the whole image. Only its mark as the last one and its checksum are made again.
    pub file: Option<String>,
    /// The bytes of that file.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub given: Option<Vec<u8>>,
    /// The code of a legacy image in hex; at once back to the BIOS if absent.
    pub code: Option<String>,
    /// Whether the driver is stored compressed, or how: `"tiano"` is a variant that firmware does
    /// not know.
    #[cfg_attr(feature = "serde", serde(default))]
    pub compressed: Compressed,
    /// Bytes of the image to overwrite before its checksum is made.
    #[cfg_attr(feature = "serde", serde(default))]
    pub patch: Vec<Patch>,
    /// Bytes of the image to overwrite after that.
    #[cfg_attr(feature = "serde", serde(default))]
    pub damage: Vec<Patch>,
    /// What stands between this image and the next.
    #[cfg_attr(feature = "serde", serde(default))]
    pub after: Vec<Content>,
}

impl Image {
    /// An image of this kind for any Intel GPU.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            vendor: intel(),
            device: any_device(),
            class: 0,
            devices: Vec::new(),
            revision: revision_3(),
            pcir_at: None,
            pcir: yes(),
            code_revision: 0,
            last: None,
            blocks: 0,
            npde: None,
            pnp: 0,
            pointers: [0; 2],
            run_time_blocks: 0,
            driver: Driver::default(),
            driver_at: None,
            flush: false,
            file: None,
            given: None,
            code: None,
            compressed: Compressed::default(),
            patch: Vec::new(),
            damage: Vec::new(),
            after: Vec::new(),
        }
    }
}

/// How a driver is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum Compressed {
    /// As it is, or with the UEFI algorithm.
    Uefi(bool),
    /// With the algorithm of this name.
    Named(NamedAlgorithm),
}

impl Default for Compressed {
    fn default() -> Self {
        Self::Uefi(false)
    }
}

/// Algorithms that have to be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum NamedAlgorithm {
    /// The Tiano variant.
    Tiano,
    /// The driver is given compressed already, with the UEFI algorithm.
    Stored,
}

impl Compressed {
    /// Whether the driver stands compressed in the image.
    #[must_use]
    pub(crate) const fn is_compressed(self) -> bool {
        !matches!(self, Self::Uefi(false))
    }

    /// The algorithm that has to be run, if there is one.
    #[must_use]
    pub const fn algorithm(self) -> Option<Algorithm> {
        match self {
            Self::Uefi(false) | Self::Named(NamedAlgorithm::Stored) => None,
            Self::Uefi(true) => Some(Algorithm::Uefi),
            Self::Named(NamedAlgorithm::Tiano) => Some(Algorithm::Tiano),
        }
    }
}

/// What an image holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum Kind {
    /// `efi` or `legacy`.
    Named(Named),
    /// Another code type; the image holds nothing but its headers.
    CodeType(u8),
}

/// The kinds that have a payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum Named {
    /// An EFI driver.
    Efi,
    /// Legacy x86 code that returns at once.
    Legacy,
}

/// The driver of an EFI image: a PE image made here, or any bytes.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
pub struct Driver {
    /// PE machine.
    pub machine: u16,
    /// PE subsystem.
    pub subsystem: u16,
    /// Whether it has a .reloc section.
    pub relocations: bool,
    /// Its machine code in hex; what returns success if absent.
    pub code: Option<String>,
    /// Data behind the code, each part on a multiple of 16 bytes.
    pub data: Vec<Content>,
    /// Bytes of the PE image to overwrite.
    pub patch: Vec<Patch>,
    /// The bytes of the driver in hex, instead of a PE image made here.
    pub bytes: Option<String>,
    /// A file with the driver, instead of a PE image made here.
    pub file: Option<String>,
    /// The bytes of that file.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub given: Option<Vec<u8>>,
}

impl Default for Driver {
    fn default() -> Self {
        Self {
            machine: 0x8664,
            subsystem: 11,
            relocations: true,
            code: None,
            data: Vec::new(),
            patch: Vec::new(),
            bytes: None,
            file: None,
            given: None,
        }
    }
}

/// Bytes to overwrite.
#[derive(Clone, Debug)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Patch {
    /// Offset.
    pub at: usize,
    /// The new bytes in hex.
    pub hex: String,
}

fn intel() -> u16 {
    0x8086
}

fn any_device() -> u16 {
    0xFFFF
}

fn revision_3() -> u8 {
    3
}

fn yes() -> bool {
    true
}

impl Spec {
    /// Hands over every file that the specification names, as `read` gives it.
    ///
    /// # Errors
    /// The first error of `read`.
    pub fn give<E>(&mut self, mut read: impl FnMut(&str) -> Result<Vec<u8>, E>) -> Result<(), E> {
        self.for_each_file(|name, given| {
            *given = Some(read(name)?);
            Ok(())
        })
    }

    /// Calls `visit` with the name of every file that is named, and the place of its bytes.
    pub(super) fn for_each_file<E>(
        &mut self,
        mut visit: impl FnMut(&str, &mut Option<Vec<u8>>) -> Result<(), E>,
    ) -> Result<(), E> {
        let images = self.image.iter_mut();
        let of_images = images.flat_map(|image| {
            let own = image.file.as_deref().map(|name| (name, &mut image.given));
            let driver = &mut image.driver;
            let drivers = driver.file.as_deref().map(|name| (name, &mut driver.given));
            let parts = image.after.iter_mut().chain(&mut driver.data).filter_map(Content::file);
            own.into_iter().chain(drivers).chain(parts)
        });
        let around = self.before.iter_mut().chain(&mut self.after).filter_map(Content::file);
        of_images.chain(around).try_for_each(|(name, given)| visit(name, given))
    }
}

/// Why a specification gives no ROM.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ComposeError {
    /// The text is not a specification.
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// Not hex digits.
    Hex(String),
    /// A patch outside of what it patches.
    PatchOutside(Span),
    /// Larger than the field that holds its length.
    TooLarge(&'static str),
    /// No driver can be made for this machine.
    Machine(u16),
    /// A file that was not given.
    File(String),
    /// A file that is not named by a plain name, so that it could be anywhere.
    FileName(String),
    /// More images than are made.
    TooManyImages(usize),
}

impl fmt::Display for ComposeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { line, column, message } => {
                write!(f, "line {line}, column {column}: {message}")
            }
            Self::Hex(text) => write!(f, "{text:?} is not hex"),
            Self::PatchOutside(span) => write!(f, "nothing to overwrite at {span}"),
            Self::TooLarge(what) => write!(f, "{what} is too large"),
            Self::File(name) => write!(f, "{name} is named, but was not given"),
            Self::FileName(name) => {
                write!(f, "{name:?} is not the plain name of a file in the specification's folder")
            }
            Self::TooManyImages(count) => {
                write!(f, "{count} images, but at most {MOST_IMAGES} are possible")
            }
            Self::Machine(machine) => write!(f, "no driver can be made for machine {machine:#x}"),
        }
    }
}

impl std::error::Error for ComposeError {}
