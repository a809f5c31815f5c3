//! The chain of images, and the regions that tile the file.

use super::image::{self, Length, find_image, locate};
use super::lost::{self, Place as LostPlace};
use crate::bytes::{Span, Window};
use crate::layout::{BLOCK, RomHeader};
use crate::limits::Limits;
use crate::model::{Body, ChainEnd, Image, Region, RegionKind, Rom};

/// Reads `bytes` as an option ROM. Never fails: an empty file is a ROM without images.
///
/// The first image is at the start, or where 55 AA and a sound PCI data structure are first. From
/// there on it goes as firmware does: from image to image by the length in the PCI data structure,
/// and where there is no image, on to the next multiple of 512 bytes (edk2,
/// `PciOptionRomSupport.c`).
#[must_use]
pub fn parse<'a>(bytes: &'a [u8], limits: &Limits) -> Rom<'a> {
    let file = Window::of_file(bytes).first(limits.file);
    let first = if file.has(0, &RomHeader::SIGNATURE_BYTES) { Some(0) } else { locate(file, 1) };
    parse_at(bytes, first, limits)
}

/// Reads `bytes` as an option ROM whose first image begins at `first`; as a file without any image
/// if there is none.
#[must_use]
pub fn parse_at<'a>(bytes: &'a [u8], first: Option<usize>, limits: &Limits) -> Rom<'a> {
    let file = Window::of_file(bytes).first(limits.file);
    let (images, end) = match first {
        Some(first) => chain(file, first, limits),
        None => (Vec::new(), ChainEnd::NoImage),
    };
    let regions = regions(file, &images);
    Rom { window: file, images, regions, end, cut_by_limit: bytes.len() > limits.file }
}

/// Reads images from `start` on, up to where the chain ends.
fn chain<'a>(file: Window<'a>, start: usize, limits: &Limits) -> (Vec<Image<'a>>, ChainEnd) {
    let mut images = Vec::new();
    let mut at = start;
    let mut left = limits.decompressed_in_all;
    loop {
        if images.len() == limits.images {
            return (images, ChainEnd::Limit);
        }
        let limits = Limits { decompressed: limits.decompressed.min(left), ..*limits };
        let Some((image, length)) = file.from(at).and_then(|tail| image::read(tail, &limits))
        else {
            return (images, ChainEnd::NothingFollows);
        };
        left = left.saturating_sub(decompressed(&image, &limits));
        let last = image.pcir().is_none_or(|pcir| pcir.indicator.is_last());
        images.push(image);
        let next = match length {
            Length::Unknown => return (images, ChainEnd::Unreadable),
            Length::Zero => return (images, ChainEnd::ZeroLength),
            Length::Bytes(bytes) => at.saturating_add(bytes),
        };
        if next > file.len() {
            return (images, ChainEnd::Truncated { missing: next.saturating_sub(file.len()) });
        }
        if last {
            return (images, ChainEnd::Marked { hidden: find_image(file, next) });
        }
        if next == file.len() {
            return (images, ChainEnd::EndOfFile);
        }
        at = match next_signature(file, next) {
            Some(found) => found,
            None => return (images, ChainEnd::NothingFollows),
        };
    }
}

/// Bytes that it was tried to make of a compressed driver. One that says more than the limit costs
/// nothing.
fn decompressed(image: &Image<'_>, limits: &Limits) -> usize {
    let Body::Efi(efi) = &image.body else { return 0 };
    let promised = efi.compression.and_then(|header| usize::try_from(header.original_size).ok());
    promised.filter(|promised| *promised <= limits.decompressed).unwrap_or(0)
}

/// The first multiple of 512 bytes from `from` on at which 55 AA stands.
fn next_signature(file: Window<'_>, from: usize) -> Option<usize> {
    (from..file.len()).step_by(BLOCK).find(|at| file.has(*at, &RomHeader::SIGNATURE_BYTES))
}

/// The regions between and around `images`.
fn regions(file: Window<'_>, images: &[Image<'_>]) -> Vec<Region> {
    let mut regions = Vec::new();
    let mut at = 0;
    for (index, image) in images.iter().enumerate() {
        let kind = if index == 0 { RegionKind::Container } else { RegionKind::Trailing };
        between(file, at, image.span().offset, kind, &mut regions);
        regions.push(Region { kind: RegionKind::Image(index), span: image.span(), lost: None });
        at = image.span().end();
    }
    let kind = if images.is_empty() { RegionKind::Unread } else { RegionKind::Trailing };
    between(file, at, file.len(), kind, &mut regions);
    regions
}

/// Adds what lies between `start` and `end`: of data between or behind images, padding at its end
/// apart.
fn between(
    file: Window<'_>,
    start: usize,
    end: usize,
    kind: RegionKind,
    regions: &mut Vec<Region>,
) {
    let Some(gap) = file.cut(start, end.saturating_sub(start)).filter(|gap| !gap.is_empty()) else {
        return;
    };
    let whole = matches!(kind, RegionKind::Unread | RegionKind::Container);
    let data = if whole { gap.len() } else { length_without_padding(gap) };
    let (head, tail) = (gap.first(data), gap.from(data));
    let place = match kind {
        RegionKind::Container | RegionKind::Unread => LostPlace::First,
        _ if end < file.len() => LostPlace::Between,
        _ => LostPlace::Last,
    };
    if !head.is_empty() {
        // What an image ends with may be padding.
        let lost = lost::find(file, gap.span(), place);
        regions.push(Region { kind, span: head.span(), lost });
    }
    if let Some(tail) = tail.filter(|tail| !tail.is_empty()) {
        regions.push(Region { kind: RegionKind::Padding, span: tail.span(), lost: None });
    }
}

/// Bytes of `gap` before a final run of equal 00 or FF bytes; all of it where that run is shorter
/// than a block and there is data.
fn length_without_padding(gap: Window<'_>) -> usize {
    let Some(fill) = gap.bytes().last().copied().filter(|fill| matches!(fill, 0x00 | 0xFF)) else {
        return gap.len();
    };
    let data =
        gap.bytes().iter().rposition(|byte| *byte != fill).map_or(0, |last| last.saturating_add(1));
    let padding = gap.len().saturating_sub(data);
    if data > 0 && padding < BLOCK { gap.len() } else { data }
}

impl Rom<'_> {
    /// The region of the file as a whole.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.window.span()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose;
    use crate::model::DecompressFault;

    #[test]
    fn compressed_drivers_have_one_limit_together() {
        let text = "purpose = ''\n[[image]]\nkind = 'efi'\ncompressed = true\n[[image]]\nkind = \
            'efi'\ncompressed = true\n";
        let bytes = compose::compose(&text.parse::<compose::Spec>().unwrap()).unwrap();
        let one = decompressed(&parse(&bytes, &Limits::default()).images[0], &Limits::default());
        assert!(one > 1000);
        let faults = |bytes: &[u8], decompressed_in_all| -> Vec<Option<DecompressFault>> {
            let limits = Limits { decompressed_in_all, ..Limits::DEFAULT };
            let damage = |image: &Image<'_>| match &image.body {
                Body::Efi(efi) => efi.damage.map(|damage| damage.error.fault),
                _ => panic!("an EFI image"),
            };
            parse(bytes, &limits).images.iter().map(damage).collect()
        };
        let large = Some(DecompressFault::TooLarge);
        assert_eq!(faults(&bytes, 2 * one), [None, None]);
        assert_eq!(faults(&bytes, 2 * one - 1), [None, large]);
        assert_eq!(faults(&bytes, one - 1), [large, large]);
        let greedy = text.replacen(
            "compressed = true",
            "compressed = true\npatch = [{ at = 0x44, hex = 'ffffffff' }]",
            1,
        );
        let bytes = compose::compose(&greedy.parse::<compose::Spec>().unwrap()).unwrap();
        assert_eq!(faults(&bytes, one), [large, None], "what is not tried costs nothing");
    }

    #[test]
    fn padding_behind_data_has_a_block_at_least() {
        let data = |padding: usize| {
            let mut gap = vec![0; padding + 1];
            gap[0] = 1;
            length_without_padding(Window::of_file(&gap))
        };
        assert_eq!((data(BLOCK), data(BLOCK - 1)), (1, BLOCK));
        assert_eq!(length_without_padding(Window::of_file(&[0; 4])), 0);
    }

    #[test]
    fn no_more_than_the_limit_is_looked_at() {
        let bytes = [0x55; 100];
        let cut = |file| parse(&bytes, &Limits { file, ..Limits::DEFAULT }).cut_by_limit;
        assert_eq!((cut(101), cut(100), cut(99)), (false, false, true));
    }
}
