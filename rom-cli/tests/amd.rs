//! The whole way on a host with an AMD iGPU: the VBIOS out of the table in memory, the GOP driver
//! out of a BIOS, both in place, in a VM, and taken back.

mod support;

use rom_core::compose::{self, Spec, volume};
use rom_core::contents::DriverKind;
use rom_core::layout::{FfsFileType, FirmwareVolumeHeader, Guid, SectionType};
use rom_core::{Body, Context, Limits, analyze, parse};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{exit, golden, oprom, samples, text};
use tempfile::TempDir;

/// A driver that calls itself this version of AMD's GOP driver, and has the GUID of the protocol
/// that it would install.
fn driver(version: &str) -> Vec<u8> {
    let spec = format!(
        "purpose = ''\n[[image]]\nkind = 'efi'\nblocks = 8\n\
        driver.data = [{{ text = 'AMD GOP X64 Release Driver Rev.{version}' }}, {{ hex = \
        '00dea94290dc23384a96fb7aded080516a' }}]\n"
    );
    let rom = compose::compose(&spec.parse::<Spec>().unwrap()).unwrap();
    let rom = parse(&rom, &Limits::default());
    let Some(Body::Efi(image)) = rom.images.first().map(|image| &image.body) else {
        panic!("it has an image")
    };
    image.driver.to_vec()
}

/// A BIOS with two drivers, as boards for several generations have it.
fn bios() -> Vec<u8> {
    let files: Vec<Vec<u8>> = [("2.18.0.17.10", 1), ("3.8.9.0.21", 2_u32)]
        .map(|(version, number)| {
            let parts = [
                volume::section(SectionType::PE32, &driver(version)).unwrap(),
                volume::name(&format!("AmdGop{number}")).unwrap(),
            ];
            let name = Guid::new(number, 0, 0, [0; 8]);
            volume::file(FfsFileType::DRIVER, name, &volume::sections(&parts)).unwrap()
        })
        .to_vec();
    volume::volume(FirmwareVolumeHeader::FFS2, &files, 512).unwrap()
}

/// A copy of the sample.
struct Host(TempDir);

impl Host {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let copy = Command::new("cp")
            .arg("-a")
            .arg(samples("hosts/amd/."))
            .arg(folder.path())
            .status()
            .unwrap();
        assert!(copy.success());
        Self(folder)
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path.trim_start_matches('/'))
    }

    fn run(&self, words: &[&str]) -> (i32, String) {
        let output = oprom().args(words).arg("--sysroot").arg(self.0.path()).output().unwrap();
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        (exit(&output), said.replace(&self.0.path().display().to_string(), "ROOT"))
    }

    fn bios(&self) -> String {
        let path = self.at("/root/update.bin");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bios()).unwrap();
        path.display().to_string()
    }
}

const CONF: &str = "bios: ovmf\nefidisk0: local:vm-100-disk-0\nmachine: q35\ncpu: host\nmemory: \
    8192\nballoon: 0\nostype: win11\nvga: none\nhostpci0: \
    0000:04:00.0,pcie=1,romfile=amd-vbios.rom\nhostpci1: \
    0000:04:00.1,pcie=1,romfile=amd-gop.rom\n";

#[test]
fn both_roms_come_from_the_machine_and_the_vm_is_ready() {
    let host = Host::new();
    let bios = host.bios();
    let pages: Vec<String> = [
        &["status"][..],
        &["pick"],
        &["install"],
        &["install", "--bios", &bios],
        &["status"],
        &["doctor", "-v"],
        &["vm", "plan"],
        &["extract", "--host"],
    ]
    .iter()
    .map(|words| {
        let shown = words.join(" ").replace(&host.0.path().display().to_string(), "ROOT");
        let (status, said) = host.run(words);
        format!("$ oprom {shown}\n{said}[{status}]\n")
    })
    .collect();
    golden("amd.txt", &pages.join("\n"));

    let vbios = fs::read(host.at("/usr/share/kvm/amd-vbios.rom")).unwrap();
    let table = fs::read(host.at("/sys/firmware/acpi/tables/VFCT")).unwrap();
    assert!(table.ends_with(&vbios), "the image, byte for byte");
    let gop = fs::read(host.at("/usr/share/kvm/amd-gop.rom")).unwrap();
    let gop = analyze(&gop, &Context::default());
    let image = &gop.images[0];
    let contents = image.contents.as_ref().unwrap();
    assert_eq!(contents.driver, Some(DriverKind::AmdGop));
    assert_eq!(contents.version.as_deref(), Some("2.18.0.17.10"), "a Barcelo is a Vega");
    assert_eq!(image.device.unwrap().to_string(), "1002:1637", "the audio function's");

    let conf = host.at("/etc/pve/qemu-server/100.conf");
    fs::create_dir_all(conf.parent().unwrap()).unwrap();
    fs::write(&conf, CONF).unwrap();
    let (status, said) = host.run(&["vm", "check", "100"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = host.run(&["undo"]);
    assert_eq!(status, 0, "{said}");
    assert!(!host.at("/usr/share/kvm/amd-gop.rom").exists());
    let (status, said) = host.run(&["vm", "check", "100"]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("oprom install --bios BIOS_UPDATE"), "{said}");
}

/// One command does it, and one takes all of it back.
#[test]
fn setup_puts_both_roms_in_place_and_gives_them_to_the_vm() {
    let host = Host::new();
    let bios = host.bios();
    let conf = host.at("/etc/pve/qemu-server/100.conf");
    let new = "bios: ovmf\nefidisk0: local:vm-100-disk-0\nmachine: q35\ncpu: host\nmemory: \
        8192\nostype: win11\nname: ryzen\n";
    for (path, text) in [
        ("/etc/pve/qemu-server/100.conf", new),
        ("/proc/sys/kernel/random/boot_id", "first\n"),
        ("/var/log/tools", ""),
    ] {
        fs::create_dir_all(host.at(path).parent().unwrap()).unwrap();
        fs::write(host.at(path), text).unwrap();
    }
    let setup = |more: &[&str]| {
        let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-ins");
        let mut command = oprom();
        command.env("OPROM_TOOLS", tools).args(["setup", "100", "--goal", "display-at-boot"]);
        let output = command.args(more).arg("--sysroot").arg(host.0.path()).output().unwrap();
        let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
        (exit(&output), said.replace(&host.0.path().display().to_string(), "ROOT"))
    };
    let yes = ["--yes", "--accept", "guest-visible", "--bios", &bios];
    let (_, shown) = setup(&["--dry-run", "--bios", &bios]);
    golden("amd-setup.txt", &shown);
    let (status, said) = setup(&yes);
    assert_eq!(status, 0, "{said}");
    assert!(host.at("/usr/share/kvm/amd-vbios.rom").exists());
    assert!(host.at("/usr/share/kvm/amd-gop.rom").exists());
    let lines = fs::read_to_string(&conf).unwrap();
    assert!(lines.contains("romfile=amd-vbios.rom") && lines.contains("romfile=amd-gop.rom"));
    let (status, said) = host.run(&["vm", "check", "100", "--goal", "display-at-boot"]);
    assert_eq!(status, 0, "{said}");
    let (status, said) = setup(&yes);
    assert_eq!(status, 0, "nothing is left to do: {said}");
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-ins");
    let undo = oprom()
        .env("OPROM_TOOLS", tools)
        .args(["undo", "--all", "--sysroot"])
        .arg(host.0.path())
        .output()
        .unwrap();
    assert_eq!(exit(&undo), 0, "{}", text(&undo.stderr));
    assert!(!host.at("/usr/share/kvm/amd-gop.rom").exists());
    let back = fs::read_to_string(&conf).unwrap();
    assert!(!back.contains("hostpci") && back.contains("name: ryzen"), "{back}");
}

#[test]
fn what_is_not_there_is_said() {
    let host = Host::new();
    let table = host.at("/sys/firmware/acpi/tables/VFCT");
    for (change, words) in [
        (None, "the firmware left no VBIOS in memory"),
        (Some(b"VFCT".as_slice()), "has no VBIOS for 1002:15e7; it has: none"),
    ] {
        match change {
            None => fs::remove_file(&table).unwrap(),
            Some(bytes) => fs::write(&table, bytes).unwrap(),
        }
        let (status, said) = host.run(&["install"]);
        assert_eq!(status, 3, "{said}");
        assert!(said.contains(words) && said.contains("help: In the BIOS"), "{said}");
    }
    let rom = samples("good-three-images.rom").display().to_string();
    let (status, said) = host.run(&["install", "--bios", &rom]);
    assert_eq!(status, 1, "{said}");
    assert!(said.contains("no AMD GOP driver was found"), "{said}");
    assert!(!host.at("/usr/share/kvm/amd-gop.rom").exists());
    let intel = oprom()
        .args(["install", "--bios", &rom, "--sysroot"])
        .arg(samples("hosts/nuc-13-pro"))
        .output()
        .unwrap();
    assert_eq!(exit(&intel), 2, "{}", text(&intel.stderr));
    assert!(Path::new(&rom).exists());
}
