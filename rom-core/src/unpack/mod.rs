//! Firmware images taken apart: BIOS update files, flash dumps, volumes. What is in them is in
//! a list of items, in the order of the file, each with how deep it lies.
//!
//! Nothing here fails as a whole: what cannot be opened is an item of its own that says why.
//!
//! ```
//! use rom_core::compose::volume;
//! use rom_core::layout::{FfsFileType, FirmwareVolumeHeader, Guid};
//! use rom_core::unpack::{ItemKind, UnpackLimits, unpack};
//!
//! let name: Guid = "12345678-1234-1234-1234-123456789abc".parse()?;
//! let file = volume::file(FfsFileType::DRIVER, name, &volume::name("GraphicsDriver")?)?;
//! let bytes = volume::volume(FirmwareVolumeHeader::FFS2, &[file], 0)?;
//!
//! let unpacked = unpack(&bytes, &UnpackLimits::default());
//! assert!(unpacked.items.iter().any(|item| matches!(item.kind, ItemKind::File { .. })));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod codec;
mod formats;
mod found;
mod inside;
mod sections;
mod volume;

pub use formats::Format;
pub use found::{Found, FoundKind, found};

use crate::bytes::{Span, Window};
use crate::layout::{FfsFileType, Guid, SectionType};
use std::borrow::Cow;

/// A firmware image, taken apart.
#[derive(Clone, Debug)]
pub struct Unpacked<'a> {
    /// The file, then everything that was decoded out of it.
    buffers: Vec<Cow<'a, [u8]>>,
    /// What is in it.
    pub items: Vec<Item>,
    /// Whether a limit ended the work.
    pub cut_by_limit: bool,
}

/// Something in a firmware image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// How many items it lies in.
    pub depth: usize,
    /// What it is.
    pub kind: ItemKind,
    /// Where it is.
    pub place: Place,
    /// Its name for people: of a file that has a name section.
    pub name: Option<String>,
}

/// Bytes of a firmware image: of the file or of something that was decoded out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// 0 for the file itself, else the number of the decoded part.
    pub part: usize,
    /// Where in that part.
    pub span: Span,
}

/// What an item is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ItemKind {
    /// A region of an Intel flash chip, with the name of who uses it.
    Region(&'static str),
    /// A capsule around an update.
    Capsule(&'static str),
    /// A program that something was put behind.
    Program,
    /// An update file, or an archive.
    Container(Format),
    /// A file in an update file. Its name is that of the item.
    Entry,
    /// An option ROM that is in no file of a volume.
    OptionRom,
    /// A firmware volume with this file system, and its own name if it has one.
    Volume(Guid, Option<Guid>),
    /// A file in a volume.
    File(FfsFileType, Guid),
    /// A section of a file. The place is that of its content, without its header.
    Section(SectionType),
    /// Something that was not understood.
    Opaque(Opaque),
}

/// Why something was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opaque {
    /// Encoded in a way that this GUID names, which is not known here: often encryption.
    Guid(Guid),
    /// A volume with a file system of this GUID, which is not known here.
    FileSystem(Guid),
    /// Compressed data that is damaged, or not compressed as it says.
    Damaged,
    /// It would become larger than the limit.
    TooLarge,
    /// It is encrypted, and needs a password.
    Password,
    /// A format that is known by name and not opened.
    Named(&'static str),
    /// Its header says that so many more bytes follow than there are.
    Cut(usize),
    /// Nothing in it is known.
    Unknown,
}

/// Bounds on the work that one firmware image can cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnpackLimits {
    /// Bytes that the file and all that is decoded may have together. The largest flash chips of
    /// PCs have 64 MiB, and decode to as much.
    pub memory: usize,
    /// How deep things may lie in each other. Real images reach 8.
    pub depth: usize,
    /// Items in all. Real images have up to 10,000.
    pub items: usize,
}

impl Default for UnpackLimits {
    fn default() -> Self {
        Self { memory: 160 << 20, depth: 24, items: 50_000 }
    }
}

/// Takes a firmware image apart.
#[must_use]
pub fn unpack<'a>(bytes: &'a [u8], limits: &UnpackLimits) -> Unpacked<'a> {
    let mut unpacker = Unpacker {
        unpacked: Unpacked {
            buffers: vec![Cow::Borrowed(bytes)],
            items: Vec::new(),
            cut_by_limit: false,
        },
        limits: *limits,
        held: bytes.len(),
    };
    let whole = Place { part: 0, span: Span::new(0, bytes.len()) };
    unpacker.open(whole, 0);
    unpacker.unpacked
}

impl Unpacked<'_> {
    /// The bytes at `place`; empty if there are none.
    #[must_use]
    pub fn bytes(&self, place: Place) -> &[u8] {
        self.window(place).map(Window::bytes).unwrap_or_default()
    }

    /// Bytes of the file, for 0, or of the decoded part of this number; 0 if there is none.
    #[must_use]
    pub fn length(&self, part: usize) -> usize {
        self.buffers.get(part).map_or(0, |bytes| bytes.len())
    }

    /// Everything that was not understood, with why. None of it holds another.
    pub fn opaque(&self) -> impl Iterator<Item = (&Item, &Opaque)> {
        self.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Opaque(opaque) => Some((item, opaque)),
            _ => None,
        })
    }

    fn window(&self, place: Place) -> Option<Window<'_>> {
        Window::of_file(self.buffers.get(place.part)?).cut(place.span.offset, place.span.length)
    }
}

/// Letters of a name that are kept.
const LONGEST_NAME: usize = 256;

/// The work while it goes on.
struct Unpacker<'a> {
    unpacked: Unpacked<'a>,
    limits: UnpackLimits,
    /// Bytes of the file, and bytes that were decoded so far.
    held: usize,
}

impl Unpacker<'_> {
    /// Adds an item; its index, or `None` once there are too many or it lies too deep.
    fn add(&mut self, depth: usize, kind: ItemKind, place: Place) -> Option<usize> {
        if self.unpacked.items.len() >= self.limits.items || depth > self.limits.depth {
            self.unpacked.cut_by_limit = true;
            return None;
        }
        self.unpacked.items.push(Item { depth, kind, place, name: None });
        self.unpacked.items.len().checked_sub(1)
    }

    /// Adds something that was not understood.
    fn opaque(&mut self, depth: usize, opaque: Opaque, place: Place) {
        self.add(depth, ItemKind::Opaque(opaque), place);
    }

    /// Adds an item that has a name of its own; whether there was room for it.
    fn named(&mut self, depth: usize, kind: ItemKind, place: Place, name: &str) -> bool {
        let Some(index) = self.add(depth, kind, place) else { return false };
        if let Some(item) = self.unpacked.items.get_mut(index) {
            item.name = Some(name.chars().take(LONGEST_NAME).collect());
        }
        true
    }

    /// Adds something that was decoded as a part of its own.
    fn part(&mut self, bytes: Vec<u8>) -> Place {
        self.held = self.held.saturating_add(bytes.len());
        let span = Span::new(0, bytes.len());
        self.unpacked.buffers.push(Cow::Owned(bytes));
        Place { part: self.unpacked.buffers.len().saturating_sub(1), span }
    }

    /// Bytes that may still be decoded.
    const fn room(&self) -> usize {
        self.limits.memory.saturating_sub(self.held)
    }

    /// The bytes at a place, as a window that counts from its start.
    fn window(&self, place: Place) -> Window<'_> {
        Window::of_file(self.unpacked.bytes(place))
    }
}

impl Place {
    /// A part of this place, by an offset from its start; `None` if it is not all there.
    #[must_use]
    pub const fn inner(self, at: usize, length: usize) -> Option<Self> {
        if at.saturating_add(length) > self.span.length {
            return None;
        }
        Some(Self { part: self.part, span: Span::new(self.span.offset.saturating_add(at), length) })
    }

    /// All of it from `at` on.
    #[must_use]
    pub const fn from(self, at: usize) -> Option<Self> {
        self.inner(at, self.span.length.saturating_sub(at))
    }
}
