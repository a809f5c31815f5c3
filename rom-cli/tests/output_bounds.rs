//! What strangers wrote makes no report that nobody can read: whatever is in a file of the largest
//! size that is read, lines, bytes and memory of the answer stay below a bound.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use support::{MOST, samples, text, within};
use tempfile::TempDir;

/// The largest configuration that is read.
const LARGEST: usize = 1 << 20;

/// Lines and bytes of a report of one file or one host. Steps of a plan have a difference each.
const LINES: usize = 600;
const BYTES: usize = 640 << 10;

/// The configuration of which a plan takes too long for a test without optimization: each step
/// reads the XML again.
const SLOW: &str = "many hostdevs";

/// As often `piece` as a configuration of the largest size has room for it after `before`, each
/// with its number in place of `#`.
fn filled(before: &str, piece: &str, after: &str) -> String {
    let mut text = before.to_owned();
    for number in 0_usize.. {
        let next = piece.replace('#', &number.to_string());
        if text.len() + next.len() + after.len() >= LARGEST {
            break;
        }
        text.push_str(&next);
    }
    text + after
}

/// Configurations that are as bad as they can be, each in another way.
fn configurations() -> Vec<(&'static str, String)> {
    const GPU: &str = "bios: ovmf\nmachine: q35\nhostpci0: 0000:00:02.0,legacy-igd=1\n";
    const DOMAIN: &str = "<domain type='kvm'><name>x</name><os><type machine='q35'>hvm</type></os>";
    const HOSTDEV: &str = "<hostdev mode='subsystem' type='pci' managed='yes'><source><address \
        domain='0' bus='0' slot='2' function='0'/></source><rom file='/#.rom'/></hostdev>";
    let domain = |piece: &str| {
        filled(&format!("{DOMAIN}<devices>"), piece, &format!("{HOSTDEV}</devices></domain>"))
    };
    let args = |piece: &str| filled(&format!("{GPU}args: "), piece, "\n");
    let line = |piece: &str| filled("qemu-system-x86_64 -device vfio-pci,host=00:02.0", piece, "");
    vec![
        ("lines without a colon", filled(GPU, "x\n", "")),
        ("lines without a GPU", filled("bios: ovmf\n", "x\n", "")),
        ("unknown keys", filled(GPU, "key#: value\n", "")),
        ("devices that are refused", filled("", "hostpci0: 0000:00:02.0,x#=1\n", "")),
        ("pending lines", filled(&format!("{GPU}[PENDING]\n"), "net#: virtio\n", "")),
        ("a long value", filled(&format!("{GPU}machine: "), "x", "\n")),
        ("a long ROM", filled("bios: ovmf\nhostpci0: 0000:00:02.0,romfile=", "x", "\n")),
        ("a long list", filled("bios: ovmf\nhostpci0: 0000:00:02.0", ";0000:00:02.0", "\n")),
        ("a long mapping", filled("bios: ovmf\nhostpci0: mapping=", "x", "\n")),
        ("hidden characters", args("\u{202e}")),
        ("one long argument", args("x")),
        ("unknown devices", args("-set device.unknown#.x-igd-lpc=on ")),
        ("the GPU many times", args("-device vfio-pci,host=00:02.0,id=gpu#,x-igd-lpc=on ")),
        ("settings of the GPU", args("-set device.hostpci0.romfile=/#.rom ")),
        ("settings of another kind", args("-set device.hostpci0.x#=y ")),
        ("many CPUs", args("-cpu host,x# ")),
        ("quotes", args("'a'\"b\" ")),
        ("many hostdevs", domain(HOSTDEV)),
        ("many displays", domain("<video><model type='qxl'/></video>")),
        ("many empty elements", domain("<a/>\n")),
        ("deep elements", domain("<a>")),
        ("command line in XML", domain("<qemu:arg value='-set'/><qemu:arg value='device.#.a=b'/>")),
        ("a long name", filled("<domain type='kvm'><name>", "x", "</name></domain>")),
        ("unknown options", line(" -foo#")),
        ("devices of a command line", line(" -device vfio-pci,host=00:02.0,id=gpu#")),
        ("unknown devices of a command line", line(" -set device.unknown#.x=1")),
        ("quotes of a command line", line(" ''\"'\"")),
    ]
}

/// What was printed, once it is bounded.
fn bounded(what: &str, output: &Output, lines: usize, bytes: usize) -> String {
    let errors = text(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 4), "{what}: {errors}");
    assert!(errors.len() < 4096, "{what}: {} bytes of errors", errors.len());
    let printed = text(&output.stdout);
    let count = printed.lines().count();
    assert!(count <= lines, "{what}: {count} lines");
    assert!(printed.len() <= bytes, "{what}: {} bytes", printed.len());
    printed
}

#[test]
fn no_configuration_makes_a_report_without_end() {
    let folder = TempDir::new().unwrap();
    for (what, text) in configurations() {
        fs::write(folder.path().join("vm"), text).unwrap();
        for words in [
            &["vm", "check", "./vm", "--device", "8086:a7a8", "--qemu", "10.1"][..],
            &["vm", "plan", "./vm", "--device", "8086:a7a8", "--json"],
        ] {
            if what == SLOW && words.contains(&"plan") {
                continue;
            }
            let output = within(MOST, folder.path(), words);
            bounded(&format!("{what}: {}", words.join(" ")), &output, LINES, BYTES);
        }
    }
}

#[test]
fn many_ignored_lines_are_one_finding_with_the_first_of_them() {
    let folder = TempDir::new().unwrap();
    let all = "x\n".repeat(50_000) + "bios: ovmf\nhostpci0: 0000:00:02.0\n";
    fs::write(folder.path().join("vm"), all).unwrap();
    let words = ["vm", "check", "./vm", "--device", "8086:a7a8"];
    let printed = text(&within(MOST, folder.path(), &words).stdout);
    assert_eq!(printed.matches("VM007").count(), 1, "{printed}");
    assert!(printed.contains("Proxmox VE ignores 50000 lines"), "{printed}");
    assert!(printed.contains("line 1 (it does not have the form KEY: VALUE)"), "{printed}");
}

/// A host with more of everything than a host has.
fn host(root: &Path) {
    let text = |piece: &str| filled("", piece, "");
    let copied = Command::new("cp").arg("-r").arg(samples("hosts/nuc-13-pro")).arg(root).status();
    assert!(copied.unwrap().success());
    for (path, text) in [
        ("proc/cmdline", text("video=efifb:off vfio-pci.ids=8086:a7a8 ff x# ")),
        ("etc/default/grub", format!("GRUB_CMDLINE_LINUX=\"{}\"\n", text("ff x# "))),
        ("etc/kernel/cmdline", text("ff x# ")),
        ("etc/modprobe.d/a.conf", text("options vfio-pci ids=8086:a7a8 disable_vga=1\n")),
        ("etc/modprobe.d/b.conf", text("options vfio-pci ids=8086:a7a8,")),
        ("etc/pve/mapping/pci.cfg", text("map#\n\tmap id=8086:a7a8,path=0000:00:02.0,node=x\n")),
        ("etc/pve/qemu-server/100.conf", text("hostpci0: 0000:00:02.0\nx\n")),
        ("etc/libvirt/qemu/x.xml", text("<domain>")),
        ("etc/pve/lxc/300.conf", text("dev#: /dev/dri/card0\n")),
        ("usr/share/kvm/igd.rom", text("U\u{2a}")),
        ("proc/cpuinfo", text("model name: Intel(R) #\n")),
        ("proc/meminfo", text("MemTotal: 1 kB\n")),
        ("var/lib/dpkg/status", text("Package: pve-qemu-kvm\nVersion: 1\n\n")),
    ] {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    for number in 101..1500 {
        let path = root.join(format!("etc/pve/qemu-server/{number}.conf"));
        fs::write(path, format!("bios: ovmf\nhostpci0: 0000:00:02.0,romfile={number}.rom\nx\n"))
            .unwrap();
        let path = root.join(format!("etc/modprobe.d/{number}.conf"));
        fs::write(path, "softdep i915 pre: vfio-pci\nblacklist i915\n".repeat(40)).unwrap();
    }
}

#[test]
fn no_host_makes_a_report_without_end() {
    let folder = TempDir::new().unwrap();
    let root = folder.path().join("root");
    host(&root);
    for words in [
        &["status", "--json"][..],
        &["doctor", "-v"],
        &["report", "100"],
        &["vm", "check", "100"],
        &["vm", "plan", "100", "--json"],
        &["pick"],
    ] {
        let words = [words, &["--sysroot", "root"]].concat();
        let what = words.join(" ");
        let printed = bounded(&what, &within(MOST, folder.path(), &words), LINES, BYTES);
        if what.starts_with("status --json") {
            assert!(printed.contains("\"guests_unread\":"), "{printed}");
            assert!(!printed.contains("\"guests_unread\":0"), "{printed}");
        }
    }
}

#[test]
fn no_catalog_and_no_specification_makes_a_report_without_end() {
    let folder = TempDir::new().unwrap();
    let catalog = "schema = 1\n".to_owned() + &"[[rom]]\nfoo = 1\n".repeat(20_000);
    fs::write(folder.path().join("catalog.toml"), catalog).unwrap();
    let output = within(MOST, folder.path(), &["catalog", "lint", "--catalog", "catalog.toml"]);
    let printed = bounded("lint", &output, LINES, BYTES);
    assert!(printed.contains(" more findings"), "{printed}");
    let specification = "[[image]]\nfoo = 1\n".repeat(20_000);
    fs::write(folder.path().join("rom.toml"), specification).unwrap();
    let output = within(MOST, folder.path(), &["build", "rom.toml", "-o", "own.rom"]);
    bounded("build", &output, LINES, BYTES);
}

/// Of a log each message is shown once, whatever its lines hold.
#[test]
fn no_log_makes_a_report_without_end() {
    let folder = TempDir::new().unwrap();
    let known = "vfio-pci 0000:00:02.0: Failed to setup Intel IGD regions";
    let log = format!("{known} {}\n", "\u{1b}".repeat(20_000)).repeat(200);
    fs::write(folder.path().join("log"), log).unwrap();
    for words in ["explain - < log", "explain --json - < log"] {
        let script = format!("ulimit -d {} && exec \"$0\" {words}", MOST << 10);
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_oprom")]).current_dir(folder.path());
        bounded(words, &command.output().unwrap(), LINES, BYTES);
    }
}
