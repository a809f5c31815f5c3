//! The good host and what is said of one, as text.

use rom_core::catalog::Catalog;
use rom_host::assess::{self, Assessor, VmTarget};
use rom_host::checks::{Check, Status};
use rom_host::files::{FileMap, HostFiles as _};
use rom_host::probe::Host;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository.
pub(crate) fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// Where the ROM of Proxmox VE is.
pub(crate) const ROM: &str = "/usr/share/kvm/igd.rom";

/// The host of the NUC, with a sample in place as the ROM.
pub(crate) fn good_host(rom: &str) -> FileMap {
    let mut host = FileMap::from_folder(&repository("samples/hosts/nuc-13-pro")).unwrap();
    put_rom(&mut host, ROM, rom);
    host
}

/// Puts a sample in place.
pub(crate) fn put_rom(host: &mut FileMap, path: &str, sample: &str) {
    host.write(path, fs::read(repository("samples").join(sample)).unwrap());
}

/// The text of a file of a host.
pub(crate) fn text(host: &FileMap, path: &str) -> String {
    String::from_utf8(host.read(path, u64::MAX).unwrap()).unwrap()
}

/// Every check of a host.
pub(crate) fn doctor(host: &FileMap, catalog: &Catalog) -> Vec<Check> {
    assess::host(&assess::facts(Host::read(host, None), host, catalog))
}

/// What checks the configurations of VMs on a host.
pub(crate) fn assessor(host: &FileMap, target: VmTarget) -> Assessor<'_> {
    Assessor::read(target, Host::read(host, None), host, Catalog::embedded())
}

/// Whether no check fails, in words.
pub(crate) fn answer(checks: &[Check]) -> &'static str {
    let fails = checks.iter().any(|check| check.status == Status::Fail);
    if fails { "not ready" } else { "ready" }
}

/// The checks that warn or fail.
pub(crate) fn not_well(checks: &[Check]) -> Vec<&Check> {
    checks.iter().filter(|check| matches!(check.status, Status::Warn | Status::Fail)).collect()
}

/// What checks say and advise: of all of them, or of those that are not well.
pub(crate) fn lines<'c>(checks: impl IntoIterator<Item = &'c Check>) -> String {
    let mut text = String::new();
    for check in checks {
        let status = check.status.name().to_uppercase();
        writeln!(text, "{status}  {} ({})", check.says, check.id).unwrap();
        if matches!(check.status, Status::Warn | Status::Fail) {
            writeln!(text, "      {}", check.evidence).unwrap();
        }
        let Some(advice) = &check.advice else { continue };
        let commands = advice.commands.iter().map(ToString::to_string);
        let words = [advice.text.clone()].into_iter().filter(|text| !text.is_empty());
        for line in words.chain(commands).chain(advice.diff.iter().cloned()) {
            writeln!(text, "      > {line}").unwrap();
        }
    }
    text
}

/// Compares `got` with the golden text `name`; `OPROM_BLESS=1` writes it anew.
pub(crate) fn golden(name: &str, got: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("OPROM_BLESS").is_some() {
        fs::write(&path, got).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(got == expected, "{name}: expected\n{expected}\ngot\n{got}");
}

/// The titles of docs/checks.md.
pub(crate) fn documentation() -> String {
    fs::read_to_string(repository("docs/checks.md")).unwrap()
}
