//! What the fuzzer runs: functions that take any bytes and panic where something does not hold.
//!
//! The table at the end is all there is to a target beside its module. `fuzz/fuzz_targets/any.rs`
//! runs the one that is asked for, and a test here runs each on its seeds: once a crash is one of
//! them, it stays fixed.

mod choices;

/// A target of the fuzzer.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// Its name, which is that of its module and of its folder in `fuzz/seeds`.
    pub name: &'static str,
    /// What it does with an input.
    pub run: fn(&[u8]),
    /// The longest input that says more than a shorter one, in bytes.
    pub longest: usize,
    /// Folders, from the top of the repository, whose files it begins with beside its own seeds.
    pub seeds: &'static [&'static str],
}

/// The target of this name.
#[must_use]
pub fn named(name: &str) -> Option<Target> {
    TARGETS.iter().find(|target| target.name == name).copied()
}

macro_rules! targets {
    ($($name:ident: $longest:literal, $seeds:expr;)*) => {
        $(mod $name;)*

        /// All of them.
        pub const TARGETS: &[Target] = &[
            $(Target { name: stringify!($name), run: $name::run, longest: $longest, seeds: &$seeds },)*
        ];
    };
}

targets! {
    catalog: 4096, ["samples/demo", "."];
    check: 8192, ["samples"];
    command_line: 512, ["rom-host/tests/vm"];
    compose: 8192, ["samples"];
    conf: 512, ["rom-host/tests/vm"];
    configuration: 2048, ["rom-host/tests/vm"];
    contents: 4096, ["samples"];
    decompress: 4096, ["samples", "rom-core/tests/compressed"];
    domain: 512, ["rom-host/tests/vm"];
    identify: 8192, ["samples", "fuzz/seeds/updates", "rom-host/tests/vm"];
    log: 2048, ["rom-host/tests/explain"];
    repair: 8192, ["samples"];
    scan: 4096, ["samples"];
    shaped: 256, ["samples"];
    specification: 256, ["samples"];
    unpack: 65536, ["samples"];
    updates: 2048, ["samples"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn top() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
        let small = |path: &PathBuf| {
            fs::metadata(path).is_ok_and(|file| file.is_file() && file.len() <= 1 << 20)
        };
        entries.filter(small).collect()
    }

    fn run_on_seeds(name: &str) {
        let target = named(name).unwrap();
        let own = files(&top().join("fuzz/seeds").join(name));
        let seeds: Vec<PathBuf> =
            target.seeds.iter().flat_map(|folder| files(&top().join(folder))).chain(own).collect();
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for seed in seeds {
            (target.run)(&fs::read(&seed).unwrap());
        }
    }

    macro_rules! seeds {
        ($($name:ident)*) => {
            $(#[test] fn $name() { run_on_seeds(stringify!($name)); })*

            const RUN: &[&str] = &[$(stringify!($name)),*];
        };
    }
    seeds! {
        catalog check command_line compose conf configuration contents decompress domain identify log
        repair scan shaped specification unpack updates
    }

    #[test]
    fn every_target_is_in_the_table_and_runs_on_its_seeds() {
        let mut modules: Vec<String> = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
            .iter()
            .map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|name| name != "lib" && name != "main")
            .collect();
        modules.sort();
        assert_eq!(TARGETS.iter().map(|target| target.name).collect::<Vec<_>>(), modules);
        assert_eq!(RUN, modules);
    }
}
