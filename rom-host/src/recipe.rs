//! How a VM is set up for an Intel GPU: what has to stand where, and why.

use crate::qemu::{self as igd, Gpu, Grade, QemuVersion, Vga};
use crate::vm::libvirt::write::{libvirt_device, libvirt_property, xml};

/// How the GPU is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// At the place and with the surroundings that it has on the host: a picture from the start.
    Legacy,
    /// As any device: a picture once the guest's own driver runs.
    Upt,
}

/// What is to be set up.
#[derive(Clone, Debug)]
pub struct PlanRequest {
    /// The GPU.
    pub gpu: Gpu,
    /// The QEMU that will run it; `None` if that is not known.
    pub qemu: Option<QemuVersion>,
    /// How it is passed through.
    pub mode: Mode,
    /// The ROM: for Proxmox VE its name in /usr/share/kvm, else its path.
    pub romfile: String,
    /// Whether the host has the audio function at 00:1f.3, alone in its IOMMU group.
    pub audio: bool,
    /// Whether vfio-pci of the host runs with `disable_vga=1`.
    pub disable_vga: bool,
    /// Bits of the IOMMU's addresses, where the CPU has more.
    pub narrow_iommu: Option<u32>,
    /// What the VM's args hold already, without what sets properties of the GPU.
    pub other_args: String,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What is set: a key of a .conf, an element, an option.
    pub key: &'static str,
    /// What it is set to.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// Properties of the GPU's device that QEMU has to be told, with reasons.
type Property = (&'static str, &'static str, &'static str);

/// What QEMU needs to be told of the GPU beside its place (QEMU, `hw/vfio/igd.c`,
/// `vfio_pci_igd_config_quirk`).
fn properties(request: &PlanRequest) -> Vec<Property> {
    const OPREGION: Property = (
        "x-igd-opregion",
        "on",
        "QEMU before 10.1 passes the OpRegion, which describes the displays, through only on \
        request",
    );
    let qemu = request.qemu.unwrap_or(QemuVersion::V10_1);
    let asks_for_opregion = request.qemu.is_none_or(|qemu| qemu < QemuVersion::V10_1);
    if request.mode == Mode::Upt {
        return if asks_for_opregion { vec![OPREGION] } else { Vec::new() };
    }
    let mut properties = Vec::new();
    let gives_up = request.disable_vga
        && igd::disable_vga(request.gpu, qemu) == Grade::Fail
        && qemu >= QemuVersion::V10_0;
    if gives_up {
        let reason = "vfio-pci runs with disable_vga=1 on this host, so legacy mode would fail \
            at the VGA ranges and set up nothing";
        properties.push(("x-igd-legacy-mode", "off", reason));
        properties.push((
            "x-igd-lpc",
            "on",
            "without legacy mode QEMU sets up the LPC bridge, which the GPU's driver looks for, \
            only on request",
        ));
        if asks_for_opregion {
            properties.push(OPREGION);
        }
    } else if request.gpu.needs_lpc(qemu) {
        let reason = "QEMU 10.1 and newer do not enable legacy mode for this GPU, and its driver \
            looks for Intel's LPC bridge";
        properties.push(("x-igd-lpc", "on", reason));
    }
    properties
}

/// Why this cannot work, if it cannot.
#[must_use]
pub fn impossible(request: &PlanRequest) -> Option<String> {
    let qemu = request.qemu?;
    if request.mode == Mode::Upt {
        let ignored = qemu >= QemuVersion::V10_0
            && qemu < QemuVersion::V10_1
            && !request.gpu.is_known_to(qemu);
        return ignored.then(|| {
            format!(
                "QEMU {qemu} does not support this GPU and passes no OpRegion through, so the \
                guest finds no display. Upgrade QEMU to 10.1 or newer (Proxmox VE 9.1)."
            )
        });
    }
    let cannot = request.mode == Mode::Legacy
        && (request.gpu.vga == Vga::OtherClass || !request.gpu.boot_picture_with(qemu));
    cannot.then(|| match request.gpu.vga {
        Vga::OtherClass => "Another GPU is the host's primary display, so this one is not a VGA \
            controller (class 0380). Make it the primary display in the BIOS, or use --mode upt."
            .to_owned(),
        Vga::Served | Vga::Off => format!(
            "QEMU {qemu} does not support this GPU: there is no display before the guest's \
            driver starts, whatever the settings. Upgrade QEMU to 10.1 or newer (Proxmox VE \
            9.1), or use --mode upt."
        ),
    })
}

const SOUND: &str = "sound over HDMI and DisplayPort comes from this separate device";

fn setting(key: &'static str, value: impl Into<String>, reason: impl Into<String>) -> Setting {
    Setting { key, value: value.into(), reason: reason.into() }
}

/// The lines of a configuration of Proxmox VE.
#[must_use]
pub fn proxmox(request: &PlanRequest) -> Vec<Setting> {
    let mut settings = vec![
        setting("bios", "ovmf", "the GPU's driver in the ROM is a UEFI driver"),
        setting(
            "machine",
            "pc",
            "q35 has a device of its own at 00:1f.0, where the GPU's driver looks for Intel's \
            LPC bridge",
        ),
        setting(
            "vga",
            "none",
            "an emulated display would take the GPU's address and the boot screen",
        ),
        setting("balloon", "0", "all memory of a VM with a passed-through device is locked anyway"),
    ];
    let place = match request.mode {
        Mode::Legacy => "legacy-igd=1,",
        Mode::Upt => "",
    };
    let reason = match request.mode {
        Mode::Legacy => {
            "legacy-igd puts the GPU at 00:02.0 and frees 00:1f.0; romfile is relative to \
            /usr/share/kvm"
        }
        Mode::Upt => "romfile is relative to /usr/share/kvm",
    };
    settings.push(setting(
        "hostpci0",
        format!("0000:00:02.0,{place}romfile={}", request.romfile),
        reason,
    ));
    if request.audio {
        settings.push(setting("hostpci1", "0000:00:1f.3", SOUND));
    }
    if let Some(bits) = request.narrow_iommu {
        settings.push(setting(
            "cpu",
            format!("host,guest-phys-bits={bits}"),
            "the CPU has more address bits than the IOMMU",
        ));
    }
    let mut args = vec![request.other_args.clone()];
    let mut reasons = Vec::new();
    if request.mode == Mode::Upt {
        args.extend([
            "-set device.hostpci0.bus=pci.0".to_owned(),
            "-set device.hostpci0.addr=2.0".to_owned(),
        ]);
        reasons.push("the guest's driver expects the GPU at 00:02.0");
        let qemu = request.qemu.unwrap_or(QemuVersion::V10_1);
        if qemu >= QemuVersion::V10_0 && request.gpu.automatic_legacy_mode(qemu) {
            args.push("-set device.hostpci0.x-igd-legacy-mode=off".to_owned());
            reasons.push(
                "QEMU 10.0 and newer would try legacy mode and crash, because Proxmox VE's \
                bridge is at 00:1f.0",
            );
        }
    }
    for (name, value, reason) in properties(request) {
        args.push(format!("-set device.hostpci0.{name}={value}"));
        reasons.push(reason);
    }
    args.retain(|arg| !arg.is_empty());
    if !args.is_empty() {
        let kept =
            if request.other_args.is_empty() { "" } else { "the existing arguments are kept; " };
        settings.push(setting("args", args.join(" "), format!("{kept}{}", reasons.join("; "))));
    }
    settings
}

/// Arguments for QEMU.
#[must_use]
pub fn qemu(request: &PlanRequest) -> Vec<Setting> {
    let properties = properties(request);
    let place = "vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=2.0".to_owned();
    let own = properties.iter().map(|(name, value, _)| format!("{name}={value}"));
    let device: Vec<String> =
        [place].into_iter().chain(own).chain([format!("romfile={}", request.romfile)]).collect();
    let reasons = ["the GPU's driver expects it at 00:02.0"]
        .into_iter()
        .chain(properties.iter().map(|(_, _, reason)| *reason));
    let mut settings = vec![
        setting(
            "-nic",
            "none",
            "QEMU's default network card would take 00:02.0; add your own with -netdev and \
            -device, after the GPU",
        ),
        setting(
            "-machine",
            "pc",
            "q35 has a device of its own at 00:1f.0, where the GPU's driver looks for Intel's \
            LPC bridge",
        ),
        setting("-vga", "none", "an emulated display would take the GPU's address"),
        setting("-device", device.join(","), reasons.collect::<Vec<&str>>().join("; ")),
    ];
    if request.audio {
        settings.push(setting("-device", "vfio-pci,host=0000:00:1f.3", SOUND));
    }
    if let Some(bits) = request.narrow_iommu {
        settings.push(setting(
            "-cpu",
            format!("host,host-phys-bits-limit={bits}"),
            "the CPU has more address bits than the IOMMU",
        ));
    }
    settings
}

/// Parts of a domain of libvirt.
#[must_use]
pub fn libvirt(request: &PlanRequest) -> Vec<Setting> {
    let mut settings = vec![
        setting(
            "os",
            "<os firmware='efi'><type arch='x86_64' machine='pc'>hvm</type></os>",
            "a UEFI guest on machine type pc",
        ),
        setting(
            "video",
            "<video><model type='none'/></video>",
            "an emulated display would take the GPU's address",
        ),
        setting(
            "hostdev",
            format!(
                "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source><address domain='0x0000' bus='0x00' slot='0x02' \
                 function='0x0'/></source>\n  <alias name='ua-igpu'/>\n  <rom file='{}'/>\n  <address type='pci' domain='0x0000' bus='0x00' slot='0x02' \
                 function='0x0'/>\n</hostdev>",
                xml(&request.romfile)
            ),
            "the GPU's driver expects it at 00:02.0; the path of the ROM is absolute",
        ),
    ];
    if request.audio {
        settings.push(setting(
            "hostdev",
            "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source><address domain='0x0000' bus='0x00' slot='0x1f' function='0x3'/></source>\n\
             </hostdev>",
            SOUND,
        ));
    }
    let properties = properties(request);
    if !properties.is_empty() {
        let lines: Vec<String> =
            properties.iter().map(|(name, value, _)| libvirt_property(name, value)).collect();
        let reasons: Vec<&str> = properties.iter().map(|(_, _, reason)| *reason).collect();
        let value = format!(
            "<qemu:override>\n{}\n</qemu:override>",
            libvirt_device("ua-igpu", &lines.join("\n"))
        );
        let reason = format!(
            "{}; <domain> needs xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'",
            reasons.join("; ")
        );
        settings.push(setting("override", value, reason));
    }
    if let Some(bits) = request.narrow_iommu {
        let value = format!(
            "<cpu mode='host-passthrough'><maxphysaddr mode='passthrough' limit='{bits}'/></cpu>"
        );
        settings.push(setting("cpu", value, "the CPU has more address bits than the IOMMU"));
    }
    settings
}
