//! How a VM is set up for an Intel GPU: what has to stand where, and why.

use super::igd::{Gpu, QemuVersion};

/// How the GPU is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// At the place and with the surroundings that it has on the host: a picture from the start.
    Legacy,
    /// As any device: a picture once the guest's own driver runs.
    Upt,
}

/// What is to be set up.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) gpu: Gpu,
    /// The QEMU that will run it; `None` if that is not known.
    pub(crate) qemu: Option<QemuVersion>,
    pub(crate) mode: Mode,
    /// The ROM: for Proxmox VE its name in /usr/share/kvm, else its path.
    pub(crate) romfile: String,
    /// Whether the host has the audio function at 00:1f.3.
    pub(crate) audio: bool,
    /// Bits of the IOMMU's addresses, where the CPU has more.
    pub(crate) narrow_iommu: Option<u32>,
    /// What the VM's args hold already, without what sets properties of the GPU.
    pub(crate) other_args: String,
}

/// One setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    pub(crate) key: &'static str,
    pub(crate) value: String,
    pub(crate) reason: String,
}

/// Properties of the GPU's device that QEMU has to be told, with reasons.
type Property = (&'static str, &'static str, &'static str);

/// What QEMU needs to be told of the GPU beside its place.
fn properties(wish: &Wish) -> Vec<Property> {
    let newer = |version: QemuVersion| wish.qemu.is_none_or(|qemu| qemu >= version);
    let mut properties = Vec::new();
    match wish.mode {
        Mode::Legacy => {
            if wish.gpu.needs_lpc(wish.qemu.unwrap_or(QemuVersion::V10_1)) {
                let reason = "from QEMU 10.1 on legacy mode is not switched on by itself for this GPU; its driver looks for Intel's LPC bridge";
                properties.push(("x-igd-lpc", "on", reason));
            }
        }
        Mode::Upt => {
            if wish.qemu.is_none() || !newer(QemuVersion::V10_1) {
                properties.push((
                    "x-igd-opregion",
                    "on",
                    "before QEMU 10.1 the OpRegion, which names the screens, has to be asked for",
                ));
            }
        }
    }
    properties
}

/// Why this cannot work, if it cannot.
pub(crate) fn impossible(wish: &Wish) -> Option<String> {
    let qemu = wish.qemu?;
    let cannot = wish.mode == Mode::Legacy && !wish.gpu.boot_picture_with(qemu);
    cannot.then(|| {
        format!(
            "QEMU {qemu} does not know this GPU, so there is no picture before the guest's driver, whatever the settings: upgrade QEMU to 10.1 \
             (Proxmox VE 9.1), or use --mode upt."
        )
    })
}

fn setting(key: &'static str, value: impl Into<String>, reason: impl Into<String>) -> Setting {
    Setting { key, value: value.into(), reason: reason.into() }
}

/// The lines of a configuration of Proxmox VE.
pub(crate) fn proxmox(wish: &Wish) -> Vec<Setting> {
    let mut settings = vec![
        setting("bios", "ovmf", "the GPU's driver in the ROM is a UEFI driver"),
        setting("machine", "pc", "q35 has its own device where the GPU's driver looks for Intel's LPC bridge"),
        setting("vga", "none", "the VM's own display would take the place of the GPU and of the picture"),
        setting("balloon", "0", "all memory of a VM with a device is locked anyway"),
    ];
    let place = match wish.mode {
        Mode::Legacy => "legacy-igd=1,",
        Mode::Upt => "",
    };
    let reason = match wish.mode {
        Mode::Legacy => "legacy-igd puts the GPU at 00:02.0 and clears 00:1f.0; romfile is relative to /usr/share/kvm",
        Mode::Upt => "romfile is relative to /usr/share/kvm",
    };
    settings.push(setting("hostpci0", format!("0000:00:02.0,{place}romfile={}", wish.romfile), reason));
    if wish.audio {
        settings.push(setting(
            "hostpci1",
            "0000:00:1f.3",
            "sound over HDMI and DisplayPort is a device of its own; only if its IOMMU group allows it",
        ));
    }
    if let Some(bits) = wish.narrow_iommu {
        settings.push(setting(
            "cpu",
            format!("host,guest-phys-bits={bits}"),
            "the CPU has wider addresses than the IOMMU reaches",
        ));
    }
    let mut args = vec![wish.other_args.clone()];
    let mut reasons = Vec::new();
    if wish.mode == Mode::Upt {
        args.extend(["-set device.hostpci0.bus=pci.0".to_owned(), "-set device.hostpci0.addr=2.0".to_owned()]);
        reasons.push("the guest's driver expects the GPU at 00:02.0");
    }
    for (name, value, reason) in properties(wish) {
        args.push(format!("-set device.hostpci0.{name}={value}"));
        reasons.push(reason);
    }
    args.retain(|arg| !arg.is_empty());
    if !args.is_empty() {
        let kept = if wish.other_args.is_empty() { "" } else { "what stood there before is kept; " };
        settings.push(setting("args", args.join(" "), format!("{kept}{}", reasons.join("; "))));
    }
    settings
}

/// Arguments for QEMU.
pub(crate) fn qemu(wish: &Wish) -> Vec<Setting> {
    let properties = properties(wish);
    let place = "vfio-pci,host=0000:00:02.0,id=hostpci0,bus=pci.0,addr=2.0".to_owned();
    let own = properties.iter().map(|(name, value, _)| format!("{name}={value}"));
    let device: Vec<String> = [place].into_iter().chain(own).chain([format!("romfile={}", wish.romfile)]).collect();
    let reasons = ["the GPU's driver expects it at 00:02.0"].into_iter().chain(properties.iter().map(|(_, _, reason)| *reason));
    let mut settings = vec![
        setting("-machine", "pc", "q35 has its own device where the GPU's driver looks for Intel's LPC bridge"),
        setting("-vga", "none", "a display of the VM would take the place of the GPU"),
        setting("-device", device.join(","), reasons.collect::<Vec<&str>>().join("; ")),
    ];
    if let Some(bits) = wish.narrow_iommu {
        settings.push(setting(
            "-cpu",
            format!("host,host-phys-bits-limit={bits}"),
            "the CPU has wider addresses than the IOMMU reaches",
        ));
    }
    settings
}

/// Parts of a domain of libvirt.
pub(crate) fn libvirt(wish: &Wish) -> Vec<Setting> {
    let mut settings = vec![
        setting("os", "<os firmware='efi'><type arch='x86_64' machine='pc'>hvm</type></os>", "a UEFI guest on machine type pc"),
        setting("video", "<video><model type='none'/></video>", "a display of the VM would take the place of the GPU"),
        setting(
            "hostdev",
            format!(
                "<hostdev mode='subsystem' type='pci' managed='yes'>\n  <source><address domain='0x0000' bus='0x00' slot='0x02' \
                 function='0x0'/></source>\n  <alias name='ua-igpu'/>\n  <rom file='{}'/>\n  <address type='pci' domain='0x0000' bus='0x00' slot='0x02' \
                 function='0x0'/>\n</hostdev>",
                xml(&wish.romfile)
            ),
            "the GPU's driver expects it at 00:02.0; the path of the ROM is absolute",
        ),
    ];
    let properties = properties(wish);
    if !properties.is_empty() {
        let lines: Vec<String> = properties
            .iter()
            .map(|(name, _, _)| format!("      <qemu:property name='{name}' type='bool' value='true'/>"))
            .collect();
        let reasons: Vec<&str> = properties.iter().map(|(_, _, reason)| *reason).collect();
        let value = format!(
            "<qemu:override>\n  <qemu:device alias='ua-igpu'>\n    <qemu:frontend>\n{}\n    </qemu:frontend>\n  </qemu:device>\n</qemu:override>",
            lines.join("\n")
        );
        let reason = format!("{}; <domain> needs xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'", reasons.join("; "));
        settings.push(setting("override", value, reason));
    }
    if let Some(bits) = wish.narrow_iommu {
        let value = format!("<cpu mode='host-passthrough'><maxphysaddr mode='passthrough' limit='{bits}'/></cpu>");
        settings.push(setting("cpu", value, "the CPU has wider addresses than the IOMMU reaches"));
    }
    settings
}

/// `text` inside an attribute of XML.
fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('\'', "&apos;")
}
