//! What is said while a command works: all of it on standard error.

use super::page::{Look, Page, doubtful};
use crate::args::Options;
use crate::env::Reporter;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::Report;
use crate::report::page::FilePage;
use crate::text::{Line, block};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::OnceCell;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

/// A transfer that takes longer than this gets a progress bar.
const WORTH_A_BAR: Duration = Duration::from_secs(1);

/// Talks to a person, or to a log.
pub(crate) struct Terminal<'o> {
    options: &'o Options,
    /// The name of the command that is at work.
    command: &'o str,
    look: Look,
    interactive: bool,
    started: OnceCell<Instant>,
    bar: OnceCell<ProgressBar>,
}

impl<'o> Terminal<'o> {
    /// For the process's own standard error.
    pub(crate) fn new(options: &'o Options, command: &'o str) -> Self {
        let stderr = io::stderr();
        Self {
            options,
            command,
            look: Look::new(options, &stderr),
            interactive: stderr.is_terminal() && !options.json && !options.quiet,
            started: OnceCell::new(),
            bar: OnceCell::new(),
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template("{bytes} of {total_bytes} {wide_bar} {bytes_per_sec}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

impl Reporter for Terminal<'_> {
    fn say(&self, text: &str) {
        if !self.look.quiet {
            // A standard error that is gone leaves nobody to tell.
            drop(Page::new(&mut io::stderr().lock(), self.look).line(&block![
                doubtful("oprom:"),
                " ",
                Line::new(text)
            ]));
        }
    }

    fn part(&self, report: &Report) -> io::Result<()> {
        super::print(report, self.command, self.options)
    }

    fn page(&self, path: &Path, page: &FilePage) -> Result<(), CliError> {
        files::write_new(path, super::html::page(page).as_bytes())
    }

    fn fail(&self, error: &CliError) {
        drop(super::write_error(error, self.look, &mut io::stderr().lock()));
    }

    fn progress(&self, received: u64, total: Option<u64>) {
        if self.interactive && self.started.get_or_init(Instant::now).elapsed() > WORTH_A_BAR {
            self.bar.get_or_init(|| bar(total)).set_position(received);
        }
    }

    fn show(&self, report: &Report) {
        if !self.options.json {
            // Who cannot see it will not confirm it.
            drop(super::print(report, self.command, self.options));
        }
    }

    fn ask(&self, question: &str) -> Result<Option<String>, CliError> {
        let asked =
            block![doubtful("oprom:"), " ", Line::new(question), " "].on_one_line(self.look.color);
        drop(io::stderr().write_all(asked.as_bytes()));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        let answer = answer.trim().to_owned();
        Ok(Some(answer).filter(|answer| read.is_ok() && !answer.is_empty()))
    }

    fn can_ask(&self) -> bool {
        io::stdin().is_terminal()
    }

    fn confirm(&self, question: &str) -> Result<bool, CliError> {
        if !self.can_ask() {
            let help = "Confirm with --yes.";
            return Err(CliError::new(
                Exit::Usage,
                format!("a question needs an answer, but there is no terminal: {question}"),
                help,
            ));
        }
        let asked = block![doubtful("oprom:"), " ", Line::new(question), " [y/N] "]
            .on_one_line(self.look.color);
        drop(io::stderr().write_all(asked.as_bytes()));
        let mut answer = String::new();
        let read = io::stdin().lock().read_line(&mut answer);
        Ok(read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
    }

    fn finished(&self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
