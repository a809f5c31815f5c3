//! What there is to change on a host. A rule that finds something wrong says which of these makes
//! it right.

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostChange {
    /// Options of the kernel come and go in the boot loader's file. A quote that is not closed
    /// there is closed.
    KernelOptions {
        /// Options that come, where they are missing.
        add: Vec<String>,
        /// Options that go.
        remove: Vec<String>,
    },
    /// The boot loader's own files are written again from its file.
    ApplyBootOptions,
    /// An option of a kernel module goes from a file of /etc/modprobe.d.
    WithoutModuleOption {
        /// The file.
        file: String,
        /// The module, with dashes.
        module: &'static str,
        /// The option, without its value.
        option: &'static str,
    },
    /// The initramfs is built again.
    RebuildInitramfs,
    /// A ROM for the GPU is installed.
    InstallRom(HostRom),
}

/// A ROM that a host can need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HostRom {
    /// The one of an Intel GPU, which is downloaded.
    Intel,
    /// The VBIOS of an AMD GPU, which is in memory.
    AmdVbios,
    /// AMD's GOP driver, which is in a BIOS update.
    AmdGop,
}

impl HostRom {
    /// Where it goes if nothing else is said.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Intel => "/usr/share/kvm/igd.rom",
            Self::AmdVbios => "/usr/share/kvm/amd-vbios.rom",
            Self::AmdGop => "/usr/share/kvm/amd-gop.rom",
        }
    }
}
