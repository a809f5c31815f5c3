//! Files in, up to a limit.

use crate::atomic;
use crate::error::{CliError, Exit};
use rom_core::Limits;
use rom_core::file_kind::identify;
use rom_host::root;
use std::fs::{self, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use walkdir::WalkDir;

/// A file as far as it is looked at.
pub(crate) struct FileBytes {
    /// What was read: one byte more than the limit tells that there is more.
    pub(crate) bytes: Vec<u8>,
    /// Bytes of the whole file, where that is known.
    pub(crate) size: u64,
}

/// Reads a ROM: `-` is standard input.
pub(crate) fn read_rom(path: &Path, limits: &Limits) -> Result<FileBytes, CliError> {
    if path == Path::new("-") {
        return read_up_to(io::stdin().lock(), limits, 0)
            .map_err(|error| CliError::file("read", path, &error));
    }
    let read = || {
        let file = root::open(path)?;
        let size = file.metadata()?.len();
        read_up_to(file, limits, size)
    };
    read().map_err(|error| CliError::file("read", path, &error))
}

/// Reads a file that is a ROM or may hold some: of firmware and of archives as much as is taken
/// apart, of all others as much as a ROM has. `-` is standard input.
pub(crate) fn read_any(path: &Path, limits: &Limits) -> Result<FileBytes, CliError> {
    let read = || {
        if path == Path::new("-") {
            return read_on(io::stdin().lock(), limits, 0);
        }
        let file = root::open(path)?;
        let size = file.metadata()?.len();
        read_on(file, limits, size)
    };
    read().map_err(|error| CliError::file("read", path, &error))
}

fn read_on(mut source: impl Read, limits: &Limits, size: u64) -> io::Result<FileBytes> {
    let mut file = read_up_to(&mut source, limits, size)?;
    if file.bytes.len() > limits.file && identify(&file.bytes).may_be_large() {
        let rest = limits.firmware.saturating_sub(file.bytes.len());
        let rest = read_up_to(source, &Limits { file: rest, ..*limits }, 0)?;
        file.bytes.extend(rest.bytes);
        file.size = file.size.max(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
    }
    Ok(file)
}

/// Reads a ROM's part that a text of somebody names: a regular file, and not where a link leads.
pub(crate) fn read_plain(path: &Path, limits: &Limits) -> Result<FileBytes, CliError> {
    let failed = |error: io::Error| CliError::file("read", path, &error);
    let named = fs::symlink_metadata(path).map_err(failed)?;
    // What was opened has to be what was looked at.
    let same = |opened: &Metadata| (opened.dev(), opened.ino()) == (named.dev(), named.ino());
    if named.is_file() {
        let file = root::open(path).map_err(failed)?;
        if file.metadata().is_ok_and(|opened| same(&opened)) {
            return read_up_to(file, limits, named.len()).map_err(failed);
        }
    }
    let what = format!("{} is not a regular file", path.display());
    Err(CliError::new(
        Exit::Failed,
        what,
        "A specification names files in its own folder, not links, folders or devices.",
    ))
}

fn read_up_to(source: impl Read, limits: &Limits, size: u64) -> io::Result<FileBytes> {
    let most = u64::try_from(limits.file).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0));
    source.take(most).read_to_end(&mut bytes)?;
    let size = size.max(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    Ok(FileBytes { bytes, size })
}

/// The files that `paths` name: of a folder everything in it, in order. Links in folders are not
/// followed, and what is not a regular file is skipped. What cannot be read is an error of its own.
pub(crate) fn walk(paths: &[PathBuf]) -> (Vec<PathBuf>, Vec<CliError>) {
    let mut files = Vec::new();
    let mut errors = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        for entry in WalkDir::new(path).sort_by_file_name() {
            match entry {
                Ok(entry) if entry.file_type().is_file() => files.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => {
                    let at = error.path().unwrap_or(path).to_owned();
                    errors.push(CliError::file("read", &at, &error.into()));
                }
            }
        }
    }
    (files, errors)
}

/// The error where [`walk`] finds no file below `paths`.
pub(crate) fn none_in(paths: &[PathBuf]) -> CliError {
    let names: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let what = format!("{} contains no file", names.join(", "));
    CliError::new(Exit::No, what, "Name a file, or a folder with files.")
}

/// Reads a text file of at most `most` bytes: `-` is standard input.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, CliError> {
    let read = if path == Path::new("-") {
        root::read_whole(io::stdin().lock(), most)
    } else {
        root::read(path, most)
    };
    let bytes = read.map_err(|error| CliError::file("read", path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let what = format!("{} is not a text file: byte {at} is not UTF-8", path.display());
        CliError::new(Exit::Failed, what, "Check the path.")
    })
}

/// Writes a file that must not be there yet. Nothing half-written ever has its name.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    Ok(atomic::write_new(path, bytes)?)
}
