//! What people find in their logs and ask about: each text with its numbers left open, what it means, and what to do.

/// Who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    Kernel,
    Qemu,
    Proxmox,
    Firmware,
    Guest,
}

impl Layer {
    /// The name for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kernel => "host kernel",
            Self::Qemu => "QEMU",
            Self::Proxmox => "Proxmox VE",
            Self::Firmware => "the VM's firmware",
            Self::Guest => "the guest",
        }
    }
}

/// Whether it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matters {
    /// It is a good sign.
    Good,
    /// It is no fault here.
    No,
    /// It depends on what else is there.
    Perhaps,
    /// It is why it does not work.
    Yes,
}

impl Matters {
    /// The stable word in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::No => "no",
            Self::Perhaps => "perhaps",
            Self::Yes => "yes",
        }
    }
}

/// A message.
#[derive(Debug)]
pub struct Message {
    /// A stable name.
    pub id: &'static str,
    /// Texts that it is known by, in lower case; a star stands for anything.
    pub patterns: &'static [&'static str],
    /// Lines as they are seen.
    pub examples: &'static [&'static str],
    /// Who says it.
    pub layer: Layer,
    /// Whether it matters.
    pub matters: Matters,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub fix: &'static str,
}

const fn message(
    id: &'static str,
    layer: Layer,
    matters: Matters,
    patterns: &'static [&'static str],
    examples: &'static [&'static str],
    [means, fix]: [&'static str; 2],
) -> Message {
    Message { id, patterns, examples, layer, matters, means, fix }
}

/// All of them, the more particular before the more general.
pub const MESSAGES: &[Message] = &[
    message(
        "code-43",
        Layer::Guest,
        Matters::Yes,
        &["code-43", "code 43", "windows has stopped this device because it has reported problems"],
        &["Windows has stopped this device because it has reported problems. (Code 43)", "code-43"],
        [
            "The guest's driver gave up. It is not about hiding the hypervisor: nearly always the VM lacks what the driver looks for.",
            "In this order: 1. machine type pc, guest address 00:02.0, legacy-igd=1 on Proxmox VE. 2. x-igd-lpc=on where the GPU needs it (`oprom \
             doctor`, HOST030). 3. no disable_vga=1 (HOST040). 4. a ROM that works and serves this GPU: `oprom check \
             /usr/share/kvm/igd.rom`. 5. memory in the BIOS (DVMT) and no x-igd-gms in args. 6. another version of the graphics driver.",
        ],
    ),
    message(
        "rom-header-signature",
        Layer::Kernel,
        Matters::No,
        &["invalid pci rom header signature: expecting 0xaa55", "invalid pci rom data signature: expecting 0x52494350"],
        &[
            "vfio-pci 0000:00:02.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0xf6ff",
            "vfio-pci 0000:03:00.0: Invalid PCI ROM data signature: expecting 0x52494350, got 0xcb80aa55",
        ],
        [
            "The kernel looked for a ROM in the GPU itself, and an iGPU on a UEFI host has none. It says nothing about the file that you give to the VM.",
            "On the host: nothing. Check the file itself with `oprom check`. In a Linux guest the same line, together with missing VBIOS tables, \
             means that the OpRegion is not there.",
        ],
    ),
    message(
        "vga-region-index-8",
        Layer::Qemu,
        Matters::Yes,
        &["failed getting region info for vga region index 8"],
        &[
            "kvm: -device vfio-pci,host=0000:00:02.0: vfio 0000:00:02.0: failed getting region info for VGA region index 8: Invalid argument",
        ],
        [
            "vfio-pci does not offer the VGA ranges: disable_vga=1 is set, or the kernel lacks CONFIG_VFIO_PCI_VGA. Legacy mode needs them.",
            "Take disable_vga=1 out of /etc/modprobe.d, update-initramfs -u -k all, restart the host. `oprom doctor` shows where it stands.",
        ],
    ),
    message(
        "vga-access",
        Layer::Qemu,
        Matters::Yes,
        &["failed to enable vga access, legacy mode disabled", "unable to enable vga access"],
        &["IGD device 0000:00:02.0 failed to enable VGA access, legacy mode disabled", "Unable to enable VGA access"],
        [
            "QEMU could not get the VGA ranges and gave legacy mode up; before QEMU 10.1 OpRegion and the rest went with it.",
            "Take disable_vga=1 out of /etc/modprobe.d, update-initramfs -u -k all, restart the host.",
        ],
    ),
    message(
        "lpc-bridge-1f0",
        Layer::Qemu,
        Matters::Yes,
        &[
            "cannot support legacy mode due to existing devices at address 1f.0",
            "cannot create lpc bridge due to existing device at 1f.0",
        ],
        &[
            "IGD device 0000:00:02.0 cannot support legacy mode due to existing devices at address 1f.0",
            "Cannot create LPC bridge due to existing device at 1f.0",
        ],
        [
            "Something sits at 00:1f.0 of the VM, where the GPU's driver looks for Intel's LPC bridge: the chipset of q35, or a bridge of Proxmox VE.",
            "Machine type pc. On Proxmox VE also legacy-igd=1, which moves the bridge away.",
        ],
    ),
    message(
        "legacy-mode-unsupported",
        Layer::Qemu,
        Matters::Yes,
        &["is unsupported in legacy mode, try sandybridge or newer"],
        &["IGD device 0000:00:02.0 is unsupported in legacy mode, try SandyBridge or newer"],
        [
            "This QEMU does not know the GPU and does nothing for it: it is newer than QEMU, or one that QEMU 9.2 left out.",
            "QEMU 10.1 or newer (Proxmox VE 9.1).",
        ],
    ),
    message(
        "legacy-mode-refused",
        Layer::Qemu,
        Matters::Yes,
        &["doesn't support legacy mode", "machine is not i440fx, assigned bdf is not 00:02.0"],
        &["Machine is not i440fx, assigned BDF is not 00:02.0, or device a7a8 (gen 12) doesn't support legacy mode"],
        [
            "x-igd-legacy-mode=on was asked for and cannot be had: wrong machine or address, or a GPU of generation 11 and newer on QEMU 10.1 and newer.",
            "Machine type pc and guest address 00:02.0. For generation 11 and newer use x-igd-lpc=on instead.",
        ],
    ),
    message(
        "no-rom",
        Layer::Qemu,
        Matters::Yes,
        &["has no rom, legacy mode disabled", "device has no rom"],
        &["IGD device 0000:00:02.0 has no ROM, legacy mode disabled"],
        [
            "The VM has no romfile for the GPU, and the GPU has none of its own.",
            "romfile=igd.rom at hostpci0, after `sudo oprom install`.",
        ],
    ),
    message(
        "region-missing",
        Layer::Qemu,
        Matters::Yes,
        &["does not support opregion access", "does not support host bridge access", "does not support lpc bridge access"],
        &[
            "IGD device 0000:00:02.0 does not support OpRegion access,legacy mode disabled",
            "does not support LPC bridge access",
        ],
        [
            "The kernel does not hand over what belongs to the GPU: it is not the primary display, the kernel is too old, or CONFIG_VFIO_PCI_IGD is off.",
            "BIOS: Primary Display = IGD. `oprom doctor` (HOST021, HOST041) tells which it is.",
        ],
    ),
    message(
        "igd-regions",
        Layer::Kernel,
        Matters::Yes,
        &["failed to setup intel igd regions"],
        &["vfio-pci 0000:00:02.0: Failed to setup Intel IGD regions"],
        [
            "vfio-pci found no Intel host bridge at 00:00.0 or no LPC bridge at 00:1f.0: typical inside a virtual machine.",
            "Run it on the machine itself.",
        ],
    ),
    message(
        "opregion-feature",
        Layer::Qemu,
        Matters::Yes,
        &["does not support requested igd opregion feature", "does not supports igd opregion feature"],
        &[
            "Device does not supports IGD OpRegion feature: No such device",
            "does not support requested IGD OpRegion feature: No such device",
        ],
        [
            "x-igd-opregion was asked for a device that has none: an SR-IOV virtual function, a GPU that is not the primary display, or another device.",
            "For a virtual function take x-igd-opregion out of args. For the GPU itself: BIOS, Primary Display = IGD.",
        ],
    ),
    message(
        "legacy-mode-enabled",
        Layer::Qemu,
        Matters::Good,
        &["igd legacy mode enabled", "opregion detected on intel display"],
        &[
            "IGD legacy mode enabled, use x-igd-legacy-mode=off to disable it if unwanted.",
            "OpRegion detected on Intel display 46a6.",
        ],
        ["QEMU recognised the GPU and set up what it needs.", "Nothing."],
    ),
    message(
        "dma-map-einval",
        Layer::Qemu,
        Matters::Yes,
        &["vfio_container_dma_map(*= -22", "vfio_map_dma failed: invalid argument", "vfio_map_dma: -22"],
        &[
            "vfio_container_dma_map(0x5f1, 0x380010000000, 0x4000, 0x7f2) = -22 (Invalid argument)",
            "kvm: VFIO_MAP_DMA failed: Invalid argument",
        ],
        [
            "The VM's firmware put the GPU at an address that the IOMMU cannot reach: the CPU has wider addresses than the IOMMU.",
            "Proxmox VE: cpu: host,guest-phys-bits=39. QEMU: -cpu host,host-phys-bits-limit=39. libvirt: <maxphysaddr mode='passthrough' \
             limit='39'/>. `oprom doctor` (HOST011) shows the width.",
        ],
    ),
    message(
        "dma-map-enomem",
        Layer::Qemu,
        Matters::Yes,
        &["vfio_map_dma failed: cannot allocate memory", "cannot limit locked memory", "vfio_map_dma: -12"],
        &["VFIO_MAP_DMA failed: Cannot allocate memory", "cannot limit locked memory of process 4242"],
        [
            "A VM with a device has all of its memory locked, and the host has no room for it or does not allow it.",
            "Less memory for the VM, no ballooning (balloon: 0); under libvirt raise the memory lock limit.",
        ],
    ),
    message(
        "group-not-viable",
        Layer::Qemu,
        Matters::Yes,
        &["is not viable", "can't bind pci group"],
        &["vfio 0000:00:02.0: group 0 is not viable", "can't bind PCI group to VFIO"],
        [
            "Other devices share the GPU's IOMMU group and are still in use by the host.",
            "`oprom doctor` (HOST023) lists them. All of a group goes to one VM.",
        ],
    ),
    message(
        "romfile-missing",
        Layer::Qemu,
        Matters::Yes,
        &["failed to find romfile"],
        &["failed to find romfile \"/usr/share/kvm//usr/share/kvm/igd.rom\""],
        [
            "The file is not where QEMU looks. On Proxmox VE romfile= is relative to /usr/share/kvm: an absolute path ends up doubled.",
            "Proxmox VE: romfile=igd.rom, on every node that the VM runs on. `sudo oprom install` puts the file there.",
        ],
    ),
    message(
        "romfile-size",
        Layer::Qemu,
        Matters::Yes,
        &["romfile * is empty", "is too large for rom size", "romfile * too large"],
        &["romfile \"/usr/share/kvm/igd.rom\" is empty", "romfile \"x\" (191488 bytes) is too large for ROM size 65536"],
        [
            "The file is no ROM that QEMU takes: a download went wrong, or romsize= is too small.",
            "`oprom check` on the file, then `sudo oprom install`.",
        ],
    ),
    message(
        "no-device-for-set",
        Layer::Qemu,
        Matters::Yes,
        &["there is no device \"hostpci"],
        &["there is no device \"hostpci0\" defined"],
        [
            "A -set in args names a device that the VM does not have: another number, or several functions, whose names become hostpci0.0.",
            "Match the number of the hostpci line, and give one function: 0000:00:02.0 rather than 0000:00:02 (All Functions).",
        ],
    ),
    message(
        "property-not-found",
        Layer::Qemu,
        Matters::Yes,
        &["property 'vfio-pci.legacy-igd' not found", "no [legacy-igd] property", "property 'vfio-pci.* not found"],
        &["Property 'vfio-pci.x-igd-lpc' not found", "Property 'vfio-pci.legacy-igd' not found"],
        [
            "This QEMU has no such property: x-igd-lpc and x-igd-legacy-mode came with 10.0; legacy-igd is Proxmox VE's word and no property of QEMU.",
            "Upgrade QEMU, or leave the option out: before 10.1 legacy mode does what x-igd-lpc does.",
        ],
    ),
    message(
        "slot-not-available",
        Layer::Qemu,
        Matters::Yes,
        &["slot * function * not available for vfio-pci"],
        &["PCI: slot 2 function 0 not available for vfio-pci, in use by VGA,id=vga"],
        ["The VM's own display sits where the GPU has to be.", "vga: none (libvirt: <video><model type='none'/></video>)."],
    ),
    message(
        "iommu-not-present",
        Layer::Proxmox,
        Matters::Yes,
        &["iommu not present", "no iommu detected"],
        &[
            "cannot prepare PCI pass-through, IOMMU not present",
            "No IOMMU detected, please activate it. See Documentation for further information.",
        ],
        ["The host's IOMMU is off.", "BIOS: VT-d on. `oprom doctor` (HOST010) tells whether it is the BIOS or the kernel."],
    ),
    message(
        "legacy-igd",
        Layer::Proxmox,
        Matters::Yes,
        &["legacy igd assignment "],
        &["legacy IGD assignment requires VGA mode to be 'none'", "legacy IGD assignment is not compatible with x-vga"],
        [
            "Proxmox VE looks at what legacy-igd=1 needs, and says what is not so.",
            "machine: pc; vga: none, exactly so; one GPU, its function 0; no x-vga, no pcie=1, no rombar=0, no mdev.",
        ],
    ),
    message(
        "q35-not-enabled",
        Layer::Proxmox,
        Matters::Yes,
        &["q35 machine model is not enabled"],
        &["q35 machine model is not enabled"],
        [
            "A hostpci line has pcie=1, and the machine is pc. It may be another device's line.",
            "Take pcie=1 out of every hostpci line.",
        ],
    ),
    message(
        "reset-failed",
        Layer::Proxmox,
        Matters::Perhaps,
        &["can't reset pci device", "failed to reset pci device"],
        &[
            "can't reset PCI device '0000:00:1f.3'",
            "failed to reset PCI device '0000:00:02.0', but trying to continue as not all devices need a reset",
        ],
        [
            "The device has no way to be reset. For the audio function it does no harm.",
            "For the GPU: restart the host before the next start of the VM.",
        ],
    ),
    message(
        "no-efidisk",
        Layer::Proxmox,
        Matters::Perhaps,
        &["no efidisk configured"],
        &["WARN: no efidisk configured! Using temporary efivars disk."],
        ["The VM forgets its firmware settings at each stop.", "Add an EFI disk to the VM."],
    ),
    message(
        "phys-bits-40",
        Layer::Proxmox,
        Matters::No,
        &["ovmf firmware might limit cpu 'phys-bits' to 40"],
        &["OVMF firmware might limit CPU 'phys-bits' to 40"],
        ["A remark of Proxmox VE about large memories.", "Nothing."],
    ),
    message(
        "only-root",
        Layer::Proxmox,
        Matters::Yes,
        &["only root@pam can set", "only root can set"],
        &["only root@pam can set 'romfile' option", "only root can set 'args' config"],
        ["romfile, args and raw device addresses can be set by root alone.", "Use `qm set` in a shell of the host as root."],
    ),
    message(
        "already-in-use",
        Layer::Proxmox,
        Matters::Yes,
        &["pci device * already in use by vmid"],
        &["PCI device '0000:00:02.0' already in use by VMID '101'"],
        ["Another VM that runs has the GPU.", "Stop that VM, or give the GPU to one of them."],
    ),
    message(
        "bar-reserved",
        Layer::Kernel,
        Matters::Yes,
        &["bar *: can't reserve [mem", "failed to mmap * bar"],
        &[
            "vfio-pci 0000:00:02.0: BAR 2: can't reserve [mem 0x4000000000-0x400fffffff 64bit pref]",
            "Failed to mmap 0000:00:02.0 BAR 2. Performance may be slow",
        ],
        [
            "The firmware's framebuffer still holds the GPU's memory. Kernels from 6.0 on give it up by themselves.",
            "A newer kernel; with an old one video=efifb:off or initcall_blacklist=sysfb_init on its command line.",
        ],
    ),
    message(
        "not-ready-flr",
        Layer::Kernel,
        Matters::Perhaps,
        &["not ready *ms after flr"],
        &["vfio-pci 0000:00:02.0: not ready 1023ms after FLR; waiting"],
        [
            "The GPU does not come back from a reset. It happens when it was used by the host's driver or another VM before.",
            "Restart the host. Leave the GPU to vfio-pci from the start, and do not give it back to the host between.",
        ],
    ),
    message(
        "dmar-fault",
        Layer::Kernel,
        Matters::Perhaps,
        &["dmar: [dma * request device"],
        &[
            "DMAR: [DMA Read NO_PASID] Request device [00:02.0] fault addr 0x8a000000 [fault reason 0x06] PTE Read access is not set",
        ],
        [
            "The GPU still reads memory that the host had given it. A few such lines when the VM starts are normal.",
            "If they never end: `oprom doctor` (HOST011, HOST024).",
        ],
    ),
    message(
        "vbios-tables",
        Layer::Guest,
        Matters::Yes,
        &["failed to find vbios tables (vbt)"],
        &["i915 0000:00:02.0: [drm] Failed to find VBIOS tables (VBT)"],
        [
            "The guest's driver does not know which screens there are: the VM has no OpRegion.",
            "A ROM with an IGD assignment driver, and before QEMU 10.1 legacy mode or x-igd-opregion=on. `oprom check` shows what a ROM holds.",
        ],
    ),
    message(
        "setup-bdsm",
        Layer::Firmware,
        Matters::Yes,
        &["setupvmbdsm", "failed to allocate bdsm"],
        &["SetupVmBDSM: Get BDSM at address: 0x0", "SetupVmBDSM: failed to allocate BDSM: Not Found"],
        [
            "The ROM is one of 2023 whose memory set-up fails on QEMU 10 and newer.",
            "`sudo oprom install` puts a current one in place.",
        ],
    ),
    message(
        "igd-private-data",
        Layer::Firmware,
        Matters::Yes,
        &["getigdprivatedata"],
        &["IgdAssignmentEntry: GetIgdPrivateData: Unsupported"],
        [
            "The assignment driver in the ROM does not know this GPU: the ROM is older than the GPU.",
            "`oprom check FILE --device VVVV:DDDD` says whether a ROM knows it; `oprom pick` which one does.",
        ],
    ),
];
