//! What a check of a host or of a VM found.

/// What a check came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Pass,
    Warn,
    Fail,
    /// It could not be looked at, or another failure explains it.
    Skip,
}

impl Status {
    /// The word for it in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::Skip => "skip",
        }
    }
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Check {
    /// Stable; docs/checks.md has a heading for each.
    pub(crate) id: &'static str,
    pub(crate) status: Status,
    /// What was found, in words.
    pub(crate) says: String,
    /// Where: a path and what stands there.
    pub(crate) evidence: String,
    /// What to do, with commands on lines of their own.
    pub(crate) fix: Option<String>,
}

impl Check {
    fn new(id: &'static str, status: Status, says: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self { id, status, says: says.into(), evidence: evidence.into(), fix: None }
    }

    pub(crate) fn pass(id: &'static str, says: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(id, Status::Pass, says, evidence)
    }

    pub(crate) fn warn(id: &'static str, says: impl Into<String>, evidence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..Self::new(id, Status::Warn, says, evidence) }
    }

    pub(crate) fn fail(id: &'static str, says: impl Into<String>, evidence: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { fix: Some(fix.into()), ..Self::new(id, Status::Fail, says, evidence) }
    }

    pub(crate) fn skip(id: &'static str, says: impl Into<String>, evidence: impl Into<String>) -> Self {
        Self::new(id, Status::Skip, says, evidence)
    }
}
