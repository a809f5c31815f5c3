//! The package for Debian, Proxmox VE and Ubuntu, made by debhelper of `packaging/debian`.

use super::tree::{Named, Tree};
use super::{Commit, VERSION, output};
use crate::error::Error;
use clap_complete::Shell;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

/// The one architecture that is released, as Debian names it.
const ARCHITECTURE: &str = "amd64";
/// The folder in which the package is made, from the top.
const STAGE: &str = "target/package/deb";

/// Writes the package into `out`; its name.
pub(super) fn write(top: &Path, tree: &Tree, commit: &Commit, out: &Path) -> Result<String, Error> {
    let stage = top.join(STAGE);
    if stage.exists() {
        fs::remove_dir_all(&stage).map_err(Error::file(&stage))?;
    }
    let source = stage.join("source");
    copy_folder(&top.join("packaging/debian"), &source.join("debian"))?;
    put(&source, "debian/changelog", changelog(&source, commit)?.as_bytes())?;
    fill(&source, tree)?;
    output(
        Command::new("debian/rules")
            .arg("binary")
            .current_dir(&source)
            .env("SOURCE_DATE_EPOCH", commit.time.to_string())
            .env("DEB_BUILD_OPTIONS", "nocheck"),
    )
    .map_err(|error| Error::Program(format!("{error}\nThe package needs debhelper.")))?;
    let name = format!("oprom_{VERSION}_{ARCHITECTURE}.deb");
    fs::copy(stage.join(&name), out.join(&name)).map_err(Error::file(&out.join(&name)))?;
    Ok(name)
}

/// The files of the package, where `packaging/debian` says that they are.
fn fill(source: &Path, tree: &Tree) -> Result<(), Error> {
    let program = put(source, "tree/usr/bin/oprom", &tree.program)?;
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755))
        .map_err(Error::file(&program))?;
    for (shell, bytes) in &tree.completions {
        let place = match shell {
            Shell::Zsh => "zsh/vendor-completions/_oprom",
            Shell::Fish => "fish/vendor_completions.d/oprom.fish",
            _ => "bash-completion/completions/oprom",
        };
        put(source, &format!("tree/usr/share/{place}"), bytes)?;
    }
    put(source, &format!("tree/usr/share/oprom/{}", tree.catalog.name), &tree.catalog.bytes)?;
    // debhelper would take a file of that name for Debian's own changelog.
    let name = |file: &Named| file.name.replace("CHANGELOG", "NEWS");
    let put_all = |folder: &str, files: &[Named]| {
        files.iter().try_for_each(|file| {
            put(source, &format!("{folder}/{}", name(file)), &file.bytes).map(drop)
        })
    };
    put_all("man", &tree.manual)?;
    put_all("documents", &tree.documents)
}

/// Debian's own changelog, which names the version. What is new is in `CHANGELOG.md`.
fn changelog(source: &Path, commit: &Commit) -> Result<String, Error> {
    let path = source.join("debian/control");
    let control = fs::read_to_string(&path).map_err(Error::file(&path))?;
    let maintainer = control.lines().find_map(|line| line.strip_prefix("Maintainer: "));
    let time = format!("@{}", commit.time);
    let date = output(Command::new("date").env("LC_ALL", "C").args(["-u", "-R", "-d", &time]))?;
    Ok(format!(
        "oprom ({VERSION}) unstable; urgency=medium\n\n  \
         * Release {VERSION}. NEWS.md says what is new.\n\n \
         -- {}  {date}\n",
        maintainer.unwrap_or_default()
    ))
}

/// Writes a file below `folder`, and the folders above it.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> Result<std::path::PathBuf, Error> {
    let path = folder.join(name);
    let above = path.parent().unwrap_or(folder);
    fs::create_dir_all(above).map_err(Error::file(above))?;
    fs::write(&path, bytes).map_err(Error::file(&path))?;
    Ok(path)
}

/// Copies the files of a folder, with their modes.
fn copy_folder(from: &Path, to: &Path) -> Result<(), Error> {
    fs::create_dir_all(to).map_err(Error::file(to))?;
    for entry in fs::read_dir(from).map_err(Error::file(from))? {
        let entry = entry.map_err(Error::file(from))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target).map_err(Error::file(&path))?;
        }
    }
    Ok(())
}
