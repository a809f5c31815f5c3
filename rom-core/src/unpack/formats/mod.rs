//! Formats that are found anywhere in a file and hold others: one file each, with how it is found
//! and how it is opened.

mod ami_pfat;
mod ami_ucp;
mod cbfs;
mod dell_pfs;
mod insyde_flash;
mod named;
mod phoenix_tdk;
mod zip;

use super::{Place, Unpacker};
use crate::bytes::{Span, Window};
use memchr::memmem;

/// A format of update files and archives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// AMI's, for boards with Intel BIOS Guard.
    AmiPfat,
    /// AMI's utility configuration program.
    AmiUcp,
    /// coreboot's file system.
    Cbfs,
    /// Dell's: a packed stream, or the list of entries in one.
    DellPfs,
    /// A part of Insyde's flash program.
    InsydeFlash,
    /// Phoenix's packer.
    PhoenixTdk,
    /// A ZIP archive.
    Zip,
}

impl Format {
    /// What it is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AmiPfat => "AMI BIOS Guard update (PFAT)",
            Self::AmiUcp => "AMI update program (UCP)",
            Self::Cbfs => "coreboot file system (CBFS)",
            Self::DellPfs => "Dell update (PFS)",
            Self::InsydeFlash => "Insyde update (iFlash)",
            Self::PhoenixTdk => "Phoenix update (TDK)",
            Self::Zip => "ZIP archive",
        }
    }
}

/// How a format is found in a stretch of bytes, and how each of it is opened.
#[derive(Clone, Copy)]
pub(super) struct Reader {
    /// Where it is: the whole of each, outermost ones only where that can be told.
    pub(super) find: fn(Window<'_>) -> Vec<Span>,
    /// Adds what is in the one that fills the place.
    pub(super) open: fn(&mut Unpacker<'_>, Place, usize),
    /// Whether it ends at the latest where another begins: nothing in it says how long it is.
    pub(super) yields: bool,
}

/// All formats but volumes.
pub(super) const READERS: [Reader; 8] = [
    ami_pfat::READER,
    dell_pfs::READER,
    insyde_flash::READER,
    ami_ucp::READER,
    phoenix_tdk::READER,
    zip::READER,
    cbfs::READER,
    named::READER,
];

/// Things of one format that are looked at in one stretch of bytes. Real files have a hundred at
/// most.
const MOST: usize = 4096;

/// What `read` makes of each place of `signature`, which is `at` bytes into what it marks; one does
/// not begin inside of another.
fn find(
    window: Window<'_>,
    signature: &[u8],
    at: usize,
    read: impl Fn(Window<'_>) -> Option<usize>,
) -> Vec<Span> {
    let mut found = Vec::new();
    let mut end = 0;
    for hit in memmem::find_iter(window.bytes(), signature).take(MOST) {
        let Some(start) = hit.checked_sub(at).filter(|start| *start >= end) else { continue };
        let Some(length) = window.from(start).and_then(&read) else { continue };
        found.push(Span::new(start, length));
        end = start.saturating_add(length);
    }
    found
}

/// A size of a header, as a number of bytes.
fn size(value: u32) -> usize {
    usize::try_from(value).unwrap_or(usize::MAX)
}

/// A name that is filled up with zeros, as far as it can be printed.
fn printable(bytes: &[u8]) -> String {
    let own = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    String::from_utf8_lossy(own).trim().chars().filter(|letter| !letter.is_control()).collect()
}
