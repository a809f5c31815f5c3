//! Who holds a lock.

use rom_host::root::{self, Root};
use std::fmt;
use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The largest list of locks that is read.
const MOST: u64 = 4 << 20;

/// The process that holds a lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Holder {
    /// Its number.
    pub(crate) process: u32,
    /// Its name, where that can be read.
    pub(crate) name: Option<String>,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}", self.process)?;
        self.name.as_ref().map_or(Ok(()), |name| write!(f, " ({name})"))
    }
}

/// Why a lock was not taken.
#[derive(Debug)]
pub(super) enum NotTaken {
    /// Another process has it.
    Held(Option<Holder>),
    /// The file system cannot do it.
    Failed(io::Error),
}

/// How often a lock is tried that nobody is known to hold, and the time between. It is free
/// already, or a process that is just being started has it until it runs its program.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

/// Takes the lock on `file`; does not wait for a process that is known to hold it.
pub(super) fn take(file: &File) -> Result<(), NotTaken> {
    for _ in 0..TRIES {
        match file.try_lock() {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(NotTaken::Failed(error)),
            Err(TryLockError::WouldBlock) => {}
        }
        if let Some(holder) = holder(file) {
            return Err(NotTaken::Held(Some(holder)));
        }
        thread::sleep(PAUSE);
    }
    Err(NotTaken::Held(None))
}

/// The process that holds the lock on `file`; `None` where the kernel does not say.
fn holder(file: &File) -> Option<Holder> {
    let inode = file.metadata().ok()?.ino();
    let locks = root::read(Path::new("/proc/locks"), MOST).ok()?;
    let process = process(&String::from_utf8_lossy(&locks), inode)?;
    let name = Root::host().read(&PathBuf::from(format!("/proc/{process}/comm")), 64).ok();
    let name = name.map(|name| String::from_utf8_lossy(&name).trim().to_owned());
    Some(Holder { process, name })
}

/// The process with a lock of the whole file `inode` in the text of `/proc/locks`. Devices are left
/// out: some file systems name another one there.
fn process(locks: &str, inode: u64) -> Option<u32> {
    let of_line = |line: &str| {
        let mut words = line.split_whitespace().skip(1);
        let held = words.next() == Some("FLOCK");
        let process = words.nth(2)?.parse().ok()?;
        let own: u64 = words.next()?.rsplit(':').next()?.parse().ok()?;
        (held && own == inode).then_some(process)
    };
    locks.lines().find_map(of_line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_is_found_by_the_file() {
        let locks = "1: POSIX  ADVISORY  WRITE 812 08:01:77 0 EOF\n2: FLOCK  ADVISORY  WRITE 4711 00:2a:77 0 EOF\n\
                     2: -> FLOCK  ADVISORY  WRITE 4712 00:2a:77 0 EOF\n3: FLOCK  ADVISORY  READ 9 00:2a:78 0 EOF\n";
        assert_eq!(process(locks, 77), Some(4711));
        assert_eq!(process(locks, 78), Some(9));
        assert_eq!(process(locks, 79), None);
        assert_eq!(process("nonsense\n1:\n", 1), None);
    }
}
