//! The man pages, made from the command line's own description.

use crate::error::Error;
use std::fs;
use std::path::Path;

/// Writes a page for the program and one for each command into `folder`; their names, sorted.
pub(crate) fn write(folder: &Path) -> Result<Vec<String>, Error> {
    fs::create_dir_all(folder).map_err(Error::file(folder))?;
    clap_mangen::generate_to(rom_cli::command(), folder).map_err(Error::file(folder))?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(Error::file(folder))? {
        let entry = entry.map_err(Error::file(folder))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_has_a_page_that_names_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let names = write(folder.path()).unwrap();
        assert!(names.contains(&"oprom.1".to_owned()), "{names:?}");
        for command in
            rom_cli::command().get_subcommands().filter(|command| command.get_name() != "help")
        {
            let name = format!("oprom-{}.1", command.get_name());
            let page = fs::read_to_string(folder.path().join(&name))
                .unwrap_or_else(|_| panic!("{name} of {names:?}"));
            assert!(page.contains(".SH NAME") && page.contains(".SH SYNOPSIS"), "{name}");
        }
    }
}
