//! The settings in force, and where each comes from.

use super::{Outcome, Report};
use crate::address::ShownAddress;
use crate::env::Env;
use crate::report::config::{Config, Setting};
use crate::settings::{Settings, Source};
use crate::text::Line;

pub(super) fn run(env: &Env<'_>) -> Outcome {
    let Settings { file, mirrors, proxy, cacert, catalog, offline, goals } = &env.settings;
    let setting = |key: &str, value: Option<String>, source: &Source| Setting {
        key: Line::from(key),
        value: value.map(Line::new),
        source: Line::new(source.to_string()),
    };
    let path =
        |path: &Option<std::path::PathBuf>| path.as_ref().map(|path| path.display().to_string());
    // Addresses are shown without what is secret in them.
    let address = |text: &str| ShownAddress::of_text(text).to_string();
    let shown: Vec<String> = mirrors.value.iter().map(|mirror| address(mirror)).collect();
    let mut settings = vec![
        setting("mirror", Some(shown.join(" ")).filter(|all| !all.is_empty()), &mirrors.source),
        setting("proxy", proxy.value.as_deref().map(address), &proxy.source),
        setting("cacert", path(&cacert.value), &cacert.source),
        setting("catalog", path(&catalog.value), &catalog.source),
        setting("offline", Some(offline.value.to_string()), &offline.source),
    ];
    for (vmid, goal) in goals {
        let key = format!("vm.{vmid}.goal");
        settings.push(setting(&key, Some(goal.name().to_owned()), &Source::File));
    }
    let file = file.as_deref().map(Line::from);
    Outcome::yes(Report::Config(Box::new(Config { file, settings })))
}
