//! How the host starts: firmware, boot loader, and the files that the kernel's command line comes
//! from.

use super::access::Probe;
use crate::files::HostFiles;

/// The program that starts the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loader {
    /// GRUB: /etc/default/grub, then update-grub.
    Grub,
    /// systemd-boot through proxmox-boot-tool: /etc/kernel/cmdline, then proxmox-boot-tool refresh.
    SystemdBoot,
}

/// What a host has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Boot {
    /// Whether the firmware is UEFI.
    pub uefi: bool,
    /// The boot loader, where it can be seen.
    pub loader: Option<Loader>,
    /// /etc/default/grub.
    pub grub: Probe<String>,
    /// /etc/kernel/cmdline.
    pub kernel_cmdline: Probe<String>,
}

/// Reads it; `command_line` is that of the running kernel.
pub fn read(files: &dyn HostFiles, command_line: &[String]) -> Boot {
    let by_systemd = command_line.iter().any(|word| word.starts_with("initrd=\\EFI\\"));
    let grub = Probe::file(files, "/etc/default/grub");
    let kernel_cmdline = Probe::file(files, "/etc/kernel/cmdline");
    let loader = match (by_systemd, grub.as_ref(), kernel_cmdline.as_ref()) {
        (true, _, _) | (false, None, Some(_)) => Some(Loader::SystemdBoot),
        (false, Some(_), _) => Some(Loader::Grub),
        (false, None, None) => None,
    };
    Boot { uefi: files.exists("/sys/firmware/efi"), loader, grub, kernel_cmdline }
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

    /// What the loader's file asks for.
    pub fn configured(&self) -> Option<Vec<String>> {
        match self.loader? {
            Loader::Grub => self.grub_options().ok(),
            Loader::SystemdBoot => {
                let text = self.kernel_cmdline.as_ref()?;
                Some(text.split_whitespace().map(str::to_owned).collect())
            }
        }
    }
}
