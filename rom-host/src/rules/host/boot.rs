//! The kernel's command line and the files that it comes from.

use super::Facts;
use crate::advice::Advice;
use crate::checks::Check;
use crate::host_change::HostChange;
use crate::system::{Format, Loader};

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(command_line(facts));
    checks.extend(files(facts));
}

/// How the kernel's command line is edited on this host: `what` has to be done to it.
pub(super) fn edit(facts: &Facts, what: &str) -> Advice {
    let Some(options) = facts.host.system.boot_options() else {
        return Advice::from(format!(
            "{what}: edit the options of the kernel where this host's boot loader has them, and \
            restart the host."
        ));
    };
    match (options.path, options.format) {
        (Some(path), _) => {
            let apply = if options.apply.is_empty() { "" } else { "apply the change, " };
            let text =
                format!("{what}: edit {path} ({}), {apply}and restart the host.", options.within);
            write_out(facts, Advice::from(text))
        }
        (None, Format::Whole) => Advice::from(format!(
            "{what}: {} keeps the options of the kernel in {}. See them with the command, set them \
            as a whole with midclt call system.advanced.update, and restart the host.",
            options.name, options.within
        ))
        .run(["midclt", "call", "system.advanced.config"]),
        (None, _) => Advice::from(format!("{what} with {}, and restart the host.", options.name)),
    }
}

/// The advice with the commands that make the change of a file count.
fn write_out(facts: &Facts, advice: Advice) -> Advice {
    let apply = facts.host.system.boot_options().map_or(&[][..], |options| options.apply);
    apply.iter().fold(advice, |advice, words| advice.run(words.iter().copied()))
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
    .changed_by([without_garbled()])
}

/// The boot loader's file without what guides left there, and with its quotes closed.
fn without_garbled() -> HostChange {
    let remove = GARBLED.into_iter().map(str::to_owned).collect();
    HostChange::KernelOptions { add: Vec::new(), remove }
}

/// What GRUB's file says on a host that starts by systemd-boot, beyond what its own file has.
fn written_in_vain(facts: &Facts, configured: &[String]) -> Option<String> {
    if facts.host.system.loader?.options().format != Format::Line {
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
    if facts.host.system.loader.is_some_and(Loader::reads_grub_file)
        && let Err(line) = facts.host.boot.grub_options()
    {
        let fix = Advice::from(
            "Close the quote at the end of that line. Until then update-grub fails or drops the \
            rest of the file.",
        );
        let check = Check::fail(
            ID,
            "a line of GRUB's file has an unclosed quote",
            format!("/etc/default/grub: {line}"),
            write_out(facts, fix),
        );
        return Some(check.changed_by([without_garbled()]));
    }
    let options = facts.host.system.boot_options()?;
    let configured = facts.host.boot.configured(facts.host.system.loader?)?;
    let running = &facts.host.kernel.command_line;
    if let Some(words) = written_in_vain(facts, &configured) {
        let fix = edit(
            facts,
            &format!("This host boots with {}, not with GRUB. Move the options", options.name),
        );
        return Some(Check::warn(
            ID,
            "kernel options are in a file that this host does not use",
            format!("/etc/default/grub: {words}"),
            fix,
        ));
    }
    let missing: Vec<&str> =
        configured.iter().filter(|word| !running.contains(word)).map(String::as_str).collect();
    let file = options.path?;
    if missing.is_empty() {
        return Some(Check::pass(
            ID,
            "the kernel runs with all options of the boot loader's file",
            file,
        ));
    }
    let fix = write_out(facts, Advice::from("Apply the file, then restart the host."));
    let check = Check::warn(
        ID,
        "the boot loader's file has options that the running kernel does not have",
        format!("{file}: {}", missing.join(" ")),
        fix,
    );
    Some(check.changed_by([HostChange::ApplyBootOptions]))
}
