//! The world as a value: what a command may look at and what it may report to.

use crate::error::{CliError, Exit};
use crate::report::Report;
use crate::report::page::FilePage;
use crate::settings::Settings;
use crate::text::file_or_placeholder;
use rom_core::catalog::{self, Catalog};
use rom_core::lines::Lines;
use rom_host::files::RootFolder;
use std::borrow::Cow;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Largest catalog that is read: forty times the embedded one.
const LARGEST_CATALOG: u64 = 4 << 20;

/// What a command gets beside its own arguments.
pub(crate) struct Env<'w> {
    /// The folder under which every path of the host is read and written.
    pub(crate) sysroot: PathBuf,
    /// What is configured.
    pub(crate) settings: Settings,
    /// Who hears what happens while it happens.
    pub(crate) reporter: &'w dyn Reporter,
    /// Whether it was said which catalog is used.
    pub(crate) said_catalog: AtomicBool,
}

/// Hears what a command does while it does it. All of it goes to standard error.
pub(crate) trait Reporter {
    /// Something that the user should know.
    fn say(&self, text: &str);
    /// A part of the report that is whole, while the rest is still being made. An error where it
    /// cannot be printed.
    fn part(&self, report: &Report) -> io::Result<()>;
    /// A part that could not be done, while the rest goes on.
    fn fail(&self, error: &CliError);
    /// Writes a page to look at to a file, which must not be there yet.
    fn page(&self, path: &Path, page: &FilePage) -> Result<(), CliError>;
    /// `received` of `total` bytes have come; `None` if nobody knows how many there will be.
    fn progress(&self, received: u64, total: Option<u64>);
    /// The transfer is over.
    fn finished(&self);
    /// What is about to be done, before a question; not for a program that reads the report.
    fn show(&self, report: &Report);
    /// Asks for a word; `None` if there was no answer.
    fn ask(&self, question: &str) -> Result<Option<String>, CliError>;
    /// Whether somebody is there to answer.
    fn can_ask(&self) -> bool;
    /// Asks a question that is answered by yes or no. An error where nobody is there to answer.
    fn confirm(&self, question: &str) -> Result<bool, CliError>;
}

impl Env<'_> {
    /// The files of the host under the sysroot.
    pub(crate) fn files(&self) -> RootFolder {
        RootFolder(self.sysroot.clone())
    }

    /// A path of the host, under the sysroot.
    pub(crate) fn host(&self, path: &str) -> PathBuf {
        self.sysroot.join(path.trim_start_matches('/'))
    }

    /// Whether the host that is looked at is the one that this runs on.
    pub(crate) fn is_this_host(&self) -> bool {
        self.sysroot == Path::new("/")
    }

    /// `path` as the host itself would name it.
    pub(crate) fn host_name(&self, path: &Path) -> String {
        match path.strip_prefix(&self.sysroot) {
            Ok(inner) if self.sysroot != Path::new("/") => format!("/{}", inner.display()),
            Ok(_) | Err(_) => path.display().to_string(),
        }
    }

    /// The catalog in use.
    pub(crate) fn catalog(&self) -> Result<Cow<'static, Catalog>, CliError> {
        let Some(path) = &self.settings.catalog.value else {
            return Ok(Cow::Borrowed(Catalog::embedded()));
        };
        if !self.said_catalog.swap(true, Ordering::Relaxed) {
            let text = format!("using the catalog {} instead of the built-in one", path.display());
            self.reporter.say(&text);
        }
        let text = crate::files::read_text(path, LARGEST_CATALOG)?;
        text.parse::<Catalog>().map(Cow::Owned).map_err(|error| {
            let (line, column) = Lines::of(&text).place(error.span.offset);
            CliError::new(
                Exit::Failed,
                format_args!("{}:{line}:{column}: {error}", path.display()),
                "This shows all errors in it:",
            )
            .run(["oprom", "catalog", "lint", "--catalog", &file_or_placeholder(path)])
        })
    }

    /// The text of the catalog in use, and what it is called.
    pub(crate) fn catalog_text(&self) -> Result<(String, String), CliError> {
        match &self.settings.catalog.value {
            None => Ok(("built-in catalog".to_owned(), catalog::EMBEDDED_TEXT.to_owned())),
            Some(path) => {
                Ok((path.display().to_string(), crate::files::read_text(path, LARGEST_CATALOG)?))
            }
        }
    }
}
