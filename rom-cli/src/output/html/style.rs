//! The style of the page.

/// All of it.
pub(super) const STYLE: &str = include_str!("style.css");
