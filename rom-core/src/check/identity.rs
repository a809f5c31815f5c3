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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;
    use crate::finding::Severity;
    use crate::limits::Limits;
    use crate::read::parse;

    #[test]
    fn a_known_file_is_told_by_its_name() {
        let known = Catalog::embedded().lookalikes.iter().next().unwrap();
        let finding = lookalike(&parse(&[1, 2, 3], &Limits::default()), known);
        assert_eq!((finding.code, finding.severity(), finding.span.length), (Code::Lookalike, Severity::Note, 3));
        assert_eq!(finding.message, format!("{}: {}", known.name, known.note));
    }
}
