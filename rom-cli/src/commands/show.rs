//! The map of a file, and its header fields at their bytes.

use super::check::{self, AnalyzedFile};
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::files;
use rom_core::file_kind::{OpenLimits, reach};
use rom_core::{Context, Image, Window, layout, model, parse_at};

/// A file, taken to pieces.
pub(crate) struct Shown {
    pub(crate) checked: AnalyzedFile,
    /// With `--hex`: for each image its structures.
    pub(crate) structures: Option<Vec<Vec<Structure>>>,
}

/// A structure of the format, as it stands in the file.
pub(crate) struct Structure {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<Field>,
}

/// A field of a structure.
pub(crate) struct Field {
    /// Offset in the file.
    pub(crate) offset: usize,
    pub(crate) bytes: Vec<u8>,
    pub(crate) name: &'static str,
    pub(crate) value: String,
}

pub(super) fn run(args: &args::Show, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let file = files::read_rom(&args.file, context.limits())?;
    let checked = check::of_file(&check::shown(&args.file), &file, &context);
    let structures = args.hex.then(|| {
        let reached = reach(&file.bytes, &OpenLimits::default());
        let rom = parse_at(&reached.bytes, reached.first_image(), context.limits());
        rom.images.iter().map(|image| structures(image, rom.window)).collect()
    });
    Ok(Outcome::yes(Report::Show(Box::new(Shown { checked, structures }))))
}

/// The structures of `image`, in the order of the file, as far as the file has them whole.
fn structures(image: &Image<'_>, file: Window<'_>) -> Vec<Structure> {
    let read = |structure: model::Structure| {
        let tail = file.from(structure.offset)?;
        let fields: Option<Vec<Field>> = structure.fields.iter().map(|field| of_field(field, tail)).collect();
        Some(Structure { name: structure.name, fields: fields? })
    };
    image.structures().into_iter().filter_map(read).collect()
}

/// A field of the structure at the start of `tail`.
fn of_field(field: &layout::Field, tail: Window<'_>) -> Option<Field> {
    let own = tail.cut(field.span.offset, field.span.length)?;
    let bytes = own.bytes();
    Some(Field { offset: own.span().offset, bytes: bytes.to_vec(), name: field.name, value: field.meaning.describe(bytes) })
}
