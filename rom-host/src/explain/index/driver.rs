//! What i915 and xe say, on the host or in a Linux guest.

use super::super::entry::Layer::Driver;
use super::super::entry::Matters::{Good, No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, run};

const NOTHING: &[Tip] = super::NOTHING;

const FIRMWARE: &[Tip] = &[run(
    "Install the firmware of the distribution, then make the initramfs again: Debian \
         firmware-misc-nonfree (newer: firmware-intel-graphics), Proxmox VE pve-firmware, \
         Fedora linux-firmware.",
    &["update-initramfs -u -k all"],
)];

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("vbios-tables", Driver, Yes),
        &["failed to find vbios tables (vbt)"],
        &[
            "i915 0000:00:02.0: [drm] Failed to find VBIOS tables (VBT)",
            "xe 0000:00:02.0: [drm] Failed to find VBIOS tables (VBT)",
        ],
        "The driver does not know which displays there are: there is no OpRegion. In a VM, QEMU \
        did not pass it through; a virtual function never has one, and needs none.",
        &[
            act("A ROM with an IGD assignment driver, and before QEMU 10.1 legacy mode or \
                 x-igd-opregion=on."),
            run("See what a ROM holds.", &["oprom check FILE"]),
        ],
    ),
    entry(
        ("opregion-absent", Driver, Perhaps),
        &["acpi opregion not supported", "no acpi video bus found", "opregion signature mismatch"],
        &["i915 0000:00:02.0: [drm] ACPI OpRegion not supported!"],
        "The driver found no OpRegion. In a VM, QEMU did not pass it through; on a virtual \
        function this is normal.",
        &[act("For a display in the VM: QEMU 10.1 or newer passes it through by default; older \
            versions need legacy mode or x-igd-opregion=on.")],
    ),
    entry(
        ("guc-init-failed", Driver, Yes),
        &[
            "guc initialization failed",
            "guc init failed",
            "guc: * init failed",
            "failed to initialize guc",
            "guc load failed",
        ],
        &["i915 0000:00:02.0: [drm] *ERROR* GT0: GuC initialization failed -EIO"],
        "The GPU's own controller (GuC) did not start, so the driver cannot use the GPU. The \
             firmware file is missing or too old, or the GPU was not reset after its last use.",
        &[
            act("Restart the host. In the VM install newer linux-firmware; for a virtual \
                     function host and guest need the same version of the driver."),
            run("See what else the driver says.", &["journalctl -k -b --grep guc"]),
        ],
    ),
    entry(
        ("guc-ct-failed", Driver, Yes),
        &[
            "guc: ct: sending action",
            "guc: ct: no response for request",
            "ct: failed to process",
            "guc: ct: *broken",
            "guc ct no response",
        ],
        &["i915 0000:00:02.0: [drm] *ERROR* GT1: GUC: CT: Sending action 0x550b failed (-EIO) \
             status=0XE0000102"],
        "The driver and the GPU's own controller (GuC) do not understand each other: their \
             versions do not match, or the GPU hangs. 0x550b and its like are talks between a \
             virtual function and the GPU.",
        &[
            act("For virtual functions: the same version of i915-sriov-dkms or xe on host and \
                     guest. For the whole GPU: restart the host, newer linux-firmware."),
            run("See the versions.", &["journalctl -k -b --grep guc"]),
        ],
    ),
    entry(
        ("gpu-wedged", Driver, Yes),
        &["declaring it wedged", "failed to initialize gpu, declaring"],
        &["i915 0000:00:02.0: [drm] *ERROR* GT0: Failed to initialize GPU, declaring it wedged!"],
        "The driver gave the GPU up: displays may still work, rendering and transcoding do \
             not. The line before it has the reason, often GuC.",
        &[run(
            "Look at the lines before it, and restart the host.",
            &["journalctl -k -b --grep 'i915|xe '"],
        )],
    ),
    entry(
        ("i915-force-probe", Driver, Yes),
        &[
            "is not properly supported by i915 in this",
            "is not officially supported by xe",
            "is not properly supported by xe in this",
        ],
        &["i915 0000:01:00.0: Your graphics device 7d45 is not properly supported by i915 in this"],
        "This kernel's driver does not know the GPU well enough: the kernel is older than the \
             GPU, or another driver (xe) is meant for it.",
        &[act("A newer kernel; or the kernel option i915.force_probe=ID (xe.force_probe=ID), \
             with the id from the line.")],
    ),
    entry(
        ("i915-probe-failed", Driver, Yes),
        &[
            "probe with driver i915 failed with error",
            "i915: probe of * failed with error",
            "probe with driver xe failed with error",
            "xe: probe of * failed with error",
            "device initialization failed (-",
        ],
        &[
            "i915 0000:00:02.0: probe with driver i915 failed with error -5",
            "i915: probe of 0000:00:02.0 failed with error -19",
        ],
        "The driver did not bind the GPU. -5: it does not answer as it should; -12: not enough \
        memory or addresses; -19: it is no longer there, or not supported. The lines before it \
        say more.",
        &[run("Read them.", &["journalctl -k -b --grep 'i915|xe '"])],
    ),
    entry(
        ("gpu-hang", Driver, Yes),
        &["gpu hang: ecode", "resetting chip for", "engine reset failed", "timedout job:"],
        &["i915 0000:00:02.0: [drm] GPU HANG: ecode 9:1:85dffffb, in Xorg [1234]"],
        "The GPU stopped while it drew and the driver reset it. In a VM it happens when the \
             GPU was used by the host before, and with faults of the driver in the program \
             that is named.",
        &[act("Leave the GPU to vfio-pci from the start of the host; a newer kernel and Mesa in \
                 the guest. If it hangs on the host as well, it is the hardware or the driver.")],
    ),
    entry(
        ("xe-load-failed", Driver, Yes),
        &["load failed: status = 0x", "gt0: load failed:"],
        &["xe 0000:06:10.0: [drm] *ERROR* GT0: load failed: status = 0x40000056, time = 9ms, \
                 freq = 1300MHz (req 1300MHz), done = -1"],
        "The driver could not load the firmware of the GPU's controller (GuC): the file is not \
        for this GPU, or the GPU was not reset after its last use.",
        &[act("Newer linux-firmware; restart the host, since the controller can be loaded only \
             once after a reset.")],
    ),
    entry(
        ("gvt-hw-state", Driver, No),
        &["firmware load for i915/gvt/"],
        &["i915 0000:00:02.0: Direct firmware load for \
                 i915/gvt/vid_0x8086_did_0x3ea0_rid_0x02.golden_hw_state failed with error -2"],
        "GVT-g looked for a file with a saved state of the GPU, which nobody has, and made its \
             own.",
        NOTHING,
    ),
    entry(
        ("dmc-firmware", Driver, Perhaps),
        &[
            "failed to load dmc firmware",
            "firmware load for i915/*_dmc",
            "firmware load for xe/*_dmc",
        ],
        &["i915 0000:00:02.0: [drm] Failed to load DMC firmware i915/adlp_dmc.bin"],
        "The firmware for power saving of the displays is missing. Everything works, with more \
             power used when idle.",
        FIRMWARE,
    ),
    entry(
        ("guc-firmware", Driver, Yes),
        &[
            "firmware load for i915/*guc",
            "firmware load for i915/*huc",
            "firmware load for xe/*guc",
            "guc firmware i915/*: fetch failed",
            "failed to fetch guc",
            "guc firmware*not found",
        ],
        &["i915 0000:00:02.0: Direct firmware load for i915/adlp_guc_70.bin failed with error -2"],
        "The firmware of the GPU's own controller (GuC, HuC) is missing. From generation 12 on \
             the driver does not work without it.",
        FIRMWARE,
    ),
    entry(
        ("no-crtc", Driver, Perhaps),
        &["cannot find any crtc or sizes"],
        &["i915 0000:00:02.0: [drm] Cannot find any crtc or sizes"],
        "The driver sees no monitor. It is normal without one, and on a virtual function.",
        &[act("With a monitor plugged in: the VM has no OpRegion (ports are unknown), the cable \
                 is at another GPU, or the monitor sleeps. A dummy plug helps a headless \
                 machine.")],
    ),
    entry(
        ("stolen-conflict", Driver, Perhaps),
        &["conflict detected with stolen region"],
        &["i915 0000:00:02.0: [drm] *ERROR* conflict detected with stolen region: [mem \
             0x7d800000-0x7fffffff]"],
        "The memory that the BIOS reserved for the GPU is in use by something else. The driver \
             does without it. In a VM QEMU or the ROM did not set it up.",
        &[act(
            "Nothing to do if the display works. In a VM: a ROM with an IGD assignment driver, \
                 and no x-igd-gms in the arguments.",
        )],
    ),
    entry(
        ("vbt-child-size", Driver, No),
        &["unexpected child device config size"],
        &["[drm:intel_bios_init [i915]] *ERROR* Unexpected child device config size 38 \
             (expected 33 for VBT version 186)"],
        "The BIOS's Video BIOS Table has a version that the driver does not fully support. It \
        reads the parts that it supports.",
        NOTHING,
    ),
    entry(
        ("vtd-active", Driver, No),
        &["vt-d active for gfx access"],
        &["i915 0000:00:02.0: [drm] VT-d active for gfx access"],
        "The driver sees that the IOMMU is on. It is a good sign for passthrough.",
        NOTHING,
    ),
    entry(
        ("mmio-ffffffff", Driver, Yes),
        &["device is non-operational; mmio access returns 0xffffffff"],
        &["i915 0000:00:02.0: [drm] Device is non-operational; MMIO access returns 0xFFFFFFFF!"],
        "The GPU does not answer: it was switched off, hangs after a reset, or the VM's \
             firmware put it at addresses that do not reach it.",
        &[
            act("Shut the host down and start it again. In a VM: limit the width of its \
                 addresses (HOST011)."),
            run("See the width.", &["oprom doctor"]),
        ],
    ),
    entry(
        ("sriov-vf", Driver, Good),
        &["running in sr-iov vf mode"],
        &["i915 0000:00:02.1: Running in SR-IOV VF mode"],
        "The driver works on a virtual function.",
        NOTHING,
    ),
    entry(
        ("sriov-possible", Driver, Good),
        &["vfs could be associated with this pf"],
        &["i915 0000:00:02.0: 7 VFs could be associated with this PF"],
        "The driver can make virtual functions of this GPU (SR-IOV).",
        NOTHING,
    ),
    entry(
        ("fifo-underrun", Driver, Perhaps),
        &["fifo underrun"],
        &["i915 0000:00:02.0: [drm] *ERROR* CPU pipe A FIFO underrun"],
        "The display ran out of data for a moment. One such line when a display is switched on \
        is normal; many, with a display that flickers, are not.",
        &[act("If the display flickers: use a newer kernel, and keep i915 from loading on the \
            host before the VM starts.")],
    ),
    entry(
        ("console-switched", Driver, No),
        &["deactivate vga console", "console: switching to colour dummy device"],
        &[
            "i915 0000:00:02.0: vgaarb: deactivate vga console",
            "Console: switching to colour dummy device 80x25",
        ],
        "The host's console moves to another display, or to none: a driver takes over the GPU, \
        or releases it.",
        NOTHING,
    ),
    entry(
        ("firmware-possible", Driver, No),
        &[
            "possible missing firmware /lib/firmware/i915",
            "possible missing firmware /lib/firmware/xe",
        ],
        &["W: Possible missing firmware /lib/firmware/i915/mtl_gsc_1.bin for module i915"],
        "The initramfs tool lists every file that the driver could want, also for GPUs that \
             this machine does not have.",
        NOTHING,
    ),
    entry(
        ("sriov-enabled", Driver, Good),
        &["pf: enabled * of * vfs", "enabled * vfs"],
        &["xe 0000:00:02.0: [drm] PF: Enabled 7 of 7 VFs"],
        "The GPU's virtual functions are switched on. While they are, the GPU itself cannot be \
             passed through.",
        NOTHING,
    ),
    entry(
        ("gvt-no-gm-space", Driver, Yes),
        &[
            "gvt: fail to alloc low gm space",
            "gvt: fail to alloc high gm space",
            "gvt: fail to alloc fence",
        ],
        &["gvt: fail to alloc low gm space from host"],
        "GVT-g has no graphics memory left for one more mediated device.",
        &[act("BIOS: larger aperture (256 MB and more). Or fewer or smaller mediated devices (a \
                 larger number at the end of the type's name is a smaller one).")],
    ),
    entry(
        ("gvt-unsupported", Driver, Yes),
        &[
            "unsupported device. gvt-g is disabled",
            "gvt-g is disabled",
            "this version of driver doesn't support gvt",
            "enable_gvt: unknown parameter",
            "i915: unknown parameter 'enable_gvt'",
        ],
        &["i915: unknown parameter 'enable_gvt' ignored"],
        "GVT-g cannot be had here: the GPU is of generation 10 or newer, or the kernel was \
             built without it.",
        &[act("Generation 12 and newer have SR-IOV instead. To pass the whole GPU through, \
            remove enable_gvt from the kernel command line.")],
    ),
];
