//! Which option ROM a device needs, where it is had, and which bytes it must be.
//!
//! The data is `known-roms.toml`, and [`Catalog`] is its shape: read, linted and written from that
//! one declaration. [`Catalog::embedded`] is that file as it was at build time; another one is
//! parsed by `FromStr`, forgiving what it does not know; [`lint()`] forgives nothing; [`select()`]
//! answers for a device or a CPU.
//!
//! ```
//! use rom_core::catalog::Catalog;
//!
//! let catalog = Catalog::embedded();
//! let (platform, device) = catalog.device(0xa7a8).expect("it is a Raptor Lake-P");
//! assert_eq!(platform.code, "RPL-P");
//! // Of each ROM the catalog has the hash that its bytes must have.
//! let rom = catalog.rom(&platform.roms[0].name).expect("a platform names ROMs of the catalog");
//! println!("{} needs {}, sha256 {}", device.name, rom.name, rom.sha256);
//! ```

mod amd;
mod cpu_name;
mod embedded;
mod lint;
mod read;
mod select;
mod table;
mod text;
mod write;

pub use crate::qemu::{QemuRequirement, QemuVersion, QemuVersionError};
pub use amd::{AmdGraphics, amd_graphics};
pub use embedded::{EMBEDDED_DATE, EMBEDDED_TEXT};
pub use lint::lint;
pub use read::CatalogError;
pub use select::{Candidate, Cpu, CpuMatch, DeviceMatch, Query, SeenDevice, Selection, select};
pub use table::Table;

use crate::digest::Digest;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A catalog, read and ready for questions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
pub struct Catalog {
    /// Which shape it has.
    pub schema: i64,
    /// The day on which it was changed last, such as `2026-11-25`.
    #[serde(default, deserialize_with = "text::date", skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The ROMs of the release.
    #[serde(default, rename = "rom")]
    pub roms: Table<RomEntry>,
    /// Files that circulate and are not of the release.
    #[serde(default, rename = "known_file")]
    pub known_files: Table<KnownFile>,
    /// What serves an SR-IOV virtual function.
    #[serde(default)]
    pub virtual_function: Table<RomChoice>,
    /// Kinds of silicon.
    #[serde(default, rename = "platform")]
    pub platforms: Table<Platform>,
    /// CPU signatures, first match first.
    #[serde(default, rename = "cpu")]
    pub cpus: Table<CpuModel>,
    /// CPU model names: all lists count before all patterns, then the first match.
    #[serde(default, rename = "brand")]
    pub brands: Table<Brand>,
    /// The iGPUs of AMD's, of which there is no ROM to be had: their owners have it.
    #[serde(default, rename = "amd_gpu")]
    pub amd_gpus: Table<AmdGpu>,
}

/// A ROM of the release.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RomEntry {
    /// File name: letters, digits, `.`, `_` and `-`.
    #[serde(deserialize_with = "text::plain_name")]
    pub name: String,
    /// What its bytes must be.
    pub sha256: Digest,
    /// Its length in bytes, where known. The hash decides; the size only refuses earlier.
    pub size: Option<u64>,
    /// Where it is had.
    pub url: String,
    /// How well the hash is known.
    pub evidence: Evidence,
    /// Version of the GOP driver inside.
    pub gop: Option<String>,
    /// What a user should know of it.
    pub note: Option<String>,
}

/// The most bytes that a ROM can have, whatever a catalog says: no PCI device can show more.
pub const LARGEST_ROM: u64 = 16 << 20;

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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct KnownFile {
    /// File name.
    #[serde(deserialize_with = "text::plain_name")]
    pub name: String,
    /// Its hash.
    pub sha256: Digest,
    /// Which drivers are in it.
    pub kind: KnownKind,
    /// Where it fails.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fails: Vec<KnownFailure>,
    /// Where it comes from, and what else a user should know of it.
    pub note: String,
}

impl fmt::Display for KnownFile {
    /// What is known of it beside its name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.note)?;
        self.fails.iter().try_for_each(|failure| {
            write!(f, "; it fails with QEMU {}: {}", failure.qemu, failure.why)
        })
    }
}

/// Which drivers a known file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KnownKind {
    /// All that a display at boot needs: IGD assignment driver, GOP driver and Platform GOP Policy.
    Complete,
    /// IGD assignment driver and GOP driver in one.
    AssignmentAndGop,
    /// The IGD assignment driver alone: no display before the guest's own driver.
    Assignment,
    /// A GOP driver alone: no display without an IGD assignment driver.
    Gop,
    /// Something else.
    Other,
}

/// Where a known file fails.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct KnownFailure {
    /// With which versions of QEMU.
    pub qemu: QemuRequirement,
    /// Why: a clause that follows "because".
    pub why: String,
}

/// A kind of silicon.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Platform {
    /// Short name, for example `RPL-P`.
    pub code: String,
    /// Name, for example "Raptor Lake-P and H".
    pub name: String,
    /// Generation of the graphics, for example `12.7`.
    pub generation: String,
    /// Whether it is a card with a ROM of its own.
    #[serde(default)]
    pub discrete: bool,
    /// Why there is no ROM, where there is none.
    pub refused: Option<String>,
    /// What a user should know of it.
    pub note: Option<String>,
    /// ROMs, best first.
    #[serde(default)]
    pub roms: Vec<RomChoice>,
    /// Its devices, by rising id.
    #[serde(default)]
    pub devices: Vec<Device>,
}

impl Platform {
    /// The generation without its fraction.
    #[must_use]
    pub fn major_generation(&self) -> u32 {
        self.generation.split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0)
    }
}

/// A ROM that serves a platform, or some of its devices.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct RomChoice {
    /// Name of the ROM.
    pub name: String,
    /// How sure it is that the display works.
    pub confidence: Confidence,
    /// Why.
    pub reason: String,
    /// The device ids that this is said of; none for all of the platform.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "text::hex_ids")]
    pub only: Vec<u16>,
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
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Device {
    /// Device id.
    #[serde(with = "text::hex_id")]
    pub id: u16,
    /// Name.
    pub name: String,
}

/// A CPU signature.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct CpuModel {
    /// What the silicon is called.
    pub name: String,
    /// Family, as /proc/cpuinfo prints it.
    pub family: u32,
    /// Models, as /proc/cpuinfo prints them.
    pub models: Vec<u32>,
    /// Steppings; none for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steppings: Vec<u32>,
    /// Codes of the platforms that its graphics can be.
    pub platforms: Vec<String>,
}

/// A family of CPU model names.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Brand {
    /// What the family is called.
    pub name: String,
    /// Model names as Intel's lists have them, without words that all names have.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models: Vec<String>,
    /// Regular expressions over whole plain names, in either case, for names that no list has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<String>,
    /// Codes of the platforms that its graphics can be.
    pub platforms: Vec<String>,
}

/// A kind of AMD iGPU.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct AmdGpu {
    /// The code name of the chip.
    pub name: String,
    /// Which GOP drivers are for it.
    pub family: AmdFamily,
    /// Device ids of the GPU, vendor 1002.
    #[serde(with = "text::hex_ids")]
    pub ids: Vec<u16>,
    /// Device id of the audio function beside it, vendor 1002; `None` where nobody has told it.
    #[serde(default, with = "text::optional_hex_id", skip_serializing_if = "Option::is_none")]
    pub audio: Option<u16>,
    /// CPUs that have it, in words.
    pub cpus: String,
    /// Versions of AMD's GOP driver with which it is reported to work.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gop: Vec<String>,
    /// Where this is from.
    pub source: String,
}

/// A family of AMD graphics: the number that versions of its GOP drivers begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmdFamily {
    /// GOP drivers 2.x.
    Vega,
    /// GOP drivers 3.x.
    Rdna,
}

impl AmdFamily {
    /// What versions of its GOP drivers begin with.
    #[must_use]
    pub const fn gop_major(self) -> u32 {
        match self {
            Self::Vega => 2,
            Self::Rdna => 3,
        }
    }

    /// The name in a sentence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Vega => "Vega",
            Self::Rdna => "RDNA",
        }
    }
}

/// Code of the platform of CPUs that have no graphics.
pub(crate) const NO_IGPU: &str = "NO-IGPU";

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
    pub fn known_file_with(&self, digest: Digest) -> Option<&KnownFile> {
        self.known_files.iter().find(|file| file.sha256 == digest)
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

    /// The AMD iGPU with this device id.
    #[must_use]
    pub fn amd_gpu(&self, id: u16) -> Option<&AmdGpu> {
        self.amd_gpus.iter().find(|gpu| gpu.ids.contains(&id))
    }

    /// Codes of the platforms that name this ROM, in the order of the catalog.
    pub fn platforms_of<'c>(&'c self, rom: &'c str) -> impl Iterator<Item = &'c Platform> {
        self.platforms
            .iter()
            .filter(move |platform| platform.roms.iter().any(|choice| choice.name == rom))
    }
}

/// A word of the catalog that stands for nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownWord;

impl fmt::Display for UnknownWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a word that is allowed here")
    }
}

impl std::error::Error for UnknownWord {}

/// Words of the catalog. The reader takes the weakest for a word that it does not know; the lint
/// says so.
macro_rules! words {
    ($($type:ident or $weakest:ident { $($variant:ident = $word:literal),* $(,)? })*) => {$(
        impl $type {
            /// Each, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it in the catalog and in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl FromStr for $type {
            type Err = UnknownWord;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word { $($word => Ok(Self::$variant),)* _ => Err(UnknownWord) }
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Ok(String::deserialize(deserializer)?.parse().unwrap_or(Self::$weakest))
            }
        }

        impl Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    )*};
}
words! {
    Evidence or ReleasePage { Proved = "proved", Independent = "independent", ReleasePage = "release-page" }
    Confidence or Low { High = "high", Medium = "medium", Low = "low" }
    KnownKind or Other {
        Complete = "complete",
        AssignmentAndGop = "assignment-and-gop",
        Assignment = "assignment",
        Gop = "gop",
        Other = "other",
    }
    AmdFamily or Rdna { Vega = "vega", Rdna = "rdna" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_found_again() {
        let catalog = Catalog::embedded();
        for rom in &catalog.roms {
            assert_eq!(catalog.rom(&rom.name), Some(rom));
            assert_eq!(catalog.rom_with(rom.sha256).map(|found| found.sha256), Some(rom.sha256));
            let serving = catalog
                .platforms
                .iter()
                .filter(|platform| platform.roms.iter().any(|choice| choice.name == rom.name));
            assert!(catalog.platforms_of(&rom.name).eq(serving));
        }
        for file in &catalog.known_files {
            assert_eq!(catalog.known_file_with(file.sha256), Some(file));
        }
        for platform in &catalog.platforms {
            assert_eq!(catalog.platform(&platform.code), Some(platform));
            for device in &platform.devices {
                assert_eq!(catalog.device(device.id), Some((platform, device)));
            }
        }
        let unknown = Digest::of(b"nothing that is listed");
        assert_eq!(
            (catalog.rom("igd.rom"), catalog.rom_with(unknown), catalog.known_file_with(unknown)),
            (None, None, None)
        );
        assert_eq!(
            (catalog.platform("X"), catalog.device(0), catalog.platforms_of("igd.rom").count()),
            (None, None, 0)
        );
        let ids: usize = catalog.platforms.iter().map(|platform| platform.devices.len()).sum();
        assert_eq!(catalog.device_ids().count(), ids);
        assert!(catalog.device_ids().any(|id| id == 0xA7A8));
    }

    #[test]
    fn a_generation_is_a_number_with_or_without_a_fraction() {
        let of = |code| Catalog::embedded().platform(code).unwrap();
        let fraction = Catalog::embedded()
            .platforms
            .iter()
            .find(|platform| platform.generation.contains('.'))
            .unwrap();
        assert_eq!(
            fraction.generation.split('.').next().unwrap(),
            fraction.major_generation().to_string()
        );
        assert_eq!(of("RPL-P").major_generation(), 12);
    }

    #[test]
    fn words_are_read_as_they_are_written() {
        for evidence in Evidence::ALL {
            assert_eq!(evidence.name().parse(), Ok(*evidence));
        }
        for confidence in Confidence::ALL {
            assert_eq!(confidence.name().parse(), Ok(*confidence));
        }
        for kind in KnownKind::ALL {
            assert_eq!(kind.name().parse(), Ok(*kind));
        }
        assert_eq!(
            ("seen".parse::<Evidence>(), "".parse::<Confidence>()),
            (Err(UnknownWord), Err(UnknownWord))
        );
    }

    #[test]
    fn a_known_file_says_where_it_fails() {
        let catalog = Catalog::embedded();
        let file = |name| catalog.known_files.iter().find(|file| file.name == name).unwrap();
        let failure =
            |name, version| file(name).fails.iter().find(|failure| failure.qemu.matches(version));
        for name in ["igd_rpls.rom", "gen12_igd.rom"] {
            let why = &failure(name, QemuVersion::new(10, 1)).unwrap().why;
            assert!(why.contains("0xC0"), "{name}");
            assert_eq!(failure(name, QemuVersion::new(9, 1)), None);
        }
        let words = file("gen12_igd.rom").to_string();
        assert!(
            words.contains("half of a set of two; it fails with QEMU 10.0 and newer: it takes"),
            "{words}"
        );
        assert_eq!(failure("n150_vfio_igd.rom", QemuVersion::new(11, 0)), None);
        assert_eq!(file("gen12_gop.rom").kind, KnownKind::Gop);
    }
}
