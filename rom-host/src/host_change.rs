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
    /// The ROM for the GPU is installed.
    InstallRom,
}
