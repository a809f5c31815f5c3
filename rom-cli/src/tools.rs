//! Programs of this machine that are asked what they are, and what they know.

use crate::env::Env;
use crate::programs::Programs;
use rom_host::advice::ShellCommand;
use rom_host::probe::guests::GuestName;
use rom_host::probe::qemu::{self, Qemu};
use rom_host::system::Distribution;
use rom_host::verify::guest::{self, GuestSeen};
use serde_json::json;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// How often, and how long apart, it is looked whether a program in a guest has ended.
const LOOKS: u32 = 50;
const APART: Duration = Duration::from_millis(200);

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

/// What a program prints; an error is its last word.
fn output<W: Into<String>>(
    env: &Env<'_>,
    words: impl IntoIterator<Item = W>,
) -> Result<String, String> {
    let command = ShellCommand::new(words).ok_or("its name cannot be typed")?;
    let programs = Programs::new(&env.sysroot);
    programs.check(&command).map_err(|error| error.to_string())?;
    programs.run(&command, None).map(|lines| lines.join("\n")).map_err(|error| error.to_string())
}

/// The kernel's messages since a time in seconds since 1970, where the journal has them.
pub(crate) fn kernel_log(env: &Env<'_>, since: u64) -> Option<String> {
    let since = format!("--since=@{since}");
    output(env, ["journalctl", "--dmesg", "--no-pager", "--quiet", "--output=short", &since]).ok()
}

/// What the guest agent of a VM says of GPUs of this vendor.
pub(crate) fn guest(env: &Env<'_>, name: &GuestName, vendor: u16) -> GuestSeen {
    ask_guest(env, name, vendor).unwrap_or_else(GuestSeen::Silent)
}

fn ask_guest(env: &Env<'_>, name: &GuestName, vendor: u16) -> Result<GuestSeen, String> {
    let system = match name {
        GuestName::Vm(number) => output(env, ["qm", "agent", &number.to_string(), "get-osinfo"])?,
        GuestName::Domain(name) => agent(env, name, &json!({ "execute": "guest-get-osinfo" }))?,
        GuestName::Container(_) => return Err("a container has none".to_owned()),
    };
    let Some(is_windows) = guest::is_windows(&system) else { return Ok(GuestSeen::Unclear) };
    let words: &[&str] = if is_windows { &guest::WINDOWS } else { &guest::LINUX };
    let Some(printed) = in_guest(env, name, words)? else { return Ok(GuestSeen::Unclear) };
    Ok(if is_windows {
        guest::of_windows(&printed, vendor)
    } else {
        guest::of_linux(&printed, vendor)
    })
}

/// What a program in the guest prints.
fn in_guest(env: &Env<'_>, name: &GuestName, words: &[&str]) -> Result<Option<String>, String> {
    let domain = match name {
        GuestName::Vm(number) | GuestName::Container(number) => {
            let number = number.to_string();
            let exec = ["qm", "guest", "exec", &number, "--timeout", "20", "--"];
            return Ok(guest::printed(&output(env, exec.iter().chain(words).copied())?));
        }
        GuestName::Domain(name) => name,
    };
    let Some((program, arguments)) = words.split_first() else { return Ok(None) };
    let arguments = json!({ "path": program, "arg": arguments, "capture-output": true });
    let answer = agent(env, domain, &json!({ "execute": "guest-exec", "arguments": arguments }))?;
    let Some(started) = guest::started(&answer) else { return Ok(None) };
    let status = json!({ "execute": "guest-exec-status", "arguments": { "pid": started } });
    for _ in 0..LOOKS {
        if let Some(printed) = guest::printed(&agent(env, domain, &status)?) {
            return Ok(Some(printed));
        }
        thread::sleep(APART);
    }
    Ok(None)
}

/// What the guest agent of a domain answers.
fn agent(env: &Env<'_>, domain: &str, command: &serde_json::Value) -> Result<String, String> {
    output(env, ["virsh", "qemu-agent-command", "--timeout", "10", domain, &command.to_string()])
}
