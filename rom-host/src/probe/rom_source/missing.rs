//! Why a source cannot be read, and what to do.

use crate::advice::Advice;
use std::io;

/// Why a source cannot be read, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Why, as the rest of a sentence that begins with what the source is.
    pub why: String,
    /// What to do, if anything helps.
    pub advice: Advice,
}

impl Missing {
    /// Where nothing helps, or what helps is the next source.
    pub(super) fn plain(why: impl Into<String>) -> Self {
        Self { why: why.into(), advice: Advice::default() }
    }

    /// With what to do.
    pub(super) fn with(why: impl Into<String>, advice: impl Into<Advice>) -> Self {
        Self { why: why.into(), advice: advice.into() }
    }

    /// It is there, and closed to this user. Root can be refused too: a kernel that is locked down
    /// closes the hardware, and a container has none.
    pub(super) fn closed(error: &io::Error) -> Self {
        /// What is not permitted, which is another number than access that is denied.
        const EPERM: i32 = 1;
        if error.raw_os_error() == Some(EPERM) {
            let advice = "Secure Boot locks the kernel down, which closes the hardware to root \
                          too: switch Secure Boot off in the BIOS setup for this. In a \
                          container, do this on the host.";
            return Self::with("the kernel does not permit it (Operation not permitted)", advice);
        }
        Self::with(
            "only root can read it",
            Advice::from("As root:").run(["oprom", "extract", "--host"]),
        )
    }

    /// It is there, and holds nothing.
    pub(super) fn empty() -> Self {
        Self::plain("it is empty: the firmware left nothing there")
    }
}
