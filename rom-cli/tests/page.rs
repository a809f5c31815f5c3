//! The page that `--html` writes: as text, and in a real browser.

mod support;
#[path = "support/browser.rs"]
mod support_browser;

use base64::Engine as _;
use regex_lite::Regex;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use support::{exit, golden, oprom, samples, text};
use support_browser::Browser;
use tempfile::TempDir;

/// A name that a careless page would obey.
const HOSTILE: &str = "<img src=x onerror=alert(1)>\u{202e}&amp;'\".rom";

/// The page of a sample under another name, in a folder with a name that must not be in it.
fn page(sample: &str, name: &str) -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let secret = folder.path().join("a-secret-folder");
    fs::create_dir(&secret).unwrap();
    fs::copy(samples(sample), secret.join(name)).unwrap();
    let page = folder.path().join("page.html");
    let output = oprom()
        .arg("show")
        .arg(secret.join(name))
        .args(["--sysroot", "none", "--html"])
        .arg(&page)
        .output()
        .unwrap();
    assert_eq!(exit(&output), 0, "{}", text(&output.stderr));
    assert!(text(&output.stdout).ends_with("page.html\n"), "{}", text(&output.stdout));
    (folder, page)
}

/// All that the first group of `pattern` finds.
fn found<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
    let pattern = Regex::new(pattern).unwrap();
    pattern.captures_iter(text).map(|found| found.get(1).unwrap().as_str()).collect()
}

#[test]
fn a_page_is_one_file_and_links_to_itself_alone() {
    for sample in [
        "good-three-images.rom",
        "good-compressed.rom",
        "good-device-list.rom",
        "good-signed.rom",
        "rom008-firmware-image.rom",
        "rom013-container.rom",
        "rom023-image-in-a-gap.rom",
        "rom038-in-a-tar.rom",
        "rom001-empty.rom",
        "rom505-vbt-checksum.rom",
    ] {
        let (_folder, path) = page(sample, HOSTILE);
        let page = fs::read_to_string(path).unwrap();
        for word in ["<script", "http:", "https:", "@import", "<iframe", "<img", "a-secret-folder"]
        {
            assert!(!page.contains(word), "{sample}: {word}");
        }
        assert!(!page.contains('\u{202e}'), "{sample}");
        let ids = found(r#" id="([^"]+)""#, &page);
        let unique: HashSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "{sample}");
        for target in found(r##"href="#([^"]+)""##, &page) {
            assert!(unique.contains(target), "{sample}: {target}");
        }
        // An attribute twice is one that counts for nothing.
        for tag in found(r"<([a-z][^<>]*)>", &page) {
            assert!(found(r"( class=)", tag).len() <= 1, "{sample}: {tag}");
        }
    }
}

#[test]
fn every_finding_and_every_image_is_in_the_page() {
    let (_folder, path) = page("rom305-pnp-checksum.rom", "own.rom");
    let page = fs::read_to_string(path).unwrap();
    let text = Regex::new("<[^>]*>").unwrap().replace_all(&page, "");
    assert!(text.contains("ROM305") && text.contains("$PnP header"));
    assert!(page.contains("<mark>"));
    let (_other, other) = self::page("rom301-legacy-checksum.rom", "own.rom");
    let other = fs::read_to_string(other).unwrap();
    assert!(other.contains("<code>oprom repair own.rom --checksum -o repaired.rom</code>"));
    // What is said of the parts is for people to read, and to look at when it changes.
    let parts: String = found(r#"<span class="title">([^<]*)</span>"#, &page).join("\n");
    let places = found(r#"<span class="place"><code>([^<]*)</code>"#, &page).join(" ");
    golden("page-parts.txt", &format!("{parts}\n{places}\n"));
}

#[test]
fn a_page_is_not_written_over_a_file_or_of_several() {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("page.html");
    fs::write(&page, "mine").unwrap();
    let rom = samples("good-one-image.rom");
    let run = |command: &str, rest: &[&Path]| {
        let mut oprom = oprom();
        let output = oprom.arg(command).args(rest).arg("--html").arg(&page).output().unwrap();
        exit(&output)
    };
    assert_eq!(run("show", &[&rom]), 3);
    assert_eq!(run("extract", &[&rom, &rom]), 2);
    assert_eq!(fs::read_to_string(&page).unwrap(), "mine");
}

#[test]
#[ignore = "needs Chromium"]
fn a_browser_shows_the_page_and_says_nothing() {
    let browser = Browser::start();
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for (sample, name) in [
        ("good-three-images.rom", HOSTILE),
        ("rom305-pnp-checksum.rom", "damaged.rom"),
        ("rom008-firmware-image.rom", "bios.bin"),
    ] {
        let (_folder, path) = page(sample, name);
        let url = format!("file://{}", path.display());
        for (width, scheme) in [(1200, "light"), (1200, "dark"), (360, "light"), (360, "dark")] {
            browser.width(width);
            browser.emulate("screen", scheme);
            browser.open(&url);
            let fits = "document.documentElement.scrollWidth <= innerWidth";
            assert_eq!(browser.ask(fits), true, "{sample}, {width}");
            assert_eq!(browser.ask(LEGIBLE), serde_json::json!([]), "{sample}, {scheme}");
            let picture = pictures.join(format!("page-{sample}-{width}-{scheme}.png"));
            fs::write(&picture, base64(&browser.picture())).unwrap();
            println!("{}", picture.display());
        }
        // What is not legible would be found.
        browser.ask("document.querySelector('h1').style.color = 'var(--paper)'");
        assert_eq!(browser.ask(LEGIBLE).as_array().unwrap().len(), 1);
        assert_eq!(browser.ask("document.scripts.length + document.images.length"), 0);
        assert_eq!(browser.ask("performance.getEntriesByType('resource').length"), 0);
        let title = browser.ask("document.querySelector('h1').textContent");
        let shown = name.replace('\u{202e}', "\\u{202e}");
        assert_eq!(title, shown.as_str());
        let pdf = base64(&browser.printed());
        assert!(pdf.starts_with(b"%PDF-"));
        fs::write(pictures.join(format!("page-{sample}.pdf")), pdf).unwrap();
        assert_eq!(browser.console(), Vec::<serde_json::Value>::new(), "{sample}");
    }
}

/// Texts whose contrast with what is behind them is less than WCAG 2.1 asks for (4.5 to 1).
const LEGIBLE: &str = r#"[...document.querySelectorAll(`p, h1, h2, h3, dt, dd, td, th, li, code,
    .pill, .title, .place, .stretch, .pin, label, figcaption`)].filter(e => e.checkVisibility()
    && e.textContent.trim()).filter(e => {
        const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
        const rgb = color => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1); return canvas.getImageData(0, 0, 1, 1).data; };
        const light = color => { const [r, g, b] = [...rgb(color)].slice(0, 3).map(v => v / 255)
            .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
        let back = e; while (back && rgb(getComputedStyle(back).backgroundColor)[3] < 255)
            back = back.parentElement;
        const [a, b] = [light(getComputedStyle(e).color),
            light(getComputedStyle(back ?? document.body).backgroundColor)].sort((x, y) => x - y);
        return (b + 0.05) / (a + 0.05) < 4.5;
    }).map(e => e.outerHTML.slice(0, 120))"#;

#[test]
#[ignore = "needs Chromium"]
fn the_map_is_to_scale_and_leads_to_the_bytes() {
    let browser = Browser::start();
    let (_folder, path) = page("good-three-images.rom", "own.rom");
    browser.width(1200);
    browser.open(&format!("file://{}", path.display()));
    let shares = "[...document.querySelector('.row').children].map(e => Math.round(1000 * \
        e.getBoundingClientRect().width / e.parentElement.getBoundingClientRect().width))";
    // 2048, 3584 and 2048 of 7680 bytes.
    assert_eq!(browser.ask(shares), serde_json::json!([267, 467, 267]));
    let open = "[...document.querySelectorAll('details[open]')].map(e => \
        e.querySelector('.inside')?.id)";
    assert_eq!(browser.ask(open), serde_json::json!([]));
    let dump = "document.querySelector('#p0 .dump').checkVisibility({contentVisibilityAuto: true})";
    browser.click(".row a");
    assert!(browser.address().ends_with("page.html#p0"));
    assert_eq!(browser.ask(open), serde_json::json!(["p0"]));
    assert_eq!(browser.ask(dump), true);
    let first = "document.querySelector('#p0 .dump').textContent.slice(0, 15)";
    assert_eq!(browser.ask(first), "00000000  55 aa");
}

#[test]
#[ignore = "needs Chromium"]
fn the_keyboard_reaches_all_of_it_and_paper_shows_what_is_closed() {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    const RIGHT: &str = "\u{e014}";
    let browser = Browser::start();
    let (_folder, path) = page("rom305-pnp-checksum.rom", "own.rom");
    browser.width(1200);
    browser.emulate("screen", "light");
    browser.open(&format!("file://{}", path.display()));
    let seen = |browser: &Browser| browser.ask("document.activeElement.className");
    browser.press(TAB);
    assert_eq!(seen(&browser), "skip");
    // The colours: by the arrows, as in every group of choices.
    browser.press(TAB);
    browser.press(RIGHT);
    browser.press(RIGHT);
    let scheme = "getComputedStyle(document.documentElement).colorScheme";
    assert_eq!(browser.ask(scheme), "dark");
    // From here on each thing that can be used has its turn, in the order of the page.
    let usable = "document.querySelectorAll('a.stretch, a.pin, summary').length";
    let count = browser.ask(usable).as_u64().unwrap();
    let mut reached = HashSet::new();
    for _ in 0..=count {
        browser.press(TAB);
        let own = "[...document.querySelectorAll('a.stretch, a.pin, summary')]\
            .indexOf(document.activeElement)";
        reached.extend(browser.ask(own).as_u64());
    }
    assert_eq!(reached.len() as u64, count);
    // The last is a part: it opens and closes.
    let last = "[...document.querySelectorAll('details')].at(-1)";
    browser.ask(&format!("{last}.querySelector('summary').focus()"));
    for open in [true, false] {
        browser.press(ENTER);
        assert_eq!(browser.ask(&format!("{last}.open")), open);
    }
    let shown = "[...document.querySelectorAll('.dump')].filter(e => e.getClientRects().length \
        && e.checkVisibility()).length";
    let all = browser.ask("document.querySelectorAll('.dump').length");
    assert_eq!(browser.ask(shown), 0);
    browser.emulate("print", "light");
    assert_eq!(browser.ask(shown), all);
    assert_eq!(browser.console(), Vec::<serde_json::Value>::new());
}

/// Bytes out of base64.
fn base64(text: &str) -> Vec<u8> {
    base64::prelude::BASE64_STANDARD.decode(text).unwrap()
}
