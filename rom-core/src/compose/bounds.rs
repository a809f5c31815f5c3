//! What a specification asks for, counted before any of it is made: a few bytes of text can ask for
//! more than a machine has.

use super::spec::{ComposeError, Content, Driver, Image, MOST_IMAGES, Spec};
use crate::layout::{BLOCK, PnpExpansionHeader};
use crate::limits::Limits;

/// Whether all that `spec` asks for fits into the largest ROM.
pub(super) fn check(spec: &Spec) -> Result<(), ComposeError> {
    let limits = Limits::DEFAULT;
    if spec.image.len() > MOST_IMAGES {
        return Err(ComposeError::TooManyImages(spec.image.len()));
    }
    let around = contents(&spec.before).saturating_add(contents(&spec.after));
    let of_image = |image: &Image| own(image).saturating_add(contents(&image.after));
    let all = spec.image.iter().map(of_image).fold(around, usize::saturating_add);
    if all > limits.file { Err(ComposeError::TooLarge("the ROM")) } else { Ok(()) }
}

/// Bytes of the image itself, without the gaps between its parts.
fn own(image: &Image) -> usize {
    if let Some(given) = &image.given {
        return given.len();
    }
    let pnp = usize::from(image.pnp).saturating_mul(PnpExpansionHeader::SIZE);
    let devices = image.devices.len().saturating_mul(2);
    let code = image.code.as_deref().map_or(0, digits);
    let parts = [pnp, devices, code, driver(&image.driver)];
    let payload = parts.into_iter().fold(0, usize::saturating_add);
    payload.max(usize::from(image.blocks).saturating_mul(BLOCK))
}

fn driver(driver: &Driver) -> usize {
    match (&driver.given, &driver.bytes) {
        (Some(given), _) => given.len(),
        (None, Some(bytes)) => digits(bytes),
        (None, None) => {
            contents(&driver.data).saturating_add(driver.code.as_deref().map_or(0, digits))
        }
    }
}

fn contents(parts: &[Content]) -> usize {
    let length = |part: &Content| match part {
        Content::Text { text } => text.len(),
        Content::Hex { hex } => digits(hex),
        Content::Fill { length, .. } => *length,
        Content::Words { words } => words.len().saturating_mul(2),
        Content::AssignmentTable { assignment_table } => assignment_table.len().saturating_mul(16),
        Content::File { given, .. } => given.as_ref().map_or(0, Vec::len),
    };
    parts.iter().map(length).fold(0, usize::saturating_add)
}

/// Bytes that hex digits stand for, at most.
const fn digits(text: &str) -> usize {
    text.len() / 2
}
