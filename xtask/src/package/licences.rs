//! The licences of the crates that the program contains. Most of them ask to be passed on with it.

use super::output;
use crate::error::Error;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What the release is built for.
const PLATFORM: &str = "x86_64-unknown-linux-gnu";

/// What `cargo metadata` says, as far as it is needed here.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    /// `None` for a crate of this workspace.
    source: Option<String>,
    manifest_path: PathBuf,
}

/// Every crate that is built in with its licence, then every text of a licence with the crates that
/// have it.
pub(super) fn text(top: &Path) -> Result<String, Error> {
    let mut list = String::from("oprom contains these Rust crates of others:\n\n");
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages(top)? {
        let title = format!("{} {}", package.name, package.version);
        let _ = writeln!(list, "  {title}: {}", package.license.as_deref().unwrap_or("see below"));
        for text in files(&package.manifest_path)? {
            texts.entry(text).or_default().push(title.clone());
        }
    }
    for (text, crates) in texts {
        let _ = write!(list, "\n{}\n{}\n\n{text}\n", "-".repeat(72), crates.join(", "));
    }
    Ok(list)
}

/// The crates of others that the program contains, by name.
fn packages(top: &Path) -> Result<Vec<Package>, Error> {
    let cargo = || {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(top);
        cargo
    };
    let tree = output(cargo().args(["tree", "--locked", "--offline", "-p", "oprom"]).args([
        "-e",
        "normal,no-proc-macro",
        "--target",
        PLATFORM,
        "--prefix",
        "none",
        "--format",
        "{p}",
    ]))?;
    let built_in: BTreeSet<(&str, &str)> = tree.lines().filter_map(name_and_version).collect();
    let metadata = output(cargo().args(["metadata", "--locked", "--offline"]).args([
        "--format-version",
        "1",
        "--filter-platform",
        PLATFORM,
    ]))?;
    let metadata: Metadata = serde_json::from_str(&metadata)
        .map_err(|error| Error::Program(format!("cargo metadata: {error}")))?;
    let mut packages = metadata.packages;
    packages.retain(|package| {
        package.source.is_some()
            && built_in.contains(&(package.name.as_str(), package.version.as_str()))
    });
    packages.sort_by(|one, other| (&one.name, &one.version).cmp(&(&other.name, &other.version)));
    Ok(packages)
}

/// The two of a line of `cargo tree`, such as `hex v0.4.3 (*)`.
fn name_and_version(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let name = words.next()?;
    Some((name, words.next()?.strip_prefix('v')?))
}

/// The texts of licences that a crate comes with.
fn files(manifest: &Path) -> Result<Vec<String>, Error> {
    let folder = manifest.parent().unwrap_or(manifest);
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let name = entry.map_err(Error::file(folder))?.file_name().to_string_lossy().into_owned();
        let upper = name.to_uppercase();
        if ["LICENSE", "LICENCE", "COPYING", "NOTICE"].iter().any(|one| upper.starts_with(one)) {
            names.push(name);
        }
    }
    names.sort();
    let mut texts = Vec::new();
    for path in names.iter().map(|name| folder.join(name)).filter(|path| path.is_file()) {
        let text = fs::read_to_string(&path).map_err(Error::file(&path))?;
        texts.push(text.replace("\r\n", "\n").trim().to_owned());
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_in_has_its_licence_and_what_only_tests_use_has_not() {
        let text = text(crate::top()).unwrap();
        for part in ["  clap 4", "  ring 0", "Permission is hereby granted", "Apache License"] {
            assert!(text.contains(part), "{part}");
        }
        for part in
            ["  proptest ", "  divan ", "  rom-core ", "  oprom ", crate::top().to_str().unwrap()]
        {
            assert!(!text.contains(part), "{part}");
        }
    }
}
