//! What QEMU says of Intel GPUs: hw/vfio/igd.c of all versions, and what belongs to it.

use super::super::entry::Layer::Qemu;
use super::super::entry::Matters::{Good, No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, on, run};
use super::super::line::Device::{Igpu, Mediated, None as NoDevice};
use super::NOTHING;
use crate::vm::model::Manager::{self, Libvirt, Proxmox};

const DISABLE_VGA: &[Tip] = &[
    run(
        "Take disable_vga=1 out of /etc/modprobe.d and the kernel's command line, then restart \
             the host.",
        &["grep -rn disable_vga /etc/modprobe.d /proc/cmdline", "update-initramfs -u -k all"],
    ),
    run("`oprom doctor` (HOST040) shows where it is set.", &["oprom doctor"]),
];

const PRIMARY: &[Tip] = &[run(
    "In the BIOS, set Primary Display to IGD. `oprom doctor` (HOST021, HOST041) shows which it is.",
    &["oprom doctor"],
)];

const PLACE: &[Tip] = &[
    on(
        Proxmox,
        "Machine i440fx with legacy-igd=1, which also moves the bridge at 1f.0 away.",
        &["qm set VMID --machine pc --vga none --hostpci0 \
             0000:00:02.0,legacy-igd=1,romfile=igd.rom"],
    ),
    on(
        Libvirt,
        "Machine pc, and the address 00:02.0 for the hostdev: <address type='pci' \
             domain='0x0000' bus='0x00' slot='0x02' function='0x0'/>.",
        &["virsh edit NAME"],
    ),
    on(Manager::Qemu, "-machine pc, and bus=pci.0,addr=2.0 for the vfio-pci device.", &[]),
];

/// For addresses wider than the IOMMU's.
pub(super) const PHYS_BITS: &[Tip] = &[
    on(
        Proxmox,
        "Limit the width of the VM's addresses to the IOMMU's.",
        &["qm set VMID --cpu host,guest-phys-bits=39"],
    ),
    on(Libvirt, "In <cpu>: <maxphysaddr mode='passthrough' limit='39'/>.", &["virsh edit NAME"]),
    on(Manager::Qemu, "-cpu host,host-phys-bits-limit=39.", &[]),
    run("`oprom doctor` (HOST011) shows the IOMMU's width.", &["oprom doctor"]),
];

const ROMFILE: &[Tip] = &[
    run("Put a ROM for this GPU in place.", &["oprom pick", "oprom install"]),
    on(
        Proxmox,
        "Then name it in the VM.",
        &["qm set VMID --hostpci0 0000:00:02.0,legacy-igd=1,romfile=igd.rom"],
    ),
    on(
        Libvirt,
        "Then name it in the hostdev: <rom file='/usr/share/kvm/igd.rom'/>.",
        &["virsh edit NAME"],
    ),
];

const NO_OPREGION: &[Tip] = &[
    act("For a virtual function remove x-igd-opregion: it has no OpRegion. For the GPU itself, \
        set Primary Display to IGD in the BIOS."),
    on(Proxmox, "See what the args line sets.", &["qm config VMID"]),
];

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("vga-region-index-8", Qemu, Yes),
        &["failed getting region info for vga region index"],
        &["kvm: -device vfio-pci,host=0000:00:02.0: vfio 0000:00:02.0: failed getting region \
             info for VGA region index 8: Invalid argument"],
        "vfio-pci does not offer the VGA ranges: disable_vga=1 is set, or the kernel lacks \
             CONFIG_VFIO_PCI_VGA. Legacy mode needs them.",
        DISABLE_VGA,
    ),
    entry(
        ("vga-assertion", Qemu, Yes),
        &[
            "error_setv: assertion `*errp == null' failed",
            "error_setv: assertion '*errp == null' failed",
        ],
        &["kvm: ../util/error.c:68: error_setv: Assertion `*errp == NULL' failed."],
        "QEMU 10.0 and newer stop this way when the host does not give the GPU's VGA ranges \
             and the VM asks for legacy mode: disable_vga=1 is set, or the kernel lacks \
             CONFIG_VFIO_PCI_VGA.",
        DISABLE_VGA,
    ),
    entry(
        ("vga-access", Qemu, Yes),
        &[
            "failed to enable vga access, legacy mode disabled",
            "unable to enable vga access",
            "unexpected vga info, flags",
        ],
        &[
            "IGD device 0000:00:02.0 failed to enable VGA access, legacy mode disabled",
            "Unable to enable VGA access",
        ],
        "QEMU could not get the VGA ranges and gave legacy mode up; before QEMU 10.1 OpRegion \
             and the rest went with it.",
        DISABLE_VGA,
    ),
    entry(
        ("lpc-bridge-1f0", Qemu, Yes),
        &[
            "cannot support legacy mode due to existing devices at address 1f.0",
            "cannot create lpc bridge due to existing device at 1f.0",
        ],
        &[
            "IGD device 0000:00:02.0 cannot support legacy mode due to existing devices at \
                 address 1f.0",
            "Cannot create LPC bridge due to existing device at 1f.0",
        ],
        "Something is at 00:1f.0 of the VM, where the GPU's driver looks for Intel's LPC \
             bridge: the chipset of q35, or a bridge of Proxmox VE.",
        PLACE,
    ),
    entry(
        ("lpc-bridge-not-made", Qemu, Yes),
        &[
            "failed to create lpc bridge, legacy mode disabled",
            "failed to create/modify lpc bridge for igd",
            "vfio dummy isa/lpc bridge must have address 1f.0",
        ],
        &["Failed to create/modify LPC bridge for IGD"],
        "QEMU could not set the ids of the host's LPC bridge at 00:1f.0 of the VM.",
        PLACE,
    ),
    entry(
        ("host-bridge-not-changed", Qemu, Yes),
        &["failed to modify host bridge", "can't find host bridge", "igd copy failed"],
        &[
            "Failed to modify host bridge for IGD",
            "IGD device 0000:00:02.0 failed to modify host bridge, legacy mode disabled",
        ],
        "QEMU could not give the VM's host bridge the ids of the real one: the machine has \
             none at 00:00.0, or the kernel does not let QEMU read the host's.",
        PLACE,
    ),
    entry(
        ("legacy-mode-unsupported", Qemu, Yes),
        &["is unsupported in legacy mode, try sandybridge or newer"],
        &["IGD device 0000:00:02.0 is unsupported in legacy mode, try SandyBridge or newer"],
        "This QEMU does not support the GPU: the GPU is newer than QEMU, or one that QEMU 9.2 \
        left out, or older than Sandy Bridge.",
        &[
            run("QEMU 10.1 or newer (Proxmox VE 9.1).", &["qemu-system-x86_64 --version"]),
            on(Proxmox, "Upgrade Proxmox VE; the package is pve-qemu-kvm.", &["pveversion -v"]),
        ],
    ),
    entry(
        ("legacy-mode-refused", Qemu, Yes),
        &[
            "doesn't support legacy mode",
            "machine is not i440fx, assigned bdf is not 00:02.0",
            "machine is not i440fx or assigned bdf is not 00:02.0",
        ],
        &["Machine is not i440fx, assigned BDF is not 00:02.0, or device a7a8 (gen 12) doesn't \
             support legacy mode"],
        "Legacy mode was requested but is impossible: the VM has another machine type or \
        address, or the GPU is of generation 11 or newer on QEMU 10.1 or newer.",
        &[
            act("Machine pc and guest address 00:02.0. For generation 11 and newer use \
                 x-igd-lpc=on instead of x-igd-legacy-mode=on."),
            on(
                Proxmox,
                "For generation 11 and newer:",
                &["qm set VMID --args '-set device.hostpci0.x-igd-lpc=on'"],
            ),
        ],
    ),
    entry(
        ("igd-hotplugged", Qemu, Yes),
        &[
            "hotplugged, rom disabled, legacy mode disabled",
            "opregion is not supported on hotplugged device",
            "igd lpc is not supported on hotplugged device",
            "cannot support igd opregion feature on hotplugged device",
        ],
        &[
            "IGD device 0000:00:02.0 hotplugged, ROM disabled, legacy mode disabled",
            "kvm: warning: IGD device detected, but OpRegion is not supported on hotplugged \
             device.",
        ],
        "The GPU was added to a VM that was running. QEMU sets up OpRegion, LPC bridge and ROM \
             of an Intel GPU at the start of the VM alone.",
        &[act("Shut the VM down, then start it with the GPU in its configuration.")],
    ),
    entry(
        ("no-rom", Qemu, Yes),
        &["has no rom, legacy mode disabled", "device has no rom"],
        &["IGD device 0000:00:02.0 has no ROM, legacy mode disabled", "kvm: Device has no ROM"],
        "The VM has no romfile for the GPU, and the GPU has none of its own. QEMU gives up \
             legacy mode; there is no display at boot.",
        ROMFILE,
    ),
    entry(
        ("mediated-no-regions", Qemu, No),
        &[
            "does not support opregion access",
            "does not support host bridge access",
            "does not support lpc bridge access",
        ],
        &["IGD device 730e3d97-e78c-44c1-897f-2921d58bb4bb does not support host bridge \
             access,legacy mode disabled"],
        "The device is a mediated one (GVT-g), which has no host bridge, LPC bridge and legacy \
             mode. It works without them.",
        &[act("Nothing to do. GVT-g needs x-igd-opregion=on and display=on for a display.")],
    )
    .of(&[Mediated]),
    entry(
        ("opregion-missing", Qemu, Yes),
        &["does not support opregion access", "igd opregion not supported"],
        &["IGD device 0000:00:02.0 does not support OpRegion access,legacy mode disabled"],
        "The kernel does not give the GPU's OpRegion to QEMU: the iGPU is not the primary \
             display, the kernel is too old, or CONFIG_VFIO_PCI_IGD is off.",
        PRIMARY,
    ),
    entry(
        ("host-bridge-missing", Qemu, Yes),
        &[
            "does not support host bridge access",
            "igd host bridge access is not supported by kernel",
        ],
        &[
            "IGD device 0000:00:02.0 does not support host bridge access,legacy mode disabled",
            "IGD host bridge access is not supported by kernel",
        ],
        "The kernel does not show QEMU the host bridge (00:00.0), which legacy mode copies: \
             the iGPU is not the primary display, the kernel is too old, or \
             CONFIG_VFIO_PCI_IGD is off.",
        PRIMARY,
    ),
    entry(
        ("lpc-bridge-missing", Qemu, Yes),
        &["does not support lpc bridge access", "igd lpc bridge access is not supported by kernel"],
        &[
            "IGD device 0000:00:02.0 does not support LPC bridge access,legacy mode disabled",
            "IGD LPC bridge access is not supported by kernel",
        ],
        "The kernel does not show QEMU the host's LPC bridge (00:1f.0), whose ids the GPU's \
             driver wants: the iGPU is not the primary display, the kernel is too old, \
             CONFIG_VFIO_PCI_IGD is off, or the host is a VM itself.",
        PRIMARY,
    ),
    entry(
        ("opregion-feature", Qemu, Yes),
        &[
            "does not support requested igd opregion feature",
            "does not supports igd opregion feature",
            "failed to read igd opregion",
        ],
        &[
            "Device does not supports IGD OpRegion feature: No such device",
            "does not support requested IGD OpRegion feature: No such device",
        ],
        "x-igd-opregion=on is set for a device that has no OpRegion: an SR-IOV virtual function, \
        a GPU that is not the primary display, or another device.",
        NO_OPREGION,
    ),
    entry(
        ("gms-unsupported-device", Qemu, Yes),
        &["x-igd-gms is not supported on this device"],
        &["kvm: x-igd-gms is not supported on this device"],
        "x-igd-gms is set for a GPU without stolen memory that QEMU could change (Meteor Lake \
             and newer). QEMU 10.1 and newer stop at it, with a crash.",
        &[
            act("Take x-igd-gms out of the VM's arguments."),
            on(Proxmox, "It is in the args line.", &["qm config VMID"]),
        ],
    ),
    entry(
        ("gms-value", Qemu, Yes),
        &["unsupported igd gms value", "parameter 'x-igd-gms' expects"],
        &[
            "Unsupported IGD GMS value 0x20",
            "kvm: Parameter 'x-igd-gms' expects 0~0x40 or 0xf0~0xfe",
        ],
        "The value of x-igd-gms is too large for this GPU. It counts steps of 32 MiB: up to \
             0x10 before generation 8, up to 0x40 from then on.",
        &[act("Remove x-igd-gms: QEMU 9.2 and newer use the amount that the BIOS reserved. On \
            older versions x-igd-gms=2 is 64 MiB.")],
    ),
    entry(
        ("gtt-before-stolen", Qemu, Yes),
        &["guest attempted to program igd gtt before bios reserved stolen memory"],
        &["vfio-igd: Guest attempted to program IGD GTT before BIOS reserved stolen memory.  \
             Unsupported BIOS?"],
        "The guest used the GPU before the VM's firmware had reserved memory for it: no \
             firmware with an IGD assignment driver ran. The VM has no ROM for the GPU, or \
             SeaBIOS without IGD support.",
        ROMFILE,
    ),
    entry(
        ("legacy-mode-enabled", Qemu, Good),
        &["igd legacy mode enabled"],
        &["IGD legacy mode enabled, use x-igd-legacy-mode=off to disable it if unwanted."],
        "QEMU recognised the GPU and set up everything that a display at boot needs.",
        NOTHING,
    ),
    entry(
        ("opregion-detected", Qemu, Good),
        &["opregion detected on intel display"],
        &["OpRegion detected on Intel display 46a6."],
        "QEMU (10.1 and newer) found the GPU's OpRegion and passes it through to the VM. This is \
        not legacy mode: generation 11 and newer also need x-igd-lpc=on for a display at boot.",
        NOTHING,
    ),
    entry(
        ("legacy-mode-disabled", Qemu, Yes),
        &["igd legacy mode disabled"],
        &["kvm: IGD legacy mode disabled"],
        "QEMU wanted to use legacy mode for the Intel GPU and could not. The line before this \
             one says why.",
        &[act("Look at the line before it.")],
    ),
    entry(
        ("igd-command-register", Qemu, Yes),
        &[
            "failed to read pci command register",
            "failed to write pci command register",
            "failed to restore pci command register",
        ],
        &["IGD device 0000:00:02.0 - failed to write PCI command register"],
        "QEMU could not read or write the GPU's configuration: the GPU hangs or was switched off.",
        &[act("Shut the host down and start it again.")],
    ),
    entry(
        ("x-vga-refused", Qemu, Yes),
        &["device does not support requested feature x-vga"],
        &["kvm: -device vfio-pci,host=0000:00:02.0,x-vga=on: vfio 0000:00:02.0: device does \
             not support requested feature x-vga"],
        "x-vga=on asks for the VGA ranges, and vfio-pci does not offer them: disable_vga=1, a \
        kernel without CONFIG_VFIO_PCI_VGA, or a device that is not a VGA controller (class \
        0380).",
        &[act("Remove x-vga: a UEFI guest does not need it.")],
    ),
    entry(
        ("igd-rom-unreadable", Qemu, No),
        &[
            "cannot read device rom at",
            "error reading device rom",
            "error getting rom info",
            "rom access failed",
        ],
        &[
            "vfio-pci: Cannot read device rom at 0000:00:02.0",
            "vfio: Error reading device ROM: Input/output error",
        ],
        "QEMU tried to read a ROM out of the GPU itself. An iGPU has none; only a romfile \
             counts. If no device is named and a graphics card is passed through as well, it \
             may be the card's.",
        ROMFILE,
    )
    .of(&[Igpu, NoDevice]),
    entry(
        ("dma-map-einval", Qemu, Yes),
        &[
            "dma_map(*= -22",
            "can't map guest iova region",
            "vfio_map_dma failed: invalid argument",
            "vfio_map_dma: -22",
        ],
        &[
            "vfio_container_dma_map(0x5f1, 0x380010000000, 0x4000, 0x7f2) = -22 (Invalid argument)",
            "kvm: VFIO_MAP_DMA failed: Invalid argument",
        ],
        "The VM's firmware placed the GPU at an address that the IOMMU cannot reach: the CPU has \
        more address bits than the IOMMU.",
        PHYS_BITS,
    ),
    entry(
        ("dma-map-enomem", Qemu, Yes),
        &["vfio_map_dma failed: cannot allocate memory", "vfio_map_dma: -12", "dma_map(*= -12"],
        &["VFIO_MAP_DMA failed: Cannot allocate memory"],
        "A VM with a passed-through device has all of its memory locked, and the host has too \
        little free memory or does not allow it.",
        &[
            on(Proxmox, "Less memory for the VM, and no ballooning.", &["qm set VMID --balloon 0"]),
            on(
                Libvirt,
                "Raise the lock limit: <memtune><hard_limit>, or \
                 <memoryBacking><locked/>.",
                &["virsh edit NAME"],
            ),
            run("See how much is free.", &["free -m"]),
        ],
    ),
    entry(
        ("dma-map-efault", Qemu, Perhaps),
        &[
            "dma_map(*= -14",
            "vfio_map_dma failed: bad address",
            "vfio_map_dma: -14",
            "failed to vfio_dma_map. pci p2p may not work",
            "pci peer-to-peer transactions on bars are not supported",
        ],
        &[
            "kvm: VFIO_MAP_DMA failed: Bad address",
            "kvm: vfio_container_dma_map(0x63ea, 0xc0000000, 0x10000000, 0x7d0f) = -14 (Bad \
             address)",
        ],
        "QEMU could not map a region of one device for another device. Where the region is a \
             device's own memory (0x10000000 bytes are the iGPU's aperture), only transfers \
             between devices are lost, and the VM runs.",
        &[
            act("Nothing to do if the VM runs. If it stops at this line, an older kernel \
                 (before 6.0) or a framebuffer of the host has the memory: see BAR lines in \
                 the kernel's log."),
            run("Look for them.", &["journalctl -k -b --grep BAR"]),
        ],
    ),
    entry(
        ("dma-unmap", Qemu, Perhaps),
        &["vfio_unmap_dma failed", "dma_unmap(*= -", "dma_unmap() failed"],
        &[
            "kvm: VFIO_UNMAP_DMA failed: Invalid argument",
            "kvm: vfio_container_dma_unmap(0x5f1, 0x380010000000, 0x4000) = -22 (Invalid \
             argument)",
        ],
        "QEMU could not unmap a region from the device, usually one that had not been mapped \
        before. This is harmless: the line about mapping (dma_map) before it matters.",
        &[act("Look for that line, and ask with it.")],
    ),
    entry(
        ("dma-map-exists", Qemu, Yes),
        &["dma_map(*= -17", "vfio_map_dma failed: file exists", "vfio_map_dma: -17"],
        &["kvm: VFIO_MAP_DMA failed: File exists"],
        "Two regions of the VM overlap, or another VM with the same container uses them: an \
        error in the setup or in QEMU.",
        &[act("Remove virtio-mem, hot-plugged memory and shared containers; then try a newer \
            QEMU.")],
    ),
    entry(
        ("dma-map-fatal", Qemu, Yes),
        &["dma mapping failed, unable to continue"],
        &["qemu: hardware error: vfio: DMA mapping failed, unable to continue"],
        "QEMU stops because memory of the VM could not be mapped for the device. The line \
             before it gives the reason: -22 is the IOMMU's width, -12 the amount of memory.",
        &[act("Look at the line before it, and ask with that one.")],
    ),
    entry(
        ("dma-mappings-exhausted", Qemu, Yes),
        &[
            "possibly running out of dma mappings",
            "dma_map(*= -28",
            "vfio_map_dma failed: no space left",
        ],
        &["vfio_listener_region_add: possibly running out of DMA mappings. E.g., try \
             increasing the 'block-size' of virtio-mem devies."],
        "The VM has more pieces of memory than VFIO may map.",
        &[act("Leave virtio-mem out, or raise the limit: options vfio_iommu_type1 \
             dma_entry_limit=1000000 in a file of /etc/modprobe.d.")],
    ),
    entry(
        ("bar-mmap", Qemu, Perhaps),
        &["failed to mmap * bar"],
        &["Failed to mmap 0000:00:02.0 BAR 2. Performance may be slow"],
        "QEMU could not map the device's memory directly: the firmware's framebuffer, or a \
        driver of the host, still uses it. The GPU is then very slow.",
        &[
            run("See what uses it.", &["cat /proc/iomem"]),
            act("Use a newer kernel (6.0 releases the framebuffer by itself). With an older one, \
                add video=efifb:off or initcall_blacklist=sysfb_init to its command line."),
        ],
    ),
];
