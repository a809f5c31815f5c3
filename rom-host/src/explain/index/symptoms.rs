//! What people see, in their own words. Only what is asked is compared with these, never the lines
//! of a log.

use super::super::entry::Layer::Symptom;
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, on, run};
use crate::vm::model::Manager::{Libvirt, Proxmox};

/// What to look at for Code 43, in this order.
pub(super) const CODE_43: &[Tip] = &[
    run(
        "Check the host and the VM; fix the first FAIL, then check again.",
        &["oprom doctor", "oprom vm check VMID"],
    ),
    act("Use machine type pc and guest address 00:02.0; on Proxmox VE legacy-igd=1."),
    act("Set x-igd-lpc=on where the GPU needs it (HOST030), and remove disable_vga=1 (HOST040)."),
    run("Use a ROM that works and supports this GPU.", &["oprom check /usr/share/kvm/igd.rom"]),
    act("Set the graphics memory (DVMT) in the host's BIOS, and remove x-igd-gms."),
    act("Try another version of the graphics driver."),
    act("A virtual function needs a ROM too, and no x-igd-opregion."),
];

const CHECK_BOTH: Tip = run(
    "Check the host and the VM; fix the first FAIL, then check again.",
    &["oprom doctor", "oprom vm check VMID"],
);

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("code-43", Symptom, Yes),
        &["code 43", "code43", "error 43"],
        &["code43", "code-43", "Code 43", "windows error 43"],
        "The guest's driver stopped. Hiding the hypervisor does not help: nearly always the VM \
        lacks something that the driver needs.",
        CODE_43,
    ),
    entry(
        ("no-display-at-boot", Symptom, Perhaps),
        &[
            "no boot logo",
            "no bios screen",
            "no uefi screen",
            "no boot screen",
            "no tianocore",
            "black until windows",
            "black until driver",
            "black until login",
            "no boot picture",
            "no display at boot",
            "only after login",
        ],
        &["no boot logo, black until windows login"],
        "The display comes on with the guest's driver and not before: the VM has no working \
             GOP driver for the firmware.",
        &[
            CHECK_BOTH,
            act("You need a ROM with a GOP driver and legacy-igd=1 (generation 6 to 9), and \
                x-igd-lpc=on too for generation 11 and newer on QEMU 10.1 and newer. If you do \
                not need the display at boot, change nothing."),
        ],
    ),
    entry(
        ("second-start", Symptom, Yes),
        &[
            "second start",
            "works only once",
            "works once",
            "only works after host reboot",
            "after rebooting the vm",
            "after vm reboot",
            "after reboot of the vm",
            "after guest reboot",
            "until i reboot the host",
            "restart the host every time",
        ],
        &["works only once, black after vm reboot"],
        "The GPU is not reset properly between two starts of the VM. Intel's iGPUs can be \
             reset; AMD's cannot.",
        &[
            act("Leave the GPU to vfio-pci from the start of the host, and do not give it back \
                     to i915 between. For an AMD iGPU: disable the device in the guest before \
                     shutdown, or restart the host."),
            run(
                "See how the kernel would reset it.",
                &["cat /sys/bus/pci/devices/0000:00:02.0/reset_method"],
            ),
        ],
    ),
    entry(
        ("black-screen", Symptom, Yes),
        &[
            "black screen",
            "blank screen",
            "dark screen",
            "no picture",
            "no signal",
            "no display",
            "no video",
            "screen stays black",
            "screen is black",
            "monitor stays dark",
            "monitor stays black",
            "display stays black",
            "no output",
            "no image on",
        ],
        &["black screen", "no signal on hdmi", "The monitor stays dark"],
        "The VM runs and the monitor shows nothing. In the order in which it happens: the GPU is \
         not at 00:02.0 of a VM of machine pc; x-igd-lpc=on is missing (generation 11 and newer \
         on QEMU 10.1 and newer); disable_vga=1; no ROM or one for another GPU; the iGPU is not \
         the host's primary display; the monitor is at another connector.",
        &[
            CHECK_BOTH,
            act("If it is dark only until the guest's driver starts, the ROM has no GOP driver \
                 that works on this board."),
            run("Then:", &["oprom pick", "oprom check /usr/share/kvm/igd.rom"]),
        ],
    ),
    entry(
        ("no-sound", Symptom, Perhaps),
        &[
            "no sound",
            "no audio",
            "hdmi audio",
            "hdmi sound",
            "displayport audio",
            "sound does not work",
            "audio does not work",
            "sound not working",
            "audio not working",
        ],
        &["no sound", "no hdmi audio"],
        "Sound over HDMI and DisplayPort comes from another device, the audio function \
             00:1f.3, which is not part of the iGPU.",
        &[
            run(
                "See whether it can be passed through: it shares its IOMMU group with the LPC \
                     bridge and SMBus (00:1f.0, 00:1f.4).",
                &["ls /sys/bus/pci/devices/0000:00:1f.3/iommu_group/devices"],
            ),
            on(
                Proxmox,
                "Add it; \"can't reset PCI device\" is harmless for it.",
                &["qm set VMID --hostpci1 0000:00:1f.3"],
            ),
            on(Libvirt, "Add a hostdev for 00:1f.3.", &["virsh edit NAME"]),
        ],
    ),
    entry(
        ("amd-second-start", Symptom, Perhaps),
        &["vendor reset", "reset bug", "only works once", "works only once"],
        &["reset bug", "vendor-reset"],
        "No AMD iGPU has a reset of its own: the VM works at its first start after the host's, \
        and may show nothing, or Code 43, at the second. The module vendor-reset has no AMD iGPU \
        in its list.",
        &[act(
            "Restart the host. In Windows, disable the GPU at shutdown and enable it at start: \
             two tasks with pnputil /disable-device and pnputil /enable-device.",
        )],
    ),
    entry(
        ("exit-code-1", Symptom, Yes),
        &[
            "exited with code 1",
            "exit code 1",
            "vm does not start",
            "vm won t start",
            "vm doesn t start",
            "cannot start vm",
            "can t start vm",
            "vm fails to start",
            "vm not starting",
        ],
        &["QEMU exited with code 1", "vm won't start"],
        "QEMU refused to start the VM. The reason is in QEMU's own message, a few lines before.",
        &[
            on(
                Proxmox,
                "Start it in a terminal, and explain the line that begins with kvm:.",
                &["qm start VMID", "oprom vm check VMID"],
            ),
            on(Libvirt, "It is in the domain's log.", &["tail -20 /var/log/libvirt/qemu/NAME.log"]),
        ],
    ),
    entry(
        ("host-freezes", Symptom, Yes),
        &[
            "host freezes",
            "host hangs",
            "host crashes",
            "host freeze",
            "host crash",
            "host locks up",
            "whole host",
            "server freezes",
            "proxmox freezes",
            "proxmox crashes",
            "node freezes",
        ],
        &["host freezes when the vm starts"],
        "Starting the VM crashes the host: the GPU is reset while a driver of the host uses it, \
        the VM uses addresses that the IOMMU cannot reach, or other devices are in the same \
        IOMMU group.",
        &[
            run(
                "`oprom doctor` (HOST011, HOST022, HOST023) shows which it may be.",
                &["oprom doctor"],
            ),
            act("Leave the GPU to vfio-pci from the start of the host; limit the width of the \
                 VM's addresses to the IOMMU's."),
        ],
    ),
    entry(
        ("host-console-gone", Symptom, No),
        &[
            "host console",
            "host screen",
            "host display",
            "lost console",
            "proxmox console black",
            "host monitor",
        ],
        &["host screen goes black when the vm starts"],
        "This is expected: the GPU that showed the host's console is passed through to the VM, \
        and it does not come back before the host restarts.",
        &[act("Set up another way to log in first: SSH, the web interface, a serial console.")],
    ),
    entry(
        ("flicker", Symptom, Perhaps),
        &[
            "flicker",
            "flickering",
            "artifacts",
            "distorted",
            "scrambled",
            "upside down",
            "garbled",
            "glitches",
            "shifted picture",
            "screen tearing",
            "flickers",
        ],
        &["screen flickers"],
        "The display works but shows errors. Often i915 of the host had set the GPU up before, \
        the ROM's table of displays (VBT) is for another board, or the ROM was built \
        incorrectly.",
        &[
            act("Keep i915 from loading on the host, restart it. Then another ROM of the same \
                     platform, or one that is made of the driver in your own BIOS."),
            run("See which ROMs there are.", &["oprom pick"]),
        ],
    ),
    entry(
        ("low-resolution", Symptom, Perhaps),
        &[
            "low resolution",
            "wrong resolution",
            "800x600",
            "1024x768",
            "basic display adapter",
            "only 60hz",
            "resolution",
        ],
        &["Microsoft Basic Display Adapter, 1024x768"],
        "The guest shows what the firmware set up, because its own graphics driver is not \
             there or did not start.",
        &[
            act("Install Intel's driver in the guest. If it is installed, see the device \
                 manager for a code: 43, 12, 31."),
            run("Each is explained:", &["oprom explain code 43"]),
        ],
    ),
    entry(
        ("no-transcoding", Symptom, Perhaps),
        &[
            "transcoding",
            "quick sync",
            "quicksync",
            "vaapi",
            "no dev dri",
            "renderd128",
            "hardware acceleration",
        ],
        &["jellyfin transcoding does not work", "no /dev/dri in the vm"],
        "For transcoding a VM needs nothing but the GPU and the guest's driver: no ROM, no \
             legacy mode, any machine.",
        &[
            run(
                "See whether the driver is there, in the guest.",
                &["ls -l /dev/dri", "journalctl -k -b --grep 'i915|xe '"],
            ),
            act("A container (LXC) with /dev/dri shares the GPU with the host and other \
                 containers, and is simpler."),
        ],
    ),
    entry(
        ("bitlocker", Symptom, No),
        &["bitlocker", "recovery key"],
        &["bitlocker asks for the recovery key"],
        "The measurements that BitLocker looks at changed: another ROM, machine type or \
             firmware of the VM. It asks once.",
        &[act("Enter the key. Suspend BitLocker in the guest before such changes.")],
    ),
    entry(
        ("no-iommu-groups", Symptom, Yes),
        &[
            "no iommu group",
            "no iommu groups",
            "iommu groups empty",
            "iommu not working",
            "iommu not enabled",
            "no iommu",
        ],
        &["no iommu groups"],
        "The IOMMU is off: nothing can be passed through.",
        &[run(
            "Enable VT-d in the BIOS. `oprom doctor` (HOST010) shows whether it is the BIOS or \
            the kernel.",
            &["oprom doctor"],
        )],
    ),
    entry(
        ("igpu-not-visible", Symptom, Yes),
        &[
            "igpu not visible",
            "igpu missing",
            "igpu disappeared",
            "no 00 02 0",
            "00 02 0 missing",
            "igpu not showing",
            "igpu not detected",
            "no igpu",
        ],
        &["igpu not detected with a graphics card"],
        "The BIOS switches the iGPU off when a graphics card is there, or the CPU has none (a \
             name that ends in F).",
        &[
            act("In the BIOS, enable iGPU Multi-Monitor (Internal Graphics) and set Primary \
                Display to IGD."),
            run("See what this CPU has.", &["oprom pick"]),
        ],
    ),
];
