//! What differs from one distribution to the next: where its boot options are and what applies
//! them, what writes its initramfs, and where module options, ROM files, programs and the journal
//! are. The one table of that: checks and advice ask here, and so does what changes a host.

mod distribution;
pub mod grub;
mod initramfs;
mod loader;
mod options;

pub use distribution::{Distribution, Places};
pub use initramfs::Initramfs;
pub use loader::{BootOptions, Format, Loader};
pub use options::{OptionFiles, OptionsChange};

use crate::files::HostFiles;

/// Words of a command, program first.
pub type Words = &'static [&'static str];

/// What a host is made of, as far as its files show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct System {
    /// Its distribution.
    pub distribution: Distribution,
    /// What starts its kernel, where that can be seen.
    pub loader: Option<Loader>,
    /// What writes its initramfs, where that can be seen.
    pub initramfs: Option<Initramfs>,
}

impl System {
    /// Reads it; `command_line` is that of the running kernel.
    #[must_use]
    pub fn read(files: &dyn HostFiles, command_line: &[String]) -> Self {
        let distribution = Distribution::read(files);
        Self {
            distribution,
            loader: Loader::read(files, distribution, command_line),
            initramfs: Initramfs::read(files, distribution),
        }
    }

    /// Where this host has what.
    #[must_use]
    pub const fn places(self) -> &'static Places {
        self.distribution.places()
    }

    /// Where a ROM goes here that goes to `path`, in the folder of most distributions.
    #[must_use]
    pub fn rom_place(self, path: &str) -> String {
        self.distribution.rom_place(path)
    }

    /// Where the options of its kernel are, where that is known.
    #[must_use]
    pub fn boot_options(self) -> Option<&'static BootOptions> {
        Some(self.loader?.options())
    }

    /// The commands after which a changed file with module options counts, in this order; none
    /// where nothing has to be done.
    #[must_use]
    pub fn rebuild_initramfs(self) -> &'static [Words] {
        self.initramfs.map_or(&[], Initramfs::commands)
    }
}

#[cfg(test)]
mod tests;
