//! The kernel's command line and the files that it comes from.

use super::Facts;
use crate::checks::Check;
use crate::probe::boot::Loader;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(command_line(facts));
    checks.extend(files(facts));
}

/// How the kernel's command line is edited on this host.
pub(super) fn how_to_edit(facts: &Facts) -> &'static str {
    match facts.host.boot.loader {
        Some(Loader::SystemdBoot) => "edit /etc/kernel/cmdline, then proxmox-boot-tool refresh",
        Some(Loader::Grub) | None => "edit GRUB_CMDLINE_LINUX_DEFAULT in /etc/default/grub, then update-grub",
    }
}

/// Words that guides leave behind where `:off` was lost on the way, and that mean nothing to the kernel.
const GARBLED: [&str; 4] = ["ff", "video=efifb", "video=vesafb", "disable_vga=1"];

fn command_line(facts: &Facts) -> Check {
    const ID: &str = "HOST050";
    let garbled: Vec<&str> =
        facts.host.kernel.command_line.iter().map(String::as_str).filter(|word| GARBLED.contains(word)).collect();
    if garbled.is_empty() {
        return Check::pass(ID, "the kernel's command line has nothing garbled in it", "/proc/cmdline");
    }
    let fix = format!(
        "They do nothing: a guide was copied with parts missing. Since kernel 6.0 none of these options is needed. Take them out: {}.",
        how_to_edit(facts)
    );
    Check::warn(ID, "words on the kernel's command line mean nothing", format!("/proc/cmdline: {}", garbled.join(" ")), fix)
}

/// What GRUB's file says on a host that starts by systemd-boot, beyond what its own file has.
fn written_in_vain(facts: &Facts, configured: &[String]) -> Option<String> {
    if facts.host.boot.loader != Some(Loader::SystemdBoot) {
        return None;
    }
    // What the installer puts there is nobody's mistake.
    let own = |word: &String| word != "quiet" && !word.starts_with("root=") && !configured.contains(word);
    let words: Vec<String> = facts.host.boot.grub_options().ok()?.into_iter().filter(own).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn files(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST051";
    if facts.host.boot.loader == Some(Loader::Grub)
        && let Err(line) = facts.host.boot.grub_options()
    {
        let fix =
            "Close the quote at the end of that line, then update-grub. As it is, update-grub fails or drops what follows.";
        return Some(Check::fail(
            ID,
            "a line of GRUB's file has a quote that is not closed",
            format!("/etc/default/grub: {line}"),
            fix,
        ));
    }
    let configured = facts.host.boot.configured()?;
    let running = &facts.host.kernel.command_line;
    if let Some(words) = written_in_vain(facts, &configured) {
        let fix = format!("This host does not start by GRUB. Put them where they count: {}.", how_to_edit(facts));
        return Some(Check::warn(
            ID,
            "options were written to a file that is not read here",
            format!("/etc/default/grub: {words}"),
            fix,
        ));
    }
    let missing: Vec<&str> = configured.iter().filter(|word| !running.contains(word)).map(String::as_str).collect();
    let file = match facts.host.boot.loader? {
        Loader::Grub => "/etc/default/grub",
        Loader::SystemdBoot => "/etc/kernel/cmdline",
    };
    if missing.is_empty() {
        return Some(Check::pass(ID, "the kernel runs with what the boot loader's file asks for", file));
    }
    let command = match facts.host.boot.loader? {
        Loader::Grub => "update-grub",
        Loader::SystemdBoot => "proxmox-boot-tool refresh",
    };
    let fix = format!("{command}\nthen restart the host.");
    Some(Check::warn(
        ID,
        "the boot loader's file asks for what the kernel does not run with",
        format!("{file}: {}", missing.join(" ")),
        fix,
    ))
}
