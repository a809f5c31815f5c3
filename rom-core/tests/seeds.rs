//! What the fuzzer runs, run on its seeds: once a crash is one of them, it stays mended.

use std::fs;
use std::path::{Path, PathBuf};

macro_rules! targets {
    ($($name:ident: $file:literal, $seeds:expr;)*) => {$(
        #[path = $file]
        mod $name;

        #[test]
        fn $name() {
            let seeds = seeds(stringify!($name), &$seeds);
            assert!(!seeds.is_empty());
            for seed in &seeds {
                $name::run(seed);
            }
        }
    )*};
}

targets! {
    check: "../../fuzz/targets/check.rs", [("samples", "rom")];
    shaped: "../../fuzz/targets/shaped.rs", [("samples", "rom")];
    contents: "../../fuzz/targets/contents.rs", [("samples", "rom")];
    decompress: "../../fuzz/targets/decompress.rs", [("samples", "rom"), ("rom-core/tests/compressed", "efi")];
    compose: "../../fuzz/targets/compose.rs", [("samples", "rom"), ("samples", "toml")];
    mend: "../../fuzz/targets/mend.rs", [("samples", "rom")];
    scan: "../../fuzz/targets/scan.rs", [("samples", "rom")];
    unpack: "../../fuzz/targets/unpack.rs", [("samples", "rom")];
    catalog: "../../fuzz/targets/catalog.rs", [(".", "toml"), ("samples/demo", "toml")];
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The seeds of a target, and files of these endings in these folders, which it begins with too.
fn seeds(target: &str, others: &[(&str, &str)]) -> Vec<Vec<u8>> {
    let own = files(&root().join("fuzz/seeds").join(target), None);
    let others = others.iter().flat_map(|(folder, ending)| files(&root().join(folder), Some(ending)));
    own.into_iter().chain(others).collect()
}

fn files(folder: &Path, ending: Option<&str>) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    let wanted =
        |path: &PathBuf| path.is_file() && ending.is_none_or(|ending| path.extension().is_some_and(|own| own == ending));
    entries.filter(wanted).map(|path| fs::read(path).unwrap()).collect()
}
