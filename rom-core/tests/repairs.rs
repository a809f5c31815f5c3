//! Every finding that a repair removes names it, and no other does.

use rom_core::repair::{Repair, repair};
use rom_core::{Analysis, Code, Context, Limits, analyze};
use std::fs;
use std::path::Path;

fn of(bytes: &[u8]) -> Analysis {
    analyze(bytes, &Context::default())
}

/// The bytes after `one`, where it changes something.
fn after(bytes: &[u8], one: Repair) -> Option<Vec<u8>> {
    let repaired = repair(bytes, &[one], &Limits::default()).ok()?;
    (!repaired.edits.is_empty()).then_some(repaired.bytes)
}

fn has(analysis: &Analysis, code: Code, image: Option<usize>) -> bool {
    analysis.findings.iter().any(|finding| (finding.code, finding.image) == (code, image))
}

/// Breaches of the rule above in a file.
fn faults(bytes: &[u8]) -> Vec<String> {
    let analysis = of(bytes);
    assert_eq!(analysis.findings.len(), analysis.repairs.len());
    let mut faults = Vec::new();
    let repaired: Vec<(Repair, Analysis)> =
        Repair::ALL.into_iter().filter_map(|one| Some((one, of(&after(bytes, one)?)))).collect();
    for (finding, named) in analysis.findings.iter().zip(&analysis.repairs) {
        let removes = |one: Repair| {
            let done = repaired.iter().find(|(own, _)| *own == one);
            done.is_some_and(|(_, later)| !has(later, finding.code, finding.image))
        };
        let code = finding.code.id();
        match named {
            Some(one) if !removes(*one) => {
                faults.push(format!("{code} names {one:?}, which does not remove it"));
            }
            Some(_) => {}
            None => {
                let all = Repair::ALL.into_iter().filter(|one| removes(*one));
                faults.extend(all.map(|one| format!("{code} does not name {one:?}")));
            }
        }
    }
    faults
}

#[test]
fn each_finding_names_the_repair_that_removes_it() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let mut all = Vec::new();
    let mut named = 0;
    for entry in fs::read_dir(samples).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "rom") {
            let bytes = fs::read(&path).unwrap();
            named += of(&bytes).repairs.iter().flatten().count();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.extend(faults(&bytes).into_iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
    assert!(named >= 15, "{named}");
}
