//! A VM that runs: its process, since when, and what was written down of its start.

use super::access::{Probe, link_name};
use super::guests::GuestName;
use super::pci;
use crate::files::HostFiles;

/// Where Proxmox VE writes the output of tasks, in one of 16 folders (pve-common,
/// `src/PVE/Tools.pm`, `upid_encode`; pve-manager's `RESTEnvironment.pm`).
const TASKS: &str = "/var/log/pve/tasks";
/// Ticks of a second in `/proc/PID/stat` (proc(5)).
const TICKS: u64 = 100;
/// Seconds between the start of a task and that of its QEMU.
const TASK_BEFORE: u64 = 600;
/// What libvirt writes into a domain's log before each start (`src/qemu/qemu_domain.c`).
const STARTING: &str = ": starting up";

/// A VM that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// The number of its process.
    pub process: u32,
    /// Its command line, with zeros between the words.
    pub command_line: Probe<String>,
    /// When it started, in seconds since 1970.
    pub since: Option<u64>,
}

/// A log of a start: where it is, and what it says since then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Log {
    /// Where it is.
    pub source: String,
    /// Its text.
    pub text: String,
}

/// The file in which the manager has the number of a VM's process.
#[must_use]
pub fn process_file(name: &GuestName) -> Option<String> {
    match name {
        GuestName::Vm(number) => Some(format!("/run/qemu-server/{number}.pid")),
        GuestName::Domain(name) => Some(format!("/run/libvirt/qemu/{name}.pid")),
        GuestName::Container(_) => None,
    }
}

/// The process of a VM; `None` if it does not run: a file that is left of one that ended counts
/// for nothing.
#[must_use]
pub fn read(files: &dyn HostFiles, name: &GuestName) -> Option<Running> {
    let text = Probe::file(files, &process_file(name)?);
    let process: u32 = text.as_ref()?.trim().parse().ok()?;
    let at = |file: &str| format!("/proc/{process}/{file}");
    if !files.exists(&at("stat")) {
        return None;
    }
    let command_line = Probe::file(files, &at("cmdline"));
    let stat = Probe::file(files, &at("stat"));
    let kernel = Probe::file(files, "/proc/stat");
    let since = stat.as_ref().zip(kernel.as_ref()).and_then(|(own, kernel)| since(own, kernel));
    Some(Running { process, command_line, since })
}

/// When a process started: ticks after the start of the host, field 22 of its `stat`.
fn since(stat: &str, kernel: &str) -> Option<u64> {
    // After the name, which may hold anything, come the fields from the third on.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks: u64 = fields.split(' ').nth(19)?.trim().parse().ok()?;
    let booted = kernel.lines().find_map(|line| line.strip_prefix("btime "))?;
    booted.trim().parse::<u64>().ok()?.checked_add(ticks.checked_div(TICKS)?)
}

/// What its manager and QEMU wrote when it started.
#[must_use]
pub fn start_log(files: &dyn HostFiles, name: &GuestName, since: Option<u64>) -> Option<Log> {
    match name {
        GuestName::Vm(number) => task(files, *number, since?),
        GuestName::Domain(name) => {
            let source = format!("/var/log/libvirt/qemu/{name}.log");
            let text = Probe::file(files, &source);
            let text = last_start(text.as_ref()?).to_owned();
            Some(Log { source, text })
        }
        GuestName::Container(_) => None,
    }
}

/// The output of the task that started a VM: `UPID:node:pid:pstart:start:qmstart:100:user:`, with
/// the start in hex.
fn task(files: &dyn HostFiles, number: u32, since: u64) -> Option<Log> {
    let mut newest: Option<(u64, String)> = None;
    for folder in files.names(TASKS) {
        let folder = format!("{TASKS}/{folder}");
        for name in files.names(&folder) {
            let fields: Vec<&str> = name.split(':').collect();
            let [_, _, _, _, start, "qmstart", id, ..] = fields.as_slice() else { continue };
            let Ok(start) = u64::from_str_radix(start, 16) else { continue };
            let is_its_start = *id == number.to_string()
                && start <= since.saturating_add(1)
                && since.saturating_sub(start) <= TASK_BEFORE;
            if is_its_start && newest.as_ref().is_none_or(|(other, _)| *other < start) {
                newest = Some((start, format!("{folder}/{name}")));
            }
        }
    }
    let (_, source) = newest?;
    let Probe::Is(text) = Probe::file(files, &source) else { return None };
    Some(Log { source, text })
}

/// The log of a domain from its last start on.
fn last_start(log: &str) -> &str {
    let start = log.rfind(STARTING).unwrap_or(0);
    log.get(start..).unwrap_or(log)
}

/// The driver of the device of the host at `bdf`.
#[must_use]
pub fn driver(files: &dyn HostFiles, bdf: &str) -> Option<String> {
    link_name(files, &format!("{}/{bdf}/driver", pci::DEVICES))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    fn host() -> FileMap {
        let mut files = FileMap::default();
        files.write("/run/qemu-server/100.pid", "4711\n");
        files.write("/proc/4711/cmdline", "/usr/bin/kvm\0-id\x00100\0");
        let before = "4711 (kvm) (x) S 1 4711 4711 0 -1 4194624 1 0 0 0 7 3 0 0 20 0 5 0";
        files.write("/proc/4711/stat", format!("{before} 12345 1 2 3\n"));
        files.write("/proc/stat", "cpu 1 2 3\nbtime 1700000000\nprocesses 9\n");
        files
    }

    #[test]
    fn a_process_is_one_that_is_there() {
        let mut files = host();
        let running = read(&files, &GuestName::Vm(100)).unwrap();
        assert_eq!((running.process, running.since), (4711, Some(1_700_000_123)));
        assert_eq!(running.command_line.as_ref().map(String::len), Some(21));
        assert_eq!(read(&files, &GuestName::Vm(101)), None);
        files.write("/run/libvirt/qemu/win11.pid", "9\n");
        assert_eq!(read(&files, &GuestName::Domain("win11".to_owned())), None);
    }

    #[test]
    fn the_log_is_that_of_this_start() {
        let mut files = host();
        let task = |start: u64, id: &str| {
            format!("{TASKS}/A/UPID:pve:0001:0002:{start:08X}:qmstart:{id}:root@pam:")
        };
        files.write(&task(1_699_999_000, "100"), "an older start\n");
        files.write(&task(1_700_000_120, "100"), "this start\n");
        files.write(&task(1_700_000_121, "101"), "of another\n");
        files.write(&task(1_700_009_999, "100"), "later\n");
        let log = start_log(&files, &GuestName::Vm(100), Some(1_700_000_123)).unwrap();
        assert_eq!(log.text, "this start\n");
        assert_eq!(start_log(&files, &GuestName::Vm(100), None), None);

        let text = "2026: starting up libvirt version: 9\nold\n2026: starting up libvirt\nnew\n";
        files.write("/var/log/libvirt/qemu/win11.log", text);
        let log = start_log(&files, &GuestName::Domain("win11".to_owned()), None).unwrap();
        assert_eq!(log.text, ": starting up libvirt\nnew\n");
    }
}
