//! Rules over the model. A rule reads [`Rom`] and adds findings; it touches no byte and knows no
//! flag.

mod code;
mod container;
mod contents;
mod efi;
mod fact;
mod file_kind;
mod finding;
mod fitness;
mod known_file;
mod legacy;
mod payload;
mod pcir;

pub use code::{Code, Severity};
pub use contents::contents;
pub use fact::{
    DriverFact, EfiFact, Fact, FileFact, FitnessFact, Follows, LegacyFact, PcirFact, PcirPointer,
};
pub use file_kind::file_kind;
pub use finding::{Finding, Verdict};
pub(crate) use known_file::known_file;

use crate::firmware::Predictions;
use crate::model::Rom;

/// Everything there is to say about the ROM itself, in the order of the file. `predictions` are
/// those of `rom`.
#[must_use]
pub fn check(rom: &Rom<'_>, predictions: &Predictions<'_, '_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    container::check(rom, predictions, &mut findings);
    pcir::check(rom, &mut findings);
    efi::check(rom, &mut findings);
    payload::check(rom, &mut findings);
    legacy::check(rom, predictions, &mut findings);
    fitness::check(rom, &mut findings);
    findings.sort_by_key(|finding| (finding.span.offset, finding.code));
    findings
}
