//! What is said while a command works: all of it on standard error.

use super::{Style, sanitize};
use crate::args::Options;
use crate::commands::Report;
use crate::env::Reporter;
use crate::error::{CliError, Exit};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::cell::OnceCell;
use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// A transfer that takes longer than this gets a progress bar.
const WORTH_A_BAR: Duration = Duration::from_secs(1);

/// Talks to a person, or to a log.
pub(crate) struct Terminal<'o> {
    options: &'o Options,
    style: Style,
    interactive: bool,
    started: OnceCell<Instant>,
    bar: OnceCell<ProgressBar>,
}

impl<'o> Terminal<'o> {
    /// For the process's own standard error.
    pub(crate) fn new(options: &'o Options) -> Self {
        let terminal = io::stderr().is_terminal();
        Self {
            options,
            style: Style::new(options, terminal),
            interactive: terminal && !options.json && !options.quiet,
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
        if !self.style.quiet {
            // A standard error that is gone leaves nobody to tell.
            drop(writeln!(io::stderr(), "{} {}", self.style.yellow("oprom:"), sanitize::text(text)));
        }
    }

    fn part(&self, report: &Report) -> io::Result<()> {
        super::print(report, self.options)
    }

    fn fail(&self, error: &CliError) {
        drop(super::write_error(error, self.style, &mut io::stderr().lock()));
    }

    fn progress(&self, received: u64, total: Option<u64>) {
        if self.interactive && self.started.get_or_init(Instant::now).elapsed() > WORTH_A_BAR {
            self.bar.get_or_init(|| bar(total)).set_position(received);
        }
    }

    fn confirm(&self, question: &str) -> Result<bool, CliError> {
        if !io::stdin().is_terminal() {
            let help = "Say yes with --yes.";
            return Err(CliError::new(Exit::Usage, format!("nobody is there to answer: {question}"), help));
        }
        drop(write!(io::stderr(), "{} {} [y/N] ", self.style.yellow("oprom:"), sanitize::text(question)));
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
