//! `oprom doctor` and `oprom vm check`.

use super::Name;
use crate::error::Exit;
use crate::text::{Advice, Block, Line, Sentence, ShellCommand};
use rom_host::checks::{self, Status};
use rom_host::summary::VmSummary;
use schemars::JsonSchema;
use serde::Serialize;

/// What the checks came to.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Results {
    /// Whether the answer is yes.
    pub(crate) ready: bool,
    /// How many checks came to what.
    pub(crate) counts: Counts,
    /// In the order of causes.
    pub(crate) checks: Vec<Check>,
}

/// Whether a VM is ready.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VmCheck {
    /// Number of the VM of Proxmox VE, where that is known.
    pub(crate) vmid: Option<u32>,
    /// What was read of it.
    pub(crate) vm: Vm,
    #[serde(flatten)]
    pub(crate) results: Results,
    /// What shows all changes at once, where there are any.
    pub(crate) plan: Option<ShellCommand>,
    /// Lines of the configuration file that would remember the goal that was asked for: `+ ` comes,
    /// `- ` goes.
    pub(crate) remember: Vec<Line>,
}

/// Whether a VM that was started has the GPU.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VmVerify {
    /// What it is called.
    pub(crate) name: Line,
    /// Number of the VM of Proxmox VE, if it is one.
    pub(crate) vmid: Option<u32>,
    /// What was read of its configuration.
    pub(crate) vm: Vm,
    #[serde(flatten)]
    pub(crate) results: Results,
}

/// A VM as it was read.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Vm {
    /// `proxmox`, `libvirt` or `qemu`.
    pub(crate) manager: &'static str,
    /// `i440fx`, `q35` or `other`.
    pub(crate) machine: &'static str,
    /// `uefi`, `seabios` or `own`.
    pub(crate) firmware: &'static str,
    /// The display beside the GPU: `none`, `at-00:02.0` or `elsewhere`.
    pub(crate) display: &'static str,
    /// What it is for, if it has a GPU.
    pub(crate) goal: Option<Goal>,
    pub(crate) gpu: Option<Gpu>,
}

/// What a VM is for.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Goal {
    /// `display-at-boot`, `display`, `compute`, `vf`, `mdev` or `unclear`.
    pub(crate) name: &'static str,
    /// Why that is thought.
    pub(crate) reason: Line,
}

/// The GPU of a VM.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Gpu {
    /// Its address on the host.
    pub(crate) host: Option<Line>,
    /// Its slot and function in the VM, such as `02.0`, where the configuration says it.
    pub(crate) address: Option<Line>,
    /// Its bus in the VM, where the configuration says it.
    pub(crate) bus: Option<Line>,
    /// Its id in QEMU.
    pub(crate) id: Line,
    /// Its ROM file.
    pub(crate) romfile: Option<Line>,
    /// Whether the ROM is shown to the guest.
    pub(crate) rombar: bool,
}

impl From<VmSummary> for Vm {
    fn from(vm: VmSummary) -> Self {
        let gpu = vm.gpu.map(|gpu| Gpu {
            host: gpu.host.map(Line::from),
            address: gpu.address.map(Line::from),
            bus: gpu.bus.map(Line::from),
            id: Line::from(gpu.id),
            romfile: gpu.romfile.map(Line::from),
            rombar: gpu.rombar,
        });
        Self {
            manager: vm.manager,
            machine: vm.machine,
            firmware: vm.firmware,
            display: vm.display,
            goal: vm.goal.map(|(name, reason)| Goal { name, reason: Line::from(reason) }),
            gpu,
        }
    }
}

/// How many checks came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Counts {
    pub(crate) pass: usize,
    pub(crate) warn: usize,
    pub(crate) fail: usize,
    pub(crate) skip: usize,
}

/// A check.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Check {
    /// Stable; docs/checks.md has a heading for each.
    pub(crate) id: &'static str,
    pub(crate) status: Name<Status>,
    /// What was found.
    pub(crate) says: Block,
    /// Where: a path and what is there.
    pub(crate) evidence: Block,
    /// What to do.
    pub(crate) advice: Option<Advice>,
    /// Where there is more about it.
    pub(crate) more: String,
}

impl Results {
    pub(crate) fn new(checks: Vec<checks::Check>) -> Self {
        let count = |status| checks.iter().filter(|check| check.status == status).count();
        let counts = Counts {
            pass: count(Status::Pass),
            warn: count(Status::Warn),
            fail: count(Status::Fail),
            skip: count(Status::Skip),
        };
        Self {
            ready: counts.fail == 0,
            counts,
            checks: checks.into_iter().map(Check::new).collect(),
        }
    }

    /// The exit status that goes with it.
    pub(crate) const fn exit(&self, strict: bool) -> Exit {
        if !self.ready || (strict && self.counts.warn > 0) { Exit::No } else { Exit::Yes }
    }
}

impl Check {
    pub(crate) fn new(check: checks::Check) -> Self {
        Self {
            id: check.id,
            status: check.status.into(),
            says: Sentence(check.says).into(),
            evidence: Sentence(check.evidence).into(),
            advice: check.advice.map(Into::into),
            more: format!("docs/checks.md, {}", check.id),
        }
    }
}
