//! What `oprom vm check` says of configurations with one thing changed, and of the one of a forum guide's author.

mod support;

use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
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
    set: BTreeMap<String, String>,
    unset: Vec<String>,
    device: Option<String>,
    qemu: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vm")
}

/// The good configuration with the changes of `case`.
fn config(case: &Case) -> String {
    let good = fs::read_to_string(folder().join("good.conf")).unwrap();
    let (own, snapshots) = good.split_once("\n\n").unwrap();
    let key = |line: &str| line.split(':').next().unwrap().to_owned();
    let changed = |line: &&str| case.unset.contains(&key(line)) || case.set.contains_key(&key(line));
    let kept = own.lines().filter(|line| !changed(line)).map(str::to_owned);
    let set = case.set.iter().map(|(key, value)| format!("{key}: {value}"));
    format!("{}\n\n{snapshots}", kept.chain(set).collect::<Vec<String>>().join("\n"))
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

fn cases() -> Vec<Case> {
    let cases: Cases = toml::from_str(include_str!("vm/cases.toml")).unwrap();
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
        let host = host(&config(&case));
        let question = question(&case);
        let arguments: Vec<&str> = question.iter().map(String::as_str).chain(["-q"]).collect();
        let output = check(host.path(), &arguments);
        writeln!(all, "== {}: exit status {}\n{}", case.name, exit(&output), text(&output.stdout)).unwrap();
    }
    golden("vm-cases.txt", &all);
}

#[test]
fn one_cause_is_one_finding() {
    for case in cases() {
        let host = host(&config(&case));
        let question = question(&case);
        let arguments: Vec<&str> = question.iter().map(String::as_str).chain(["--json"]).collect();
        let report: Value = serde_json::from_slice(&check(host.path(), &arguments).stdout).unwrap();
        let bad: Vec<&Value> = report["checks"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|check| check["status"] == "fail" || check["status"] == "warn")
            .collect();
        assert!(bad.len() <= 1, "{}: {bad:?}", case.name);
    }
}

#[test]
fn a_good_vm_is_short_and_calm() {
    let host = host(&config(&Case::default()));
    let output = check(host.path(), &[]);
    golden("vm-good.txt", &format!("{}exit status {}\n", text(&output.stdout), exit(&output)));
}

/// Its real faults are found: the cut line, the second -cpu, and what was lost with the cut. Its myths are not.
#[test]
fn the_guides_own_configuration() {
    let host = host(&fs::read_to_string(folder().join("guide.conf")).unwrap());
    let output = check(host.path(), &[]);
    golden("vm-guide.txt", &format!("{}exit status {}\n", text(&output.stdout), exit(&output)));
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
                let Ok(plan) = serde_json::from_slice::<Value>(&planned.stdout) else { continue };
                let line =
                    |setting: &Value| format!("{}: {}\n", setting["key"].as_str().unwrap(), setting["value"].as_str().unwrap());
                let mut config: String = plan["settings"].as_array().unwrap().iter().map(line).collect();
                config.push_str("efidisk0: local:100/vm-100-disk-0.raw,efitype=4m\nmemory: 8192\n");
                let host = host(&config);
                fs::copy(samples("good-one-image.rom"), host.path().join("usr/share/kvm/none.rom")).unwrap();
                let output = check(host.path(), &[&arguments[..], &["-q", "--strict"]].concat());
                assert_eq!((exit(&output), text(&output.stdout)), (0, String::new()), "{device} {qemu} {mode}:\n{config}");
            }
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
    config = config.replace("efidisk0: local-lvm:vm-100-disk-2", "unused0: nas-backup:vm-100-disk-2");
    config = config.replace(
        "args: -set",
        "args: -smbios type=1,serial=SECRETSERIAL -fw_cfg name=opt/key,string=hunter2 -device vfio-pci,sysfsdev=/sys/bus/mdev/devices/5e1c2a44-9d1f-4b7c-8a55-0123456789ab \
         -set device.hostpci0.romfile=/home/alice/igd.rom -vnc 192.168.77.5:1,password=on -set",
    );
    let host = host(&format!("{private}{config}"));
    fs::write(
        host.path().join("proc/cmdline"),
        "root=UUID=0f0f0f0f-1111-2222-3333-444444444444 quiet ip=192.168.77.5::::pve-kitchen iommu=pt\n",
    )
    .unwrap();
    fs::create_dir_all(host.path().join("etc/modprobe.d")).unwrap();
    fs::write(host.path().join("etc/modprobe.d/x.conf"), "options vfio-pci ids=8086:a7a8\noptions other key=hunter2\n")
        .unwrap();
    fs::write(host.path().join("etc/hostname"), "pve-kitchen\n").unwrap();
    for json in [&[][..], &["--json"]] {
        let output = oprom().args(["report", "100", "--sysroot"]).arg(host.path()).args(json).output().unwrap();
        let report = text(&output.stdout);
        assert!(report.contains("hostpci0: 0000:00:02.0,legacy-igd=1") && report.contains("x-igd-lpc=on"), "{report}");
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
    let documentation = fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/checks.md")).unwrap();
    for case in cases() {
        let host = host(&config(&case));
        let report: Value = serde_json::from_slice(&check(host.path(), &["--json"]).stdout).unwrap();
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
    assert!(text(&output.stdout).contains("the ROM is not in /usr/share/kvm"), "{}", text(&output.stdout));
    assert_eq!(exit(&output), 1);
}
