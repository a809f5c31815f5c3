//! What the commands that download share.

use crate::address::{Address, AddressError};
use crate::args;
use crate::env::Reporter;
use crate::fetch::{Event, Network, Observer};
use crate::settings::Settings;
use std::time::Duration;

impl args::Network {
    /// What is asked for, and else configured, with the addresses read.
    pub(super) fn options(&self, settings: &Settings) -> Result<Network, AddressError> {
        let configured: &[String] =
            if self.mirrors.is_empty() { &settings.mirrors.value } else { &self.mirrors };
        let mirrors =
            configured.iter().map(|mirror| Address::of_user(mirror)).collect::<Result<_, _>>()?;
        let proxy = settings.proxy.value.as_deref().map(Address::of_proxy).transpose()?;
        Ok(Network {
            mirrors,
            proxy,
            authorities: self.cacert.clone().or_else(|| settings.cacert.value.clone()),
            timeout: Duration::from_secs(self.timeout),
            retries: self.retries,
            offline: self.offline || settings.offline.value,
        })
    }
}

/// Reports a download's events to the user.
pub(super) struct ReportedDownload<'a>(pub(super) &'a dyn Reporter);

impl Observer for ReportedDownload<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Asks(name, from) => self.0.say(&format!("downloading {name} from {from}")),
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
