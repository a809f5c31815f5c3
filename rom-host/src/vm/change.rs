//! What there is to change in a VM. Each kind of configuration carries it out in its own way.

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Pass a function of the host through that the VM does not have yet.
    PassThrough {
        /// Its address on the host, with its domain.
        host: String,
    },
    /// Start by UEFI.
    Uefi,
    /// Machine type pc.
    Pc,
    /// No display of the VM's own.
    NoDisplay,
    /// Hand over the first function of the device alone.
    OneFunction {
        /// Its name in the configuration.
        device: String,
    },
    /// Put the device at 00:02.0, with nothing in its way.
    AtSlot2 {
        /// Its name in the configuration.
        device: String,
    },
    /// Move what is at 00:1f.0 of machine type pc somewhere else.
    FreeLpc,
    /// Tell QEMU a property of a device.
    Set {
        /// Its name in the configuration.
        device: String,
        /// The property.
        property: &'static str,
        /// What it is set to.
        value: String,
    },
    /// Do not tell QEMU a property of a device.
    Unset {
        /// Its name in the configuration.
        device: String,
        /// The property.
        property: String,
    },
    /// Set nothing of a device that the VM does not have.
    UnsetAll {
        /// Its name in the configuration.
        device: String,
    },
    /// Do not pass a device through.
    Remove {
        /// Its name in the configuration.
        device: String,
    },
    /// Take an option of a line of Proxmox VE out.
    WithoutOption {
        /// The key of the line.
        key: &'static str,
        /// The option.
        option: &'static str,
    },
    /// Set a line of Proxmox VE.
    Line {
        /// Its key.
        key: &'static str,
        /// What it is set to.
        value: String,
    },
    /// Take a word out of the arguments that QEMU does not take, with its value.
    WithoutWord(String),
    /// Take a `-set` with this value out of the arguments.
    WithoutSetting(String),
    /// Begin a word of the arguments with a hyphen instead of a dash.
    Hyphen(String),
    /// Leave the machine type to the manager.
    WithoutMachine,
    /// Leave the CPU to the manager.
    WithoutCpu,
    /// Take out what an editor cut.
    WithoutCutWord,
    /// No ballooning.
    NoBallooning,
    /// So many MiB of memory.
    Memory(u64),
    /// Do not let the CPU have more address bits than this.
    AddressBits(u32),
}
