//! How the host starts: firmware, and the files that the kernel's command line comes from.

use crate::files::HostFiles;
use crate::system::grub::Options;
use crate::system::{Format, Loader, OptionFiles, System};

/// What a host has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Whether the firmware is UEFI.
    pub uefi: bool,
    /// Where its boot loader has the options of the kernel.
    pub options: Option<OptionFiles>,
    /// Options in GRUB's files, where another boot loader starts the host.
    pub unused: Vec<String>,
}

/// Reads it.
pub fn read(files: &dyn HostFiles, system: System) -> Boot {
    let options = system.loader.map(|loader| OptionFiles::read(files, loader));
    // Of the others GRUB may be there too, and be used.
    let other = system.loader.is_some_and(|loader| loader.options().format == Format::Line);
    let grub = other.then(|| OptionFiles::read(files, Loader::Grub).options()).flatten();
    let unused = match grub {
        Some(Options::Known(words)) => words,
        _ => Vec::new(),
    };
    Boot { uefi: files.exists("/sys/firmware/efi"), options, unused }
}
