//! `oprom vm check` and `oprom report` as programs. What is said of VMs is tried where it is made,
//! in rom-host.

mod support;

use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{exit, golden, good_host, oprom, samples, text};
use tempfile::TempDir;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../rom-host/tests/vm")
}

fn good() -> String {
    fs::read_to_string(folder().join("good.conf")).unwrap()
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

#[test]
fn a_good_vm_is_short_and_calm() {
    let host = host(&good());
    let output = check(host.path(), &[]);
    golden("vm-good.txt", &format!("{}exit status {}\n", text(&output.stdout), exit(&output)));
}

/// What fails, how it is fixed, and what each way of asking says of it.
#[test]
fn a_vm_that_is_not_ready() {
    let host = host(&good().replace("machine: pc\n", "machine: q35\n"));
    let mut all = String::new();
    for arguments in [&[][..], &["-q"]] {
        let output = check(host.path(), arguments);
        writeln!(
            all,
            "== oprom vm check 100 {}: exit status {}\n{}",
            arguments.join(" "),
            exit(&output),
            text(&output.stdout)
        )
        .unwrap();
    }
    golden("vm-not-ready.txt", &all);
    let output = check(host.path(), &["--json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report["checks"].as_array().unwrap();
    let of = |status: &str| checks.iter().filter(|check| check["status"] == status).count();
    assert_eq!((exit(&output), &report["ready"]), (1, &Value::Bool(false)));
    for status in ["pass", "warn", "fail", "skip"] {
        assert_eq!(report["counts"][status], of(status), "{status}");
    }
    assert_eq!(report["vm"]["machine"], "q35");
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
    let mut config = good();
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

/// On a host without Proxmox VE nothing is written for it.
#[test]
fn a_new_vm_is_for_what_the_host_has() {
    let host = good_host("good-three-images.rom");
    let root = host.path();
    let plan = |arguments: &[&str]| {
        let mut plan = oprom();
        plan.args(["vm", "plan", "--json"]).args(arguments).arg("--sysroot").arg(root);
        let report: Value = serde_json::from_slice(&plan.output().unwrap().stdout).unwrap();
        report["for"].as_str().unwrap().to_owned()
    };
    assert_eq!(plan(&[]), "proxmox");
    fs::remove_dir_all(root.join("etc/pve")).unwrap();
    fs::create_dir_all(root.join("usr/bin")).unwrap();
    fs::write(root.join("usr/bin/virsh"), "").unwrap();
    assert_eq!(plan(&[]), "libvirt");
    assert_eq!(plan(&["--for", "qemu"]), "qemu");
}
