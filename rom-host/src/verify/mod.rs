//! Whether a VM that was started has the GPU: what is seen of it, held to what it is for. Checks in
//! the order of causes.

pub mod guest;

use crate::address::IGPU_BDF;
use crate::advice::{Advice, ShellCommand};
use crate::assess::{Assessment, Assessor};
use crate::checks::{Check, Status};
use crate::explain::{self, Entry, Matters, Meaning, Occurrence};
use crate::files::HostFiles;
use crate::probe::guests::GuestName;
use crate::probe::running::{self, Log, Running};
use crate::summary::VmSummary;
use crate::vm::command_line::CommandLine;
use crate::vm::command_line::shell_words::Words;
use crate::vm::configuration::Configuration;
use crate::vm::model::Manager;
use guest::GuestSeen;

/// The driver that gives devices to VMs.
const VFIO: &str = "vfio-pci";

/// What programs of the host said of a VM that runs.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    /// The kernel's messages since the start.
    pub kernel: Option<String>,
    /// What the guest agent said, or why it did not.
    pub guest: Option<GuestSeen>,
}

/// What is seen of a VM.
#[derive(Debug)]
pub struct Verified {
    /// Every check, in the order of causes.
    pub checks: Vec<Check>,
    /// The VM as its configuration has it.
    pub vm: VmSummary,
}

impl Verified {
    /// Whether the VM has the GPU: QEMU was started with it, vfio-pci has it, and nothing fails.
    #[must_use]
    pub fn has_gpu(&self) -> bool {
        let fails = self.checks.iter().any(|check| check.status == Status::Fail);
        let is_seen = |id: &str| {
            let of_it = |check: &&Check| check.id == id;
            self.checks.iter().find(of_it).is_some_and(|check| check.status != Status::Skip)
        };
        !fails && is_seen("RUN002") && is_seen("RUN003")
    }

    /// Whether the VM is for a monitor.
    #[must_use]
    pub fn wants_display(&self) -> bool {
        let goal = self.vm.goal.as_ref().map(|(name, _)| *name);
        matches!(goal, Some("display-at-boot" | "display"))
    }
}

/// A VM to be verified.
pub struct Subject<'a> {
    /// What it is called.
    pub name: &'a GuestName,
    /// Its configuration.
    pub configuration: &'a Configuration,
    /// Its process, if it runs.
    pub running: Option<&'a Running>,
    /// What its host is, and what it is for.
    pub assessor: &'a Assessor<'a>,
    /// The files of its host.
    pub files: &'a dyn HostFiles,
}

/// Verifies a VM.
#[must_use]
pub fn verify(subject: &Subject<'_>, answers: &Answers) -> Verified {
    let configured = subject.assessor.assess(subject.configuration);
    let Some(running) = subject.running else {
        let checks = vec![not_running(subject, &configured)];
        return Verified { checks, vm: configured.vm };
    };
    let since = format!("process {}", running.process);
    let mut checks = vec![Check::pass("RUN001", "the VM runs", since)];
    let started = started(subject, running);
    checks.push(command_line(subject, &configured, started.as_ref()));
    let bdf = gpu_of(started.as_ref().unwrap_or(&configured));
    checks.push(driver(subject, bdf.as_deref()));
    let start = running::start_log(subject.files, subject.name, running.since);
    checks.extend(messages(subject, answers, start.as_ref()));
    checks.push(reset(bdf.as_deref(), answers.kernel.as_deref()));
    checks.push(rom(started.as_ref().unwrap_or(&configured), start.as_ref()));
    checks.push(guest::check(answers.guest.as_ref(), subject.name));
    Verified { checks, vm: configured.vm }
}

/// Words of a command of the manager about this VM.
fn manager_command(name: &GuestName, verb: &str) -> [String; 3] {
    let (program, name) = match name {
        GuestName::Vm(number) | GuestName::Container(number) => ("qm", number.to_string()),
        GuestName::Domain(name) => ("virsh", name.clone()),
    };
    [program.to_owned(), verb.to_owned(), name]
}

/// The VM in a command of this program.
fn asked(name: &GuestName) -> String {
    match name {
        GuestName::Vm(number) | GuestName::Container(number) => number.to_string(),
        GuestName::Domain(name) => format!("/etc/libvirt/qemu/{name}.xml"),
    }
}

const fn manager(name: &GuestName) -> Manager {
    match name {
        GuestName::Vm(_) | GuestName::Container(_) => Manager::Proxmox,
        GuestName::Domain(_) => Manager::Libvirt,
    }
}

fn not_running(subject: &Subject<'_>, configured: &Assessment) -> Check {
    let fails = configured.checks.iter().any(|check| check.status == Status::Fail);
    let advice = if fails {
        let text = "Its configuration is not ready: fix that first.";
        Advice::from(text).run(["oprom", "vm", "check", &asked(subject.name)])
    } else {
        Advice::from("Start it, then verify it again.").run(manager_command(subject.name, "start"))
    };
    let file = running::process_file(subject.name).unwrap_or_default();
    Check::fail("RUN001", "the VM is not running", format!("no process of {file}"), advice)
}

/// What the command line of the process comes to; `None` where it cannot be read.
fn started(subject: &Subject<'_>, running: &Running) -> Option<Assessment> {
    let text = running.command_line.as_ref().filter(|text| !text.is_empty())?;
    let line = CommandLine::read(Words::of_process(text));
    Some(subject.assessor.assess_running(&line))
}

fn first_failure(assessment: &Assessment) -> Option<&Check> {
    assessment.checks.iter().find(|check| check.status == Status::Fail)
}

/// Whether QEMU was started with what the VM needs.
fn command_line(
    subject: &Subject<'_>,
    configured: &Assessment,
    started: Option<&Assessment>,
) -> Check {
    const ID: &str = "RUN002";
    let Some(started) = started else {
        return Check::skip(ID, "the command line of the VM cannot be read", "run this as root");
    };
    let restart = |text: &str| {
        let advice = Advice::from(text).run(manager_command(subject.name, "shutdown"));
        advice.run(manager_command(subject.name, "start"))
    };
    match (first_failure(started), first_failure(configured)) {
        (Some(check), None) => {
            let says = "the VM was started with another configuration than it has now";
            let evidence = format!("its command line: {} ({})", check.says, check.id);
            Check::fail(ID, says, evidence, restart("Stop it and start it again."))
        }
        (Some(check), Some(_)) => {
            let says = "the VM was started with a configuration that is not ready";
            let evidence = format!("its command line: {} ({})", check.says, check.id);
            let fix = Advice::from("Fix the configuration, then stop and start the VM.");
            let fix = fix.run(["oprom", "vm", "check", &asked(subject.name)]);
            Check::fail(ID, says, evidence, fix)
        }
        (None, other) => {
            let file = |own: &Assessment| own.vm.gpu.as_ref().and_then(|gpu| gpu.romfile.clone());
            if file(started) != file(configured) || other.is_some() {
                let says = "the configuration was changed since the VM was started";
                let evidence = "the VM that runs is not the one that will be started next";
                let text = "What runs now is right. The next start uses the new configuration.";
                let fix = Advice::from(text).run(["oprom", "vm", "check", &asked(subject.name)]);
                return Check::warn(ID, says, evidence, fix);
            }
            let says = "QEMU was started with what the VM needs";
            Check::pass(ID, says, "the command line of its process")
        }
    }
}

/// Where the GPU of a VM is on the host; `None` if it has none that can be named.
fn gpu_of(assessment: &Assessment) -> Option<String> {
    let host = assessment.vm.gpu.as_ref()?.host.clone()?;
    Some(if host.contains('.') { host } else { format!("{host}.0") })
}

/// Whether vfio-pci has the GPU.
fn driver(subject: &Subject<'_>, bdf: Option<&str>) -> Check {
    const ID: &str = "RUN003";
    let Some(bdf) = bdf else {
        return Check::skip(ID, "which driver has the GPU: the VM has no GPU", "see RUN002");
    };
    let driver = running::driver(subject.files, bdf);
    let evidence = format!("{bdf}: driver {}", driver.as_deref().unwrap_or("none"));
    if driver.as_deref() == Some(VFIO) {
        return Check::pass(ID, "vfio-pci has the GPU", evidence);
    }
    let says = "vfio-pci does not have the GPU, so the VM does not use it";
    let fix = Advice::from("Stop the VM and start it again; if it stays so, check the host.");
    let fix = fix.run(manager_command(subject.name, "shutdown"));
    let fix = fix.run(manager_command(subject.name, "start")).run(["oprom", "doctor"]);
    Check::fail(ID, says, evidence, fix)
}

/// Every message since the start that matters, by the index of messages.
fn messages(subject: &Subject<'_>, answers: &Answers, start: Option<&Log>) -> Vec<Check> {
    const ID: &str = "RUN004";
    let kernel = answers.kernel.as_ref().map(|text| ("the kernel's log", text.as_str()));
    let start = start.map(|log| (log.source.as_str(), log.text.as_str()));
    let logs: Vec<(&str, &str)> = kernel.into_iter().chain(start).collect();
    let mut checks = Vec::new();
    for (source, text) in &logs {
        let found = explain::in_log(text).found;
        checks.extend(found.iter().filter_map(|found| of_message(subject, source, found)));
    }
    // What is why it does not work comes first.
    checks.sort_by_key(|check| check.status != Status::Fail);
    if checks.is_empty() {
        let sources: Vec<&str> = logs.iter().map(|(source, _)| *source).collect();
        checks.push(if sources.is_empty() {
            let says = "messages since the start: no log of it can be read";
            Check::skip(ID, says, "the kernel's log, the log of the start")
        } else {
            Check::pass(ID, "no message since the start needs attention", sources.join(", "))
        });
    }
    checks
}

fn of_message(subject: &Subject<'_>, source: &str, found: &Occurrence) -> Option<Check> {
    const ID: &str = "RUN004";
    let entry = found.message;
    let evidence = format!("{source}: {}", found.text);
    let means = entry.means.trim_end_matches('.');
    let advice = advice_of(entry, subject.name);
    match entry.matters {
        Matters::Yes => Some(Check::fail(ID, means, evidence, advice)),
        Matters::Perhaps => Some(Check::warn(ID, means, evidence, advice)),
        Matters::Good | Matters::No => None,
    }
}

/// What to do about a message, with the name of this VM in the commands.
fn advice_of(entry: &Entry, name: &GuestName) -> Advice {
    let mut all = Advice::default();
    for advice in entry.advice(Some(manager(name))) {
        let space = if all.text.is_empty() { "" } else { " " };
        all.text = format!("{}{space}{}", all.text, advice.text);
        let named = advice.commands.iter().filter_map(|command| {
            let words = command.words().iter().map(|word| match (word.as_str(), name) {
                ("VMID" | "NAME", _) => match name {
                    GuestName::Domain(own) => own.clone(),
                    GuestName::Vm(number) | GuestName::Container(number) => number.to_string(),
                },
                _ => word.clone(),
            });
            ShellCommand::new(words)
        });
        all.commands.extend(named);
    }
    all
}

/// Whether the kernel says that it reset the GPU.
fn reset(bdf: Option<&str>, kernel: Option<&str>) -> Check {
    const ID: &str = "RUN005";
    let bdf = bdf.unwrap_or(IGPU_BDF);
    let done = format!("{bdf}: reset done");
    let line = kernel.and_then(|text| text.lines().find(|line| line.contains(&done)));
    line.map_or_else(
        || {
            let says = "whether the GPU was reset: the kernel does not say it";
            Check::skip(ID, says, format!("no \"{done}\" in the kernel's log"))
        },
        |line| Check::pass(ID, "the GPU was reset", line),
    )
}

/// Whether QEMU read the ROM, as far as that can be seen.
fn rom(assessment: &Assessment, start: Option<&Log>) -> Check {
    const ID: &str = "RUN006";
    let file = assessment.vm.gpu.as_ref().and_then(|gpu| gpu.romfile.clone());
    match (file, start) {
        (None, _) => Check::skip(ID, "whether QEMU read a ROM: it was given none", "no romfile"),
        (Some(file), None) => {
            let says = "whether QEMU read the ROM: the log of the start cannot be read";
            Check::skip(ID, says, file)
        }
        (Some(file), Some(log)) => {
            let says = "QEMU was given the ROM and started";
            Check::pass(ID, says, format!("{file}; {}", log.source))
        }
    }
}

/// What somebody who looks at the monitor says.
#[must_use]
pub fn monitor(shows: bool, name: &GuestName) -> Check {
    const ID: &str = "RUN008";
    if shows {
        return Check::pass(ID, "the monitor shows the guest", "as you said");
    }
    let advice = match explain::explain("black screen") {
        Some(Meaning::Entry(entry, _)) => {
            let advice = advice_of(entry, name);
            Advice { text: format!("{} {}", entry.means, advice.text), ..advice }
        }
        Some(Meaning::Page(..)) | None => Advice::default(),
    };
    let says = "the VM has the GPU, and the monitor shows nothing";
    Check::fail(ID, says, "as you said", advice)
}
