//! Any bytes, scanned in blocks of any size: the same ROMs as in one piece.

use rom_core::scan;
use std::io::{self, Read};

/// Gives at most so many bytes at a time.
struct Steps<'b>(&'b [u8], usize);

impl Read for Steps<'_> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(space.len());
        self.0.read(&mut space[..most])
    }
}

pub(super) fn run(bytes: &[u8]) {
    let Some((step, bytes)) = bytes.split_first() else { return };
    // Steps of one byte through many are slow, and say no more than a few hundred steps.
    let step = usize::from(*step).saturating_add(1).saturating_mul(1 + bytes.len() / 256);
    let mut source = Steps(bytes, step);
    let mut found = Vec::new();
    scan::scan(&mut source, &mut |hit| found.push((hit.offset, hit.bytes.len()))).expect("bytes are there");
    let whole: Vec<(u64, usize)> =
        scan::roms(bytes).iter().map(|span| (u64::try_from(span.offset).unwrap_or(u64::MAX), span.length)).collect();
    assert_eq!(found, whole);
}
