//! Finds option ROMs inside of anything.

use super::check::shown;
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::root;
use rom_core::{Analysis, Context, analyze, scan};
use std::io::{self, Read};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// What was found, in the order of the files and of what is in them.
pub(crate) struct Scanned {
    pub(crate) hits: Vec<Hit>,
    pub(crate) files: usize,
    /// Bytes that were read.
    pub(crate) bytes: u64,
}

/// A ROM.
pub(crate) struct Hit {
    /// The file that it is in.
    pub(crate) path: String,
    /// Where in that.
    pub(crate) offset: u64,
    pub(crate) length: usize,
    /// Bytes that it says it has and that are not there.
    pub(crate) missing: usize,
    /// What `check` finds.
    pub(crate) analysis: Analysis,
}

/// What one file gave.
type FileResult = Result<(Vec<Hit>, u64), CliError>;

pub(super) fn run(args: &args::Scan, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let (paths, troubles) = files::walk(&args.paths);
    let mut all_read = troubles.is_empty();
    for error in &troubles {
        env.reporter.fail(error);
    }
    let mut scanned = Scanned { hits: Vec::new(), files: paths.len(), bytes: 0 };
    for result in in_parallel(&paths, |path| scan_file(path, &context)) {
        match result {
            Ok((hits, bytes)) => {
                scanned.hits.extend(hits);
                scanned.bytes = scanned.bytes.saturating_add(bytes);
            }
            Err(error) => {
                env.reporter.fail(&error);
                all_read = false;
            }
        }
    }
    let exit = match (all_read, scanned.hits.is_empty()) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    };
    Ok(Outcome { exit, report: Report::Scan(scanned) })
}

/// What `work` gives for each path, in their order, done by as many threads as the machine has processors.
fn in_parallel(paths: &[PathBuf], work: impl Fn(&Path) -> FileResult + Sync) -> Vec<FileResult> {
    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(paths.len()).max(1);
    if threads == 1 {
        return paths.iter().map(|path| work(path)).collect();
    }
    let next = AtomicUsize::new(0);
    let (sender, receiver) = mpsc::channel();
    let mut results: Vec<(usize, FileResult)> = thread::scope(|scope| {
        for _ in 0..threads {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(path) = paths.get(index) else { break };
                    if sender.send((index, work(path))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        receiver.iter().collect()
    });
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

fn scan_file(path: &Path, context: &Context<'_>) -> FileResult {
    let failed = |error: io::Error| CliError::file("read", path, &error);
    if path == Path::new("-") {
        return scan_source(&mut io::stdin().lock(), path, context).map_err(failed);
    }
    scan_source(&mut root::open_disk(path).map_err(failed)?, path, context).map_err(failed)
}

fn scan_source(source: &mut dyn Read, path: &Path, context: &Context<'_>) -> io::Result<(Vec<Hit>, u64)> {
    let mut hits = Vec::new();
    let total = scan::scan(source, &mut |hit| {
        hits.push(Hit {
            path: shown(path),
            offset: hit.offset,
            length: hit.bytes.len(),
            missing: hit.missing,
            analysis: analyze(hit.bytes, context),
        });
    })?;
    Ok((hits, total))
}
