//! Files in, up to a limit.

use crate::error::{CliError, Exit};
use crate::place::Target;
use rom_core::Limits;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::path::Path;

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
        return read_up_to(io::stdin().lock(), limits, 0).map_err(|error| CliError::file("read", path, &error));
    }
    let read = || {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        read_up_to(file, limits, metadata.len())
    };
    read().map_err(|error| CliError::file("read", path, &error))
}

fn read_up_to(source: impl Read, limits: &Limits, size: u64) -> io::Result<FileBytes> {
    let most = u64::try_from(limits.file).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::with_capacity(usize::try_from(size.min(most)).unwrap_or(0));
    source.take(most).read_to_end(&mut bytes)?;
    let size = size.max(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
    Ok(FileBytes { bytes, size })
}

/// Reads a text file of at most `most` bytes: `-` is standard input.
pub(crate) fn read_text(path: &Path, most: u64) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    let most_and_one = most.saturating_add(1);
    let read = if path == Path::new("-") {
        io::stdin().lock().take(most_and_one).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(most_and_one).read_to_end(&mut bytes))
    };
    read.map_err(|error| CliError::file("read", path, &error))?;
    let too_long = u64::try_from(bytes.len()).is_ok_and(|length| length > most);
    let text = String::from_utf8(bytes).ok().filter(|_| !too_long);
    text.ok_or_else(|| CliError::new(Exit::Failed, format_args!("{} is no text file", path.display()), "Check the path."))
}

/// Writes a file that must not be there yet. Nothing half-written ever has its name.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let target = Target::open(path)?;
    if target.current()?.is_some() {
        let what = format!("{} is there already", path.display());
        return Err(CliError::new(Exit::Failed, what, "Give another name with -o, or move it away."));
    }
    let mut partial = target.partial()?;
    let written = partial.write_all(bytes);
    written.map_err(|error| partial.error(&error))?;
    target.place_new(partial)
}
