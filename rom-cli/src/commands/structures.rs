//! The header fields of an image at their bytes.

use crate::report::file::{Field, Structure};
use rom_core::{Image, Window, layout, model};

/// The structures of `image`, in the order of the file, as far as the file has them whole.
pub(super) fn structures(image: &Image<'_>, file: Window<'_>) -> Vec<Structure> {
    let read = |structure: model::Structure| {
        let tail = file.from(structure.offset)?;
        let fields: Option<Vec<Field>> =
            structure.fields.iter().map(|field| of_field(field, tail)).collect();
        Some(Structure { name: structure.name, fields: fields? })
    };
    image.structures().into_iter().filter_map(read).collect()
}

/// A field of the structure at the start of `tail`.
fn of_field(field: &layout::Field, tail: Window<'_>) -> Option<Field> {
    let own = tail.cut(field.span.offset, field.span.length)?;
    let bytes = own.bytes();
    let value = field.meaning.describe(bytes).into();
    Some(Field { offset: own.span().offset, bytes: bytes.to_vec().into(), name: field.name, value })
}
