//! What can go wrong in a task.

use std::io;
use std::path::{Path, PathBuf};

/// A task that was not done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file could not be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A program failed, or is not there.
    #[error("{0}")]
    Program(String),
    /// There are changes that are not committed.
    #[error("the work tree is not clean: commit first\n{0}")]
    NotClean(String),
    /// A source file that is not Rust.
    #[error("{path}: {error}")]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Why.
        error: syn::Error,
    },
    /// Imports that must not be.
    #[error("{0}")]
    Layers(String),
}

impl Error {
    /// Makes an error of `path` out of an input or output error.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::File { path, error }
    }
}
