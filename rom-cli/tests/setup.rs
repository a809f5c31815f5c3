//! `setup` from end to end, with stand-ins for the programs of the system: what it shows, what it
//! does, and that all of it can be undone.

mod support;
#[path = "support/tree.rs"]
mod tree;

use rom_host::files::{HostFiles as _, RootFolder};
use rom_host::vm::proxmox::Config;
use serde_json::Value;
use std::fs;
use std::os::unix::fs::symlink;
use support::{exit, golden, text};
use tree::{CONF, GRUB, Tree};

/// The kernel options as the guide's first copy has them.
const GARBLED: &str = "quiet intel_iommu=on iommu=pt video=efifb ff video=vesafb ff";

/// The states of the steps of a report, by their ids.
fn states(report: &Value) -> Vec<(String, String)> {
    let word = |step: &Value, key: &str| step[key].as_str().unwrap().to_owned();
    let steps = report["steps"].as_array().unwrap();
    steps.iter().map(|step| (word(step, "id"), word(step, "state"))).collect()
}

fn all_are(report: &Value, state: &str) -> bool {
    let states = states(report);
    !states.is_empty() && states.iter().all(|(_, own)| own == state)
}

#[test]
fn the_half_done_guide_in_one_command() {
    let tree = Tree::guide("10.1.2-4");
    let before = tree.state();
    let shown = tree.run(&["setup", "100", "--dry-run"]);
    golden("setup-guide.txt", &format!("{}exit status {}\n", text(&shown.stdout), exit(&shown)));
    assert_eq!(tree.state(), before, "a dry run changes nothing");
    let done = tree.run(&["setup", "100", "--yes", "--accept", "guest-visible"]);
    golden("setup-guide-done.txt", &format!("{}exit status {}\n", text(&done.stdout), exit(&done)));
    for ready in [&["doctor"][..], &["vm", "check", "100"]] {
        assert_eq!(exit(&tree.run(ready)), 0, "{ready:?}: {}", text(&tree.run(ready).stdout));
    }
    assert!(Config::read(&tree.read(CONF)).ignored().first.is_empty());
    let again = tree.setup(&[]);
    assert_eq!((states(&again).len(), &again["ready"]), (0, &Value::Bool(true)));
    let undone = tree.run(&["undo", "--all"]);
    // GRUB's file has its open quote again, which update-grub does not take.
    assert_eq!(exit(&undone), 1, "{}", text(&undone.stderr));
    assert_eq!(tree.state(), before);
}

#[test]
fn what_needs_a_restart_waits_for_it_and_goes_on_by_the_same_command() {
    let tree = Tree::guide("10.0.2-4");
    let before = tree.state();
    let conf = tree.read(CONF);
    let report = tree.setup(&[]);
    assert_eq!(report["reboot_required"], true, "{report:#}");
    assert_eq!(report["next"][1], "oprom setup 100");
    assert_eq!(tree.read(CONF), conf, "the VM waits");
    // Asked again before the restart, there is nothing to do for it but that.
    let calls = tree.calls();
    let again = tree.setup(&[]);
    assert_eq!(again["reboot_required"], true);
    assert!(all_are(&again, "waits"), "{again:#}");
    assert_eq!(tree.calls(), calls);
    tree.restart();
    let report = tree.setup(&[]);
    assert_eq!((&report["ready"], &report["reboot_required"]), (&true.into(), &false.into()));
    assert!(all_are(&report, "done"), "{report:#}");
    assert_eq!(exit(&tree.run(&["vm", "check", "100"])), 0);
    tree.run(&["undo", "--all"]);
    let mut after = tree.state();
    for path in ["proc/cmdline", "proc/sys/kernel/random/boot_id"] {
        after.insert(path.to_owned(), before[path].clone());
    }
    after.retain(|path, _| before.contains_key(path));
    let module = "sys/module/vfio_pci/parameters/disable_vga".to_owned();
    after.insert(module.clone(), before[&module].clone());
    assert_eq!(after, before);
}

#[test]
fn garbled_options_go_by_update_grub() {
    let tree = Tree::new(include_str!("../../rom-host/tests/vm/good.conf"));
    tree.replace(GRUB, "\"quiet\"", &format!("\"{GARBLED}\""));
    tree.replace("proc/cmdline", "quiet", GARBLED);
    let report = tree.setup(&[]);
    assert!(all_are(&report, "done"), "{report:#}");
    assert!(tree.read("boot/grub/grub.cfg").contains("quiet intel_iommu=on iommu=pt\n"));
    tree.restart();
    assert_eq!(exit(&tree.run(&["doctor", "--strict"])), 0);
}

#[test]
fn nothing_is_done_before_vm_and_goal_are_known() {
    let tree = Tree::new("bios: ovmf\nhostpci0: 0000:00:02.0\nmemory: 4096\nostype: win11\n");
    let before = tree.state();
    let list = tree.run(&["setup"]);
    golden("setup-which-vm.txt", &format!("{}exit status {}\n", text(&list.stdout), exit(&list)));
    let goals = tree.run(&["setup", "100", "--yes"]);
    golden(
        "setup-which-goal.txt",
        &format!("{}exit status {}\n", text(&goals.stdout), exit(&goals)),
    );
    assert_eq!(tree.state(), before);
    let report = tree.setup(&["--goal", "compute"]);
    assert_eq!(report["ready"], true, "{report:#}");
    assert!(tree.read("etc/oprom/config.toml").contains("[vm.100]\ngoal = \"compute\"\n"));
    // It is remembered.
    assert_eq!(tree.json(&["setup", "100", "--yes"])["goal"]["name"], "compute");
    assert_eq!(exit(&tree.run(&["undo", "--all"])), 0);
    assert_eq!(tree.state(), before);
}

#[test]
fn a_question_without_a_terminal_needs_yes_and_a_risk_its_word() {
    let tree = Tree::guide("10.1.2-4");
    let before = tree.state();
    let asked = tree.run(&["setup", "100"]);
    assert_eq!(exit(&asked), 2, "{}", text(&asked.stderr));
    assert!(text(&asked.stderr).contains("--yes"));
    assert_eq!(tree.state(), before);
    let safe = tree.json(&["setup", "100", "--yes"]);
    assert_eq!(safe["ready"], false);
    let ids: Vec<&str> = safe["manual_steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["VM041"], "{safe:#}");
    assert!(states(&safe).iter().any(|(_, state)| state == "not-accepted"));
}

#[test]
fn a_plan_is_applied_as_it_was_shown_or_not_at_all() {
    let tree = Tree::guide("10.1.2-4");
    let plan = tree.at("plan.json");
    let file = plan.to_str().unwrap();
    let made = tree.run(&["setup", "100", "--accept", "guest-visible", "--plan-out", file]);
    assert_eq!(exit(&made), 0, "{}", text(&made.stderr));
    tree.replace(CONF, "memory: 8192", "memory: 16384");
    let before = tree.state();
    let refused = tree.run(&["setup", "--apply", file, "--yes"]);
    assert_eq!(exit(&refused), 5, "{}", text(&refused.stderr));
    assert_eq!(tree.state(), before);
    tree.replace(CONF, "memory: 16384", "memory: 8192");
    let applied = tree.run(&["setup", "--apply", file, "--yes"]);
    assert_eq!(exit(&applied), 0, "{}", text(&applied.stderr));
    assert_eq!(exit(&tree.run(&["vm", "check", "100"])), 0);
}

#[test]
fn a_tool_that_fails_or_hangs_ends_it_and_the_next_run_goes_on() {
    for trouble in ["tool-fails", "tool-hangs", "qm-fails"] {
        let tree = Tree::guide("10.1.2-4");
        let before = tree.state();
        tree.write(&format!("run/{trouble}"), "");
        let mut command =
            tree.command(&["setup", "100", "--yes", "--accept", "guest-visible", "--json"]);
        let output = command.env("OPROM_TOOLS_SECONDS", "1").output().unwrap();
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((exit(&output), &report["phase"]), (3, &"stopped".into()), "{trouble}");
        let failed = states(&report).into_iter().position(|(_, state)| state == "failed").unwrap();
        for (index, (id, state)) in states(&report).iter().enumerate() {
            let expected = match index.cmp(&failed) {
                std::cmp::Ordering::Less => "done",
                std::cmp::Ordering::Equal => "failed",
                std::cmp::Ordering::Greater => "not-reached",
            };
            assert_eq!(state, expected, "{trouble}: {id}");
        }
        assert!(text(&output.stderr).contains("help: "), "{}", text(&output.stderr));
        fs::remove_file(tree.at(&format!("run/{trouble}"))).unwrap();
        let shown = tree.json(&["setup", "100", "--dry-run"]);
        assert_eq!(shown["interrupted"]["run"], 1, "{trouble}");
        let report = tree.setup(&[]);
        assert!(all_are(&report, "done"), "{trouble}: {report:#}");
        assert_eq!(exit(&tree.run(&["vm", "check", "100"])), 0, "{trouble}");
        tree.run(&["undo", "--all"]);
        assert_eq!(tree.state(), before, "{trouble}");
    }
}

#[test]
fn a_tool_that_prints_ten_megabytes_is_no_trouble() {
    let tree = Tree::guide("10.1.2-4");
    tree.write("run/tool-prints", "");
    assert!(all_are(&tree.setup(&[]), "done"));
}

#[test]
fn undo_of_what_was_changed_since_says_so_and_goes_on_only_if_it_is_told_to() {
    let tree = Tree::guide("10.1.2-4");
    tree.setup(&[]);
    tree.replace(GRUB, "GRUB_TIMEOUT=5", "GRUB_TIMEOUT=1");
    tree.replace(CONF, "memory: 8192", "memory: 4096");
    let refused = tree.run(&["undo"]);
    assert_eq!(exit(&refused), 1);
    assert!(text(&refused.stderr).contains("/etc/default/grub"), "{}", text(&refused.stderr));
    let told = tree.run(&["undo", "--yes"]);
    assert!(text(&told.stdout).contains("VM 100"), "{}", text(&told.stderr));
    // What somebody else changed of the VM stays.
    let config = Config::read(&tree.read(CONF));
    assert_eq!((config.get("memory"), config.get("balloon")), (Some("4096"), None));
    assert!(tree.read(GRUB).contains("GRUB_TIMEOUT=5"));
}

#[test]
fn a_vm_that_runs_has_its_changes_pending_and_loses_them_by_undo() {
    let tree = Tree::guide("10.1.2-4");
    tree.write("run/qemu-server/100.pid", "1\n");
    let conf = tree.read(CONF);
    let report = tree.setup(&[]);
    assert_eq!(report["pending"], true);
    assert_eq!(report["next"][0], "qm shutdown 100");
    assert!(tree.read(CONF).contains("[PENDING]"));
    let next = Config::read(&tree.read(CONF)).pending().unwrap();
    assert_eq!(next.get("balloon"), Some("0"));
    tree.run(&["undo"]);
    let lines = |text: &str| {
        Config::read(text).lines().map(|(key, value)| format!("{key}{value}")).collect::<Vec<_>>()
    };
    assert_eq!(lines(&tree.read(CONF)), lines(&conf));
    assert!(!tree.read(CONF).contains("[PENDING]"), "{}", tree.read(CONF));
}

#[test]
fn nobody_is_locked_out() {
    let tree = Tree::guide("10.1.2-4");
    let conf = tree.read(CONF);
    tree.write("proc/net/tcp", "  sl  local_address\n");
    let report = tree.setup(&[]);
    assert_eq!(report["manual_steps"][0]["id"], "HOST003", "{report:#}");
    assert_eq!(tree.read(CONF), conf, "the VM waits until there is a way in");
    let line = "   0: 00000000:0016 00000000:0000 0A 00000000:00000000\n";
    tree.write("proc/net/tcp", &format!("  sl  local_address\n{line}"));
    let addresses = "     |-- 192.168.1.10\n        /32 host LOCAL\n";
    tree.write("proc/net/fib_trie", addresses);
    tree.write(CONF, &format!("onboot: 1\n{conf}"));
    let report = tree.setup(&[]);
    assert_eq!(report["logins"][0], "ssh root@192.168.1.10");
    assert_eq!(Config::read(&tree.read(CONF)).get("onboot"), Some("0"));
    assert_eq!(report["ready"], true, "{report:#}");
}

#[test]
fn a_container_that_uses_the_gpu_keeps_it_unless_it_is_named() {
    let tree = Tree::guide("10.1.2-4");
    tree.write("etc/pve/lxc/200.conf", "dev0: /dev/dri/renderD128\n");
    let conf = tree.read(CONF);
    let report = tree.setup(&[]);
    assert_eq!(report["manual_steps"][0]["id"], "VM040", "{report:#}");
    assert_eq!(tree.read(CONF), conf);
    assert_eq!(tree.setup(&["--without-container", "200"])["ready"], true);
}

#[test]
fn a_domain_of_libvirt_is_defined_again_and_undone() {
    let tree = Tree::guide("10.1.2-4");
    fs::remove_dir_all(tree.at("etc/pve")).unwrap();
    tree.write("etc/os-release", "ID=debian\n");
    let xml = include_str!("../../rom-host/tests/vm/good.xml");
    let xml = xml.replacen("<name>", "<title>a</title>\n  <name>", 1);
    let name = xml.split("<name>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let path = format!("etc/libvirt/qemu/{name}.xml");
    tree.write(
        &path,
        &xml.replace("machine='pc", "machine='q35").replace("machine=\"pc", "machine=\"q35"),
    );
    fs::create_dir_all(tree.at("etc/libvirt/qemu/autostart")).unwrap();
    symlink(format!("../{name}.xml"), tree.at(&format!("etc/libvirt/qemu/autostart/{name}.xml")))
        .unwrap();
    let before = tree.state();
    let report = tree.json(&[
        "setup",
        &name,
        "--goal",
        "display-at-boot",
        "--yes",
        "--accept",
        "guest-visible",
    ]);
    assert!(tree.calls().iter().any(|call| call.contains(" define ")), "{report:#}");
    assert!(!tree.at(&format!("etc/libvirt/qemu/autostart/{name}.xml")).exists());
    assert_ne!(tree.state()[&path], before[&path]);
    tree.run(&["undo", "--all"]);
    assert_eq!(tree.state(), before);
}

#[test]
fn two_at_once_are_one_after_the_other() {
    let tree = Tree::guide("10.1.2-4");
    tree.write("run/tool-hangs", "");
    let arguments = ["setup", "100", "--yes", "--accept", "guest-visible"];
    let mut first = tree.command(&arguments).env("OPROM_TOOLS_SECONDS", "5").spawn().unwrap();
    let begun = std::time::Instant::now();
    while tree.calls().is_empty() {
        assert!(begun.elapsed().as_secs() < 30, "it never began");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    let second = tree.run(&arguments);
    assert_eq!(exit(&second), 3, "{}", text(&second.stderr));
    assert!(text(&second.stderr).contains("another oprom is running"), "{}", text(&second.stderr));
    first.wait().unwrap();
    let files = RootFolder(tree.root.path().to_owned());
    assert!(files.exists("/var/lib/oprom/journal"));
}
