//! The map of a file, and its header fields at their bytes.

use super::{Outcome, Report, check, page};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::files;
use crate::report::file::{Field, File, Show, Structure};
use crate::text::Line;
use rom_core::file_kind::{OpenLimits, reach};
use rom_core::{Context, Image, Window, layout, model, parse_at};

pub(super) fn run(args: &args::Show, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let bytes = files::read_any(&args.file, context.limits())?;
    let structures = args.hex.then(|| {
        let reached = reach(&bytes.bytes, &OpenLimits::default());
        let rom = parse_at(&reached.bytes, reached.first_image(), context.limits());
        rom.images.iter().map(|image| structures(image, rom.window)).collect()
    });
    let analysis = check::of_file(&bytes, &context);
    let names = check::Names::new(&catalog, env);
    let file = File::new(Line::from(&args.file), &analysis);
    let page = args.html.as_ref();
    let page = page.map(|page| page::write(page, &args.file, &bytes, &context, env)).transpose()?;
    let show = Show { file: file.with_names(&analysis, &|id| names.of(id)), structures, page };
    Ok(Outcome::yes(Report::Show(Box::new(show))))
}

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
