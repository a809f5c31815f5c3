//! Files of a host that may be missing, or closed to whoever asks.

use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// What came of reading something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reading<T> {
    /// It is there.
    Is(T),
    /// It is not there.
    Absent,
    /// It is there, and only root may read it.
    Denied,
}

/// Bytes of a file that are read: none that is looked at here is longer.
const MOST: u64 = 8 << 20;

impl Reading<String> {
    /// The text of the file at `path`. What is no text in it is replaced.
    pub(crate) fn file(path: &Path) -> Self {
        let mut bytes = Vec::new();
        let read = fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
        match read {
            Ok(_) => Self::Is(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Self::Denied,
            Err(_) => Self::Absent,
        }
    }
}

impl<T> Reading<T> {
    /// What was read.
    pub(crate) fn as_ref(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Denied => None,
        }
    }
}

/// The trimmed text of a small file.
pub(crate) fn word(path: &Path) -> Option<String> {
    Reading::file(path).as_ref().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Names in a folder, sorted; none if it cannot be read.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
    names.sort();
    names
}

/// The last part of what a link leads to.
pub(crate) fn link_name(path: &Path) -> Option<String> {
    fs::read_link(path).ok()?.file_name()?.to_str().map(str::to_owned)
}
