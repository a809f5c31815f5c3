//! Where the files of a host are read from: a folder that is its root, or a map of files in tests.

mod rom_bar;

use crate::root::Root;
use rom_bar::Attribute;
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// What is read from any place in it.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// The files of a host. Paths are absolute, as the host itself names them.
pub trait HostFiles {
    /// The first `most` bytes of the regular file at `path`.
    ///
    /// # Errors
    /// What the operating system says: the file is missing, closed to this user, or not a regular
    /// file.
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>>;

    /// The regular file at `path`, of which a part is wanted.
    ///
    /// # Errors
    /// As of [`HostFiles::read`].
    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(Cursor::new(self.read(path, u64::MAX)?)))
    }

    /// The names in a folder, sorted; none if it cannot be read. Names that are not UTF-8 are left
    /// out.
    fn names(&self, folder: &str) -> Vec<String>;

    /// What the symbolic link at `path` holds.
    fn link(&self, path: &str) -> Option<String>;

    /// Whether something is at `path`.
    fn exists(&self, path: &str) -> bool;

    /// The permission bits of the file at `path`.
    fn mode(&self, path: &str) -> Option<u32>;

    /// Up to `length` bytes from `offset` on of the flash chip at `path`, as Linux's MTD has it.
    ///
    /// # Errors
    /// What the operating system says: that part of the chip may be closed.
    fn flash(&self, path: &str, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let before = usize::try_from(offset).unwrap_or(usize::MAX);
        let mut bytes = self.read(path, offset.saturating_add(length))?;
        Ok(bytes.split_off(before.min(bytes.len())))
    }

    /// The first `most` bytes of the ROM of a PCI device, whose attribute in sysfs is at `path`. It
    /// is switched on for that, and off again, also if reading fails. Of a host that is not this
    /// one nothing is switched: what is there is a copy.
    ///
    /// # Errors
    /// What the operating system says.
    fn rom_bar(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        self.read(path, most)
    }
}

/// A host whose root is a folder: `/` for this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootFolder(pub PathBuf);

impl RootFolder {
    fn root(&self) -> Root {
        Root::new(self.0.clone())
    }

    /// Where `path` of the host is.
    #[must_use]
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.join(path.trim_start_matches('/'))
    }
}

impl HostFiles for RootFolder {
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let file = self.root().open(path.as_ref())?;
        // A length that is not true costs no more than what may be read.
        let length = file.metadata().map_or(0, |there| there.len()).min(most);
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(most).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn open(&self, path: &str) -> io::Result<Box<dyn ReadSeek>> {
        Ok(Box::new(self.root().open(path.as_ref())?))
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let names = self.root().names(folder.as_ref()).unwrap_or_default();
        names.into_iter().filter_map(|name| name.into_string().ok()).collect()
    }

    fn link(&self, path: &str) -> Option<String> {
        self.root().link(path.as_ref()).ok()?.to_str().map(str::to_owned)
    }

    fn exists(&self, path: &str) -> bool {
        self.root().exists(path.as_ref())
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.root().mode(path.as_ref()).ok()
    }

    fn flash(&self, path: &str, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        let mut chip = self.root().open_flash(path.as_ref())?;
        chip.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        chip.take(length).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn rom_bar(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let root = self.root();
        if root.is_this_host() {
            rom_bar::read(&mut Attribute { root, path: path.as_ref() }, most)
        } else {
            self.read(path, most)
        }
    }
}

/// What a path of a [`FileMap`] is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    File(Vec<u8>),
    Link(String),
}

/// The files of a host that exists only in memory. Links in the middle of a path are not followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileMap {
    entries: BTreeMap<String, Entry>,
}

impl FileMap {
    /// The files and links below `folder`, as a host of which it is the root.
    ///
    /// # Errors
    /// If something of it cannot be read.
    pub fn from_folder(folder: &Path) -> io::Result<Self> {
        let mut map = Self::default();
        map.add_folder(folder, "")?;
        Ok(map)
    }

    fn add_folder(&mut self, folder: &Path, below: &str) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let path = format!("{below}/{}", entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.add_folder(&entry.path(), &path)?;
            } else if kind.is_symlink() {
                self.link_to(&path, &fs::read_link(entry.path())?.to_string_lossy());
            } else {
                self.write(&path, fs::read(entry.path())?);
            }
        }
        Ok(())
    }

    /// Puts a file at `path`.
    pub fn write(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.entries.insert(path.to_owned(), Entry::File(bytes.into()));
    }

    /// Puts a symbolic link at `path`.
    pub fn link_to(&mut self, path: &str, target: &str) {
        self.entries.insert(path.to_owned(), Entry::Link(target.to_owned()));
    }

    /// Where files and links are.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Takes away what is at `path` and below it.
    pub fn remove(&mut self, path: &str) {
        let below = format!("{path}/");
        self.entries.retain(|own, _| own != path && !own.starts_with(&below));
    }
}

impl HostFiles for FileMap {
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let Some(Entry::File(bytes)) = self.entries.get(path) else {
            return Err(ErrorKind::NotFound.into());
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        Ok(bytes.iter().take(most).copied().collect())
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let below = format!("{}/", folder.trim_end_matches('/'));
        let names = self.entries.keys().filter_map(|path| path.strip_prefix(&below));
        let mut names: Vec<String> =
            names.filter_map(|rest| rest.split('/').next()).map(str::to_owned).collect();
        names.dedup();
        names
    }

    fn link(&self, path: &str) -> Option<String> {
        match self.entries.get(path)? {
            Entry::Link(target) => Some(target.clone()),
            Entry::File(_) => None,
        }
    }

    fn exists(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.entries.keys().any(|own| own == path || own.starts_with(&below))
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.entries.get(path).map(|_| 0o644)
    }
}

/// The files of a host as they will be: some of them have another text.
pub struct Overlay<'f> {
    below: &'f dyn HostFiles,
    changed: FileMap,
}

impl<'f> Overlay<'f> {
    /// The host as it is.
    #[must_use]
    pub fn new(below: &'f dyn HostFiles) -> Self {
        Self { below, changed: FileMap::default() }
    }

    /// Puts a file at `path`, over the one that is there.
    pub fn write(&mut self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.changed.write(path, bytes);
    }
}

impl HostFiles for Overlay<'_> {
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        self.changed.read(path, most).or_else(|_| self.below.read(path, most))
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let mut names = [self.below.names(folder), self.changed.names(folder)].concat();
        names.sort();
        names.dedup();
        names
    }

    fn link(&self, path: &str) -> Option<String> {
        self.below.link(path)
    }

    fn exists(&self, path: &str) -> bool {
        self.changed.exists(path) || self.below.exists(path)
    }

    fn mode(&self, path: &str) -> Option<u32> {
        self.below.mode(path).or_else(|| self.changed.mode(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/hosts/nuc-13-pro");

    #[test]
    fn a_map_says_what_the_folder_says() {
        let (root, map) =
            (RootFolder(SAMPLE.into()), FileMap::from_folder(SAMPLE.as_ref()).unwrap());
        let devices = "/sys/bus/pci/devices";
        assert_eq!(root.names(devices), map.names(devices));
        let class = format!("{devices}/0000:00:02.0/class");
        assert_eq!(root.read(&class, 4).unwrap(), map.read(&class, 4).unwrap());
        let driver = format!("{devices}/0000:00:02.0/driver");
        assert!(root.link(&driver).is_some());
        assert_eq!(root.link(&driver), map.link(&driver));
        for path in ["/sys/firmware/efi", "/nowhere"] {
            assert_eq!(root.exists(path), map.exists(path), "{path}");
        }
        assert!(root.read(devices, 1).is_err() && map.read(devices, 1).is_err());
    }

    #[test]
    fn what_is_removed_is_gone_with_all_below_it() {
        let mut map = FileMap::default();
        map.write("/a/b", "x");
        map.write("/ab", "y");
        map.remove("/a");
        assert!(!map.exists("/a/b") && map.exists("/ab"));
    }
}
