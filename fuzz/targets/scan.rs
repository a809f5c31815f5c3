//! Any bytes, scanned in blocks of any size: the same ROMs as in one piece.

use rom_core::scan::{self, Scanner};

pub(crate) fn run(bytes: &[u8]) {
    let Some((step, bytes)) = bytes.split_first() else { return };
    let step = usize::from(*step).saturating_add(1);
    let mut scanner = Scanner::default();
    let mut found = Vec::new();
    let mut rest = bytes;
    loop {
        let space = scanner.space();
        let length = step.min(space.len()).min(rest.len());
        let (block, behind) = rest.split_at(length);
        space[..length].copy_from_slice(block);
        rest = behind;
        scanner.advance(length, &mut |hit| found.push((hit.offset, hit.bytes.len())));
        if length == 0 {
            break;
        }
    }
    let whole: Vec<(u64, usize)> =
        scan::roms(bytes).iter().map(|span| (u64::try_from(span.offset).unwrap_or(u64::MAX), span.length)).collect();
    assert_eq!(found, whole);
}
