//! What a check of a host or of a VM found.

use crate::advice::Advice;
use crate::host_change::HostChange;
use crate::quotation::bounded;

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// All is well.
    Pass,
    /// It works, and could be better.
    Warn,
    /// It does not work.
    Fail,
    /// It could not be looked at, or another failure explains it.
    Skip,
}

impl Status {
    /// The word for it in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// What a check found. Text of a configuration in it is escaped where a terminal would obey it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// Stable; docs/checks.md has a heading for each.
    pub id: &'static str,
    /// What it came to.
    pub status: Status,
    /// What was found, in words, on one line.
    pub says: String,
    /// Where: a path and what is there.
    pub evidence: String,
    /// What to do.
    pub advice: Option<Advice>,
    /// What makes it right on this host, where a program can do it.
    pub changes: Vec<HostChange>,
}

impl Check {
    fn new(
        id: &'static str,
        status: Status,
        says: impl Into<String>,
        evidence: impl Into<String>,
    ) -> Self {
        Self {
            id,
            status,
            says: bounded(&says.into()),
            evidence: bounded(&evidence.into()),
            advice: None,
            changes: Vec::new(),
        }
    }

    /// A check that found nothing wrong.
    pub fn pass(id: &'static str, says: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, says, evidence)
    }

    /// A check that found something that could be better.
    pub fn warn(
        id: &'static str,
        says: impl Into<String>,
        evidence: impl Into<String>,
        advice: impl Into<Advice>,
    ) -> Self {
        Self { advice: Some(advice.into()), ..Self::new(id, Status::Warn, says, evidence) }
    }

    /// A check that found what does not work.
    pub fn fail(
        id: &'static str,
        says: impl Into<String>,
        evidence: impl Into<String>,
        advice: impl Into<Advice>,
    ) -> Self {
        Self { advice: Some(advice.into()), ..Self::new(id, Status::Fail, says, evidence) }
    }

    /// A check that could not be made.
    pub fn skip(id: &'static str, says: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(id, Status::Skip, says, evidence)
    }

    /// It with what makes it right, done in this order.
    pub(crate) fn changed_by(self, changes: impl IntoIterator<Item = HostChange>) -> Self {
        Self { changes: changes.into_iter().collect(), ..self }
    }
}
