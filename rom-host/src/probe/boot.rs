//! How the host starts: firmware, and the files that the kernel's command line comes from.

use super::access::Probe;
use crate::files::HostFiles;
use crate::system::{Format, Loader};

/// What a host has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Whether the firmware is UEFI.
    pub uefi: bool,
    /// /etc/default/grub.
    pub grub: Probe<String>,
    /// /etc/kernel/cmdline.
    pub kernel_cmdline: Probe<String>,
}

/// Reads it.
pub fn read(files: &dyn HostFiles) -> Boot {
    Boot {
        uefi: files.exists("/sys/firmware/efi"),
        grub: Probe::file(files, "/etc/default/grub"),
        kernel_cmdline: Probe::file(files, "/etc/kernel/cmdline"),
    }
}

impl Boot {
    /// What GRUB's file adds to the kernel's command line.
    ///
    /// # Errors
    /// A line whose quote is not closed.
    pub fn grub_options(&self) -> Result<Vec<String>, String> {
        let mut options = Vec::new();
        for line in self.grub.as_ref().map(String::as_str).unwrap_or_default().lines() {
            let Some(value) = ["GRUB_CMDLINE_LINUX_DEFAULT=", "GRUB_CMDLINE_LINUX="]
                .iter()
                .find_map(|key| line.strip_prefix(key))
            else {
                continue;
            };
            let quote = value.chars().next().filter(|letter| matches!(letter, '"' | '\''));
            let inner = match quote {
                None => value,
                Some(quote) => value
                    .get(1..)
                    .and_then(|rest| rest.split_once(quote))
                    .map(|(inner, _)| inner)
                    .ok_or_else(|| line.to_owned())?,
            };
            options.extend(inner.split_whitespace().map(str::to_owned));
        }
        Ok(options)
    }

    /// What the file of `loader` asks for, where there is one for all kernels.
    pub fn configured(&self, loader: Loader) -> Option<Vec<String>> {
        match loader.options().format {
            Format::Shell => self.grub_options().ok(),
            Format::Line => {
                let text = self.kernel_cmdline.as_ref()?;
                Some(text.split_whitespace().map(str::to_owned).collect())
            }
            _ => None,
        }
    }
}
