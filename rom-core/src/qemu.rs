//! Versions of QEMU, and what a catalog asks of one.

use std::fmt;
use std::str::FromStr;

/// A version of QEMU.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QemuVersion {
    /// The 10 of 10.1.2.
    pub major: u32,
    /// The 1 of 10.1.2.
    pub minor: u32,
    /// The 2 of 10.1.2.
    pub micro: u32,
}

impl QemuVersion {
    /// The last before `hw/vfio/igd.c` was rewritten.
    pub const V9_2: Self = Self::new(9, 2);
    /// The first with `x-igd-lpc`.
    pub const V10_0: Self = Self::new(10, 0);
    /// The first that knows Meteor Lake and gives the `OpRegion` unasked.
    pub const V10_1: Self = Self::new(10, 1);
    /// The first that looks after an Intel display that is not a VGA controller (class 0380).
    pub const ANY_DISPLAY: Self = Self { major: 10, minor: 1, micro: 2 };

    /// A release without corrections.
    #[must_use]
    pub const fn new(major: u32, minor: u32) -> Self {
        Self { major, minor, micro: 0 }
    }
}

impl fmt::Display for QemuVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.micro)
    }
}

/// Text that is not a version of QEMU, or not a requirement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum QemuVersionError {
    /// It does not begin like `10.1`.
    Version,
    /// It is not like `>=10.0` or `>=9.2, <10.1`.
    Requirement,
}

impl fmt::Display for QemuVersionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Version => "a version of QEMU looks like 10.1",
            Self::Requirement => "a requirement looks like \">=10.0\" or \">=9.2, <10.1\"",
        })
    }
}

impl std::error::Error for QemuVersionError {}

impl FromStr for QemuVersion {
    type Err = QemuVersionError;

    /// Reads `10.1.2`, and `10.1.2-4` or `9.2+ds-1` of a package, whose revision is no part of the
    /// version.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = text.split(|letter: char| !letter.is_ascii_digit() && letter != '.').next();
        let mut parts = number.unwrap_or_default().split('.').map(|part| part.parse().ok());
        let (Some(Some(major)), Some(Some(minor))) = (parts.next(), parts.next()) else {
            return Err(QemuVersionError::Version);
        };
        Ok(Self { major, minor, micro: parts.next().flatten().unwrap_or(0) })
    }
}

/// Which versions of QEMU something is said of: a range that is open at one end or closed at both.
///
/// ```
/// use rom_core::qemu::{QemuRequirement, QemuVersion};
///
/// let fails: QemuRequirement = ">=10.0".parse()?;
/// assert!(fails.matches("10.1.2-4".parse()?));
/// assert!(!fails.matches(QemuVersion::new(9, 2)));
/// # Ok::<(), rom_core::qemu::QemuVersionError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QemuRequirement {
    /// The first version in the range.
    from: Option<QemuVersion>,
    /// The first version after the range.
    before: Option<QemuVersion>,
}

impl QemuRequirement {
    /// Whether `version` is in the range.
    #[must_use]
    pub fn matches(&self, version: QemuVersion) -> bool {
        self.from.is_none_or(|from| version >= from)
            && self.before.is_none_or(|before| version < before)
    }
}

impl FromStr for QemuRequirement {
    type Err = QemuVersionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut range = Self { from: None, before: None };
        for part in text.split(',').map(str::trim) {
            let (end, version) = match (part.strip_prefix(">="), part.strip_prefix('<')) {
                (Some(version), _) => (&mut range.from, version),
                (None, Some(version)) => (&mut range.before, version),
                (None, None) => return Err(QemuVersionError::Requirement),
            };
            if end.replace(exact(version.trim()).ok_or(QemuVersionError::Requirement)?).is_some() {
                return Err(QemuVersionError::Requirement);
            }
        }
        match (range.from, range.before) {
            (Some(from), Some(before)) if from >= before => Err(QemuVersionError::Requirement),
            _ => Ok(range),
        }
    }
}

/// A version of two or three numbers and nothing else.
fn exact(text: &str) -> Option<QemuVersion> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let plain = text.split('.').all(is_number) && (2..=3).contains(&text.split('.').count());
    text.parse().ok().filter(|_| plain)
}

impl fmt::Display for QemuRequirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match (self.from.map(short), self.before.map(short)) {
            (Some(from), Some(before)) => format!("{from} and newer, before {before}"),
            (Some(from), None) => format!("{from} and newer"),
            (None, Some(before)) => format!("before {before}"),
            (None, None) => "of any version".to_owned(),
        })
    }
}

/// A version without the last number where that is 0.
fn short(version: QemuVersion) -> String {
    let QemuVersion { major, minor, micro } = version;
    if micro == 0 { format!("{major}.{minor}") } else { version.to_string() }
}

#[cfg(feature = "serde")]
mod with_serde {
    use super::{QemuRequirement, short};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    impl Serialize for QemuRequirement {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let from = self.from.map(|version| format!(">={}", short(version)));
            let before = self.before.map(|version| format!("<{}", short(version)));
            serializer
                .serialize_str(&from.into_iter().chain(before).collect::<Vec<String>>().join(", "))
        }
    }

    impl<'de> Deserialize<'de> for QemuRequirement {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_packages_and_programs() {
        let version = |text: &str| text.parse::<QemuVersion>();
        assert_eq!(version("10.1.2-4"), Ok(QemuVersion { major: 10, minor: 1, micro: 2 }));
        assert_eq!(version("9.2+ds-1"), Ok(QemuVersion::new(9, 2)));
        for text in ["unknown", "", "10", "10.", ".1", "99999999999.1"] {
            assert_eq!(version(text), Err(QemuVersionError::Version), "{text:?}");
        }
        assert!(version("10.0.13").unwrap() < QemuVersion::new(10, 1));
    }

    #[test]
    fn a_requirement_is_a_range() {
        let matches = |requirement: &str, version: &str| {
            requirement.parse::<QemuRequirement>().unwrap().matches(version.parse().unwrap())
        };
        for (requirement, version, expected) in [
            (">=10.0", "10.0.0", true),
            (">=10.0", "11.1.3", true),
            (">=10.0", "9.2.4", false),
            ("<10.1", "10.0.13", true),
            ("<10.1", "10.1.0", false),
            (">= 9.2, < 10.0.2", "10.0.1", true),
            ("<10.0.2,>=9.2", "10.0.2", false),
        ] {
            assert_eq!(matches(requirement, version), expected, "{requirement} {version}");
        }
    }

    #[test]
    fn what_is_not_a_range_is_refused() {
        let bad = [
            "",
            "10.0",
            "=10.0",
            "<=10.0",
            ">10.0",
            ">=10",
            ">=10.0-1",
            ">=10.0,",
            ">=1.0, >=2.0",
            ">=2.0, <1.0",
            ">=10.0.0.0",
        ];
        for text in bad {
            assert_eq!(
                text.parse::<QemuRequirement>(),
                Err(QemuVersionError::Requirement),
                "{text:?}"
            );
        }
    }

    #[test]
    fn requirements_are_written_as_they_are_read() {
        for (text, words) in [
            (">=10.0", "10.0 and newer"),
            ("<10.1", "before 10.1"),
            (">=9.2, <10.0.2", "9.2 and newer, before 10.0.2"),
        ] {
            let requirement = text.parse::<QemuRequirement>().unwrap();
            assert_eq!(serde_json::to_value(requirement).unwrap(), text);
            assert_eq!(requirement.to_string(), words);
        }
    }
}
