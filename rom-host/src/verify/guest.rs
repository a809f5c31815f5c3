//! What the guest itself sees of the GPU: what its agent is asked, and what the answers mean.

use super::{advice_of, manager_command};
use crate::advice::Advice;
use crate::checks::Check;
use crate::explain::{self, Meaning};
use crate::probe::guests::GuestName;
use serde_json::Value;

/// What the guest sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuestSeen {
    /// The agent did not answer: why.
    Silent(String),
    /// It answered, and what it said cannot be read.
    Unclear,
    /// It sees no GPU of this vendor.
    NoGpu,
    /// It sees the GPU.
    Gpu {
        /// The driver that has it there.
        driver: Option<String>,
        /// The code of a problem that Windows has with it.
        problem: Option<u32>,
    },
}

/// What lists the devices of a Linux guest: `uevent` of each (sysfs of Linux).
pub const LINUX: [&str; 3] = ["/bin/sh", "-c", "cat /sys/bus/pci/devices/*/uevent"];

/// What lists the displays of a Windows guest: id, code of the problem, driver.
pub const WINDOWS: [&str; 4] = [
    "powershell.exe",
    "-NoProfile",
    "-Command",
    "Get-CimInstance Win32_VideoController | ForEach-Object { $_.PNPDeviceID + '|' + \
     $_.ConfigManagerErrorCode + '|' + $_.DriverVersion }",
];

/// Whether what the agent says of the operating system (`guest-get-osinfo`) is Windows; `None` if
/// it cannot be read.
#[must_use]
pub fn is_windows(answer: &str) -> Option<bool> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let of = answer.get("return").or_else(|| answer.get("result")).unwrap_or(&answer);
    Some(of.get("id")?.as_str()? == "mswindows")
}

/// The number of a program that the agent started (`guest-exec`).
#[must_use]
pub fn started(answer: &str) -> Option<u64> {
    serde_json::from_str::<Value>(answer).ok()?.get("return")?.get("pid")?.as_u64()
}

/// What a program in the guest printed: as `qm guest exec` says it, or in base64 as the agent does
/// (`guest-exec-status`). `None` while it runs.
#[must_use]
pub fn printed(answer: &str) -> Option<String> {
    let answer: Value = serde_json::from_str(answer).ok()?;
    let (of, encoded) = answer.get("return").map_or((&answer, false), |of| (of, true));
    let has_ended = of
        .get("exited")
        .is_some_and(|exited| exited.as_bool().unwrap_or_else(|| exited.as_u64() == Some(1)));
    let text = of.get("out-data").and_then(Value::as_str).unwrap_or_default();
    let text = if encoded { base64(text)? } else { text.to_owned() };
    has_ended.then_some(text)
}

/// Decodes base64, as the agent writes it (RFC 4648).
fn base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0_u32);
    for character in text.bytes().filter(|byte| *byte != b'=') {
        let value = match character {
            b'A'..=b'Z' => character - b'A',
            b'a'..=b'z' => character - b'a' + 26,
            b'0'..=b'9' => character - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(((bits >> count) & 0xFF).to_le_bytes()[0]);
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// What a Linux guest sees of GPUs of this vendor.
#[must_use]
pub fn of_linux(printed: &str, vendor: u16) -> GuestSeen {
    let mut devices: Vec<Vec<(&str, &str)>> = Vec::new();
    for line in printed.lines().filter_map(|line| line.trim().split_once('=')) {
        // A device begins with its driver or, without one, with its class.
        let begins = line.0 == "DRIVER"
            || line.0 == "PCI_CLASS"
                && devices.last().is_none_or(|own| own.iter().any(|(key, _)| *key == "PCI_CLASS"));
        if begins {
            devices.push(Vec::new());
        }
        if let Some(own) = devices.last_mut() {
            own.push(line);
        }
    }
    if devices.is_empty() {
        return GuestSeen::Unclear;
    }
    let get = |own: &[(&str, &str)], key: &str| {
        own.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned())
    };
    // Base class 03: a display controller.
    let is_gpu = |own: &&Vec<(&str, &str)>| {
        let class = get(own, "PCI_CLASS").and_then(|text| u32::from_str_radix(&text, 16).ok());
        let id = get(own, "PCI_ID").unwrap_or_default().to_uppercase();
        class.is_some_and(|class| class >> 16 == 3) && id.starts_with(&format!("{vendor:04X}:"))
    };
    devices.iter().find(is_gpu).map_or(GuestSeen::NoGpu, |own| GuestSeen::Gpu {
        driver: get(own, "DRIVER"),
        problem: None,
    })
}

/// What a Windows guest sees of GPUs of this vendor.
#[must_use]
pub fn of_windows(printed: &str, vendor: u16) -> GuestSeen {
    let own = format!("VEN_{vendor:04X}&");
    let mut lines = printed.lines().map(str::trim).filter(|line| line.contains('|')).peekable();
    if lines.peek().is_none() {
        return GuestSeen::Unclear;
    }
    let Some(line) = lines.find(|line| line.to_uppercase().contains(&own)) else {
        return GuestSeen::NoGpu;
    };
    let mut parts = line.split('|').skip(1);
    let problem = parts.next().and_then(|code| code.trim().parse().ok()).filter(|code| *code != 0);
    let driver = parts.next().map(str::trim).filter(|text| !text.is_empty());
    GuestSeen::Gpu { driver: driver.map(str::to_owned), problem }
}

/// The check of it.
pub(super) fn check(seen: Option<&GuestSeen>, name: &GuestName) -> Check {
    const ID: &str = "RUN007";
    let unknown = "what the guest sees of the GPU is unknown";
    match seen {
        None => Check::skip(ID, unknown, "no guest was asked"),
        Some(GuestSeen::Silent(why)) => Check::skip(ID, unknown, format!("guest agent: {why}")),
        Some(GuestSeen::Unclear) => {
            Check::skip(ID, unknown, "the guest agent's answer cannot be read")
        }
        Some(GuestSeen::NoGpu) => {
            let fix = Advice::from("Look at its device manager, or at lspci in it.");
            let fix = fix.run(["oprom", "vm", "check", &super::asked(name)]);
            Check::fail(ID, "the guest does not see the GPU", "guest agent", fix)
        }
        Some(GuestSeen::Gpu { problem: Some(43), .. }) => {
            let says = "the guest's driver stopped the GPU: Code 43";
            let advice = match explain::explain("code 43") {
                Some(Meaning::Entry(entry, _)) => advice_of(entry, name),
                Some(Meaning::Page(..)) | None => Advice::default(),
            };
            Check::fail(ID, says, "guest agent: ConfigManagerErrorCode 43", advice)
        }
        Some(GuestSeen::Gpu { problem: Some(code), .. }) => {
            let says = format!("the guest has a problem with the GPU: Code {code}");
            let fix = "Install the graphics driver in the guest, then restart the guest.";
            let fix = Advice::from(fix).run(manager_command(name, "reboot"));
            Check::fail(ID, says, format!("guest agent: ConfigManagerErrorCode {code}"), fix)
        }
        Some(GuestSeen::Gpu { driver: None, .. }) => {
            let says = "the guest sees the GPU and has no driver for it";
            let fix = "Install the graphics driver in the guest.";
            Check::warn(ID, says, "guest agent", fix)
        }
        Some(GuestSeen::Gpu { driver: Some(driver), .. }) => {
            let says = "the guest sees the GPU and has a driver for it";
            Check::pass(ID, says, format!("guest agent: driver {driver}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_linux_guest_is_read() {
        let text = "DRIVER=i915\nPCI_CLASS=30000\nPCI_ID=8086:A7A8\nPCI_SLOT_NAME=0000:00:02.0\n\
                    PCI_CLASS=60100\nPCI_ID=8086:7000\nDRIVER=virtio-pci\nPCI_CLASS=20000\n\
                    PCI_ID=1AF4:1000\n";
        let driver = Some("i915".to_owned());
        assert_eq!(of_linux(text, 0x8086), GuestSeen::Gpu { driver, problem: None });
        assert_eq!(of_linux(text, 0x1002), GuestSeen::NoGpu);
        let bare = text.replace("DRIVER=i915\n", "");
        assert_eq!(of_linux(&bare, 0x8086), GuestSeen::Gpu { driver: None, problem: None });
        assert_eq!(of_linux("cat: no such file", 0x8086), GuestSeen::Unclear);
    }

    #[test]
    fn a_windows_guest_is_read() {
        let text = "ROOT\\BASICDISPLAY\\0000|0|10.0\r\nPCI\\VEN_8086&DEV_A7A8&SUBSYS_0\\3&1|43|31.0.101\r\n";
        let driver = Some("31.0.101".to_owned());
        assert_eq!(of_windows(text, 0x8086), GuestSeen::Gpu { driver, problem: Some(43) });
        assert_eq!(of_windows("ROOT\\BASICDISPLAY|0|\n", 0x8086), GuestSeen::NoGpu);
        assert_eq!(of_windows("", 0x8086), GuestSeen::Unclear);
    }

    #[test]
    fn answers_of_the_agent_are_read() {
        assert_eq!(is_windows("{\"return\":{\"id\":\"mswindows\"}}"), Some(true));
        assert_eq!(is_windows("{\"id\":\"debian\"}"), Some(false));
        assert_eq!(is_windows("QEMU guest agent is not running"), None);
        assert_eq!(started("{\"return\":{\"pid\":812}}"), Some(812));
        let exec = "{\"exitcode\":0,\"exited\":1,\"out-data\":\"PCI\"}";
        assert_eq!(printed(exec).as_deref(), Some("PCI"));
        let agent = "{\"return\":{\"exited\":true,\"out-data\":\"UENJX0lEPTgwODY6QTdBOA==\"}}";
        assert_eq!(printed(agent).as_deref(), Some("PCI_ID=8086:A7A8"));
        assert_eq!(printed("{\"return\":{\"exited\":false}}"), None);
        assert_eq!(printed("{\"return\":{\"exited\":true,\"out-data\":\"%\"}}"), None);
    }
}
