//! The kernel: its version, command line and configuration.

use super::access::{Probe, word};
use crate::files::HostFiles;

/// What a host runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// As `uname -r` prints it.
    pub release: Option<String>,
    /// Its command line, in words.
    pub command_line: Vec<String>,
    /// Its configuration, where the boot folder has it.
    pub config: Probe<String>,
}

/// Reads it.
pub fn read(files: &dyn HostFiles) -> Kernel {
    let release = word(files, "/proc/sys/kernel/osrelease");
    let config = release
        .as_ref()
        .map_or(Probe::Absent, |release| Probe::file(files, &format!("/boot/config-{release}")));
    let command_line = word(files, "/proc/cmdline").unwrap_or_default();
    Kernel {
        release,
        command_line: command_line.split_ascii_whitespace().map(str::to_owned).collect(),
        config,
    }
}

impl Kernel {
    /// Major and minor version.
    #[must_use]
    pub fn version(&self) -> Option<(u32, u32)> {
        let mut parts = self.release.as_deref()?.split(|letter: char| !letter.is_ascii_digit());
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    }

    /// The last value of an option of the command line; dashes and underscores are alike in its
    /// name.
    #[must_use]
    pub fn option(&self, name: &str) -> Option<&str> {
        let plain = |name: &str| name.replace('-', "_");
        self.command_line.iter().rev().find_map(|word| {
            let (own, value) = word.split_once('=')?;
            (plain(own) == plain(name)).then_some(value)
        })
    }

    /// Whether the configuration switches `name` on; `None` if there is none to look at.
    #[must_use]
    pub fn configured(&self, name: &str) -> Option<bool> {
        let config = self.config.as_ref()?;
        Some(
            config.lines().any(|line| {
                line.strip_prefix(name).is_some_and(|rest| rest == "=y" || rest == "=m")
            }),
        )
    }
}
