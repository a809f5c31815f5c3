//! What a rule reports.

use super::code::{Code, Severity};
use super::fact::Fact;
use crate::bytes::Span;
use crate::parse_error::from_name;

/// One breach of one rule, or one part that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub code: Code,
    /// The bytes that it is about, counted from the start of the file.
    pub span: Span,
    /// Index of the image that it is about, if it is about one.
    pub image: Option<usize>,
    /// What was found, with the values; its words by `Display`.
    pub fact: Fact,
}

impl Finding {
    /// A finding about the file as a whole or a part outside any image.
    #[must_use]
    pub fn of_file(span: Span, fact: impl Into<Fact>) -> Self {
        let fact = fact.into();
        Self { code: fact.code(), span, image: None, fact }
    }

    /// A finding about image number `image`.
    #[must_use]
    pub(crate) fn of_image(image: usize, span: Span, fact: impl Into<Fact>) -> Self {
        Self { image: Some(image), ..Self::of_file(span, fact) }
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        self.code.severity()
    }
}

/// What all findings about a file come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// No finding, or notes only.
    Good,
    /// The worst finding is a warning.
    Warn,
    /// The worst finding is an error.
    Bad,
}

impl Verdict {
    /// All of them, the best first.
    pub const ALL: [Self; 3] = [Self::Good, Self::Warn, Self::Bad];

    /// The verdict that `findings` come to.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        match findings.iter().map(Finding::severity).max() {
            Some(Severity::Error) => Self::Bad,
            Some(Severity::Warning) => Self::Warn,
            Some(Severity::Note) | None => Self::Good,
        }
    }

    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

from_name!(Verdict, Verdict::ALL, name, "good, warn or bad");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_finding_is_the_verdict() {
        let of = |codes: &[Code]| {
            let findings: Vec<Finding> = codes
                .iter()
                .map(|code| Finding::of_file(Span::new(0, 1), Fact::Catalog(*code, String::new())))
                .collect();
            Verdict::of(&findings).name()
        };
        assert!(Verdict::ALL.iter().all(|verdict| verdict.name().parse() == Ok(*verdict)));
        assert_eq!(of(&[]), "good");
        assert_eq!(of(&[Code::TrailingData]), "good");
        assert_eq!(of(&[Code::NoLastImage, Code::TrailingData]), "warn");
        assert_eq!(of(&[Code::NoLastImage, Code::Empty, Code::TrailingData]), "bad");
    }
}
