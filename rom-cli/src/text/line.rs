//! Text from outside.

use super::escaped;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// Text that somebody else wrote: a path, a name out of a ROM, a value of a configuration, an
/// answer of a server. Printed as text it is one line, with everything escaped that a terminal
/// would obey; in JSON it is the text itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Line(String);

impl Line {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text as it came.
    pub(crate) fn raw(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&escaped(&self.0))
    }
}

impl From<&str> for Line {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Line {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl JsonSchema for Line {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Line".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}

/// Bytes that are not UTF-8 are written as `\xff`.
impl From<&Path> for Line {
    fn from(path: &Path) -> Self {
        let mut text = String::new();
        for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
        }
        Self(text)
    }
}

impl From<&PathBuf> for Line {
    fn from(path: &PathBuf) -> Self {
        path.as_path().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    #[test]
    fn a_line_is_one_line_and_its_json_is_the_text() {
        let line = Line::new("a\nb\u{202e}");
        assert_eq!(line.to_string(), "a\\u{a}b\\u{202e}");
        assert_eq!(line.raw(), "a\nb\u{202e}");
    }

    #[test]
    fn a_path_that_is_not_utf_8_keeps_its_bytes() {
        let path = Path::new(OsStr::from_bytes(b"a\xffb\xc3\xbc"));
        assert_eq!(Line::from(path).to_string(), "a\\xffb\u{fc}");
    }
}
