//! The catalog against a release: `catalog diff` and `catalog update`, with a server on loopback
//! that answers as GitHub does.

mod support;

use rom_core::Digest;
use std::fmt::Write as _;
use std::fs;
use std::process::Output;
use support::{Host, ROM_NAME, Reply, Server, exit, golden, text};

/// GitHub's answer for a release with these assets: name, digest, size.
fn release(assets: &[(&str, Option<Digest>, usize)]) -> Vec<u8> {
    let asset = |(name, digest, size): &(&str, Option<Digest>, usize)| {
        let digest = digest.map_or("null".to_owned(), |digest| format!("\"sha256:{digest}\""));
        format!(
            "{{\"name\":\"{name}\",\"size\":{size},\"digest\":{digest},\"browser_download_url\":\"https://roms.invalid/{name}\",\"state\":\"uploaded\"}}"
        )
    };
    format!(
        "{{\"tag_name\":\"v0.1\",\"assets\":[{}]}}",
        assets.iter().map(asset).collect::<Vec<String>>().join(",")
    )
    .into_bytes()
}

fn ask(host: &Host, answer: Vec<u8>, command: &[&str]) -> Output {
    let server = Server::https(Reply::Whole("200 OK", "application/json", answer));
    let mut oprom = host.oprom(command);
    oprom
        .args(["--from", &format!("{}/release", server.url), "--retries", "0", "--cacert"])
        .arg(&server.ca);
    oprom.output().unwrap()
}

/// What was said, without what changes from run to run.
fn said(host: &Host, output: &Output) -> String {
    let all =
        format!("{}{}exit status {}\n", text(&output.stdout), text(&output.stderr), exit(output));
    let all = all.replace(host.root.path().to_str().unwrap(), "ROOT");
    let port = |line: &str| match line.split_once("localhost:") {
        Some((before, after)) => {
            format!(
                "{before}localhost:PORT{}",
                after.trim_start_matches(|letter: char| letter.is_ascii_digit())
            )
        }
        None => line.to_owned(),
    };
    all.lines().map(port).collect::<Vec<String>>().join("\n") + "\n"
}

#[test]
fn every_difference_is_told_apart() {
    let host = Host::new();
    let own = Digest::of(&host.rom);
    let other = Digest::of(b"other");
    let mut all = String::new();
    for (title, assets) in [
        ("the same", vec![(ROM_NAME, Some(own), 7680), ("README.md", None, 10)]),
        ("a new ROM", vec![(ROM_NAME, Some(own), 7680), ("new.rom", Some(other), 5)]),
        ("other bytes", vec![(ROM_NAME, Some(other), 5), ("new.rom", Some(other), 5)]),
        ("gone", vec![("new.rom", None, 5)]),
    ] {
        let output = ask(&host, release(&assets), &["catalog", "diff"]);
        write!(all, "== {title}\n{}\n", said(&host, &output)).unwrap();
    }
    let output = ask(&host, b"<html>sign in</html>".to_vec(), &["catalog", "diff"]);
    write!(all, "== a page in between\n{}\n", said(&host, &output)).unwrap();
    golden("catalog-diff.txt", &all);
}

#[test]
fn what_is_new_is_added_and_what_is_pinned_stays() {
    let host = Host::new();
    let own = Digest::of(&host.rom);
    let other = Digest::of(b"other");
    let answer = || release(&[(ROM_NAME, Some(own), 7680), ("new.rom", Some(other), 5)]);
    // Nobody is there to say yes.
    let asked = ask(&host, answer(), &["catalog", "update"]);
    assert_eq!(exit(&asked), 2, "{}", said(&host, &asked));
    let path = host.root.path().join("etc/oprom/known-roms.toml");
    assert!(!path.exists());
    let updated = ask(&host, answer(), &["catalog", "update", "--yes"]);
    assert_eq!(exit(&updated), 0, "{}", said(&host, &updated));
    let written = fs::read_to_string(&path).unwrap();
    let before = fs::read_to_string(host.root.path().join("catalog.toml")).unwrap();
    assert!(written.starts_with(before.trim_end()), "{written}");
    assert!(written.contains("name = \"new.rom\"") && written.contains(&other.to_string()));
    assert!(written.contains("note = \"added on 20"), "{written}");
    // It can be used, and that it is used is said.
    let listed = support::oprom().args(["list", "--catalog"]).arg(&path).output().unwrap();
    assert!(
        text(&listed.stdout).contains("new.rom")
            && text(&listed.stderr).contains("instead of the built-in one")
    );
    // It is not written over.
    let again = ask(&host, answer(), &["catalog", "update", "--yes"]);
    assert_eq!(exit(&again), 3, "{}", said(&host, &again));
}

#[test]
fn a_changed_hash_is_an_alarm_and_nothing_is_written() {
    let host = Host::new();
    let other = Digest::of(b"other");
    let answer = release(&[(ROM_NAME, Some(other), 5), ("new.rom", Some(other), 5)]);
    let output = ask(&host, answer, &["catalog", "update", "--yes"]);
    assert_eq!(exit(&output), 5);
    let words = text(&output.stdout);
    assert!(
        words.contains("ALARM")
            && words.contains(&other.to_string())
            && words.contains(&Digest::of(&host.rom).to_string())
    );
    assert!(!host.root.path().join("etc/oprom").exists());
}

#[test]
fn names_that_lead_elsewhere_are_not_added() {
    let host = Host::new();
    let other = Digest::of(b"other");
    for name in ["../x.rom", "a/b.rom", "x\\u001b[31m.rom", "\\\"\\n[[rom]]\\nname = \\\"y.rom"] {
        let answer =
            release(&[(ROM_NAME, Some(Digest::of(&host.rom)), 7680), (name, Some(other), 5)]);
        let output = ask(&host, answer, &["catalog", "update", "--yes"]);
        assert_ne!(exit(&output), 0, "{name}: {}", said(&host, &output));
        assert!(
            !text(&output.stdout).contains('\u{1b}') && !text(&output.stderr).contains('\u{1b}'),
            "{name}"
        );
        assert!(!host.root.path().join("etc/oprom/known-roms.toml").exists(), "{name}");
    }
}

#[test]
fn what_the_lint_would_not_pass_is_not_added() {
    let host = Host::new();
    let other = Digest::of(b"other");
    let own = Some(Digest::of(&host.rom));
    let address = |answer: Vec<u8>, address: &str| {
        text(&answer).replace("https://roms.invalid/new.rom", address).into_bytes()
    };
    let new = release(&[(ROM_NAME, own, 7680), ("new.rom", Some(other), 5)]);
    for (answer, why) in [
        (address(new.clone(), "http://roms.invalid/new.rom"), "CAT010"),
        (address(new, "https://roms.invalid/old.rom"), "CAT010"),
        (release(&[(ROM_NAME, own, 7680), ("new.rom", Some(other), (16 << 20) + 1)]), "CAT017"),
        (release(&[(ROM_NAME, own, 7680), ("new.rom", own, 7680)]), "CAT006"),
        (
            release(&[(ROM_NAME, own, 7680), ("new.rom", Some(other), 5), ("new.rom", own, 5)]),
            "twice",
        ),
        (
            release(&[
                (ROM_NAME, own, 7680),
                ("new.rom", Some(other), 5),
                (ROM_NAME, Some(other), 5),
            ]),
            "twice",
        ),
    ] {
        let output = ask(&host, answer, &["catalog", "update", "--yes"]);
        assert_eq!(exit(&output), 5, "{why}: {}", said(&host, &output));
        let code = rom_core::Code::ALL.iter().find(|code| code.id() == why);
        assert!(
            text(&output.stderr).contains(code.map_or("twice", |code| code.title())),
            "{why}: {}",
            said(&host, &output)
        );
        assert!(!host.root.path().join("etc/oprom/known-roms.toml").exists(), "{why}");
    }
}

#[test]
fn a_size_is_never_taken_on_trust() {
    let host = Host::new();
    let catalog = host.root.path().join("catalog.toml");
    let with_size =
        fs::read_to_string(&catalog).unwrap().replace("size = 7680", "size = 1_000_000_000_000");
    assert!(with_size.contains("1_000"), "{with_size}");
    fs::write(&catalog, with_size).unwrap();
    let source = host.root.path().join("endless.rom");
    fs::File::create(&source).unwrap().set_len(1 << 40).unwrap();
    let output = host.oprom(&["install", "--from", source.to_str().unwrap()]).output().unwrap();
    assert_eq!(exit(&output), 5, "{}", said(&host, &output));
    assert!(text(&output.stderr).contains("more than 16777216 bytes"), "{}", said(&host, &output));
}

#[test]
fn the_work_of_the_lint_grows_no_faster_than_the_catalog() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("catalog.toml");
    let hash = "ab".repeat(32);
    let many = |count: usize, each: &dyn Fn(usize) -> String| {
        (0..count).map(each).collect::<Vec<String>>().concat()
    };
    let rom = |at: usize| {
        format!("[[rom]]\nname='{at}.rom'\nsha256='{hash}'\nurl='http://x'\nevidence='x'\n")
    };
    let choice =
        |at: usize| format!("{{name='{at}',confidence='x',reason='',only=['{at:04x}','ffff']}},");
    let device = |at: usize| format!("{{id='{at:04x}',name=''}},");
    let lists = format!("roms=[{}]\ndevices=[{}]", many(20_000, &choice), many(40_000, &device));
    let brand = |at: usize| {
        format!("[[brand]]\npatterns=['(a{{1000}}){{{at}}}']\nname=''\nplatforms=['x']\n")
    };
    for (kind, text) in [
        ("entries with the same hash", many(20_000, &rom)),
        ("long lines", format!("[[platform]]\ncode='A'\nname=''\ngeneration=''\n{lists}\n")),
        ("keys that nobody knows", many(80_000, &|at| format!("k{at}=1\n"))),
        ("patterns that explode", many(10_000, &brand)),
    ] {
        fs::write(&path, format!("schema = 1\n{text}")).unwrap();
        // What is bounded is processor time, ten times what it takes: a busy machine changes
        // nothing.
        let mut limited = std::process::Command::new("sh");
        limited.args([
            "-c",
            "ulimit -t 15; ulimit -v 1048576; exec \"$0\" catalog lint -q --catalog \"$1\"",
        ]);
        let output = limited.arg(env!("CARGO_BIN_EXE_oprom")).arg(&path).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{kind}: {}", text_start(&output.stderr));
    }
}

fn text_start(bytes: &[u8]) -> String {
    text(bytes).chars().take(400).collect()
}

#[test]
fn a_server_that_fails_is_a_network_failure() {
    let host = Host::new();
    for reply in [
        Reply::Whole("403 Forbidden", "application/json", Vec::new()),
        Reply::Cut(b"{\"assets\":[".to_vec(), 4000),
        Reply::Whole("200 OK", "application/json", vec![b' '; (4 << 20) + 1]),
    ] {
        let server = Server::https(reply);
        let mut oprom =
            host.oprom(&["catalog", "diff", "--from", &server.url, "--retries", "0", "--cacert"]);
        let output = oprom.arg(&server.ca).output().unwrap();
        assert_eq!(exit(&output), 4, "{}", said(&host, &output));
    }
}
