//! A command line that is wrong, and help that was asked for.

use super::{json, page};
use crate::args::{self, Cli};
use crate::error::{CliError, Exit};
use crate::meant;
use crate::report::failure::Failure;
use crate::text::Line;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, FromArgMatches as _};
use std::ffi::OsString;
use std::io;
use std::path::Path;

/// Columns of help on a terminal that has more.
const WIDEST_HELP: usize = 100;

/// What was typed, or why it cannot be run.
pub(crate) struct Typed {
    pub(crate) cli: Cli,
    /// The command's name, such as `vm check`.
    pub(crate) command: String,
}

impl Typed {
    /// Reads the words of a command line, the program's own name first.
    pub(crate) fn read(words: &[OsString]) -> Result<Self, clap::Error> {
        let alone = args::definition_for(words).map(|command| Self::by(command, words));
        match alone {
            Some(Err(error)) if error.kind() != ErrorKind::DisplayVersion => {}
            Some(read) => return read,
            None => {}
        }
        // Help and errors are about all commands.
        let width = page::width().min(WIDEST_HELP);
        Self::by(args::definition().term_width(width), words)
    }

    /// Reads the words by a definition of the command line.
    fn by(definition: Command, words: &[OsString]) -> Result<Self, clap::Error> {
        let matches = definition.try_get_matches_from(words)?;
        let cli = Cli::from_arg_matches(&matches)?;
        let mut names = Vec::new();
        let mut matches = &matches;
        while let Some((name, inner)) = matches.subcommand() {
            names.push(name);
            matches = inner;
        }
        let command = if names.is_empty() { "status".to_owned() } else { names.join(" ") };
        Ok(Self { cli, command })
    }
}

/// Prints help, or says what is wrong with `words`.
pub(crate) fn print(error: clap::Error, words: &[OsString]) -> (Exit, io::Result<()>) {
    let asked = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if asked {
        return (Exit::Yes, error.print());
    }
    let error = shown(error, words);
    let options = words.iter().skip(1).take_while(|word| *word != "--");
    // Nobody may hear it; its status still tells.
    drop(error.print());
    if options.into_iter().any(|word| word == "--json") {
        let command = named(words);
        drop(json::object(
            command.as_deref(),
            &Failure::from(&failure(&error)),
            &mut io::stdout().lock(),
        ));
    }
    (Exit::Usage, Ok(()))
}

/// The same error about words that are safe to print.
fn shown(error: clap::Error, words: &[OsString]) -> clap::Error {
    let safe: Vec<OsString> =
        words.iter().map(|word| Line::from(Path::new(word)).to_string().into()).collect();
    let error = if safe == words { error } else { Typed::read(&safe).err().unwrap_or(error) };
    with_meant(error, named(words).unwrap_or_default().as_str())
}

/// The same error, about what follows `command`, with the command that takes the word that it is
/// about, where there is one.
fn with_meant(mut error: clap::Error, command: &str) -> clap::Error {
    let kind = match error.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return error,
    };
    let word = error.get(kind).map(ToString::to_string).unwrap_or_default();
    if let Some(command) = meant::command_below(command, &word) {
        error.remove(ContextKind::SuggestedSubcommand);
        let tip = vec![format!("to do that, type: {command}").into()];
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tip));
    }
    error
}

/// clap's text in two: what is wrong, and what there is to do.
fn failure(error: &clap::Error) -> CliError {
    let text = error.to_string();
    let (what, help) = text.split_once("\n\n").unwrap_or((&text, ""));
    let words = |text: &str| text.split_whitespace().collect::<Vec<&str>>().join(" ");
    CliError::new(Exit::Usage, words(what.trim_start_matches("error: ")), words(help))
}

/// The command that `words` name, as far as they do.
fn named(words: &[OsString]) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    let root = args::definition();
    let mut command: &Command = &root;
    for word in words.iter().skip(1).filter_map(|word| word.to_str()) {
        if let Some(inner) = command.find_subcommand(word) {
            names.push(word);
            command = inner;
        }
    }
    (!names.is_empty()).then(|| names.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(words: &[&str]) -> Vec<OsString> {
        words.iter().map(OsString::from).collect()
    }

    #[test]
    fn a_command_has_its_whole_name() {
        assert_eq!(
            Typed::read(&words(&["oprom", "vm", "check", "100"])).unwrap().command,
            "vm check"
        );
        assert_eq!(
            named(&words(&["oprom", "--json", "vm", "check", "--no"])).as_deref(),
            Some("vm check")
        );
        assert_eq!(named(&words(&["oprom", "--json", "x.rom"])), None);
    }

    #[test]
    fn a_word_in_the_wrong_place_leads_to_its_command() {
        for (typed, tip) in [
            (&["oprom", "x.rom"][..], "oprom check x.rom"),
            (&["oprom", "update"], "oprom catalog update"),
            (&["oprom", "doctor", "100"], "oprom vm check 100"),
            (&["oprom", "vm", "100"], "oprom vm check 100"),
            (&["oprom", "vm", "list"], "oprom status"),
        ] {
            let typed = words(typed);
            let text = shown(Typed::read(&typed).err().unwrap(), &typed).to_string();
            assert!(text.contains(&format!("tip: to do that, type: {tip}\n")), "{text}");
        }
    }

    #[test]
    fn words_that_are_wrong_are_not_obeyed() {
        let typed = words(&["oprom", "check\u{1b}[2J\nerror: forged"]);
        let error = Typed::read(&typed).err().unwrap();
        let text = shown(error, &typed).to_string();
        assert!(text.contains("check\\u{1b}[2J\\u{a}error: forged"), "{text:?}");
        assert!(!text.contains('\u{1b}'));
    }
}
