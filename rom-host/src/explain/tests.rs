//! The index as a whole.

use super::*;
use std::collections::HashSet;

#[test]
fn every_entry_is_found_by_its_own_examples() {
    let mut wrong = Vec::new();
    for entry in entries() {
        assert!(!entry.examples.is_empty(), "{}", entry.id);
        for example in entry.examples {
            let found = explain(example);
            if !matches!(found, Some(Meaning::Entry(found, _)) if found.id == entry.id) {
                wrong.push(format!("{}: {example}: {found:.60?}", entry.id));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// Numbers of another machine, and what journals put in front.
#[test]
fn other_numbers_do_not_matter() {
    let others = [
        ("hostpci0", "hostpci3"),
        ("0x4000000000", "0x6000000000"),
        ("a7a8", "46d1"),
        ("vmid '101'", "vmid '9000'"),
        ("got 0xf6ff", "got 0x0000"),
    ];
    for entry in entries().filter(|entry| entry.layer != Layer::Symptom) {
        for example in entry.examples {
            let changed = others
                .iter()
                .fold((*example).to_owned(), |line, (old, new)| line.replace(old, new));
            let logged = format!("Nov 25 03:12:59 pve7 kernel: [  12.345678] {changed}");
            assert_eq!(message(&logged).map(|found| found.id), Some(entry.id), "{logged}");
            assert_eq!(
                message(&changed.to_uppercase()).map(|found| found.id),
                Some(entry.id),
                "{changed} in capitals"
            );
        }
    }
}

#[test]
fn patterns_are_in_lower_case_and_say_something() {
    for entry in entries() {
        for pattern in entry.patterns {
            assert_eq!(pattern.to_lowercase(), *pattern, "{}", entry.id);
            let longest = pattern.split('*').map(str::len).max().unwrap_or(0);
            assert!(longest >= 4 || entry.layer == Layer::Symptom, "{}: {pattern}", entry.id);
        }
    }
}

#[test]
fn ids_are_unique_but_for_a_symptom_that_is_a_message_too() {
    for layer_is_symptom in [false, true] {
        let ids: Vec<&str> = entries()
            .filter(|entry| (entry.layer == Layer::Symptom) == layer_is_symptom)
            .map(|entry| entry.id)
            .collect();
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len(), "{ids:?}");
    }
}

/// Device, driver and file are read before a line is assessed.
#[test]
fn the_same_message_of_another_device_is_another_entry() {
    for (line, expected) in [
        (
            "vfio-pci 0000:00:02.0: Invalid PCI ROM header signature: expecting 0xaa55, got \
             0xffff",
            "rom-header-signature",
        ),
        (
            "vfio-pci 0000:01:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got \
             0xffff",
            "rom-signature-card",
        ),
        (
            "nvidia 0000:01:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0xffff",
            "rom-signature-card",
        ),
        (
            "amdgpu 0000:06:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0x0000",
            "rom-signature-amd",
        ),
        (
            "tg3 0022:01:00.1: Invalid PCI ROM header signature: expecting 0xaa55, got 0xffff",
            "rom-signature-other",
        ),
        (
            "mpt3sas 0000:02:00.0: Invalid PCI ROM data signature: expecting 0x52494350, got 0x0",
            "rom-signature-other",
        ),
        (
            "Invalid PCI ROM header signature: expecting 0xaa55, got 0x4556",
            "rom-signature-without-device",
        ),
        ("vfio-pci 0000:01:00.0: No more image in the PCI ROM", "rom-no-more-images-card"),
        ("failed to find romfile \"efi-e1000.rom\"", "romfile-packaged"),
        ("failed to find romfile \"pxe-rtl8139.rom\"", "romfile-packaged"),
        ("failed to find romfile \"vgabios-virtio.bin\"", "romfile-packaged"),
        ("failed to find romfile \"igd.rom\"", "romfile-missing"),
        ("failed to find romfile \"/usr/share/kvm//usr/share/kvm/igd.rom\"", "romfile-doubled"),
        ("vfio-pci: Cannot read device rom at 0000:00:02.0", "igd-rom-unreadable"),
        ("vfio-pci: Cannot read device rom at 0000:01:00.0", "card-rom-unreadable"),
        ("vfio 0000:00:02.0: no iommu_group found: No such file or directory", "igpu-no-group"),
        ("vfio 0000:08:00.0: no iommu_group found: No such file or directory", "no-group"),
        (
            "IGD device 730e3d97-e78c-44c1-897f-2921d58bb4bb does not support LPC bridge \
                 access,legacy mode disabled",
            "mediated-no-regions",
        ),
        (
            "IGD device 0000:00:02.0 does not support LPC bridge access,legacy mode disabled",
            "lpc-bridge-missing",
        ),
        (
            "PCI: slot 2 function 0 not available for vfio-pci, in use by qxl-vga,id=video0",
            "slot-taken-display",
        ),
        (
            "PCI: slot 2 function 0 not available for vfio-pci, in use by e1000,id=net0",
            "slot-not-available",
        ),
        ("failed to open /dev/vfio/9: No such file or directory", "vfio-group-absent"),
        ("failed to open /dev/vfio/9: Permission denied", "vfio-group-denied"),
        ("failed to open /dev/vfio/9: Device or resource busy", "group-in-use"),
    ] {
        assert_eq!(message(line).map(|entry| entry.id), Some(expected), "{line}");
    }
}

/// There is no catch-all.
#[test]
fn a_line_that_nobody_knows_is_not_known() {
    for line in [
        "usb 1-1: new high-speed USB device number 2 using xhci_hcd",
        "vfio 0000:00:02.0: something that QEMU never says",
        "kvm: -device vfio-pci,host=0000:00:02.0: ",
        "i915 0000:00:02.0: [drm] Initialized i915 1.6.0 for 0000:00:02.0 on minor 0",
        "failed to open /dev/sda: Permission denied",
        "cat: /etc/shadow: Permission denied",
        "TASK ERROR: storage 'local' is not available",
        "systemd[1]: Started Session 3 of user root.",
        "qemu-system-x86_64: -drive file=x.qcow2: Could not open 'x.qcow2': No such file or \
             directory",
        "the GPU is very nice",
        "",
    ] {
        assert!(explain(line).is_none(), "{line}: {:.80?}", explain(line));
    }
}

#[test]
fn a_line_of_a_manager_gets_its_advice_alone() {
    let texts = |line: &str| {
        let Some(Meaning::Entry(entry, manager)) = explain(line) else { panic!("{line}") };
        let advice = entry.advice(manager);
        let commands = advice.iter().flat_map(|advice| &advice.commands).map(ToString::to_string);
        commands.collect::<Vec<_>>().join("\n")
    };
    let proxmox = texts("kvm: VFIO_MAP_DMA failed: Cannot allocate memory");
    assert!(proxmox.contains("qm set") && !proxmox.contains("virsh"), "{proxmox}");
    let libvirt = texts("libvirt: VFIO_MAP_DMA failed: Cannot allocate memory");
    assert!(libvirt.contains("virsh edit") && !libvirt.contains("qm "), "{libvirt}");
    let unknown = texts("VFIO_MAP_DMA failed: Cannot allocate memory");
    assert!(unknown.contains("qm set") && unknown.contains("virsh edit"), "{unknown}");
}

/// Every word that begins a command, and the managers for which it is right.
#[test]
fn every_command_that_is_advised_exists_and_is_of_its_manager() {
    const PROGRAMS: &[&str] = &[
        "EfiRom",
        "apt",
        "cat",
        "chcon",
        "chmod",
        "df",
        "find",
        "free",
        "grep",
        "journalctl",
        "ls",
        "lspci",
        "modprobe",
        "mokutil",
        "oprom",
        "pgrep",
        "qemu-system-x86_64",
        "restorecon",
        "sudo",
        "systemctl",
        "tail",
        "ulimit",
        "uname",
        "update-initramfs",
    ];
    for entry in entries() {
        for tip in entry.tips {
            for command in tip.commands {
                let advice = entry.advice(tip.manager);
                let typed = advice
                    .iter()
                    .flat_map(|advice| &advice.commands)
                    .map(ToString::to_string)
                    .collect::<Vec<_>>();
                assert!(
                    typed.iter().any(|typed| typed == command),
                    "{}: {command} is typed otherwise: {typed:?}",
                    entry.id
                );
                let first = command.split(' ').next().unwrap();
                let manager = match first {
                    "qm" | "pvesh" | "pveversion" => Some(Manager::Proxmox),
                    "virsh" | "virt-host-validate" => Some(Manager::Libvirt),
                    _ => tip.manager,
                };
                assert!(
                    entry.layer == Layer::Libvirt || manager == tip.manager,
                    "{}: {command}",
                    entry.id
                );
                assert!(PROGRAMS.contains(&first) || manager.is_some(), "{}: {command}", entry.id);
            }
        }
    }
}

#[test]
fn sentences_are_whole() {
    for entry in entries() {
        let texts = entry.tips.iter().map(|tip| tip.text).chain([entry.means]);
        for text in texts {
            assert!(text.ends_with(['.', ':', ')', '>']), "{}: {text}", entry.id);
            assert!(!text.contains("  ") && !text.contains('\n'), "{}: {text}", entry.id);
        }
    }
}

/// Lines that people paste, and symptoms.
const LINES: &str = include_str!("../../tests/explain/lines.tsv");

#[test]
fn lines_that_people_paste_are_known_for_what_they_are() {
    let mut wrong = Vec::new();
    let lines: Vec<_> = LINES.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() > 280, "{}", lines.len());
    for line in lines {
        let (expected, asked) = line.split_once('\t').unwrap();
        let found = match explain(asked) {
            Some(Meaning::Entry(entry, _)) => entry.id,
            _ => "nothing",
        };
        if found != expected {
            wrong.push(format!("{found}, not {expected}: {asked}"));
        }
    }
    assert_eq!(wrong, [""; 0]);
}

/// Messages of QEMU, Linux, libvirt and qemu-server: program, versions, file, text, and why the
/// index lacks it.
const MESSAGES: &str = include_str!("../../tests/explain/messages.tsv");

#[test]
fn every_message_of_the_programs_is_known_or_has_a_reason() {
    let (mut wrong, mut known) = (Vec::new(), 0);
    for line in MESSAGES.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        let [program, versions, file, text, reason] = fields.as_slice() else {
            panic!("five fields: {line}")
        };
        assert!(versions.starts_with(|c: char| c.is_ascii_digit()), "{line}");
        let (layer, before) = match *program {
            "QEMU" => (Layer::Qemu, "kvm: -device vfio-pci,host=0000:00:02.0: vfio 0000:00:02.0: "),
            "Linux" if file.contains("iommu/intel") => (Layer::Kernel, "DMAR: "),
            "Linux" => (Layer::Kernel, "vfio-pci 0000:00:02.0: "),
            "libvirt" => (Layer::Libvirt, "error: "),
            "qemu-server" => (Layer::Proxmox, "TASK ERROR: "),
            other => panic!("{other}"),
        };
        let open =
            [("{address}", "00:02.0"), ("{text}", "x"), ("{number}", "1"), ("{hex}", "0x1f")];
        let said =
            open.iter().fold((*text).to_owned(), |said, (open, value)| said.replace(open, value));
        let found = message(&format!("{before}{said}")).filter(|entry| entry.layer == layer);
        known += usize::from(found.is_some());
        match (found, *reason == "-") {
            (Some(entry), false) => {
                wrong.push(format!("{} is known, and has a reason: {line}", entry.id));
            }
            (None, true) => wrong.push(format!("not known, and no reason: {line}")),
            (Some(_), true) | (None, false) => {}
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(known > 300, "{known}");
}
