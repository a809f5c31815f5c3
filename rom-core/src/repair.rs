//! Repairs of a ROM that invent nothing: each by its name, each refused where it would have to
//! guess.

use crate::bytes::{Span, Window};
use crate::compose::{self, FILL, Spec};
use crate::count::Count;
use crate::file_kind::{Before, FileKind, identify};
use crate::firmware::SMALLEST_SEEN;
use crate::layout::{BLOCK, EfiRomHeader, Indicator, LegacyRomHeader, Pcir};
use crate::limits::Limits;
use crate::model::{Body, ChainEnd, DeviceId, Image, PcirFault, RegionKind, Remains, Rom};
use crate::read::{find_image, parse_at};
use crate::rules::{Code, Finding};
use std::fmt;

/// A repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Repair {
    /// Write 55 AA where one byte of it is another and all else of the header is there.
    Signature,
    /// Put a ROM around a bare driver.
    Wrap,
    /// Cut off what is before the first image.
    Container,
    /// Give images that say no length the one that they have: up to the next image, or to the end
    /// of the file.
    Length,
    /// Write these ids into every image.
    Ids(DeviceId),
    /// Mark the last image as the last, and no other.
    LastImage,
    /// Take the mark off images that others follow at once, so that firmware goes on to them. It
    /// joins what may be two ROMs.
    Link,
    /// Make the bytes of every legacy image sum to zero.
    Checksum,
    /// Cut off what is after the last image.
    CutTrailing,
    /// Fill the file up to a power of two, and to the least that firmware sees.
    Pad,
}

impl Repair {
    /// Every repair that needs nothing said to it, in the order in which they are done.
    pub const ALL: [Self; 9] = [
        Self::Signature,
        Self::Wrap,
        Self::Container,
        Self::Length,
        Self::Link,
        Self::LastImage,
        Self::Checksum,
        Self::CutTrailing,
        Self::Pad,
    ];

    /// The repairs that can be what removes a finding of this code, the best first. Whether one
    /// does it in a file, [`for_findings`] says.
    #[must_use]
    const fn for_code(code: Code) -> &'static [Self] {
        match code {
            Code::LostFirstImage => &[Self::Signature],
            Code::BareDriver => &[Self::Wrap],
            Code::Container => &[Self::Container],
            // Lengths differ where one of them is not said.
            Code::ZeroLengthHang
            | Code::ZeroLength
            | Code::ZeroLengthOther
            | Code::EfiInitializationZero
            | Code::LegacySizeDiffers => &[Self::Length],
            Code::HiddenImage => &[Self::Link, Self::CutTrailing],
            Code::NoLastImage => &[Self::LastImage],
            Code::LegacyChecksum => &[Self::Checksum],
            Code::TrailingData => &[Self::CutTrailing],
            Code::UnevenSize | Code::TooSmall | Code::Truncated => &[Self::Pad],
            _ => &[],
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Wrap => "wrap",
            Self::Container => "container",
            Self::Length => "length",
            Self::Ids(_) => "ids",
            Self::LastImage => "last-image",
            Self::Link => "link",
            Self::Checksum => "checksum",
            Self::CutTrailing => "cut-trailing",
            Self::Pad => "pad",
        }
    }
}

/// Something that a repair changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// Bytes were overwritten.
    Overwritten {
        /// What they are.
        what: &'static str,
        /// Where, after all that was cut before.
        at: usize,
        /// What stood there.
        old: Vec<u8>,
        /// What is there.
        new: Vec<u8>,
    },
    /// Bytes were cut off.
    Cut(Span),
    /// Padding were added, this many bytes, at the end.
    Filled(usize),
    /// A driver was wrapped in a ROM of this many bytes.
    Wrapped(usize),
}

/// Why a repair is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RepairError {
    /// Which.
    pub repair: Repair,
    /// Why.
    pub reason: Reason,
}

/// Why a repair would have to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// There is no image.
    NoImage,
    /// The bytes are not there.
    Missing(usize),
    /// The image has no PCI data structure that could be read.
    NoPcir(usize),
    /// The size byte of this image is 0, and it says how many blocks the checksum covers.
    NoSize(usize),
    /// The byte that would have to change is not padding: it may be code.
    NotFilling(usize),
    /// The length that it would have is more than its field can say.
    TooLong(usize),
    /// It has more images than are read.
    TooMany,
    /// This image has its PCI data structure where the one before it has.
    Shared(usize),
    /// It is not a driver.
    NoDriver,
    /// What would be cut off may be a part of an image.
    MayBeImage(usize),
    /// The mark would hide what may be left of the image that is promised.
    HidesImage(usize),
    /// More of the header is lost than one byte of 55 AA.
    HeaderLost,
    /// The ROM has to be extracted from what it is in first.
    Packed,
}

impl fmt::Display for RepairError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.reason {
            Reason::NoImage => write!(f, "it has no image"),
            Reason::Missing(count) => {
                write!(
                    f,
                    "the last image lacks {}, and the contents are unknown",
                    Count(count, "byte")
                )
            }
            Reason::NoPcir(index) => write!(f, "image {index} has no readable PCI data structure"),
            Reason::NoSize(index) => {
                write!(
                    f,
                    "the size byte of image {index} is 0, so which bytes the checksum covers is \
                    unknown"
                )
            }
            Reason::NotFilling(at) => {
                write!(
                    f,
                    "the byte at {at:#x} would have to change, but it is not padding and may be \
                    code"
                )
            }
            Reason::TooLong(index) => write!(f, "image {index} is longer than its header can say"),
            Reason::TooMany => {
                write!(f, "it has more images than are read, so the last one is unknown")
            }
            Reason::Shared(index) => {
                write!(
                    f,
                    "image {index} and the image before it share one PCI data structure, which \
                    cannot be correct for both"
                )
            }
            Reason::NoDriver => write!(f, "it is not a UEFI driver"),
            Reason::MayBeImage(at) => {
                write!(f, "the data at {at:#x} may be part of an image, and that is never removed")
            }
            Reason::HidesImage(at) => {
                write!(
                    f,
                    "what is at {at:#x} may be left of the image that is promised, and the mark \
                        would hide it"
                )
            }
            Reason::HeaderLost => {
                write!(
                    f,
                    "more of its header is lost than one byte of 55 aa, so it cannot be restored"
                )
            }
            Reason::Packed => {
                write!(f, "extract the ROM from it first, with oprom extract")
            }
        }
    }
}

impl std::error::Error for RepairError {}

/// A ROM after repairs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Repaired {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What was changed, by which repair.
    pub edits: Vec<(&'static str, Edit)>,
}

/// For each of `findings` about `bytes`, in the same order, the repair that removes it, if there is
/// one that guesses nothing.
#[must_use]
pub fn for_findings(bytes: &[u8], findings: &[Finding], limits: &Limits) -> Vec<Option<Repair>> {
    let mut tried: Vec<(Repair, bool)> = Vec::new();
    let mut applies = |one: Repair| {
        if let Some((_, applies)) = tried.iter().find(|(own, _)| *own == one) {
            return *applies;
        }
        let applies = repair(bytes, &[one], limits).is_ok_and(|done| !done.edits.is_empty());
        tried.push((one, applies));
        applies
    };
    let of = |finding: &Finding| {
        Repair::for_code(finding.code).iter().copied().find(|one| applies(*one))
    };
    findings.iter().map(of).collect()
}

/// Does `repairs` to `bytes`, in their order. One that is not needed changes nothing.
///
/// # Errors
/// A [`RepairError`] where one would have to guess.
pub fn repair(bytes: &[u8], repairs: &[Repair], limits: &Limits) -> Result<Repaired, RepairError> {
    let mut repaired = Repaired { bytes: bytes.to_vec(), edits: Vec::new() };
    for repair in repairs {
        // An image can show another behind it, once it is no longer marked as the last.
        for _ in 0..limits.images {
            let edits = edits(&repaired.bytes, *repair, limits)
                .map_err(|reason| RepairError { repair: *repair, reason })?;
            let before = repaired.edits.len();
            for edit in edits {
                repaired.carry_out(edit, *repair);
            }
            if repaired.edits.len() == before {
                break;
            }
        }
    }
    Ok(repaired)
}

impl Repaired {
    fn carry_out(&mut self, edit: Change, repair: Repair) {
        let edit = match edit {
            Change::Write { what, at, new } => {
                let Some(place) = self.bytes.get_mut(at..at.saturating_add(new.len())) else {
                    return;
                };
                let old = place.to_vec();
                if old == new {
                    return;
                }
                place.copy_from_slice(&new);
                Edit::Overwritten { what, at, old, new }
            }
            Change::Cut(span) => {
                self.bytes
                    .drain(span.offset.min(self.bytes.len())..span.end().min(self.bytes.len()));
                Edit::Cut(span)
            }
            Change::Fill(count) => {
                self.bytes.resize(self.bytes.len().saturating_add(count), FILL);
                Edit::Filled(count)
            }
            Change::Become(bytes) => {
                self.bytes = bytes;
                Edit::Wrapped(self.bytes.len())
            }
        };
        self.edits.push((repair.name(), edit));
    }
}

/// A change before it is carried out.
enum Change {
    Write { what: &'static str, at: usize, new: Vec<u8> },
    Cut(Span),
    Fill(usize),
    Become(Vec<u8>),
}

fn edits(bytes: &[u8], repair: Repair, limits: &Limits) -> Result<Vec<Change>, Reason> {
    let kind = identify(bytes);
    if kind.is_wrapped() {
        return Err(Reason::Packed);
    }
    // No repair looks into a driver that is compressed.
    let rom = parse_at(bytes, kind.rom_at(bytes), &Limits { decompressed: 0, ..*limits });
    match repair {
        Repair::Signature => signature(&kind),
        Repair::Wrap => wrap(bytes, &kind, limits),
        Repair::Container => container(&kind, &rom),
        Repair::Length => length(&rom),
        Repair::Ids(ids) => self::ids(&rom, ids),
        Repair::LastImage => last_image(&rom),
        Repair::Link => link(&rom),
        Repair::Checksum => checksum(&rom),
        Repair::CutTrailing => trailing(&rom),
        Repair::Pad => pad(bytes, &rom),
    }
}

/// The one byte of 55 AA that is lost.
fn signature(kind: &FileKind) -> Result<Vec<Change>, Reason> {
    let FileKind::DamagedRom { lost, .. } = kind else { return Ok(Vec::new()) };
    match lost.remains {
        Remains::SignatureByte { at, expected, .. } => {
            Ok(vec![Change::Write { what: "signature", at, new: vec![expected] }])
        }
        _ => Err(Reason::HeaderLost),
    }
}

fn wrap(bytes: &[u8], kind: &FileKind, limits: &Limits) -> Result<Vec<Change>, Reason> {
    match kind {
        FileKind::OptionRom
        | FileKind::OptionRomAt { .. }
        | FileKind::IsaRom(_)
        | FileKind::DamagedRom { .. } => {
            return Ok(Vec::new());
        }
        FileKind::EfiDriver(_) => {}
        _ => return Err(Reason::NoDriver),
    }
    let image = compose::around(bytes.to_vec(), limits).ok_or(Reason::NoDriver)?;
    let spec = Spec { image: vec![image], ..Spec::default() };
    Ok(vec![Change::Become(compose::compose(&spec).map_err(|_| Reason::NoDriver)?)])
}

/// What is before the first image, where nothing of an image can be in it: an unknown header is no
/// image where it is not as long as one.
fn container(kind: &FileKind, rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    match kind {
        FileKind::DamagedRom { lost, .. } => return Err(Reason::MayBeImage(lost.evidence_at())),
        FileKind::OptionRomAt { at, before: Before::Data, .. } if at.is_multiple_of(BLOCK) => {
            return Err(Reason::MayBeImage(0));
        }
        _ => {}
    }
    let container = rom.regions.iter().filter(|region| region.kind == RegionKind::Container);
    Ok(container.map(|region| Change::Cut(region.span)).collect())
}

/// Fills the file up: an ISA ROM to its own size, any other to a power of two that firmware sees.
fn pad(bytes: &[u8], rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    if rom.images.is_empty() {
        return Err(Reason::NoImage);
    }
    let isa = rom.images.first().filter(|image| matches!(image.pcir, Err(PcirFault::Isa)));
    // What a size byte counts is part of the checksum: what is missing of that is not padding.
    let counted = rom.images.iter().filter(|image| matches!(image.body, Body::Legacy(_)));
    let end = counted.map(|image| image.span().offset.saturating_add(covered(image))).max();
    if let Some(missing) = end.and_then(|end| end.checked_sub(bytes.len()))
        && missing > 0
        && isa.is_none()
    {
        return Err(Reason::Missing(missing));
    }
    let wanted = match (rom.end, isa) {
        (ChainEnd::Truncated { .. }, Some(image)) => {
            image.span().offset.saturating_add(image.declared_length)
        }
        // What is missing is not padding.
        (ChainEnd::Truncated { missing }, None) => return Err(Reason::Missing(missing)),
        _ => bytes.len().next_power_of_two().max(SMALLEST_SEEN),
    };
    let missing = wanted.saturating_sub(bytes.len());
    Ok(if missing == 0 || bytes.is_empty() { Vec::new() } else { vec![Change::Fill(missing)] })
}

/// Everything after the last image, in one, where nothing is left of a damaged one.
fn trailing(rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    let Some(last) = rom.images.last() else { return Ok(Vec::new()) };
    let end = last.span().end();
    let after = rom.window.len().saturating_sub(end);
    let mut later = rom.regions.iter().filter(|region| region.span.offset >= end);
    if let Some(damaged) = later.find_map(|region| region.lost) {
        return Err(Reason::MayBeImage(damaged.evidence_at()));
    }
    Ok(if after == 0 { Vec::new() } else { vec![Change::Cut(Span::new(end, after))] })
}

/// Where the PCI data structure of an image is in the file.
fn pcir_at(image: &Image<'_>) -> Option<usize> {
    image.pcir.as_ref().ok().map(|block| block.span.offset)
}

fn length(rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    if rom.images.is_empty() {
        return Err(Reason::NoImage);
    }
    let mut changes = Vec::new();
    for (index, image) in rom.images.iter().enumerate() {
        let Some(pcir) = image.pcir() else { return Err(Reason::NoPcir(index)) };
        let at = pcir_at(image).ok_or(Reason::NoPcir(index))?;
        let start = image.span().offset;
        let blocks = if pcir.image_length == 0 {
            let bytes = own_length(rom.window, start);
            u16::try_from(bytes.div_ceil(BLOCK)).map_err(|_| Reason::TooLong(index))?
        } else {
            let said = usize::from(pcir.image_length).saturating_mul(BLOCK);
            let there = rom.window.len().saturating_sub(start);
            if said > there {
                return Err(Reason::Missing(said.saturating_sub(there)));
            }
            pcir.image_length
        };
        if pcir.image_length == 0 {
            changes.push(Change::Write {
                what: "image length",
                at: at.saturating_add(Pcir::AT.image_length.offset),
                new: blocks.to_le_bytes().to_vec(),
            });
        }
        if let Body::Efi(efi) = &image.body
            && efi.header.initialization_size == 0
        {
            let at = EfiRomHeader::AT.initialization_size.after(start).offset;
            changes.push(Change::Write {
                what: "initialization size",
                at,
                new: blocks.to_le_bytes().to_vec(),
            });
        }
    }
    Ok(changes)
}

/// Bytes from `start` to the next image, or to the end of the file.
fn own_length(file: Window<'_>, start: usize) -> usize {
    find_image(file, start.saturating_add(BLOCK)).unwrap_or(file.len()).saturating_sub(start)
}

fn ids(rom: &Rom<'_>, ids: DeviceId) -> Result<Vec<Change>, Reason> {
    let new: Vec<u8> = [ids.vendor.to_le_bytes(), ids.device.to_le_bytes()].concat();
    in_every_pcir(rom, |_, at| {
        Some(("vendor and device id", at.saturating_add(Pcir::AT.vendor_id.offset), new.clone()))
    })
}

fn last_image(rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    if rom.end == ChainEnd::Limit {
        return Err(Reason::TooMany);
    }
    // The mark would hide what is left of the image that is promised.
    let end = rom.images.last().map_or(0, |image| image.span().end());
    let mut lost = rom.regions.iter().filter(|region| region.span.offset >= end);
    if rom.end == ChainEnd::NothingFollows
        && let Some(lost) = lost.find_map(|region| region.lost)
    {
        return Err(Reason::HidesImage(lost.evidence_at()));
    }
    in_every_pcir(rom, |index, at| {
        let at = at.saturating_add(Pcir::AT.indicator.offset);
        let old = rom.window.u8(at)?;
        let is_last = index.saturating_add(1) == rom.images.len();
        let new = if is_last { old | Indicator::LAST_IMAGE } else { old & !Indicator::LAST_IMAGE };
        Some(("last-image mark", at, vec![new]))
    })
}

/// Takes the mark off the last image where another one follows it at once.
fn link(rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    let end = rom.images.last().map(|image| image.span().end());
    let linked =
        matches!(rom.end, ChainEnd::Marked { hidden } if hidden.is_some() && hidden == end);
    if !linked {
        return Ok(Vec::new());
    }
    in_every_pcir(rom, |_, at| {
        let at = at.saturating_add(Pcir::AT.indicator.offset);
        Some(("last-image mark", at, vec![rom.window.u8(at)? & !Indicator::LAST_IMAGE]))
    })
}

/// What to write where in an image, of which index and where the PCI data structure is are given.
type Field = (&'static str, usize, Vec<u8>);

/// Writes a field into the PCI data structure of every image, where it is another; the checksum
/// goes with what it is over, if it is right now.
fn in_every_pcir(
    rom: &Rom<'_>,
    field: impl Fn(usize, usize) -> Option<Field>,
) -> Result<Vec<Change>, Reason> {
    if rom.images.is_empty() {
        return Err(Reason::NoImage);
    }
    let mut changes = Vec::new();
    let mut before: Option<usize> = None;
    for (index, image) in rom.images.iter().enumerate() {
        let pcir_at = pcir_at(image).ok_or(Reason::NoPcir(index))?;
        if before.is_some_and(|before| before.abs_diff(pcir_at) < Pcir::SIZE) {
            return Err(Reason::Shared(index));
        }
        before = Some(pcir_at);
        let (what, at, new) = field(index, pcir_at).ok_or(Reason::NoPcir(index))?;
        let old = rom.window.cut(at, new.len()).ok_or(Reason::NoPcir(index))?;
        if old.bytes() == new {
            continue;
        }
        if legacy_sum(rom.window, image) == Some(0) {
            let excess = Window::of_file(&new).byte_sum().wrapping_sub(old.byte_sum());
            changes.push(less_checksum(rom, image, excess)?);
        }
        changes.push(Change::Write { what, at, new });
    }
    Ok(changes)
}

fn checksum(rom: &Rom<'_>) -> Result<Vec<Change>, Reason> {
    if rom.images.is_empty() {
        return Err(Reason::NoImage);
    }
    let mut changes = Vec::new();
    for (index, image) in rom.images.iter().enumerate() {
        if !matches!(image.body, Body::Legacy(_)) {
            continue;
        }
        if covered(image) == 0 {
            return Err(Reason::NoSize(index));
        }
        let there = rom.window.len().saturating_sub(image.span().offset);
        let sum = legacy_sum(rom.window, image)
            .ok_or(Reason::Missing(covered(image).saturating_sub(there)))?;
        if sum == 0 {
            continue;
        }
        changes.push(less_checksum(rom, image, sum)?);
    }
    Ok(changes)
}

/// Takes `excess` off the checksum of an image.
fn less_checksum(rom: &Rom<'_>, image: &Image<'_>, excess: u8) -> Result<Change, Reason> {
    let at = checksum_at(image).ok_or(Reason::NoImage)?;
    filling(rom.window, at)?;
    let byte = rom.window.u8(at).ok_or(Reason::NoImage)?.wrapping_sub(excess);
    Ok(Change::Write { what: "checksum", at, new: vec![byte] })
}

/// Bytes that the checksum of a legacy image is over.
fn covered(image: &Image<'_>) -> usize {
    let blocks = image.window.u8(LegacyRomHeader::AT.initialization_size.offset).unwrap_or(0);
    usize::from(blocks).saturating_mul(BLOCK)
}

/// The sum of the bytes that the checksum of a legacy image is over; `None` for another image, or
/// one that is cut.
fn legacy_sum(file: Window<'_>, image: &Image<'_>) -> Option<u8> {
    if !matches!(image.body, Body::Legacy(_)) {
        return None;
    }
    file.cut(image.span().offset, covered(image))
        .filter(|covered| !covered.is_empty())
        .map(Window::byte_sum)
}

/// Where the checksum goes: the last byte that it is over.
fn checksum_at(image: &Image<'_>) -> Option<usize> {
    image.span().offset.checked_add(covered(image).checked_sub(1)?)
}

/// Bytes before a checksum that show whether it is in padding.
const FILLING: usize = 4;

/// Checks that the byte at `at` is in padding: the bytes before it are all 00 or all FF.
fn filling(file: Window<'_>, at: usize) -> Result<(), Reason> {
    let before = at
        .checked_sub(FILLING)
        .and_then(|start| file.cut(start, FILLING))
        .and_then(Window::uniform);
    if matches!(before, Some(0x00 | 0xFF)) { Ok(()) } else { Err(Reason::NotFilling(at)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Context, analyze};
    use crate::read::parse;

    fn composed(text: &str) -> Vec<u8> {
        compose::compose(&format!("purpose = ''\n{text}").parse::<Spec>().unwrap()).unwrap()
    }

    fn repaired(bytes: &[u8], one: Repair) -> Repaired {
        repair(bytes, &[one], &Limits::default()).unwrap()
    }

    fn has(bytes: &[u8], code: Code) -> bool {
        analyze(bytes, &Context::default()).findings.iter().any(|finding| finding.code == code)
    }

    #[test]
    fn each_repair_mends_what_it_is_for_and_nothing_else() {
        let legacy = "[[image]]\nkind = 'legacy'\n";
        let efi = "[[image]]\nkind = 'efi'\n";
        let cases = [
            (
                Repair::Checksum,
                format!("{legacy}damage = [{{ at = 0x100, hex = '12' }}]\n"),
                Code::LegacyChecksum,
            ),
            (Repair::LastImage, format!("{efi}last = false\n"), Code::NoLastImage),
            (
                Repair::Container,
                format!("before = [{{ fill = 0, length = 512 }}]\n{efi}"),
                Code::Container,
            ),
            (
                Repair::Container,
                format!("before = [{{ fill = 1, length = 500 }}]\n{efi}"),
                Code::Container,
            ),
            (
                Repair::Signature,
                format!("{efi}damage = [{{ at = 1, hex = '00' }}]\n{efi}"),
                Code::LostFirstImage,
            ),
            (
                Repair::CutTrailing,
                format!("after = [{{ text = 'rubbish' }}]\n{efi}"),
                Code::TrailingData,
            ),
            (
                Repair::Length,
                format!("{efi}blocks = 3\ndamage = [{{ at = 0x2c, hex = '0000' }}]\n{efi}"),
                Code::ZeroLengthHang,
            ),
            (Repair::Link, format!("{efi}last = true\n{efi}"), Code::HiddenImage),
            (
                Repair::Length,
                format!("{efi}damage = [{{ at = 2, hex = '0000' }}]\n"),
                Code::EfiInitializationZero,
            ),
        ];
        for (repair, text, code) in cases {
            let bytes = composed(&text);
            assert!(has(&bytes, code), "{repair:?}");
            let once = repaired(&bytes, repair);
            assert!(!has(&once.bytes, code) && !once.edits.is_empty(), "{repair:?}");
            let twice = repaired(&once.bytes, repair);
            assert!(twice.bytes == once.bytes && twice.edits.is_empty(), "{repair:?}");
        }
    }

    #[test]
    fn a_length_goes_up_to_the_next_image_and_every_image_is_marked_right() {
        let efi = "[[image]]\nkind = 'efi'\n";
        let broken =
            composed(&format!("{efi}blocks = 5\ndamage = [{{ at = 0x2c, hex = '0000' }}]\n{efi}"));
        let all = repaired(&broken, Repair::Length);
        assert_eq!(all.bytes.get(0x2C..0x2E), Some(&[5, 0][..]));
        let hidden = composed(&format!("{efi}last = true\n{efi}last = true\n{efi}last = false\n"));
        assert!(repaired(&hidden, Repair::LastImage).edits.is_empty(), "they may be three ROMs");
        let all = repair(&hidden, &[Repair::Link, Repair::LastImage], &Limits::default()).unwrap();
        let rom = parse(&all.bytes, &Limits::default());
        let marks: Vec<bool> =
            rom.images.iter().map(|image| image.pcir().unwrap().indicator.is_last()).collect();
        assert_eq!(marks, [false, false, true]);
    }

    #[test]
    fn a_refusal_says_which_and_why() {
        let cut = composed("cut_to = 700\n[[image]]\nkind = 'efi'\nblocks = 8\n");
        let refusal = repair(&cut, &[Repair::Length], &Limits::default()).unwrap_err();
        assert_eq!(refusal.repair.name(), "length");
        assert_eq!(
            refusal.to_string(),
            "the last image lacks 3396 bytes, and the contents are unknown"
        );
    }

    #[test]
    fn a_checksum_over_no_bytes_is_refused_for_that() {
        let rom = composed("[[image]]\nkind = 'legacy'\npatch = [{ at = 2, hex = '00' }]\n");
        let refusal = repair(&rom, &[Repair::Checksum], &Limits::default()).unwrap_err();
        assert_eq!(refusal.reason, Reason::NoSize(0));
    }

    #[test]
    fn what_is_sound_stays_as_it_is() {
        let bytes = composed("[[image]]\nkind = 'legacy'\n[[image]]\nkind = 'efi'\nblocks = 15\n");
        assert_eq!(bytes.len(), 8192);
        let all = repair(&bytes, &Repair::ALL, &Limits::default()).unwrap();
        assert!(all.edits.is_empty() && all.bytes == bytes, "{:?}", all.edits);
    }

    #[test]
    fn ids_change_with_the_checksum_over_them() {
        let bytes = composed("[[image]]\nkind = 'legacy'\n[[image]]\nkind = 'efi'\n");
        let ids = DeviceId { vendor: 0x8086, device: 0xA7A8 };
        let changed = repaired(&bytes, Repair::Ids(ids));
        let rom = parse(&changed.bytes, &Limits::default());
        assert!(rom.images.iter().all(|image| image.device() == Some(ids)));
        assert!(!has(&changed.bytes, Code::LegacyChecksum));
    }

    #[test]
    fn a_driver_gets_a_rom_around_it() {
        let rom =
            composed("[[image]]\nkind = 'efi'\n[image.driver]\nmachine = 0xaa64\nsubsystem = 12\n");
        let parsed = parse(&rom, &Limits::default());
        let Body::Efi(efi) = &parsed.images[0].body else { panic!() };
        let wrapped = repaired(&efi.driver, Repair::Wrap);
        let parsed = parse(&wrapped.bytes, &Limits::default());
        let Body::Efi(efi) = &parsed.images[0].body else { panic!() };
        assert_eq!((efi.header.efi_machine_type.0, efi.header.efi_subsystem.0), (0xAA64, 12));
    }

    #[test]
    fn nothing_is_guessed() {
        let reason =
            |bytes: &[u8], one| repair(bytes, &[one], &Limits::default()).unwrap_err().reason;
        let cut = composed("cut_to = 700\n[[image]]\nkind = 'efi'\n");
        assert!(matches!(reason(&cut, Repair::Length), Reason::Missing(_)));
        let code =
            composed("[[image]]\nkind = 'legacy'\ndamage = [{ at = 0x1fc, hex = '01020304' }]\n");
        assert!(matches!(reason(&code, Repair::Checksum), Reason::NotFilling(_)));
        let shared = "[[image]]\nkind = 2\nblocks = 1\npatch = \
            [{ at = 0x18, hex = '1c02' }]\n[[image]]\nkind = 2\n";
        let linked = repaired(&composed(shared), Repair::Link);
        assert_eq!(reason(&linked.bytes, Repair::LastImage), Reason::Shared(1));
        assert_eq!(reason(b"text", Repair::Wrap), Reason::NoDriver);
        assert_eq!(reason(b"", Repair::LastImage), Reason::NoImage);
        let efi = "[[image]]\nkind = 'efi'\n";
        let unknown = composed(&format!("before = [{{ fill = 1, length = 512 }}]\n{efi}"));
        assert_eq!(reason(&unknown, Repair::Container), Reason::MayBeImage(0));
        let lost = composed(&format!("{efi}damage = [{{ at = 0, hex = '0000' }}]\n{efi}"));
        assert_eq!(reason(&lost, Repair::Container), Reason::MayBeImage(0));
        assert_eq!(reason(&lost, Repair::Signature), Reason::HeaderLost);
        let after =
            composed(&format!("{efi}last = true\n{efi}damage = [{{ at = 0, hex = '0000' }}]\n"));
        assert_eq!(reason(&after, Repair::CutTrailing), Reason::MayBeImage(2048));
        assert!(
            matches!(reason(&cut, Repair::Pad), Reason::Missing(_)),
            "what is missing is not padding"
        );
        assert_eq!(reason(b"PK\x03\x04", Repair::Pad), Reason::Packed);
    }

    #[test]
    fn filling_goes_up_to_a_power_of_two() {
        let filled = repaired(&composed("[[image]]\nkind = 'efi'\nblocks = 5\n"), Repair::Pad);
        assert!(filled.bytes.len().is_power_of_two());
        assert!(repaired(&filled.bytes, Repair::Pad).edits.is_empty());
    }
}
