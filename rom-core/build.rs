//! Puts `known-roms.toml` down as JSON, which the program reads faster: each list of it in a file of
//! its own, and the rest in `known-roms.json`. Reads that one file and reaches out to nothing.

use std::fs;
use std::path::PathBuf;

fn main() {
    if std::env::var_os("CARGO_FEATURE_CATALOG").is_none() {
        return;
    }
    println!("cargo::rerun-if-changed=known-roms.toml");
    let text = fs::read_to_string("known-roms.toml")
        .expect("known-roms.toml is beside Cargo.toml, by a link");
    let catalog: serde_json::Map<String, serde_json::Value> = toml::from_str(&text)
        .unwrap_or_else(|error| panic!("known-roms.toml: {}", error.message()));
    let date = catalog.get("date").and_then(serde_json::Value::as_str);
    println!("cargo::rustc-env=CATALOG_DATE={}", date.expect("the built-in catalog has a date"));
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let write = |name: &str, json: String| {
        fs::write(folder.join(format!("{name}.json")), json).expect("OUT_DIR is writable");
    };
    let mut catalog = catalog;
    catalog.get_mut("platform").into_iter().for_each(shorten);
    let (lists, rest): (serde_json::Map<_, _>, serde_json::Map<_, _>) =
        catalog.into_iter().partition(|(_, value)| value.is_array());
    lists.iter().for_each(|(name, list)| write(name, list.to_string()));
    write("known-roms", serde_json::Value::Object(rest).to_string());
}

/// Writes the devices of the platforms, of which there are most, as lists of their values in the
/// order of the fields of `Device`, which are read faster.
fn shorten(platforms: &mut serde_json::Value) {
    let platforms = platforms.as_array_mut().into_iter().flatten();
    let devices = platforms.filter_map(|platform| platform.get_mut("devices")?.as_array_mut());
    for device in devices.flatten() {
        *device = serde_json::json!([device.get("id"), device.get("name")]);
    }
}
