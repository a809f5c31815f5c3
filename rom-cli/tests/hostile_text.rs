//! Text of strangers in the names and files that commands read: what comes out of it.

#[path = "../../rom-host/tests/support/stubs.rs"]
mod stubs;
mod support;

use rom_host::advice::ShellCommand;
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use stubs::{SHELLS, Stubs};
use support::{oprom, sample, samples, text};
use tempfile::TempDir;

/// Names that a shell or an option parser takes for more than names.
const NAMES: [&str; 18] = [
    "plain.rom",
    "-o.rom",
    "--help",
    "$(touch PWN).rom",
    "`touch PWN`.rom",
    "$(touch${IFS}PWN)",
    "a;touch PWN;",
    "a|touch PWN",
    "a&touch PWN&",
    "a>PWN",
    "a'touch PWN'",
    "a'\"'\"';touch PWN;",
    "a\"b",
    "a\\",
    "a b*",
    "~",
    "#a",
    "{a,b}!!",
];

/// Every command in a report.
fn commands(report: &Value, all: &mut Vec<String>) {
    const KEYS: [&str; 7] = ["next", "install", "command", "commands", "plan", "check", "undo"];
    match report {
        Value::Array(values) => values.iter().for_each(|value| commands(value, all)),
        Value::Object(fields) => {
            for (key, value) in fields {
                let own = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                let own = own.iter().filter_map(Value::as_str).map(str::to_owned);
                if KEYS.contains(&key.as_str()) {
                    all.extend(own);
                }
                commands(value, all);
            }
        }
        _ => {}
    }
}

/// The reports of one run: one object, or one a line.
fn reports(folder: &Path, arguments: &[&str]) -> Value {
    let output = oprom().args(arguments).current_dir(folder).output().unwrap();
    let printed = text(&output.stdout);
    printed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect()
}

/// What each kind of file holds.
fn contents() -> Vec<Vec<u8>> {
    let rom = sample("good-three-images.rom");
    let hex: Vec<String> = rom.iter().map(|byte| format!("{byte:02x}")).collect();
    vec![
        rom.clone(),
        [b"xxxxyyyy".to_vec(), rom.clone()].concat(),
        hex.join(" ").into_bytes(),
        b"<html><body>404</body></html>".to_vec(),
        Vec::new(),
        vec![0xFF; 4096],
    ]
}

#[test]
fn commands_about_files_of_any_name_are_what_was_meant() {
    let folder = TempDir::new().unwrap();
    let mut all = Vec::new();
    for content in contents() {
        for name in NAMES {
            fs::write(folder.path().join(name), &content).unwrap();
        }
        for arguments in [&["check", "--json"][..], &["pick", "--json", "--device", "8086:a7a8"]] {
            let own: Vec<&str> = [arguments, &["--"], &NAMES].concat();
            commands(&reports(folder.path(), &own), &mut all);
        }
    }
    for name in NAMES {
        fs::write(folder.path().join(name), "hostpci0: 0000:00:02.0,legacy-igd=1\n").unwrap();
        let own = ["vm", "check", "--json", "--device", "8086:a7a8", "--", name];
        commands(&reports(folder.path(), &own), &mut all);
    }
    all.retain(|line| line.starts_with("oprom") || line.starts_with("sudo"));
    all.sort();
    all.dedup();
    let stubs = Stubs::new(["oprom", "sudo", "touch"]);
    for shell in SHELLS {
        let calls = stubs.calls(shell, &all);
        assert_eq!(calls.len(), all.len());
        for (call, line) in calls.iter().zip(&all) {
            // Quoted again it is the same, so that the shell took nothing of it for its own.
            assert_eq!(ShellCommand::new(call.clone()).unwrap().to_string(), *line, "{shell}");
            let file = call.iter().find(|word| NAMES.iter().any(|name| word.ends_with(name)));
            assert!(file.is_none_or(|file| !file.starts_with('-')), "an option: {line}");
        }
    }
    for name in NAMES {
        let there = all.iter().any(|line| line.contains(name.trim_start_matches('-')));
        assert!(there || name.contains('\''), "no command about {name}");
    }
}

/// Whether a command is only the name of the one that reports, or a check that a step is of.
fn is_name(line: &str) -> bool {
    !line.contains(' ') || ["vm check", "vm plan"].contains(&line)
}

/// All commands about guests, ROM files, options and modules of a host on which strangers named
/// them.
#[test]
fn commands_about_a_host_with_any_names_are_what_was_meant() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root");
    let copied = Command::new("cp").arg("-r").arg(samples("hosts/nuc-13-pro")).arg(&root).status();
    assert!(copied.unwrap().success());
    for below in ["etc/libvirt/qemu", "etc/modprobe.d", "etc/pve/mapping", "usr/share/kvm"] {
        fs::create_dir_all(root.join(below)).unwrap();
    }
    let names = NAMES.map(|name| name.replace('/', ""));
    let domain = |name: &str| {
        let name = name.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;");
        format!(
            "<domain type='kvm'><name>{name}</name><os><type machine='q35'>hvm</type></os>\
             <devices><hostdev mode='subsystem' type='pci'><source><address domain='0' bus='0' \
             slot='2' function='0'/></source><rom file='/usr/share/kvm/{name}'/></hostdev>\
             </devices></domain>"
        )
    };
    for name in &names {
        fs::write(root.join(format!("etc/libvirt/qemu/{name}.xml")), domain(name)).unwrap();
        let module = format!("options vfio-pci disable_vga=1 ids={name}\nblacklist {name}\n");
        fs::write(root.join(format!("etc/modprobe.d/{name}.conf")), module).unwrap();
        fs::write(root.join("usr/share/kvm").join(name), "no ROM").unwrap();
    }
    let options = names.join(" ");
    fs::write(root.join("proc/cmdline"), format!("ff {options}\n")).unwrap();
    let mut all = Vec::new();
    for arguments in [&["doctor"][..], &["status"], &["pick"]] {
        let own = [arguments, &["--json", "--sysroot", "root"]].concat();
        commands(&reports(folder.path(), &own), &mut all);
    }
    for name in &names {
        let xml = format!("root/etc/libvirt/qemu/{name}.xml");
        let conf = format!("./{name}.conf");
        let text = format!("bios: ovmf\nhostpci0: 0000:00:02.0,romfile={name}\nargs: {name}\n");
        fs::write(folder.path().join(&conf), text).unwrap();
        let script = format!("./{name}.sh");
        let quoted = name.replace('\'', r"'\''");
        let text = format!("qemu-system-x86_64 -device vfio-pci,host=00:02.0,romfile='{quoted}'\n");
        fs::write(folder.path().join(&script), text).unwrap();
        for file in [&xml, &conf, &script] {
            for what in ["check", "plan"] {
                let own = ["vm", what, "--json", "--device", "8086:a7a8", "--", file];
                commands(&reports(folder.path(), &own), &mut all);
            }
        }
    }
    all.retain(|line| !is_name(line));
    all.sort();
    all.dedup();
    let first = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
    let programs: Vec<String> = all.iter().map(first).collect();
    let stubs = Stubs::new(programs.iter().map(String::as_str).chain(["touch", "sudo"]));
    for shell in SHELLS {
        let calls = stubs.calls(shell, &all);
        assert_eq!(calls.len(), all.len());
        for (call, line) in calls.iter().zip(&all) {
            assert_eq!(ShellCommand::new(call.clone()).unwrap().to_string(), *line, "{shell}");
        }
    }
    let hostile = all.iter().filter(|line| line.contains("PWN")).count();
    assert!(hostile > 20, "{hostile} of {} commands have a hostile name", all.len());
}
