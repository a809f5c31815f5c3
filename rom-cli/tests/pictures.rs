//! The pictures of docs/pictures: reports as a terminal of 80 columns shows them, in colour.
//!
//! `OPROM_BLESS=1 cargo test` makes them again.

mod support;

use anstyle_svg::Term;
use std::fs;
use std::path::Path;
use support::{good_host, oprom, samples, text};

/// Each picture, and the command that it shows. `HOST` is the demonstration's host.
const PICTURES: [(&str, &[&str]); 10] = [
    ("status", &[]),
    ("doctor", &["doctor"]),
    ("pick", &["pick"]),
    ("install", &["install", "--mirror", "file:.", "--dry-run"]),
    ("list", &["list"]),
    ("vm-check", &["vm", "check", "101"]),
    ("vm-plan", &["vm", "plan"]),
    ("check", &["check", "good-three-images.rom"]),
    ("check-bad", &["check", "rom014-truncated.rom"]),
    ("explain", &["explain", "code", "43"]),
];

#[test]
fn the_pictures_show_what_is_printed() {
    let host = good_host("good-three-images.rom");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures");
    // Nothing is to be installed where the ROM is in place.
    let bare = good_host("good-three-images.rom");
    fs::remove_file(bare.path().join("usr/share/kvm/igd.rom")).unwrap();
    for (name, command) in PICTURES {
        let host = if name == "install" { &bare } else { &host };
        let output = oprom()
            .args(command)
            .args(["--color", "always", "--catalog", "demo/known-roms.toml", "--sysroot"])
            .arg(host.path())
            .current_dir(samples(""))
            .output()
            .unwrap();
        let typed = [&["oprom"], command].concat().join(" ");
        let screen = format!("# {typed}\n{}", text(&output.stdout));
        let picture = Term::new().render_svg(&screen);
        let path = folder.join(format!("{name}.svg"));
        if std::env::var_os("OPROM_BLESS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &picture).unwrap();
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        assert!(picture == expected, "{}: OPROM_BLESS=1 makes it again", path.display());
    }
}
