//! What a legacy VBIOS says of itself: its version, and the board that it is for.

use super::text;
use crate::bytes::Window;
use memchr::memmem;

/// A VBIOS, by its own texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vbios {
    /// Whose it is.
    pub maker: &'static str,
    /// Its version.
    pub version: Option<String>,
    /// The part number of the board.
    pub part_number: Option<String>,
}

/// What AMD's images have before their version (UBU; `atombios.h` has no name for it).
const AMD_VERSION: &str = "ATOMBIOSBK-AMD VER";
/// What AMD's part numbers begin with.
const AMD_PART: &[u8] = b"113-";
/// What NVIDIA's images have before their version.
const NVIDIA_VERSION: &[u8] = b"Version ";

/// What the image in `window` says of itself.
pub(super) fn find(window: Window<'_>) -> Option<Vbios> {
    if let Some(found) = text::find(window, AMD_VERSION) {
        let version = word(&text::behind(window, found));
        return Some(Vbios { maker: "AMD", version, part_number: amd_part(window) });
    }
    memmem::find(window.bytes(), b"NVIDIA")?;
    let version = memmem::find_iter(window.bytes(), NVIDIA_VERSION)
        .find_map(|at| nvidia_version(window, at))?;
    Some(Vbios { maker: "NVIDIA", version: Some(version), part_number: None })
}

/// The first word of `text`.
fn word(text: &str) -> Option<String> {
    text.split_whitespace().next().map(str::to_owned)
}

/// A part number of AMD: 113-, then letters, digits and dashes.
fn amd_part(window: Window<'_>) -> Option<String> {
    memmem::find_iter(window.bytes(), AMD_PART).find_map(|at| {
        let tail = window.from(at)?.first(LONGEST_PART).bytes();
        let is_part = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let part: String = tail.iter().take_while(is_part).map(|byte| char::from(*byte)).collect();
        (part.len() > SHORTEST_PART).then_some(part)
    })
}

const LONGEST_PART: usize = 40;
const SHORTEST_PART: usize = 7;

/// A version of NVIDIA: five hex numbers of two digits with dots between them.
fn nvidia_version(window: Window<'_>, at: usize) -> Option<String> {
    let start = at.checked_add(NVIDIA_VERSION.len())?;
    let version = str::from_utf8(window.cut(start, 14)?.bytes()).ok()?;
    let mut parts = version.split('.');
    let hex = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    (parts.by_ref().take(5).all(hex) && parts.next().is_none()).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Option<Vbios> {
        find(Window::of_file(bytes))
    }

    #[test]
    fn a_vbios_names_its_version_and_its_board() {
        let amd = of(b"..113-RENOIR-037\0..ATOMBIOSBK-AMD VER017.010.000.031.000000\0").unwrap();
        assert_eq!((amd.maker, amd.version.as_deref()), ("AMD", Some("017.010.000.031.000000")));
        assert_eq!(amd.part_number.as_deref(), Some("113-RENOIR-037"));
        let nvidia = of(b"NVIDIA Corp\0Version of nothing\0Version 80.04.C3.00.0F \r\n").unwrap();
        assert_eq!((nvidia.maker, nvidia.version.as_deref()), ("NVIDIA", Some("80.04.C3.00.0F")));
        assert_eq!(of(b"Version 80.04.C3.00.0F"), None, "it could be anybody's");
        assert_eq!(of(b"NVIDIA Version 80.04"), None);
    }
}
