//! The options of a host's kernel where its boot loader has them, and what changes them there.

use super::grub::{GrubFiles, Options, Shell, TextFile};
use super::{Format, Loader, Words};
use crate::files::HostFiles;

/// The files that the options of the kernel come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OptionFiles {
    /// What reads them.
    pub loader: Loader,
    /// The files, in the order in which they are read; none where a program keeps the options.
    pub files: Vec<TextFile>,
    /// The shell that sources GRUB's files.
    pub shell: Shell,
}

/// What changes the options of the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionsChange {
    /// Files as they are, and what they are to hold.
    pub files: Vec<(TextFile, String)>,
    /// Commands that make the change, where a program keeps the options.
    pub commands: Vec<Vec<String>>,
    /// Commands that apply it, in this order.
    pub apply: &'static [Words],
}

/// Bytes of a file that are read.
const LONGEST: u64 = 1 << 20;

fn text(files: &dyn HostFiles, path: &str) -> Option<TextFile> {
    let bytes = files.read(path, LONGEST.saturating_add(1)).ok()?;
    u64::try_from(bytes.len()).ok().filter(|length| *length <= LONGEST)?;
    // What is not text would not be written back as it was.
    Some(TextFile { path: path.to_owned(), text: String::from_utf8(bytes).ok()? })
}

/// The files in a folder whose names end like this, in the order of a shell's `*`.
fn in_folder(files: &dyn HostFiles, folder: &str, end: &str) -> Vec<TextFile> {
    let names = files.names(folder).into_iter().filter(|name| name.ends_with(end));
    names.filter_map(|name| text(files, &format!("{folder}/{name}"))).collect()
}

/// What /bin/sh is; `None` where no link shows it.
fn shell(files: &dyn HostFiles) -> Option<Shell> {
    let target = ["/bin/sh", "/usr/bin/sh"].iter().find_map(|path| files.link(path))?;
    Some(if target.ends_with("dash") { Shell::Dash } else { Shell::Bash })
}

impl OptionFiles {
    /// Reads them.
    #[must_use]
    pub fn read(files: &dyn HostFiles, loader: Loader) -> Self {
        // Debian's grub-mkconfig alone sources the folder.
        let of_debian = matches!(loader, Loader::Grub | Loader::GrubProxmoxBoot);
        let options = loader.options();
        let own = match (options.format, options.path) {
            (Format::Lines("options"), Some(folder)) => in_folder(files, folder, ".conf"),
            (_, Some(path)) => text(files, path).into_iter().collect(),
            (_, None) => Vec::new(),
        };
        let more =
            if of_debian { in_folder(files, "/etc/default/grub.d", ".cfg") } else { Vec::new() };
        let usual = if of_debian { Shell::Dash } else { Shell::Bash };
        Self {
            loader,
            files: own.into_iter().chain(more).collect(),
            shell: shell(files).unwrap_or(usual),
        }
    }

    /// GRUB's own files of a host, whatever starts it.
    #[must_use]
    pub fn grub(&self) -> GrubFiles {
        GrubFiles { files: self.files.clone(), shell: self.shell }
    }

    /// The options that the next start will have of these files; `None` where they are not all in
    /// one file, or it is not there.
    #[must_use]
    pub fn options(&self) -> Option<Options> {
        match self.loader.options().format {
            _ if self.files.is_empty() => None,
            Format::Shell => Some(self.grub().options()),
            Format::Line => {
                let words = self.files.iter().flat_map(|file| file.text.split_ascii_whitespace());
                Some(Options::Known(words.map(str::to_owned).collect()))
            }
            _ => None,
        }
    }

    /// The files that get another text where options come and go, with their faults repaired.
    /// `None` where that is for a person to do.
    #[must_use]
    pub fn edited(&self, add: &[&str], remove: &[&str]) -> Option<Vec<(TextFile, String)>> {
        let is_plain =
            |word: &&&str| !word.is_empty() && word.chars().all(|own| own.is_ascii_graphic());
        if !add.iter().chain(remove).all(|word| is_plain(&word)) {
            return None;
        }
        let next = match self.loader.options().format {
            Format::Shell => {
                let own = self.grub();
                own.repaired().unwrap_or(own).changed(add, remove)?.files
            }
            Format::Line => self.each(|text| line(text, add, remove))?,
            Format::Lines(key) => self.each(|text| lines(text, key, add, remove))?,
            Format::Declared | Format::Program { .. } | Format::Whole => return None,
        };
        let pairs = self.files.iter().cloned().zip(next);
        Some(
            pairs
                .map(|(own, next)| (own, next.text))
                .filter(|(own, next)| own.text != *next)
                .collect(),
        )
    }

    /// What adds options and removes others. `None` where that is for a person to do.
    #[must_use]
    pub fn change(&self, add: &[&str], remove: &[&str]) -> Option<OptionsChange> {
        let Format::Program { add: adding, remove: removing } = self.loader.options().format else {
            return self.to(self.edited(add, remove)?);
        };
        let all = add.iter().map(|own| (adding, own));
        let all = all.chain(remove.iter().map(|own| (removing, own)));
        let commands = all.filter_map(|(words, option)| command(words, option)).collect();
        Some(OptionsChange { commands, ..OptionsChange::default() })
    }

    /// What repairs GRUB's files where they have a fault. `None` where they have none, or what was
    /// meant is not plain.
    #[must_use]
    pub fn repair(&self) -> Option<OptionsChange> {
        if !self.loader.reads_grub_file() {
            return None;
        }
        self.grub().repaired()?;
        self.to(self.edited(&[], &[])?)
    }

    fn each(&self, change: impl Fn(&str) -> Option<String>) -> Option<Vec<TextFile>> {
        if self.files.is_empty() {
            return None;
        }
        let next = self
            .files
            .iter()
            .map(|file| Some(TextFile { path: file.path.clone(), text: change(&file.text)? }));
        next.collect()
    }

    fn to(&self, files: Vec<(TextFile, String)>) -> Option<OptionsChange> {
        let apply = self.loader.options().apply;
        (!files.is_empty()).then(|| OptionsChange { files, commands: Vec::new(), apply })
    }
}

/// `words` with `option` after the last of them.
fn command(words: Words, option: &str) -> Option<Vec<String>> {
    let (last, before) = words.split_last()?;
    let own = before.iter().map(|word| (*word).to_owned());
    Some(own.chain([format!("{last}{option}")]).collect())
}

/// Words with some added and some removed.
fn changed<'t>(words: impl Iterator<Item = &'t str>, add: &[&'t str], remove: &[&str]) -> String {
    let mut kept: Vec<&str> = words.filter(|word| !remove.contains(word)).collect();
    let missing: Vec<&str> = add.iter().copied().filter(|word| !kept.contains(word)).collect();
    kept.extend(missing);
    kept.join(" ")
}

/// A file of one line. What has a comment is left to a person.
fn line(text: &str, add: &[&str], remove: &[&str]) -> Option<String> {
    let words: Vec<&str> = text.split_ascii_whitespace().collect();
    let next = changed(words.iter().copied(), add, remove);
    if next == words.join(" ") {
        return Some(text.to_owned());
    }
    let end = if text.ends_with('\n') { "\n" } else { "" };
    (!text.contains('#')).then(|| next + end)
}

/// A file in which lines with options begin with `key`. Options are added to the first one of each
/// entry: a line that begins another has come before it, or none has.
fn lines(text: &str, key: &str, add: &[&str], remove: &[&str]) -> Option<String> {
    let mut found = false;
    let mut out = String::new();
    for line in text.split_inclusive('\n') {
        let own = line.trim();
        let mut words = own.split_ascii_whitespace();
        if words.next() != Some(key) {
            out.push_str(line);
            continue;
        }
        // Syslinux has entries beside the system's own, for example a memory test.
        let is_first = key != "options" || !found;
        found = true;
        let add = if is_first { add } else { &[] };
        let indent = line.get(..line.len() - line.trim_start().len()).unwrap_or_default();
        let end = line.get(line.trim_end().len()..).unwrap_or_default();
        let next = changed(words.clone(), add, remove);
        if next == words.collect::<Vec<&str>>().join(" ") {
            out.push_str(line);
            continue;
        }
        out.extend([indent, key, " ", &next, end]);
    }
    found.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    fn of(loader: Loader, texts: &[(&str, &str)]) -> OptionFiles {
        let mut files = FileMap::default();
        for (path, text) in texts {
            files.write(path, *text);
        }
        OptionFiles::read(&files, loader)
    }

    fn texts(change: Option<OptionsChange>) -> Vec<String> {
        change.unwrap_or_default().files.into_iter().map(|(_, next)| next).collect()
    }

    #[test]
    fn one_line() {
        let own = of(Loader::ProxmoxBoot, &[("/etc/kernel/cmdline", "root=ZFS=r boot=zfs ff\n")]);
        let change = own.change(&["iommu=pt"], &["ff"]);
        assert_eq!(texts(change.clone()), ["root=ZFS=r boot=zfs iommu=pt\n"]);
        assert_eq!(change.unwrap().apply, [["proxmox-boot-tool", "refresh"]]);
        assert_eq!(own.change(&["boot=zfs"], &[]), None);
    }

    #[test]
    fn entries_of_systemd_boot() {
        let entry = "title Arch\nlinux /vmlinuz\noptions root=x rw\noptions quiet ff\n";
        let path = "/boot/loader/entries/arch.conf";
        let own =
            of(Loader::Entries, &[(path, entry), ("/boot/loader/loader.conf", "options x\n")]);
        let expected = "title Arch\nlinux /vmlinuz\noptions root=x rw a=b\noptions quiet\n";
        assert_eq!(texts(own.change(&["a=b"], &["ff"])), [expected]);
    }

    #[test]
    fn syslinux_of_unraid() {
        let own = "label Unraid OS\r\n  menu default\r\n  kernel /bzimage\r\n  append \
                   initrd=/bzroot\r\nlabel Safe\r\n  append initrd=/bzroot unraidsafemode\r\n";
        let own = of(Loader::Syslinux, &[("/boot/syslinux/syslinux.cfg", own)]);
        let expected = "label Unraid OS\r\n  menu default\r\n  kernel /bzimage\r\n  append \
                        initrd=/bzroot a\r\nlabel Safe\r\n  append initrd=/bzroot unraidsafemode \
                        a\r\n";
        assert_eq!(texts(own.change(&["a"], &[])), [expected]);
    }

    #[test]
    fn programs_that_keep_them() {
        let own = of(Loader::Grubby, &[]).change(&["a=b"], &["c"]).unwrap();
        assert_eq!(
            own.commands,
            [
                ["grubby", "--update-kernel=ALL", "--args=a=b"],
                ["grubby", "--update-kernel=ALL", "--remove-args=c"]
            ]
        );
        for loader in [Loader::NixOs, Loader::TrueNas] {
            assert_eq!(of(loader, &[]).change(&["a"], &[]), None);
        }
    }

    #[test]
    fn what_sources_the_folder() {
        let texts = [
            ("/etc/default/grub", "GRUB_CMDLINE_LINUX=a\n"),
            ("/etc/default/grub.d/x.cfg", "GRUB_CMDLINE_LINUX=b\n"),
            ("/etc/default/grub.d/x.txt", "GRUB_CMDLINE_LINUX=c\n"),
        ];
        let known = |word: &str| Some(Options::Known(vec![word.to_owned()]));
        assert_eq!(of(Loader::Grub, &texts).options(), known("b"));
        assert_eq!(of(Loader::GrubMkconfig, &texts).options(), known("a"));
    }
}
