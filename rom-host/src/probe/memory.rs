//! Memory of a host.

use super::access::Probe;
use crate::files::HostFiles;

/// All of it, in MiB.
pub fn total(files: &dyn HostFiles) -> Option<u64> {
    let Probe::Is(text) = Probe::file(files, "/proc/meminfo") else { return None };
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches("kB").trim().parse().ok()?;
    Some(kibibytes / 1024)
}
