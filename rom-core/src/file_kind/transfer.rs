//! Files that a transfer changed: line ends, character sets, the order of bytes. Each is
//! distinguished from chance by what the file is once the change is undone.

use super::headers::end_of_chain;
use crate::bytes::Window;
use crate::layout::{BLOCK, Pcir, RomHeader};
use crate::read::pcir_of;
use memchr::{memchr, memchr_iter, memmem};
use std::fmt;

/// A change that a transfer made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransferDamage {
    /// How.
    pub cause: Cause,
    /// Whether bytes were lost, so that nobody can undo it.
    pub lost: bool,
}

/// What changed a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cause {
    /// Every 0A became 0D 0A.
    LineEnds,
    /// Every 0D 0A became 0A, or every 0D was dropped.
    CarriageReturns,
    /// Every 0A was dropped.
    LineFeedsDropped,
    /// It was read as text in UTF-8: what is not became EF BF BD.
    Utf8Replaced,
    /// It was read as text of one byte a letter and written as UTF-8.
    Utf8Encoded,
    /// It was read as text and written as UTF-16.
    Utf16,
    /// It was read as text and written as UTF-32.
    Utf32,
    /// It was read as text in the code page of a PC's console and written as UTF-8.
    ConsoleUtf8,
    /// The same, written as UTF-16.
    ConsoleUtf16,
    /// It was read as text in ASCII: every byte above 7F became a question mark.
    QuestionMarks,
    /// It was read as text: every byte above 7F was dropped.
    HighDropped,
    /// Bit 7 of every byte was cleared.
    SevenBit,
    /// Every 00 became a space.
    SpacesForZeros,
    /// Every 00 was dropped.
    ZerosDropped,
    /// The bytes of every 16-bit word were exchanged.
    Swapped16,
    /// The bytes of every 32-bit word were reversed.
    Swapped32,
    /// The bytes of every 64-bit word were reversed.
    Swapped64,
    /// The halves of every 32-bit word were exchanged.
    SwappedHalves,
    /// The digits of every byte were exchanged.
    SwappedDigits,
    /// Every bit was inverted.
    Inverted,
    /// The bits of every byte were reversed.
    BitsReversed,
    /// Every second byte is there, from the first on.
    EvenBytes,
    /// Every second byte is there, from the second on.
    OddBytes,
}

impl Cause {
    /// The stable word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::LineEnds => "line-ends",
            Self::CarriageReturns => "carriage-returns-removed",
            Self::Utf8Replaced => "utf-8-replaced",
            Self::Utf8Encoded => "utf-8-encoded",
            Self::Utf16 => "utf-16",
            Self::Utf32 => "utf-32",
            Self::ConsoleUtf8 => "console-utf-8",
            Self::ConsoleUtf16 => "console-utf-16",
            Self::LineFeedsDropped => "line-feeds-dropped",
            Self::SwappedHalves => "swapped-halves",
            Self::SwappedDigits => "swapped-digits",
            Self::QuestionMarks => "question-marks",
            Self::HighDropped => "high-bytes-dropped",
            Self::SevenBit => "seven-bit",
            Self::SpacesForZeros => "spaces-for-zeros",
            Self::ZerosDropped => "zeros-dropped",
            Self::Swapped16 => "swapped-16",
            Self::Swapped32 => "swapped-32",
            Self::Swapped64 => "swapped-64",
            Self::Inverted => "inverted",
            Self::BitsReversed => "bits-reversed",
            Self::EvenBytes => "even-bytes",
            Self::OddBytes => "odd-bytes",
        }
    }

    /// What happened, and what usually does it.
    #[must_use]
    pub(crate) const fn explanation(self) -> &'static str {
        match self {
            Self::LineEnds => {
                "line ends were converted: every 0a became 0d 0a. Git does that with core.autocrlf, \
                 and FTP in text mode"
            }
            Self::CarriageReturns => {
                "line ends were converted: every 0d 0a became 0a, or every 0d was dropped. Git does \
                 that with core.autocrlf, and FTP in text mode"
            }
            Self::LineFeedsDropped => "every 0a was dropped. A script that joins lines does that",
            Self::Utf8Replaced => {
                "it was read as text in UTF-8: bytes above 7f became ef bf bd. A script that reads \
                 or downloads the file as text does that"
            }
            Self::Utf8Encoded => {
                "it was read as single-byte text and written as UTF-8. An editor or a script \
                does that"
            }
            Self::Utf16 => {
                "it was read as text and written as UTF-16. PowerShell does that with > and \
                    Out-File"
            }
            Self::Utf32 => {
                "it was read as text and written as UTF-32. An editor or a script does that"
            }
            Self::ConsoleUtf8 => {
                "it was read as text in code page 437 and written as UTF-8. A console of Windows \
                 does that"
            }
            Self::ConsoleUtf16 => {
                "it was read as text in code page 437 and written as UTF-16. PowerShell does that \
                 with > to what a program prints"
            }
            Self::QuestionMarks => {
                "it was read as text in ASCII: every byte above 7f became a question mark. A \
                 script or a converter of character sets does that"
            }
            Self::HighDropped => {
                "it was read as text: every byte above 7f was dropped. A script that ignores \
                 errors of the character set does that, and `strings`"
            }
            Self::SevenBit => {
                "bit 7 of every byte was cleared. A serial terminal or a mail gateway of 7 bits \
                 does that"
            }
            Self::SpacesForZeros => {
                "every 00 became a space. A program that treats the file as text does that"
            }
            Self::ZerosDropped => {
                "every 00 was dropped. A shell does that when a variable holds the file"
            }
            Self::Swapped16 => {
                "the bytes of every 16-bit word are swapped. A flash programmer in 16-bit mode \
                or dd conv=swab does that"
            }
            Self::Swapped32 => {
                "the bytes of every 32-bit word are reversed. A dump of words on a machine with \
                the other byte order does that"
            }
            Self::Swapped64 => {
                "the bytes of every 64-bit word are reversed. A dump of words on a machine of the \
                 other byte order does that"
            }
            Self::SwappedHalves => {
                "the halves of every 32-bit word are exchanged. A dump of 16-bit words in the wrong \
                order does that"
            }
            Self::SwappedDigits => {
                "the two hex digits of every byte are exchanged. A converter from hex text does that"
            }
            Self::Inverted => {
                "every bit is inverted. A flash programmer with inverted data lines does that"
            }
            Self::BitsReversed => {
                "the bits of every byte are reversed. A flash programmer with reversed data \
                lines does that"
            }
            Self::EvenBytes => {
                "only every second byte is there, from the first on. It is from one of two chips \
                that store a ROM together, or a dump of one half"
            }
            Self::OddBytes => {
                "only every second byte is there, from the second on. It is from one of two \
                chips that store a ROM together, or a dump of one half"
            }
        }
    }
}

impl fmt::Display for TransferDamage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a file that was changed during a transfer: {}", self.cause.explanation())
    }
}

const fn whole(cause: Cause) -> TransferDamage {
    TransferDamage { cause, lost: false }
}

const fn lost(cause: Cause) -> TransferDamage {
    TransferDamage { cause, lost: true }
}

/// How a file was changed that begins with 55 AA all the same.
pub(super) fn of_rom(file: Window<'_>) -> Option<TransferDamage> {
    line_ends(file)
        .or_else(|| dropped_line_ends(file))
        .or_else(|| without_zeros(file))
        .or_else(|| swapped_digits(file))
}

/// 55 AA is the same with its digits exchanged: what follows is not.
fn swapped_digits(file: Window<'_>) -> Option<TransferDamage> {
    let head = restore(file.first(HEAD).bytes(), Cause::SwappedDigits).unwrap_or_default();
    let is_other = pcir_of(file).is_none() && pcir_of(Window::of_file(&head)).is_some();
    is_other.then(|| whole(Cause::SwappedDigits))
}

/// 0A is never without 0D before it, and without those the file is whole, or a multiple of 512.
fn line_ends(file: Window<'_>) -> Option<TransferDamage> {
    let bytes = file.bytes();
    let mut feeds: usize = 0;
    for at in memchr_iter(b'\n', bytes) {
        if at.checked_sub(1).and_then(|before| file.u8(before)) != Some(b'\r') {
            return None;
        }
        feeds = feeds.saturating_add(1);
    }
    // Once undone, it may be undone once more: two programs converted it.
    let fits = |bytes: &[u8]| {
        end_of_chain(Window::of_file(bytes)).is_some_and(|end| {
            let after = bytes.len().saturating_sub(end);
            // What writes text ends its last line.
            let is_line_end = after == 1 && bytes.ends_with(b"\n");
            after == 0 || is_line_end || bytes.len().is_multiple_of(BLOCK)
        })
    };
    let is_even = || feeds >= MANY_FEEDS && file.len().saturating_sub(feeds).is_multiple_of(BLOCK);
    let undone = || without_returns(bytes);
    let is_converted =
        feeds > 0 && (is_even() || fits(&undone()) || fits(&without_returns(&undone())));
    is_converted.then(|| whole(Cause::LineEnds))
}

/// Pairs of bytes that chance does not put together: one of them has a chance of 1 in 256.
const MANY_FEEDS: usize = 4;

fn without_returns(bytes: &[u8]) -> Vec<u8> {
    let mut undone = Vec::with_capacity(bytes.len());
    let mut start = 0;
    for at in memmem::find_iter(bytes, b"\r\n") {
        undone.extend_from_slice(bytes.get(start..at).unwrap_or_default());
        start = at.saturating_add(1);
    }
    undone.extend_from_slice(bytes.get(start..).unwrap_or_default());
    undone
}

/// An image begins earlier than the lengths before it say, and nowhere is there the line end that
/// was dropped. As many are missing as there are line feeds, at most, where only returns before
/// them were.
fn dropped_line_ends(file: Window<'_>) -> Option<TransferDamage> {
    let cause = if memchr(b'\n', file.bytes()).is_none() {
        Cause::LineFeedsDropped
    } else if memmem::find(file.bytes(), b"\r\n").is_none() {
        Cause::CarriageReturns
    } else {
        return None;
    };
    let mut at: usize = 0;
    for _ in 0..MOST_IMAGES {
        let image = file.from(at)?;
        let pcir = pcir_of(image)?;
        let length = usize::from(pcir.image_length).checked_mul(BLOCK)?;
        if length == 0 || pcir.indicator.is_last() {
            return None;
        }
        let next = at.checked_add(length)?;
        if file.from(next).is_some_and(|tail| pcir_of(tail).is_some()) {
            at = next;
            continue;
        }
        let is_dropped = cause == Cause::LineFeedsDropped || memchr(b'\r', file.bytes()).is_none();
        let feeds = memchr_iter(b'\n', image.first(length).bytes()).count();
        let most = if is_dropped { BLOCK } else { feeds.min(BLOCK) };
        // A whole block is an incorrect length.
        let early = (1..most).any(|count| {
            let at = length.checked_sub(count).filter(|at| *at > 0);
            let tail = at.and_then(|at| image.from(at));
            tail.is_some_and(|tail| pcir_of(tail).is_some())
        });
        return early.then(|| lost(cause));
    }
    None
}

/// Images that are looked at for one that begins too early.
const MOST_IMAGES: usize = 16;

/// No 00 anywhere, although all headers have some.
fn without_zeros(file: Window<'_>) -> Option<TransferDamage> {
    if memchr(0, file.bytes()).is_some() {
        return None;
    }
    let marks = [&Pcir::SIGNATURE[..], b"PE"];
    let at = marks.iter().find_map(|mark| memmem::find(file.bytes(), mark))?;
    let after = file.from(at).map(|tail| tail.first(Pcir::SIZE).bytes())?;
    let spaces = memchr_iter(b' ', after).count();
    Some(lost(if spaces >= 4 { Cause::SpacesForZeros } else { Cause::ZerosDropped }))
}

/// How a file was changed that does not begin with 55 AA.
pub(super) fn identify(file: Window<'_>) -> Option<TransferDamage> {
    by_order(file)
        .or_else(|| by_letters(file))
        .or_else(|| seven_bit(file))
        .or_else(|| without_high_bytes(file))
        .or_else(|| halves(file))
}

/// A change of bits or of the order of bytes, identified by the header that it makes of the first
/// bytes.
fn by_order(file: Window<'_>) -> Option<TransferDamage> {
    const ORDERS: [Cause; 6] = [
        Cause::Swapped16,
        Cause::Swapped32,
        Cause::Swapped64,
        Cause::SwappedHalves,
        Cause::Inverted,
        Cause::BitsReversed,
    ];
    let cause = ORDERS.into_iter().find(|cause| {
        let start = restore(file.first(8).bytes(), *cause).unwrap_or_default();
        if !start.starts_with(&RomHeader::SIGNATURE_BYTES) {
            return false;
        }
        let head = restore(file.first(HEAD).bytes(), *cause).unwrap_or_default();
        let head = Window::of_file(&head);
        pcir_of(head).is_some() || is_isa(file, *cause)
    })?;
    Some(whole(cause))
}

/// Bytes in which the header and its PCI data structure are.
const HEAD: usize = 0x1_0100;

/// Whether a ROM whose bytes sum to zero comes out.
fn is_isa(file: Window<'_>, cause: Cause) -> bool {
    let undone = restore(file.first(255 * BLOCK).bytes(), cause).unwrap_or_default();
    let undone = Window::of_file(&undone);
    let length = undone.u8(2).map_or(0, usize::from).saturating_mul(BLOCK);
    undone.cut(0, length).is_some_and(|rom| !rom.is_empty() && rom.byte_sum() == 0)
}

/// What 55 AA becomes by a detour through the letters of a character set.
const DETOURS: [(&[u8], Cause); 17] = [
    (b"U\xEF\xBF\xBD", Cause::Utf8Replaced),
    (b"\xEF\xBB\xBFU\xEF\xBF\xBD", Cause::Utf8Replaced),
    (b"U\xC2\xAA", Cause::Utf8Encoded),
    (b"\xEF\xBB\xBFU\xC2\xAA", Cause::Utf8Encoded),
    // Twice.
    (b"U\xC3\x82\xC2\xAA", Cause::Utf8Encoded),
    // Code pages 437 and 850 have the sign for "not" there.
    (b"U\xC2\xAC", Cause::ConsoleUtf8),
    (b"\xEF\xBB\xBFU\xC2\xAC", Cause::ConsoleUtf8),
    (b"\xFF\xFEU\0\xAC\0", Cause::ConsoleUtf16),
    (b"U\0\xAC\0", Cause::ConsoleUtf16),
    (b"\xFF\xFE\0\0U\0\0\0\xAA\0\0\0", Cause::Utf32),
    (b"U\0\0\0\xAA\0\0\0", Cause::Utf32),
    (b"\xFF\xFEU\0\xAA\0", Cause::Utf16),
    (b"\xFE\xFF\0U\0\xAA", Cause::Utf16),
    (b"U\0\xAA\0", Cause::Utf16),
    (b"\0U\0\xAA", Cause::Utf16),
    // Replaced twice over: by something that does not know 55 AA at all.
    (b"\xFF\xFEU\0\xFD\xFF", Cause::Utf16),
    (b"\xFE\xFF\0U\xFF\xFD", Cause::Utf16),
];

/// A detour through the letters of a character set.
fn by_letters(file: Window<'_>) -> Option<TransferDamage> {
    let (_, cause) = DETOURS.iter().find(|(start, _)| file.has(0, start))?;
    let undone = restore(file.bytes(), *cause);
    Some(TransferDamage { cause: *cause, lost: undone.is_none() })
}

/// 55 2A, no byte above 7F, and bytes that no text has.
fn seven_bit(file: Window<'_>) -> Option<TransferDamage> {
    let begins = file.has(0, &[0x55, 0x2A]) && file.bytes().is_ascii();
    (begins && memchr(0, file.bytes()).is_some()).then(|| lost(Cause::SevenBit))
}

/// Text in UTF-8, bytes that no text has, and "PCIR" or the letters of a driver: 55 is there,
/// and AA is a question mark or gone.
fn without_high_bytes(file: Window<'_>) -> Option<TransferDamage> {
    let is_text = str::from_utf8(file.bytes()).is_ok();
    let is_dropped = file.u8(0) == Some(0x55) && file.u8(1).is_some_and(|byte| byte < 0x80);
    if !is_dropped || !is_text || memchr(0, file.bytes()).is_none() {
        return None;
    }
    let is_structure = |at: usize| {
        let reserved = file.cut(at.saturating_add(Pcir::AT.indicator.offset), 3);
        reserved.is_some() && at >= FEWEST_BEFORE_PCIR
    };
    memmem::find_iter(file.bytes(), &Pcir::SIGNATURE).find(|at| is_structure(*at))?;
    let replaced = file.u8(1) == Some(b'?');
    Some(lost(if replaced { Cause::QuestionMarks } else { Cause::HighDropped }))
}

/// Bytes that are left of a header before its PCI data structure, at least.
const FEWEST_BEFORE_PCIR: usize = 8;

/// One half of the bytes of a ROM: half of its signature at the start, and half of "PCIR", of its
/// length and of its reserved bits where half of the pointer leads.
fn halves(file: Window<'_>) -> Option<TransferDamage> {
    let pointer_half = file.u8(POINTER_AT / 2)?;
    let is_structure = |pointer: u16, odd: bool| {
        let at = usize::from(pointer / 2);
        if !pointer.is_multiple_of(2) || at < RomHeader::SIZE / 2 {
            return false;
        }
        let length = file.u8(at.saturating_add(PCIR_LENGTH_AT / 2));
        let indicator = file.u8(at.saturating_add(Pcir::AT.indicator.offset / 2));
        if odd {
            file.has(at, b"CR") && length == Some(0) && matches!(indicator, Some(0x00 | 0x80))
        } else {
            file.has(at, b"PI") && matches!(length, Some(0x18 | 0x1C))
        }
    };
    let [low, high] = RomHeader::SIGNATURE_BYTES;
    let mut other_half = 0..=u8::MAX;
    if file.u8(0) == Some(low)
        && other_half.any(|other| is_structure(u16::from_le_bytes([pointer_half, other]), false))
    {
        return Some(lost(Cause::EvenBytes));
    }
    let mut other_half = 0..=u8::MAX;
    let odd = file.u8(0) == Some(high)
        && other_half.any(|other| is_structure(u16::from_le_bytes([other, pointer_half]), true));
    odd.then(|| lost(Cause::OddBytes))
}

const POINTER_AT: usize = RomHeader::AT.pcir_offset.offset;
const PCIR_LENGTH_AT: usize = 0x0A;

/// The bytes as they were; `None` where that cannot be said.
pub(super) fn restore(bytes: &[u8], cause: Cause) -> Option<Vec<u8>> {
    Some(match cause {
        Cause::LineEnds => without_returns(bytes),
        Cause::Swapped16 => swapped(bytes, 2),
        Cause::Swapped32 => swapped(bytes, 4),
        Cause::Swapped64 => swapped(bytes, 8),
        Cause::SwappedHalves => bytes.chunks(4).flat_map(exchanged).collect(),
        Cause::SwappedDigits => bytes.iter().map(|byte| byte.rotate_left(4)).collect(),
        Cause::Inverted => bytes.iter().map(|byte| !byte).collect(),
        Cause::BitsReversed => bytes.iter().map(|byte| byte.reverse_bits()).collect(),
        Cause::Utf8Encoded => letters(bytes)?.map(single_byte).collect::<Option<Vec<u8>>>()?,
        Cause::ConsoleUtf8 => letters(bytes)?.map(console_byte).collect::<Option<Vec<u8>>>()?,
        Cause::ConsoleUtf16 => utf16_units(bytes)?
            .into_iter()
            .map(|unit| console_byte(char::from_u32(u32::from(unit))?))
            .collect::<Option<Vec<u8>>>()?,
        Cause::Utf32 => bytes
            .strip_prefix(b"\xFF\xFE\0\0")
            .unwrap_or(bytes)
            .chunks(4)
            .map(|unit| match unit {
                [byte, 0, 0, 0] => Some(*byte),
                _ => None,
            })
            .collect::<Option<Vec<u8>>>()?,
        Cause::Utf16 => utf16_units(bytes)?
            .into_iter()
            .map(|unit| single_byte(char::from_u32(u32::from(unit))?))
            .collect::<Option<Vec<u8>>>()?,
        Cause::CarriageReturns
        | Cause::LineFeedsDropped
        | Cause::Utf8Replaced
        | Cause::QuestionMarks
        | Cause::HighDropped
        | Cause::SevenBit
        | Cause::SpacesForZeros
        | Cause::ZerosDropped
        | Cause::EvenBytes
        | Cause::OddBytes => return None,
    })
}

fn swapped(bytes: &[u8], size: usize) -> Vec<u8> {
    bytes.chunks(size).flat_map(|word| word.iter().rev().copied()).collect()
}

/// The two halves of a word in the other order; of less than a word as they are.
fn exchanged(word: &[u8]) -> Vec<u8> {
    match word {
        [first, second, third, fourth] => vec![*third, *fourth, *first, *second],
        _ => word.to_vec(),
    }
}

/// The letters of UTF-8, without its byte order mark.
fn letters(bytes: &[u8]) -> Option<std::str::Chars<'_>> {
    let text = str::from_utf8(bytes).ok()?;
    Some(text.strip_prefix('\u{FEFF}').unwrap_or(text).chars())
}

/// The 16-bit units of UTF-16, without its byte order mark.
fn utf16_units(bytes: &[u8]) -> Option<Vec<u16>> {
    let (little, rest) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (true, rest),
        [0xFE, 0xFF, rest @ ..] => (false, rest),
        [_, 0, ..] => (true, bytes),
        [0, _, ..] => (false, bytes),
        _ => return None,
    };
    let unit = |pair: &[u8]| match (pair, little) {
        ([low, high], true) => Some(u16::from_le_bytes([*low, *high])),
        ([high, low], false) => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    };
    rest.chunks(2).map(unit).collect()
}

/// Letters that Windows code page 1252 has where ISO 8859-1 has control characters, from 80 on.
const CODE_PAGE_1252: [char; 32] = [
    '\u{20AC}', '\u{81}', '\u{201A}', '\u{192}', '\u{201E}', '\u{2026}', '\u{2020}', '\u{2021}',
    '\u{2C6}', '\u{2030}', '\u{160}', '\u{2039}', '\u{152}', '\u{8D}', '\u{17D}', '\u{8F}',
    '\u{90}', '\u{2018}', '\u{2019}', '\u{201C}', '\u{201D}', '\u{2022}', '\u{2013}', '\u{2014}',
    '\u{2DC}', '\u{2122}', '\u{161}', '\u{203A}', '\u{153}', '\u{9D}', '\u{17E}', '\u{178}',
];

/// The byte that a letter was: of ISO 8859-1, or of code page 1252.
fn single_byte(letter: char) -> Option<u8> {
    u8::try_from(u32::from(letter)).ok().or_else(|| {
        let index = CODE_PAGE_1252.iter().position(|known| *known == letter)?;
        u8::try_from(index).ok()?.checked_add(0x80)
    })
}

/// The letters of code page 437 from 80 on.
const CODE_PAGE_437: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀\
     αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}";

/// The byte that a letter was: of code page 437.
fn console_byte(letter: char) -> Option<u8> {
    if letter.is_ascii() {
        return u8::try_from(letter).ok();
    }
    let index = CODE_PAGE_437.chars().position(|known| known == letter)?;
    u8::try_from(index).ok()?.checked_add(0x80)
}
