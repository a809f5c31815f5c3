//! A host in a folder of its own on which `setup` runs with stand-ins for the programs of the system.
#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::support::{fresh_host, oprom, samples, text};
use rom_host::vm::proxmox::Config;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;
use walkdir::WalkDir;

pub(crate) const CONF: &str = "etc/pve/qemu-server/100.conf";
pub(crate) const GRUB: &str = "etc/default/grub";
pub(crate) const MODPROBE: &str = "etc/modprobe.d/vfio.conf";

/// The kernel options as the guide's second copy has them.
const CUT: &str = "\"quiet intel_iommu=on iommu=pt video=efifb\n";

/// A host in a folder of its own.
pub(crate) struct Tree {
    pub(crate) root: TempDir,
}

impl Tree {
    /// The host of the NUC with VM 100, this configuration.
    pub(crate) fn new(conf: &str) -> Self {
        let own = Self { root: fresh_host() };
        own.write(CONF, conf);
        fs::remove_file(own.at("etc/pve/qemu-server/101.conf")).unwrap();
        fs::create_dir_all(own.at("var/log")).unwrap();
        own.restart();
        own
    }

    /// The host of somebody who did half of the guide, with QEMU of this version.
    pub(crate) fn guide(qemu: &str) -> Self {
        let own = Self::new(include_str!("../../../rom-host/tests/vm/guide.conf"));
        own.replace(GRUB, "\"quiet\"\n", CUT);
        own.write(MODPROBE, "options vfio-pci ids=8086:a7a8 disable_vga=1\n");
        own.write("sys/module/vfio_pci/parameters/disable_vga", "Y\n");
        own.replace("var/lib/dpkg/status", "10.1.2-4", qemu);
        own
    }

    pub(crate) fn at(&self, path: &str) -> PathBuf {
        self.root.path().join(path)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.at(path).parent().unwrap()).unwrap();
        fs::write(self.at(path), text).unwrap();
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_default()
    }

    pub(crate) fn replace(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "{path} has no {old:?}: {text}");
        self.write(path, &text.replacen(old, new, 1));
    }

    /// What a restart of the host does: the boot loader gives the kernel its options, and modules
    /// are loaded with those of the initramfs.
    pub(crate) fn restart(&self) {
        let id = format!("boot {}\n", self.read("proc/sys/kernel/random/boot_id").len());
        self.write("proc/sys/kernel/random/boot_id", &id);
        let entry = self.read("boot/grub/grub.cfg");
        if let Some((_, line)) = entry.split_once("vmlinuz ") {
            self.write("proc/cmdline", line);
            if line.contains("intel_iommu=on") {
                let unit = "sys/class/iommu/dmar0/intel-iommu/cap";
                self.write(unit, "1c0000c40660462\n");
            }
        }
        let image = self.at("boot/initrd.img");
        if image.exists() && !self.read("boot/initrd.img").contains("disable_vga=1") {
            self.write("sys/module/vfio_pci/parameters/disable_vga", "N\n");
        }
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut oprom = oprom();
        let stand_ins = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stand-ins");
        oprom
            .env("OPROM_TOOLS", stand_ins)
            .env("OPROM_MIRROR", format!("file:{}", samples("").display()));
        oprom.arg("--sysroot").arg(self.root.path()).arg("--catalog");
        oprom.arg(samples("demo/known-roms.toml")).args(arguments);
        oprom
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let output = self.run(&[arguments, &["--json"]].concat());
        serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", text(&output.stderr)))
    }

    /// Sets VM 100 up without a question.
    pub(crate) fn setup(&self, more: &[&str]) -> Value {
        self.json(&[&["setup", "100", "--yes", "--accept", "guest-visible"], more].concat())
    }

    /// The calls of the stand-ins.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.read("var/log/tools").lines().map(str::to_owned).collect()
    }

    /// All files by path: bytes, mode and owner. What oprom keeps, and what the programs of the
    /// system make, is left out; of a VM, what Proxmox VE reads counts.
    pub(crate) fn state(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        for entry in WalkDir::new(self.root.path()) {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(self.root.path()).unwrap();
            let name = path.to_string_lossy().into_owned();
            let own = name.starts_with("var/lib/oprom")
                || name.contains(".bak-")
                || name == "var/log/tools"
                || name.starts_with("boot/grub")
                || name == "boot/initrd.img"
                || name.starts_with("boot/efi");
            if own || entry.file_type().is_dir() {
                continue;
            }
            let meta = entry.path().symlink_metadata().unwrap();
            let content = if entry.file_type().is_symlink() {
                fs::read_link(entry.path()).unwrap().to_string_lossy().into_owned()
            } else if name.starts_with("etc/pve/qemu-server") {
                let config = Config::read(&fs::read_to_string(entry.path()).unwrap());
                let next = config.pending().unwrap_or_else(|| config.clone());
                next.lines()
                    .map(|(key, value)| format!("{key}: {value}"))
                    .collect::<Vec<_>>()
                    .join("\n")
            } else {
                hex::encode(fs::read(entry.path()).unwrap())
            };
            let owner = (meta.uid(), meta.gid(), meta.permissions().mode());
            all.insert(name, format!("{owner:?} {content}"));
        }
        all
    }
}

/// The states of the steps of a report, by their ids.
pub(crate) fn states(report: &Value) -> Vec<(String, String)> {
    let word = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
    let steps = report["steps"].as_array().unwrap();
    steps.iter().map(|step| (word(step, "id"), word(step, "state"))).collect()
}

pub(crate) fn all_are(report: &Value, state: &str) -> bool {
    let states = states(report);
    !states.is_empty() && states.iter().all(|(_, own)| own == state)
}
