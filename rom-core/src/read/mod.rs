//! Bytes to model. Reads as much as can be read and judges nothing.

mod chain;
mod debug;
mod decompress;
mod efi;
mod foreign;
mod image;
mod legacy;
mod loaded;
mod payload;
mod pcir;
mod relocations;
mod signature;
mod structure;

pub use chain::parse;
pub use decompress::decompress;
pub(crate) use image::find_image;
pub(crate) use payload::read as payload;
pub(crate) use structure::structure;
