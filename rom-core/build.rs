//! Puts `known-roms.toml` down as JSON, which the program reads faster. Reads that one file and
//! reaches out to nothing.

use std::path::Path;

fn main() {
    if std::env::var_os("CARGO_FEATURE_CATALOG").is_none() {
        return;
    }
    println!("cargo::rerun-if-changed=known-roms.toml");
    let text = std::fs::read_to_string("known-roms.toml")
        .expect("known-roms.toml is beside Cargo.toml, by a link");
    let catalog: serde_json::Value = toml::from_str(&text)
        .unwrap_or_else(|error| panic!("known-roms.toml: {}", error.message()));
    let date = catalog.get("date").and_then(serde_json::Value::as_str);
    println!("cargo::rustc-env=CATALOG_DATE={}", date.expect("the built-in catalog has a date"));
    let folder = std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR");
    std::fs::write(Path::new(&folder).join("known-roms.json"), catalog.to_string())
        .expect("OUT_DIR is writable");
}
