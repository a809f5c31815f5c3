//! Files of a host that may be missing, or closed to whoever asks.

use crate::files::HostFiles;
use std::io::ErrorKind;

/// What came of reading something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Probe<T> {
    /// It is there.
    Is(T),
    /// It is not there.
    Absent,
    /// It is there, and only root may read it.
    Denied,
}

/// Bytes of a file that are read: none that is looked at here is longer.
const MOST: u64 = 8 << 20;

impl Probe<Vec<u8>> {
    /// The first `most` bytes of the file at `path`.
    pub fn bytes(files: &dyn HostFiles, path: &str, most: u64) -> Self {
        match files.read(path, most) {
            Ok(bytes) => Self::Is(bytes),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => Self::Denied,
            Err(_) => Self::Absent,
        }
    }
}

impl Probe<String> {
    /// The text of the file at `path`. What is not UTF-8 in it is replaced.
    #[must_use]
    pub fn file(files: &dyn HostFiles, path: &str) -> Self {
        Self::up_to(files, path, MOST)
    }

    /// The text of a file that somebody wrote, of which 64 KiB are read.
    #[must_use]
    pub fn short(files: &dyn HostFiles, path: &str) -> Self {
        Self::up_to(files, path, 64 << 10)
    }

    fn up_to(files: &dyn HostFiles, path: &str, most: u64) -> Self {
        match Probe::bytes(files, path, most) {
            Probe::Is(bytes) => Self::Is(String::from_utf8_lossy(&bytes).into_owned()),
            Probe::Denied => Self::Denied,
            Probe::Absent => Self::Absent,
        }
    }
}

impl<T> Probe<T> {
    /// What was read.
    pub const fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Denied => None,
        }
    }
}

/// The trimmed text of a small file.
pub(crate) fn word(files: &dyn HostFiles, path: &str) -> Option<String> {
    let text = Probe::short(files, path);
    text.as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// The last part of what a link leads to.
pub(crate) fn link_name(files: &dyn HostFiles, path: &str) -> Option<String> {
    files.link(path)?.rsplit('/').next().map(str::to_owned)
}
