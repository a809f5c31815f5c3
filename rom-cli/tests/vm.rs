//! What `oprom vm check` says of configurations with one thing changed, and what `oprom vm plan`
//! writes.

mod support;

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use support::{exit, golden, good_host, oprom, samples, text};
use tempfile::TempDir;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cases {
    case: Vec<Case>,
}

/// A VM, as the good one with changes.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Case {
    name: String,
    /// The configuration that is changed; good.conf if it is empty.
    base: String,
    /// Lines of a .conf to replace or add, and to leave out.
    set: BTreeMap<String, String>,
    unset: Vec<String>,
    /// Lines that wait for the next start.
    pending: Option<String>,
    /// A text of another kind of configuration, and what stands there instead.
    replace: Option<(String, String)>,
    /// Files of the host.
    files: BTreeMap<String, String>,
    /// The sample that is in place as the ROM.
    rom: Option<String>,
    device: Option<String>,
    qemu: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../rom-host/tests/vm")
}

/// The good configuration with the changes of `case`.
fn config(case: &Case) -> String {
    if !case.base.is_empty() {
        let text = fs::read_to_string(folder().join(&case.base)).unwrap();
        let Some((old, new)) = &case.replace else { return text };
        assert_eq!(text.matches(old).count(), 1, "{}: {old:?}", case.name);
        return text.replace(old, new);
    }
    let good = fs::read_to_string(folder().join("good.conf")).unwrap();
    let (own, snapshots) = good.split_once("\n\n").unwrap();
    let key = |line: &str| line.split(':').next().unwrap().to_owned();
    let changed =
        |line: &&str| case.unset.contains(&key(line)) || case.set.contains_key(&key(line));
    let kept = own.lines().filter(|line| !changed(line)).map(str::to_owned);
    let set = case.set.iter().map(|(key, value)| format!("{key}: {value}"));
    let pending = case
        .pending
        .as_ref()
        .map_or_else(String::new, |pending| format!("[PENDING]\n{pending}\n\n"));
    format!("{}\n\n{pending}{snapshots}", kept.chain(set).collect::<Vec<String>>().join("\n"))
}

/// The host of the NUC, with the ROM in place and with `config` as VM 100.
fn host(config: &str) -> TempDir {
    let root = good_host("good-three-images.rom");
    fs::write(root.path().join("etc/pve/qemu-server/100.conf"), config).unwrap();
    root
}

fn check(host: &Path, arguments: &[&str]) -> Output {
    oprom().args(["vm", "check", "100", "--sysroot"]).arg(host).args(arguments).output().unwrap()
}

/// Asks about the VM of `case` on its host, as VM 100 or, where that is no .conf, in its file.
fn check_case(case: &Case, arguments: &[&str]) -> Output {
    let host = host(&config(case));
    if let Some(rom) = &case.rom {
        fs::copy(samples(rom), host.path().join("usr/share/kvm/igd.rom")).unwrap();
    }
    for (path, content) in &case.files {
        let path = host.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let file = host.path().join("etc/pve/qemu-server/100.conf");
    let vm = if case.base.is_empty() { "100" } else { file.to_str().unwrap() };
    oprom()
        .args(["vm", "check", vm])
        .args(question(case))
        .arg("--sysroot")
        .arg(host.path())
        .args(arguments)
        .output()
        .unwrap()
}

fn cases() -> Vec<Case> {
    let cases: Cases = toml::from_str(include_str!("../../rom-host/tests/vm/cases.toml")).unwrap();
    cases.case
}

/// What a case is asked beside the VM.
fn question(case: &Case) -> Vec<String> {
    let device = case.device.iter().map(|device| format!("--device={device}"));
    device.chain(case.qemu.iter().map(|qemu| format!("--qemu={qemu}"))).collect()
}

#[test]
fn one_thing_at_a_time() {
    let mut all = String::new();
    for case in cases() {
        let output = check_case(&case, &["-q"]);
        writeln!(all, "== {}: exit status {}\n{}", case.name, exit(&output), text(&output.stdout))
            .unwrap();
    }
    golden("vm-cases.txt", &all);
}

#[test]
fn one_cause_is_one_finding() {
    for case in cases() {
        let report: Value = serde_json::from_slice(&check_case(&case, &["--json"]).stdout).unwrap();
        let bad: Vec<&Value> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["status"] == "fail" || check["status"] == "warn")
            .collect();
        assert!(bad.len() <= 1, "{}: {bad:?}", case.name);
    }
}

/// What `--fix` proposes, and what is left. A proposal is whole: once it is carried out, nothing
/// more can be mended.
#[test]
fn what_is_wrong_is_mended_as_far_as_it_can_be() {
    let mut all = String::new();
    for case in cases() {
        let output = check_case(&case, &["--fix"]);
        writeln!(all, "== {}: exit status {}\n{}", case.name, exit(&output), text(&output.stdout))
            .unwrap();
    }
    golden("vm-fix.txt", &all);
}

#[test]
fn a_good_vm_is_short_and_calm() {
    let host = host(&config(&Case::default()));
    let output = check(host.path(), &[]);
    golden("vm-good.txt", &format!("{}exit status {}\n", text(&output.stdout), exit(&output)));
}

/// What `vm plan` writes, `vm check` finds nothing wrong with.
#[test]
fn a_plan_passes_its_own_check() {
    for qemu in ["9.0", "9.2", "10.0", "10.1", "11.0"] {
        for device in ["8086:1912", "8086:9bc5", "8086:9a49", "8086:a7a8", "8086:7d55"] {
            for mode in ["legacy", "upt"] {
                let arguments = ["--device", device, "--qemu", qemu];
                let planned = oprom()
                    .args(["vm", "plan", "--json", "--romfile", "none.rom", "--mode", mode])
                    .args(arguments)
                    .output()
                    .unwrap();
                let plan: Value = serde_json::from_slice(&planned.stdout).unwrap();
                let Some(settings) = plan["settings"].as_array() else {
                    assert_eq!(
                        (exit(&planned), &plan["error"]["exit"]),
                        (1, &Value::from(1)),
                        "{device} {qemu} {mode}"
                    );
                    continue;
                };
                let line = |setting: &Value| {
                    format!(
                        "{}: {}\n",
                        setting["key"].as_str().unwrap(),
                        setting["value"].as_str().unwrap()
                    )
                };
                let mut config: String = settings.iter().map(line).collect();
                config.push_str("efidisk0: local:100/vm-100-disk-0.raw,efitype=4m\nmemory: 8192\n");
                let host = host(&config);
                // A ROM without a driver that draws is for the mode without a display at boot.
                let rom =
                    if mode == "upt" { "good-assignment-alone.rom" } else { "good-one-image.rom" };
                fs::copy(samples(rom), host.path().join("usr/share/kvm/none.rom")).unwrap();
                let output = check(host.path(), &[&arguments[..], &["-q", "--strict"]].concat());
                assert_eq!(
                    (exit(&output), text(&output.stdout)),
                    (0, String::new()),
                    "{device} {qemu} {mode}:\n{config}"
                );
            }
        }
    }
}

const PLANNED_FOR: [&str; 8] = [
    "8086:0126",
    "8086:0416",
    "8086:1912",
    "8086:3e92",
    "8086:9bc5",
    "8086:9a49",
    "8086:a7a8",
    "8086:7d55",
];

/// The settings that are planned, or none where nothing can work.
fn planned(target: &str, mode: &str, question: &[&str]) -> Option<Vec<(String, String)>> {
    let mut plan = oprom();
    plan.args(["vm", "plan", "--json", "--for", target, "--mode", mode]).args(question);
    let plan: Value = serde_json::from_slice(&plan.output().unwrap().stdout).ok()?;
    let word = |setting: &Value, key: &str| setting[key].as_str().unwrap().to_owned();
    Some(
        plan["settings"]
            .as_array()?
            .iter()
            .map(|setting| (word(setting, "key"), word(setting, "value")))
            .collect(),
    )
}

/// A domain with these parts in their places.
fn domain(settings: &[(String, String)]) -> String {
    let inside = |keys: &[&str]| -> String {
        settings
            .iter()
            .filter(|(key, _)| keys.contains(&key.as_str()))
            .map(|(_, value)| value.as_str())
            .collect()
    };
    format!(
        "<domain type='kvm' \
            xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>{}<devices>{}</devices>{}</domain>",
        inside(&["os", "cpu"]),
        inside(&["video", "hostdev"]),
        inside(&["override"])
    )
}

/// What `vm plan` writes for libvirt and for QEMU, `vm check` finds nothing wrong with.
#[test]
fn a_plan_passes_its_own_check_as_xml_and_as_a_command_line() {
    let mut passed = 0;
    for qemu in ["9.0", "9.2", "10.0", "10.1", "11.0"] {
        for device in PLANNED_FOR {
            for (mode, rom) in
                [("legacy", "good-one-image.rom"), ("upt", "good-assignment-alone.rom")]
            {
                let host = host(&config(&Case::default()));
                let root = host.path();
                fs::copy(samples(rom), root.join("usr/share/kvm/own.rom")).unwrap();
                let question =
                    ["--device", device, "--qemu", qemu, "--romfile", "/usr/share/kvm/own.rom"];
                for target in ["libvirt", "qemu"] {
                    let Some(settings) = planned(target, mode, &question) else { continue };
                    let text = if target == "libvirt" {
                        domain(&settings)
                    } else {
                        let words = settings.iter().map(|(key, value)| format!("{key} '{value}'"));
                        format!(
                            "qemu-system-x86_64 -bios OVMF.fd {}",
                            words.collect::<Vec<String>>().join(" ")
                        )
                    };
                    fs::write(root.join("vm"), &text).unwrap();
                    let mut check = oprom();
                    check
                        .args(["vm", "check", "-q", "--strict"])
                        .args(&question[..4])
                        .arg("--sysroot")
                        .arg(root);
                    let output = check.arg(root.join("vm")).output().unwrap();
                    assert_eq!(
                        (exit(&output), text_of(&output)),
                        (0, String::new()),
                        "{device} {qemu} {mode} {target}:\n{text}"
                    );
                    passed += 1;
                }
            }
        }
    }
    assert!(passed > 100, "{passed}");
}

fn text_of(output: &Output) -> String {
    text(&output.stdout)
}

/// Every property that is planned is one that a real QEMU has, and of the type that is given.
/// Versions differ in which they have: what only a newer one has, is planned for a newer one.
#[test]
#[ignore = "needs qemu-system-x86"]
fn a_real_qemu_takes_what_is_planned() {
    let version = Command::new("qemu-system-x86_64").arg("--version").output().unwrap();
    let version = text(&version.stdout);
    let version = version.split_whitespace().nth(3).unwrap();
    let help =
        Command::new("qemu-system-x86_64").args(["-device", "vfio-pci,help"]).output().unwrap();
    let help = text(&help.stdout);
    let known = |property: &str| {
        help.lines().any(|line| line.trim_start().starts_with(&format!("{property}=")))
    };
    assert!(known("x-igd-opregion"), "{help}");
    for device in PLANNED_FOR {
        for mode in ["legacy", "upt"] {
            let question = ["--device", device, "--qemu", version, "--romfile", "/nowhere.rom"];
            let Some(settings) = planned("qemu", mode, &question) else { continue };
            let handed = settings
                .iter()
                .find(|(key, _)| key == "-device")
                .map(|(_, value)| value.clone())
                .unwrap();
            for option in handed.split(',').skip(1) {
                let (name, _) = option.split_once('=').unwrap();
                assert!(
                    name == "id" || name == "bus" || known(name),
                    "{version}: {name} of {handed}"
                );
            }
            // QEMU gets as far as looking for the ROM or for the device, which are not there.
            let words = settings.iter().flat_map(|(key, value)| [key, value]);
            let run = Command::new("qemu-system-x86_64")
                .args(["-display", "none", "-S"])
                .args(words)
                .output()
                .unwrap();
            let said = text(&run.stderr);
            assert!(
                said.contains("no such host device") || said.contains("No such file or directory"),
                "{said}"
            );
        }
    }
}

/// A configuration and a host with a secret wherever one can be.
#[test]
fn nothing_private_gets_into_a_report() {
    let secrets = [
        "BC:24:11:AA:BB:CC",
        "5e1c2a44-9d1f-4b7c-8a55-0123456789ab",
        "SECRETSERIAL",
        "hunter2",
        "alice",
        "customer-vm",
        "pve-kitchen",
        "nas-backup",
        "192.168.77.5",
        "0f0f0f0f-1111-2222-3333-444444444444",
        "office-gpu",
        "WD-WXYZ123",
    ];
    let mut config = config(&Case::default());
    let private = "#for alice of customer-vm\nname: customer-vm\nnet1: virtio=BC:24:11:AA:BB:CC,bridge=vmbr0\nsmbios1: uuid=5e1c2a44-9d1f-4b7c-8a55-0123456789ab,serial=SECRETSERIAL\n\
                   scsi1: nas-backup:vm-100-disk-9,serial=WD-WXYZ123\nvmgenid: 0f0f0f0f-1111-2222-3333-444444444444\nhostpci2: mapping=office-gpu,romfile=/home/alice/x.rom\n\
                   efidisk0: nas-backup:vm-100-disk-2,efitype=4m\ncipassword: hunter2\nipconfig0: ip=192.168.77.5/24\n";
    config =
        config.replace("efidisk0: local-lvm:vm-100-disk-2", "unused0: nas-backup:vm-100-disk-2");
    config = config.replace(
        "args: -set",
        "args: -smbios type=1,serial=SECRETSERIAL -fw_cfg name=opt/key,string=hunter2 -device vfio-pci,sysfsdev=/sys/bus/mdev/devices/5e1c2a44-9d1f-4b7c-8a55-0123456789ab \
         -set device.hostpci0.romfile=/home/alice/igd.rom -vnc 192.168.77.5:1,password=on -set",
    );
    let host = host(&format!("{private}{config}"));
    fs::write(
        host.path().join("proc/cmdline"),
        "root=UUID=0f0f0f0f-1111-2222-3333-444444444444 quiet ip=192.168.77.5::::pve-kitchen \
            iommu=pt\n",
    )
    .unwrap();
    fs::create_dir_all(host.path().join("etc/modprobe.d")).unwrap();
    fs::write(
        host.path().join("etc/modprobe.d/x.conf"),
        "options vfio-pci ids=8086:a7a8\noptions other key=hunter2\n",
    )
    .unwrap();
    fs::write(host.path().join("etc/hostname"), "pve-kitchen\n").unwrap();
    for json in [&[][..], &["--json"]] {
        let output = oprom()
            .args(["report", "100", "--sysroot"])
            .arg(host.path())
            .args(json)
            .output()
            .unwrap();
        let report = text(&output.stdout);
        assert!(
            report.contains("hostpci0: 0000:00:02.0,legacy-igd=1")
                && report.contains("x-igd-lpc=on"),
            "{report}"
        );
        for secret in secrets {
            assert!(!report.contains(secret), "{secret} is in\n{report}");
        }
        if json.is_empty() {
            golden("report.txt", &report);
        }
    }
}

#[test]
fn every_check_is_explained() {
    let documentation =
        fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md"))
            .unwrap();
    for case in cases() {
        let report: Value = serde_json::from_slice(&check_case(&case, &["--json"]).stdout).unwrap();
        for check in report["checks"].as_array().unwrap() {
            let id = check["id"].as_str().unwrap();
            assert!(documentation.contains(&format!("### {id}: ")), "docs/checks.md lacks {id}");
        }
    }
}

#[test]
fn a_file_can_be_given_instead_of_a_number() {
    let output = oprom()
        .args(["vm", "check", "--device", "8086:a7a8", "--qemu", "10.1", "--sysroot"])
        .arg(samples("hosts/no-igpu"))
        .arg(folder().join("good.conf"))
        .output()
        .unwrap();
    assert!(
        text(&output.stdout).contains("the ROM file does not exist"),
        "{}",
        text(&output.stdout)
    );
    assert_eq!(exit(&output), 1);
}
