//! Files that are no option ROM, recognised by what they begin with.

use crate::bytes::Window;
use crate::layout::{CapsuleHeader, FirmwareVolumeHeader, FlashDescriptor, RomHeader};
use crate::model::Foreign;

/// Bytes at the start of a file and what they tell; the order matters where one is the beginning of another.
const BEGINNINGS: &[(&[u8], Foreign)] = &[
    (b"version https://git-lfs", Foreign::GitLfsPointer),
    (b"PK\x03\x04", Foreign::Zip),
    (b"PK\x05\x06", Foreign::Zip),
    (b"\x1f\x8b\x08", Foreign::Gzip),
    (b"7z\xbc\xaf\x27\x1c", Foreign::SevenZip),
    (b"MZ", Foreign::BareDriver),
];

/// How far into a file text is looked for.
const TEXT_SAMPLE: usize = 4096;

/// What `file` surely is, if it is surely no option ROM.
pub(super) fn recognise(file: Window<'_>) -> Option<Foreign> {
    if file.is_empty() {
        return Some(Foreign::Empty);
    }
    if file.has(0, &RomHeader::SIGNATURE_BYTES) {
        return None;
    }
    match file.uniform() {
        Some(0x00) => return Some(Foreign::AllZero),
        Some(0xFF) => return Some(Foreign::AllOnes),
        Some(_) | None => {}
    }
    if let Some((_, foreign)) = BEGINNINGS.iter().find(|(beginning, _)| file.has(0, beginning)) {
        return Some(*foreign);
    }
    let volume = file.has(FirmwareVolumeHeader::SIGNATURE_AT, &FirmwareVolumeHeader::SIGNATURE);
    let flash = file.has(FlashDescriptor::SIGNATURE_AT, &FlashDescriptor::SIGNATURE);
    if volume || flash || CapsuleHeader::KNOWN.iter().any(|(guid, _)| file.has(0, &guid.0)) {
        return Some(Foreign::FirmwareImage);
    }
    text(file.first(TEXT_SAMPLE).bytes(), file.len() > TEXT_SAMPLE)
}

/// What a file without any image is, with `known` from [`recognise`].
pub(super) fn or_unknown(file: Window<'_>, known: Option<Foreign>) -> Foreign {
    known.or_else(|| recognise(file)).unwrap_or(Foreign::Unknown)
}

/// Text or HTML, in UTF-8 with or without a byte order mark. A sample may be `cut` in the middle of a character.
fn text(sample: &[u8], cut: bool) -> Option<Foreign> {
    let text = match str::from_utf8(sample) {
        Ok(text) => text,
        Err(error) if cut && error.error_len().is_none() => str::from_utf8(sample.get(..error.valid_up_to())?).ok()?,
        Err(_) => return None,
    };
    let text = text.trim_start_matches('\u{feff}');
    if text.chars().any(|character| character.is_control() && !character.is_ascii_whitespace()) {
        return None;
    }
    let start = text.trim_start().get(..14).unwrap_or(text.trim_start()).to_ascii_lowercase();
    let html = ["<!doctype html", "<html", "<head", "<?xml", "<!--"].iter().any(|tag| start.starts_with(tag));
    Some(if html { Foreign::HtmlPage } else { Foreign::Text })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recognised(bytes: &[u8]) -> Option<Foreign> {
        recognise(Window::of_file(bytes))
    }

    #[test]
    fn pages_are_told_from_plain_text() {
        assert_eq!(recognised(b"\n  <!DOCTYPE HTML><p>404"), Some(Foreign::HtmlPage));
        assert_eq!(recognised("\u{feff}<html>".as_bytes()), Some(Foreign::HtmlPage));
        assert_eq!(recognised(b"404: Not Found"), Some(Foreign::Text));
        assert_eq!(recognised("zu gro\u{df}".as_bytes()), Some(Foreign::Text));
    }

    #[test]
    fn a_character_cut_by_the_sample_is_still_text() {
        let mut bytes = vec![b'a'; TEXT_SAMPLE - 1];
        bytes.extend_from_slice("\u{df}\u{df}".as_bytes());
        assert_eq!(recognised(&bytes), Some(Foreign::Text));
    }

    #[test]
    fn binary_data_is_not_text() {
        assert_eq!(recognised(&[0x12, 0x00, 0x41]), None);
        assert_eq!(recognised(&[0xc3, 0x28, 0x41]), None);
        let mut whole = vec![b'a'; TEXT_SAMPLE];
        whole[TEXT_SAMPLE - 1] = 0xc3;
        assert_eq!(recognised(&whole), None, "nothing was cut from it");
    }
}
