//! Turns `known-roms.toml` into Rust tables. Reads that one file and reaches out to nothing.

#[allow(dead_code, reason = "the table maker reads every key, but not every place")]
#[path = "src/catalog/document.rs"]
mod document;

use document::{Choice, Document, Placed};
use std::fmt::Write as _;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=../known-roms.toml");
    println!("cargo::rerun-if-changed=src/catalog/document.rs");
    let text = std::fs::read_to_string("../known-roms.toml").expect("known-roms.toml stands at the top of the workspace");
    let document: Document = toml::from_str(&text).expect("known-roms.toml is a catalog; `oprom catalog lint` tells more");
    let folder = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&folder).join("known_roms.rs"), tables(&document)).expect("OUT_DIR is writable");
}

/// The catalog as one Rust constant.
fn tables(document: &Document) -> String {
    let roms = list(&document.rom, |rom| {
        format!(
            "RomEntry {{ name: {}, sha256: {}, size: {}, url: {}, evidence: Evidence::{}, gop: {}, note: {} }}",
            text(rom.name.get_ref()),
            digest(&rom.sha256),
            rom.size.map_or_else(|| "None".to_owned(), |size| format!("Some({size:#x})")),
            text(rom.url.get_ref()),
            variant(&rom.evidence),
            option(rom.gop.as_ref()),
            option(rom.note.as_ref()),
        )
    });
    let lookalikes = list(&document.lookalike, |file| {
        let (name, note) = (text(&file.name), text(&file.note));
        format!("Lookalike {{ name: {name}, sha256: {}, note: {note} }}", digest(&file.sha256))
    });
    let platforms = list(&document.platform, |platform| {
        format!(
            "Platform {{ code: {}, name: {}, generation: {}, discrete: {}, refused: {}, note: {}, roms: {}, devices: {} }}",
            text(platform.code.get_ref()),
            text(&platform.name),
            text(&platform.generation),
            platform.discrete,
            option(platform.refused.as_ref()),
            option(platform.note.as_ref()),
            list(&platform.roms, choice),
            list(&platform.devices, |device| {
                format!("Device {{ id: 0x{}, name: {} }}", device.id.get_ref(), text(&device.name))
            }),
        )
    });
    let cpus = list(&document.cpu, |cpu| {
        format!(
            "CpuModel {{ name: {}, family: {}, models: {}, steppings: {}, platforms: {} }}",
            text(&cpu.name),
            cpu.family,
            list(&cpu.models, u32::to_string),
            list(&cpu.steppings, u32::to_string),
            list(&cpu.platforms, |code| text(code.get_ref())),
        )
    });
    let brands = list(&document.brand, |brand| {
        let texts = |placed: &[Placed]| list(placed, |one| text(one.get_ref()));
        format!(
            "Brand {{ name: {}, models: {}, patterns: {}, platforms: {} }}",
            text(brand.name.get_ref()),
            texts(&brand.models),
            texts(&brand.patterns),
            texts(&brand.platforms),
        )
    });
    let virtual_function = list(&document.virtual_function, choice);
    format!(
        "static EMBEDDED: Catalog = Catalog {{ roms: {roms}, lookalikes: {lookalikes}, virtual_function: {virtual_function}, \
         platforms: {platforms}, cpus: {cpus}, brands: {brands} }};\n"
    )
}

fn choice(choice: &Choice) -> String {
    format!(
        "RomChoice {{ name: {}, confidence: Confidence::{}, reason: {}, only: {} }}",
        text(choice.name.get_ref()),
        variant(&choice.confidence),
        text(&choice.reason),
        list(&choice.only, |id| format!("0x{}", id.get_ref())),
    )
}

fn text(text: &str) -> String {
    format!("Text::Borrowed({text:?})")
}

fn option(value: Option<&String>) -> String {
    value.map_or_else(|| "None".to_owned(), |value| format!("Some({})", text(value)))
}

fn list<T>(items: &[T], each: impl Fn(&T) -> String) -> String {
    let items = items.iter().map(each).collect::<Vec<_>>().join(", ");
    format!("Borrowed(&[{items}])")
}

fn digest(hash: &Placed) -> String {
    let bytes = hex::decode(hash.get_ref()).expect("sha256 is hex");
    format!("Digest({bytes:?})")
}

/// `release-page` as `ReleasePage`.
fn variant(word: &Placed) -> String {
    word.get_ref().split('-').fold(String::new(), |mut name, part| {
        let (first, rest) = part.split_at(1);
        write!(name, "{}{rest}", first.to_ascii_uppercase()).expect("a String takes everything");
        name
    })
}
