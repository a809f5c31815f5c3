//! Options of kernel modules: the running module's, and what modprobe.d says for the next start.

use super::access::{Probe, word};
use crate::files::HostFiles;
use std::path::Path;

/// A line of a file in /etc/modprobe.d.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The file, as the host names it.
    pub file: String,
    /// The line, without comment.
    pub text: String,
}

/// What a host says of vfio-pci and the GPU's own drivers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Modprobe {
    /// The value that the running vfio-pci has of `disable_vga`; `None` while it is not loaded or
    /// was built without it.
    pub running_disable_vga: Option<bool>,
    /// Lines with something in them.
    pub lines: Vec<Line>,
}

/// Bytes of all files together that are read: distributions bring some thousand.
const MOST: u64 = 1 << 20;

/// Reads it.
pub fn read(files: &dyn HostFiles) -> Modprobe {
    let running = word(files, "/sys/module/vfio_pci/parameters/disable_vga")
        .map(|value| value == "Y" || value == "1");
    let mut lines = Vec::new();
    let mut left = MOST;
    for name in files.names("/etc/modprobe.d") {
        // modprobe reads no other file.
        if Path::new(&name).extension().is_none_or(|extension| extension != "conf") {
            continue;
        }
        let file = format!("/etc/modprobe.d/{name}");
        let text = Probe::bytes(files, &file, left);
        let text = text.as_ref().map(|bytes| String::from_utf8_lossy(bytes)).unwrap_or_default();
        left = left.saturating_sub(text.len().try_into().unwrap_or(u64::MAX));
        for line in text.lines() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if !line.is_empty() {
                lines.push(Line { file: file.clone(), text: line.to_owned() });
            }
        }
    }
    Modprobe { running_disable_vga: running, lines }
}

impl Modprobe {
    /// Each option that lines give a module, with its line.
    pub fn options_of<'m>(&'m self, module: &'m str) -> impl Iterator<Item = (&'m Line, &'m str)> {
        self.lines.iter().flat_map(move |line| {
            let mut words = line.text.split_whitespace();
            let is_its = words.next() == Some("options")
                && words.next().is_some_and(|own| own.replace('-', "_") == module);
            let own = is_its.then_some(words);
            own.into_iter().flatten().map(move |word| (line, word))
        })
    }

    /// The line that gives vfio-pci `disable_vga=1`, if one does.
    #[must_use]
    pub fn disable_vga_line(&self) -> Option<&Line> {
        let is_it =
            |word: &str| matches!(word, "disable_vga=1" | "disable_vga=Y" | "disable_vga=y");
        self.options_of("vfio_pci").find(|(_, word)| is_it(word)).map(|(line, _)| line)
    }
}
