//! The host's kernel: VFIO, VT-d (DMAR) and PCI.

use super::super::entry::Layer::Kernel;
use super::super::entry::Matters::{Good, No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, run};
use super::super::line::Device::{Igpu, None as NoDevice, Other, VirtualFunction};
use super::super::line::Driver::{Intel, None as NoDriver, Pci};
use super::NOTHING;

const HEADER_SIGNATURE: &[&str] =
    &["invalid pci rom header signature", "invalid pci rom data signature"];

const IOMMU_OFF: &[Tip] = &[run(
    "Enable VT-d in the BIOS (Intel Virtualization Technology for Directed I/O). `oprom doctor` \
    (HOST010) shows whether it is the BIOS or the kernel.",
    &["oprom doctor"],
)];

const ABOVE_4G: &[Tip] =
    &[act("BIOS: enable Above 4G Decoding (and Resizable BAR where it is offered), or boot the \
         kernel with pci=realloc.")];

pub(super) const ENTRIES: &[Entry] = &[
    // ROMs
    entry(
        ("rom-header-signature", Kernel, No),
        HEADER_SIGNATURE,
        &[
            "vfio-pci 0000:00:02.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0xf6ff",
            "vfio-pci 0000:00:02.0: Invalid PCI ROM data signature: expecting 0x52494350, got \
                 0xcb80aa55",
        ],
        "The kernel looked for a ROM in the GPU itself, and an iGPU on a UEFI host has none. \
             It says nothing about the ROM file of the VM.",
        &[
            run("On the host: nothing. Check the ROM file itself.", &["oprom check FILE"]),
            act("In a Linux guest the same line together with missing VBIOS tables means that \
                 the OpRegion is not there."),
        ],
    )
    .of(&[Igpu, VirtualFunction])
    .by(&[Pci, NoDriver, Intel]),
    entry(
        ("rom-signature-without-device", Kernel, Perhaps),
        HEADER_SIGNATURE,
        &["Invalid PCI ROM header signature: expecting 0xaa55, got 0x4556"],
        "The kernel read the ROM of a device and found no option ROM there. The line does not \
        name the device. For the Intel iGPU (00:02.0) it is harmless; for a graphics card it can \
        be why its display stays black in the VM.",
        &[run(
            "Look at the whole line; the address before the message names the device.",
            &["journalctl -k -b --grep 'PCI ROM'"],
        )],
    )
    .of(&[NoDevice]),
    entry(
        ("rom-no-more-images", Kernel, No),
        &["no more image in the pci rom", "no more images in pci rom"],
        &["vfio-pci 0000:00:02.0: No more image in the PCI ROM"],
        "The kernel read the iGPU's own ROM area and found no image that is marked as the last \
         one. An iGPU has no ROM of its own, so this says nothing about the ROM file of the VM.",
        NOTHING,
    )
    .of(&[Igpu, VirtualFunction]),
    entry(
        ("rom-bar-not-assigned", Kernel, No),
        &[
            "bar 6: can't assign",
            "rom [*can't assign",
            "rom [*can't claim",
            "bar 6: no space for",
            "rom [*failed to assign",
        ],
        &[
            "vfio-pci 0000:01:00.0: BAR 6: can't assign [??? 0x00000000 flags 0x20000000] \
                 (bogus alignment)",
            "pci 0000:01:00.0: ROM [mem 0x000c0000-0x000dffff]: can't claim; no compatible \
                 bridge window",
        ],
        "The kernel gave the device's own ROM no address: the ROM area is empty or does not \
             fit. Only the device's own ROM is concerned, not a file that the VM gets.",
        &[act("Nothing to do for an iGPU. A graphics card whose ROM cannot be read needs \
             romfile= with its VBIOS.")],
    ),
    entry(
        ("rom-shadowed", Kernel, No),
        &["video device with shadowed rom at"],
        &["pci 0000:00:02.0: Video device with shadowed ROM at [mem 0x000c0000-0x000dffff]"],
        "The device is the display that the firmware used; its VBIOS, if it has one, is a copy \
             in memory. On a UEFI host there is nothing useful in it.",
        NOTHING,
    ),
    // VFIO
    entry(
        ("igd-regions", Kernel, Yes),
        &["failed to setup intel igd regions"],
        &["vfio-pci 0000:00:02.0: Failed to setup Intel IGD regions"],
        "vfio-pci found no Intel host bridge at 00:00.0 or no LPC bridge at 00:1f.0: typical \
             inside a virtual machine.",
        &[act("Run the VM on the machine itself.")],
    ),
    entry(
        ("vgaarb-decodes", Kernel, No),
        &["vga decodes changed", "changed vga decodes"],
        &["vgaarb: VGA decodes changed: olddecodes=io+mem,decodes=io+mem:owns=io+mem"],
        "A driver told the kernel which VGA addresses the GPU answers to. It is seen whenever \
             vfio-pci or a graphics driver binds a GPU.",
        NOTHING,
    ),
    entry(
        ("vfio-hides-capability", Kernel, No),
        &[
            "hiding ecap",
            "vfio_cap_init: hiding cap",
            "hiding cap 0x",
            "unknown length for pci cap",
            "unknown length for pci ecap",
        ],
        &["vfio-pci 0000:00:02.0: vfio_ecap_init: hiding ecap 0x1b@0x100"],
        "vfio-pci does not know this capability of the device and hides it from the VM. Intel \
             GPUs have one (0x1b, PASID) that is always hidden.",
        NOTHING,
    ),
    entry(
        ("vfio-config-conflict", Kernel, Perhaps),
        &["pci config conflict @"],
        &["vfio-pci 0000:00:02.0: vfio_cap_init: PCI config conflict @0x40, was cap 0x9 now \
             cap 0x5"],
        "The device's capabilities overlap, or its configuration space was not readable: a \
             device that sleeps answers all ones.",
        &[act("Restart the host. If it comes again: kernel option vfio-pci.disable_idle_d3=1.")],
    ),
    entry(
        ("vfio-ids-added", Kernel, Good),
        &["vfio_pci: add [", "vfio-pci: add ["],
        &["vfio_pci: add [8086:46d1[ffffffff:ffffffff]] class 0x000000/00000000"],
        "vfio-pci will bind every device with this id. This is what options vfio-pci ids= does.",
        NOTHING,
    ),
    entry(
        ("vfio-ids-invalid", Kernel, Yes),
        &["invalid id string \"", "failed to add dynamic id ["],
        &["vfio_pci: invalid id string \"8086-46d1\""],
        "options vfio-pci ids= has a value that is not a PCI id, so vfio-pci does not bind the \
        device.",
        &[run(
            "Write ids as VVVV:DDDD, with commas and without blanks, then rebuild the \
             initramfs.",
            &["grep -r vfio-pci /etc/modprobe.d", "update-initramfs -u -k all"],
        )],
    ),
    entry(
        ("vfio-denylist", Kernel, Yes),
        &["exists in vfio-pci device denylist"],
        &["8086:0435 exists in vfio-pci device denylist, driver probing disallowed."],
        "The kernel does not let vfio-pci bind this device, because it is unsafe to pass \
             through. No iGPU is on that list.",
        &[act("Check the id in /etc/modprobe.d: it is another device's.")],
    ),
    entry(
        ("vfio-sriov-enabled", Kernel, Yes),
        &["cannot bind to pf with sr-iov enabled", "vfio-pci*failed with error -16"],
        &[
            "vfio-pci 0000:00:02.0: Cannot bind to PF with SR-IOV enabled",
            "vfio-pci: probe of 0000:00:02.0 failed with error -16",
        ],
        "The GPU has virtual functions enabled (SR-IOV), and vfio-pci does not bind a GPU that \
        has some.",
        &[act("Switch the virtual functions off first: write 0 to \
             /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs. Or pass one of them through \
             instead.")],
    ),
    entry(
        ("vfio-probe-einval", Kernel, Yes),
        &["vfio-pci*failed with error -22", "vfio-pci*error -22"],
        &["vfio-pci: probe of 0000:00:02.0 failed with error -22"],
        "vfio-pci does not bind the device: it has no IOMMU group. VT-d is off, or Linux left \
        the GPU out of the IOMMU (intel_iommu=igfx_off, and every Broadwell GPU).",
        IOMMU_OFF,
    ),
    entry(
        ("vfio-probe-failed", Kernel, Yes),
        &[
            "probe of * failed with error*vfio",
            "vfio-pci: probe of * failed with error",
            "probe with driver vfio-pci failed with error",
        ],
        &["vfio-pci 0000:00:02.0: probe with driver vfio-pci failed with error -19"],
        "vfio-pci could not bind the device. The lines before it say why.",
        &[run("Look at what the kernel says of the device.", &["journalctl -k -b --grep 00:02.0"])],
    ),
    entry(
        ("power-state", Kernel, Yes),
        &[
            "unable to change power state from d3cold to d0",
            "runtime resume failed",
            "unable to change power state from d3hot to d0",
            "not ready, transitioned from d3cold",
        ],
        &["vfio-pci 0000:00:02.0: Unable to change power state from D3cold to D0, device \
             inaccessible"],
        "The device does not wake up: it was switched off, or hangs after a reset.",
        &[
            act("Shut the host down, wait, and start it again; a restart alone may not be enough."),
            act("If it comes again: options vfio-pci disable_idle_d3=1 in /etc/modprobe.d, and \
                 no driver of the host for the GPU before the VM."),
        ],
    ),
    entry(
        ("flr-gives-up", Kernel, Yes),
        &["ms after flr; giving up", "ms after bus reset; giving up", "ms after resume; giving up"],
        &["vfio-pci 0000:00:02.0: not ready 65535ms after FLR; giving up"],
        "The GPU did not come back from a reset at all: it hangs.",
        &[act("Shut the host down and start it again. Leave the GPU to vfio-pci from the \
             start, and do not give it back to the host between two starts of the VM.")],
    ),
    entry(
        ("not-ready-flr", Kernel, Perhaps),
        &["not ready *ms after flr", "not ready *ms after bus reset"],
        &["vfio-pci 0000:00:02.0: not ready 1023ms after FLR; waiting"],
        "The GPU needs long to come back from a reset. It happens when the host's driver or \
             another VM used it before.",
        &[act("If the next line says giving up: restart the host. Leave the GPU to vfio-pci \
             from the start, and do not give it back to the host between.")],
    ),
    entry(
        ("pending-transaction", Kernel, Perhaps),
        &["timed out waiting for pending transaction"],
        &["vfio-pci 0000:00:02.0: timed out waiting for pending transaction; performing \
             function level reset anyway"],
        "The GPU was still busy when it was reset. One such line at the start of the VM is \
             harmless; with a hang after it, the GPU was in use before.",
        &[act("Leave the GPU to vfio-pci from the start of the host.")],
    ),
    entry(
        ("vfio-saved-state", Kernel, Perhaps),
        &["couldn't reload saved state", "couldn't store saved state"],
        &["vfio-pci 0000:00:02.0: vfio_pci_core_disable: Couldn't reload saved state"],
        "vfio-pci could not restore the device's configuration after the VM ended: the device no \
        longer answers as before.",
        &[act("If the next start of the VM fails, restart the host.")],
    ),
    entry(
        ("interrupt-remapping", Kernel, Yes),
        &[
            "no interrupt remapping support",
            "has enabled interrupt remapping",
            "interrupt remapping will be disabled",
            "compatibility-format irqs enabled despite",
            "no interrupt remapping for",
            "failed to enable irq remapping",
            "not enabling interrupt remapping",
        ],
        &["vfio_iommu_type1_attach_group: No interrupt remapping support.  Use the module \
             param \"allow_unsafe_interrupts\" to enable VFIO IOMMU support on this platform"],
        "The platform does not remap interrupts, so VFIO refuses the device: a device could \
             send interrupts to other guests.",
        &[act("BIOS: VT-d fully on, x2APIC on, newest version."), super::UNSAFE_INTERRUPTS],
    ),
    entry(
        ("rmrr", Kernel, Yes),
        &[
            "firmware has requested this device have a 1:1 iommu mapping",
            "device is ineligible for iommu domain attach due to platform rmrr requirement",
        ],
        &["vfio-pci 0000:00:02.0: Firmware has requested this device have a 1:1 IOMMU mapping, \
             rejecting configuring the device without a 1:1 mapping. Contact your platform \
             vendor."],
        "The firmware reserves memory for the device (RMRR), and the kernel does not pass such a \
        device through. Linux makes an exception for Intel iGPUs, not for the network cards and \
        disk controllers of some servers.",
        &[act("A newer BIOS, or its setting that ends shared memory for this device (HPE: \
             conrep; Dell, Lenovo: the card's own setup). For an iGPU: a newer kernel.")],
    ),
    entry(
        ("memlock-kernel", Kernel, Yes),
        &["rlimit_memlock (*exceeded"],
        &["vfio_pin_pages_remote: Task qemu-system-x86 (4242) RLIMIT_MEMLOCK (67108864) exceeded"],
        "The process may not lock as much memory as the VM has; a VM with a device has all of \
             its memory locked.",
        &[run(
            "Raise the limit for the user who starts QEMU, in /etc/security/limits.conf \
             (memlock), or start it as root. libvirt: <memtune><hard_limit>.",
            &["ulimit -l"],
        )],
    ),
    entry(
        ("device-request", Kernel, Perhaps),
        &[
            "relaying device request to user",
            "no device request channel registered",
            "device is currently in use, task",
        ],
        &["vfio-pci 0000:00:02.0: Relaying device request to user (#0)"],
        "A driver is being bound or unbound while a VM still uses the device.",
        &[act("Shut the VM down first. The command that waits ends then.")],
    ),
    entry(
        ("vf-token", Kernel, Yes),
        &[
            "vf token required to access device",
            "incorrect vf token provided",
            "vf token incorrectly provided",
            "vf * bound to driver * while pf bound to driver",
        ],
        &["vfio-pci 0000:00:02.1: VF token required to access device"],
        "The virtual function belongs to a GPU that vfio-pci has as well; then a token is \
             needed. For iGPUs the GPU itself stays with the host's driver.",
        &[act("Let i915 or xe have 00:02.0, and only the virtual functions vfio-pci.")],
    ),
    entry(
        ("vf-captured", Kernel, No),
        &["captured sr-iov vf"],
        &["vfio-pci 0000:00:02.0: Captured SR-IOV VF 0000:00:02.1 driver_override"],
        "A new virtual function of a device that vfio-pci has is kept for vfio-pci.",
        NOTHING,
    ),
    entry(
        ("intx-masked", Kernel, No),
        &["masking broken intx support", "reset recovery - restoring bars"],
        &["vfio-pci 0000:00:02.0: Masking broken INTx support"],
        "vfio-pci works around a peculiarity of the device, or restores its addresses after a \
        reset.",
        NOTHING,
    ),
    entry(
        ("noiommu", Kernel, Yes),
        &["adding kernel taint for vfio-noiommu group", "vfio-noiommu device opened"],
        &["vfio-pci 0000:00:02.0: Adding kernel taint for vfio-noiommu group on device"],
        "VFIO runs without an IOMMU (enable_unsafe_noiommu_mode). A VM cannot have a device \
             that way.",
        IOMMU_OFF,
    ),
    entry(
        ("irq-flags", Kernel, Yes),
        &["genirq: flags mismatch irq *vfio-intx", "genirq: flags mismatch irq *vfio"],
        &["genirq: Flags mismatch irq 16. 00000000 (vfio-intx(0000:00:02.0)) vs. 00000080 \
             (i801_smbus)"],
        "The device shares its interrupt line with another driver of the host, named at the \
             end of the line, and cannot share it. The VM does not start.",
        &[run(
            "Keep the other driver from loading: for i801_smbus a line \"blacklist \
             i2c_i801\" in a file of /etc/modprobe.d. Then rebuild the initramfs and restart \
             the host.",
            &["update-initramfs -u -k all"],
        )],
    ),
    entry(
        ("irq-nobody-cared", Kernel, Perhaps),
        &["nobody cared (try booting with the \"irqpoll\" option)"],
        &["irq 16: nobody cared (try booting with the \"irqpoll\" option)"],
        "An interrupt came that no driver claimed, and the kernel switched the line off. \
             Devices that share it stop working.",
        &[act("See which devices share the line in /proc/interrupts. A newer BIOS and kernel; \
             do not give the GPU back to the host between two VMs.")],
    ),
    entry(
        ("vfio-device-enabled", Kernel, No),
        &[
            "enabling device (0000 ->",
            "enabling device (0400 ->",
            "vfio-pci*: resetting",
            "vfio-pci*: reset done",
        ],
        &[
            "vfio-pci 0000:00:02.0: enabling device (0400 -> 0403)",
            "vfio-pci 0000:00:02.0: reset done",
        ],
        "The device is switched on or reset because a VM starts or stops. It is seen every time.",
        NOTHING,
    ),
    entry(
        ("vfio-virqfd", Kernel, No),
        &["module vfio_virqfd not found", "module 'vfio_virqfd'"],
        &[
            "modprobe: FATAL: Module vfio_virqfd not found in directory \
             /lib/modules/6.8.12-4-pve",
            "systemd-modules-load[500]: Failed to find module 'vfio_virqfd'",
        ],
        "Guides name the module vfio_virqfd; since kernel 6.2 it is part of vfio itself.",
        &[run(
            "Take the line out of the list of modules; nothing else is needed.",
            &["grep -rn vfio_virqfd /etc/modules /etc/modules-load.d"],
        )],
    ),
    entry(
        ("dkms-build", Kernel, Yes),
        &["bad return status for module build on kernel", "dkms*bad exit status"],
        &["Error! Bad return status for module build on kernel: 6.14.8-2-pve (x86_64)"],
        "A module that is built on this machine (for Intel GPUs: i915-sriov-dkms) does not fit \
             this kernel, or the kernel's headers are missing.",
        &[run(
            "Install the headers; the end of make.log in the module's folder says what does \
             not fit.",
            &["ls /var/lib/dkms", "uname -r"],
        )],
    ),
    // Memory
    entry(
        ("bar-reserved", Kernel, Yes),
        &[
            "bar *: can't reserve [mem",
            "bar *: can't reserve [io",
            "vfio-pci*failed to reserve region",
            "vfio-pci*failed to iomap region",
        ],
        &["vfio-pci 0000:00:02.0: BAR 2: can't reserve [mem 0x4000000000-0x400fffffff 64bit pref]"],
        "The firmware's framebuffer, or a driver of the host, still has the device's memory. \
             Kernels from 6.0 on release the framebuffer by themselves.",
        &[
            run("See what uses it.", &["cat /proc/iomem"]),
            act("A newer kernel; with an old one video=efifb:off or \
                 initcall_blacklist=sysfb_init on its command line."),
        ],
    ),
    entry(
        ("bar-no-space", Kernel, Yes),
        &[
            "bar *: no space for [mem",
            "bar *: failed to assign [mem",
            "not enough mmio resources for sr-iov",
        ],
        &[
            "i915 0000:00:02.0: not enough MMIO resources for SR-IOV",
            "pci 0000:00:02.0: BAR 9: no space for [mem size 0xe0000000 64bit pref]",
        ],
        "The BIOS left too few addresses for the device, or for the virtual functions of the GPU.",
        ABOVE_4G,
    ),
    entry(
        ("framebuffer-reserved", Kernel, No),
        &["cannot reserve video memory at", "resource sanity check: requesting [mem"],
        &["efifb: cannot reserve video memory at 0x4000000000"],
        "Two drivers need the framebuffer of the firmware; one of them releases it.",
        NOTHING,
    ),
    // VT-d
    entry(
        ("dmar-enabled", Kernel, No),
        &["dmar: iommu enabled"],
        &["[    0.067203] DMAR: IOMMU enabled"],
        "The kernel read intel_iommu=on from its command line. It does not prove that VT-d is \
             on: with VT-d off in the BIOS the line comes as well.",
        &[run("What proves it is a folder in /sys/class/iommu.", &["ls /sys/class/iommu"])],
    ),
    entry(
        ("dmar-disabled", Kernel, Yes),
        &["dmar: iommu disabled"],
        &["DMAR: IOMMU disabled"],
        "intel_iommu=off is on the kernel command line: there is no IOMMU, and nothing can be \
        passed through.",
        &[run(
            "Take intel_iommu=off out of the kernel's command line, write the boot \
             configuration again, restart.",
            &["cat /proc/cmdline"],
        )],
    ),
    entry(
        ("dmar-none", Kernel, Yes),
        &[
            "no dmar devices found",
            "dmar: initialization failed",
            "no supported address widths. not attempting dma translation",
            "parse dmar table failure",
            "no drhd structure found in dmar table",
            "dmar: unable to map dmar",
        ],
        &["DMAR: No DMAR devices found"],
        "The BIOS offers no IOMMU to the kernel, or a table that it cannot read.",
        IOMMU_OFF,
    ),
    entry(
        ("dmar-ready", Kernel, Good),
        &[
            "intel(r) virtualization technology for directed i/o",
            "intel-iommu force enabled due to platform opt in",
            "enabled irq remapping in",
            "dmar: host address width",
            "dmar: drhd base:",
            "queued invalidation will be enabled to support x2apic",
        ],
        &[
            "DMAR: Intel(R) Virtualization Technology for Directed I/O",
            "DMAR-IR: Enabled IRQ remapping in x2apic mode",
        ],
        "The IOMMU (VT-d) is there and in use.",
        NOTHING,
    ),
    entry(
        ("dmar-information", Kernel, No),
        &[
            "dmar: no rmrr found",
            "dmar: no atsr found",
            "dmar: no satc found",
            "dmar: rmrr base:",
            "dmar: rhsa base:",
            "dmar: atsr flags",
            "dmar: satc flags",
            "x2apic is disabled because bios sets x2apic opt out bit",
            "use 'intremap=no_x2apic_optout' to override",
            "using queued invalidation",
            "using register based invalidation",
            "under drhd base",
            ": reg_base_addr *ver",
        ],
        &["DMAR: No RMRR found", "DMAR: RMRR base: 0x0000008b800000 end: 0x0000008fffffff"],
        "The kernel reads the BIOS's description of the IOMMU. These lines come on every start.",
        NOTHING,
    ),
    entry(
        ("dmar-gfx-off", Kernel, Yes),
        &["disable gfx device mapping"],
        &["DMAR: Disable GFX device mapping"],
        "intel_iommu=igfx_off is on the kernel's command line: the iGPU is left out of the \
             IOMMU, has no IOMMU group, and cannot be passed through.",
        &[run(
            "Take igfx_off out of the kernel's command line, write the boot configuration \
             again, restart.",
            &["cat /proc/cmdline"],
        )],
    ),
    entry(
        ("dmar-gfx-chipset", Kernel, Yes),
        &[
            "disabling iommu for graphics on this chipset",
            "bios has allocated no shadow gtt; disabling iommu for graphics",
        ],
        &[
            "DMAR: Disabling IOMMU for graphics on this chipset",
            "DMAR: BIOS has allocated no shadow GTT; disabling IOMMU for graphics",
        ],
        "Linux takes this iGPU out of the IOMMU because of a fault of the chip (Broadwell, and \
             chipsets of 2008 to 2010). It cannot be passed through; no option undoes it.",
        &[act("Use the GPU on the host or in a container instead. On Broadwell GVT-g (mdev) \
             works without the IOMMU.")],
    ),
    entry(
        ("dmar-gfx-passthrough", Kernel, Perhaps),
        &["passthrough iommu for integrated intel graphics", "skip iommu disabling for graphics"],
        &["DMAR: Passthrough IOMMU for integrated Intel graphics"],
        "The kernel maps the iGPU one to one for the host. Passing it through works all the \
             same if the GPU has an IOMMU group.",
        &[run(
            "See whether it has one.",
            &["ls /sys/bus/pci/devices/0000:00:02.0/iommu_group/devices"],
        )],
    ),
    entry(
        ("dmar-bios-broken", Kernel, Perhaps),
        &[
            "your bios is broken;",
            "bios assigned incorrect vt-d unit",
            "rmrr entry for device * is broken",
            "recommended tlb entries for isoch unit is 16",
        ],
        &["DMAR: [Firmware Bug]: Your BIOS is broken; DMAR reported at address 0!"],
        "The BIOS describes the IOMMU incorrectly. The kernel works around it where it can; a \
        line that says that DMAR is reported at address 0 means that there is no IOMMU.",
        &[act("Install a newer BIOS. `oprom doctor` (HOST010) shows whether the IOMMU works.")],
    ),
    entry(
        ("dmar-fault-status", Kernel, No),
        &["drhd: handling fault status reg"],
        &["DMAR: DRHD: handling fault status reg 2"],
        "The heading of a fault that the IOMMU stopped. The line after it names the device and \
             the reason.",
        &[act("Look at the next line.")],
    ),
    entry(
        ("dmar-fault-intr", Kernel, Perhaps),
        &["[intr-remap] request device"],
        &["DMAR: [INTR-REMAP] Request device [f0:1f.0] fault index 0x0 [fault reason 0x25] \
             Blocked a compatibility format interrupt request"],
        "A device sent an interrupt that the IOMMU blocked. One or two at the start are the \
             firmware's leftovers.",
        &[act("If they never end: a newer BIOS.")],
    ),
    entry(
        ("dmar-fault-table", Kernel, Perhaps),
        &[
            "request device [*next page table ptr is invalid",
            "request device [*present bit in *is clear",
            "request device [*non-zero reserved fields",
        ],
        &["DMAR: [DMA Write NO_PASID] Request device [00:02.0] fault addr 0x3fca2a000 [fault \
             reason 0x07] Next page table ptr is invalid"],
        "The device reached for an address for which the IOMMU has no table at all: typically \
         its driver in the VM went on while the VM was stopped, or the addresses are wider than \
         the IOMMU reaches.",
        &[
            act("A few when the VM stops are harmless."),
            run(
                "If they come while it runs: compare the width of the IOMMU with the CPU's \
                 (HOST011).",
                &["oprom doctor"],
            ),
        ],
    ),
    entry(
        ("dmar-fault", Kernel, Perhaps),
        &[
            "dmar: [dma * request device",
            "dmar:[dma *request device",
            "[dma read*request device [",
            "[dma write*request device [",
        ],
        &["DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x8a000000 [fault \
             reason 0x06] PTE Read access is not set"],
        "The GPU still reads memory that the host had given it. A few such lines when the VM \
             starts are normal.",
        &[run(
            "If they never end, something is wrong with the IOMMU's width or the GPU's \
             stolen memory (HOST011, HOST024).",
            &["oprom doctor"],
        )],
    )
    .of(&[Igpu, VirtualFunction]),
    entry(
        ("dmar-fault-other", Kernel, Perhaps),
        &[
            "dmar: [dma * request device",
            "[dma read*request device [",
            "[dma write*request device [",
        ],
        &["DMAR: [DMA Read NO_PASID] Request device [01:00.0] fault addr 0xfee00000 [fault \
             reason 0x06] PTE Read access is not set"],
        "A device that is not the iGPU reached for memory that is not its own. The line names \
             it in brackets.",
        &[run("See which device it is; its driver or firmware is at fault.", &["lspci -nn"])],
    )
    .of(&[Other]),
    entry(
        ("iommu-width", Kernel, Yes),
        &["is not sufficient for the mapped address"],
        &["vfio-pci 0000:00:02.0: __map: iommu width (39) is not sufficient for the mapped \
             address (380010000000)"],
        "The VM's firmware placed the GPU at an address that the IOMMU cannot reach.",
        super::qemu_igd::PHYS_BITS,
    ),
    entry(
        ("dmar-nested", Kernel, No),
        &["iommu batching disallowed due to virtualization"],
        &["DMAR: IOMMU batching disallowed due to virtualization"],
        "This kernel itself runs in a virtual machine. An iGPU can be passed through to a nested \
        VM only if this VM has it.",
        NOTHING,
    ),
    entry(
        ("dmar-queue", Kernel, Yes),
        &[
            "vt-d detected invalidation",
            "dmar: invalidation completion error",
            "dmar: invalidation queue error",
            "dmar: invalidation time-out error",
            "dmar: qi head:",
            "dmar: qi prior:",
        ],
        &["DMAR: VT-d detected Invalidation Queue Error: Reason f"],
        "The IOMMU itself reports an error. A device that hangs or was switched off while in \
             use is the usual reason.",
        &[act("Shut the host down and start it again; a newer BIOS.")],
    ),
    entry(
        ("dmar-pte-set", Kernel, Perhaps),
        &["error: dma pte for vpfn", "no free domain ids", "can't allocate dmar_domain"],
        &["DMAR: ERROR: DMA PTE for vPFN 0x7ffff already set (to 7ffff003 not 12345003)"],
        "The kernel's IOMMU code found its own tables in disorder: a fault of the kernel or of \
             a driver.",
        &[act("Another kernel version; report it with the lines around it.")],
    ),
    // KVM and the host
    entry(
        ("split-lock", Kernel, Perhaps),
        &["took a split_lock trap at address"],
        &["x86/split lock detection: #AC: CPU 1/KVM/4242 took a split_lock trap at address: \
             0x7ee4d050"],
        "A program in the VM uses memory in a way that slows the whole CPU down, and the \
             kernel slows the VM down for it. It has nothing to do with the GPU, but can be \
             why a game stutters.",
        &[act("Kernel option split_lock_detect=off, or sysctl kernel.split_lock_mitigate=0.")],
    ),
    entry(
        ("ignored-msr", Kernel, No),
        &["ignored rdmsr:", "ignored wrmsr:", "unhandled rdmsr:", "unhandled wrmsr:"],
        &["kvm: kvm [3657]: ignored rdmsr: 0x1ad data 0x0"],
        "The guest asked for a CPU register that KVM does not have. Windows and macOS do this \
        often.",
        NOTHING,
    ),
    entry(
        ("kvm-disabled", Kernel, Yes),
        &[
            "kvm: disabled by bios",
            "kvm: vmx not enabled",
            "kvm_intel: vmx not enabled",
            "vmx (outside txt) disabled by bios",
            "vt-x disabled",
        ],
        &["kvm: disabled by bios", "kvm_intel: VMX (outside TXT) disabled by BIOS"],
        "VT-x, the CPU's virtualization, is off in the BIOS: no VM runs at full speed, and \
             none with a device.",
        &[act("In the BIOS, enable Intel Virtualization Technology (VT-x) and VT-d.")],
    ),
    entry(
        ("pcie-corrected", Kernel, No),
        &[
            "pcie bus error: severity=correct",
            "aer: corrected error",
            "aer: multiple corrected error",
            "aer: correctable error",
        ],
        &["pcieport 0000:00:1c.0: AER: Corrected error message received from 0000:03:00.0"],
        "A transmission error that the hardware corrected by itself.",
        &[act("Nothing to do; if there are very many: pcie_aspm=off, or another slot or cable.")],
    ),
    entry(
        ("module-unsigned", Kernel, Perhaps),
        &["module verification failed: signature and/or required key missing"],
        &["i915_compat: module verification failed: signature and/or required key missing - \
             tainting kernel"],
        "A module that was built on this machine (DKMS) has no signature that the kernel \
        accepts. It is still loaded unless Secure Boot is on.",
        &[act("Nothing to do if it works. With Secure Boot of the host on, enrol the key with \
             mokutil.")],
    ),
    entry(
        ("module-rejected", Kernel, Yes),
        &[
            "loading of unsigned module is rejected",
            "key was rejected by service",
            "required key not available",
        ],
        &["modprobe: ERROR: could not insert 'i915': Key was rejected by service"],
        "Secure Boot of the host is on, and the module is not signed with a key that it accepts: \
        the driver does not load.",
        &[run(
            "Enrol the key of DKMS and confirm it at the next start, or turn Secure Boot of \
             the host off.",
            &["mokutil --import /var/lib/dkms/mok.pub"],
        )],
    ),
    entry(
        ("kvmgt-missing", Kernel, Yes),
        &[
            "find module 'kvmgt'",
            "insert module 'kvmgt'",
            "could not insert 'kvmgt'",
            "module kvmgt not found",
        ],
        &["systemd-modules-load[824]: Failed to insert module 'kvmgt': No such device"],
        "GVT-g cannot be started: the GPU is of generation 10 or newer, i915 was loaded without \
        enable_gvt=1, or vfio-pci is bound to the GPU.",
        &[run(
            "GVT-g exists only for generations 5 to 9. If you pass the whole GPU through, remove \
            kvmgt from /etc/modules.",
            &["grep -rn kvmgt /etc/modules /etc/modules-load.d"],
        )],
    ),
    entry(
        ("sysfs-busy", Kernel, Yes),
        &["write error: device or resource busy"],
        &["-bash: echo: write error: Device or resource busy"],
        "The file in /sys cannot be changed now: sriov_numvfs is not 0 yet, or the device is \
             in use by a VM or a driver.",
        &[run(
            "For sriov_numvfs write 0 first, then the number; else stop what uses the \
             device.",
            &["lspci -nnk -s 00:02.0"],
        )],
    ),
    entry(
        ("sysfs-no-device", Kernel, Yes),
        &["write error: no such device"],
        &["-bash: echo: write error: No such device"],
        "The driver does not bind the device whose address or id was written: the address is \
        incorrect, there is no IOMMU group, or the driver does not support the id.",
        &[run(
            "See whether the device has an IOMMU group. Write vfio-pci to its \
             driver_override in /sys, then its address to /sys/bus/pci/drivers_probe.",
            &["ls /sys/bus/pci/devices/0000:00:02.0/iommu_group/devices"],
        )],
    ),
];
