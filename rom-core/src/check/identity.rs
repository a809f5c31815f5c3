//! Files that the catalog knows and that are not of the release.

use crate::catalog::Lookalike;
use crate::code::Code;
use crate::finding::Finding;
use crate::model::Rom;

/// The finding that `rom` is the file `known`.
#[must_use]
pub fn lookalike(rom: &Rom<'_>, known: &Lookalike) -> Finding {
    Finding::of_file(Code::Lookalike, rom.span(), format!("{}: {}", known.name, known.note))
}
