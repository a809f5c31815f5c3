//! Hosts with an AMD iGPU and their VMs, each made up from a chip: the tables that the firmware
//! leaves, the two ROM files, and one thing changed.

use crate::hosts::{answer, assessor, doctor, repository};
use rom_core::catalog::{AmdFamily, Catalog};
use rom_core::compose::{Spec, compose};
use rom_host::assess::VmTarget;
use rom_host::checks::{Check, Status};
use rom_host::files::{FileMap, HostFiles as _};
use rom_host::goal::Goal;
use rom_host::probe::amd::VFCT;
use rom_host::probe::rom::{AMD_GOP_PATH, AMD_VBIOS_PATH};
use rom_host::vm::configuration::Configuration;
use std::fs;
use std::os::unix::fs::symlink;

const DEVICES: &str = "/sys/bus/pci/devices";
const GPU: &str = "0000:04:00.0";
const AUDIO: &str = "0000:04:00.1";

/// CPU, id of the GPU, id of its audio function.
const MACHINES: [(&str, u16, u16); 6] = [
    ("AMD Ryzen 5 5600G with Radeon Graphics", 0x1638, 0x1637),
    ("AMD Ryzen 7 5825U with Radeon Graphics", 0x15E7, 0x1637),
    ("AMD Ryzen 7 7840HS w/ Radeon 780M Graphics", 0x15BF, 0x1640),
    ("AMD Ryzen 7 8845HS w/ Radeon 780M Graphics", 0x1900, 0x1640),
    ("AMD Ryzen 9 9950X 16-Core Processor", 0x13C0, 0x1640),
    ("AMD Ryzen 11 0000X", 0x1ABC, 0x1640),
];

fn rom(images: &str) -> Vec<u8> {
    compose(&format!("purpose = ''\n{images}").parse::<Spec>().unwrap()).unwrap()
}

/// A legacy image with the ids of a chip of AMD's.
fn vbios(device: u16) -> Vec<u8> {
    rom(&format!(
        "[[image]]\nkind = 'legacy'\nblocks = 8\nvendor = 0x1002\ndevice = {device}\nclass = \
        0x030000\n"
    ))
}

/// A ROM with a driver that calls itself AMD's GOP driver.
fn gop(version: &str) -> Vec<u8> {
    rom(&format!(
        "[[image]]\nkind = 'efi'\nblocks = 8\nvendor = 0x1002\ndevice = 0xffff\n\
        driver.data = [{{ text = 'AMD GOP X64 Release Driver Rev.{version}' }}]\n"
    ))
}

/// A VFCT table with these images.
fn vfct(images: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut table = vec![0; 0x4C];
    table[..4].copy_from_slice(b"VFCT");
    table[0x34] = 0x4C;
    for (device, image) in images {
        let mut header = vec![0; 0x1C];
        header[0] = 4;
        header[0x0C..0x0E].copy_from_slice(&0x1002_u16.to_le_bytes());
        header[0x0E..0x10].copy_from_slice(&device.to_le_bytes());
        header[0x18..].copy_from_slice(&u32::try_from(image.len()).unwrap().to_le_bytes());
        table.extend(header);
        table.extend(image);
    }
    let length = u32::try_from(table.len()).unwrap();
    table[4..8].copy_from_slice(&length.to_le_bytes());
    table[9] = table.iter().fold(0, |sum: u8, byte| sum.wrapping_sub(*byte));
    table
}

/// A host that is ready, with both files in place.
fn host((cpu, gpu, audio): (&str, u16, u16)) -> FileMap {
    let mut files = FileMap::default();
    let mut function = |bdf: &str, device: u16, class: &str, group: &str| {
        for (name, value) in [
            ("vendor", "0x1002".to_owned()),
            ("device", format!("{device:#06x}")),
            ("class", class.to_owned()),
        ] {
            files.write(&format!("{DEVICES}/{bdf}/{name}"), value);
        }
        files.link_to(&format!("{DEVICES}/{bdf}/driver"), "../../bus/pci/drivers/vfio-pci");
        files.link_to(
            &format!("{DEVICES}/{bdf}/iommu_group"),
            &format!("../../kernel/iommu_groups/{group}"),
        );
        files.write(&format!("/sys/kernel/iommu_groups/{group}/devices/{bdf}"), "");
    };
    function(GPU, gpu, "0x030000", "14");
    function(AUDIO, audio, "0x040300", "15");
    files.write(&format!("{DEVICES}/{GPU}/boot_vga"), "1\n");
    files.write(&format!("{DEVICES}/{GPU}/reset_method"), "bus\n");
    let cpuinfo = format!(
        "processor\t: 0\nvendor_id\t: AuthenticAMD\ncpu family\t: 25\nmodel\t\t: 80\nmodel \
        name\t: {cpu}\nstepping\t: 0\nflags\t\t: fpu svm nx\n"
    );
    files.write("/proc/cpuinfo", cpuinfo);
    files.write("/proc/cmdline", "BOOT_IMAGE=/boot/vmlinuz root=/dev/sda2 quiet\n");
    files.write("/proc/sys/kernel/osrelease", "6.14.11-3-pve\n");
    files.write("/sys/class/iommu/ivhd0/device", "");
    files.write("/sys/firmware/acpi/tables/IVRS", "");
    files.write("/sys/firmware/efi/systab", "");
    files.write("/run/sshd.pid", "1\n");
    let package = "Package: pve-qemu-kvm\nStatus: install ok installed\nVersion: 10.1.2-1\n\n";
    files.write("/var/lib/dpkg/status", package);
    files.write(VFCT, vfct(&[(gpu, vbios(gpu))]));
    files.write(AMD_VBIOS_PATH, vbios(gpu));
    files.write(AMD_GOP_PATH, gop(right_version(gpu)));
    files
}

fn right_version(gpu: u16) -> &'static str {
    match Catalog::embedded().amd_gpu(gpu).map(|chip| chip.family) {
        Some(AmdFamily::Vega) => "2.18.0.17.10",
        Some(AmdFamily::Rdna) | None => "3.8.9.0.21",
    }
}

/// The host of the samples is one of these, before any ROM is installed.
#[test]
fn the_sample_is_a_host_that_was_made_here() {
    let folder = repository("samples/hosts/amd");
    let mut made = host(MACHINES[1]);
    made.remove(AMD_VBIOS_PATH);
    made.remove(AMD_GOP_PATH);
    if std::env::var_os("OPROM_BLESS").is_some() {
        for path in made.paths().map(str::to_owned).collect::<Vec<String>>() {
            let there = folder.join(path.trim_start_matches('/'));
            fs::create_dir_all(there.parent().unwrap()).unwrap();
            drop(fs::remove_file(&there));
            match made.link(&path) {
                Some(target) => symlink(target, &there).unwrap(),
                None => fs::write(&there, made.read(&path, u64::MAX).unwrap()).unwrap(),
            }
        }
    }
    let mut sample = FileMap::from_folder(&folder).unwrap();
    // What an install there leaves is of no account.
    sample.remove("/usr/share/kvm");
    sample.remove("/var/lib/oprom");
    assert!(sample == made, "run this again with OPROM_BLESS=1");
}

fn checks(files: &FileMap) -> Vec<Check> {
    doctor(files, Catalog::embedded())
}

/// The check of this id, as its status and what it says.
fn said(checks: &[Check], id: &str) -> String {
    let of_id = checks.iter().filter(|check| check.id == id);
    let lines: Vec<String> =
        of_id.map(|check| format!("{}: {}", check.status.name(), check.says)).collect();
    lines.join("\n")
}

/// A VM with everything in its place.
const GOOD: &str = "bios: ovmf\nefidisk0: local:vm-100-disk-0\nmachine: q35\ncpu: host\nmemory: \
    8192\nballoon: 0\nostype: win11\nvga: none\nhostpci0: \
    0000:04:00.0,pcie=1,x-vga=1,romfile=amd-vbios.rom\nhostpci1: \
    0000:04:00.1,pcie=1,romfile=amd-gop.rom\n";

fn vm_checks(files: &FileMap, text: &str, goal: Option<Goal>) -> Vec<Check> {
    let target = VmTarget { vmid: Some(100), goal, ..VmTarget::default() };
    assessor(files, target).assess(&Configuration::read(text).unwrap()).checks
}

#[test]
fn hosts_with_both_files_are_ready_and_named() {
    for machine in MACHINES {
        let checks = checks(&host(machine));
        assert_eq!(answer(&checks), "ready", "{}: {checks:#?}", machine.0);
        let names = said(&checks, "HOST020");
        let known = Catalog::embedded().amd_gpu(machine.1).map(|chip| chip.name.as_str());
        assert!(names.contains(known.unwrap_or("newer than the catalog")), "{names}");
        for check in &checks {
            let text = format!("{} {} {:?}", check.says, check.evidence, check.advice);
            for word in ["Intel", "VT-d", "VT-x", "DMAR", "OpRegion", "igd.rom", "i915", "IGD"] {
                assert!(!text.contains(word), "{}: {word}: {text}", machine.0);
            }
        }
    }
}

/// What is changed on a host.
type Change = fn(&mut FileMap);

/// A host with one thing changed, and what a check says then.
const HOST_CASES: &[(&str, Change, &str, &str)] = &[
    (
        "AMD-V off",
        |files| {
            let cpu = "processor: 0\nvendor_id: AuthenticAMD\nmodel name: AMD Ryzen 5 5600G\n\
                    flags: fpu\n";
            files.write("/proc/cpuinfo", cpu);
        },
        "HOST001",
        "fail: virtualization (AMD-V) is off",
    ),
    (
        "CSM",
        |files| files.remove("/sys/firmware/efi"),
        "HOST002",
        "fail: the host boots with legacy BIOS: the firmware leaves no VBIOS in memory",
    ),
    (
        "IOMMU off in the BIOS",
        |files| {
            files.remove("/sys/class/iommu");
            files.remove("/sys/firmware/acpi/tables/IVRS");
        },
        "HOST010",
        "fail: the IOMMU is off: no device can be passed through",
    ),
    (
        "IOMMU off by an option",
        |files| {
            files.remove("/sys/class/iommu");
            files.write("/proc/cmdline", "quiet amd_iommu=off\n");
        },
        "HOST010",
        "fail: the IOMMU is off: no device can be passed through",
    ),
    (
        "no GPU",
        |files| {
            files.remove(&format!("{DEVICES}/{GPU}"));
            files.remove(&format!("{DEVICES}/{AUDIO}"));
        },
        "HOST020",
        "fail: the host does not see an iGPU",
    ),
    (
        "another display is the primary one",
        |files| files.write(&format!("{DEVICES}/{GPU}/boot_vga"), "0\n"),
        "HOST021",
        "warn: the host booted on another display",
    ),
    (
        "amdgpu has it",
        |files| files.link_to(&format!("{DEVICES}/{GPU}/driver"), "../drivers/amdgpu"),
        "HOST022",
        "warn: amdgpu is bound to the iGPU",
    ),
    (
        "a neighbour in the group",
        |files| {
            let other = "0000:04:00.3";
            files.write("/sys/kernel/iommu_groups/14/devices/0000:04:00.3", "");
            for (name, value) in [("vendor", "0x1022"), ("device", "0x1639"), ("class", "0x0c0330")]
            {
                files.write(&format!("{DEVICES}/{other}/{name}"), value);
            }
        },
        "HOST023",
        "fail: the iGPU shares its IOMMU group with 0000:04:00.3",
    ),
    (
        "the audio function is in the same group",
        |files| {
            files.write(&format!("/sys/kernel/iommu_groups/14/devices/{AUDIO}"), "");
        },
        "HOST023",
        "pass: the iGPU is alone in its IOMMU group",
    ),
    (
        "vendor-reset",
        |files| files.write("/sys/module/vendor_reset/refcnt", "0"),
        "HOST024",
        "warn: the module vendor-reset does not reset this GPU",
    ),
    (
        "no VFCT",
        |files| files.remove(VFCT),
        "HOST070",
        "warn: the firmware left no VBIOS in memory",
    ),
    (
        "VFCT of a card alone",
        |files| files.write(VFCT, vfct(&[(0x73FF, vbios(0x73FF))])),
        "HOST070",
        "warn: the VFCT table has no VBIOS of this GPU, but of 1002:73ff",
    ),
    (
        "VFCT of a card and the iGPU",
        |files| files.write(VFCT, vfct(&[(0x73FF, vbios(0x73FF)), (0x1638, vbios(0x1638))])),
        "HOST070",
        "pass: the VBIOS is in memory: 4096 bytes",
    ),
    (
        "VFCT is cut",
        |files| {
            let mut table = vfct(&[(0x1638, vbios(0x1638))]);
            table.truncate(300);
            files.write(VFCT, table);
        },
        "HOST070",
        "warn: the VFCT table has no whole VBIOS",
    ),
    (
        "VFCT is something else",
        |files| files.write(VFCT, "no"),
        "HOST070",
        "warn: the VFCT table cannot be read",
    ),
    (
        "the VBIOS of another chip is in place",
        |files| files.write(AMD_VBIOS_PATH, vbios(0x164C)),
        "HOST071",
        "warn: the file in place of the VBIOS does not work: its VBIOS is for another chip, \
                1002:164c; this GPU is 1002:1638",
    ),
    (
        "the files are swapped",
        |files| files.write(AMD_VBIOS_PATH, gop("2.18.0")),
        "HOST071",
        "warn: the file in place of the VBIOS does not work: it is a GOP driver, not a VBIOS: \
                it belongs to the audio function",
    ),
    (
        "a GOP driver of the other family",
        |files| files.write(AMD_GOP_PATH, gop("3.8.9.0.21")),
        "HOST072",
        "warn: the GOP driver in place may not work: its GOP driver is 3.8.9.0.21, but Vega \
                GPUs such as Cezanne are only known to work with 2.x",
    ),
];

#[test]
fn one_thing_is_changed_on_a_host() {
    for (name, change, id, expected) in HOST_CASES {
        let mut files = host(MACHINES[0]);
        change(&mut files);
        assert_eq!(said(&checks(&files), id), *expected, "{name}");
    }
}

/// A VM with one thing changed, and what a check says then.
#[test]
fn one_thing_is_changed_in_a_vm() {
    let files = host(MACHINES[0]);
    assert_eq!(answer(&vm_checks(&files, GOOD, None)), "ready");
    let no_vbios = "fail: the GPU has no VBIOS: without it no driver in the guest starts";
    let gop_only = "fail: the audio function has no ROM with the GOP driver: Windows shows Code 43";
    for (old, new, id, expected) in [
        (",romfile=amd-vbios.rom", "", "VM050", no_vbios),
        (",romfile=amd-gop.rom", "", "VM051", gop_only),
        (
            "romfile=amd-vbios.rom",
            "romfile=amd-gop.rom",
            "VM050",
            "fail: the ROM of the GPU does not work: it is a GOP driver, not a VBIOS: it belongs to \
                the audio function",
        ),
        (
            "romfile=amd-gop.rom",
            "romfile=amd-vbios.rom",
            "VM051",
            "fail: the ROM of the audio function does not work: it is a VBIOS, not a GOP driver: it \
                belongs to the GPU",
        ),
        (
            "romfile=amd-vbios.rom",
            "romfile=missing.rom",
            "VM050",
            "fail: the file with the VBIOS does not exist",
        ),
        (
            "romfile=amd-gop.rom",
            "romfile=missing.rom",
            "VM051",
            "fail: the file with the GOP driver does not exist",
        ),
        (
            "hostpci1: 0000:04:00.1,pcie=1,romfile=amd-gop.rom\n",
            "",
            "VM051",
            "fail: the GPU's audio function is not passed through: Windows shows Code 43",
        ),
        (
            "romfile=amd-vbios.rom",
            "romfile=amd-vbios.rom,rombar=0",
            "VM016",
            "fail: rombar=0 hides the VBIOS from the guest",
        ),
        (
            "romfile=amd-gop.rom",
            "romfile=amd-gop.rom,rombar=0",
            "VM016",
            "fail: rombar=0 hides the GOP driver from the firmware",
        ),
        (
            "0000:04:00.0,pcie=1,x-vga=1,romfile=amd-vbios.rom\nhostpci1: \
                0000:04:00.1,pcie=1,romfile=amd-gop.rom",
            "0000:04:00,pcie=1,x-vga=1,romfile=amd-vbios.rom",
            "VM013",
            "fail: the line passes all functions of the GPU through: its audio function cannot be \
                given a ROM of its own",
        ),
        (
            "bios: ovmf",
            "bios: seabios",
            "VM006",
            "pass: the VM is for a display once the guest's driver runs; the boot screen is not \
                shown",
        ),
        ("machine: q35", "machine: pc", "VM018", "fail: pcie=1 is set on machine type pc"),
    ] {
        assert!(GOOD.contains(old), "{old}");
        let checks = vm_checks(&files, &GOOD.replace(old, new), None);
        assert!(said(&checks, id).starts_with(expected), "{new}: {checks:#?}");
    }
}

#[test]
fn a_relative_path_is_not_judged() {
    let line = "qemu-system-x86_64 -machine q35 -bios OVMF.fd -nodefaults -vga none -device \
        vfio-pci,host=0000:04:00.0,romfile=amd-vbios.rom -device \
        vfio-pci,host=0000:04:00.1,romfile=amd-gop.rom";
    let checks = vm_checks(&host(MACHINES[0]), line, Some(Goal::Display));
    assert_eq!(said(&checks, "VM050"), "skip: the VBIOS", "{checks:#?}");
}

#[test]
fn what_a_plan_leaves_is_ready() {
    let nothing = "bios: ovmf\nefidisk0: local:vm-100-disk-0\nmachine: q35\nmemory: 8192\nostype: \
        win11\n";
    let linux = "memory: 4096\nostype: l26\n";
    let all = "bios: ovmf\nefidisk0: a:b\nmachine: q35\nostype: win11\nvga: none\nmemory: \
        8192\nhostpci0: 0000:04:00,pcie=1\n";
    for machine in MACHINES {
        let files = host(machine);
        for text in [nothing, linux, all, GOOD] {
            for goal in [Goal::DisplayAtBoot, Goal::Display, Goal::Compute] {
                let target = VmTarget { vmid: Some(100), goal: Some(goal), ..VmTarget::default() };
                let assessor = assessor(&files, target);
                let plan = assessor.plan(&Configuration::read(text).unwrap());
                let what = format!("{} {} {text}", machine.0, goal.name());
                assert!(plan.is_whole(), "{what}: {:#?}", plan.left);
                assert!(assessor.plan(plan.after()).steps.is_empty(), "{what}");
                let fails = assessor.assess(plan.after()).checks;
                assert!(fails.iter().all(|check| check.status != Status::Fail), "{what}");
            }
        }
    }
}

#[test]
fn the_goal_is_seen_from_the_files_and_the_display() {
    let files = host(MACHINES[0]);
    for (old, new, expected) in [
        ("", "", "the VM is for a display at boot"),
        ("vga: none\n", "", "the goal of the VM is unclear"),
        ("ostype: win11\nvga: none", "ostype: l26", "the VM is for compute; a monitor stays dark"),
        (",romfile=amd-gop.rom", "", "the VM is for a display once the guest's driver runs"),
    ] {
        // Proxmox VE takes the VM's own display away where x-vga is on.
        let text = GOOD.replace("x-vga=1,", "").replacen(old, new, 1);
        let checks = vm_checks(&files, &text, None);
        assert!(said(&checks, "VM006").contains(expected), "{new}: {checks:#?}");
    }
}
