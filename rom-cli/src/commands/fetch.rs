//! Downloads a ROM and proves it, and puts it nowhere else.

use super::{Outcome, check, install};
use crate::address::{Address, AddressError};
use crate::args;
use crate::changes::HostFile;
use crate::env::{Env, Reporter};
use crate::error::{CliError, Exit};
use crate::fetch::{self, Event, Network, Observer};
use crate::report::Report;
use crate::report::install::Fetch;
use crate::text::Line;
use rom_core::Context;
use rom_host::pick;
use std::path::PathBuf;
use std::time::Duration;

pub(super) fn run(args: &args::Fetch, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let rom =
        install::chosen(&catalog, args.rom.as_deref(), &pick::on_host(&catalog, &env.files()))?;
    let dest = args.output.clone().unwrap_or_else(|| PathBuf::from(&rom.name));
    let file = HostFile::new(&env.sysroot, &dest);
    let slot = file.slot()?;
    let mut fetched = Fetch {
        rom: Line::from(rom.name.as_str()),
        sha256: rom.sha256.into(),
        source: None,
        dest: Line::from(&dest),
        changed: false,
    };
    match slot.current()? {
        Some(there) if there.sha256 == rom.sha256 => {
            return Ok(Outcome::yes(Report::Fetch(Box::new(fetched))));
        }
        Some(_) => {
            let what = format!("{} is there already, and is another file", dest.display());
            return Err(CliError::new(
                Exit::Failed,
                what,
                "Give another name with -o FILE, or move it away.",
            ));
        }
        None => {}
    }
    let mut temp = slot.temp_file()?;
    let network = args.network.options()?;
    fetched.source =
        Some(fetch::download(rom, &network, &mut temp, &Told(env.reporter))?.to_string().into());
    check::before_placing(&rom.name, &temp.contents()?, &Context::new(&catalog))?;
    slot.finished(&temp)?;
    slot.place_new(temp)?;
    fetched.changed = true;
    Ok(Outcome::yes(Report::Fetch(Box::new(fetched))))
}

impl args::Network {
    /// What is asked for, with the addresses read.
    pub(super) fn options(&self) -> Result<Network, AddressError> {
        let mirrors =
            self.mirrors.iter().map(|mirror| Address::of_user(mirror)).collect::<Result<_, _>>()?;
        let timeout = Duration::from_secs(self.timeout);
        Ok(Network { mirrors, authorities: self.cacert.clone(), timeout, retries: self.retries })
    }
}

/// A download in words.
pub(super) struct Told<'a>(pub(super) &'a dyn Reporter);

impl Observer for Told<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Asks(name, from) => self.0.say(&format!("getting {name} from {from}")),
            Event::Retries(from, why) => self.0.say(&format!("{from}: {why}; trying again")),
            Event::GivesUp { from, why, last: true } => self.0.say(&format!("{from}: {why}")),
            Event::GivesUp { from, why, last: false } => {
                self.0.say(&format!("{from}: {why}; trying the next source"));
            }
            Event::Received(received, total) => self.0.progress(*received, *total),
            Event::Finished => self.0.finished(),
        }
    }
}
