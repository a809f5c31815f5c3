//! Whether a VM that was started has the GPU.

use super::{Outcome, Report, doctor, vm};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::checks::{Results, VmVerify};
use crate::rights::Rights;
use crate::text::Line;
use crate::tools;
use rom_core::DeviceId;
use rom_host::assess::{Assessor, VmTarget};
use rom_host::goal::Goal;
use rom_host::probe::Host;
use rom_host::probe::guests::GuestName;
use rom_host::probe::running::{self, Running};
use rom_host::verify::{self, Answers, Subject, Verified};
use rom_host::vm::configuration::Configuration;
use std::path::Path;

/// AMD's vendor id.
const AMD: u16 = 0x1002;

pub(super) fn run(args: &args::VmVerify, env: &Env<'_>) -> Result<Outcome, CliError> {
    let started = Started::ask(&args.vm, args.goal, env)?;
    // What strangers wrote is read from here on, and no program is asked any more.
    Rights::default().keep_only()?;
    let mut verified = started.verify(env)?;
    if verified.has_gpu()
        && verified.wants_display()
        && let Ok(shows) = env.reporter.confirm("Does the monitor show the guest's display?")
    {
        verified.checks.push(verify::monitor(shows, &started.name));
    }
    let ready = verified.has_gpu();
    let results = Results { ready, ..Results::new(verified.checks) };
    let exit = if ready { Exit::Yes } else { Exit::No };
    let report = VmVerify {
        name: Line::new(started.name.to_string()),
        vmid: started.name.vmid(),
        vm: verified.vm.into(),
        results,
    };
    Ok(Outcome { exit, report: Report::VmVerify(Box::new(report)) })
}

/// A VM that was started, and what the programs of its host say of it.
pub(super) struct Started {
    name: GuestName,
    goal: Option<Goal>,
    configuration: Configuration,
    host: Host,
    running: Option<Running>,
    answers: Answers,
}

impl Started {
    /// Asks the programs of the host about the VM that is called `vm`.
    pub(super) fn ask(vm: &str, goal: Option<Goal>, env: &Env<'_>) -> Result<Self, CliError> {
        let (name, configuration) = named(vm, env)?;
        let goal = goal.or_else(|| vm::remembered(name.vmid(), env));
        let host = doctor::host(env);
        let running = running::read(&env.files(), &name);
        let vendor = if host.amd.is_some() { AMD } else { DeviceId::INTEL };
        let answers = match &running {
            Some(running) => Answers {
                kernel: running.since.and_then(|since| tools::kernel_log(env, since)),
                guest: Some(tools::guest(env, &name, vendor)),
            },
            None => Answers::default(),
        };
        Ok(Self { name, goal, configuration, host, running, answers })
    }

    /// What it comes to.
    pub(super) fn verify(&self, env: &Env<'_>) -> Result<Verified, CliError> {
        let (files, catalog) = (env.files(), env.catalog()?);
        let target = VmTarget { vmid: self.name.vmid(), goal: self.goal, ..VmTarget::default() };
        let assessor = Assessor::read(target, self.host.clone(), &files, &catalog);
        let subject = Subject {
            name: &self.name,
            configuration: &self.configuration,
            running: self.running.as_ref(),
            assessor: &assessor,
            files: &files,
        };
        Ok(verify::verify(&subject, &self.answers))
    }
}

/// The VM that is called `vm`: a number of Proxmox VE, the name of a domain, or the file of one of
/// them.
fn named(vm: &str, env: &Env<'_>) -> Result<(GuestName, Configuration), CliError> {
    let is_file = vm == "-" || vm.contains('/') || Path::new(vm).exists();
    if !is_file && vm.parse::<u32>().is_err() {
        let configuration = vm::domain(vm, env)?;
        return Ok((GuestName::Domain(vm.to_owned()), configuration));
    }
    let named = vm::read(vm, env)?;
    let stem = Path::new(vm).file_stem().and_then(|stem| stem.to_str());
    let name = match (&named.configuration, named.vmid, stem) {
        (_, Some(vmid), _) => GuestName::Vm(vmid),
        (Configuration::Libvirt(_), None, Some(stem)) if vm != "-" => {
            GuestName::Domain(stem.to_owned())
        }
        _ => {
            let what = format!("{vm} does not say which VM of this host it is");
            let help = "Give the number of a Proxmox VE VM, or the name of a domain of libvirt.";
            return Err(CliError::new(Exit::Usage, what, help));
        }
    };
    Ok((name, named.configuration))
}
