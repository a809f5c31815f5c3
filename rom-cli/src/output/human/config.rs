//! `config`.

use super::super::page::Page;
use super::Text;
use crate::report::config::Config;
use crate::text::block;
use std::io;

impl Text for Config {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        match &self.file {
            Some(file) => page.line(&block!["# ", file])?,
            None => page.line(&block!["# there is no configuration file"])?,
        }
        self.settings.iter().try_for_each(|setting| match &setting.value {
            Some(value) => {
                page.line(&block![&setting.key, " = ", value, "  (", &setting.source, ")"])
            }
            None => page.line(&block![&setting.key, " is not set"]),
        })
    }
}
