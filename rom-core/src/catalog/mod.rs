//! Which option ROM a device needs, where it is had, and which bytes it must be.
//!
//! The data is `known-roms.toml`. [`Catalog::embedded`] is that file as tables made at build time; [`read()`] reads another one,
//! forgiving what it does not know; [`lint()`] forgives nothing; [`select()`] answers for a device or a CPU.

mod amd;
mod cpu_name;
mod document;
mod embedded;
mod lint;
mod read;
mod select;

pub use crate::bytes::line_and_column;
pub use embedded::EMBEDDED_TEXT;
pub use lint::lint;
pub use read::{CatalogError, read};
pub use select::{Candidate, Cpu, CpuMatch, DeviceMatch, Query, SeenDevice, Selection, select};

use crate::digest::Digest;
use std::borrow::Cow;

/// Text of the catalog.
pub type Text = Cow<'static, str>;
/// A list of the catalog.
pub type List<T> = Cow<'static, [T]>;

/// A catalog, read and ready for questions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// The ROMs of the release.
    pub roms: List<RomEntry>,
    /// Files that circulate and are not of the release.
    pub lookalikes: List<Lookalike>,
    /// What serves an SR-IOV virtual function.
    pub virtual_function: List<RomChoice>,
    /// Kinds of silicon.
    pub platforms: List<Platform>,
    /// CPU signatures, first match first.
    pub cpus: List<CpuModel>,
    /// CPU model names: all lists count before all patterns, then the first match.
    pub brands: List<Brand>,
}

/// A ROM of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RomEntry {
    /// File name: letters, digits, `.`, `_` and `-`.
    pub name: Text,
    /// What its bytes must be.
    pub sha256: Digest,
    /// Its length in bytes, where known. The hash decides; the size only refuses earlier.
    pub size: Option<u64>,
    /// Where it is had.
    pub url: Text,
    /// How well the hash is known.
    pub evidence: Evidence,
    /// Version of the GOP driver inside.
    pub gop: Option<Text>,
    /// What a user should know of it.
    pub note: Option<Text>,
}

/// How well a hash is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// The author's word, and a byte-exact reassembly from public parts has it too.
    Proved,
    /// Also pinned by somebody else who downloads the file.
    Independent,
    /// The author's word.
    ReleasePage,
}

/// A file that circulates and is not of the release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookalike {
    /// File name.
    pub name: Text,
    /// Its hash.
    pub sha256: Digest,
    /// What it is.
    pub note: Text,
}

/// A kind of silicon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Platform {
    /// Short name, for example `RPL-P`.
    pub code: Text,
    /// Name, for example "Raptor Lake-P and H".
    pub name: Text,
    /// Generation of the graphics, for example `12.7`.
    pub generation: Text,
    /// Whether it is a card with a ROM of its own.
    pub discrete: bool,
    /// Why there is no ROM, where there is none.
    pub refused: Option<Text>,
    /// What a user should know of it.
    pub note: Option<Text>,
    /// ROMs, best first.
    pub roms: List<RomChoice>,
    /// Its devices, by rising id.
    pub devices: List<Device>,
}

impl Platform {
    /// The generation without its fraction.
    #[must_use]
    pub fn major_generation(&self) -> u32 {
        self.generation.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
    }
}

/// A ROM that serves a platform, or some of its devices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RomChoice {
    /// Name of the ROM.
    pub name: Text,
    /// How sure it is that a picture comes.
    pub confidence: Confidence,
    /// Why.
    pub reason: Text,
    /// The device ids that this is said of; none for all of the platform.
    pub only: List<u16>,
}

/// How sure an answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Nobody has seen it work.
    Low,
    /// It follows from what is known of the family.
    Medium,
    /// Documented, or seen to work.
    High,
}

/// A PCI device of Intel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// Device id.
    pub id: u16,
    /// Name.
    pub name: Text,
}

/// A CPU signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuModel {
    /// What the silicon is called.
    pub name: Text,
    /// Family, as /proc/cpuinfo prints it.
    pub family: u32,
    /// Models, as /proc/cpuinfo prints them.
    pub models: List<u32>,
    /// Steppings; none for all.
    pub steppings: List<u32>,
    /// Codes of the platforms that its graphics can be.
    pub platforms: List<Text>,
}

/// A family of CPU model names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// What the family is called.
    pub name: Text,
    /// Model names as Intel's lists have them, without words that all names have.
    pub models: List<Text>,
    /// Regular expressions over whole plain names, in either case, for names that no list has.
    pub patterns: List<Text>,
    /// Codes of the platforms that its graphics can be.
    pub platforms: List<Text>,
}

/// Code of the platform of CPUs that have no graphics.
pub const NO_IGPU: &str = "NO-IGPU";

impl Catalog {
    /// The ROM of this name.
    #[must_use]
    pub fn rom(&self, name: &str) -> Option<&RomEntry> {
        self.roms.iter().find(|rom| rom.name == name)
    }

    /// The ROM with these bytes.
    #[must_use]
    pub fn rom_with(&self, digest: Digest) -> Option<&RomEntry> {
        self.roms.iter().find(|rom| rom.sha256 == digest)
    }

    /// The known file with these bytes that is not of the release.
    #[must_use]
    pub fn lookalike_with(&self, digest: Digest) -> Option<&Lookalike> {
        self.lookalikes.iter().find(|file| file.sha256 == digest)
    }

    /// The platform of this code.
    #[must_use]
    pub fn platform(&self, code: &str) -> Option<&Platform> {
        self.platforms.iter().find(|platform| platform.code == code)
    }

    /// The ids of all devices, cards among them.
    pub fn device_ids(&self) -> impl Iterator<Item = u16> + '_ {
        self.platforms.iter().flat_map(|platform| platform.devices.iter()).map(|device| device.id)
    }

    /// The platform that lists this Intel device id, and the device.
    #[must_use]
    pub fn device(&self, id: u16) -> Option<(&Platform, &Device)> {
        self.platforms.iter().find_map(|platform| {
            let device = platform.devices.iter().find(|device| device.id == id)?;
            Some((platform, device))
        })
    }

    /// Codes of the platforms that name this ROM, in the order of the catalog.
    pub fn platforms_of<'c>(&'c self, rom: &'c str) -> impl Iterator<Item = &'c Platform> {
        self.platforms.iter().filter(move |platform| platform.roms.iter().any(|choice| choice.name == rom))
    }
}

macro_rules! words {
    ($($type:ident { $($variant:ident = $word:literal),* })*) => {$(
        impl $type {
            /// The word for it in the catalog and in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The value that `word` stands for.
            #[must_use]
            pub fn read(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}
words! {
    Evidence { Proved = "proved", Independent = "independent", ReleasePage = "release-page" }
    Confidence { High = "high", Medium = "medium", Low = "low" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_found_again() {
        let catalog = Catalog::embedded();
        for rom in catalog.roms.iter() {
            assert_eq!(catalog.rom(&rom.name), Some(rom));
            assert_eq!(catalog.rom_with(rom.sha256).map(|found| found.sha256), Some(rom.sha256));
            let serving =
                catalog.platforms.iter().filter(|platform| platform.roms.iter().any(|choice| choice.name == rom.name));
            assert!(catalog.platforms_of(&rom.name).eq(serving));
        }
        for file in catalog.lookalikes.iter() {
            assert_eq!(catalog.lookalike_with(file.sha256), Some(file));
        }
        for platform in catalog.platforms.iter() {
            assert_eq!(catalog.platform(&platform.code), Some(platform));
            for device in platform.devices.iter() {
                assert_eq!(catalog.device(device.id), Some((platform, device)));
            }
        }
        let unknown = Digest::of(b"nothing that is listed");
        assert_eq!((catalog.rom("igd.rom"), catalog.rom_with(unknown), catalog.lookalike_with(unknown)), (None, None, None));
        assert_eq!((catalog.platform("X"), catalog.device(0), catalog.platforms_of("igd.rom").count()), (None, None, 0));
        let ids: usize = catalog.platforms.iter().map(|platform| platform.devices.len()).sum();
        assert_eq!(catalog.device_ids().count(), ids);
        assert!(catalog.device_ids().any(|id| id == 0xA7A8));
    }

    #[test]
    fn a_generation_is_a_number_with_or_without_a_fraction() {
        let of = |code| Catalog::embedded().platform(code).unwrap();
        let fraction = Catalog::embedded().platforms.iter().find(|platform| platform.generation.contains('.')).unwrap();
        assert_eq!(fraction.generation.split('.').next().unwrap(), fraction.major_generation().to_string());
        assert_eq!(of("RPL-P").major_generation(), 12);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for evidence in [Evidence::Proved, Evidence::Independent, Evidence::ReleasePage] {
            assert_eq!(Evidence::read(evidence.name()), Some(evidence));
        }
        for confidence in [Confidence::High, Confidence::Medium, Confidence::Low] {
            assert_eq!(Confidence::read(confidence.name()), Some(confidence));
        }
        assert_eq!((Evidence::read("seen"), Confidence::read("")), (None, None));
    }
}
