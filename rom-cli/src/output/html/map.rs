//! The map: bands of bytes, drawn to scale.

use super::{grouped_usize, hex, severity};
use crate::report::file::Finding;
use crate::report::page::{FilePage, Part};
use maud::{Markup, html};

/// Rows of a band: what lies deeper is too small to see.
const MOST_ROWS: usize = 4;
/// Marks of a ruler, about.
const MARKS: usize = 8;

pub(super) fn bands(page: &FilePage) -> Markup {
    html! {
        @for (index, band) in page.bands.iter().enumerate() {
            figure.band {
                figcaption {
                    (band.title) ", " (grouped_usize(band.length)) " bytes"
                }
                @if band.length > 0 {
                    div.strip {
                        (rows(page, index, band.length))
                        @if index == 0 { (pins(&page.file.findings, band.length)) }
                        (ruler(band.length))
                    }
                }
            }
        }
    }
}

/// A row for each depth.
fn rows(page: &FilePage, band: usize, length: usize) -> Markup {
    let own = || page.parts.iter().enumerate().filter(move |(_, part)| part.band == band);
    let first = own().map(|(_, part)| part.depth).min().unwrap_or(0);
    let deepest = own().map(|(_, part)| part.depth).max().unwrap_or(0);
    html! {
        @for depth in (first..=deepest).take(MOST_ROWS) {
            div.row {
                @for (index, part) in own().filter(|(_, part)| part.depth == depth) {
                    (stretch(index, part, length))
                }
            }
        }
    }
}

/// A part, as wide as it is long.
fn stretch(index: usize, part: &Part, length: usize) -> Markup {
    let title = part.title.on_one_line(false);
    let end = part.offset.saturating_add(part.length);
    html! {
        a class={ "stretch c-" (part.class.name()) } href={ "#p" (index) }
            style={ "left:" (percent(part.offset, length)) ";width:" (percent(part.length, length)) }
            title={ (title) ", " (hex(part.offset)) " to " (hex(end)) } {
            span { (title) }
        }
    }
}

/// Where the findings are.
fn pins(findings: &[Finding], length: usize) -> Markup {
    html! {
        @if !findings.is_empty() {
            div.pins {
                @for (index, finding) in findings.iter().enumerate() {
                    @if finding.offset <= length {
                        a class={ "pin " (severity(finding)) } href={ "#f" (index) }
                            style={ "left:" (percent(finding.offset, length)) }
                            title={ (finding.code) ", " (finding.title) ", at " (hex(finding.offset)) } {
                            span { (finding.code) }
                        }
                    }
                }
            }
        }
    }
}

/// Offsets at round places.
fn ruler(length: usize) -> Markup {
    let step = (length / MARKS).max(1).next_power_of_two();
    html! {
        div.ruler aria-hidden="true" {
            @for at in (0..length).step_by(step) {
                span style={ "left:" (percent(at, length)) } { (hex(at)) }
            }
        }
    }
}

/// A share of a length, for a style.
fn percent(part: usize, length: usize) -> String {
    // Parts of a hundred thousand are finer than any screen.
    let share = part.saturating_mul(100_000).checked_div(length).unwrap_or(0).min(100_000);
    format!("{}.{:03}%", share / 1000, share % 1000)
}
