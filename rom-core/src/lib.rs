//! PCI option ROMs: bytes in, facts and findings out.
//!
//! The layers, lowest first. Arrows run downwards only.
//!
//! 1. [`bytes`]: a slice that knows where in the file it lies, with checked reads only.
//! 2. [`layout`]: the format's structures, each declared once, read and written from that declaration.
//! 3. [`model`]: what a file turned out to be: [`Rom`], [`Image`], regions, payloads. No opinion in it.
//! 4. [`read`]: bytes to model. [`parse`] never fails: what cannot be read is absent, and the reason stands in its place.
//! 5. [`contents`]: which driver it holds, and for which GPUs.
//! 6. [`firmware`]: what OVMF, AAVMF and `SeaBIOS` do with it.
//! 7. [`check`]: rules over the model; each breach is a [`Finding`] with a stable [`Code`].
//! 8. [`identity`]: the SHA-256 of a file, which is what a catalog knows it by.
//! 9. [`catalog`]: which ROM a device or a CPU needs, where it is had, and which bytes it must be.
//! 10. [`compose`]: a text specification to ROM bytes.
//! 11. [`mend`]: repairs that invent nothing.
//! 12. [`scan`]: ROMs inside of anything.
//! 13. [`unpack`]: firmware images taken apart.
//!
//! This crate does no I/O: it opens no file and prints nothing.
//!
//! ```
//! use rom_core::{Limits, Verdict, check, compose, parse};
//!
//! let spec = compose::Spec::read(
//!     r#"
//!     purpose = "one EFI driver for any Intel GPU"
//!     [[image]]
//!     kind = "efi"
//!     vendor = 0x8086
//!     device = 0xffff
//!     blocks = 8
//!     "#,
//! )?;
//! let bytes = compose::compose(&spec)?;
//! let rom = parse(&bytes, &Limits::default());
//! assert_eq!(rom.images.len(), 1);
//! assert_eq!(Verdict::of(&check::check(&rom)), Verdict::Good);
//! # Ok::<(), compose::ComposeError>(())
//! ```
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

pub mod bytes;
pub mod catalog;
pub mod check;
pub mod code;
pub mod compose;
pub mod contents;
pub mod finding;
pub mod firmware;
pub mod identity;
pub mod layout;
pub mod limits;
pub mod mend;
pub mod model;
pub mod read;
pub mod scan;
pub mod unpack;

pub use bytes::{Span, Window};
pub use code::Code;
pub use finding::{Finding, Severity, Verdict};
pub use identity::Digest;
pub use limits::Limits;
pub use model::{Body, DeviceId, Image, Region, RegionKind, Rom};
pub use read::parse;
