//! The ROMs of the catalog.

use super::{Outcome, Report};
use crate::env::Env;
use crate::error::CliError;
use rom_core::Digest;

/// The ROMs, in the order of the catalog.
pub(crate) struct Listed {
    pub(crate) roms: Vec<Row>,
}

/// A ROM.
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) sha256: Digest,
    pub(crate) size: Option<u64>,
    pub(crate) url: String,
    pub(crate) evidence: &'static str,
    pub(crate) gop: Option<String>,
    pub(crate) note: Option<String>,
    /// Codes of the platforms that name it.
    pub(crate) platforms: Vec<String>,
}

pub(super) fn run(env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let roms = catalog
        .roms
        .iter()
        .map(|rom| Row {
            name: rom.name.clone(),
            sha256: rom.sha256,
            size: rom.size,
            url: rom.url.clone(),
            evidence: rom.evidence.name(),
            gop: rom.gop.as_ref().map(ToString::to_string),
            note: rom.note.as_ref().map(ToString::to_string),
            platforms: catalog.platforms_of(&rom.name).map(|platform| platform.code.clone()).collect(),
        })
        .collect();
    Ok(Outcome::yes(Report::List(Listed { roms })))
}
