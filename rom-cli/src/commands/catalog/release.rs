//! The catalog against the release that it was made from: `catalog diff` and `catalog update`.

use super::super::Outcome;
use super::super::download::ReportedDownload;
use crate::address::Address;
use crate::args;
use crate::changes::HostFile;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::fetch;
use crate::report::Report;
use crate::report::catalog::{Compared, Differences, State};
use crate::text::Line;
use jiff::Timestamp;
use rom_core::Digest;
use rom_core::catalog::{Catalog, Evidence, RomEntry};
use serde::Deserialize;
use std::collections::HashSet;
use std::path::Path;

/// What GitHub says of the release.
const RELEASE: &str =
    "https://api.github.com/repos/LongQT-sea/intel-igpu-passthru/releases/tags/v0.1";

/// Where a catalog of the user's own goes.
const OWN: &str = "/etc/oprom/known-roms.toml";

/// GitHub's answer for a release, as far as it is looked at.
#[derive(Deserialize)]
struct Release {
    assets: Vec<Asset>,
}

impl Release {
    /// A ROM's name that two assets have.
    fn listed_twice(&self) -> Option<&str> {
        let mut seen = HashSet::new();
        let roms = self.assets.iter().map(|asset| asset.name.as_str()).filter(|name| is_rom(name));
        roms.into_iter().find(|name| !seen.insert(*name))
    }
}

#[derive(Deserialize)]
struct Asset {
    name: String,
    size: u64,
    /// `sha256:` and the digest.
    digest: Option<String>,
    browser_download_url: String,
}

pub(in crate::commands) fn diff(
    args: &args::CatalogDiff,
    env: &Env<'_>,
) -> Result<Outcome, CliError> {
    let differences = compare(&args.release, env)?;
    let exit = exit(&differences);
    Ok(Outcome { exit, report: Report::CatalogDiff(Box::new(differences)) })
}

pub(in crate::commands) fn update(
    args: &args::CatalogUpdate,
    env: &Env<'_>,
) -> Result<Outcome, CliError> {
    let mut differences = compare(&args.release, env)?;
    let any =
        |wanted: fn(&State) -> bool| differences.roms.iter().any(|asset| wanted(&asset.state));
    if any(|state| matches!(state, State::Changed { .. }))
        || !any(|state| matches!(state, State::New { .. }))
    {
        let exit = exit(&differences);
        let exit = if exit == Exit::No { Exit::Yes } else { exit };
        return Ok(Outcome { exit, report: Report::CatalogDiff(Box::new(differences)) });
    }
    let path = args.output.clone().unwrap_or_else(|| env.host(OWN));
    let text =
        Catalog::extended(&env.catalog_text()?.1, &new_entries(&differences)).map_err(|error| {
            let what = format!("with the new files the catalog would fail its own lint: {error}");
            CliError::new(
                Exit::Refused,
                what,
                "Nothing was written. This checks the catalog as it is:",
            )
            .run(["oprom", "catalog", "lint"])
        })?;
    if !args.yes {
        for asset in differences.roms.iter().filter(|asset| asset.state != State::Same) {
            env.reporter.say(&format!("{}: {}", asset.rom, asset.state.words().raw()));
        }
        let question = format!("Write {} with these?", path.display());
        if !env.reporter.confirm(&question)? {
            return Ok(Outcome {
                exit: Exit::No,
                report: Report::CatalogDiff(Box::new(differences)),
            });
        }
    }
    let file = HostFile::new(&env.sysroot, &path);
    file.make_folder()?;
    file.slot()?.write_new(text.as_bytes())?;
    differences.written = Some(env.host_name(&path).into());
    Ok(Outcome::yes(Report::CatalogDiff(Box::new(differences))))
}

fn compare(release: &args::Release, env: &Env<'_>) -> Result<Differences, CliError> {
    let catalog = env.catalog()?;
    let address = match &release.from {
        Some(from) => Address::of_user(from)?,
        None => Address::of_catalog(RELEASE)?,
    };
    // Only what may be seen goes into reports and into the catalog.
    let source = address.shown().to_string();
    let answer = fetch::answer(
        &address,
        &release.network.options(&env.settings)?,
        &ReportedDownload(env.reporter),
    )?;
    let there: Release = serde_json::from_slice(&answer).map_err(|_| {
        let what = format!("{source} does not answer like a GitHub release");
        CliError::new(
            Exit::Refused,
            what,
            "A proxy or a sign-in page may have answered instead. Nothing was changed.",
        )
    })?;
    if let Some(name) = there.listed_twice() {
        let what = format!("{source} lists {name:?} twice, so its hash is unknown");
        return Err(CliError::new(Exit::Refused, what, "Nothing was changed."));
    }
    Ok(Differences {
        catalog: env.catalog_text()?.0.into(),
        source: source.into(),
        roms: differences(&catalog, &there),
        written: None,
    })
}

/// Whether a name is a ROM's; a release has pictures and texts beside them.
fn is_rom(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|ending| ending == "rom")
}

/// Every ROM of either, in the order of the catalog, then of the release.
fn differences(catalog: &Catalog, release: &Release) -> Vec<Compared> {
    let known = catalog.roms.iter().map(|rom| {
        let asset = release.assets.iter().find(|asset| asset.name == rom.name);
        let state = match asset.map(Asset::sha256) {
            None => State::Gone,
            Some(None) => State::Undigested,
            Some(Some(there)) if there == rom.sha256 => State::Same,
            Some(Some(there)) => State::Changed { pinned: rom.sha256.into(), there: there.into() },
        };
        Compared { rom: Line::from(rom.name.as_str()), state }
    });
    let is_new = |asset: &&Asset| {
        is_rom(&asset.name) && catalog.roms.iter().all(|rom| rom.name != asset.name)
    };
    let new = release.assets.iter().filter(is_new).map(|asset| {
        let state = match asset.sha256() {
            Some(sha256) => State::New {
                there: sha256.into(),
                size: asset.size,
                url: asset.browser_download_url.as_str().into(),
            },
            None => State::Undigested,
        };
        Compared { rom: asset.name.as_str().into(), state }
    });
    known.chain(new).collect()
}

impl Asset {
    fn sha256(&self) -> Option<Digest> {
        self.digest.as_deref()?.strip_prefix("sha256:")?.parse().ok()
    }
}

/// What only the release has, as entries of a catalog.
fn new_entries(differences: &Differences) -> Vec<RomEntry> {
    let when = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let source = differences.source.raw();
    let mut entries = Vec::new();
    for Compared { rom, state } in &differences.roms {
        let State::New { there, size, url } = state else { continue };
        entries.push(RomEntry {
            name: rom.raw().to_owned(),
            sha256: there.0,
            size: Some(*size),
            url: url.raw().to_owned(),
            evidence: Evidence::ReleasePage,
            gop: None,
            note: Some(format!(
                "added on {when} from {source}; the hash is from the release page only"
            )),
        });
    }
    entries
}

/// A changed hash is an alarm; anything else that differs is a no.
fn exit(differences: &Differences) -> Exit {
    let changed = differences.roms.iter().any(|rom| matches!(rom.state, State::Changed { .. }));
    let same = differences.roms.iter().all(|rom| rom.state == State::Same);
    match (changed, same) {
        (true, _) => Exit::Refused,
        (false, true) => Exit::Yes,
        (false, false) => Exit::No,
    }
}
