//! Debian's package database, `/var/lib/dpkg/status`: a paragraph for each package. dpkg writes it
//! sorted by name, so a paragraph is found by halving the file, of which a few pages are then read
//! instead of all. Where it is not sorted, all of it is searched.

use super::access::Probe;
use crate::files::{HostFiles, ReadSeek};
use memchr::memmem;
use std::io::{self, Read as _, SeekFrom};

/// The database.
pub const DATABASE: &str = "/var/lib/dpkg/status";
/// Bytes of the database that are read.
const LONGEST: u64 = 16 << 20;
/// Bytes that are read at once: some paragraphs.
const WINDOW: u64 = 4 << 10;
/// Bytes that are searched after the place where a paragraph may begin. One that is longer is found
/// by searching all.
const ENOUGH: u64 = 12 << 10;

/// What the first line of a paragraph begins with.
const PACKAGE: &[u8] = b"Package: ";

/// A package that is installed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Installed {
    /// Its version.
    pub version: String,
}

/// The package of this name, if it is installed.
#[must_use]
pub fn installed(files: &dyn HostFiles, package: &str) -> Option<Installed> {
    let halved = files.open(DATABASE).and_then(|mut file| near(&mut *file, package));
    let found = halved.ok().and_then(|(bytes, is_start)| {
        // What is before the first empty line may be the end of a paragraph.
        let whole = if is_start { 0 } else { memmem::find(&bytes, b"\n\n")?.checked_add(2)? };
        paragraph(bytes.get(whole..)?, package)
    });
    let own =
        found.or_else(|| paragraph(Probe::bytes(files, DATABASE, LONGEST).as_ref()?, package))?;
    let is_installed = field(&own, "Status").is_some_and(|status| status.ends_with(" installed"));
    let version = field(&own, "Version").filter(|_| is_installed)?;
    Some(Installed { version: version.to_owned() })
}

/// The part of the sorted database in which `package` has to be, and whether the part is its
/// beginning.
fn near(file: &mut dyn ReadSeek, package: &str) -> io::Result<(Vec<u8>, bool)> {
    // The paragraph begins after `low` and not after `high`.
    let (mut low, mut high) = (0, file.seek(SeekFrom::End(0))?.min(LONGEST));
    while high.saturating_sub(low) > WINDOW {
        let middle = low.midpoint(high);
        let bytes = part(file, middle, WINDOW)?;
        let Some((at, name)) = first_name(&bytes) else { break };
        if name < package.as_bytes() {
            low = middle.saturating_add(at);
        } else {
            high = middle;
        }
    }
    let length = high.saturating_sub(low).min(WINDOW).saturating_add(ENOUGH);
    Ok((part(file, low, length)?, low == 0))
}

/// The first package of which a paragraph begins in `bytes`, and where: at the empty line before.
fn first_name(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let at = memmem::find(bytes, b"\n\nPackage: ")?;
    let name = bytes.get(at.checked_add(2 + PACKAGE.len())?..)?;
    let end = memchr::memchr(b'\n', name)?;
    Some((u64::try_from(at).ok()?, name.get(..end)?))
}

fn part(file: &mut dyn ReadSeek, start: u64, length: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
    file.take(length).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What the database has about a package.
fn paragraph(status: &[u8], package: &str) -> Option<String> {
    let head = [PACKAGE, package.as_bytes(), b"\n"].concat();
    let begins =
        |at: &usize| at.checked_sub(1).is_none_or(|before| status.get(before) == Some(&b'\n'));
    let start = memmem::find_iter(status, &head).find(begins)?;
    let rest = status.get(start..)?;
    let end = memmem::find(rest, b"\n\n").unwrap_or(rest.len());
    Some(String::from_utf8_lossy(rest.get(..end)?).into_owned())
}

fn field<'p>(paragraph: &'p str, name: &str) -> Option<&'p str> {
    paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;
    use std::fmt::Write as _;

    fn version(status: impl Into<Vec<u8>>, package: &str) -> Option<String> {
        let mut files = FileMap::default();
        files.write(DATABASE, status);
        installed(&files, package).map(|found| found.version)
    }

    const STATUS: &str = "Package: qemu-system-x86\nStatus: deinstall ok config-files\n\
        Version: 1:7.2\n\nPackage: pve-qemu-kvm\nStatus: install ok installed\nVersion: 10.1.2-4\n";

    #[test]
    fn only_installed_packages_count() {
        assert_eq!(version(STATUS, "pve-qemu-kvm").as_deref(), Some("10.1.2-4"));
        for package in ["qemu-system-x86", "qemu", "kvm", ""] {
            assert_eq!(version(STATUS, package), None, "{package}");
        }
        assert_eq!(version("", "qemu"), None);
    }

    /// A database of `count` packages, in their order or in another.
    fn database(count: usize, sorted: bool) -> String {
        let mut numbers: Vec<usize> = (0..count).collect();
        if !sorted {
            numbers.reverse();
        }
        let mut text = String::new();
        for number in numbers {
            // Paragraphs of many lengths, one of them longer than what is searched.
            let lines = if number == 120 { 3000 } else { number % 30 };
            let _ = write!(
                text,
                "Package: p{number:04}\nStatus: install ok installed\nVersion: {number}\n{}\n",
                "Description: of p0001, and no\n Package: of its own\n".repeat(lines)
            );
        }
        text
    }

    #[test]
    fn every_package_of_a_long_database_is_found() {
        for (count, sorted) in [(1, true), (2, true), (150, true), (20, false)] {
            let text = database(count, sorted);
            for number in 0..count {
                let found = version(&*text, &format!("p{number:04}"));
                assert_eq!(found, Some(number.to_string()), "{count} {sorted}");
            }
            for absent in ["a", "p", "p00005", "z"] {
                assert_eq!(version(&*text, absent), None, "{absent}");
            }
        }
    }

    #[test]
    fn of_a_sorted_database_little_is_read() {
        use std::io::{Cursor, Read, Seek};
        struct Counted(Cursor<Vec<u8>>, usize);
        impl Read for Counted {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let read = self.0.read(buffer)?;
                self.1 = self.1.saturating_add(read);
                Ok(read)
            }
        }
        impl Seek for Counted {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.0.seek(to)
            }
        }
        let text = database(1500, true);
        assert!(text.len() > 1 << 20, "{}", text.len());
        let mut file = Counted(Cursor::new(text.into_bytes()), 0);
        let (bytes, _) = near(&mut file, "p1234").unwrap();
        assert!(paragraph(&bytes, "p1234").is_some());
        assert!(file.1 < 200 << 10, "{} bytes", file.1);
    }
}
