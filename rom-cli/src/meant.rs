//! What a word was meant for that is not what its command takes: the command that takes it, and
//! names that are nearly it.

use crate::text::ShellCommand;
use rom_core::DeviceId;
use rom_core::catalog::{Catalog, Cpu, Query, select};
use rom_core::model::hex_u16;
use rom_host::address::full_bdf;
use std::path::Path;

/// The commands of other programs, and what is typed here for them.
const OTHER_NAMES: [(&str, &[&str]); 18] = [
    ("update", &["oprom", "catalog", "update"]),
    ("upgrade", &["oprom", "catalog", "update"]),
    ("lint", &["oprom", "catalog", "lint"]),
    ("diff", &["oprom", "catalog", "diff"]),
    ("download", &["oprom", "fetch"]),
    ("get", &["oprom", "fetch"]),
    ("uninstall", &["oprom", "undo"]),
    ("remove", &["oprom", "undo"]),
    ("rollback", &["oprom", "undo"]),
    ("info", &["oprom", "show"]),
    ("dump", &["oprom", "show"]),
    ("unpack", &["oprom", "extract"]),
    ("fix", &["oprom", "repair"]),
    ("plan", &["oprom", "vm", "plan"]),
    ("search", &["oprom", "scan"]),
    ("version", &["oprom", "--version"]),
    ("host", &["oprom", "doctor"]),
    ("gpu", &["oprom", "pick"]),
];

/// What is typed for words that follow a command which has none of that name.
const NAMES_BELOW: [(&str, &str, &[&str]); 5] = [
    ("vm", "list", &["oprom", "status"]),
    ("vm", "show", &["oprom", "vm", "check", "VMID"]),
    ("vm", "create", &["oprom", "vm", "plan"]),
    ("catalog", "list", &["oprom", "list"]),
    ("catalog", "show", &["oprom", "list"]),
];

/// The command that takes `word`, which follows the command `parent` and is none of its commands.
pub(crate) fn command_below(parent: &str, word: &str) -> Option<ShellCommand> {
    let of = |(above, name, _): &&(&str, &str, _)| *above == parent && *name == word;
    match NAMES_BELOW.iter().find(of) {
        Some((_, _, command)) => ShellCommand::new(command.iter().copied()),
        None => command_for(word),
    }
}

/// Endings of files that `oprom check` is asked about.
const FILES: [&str; 9] = [".rom", ".bin", ".efi", ".cap", ".fd", ".ffs", ".img", ".zip", ".exe"];

/// The command that takes `word`, where its shape tells. Nothing is read but whether there is a
/// file of this name.
pub(crate) fn command_for(word: &str) -> Option<ShellCommand> {
    if let Some(command) = command_for_no_file(word) {
        return Some(command);
    }
    if is_configuration(word) {
        return ShellCommand::new(["oprom", "vm", "check", word]);
    }
    if is_file(word) {
        return ShellCommand::new(["oprom", "check", word]);
    }
    None
}

/// The command that takes `word`, where its shape tells that it is not a file.
pub(crate) fn command_for_no_file(word: &str) -> Option<ShellCommand> {
    let other = OTHER_NAMES.iter().find(|(name, _)| *name == word);
    if let Some((_, command)) = other {
        return ShellCommand::new(command.iter().copied());
    }
    let command: Vec<String> = if is_vm_number(word) {
        words(&["oprom", "vm", "check", word])
    } else if let Some(id) = device_id(word).filter(|id| word.len() >= 8 || is_listed(*id)) {
        words(&["oprom", "pick", "--device", &id.to_string()])
    } else if full_bdf(word).is_ok() {
        words(&["oprom", "pick", "--bdf", word])
    } else if is_code(word) {
        words(&["oprom", "explain", word])
    } else if is_cpu(word) {
        words(&["oprom", "pick", "--cpu", word])
    } else {
        return None;
    };
    ShellCommand::new(command)
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A device id in a form in which people paste it: `8086:a7a8`, `[8086:a7a8]`, `8086a7a8`,
/// `0x8086:0xa7a8`, `8086 a7a8`, and Intel's `a7a8` alone.
pub(crate) fn device_id(text: &str) -> Option<DeviceId> {
    let text = text.trim().trim_start_matches('[').trim_end_matches(']');
    let text = text.strip_prefix("PCI\\").unwrap_or(text);
    if let Ok(id) = text.parse() {
        return Some(id);
    }
    let of = |vendor: &str, device: &str| {
        Some(DeviceId { vendor: hex_u16(vendor).ok()?, device: hex_u16(device).ok()? })
    };
    // As Windows prints it: VEN_8086&DEV_A7A8&SUBSYS_...
    if let Some((vendor, rest)) =
        text.strip_prefix("VEN_").and_then(|rest| rest.split_once("&DEV_"))
    {
        return of(vendor, rest.split('&').next()?);
    }
    if let Some((vendor, device)) = text.split_once(char::is_whitespace) {
        return of(vendor, device.trim());
    }
    let digits = text.strip_prefix("0x").unwrap_or(text);
    match (digits.len(), digits.get(..4), digits.get(4..)) {
        (8, Some(vendor), Some(device)) => of(vendor, device),
        (4, Some(device), _) if digits != "8086" => {
            Some(DeviceId { vendor: DeviceId::INTEL, device: hex_u16(device).ok()? })
        }
        _ => None,
    }
}

/// A GPU of the built-in catalog: four hex digits can be a word too.
fn is_listed(id: DeviceId) -> bool {
    id.vendor == DeviceId::INTEL && Catalog::embedded().device(id.device).is_some()
}

/// The number of a VM of Proxmox VE, which begin at 100.
fn is_vm_number(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_digit())
        && word.parse().is_ok_and(|number: u32| (100..=999_999_999).contains(&number))
}

/// A code of a finding or a check, such as ROM014.
fn is_code(word: &str) -> bool {
    let number = word.trim_start_matches(|c: char| c.is_ascii_alphabetic());
    number.len() == 3
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && matches!(
            word.trim_end_matches(number).to_ascii_uppercase().as_str(),
            "ROM" | "CAT" | "HOST" | "VM"
        )
}

/// A file with a VM's configuration.
fn is_configuration(word: &str) -> bool {
    let ending = Path::new(word).extension();
    ending.is_some_and(|ending| ending == "conf" || ending == "xml")
}

/// A file of another kind.
fn is_file(word: &str) -> bool {
    let lower = word.to_lowercase();
    word.contains('/') || FILES.iter().any(|end| lower.ends_with(end)) || Path::new(word).is_file()
}

/// A CPU that the built-in catalog knows by name.
fn is_cpu(word: &str) -> bool {
    let query = Query { device: None, cpu: Some(Cpu::named(word)) };
    select(Catalog::embedded(), &query).cpu.is_some_and(|cpu| !cpu.platforms.is_empty())
}

/// Those of `names` that are nearly `word`, the nearest first, three at most.
pub(crate) fn similar<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    /// What counts as nearly, between 0 and 1.
    const NEARLY: f64 = 0.8;
    let word = word.to_lowercase();
    let likeness = |name: &'n str| (strsim::jaro_winkler(&word, &name.to_lowercase()), name);
    let mut near: Vec<(f64, &str)> =
        names.into_iter().map(likeness).filter(|(likeness, _)| *likeness >= NEARLY).collect();
    near.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

/// A question about names that are nearly what was typed, to put before other help; nothing where
/// there are none.
pub(crate) fn did_you_mean(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        names => format!("Did you mean {}? ", names.join(" or ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_the_wrong_place_leads_to_its_command() {
        for (word, command) in [
            ("x.rom", "oprom check x.rom"),
            ("./my bios.CAP", "oprom check './my bios.CAP'"),
            ("100", "oprom vm check 100"),
            ("100.conf", "oprom vm check 100.conf"),
            ("win11.xml", "oprom vm check win11.xml"),
            ("8086:a7a8", "oprom pick --device 8086:a7a8"),
            ("[8086:A7A8]", "oprom pick --device 8086:a7a8"),
            ("8086a7a8", "oprom pick --device 8086:a7a8"),
            ("a7a8", "oprom pick --device 8086:a7a8"),
            ("PCI\\VEN_8086&DEV_A7A8&REV_04", "oprom pick --device 8086:a7a8"),
            ("0000:00:02.0", "oprom pick --bdf 0000:00:02.0"),
            ("00:02.0", "oprom pick --bdf 00:02.0"),
            ("rom014", "oprom explain rom014"),
            ("VM011", "oprom explain VM011"),
            ("i5-1340P", "oprom pick --cpu i5-1340P"),
            ("update", "oprom catalog update"),
        ] {
            let found = command_for(word).map(|command| command.to_string());
            assert_eq!(found.as_deref(), Some(command), "{word}");
        }
        for word in ["", "x", "99", "chekc", "dead", "beef", "ROM01", "-x"] {
            assert_eq!(command_for(word), None, "{word}");
        }
    }

    #[test]
    fn a_word_can_mean_another_thing_below_a_command() {
        for (parent, word, command) in [
            ("vm", "list", "oprom status"),
            ("vm", "100", "oprom vm check 100"),
            ("catalog", "list", "oprom list"),
        ] {
            let found = command_below(parent, word).map(|command| command.to_string());
            assert_eq!(found.as_deref(), Some(command), "{parent} {word}");
        }
        assert_eq!(command_below("vm", "nothing"), None);
    }

    #[test]
    fn ids_are_read_as_people_paste_them() {
        let id = DeviceId { vendor: 0x8086, device: 0xA7A8 };
        for text in [
            "8086:a7a8",
            " 8086:A7A8 ",
            "[8086:a7a8]",
            "8086a7a8",
            "0x8086a7a8",
            "0x8086:0xa7a8",
            "8086 a7a8",
            "a7a8",
            "0xa7a8",
            "PCI\\VEN_8086&DEV_A7A8&SUBSYS_00000000",
            "VEN_8086&DEV_A7A8",
        ] {
            assert_eq!(device_id(text), Some(id), "{text}");
        }
        for text in ["", "8086", "8086:", "a7a", "8086:a7a8:1", "00:02.0", "wxyz", "8086:a7a81"] {
            assert_eq!(device_id(text), None, "{text}");
        }
    }

    #[test]
    fn names_that_are_nearly_it() {
        let names = ["ADL-N_TWL_GOPv21_igd.rom", "KBL_CFL_GOPv9.1_igd.rom", "gop", "vbt"];
        assert_eq!(similar("adl-n_twl_gopv21.rom", names), ["ADL-N_TWL_GOPv21_igd.rom"]);
        assert_eq!(similar("something else", names), [""; 0]);
    }
}
