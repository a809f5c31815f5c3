//! The tar.gz for systems without a package of their own: unpack it below /usr/local.

use super::tree::Tree;
use super::{Commit, VERSION};
use crate::error::Error;
use clap_complete::Shell;
use flate2::{Compression, GzBuilder};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

/// Writes the archive into `out`; its name.
pub(super) fn write(tree: &Tree, commit: &Commit, out: &Path) -> Result<String, Error> {
    let name = format!("oprom-{VERSION}-{}-linux", std::env::consts::ARCH);
    let bytes = archive(&name, tree, commit.time).map_err(Error::file(out))?;
    let file = format!("{name}.tar.gz");
    let path = out.join(&file);
    fs::write(&path, bytes).map_err(Error::file(&path))?;
    Ok(file)
}

/// Where each file goes.
fn places(tree: &Tree) -> BTreeMap<String, &[u8]> {
    let mut places: BTreeMap<String, &[u8]> = BTreeMap::new();
    places.insert("bin/oprom".to_owned(), &tree.program);
    for page in &tree.manual {
        places.insert(format!("share/man/man1/{}", page.name), &page.bytes);
    }
    for (shell, bytes) in &tree.completions {
        let place = match shell {
            Shell::Zsh => "share/zsh/site-functions/_oprom",
            Shell::Fish => "share/fish/vendor_completions.d/oprom.fish",
            _ => "share/bash-completion/completions/oprom",
        };
        places.insert(place.to_owned(), bytes);
    }
    for document in tree.documents.iter().chain(&tree.licences) {
        places.insert(format!("share/doc/oprom/{}", document.name), &document.bytes);
    }
    places.insert(format!("share/oprom/{}", tree.catalog.name), &tree.catalog.bytes);
    places
}

/// A tar.gz of the tree below `folder`: sorted, of one time, owned by root.
fn archive(folder: &str, tree: &Tree, time: u64) -> io::Result<Vec<u8>> {
    let compressed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut tar = tar::Builder::new(compressed);
    for (name, bytes) in places(tree) {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(if name.starts_with("bin/") { 0o755 } else { 0o644 });
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, format!("{folder}/{name}"), bytes)?;
    }
    tar.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_the_same_archive() {
        let tree = || Tree::of(crate::top(), b"program".to_vec()).unwrap();
        let one = archive("oprom", &tree(), 1_700_000_000).unwrap();
        assert_eq!(one, archive("oprom", &tree(), 1_700_000_000).unwrap());
        let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(one.as_slice()));
        let mut names = Vec::new();
        for entry in tar.entries().unwrap() {
            let entry = entry.unwrap();
            let name = entry.path().unwrap().to_str().unwrap().to_owned();
            assert_eq!(
                entry.header().mode().unwrap() & 0o111 != 0,
                name == "oprom/bin/oprom",
                "{name}"
            );
            assert_eq!(
                (entry.header().uid().unwrap(), entry.header().mtime().unwrap()),
                (0, 1_700_000_000)
            );
            names.push(name);
        }
        assert!(names.is_sorted());
        for expected in [
            "bin/oprom",
            "share/man/man1/oprom.1",
            "share/doc/oprom/LICENSE-MIT",
            "share/doc/oprom/third-party-licences.txt",
            "share/oprom/known-roms.toml",
            "share/zsh/site-functions/_oprom",
        ] {
            assert!(names.contains(&format!("oprom/{expected}")), "{expected} of {names:?}");
        }
    }
}
