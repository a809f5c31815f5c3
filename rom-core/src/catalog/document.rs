//! The shape of `known-roms.toml`: what stands there, with its place, before anybody judges it.
//!
//! The build script includes this file too, so it refers to nothing else of the crate.

use serde::Deserialize;
use toml::Spanned;

/// Text and where it stands.
pub(crate) type Placed = Spanned<String>;

#[derive(Deserialize)]
pub(crate) struct Document {
    pub(crate) schema: Spanned<i64>,
    #[serde(default)]
    pub(crate) rom: Vec<Rom>,
    #[serde(default)]
    pub(crate) lookalike: Vec<Lookalike>,
    #[serde(default)]
    pub(crate) virtual_function: Vec<Choice>,
    #[serde(default)]
    pub(crate) platform: Vec<Platform>,
    #[serde(default)]
    pub(crate) cpu: Vec<Cpu>,
    #[serde(default)]
    pub(crate) brand: Vec<Brand>,
}

#[derive(Deserialize)]
pub(crate) struct Rom {
    pub(crate) name: Placed,
    pub(crate) sha256: Placed,
    pub(crate) size: Option<u64>,
    pub(crate) url: Placed,
    pub(crate) evidence: Placed,
    pub(crate) gop: Option<String>,
    pub(crate) note: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct Lookalike {
    pub(crate) name: String,
    pub(crate) sha256: Placed,
    pub(crate) note: String,
}

#[derive(Deserialize)]
pub(crate) struct Platform {
    pub(crate) code: Placed,
    pub(crate) name: String,
    pub(crate) generation: String,
    #[serde(default)]
    pub(crate) discrete: bool,
    pub(crate) refused: Option<String>,
    pub(crate) note: Option<String>,
    #[serde(default)]
    pub(crate) roms: Vec<Choice>,
    #[serde(default)]
    pub(crate) devices: Vec<Device>,
}

#[derive(Deserialize)]
pub(crate) struct Choice {
    pub(crate) name: Placed,
    pub(crate) confidence: Placed,
    pub(crate) reason: String,
    #[serde(default)]
    pub(crate) only: Vec<Placed>,
}

#[derive(Deserialize)]
pub(crate) struct Device {
    pub(crate) id: Placed,
    pub(crate) name: String,
}

#[derive(Deserialize)]
pub(crate) struct Cpu {
    pub(crate) name: String,
    pub(crate) family: u32,
    pub(crate) models: Vec<u32>,
    #[serde(default)]
    pub(crate) steppings: Vec<u32>,
    pub(crate) platforms: Vec<Placed>,
}

#[derive(Deserialize)]
pub(crate) struct Brand {
    #[serde(default)]
    pub(crate) models: Vec<Placed>,
    #[serde(default)]
    pub(crate) patterns: Vec<Placed>,
    pub(crate) name: Placed,
    pub(crate) platforms: Vec<Placed>,
}
