//! Choices for a .conf of Proxmox VE that is nearly right: what is to be typed makes of it what was
//! meant.

use crate::choices::Choices;
use rom_host::advice::{ShellCommand, Steps};
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox::Config;

const KEYS: [&str; 24] = [
    "hostpci0", "hostpci0", "hostpci1", "hostpci16", "args", "args", "machine", "machine", "vga", "vga",
    "bios", "cpu", "memory", "balloon", "ostype", "net0", "scsi0", "efidisk0", "numa", "delete", "name",
    "hostpci0$(x)", "Bios", "",
];

/// Values as they are in configurations that work.
const LINES: [&str; 10] = [
    "hostpci0: 0000:00:02.0,legacy-igd=1,romfile=igd.rom",
    "hostpci0: 0000:00:02.0,romfile=igd.rom",
    "hostpci1: 0000:00:1f.3",
    "args: -set device.hostpci0.x-igd-lpc=on",
    "args: -device vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=2.0",
    "args: -cpu host,kvm=off -set device.hostpci0.bus=pcie.0 -set device.hostpci0.addr=2.0",
    "machine: q35",
    "bios: ovmf",
    "vga: none",
    "[PENDING]",
];

fn text(choices: &mut Choices<'_>) -> String {
    let line = |own: &mut Choices<'_>| match own.of(4) {
        0 => format!("{}: {}\n", own.pick(&KEYS), own.value()),
        1 => format!("args: {} {}\n", own.pick(&["-set", "-device", "-cpu", "-machine"]), own.value()),
        2 => format!("{}{}\n", own.pick(&["", " ", "#", "\u{feff}"]), own.pick(&LINES)),
        _ => format!("{}\n", own.pick(&LINES)),
    };
    choices.some(14, line).concat()
}

pub(super) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let text = text(&mut choices);
    super::configuration::run(text.as_bytes());
    let config = Config::read(&text);
    let own = Configuration::Proxmox(config.pending().unwrap_or(config));
    let fixed = super::configuration::fixed(&own);
    let commands = match own.steps_to(&fixed, "100") {
        Steps::Commands(commands) => commands,
        Steps::Diff(lines) => {
            let all = own.lines().into_iter().chain(fixed.lines()).collect::<String>();
            assert!(!lines.is_empty() && !all.chars().all(is_typed), "{lines:?}");
            return;
        }
    };
    let Configuration::Proxmox(config) = &own else { return };
    let mut lines: Vec<(String, String)> =
        config.lines().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    for command in commands {
        let [program, set, vm, option, value] = command.words() else {
            panic!("not qm set: {command}")
        };
        assert_eq!((program.as_str(), set.as_str(), vm.as_str()), ("qm", "set", "100"));
        let gone = option == "--delete";
        let key = if gone { value } else { option.trim_start_matches("--") };
        assert!(is_key(key), "{command}");
        lines.retain(|(own, _)| own != key);
        if !gone {
            lines.push((key.to_owned(), value.clone()));
        }
    }
    lines.sort();
    let Configuration::Proxmox(meant) = &fixed else { return };
    let meant: Vec<(String, String)> =
        meant.lines().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    assert_eq!(lines, meant, "what is typed makes what was meant");
}

/// Small letters, `_` and `-`, then digits.
fn is_key(word: &str) -> bool {
    let name = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
    !name.is_empty() && name.chars().all(|letter| letter.is_ascii_lowercase() || "_-".contains(letter))
}

/// Whether a letter is one that a command on one line can hold.
fn is_typed(letter: char) -> bool {
    ShellCommand::new([letter.to_string()]).is_some()
}
