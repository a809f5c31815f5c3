//! Shells that find nothing but stubs, each of which writes down the words that it was called with.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// The shells that people paste commands into, and that scripts run by.
pub(crate) const SHELLS: [&str; 2] = ["bash", "dash"];

/// What is advised and is in the shell itself, so that nobody looks for it.
const BUILTIN: &str = "ulimit";

/// Programs of which none does what its name says.
pub(crate) struct Stubs {
    folder: TempDir,
}

impl Stubs {
    /// Stubs of these names.
    pub(crate) fn new<N: AsRef<str>>(programs: impl IntoIterator<Item = N>) -> Self {
        let folder = TempDir::new().unwrap();
        let own = Self { folder };
        for below in ["bin", "work"] {
            fs::create_dir(own.at(below)).unwrap();
        }
        let shell = found("dash");
        let script = format!(
            "#!{}\nprintf '%s\\0' $# \"${{0##*/}}\" \"$@\" >>{}\n",
            shell.display(),
            own.at("calls").display()
        );
        fs::write(own.at("stub"), script).unwrap();
        fs::set_permissions(own.at("stub"), fs::Permissions::from_mode(0o755)).unwrap();
        for program in programs {
            let name = own.at("bin").join(program.as_ref());
            if !name.exists() {
                fs::hard_link(own.at("stub"), name).unwrap();
            }
        }
        own
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Which stubs were called, and with which words, while `shell` read these lines.
    ///
    /// # Panics
    /// If the shell complained of one, or if a file appeared where it ran.
    pub(crate) fn calls(&self, shell: &str, lines: &[String]) -> Vec<Vec<String>> {
        let (script, calls) = (self.at("script"), self.at("calls"));
        let builtin = format!("{BUILTIN}() {{ {}/{BUILTIN} \"$@\"; }}\n", self.at("bin").display());
        fs::write(&script, builtin + &lines.join("\n")).unwrap();
        fs::write(&calls, "").unwrap();
        let output = Command::new(found(shell))
            .arg(&script)
            .env_clear()
            .env("PATH", self.at("bin"))
            .current_dir(self.at("work"))
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(complaint.is_empty(), "{shell} says: {complaint}");
        assert!(output.stdout.is_empty(), "{shell}: something was printed");
        let appeared = fs::read_dir(self.at("work")).unwrap().next();
        assert!(appeared.is_none(), "{shell}: a file appeared: {appeared:?}");
        read(&fs::read_to_string(calls).unwrap())
    }
}

/// Each call is the number of arguments, the program's name and the arguments.
fn read(text: &str) -> Vec<Vec<String>> {
    let mut words = text.split_terminator('\0').map(str::to_owned);
    let mut calls = Vec::new();
    while let Some(count) = words.next() {
        let count: usize = count.parse().unwrap();
        calls.push(words.by_ref().take(count.saturating_add(1)).collect());
    }
    calls
}

/// Where a shell is on this machine.
fn found(shell: &str) -> PathBuf {
    let folders = ["/bin", "/usr/bin", "/usr/local/bin"];
    let path =
        folders.iter().map(|folder| Path::new(folder).join(shell)).find(|path| path.exists());
    path.unwrap_or_else(|| panic!("needs {shell}"))
}
