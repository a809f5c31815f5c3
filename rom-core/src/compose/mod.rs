//! A text specification to the bytes of a ROM: what samples and tests are made from.
//!
//! A specification can describe a sound ROM, and through its `patch` lists every kind of broken
//! one. The payload of an EFI image is a real driver, made here, that firmware loads and starts.
//!
//! ```
//! use rom_core::compose::{Image, Kind, Named, Spec, compose};
//! use rom_core::{Body, Limits, parse};
//!
//! let legacy = Image { blocks: 8, ..Image::new(Kind::Named(Named::Legacy)) };
//! let efi = Image { blocks: 8, ..Image::new(Kind::Named(Named::Efi)) };
//! let bytes = compose(&Spec { image: vec![legacy, efi], ..Spec::default() })?;
//!
//! let rom = parse(&bytes, &Limits::default());
//! assert!(matches!(rom.images[0].body, Body::Legacy(_)));
//! assert!(matches!(rom.images[1].body, Body::Efi(_)));
//! # Ok::<(), rom_core::compose::ComposeError>(())
//! ```

mod around;
mod bounds;
mod compress;
mod decompose;
mod driver;
mod image;
#[cfg(feature = "serde")]
mod read;
mod spec;
mod structure;
mod text;
#[cfg(feature = "unpack")]
pub mod update;
pub mod volume;

pub use around::around;
pub use compress::compress;
pub use decompose::decompose;
pub use spec::{
    ComposeError, Compressed, Content, Driver, Image, Kind, Named, NamedAlgorithm, Patch, Spec,
};
pub(crate) use structure::FILL;
pub use text::Written;

use crate::bytes::Span;
use crate::limits::Limits;

/// The bytes that `spec` describes.
///
/// # Errors
/// [`ComposeError`] where something does not fit: a ROM over the 16 MiB of [`Limits::DEFAULT`], a
/// patch outside its image.
pub fn compose(spec: &Spec) -> Result<Vec<u8>, ComposeError> {
    bounds::check(spec)?;
    let mut bytes = content(&spec.before)?;
    let last = spec.image.len().saturating_sub(1);
    for (index, image) in spec.image.iter().enumerate() {
        bytes.extend(image::compose(image, index == last)?);
        bytes.extend(content(&image.after)?);
    }
    bytes.extend(content(&spec.after)?);
    apply(&mut bytes, &spec.patch)?;
    if let Some(length) = spec.cut_to {
        bytes.truncate(length);
    }
    // What was asked for was small enough; headers and gaps came with it.
    if bytes.len() > Limits::DEFAULT.file {
        Err(ComposeError::TooLarge("the ROM"))
    } else {
        Ok(bytes)
    }
}

/// The bytes of a list of contents, one after the other.
fn content(parts: &[Content]) -> Result<Vec<u8>, ComposeError> {
    let mut bytes = Vec::new();
    for part in parts {
        match part {
            Content::Text { text } => bytes.extend(text.as_bytes()),
            Content::Hex { hex } => bytes.extend(from_hex(hex)?),
            Content::Fill { fill, length } => {
                bytes.resize(bytes.len().saturating_add(*length), *fill);
            }
            Content::Words { words } => {
                bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
            }
            Content::File { file, given } => {
                bytes.extend(given.as_ref().ok_or_else(|| ComposeError::File(file.clone()))?);
            }
            Content::AssignmentTable { assignment_table } => {
                bytes.extend(assignment_table.iter().flat_map(|id| record(*id)));
            }
        }
    }
    Ok(bytes)
}

/// A record of an assignment table: the id, and a pointer that leads nowhere.
fn record(id: u16) -> [u8; 16] {
    let mut record = [0; 16];
    let (own, pointer) = record.split_at_mut(8);
    if let (Some(own), Some(pointer)) = (own.first_chunk_mut(), pointer.first_chunk_mut()) {
        *own = id.to_le_bytes();
        *pointer = 0x1000_u64.to_le_bytes();
    }
    record
}

/// Overwrites what the patches say.
fn apply(bytes: &mut [u8], patches: &[Patch]) -> Result<(), ComposeError> {
    for patch in patches {
        let new = from_hex(&patch.hex)?;
        let span = Span::new(patch.at, new.len());
        bytes
            .get_mut(span.offset..span.end())
            .ok_or(ComposeError::PatchOutside(span))?
            .copy_from_slice(&new);
    }
    Ok(())
}

fn from_hex(text: &str) -> Result<Vec<u8>, ComposeError> {
    let digits: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    hex::decode(&digits).map_err(|_| ComposeError::Hex(text.to_owned()))
}
