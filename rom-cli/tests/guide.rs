//! A guide of a forum, executed: every step is done as it is written there, then the host and the
//! VM are judged, then what is advised is done.
//!
//! Its real faults have to be found: `disable_vga=1` with QEMU 10.0, the `args` line that an editor
//! cut, the second `-cpu`, the garbled kernel options, the ROM that is not where its step says. Its
//! myths must not be: power-off, hiding the hypervisor, rombar, Secure Boot.

mod support;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Output;
use support::{exit, golden, good_host, oprom, samples, text};

fn put(root: &Path, path: &str, content: &str) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

fn replace(root: &Path, path: &str, old: &str, new: &str) {
    let text = fs::read_to_string(root.join(path)).unwrap();
    assert!(text.contains(old), "{path}: {old}");
    put(root, path, &text.replacen(old, new, 1));
}

/// The kernel options as the guide prints them, once with smileys taken out and once cut.
const OPTIONS: &str =
    "quiet intel_iommu=on iommu=pt video=efifb ff video=vesafb ff initcall_blacklist=sysfb_init";
const CUT_OPTIONS: &str = "\"quiet intel_iommu=on iommu=pt video=efifb";

/// The guide's steps on a host of Proxmox VE 9.0.
fn as_written(root: &Path) {
    replace(root, "var/lib/dpkg/status", "10.1.2-4", "10.0.2-4");
    // 1: the boot loader.
    replace(root, "proc/cmdline", "quiet", OPTIONS);
    replace(root, "etc/default/grub", "\"quiet\"", CUT_OPTIONS);
    // 2: vfio-pci takes the GPU.
    put(root, "etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:a7a8 disable_vga=1\n");
    put(root, "sys/module/vfio_pci/parameters/disable_vga", "Y\n");
    let driver = root.join("sys/bus/pci/devices/0000:00:02.0/driver");
    fs::remove_file(&driver).unwrap();
    symlink("../../drivers/vfio-pci", driver).unwrap();
    // 3: the repository is cloned, which has no ROM in it, so that the copy fails.
    fs::remove_file(root.join("usr/share/kvm/igd.rom")).unwrap();
    put(root, "usr/share/kvm/intel-igpu-passthru/README.md", "");
    // 4 to 6: the VM, with its last configuration as it is shown.
    put(root, "etc/pve/qemu-server/100.conf", include_str!("../../rom-host/tests/vm/guide.conf"));
}

/// What is advised, done: by hand what is for the host, and word for word what is for the VM.
fn as_advised(root: &Path, commands: &str) {
    replace(root, "proc/cmdline", OPTIONS, "quiet");
    replace(root, "etc/default/grub", CUT_OPTIONS, "\"quiet\"");
    fs::remove_file(root.join("etc/modprobe.d/vfio.conf")).unwrap();
    fs::remove_file(root.join("sys/module/vfio_pci/parameters/disable_vga")).unwrap();
    fs::copy(samples("good-three-images.rom"), root.join("usr/share/kvm/igd.rom")).unwrap();
    let path = "etc/pve/qemu-server/100.conf";
    let mut lines: Vec<String> =
        fs::read_to_string(root.join(path)).unwrap().lines().map(str::to_owned).collect();
    for command in commands.lines() {
        let option = command.strip_prefix("qm set 100 --").unwrap();
        let (key, value) = option.split_once(' ').unwrap();
        let gone = if key == "delete" { value } else { key };
        lines.retain(|line| !line.starts_with(&format!("{gone}:")));
        if key != "delete" {
            lines.push(format!("{key}: {}", value.trim_matches('\'')));
        }
    }
    put(root, path, &(lines.join("\n") + "\n"));
}

#[test]
fn the_guide() {
    let host = good_host("good-three-images.rom");
    let root = host.path();
    as_written(root);
    let run = |words: &[&str]| oprom().args(words).arg("--sysroot").arg(root).output().unwrap();
    let mut all = String::new();
    let mut say = |title: &str, output: &Output| {
        write!(all, "== {title}: exit status {}\n{}\n", exit(output), text(&output.stdout))
            .unwrap();
    };
    say("oprom doctor", &run(&["doctor"]));
    say("oprom vm check 100", &run(&["vm", "check", "100"]));
    // With the host mended QEMU is what Proxmox VE 9.1 has.
    replace(root, "var/lib/dpkg/status", "10.0.2-4", "10.1.2-4");
    let fix = run(&["vm", "check", "100", "--fix", "-q"]);
    say("oprom vm check 100 --fix, on Proxmox VE 9.1", &fix);
    as_advised(root, &text(&fix.stdout));
    let (doctor, check) = (run(&["doctor", "--strict"]), run(&["vm", "check", "100", "--strict"]));
    say("after that, oprom doctor", &doctor);
    say("after that, oprom vm check 100", &check);
    golden("guide.txt", &all);
    assert_eq!((exit(&doctor), exit(&check)), (0, 0));
    for myth in ["power", "rombar", "Secure Boot"] {
        assert!(!all.contains(myth), "{myth}");
    }
}
