//! Formats that are known by what they begin with and are not opened: what they are is said, so
//! that nothing is lost in silence.

use super::{Reader, size};
use crate::bytes::{Span, Window};
use crate::unpack::{Opaque, Place, Unpacker};

pub(super) const READER: Reader = Reader { find, open, yields: true };

/// A format, and how it is recognised.
struct Named {
    name: &'static str,
    /// What it begins with.
    begins: &'static [u8],
    /// How many bytes it has, where that can be told; `None` if it is not one.
    length: fn(Window<'_>) -> Option<usize>,
}

const NAMED: [Named; 9] = [
    Named { name: "7z archive", begins: b"7z\xBC\xAF\x27\x1C", length: seven_zip },
    Named {
        name: "7z archive, its bytes rotated (Insyde)",
        begins: b"\x6E\xF4\x79\x5F\x4E",
        length: rest,
    },
    Named { name: "cabinet archive (CAB)", begins: b"MSCF\0\0\0\0", length: cabinet },
    Named {
        name: "cabinet archive, its bytes inverted (VAIO, Fujitsu)",
        begins: b"\xB2\xAC\xBC\xB9\xFF\xFF\xFF\xFF",
        length: rest,
    },
    Named { name: "RAR archive", begins: b"Rar!\x1A\x07", length: rest },
    Named { name: "Inno Setup archive", begins: b"Inno Setup Setup Data (", length: rest },
    Named { name: "Dell or Phoenix update ($PFH)", begins: b"$PFH", length: phoenix },
    Named { name: "NVIDIA image with a header of its own (NVGI)", begins: b"NVGI", length: nvidia },
    Named { name: "Apple update (pbzx)", begins: b"pbzx\0\0", length: rest },
];

fn find(window: Window<'_>) -> Vec<Span> {
    NAMED.iter().flat_map(|named| super::find(window, named.begins, 0, named.length)).collect()
}

fn open(unpacker: &mut Unpacker<'_>, own: Place, depth: usize) {
    let window = unpacker.window(own);
    if let Some(named) = NAMED.iter().find(|named| window.has(0, named.begins)) {
        unpacker.opaque(depth, Opaque::Named(named.name), own);
    }
}

/// Nothing says where it ends.
#[expect(clippy::unnecessary_wraps, reason = "one of several functions of a table")]
fn rest(window: Window<'_>) -> Option<usize> {
    Some(window.len())
}

/// Version, checksum, then where the last header is, how long it is, and its checksum: 32 bytes.
fn seven_zip(window: Window<'_>) -> Option<usize> {
    const HEADER: usize = 32;
    let (offset, length) = (window.u64(12)?, window.u64(20)?);
    let end = usize::try_from(offset.checked_add(length)?).ok()?.checked_add(HEADER)?;
    Some(end.min(window.len()))
}

fn cabinet(window: Window<'_>) -> Option<usize> {
    const FEWEST: usize = 36;
    let length = size(window.u32(8)?);
    (FEWEST..=window.len()).contains(&length).then_some(length)
}

/// Version, bytes of the header, and at 14 those of all.
fn phoenix(window: Window<'_>) -> Option<usize> {
    const LONGEST_HEADER: usize = 0x1000;
    let (header, length) = (size(window.u32(8)?), size(window.u32(14)?));
    let sound =
        (0x1C..=LONGEST_HEADER).contains(&header) && length >= header && length <= window.len();
    sound.then_some(length)
}

/// Versions 1 to 3 are in use; the length is in 20 bits.
fn nvidia(window: Window<'_>) -> Option<usize> {
    let version = window.u8(5)?;
    let length = size(window.u32(8)? & 0xF_FFFF);
    ((1..=3).contains(&version) && length >= 0x20 && length <= window.len()).then_some(length)
}
