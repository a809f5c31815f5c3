//! What differs between two texts, as lines.

use rom_core::count::Count;
use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// After this long a difference that is large beyond sense is told in larger pieces.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of a difference that anybody reads.
const READABLE: usize = 64 << 10;

/// Lines that go, with `- ` before them, and that come, with `+ `.
#[must_use]
pub fn difference<S: AsRef<str>>(old: &[S], new: &[S]) -> Vec<String> {
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(AsRef::as_ref).collect(), new.iter().map(AsRef::as_ref).collect());
    let diff = TextDiff::configure().timeout(PATIENCE).diff_slices(&old, &new);
    let line = |tag, text: &str| match tag {
        ChangeTag::Delete => Some(format!("- {text}")),
        ChangeTag::Insert => Some(format!("+ {text}")),
        ChangeTag::Equal => None,
    };
    let lines: Vec<String> = diff
        .iter_all_changes()
        .filter_map(|change| line(change.tag(), change.value()))
        .filter(|line| line.trim().len() > 1)
        .collect();
    let bytes = lines.iter().map(String::len).fold(0, usize::saturating_add);
    if bytes > READABLE {
        let count = Count(lines.len(), "line");
        return vec![format!("the difference is too large to show: {count}, {bytes} bytes")];
    }
    lines
}
