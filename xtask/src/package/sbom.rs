//! The list of what the release contains, as `CycloneDX`, made by `cargo cyclonedx`.

use super::{Commit, VERSION, git, output};
use crate::error::Error;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes the list into `out`; its name.
pub(super) fn write(top: &Path, commit: &Commit, out: &Path) -> Result<String, Error> {
    let name = format!("oprom-{VERSION}.cdx");
    output(
        Command::new(env!("CARGO"))
            .args(["cyclonedx", "--manifest-path", "rom-cli/Cargo.toml", "--format", "json"])
            .args(["--no-build-deps", "--target", "x86_64-unknown-linux-gnu"])
            .args(["--override-filename", &name])
            .env("SOURCE_DATE_EPOCH", commit.time.to_string())
            .current_dir(top),
    )
    .map_err(|error| {
        Error::Program(format!("{error}\nInstall it with: cargo install --locked cargo-cyclonedx"))
    })?;
    let file = format!("{name}.json");
    let made = top.join("rom-cli").join(&file);
    let list = fs::read_to_string(&made).map_err(Error::file(&made))?;
    remove_all(top, &file)?;
    // It says where this work tree is.
    let list = list.replace(&format!("file://{}", top.display()), "file:///oprom");
    let path = out.join(&file);
    fs::write(&path, list).map_err(Error::file(&path))?;
    Ok(file)
}

/// Removes the lists of all crates of the workspace, each of which gets one in its folder.
fn remove_all(top: &Path, file: &str) -> Result<(), Error> {
    let untracked = git(top, &["ls-files", "--others", "--exclude-standard"])?;
    let lists = untracked.lines().map(|name| top.join(name)).filter(|path| path.ends_with(file));
    for path in lists {
        fs::remove_file(&path).map_err(Error::file(&path))?;
    }
    Ok(())
}
