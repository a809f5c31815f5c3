//! The Ansible collection, run by the real Ansible on several nodes, each of which is a folder.

mod support;

use rom_core::Digest;
use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::{samples, text};
use tempfile::TempDir;

/// Nodes and the samples that they are. The last has no GPU.
const NODES: [(&str, &str); 4] = [
    ("nuc", "nuc-13-pro"),
    ("small", "n100"),
    ("desktop", "coffee-lake-desktop"),
    ("broken", "no-igpu"),
];

/// A machine that controls nodes, which are folders beside it.
struct Control(TempDir);

impl Control {
    fn new() -> Self {
        let own = Self(TempDir::new().unwrap());
        let below = own.at("collections/ansible_collections/oprom");
        fs::create_dir_all(&below).unwrap();
        symlink(repository("ansible"), below.join("passthrough")).unwrap();
        let mut hosts = serde_json::Map::new();
        for (node, sample) in NODES {
            let root = own.at(node);
            let copy = Command::new("cp")
                .arg("-a")
                .arg(samples(&format!("hosts/{sample}")))
                .arg(&root)
                .status()
                .unwrap();
            assert!(copy.success());
            // The demonstration may have been run in the sample.
            drop(fs::remove_file(root.join("usr/share/kvm/igd.rom")));
            drop(fs::remove_dir_all(root.join("var/lib/oprom")));
            let mut variables = json!({ "oprom_sysroot": root });
            if node == "nuc" {
                Self::add_vm(&root);
                let vm = json!([{ "vm": "100", "goal": "compute", "accept": ["guest-visible"] }]);
                variables["oprom_vms"] = vm;
            }
            hosts.insert(node.to_owned(), variables);
        }
        let inventory = json!({ "nodes": { "hosts": hosts, "vars": {
            "ansible_connection": "local",
            "ansible_python_interpreter": "/usr/bin/python3",
            "oprom_executable": env!("CARGO_BIN_EXE_oprom"),
            "oprom_catalog": samples("demo/known-roms.toml"),
            "oprom_mirrors": [format!("file:{}", samples("").display())],
            "oprom_offline": true,
            "oprom_require_ready": false,
        } } });
        fs::write(own.at("inventory.json"), inventory.to_string()).unwrap();
        own
    }

    /// A VM that has no GPU yet, and what the stand-ins for the system's programs need.
    fn add_vm(root: &Path) {
        for (path, text) in [
            ("etc/pve/qemu-server/100.conf", "memory: 4096\nname: media\nostype: l26\n"),
            ("proc/sys/kernel/random/boot_id", "first\n"),
            ("var/log/tools", ""),
        ] {
            fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs::write(root.join(path), text).unwrap();
        }
    }

    fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn ansible(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("ANSIBLE_COLLECTIONS_PATH", self.at("collections"))
            .env("ANSIBLE_HOME", self.at("home"))
            .env("ANSIBLE_LOCAL_TEMP", self.at("local"))
            .env("ANSIBLE_REMOTE_TEMP", self.at("remote"))
            .env("ANSIBLE_CALLBACK_PLUGINS", repository("ansible/tests/callback"))
            .env("ANSIBLE_STDOUT_CALLBACK", "results")
            .env("ANSIBLE_NOCOLOR", "1")
            .env("OPROM_TOOLS", repository("rom-cli/tests/stand-ins"))
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Runs the role on all nodes; the JSON of the run.
    fn run(&self, options: &[&str]) -> Value {
        let output = self
            .ansible("ansible-playbook")
            .arg("-i")
            .arg(self.at("inventory.json"))
            .args(options)
            .arg(repository("ansible/tests/site.yml"))
            .output()
            .unwrap();
        let out = text(&output.stdout);
        let start = out.find('{').unwrap_or_else(|| panic!("{out}{}", text(&output.stderr)));
        serde_json::from_str(&out[start..]).unwrap()
    }
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// How many tasks changed a node, and how many failed.
fn counts(run: &Value, node: &str) -> (u64, u64) {
    let stats = &run["stats"][node];
    (stats["changed"].as_u64().unwrap(), stats["failures"].as_u64().unwrap())
}

/// What the task of this name said of a node.
fn result<'r>(run: &'r Value, task: &str, node: &str) -> &'r Value {
    let tasks = run["tasks"].as_object().unwrap();
    let named = |(name, _): &(&String, &Value)| name.ends_with(task);
    let (_, hosts) = tasks.iter().find(named).unwrap_or_else(|| panic!("no task {task}: {run}"));
    &hosts[node]
}

/// How many tasks change a node: the ROM, and the VM of the one that has it.
fn changes(node: &str) -> u64 {
    if node == "nuc" { 2 } else { 1 }
}

const ROM_TASK: &str = "Put the ROM in place";

#[test]
#[ignore = "needs ansible-core"]
fn the_first_run_changes_the_second_does_not_and_check_mode_tells_both() {
    let control = Control::new();
    let rom = |node: &str| control.at(node).join("usr/share/kvm/igd.rom");

    let told = control.run(&["--check", "--diff"]);
    for (node, _) in &NODES[..3] {
        assert_eq!(counts(&told, node), (changes(node), 0), "{node}: {told:#}");
        assert!(!rom(node).exists(), "check mode changed {node}");
        assert_eq!(result(&told, ROM_TASK, node)["diff"]["before"], "absent\n");
    }

    let first = control.run(&["--diff"]);
    for (node, _) in &NODES[..3] {
        assert_eq!(counts(&first, node), (changes(node), 0), "{node}: {first:#}");
        let said = result(&first, ROM_TASK, node);
        let there = Digest::of(&fs::read(rom(node)).unwrap()).to_string();
        assert_eq!(said["sha256"], there, "{node}");
        assert_eq!(said["diff"]["after"], format!("{there}\n"), "{node}");
        assert_eq!(said["diff"], result(&told, ROM_TASK, node)["diff"], "{node}");
        let facts =
            &result(&first, "Ask whether the host is ready", node)["ansible_facts"]["oprom"];
        assert!(facts["counts"]["pass"].as_u64() > Some(5), "{node}: {facts:#}");
        assert!(facts["gpu"]["id"].as_str().unwrap().starts_with("8086:"), "{node}: {facts:#}");
    }
    assert_eq!(counts(&first, "broken").1, 1, "{first:#}");
    let broken = result(&first, ROM_TASK, "broken");
    assert!(broken["msg"].as_str().unwrap().contains("no ROM for this host"), "{broken:#}");

    for options in [&[][..], &["--check"]] {
        let again = control.run(options);
        for (node, _) in &NODES[..3] {
            assert_eq!(counts(&again, node), (0, 0), "{node} {options:?}: {again:#}");
        }
    }
}

#[test]
#[ignore = "needs ansible-core"]
fn each_module_documents_itself() {
    let control = Control::new();
    for module in ["doctor", "rom", "vm"] {
        let output = control
            .ansible("ansible-doc")
            .args(["--json", &format!("oprom.passthrough.{module}")])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let page: Value = serde_json::from_slice(&output.stdout).unwrap();
        let page = &page[format!("oprom.passthrough.{module}")];
        assert!(page["examples"].as_str().is_some_and(|text| text.contains(module)), "{page:#}");
        assert!(page["return"].is_object() && page["doc"]["options"].is_object(), "{page:#}");
    }
}
