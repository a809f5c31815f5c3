//! An image around a driver that is there already.

use super::spec::{Image, Kind, Named};
use crate::bytes::Window;
use crate::firmware::SMALLEST_SEEN;
use crate::layout::BLOCK;
use crate::limits::Limits;
use crate::model::Payload;
use crate::read;

/// The fewest blocks of an image that firmware sees by itself: one more than half of the smallest
/// BAR.
const FEWEST: u16 = 5;

const _: () = assert!(BLOCK * 5 > SMALLEST_SEEN / 2, "FEWEST blocks make a BAR that is seen");

/// An image around `driver`, whose machine and subsystem its header repeats, at its end as `EfiRom`
/// and signatures want it; `None` if it is no PE image.
#[must_use]
pub fn around(driver: Vec<u8>, limits: &Limits) -> Option<Image> {
    let Payload::Pe(pe) = read::payload(Window::of_file(&driver), limits) else { return None };
    let mut image = Image { flush: true, ..Image::new(Kind::Named(Named::Efi)) };
    image.driver.machine = pe.machine.0;
    image.driver.subsystem = pe.subsystem.0;
    image.blocks = FEWEST;
    image.driver.given = Some(driver);
    Some(image)
}
