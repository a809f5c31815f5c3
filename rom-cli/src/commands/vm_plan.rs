//! What would make a VM ready.

use super::{Outcome, Report, doctor, vm};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::vm_plan::VmPlan;
use crate::text::file_word;
use rom_host::assess::{Assessor, VmTarget};
use rom_host::files::HostFiles as _;
use rom_host::goal::Goal;
use rom_host::probe;
use rom_host::vm::configuration::Configuration;
use rom_host::vm::model::Manager;
use rom_host::vm::proxmox::ROM_FOLDER;
use std::path::Path;

/// Where a file for each running VM of Proxmox VE is.
const RUNNING: &str = "/run/qemu-server";

pub(super) fn run(args: &args::VmPlan, env: &Env<'_>) -> Result<Outcome, CliError> {
    let named = args.vm.as_deref().map(|name| vm::read(name, env)).transpose()?;
    let vmid = named.as_ref().and_then(|named| named.vmid);
    // A new VM has nothing that tells what it is for.
    let goal = args.goal.or_else(|| vm::remembered(vmid, env));
    let goal = goal.or_else(|| named.is_none().then_some(Goal::DisplayAtBoot));
    let target = VmTarget {
        device: args.device,
        qemu: args.qemu,
        vmid,
        goal,
        asked: args.vm.as_deref().and_then(|vm| file_word(Path::new(vm))),
        rom: args.romfile.as_deref().map(path_of_rom),
    };
    let (root, catalog) = (env.files(), env.catalog()?);
    // A GPU that is named is in another machine.
    let here = args.device.is_none();
    let configuration = match named {
        Some(named) => named.configuration,
        None => Configuration::empty(match args.manager {
            Some(manager) => manager.into(),
            None => here.then(|| probe::manager(&root)).flatten().unwrap_or(Manager::Proxmox),
        }),
    };
    let assessor = Assessor::read(target, doctor::host(env), &root, &catalog);
    if let Some(reason) = assessor.no_gpu().filter(|_| args.vm.is_none()) {
        let help = "For the GPU of another machine give its id with --device, as lspci -nn prints \
            it there. This shows what was found here:";
        return Err(CliError::new(Exit::No, reason, help).run(["oprom", "pick"]));
    }
    let plan = assessor.plan(&configuration);
    let exit = if plan.is_whole() { Exit::Yes } else { Exit::No };
    let runs = vmid.is_some_and(|vmid| root.exists(&format!("{RUNNING}/{vmid}.pid")));
    let remember = vm::to_remember(vmid, args.goal, env);
    let report = VmPlan { remember, ..VmPlan::new(plan, vmid, args.vm.as_deref(), runs) };
    Ok(Outcome { exit, report: Report::VmPlan(Box::new(report)) })
}

/// A name is one in the folder that `romfile` of Proxmox VE is relative to.
fn path_of_rom(name: &str) -> String {
    if name.starts_with('/') { name.to_owned() } else { format!("{ROM_FOLDER}/{name}") }
}
