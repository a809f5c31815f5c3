//! What a line says besides its message: the device, who speaks, and the ROM file that it names.

use crate::vm::model::Manager;

/// The device that a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Device {
    /// The line names none.
    None,
    /// The integrated GPU: 00:02.0.
    Igpu,
    /// A virtual function of it: 00:02.1 to 00:02.7.
    VirtualFunction,
    /// The audio function beside it: 00:1f.3.
    Audio,
    /// A mediated device, named by its UUID.
    Mediated,
    /// Any other.
    Other,
}

/// The driver or program that says a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driver {
    /// The line names none.
    None,
    /// vfio-pci, or the kernel's PCI code.
    Pci,
    /// Intel's drivers of Linux: i915 and xe.
    Intel,
    /// AMD's: amdgpu and radeon.
    Amd,
    /// NVIDIA's and nouveau.
    Nvidia,
    /// QEMU, under any of its names.
    Qemu,
    /// A driver of something else: a network card, a disk controller.
    Other,
}

/// The ROM file that a line names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RomFile {
    /// The line names none.
    None,
    /// A file of QEMU's own packages: `efi-virtio.rom`, `vgabios-stdvga.bin`.
    Packaged,
    /// A path that has Proxmox VE's folder twice.
    Doubled,
    /// Any other.
    Own,
}

/// What a line says besides its message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) device: Device,
    pub(super) driver: Driver,
    pub(super) file: RomFile,
}

impl Facts {
    /// The facts of `line`, which is in lower case.
    pub(super) fn read(line: &str) -> Self {
        let address = address(line);
        let device = match address {
            Some((_, "00:02", function)) => {
                if function == '0' {
                    Device::Igpu
                } else {
                    Device::VirtualFunction
                }
            }
            Some((_, "00:1f", '3')) => Device::Audio,
            Some(_) => Device::Other,
            None if has_uuid(line) => Device::Mediated,
            None => Device::None,
        };
        let speaker = address.and_then(|(start, ..)| line.get(..start));
        Self { device, driver: driver(speaker, line), file: rom_file(line) }
    }
}

/// What manages the VM of `line`, which is in lower case, as far as it tells.
pub(super) fn manager(line: &str) -> Option<Manager> {
    const PROXMOX: &[&str] =
        &["task error", "/usr/share/kvm/", "/usr/bin/kvm ", "pve", "hostpci", "kvm: ", "vmid"];
    const LIBVIRT: &[&str] = &["libvirt", "virsh", "hostdev0", "ua-"];
    let any = |words: &[&str]| words.iter().any(|word| line.contains(word));
    if any(LIBVIRT) {
        return Some(Manager::Libvirt);
    }
    any(PROXMOX).then_some(Manager::Proxmox)
}

/// The first PCI address of `line`: where it starts, bus and device, and the function. A domain
/// other than 0000 is part of the bus, so that 0001:00:02.0 is no iGPU.
fn address(line: &str) -> Option<(usize, &str, char)> {
    let bytes = line.as_bytes();
    let hex = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_hexdigit);
    for (dot, _) in line.match_indices('.') {
        let Some(start) = dot.checked_sub(5) else { continue };
        let function =
            bytes.get(dot.saturating_add(1)).copied().filter(|byte| matches!(byte, b'0'..=b'7'));
        let shaped = hex(start)
            && hex(start.saturating_add(1))
            && bytes.get(start.saturating_add(2)) == Some(&b':');
        let device = hex(start.saturating_add(3)) && hex(start.saturating_add(4));
        let (Some(function), true, true) = (function, shaped, device) else { continue };
        if hex(dot.saturating_add(2)) {
            continue;
        }
        let domain_start = start.saturating_sub(5);
        let domain = line.get(domain_start..start).filter(|text| {
            text.strip_suffix(':').is_some_and(|digits| {
                digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            })
        });
        let begin = match domain {
            Some("0000:") | None => start,
            Some(_) => domain_start,
        };
        let first = domain.map_or(start, |_| domain_start);
        if line.get(..first).is_some_and(|before| before.ends_with(|c: char| c.is_ascii_hexdigit()))
        {
            continue;
        }
        return Some((first, line.get(begin..dot)?, char::from(function)));
    }
    None
}

/// Whether `line` has a UUID in it.
fn has_uuid(line: &str) -> bool {
    let groups = |word: &str| {
        let mut lengths = word
            .split('-')
            .map(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(group.len()));
        [8, 4, 4, 4, 12].iter().all(|length| lengths.next().flatten() == Some(*length))
            && lengths.next().is_none()
    };
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').any(groups)
}

/// Who says `line`, whose part before the device's address is `speaker`. Without an address only
/// the beginning tells: words such as "PCI" are in messages too.
fn driver(speaker: Option<&str>, line: &str) -> Driver {
    let before = speaker.unwrap_or_else(|| line.split(": ").next().unwrap_or_default());
    let is_end = |c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_' | '/');
    let has = |words: &[&str]| before.split(is_end).any(|word| words.contains(&word));
    if has(&["kvm", "qemu", "vfio"])
        || before.contains("qemu-system-")
        || before.contains("qemu-kvm")
    {
        Driver::Qemu
    } else if has(&["i915", "xe", "i915_compat"]) {
        Driver::Intel
    } else if has(&["amdgpu", "radeon"]) {
        Driver::Amd
    } else if has(&["nouveau", "nvidia", "nvrm"]) {
        Driver::Nvidia
    } else if has(&["vfio-pci"])
        || line.contains("dmar:")
        || speaker.is_some() && has(&["pci", "pcieport", "vgaarb"])
    {
        Driver::Pci
    } else {
        let last = before.trim_end().rsplit([' ', ']']).next().unwrap_or_default();
        let named = speaker.is_some() && last.len() >= 2 && last.bytes().all(is_driver_byte);
        if named { Driver::Other } else { Driver::None }
    }
}

const fn is_driver_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The ROM file that `line` names: in quotes, or after `romfile=`.
fn rom_file(line: &str) -> RomFile {
    let quoted = line.split(['"', '\'']).skip(1).step_by(2);
    let after_key =
        line.split("romfile=").skip(1).filter_map(|rest| rest.split([',', ' ', ':']).next());
    let is_rom = |name: &&str| {
        [".rom", ".bin", ".efirom"].iter().any(|end| name.ends_with(end))
            || name.contains("/usr/share/kvm")
    };
    let Some(path) = quoted.chain(after_key).find(is_rom) else { return RomFile::None };
    let name = path.rsplit('/').next().unwrap_or(path);
    let packaged =
        ["efi-", "pxe-", "vgabios", "kvmvapic", "linuxboot", "multiboot", "bios-", "sgabios"];
    if path.contains("//usr/share/kvm") || path.matches("/usr/share/kvm").count() > 1 {
        RomFile::Doubled
    } else if packaged.iter().any(|start| name.starts_with(start))
        && (!path.contains('/') || path.starts_with("/usr/share/"))
    {
        RomFile::Packaged
    } else {
        RomFile::Own
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(line: &str) -> (Device, Driver, RomFile) {
        let facts = Facts::read(&line.to_lowercase());
        (facts.device, facts.driver, facts.file)
    }

    #[test]
    fn device_driver_and_file_are_read() {
        use {Device as D, Driver as R, RomFile as F};
        for (line, expected) in [
            ("vfio-pci 0000:00:02.0: Invalid PCI ROM", (D::Igpu, R::Pci, F::None)),
            ("[ 1917.8] amdgpu 0000:06:00.0: Invalid PCI ROM", (D::Other, R::Amd, F::None)),
            ("tg3 0022:01:00.1: Invalid PCI ROM", (D::Other, R::Other, F::None)),
            ("i915 0001:00:02.0: x", (D::Other, R::Intel, F::None)),
            ("can't reset PCI device '0000:00:1f.3'", (D::Audio, R::Pci, F::None)),
            ("i915 0000:00:02.3: x", (D::VirtualFunction, R::Intel, F::None)),
            ("Invalid PCI ROM header signature: expecting 0xaa55", (D::None, R::None, F::None)),
            ("DMAR: [DMA Read] Request device [00:02.0] fault", (D::Igpu, R::Pci, F::None)),
            (
                "IGD device 730e3d97-e78c-44c1-897f-2921d58bb4bb does not",
                (D::Mediated, R::None, F::None),
            ),
            (
                "kvm: -device vfio-pci,host=0000:01:00.0: vfio 0000:01:00.0: x",
                (D::Other, R::Qemu, F::None),
            ),
            ("failed to find romfile \"efi-virtio.rom\"", (D::None, R::None, F::Packaged)),
            (
                "failed to find romfile \"/usr/share/kvm//usr/share/kvm/igd.rom\"",
                (D::None, R::None, F::Doubled),
            ),
            (
                "kvm: -device vfio-pci,host=00:02.0,romfile=/usr/share/kvm/igd.rom: x",
                (D::Igpu, R::Qemu, F::Own),
            ),
            ("failed to find romfile \"/home/me/efi-card.rom\"", (D::None, R::None, F::Own)),
            ("version 10.02.0 of 1234:5678.9", (D::None, R::None, F::None)),
            ("clock 12:00:02.0001", (D::None, R::None, F::None)),
        ] {
            assert_eq!(facts(line), expected, "{line}");
        }
    }

    #[test]
    fn a_line_tells_its_manager_where_it_does() {
        for (line, expected) in [
            ("task error: start failed", Some(Manager::Proxmox)),
            ("kvm: -device vfio-pci,host=0000:00:02.0,id=hostpci0", Some(Manager::Proxmox)),
            ("libvirt.libvirterror: x", Some(Manager::Libvirt)),
            ("-device {\"driver\":\"vfio-pci\",\"id\":\"hostdev0\"}", Some(Manager::Libvirt)),
            ("qemu-system-x86_64: x", None),
            ("i915 0000:00:02.0: x", None),
        ] {
            assert_eq!(manager(line), expected, "{line}");
        }
    }
}
