//! What strangers can put in the way: addresses with secrets, proxies, names, and what is not a
//! file.

mod support;

use rom_core::Digest;
use serde_json::Value;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};
use support::{Host, ROM_NAME, Reply, Server, exit, oprom, sample, text};

/// What nobody may see of an address.
const SECRETS: [&str; 4] = ["someuser", "passw0rd", "t0ken", "c2FtZXVzZXI"];

/// A server on loopback that tells the head of every request, and answers all with these bytes.
fn listening(answer: Vec<u8>) -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut head = Vec::new();
            let mut byte = [0];
            while !head.ends_with(b"\r\n\r\n")
                && stream.read(&mut byte).is_ok_and(|length| length == 1)
            {
                head.push(byte[0]);
            }
            let _ = stream.write_all(&answer);
            let _ = sender.send(String::from_utf8_lossy(&head).into_owned());
        }
    });
    (port, receiver)
}

fn whole(status: &str, body: &[u8]) -> Vec<u8> {
    let head =
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

/// Everything that a command said, and everything that it left below the root.
fn seen(host: &Host, output: &Output) -> String {
    let mut seen = format!("{}{}", text(&output.stdout), text(&output.stderr));
    for entry in walkdir::WalkDir::new(host.root.path()).into_iter().flatten() {
        seen += &entry.path().to_string_lossy();
        if entry.file_type().is_file() {
            seen += &String::from_utf8_lossy(&fs::read(entry.path()).unwrap());
        }
    }
    seen
}

fn has_no_secret(host: &Host, output: &Output) {
    let seen = seen(host, output);
    for secret in SECRETS {
        assert!(
            !seen.contains(secret),
            "{secret} in {}{}",
            text(&output.stdout),
            text(&output.stderr)
        );
    }
}

#[test]
fn secrets_of_a_mirror_are_sent_and_never_shown() {
    for json in [&[][..], &["--json"]] {
        let host = Host::new();
        let (port, requests) = listening(whole("200 OK", &host.rom));
        let mirror = format!("http://someuser:passw0rd@localhost:{port}/roms/?t0ken=1");
        let command = |more: &[&str]| {
            let all = [&["install", "--retries", "0", "--mirror", &mirror], json, more].concat();
            let output = host.oprom(&all).output().unwrap();
            has_no_secret(&host, &output);
            output
        };
        assert_eq!(exit(&command(&["--dry-run"])), 0);
        let output = command(&[]);
        assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains(&format!("http://localhost:{port}/roms/{ROM_NAME}")));
        let request = requests.recv().unwrap();
        assert!(
            request.starts_with(&format!("GET /roms/{ROM_NAME}?t0ken=1 HTTP/1.1\r\n")),
            "{request}"
        );
        assert!(request.to_lowercase().contains("authorization: basic"), "{request}");
    }
}

#[test]
fn secrets_of_a_mirror_are_in_no_error() {
    let host = Host::new();
    let (wrong, _requests) = listening(whole("200 OK", b"<html>sign in</html>"));
    let (gone, _requests) = listening(whole("404 Not Found", b""));
    for (mirror, status) in [
        (format!("http://someuser:passw0rd@localhost:{wrong}/?t0ken=1"), 5),
        (format!("http://someuser:passw0rd@localhost:{gone}/?t0ken=1"), 4),
        ("http://someuser:passw0rd@localhost:1/?t0ken=1".to_owned(), 4),
        ("http://someuser:passw0rd@nowhere.invalid/?t0ken=1".to_owned(), 4),
        ("https://someuser:passw0rd@localhost:port/?t0ken=1".to_owned(), 2),
        ("ftp://someuser:passw0rd@localhost/?t0ken=1".to_owned(), 2),
        ("someuser:passw0rd@localhost".to_owned(), 2),
    ] {
        for command in
            [&["install", "--mirror", &mirror][..], &["fetch", ROM_NAME, "--mirror", &mirror]]
        {
            let mut command = host.oprom(command);
            let output = command
                .args(["--retries", "1", "--timeout", "2"])
                .current_dir(host.root.path())
                .output()
                .unwrap();
            assert_eq!(exit(&output), status, "{mirror}: {}", text(&output.stderr));
            has_no_secret(&host, &output);
        }
    }
    let from = "https://someuser:passw0rd@localhost/?t0ken=1";
    let output = host.oprom(&["install", "--from", from]).output().unwrap();
    assert_eq!(exit(&output), 2, "{}", text(&output.stderr));
    has_no_secret(&host, &output);
}

#[test]
fn secrets_of_a_release_address_are_in_no_catalog() {
    let host = Host::new();
    let other = Digest::of(b"other");
    let answer = format!(
        "{{\"tag_name\":\"v0.1\",\"assets\":[{{\"name\":\"new.rom\",\"size\":5,\"digest\":\"sha256:{other}\",\
         \"browser_download_url\":\"https://roms.invalid/new.rom\",\"state\":\"uploaded\"}}]}}"
    );
    let (port, _requests) = listening(whole("200 OK", answer.as_bytes()));
    let from = format!("http://someuser:passw0rd@localhost:{port}/release?t0ken=1");
    let diff = host.oprom(&["catalog", "diff", "--from", &from]).output().unwrap();
    has_no_secret(&host, &diff);
    let update = host.oprom(&["catalog", "update", "--yes", "--from", &from]).output().unwrap();
    assert_eq!(exit(&update), 0, "{}", text(&update.stderr));
    has_no_secret(&host, &update);
    let written = fs::read_to_string(host.root.path().join("etc/oprom/known-roms.toml")).unwrap();
    assert!(
        written.contains("new.rom")
            && written.contains(&format!("http://localhost:{port}/release")),
        "{written}"
    );
    let (port, _requests) = listening(whole("500 No", b""));
    let from = format!("http://someuser:passw0rd@localhost:{port}/release?t0ken=1");
    let failed =
        host.oprom(&["catalog", "diff", "--retries", "0", "--from", &from]).output().unwrap();
    assert_eq!(exit(&failed), 4);
    has_no_secret(&host, &failed);
}

#[test]
fn a_catalog_is_not_written_out_of_the_sysroot() {
    let host = Host::new();
    let outside = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(outside.path(), host.root.path().join("etc")).unwrap();
    let other = Digest::of(b"other");
    let answer = format!(
        "{{\"tag_name\":\"v0.1\",\"assets\":[{{\"name\":\"new.rom\",\"size\":5,\"digest\":\"sha256:{other}\",\
         \"browser_download_url\":\"https://roms.invalid/new.rom\",\"state\":\"uploaded\"}}]}}"
    );
    let file = host.root.path().join("release.json");
    fs::write(&file, answer).unwrap();
    let from = format!("file:{}", file.display());
    let output = host.oprom(&["catalog", "update", "--yes", "--from", &from]).output().unwrap();
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
}

#[test]
fn a_proxy_that_fails_is_told_as_the_proxy() {
    let host = Host::new();
    let server =
        Server::https(Reply::Whole("200 OK", "application/octet-stream", host.rom.clone()));
    host.pin(&server.url, Some(host.rom.len()));
    let (refusing, _requests) = listening(whole("403 Forbidden", b"no"));
    for (proxy, words) in [
        (
            "http://someuser:passw0rd@localhost:1".to_owned(),
            "the connection to the proxy http://localhost:1/ is refused",
        ),
        (format!("http://someuser:passw0rd@localhost:{refusing}"), "refuses the connection"),
        (
            "http://someuser:passw0rd@nowhere.invalid:3128".to_owned(),
            "the name of the proxy http://nowhere.invalid:3128/",
        ),
    ] {
        let mut command = host.oprom(&["install", "--retries", "0", "--timeout", "5"]);
        let output =
            command.arg("--cacert").arg(&server.ca).env("https_proxy", &proxy).output().unwrap();
        assert_eq!(exit(&output), 4, "{}", text(&output.stderr));
        let told = text(&output.stderr).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.contains(words), "{proxy}: {told}");
        has_no_secret(&host, &output);
    }
}

/// Runs a command that may not wait for anything.
fn at_once(command: &mut Command) -> Output {
    let begun = Instant::now();
    let mut child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{command:?} waits");
        }
        thread::sleep(Duration::from_millis(5));
    }
    child.wait_with_output().unwrap()
}

#[test]
fn what_is_not_a_file_is_never_waited_for() {
    let host = Host::new();
    let at = |name: &str| host.root.path().join(name).to_str().unwrap().to_owned();
    assert!(Command::new("mkfifo").arg(at("pipe")).status().unwrap().success());
    let _socket = UnixListener::bind(at("socket")).unwrap();
    let rom = at("good.rom");
    fs::write(&rom, &host.rom).unwrap();
    let spec = at("rom.toml");
    fs::write(&spec, "[[image]]\nkind = \"efi\"\ndriver = { file = \"pipe\" }\n").unwrap();
    let out = at("out.rom");
    let hash = "0".repeat(64);
    for what in [at("pipe"), at("socket"), "/dev/zero".to_owned(), at("usr")] {
        let what = what.as_str();
        let mirror = format!("file:{what}");
        for command in [
            &["show", what][..],
            &["extract", what],
            &["repair", what],
            &["vm", "check", what],
            &["build", what, "-o", &out],
            &["build", "--efi", what, "-o", &out],
            &["build", "--legacy", what, "-o", &out],
            &["build", "--like", what, "-o", &out],
            &["build", "--like", &rom, "--gop", what, "-o", &out],
            &["install", "--from", what],
            &["install", "--from", what, "--expect-sha256", &hash],
            &["install", "--cacert", what, "--retries", "0"],
            &["catalog", "diff", "--from", &mirror],
            &["catalog", "lint", "--catalog", what],
        ] {
            // A folder is what it takes: it reads the files in it.
            if command == ["extract", &at("usr")] {
                continue;
            }
            let mut oprom = oprom();
            oprom.arg("--sysroot").arg(host.root.path());
            if !command.contains(&"--catalog") {
                oprom.arg("--catalog").arg(at("catalog.toml"));
            }
            let output = at_once(oprom.args(command));
            assert!(
                matches!(exit(&output), 2..=4),
                "{command:?}: {} {}",
                exit(&output),
                text(&output.stderr)
            );
            let told = text(&output.stderr);
            let named =
                ["named pipe", "socket", "device", "folder"].iter().any(|word| told.contains(word));
            assert!(named, "{command:?}: {told}");
            assert!(!Path::new(&out).exists(), "{command:?}");
        }
    }
    for what in [at("pipe"), at("socket"), "/dev/zero".to_owned()] {
        for command in [&["check", &what][..], &["scan", &what]] {
            assert_eq!(exit(&at_once(oprom().args(command))), 3, "{command:?}");
        }
    }
    assert_eq!(exit(&at_once(oprom().args(["build", &spec, "-o", &out]))), 3);
}

/// A host is read, whatever lies where its files should be.
#[test]
fn a_host_of_pipes_is_read_at_once() {
    let host = Host::new();
    for path in [
        "proc/cpuinfo",
        "proc/cmdline",
        "proc/modules",
        "etc/default/grub",
        "etc/modprobe.d/vfio.conf",
        "etc/pve/qemu-server/100.conf",
        "var/lib/dpkg/status",
        "usr/share/kvm/igd.rom",
    ] {
        let path = host.root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }
    for command in [
        &["doctor"][..],
        &["report", "100"],
        &["vm", "check", "100"],
        &["vm", "plan", "100"],
        &["pick"],
    ] {
        let output = at_once(&mut host.oprom(command));
        assert!(output.status.code().is_some(), "{command:?}");
    }
    let output = at_once(&mut host.oprom(&["install"]));
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("named pipe"), "{}", text(&output.stderr));
}

#[test]
fn a_name_that_is_not_one_of_a_file_leaves_nothing() {
    let host = Host::new();
    let rom = host.root.path().join(ROM_NAME);
    fs::write(&rom, &host.rom).unwrap();
    let folder = host.folder();
    let install = |dest: &OsStr| {
        let mut command = host.oprom(&["install", "--from"]);
        command.arg(&rom).arg("--dest").arg(dest).output().unwrap()
    };
    for (name, status, words) in [
        (&b"igd.rom/"[..], 2, "does not name a file"),
        (b"..", 2, "does not name a file"),
        (b"igd.rom/.", 2, "does not name a file"),
        (b"igd\xff.rom", 3, "is not UTF-8"),
        (&[b'a'; 256], 3, "too long for the file system"),
        (&[b'a'; 250], 0, ""),
    ] {
        let output = install(folder.join(OsStr::from_bytes(name)).as_os_str());
        let shown = String::from_utf8_lossy(name);
        let told = text(&output.stderr);
        assert_eq!(exit(&output), status, "{shown}: {told}");
        assert!(told.contains(words) && !told.contains("dmesg"), "{shown}: {told}");
        let left = if status == 0 { vec!["a".repeat(250)] } else { Vec::new() };
        assert_eq!(host.files(), left, "{shown}");
    }
    // A file that nobody records may have any name.
    let any = host.root.path().join(OsStr::from_bytes(b"\xff.rom"));
    let mirror = format!("file:{}", host.root.path().display());
    let output =
        host.oprom(&["fetch", ROM_NAME, "--mirror", &mirror, "-o"]).arg(&any).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert_eq!(fs::read(any).unwrap(), host.rom);
}

/// What chattr makes of a file cannot be changed by root either.
#[test]
#[ignore = "needs strace"]
fn an_immutable_file_is_not_told_to_root_as_missing_rights() {
    let host = Host::new();
    fs::write(host.target(), b"old").unwrap();
    let rom = host.root.path().join(ROM_NAME);
    fs::write(&rom, &host.rom).unwrap();
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-q", "-o", "/dev/null", "-einject=renameat:error=EPERM"])
        .arg(oprom().get_program());
    strace
        .arg("--sysroot")
        .arg(host.root.path())
        .arg("--catalog")
        .arg(host.root.path().join("catalog.toml"));
    let output = strace.args(["install", ROM_NAME, "--from"]).arg(rom).output().unwrap();
    let told = text(&output.stderr);
    assert_eq!(exit(&output), 3, "{told}");
    let is_root = fs::metadata(host.root.path()).unwrap().uid() == 0;
    assert!(told.contains(if is_root { "lsattr" } else { "sudo" }), "{told}");
    assert!(!is_root || !told.contains("sudo"), "{told}");
    assert_eq!(fs::read(host.target()).unwrap(), b"old");
}

/// A file that appears while another of its name is downloaded stays, whatever the file system can
/// do.
#[test]
#[ignore = "needs strace"]
fn a_file_that_appeared_meanwhile_is_not_replaced() {
    let host = Host::new();
    let slow = Server::http(Reply::Slow(host.rom.clone(), 512, Duration::from_millis(40)));
    let faults = [
        &[][..],
        &["-einject=renameat2:error=EINVAL"],
        &["-einject=renameat2:error=EINVAL", "-einject=linkat:error=EPERM"],
    ];
    for (number, faults) in faults.iter().enumerate() {
        for appears in [false, true] {
            let place = format!("{faults:?}, {appears}");
            let target = host.root.path().join(format!("fetched-{number}-{appears}.rom"));
            let mut strace = Command::new("strace");
            strace.args(["-f", "-q", "-o", "/dev/null"]).args(*faults).arg(oprom().get_program());
            strace.arg("--catalog").arg(host.root.path().join("catalog.toml"));
            strace.args(["fetch", ROM_NAME, "--mirror", &slow.url, "-o"]).arg(&target);
            let child =
                strace.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("needs strace");
            let begins = Instant::now();
            let is_temporary =
                |name: &str| Path::new(name).extension().is_some_and(|ending| ending == "part");
            let has_begun = || {
                let names =
                    fs::read_dir(host.root.path()).unwrap().map(|entry| entry.unwrap().file_name());
                names.into_iter().any(|name| name.to_str().is_some_and(is_temporary))
            };
            while !has_begun() {
                assert!(begins.elapsed() < Duration::from_secs(30), "{place}: it never began");
                thread::sleep(Duration::from_millis(5));
            }
            if appears {
                fs::write(&target, "somebody else's").unwrap();
            }
            let output = child.wait_with_output().unwrap();
            let there = fs::read(&target).unwrap();
            if appears {
                assert_eq!(exit(&output), 3, "{place}: {}", text(&output.stderr));
                assert!(
                    text(&output.stderr).contains("already exists"),
                    "{place}: {}",
                    text(&output.stderr)
                );
                assert_eq!(there, b"somebody else's", "{place}");
            } else {
                assert_eq!(exit(&output), 0, "{place}: {}", text(&output.stderr));
                assert_eq!(there, host.rom, "{place}");
            }
            assert!(!has_begun(), "{place}: a temporary file stays");
        }
    }
}

#[test]
fn what_is_made_is_put_over_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("x.rom"), sample("good-three-images.rom")).unwrap();
    fs::write(at("there"), "somebody else's").unwrap();
    for command in [
        &["build", "--like", &at("x.rom"), "-o", &at("there")][..],
        &["repair", &at("x.rom"), "--pad", "-o", &at("there")],
    ] {
        let output = oprom().args(command).output().unwrap();
        assert_eq!(exit(&output), 3, "{command:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains("already exists"), "{}", text(&output.stderr));
        assert_eq!(fs::read(at("there")).unwrap(), b"somebody else's");
    }
}

#[test]
#[ignore = "needs strace"]
fn without_openat2_a_sysroot_is_not_worked_in() {
    let host = Host::new();
    let rom = host.root.path().join(ROM_NAME);
    fs::write(&rom, &host.rom).unwrap();
    let mut strace = Command::new("strace");
    strace
        .args(["-f", "-q", "-o", "/dev/null", "-einject=openat2:error=ENOSYS"])
        .arg(oprom().get_program());
    strace
        .arg("--sysroot")
        .arg(host.root.path())
        .arg("--catalog")
        .arg(host.root.path().join("catalog.toml"));
    let output =
        strace.args(["install", ROM_NAME, "--from"]).arg(rom).output().expect("needs strace");
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("openat2, Linux 5.6"), "{}", text(&output.stderr));
    assert_eq!(host.files(), [""; 0]);
}

#[test]
fn an_undo_where_nothing_was_done_makes_nothing() {
    let host = Host::new();
    for command in ["undo", "redo"] {
        assert_eq!(exit(&host.oprom(&[command]).output().unwrap()), 1);
    }
    assert_eq!(exit(&host.oprom(&["history"]).output().unwrap()), 0);
    assert!(!host.root.path().join("var").exists());
}

/// Who reads the JSON alone learns it too.
#[test]
fn what_could_not_be_read_or_written_is_in_the_json() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("x.rom"), sample("good-three-images.rom")).unwrap();
    let output = oprom().args(["scan", "--json", &at("x.rom"), &at("gone")]).output().unwrap();
    let lines: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((exit(&output), lines.len()), (3, 2));
    assert_eq!(lines.iter().filter(|line| line["offset"] == 0).count(), 1);
    let failed = lines.iter().find(|line| line["error"]["exit"] == 3).unwrap();
    assert!(failed["error"]["what"].as_str().unwrap().contains("gone"), "{failed}");
    fs::create_dir(at("parts")).unwrap();
    fs::write(at("parts/rom.toml"), "somebody else's").unwrap();
    let output =
        oprom().args(["extract", "--json", &at("x.rom"), "-o", &at("parts")]).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((exit(&output), report["errors"].as_array().unwrap().len()), (3, 1), "{report}");
    let parts = report["parts"].as_array().unwrap().len();
    assert_eq!(report["written"].as_u64(), u64::try_from(parts - 1).ok(), "{report}");
}

#[test]
fn a_huge_file_is_not_read_to_its_end() {
    let host = Host::new();
    let rom = host.root.path().join(ROM_NAME);
    fs::write(&rom, &host.rom).unwrap();
    let huge = |path: &Path| fs::File::create(path).unwrap().set_len(1 << 42).unwrap();
    huge(&host.target());
    let output = at_once(&mut host.oprom(&["install", "--from", rom.to_str().unwrap()]));
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("larger than"), "{}", text(&output.stderr));
    assert_eq!(fs::metadata(host.target()).unwrap().len(), 1 << 42);
    let other = host.root.path().join("huge");
    huge(&other);
    let other = other.to_str().unwrap();
    for command in [
        &["install", "--from", other][..],
        &["install", "--cacert", other],
        &["vm", "check", other],
        &["build", other, "-o", "/dev/null/x"],
        &["catalog", "lint", "--catalog", other],
    ] {
        let output = at_once(oprom().arg("--sysroot").arg(host.root.path()).args(command));
        assert!(exit(&output) != 0, "{command:?}");
    }
}
