//! What a user sees of the other commands: golden texts, exit statuses, JSON.
//!
//! `OPROM_BLESS=1 cargo test` writes the golden texts anew; the difference is then for a person to
//! read.

mod support;

use rom_core::Digest;
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};
use support::{exit, fresh_host, oprom, sample, samples, text};
use tempfile::TempDir;

/// Compares all that `output` is with the golden text `name`.
fn golden(name: &str, output: &Output) {
    let got =
        format!("{}{}exit status {}\n", text(&output.stdout), text(&output.stderr), exit(output));
    support::golden(&format!("{name}.txt"), &got);
}

fn run(arguments: &[&str]) -> Output {
    oprom().args(arguments).current_dir(samples("")).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = run(arguments);
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{arguments:?}: {error}: {}", text(&output.stderr)))
}

#[test]
fn every_kind_of_host_gets_its_own_plain_answer() {
    for host in [
        "nuc-13-pro",
        "coffee-lake-desktop",
        "n100",
        "f-suffix",
        "amd",
        "igpu-and-card",
        "no-igpu",
        "unknown-id",
        "sr-iov",
    ] {
        golden(&format!("pick-{host}"), &run(&["pick", "--sysroot", &format!("hosts/{host}")]));
    }
    golden(
        "pick-virtual-function",
        &run(&["pick", "--sysroot", "hosts/sr-iov", "--bdf", "00:02.1"]),
    );
}

#[test]
fn the_program_alone_says_where_the_host_stands() {
    let fresh = fresh_host();
    let nuc = fresh.path().to_str().unwrap();
    for host in ["nuc-13-pro", "no-igpu", "f-suffix", "unknown-id"] {
        let folder = format!("hosts/{host}");
        let alone = run(&["--sysroot", if host == "nuc-13-pro" { nuc } else { &folder }]);
        golden(&format!("status-{host}"), &alone);
        let lines = text(&alone.stdout).lines().count();
        assert!(lines <= 24, "{host}: {lines} lines");
    }
    let named = json(&["status", "--json", "--sysroot", nuc]);
    assert_eq!(named["next"], "oprom install");
    assert_eq!(named["guests"][0]["state"], "not-ready");
    assert_eq!(json(&["--json", "--sysroot", nuc]), named);
}

#[test]
fn questions_without_a_host() {
    golden("pick-device", &run(&["pick", "--device", "8086:a7a8"]));
    golden("pick-arc-card", &run(&["pick", "--device", "8086:56a0"]));
    golden("pick-bay-trail", &run(&["pick", "--device", "8086:0f31"]));
    golden("pick-cpu", &run(&["pick", "--cpu", "i5-1340P"]));
    golden("pick-cpu-unknown", &run(&["pick", "--cpu", "i5-1340H"]));
    golden("list", &run(&["list"]));
}

/// Runs on a host without an iGPU, so that the machine that tests are run on decides nothing.
fn judge(arguments: &[&str]) -> Output {
    run(&[arguments, &["--sysroot", "hosts/no-igpu"]].concat())
}

#[test]
fn files_are_judged_in_words() {
    golden("check-good", &judge(&["check", "good-three-images.rom"]));
    golden(
        "check-several",
        &judge(&[
            "check",
            "good-legacy-and-efi.rom",
            "rom014-truncated.rom",
            "rom002-html-page.rom",
        ]),
    );
    golden(
        "check-quiet",
        &judge(&["check", "-q", "good-one-image.rom", "rom015-no-last-image.rom"]),
    );
    golden("check-strict", &judge(&["check", "--strict", "rom015-no-last-image.rom"]));
    golden("check-verbose", &judge(&["check", "-v", "rom301-legacy-checksum.rom"]));
    golden("check-missing", &judge(&["check", "no-such-file.rom"]));
    golden("check-folder", &judge(&["check", "-q", "demo"]));
    golden("check-folder-lines", &judge(&["check", "demo"]));
    golden("show-map", &judge(&["show", "rom013-container.rom"]));
    golden("show-hex", &judge(&["show", "--hex", "good-device-list.rom"]));
}

#[test]
fn what_is_in_a_rom_and_what_firmware_does_with_it() {
    golden("check-contents-verbose", &judge(&["check", "-v", "good-three-images.rom"]));
    golden("check-signed", &judge(&["check", "good-signed.rom", "rom413-signature-padding.rom"]));
    golden("check-two-machines", &judge(&["check", "-v", "good-two-machines.rom"]));
    golden("check-vbt", &judge(&["check", "rom505-vbt-checksum.rom"]));
    golden("check-hang", &judge(&["check", "rom017-zero-length-hang.rom"]));
    golden("show-contents", &judge(&["show", "good-three-images.rom"]));
}

#[test]
fn whether_a_rom_serves_a_gpu() {
    let ask = |file, device| judge(&["check", file, "--device", device]);
    golden("check-serves", &ask("good-three-images.rom", "8086:a7a8"));
    golden("check-serves-not", &ask("good-three-images.rom", "8086:5a84"));
    golden("check-serves-another-vendor", &ask("good-three-images.rom", "1002:1638"));
    golden("check-cannot-tell", &ask("good-one-image.rom", "8086:a7a8"));
    golden("check-serves-by-ids", &ask("good-legacy.rom", "8086:5a84"));
    golden(
        "check-serves-host",
        &run(&["check", "good-three-images.rom", "--sysroot", "hosts/nuc-13-pro"]),
    );
    let files = ["rom301-legacy-checksum.rom", "good-one-image.rom", "good-three-images.rom"];
    golden("pick-own-files", &run(&[&["pick", "--device", "8086:a7a8"][..], &files].concat()));
    golden(
        "pick-own-files-alone",
        &run(&[&["pick", "--device", "8086:0f31"][..], &files].concat()),
    );
}

#[test]
fn codes_checks_and_messages_are_explained() {
    for (name, asked) in [
        ("code-43", "code-43"),
        ("rom-code", "rom014"),
        ("host-check", "HOST040"),
        (
            "message",
            "vfio-pci 0000:03:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0xcffa",
        ),
        ("nothing", "the moon is full"),
        ("symptom", "the screen is black"),
    ] {
        golden(&format!("explain-{name}"), &run(&["explain", asked]));
    }
    golden("explain-verbose", &run(&["explain", "-v", "romfile-size: romfile \"x\" is empty"]));
    let log = concat!(env!("CARGO_MANIFEST_DIR"), "/../rom-host/tests/explain/start.log");
    let explained = |arguments: &[&str], input: &str| {
        oprom()
            .arg("explain")
            .args(arguments)
            .arg("-")
            .stdin(File::open(input).unwrap())
            .output()
            .unwrap()
    };
    golden("explain-log", &explained(&[], log));
    golden("explain-log-of-nothing", &explained(&[], "/dev/null"));
    let report: Value = serde_json::from_slice(&explained(&["--json"], log).stdout).unwrap();
    assert_eq!(report["entries"][0]["id"], "rom-header-signature");
    assert_eq!(report["entries"][0]["count"], 2);
}

#[test]
fn a_vm_is_planned_for_each_kind_of_gpu() {
    let mut all = String::new();
    for (name, device) in [
        ("Skylake", "8086:1912"),
        ("Comet Lake", "8086:9bc5"),
        ("Tiger Lake", "8086:9a49"),
        ("Raptor Lake-P", "8086:a7a8"),
        ("Meteor Lake", "8086:7d55"),
    ] {
        for qemu in ["9.0", "9.2", "10.0", "10.1"] {
            for goal in ["display-at-boot", "display", "compute"] {
                let output = run(&[
                    "vm", "plan", "--device", device, "--qemu", qemu, "--goal", goal, "--json",
                ]);
                let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
                let steps = plan["steps"].as_array().unwrap();
                let last = |start: &str| {
                    let lines = steps.iter().flat_map(|step| step["diff"].as_array().unwrap());
                    let mut lines = lines.filter_map(|line| line.as_str()?.strip_prefix(start));
                    lines.next_back().unwrap_or("-").to_owned()
                };
                let (device, args) = (last("+ hostpci0: "), last("+ args: "));
                writeln!(all, "{name:<14} QEMU {qemu:<5} {goal:<16} hostpci0: {device}").unwrap();
                writeln!(all, "{:>43} {args}", "args:").unwrap();
            }
        }
    }
    support::golden("vm-plan-matrix.txt", &all);
}

#[test]
fn a_vm_is_planned_for_each_target() {
    let host = fresh_host();
    let nuc = host.path().to_str().unwrap();
    let plan = |arguments: &[&str]| run(&[&["vm", "plan", "--sysroot", nuc], arguments].concat());
    golden("vm-plan-proxmox", &plan(&[]));
    golden("vm-plan-proxmox-verbose", &plan(&["-v"]));
    golden("vm-plan-proxmox-upt", &plan(&["--goal", "display"]));
    golden("vm-plan-libvirt", &plan(&["--for", "libvirt", "-v"]));
    golden("vm-plan-qemu", &plan(&["--for", "qemu"]));
    golden("vm-plan-of-a-vm", &plan(&["101"]));
    golden("vm-plan-no-such-vm", &plan(&["4711"]));
    golden("vm-plan-impossible", &plan(&["--qemu", "9.2"]));
    golden("vm-plan-no-igpu", &run(&["vm", "plan", "--sysroot", "hosts/no-igpu"]));
}

#[test]
fn contents_predictions_and_compatibility_in_json() {
    let output = judge(&["check", "--json", "good-three-images.rom", "--device", "8086:a7a8"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    support::golden(
        "check-serves.json",
        &format!("{}\n", serde_json::to_string_pretty(&report).unwrap()),
    );
    let report = json(&["pick", "--json", "--device", "8086:a7a8", "good-three-images.rom"]);
    assert_eq!(report["files"][0]["usable"]["answer"], "yes");
    assert_eq!(report["files"][0]["verdict"], "good");
}

#[test]
fn the_demonstration_of_the_readme() {
    let host = fresh_host();
    let demo = |command: &[&str]| {
        let mut oprom = oprom();
        oprom
            .args(command)
            .args(["--catalog", "demo/known-roms.toml", "--sysroot"])
            .arg(host.path())
            .current_dir(samples(""));
        oprom.output().unwrap()
    };
    golden("install-dry-run", &demo(&["install", "--mirror", "file:.", "--dry-run"]));
    let installed = demo(&["install", "--mirror", "file:."]);
    golden("install", &installed);
    the_readme_shows(&text(&installed.stdout));
    golden("install-again", &demo(&["install", "--mirror", "file:."]));
    golden("install-another", &demo(&["install", "good-one-image.rom", "--mirror", "file:."]));
    golden("undo", &demo(&["undo"]));
}

/// Holds the README to what the demonstration prints; `OPROM_BLESS=1` writes it anew.
fn the_readme_shows(printed: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let shown = readme.split("```\n").nth(1).unwrap();
    // Its command is run one folder higher.
    let printed = printed.replace("./good-three-images.rom", "samples/good-three-images.rom");
    if std::env::var_os("OPROM_BLESS").is_some() {
        fs::write(path, readme.replacen(shown, &printed, 1)).unwrap();
    } else {
        assert_eq!(shown, printed);
    }
}

#[test]
fn the_configuration_counts_and_is_shown() {
    let host = TempDir::new().unwrap();
    let file = host.path().join("etc/oprom/config.toml");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, "mirror = \"https://user:secret@mirror.example/\"\noffline = true\n").unwrap();
    let sysroot = host.path().to_str().unwrap();
    let with = |arguments: &[&str]| {
        let mut oprom = oprom();
        oprom.args(arguments).args(["--sysroot", sysroot]).env("OPROM_CACERT", "/own.pem");
        oprom.current_dir(samples("")).output().unwrap()
    };
    let shown = text(&with(&["config"]).stdout);
    for line in [
        "mirror = https://mirror.example/  (file)",
        "cacert = /own.pem  (OPROM_CACERT)",
        "catalog is not set",
        "offline = true  (file)",
    ] {
        assert!(shown.lines().any(|own| own == line), "{line}: {shown}");
    }
    // Nothing is asked for, neither of the mirror nor of the catalog's address.
    let offline = with(&["fetch", "Universal_noGOP_igd.rom", "-o", "/nowhere.rom"]);
    assert_eq!(exit(&offline), 4);
    assert!(text(&offline.stderr).contains("(offline)"), "{}", text(&offline.stderr));
    fs::write(&file, "offlin = true\n").unwrap();
    let wrong = with(&["pick", "--device", "8086:a7a8"]);
    assert_eq!(exit(&wrong), 3);
    assert!(text(&wrong.stderr).contains("offlin"), "{}", text(&wrong.stderr));
    assert_eq!(exit(&with(&["list", "--config", "no-such.toml"])), 3);
}

#[test]
fn wrong_usage_is_status_2() {
    for arguments in [
        &["nonsense"][..],
        &["pick", "--device", "a7a"],
        &["check"],
        &["install", "--expect-sha256", "00"],
    ] {
        assert_eq!(exit(&run(arguments)), 2, "{arguments:?}");
    }
}

#[test]
fn json_objects_begin_with_schema_and_command() {
    for arguments in [
        &["pick", "--device", "8086:a7a8"][..],
        &["list"],
        &["check", "good-npde.rom"],
        &["show", "good-npde.rom"],
        &["catalog", "lint"],
    ] {
        let mut all = arguments.to_vec();
        all.push("--json");
        let output = text(&run(&all).stdout);
        let command = if arguments[0] == "catalog" { "catalog lint" } else { arguments[0] };
        assert!(
            output.starts_with(&format!("{{\"schema\":1,\"command\":\"{command}\",")),
            "{output}"
        );
        assert_eq!(output.lines().count(), 1);
    }
}

#[test]
fn every_failure_is_an_object_under_json() {
    for (arguments, command, status) in [
        (&["nonsense"][..], Value::Null, 2),
        (&["vm", "check"], "vm check".into(), 2),
        (&["pick", "--device", "a7a"], "pick".into(), 2),
        (&["show", "no-such-file.rom"], "show".into(), 3),
        (&["vm", "plan", "--sysroot", "hosts/no-igpu"], "vm plan".into(), 1),
        (&["explain", "no such words"], "explain".into(), 1),
        (&["install", "no-such.rom"], "install".into(), 2),
        (&["redo", "--sysroot", "no-such-folder"], "redo".into(), 1),
        (&["list", "--catalog", "no-such.toml"], "list".into(), 3),
    ] {
        let output = run(&[&["--json"], arguments].concat());
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|error| panic!("{arguments:?}: {error}"));
        assert_eq!(
            (report["schema"].as_u64(), &report["command"]),
            (Some(1), &command),
            "{arguments:?}"
        );
        assert_eq!(
            (&report["error"]["exit"], exit(&output)),
            (&status.into(), status),
            "{arguments:?}"
        );
        assert!(
            report["error"]["what"].as_str().is_some_and(|what| !what.is_empty()),
            "{arguments:?}"
        );
        assert!(
            report["error"]["help"].as_str().is_some_and(|help| !help.is_empty()),
            "{arguments:?}"
        );
        assert!(report["error"]["commands"].is_array(), "{arguments:?}");
        assert_eq!(text(&output.stdout).lines().count(), 1);
    }
    // What was asked for is not a failure.
    assert!(text(&run(&["list", "--help", "--json"]).stdout).contains("Usage"));
}

#[test]
fn where_there_is_no_terminal_lines_have_80_columns() {
    for arguments in [
        &["--help"][..],
        &["install", "--help"],
        &["vm", "check", "--help"],
        &["doctor", "-v", "--sysroot", "hosts/nuc-13-pro"],
    ] {
        let output = run(arguments);
        let columns = text(&output.stdout).lines().map(|line| line.chars().count()).max();
        assert!(columns.is_some_and(|columns| (60..=80).contains(&columns)), "{arguments:?}");
    }
}

#[test]
fn pick_in_json() {
    let report = json(&["pick", "--json", "--sysroot", "hosts/nuc-13-pro"]);
    assert_eq!(report["device"]["id"], "8086:a7a8");
    assert_eq!(report["device"]["platform"], "RPL-P");
    assert_eq!(report["device"]["generation"], "12");
    assert_eq!(
        (&report["cpu"]["family"], &report["cpu"]["model"], &report["cpu"]["stepping"]),
        (&6.into(), &186.into(), &2.into())
    );
    assert_eq!(report["candidates"][0]["rom"], "ADL-H_RPL-H_GOPv21_igd.rom");
    assert_eq!(report["candidates"][0]["confidence"], "high");
    assert_eq!(report["refused"], Value::Null);
    let refused = json(&["pick", "--json", "--device", "8086:0f31"]);
    assert_eq!(refused["candidates"], Value::Array(Vec::new()));
    assert!(refused["refused"].as_str().unwrap().contains("VT-d"));
}

#[test]
fn a_file_beyond_all_roms_is_read_no_further_than_the_limit() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("large.rom");
    let mut file = File::create(&path).unwrap();
    file.write_all(&sample("good-one-image.rom")).unwrap();
    file.set_len(2 << 30).unwrap();
    let output = oprom().args(["check", "--json"]).arg(&path).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(exit(&output), 1);
    assert_eq!(report["files"][0]["findings"][0]["code"], "ROM021");
    assert_eq!(report["files"][0]["size"], 2_u64 << 30);
    assert_eq!(report["files"][0]["sha256"], Value::Null);
}

#[test]
fn files_that_the_catalog_knows_are_named() {
    let folder = tempfile::TempDir::new().unwrap();
    let catalog = folder.path().join("catalog.toml");
    let (rom, other) = (sample("good-one-image.rom"), sample("good-two-machines.rom"));
    let text = format!(
        "schema = 1\n[[rom]]\nname = \"a.rom\"\nsha256 = \"{}\"\nurl = \"https://x/a.rom\"\nevidence = \"proved\"\n\
         [[known_file]]\nname = \"b.rom\"\nkind = \"gop\"\nsha256 = \"{}\"\nnote = \"like \
             a.rom\"\n",
        Digest::of(&rom),
        Digest::of(&other)
    );
    fs::write(&catalog, text).unwrap();
    let report = json(&[
        "check",
        "--json",
        "--catalog",
        catalog.to_str().unwrap(),
        "good-one-image.rom",
        "good-two-machines.rom",
        "good-legacy.rom",
    ]);
    assert_eq!(report["files"][0]["known"]["rom"], "a.rom");
    assert_eq!(report["files"][1]["known"], Value::Null);
    assert_eq!(report["files"][1]["findings"][0]["code"], "ROM503");
    assert_eq!(report["files"][2]["known"], Value::Null);
}

#[test]
fn a_catalog_that_is_none_says_where() {
    let folder = tempfile::TempDir::new().unwrap();
    let catalog = folder.path().join("catalog.toml");
    fs::write(&catalog, "schema = 1\n[[rom]]\nname = 'a.rom'\n").unwrap();
    let output = run(&["pick", "--catalog", catalog.to_str().unwrap()]);
    assert_eq!(exit(&output), 3);
    assert!(
        text(&output.stderr).contains("catalog.toml:2:1: not readable as a catalog"),
        "{}",
        text(&output.stderr)
    );
    let lint = run(&["catalog", "lint", "--catalog", catalog.to_str().unwrap()]);
    assert_eq!(exit(&lint), 1);
    assert!(text(&lint.stdout).contains("CAT001"));
}

#[test]
fn standard_input_is_a_file_too() {
    let mut child = oprom()
        .args(["check", "--json", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&sample("good-legacy.rom")).unwrap();
    let output = child.wait_with_output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["files"][0]["verdict"], "good");
}

/// Nobody reads what is printed: the pipe is closed before the program starts.
fn unread(arguments: &[&str]) -> Output {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    oprom().args(arguments).current_dir(samples("")).stdout(writer).output().unwrap()
}

#[test]
fn a_closed_pipe_changes_nothing_about_the_answer() {
    for (arguments, status) in [
        (&["list"][..], 0),
        (&["check", "good-one-image.rom"], 0),
        (&["check", "rom014-truncated.rom"], 1),
        (&["check", "rom014-truncated.rom", "good-one-image.rom"], 1),
        (&["check", "no-such-file.rom"], 3),
        (&["pick", "--device", "8086:0f31"], 1),
        (&["install", "no-such.rom"], 2),
        (&["explain", "the moon is full"], 1),
        (&["nonsense"], 2),
    ] {
        for json in [&[][..], &["--json"]] {
            let output = unread(&[arguments, json].concat());
            assert_eq!(exit(&output), status, "{arguments:?} {json:?}: {}", text(&output.stderr));
        }
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["check", "rom014-truncated.rom"],
        &["check", "rom014-truncated.rom", "--json"],
    ] {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output =
            oprom().args(arguments).current_dir(samples("")).stdout(full).output().unwrap();
        assert_eq!(exit(&output), 3, "{arguments:?}");
    }
}

#[test]
fn colour_is_there_when_asked_for_and_only_then() {
    let colored = run(&["check", "--color", "always", "good-one-image.rom"]);
    assert!(text(&colored.stdout).contains("\x1b[32mgood\x1b[0m"));
    assert!(!text(&run(&["check", "good-one-image.rom"]).stdout).contains('\x1b'));
}

#[test]
fn names_out_of_a_folder_cannot_write_to_the_terminal() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("a\x1b[2Jb.rom");
    fs::write(&path, sample("good-one-image.rom")).unwrap();
    let output = oprom().arg("check").arg(&path).output().unwrap();
    assert!(text(&output.stdout).contains("a\\u{1b}[2Jb.rom"));
}

#[test]
fn completions_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let script = text(&run(&["completions", shell]).stdout);
        assert!(
            ["install", "undo", "catalog"].iter().all(|command| script.contains(command)),
            "{shell}"
        );
    }
}

#[test]
fn a_folder_has_one_line_a_file_and_those_that_work_come_first() {
    let folder = TempDir::new().unwrap();
    let check = || oprom().arg("check").arg(folder.path()).output().unwrap();
    let empty = check();
    assert_eq!(exit(&empty), 1);
    assert!(text(&empty.stderr).contains("contains no file"), "{}", text(&empty.stderr));
    let rom = fs::read(samples("good-one-image.rom")).unwrap();
    for (name, bytes) in [("a.txt", &b"404: Not Found"[..]), ("b.rom", &rom), ("c.rom", &rom)] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let output = check();
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((exit(&output), lines.len()), (1, 5), "{said}");
    assert!(lines[0].starts_with("good") && lines[0].contains("b.rom"), "{said}");
    assert!(lines[1].contains("a copy of") && lines[2].contains("a.txt"), "{said}");
    assert_eq!(lines[4], "3 files: 2 good, 0 with warnings, 1 bad; 1 is a copy of another");
}

#[test]
fn what_is_no_file_leads_to_the_command_that_takes_it() {
    for (arguments, command) in [
        (&["check", "100"][..], "oprom vm check 100"),
        (&["pick", "8086:a7a8"], "oprom pick --device 8086:a7a8"),
        (&["show", "0000:00:02.0"], "oprom pick --bdf 0000:00:02.0"),
    ] {
        let output = run(arguments);
        assert_eq!(exit(&output), 3, "{arguments:?}");
        let said = text(&output.stderr).split_whitespace().collect::<Vec<&str>>().join(" ");
        assert!(said.contains(command), "{arguments:?}: {said}");
    }
}
