//! A guide of a forum, executed: every step is done as it is written there, then the host and the
//! VM are judged, then what is advised is done.
//!
//! Its real faults have to be found: `disable_vga=1` with QEMU 10.0, the `args` line that an editor
//! cut, the second `-cpu`, the garbled kernel options, the ROM that is not where its step says. Its
//! myths must not be: power-off, hiding the hypervisor, rombar, Secure Boot.

use crate::hosts::{answer, assessor, doctor, golden, good_host, lines, not_well, put_rom, text};
use rom_core::catalog::Catalog;
use rom_host::assess::VmTarget;
use rom_host::checks::Check;
use rom_host::files::{FileMap, HostFiles as _};
use rom_host::vm::configuration::Configuration;
use rom_host::vm::proxmox;
use std::fmt::Write as _;

const VM: &str = "/etc/pve/qemu-server/100.conf";

fn replace(host: &mut FileMap, path: &str, old: &str, new: &str) {
    let before = text(host, path);
    assert!(before.contains(old), "{path}: {old}");
    host.write(path, before.replacen(old, new, 1));
}

fn remove(host: &mut FileMap, path: &str) {
    assert!(host.exists(path), "{path}");
    host.remove(path);
}

/// The kernel options as the guide prints them, once with smileys taken out and once cut.
const OPTIONS: &str =
    "quiet intel_iommu=on iommu=pt video=efifb ff video=vesafb ff initcall_blacklist=sysfb_init";
const CUT_OPTIONS: &str = "\"quiet intel_iommu=on iommu=pt video=efifb";

/// The guide's steps on a host of Proxmox VE 9.0.
fn as_written(host: &mut FileMap) {
    replace(host, "/var/lib/dpkg/status", "10.1.2-4", "10.0.2-4");
    // 1: the boot loader.
    replace(host, "/proc/cmdline", "quiet", OPTIONS);
    replace(host, "/etc/default/grub", "\"quiet\"", CUT_OPTIONS);
    // 2: vfio-pci takes the GPU.
    host.write("/etc/modprobe.d/vfio.conf", "options vfio-pci ids=8086:a7a8 disable_vga=1\n");
    host.write("/sys/module/vfio_pci/parameters/disable_vga", "Y\n");
    let driver = "/sys/bus/pci/devices/0000:00:02.0/driver";
    remove(host, driver);
    host.link_to(driver, "../../drivers/vfio-pci");
    // 3: the repository is cloned, which has no ROM in it, so that the copy fails.
    remove(host, "/usr/share/kvm/igd.rom");
    host.write("/usr/share/kvm/intel-igpu-passthru/README.md", "");
    // 4 to 6: the VM, with its last configuration as it is shown.
    host.write(VM, include_str!("../vm/guide.conf"));
}

/// What is advised, done: by hand what is for the host, and word for word what is for the VM.
fn as_advised(host: &mut FileMap, commands: &[String]) {
    replace(host, "/proc/cmdline", OPTIONS, "quiet");
    replace(host, "/etc/default/grub", CUT_OPTIONS, "\"quiet\"");
    remove(host, "/etc/modprobe.d/vfio.conf");
    remove(host, "/sys/module/vfio_pci/parameters/disable_vga");
    put_rom(host, "/usr/share/kvm/igd.rom", "good-three-images.rom");
    let mut lines: Vec<String> = text(host, VM).lines().map(str::to_owned).collect();
    for command in commands {
        let option = command.strip_prefix("qm set 100 --").unwrap();
        let (key, value) = option.split_once(' ').unwrap();
        let gone = if key == "delete" { value } else { key };
        lines.retain(|line| !line.starts_with(&format!("{gone}:")));
        if key != "delete" {
            lines.push(format!("{key}: {}", value.trim_matches('\'')));
        }
    }
    host.write(VM, lines.join("\n") + "\n");
}

#[test]
fn the_guide() {
    let target = VmTarget { vmid: Some(100), ..VmTarget::default() };
    let vm = |host: &FileMap| Configuration::Proxmox(proxmox::Config::read(&text(host, VM)));
    let check = |host: &FileMap| assessor(host, target.clone()).assess(&vm(host)).checks;
    let doctor = |host: &FileMap| doctor(host, Catalog::embedded());
    let mut all = String::new();
    let mut say = |title: &str, checks: &[Check]| {
        writeln!(all, "== {title}: {}\n{}", answer(checks), lines(checks)).unwrap();
    };
    let mut host = good_host("good-three-images.rom");
    as_written(&mut host);
    say("the host", &doctor(&host));
    say("the VM", &check(&host));
    // With the host repaired QEMU is what Proxmox VE 9.1 has.
    replace(&mut host, "/var/lib/dpkg/status", "10.0.2-4", "10.1.2-4");
    let plan = assessor(&host, target.clone()).plan(&vm(&host));
    let commands = plan.steps.iter().flat_map(|step| &step.commands);
    let commands: Vec<String> = commands.map(ToString::to_string).collect();
    say(&format!("the VM on Proxmox VE 9.1, after\n{}\n", commands.join("\n")), &plan.left);
    as_advised(&mut host, &commands);
    let (of_host, of_vm) = (doctor(&host), check(&host));
    say("after that, the host", &of_host);
    say("after that, the VM", &of_vm);
    golden("guide.txt", &all);
    assert!(not_well(&of_host).is_empty() && not_well(&of_vm).is_empty(), "{all}");
    for myth in ["power", "rombar", "Secure Boot"] {
        assert!(!all.contains(myth), "{myth}");
    }
}
