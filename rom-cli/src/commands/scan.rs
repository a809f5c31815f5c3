//! Finds option ROMs inside of anything.
//!
//! Hits are reported while the rest is still read, so that memory does not grow with what is found.

use super::check::Names;
use super::{Outcome, Report};
use crate::args;
use crate::crew::{self, Turn};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::scan::{FoundRom, Hit, Scan};
use crate::text::Line;
use memchr::memmem;
use rom_core::file_kind::{FileKind, OpenLimits, identify, reach};
use rom_core::inside;
use rom_core::layout::FirmwareVolumeHeader;
use rom_core::model::ChainEnd;
use rom_core::{Context, Limits, analyze, scan};
use rom_host::root;
use std::collections::HashSet;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// What comes of reading a file, in the order of the files and of what is in them.
enum Event {
    Hit(Box<Hit>),
    Read(Passed),
    Failed(CliError),
}

/// A file that was read.
struct Passed {
    path: Line,
    bytes: u64,
    /// Whether it holds a firmware volume.
    is_firmware: bool,
}

/// Files that are named as holding firmware volumes.
const MOST_NAMED: usize = 3;

pub(super) fn run(args: &args::Scan, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let context = Context::new(&catalog).with_device(args.device).with_firmware(args.firmware);
    let (paths, troubles) = files::walk(&args.paths);
    let mut all_read = troubles.is_empty();
    for error in &troubles {
        failed(error, env);
    }
    let mut scanned = Scan { hits: 0, files: paths.len(), bytes: 0, firmware: Vec::new() };
    let names = Names::new(&catalog, env);
    let mut receive = |event| {
        match event {
            Event::Hit(mut hit) => {
                scanned.hits = scanned.hits.saturating_add(1);
                hit.rom.name_devices(&|id| names.of(id));
                // Where nobody reads on the last report fails in the same way.
                if env.reporter.part(&Report::Hit(hit)).is_err() {
                    return ControlFlow::Break(());
                }
            }
            Event::Read(passed) => {
                scanned.bytes = scanned.bytes.saturating_add(passed.bytes);
                if passed.is_firmware && scanned.firmware.len() < MOST_NAMED {
                    scanned.firmware.push(passed.path);
                }
            }
            Event::Failed(error) => {
                failed(&error, env);
                all_read = false;
            }
        }
        ControlFlow::Continue(())
    };
    let work = |index: usize, turn: &mut Turn<'_, Event>| {
        if let Some(path) = paths.get(index) {
            let read = scan_file(path, &context, turn);
            turn.hand(read.map_or_else(Event::Failed, Event::Read));
        }
    };
    crew::in_order(paths.len(), &work, &mut receive);
    let exit = match (all_read, scanned.hits == 0) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    };
    Ok(Outcome { exit, report: Report::Scan(Box::new(scanned)) })
}

/// Tells of a file that could not be read: in JSON it has a line of its own, as a ROM has.
fn failed(error: &CliError, env: &Env<'_>) {
    env.reporter.fail(error);
    // A reader that is gone wants nothing more.
    drop(env.reporter.part(&Report::Failure(Box::new(error.into()))));
}

fn scan_file(
    path: &Path,
    context: &Context<'_>,
    turn: &mut Turn<'_, Event>,
) -> Result<Passed, CliError> {
    let failed = |error: io::Error| CliError::file("read", path, &error);
    let passed = |seen: &InPlainSight| Passed {
        path: path.into(),
        bytes: seen.bytes,
        is_firmware: seen.is_firmware,
    };
    let stopped = turn.stopped();
    let mut found = |hit| turn.hand(Event::Hit(Box::new(hit)));
    if path == Path::new("-") {
        let seen = scan_source(io::stdin().lock(), path, context, stopped, &mut found);
        return seen.map(|seen| passed(&seen)).map_err(failed);
    }
    let source = root::open_disk(path).map_err(failed)?;
    let is_file = source.metadata().is_ok_and(|metadata| metadata.is_file());
    let seen = scan_source(source, path, context, stopped, &mut found).map_err(failed)?;
    let is_small =
        usize::try_from(seen.bytes).is_ok_and(|bytes| bytes <= context.limits().firmware);
    let may_hold = seen.is_firmware || seen.kind.may_be_large();
    if is_file && is_small && may_hold && !stopped.load(Ordering::Relaxed) {
        // What is decoded of a firmware image takes memory.
        let _alone = turn.alone();
        // Whoever has an earlier turn may wait for this one: nothing is waited for here.
        look_inside(path, &seen, context, &mut |hit| turn.keep(Event::Hit(Box::new(hit))))?;
    }
    Ok(passed(&seen))
}

/// What was found while a file was read from its start to its end.
struct InPlainSight {
    bytes: u64,
    /// Whether a firmware volume is in it.
    is_firmware: bool,
    /// What the file is, by its first bytes.
    kind: FileKind,
    /// Where ROMs are: of so many that nobody counts them, none.
    offsets: HashSet<u64>,
}

/// ROMs of a file whose places are kept.
const MOST_KEPT: usize = 4096;

fn scan_source(
    source: impl Read,
    path: &Path,
    context: &Context<'_>,
    stopped: &AtomicBool,
    found: &mut dyn FnMut(Hit),
) -> io::Result<InPlainSight> {
    let mut source = UntilStopped::new(source, stopped);
    let mut offsets = HashSet::new();
    let bytes = scan::scan(&mut source, &mut |hit| {
        if offsets.len() < MOST_KEPT {
            offsets.insert(hit.offset);
        }
        let analysis = analyze(hit.bytes, context);
        let rom = FoundRom::plain(hit.offset, hit.bytes.len(), hit.missing, &analysis);
        found(Hit { path: path.into(), rom });
    })?;
    let UntilStopped { is_firmware, start, .. } = source;
    Ok(InPlainSight { bytes, is_firmware, kind: identify(&start), offsets })
}

/// The ROMs that are not in plain sight: in archives and compressed data, in text, in what is
/// decoded of a firmware image.
fn look_inside(
    path: &Path,
    seen: &InPlainSight,
    context: &Context<'_>,
    found: &mut dyn FnMut(Hit),
) -> Result<(), CliError> {
    let limits = Limits { file: context.limits().firmware, ..*context.limits() };
    let bytes = files::read_rom(path, &limits)?.bytes;
    let open_limits = OpenLimits { bytes: limits.opened, ..OpenLimits::default() };
    let reached = reach(&bytes, &open_limits);
    let mut count: usize = 0;
    inside::roms(&bytes, &reached, &limits, &mut |place, rom| {
        let offset = u64::try_from(place.span.offset).unwrap_or(u64::MAX);
        let is_seen =
            place.is_plain() && (seen.offsets.len() >= MOST_KEPT || seen.offsets.contains(&offset));
        count = count.saturating_add(usize::from(!is_seen));
        if !is_seen && count <= limits.roms {
            let analysis = analyze(rom, context);
            let missing = match analysis.end {
                ChainEnd::Truncated { missing } => missing,
                _ => 0,
            };
            found(Hit { path: path.into(), rom: FoundRom::new(&place, missing, &analysis) });
        }
    });
    Ok(())
}

/// A source that ends when nobody wants to know more, and that notices firmware volumes.
struct UntilStopped<'s, R> {
    source: R,
    stopped: &'s AtomicBool,
    /// The last bytes before what is read now, in which a signature may begin.
    last: Vec<u8>,
    is_firmware: bool,
    /// The first bytes, which tell what it is.
    start: Vec<u8>,
}

/// Bytes of a file that tell what it is.
const LONGEST_START: usize = 128 << 10;

impl<'s, R> UntilStopped<'s, R> {
    const fn new(source: R, stopped: &'s AtomicBool) -> Self {
        Self { source, stopped, last: Vec::new(), is_firmware: false, start: Vec::new() }
    }
}

impl<R: Read> Read for UntilStopped<'_, R> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        if self.stopped.load(Ordering::Relaxed) {
            return Ok(0);
        }
        let read = self.source.read(space)?;
        let new = space.get(..read).unwrap_or_default();
        let room = LONGEST_START.saturating_sub(self.start.len());
        self.start.extend(new.iter().take(room));
        if !self.is_firmware {
            let signature = &FirmwareVolumeHeader::SIGNATURE;
            let head = new.get(..read.min(signature.len())).unwrap_or_default();
            let seam = [&self.last[..], head].concat();
            self.is_firmware =
                memmem::find(&seam, signature).is_some() || memmem::find(new, signature).is_some();
            let kept = signature.len().saturating_sub(1);
            self.last.extend(new.get(read.saturating_sub(kept)..).unwrap_or_default());
            self.last.drain(..self.last.len().saturating_sub(kept));
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives this many bytes at a time.
    struct Steps<'b>(&'b [u8], usize);

    impl Read for Steps<'_> {
        fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(space.len());
            self.0.read(&mut space[..most])
        }
    }

    #[test]
    fn volumes_are_noticed_wherever_a_read_ends() {
        let stopped = AtomicBool::new(false);
        for (bytes, expected) in
            [(&b"....._FVH..."[..], true), (b"_FVH", true), (b"._FV.H_FV", false), (b"", false)]
        {
            for step in 1..=bytes.len().max(1) {
                let source = Steps(bytes, step);
                let mut source = UntilStopped::new(source, &stopped);
                assert_eq!(io::copy(&mut source, &mut io::sink()).unwrap(), bytes.len() as u64);
                assert_eq!(source.is_firmware, expected, "{bytes:?} by {step}");
            }
        }
    }
}
