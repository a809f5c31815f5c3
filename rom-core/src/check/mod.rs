//! Rules over the model. A rule reads [`Rom`] and adds findings; it touches no byte and knows no flag.

mod container;
mod contents;
mod efi;
mod fitness;
mod identity;
mod legacy;
mod payload;
mod pcir;

pub use contents::contents;
pub use identity::lookalike;

use crate::finding::Finding;
use crate::model::Rom;

/// Everything there is to say about `rom`, in the order of the file.
#[must_use]
pub fn check(rom: &Rom<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rules in [container::check, pcir::check, efi::check, payload::check, legacy::check, fitness::check] {
        rules(rom, &mut findings);
    }
    findings.sort_by_key(|finding| (finding.span.offset, finding.code));
    findings
}
