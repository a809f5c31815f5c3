//! The way to the ROM in a file: through archives, compression, text and what a transfer did.

use super::{FileKind, OpenError, OpenLimits, Opened, identify, open};
use crate::bytes::Window;
use std::borrow::Cow;

/// How many times something is opened in something: a ZIP archive in a tar.gz that holds a hex
/// dump.
const DEEPEST: usize = 5;

/// What a file is, and the ROM or the firmware in it.
#[derive(Clone, Debug)]
pub struct Reached<'a> {
    /// What the file is.
    pub kind: FileKind,
    /// What was opened, from the outside in.
    pub steps: Vec<Step>,
    /// Why it went no further, where something could not be opened.
    pub closed: Option<OpenError>,
    /// The bytes that were reached: those of the file where nothing had to be opened.
    pub bytes: Cow<'a, [u8]>,
}

/// Something that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name in an archive.
    pub name: Option<String>,
    /// What it is.
    pub kind: FileKind,
    /// Its bytes.
    pub length: usize,
    /// Names of what else was in the archive, with what they are.
    pub others: Vec<(String, FileKind)>,
}

impl<'a> Reached<'a> {
    /// A file in which nothing has to be opened.
    #[must_use]
    pub fn plain(bytes: &'a [u8]) -> Self {
        let kind = identify(bytes);
        Self { kind, steps: Vec::new(), closed: None, bytes: Cow::Borrowed(bytes) }
    }
}

impl Reached<'_> {
    /// What the bytes are that were reached.
    #[must_use]
    pub fn inner(&self) -> &FileKind {
        self.steps.last().map_or(&self.kind, |step| &step.kind)
    }

    /// Where in the bytes the first image of an option ROM begins.
    #[must_use]
    pub fn first_image(&self) -> Option<usize> {
        self.inner().rom_at(&self.bytes)
    }

    /// Whether the file itself is what was reached.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.steps.is_empty()
    }
}

/// Names of an archive that are kept.
const MOST_OTHERS: usize = 64;

/// Identifies a file, and opens what is in the way of the ROM or the firmware in it.
#[must_use]
pub fn reach<'a>(bytes: &'a [u8], limits: &OpenLimits) -> Reached<'a> {
    let mut reached = Reached::plain(bytes);
    let mut left = *limits;
    while reached.inner().is_wrapped() && reached.steps.len() < DEEPEST {
        let opened = match open(&reached.bytes, reached.inner(), &left) {
            Ok(opened) => opened,
            Err(error) => {
                reached.closed = Some(error);
                return reached;
            }
        };
        let all = opened.iter().fold(0_usize, |sum, part| sum.saturating_add(part.bytes.len()));
        left.bytes = left.bytes.saturating_sub(all);
        let Some((step, bytes)) = choose(opened) else { return reached };
        reached.steps.push(step);
        reached.bytes = Cow::Owned(bytes);
    }
    reached
}

/// The part of most use, and its bytes.
fn choose(opened: Vec<Opened<'_>>) -> Option<(Step, Vec<u8>)> {
    let kinds: Vec<FileKind> = opened.iter().map(|part| identify(&part.bytes)).collect();
    let (best, _) = kinds.iter().enumerate().min_by_key(|(_, kind)| rank(kind))?;
    let others = opened.iter().zip(&kinds).enumerate().filter(|(index, _)| *index != best);
    let others = others.filter_map(|(_, (part, kind))| Some((part.name.clone()?, kind.clone())));
    let others = others.take(MOST_OTHERS).collect();
    let part = opened.into_iter().nth(best)?;
    let kind = kinds.into_iter().nth(best)?;
    let length = Window::of_file(&part.bytes).len();
    let step = Step { name: part.name, kind, length, others };
    Some((step, part.bytes.into_owned()))
}

/// How near a kind is to a ROM: the lowest is taken.
const fn rank(kind: &FileKind) -> u8 {
    match kind {
        FileKind::OptionRom => 0,
        FileKind::OptionRomAt { .. } | FileKind::DamagedRom { .. } | FileKind::IsaRom(_) => 1,
        FileKind::Vfct => 2,
        FileKind::EfiDriver(_) => 3,
        FileKind::FirmwareImage(_) | FileKind::UpdateProgram(_) => 4,
        FileKind::FirmwareSection(_) | FileKind::FirmwareFile(_) => 5,
        FileKind::Archive(_) | FileKind::ByteText(_) | FileKind::Transferred(_) => 6,
        FileKind::Text(_) | FileKind::WebPage { .. } | FileKind::Empty => 9,
        _ => 8,
    }
}
