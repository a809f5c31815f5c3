//! The release: one archive that is the same, byte for byte, whoever makes it of the same commit
//! with the same toolchain.

use crate::error::Error;
use crate::man;
use clap_complete::{Shell, generate};
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// A file of the archive: its bytes, and whether it is a program.
struct Packed {
    bytes: Vec<u8>,
    program: bool,
}

/// Builds the release of a clean work tree into `out`.
pub(crate) fn run(top: &Path, out: &Path) -> Result<String, Error> {
    let changes = git(top, &["status", "--porcelain"])?;
    if !changes.is_empty() {
        return Err(Error::NotClean(changes));
    }
    let time = git(top, &["log", "-1", "--format=%ct"])?.parse().unwrap_or(0);
    let program = build(top, time)?;
    let name = format!("oprom-{}-{}-linux", env!("CARGO_PKG_VERSION"), std::env::consts::ARCH);
    let archive = archive(&name, &files(top, &program)?, time).map_err(Error::file(out))?;
    fs::create_dir_all(out).map_err(Error::file(out))?;
    let file = format!("{name}.tar.gz");
    let sums = format!("{}  {file}\n", hex::encode(Sha256::digest(&archive)));
    for (name, bytes) in [(file.as_str(), archive.as_slice()), ("SHA256SUMS", sums.as_bytes())] {
        let path = out.join(name);
        fs::write(&path, bytes).map_err(Error::file(&path))?;
    }
    Ok(format!("{sums}in {}\n", out.display()))
}

fn git(top: &Path, arguments: &[&str]) -> Result<String, Error> {
    let output = Command::new("git").args(arguments).current_dir(top).output();
    let output = output.map_err(|error| Error::Program(format!("git: {error}")))?;
    if !output.status.success() {
        return Err(Error::Program(format!("git {}: {}", arguments.join(" "), output.status)));
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The program, built where no name of a folder of this machine gets into it.
fn build(top: &Path, time: u64) -> Result<Vec<u8>, Error> {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        std::path::PathBuf::from,
    );
    let flags = [
        format!("--remap-path-prefix={}=/oprom", top.display()),
        format!("--remap-path-prefix={}=/cargo", home.display()),
    ];
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([
        "build",
        "--release",
        "--locked",
        "-p",
        "rom-cli",
        "--target-dir",
        "target/package",
    ]);
    cargo
        .env("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}"))
        .env("SOURCE_DATE_EPOCH", time.to_string());
    let status = cargo
        .current_dir(top)
        .status()
        .map_err(|error| Error::Program(format!("cargo: {error}")))?;
    if !status.success() {
        return Err(Error::Program(format!("cargo build: {status}")));
    }
    let program = top.join("target/package/release/oprom");
    fs::read(&program).map_err(Error::file(&program))
}

/// What is in the archive, by name.
fn files(top: &Path, program: &[u8]) -> Result<BTreeMap<String, Packed>, Error> {
    let mut files = BTreeMap::new();
    let mut add = |name: String, bytes: Vec<u8>, program: bool| {
        files.insert(name, Packed { bytes, program });
    };
    add("bin/oprom".to_owned(), program.to_vec(), true);
    for (shell, name) in [
        (Shell::Bash, "share/bash-completion/completions/oprom"),
        (Shell::Zsh, "share/zsh/site-functions/_oprom"),
        (Shell::Fish, "share/fish/vendor_completions.d/oprom.fish"),
    ] {
        let mut bytes = Vec::new();
        generate(shell, &mut rom_cli::command(), "oprom", &mut bytes);
        add(name.to_owned(), bytes, false);
    }
    let pages = top.join("target/package/man");
    for name in man::write(&pages)? {
        let path = pages.join(&name);
        add(format!("share/man/man1/{name}"), fs::read(&path).map_err(Error::file(&path))?, false);
    }
    for name in documents(top)? {
        let path = top.join(&name);
        add(format!("share/doc/oprom/{name}"), fs::read(&path).map_err(Error::file(&path))?, false);
    }
    Ok(files)
}

/// README, changelog, licences and the pages of docs, from the top.
fn documents(top: &Path) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> =
        ["README.md", "CHANGELOG.md", "LICENSE", "LICENSE-APACHE", "LICENSE-MIT"]
            .map(str::to_owned)
            .to_vec();
    let docs = top.join("docs");
    for entry in fs::read_dir(&docs).map_err(Error::file(&docs))? {
        let name = entry.map_err(Error::file(&docs))?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|ending| ending == "md") {
            names.push(format!("docs/{name}"));
        }
    }
    Ok(names)
}

/// A tar.gz of `files` below `folder`: sorted, of one time, owned by root.
fn archive(folder: &str, files: &BTreeMap<String, Packed>, time: u64) -> std::io::Result<Vec<u8>> {
    let compressed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    let mut tar = tar::Builder::new(compressed);
    for (name, file) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(if file.program { 0o755 } else { 0o644 });
        header.set_mtime(time);
        header.set_uid(0);
        header.set_gid(0);
        tar.append_data(&mut header, format!("{folder}/{name}"), file.bytes.as_slice())?;
    }
    tar.into_inner()?.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_files_are_the_same_archive() {
        let files = || files(crate::top(), b"program").unwrap();
        let one = archive("oprom", &files(), 1_700_000_000).unwrap();
        assert_eq!(one, archive("oprom", &files(), 1_700_000_000).unwrap());
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
            "share/zsh/site-functions/_oprom",
        ] {
            assert!(names.contains(&format!("oprom/{expected}")), "{expected} of {names:?}");
        }
    }
}
