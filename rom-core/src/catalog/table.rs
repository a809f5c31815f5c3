//! The entries of one kind. Those of the built-in catalog are read when one is first asked for: a
//! question about a file needs no names of CPUs.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::slice::Iter;
use std::sync::OnceLock;

/// The entries of one kind, such as all ROMs: a slice.
#[derive(Clone)]
pub struct Table<T> {
    /// JSON that is read into `entries` when they are first asked for.
    text: &'static str,
    entries: OnceLock<Vec<T>>,
}

impl<T> Table<T> {
    /// The entries of `text`, a list in JSON that is known to be one of `T`.
    pub(super) const fn built_in(text: &'static str) -> Self {
        Self { text, entries: OnceLock::new() }
    }
}

impl<T: DeserializeOwned> Deref for Table<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // It cannot fail: a test reads the same bytes.
        self.entries.get_or_init(|| serde_json::from_str(self.text).unwrap_or_default())
    }
}

impl<T> From<Vec<T>> for Table<T> {
    fn from(entries: Vec<T>) -> Self {
        Self { text: "", entries: entries.into() }
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::from(Vec::new())
    }
}

impl<'t, T: DeserializeOwned> IntoIterator for &'t Table<T> {
    type Item = &'t T;
    type IntoIter = Iter<'t, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: DeserializeOwned + PartialEq> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: DeserializeOwned + Eq> Eq for Table<T> {}

impl<T: DeserializeOwned + fmt::Debug> fmt::Debug for Table<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Table<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(Self::from)
    }
}

impl<T: DeserializeOwned + Serialize> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (**self).serialize(serializer)
    }
}
