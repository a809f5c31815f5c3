//! What QEMU says of devices that are passed through, and why it does not start.

use super::super::entry::Layer::Qemu;
use super::super::entry::Matters::{Good, No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, on, run};
use super::super::line::Device::Igpu;
use super::super::line::RomFile::{Doubled, None as NoFile, Own, Packaged};
use super::NOTHING;
use crate::vm::model::Manager::{Libvirt, Proxmox};

const GROUP: &[Tip] = &[run(
    "`oprom doctor` (HOST023) lists the devices of the group. All of a group goes to one \
         VM.",
    &["oprom doctor"],
)];

const BIND: &[Tip] = &[
    run("See which driver has the device.", &["lspci -nnk -s 00:02.0"]),
    act("Stop what uses it, and let vfio-pci bind it."),
];

pub(super) const ENTRIES: &[Entry] = &[
    // The group and the device
    entry(
        ("group-not-viable", Qemu, Yes),
        &[
            "is not viable",
            "please ensure all devices within the iommu_group are bound to \
             their vfio bus driver",
        ],
        &[
            "vfio 0000:00:02.0: group 0 is not viable",
            "Please ensure all devices within the iommu_group are bound to their vfio bus \
             driver.",
        ],
        "Other devices share the GPU's IOMMU group and are still in use by the host.",
        GROUP,
    ),
    entry(
        ("group-in-use", Qemu, Yes),
        &[
            "verify all devices in group * are bound to vfio-",
            "failed to open /dev/vfio/*device or resource busy",
            "error getting device from group *device or resource busy",
        ],
        &[
            "vfio 0000:00:02.0: failed to open /dev/vfio/1: Device or resource busy",
            "Verify all devices in group 1 are bound to vfio-<bus> or pci-stub and not already \
             in use",
        ],
        "The device's group is in use: by another VM, or by a QEMU that did not end.",
        &[
            on(Proxmox, "See which VMs run, and stop the one that uses it.", &["qm list"]),
            on(
                Libvirt,
                "See which domains run, and shut down the one that uses it.",
                &["virsh list"],
            ),
            run("Any other QEMU:", &["pgrep -a qemu"]),
        ],
    ),
    entry(
        ("group-device-eio", Qemu, Yes),
        &["error getting device from group *input/output error"],
        &["kvm: -device vfio-pci,host=0000:00:02.0,id=hostpci0: vfio 0000:00:02.0: error \
             getting device from group 0: Input/output error"],
        "The kernel could not open the device: it does not wake up, or its reset failed.",
        &[
            run("See what the kernel says.", &["journalctl -k -n 50"]),
            act("Shut the host down and start it again. For an iGPU whose VGA ranges are held \
                 by the host's display: no driver of the host for the GPU before the VM."),
        ],
    ),
    entry(
        ("group-device-missing", Qemu, Yes),
        &[
            "error getting device from group *no such device",
            "error getting device from group *no such file",
        ],
        &["vfio 0000:00:02.0: error getting device from group 1: No such device"],
        "The device is in the group, but vfio-pci is not bound to it: another driver is.",
        BIND,
    ),
    entry(
        ("group-device-denied", Qemu, Yes),
        &[
            "error getting device from group *permission denied",
            "error getting device from group *operation not permitted",
        ],
        &["vfio 0000:00:02.0: error getting device from group 1: Permission denied"],
        "The kernel does not let this user open the device: it is a virtual function that \
             needs a token, or a security module forbids it.",
        &[act("Start QEMU as root, or look at what AppArmor or SELinux logged.")],
    ),
    entry(
        ("vfio-group-absent", Qemu, Yes),
        &[
            "failed to open /dev/vfio/*no such file or directory",
            "failed to open /dev/vfio/*: no such file",
        ],
        &["vfio 0000:00:02.0: failed to open /dev/vfio/1: No such file or directory"],
        "/dev/vfio has no file for the device's group: vfio-pci has not bound the device, or \
             the module vfio is not loaded (then /dev/vfio/vfio is missing too).",
        &[
            run(
                "See which driver has the device, and load the module.",
                &["lspci -nnk -s 00:02.0", "modprobe vfio-pci"],
            ),
            on(Libvirt, "managed='yes' in the hostdev lets libvirt do it.", &["virsh edit NAME"]),
        ],
    ),
    entry(
        ("vfio-group-denied", Qemu, Yes),
        &[
            "failed to open /dev/vfio/*permission denied",
            "failed to open /dev/vfio/*operation not permitted",
        ],
        &["vfio 0000:00:02.0: failed to open /dev/vfio/0: Permission denied"],
        "The user who starts QEMU may not open the device's group.",
        &[
            run("Give the file to that user, or start QEMU as root.", &["ls -l /dev/vfio"]),
            on(
                Libvirt,
                "Use the system's libvirt, not the session's; <hostdev> rather than \
                 qemu:commandline, so that libvirt gives the rights.",
                &["virsh -c qemu:///system list --all"],
            ),
        ],
    ),
    entry(
        ("igpu-no-group", Qemu, Yes),
        &["no iommu_group found"],
        &["vfio 0000:00:02.0: no iommu_group found: No such file or directory"],
        "The iGPU has no IOMMU group: VT-d is off, or Linux left the GPU out of the IOMMU \
             (intel_iommu=igfx_off, and every Broadwell GPU).",
        &[run(
            "`oprom doctor` (HOST010, HOST023) shows which it is.",
            &["oprom doctor", "cat /proc/cmdline"],
        )],
    )
    .of(&[Igpu]),
    entry(
        ("no-group", Qemu, Yes),
        &["no iommu_group found"],
        &["vfio 0000:08:00.0: no iommu_group found: No such file or directory"],
        "The device has no IOMMU group: the IOMMU is off in the BIOS or in the kernel.",
        &[run(
            "Enable VT-d (AMD: IOMMU) in the BIOS; see whether there is an IOMMU then.",
            &["ls /sys/class/iommu"],
        )],
    ),
    entry(
        ("no-host-device", Qemu, Yes),
        &[
            "no such host device",
            "no provided host device",
            "use -device vfio-pci,host=dddd:bb:dd.f",
        ],
        &["kvm: -device vfio-pci,host=0000:00:02.1: vfio 0000:00:02.1: no such host device: No \
             such file or directory"],
        "The host has no device at this address: the iGPU is off in the BIOS, virtual \
             functions are not switched on, or a new card moved the addresses.",
        &[run("See what is there.", &["lspci -nn"])],
    ),
    entry(
        ("device-attached-twice", Qemu, Yes),
        &["device is already attached"],
        &["vfio 0000:00:02.0: device is already attached"],
        "The same host device is in the VM twice: as a hostpci or hostdev entry and in its \
             arguments, or by two names.",
        &[
            on(Proxmox, "Look at hostpci lines and args.", &["qm config VMID"]),
            on(Libvirt, "Look at the hostdevs and qemu:commandline.", &["virsh dumpxml NAME"]),
        ],
    ),
    entry(
        ("device-unreadable", Qemu, Yes),
        &[
            "error getting device info",
            "failed to get msi-x irq info",
            "failed reading msi pci_cap_flags",
            "failed to read pci msix",
            "vfio: failed to read bar",
            "vfio_pci_read_config(*failed",
            "vfio_pci_write_config(*failed",
            "vfio_pci_post_reset(*reset bar",
            "failed to get config info",
            "failed to read device config space",
            "failed to get region * info",
            "unexpected number of io regions",
            "unexpected number of irqs",
        ],
        &["vfio 0000:00:02.0: failed to read device config space"],
        "QEMU has the device and cannot read it: the device sleeps or hangs.",
        &[act("Shut the host down and start it again. If it comes again: options vfio-pci \
             disable_idle_d3=1 in /etc/modprobe.d.")],
    ),
    entry(
        ("iommufd-device", Qemu, Yes),
        &[
            "failed to find vfio-dev/vfiox/dev",
            "error bind device fd=",
            "couldn't open directory *vfio-dev",
        ],
        &["kvm: -device vfio-pci,host=0000:00:02.0,iommufd=iommufd0: couldn't open directory \
                 /sys/bus/pci/devices/0000:00:02.0/vfio-dev: No such file or directory"],
        "QEMU should use iommufd, but the device has no file for it: vfio-pci has not bound the \
        device, or the kernel is older than 6.6 or lacks CONFIG_VFIO_DEVICE_CDEV.",
        &[
            run("See which driver has the device.", &["lspci -nnk -s 00:02.0"]),
            act("Or remove iommufd=: without it no such file is needed."),
        ],
    ),
    entry(
        ("iommufd-attach", Qemu, Yes),
        &["[iommufd=*] error attach"],
        &["[iommufd=29] error attach 0000:00:02.0 (31) to id=2: Invalid argument"],
        "The IOMMU cannot combine this device with the devices that the VM already has, or the \
        firmware reserves memory for the device (RMRR). The kernel log says which.",
        &[run("Look there.", &["journalctl -k -n 50"])],
    ),
    entry(
        ("power-on-stuck", Qemu, Yes),
        &["unable to power on device, stuck in d"],
        &["kvm: vfio: Unable to power on device, stuck in D3"],
        "The device does not wake up: it was switched off, or hangs after a reset.",
        &[
            act("Shut the host down, wait, and start it again."),
            act("If it comes again: options vfio-pci disable_idle_d3=1 in /etc/modprobe.d, and \
                 no driver of the host for the GPU before the VM."),
        ],
    ),
    entry(
        ("not-pci-device", Qemu, Yes),
        &[
            "this isn't a pci device",
            "assignment of pcie type * devices is not currently \
             supported",
        ],
        &["vfio 0000:00:1c.0: assignment of PCIe type 0x4 devices is not currently supported"],
        "The address is not that of a device that can be passed through: a bridge or a port.",
        &[run("See what is at the address.", &["lspci -nn"])],
    ),
    entry(
        ("reset-unavailable", Qemu, Perhaps),
        &[
            "no available reset mechanism",
            "cannot reset device *, depends on",
            "hot reset info failed",
        ],
        &["vfio: Cannot reset device 0000:00:1f.3, no available reset mechanism."],
        "The device has no way to be reset alone. For the audio function (00:1f.3) it does no \
             harm; a GPU keeps the state of the last VM until the host restarts.",
        &[act("Nothing to do for audio. For a GPU: restart the host if the second start of the \
             VM fails.")],
    ),
    entry(
        ("device-error", Qemu, Yes),
        &["unrecoverable error detected. please collect any data possible"],
        &["kvm: vfio_err_notifier_handler(0000:00:02.0) Unrecoverable error detected. Please \
             collect any data possible and then kill the guest"],
        "The device reported an error on PCI Express, and QEMU stopped the VM. The kernel's \
             log has the error (AER).",
        &[run("Look there.", &["journalctl -k -b --grep aer"])],
    ),
    entry(
        ("error-recovery", Qemu, No),
        &["could not enable error recovery for the device"],
        &["kvm: warning: vfio 0000:00:02.0: Could not enable error recovery for the device"],
        "The device does not report errors of PCI Express. An iGPU never does.",
        NOTHING,
    ),
    // Containers
    entry(
        ("container-eperm", Qemu, Yes),
        &["failed to set iommu for container: operation not permitted"],
        &["vfio 0000:00:02.0: failed to setup container for group 1: Failed to set iommu for \
             container: Operation not permitted"],
        "The IOMMU refuses the VM: the platform does not remap interrupts. The kernel's log \
             has a line about interrupt remapping.",
        &[
            run("See that line.", &["journalctl -k -b --grep remapping"]),
            act("BIOS: VT-d fully on, x2APIC on, newest version."),
            super::UNSAFE_INTERRUPTS,
        ],
    ),
    entry(
        ("container-eio", Qemu, Yes),
        &["failed to set iommu for container: input/output error"],
        &["vfio 34658867-146a-4656-9fa5-890fdbc37010: failed to setup container for group 11: \
             Failed to set iommu for container: Input/output error"],
        "The device's group has no IOMMU: a mediated device whose parent is gone, or an IOMMU \
        that is off.",
        &[run(
            "See whether the device and the IOMMU are there.",
            &["ls /sys/bus/mdev/devices /sys/class/iommu"],
        )],
    ),
    entry(
        ("container-einval", Qemu, Yes),
        &["failed to set iommu for container: invalid argument"],
        &["vfio 0000:00:02.0: failed to setup container for group 1: Failed to set iommu for \
             container: Invalid argument"],
        "The IOMMU cannot combine this device with the devices that the VM already has, or the \
        firmware reserves memory for the device (RMRR). The kernel log says which.",
        &[run("Look there.", &["journalctl -k -n 50"])],
    ),
    entry(
        ("container-busy", Qemu, Yes),
        &[
            "failed to set iommu for container: device or resource busy",
            "failed to set group container",
            "group * used in multiple address spaces",
        ],
        &["vfio 0000:00:02.0: failed to setup container for group 1: Failed to set group \
             container: Device or resource busy"],
        "The group is in use by another container: another VM has a device of it.",
        GROUP,
    ),
    entry(
        ("no-iommu-model", Qemu, Yes),
        &["no available iommu models", "no iommu type available"],
        &["vfio 0000:00:02.0: failed to setup container for group 1: No available IOMMU models"],
        "The kernel's module for the IOMMU is not loaded.",
        &[run(
            "Load it; a line vfio_iommu_type1 in /etc/modules loads it at every start.",
            &["modprobe vfio_iommu_type1"],
        )],
    ),
    entry(
        ("container-failed", Qemu, Yes),
        &["failed to setup container for group"],
        &["vfio 0000:00:02.0: failed to setup container for group 1: memory listener \
             initialization failed"],
        "QEMU could not give the VM's memory to the device. What comes after the colon says why.",
        &[run("If nothing does, the kernel's log may.", &["journalctl -k -n 50"])],
    ),
    // ROM files
    entry(
        ("romfile-packaged", Qemu, Yes),
        &["failed to find romfile", "failed to load romfile"],
        &[
            "qemu-system-aarch64: -device virtio-net-pci,netdev=nic: failed to find romfile \
             \"efi-virtio.rom\"",
            "qemu-system-x86_64: failed to find romfile \"vgabios-stdvga.bin\"",
        ],
        "The file is one of QEMU's own, for its network cards and displays: a package is \
             missing. It has nothing to do with the GPU that is passed through.",
        &[run(
            "Debian and Ubuntu: ipxe-qemu has efi-*.rom and pxe-*.rom, seabios has \
             vgabios-*.bin. Fedora: ipxe-roms-qemu, seavgabios-bin.",
            &["apt install ipxe-qemu seabios"],
        )],
    )
    .file(&[Packaged]),
    entry(
        ("romfile-doubled", Qemu, Yes),
        &["failed to find romfile", "failed to load romfile"],
        &["failed to find romfile \"/usr/share/kvm//usr/share/kvm/igd.rom\""],
        "romfile= of Proxmox VE is relative to /usr/share/kvm: an absolute path ends up doubled.",
        &[on(
            Proxmox,
            "Give the bare name.",
            &["qm set VMID --hostpci0 0000:00:02.0,legacy-igd=1,romfile=igd.rom"],
        )],
    )
    .file(&[Doubled]),
    entry(
        ("romfile-missing", Qemu, Yes),
        &[
            "failed to find romfile",
            "failed to load romfile",
            "failed to open romfile *no such file",
        ],
        &[
            "failed to find romfile \"/usr/share/vgabios/gpu.rom\"",
            "kvm: -device vfio-pci,host=0000:00:02.0,romfile=/usr/share/kvm/igd.rom: failed to \
             find romfile \"/usr/share/kvm/igd.rom\"",
        ],
        "The ROM file is not where the VM names it, or the user who starts QEMU cannot read \
             it. QEMU says the same for both.",
        &[
            on(
                Proxmox,
                "The file has to be in /usr/share/kvm, on every node that the VM runs \
                 on.",
                &["ls -l /usr/share/kvm/igd.rom", "oprom install"],
            ),
            on(
                Libvirt,
                "It needs an absolute path that AppArmor or SELinux allows, and mode \
                 0644 in folders that others may enter.",
                &["ls -l FILE", "journalctl -k -b --grep denied"],
            ),
        ],
    )
    .file(&[Own, NoFile]),
    entry(
        ("romfile-denied", Qemu, Yes),
        &[
            "failed to open romfile*permission denied",
            "could not open*romfile*permission denied",
            "romfile*permission denied",
        ],
        &["kvm: -device vfio-pci,...: failed to open romfile \"/usr/share/kvm/igd.rom\": \
             Permission denied"],
        "The ROM file is there, and the user who starts QEMU may not read it.",
        &[run(
            "Make it readable. Where AppArmor or SELinux forbids it, move it to a folder \
             that they allow.",
            &["chmod 0644 FILE", "journalctl -k -b --grep denied"],
        )],
    ),
    entry(
        ("romfile-empty", Qemu, Yes),
        &["romfile * is empty"],
        &["romfile \"/usr/share/kvm/igd.rom\" is empty"],
        "The ROM file is empty: a download or a copy of /sys/.../rom failed.",
        &[run("Get it again; it is checked on the way.", &["oprom install"])],
    ),
    entry(
        ("romfile-size", Qemu, Yes),
        &["is too large for rom size", "rom size * is not a power of two"],
        &[
            "romfile \"x\" (191488 bytes) is too large for ROM size 65536",
            "ROM size 61440 is not a power of two",
        ],
        "romsize= is set, and is smaller than the file or no power of two.",
        &[act("Remove romsize=: QEMU rounds up by itself.")],
    ),
    entry(
        ("romfile-huge", Qemu, Yes),
        &["romfile * too large (size cannot exceed"],
        &["romfile \"disk.img\" too large (size cannot exceed 2 GiB)"],
        "The file is not a ROM: ROMs for iGPUs have less than 200 kB.",
        &[run("See what it is.", &["oprom check FILE"])],
    ),
    entry(
        ("rom-bar-vf", Qemu, Yes),
        &[
            "rom bar cannot be enabled for sr-iov vf",
            "hot-plugged device without rom bar can't have an option rom",
        ],
        &["ROM BAR cannot be enabled for SR-IOV VF"],
        "This device cannot have a ROM in the VM: it is a virtual function of an emulated \
             device, or was added while the VM runs.",
        &[act("Leave romfile= out for it, or start the VM with it.")],
    ),
    // Properties
    entry(
        ("no-device-for-set", Qemu, Yes),
        &["there is no device \"hostpci", "there is no device \"*\" defined"],
        &["there is no device \"hostpci0\" defined"],
        "A -set in the arguments names a device that the VM does not have: another number, or \
             several functions, whose names become hostpci0.0.",
        &[
            on(
                Proxmox,
                "Match the number of the hostpci line, and give one function: \
             0000:00:02.0 rather than 0000:00:02 (All Functions).",
                &["qm config VMID"],
            ),
            act("Elsewhere: the id of the -device has to be the name in -set device.ID."),
        ],
    ),
    entry(
        ("property-legacy-igd", Qemu, Yes),
        &["vfio-pci.legacy-igd' not found", "no [legacy-igd] property"],
        &["Property 'vfio-pci.legacy-igd' not found"],
        "legacy-igd is a word of Proxmox VE's hostpci line and no property of QEMU.",
        &[
            on(
                Proxmox,
                "It belongs into the hostpci line, not into args.",
                &["qm set VMID --hostpci0 0000:00:02.0,legacy-igd=1,romfile=igd.rom"],
            ),
            act("Elsewhere remove it: machine pc and guest address 00:02.0 do the same."),
        ],
    ),
    entry(
        ("property-10-0", Qemu, Yes),
        &[
            "vfio-pci.x-igd-lpc' not found",
            "vfio-pci.x-igd-legacy-mode' not found",
            "no [x-igd-lpc] property",
            "no [x-igd-legacy-mode] property",
        ],
        &["kvm: Property 'vfio-pci.x-igd-lpc' not found"],
        "This QEMU is older than 10.0, which brought x-igd-lpc and x-igd-legacy-mode.",
        &[act("Leave the option out: before 10.1, legacy mode does what x-igd-lpc does. Or \
             upgrade QEMU.")],
    ),
    entry(
        ("property-class-code", Qemu, Yes),
        &["vfio-pci.x-pci-class-code' not found", "no [x-pci-class-code] property"],
        &["kvm: Property 'vfio-pci.x-pci-class-code' not found"],
        "This QEMU is older than 10.1, which brought x-pci-class-code.",
        &[act("Make the iGPU the primary display in the BIOS, or upgrade QEMU.")],
    ),
    entry(
        ("property-not-found", Qemu, Yes),
        &["property 'vfio-pci.* not found", "property 'vfio-pci-nohotplug.* not found"],
        &["Property 'vfio-pci.x-igd-foo' not found"],
        "This QEMU has no such property of vfio-pci: a slip of the pen, or another version's.",
        &[run("See which there are.", &["qemu-system-x86_64 -device vfio-pci,help"])],
    ),
    entry(
        ("property-number", Qemu, Yes),
        &[
            "parameter 'x-pci-*' expects",
            "invalid pci vendor id provided",
            "invalid pci device id provided",
            "invalid pci subsystem vendor id provided",
            "invalid pci subsystem device id provided",
            "invalid pci class code provided",
        ],
        &["Parameter 'x-pci-device-id' expects uint64", "invalid PCI device ID provided"],
        "The id is not written as a number: it has to be 0x and four hex digits.",
        &[
            on(
                Proxmox,
                "In the hostpci line the key is device-id.",
                &["qm set VMID --hostpci0 \
                         0000:00:02.0,legacy-igd=1,romfile=igd.rom,device-id=0x3e9b"],
            ),
            act("In QEMU's own words: x-pci-device-id=0x3e9b."),
        ],
    ),
    entry(
        ("property-switch", Qemu, Yes),
        &[
            "parameter 'x-igd-*' expects 'on' or 'off'",
            "parameter 'x-vga' expects",
            "parameter 'rombar' expects",
            "parameter 'x-igd-legacy-mode' expects",
            "invalid parameter 'x-igd",
        ],
        &["Parameter 'x-igd-opregion' expects 'on' or 'off'"],
        "An option of vfio-pci has a value that QEMU does not accept.",
        &[act("Write on or off; x-igd-legacy-mode also accepts auto.")],
    ),
    entry(
        ("vfio-pci-missing", Qemu, Yes),
        &["'vfio-pci' is not a valid device model name"],
        &["qemu-system-x86_64: -device vfio-pci,host=00:02.0: 'vfio-pci' is not a valid device \
             model name"],
        "This QEMU was built without VFIO, or is for another kind of machine than the host.",
        &[run("Use the distribution's QEMU for x86.", &["qemu-system-x86_64 -device help"])],
    ),
    // Addresses
    entry(
        ("slot-taken-display", Qemu, Yes),
        &[
            "slot * function * not available for vfio-pci*in use by vga",
            "slot * function * not available for vfio-pci*in use by qxl",
            "slot * function * not available for vfio-pci*in use by virtio-vga",
            "slot * function * not available for vfio-pci*in use by virtio-gpu",
            "slot * function * not available for vfio-pci*in use by cirrus",
        ],
        &["PCI: slot 2 function 0 not available for vfio-pci, in use by VGA,id=vga"],
        "The VM's own display is where the GPU has to be.",
        &[
            on(Proxmox, "Switch it off.", &["qm set VMID --vga none"]),
            on(Libvirt, "Use <video><model type='none'/></video>.", &["virsh edit NAME"]),
            act("QEMU by hand: -vga none."),
        ],
    ),
    entry(
        ("slot-not-available", Qemu, Yes),
        &[
            "slot * function * not available for",
            "single function device can't be populated in function",
            "indicates single function, but",
            "already occupied by *, new func",
            "no slot/function available for",
            "is not valid for *, parent device only allows plugging into slot 0",
        ],
        &["PCI: slot 2 function 0 not available for vfio-pci, in use by virtio-net-pci,id=net0"],
        "Two devices of the VM want the same address. The end of the line names the one that \
             was there first.",
        &[act("Move that device away from slot 2, or do not give it an address at all.")],
    ),
    entry(
        ("bus-not-found", Qemu, Yes),
        &[
            "bus 'pcie.0' not found",
            "bus 'pci.0' not found",
            "bus 'ich9-pcie-port-*' not found",
            "bus 'pci.1' not found",
        ],
        &["kvm: -device vfio-pci,host=0000:00:02.0,bus=pcie.0: Bus 'pcie.0' not found"],
        "The machine has no bus of this name: pcie.0 is q35's, pci.0 is that of pc.",
        &[act("Give bus=pci.0 on machine pc, bus=pcie.0 on q35.")],
    ),
    // Interrupts
    entry(
        ("intx-busy", Qemu, Yes),
        &[
            "eventfd signaling for interrupt intx-0: *device or resource busy",
            "signaling for interrupt intx-0*busy",
        ],
        &["kvm: -device vfio-pci,host=0000:00:02.0: vfio 0000:00:02.0: Failed to set up \
             TRIGGER eventfd signaling for interrupt INTX-0: VFIO_DEVICE_SET_IRQS failure: \
             Device or resource busy"],
        "The device shares its interrupt line with a device of the host and cannot share it. \
             The kernel's log names the other driver (genirq: Flags mismatch).",
        &[
            run("See which it is.", &["journalctl -k -b --grep 'Flags mismatch'"]),
            act("Keep that driver from loading (i801_smbus: blacklist i2c_i801), then restart \
                 the host."),
        ],
    ),
    entry(
        ("irqs-failed", Qemu, Yes),
        &[
            "vfio_device_set_irqs failure",
            "eventfd signaling for interrupt",
            "failed to setup resample irqfd",
            "error: failed to enable",
            "error: failed to setup msi fds",
            "vfio: failed to enable vectors",
            "failed to enable msi-x",
        ],
        &["vfio 0000:00:02.0: Failed to set up TRIGGER eventfd signaling for interrupt MSI-0: \
             VFIO_DEVICE_SET_IRQS failure: Invalid argument"],
        "QEMU could not get the device's interrupts from the kernel: the device hangs, or the \
             host is out of interrupts.",
        &[run("See what the kernel says.", &["journalctl -k -n 50"]), act("Restart the host.")],
    ),
    // Mediated devices
    entry(
        ("display-opengl", Qemu, Yes),
        &["opengl not available", "vfio-display-dmabuf: opengl"],
        &["vfio 1a9995f6-f772-47c6-ae1e-85bef9bc604b: vfio-display-dmabuf: opengl not available"],
        "display=on of a mediated GPU (GVT-g) needs a display of QEMU that has OpenGL.",
        &[act("Use -display gtk,gl=on or -display egl-headless; in libvirt <graphics \
            type='egl-headless'/> in addition to SPICE or VNC. Or remove display=on.")],
    ),
    entry(
        ("display-unsupported", Qemu, Yes),
        &[
            "device doesn't support any (known) display method",
            "ramfb=on requires display=on",
            "xres and yres properties",
        ],
        &["vfio: device doesn't support any (known) display method"],
        "display=on is only for mediated GPUs (GVT-g). A whole GPU uses the monitor at its own \
        connector.",
        &[act("Take display=, ramfb=, xres= and yres= out.")],
    ),
    // QEMU itself
    entry(
        ("display-not-initialized", Qemu, No),
        &["guest has not initialized the display"],
        &["Guest has not initialized the display (yet)."],
        "QEMU's own display shows this until the guest draws on it. A VM with a GPU that is \
             passed through draws on the GPU.",
        &[act("Look at the monitor of the GPU. If that is dark too, see what explains a black \
             screen.")],
    ),
    entry(
        ("segfault", Qemu, Yes),
        &[
            "kvm[*]: segfault at",
            "qemu-system-x86*segfault at",
            "qemu-system-x86*segmentation fault",
        ],
        &["kvm[12345]: segfault at 8 ip 000055e1c2f1a9d3 sp 00007ffe6b0d7e90 error 4 in \
             qemu-system-x86_64[55e1c2b00000+6a5000]"],
        "QEMU crashed. With an Intel GPU, QEMU 10.0 and newer crash at the start if 1f.0 of the \
        VM is in use on machine pc, if x-igd-gms has a bad value, and if a virtual function is \
        set to legacy mode.",
        &[
            run("See what of the VM's configuration leads there.", &["oprom vm check VMID"]),
            act("On Proxmox VE the usual cause is machine pc without legacy-igd=1 and the GPU \
                 at slot 2."),
        ],
    ),
    entry(
        ("kvm-unavailable", Qemu, Yes),
        &["could not access kvm kernel module", "failed to initialize kvm"],
        &["Could not access KVM kernel module: No such file or directory"],
        "KVM is not there: VT-x is off in the BIOS, the module is not loaded, or this user may \
             not open /dev/kvm.",
        &[run("See which it is.", &["ls -l /dev/kvm", "journalctl -k -b --grep kvm"])],
    ),
    entry(
        ("guest-memory", Qemu, Yes),
        &[
            "cannot set up guest memory",
            "unable to map backing store for guest ram",
            "can't allocate memory for guest",
        ],
        &["kvm: cannot set up guest memory 'pc.ram': Cannot allocate memory"],
        "The host has not enough memory for the VM, or not enough huge pages.",
        &[run(
            "See how much is free; a VM with a passed-through device needs all of its memory at \
            once.",
            &["free -m", "grep Huge /proc/meminfo"],
        )],
    ),
    entry(
        ("machine-unsupported", Qemu, Yes),
        &["unsupported machine type", "machine type 'pc-*' not supported"],
        &["qemu-system-x86_64: -machine pc-i440fx-10.1: unsupported machine type"],
        "The VM is pinned to a machine version that this QEMU does not have: it came from a \
             newer host.",
        &[
            act("Upgrade QEMU, or pin an older version."),
            on(Proxmox, "For example:", &["qm set VMID --machine pc-i440fx-9.2"]),
        ],
    ),
    entry(
        ("set-memory-unaligned", Qemu, Perhaps),
        &["received unaligned region"],
        &["vfio_listener_region_add received unaligned region 0000:00:02.0 BAR 0 iova=0x0"],
        "A region of a device is not aligned to pages and is not mapped for other devices. An \
             iGPU works without it.",
        NOTHING,
    ),
    entry(
        ("host-feature", Qemu, No),
        &["warning: host doesn't support requested feature"],
        &["kvm: warning: host doesn't support requested feature: CPUID.01H:ECX.vmx [bit 5]"],
        "The VM's CPU model has a feature that the host's CPU lacks; the VM runs without it.",
        NOTHING,
    ),
    entry(
        ("vfio-opened", Qemu, Good),
        &["vfio_pci_igd_opregion_enabled"],
        &["vfio_pci_igd_opregion_enabled (0000:00:02.0) IGD OpRegion enabled"],
        "QEMU passes the GPU's OpRegion through to the VM (a line of its trace).",
        NOTHING,
    ),
];
