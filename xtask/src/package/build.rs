//! The program as it is released.

use super::Commit;
use crate::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where the release is built, from the top.
const TARGET: &str = "target/package";

/// Builds the program where no name of a folder of this machine gets into it; its path.
pub(super) fn program(top: &Path, commit: &Commit) -> Result<PathBuf, Error> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--release", "--locked", "-p", "oprom"]);
    for (name, value) in environment(top, commit) {
        cargo.env(name, value);
    }
    let status = cargo
        .current_dir(top)
        .status()
        .map_err(|error| Error::Program(format!("cargo: {error}")))?;
    if !status.success() {
        return Err(Error::Program(format!("cargo build: {status}")));
    }
    Ok(top.join(TARGET).join("release/oprom"))
}

/// The variables of the environment with which a build is that of the release.
pub(super) fn environment(top: &Path, commit: &Commit) -> [(&'static str, String); 4] {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    let flags = [
        format!("--remap-path-prefix={}=/oprom", top.display()),
        format!("--remap-path-prefix={}=/cargo", home.display()),
        // libgcc's unwinder is a part of the program: to load libgcc takes a tenth of its start.
        "-lgcc_eh".to_owned(),
    ];
    [
        ("CARGO_TARGET_DIR", TARGET.to_owned()),
        ("CARGO_ENCODED_RUSTFLAGS", flags.join("\u{1f}")),
        ("SOURCE_DATE_EPOCH", commit.time.to_string()),
        ("OPROM_COMMIT", commit.hash.clone()),
    ]
}
