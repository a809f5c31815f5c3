//! Whether a VM is set up for the iGPU.

use super::{Outcome, Report, doctor, vm};
use crate::args;
use crate::env::Env;
use crate::error::CliError;
use crate::report::checks::{Results, VmCheck};
use crate::text::{ShellCommand, file_word};
use rom_host::assess::{Assessor, VmTarget};
use std::path::Path;

pub(super) fn run(args: &args::VmCheck, env: &Env<'_>) -> Result<Outcome, CliError> {
    let named = vm::read(&args.vm, env)?;
    let target = VmTarget {
        device: args.device,
        qemu: args.qemu,
        vmid: named.vmid,
        goal: args.goal.or_else(|| vm::remembered(named.vmid, env)),
        asked: file_word(Path::new(&args.vm)),
        rom: None,
    };
    let (root, catalog) = (env.files(), env.catalog()?);
    let assessor = Assessor::read(target, doctor::host(env), &root, &catalog);
    let assessed = assessor.assess(&named.configuration);
    let results = Results::new(assessed.checks);
    let exit = results.exit(args.strict);
    Ok(Outcome {
        exit,
        report: Report::VmCheck(Box::new(VmCheck {
            vmid: named.vmid,
            vm: assessed.vm.into(),
            results,
            plan: plan(args).filter(|_| assessed.fixable),
            remember: vm::to_remember(named.vmid, args.goal, env),
        })),
    })
}

/// What shows all changes at once, for the same question.
fn plan(args: &args::VmCheck) -> Option<ShellCommand> {
    // The VM as it was asked for: a file stays a file.
    let vm = file_word(Path::new(&args.vm))?;
    let mut words: Vec<String> = ["oprom", "vm", "plan", &vm].map(str::to_owned).into();
    if let Some(goal) = args.goal {
        words.extend(["--goal".to_owned(), goal.name().to_owned()]);
    }
    if let Some(device) = args.device {
        words.extend(["--device".to_owned(), device.to_string()]);
    }
    if let Some(qemu) = args.qemu {
        words.extend(["--qemu".to_owned(), qemu.to_string()]);
    }
    ShellCommand::new(words)
}
