//! What is in the packages: the program, its manual, its completions and its documents.

use super::licences;
use crate::error::Error;
use crate::man;
use clap_complete::{Shell, generate};
use std::fs;
use std::path::Path;

/// The files of a release, by kind. Each package has its own folders for them.
pub(super) struct Tree {
    /// The program.
    pub(super) program: Vec<u8>,
    /// Pages of section 1 of the manual.
    pub(super) manual: Vec<Named>,
    /// The completions of bash, zsh and fish.
    pub(super) completions: Vec<(Shell, Vec<u8>)>,
    /// README, changelog, the pages of docs, and the licences of what the program contains.
    pub(super) documents: Vec<Named>,
    /// The licences of this project.
    pub(super) licences: Vec<Named>,
    /// The catalog, as it is built in.
    pub(super) catalog: Named,
}

/// A file with its name.
pub(super) struct Named {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

impl Named {
    fn read(folder: &Path, name: &str) -> Result<Self, Error> {
        let path = folder.join(name);
        let bytes = fs::read(&path).map_err(Error::file(&path))?;
        Ok(Self { name: name.to_owned(), bytes })
    }
}

impl Tree {
    /// The files of the work tree `top`, with `program` built of it.
    pub(super) fn of(top: &Path, program: Vec<u8>) -> Result<Self, Error> {
        let pages = tempfile::TempDir::new().map_err(Error::file(top))?;
        let mut manual = Vec::new();
        for name in man::write(pages.path())? {
            manual.push(Named::read(pages.path(), &name)?);
        }
        let completions = [Shell::Bash, Shell::Zsh, Shell::Fish].map(|shell| {
            let mut bytes = Vec::new();
            generate(shell, &mut rom_cli::command(), "oprom", &mut bytes);
            (shell, bytes)
        });
        let mut documents = vec![Named::read(top, "README.md")?, Named::read(top, "CHANGELOG.md")?];
        documents.extend(pages_of(&top.join("docs"))?);
        documents.push(Named {
            name: "third-party-licences.txt".to_owned(),
            bytes: licences::text(top)?.into_bytes(),
        });
        let licences = ["LICENSE", "LICENSE-APACHE", "LICENSE-MIT"];
        Ok(Self {
            program,
            manual,
            completions: completions.into(),
            documents,
            licences: licences
                .iter()
                .map(|name| Named::read(top, name))
                .collect::<Result<_, _>>()?,
            catalog: Named::read(top, "known-roms.toml")?,
        })
    }
}

/// The Markdown pages of `folder`, sorted.
fn pages_of(folder: &Path) -> Result<Vec<Named>, Error> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let name = entry.map_err(Error::file(folder))?.file_name().to_string_lossy().into_owned();
        if Path::new(&name).extension().is_some_and(|ending| ending == "md") {
            pages.push(Named::read(folder, &name)?);
        }
    }
    pages.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(pages)
}
