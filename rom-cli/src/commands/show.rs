//! The map of a file, and its header fields at their bytes.

use super::structures::structures;
use super::{Outcome, Report, check, page};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::files;
use crate::report::file::{File, Show};
use crate::text::Line;
use rom_core::file_kind::{OpenLimits, reach};
use rom_core::{Context, parse_at};

pub(super) fn run(args: &args::Show, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let context = Context::new(&catalog);
    let bytes = files::read_any(&args.file, context.limits())?;
    let of_images = args.hex.then(|| {
        let reached = reach(&bytes.bytes, &OpenLimits::default());
        let rom = parse_at(&reached.bytes, reached.first_image(), context.limits());
        rom.images.iter().map(|image| structures(image, rom.window)).collect()
    });
    let analysis = check::of_file(&bytes, &context);
    let names = check::Names::new(&catalog, env);
    let file = File::new(Line::from(&args.file), &analysis);
    let page = args.html.as_ref();
    let page = page.map(|page| page::write(page, &args.file, &bytes, &context, env)).transpose()?;
    let show =
        Show { file: file.with_names(&analysis, &|id| names.of(id)), structures: of_images, page };
    Ok(Outcome::yes(Report::Show(Box::new(show))))
}
