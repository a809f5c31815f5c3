//! Bytes to model. Reads as much as can be read and judges nothing.

mod chain;
mod decompress;
mod efi;
mod foreign;
mod image;
mod legacy;
mod payload;
mod pcir;
mod structure;

pub use chain::parse;
pub use decompress::decompress;
