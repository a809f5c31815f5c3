//! The kernel's command line and the files that it comes from.

use super::Facts;
use crate::advice::{Advice, difference};
use crate::checks::Check;
use crate::host_change::HostChange;
use crate::system::grub::{GARBLED, Options, odd_letter};
use crate::system::{Format, OptionFiles, OptionsChange};
use std::collections::HashSet;

pub(super) fn checks(facts: &Facts, checks: &mut Vec<Check>) {
    checks.push(command_line(facts));
    checks.extend(files(facts));
}

/// How options of the kernel are added and removed on this host: `what` has to be done.
pub(super) fn edit(facts: &Facts, what: &str, add: &[&str], remove: &[&str]) -> Advice {
    let Some(options) = facts.host.system.boot_options() else {
        return Advice::from(format!(
            "{what}: edit the options of the kernel where this host's boot loader has them, and \
            restart the host."
        ));
    };
    let own = facts.host.boot.options.as_ref();
    if let Some(change) = own.and_then(|own| own.change(add, remove)) {
        return shown(what, options.name, &change);
    }
    let is_done = own.and_then(OptionFiles::options).is_some_and(|own| match own {
        Options::Known(words) => {
            let has = |word: &&str| words.iter().any(|own| own == word);
            add.iter().all(has) && !remove.iter().any(has)
        }
        Options::Computed(_) | Options::Faulty(_) => false,
    });
    match (options.path, options.format) {
        (Some(path), _) if is_done && add.len() + remove.len() > 0 => write_out(
            facts,
            format!("{what}: {path} is right already. Apply it, and restart the host."),
        ),
        (Some(path), _) => {
            let apply = if options.apply.is_empty() { "" } else { "apply the change, " };
            let place = format!("{path} ({})", options.within);
            write_out(facts, format!("{what}: edit {place}, {apply}and restart the host."))
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

/// Options that come and go, for whoever carries it out.
pub(super) fn options(add: &[&str], remove: &[&str]) -> HostChange {
    let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
    HostChange::KernelOptions { add: owned(add), remove: owned(remove) }
}

/// A change as lines of files or as commands, and what applies it.
fn shown(what: &str, loader: &str, change: &OptionsChange) -> Advice {
    let paths: Vec<&str> = change.files.iter().map(|(file, _)| file.path.as_str()).collect();
    let apply = if change.apply.is_empty() { "" } else { "apply the change, " };
    let advice = if paths.is_empty() {
        Advice::from(format!("{what} with {loader}, and restart the host."))
    } else {
        let paths = paths.join(" and ");
        Advice::from(format!("{what}: change these lines of {paths}, {apply}and restart the host."))
    };
    let own = change.commands.iter().map(|words| words.iter().map(String::as_str).collect());
    let apply = change.apply.iter().map(|words| words.to_vec());
    let mut advice = own.chain(apply).fold(advice, |advice, words: Vec<&str>| advice.run(words));
    for (file, next) in &change.files {
        let (old, new): (Vec<&str>, Vec<&str>) =
            (file.text.lines().collect(), next.lines().collect());
        advice.diff.extend(difference(&old, &new));
    }
    advice
}

/// The advice with the commands that make the change of a file count.
fn write_out(facts: &Facts, text: String) -> Advice {
    let apply = facts.host.system.boot_options().map_or(&[][..], |options| options.apply);
    apply.iter().fold(Advice::from(text), |advice, words| advice.run(words.iter().copied()))
}

/// An option for several drivers in one word: the kernel takes what is after the first colon for
/// the first driver (`fb_get_options`).
fn is_joined(word: &str) -> bool {
    word.strip_prefix("video=").is_some_and(|value| value.contains(":off,"))
}

fn command_line(facts: &Facts) -> Check {
    const ID: &str = "HOST050";
    let words = || facts.host.kernel.command_line.iter().map(String::as_str);
    let evidence = |words: &[&str]| format!("/proc/cmdline: {}", words.join(" "));
    let odd: Vec<&str> = words().filter(|word| odd_letter(word).is_some()).collect();
    if !odd.is_empty() {
        let fix = edit(
            facts,
            "A web page or a word processor replaced quotes or dashes with typographic ones. Write \
            these options again with plain ones",
            &[],
            &odd,
        );
        let says = "the kernel command line has typographic quotes, dashes or spaces";
        return Check::warn(ID, says, evidence(&odd), fix);
    }
    let garbled: Vec<&str> = words().filter(|word| GARBLED.contains(word)).collect();
    if !garbled.is_empty() {
        let what = "They come from a guide that was copied with parts missing. Since kernel 6.0 \
            none of them is needed. Remove them";
        let fix = edit(facts, what, &[], &garbled);
        let says = "the kernel command line has options that do nothing";
        return Check::warn(ID, says, evidence(&garbled), fix).changed_by([options(&[], &GARBLED)]);
    }
    let joined: Vec<&str> = words().filter(|word| is_joined(word)).collect();
    if !joined.is_empty() {
        let what = "Only the first driver of the option is switched off. Since kernel 6.0 none has \
            to be. Remove it";
        let fix = edit(facts, what, &[], &joined);
        let says = "an option of the kernel command line does not do what it looks like";
        return Check::warn(ID, says, evidence(&joined), fix).changed_by([options(&[], &joined)]);
    }
    Check::pass(ID, "the kernel command line has no garbled options", "/proc/cmdline")
}

/// What GRUB's file says on a host that is not started by GRUB, beyond what its own file has.
fn written_in_vain<'f>(facts: &'f Facts, configured: &[String]) -> Vec<&'f str> {
    let configured: HashSet<&String> = configured.iter().collect();
    // What the installer puts there is nobody's mistake.
    let own = |word: &&String| {
        *word != "quiet" && !word.starts_with("root=") && !configured.contains(word)
    };
    facts.host.boot.unused.iter().filter(own).map(String::as_str).collect()
}

fn files(facts: &Facts) -> Option<Check> {
    const ID: &str = "HOST051";
    let (place, own) = (facts.host.system.boot_options()?, facts.host.boot.options.as_ref()?);
    let configured = match own.options()? {
        Options::Known(words) => words,
        Options::Computed(path) => {
            let says = "the boot loader's file computes the options of the kernel";
            return Some(Check::skip(ID, says, path));
        }
        Options::Faulty(found) => {
            let says = format!("GRUB's file has {}", found.fault);
            let evidence = format!("{}, line {}: {}", found.path, found.line, found.text);
            let result = found.fault.result();
            let fix = match own.repair() {
                Some(change) => shown(&format!("{result} Repair it"), place.name, &change),
                None => write_out(facts, format!("{result} Correct that line, and apply it.")),
            };
            let check = if found.fault.stops() {
                Check::fail(ID, says, evidence, fix)
            } else {
                Check::warn(ID, says, evidence, fix)
            };
            return Some(check.changed_by([options(&[], &GARBLED)]));
        }
    };
    let running: HashSet<&String> = facts.host.kernel.command_line.iter().collect();
    let unused = written_in_vain(facts, &configured);
    if !unused.is_empty() {
        let what = format!("This host boots with {}, not with GRUB. Move the options", place.name);
        let wanted: Vec<&str> =
            unused.iter().copied().filter(|word| !GARBLED.contains(word)).collect();
        return Some(Check::warn(
            ID,
            "kernel options are in a file that this host does not use",
            format!("/etc/default/grub: {}", unused.join(" ")),
            edit(facts, &what, &wanted, &[]),
        ));
    }
    let missing: Vec<&str> =
        configured.iter().filter(|word| !running.contains(word)).map(String::as_str).collect();
    let file = place.path?;
    if missing.is_empty() {
        return Some(Check::pass(
            ID,
            "the kernel runs with all options of the boot loader's file",
            file,
        ));
    }
    let check = Check::warn(
        ID,
        "the boot loader's file has options that the running kernel does not have",
        format!("{file}: {}", missing.join(" ")),
        write_out(facts, "Apply the file, then restart the host.".to_owned()),
    );
    Some(check.changed_by([HostChange::ApplyBootOptions]))
}
