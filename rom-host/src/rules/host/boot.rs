//! The kernel's command line and the files that it comes from.

use super::Facts;
use crate::advice::Advice;
use crate::checks::Check;
use crate::probe::boot::Loader;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(command_line(facts));
    checks.extend(files(facts));
}

/// How the kernel's command line is edited on this host: `what` has to be done to it.
pub(super) fn edit(facts: &Facts, what: &str) -> Advice {
    let loader = facts.host.boot.loader;
    let file = match loader {
        Some(Loader::SystemdBoot) => "/etc/kernel/cmdline",
        Some(Loader::Grub) | None => "/etc/default/grub (GRUB_CMDLINE_LINUX_DEFAULT)",
    };
    write_out(
        loader,
        Advice::from(format!("{what}: edit {file}, apply the change, and restart the host.")),
    )
}

/// The advice with the command that writes the boot loader's own files again.
fn write_out(loader: Option<Loader>, advice: Advice) -> Advice {
    match loader {
        Some(Loader::SystemdBoot) => advice.run(["proxmox-boot-tool", "refresh"]),
        Some(Loader::Grub) | None => advice.run(["update-grub"]),
    }
}

/// Words that guides leave behind where `:off` was lost on the way, and that mean nothing to the
/// kernel.
const GARBLED: [&str; 4] = ["ff", "video=efifb", "video=vesafb", "disable_vga=1"];

fn command_line(facts: &Facts) -> Check {
    const ID: &str = "HOST050";
    let garbled: Vec<&str> = facts
        .host
        .kernel
        .command_line
        .iter()
        .map(String::as_str)
        .filter(|word| GARBLED.contains(word))
        .collect();
    if garbled.is_empty() {
        return Check::pass(ID, "the kernel command line has no garbled options", "/proc/cmdline");
    }
    let fix = edit(
        facts,
        "They come from a guide that was copied with parts missing. Since kernel 6.0 none of \
        them is needed. Remove them",
    );
    Check::warn(
        ID,
        "the kernel command line has options that do nothing",
        format!("/proc/cmdline: {}", garbled.join(" ")),
        fix,
    )
}

/// What GRUB's file says on a host that starts by systemd-boot, beyond what its own file has.
fn written_in_vain(facts: &Facts, configured: &[String]) -> Option<String> {
    if facts.host.boot.loader != Some(Loader::SystemdBoot) {
        return None;
    }
    // What the installer puts there is nobody's mistake.
    let own =
        |word: &String| word != "quiet" && !word.starts_with("root=") && !configured.contains(word);
    let words: Vec<String> = facts.host.boot.grub_options().ok()?.into_iter().filter(own).collect();
    (!words.is_empty()).then(|| words.join(" "))
}

fn files(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST051";
    if facts.host.boot.loader == Some(Loader::Grub)
        && let Err(line) = facts.host.boot.grub_options()
    {
        let fix = Advice::from(
            "Close the quote at the end of that line. Until then update-grub fails or drops the \
            rest of the file.",
        );
        return Some(Check::fail(
            ID,
            "a line of GRUB's file has an unclosed quote",
            format!("/etc/default/grub: {line}"),
            write_out(facts.host.boot.loader, fix),
        ));
    }
    let configured = facts.host.boot.configured()?;
    let running = &facts.host.kernel.command_line;
    if let Some(words) = written_in_vain(facts, &configured) {
        let fix = edit(facts, "This host boots with systemd-boot, not with GRUB. Move the options");
        return Some(Check::warn(
            ID,
            "kernel options are in a file that this host does not use",
            format!("/etc/default/grub: {words}"),
            fix,
        ));
    }
    let missing: Vec<&str> =
        configured.iter().filter(|word| !running.contains(word)).map(String::as_str).collect();
    let file = match facts.host.boot.loader? {
        Loader::Grub => "/etc/default/grub",
        Loader::SystemdBoot => "/etc/kernel/cmdline",
    };
    if missing.is_empty() {
        return Some(Check::pass(
            ID,
            "the kernel runs with all options of the boot loader's file",
            file,
        ));
    }
    let fix =
        write_out(facts.host.boot.loader, Advice::from("Apply the file, then restart the host."));
    Some(Check::warn(
        ID,
        "the boot loader's file has options that the running kernel does not have",
        format!("{file}: {}", missing.join(" ")),
        fix,
    ))
}
