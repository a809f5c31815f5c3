//! What a file turned out to be. Facts only: whether they are good or bad is for [`crate::rules`]
//! to say.
//!
//! What could not be read is absent, and where it matters the reason is in its place. All spans
//! are absolute.

mod device_id;
mod efi;
mod image;
mod legacy;
mod lost;
mod pe;
mod rom;
mod signature;
mod structures;
mod table;
mod vfct;

pub use device_id::{DeviceId, hex_u16};
pub use efi::{Damage, DecompressError, DecompressFault, EfiImage, Payload};
pub use image::{Body, DeviceList, Image, ImageKind, PcirBlock, PcirFault};
pub use legacy::{LegacyImage, PnpBlock};
pub use lost::{LostImage, Remains};
pub use pe::{Debug, Pe, Relocations, Section};
pub use rom::{ChainEnd, Region, RegionKind, Rom};
pub use signature::{DigestAlgorithm, Signature, Signed, Signer};
pub use structures::Structure;
pub use table::TableState;
pub use vfct::{Vfct, VfctImage};
