//! Intel's Video BIOS Table, wherever it is in an image.

use crate::bytes::{Span, Window};
use crate::layout::{BdbHeader, VbtHeader};
use crate::read::structure;
use memchr::memmem;

/// A Video BIOS Table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vbt {
    /// Where it stands: in the file for a legacy image, in the driver for an EFI image.
    pub span: Span,
    /// The product that it names, without "$VBT".
    pub product: String,
    /// Version of its header times 100.
    pub version: u16,
    /// Version of its data; `None` if the BIOS Data Block is not where the header says.
    pub bdb_version: Option<u16>,
    /// Bytes that the header says.
    pub size: usize,
    /// Sum of these bytes, modulo 256; zero in a sound table. `None` if they are not all there.
    pub checksum: Option<u8>,
}

/// No header is longer: drivers hold "$VBT" as a text as well, and other text behind it.
const LONGEST_HEADER: usize = 0x100;

/// The first table in `window` that has a BIOS Data Block, or else the first with a plausible
/// header.
pub(super) fn find(window: Window<'_>) -> Option<Vbt> {
    let tables = || {
        memmem::find_iter(window.bytes(), &VbtHeader::SIGNATURE).filter_map(|at| read(window, at))
    };
    tables().find(|table| table.bdb_version.is_some()).or_else(|| tables().next())
}

fn read(window: Window<'_>, at: usize) -> Option<Vbt> {
    let header: VbtHeader = structure(window, at)?;
    let size = usize::from(header.vbt_size);
    let header_size = usize::from(header.header_size);
    if !(VbtHeader::SIZE..=LONGEST_HEADER).contains(&header_size) || size < header_size {
        return None;
    }
    let (_, product) = header.signature.split_first_chunk::<4>()?;
    let bdb_at = usize::try_from(header.bdb_offset).ok().and_then(|offset| at.checked_add(offset));
    let bdb: Option<BdbHeader> = bdb_at.and_then(|at| structure(window, at));
    let tail = window.from(at)?;
    Some(Vbt {
        span: tail.first(size).span(),
        product: product_name(product),
        version: header.version,
        bdb_version: bdb.filter(|bdb| bdb.signature == BdbHeader::SIGNATURE).map(|bdb| bdb.version),
        size,
        checksum: tail.cut(0, size).map(Window::byte_sum),
    })
}

/// The word in the rest of the signature, which is filled up with spaces on either side.
fn product_name(rest: &[u8]) -> String {
    let text: String = rest
        .iter()
        .take_while(|byte| (b' '..=b'~').contains(*byte))
        .map(|byte| char::from(*byte))
        .collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Vec<u8> {
        let mut bytes = vec![0; 16];
        bytes.extend(b"$VBT RAPTORLAKE     ");
        bytes.extend([100, 0, 48, 0, 70, 0, 0, 0, 48, 0, 0, 0]);
        bytes.extend([0; 16]);
        bytes.extend(b"BIOS_DATA_BLOCK ");
        bytes.extend([250, 0, 22, 0, 22, 0]);
        bytes[16 + 26] = bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte));
        bytes
    }

    #[test]
    fn a_table_is_read_with_its_data_block() {
        let bytes = table();
        let vbt = find(Window::of_file(&bytes)).unwrap();
        assert_eq!(
            (vbt.span, vbt.size, vbt.version, vbt.product.as_str()),
            (Span::new(16, 70), 70, 100, "RAPTORLAKE")
        );
        assert_eq!((vbt.bdb_version, vbt.checksum), (Some(250), Some(0)));
    }

    #[test]
    fn a_cut_table_has_no_checksum() {
        let mut bytes = table();
        bytes.truncate(70);
        let vbt = find(Window::of_file(&bytes)).unwrap();
        assert_eq!((vbt.checksum, vbt.bdb_version), (None, None));
    }

    #[test]
    fn a_header_has_a_size_that_headers_have() {
        let with = |at: usize, value: u16| {
            let mut bytes = table();
            bytes[16 + at..16 + at + 2].copy_from_slice(&value.to_le_bytes());
            find(Window::of_file(&bytes)).is_some()
        };
        // Header size at 22, size of all at 24.
        assert!(with(22, 48) && with(24, 48));
        assert!(!with(22, 0x101) && !with(22, 0x12) && !with(24, 47));
    }

    #[test]
    fn the_signature_alone_is_no_table() {
        assert_eq!(
            find(Window::of_file(b"expects $VBT here, then something else and much more of it")),
            None
        );
    }
}
