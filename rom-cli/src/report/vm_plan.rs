//! `oprom vm plan`.

use crate::text::{Advice, Block, Line, ShellCommand};
use schemars::JsonSchema;
use serde::Serialize;

/// What to set.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct VmPlan {
    /// What the configuration is written for.
    #[serde(rename = "for")]
    pub(crate) target: Target,
    /// Number of the VM, where it was named.
    pub(crate) vmid: Option<u32>,
    /// The GPU that it is for.
    pub(crate) device: Line,
    /// The QEMU that it is for, where that is known.
    pub(crate) qemu: Option<Line>,
    pub(crate) settings: Vec<Setting>,
    /// What else is good to know.
    pub(crate) notes: Vec<Advice>,
}

/// What a configuration is written for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Target {
    Proxmox,
    Libvirt,
    Qemu,
}

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Setting {
    /// A key of a .conf, an element of XML, an option of QEMU.
    pub(crate) key: &'static str,
    pub(crate) value: Line,
    pub(crate) reason: Block,
    /// The command that sets it, or the words of QEMU's command line.
    pub(crate) command: Option<ShellCommand>,
}
