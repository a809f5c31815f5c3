//! Files that a catalog knows and that are not of the release.

use super::{FileFact, Finding};
use crate::model::Rom;

/// The finding that `rom` is the known file `name`, of which `note` says what it is.
#[must_use]
pub(crate) fn known_file(rom: &Rom<'_>, name: &str, note: &str) -> Finding {
    Finding::of_file(rom.span(), FileFact::Known { name: name.to_owned(), note: note.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::Limits;
    use crate::read::parse;
    use crate::rules::{Code, Severity};

    #[test]
    fn a_known_file_is_identified_by_its_name() {
        let finding = known_file(&parse(&[1, 2, 3], &Limits::default()), "igd.rom", "another one");
        assert_eq!(
            (finding.code, finding.severity(), finding.span.length),
            (Code::KnownFile, Severity::Note, 3)
        );
        assert_eq!(finding.fact.to_string(), "igd.rom: another one");
    }
}
