//! A file as a page of HTML: one file, nothing from elsewhere, no script. What a script would do
//! the browser does: parts open at a click or with the keyboard, and links open what they lead to.
//!
//! Everything that is not ours is escaped by the template.

mod map;
mod style;

use crate::report::Name;
use crate::report::file::{File, Finding, ImagePrediction, Predictions};
use crate::report::page::{Class, Excerpt, FilePage, Part};
use crate::text::{Block, Line, escaped};
use maud::{DOCTYPE, Markup, PreEscaped, Render, html};
use rom_core::firmware::Outcome;
use rom_core::usable::Answer;
use rom_core::{Severity, Verdict};
use std::fmt::Write as _;

/// What a browser may do with the page: show it.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
    base-uri 'none'; form-action 'none'";

impl Render for Line {
    fn render_to(&self, out: &mut String) {
        escaped(self.raw()).as_ref().render_to(out);
    }
}

impl Render for Block {
    fn render_to(&self, out: &mut String) {
        self.on_one_line(false).render_to(out);
    }
}

/// The page.
pub(super) fn page(page: &FilePage) -> String {
    let file = &page.file;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content={ "oprom " (env!("CARGO_PKG_VERSION")) };
                title { (page.name) " - oprom" }
                link rel="icon" href="data:,";
                style { (PreEscaped(style::STYLE)) }
            }
            body {
                a.skip href="#map" { "Skip to the map" }
                header {
                    (theme())
                    p.brand { "oprom" }
                    h1 { (page.name) }
                    p.lead {
                        (verdict(file))
                        span { (file.kind_text) }
                    }
                    (use_of(page))
                    (identity(page))
                }
                main {
                    section #map aria-labelledby="map-title" {
                        h2 #map-title { "Map" }
                        p.note {
                            "Drawn to scale. A part leads to what is known of it and to its bytes."
                        }
                        (map::bands(page))
                        (legend(page))
                    }
                    (findings(page))
                    (firmware(&file.firmware))
                    (parts(page))
                    @if !page.notes.is_empty() {
                        section aria-labelledby="notes-title" {
                            h2 #notes-title { "Not understood" }
                            ul.notes { @for note in &page.notes { li { (note) } } }
                        }
                    }
                }
                footer {
                    p {
                        "Made by oprom " (env!("CARGO_PKG_VERSION")) ". It holds the name of the "
                        "file, what was found in it and some of its bytes, and nothing of the "
                        "machine that it was made on."
                    }
                }
            }
        }
    }
    .into_string()
}

/// The choice of colours, which style alone obeys.
fn theme() -> Markup {
    html! {
        fieldset.theme {
            legend { "Colours" }
            @for (id, text, checked) in
                [("auto", "Auto", true), ("light", "Light", false), ("dark", "Dark", false)]
            {
                input type="radio" name="theme" id={ "theme-" (id) } checked[checked];
                label for={ "theme-" (id) } { (text) }
            }
        }
    }
}

fn verdict(file: &File) -> Markup {
    let (class, text) = match file.verdict.0 {
        _ if file.images.is_empty() => ("info", "not an option ROM"),
        Verdict::Good => ("good", "good"),
        Verdict::Warn => ("warn", "good, with warnings"),
        Verdict::Bad => ("bad", "bad"),
    };
    html! { strong class={ "pill " (class) } { (text) } }
}

/// Whether it does its job. Without a GPU only of a ROM that works with none.
fn use_of(page: &FilePage) -> Markup {
    let usable = &page.file.usable;
    let (class, answer) = match usable.answer.0 {
        Answer::Yes => ("good", "yes"),
        Answer::No => ("bad", "no"),
        Answer::Unknown => ("warn", "unknown"),
    };
    let is_known = usable.device.is_some() || usable.answer.0 == Answer::No;
    html! {
        @if is_known && !page.file.images.is_empty() {
            p.use {
                "Works with "
                @if let Some(device) = usable.device { (device.to_string()) } @else { "any GPU" }
                " and " (firmware_name(usable.firmware))
                @if let Some(qemu) = &usable.qemu { " of QEMU " (qemu) }
                ": " strong class={ "answer " (class) } { (answer) } ", " (usable.reason)
            }
        }
    }
}

/// A firmware as people write it.
fn firmware_name(id: &str) -> &str {
    match id {
        "ovmf" => "OVMF",
        "aavmf" => "AAVMF",
        "aavmf_secure_boot" => "AAVMF, Secure Boot",
        "seabios" => "SeaBIOS",
        other => other,
    }
}

/// A sentence of ours, with the commands in it as such.
fn with_code(text: &str) -> Markup {
    html! {
        @for (index, piece) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (piece) } } @else { (piece) }
        }
    }
}

fn identity(page: &FilePage) -> Markup {
    let file = &page.file;
    html! {
        dl.facts {
            div { dt { "Size" } dd { (grouped(file.size)) " bytes" } }
            @if let Some(digest) = &file.sha256 {
                div.wide { dt { "SHA-256" } dd { code { (digest.to_string()) } } }
            }
            @if let Some(known) = &file.known {
                div { dt { "Known as" } dd { (known.rom) } }
            }
            @for opened in &file.opened {
                div {
                    dt { "Contains" }
                    dd {
                        @if let Some(name) = &opened.name { (name) ": " }
                        (opened.kind_text) ", " (grouped_usize(opened.length)) " bytes"
                    }
                }
            }
        }
    }
}

/// The colours that are in the map.
fn legend(page: &FilePage) -> Markup {
    let used = |class: &Class| page.parts.iter().any(|part| part.class == *class);
    html! {
        ul.legend aria-label="Colours of the map" {
            @for class in Class::ALL.iter().filter(|class| used(class)) {
                li { span class={ "swatch c-" (class.name()) } {} (class.text()) }
            }
        }
    }
}

fn findings(page: &FilePage) -> Markup {
    let findings = &page.file.findings;
    html! {
        section aria-labelledby="findings-title" {
            h2 #findings-title { "Findings" }
            @if findings.is_empty() { p.note { "None." } }
            @for (index, (finding, excerpt)) in findings.iter().zip(&page.excerpts).enumerate() {
                (of_finding(index, finding, excerpt))
            }
        }
    }
}

/// The class of a finding, which is its colour.
const fn severity(finding: &Finding) -> &'static str {
    match finding.severity.0 {
        Severity::Error => "bad",
        Severity::Warning => "warn",
        Severity::Note => "info",
    }
}

fn of_finding(index: usize, finding: &Finding, excerpt: &Excerpt) -> Markup {
    let marked = (finding.offset, finding.offset.saturating_add(finding.length));
    // Where all of it is meant nothing stands out.
    let marked: &[(usize, usize)] = if excerpt.rest == 0 { &[marked] } else { &[] };
    html! {
        article class={ "finding " (severity(finding)) } id={ "f" (index) } tabindex="-1" {
            h3 {
                span class={ "pill " (severity(finding)) } { (severity_name(finding.severity)) }
                " " (finding.title) " " span.code { (finding.code) }
            }
            p { (finding.message) }
            p.hint { (with_code(finding.hint)) }
            @for command in &finding.commands { pre.command { code { (command.to_string()) } } }
            @if finding.length > 0 {
                details {
                    summary {
                        (grouped_usize(finding.length))
                        @if finding.length == 1 { " byte at " } @else { " bytes at " }
                        code { (hex(finding.offset)) }
                    }
                    (dump(excerpt, marked))
                }
            }
            p.source { "Source: " (finding.spec) }
        }
    }
}

const fn severity_name(severity: Name<Severity>) -> &'static str {
    match severity.0 {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// What each firmware does with the images.
fn firmware(predictions: &Predictions) -> Markup {
    let all = [
        ("OVMF", &predictions.ovmf),
        ("AAVMF", &predictions.aavmf),
        ("AAVMF, Secure Boot", &predictions.aavmf_secure_boot),
        ("SeaBIOS", &predictions.seabios),
    ];
    let any = all.iter().any(|(_, own)| own.as_ref().is_some_and(|own| !own.images.is_empty()));
    html! {
        @if any {
            section aria-labelledby="firmware-title" {
                h2 #firmware-title { "What firmware does with it" }
                table.stacks {
                    thead { tr { th scope="col" { "Firmware" } th scope="col" { "Images" }
                        th scope="col" { "Outcome" } th scope="col" { "Why" } } }
                    tbody {
                        @for (name, prediction) in all {
                            @if let Some(prediction) = prediction {
                                @if let Some(hang) = &prediction.hang {
                                    tr { th scope="row" { (name) } td {}
                                        td { span.pill.bad { "hangs" } } td { (hang) } }
                                }
                                @for (images, first) in alike(&prediction.images) {
                                    tr {
                                        th scope="row" { (name) }
                                        td { "image " (images) }
                                        td { (outcome(first.outcome)) }
                                        td { (first.reason) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The images with which the same is done for the same reason: their numbers, and the first.
fn alike(images: &[ImagePrediction]) -> Vec<(String, &ImagePrediction)> {
    let mut groups: Vec<(String, &ImagePrediction)> = Vec::new();
    for image in images {
        let same = |first: &&ImagePrediction| {
            first.outcome == image.outcome && first.reason == image.reason
        };
        match groups.iter_mut().find(|(_, first)| same(first)) {
            Some((numbers, _)) => {
                let _ = write!(numbers, ", {}", image.index);
            }
            None => groups.push((image.index.to_string(), image)),
        }
    }
    groups
}

fn outcome(outcome: Name<Outcome>) -> Markup {
    let (class, text) = match outcome.0 {
        Outcome::Runs => ("good", "runs"),
        Outcome::Skipped => ("info", "skipped"),
        Outcome::Refused => ("bad", "refused"),
        Outcome::Unreached => ("info", "not reached"),
    };
    html! { span class={ "pill " (class) } { (text) } }
}

fn parts(page: &FilePage) -> Markup {
    let marked: Vec<(usize, usize)> = page
        .file
        .findings
        .iter()
        .filter(|finding| finding.severity.0 > Severity::Note && finding.length <= MOST_MARKED)
        .map(|finding| (finding.offset, finding.offset.saturating_add(finding.length)))
        .collect();
    html! {
        section aria-labelledby="parts-title" {
            h2 #parts-title { "Parts" }
            @for (band, own) in page.bands.iter().enumerate() {
                @if page.bands.len() > 1 { h3.band { (own.title) } }
                div.parts {
                    @for (index, part) in page.parts.iter().enumerate() {
                        @if part.band == band {
                            (of_part(index, part, if band == 0 { &marked } else { &[] }))
                        }
                    }
                }
            }
            @let beyond = page.parts.iter().filter(|part| part.band >= page.bands.len()).count();
            @if beyond > 0 {
                h3.band { "In other decoded parts" }
                div.parts {
                    @for (index, part) in page.parts.iter().enumerate() {
                        @if part.band >= page.bands.len() { (of_part(index, part, &[])) }
                    }
                }
            }
        }
    }
}

/// A part: its row, and what opens below it.
fn of_part(index: usize, part: &Part, marked: &[(usize, usize)]) -> Markup {
    html! {
        details.part style={ "--depth:" (part.depth.min(12)) } {
            summary {
                span class={ "swatch c-" (part.class.name()) } {}
                span.title { (part.title) }
                span.place {
                    code { (hex(part.offset)) } " " (grouped_usize(part.length)) " bytes"
                }
            }
            div.inside id={ "p" (index) } tabindex="-1" {
                p { (part.meaning) }
                @if !part.facts.is_empty() {
                    dl { @for (name, value) in &part.facts { div { dt { (name) } dd { (value) } } } }
                }
                @if !part.fields.is_empty() {
                    div.scroll {
                        table.fields {
                            thead { tr { th scope="col" { "At" } th scope="col" { "Bytes" }
                                th scope="col" { "Field" } th scope="col" { "Value" } } }
                            tbody {
                                @for field in &part.fields {
                                    tr {
                                        td { code { (hex(field.offset)) } }
                                        td { code { (field.bytes.spaced(16)) } }
                                        td { (field.name) }
                                        td { (field.value) }
                                    }
                                }
                            }
                        }
                    }
                }
                @if let Some(excerpt) = &part.excerpt { (dump(excerpt, marked)) }
            }
        }
    }
}

/// Bytes of a finding that stand out in a part: of one about all of it nothing does.
const MOST_MARKED: usize = 256;
/// Bytes of a line of a dump.
const LINE: usize = 16;

/// Bytes in hex and as text, those of `marked` ranges marked.
fn dump(excerpt: &Excerpt, marked: &[(usize, usize)]) -> Markup {
    let is_marked = |at: usize| marked.iter().any(|(from, to)| (*from..*to).contains(&at));
    html! {
        @if !excerpt.bytes.is_empty() {
            div.scroll {
                pre.dump {
                    @for (index, line) in excerpt.bytes.chunks(LINE).enumerate() {
                        @let start = excerpt.offset.saturating_add(index.saturating_mul(LINE));
                        span.at { (format!("{start:08x}")) } "  "
                        (cells(line, start, &is_marked, "   ", |byte, out| {
                            let _ = write!(out, "{byte:02x} ");
                        }))
                        " "
                        (cells(line, start, &is_marked, "", |byte, out| {
                            let shown = byte.is_ascii_graphic() || byte == b' ';
                            let letter = if shown { char::from(byte) } else { '\u{b7}' };
                            letter.to_string().as_str().render_to(out);
                        }))
                        "\n"
                    }
                }
            }
            @if excerpt.rest > 0 {
                p.note { (grouped_usize(excerpt.rest)) " more bytes are not in this page." }
            }
        }
    }
}

/// The cells of a line, runs of marked ones in a mark; `filler` for each that the line lacks.
fn cells(
    line: &[u8],
    start: usize,
    is_marked: &impl Fn(usize) -> bool,
    filler: &str,
    write: impl Fn(u8, &mut String),
) -> PreEscaped<String> {
    let mut out = String::new();
    let mut open = false;
    for (index, byte) in line.iter().enumerate() {
        let marked = is_marked(start.saturating_add(index));
        if marked != open {
            out.push_str(if marked { "<mark>" } else { "</mark>" });
            open = marked;
        }
        write(*byte, &mut out);
    }
    if open {
        out.push_str("</mark>");
    }
    out.push_str(&filler.repeat(LINE.saturating_sub(line.len())));
    PreEscaped(out)
}

fn hex(offset: usize) -> String {
    format!("{offset:#x}")
}

fn grouped_usize(value: usize) -> String {
    grouped(u64::try_from(value).unwrap_or(u64::MAX))
}

/// A number with a thin space between thousands.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && digits.len().saturating_sub(index).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}
