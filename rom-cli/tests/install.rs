//! `install`, `undo` and `fetch` against a real server with TLS, a real file system, and everything
//! that goes wrong with either.

mod support;

use rom_core::Digest;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use support::{Host, ROM_NAME, Reply, Server, exit, oprom, sample, text};

const BINARY: &str = "application/octet-stream";
const OLD: &[u8] = b"the old file";

fn good(host: &Host) -> Reply {
    Reply::Whole("200 OK", BINARY, host.rom.clone())
}

/// Installs from `server` by its address in the catalog.
fn install(host: &Host, server: &Server) -> Output {
    host.pin(&server.url, Some(host.rom.len()));
    quick(host, &["install"]).arg("--cacert").arg(&server.ca).output().unwrap()
}

/// A command that does not wait or try again for long.
fn quick(host: &Host, command: &[&str]) -> Command {
    let mut oprom = host.oprom(command);
    oprom.args(["--timeout", "1", "--retries", "0"]);
    oprom
}

/// After a refusal: the documented status, words that help, the old file as it was, and nothing
/// else in the folder.
fn refused(host: &Host, output: &Output, status: i32, words: &str) {
    let stderr = text(&output.stderr);
    assert_eq!(exit(output), status, "{stderr}");
    assert!(stderr.contains(words), "no {words:?} in: {stderr}");
    assert!(stderr.contains("help: "), "{stderr}");
    assert_eq!(fs::read(host.target()).unwrap(), OLD, "{stderr}");
    assert_eq!(host.files(), ["igd.rom"], "{stderr}");
}

fn host_with_old_file() -> Host {
    let host = Host::new();
    fs::write(host.target(), OLD).unwrap();
    host
}

#[test]
fn the_main_job() {
    let host = host_with_old_file();
    let server = Server::https(good(&host));
    let output = install(&host, &server);
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
    assert_eq!(fs::metadata(host.target()).unwrap().permissions().mode() & 0o777, 0o644);
    let backup = format!("igd.rom.bak-{}", Digest::of(OLD).short());
    assert_eq!(fs::read(host.folder().join(&backup)).unwrap(), OLD);

    let before = fs::metadata(host.target()).unwrap().modified().unwrap();
    let again = install(&host, &server);
    assert_eq!(exit(&again), 0);
    assert!(text(&again.stdout).contains("already up to date"));
    assert_eq!(fs::metadata(host.target()).unwrap().modified().unwrap(), before);

    let undo = host.oprom(&["undo", "--json"]).output().unwrap();
    assert_eq!(exit(&undo), 0, "{}", text(&undo.stderr));
    let report: serde_json::Value = serde_json::from_slice(&undo.stdout).unwrap();
    assert_eq!(report["runs"][0]["parts"][0]["restored"], Digest::of(OLD).to_string());
    assert_eq!(fs::read(host.target()).unwrap(), OLD);
    assert!(!host.files().iter().any(|name| is_temporary(name)), "{:?}", host.files());
}

#[test]
fn undo_of_the_first_install_leaves_no_file() {
    let host = Host::new();
    let server = Server::https(good(&host));
    assert_eq!(exit(&install(&host, &server)), 0);
    assert_eq!(exit(&host.oprom(&["undo"]).output().unwrap()), 0);
    assert!(!host.target().exists());
    let nothing = host.oprom(&["undo"]).output().unwrap();
    assert_eq!(exit(&nothing), 1);
    assert!(text(&nothing.stderr).contains("nothing to undo"));
    // The file that was taken away is kept for a redo.
    let redo = host.oprom(&["redo"]).output().unwrap();
    assert_eq!(exit(&redo), 0, "{}", text(&redo.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
}

#[test]
fn a_rom_that_does_not_do_its_job_is_refused_unless_it_is_wanted() {
    let host = host_with_old_file();
    let old = fs::read(host.target()).unwrap();
    // OVMF starts nothing of it, and it is for another GPU.
    let legacy = sample("good-legacy.rom");
    let output = install_own(&host, &legacy);
    assert_eq!(exit(&output), 5);
    assert!(
        text(&output.stderr).contains("does not work with the GPU of this host"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(fs::read(host.target()).unwrap(), old);
    let file = host.root.path().join("own.rom");
    let hash = Digest::of(&legacy).to_string();
    let mut wanted =
        host.oprom(&["install", "--allow-unusable", "--expect-sha256", &hash, "--from"]);
    let output = wanted.arg(&file).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert!(
        text(&output.stderr).contains("does not work with the GPU of this host"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(fs::read(host.target()).unwrap(), legacy);
}

/// Installs these bytes as a file of the user's own.
fn install_own(host: &Host, bytes: &[u8]) -> Output {
    let file = host.root.path().join("own.rom");
    fs::write(&file, bytes).unwrap();
    let hash = Digest::of(bytes).to_string();
    host.oprom(&["install", "--expect-sha256", &hash, "--from"]).arg(&file).output().unwrap()
}

#[test]
fn undo_goes_back_step_by_step_and_never_forth() {
    let host = host_with_old_file();
    let (first, second) = (sample("good-one-image.rom"), host.rom.clone());
    for bytes in [&first, &second] {
        assert_eq!(exit(&install_own(&host, bytes)), 0);
    }
    let step = |command: &str, status: i32, there: &[u8]| {
        let output = host.oprom(&[command]).output().unwrap();
        assert_eq!(exit(&output), status, "{command}: {}", text(&output.stderr));
        assert_eq!(fs::read(host.target()).unwrap(), there, "{command}");
    };
    step("redo", 1, &second);
    step("undo", 0, &first);
    step("undo", 0, OLD);
    step("undo", 1, OLD);
    step("redo", 0, &first);
    step("redo", 0, &second);
    step("redo", 1, &second);
    step("undo", 0, &first);
    let history = host.oprom(&["history", "--json"]).output().unwrap();
    let history: serde_json::Value = serde_json::from_slice(&history.stdout).unwrap();
    let states: Vec<&str> = history["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["done", "undone", "done", "done", "done", "done", "done"]);
    // What is installed now ends what could be done again.
    assert_eq!(exit(&install_own(&host, &sample("good-three-images.rom"))), 0);
    step("redo", 1, &second);
}

#[test]
fn undo_gives_mode_and_owner_back() {
    let host = host_with_old_file();
    fs::set_permissions(host.target(), fs::Permissions::from_mode(0o2751)).unwrap();
    // Only root may give files away; others show it with the mode.
    let owner = fs::metadata(host.target())
        .map(|own| if own.uid() == 0 { (12, 34) } else { (own.uid(), own.gid()) })
        .unwrap();
    chown(host.target(), Some(owner.0), Some(owner.1)).unwrap();
    // The kernel takes these bits off a file that is given away.
    fs::set_permissions(host.target(), fs::Permissions::from_mode(0o2751)).unwrap();
    assert_eq!(exit(&install_own(&host, &host.rom)), 0);
    let now = fs::metadata(host.target()).unwrap();
    assert_eq!(now.permissions().mode() & 0o7777, 0o644);
    assert_eq!(exit(&host.oprom(&["undo"]).output().unwrap()), 0);
    let back = fs::metadata(host.target()).unwrap();
    assert_eq!((back.permissions().mode() & 0o7777, (back.uid(), back.gid())), (0o2751, owner));
    assert_eq!(fs::read(host.target()).unwrap(), OLD);
}

#[test]
fn an_install_that_fails_leaves_the_undo_of_the_one_before() {
    let host = host_with_old_file();
    assert_eq!(exit(&install_own(&host, &sample("good-one-image.rom"))), 0);
    // Where the backup should go is something else, so the next install fails at the last moment.
    let other = format!("igd.rom.bak-{}", Digest::of(&sample("good-one-image.rom")).short());
    fs::create_dir(host.folder().join(other)).unwrap();
    let failed = install_own(&host, &host.rom);
    assert_eq!(exit(&failed), 3, "{}", text(&failed.stderr));
    let undo = host.oprom(&["undo"]).output().unwrap();
    assert_eq!(exit(&undo), 3, "{}", text(&undo.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), sample("good-one-image.rom"));
    fs::remove_dir(
        host.folder()
            .join(format!("igd.rom.bak-{}", Digest::of(&sample("good-one-image.rom")).short())),
    )
    .unwrap();
    assert_eq!(exit(&host.oprom(&["undo"]).output().unwrap()), 0);
    assert_eq!(fs::read(host.target()).unwrap(), OLD);
}

fn journal(host: &Host) -> PathBuf {
    host.root.path().join("var/lib/oprom/journal")
}

#[test]
fn names_out_of_the_journal_lead_nowhere_else() {
    let host = host_with_old_file();
    assert_eq!(exit(&install_own(&host, &host.rom)), 0);
    let own = format!("igd.rom.bak-{}", Digest::of(OLD).short());
    let written = fs::read_to_string(journal(&host)).unwrap();
    fs::write(host.root.path().join("elsewhere"), OLD).unwrap();
    for name in ["../../../elsewhere", "/etc/shadow", "..", "", "a\\u0000b"] {
        fs::write(journal(&host), written.replace(&own, name)).unwrap();
        let undo = host.oprom(&["undo"]).output().unwrap();
        assert_eq!(exit(&undo), 3, "{name}: {}", text(&undo.stderr));
        assert!(text(&undo.stderr).contains("is a path"), "{name}: {}", text(&undo.stderr));
        assert_eq!(fs::read(host.target()).unwrap(), host.rom);
    }
}

#[test]
fn a_backup_that_was_changed_or_is_gone_is_not_brought_back() {
    let host = host_with_old_file();
    assert_eq!(exit(&install_own(&host, &host.rom)), 0);
    let backup = host.folder().join(format!("igd.rom.bak-{}", Digest::of(OLD).short()));
    fs::remove_file(&backup).unwrap();
    assert_eq!(exit(&host.oprom(&["undo"]).output().unwrap()), 3);
    fs::write(&backup, b"something else").unwrap();
    let undo = host.oprom(&["undo"]).output().unwrap();
    assert_eq!(exit(&undo), 5, "{}", text(&undo.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
    fs::write(&backup, OLD).unwrap();
    assert_eq!(exit(&host.oprom(&["undo"]).output().unwrap()), 0);
    assert_eq!(fs::read(host.target()).unwrap(), OLD);
}

#[test]
fn what_cannot_be_read_is_not_nothing_to_undo() {
    let host = host_with_old_file();
    assert_eq!(exit(&install_own(&host, &host.rom)), 0);
    for damage in
        [b"nonsense\n".to_vec(), b"{\"journal\":\"oprom\",\"version\":1}\nnonsense\n".to_vec()]
    {
        fs::write(journal(&host), damage).unwrap();
        let undo = host.oprom(&["undo"]).output().unwrap();
        assert_eq!(exit(&undo), 3, "{}", text(&undo.stderr));
        assert!(text(&undo.stderr).contains("cannot be read"), "{}", text(&undo.stderr));
    }
    fs::remove_file(journal(&host)).unwrap();
    fs::create_dir(journal(&host)).unwrap();
    let undo = host.oprom(&["undo"]).output().unwrap();
    assert_eq!(exit(&undo), 3, "{}", text(&undo.stderr));
    assert!(!text(&undo.stderr).contains("nothing to undo"), "{}", text(&undo.stderr));
}

#[test]
fn a_sysroot_is_not_left_through_links() {
    let outside = tempfile::tempdir().unwrap();
    let host = Host::new();
    // The ROM folder of this root leads to a folder of the machine.
    fs::remove_dir(host.folder()).unwrap();
    symlink(outside.path(), host.folder()).unwrap();
    let output = install_own(&host, &host.rom);
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 0);
    // So does that of the journal.
    fs::remove_file(host.folder()).unwrap();
    fs::create_dir(host.folder()).unwrap();
    symlink(outside.path(), host.root.path().join("var")).unwrap();
    let output = install_own(&host, &host.rom);
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert_eq!((host.files().len(), fs::read_dir(outside.path()).unwrap().count()), (0, 0));
    // A link that stays inside is the host's own business.
    fs::remove_file(host.root.path().join("var")).unwrap();
    fs::remove_dir(host.folder()).unwrap();
    fs::create_dir_all(host.root.path().join("srv/kvm")).unwrap();
    symlink("/srv/kvm", host.folder()).unwrap();
    assert_eq!(exit(&install_own(&host, &host.rom)), 0);
    assert_eq!(fs::read(host.root.path().join("srv/kvm/igd.rom")).unwrap(), host.rom);
}

#[test]
fn undo_leaves_a_file_alone_that_was_changed_since() {
    let host = host_with_old_file();
    let server = Server::https(good(&host));
    assert_eq!(exit(&install(&host, &server)), 0);
    fs::write(host.target(), b"somebody else's").unwrap();
    let undo = host.oprom(&["undo"]).output().unwrap();
    assert_eq!(exit(&undo), 1);
    assert!(text(&undo.stderr).contains("not touched"));
    assert_eq!(fs::read(host.target()).unwrap(), b"somebody else's");
}

#[test]
fn wrong_bytes_are_refused() {
    let host = host_with_old_file();
    let (mut changed, mut longer) = (host.rom.clone(), host.rom.clone());
    changed[100] ^= 1;
    longer.push(0);
    let page = b"<!DOCTYPE html><html>sign in</html>".to_vec();
    let shorter = host.rom[..4000].to_vec();
    let empty = (Vec::new(), "it is an empty file");
    for (body, words) in [
        (changed, "expected"),
        (shorter, "4000 bytes"),
        (longer, "more than"),
        (page, "it is a web page"),
        empty,
    ] {
        let server = Server::https(Reply::Whole("200 OK", BINARY, body));
        refused(&host, &install(&host, &server), 5, words);
    }
}

#[test]
fn an_endless_body_is_cut_off_where_no_size_is_known() {
    let host = host_with_old_file();
    let server = Server::https(Reply::Whole("200 OK", BINARY, vec![0; (16 << 20) + 1]));
    host.pin(&server.url, None);
    let output = quick(&host, &["install"]).arg("--cacert").arg(&server.ca).output().unwrap();
    refused(&host, &output, 5, "more than 16777216 bytes");
}

#[test]
fn servers_that_do_not_give_the_file_are_a_network_failure() {
    let host = host_with_old_file();
    let page = b"<html>no</html>".to_vec();
    let half = host.rom[..2000].to_vec();
    let whole = host.rom.len();
    for (reply, words) in [
        (Reply::Whole("404 Not Found", BINARY, Vec::new()), "404 Not Found"),
        (Reply::Whole("403 Forbidden", "text/html", page), "403 Forbidden"),
        (Reply::Whole("503 Service Unavailable", BINARY, Vec::new()), "503"),
        (Reply::Redirect("http://localhost:1/igd-test.rom".to_owned()), "not https"),
        (Reply::Redirect(format!("/{ROM_NAME}")), "redirects too often"),
        (Reply::Cut(half.clone(), whole), "broke in the middle"),
        (Reply::Stall(half, whole), "no data came for too long"),
    ] {
        let server = Server::https(reply);
        refused(&host, &install(&host, &server), 4, words);
    }
}

#[test]
fn a_server_that_trickles_is_not_waited_for() {
    let host = host_with_old_file();
    let server = Server::https(Reply::Slow(host.rom.clone(), 64, Duration::from_millis(200)));
    refused(&host, &install(&host, &server), 4, "the transfer is too slow");
}

#[test]
fn headers_without_an_end_are_not_waited_for() {
    let host = host_with_old_file();
    // The second server would go on for three minutes.
    for (count, pause) in [(1_000_000, Duration::ZERO), (300, Duration::from_millis(600))] {
        let server = Server::https(Reply::Headers(count, pause));
        let begun = Instant::now();
        let output = install(&host, &server);
        refused(&host, &output, 4, "cannot download");
        assert!(begun.elapsed() < Duration::from_mins(1), "{pause:?}: {:?}", begun.elapsed());
    }
}

#[test]
fn another_protocol_is_a_network_failure() {
    let host = host_with_old_file();
    let http2 = b"\0\0\x12\x04\0\0\0\0\0\0\x03\0\0\0\x64\0\x04\0\x10\0\0\0\x06\0\x01\0\0".to_vec();
    for bytes in [http2, b"220 mail.invalid ESMTP\r\n".to_vec(), Vec::new()] {
        let server = Server::https(Reply::Raw(bytes));
        refused(&host, &install(&host, &server), 4, "cannot download");
    }
}

/// A network that wants a sign-in first answers everything with its own page, or leads there.
#[test]
fn a_captive_portal_is_no_rom() {
    let host = host_with_old_file();
    let page = b"<!DOCTYPE html><html><body>Welcome, please sign in".to_vec();
    let server = Server::https(Reply::Whole("200 OK", "text/html", page.clone()));
    refused(&host, &install(&host, &server), 5, "it is a web page");
    let portal = Server::http(Reply::Whole("200 OK", "text/html", page));
    let server = Server::https(Reply::Redirect(format!("{}/login", portal.url)));
    refused(&host, &install(&host, &server), 4, "not https");
}

#[test]
fn ipv6_works_too() {
    let host = Host::new();
    let Some(server) = Server::http_over_ipv6(good(&host)) else {
        eprintln!("no IPv6 here");
        return;
    };
    let output = quick(&host, &["install", "--mirror", &server.url]).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
}

#[test]
fn a_rom_for_another_gpu_is_installed_with_a_word_about_it() {
    let host = Host::new();
    let text = fs::read_to_string(host.root.path().join("catalog.toml")).unwrap();
    let other = sample("good-one-image.rom");
    let entry = format!(
        "schema = 1\n[[rom]]\nname = \"other.rom\"\nsha256 = \"{}\"\nurl = \
            \"https://roms.invalid/other.rom\"\nevidence = \"proved\"\n",
        Digest::of(&other)
    );
    fs::write(host.root.path().join("catalog.toml"), text.replace("schema = 1\n", &entry)).unwrap();
    fs::write(host.root.path().join("other.rom"), &other).unwrap();
    let mirror = format!("file:{}", host.root.path().display());
    let output = host.oprom(&["install", "other.rom", "--mirror", &mirror]).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text_of(&output));
    assert!(
        text_of(&output).contains("does not list other.rom for the GPU of this host (8086:a7a8)"),
        "{}",
        text_of(&output)
    );
    assert_eq!(fs::read(host.target()).unwrap(), other);
}

fn text_of(output: &Output) -> String {
    text(&[output.stdout.clone(), output.stderr.clone()].concat())
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

#[test]
fn a_certificate_of_a_stranger_is_not_trusted() {
    let host = host_with_old_file();
    let (server, stranger) = (Server::https(good(&host)), Server::https(good(&host)));
    host.pin(&server.url, Some(host.rom.len()));
    for ca in [None, Some(&stranger.ca)] {
        let mut command = quick(&host, &["install"]);
        if let Some(ca) = ca {
            command.arg("--cacert").arg(ca);
        }
        refused(&host, &command.output().unwrap(), 4, "certificate is not trusted");
    }
}

#[test]
fn authorities_of_the_environment_are_trusted() {
    let host = Host::new();
    let server = Server::https(good(&host));
    host.pin(&server.url, Some(host.rom.len()));
    let output = quick(&host, &["install"]).env("SSL_CERT_FILE", &server.ca).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
}

#[test]
fn proxies_of_the_environment_are_used() {
    let host = Host::new();
    let proxy = Server::http(good(&host));
    let mirror = quick(&host, &["install", "--mirror", "http://roms.invalid"])
        .env("http_proxy", &proxy.url)
        .output()
        .unwrap();
    assert_eq!(exit(&mirror), 0, "{}", text(&mirror.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
}

#[test]
fn data_that_comes_compressed_is_not_unpacked() {
    let host = host_with_old_file();
    let server = Server::https(Reply::Whole(
        "200 OK",
        "application/octet-stream\r\nContent-Encoding: gzip",
        sample("rom005-gzip.rom"),
    ));
    refused(&host, &install(&host, &server), 5, "it is gzip data");
}

#[test]
fn a_server_that_is_not_there_is_tried_again() {
    let host = host_with_old_file();
    host.pin("https://localhost:1", Some(host.rom.len()));
    let output = host.oprom(&["install", "--timeout", "1", "--retries", "1"]).output().unwrap();
    refused(&host, &output, 4, "the connection is refused; trying again");
}

#[test]
fn an_address_in_the_clear_is_never_used_unless_the_user_names_it() {
    let host = host_with_old_file();
    let server = Server::http(good(&host));
    host.pin(&server.url, Some(host.rom.len()));
    refused(&host, &quick(&host, &["install"]).output().unwrap(), 2, "is not https");
    let mirror = quick(&host, &["install", "--mirror", &server.url]);
    assert_eq!(
        exit(&{ mirror }.output().unwrap()),
        2,
        "the catalog's own address is still refused"
    );
    host.pin("https://localhost:1", Some(host.rom.len()));
    let output = quick(&host, &["install", "--mirror", &server.url]).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
}

#[test]
fn a_mirror_that_is_away_is_followed_by_the_next() {
    let host = host_with_old_file();
    let server = Server::https(good(&host));
    let mut command = quick(
        &host,
        &["install", "--mirror", "https://localhost:1", "--mirror", "file:/no/such/folder"],
    );
    let output =
        command.args(["--mirror", &server.url]).arg("--cacert").arg(&server.ca).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
    assert!(text(&output.stderr).contains("trying the next source"));
}

#[test]
fn a_mirror_with_wrong_bytes_ends_it() {
    let host = host_with_old_file();
    let wrong = Server::http(Reply::Whole("200 OK", BINARY, sample("good-one-image.rom")));
    let right = Server::http(good(&host));
    let output = quick(&host, &["install", "--mirror", &wrong.url, "--mirror", &right.url])
        .output()
        .unwrap();
    refused(&host, &output, 5, "expected");
}

#[test]
fn a_file_that_was_brought_is_held_to_the_hash() {
    let host = host_with_old_file();
    let file = host.root.path().join("stick.rom");
    fs::write(&file, sample("good-one-image.rom")).unwrap();
    let from = |extra: &[&str]| {
        host.oprom(&["install", "--from"]).arg(&file).args(extra).output().unwrap()
    };
    refused(&host, &from(&[]), 5, "expected");
    refused(&host, &from(&["--expect-sha256", &"0".repeat(64)]), 5, "expected");
    let own = Digest::of(&sample("good-one-image.rom")).to_string();
    assert_eq!(exit(&from(&["--expect-sha256", &own])), 0);
    assert_eq!(fs::read(host.target()).unwrap(), sample("good-one-image.rom"));
    fs::write(&file, &host.rom).unwrap();
    assert_eq!(exit(&from(&[])), 0);
    assert_eq!(fs::read(host.target()).unwrap(), host.rom);
}

#[test]
fn a_rom_that_does_not_work_is_refused_whatever_its_hash() {
    let host = host_with_old_file();
    let file = host.root.path().join("own.rom");
    let broken = sample("rom017-zero-length-hang.rom");
    fs::write(&file, &broken).unwrap();
    let hash = Digest::of(&broken).to_string();
    let output =
        host.oprom(&["install", "--expect-sha256", &hash, "--from"]).arg(&file).output().unwrap();
    refused(&host, &output, 5, "ROM017");
}

#[test]
fn what_the_catalog_does_not_pin_is_refused() {
    let host = host_with_old_file();
    refused(&host, &host.oprom(&["install", "other.rom"]).output().unwrap(), 2, "has no ROM");
    let nearly = host.oprom(&["install", "idg-test"]).output().unwrap();
    refused(&host, &nearly, 2, "Did you mean igd-test.rom? ");
}

#[test]
fn a_target_that_is_no_file_is_left_alone() {
    let host = Host::new();
    let server = Server::https(good(&host));
    fs::create_dir(host.target()).unwrap();
    let output = install(&host, &server);
    assert_eq!(exit(&output), 3);
    assert!(text(&output.stderr).contains("it is a folder"));
    fs::remove_dir(host.target()).unwrap();

    let elsewhere = host.root.path().join("elsewhere.rom");
    fs::write(&elsewhere, OLD).unwrap();
    symlink(&elsewhere, host.target()).unwrap();
    let output = install(&host, &server);
    assert_eq!(exit(&output), 3);
    assert!(text(&output.stderr).contains("is a symbolic link to"));
    assert_eq!(fs::read(&elsewhere).unwrap(), OLD);
    assert_eq!(host.files(), ["igd.rom"]);
    assert!(fs::symlink_metadata(host.target()).unwrap().is_symlink());
}

#[test]
fn a_second_oprom_waits_for_nobody_and_is_told_who_has_the_lock() {
    let host = host_with_old_file();
    fs::create_dir_all(journal(&host).parent().unwrap()).unwrap();
    fs::set_permissions(journal(&host).parent().unwrap(), fs::Permissions::from_mode(0o700))
        .unwrap();
    let lock = fs::File::create(journal(&host)).unwrap();
    lock.lock().unwrap();
    let server = Server::https(good(&host));
    refused(
        &host,
        &install(&host, &server),
        3,
        &format!("another oprom is running: process {}", std::process::id()),
    );
}

/// The folder of the ROMs can be opened by everybody, and so be locked.
#[test]
fn a_lock_on_the_folder_keeps_nobody_away() {
    let host = host_with_old_file();
    let folder = fs::File::open(host.folder()).unwrap();
    folder.lock().unwrap();
    assert_eq!(exit(&install_own(&host, &host.rom)), 0);
}

#[test]
fn a_dry_run_writes_nothing() {
    let host = host_with_old_file();
    let output = host.oprom(&["install", "--dry-run"]).output().unwrap();
    assert_eq!(exit(&output), 0);
    assert!(text(&output.stdout).contains("Would"));
    assert_eq!(host.files(), ["igd.rom"]);
}

#[test]
fn a_dry_run_tells_whether_anything_would_change() {
    let host = host_with_old_file();
    let dry = || {
        let output = host.oprom(&["install", ROM_NAME, "--dry-run", "--json"]).output().unwrap();
        text(&output.stdout)
    };
    assert!(dry().contains(r#""would_change":true"#), "{}", dry());
    fs::write(host.target(), &host.rom).unwrap();
    assert!(dry().contains(r#""would_change":false"#), "{}", dry());
    let said = host.oprom(&["install", ROM_NAME, "--dry-run"]).output().unwrap();
    assert!(text(&said.stdout).contains("nothing"), "{}", text(&said.stdout));
}

#[test]
fn what_was_done_is_not_told_with_quiet() {
    let host = host_with_old_file();
    let server = Server::https(good(&host));
    host.pin(&server.url, Some(host.rom.len()));
    for words in [&["install", ROM_NAME, "-q"][..], &["undo", "-q"], &["redo", "-q"]] {
        let mut command = host.oprom(words);
        if words[0] == "install" {
            command.arg("--cacert").arg(&server.ca);
        }
        let output = command.output().unwrap();
        let said = (text(&output.stdout), text(&output.stderr));
        assert_eq!((exit(&output), said.0.as_str(), said.1.as_str()), (0, "", ""), "{words:?}");
    }
}

#[test]
fn fetch_puts_the_file_where_it_is_told_and_replaces_nothing() {
    let host = Host::new();
    let server = Server::https(good(&host));
    host.pin(&server.url, Some(host.rom.len()));
    let dest = host.root.path().join("here.rom");
    let fetch = || {
        host.oprom(&["fetch", ROM_NAME, "-o"])
            .arg(&dest)
            .arg("--cacert")
            .arg(&server.ca)
            .output()
            .unwrap()
    };
    assert_eq!(exit(&fetch()), 0);
    assert_eq!(fs::read(&dest).unwrap(), host.rom);
    assert!(text(&fetch().stdout).contains("Already present"));
    fs::write(&dest, OLD).unwrap();
    let output = fetch();
    assert_eq!(exit(&output), 3);
    assert!(text(&output.stderr).contains("is a different file"));
    assert_eq!(fs::read(&dest).unwrap(), OLD);
}

#[test]
fn a_proxy_that_is_configured_is_asked() {
    let host = Host::new();
    host.pin("https://roms.example/a.rom", Some(host.rom.len()));
    let mut command = host.oprom(&["fetch", ROM_NAME, "--retries", "0", "-o"]);
    // Nobody listens on port 1.
    command.arg(host.root.path().join("a.rom")).env("OPROM_PROXY", "http://u:s3cret@127.0.0.1:1");
    let output = command.output().unwrap();
    assert_eq!(exit(&output), 4);
    let said = text(&output.stderr);
    assert!(said.contains("proxy") && said.contains("http://127.0.0.1:1"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
}

#[test]
fn fetch_fills_a_folder_that_is_a_mirror() {
    let host = Host::new();
    let server = Server::https(good(&host));
    host.pin(&server.url, Some(host.rom.len()));
    let folder = host.root.path().join("srv/roms");
    fs::create_dir_all(&folder).unwrap();
    let folder = folder.to_str().unwrap();
    let fetch = |more: &[&str]| {
        let mut command = host.oprom(&["fetch", "--all", "-o", folder]);
        command.args(more).arg("--cacert").arg(&server.ca).output().unwrap()
    };
    let output = fetch(&[]);
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("1 of the 1 ROMs"), "{}", text(&output.stdout));
    let again = text(&fetch(&["--json"]).stdout);
    assert!(again.contains(r#""changed":false"#) && again.lines().count() == 1, "{again}");
    let install = host.oprom(&["install", ROM_NAME, "--offline", "--mirror", folder, "--dest"]);
    let output = { install }.arg(host.root.path().join("own.rom")).output().unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    fs::write(Path::new(folder).join(ROM_NAME), OLD).unwrap();
    let output = fetch(&[]);
    assert_eq!(exit(&output), 3);
    assert!(text(&output.stdout).contains("0 of the 1 ROMs"), "{}", text(&output.stdout));
}

/// Runs `oprom install` in a mount namespace of its own after `mounts`, with FOLDER standing for
/// the ROM folder.
fn in_namespace(host: &Host, server: &Server, mounts: &str) -> Output {
    host.pin(&server.url, Some(host.rom.len()));
    let mounts = mounts.replace("FOLDER", host.folder().to_str().unwrap());
    let probe = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "sh", "-c", &mounts])
        .output();
    assert!(
        probe.as_ref().is_ok_and(|output| output.status.success()),
        "no mount namespace here: {probe:?}"
    );
    let script = format!("{mounts} && exec \"$@\" && false");
    let mut command = Command::new("unshare");
    command.args([
        "--user",
        "--map-root-user",
        "--mount",
        "sh",
        "-c",
        &script,
        "sh",
        env!("CARGO_BIN_EXE_oprom"),
        "install",
    ]);
    command
        .arg("--sysroot")
        .arg(host.root.path())
        .arg("--catalog")
        .arg(host.root.path().join("catalog.toml"));
    command.args(["--timeout", "5", "--retries", "0"]).arg("--cacert").arg(&server.ca);
    command.output().unwrap()
}

#[test]
#[ignore = "needs mount namespaces"]
fn a_full_disk_leaves_the_old_file() {
    let host = host_with_old_file();
    let server = Server::https(good(&host));
    let keep = host.root.path().join("kept");
    let mounts = format!(
        "cp FOLDER/igd.rom {0} && mount -t tmpfs -o size=8k tmpfs FOLDER && cp {0} FOLDER/igd.rom",
        keep.display()
    );
    // What stood in the small disk is gone with the namespace: list it before.
    let output = in_namespace(&host, &server, &mounts);
    assert_eq!(exit(&output), 3, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("the disk is full"), "{}", text(&output.stderr));
    assert_eq!(fs::read(host.target()).unwrap(), OLD);
}

#[test]
#[ignore = "needs mount namespaces"]
fn a_read_only_folder_leaves_the_old_file() {
    let host = host_with_old_file();
    let server = Server::https(good(&host));
    let mounts = "mount --bind FOLDER FOLDER && mount -o remount,bind,ro FOLDER";
    let output = in_namespace(&host, &server, mounts);
    refused(&host, &output, 3, "read-only");
}

/// Numbers that look random, from a seed (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

#[test]
fn killed_at_any_instant_the_target_is_old_or_new_and_the_next_run_recovers() {
    const KILLS: u32 = 60;
    let host = Host::new();
    let server = Server::https(Reply::Slow(host.rom.clone(), 1024, Duration::from_micros(300)));
    host.pin(&server.url, Some(host.rom.len()));
    let run = || {
        let mut command = quick(&host, &["install"]);
        command.arg("--cacert").arg(&server.ca).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let begun = Instant::now();
    assert!(run().status().unwrap().success());
    let whole = u64::try_from(begun.elapsed().as_micros()).unwrap();
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos();
    println!("seed {seed}, an install takes {whole} us");
    let mut random = Random(u64::from(seed) | 1);
    let (mut old, mut new) = (0, 0);
    for _ in 0..KILLS {
        clear(&host.folder());
        fs::write(host.target(), OLD).unwrap();
        let mut child = run().spawn().unwrap();
        std::thread::sleep(Duration::from_micros(random.below(whole * 13 / 10)));
        child.kill().unwrap();
        child.wait().unwrap();
        let there = fs::read(host.target()).unwrap();
        assert!(
            there == OLD || there == host.rom,
            "seed {seed}: {} bytes stand there",
            there.len()
        );
        *(if there == OLD { &mut old } else { &mut new }) += 1;
        assert!(run().status().unwrap().success(), "seed {seed}");
        assert_eq!(fs::read(host.target()).unwrap(), host.rom, "seed {seed}");
        assert!(
            !host.files().iter().any(|name| is_temporary(name)),
            "seed {seed}: {:?}",
            host.files()
        );
    }
    println!("{KILLS} kills: {old} left the old file, {new} the new one");
}

fn is_temporary(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "part")
}

fn clear(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        fs::remove_file(entry.unwrap().path()).unwrap();
    }
}

#[test]
fn help_is_there_for_every_command() {
    for command in [
        "pick",
        "list",
        "check",
        "show",
        "fetch",
        "install",
        "undo",
        "redo",
        "history",
        "doctor",
        "vm",
        "report",
        "explain",
        "extract",
        "build",
        "repair",
        "scan",
        "catalog",
        "completions",
    ] {
        let output = oprom().args([command, "--help"]).output().unwrap();
        assert_eq!(exit(&output), 0, "{command}");
    }
}
