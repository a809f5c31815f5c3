//! Programs of this machine that are asked what they are.

use crate::env::Env;
use rom_host::probe::qemu::{self, Qemu};
use rom_host::system::Distribution;
use std::process::{Command, Stdio};

/// What QEMU says of itself, on the host that this runs on and where its package database does not
/// tell.
pub(crate) fn qemu(env: &Env<'_>) -> Option<Qemu> {
    if !env.is_this_host() || qemu::packaged(&env.files()).is_some() {
        return None;
    }
    let programs = Distribution::read(&env.files()).places().qemu;
    programs.iter().find_map(|program| {
        let mut command = Command::new(program);
        let output =
            command.arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
        qemu::asked(program, &String::from_utf8_lossy(&output.stdout))
    })
}
