//! VMs that were started: the good one, and each of the ways in which one does not have the GPU.

use crate::hosts::{assessor, documentation, golden, good_host, lines, put_rom, repository};
use rom_host::assess::VmTarget;
use rom_host::checks::Status;
use rom_host::files::FileMap;
use rom_host::probe::guests::GuestName;
use rom_host::probe::running;
use rom_host::verify::guest::GuestSeen;
use rom_host::verify::{self, Answers, Subject, Verified};
use rom_host::vm::configuration::Configuration;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;

/// What Proxmox VE starts of good.conf (qemu-server, `config_to_command`), shortened where nothing
/// of the GPU is.
const STARTED: &str = "/usr/bin/kvm -id 100 -name win11,debug-threads=on -no-shutdown -pidfile \
    /var/run/qemu-server/100.pid -daemonize -drive if=pflash,unit=0,format=raw,readonly=on,\
    file=/usr/share/pve-edk2-firmware//OVMF_CODE_4M.secboot.fd -drive if=pflash,unit=1,\
    id=drive-efidisk0,format=raw,file=/dev/pve/vm-100-disk-2,size=540672 -smp 4,sockets=1,cores=4 \
    -nodefaults -vga none -nographic -cpu host,hv_relaxed,+kvm_pv_eoi -m 8192 -device \
    pci-bridge,id=pci.1,chassis_nr=1,bus=pci.0,addr=0x1e -device \
    pci-bridge,id=pci.2,chassis_nr=2,bus=pci.1,addr=0x1e -device \
    vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=0x2,romfile=/usr/share/kvm/igd.rom \
    -machine type=pc-i440fx-10.1+pve0 -set device.hostpci0.x-igd-lpc=on";

const START_LOG: &str =
    "/var/log/pve/tasks/4/UPID:pve:00001267:0000ABCD:6553F164:qmstart:100:root@pam:";
const DRIVER: &str = "/sys/bus/pci/devices/0000:00:02.0/driver";

/// A VM that runs on its host, and what the programs there say.
struct Case {
    name: &'static str,
    guest: GuestName,
    configuration: String,
    host: FileMap,
    answers: Answers,
}

fn file(name: &str) -> String {
    fs::read_to_string(repository("rom-host/tests/vm").join(name)).unwrap()
}

/// The good VM, which runs.
fn good(name: &'static str) -> Case {
    let mut host = good_host("good-three-images.rom");
    host.write("/run/qemu-server/100.pid", "4711\n");
    host.write("/proc/4711/cmdline", STARTED.replace(' ', "\0"));
    let before = "4711 (kvm) S 1 4711 4711 0 -1 4194624 1 0 0 0 7 3 0 0 20 0 5 0";
    host.write("/proc/4711/stat", format!("{before} 500 1 2 3\n"));
    host.write("/proc/stat", "cpu 1 2 3\nbtime 1700000096\n");
    host.write(START_LOG, "generating cloud-init ISO\nTASK OK\n");
    host.link_to(DRIVER, "../../../bus/pci/drivers/vfio-pci");
    let kernel = "vfio-pci 0000:00:02.0: resetting\nvfio-pci 0000:00:02.0: reset done\n";
    let driver = Some("i915".to_owned());
    let answers = Answers {
        kernel: Some(kernel.to_owned()),
        guest: Some(GuestSeen::Gpu { driver, problem: None }),
    };
    Case { name, guest: GuestName::Vm(100), configuration: file("good.conf"), host, answers }
}

/// The good VM with one thing changed.
fn but(name: &'static str, change: impl FnOnce(&mut Case)) -> Case {
    let mut case = good(name);
    change(&mut case);
    case
}

fn cases() -> Vec<Case> {
    let guest = |seen| move |case: &mut Case| case.answers.guest = Some(seen);
    let started = |from: &'static str, to: &'static str| {
        move |case: &mut Case| {
            assert_eq!(STARTED.matches(from).count(), 1);
            let line = STARTED.replace(from, to);
            case.host.write("/proc/4711/cmdline", line.replace(' ', "\0"));
        }
    };
    let gpu = |problem| GuestSeen::Gpu { driver: Some("32.0.101".to_owned()), problem };
    vec![
        good("the VM has the GPU"),
        but("no guest agent, no journal, no log of the start", |case| {
            case.answers = Answers {
                kernel: None,
                guest: Some(GuestSeen::Silent("QEMU guest agent is not running".to_owned())),
            };
            case.host.remove(START_LOG);
        }),
        but("it does not run", |case| case.host.remove("/proc/4711")),
        but("it does not run, and would not be ready", |case| {
            case.host.remove("/run/qemu-server/100.pid");
            case.configuration = case.configuration.replace("vga: none", "vga: std");
        }),
        but(
            "started before the configuration was completed",
            started(" -set device.hostpci0.x-igd-lpc=on", ""),
        ),
        but(
            "started before the GPU was added",
            started(
                " -device vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=0x2,romfile=/usr/share/kvm/igd.rom",
                "",
            ),
        ),
        but("started with another ROM", |case| {
            put_rom(&mut case.host, "/usr/share/kvm/old.rom", "good-three-images.rom");
            started("igd.rom", "old.rom")(case);
        }),
        but("another driver has the GPU", |case| {
            case.host.remove(DRIVER);
            case.host.link_to(DRIVER, "../../../bus/pci/drivers/i915");
        }),
        but("a message that is the cause", |case| {
            let text = "kvm: -device vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=0x2: \
                IGD device 0000:00:02.0 is unsupported in legacy mode, try SandyBridge or newer\n\
                TASK OK\n";
            case.host.write(START_LOG, text);
        }),
        but("Code 43", guest(gpu(Some(43)))),
        but("Code 31", guest(gpu(Some(31)))),
        but("the guest sees no GPU", guest(GuestSeen::NoGpu)),
        but("the guest has no driver", guest(GuestSeen::Gpu { driver: None, problem: None })),
        but("an answer that cannot be read", guest(GuestSeen::Unclear)),
        but("a domain of libvirt", |case| {
            case.guest = GuestName::Domain("win11".to_owned());
            case.configuration = file("good.xml");
            case.host.remove("/run/qemu-server/100.pid");
            case.host.write("/run/libvirt/qemu/win11.pid", "4711\n");
            let log = "2026-11-25: starting up libvirt version: 11.3.0\nchar device redirected\n";
            case.host.write("/var/log/libvirt/qemu/win11.log", log);
        }),
    ]
}

fn verified(case: &Case) -> Verified {
    let configuration = Configuration::read(&case.configuration).unwrap();
    let running = running::read(&case.host, &case.guest);
    let target = VmTarget { vmid: case.guest.vmid(), ..VmTarget::default() };
    let subject = Subject {
        name: &case.guest,
        configuration: &configuration,
        running: running.as_ref(),
        assessor: &assessor(&case.host, target),
        files: &case.host,
    };
    verify::verify(&subject, &case.answers)
}

/// What is said of each, and that docs/checks.md has a heading for each check.
#[test]
fn vms_that_were_started() {
    let (mut text, mut ids) = (String::new(), BTreeSet::new());
    for case in cases() {
        let verified = verified(&case);
        let answer = if verified.has_gpu() { "has the GPU" } else { "no, or unknown" };
        writeln!(text, "== {}: {answer}", case.name).unwrap();
        text.push_str(&lines(&verified.checks));
        ids.extend(verified.checks.iter().map(|check| check.id));
    }
    for shows in [true, false] {
        let check = verify::monitor(shows, &GuestName::Vm(100));
        writeln!(text, "== the monitor shows it: {shows}").unwrap();
        text.push_str(&lines([&check]));
        ids.insert(check.id);
    }
    golden("verify-cases.txt", &text);
    let documentation = documentation();
    for id in ids {
        assert!(documentation.contains(&format!("\n### {id}: ")), "{id} has no heading");
    }
}

/// What is wanted is what is said to be.
#[test]
fn only_what_has_the_gpu_is_said_to_have_it() {
    let has: Vec<&str> =
        cases().iter().filter(|case| verified(case).has_gpu()).map(|case| case.name).collect();
    let expected = [
        "the VM has the GPU",
        "no guest agent, no journal, no log of the start",
        "started with another ROM",
        "the guest has no driver",
        "an answer that cannot be read",
        "a domain of libvirt",
    ];
    assert_eq!(has, expected);
    let first = |name: &str| {
        let case = cases().into_iter().find(|case| case.name == name).unwrap();
        let checks = verified(&case).checks;
        checks.into_iter().find(|check| check.status == Status::Fail).map(|check| check.id)
    };
    for (name, id) in [
        ("it does not run", "RUN001"),
        ("started before the configuration was completed", "RUN002"),
        ("another driver has the GPU", "RUN003"),
        ("a message that is the cause", "RUN004"),
        ("Code 43", "RUN007"),
    ] {
        assert_eq!(first(name), Some(id), "{name}");
    }
}
