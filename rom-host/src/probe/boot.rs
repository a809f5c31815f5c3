//! How the host starts: firmware, boot loader, and the files that the kernel's command line comes from.

use super::reading::Reading;
use crate::env::Env;

/// The program that starts the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loader {
    /// GRUB: /etc/default/grub, then update-grub.
    Grub,
    /// systemd-boot through proxmox-boot-tool: /etc/kernel/cmdline, then proxmox-boot-tool refresh.
    SystemdBoot,
}

/// What a host has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Boot {
    /// Whether the firmware is UEFI.
    pub(crate) uefi: bool,
    pub(crate) loader: Option<Loader>,
    /// /etc/default/grub.
    pub(crate) grub: Reading<String>,
    /// /etc/kernel/cmdline.
    pub(crate) kernel_cmdline: Reading<String>,
}

/// Reads it; `command_line` is that of the running kernel.
pub(crate) fn read(env: &Env<'_>, command_line: &[String]) -> Boot {
    let by_systemd = command_line.iter().any(|word| word.starts_with("initrd=\\EFI\\"));
    let grub = Reading::file(&env.host("/etc/default/grub"));
    let kernel_cmdline = Reading::file(&env.host("/etc/kernel/cmdline"));
    let loader = match (by_systemd, grub.as_ref(), kernel_cmdline.as_ref()) {
        (true, _, _) | (false, None, Some(_)) => Some(Loader::SystemdBoot),
        (false, Some(_), _) => Some(Loader::Grub),
        (false, None, None) => None,
    };
    Boot { uefi: env.host("/sys/firmware/efi").exists(), loader, grub, kernel_cmdline }
}

impl Boot {
    /// What GRUB's file adds to the kernel's command line, with the line that says it; `Err` with a line whose quote is not closed.
    pub(crate) fn grub_options(&self) -> Result<Vec<String>, String> {
        let mut options = Vec::new();
        for line in self.grub.as_ref().map(String::as_str).unwrap_or_default().lines() {
            let Some(value) =
                ["GRUB_CMDLINE_LINUX_DEFAULT=", "GRUB_CMDLINE_LINUX="].iter().find_map(|key| line.strip_prefix(key))
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
    pub(crate) fn configured(&self) -> Option<Vec<String>> {
        match self.loader? {
            Loader::Grub => self.grub_options().ok(),
            Loader::SystemdBoot => {
                let text = self.kernel_cmdline.as_ref()?;
                Some(text.split_whitespace().map(str::to_owned).collect())
            }
        }
    }
}
