//! Whether a VM is set up for the iGPU, and what would fix it.

use super::{Outcome, Report, doctor, vm_plan};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::report::checks::{Results, VmCheck, VmFix};
use crate::text::{ShellCommand, file_word};
use rom_host::assess::{Assessor, VmTarget};
use rom_host::checks::Status;
use rom_host::vm::configuration::Configuration;
use std::path::Path;

/// Bytes of a configuration that are read.
const LONGEST: u64 = 1 << 20;

pub(super) fn run(args: &args::VmCheck, env: &Env<'_>) -> Result<Outcome, CliError> {
    let vmid: Option<u32> = args.vm.parse().ok();
    let configuration = if let Some(vmid) = vmid {
        Configuration::Proxmox(vm_plan::config(vmid, env)?)
    } else {
        let text = files::read_text(Path::new(&args.vm), LONGEST)?;
        Configuration::read(&text).map_err(|reason| unreadable(&args.vm, &reason))?
    };
    let vmid = vmid.or_else(|| named_after(Path::new(&args.vm)));
    let target = VmTarget {
        device: args.device,
        qemu: args.qemu,
        vmid,
        goal: args.goal.or_else(|| vmid.and_then(|vmid| env.settings.goals.get(&vmid).copied())),
    };
    let (root, catalog) = (env.files(), env.catalog()?);
    let assessor = Assessor::read(target, doctor::host(env), &root, &catalog);
    if args.fix {
        let fixed = assessor.fix(&configuration);
        let exit = if fixed.left.iter().any(|check| check.status == Status::Fail) {
            Exit::No
        } else {
            Exit::Yes
        };
        return Ok(Outcome {
            exit,
            report: Report::VmFix(Box::new(VmFix::new(fixed.steps, fixed.left))),
        });
    }
    let assessed = assessor.assess(&configuration);
    // The VM as it was asked for: a file stays a file.
    let all_changes = file_word(Path::new(&args.vm))
        .and_then(|vm| ShellCommand::new(["oprom", "vm", "check", &vm, "--fix"]))
        .filter(|_| assessed.fixable);
    let results = Results::new(assessed.checks);
    let exit = results.exit(args.strict);
    Ok(Outcome {
        exit,
        report: Report::VmCheck(Box::new(VmCheck {
            vmid,
            vm: assessed.vm.into(),
            results,
            all_changes,
        })),
    })
}

/// The number of the VM that a file of Proxmox VE is named after.
fn named_after(path: &Path) -> Option<u32> {
    path.file_name()?.to_str()?.strip_suffix(".conf")?.parse().ok()
}

fn unreadable(path: &str, reason: &str) -> CliError {
    let name = if path == "-" { "standard input" } else { path };
    CliError::new(
        Exit::Failed,
        format!("{name} cannot be read: {reason}"),
        "Give the number of a Proxmox VE VM, or a file: its .conf, the output of `virsh \
        dumpxml`, or a QEMU command line such as /proc/PID/cmdline.",
    )
}
