//! The ROM that was named.

use crate::args;
use crate::commands::pick;
use crate::env::Env;
use crate::error::CliError;
use rom_core::Digest;
use rom_host::host_change::HostRom;
use rom_host::pick as host_pick;
use std::path::{Path, PathBuf};

/// Bytes of a ROM that are read.
const LONGEST: u64 = 64 << 20;

/// What `install` is asked for.
pub(super) fn install_args(
    args: &args::Setup,
    rom: HostRom,
    dest: PathBuf,
    env: &Env<'_>,
) -> Result<args::Install, CliError> {
    let mut install = args::Install {
        rom: None,
        dest: Some(dest),
        from: None,
        expect_sha256: None,
        bios: args.bios.clone().filter(|_| rom == HostRom::AmdGop),
        allow_unusable: false,
        dry_run: false,
        network: args.network.clone(),
    };
    if let Some(rom) = args.rom.as_ref().filter(|_| rom == HostRom::Intel) {
        if is_file(rom) {
            install.expect_sha256 = Some(wanted_digest(rom, env)?);
            install.from = Some(rom.clone());
        } else {
            install.rom = Some(rom.to_string_lossy().into_owned());
        }
    }
    Ok(install)
}

/// Whether a ROM is named as a file, not as one of the catalog.
fn is_file(rom: &Path) -> bool {
    rom.components().count() > 1 || rom.exists()
}

/// The digest of the ROM that was named: a file, or one of the catalog.
pub(super) fn wanted_digest(rom: &Path, env: &Env<'_>) -> Result<Digest, CliError> {
    if is_file(rom) {
        let bytes = rom_host::root::read(rom, LONGEST);
        let bytes = bytes.map_err(|error| CliError::file("read", rom, &error))?;
        return Ok(Digest::of(&bytes));
    }
    let catalog = env.catalog()?;
    let on_host = host_pick::on_host(&catalog, &env.files());
    let name = rom.to_string_lossy();
    Ok(pick::chosen(&catalog, Some(&name), &on_host)?.sha256)
}
