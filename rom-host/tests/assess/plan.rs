//! What is planned for a VM, the checks find nothing wrong with, and QEMU takes.

use crate::hosts::{assessor, good_host, lines, not_well, put_rom};
use rom_core::DeviceId;
use rom_core::catalog::Catalog;
use rom_host::assess::VmTarget;
use rom_host::qemu::{Gpu, QemuVersion};
use rom_host::recipe::{self, Mode, PlanRequest, Setting};
use rom_host::vm::configuration::Configuration;
use std::process::Command;

const QEMU: [&str; 5] = ["9.0", "9.2", "10.0", "10.1", "11.0"];

const DEVICES: [&str; 8] = [
    "8086:0126",
    "8086:0416",
    "8086:1912",
    "8086:3e92",
    "8086:9bc5",
    "8086:9a49",
    "8086:a7a8",
    "8086:7d55",
];

/// Each mode, with a ROM that is for it: one without a driver that draws is for the mode without a
/// display at boot.
const MODES: [(Mode, &str); 2] =
    [(Mode::Legacy, "good-one-image.rom"), (Mode::Upt, "good-assignment-alone.rom")];

/// What is asked for, or none where nothing can work.
fn request(device: DeviceId, qemu: QemuVersion, mode: Mode, romfile: &str) -> Option<PlanRequest> {
    let (platform, _) = Catalog::embedded().device(device.device).unwrap();
    let request = PlanRequest {
        gpu: Gpu::new(device.device, &platform.generation),
        qemu: Some(qemu),
        mode,
        romfile: romfile.to_owned(),
        audio: false,
        disable_vga: false,
        narrow_iommu: None,
        other_args: String::new(),
    };
    recipe::impossible(&request).is_none().then_some(request)
}

/// A .conf with these lines.
fn conf(settings: &[Setting]) -> String {
    let planned = settings.iter().map(|own| format!("{}: {}", own.key, own.value));
    let other = ["efidisk0: local:100/vm-100-disk-0.raw,efitype=4m", "memory: 8192"];
    planned.chain(other.map(str::to_owned)).collect::<Vec<String>>().join("\n") + "\n"
}

/// A domain with these parts in their places.
fn domain(settings: &[Setting]) -> String {
    let inside = |keys: &[&str]| -> String {
        let parts = settings.iter().filter(|setting| keys.contains(&setting.key));
        parts.map(|setting| setting.value.as_str()).collect()
    };
    format!(
        "<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>{}\
         <devices>{}</devices>{}</domain>",
        inside(&["os", "cpu"]),
        inside(&["video", "hostdev"]),
        inside(&["override"])
    )
}

/// A command line of QEMU with these options.
fn command_line(settings: &[Setting]) -> String {
    let options = settings.iter().map(|own| format!("{} '{}'", own.key, own.value));
    format!("qemu-system-x86_64 -bios OVMF.fd {}", options.collect::<Vec<String>>().join(" "))
}

#[test]
fn a_plan_passes_its_own_check() {
    let targets = [
        ("none.rom", recipe::proxmox as fn(&PlanRequest) -> Vec<Setting>, conf as fn(&_) -> _),
        ("/usr/share/kvm/none.rom", recipe::libvirt, domain),
        ("/usr/share/kvm/none.rom", recipe::qemu, command_line),
    ];
    let mut passed = 0;
    for (mode, rom) in MODES {
        let mut host = good_host("good-three-images.rom");
        put_rom(&mut host, "/usr/share/kvm/none.rom", rom);
        for (qemu, device) in QEMU.iter().flat_map(|qemu| DEVICES.map(|device| (qemu, device))) {
            let (qemu, device) = (qemu.parse().unwrap(), device.parse().unwrap());
            for (romfile, plan, written) in targets {
                let Some(request) = request(device, qemu, mode, romfile) else { continue };
                let text = written(&plan(&request));
                let configuration = Configuration::read(&text).unwrap();
                let target = VmTarget {
                    device: Some(device),
                    qemu: Some(qemu),
                    vmid: Some(100),
                    goal: None,
                };
                let checks = assessor(&host, target).assess(&configuration).checks;
                let bad = lines(not_well(&checks));
                assert_eq!(bad, "", "{device} {qemu} {mode:?}:\n{text}");
                passed += 1;
            }
        }
    }
    assert!(passed > 150, "{passed}");
}

/// Every property that is planned is one that a real QEMU has, and of the type that is given.
/// Versions differ in which they have: what only a newer one has, is planned for a newer one.
#[test]
#[ignore = "needs qemu-system-x86"]
fn a_real_qemu_takes_what_is_planned() {
    let asked = |words: &[&str]| {
        let output = Command::new("qemu-system-x86_64").args(words).output().unwrap();
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let version = asked(&["--version"]);
    let version: QemuVersion = version.split_whitespace().nth(3).unwrap().parse().unwrap();
    let help = asked(&["-device", "vfio-pci,help"]);
    let known = |property: &str| {
        help.lines().any(|line| line.trim_start().starts_with(&format!("{property}=")))
    };
    assert!(known("x-igd-opregion"), "{help}");
    let mut tried = 0;
    for (device, (mode, _)) in DEVICES.iter().flat_map(|device| MODES.map(|mode| (device, mode))) {
        let device = device.parse().unwrap();
        let Some(request) = request(device, version, mode, "/nowhere.rom") else { continue };
        let settings = recipe::qemu(&request);
        let gpu = settings.iter().find(|setting| setting.key == "-device").unwrap();
        for option in gpu.value.split(',').skip(1) {
            let (name, _) = option.split_once('=').unwrap();
            assert!(
                name == "id" || name == "bus" || known(name),
                "{version}: {name} of {}",
                gpu.value
            );
        }
        // QEMU gets as far as looking for the ROM or for the device, which are not there.
        let words = settings.iter().flat_map(|setting| [setting.key, &setting.value]);
        let run = Command::new("qemu-system-x86_64")
            .args(["-display", "none", "-S"])
            .args(words)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&run.stderr);
        assert!(
            said.contains("no such host device") || said.contains("No such file or directory"),
            "{said}"
        );
        tried += 1;
    }
    assert!(tried > 0);
}
