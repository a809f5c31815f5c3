//! The one place that calls binrw for writing, and where its errors end.

use super::spec::ComposeError;
use binrw::BinWrite;
use binrw::io::Cursor;
use binrw::meta::WriteEndian;

/// What fills an image: what erased flash reads as.
pub(crate) const FILL: u8 = 0xFF;

/// The bytes of a structure, from its declaration.
pub(super) fn written<T>(structure: &T) -> Result<Vec<u8>, ComposeError>
where
    T: BinWrite + WriteEndian,
    for<'args> T: BinWrite<Args<'args> = ()>,
{
    let mut bytes = Cursor::new(Vec::new());
    structure.write(&mut bytes).map_err(|_| ComposeError::TooLarge("a structure"))?;
    Ok(bytes.into_inner())
}
