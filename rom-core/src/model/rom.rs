//! The file as a whole.

use super::{Image, LostImage};
use crate::bytes::{Span, Window};

/// A file read as an option ROM.
#[derive(Clone, Debug)]
pub struct Rom<'a> {
    /// Bytes of the file, or of the part that was looked at.
    pub window: Window<'a>,
    /// The images, in the order of the file.
    pub images: Vec<Image<'a>>,
    /// Parts that tile the file exactly, in order.
    pub regions: Vec<Region>,
    /// Why no image follows the last one read.
    pub end: ChainEnd,
    /// Whether the file is longer than the limit, so that its end was not looked at.
    pub cut_by_limit: bool,
}

/// A part of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// What it is.
    pub kind: RegionKind,
    /// Where it is.
    pub span: Span,
    /// What is left in it of an image that firmware does not find.
    pub lost: Option<LostImage>,
}

/// What a part of the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RegionKind {
    /// The image of this index.
    Image(usize),
    /// What is before the first image.
    Container,
    /// 00 or FF bytes, between images or at the end.
    Padding,
    /// Data behind the last image, or between images.
    Trailing,
    /// A file that holds no image at all.
    Unread,
}

impl RegionKind {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image(_) => "image",
            Self::Container => "container",
            Self::Padding => "padding",
            Self::Trailing => "trailing",
            Self::Unread => "unread",
        }
    }
}

/// Why the chain of images ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// There was no image.
    NoImage,
    /// The last image is marked as last.
    Marked {
        /// Where another image begins behind it, if one does.
        hidden: Option<usize>,
    },
    /// The last image ends where the file ends, and is not marked as last.
    EndOfFile,
    /// The last image is not marked as last, and what follows it holds no image.
    NothingFollows,
    /// The last image is longer than the file.
    Truncated {
        /// Bytes that are missing.
        missing: usize,
    },
    /// The last image says that it is 0 bytes long.
    ZeroLength,
    /// The last image has no readable PCI data structure, so that nobody knows where the next
    /// begins.
    Unreadable,
    /// The limit on images was reached.
    Limit,
}
