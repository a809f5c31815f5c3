//! The ROMs of the catalog.

use super::Outcome;
use crate::env::Env;
use crate::error::CliError;
use crate::report::Report;
use crate::report::list::{List, Rom};
use crate::text::{Line, Sentence};

pub(super) fn run(env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let roms = catalog.roms.iter().map(|rom| Rom {
        name: Line::from(rom.name.as_str()),
        sha256: rom.sha256.into(),
        size: rom.size,
        url: Line::from(rom.url.as_str()),
        evidence: rom.evidence.into(),
        gop: rom.gop.as_deref().map(Line::from),
        platforms: catalog
            .platforms_of(&rom.name)
            .map(|platform| Line::from(platform.code.as_str()))
            .collect(),
        note: rom.note.as_ref().map(|note| Sentence(note).into()),
    });
    Ok(Outcome::yes(Report::List(Box::new(List { roms: roms.collect() }))))
}
