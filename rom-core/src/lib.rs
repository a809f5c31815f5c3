//! PCI option ROMs: bytes in, facts and findings out.
//!
//! [`analyze`] says of a file all that is known of it: its images and what is in them, what OVMF,
//! AAVMF and `SeaBIOS` do with it, what is wrong with it, and whether it does its job for a GPU. It
//! never fails, and no input makes it slow or large: [`Limits`] bound both.
//!
//! ```
//! use rom_core::firmware::Firmware;
//! use rom_core::usable::Answer;
//! use rom_core::{Context, DeviceId, Verdict, analyze, compose};
//!
//! let spec: compose::Spec = r#"
//!     purpose = "one EFI driver for an Intel GPU"
//!     [[image]]
//!     kind = "efi"
//!     vendor = 0x8086
//!     device = 0xa7a8
//!     blocks = 8
//!     "#
//! .parse()?;
//! let bytes = compose::compose(&spec)?;
//!
//! let context = Context::default().with_device(Some(DeviceId::intel(0xa7a8)));
//! let analysis = analyze(&bytes, &context);
//! assert_eq!(analysis.verdict, Verdict::Good);
//! assert!(analysis.prediction(Firmware::Ovmf).is_some_and(|ovmf| ovmf.runs().eq([0])));
//! assert_eq!(analysis.usable.answer, Answer::Yes);
//! # Ok::<(), compose::ComposeError>(())
//! ```
//!
//! # Layers
//! Lowest first. No module uses one that is further down in this list.
//!
//! 1. [`bytes`]: a slice that knows where in the file it is, with checked reads only; beside it
//!    [`count`], [`digest`], [`limits`], [`lines`], [`parse_error`], [`plain`] and [`qemu`].
//! 2. [`layout`]: the format's structures, each declared once, read and written from that
//!    declaration.
//! 3. [`model`]: what a file turned out to be: [`Rom`], [`Image`], regions, payloads. No opinion in
//!    it.
//! 4. [`read`]: bytes to model. [`parse`] never fails: what cannot be read is absent, and the
//!    reason is in its place.
//!    [`file_kind`] beside it: what a file is that is not a ROM from its first byte on, and what is
//!    in it.
//! 5. [`contents`]: which driver an image holds, and for which GPUs.
//! 6. [`firmware`]: what OVMF, AAVMF and `SeaBIOS` do with a ROM.
//! 7. [`rules`]: each breach of one is a [`Finding`] with a stable [`Code`].
//! 8. [`catalog`]: which ROM a device or a CPU needs, where it is had, and which bytes it must be.
//! 9. Tools: [`compose`] makes ROMs, [`repair`] repairs them, [`scan`] finds them in anything,
//!    [`unpack`] takes firmware images apart; [`inside`] lists the ROMs in what is something else;
//!    [`observe`] reads what a machine that was booted with a ROM says of it.
//! 10. [`analysis`]: all of the above for one file, in one call: [`summary`] of an image, and
//!     whether the file is [`usable`].
//!
//! This crate does no I/O: it opens no file and prints nothing.
//!
//! # Features
//! All are on by default.
//!
//! - `archives`: compressed files and archives are opened.
//! - `catalog`: the module `catalog`, with the data of `known-roms.toml`. Without it no file is
//!   known by its digest.
//! - `serde`: specifications of ROMs are read from TOML, and digests are serde values.
//! - `unpack`: the module `unpack`.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unwrap_used
    )
)]

pub mod analysis;
pub mod bytes;
#[cfg(feature = "catalog")]
pub mod catalog;
pub mod compose;
pub mod contents;
pub mod count;
pub mod digest;
pub mod file_kind;
pub mod firmware;
pub mod inside;
pub mod layout;
pub mod limits;
pub mod lines;
pub mod model;
pub mod observe;
pub mod parse_error;
pub mod plain;
pub mod qemu;
pub mod read;
pub mod repair;
pub mod rules;
pub mod scan;
pub mod summary;
#[cfg(feature = "unpack")]
pub mod unpack;
pub mod usable;

pub use analysis::{Analysis, Context, RomInside, analyze};
pub use bytes::{Span, Window};
pub use digest::Digest;
pub use limits::Limits;
pub use model::{Body, DeviceId, Image, Region, RegionKind, Rom};
pub use parse_error::ParseError;
pub use read::{parse, parse_at};
pub use rules::{Code, Finding, Severity, Verdict};
