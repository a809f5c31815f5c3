//! What the fuzzer runs on text of others, run on its seeds and on what other tests read.

use std::fs;
use std::path::Path;

#[path = "../../fuzz/targets/configuration.rs"]
mod configuration;
#[path = "../../fuzz/targets/log.rs"]
mod log;

fn files(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).map(|path| fs::read(path).unwrap()).collect()
}

#[test]
fn configurations() {
    let seeds = [files("tests/vm"), files("../fuzz/seeds/configuration")].concat();
    assert!(seeds.len() > 3);
    for seed in &seeds {
        configuration::run(seed);
    }
}

#[test]
fn logs() {
    let seeds = [files("tests/explain"), files("../fuzz/seeds/log")].concat();
    assert!(!seeds.is_empty());
    for seed in &seeds {
        log::run(seed);
    }
}
