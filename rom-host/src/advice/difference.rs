//! What differs between two texts, as lines.

use similar::{ChangeTag, TextDiff};
use std::time::Duration;

/// After this long a difference that is large beyond sense is told in larger pieces.
const PATIENCE: Duration = Duration::from_secs(1);

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
    diff.iter_all_changes()
        .filter_map(|change| line(change.tag(), change.value()))
        .filter(|line| line.trim().len() > 1)
        .collect()
}
