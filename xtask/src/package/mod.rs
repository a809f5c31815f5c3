//! The release: packages that are the same, byte for byte, whoever makes them of the same commit
//! with the same toolchain.

mod build;
mod deb;
mod licences;
mod sbom;
mod tarball;
mod tree;

use crate::error::Error;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The version of the release.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The commit that the release is made of.
struct Commit {
    /// Its hash.
    hash: String,
    /// Seconds since 1970. Every file of the release has this time.
    time: u64,
}

impl Commit {
    /// The commit of the work tree `top`.
    fn read(top: &Path) -> Result<Self, Error> {
        Ok(Self {
            hash: git(top, &["rev-parse", "HEAD"])?,
            time: git(top, &["log", "-1", "--format=%ct"])?.parse().unwrap_or(0),
        })
    }
}

/// The variables with which the program of the release is built, as a shell sets them.
pub(crate) fn environment(top: &Path) -> Result<String, Error> {
    let variables = build::environment(top, &Commit::read(top)?);
    let lines = variables.map(|(name, value)| format!("export {name}={}\n", quoted(&value)));
    Ok(lines.concat())
}

/// Builds the program of the release; its path.
pub(crate) fn program(top: &Path) -> Result<PathBuf, Error> {
    build::program(top, &Commit::read(top)?)
}

/// `text` as one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Builds the release of a clean work tree into `out`.
pub(crate) fn run(top: &Path, out: &Path) -> Result<String, Error> {
    let changes = git(top, &["status", "--porcelain"])?;
    if !changes.is_empty() {
        return Err(Error::NotClean(changes));
    }
    let commit = Commit::read(top)?;
    fs::create_dir_all(out).map_err(Error::file(out))?;
    let program = build::program(top, &commit)?;
    let program = fs::read(&program).map_err(Error::file(&program))?;
    let tree = tree::Tree::of(top, program)?;
    let files = [
        tarball::write(&tree, &commit, out)?,
        deb::write(top, &tree, &commit, out)?,
        sbom::write(top, &commit, out)?,
    ];
    let mut sums = String::new();
    for name in &files {
        let path = out.join(name);
        let bytes = fs::read(&path).map_err(Error::file(&path))?;
        let _ = writeln!(sums, "{}  {name}", hex::encode(Sha256::digest(&bytes)));
    }
    let path = out.join("SHA256SUMS");
    fs::write(&path, &sums).map_err(Error::file(&path))?;
    Ok(format!("{sums}in {}\n", out.display()))
}

fn git(top: &Path, arguments: &[&str]) -> Result<String, Error> {
    output(Command::new("git").args(arguments).current_dir(top))
}

/// What `command` prints, without the blanks around it.
fn output(command: &mut Command) -> Result<String, Error> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| Error::Program(format!("{name}: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Program(format!("{name}: {}\n{said}", output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
