//! The configuration: /etc/oprom/config.toml of the host, then variables `OPROM_*`, then options of
//! the command line. What comes later counts.

use crate::args::Options;
use crate::error::{CliError, Exit};
use crate::files;
use rom_host::goal::Goal;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::env;
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Where the configuration of a host is.
pub(crate) const FILE: &str = "/etc/oprom/config.toml";
/// Bytes of it that are read.
const LONGEST: u64 = 1 << 20;

/// The configuration file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    mirror: Option<OneOrMore>,
    proxy: Option<String>,
    cacert: Option<PathBuf>,
    catalog: Option<PathBuf>,
    offline: Option<bool>,
    #[serde(default)]
    vm: BTreeMap<u32, VmSettings>,
}

/// One address, or several in their order.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

/// The text of a configuration file that remembers a goal of a VM, and is otherwise as it was.
///
/// # Errors
/// If the text has the goal in a form that is not changed here, or is not such a file.
pub(crate) fn remember(text: &str, vmid: u32, goal: Goal) -> Result<String, CliError> {
    let table = format!("[vm.{vmid}]");
    let line = format!("goal = {:?}", goal.name());
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let bare = |line: &str| line.split('#').next().unwrap_or_default().trim().replace(' ', "");
    let heading = lines.iter().position(|line| bare(line) == table);
    let of_table = |first: usize| {
        let all = lines.iter().enumerate().skip(first);
        let mut own = all.take_while(|(_, line)| !line.trim_start().starts_with('['));
        own.find(|(_, line)| bare(line).starts_with("goal=")).map(|(index, _)| index)
    };
    let first = heading.map(|heading| heading.saturating_add(1));
    match (first, first.and_then(of_table)) {
        (_, Some(goal)) => {
            lines.splice(goal..=goal, [line]);
        }
        (Some(first), None) => lines.insert(first, line),
        (None, None) => {
            lines.extend((!lines.is_empty()).then(String::new));
            lines.extend([table, line]);
        }
    }
    let new: String = lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect();
    let path = Path::new(FILE);
    let settings = Settings::of_file(parse(path, &new)?, path)?;
    if settings.goals.get(&vmid) == Some(&goal) {
        return Ok(new);
    }
    Err(faulty(path, format_args!("vm.{vmid}.goal is not written under [vm.{vmid}]")))
}

/// What is said of a VM.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct VmSettings {
    goal: Option<String>,
}

/// Where a setting comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Source {
    /// Nobody set it.
    #[default]
    Default,
    /// The configuration file.
    File,
    /// A variable of the environment.
    Variable(&'static str),
    /// An option of the command line.
    Option(&'static str),
}

/// A setting, and where it comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Setting<T> {
    pub(crate) value: T,
    pub(crate) source: Source,
}

impl<T> Setting<T> {
    /// It, or what `later` has.
    fn or(self, later: Option<T>, source: Source) -> Self {
        match later {
            Some(value) => Self { value, source },
            None => self,
        }
    }
}

/// The settings in force.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The file that was read, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// Folders of ROMs that are asked before the catalog's address.
    pub(crate) mirrors: Setting<Vec<String>>,
    /// The proxy, instead of that of `HTTPS_PROXY` and its like.
    pub(crate) proxy: Setting<Option<String>>,
    /// A PEM file with certificate authorities that are trusted too.
    pub(crate) cacert: Setting<Option<PathBuf>>,
    /// A catalog instead of the built-in one.
    pub(crate) catalog: Setting<Option<PathBuf>>,
    /// Whether the network is left alone.
    pub(crate) offline: Setting<bool>,
    /// What VMs are for, by their numbers.
    pub(crate) goals: BTreeMap<u32, Goal>,
}

impl Settings {
    /// The settings for a command with these options of every command.
    pub(crate) fn read(options: &Options) -> Result<Self, CliError> {
        let own = options.config.clone().or_else(|| variable("OPROM_CONFIG").map(PathBuf::from));
        let path =
            own.clone().unwrap_or_else(|| options.sysroot.join(FILE.trim_start_matches('/')));
        let text = match rom_host::root::read(&path, LONGEST) {
            Ok(_) => Some(files::read_text(&path, LONGEST)?),
            // Without a file there are no settings of one, unless it was named.
            Err(error) if error.kind() == ErrorKind::NotFound && own.is_none() => None,
            Err(error) => return Err(CliError::file("read", &path, &error)),
        };
        let file =
            text.as_deref().map_or_else(|| Ok(File::default()), |text| parse(&path, text))?;
        let mut settings = Self::of_file(file, &path)?;
        settings.file = text.map(|_| path);
        settings.add_environment(variable)?;
        let catalog = options.catalog.clone().map(Some);
        settings.catalog = settings.catalog.or(catalog, Source::Option("--catalog"));
        Ok(settings)
    }

    fn of_file(file: File, path: &Path) -> Result<Self, CliError> {
        let mirrors = file.mirror.map(|mirror| match mirror {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        });
        let mut goals = BTreeMap::new();
        for (vmid, vm) in file.vm {
            let Some(goal) = vm.goal else { continue };
            let goal = goal
                .parse()
                .map_err(|error| faulty(path, format_args!("vm.{vmid}.goal: {error}")))?;
            goals.insert(vmid, goal);
        }
        let default = Self::default();
        Ok(Self {
            file: None,
            mirrors: default.mirrors.or(mirrors, Source::File),
            proxy: default.proxy.or(file.proxy.map(Some), Source::File),
            cacert: default.cacert.or(file.cacert.map(Some), Source::File),
            catalog: default.catalog.or(file.catalog.map(Some), Source::File),
            offline: default.offline.or(file.offline, Source::File),
            goals,
        })
    }

    fn add_environment(
        &mut self,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<(), CliError> {
        let mirrors = variable("OPROM_MIRROR")
            .map(|list| list.split_whitespace().map(str::to_owned).collect());
        let path = |name: &str| variable(name).map(|path| Some(PathBuf::from(path)));
        let offline = match variable("OPROM_OFFLINE").as_deref() {
            None => None,
            Some("1" | "true" | "yes") => Some(true),
            Some("0" | "false" | "no") => Some(false),
            Some(other) => {
                let what = format!("OPROM_OFFLINE is {other:?}");
                return Err(CliError::new(Exit::Usage, what, "Set it to 1 or 0."));
            }
        };
        let own = std::mem::take(self);
        let of = Source::Variable;
        *self = Self {
            mirrors: own.mirrors.or(mirrors, of("OPROM_MIRROR")),
            proxy: own.proxy.or(variable("OPROM_PROXY").map(Some), of("OPROM_PROXY")),
            cacert: own.cacert.or(path("OPROM_CACERT"), of("OPROM_CACERT")),
            catalog: own.catalog.or(path("OPROM_CATALOG"), of("OPROM_CATALOG")),
            offline: own.offline.or(offline, of("OPROM_OFFLINE")),
            ..own
        };
        Ok(())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File => f.write_str("file"),
            Self::Variable(name) | Self::Option(name) => f.write_str(name),
        }
    }
}

/// A variable of the environment that is set to something.
fn variable(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn parse(path: &Path, text: &str) -> Result<File, CliError> {
    toml::from_str(text).map_err(|error| faulty(path, error.message()))
}

fn faulty(path: &Path, what: impl fmt::Display) -> CliError {
    let what = format!("{} cannot be used: {what}", path.display());
    let keys = "Its keys are mirror, proxy, cacert, catalog and offline, and goal under \
        [vm.NUMBER].";
    CliError::new(Exit::Failed, what, keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(text: &str, variables: &[(&str, &str)]) -> Result<Settings, String> {
        let path = Path::new("config.toml");
        let settings = parse(path, text).and_then(|file| Settings::of_file(file, path));
        let settings = settings.and_then(|mut settings| {
            let variable = |name: &str| {
                let found = variables.iter().find(|(own, _)| *own == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            settings.add_environment(variable).map(|()| settings)
        });
        settings.map_err(|error| error.what.to_string())
    }

    const ALL: &str = "mirror = 'https://a/'\nproxy = 'http://p:3128'\ncacert = '/a.pem'\ncatalog = '/a.toml'\n\
                       offline = true\n[vm.100]\ngoal = 'display'\n[vm.101]\n";

    #[test]
    fn a_file_sets_and_a_variable_overrides() {
        let of_file = settings(ALL, &[]).unwrap();
        assert_eq!(of_file.mirrors.value, ["https://a/"]);
        assert_eq!(of_file.offline, Setting { value: true, source: Source::File });
        assert_eq!(of_file.goals, BTreeMap::from([(100, Goal::Display)]));
        assert_eq!(of_file.proxy.value.as_deref(), Some("http://p:3128"));
        let over = settings(
            ALL,
            &[
                ("OPROM_MIRROR", "file:/b https://c/"),
                ("OPROM_OFFLINE", "0"),
                ("OPROM_PROXY", "http://q"),
            ],
        );
        let over = over.unwrap();
        assert_eq!(over.proxy.source, Source::Variable("OPROM_PROXY"));
        assert_eq!(over.mirrors.value, ["file:/b", "https://c/"]);
        assert_eq!(over.mirrors.source, Source::Variable("OPROM_MIRROR"));
        assert!(!over.offline.value);
        assert_eq!(over.catalog.source, Source::File);
        assert_eq!(settings("", &[]).unwrap(), Settings::default());
        let two = settings("mirror = ['a', 'b']", &[]).unwrap();
        assert_eq!(two.mirrors.value, ["a", "b"]);
    }

    #[test]
    fn a_goal_is_remembered_and_the_rest_stays() {
        let new = |text: &str| remember(text, 100, Goal::Compute).ok();
        for (text, wanted) in [
            ("", "[vm.100]\ngoal = \"compute\"\n"),
            (
                "# mine\noffline = true\n",
                "# mine\noffline = true\n\n[vm.100]\ngoal = \"compute\"\n",
            ),
            ("[vm.100] # x\n[vm.101]\n", "[vm.100] # x\ngoal = \"compute\"\n[vm.101]\n"),
            (
                "[ vm.100 ]\n# old\ngoal='display'\n[vm.101]\ngoal = 'display'\n",
                "[ vm.100 ]\n# old\ngoal = \"compute\"\n[vm.101]\ngoal = 'display'\n",
            ),
        ] {
            assert_eq!(new(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["vm.100.goal = 'display'", "vm = { 100 = { goal = 'display' } }", "["] {
            assert_eq!(new(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_understood_is_an_error() {
        for (text, words) in [
            ("mirrors = 'a'", "mirrors"),
            ("offline = 'yes'", "boolean"),
            ("[vm.100]\ngoal = 'games'", "vm.100.goal: a goal is"),
            ("[vm.win11]\ngoal = 'display'", "config.toml cannot be used"),
            ("[", "config.toml cannot be used"),
        ] {
            let error = settings(text, &[]).unwrap_err();
            assert!(error.contains(words), "{text}: {error}");
        }
        assert!(settings("", &[("OPROM_OFFLINE", "maybe")]).unwrap_err().contains("maybe"));
    }
}
