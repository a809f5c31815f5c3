//! What libvirt says: its code for host devices, and the programs around it.

use super::super::entry::Layer::Libvirt as Layer;
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, on, run};
use crate::vm::model::Manager::Libvirt;

const EDIT: &[&str] = &["virsh edit NAME"];

const DETACH: &[Tip] = &[
    on(
        Libvirt,
        "Let libvirt do it: managed='yes' in the hostdev. By hand:",
        &["virsh nodedev-detach pci_0000_00_02_0"],
    ),
    run("See which driver has the device now.", &["lspci -nnk -s 00:02.0"]),
];

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("libvirt-in-use", Layer, Yes),
        &[
            "pci device * is in use by driver *, domain",
            "device 0000:*is already in use",
            "pci device * is in use",
            "not detaching active device",
            "not reattaching active device",
            "not resetting active device",
        ],
        &["libvirt.libvirtError: Requested operation is not valid: PCI device 0000:00:02.0 \
                 is in use by driver QEMU, domain win10"],
        "Another domain that runs has the device; the line names it.",
        &[on(
            Libvirt,
            "Shut that domain down, or remove the device from one of them.",
            &["virsh list"],
        )],
    ),
    entry(
        ("libvirt-not-assignable", Layer, Yes),
        &[
            "pci device * is not assignable",
            "is behind a switch lacking acs and cannot be assigned",
        ],
        &["PCI device 0000:00:02.0 is not assignable"],
        "libvirt does not pass this device through: it is behind a PCIe switch that does not \
        isolate its devices (no ACS).",
        &[run(
            "Other slots may be better; look at the groups.",
            &["find /sys/kernel/iommu_groups -type l"],
        )],
    ),
    entry(
        ("libvirt-non-endpoint", Layer, Yes),
        &["non-endpoint pci devices cannot be assigned to guests"],
        &["unsupported configuration: Non-endpoint PCI devices cannot be assigned to guests"],
        "The hostdev names a bridge or a port, which cannot be passed through.",
        &[run("See what is at the address.", &["lspci -nn"])],
    ),
    entry(
        ("libvirt-unmanaged", Layer, Yes),
        &["unmanaged pci device * must be manually detached"],
        &["Unmanaged PCI device 0000:00:02.0 must be manually detached from the host"],
        "The hostdev has managed='no', and the device is still with a driver of the host.",
        DETACH,
    ),
    entry(
        ("libvirt-device-absent", Layer, Yes),
        &["device * not found: could not access"],
        &["Device 0000:00:02.1 not found: could not access \
                 /sys/bus/pci/devices/0000:00:02.1/config: No such file or directory"],
        "The host has no device at the address of the hostdev.",
        &[run("See what is there.", &["lspci -nn"])],
    ),
    entry(
        ("libvirt-reset", Layer, Perhaps),
        &[
            "unable to reset pci device",
            "failed to reset pci device: ",
            "not doing bus reset",
            "invalid attempt to reset pci device",
        ],
        &["internal error: Unable to reset PCI device 0000:00:1f.3: no FLR, PM reset or bus \
             reset available"],
        "The device cannot be reset alone. libvirt refuses it where other devices on its bus \
             are in use.",
        &[act("For audio (00:1f.3) leave it out if libvirt refuses. A GPU that cannot be reset \
             needs a restart of the host.")],
    ),
    entry(
        ("libvirt-no-vfio", Layer, Yes),
        &[
            "host doesn't support passthrough of host pci devices",
            "mediated host device assignment requires vfio support",
            "vfio device assignment is not available on this platform",
            "host doesn't support vfio pci passthrough",
            "host doesn't support vfio pci interface",
            "host doesn't support legacy pci passthrough",
        ],
        &["unsupported configuration: host doesn't support passthrough of host PCI devices"],
        "The host has no IOMMU, or the kernel no VFIO.",
        &[run(
            "Enable VT-d in the BIOS; see whether there is an IOMMU then.",
            &["virt-host-validate qemu", "ls /sys/class/iommu"],
        )],
    ),
    entry(
        ("libvirt-driver-module", Layer, Yes),
        &[
            "failed to load pci driver module",
            "failed to load pci stub module",
            "modprobe reported success loading module",
            "supposedly loaded by module",
            "does not implement any pci driver",
            "failed to load driver",
        ],
        &["internal error: Failed to load PCI driver module vfio-pci: modprobe: FATAL: \
                 Module vfio-pci not found in directory /lib/modules/6.12.0"],
        "vfio-pci could not be loaded: the running kernel's modules are not installed (a new \
             kernel without a restart), or a blacklist forbids it.",
        &[run("Try it by hand.", &["modprobe vfio-pci", "uname -r"])],
    ),
    entry(
        ("libvirt-bind", Layer, Yes),
        &[
            "failed to unbind pci device",
            "failed to bind pci device",
            "failed to add driver '*to driver_override",
            "failed to trigger a probe for pci device",
            "no stub driver configured for pci device",
            "unknown stub driver configured for pci device",
        ],
        &["Failed to unbind PCI device '0000:00:02.0' from i915: Device or resource busy"],
        "The device could not be moved between the host's driver and vfio-pci: the driver is \
             busy, for example with a console or a desktop.",
        DETACH,
    ),
    entry(
        ("libvirt-re-attach", Layer, Perhaps),
        &["failed to re-attach pci device"],
        &["Failed to re-attach PCI device: internal error"],
        "After the domain ended, the host's driver did not bind the device again.",
        &[act("Restart the host; or leave the device to vfio-pci: managed='no', or driverctl \
                 set-override 0000:00:02.0 vfio-pci.")],
    ),
    entry(
        ("libvirt-config-space", Layer, Yes),
        &[
            "failed to read pci config space for",
            "failed to open config space file",
            "failed to restore pci config space",
            "unknown pci header type '127'",
            "unknown pci header type",
        ],
        &["internal error: Unknown PCI header type '127' for device '0000:00:02.0'"],
        "The device's configuration cannot be read: it answers all ones, so it sleeps or hangs.",
        &[act("Shut the host down and start it again.")],
    ),
    entry(
        ("libvirt-iommu-group", Layer, Yes),
        &["iommu_group symlink", "iommu_group file"],
        &["Unable to resolve device 0000:00:02.0 iommu_group symlink \
             /sys/bus/pci/devices/0000:00:02.0/iommu_group"],
        "The device has no IOMMU group: VT-d is off, or Linux left the GPU out of the IOMMU \
             (intel_iommu=igfx_off, and every Broadwell GPU).",
        &[run("See whether there is an IOMMU.", &["ls /sys/class/iommu", "cat /proc/cmdline"])],
    ),
    entry(
        ("libvirt-group-viable", Layer, Yes),
        &["unable to detach all devices in the iommu group", "all devices in the iommu group"],
        &["error: Requested operation is not valid: unable to detach all devices in the IOMMU \
             group"],
        "The other devices of the IOMMU group have to be detached as well.",
        &[run(
            "See which they are.",
            &["find \
             /sys/bus/pci/devices/0000:00:02.0/iommu_group/devices -type l"],
        )],
    ),
    entry(
        ("libvirt-address", Layer, Yes),
        &[
            "attempted double use of pci address",
            "pci address * is not valid",
            "invalid pci address",
        ],
        &["XML error: Attempted double use of PCI Address 0000:00:02.0"],
        "Two devices of the domain have the same address. On q35 a pcie-root-port is often at \
             slot 2; <memballoon> or <video> on pc.",
        &[on(
            Libvirt,
            "Take the <address> of the other one out, or the <controller \
                 model='pcie-root-port'> at slot 0x02.",
            EDIT,
        )],
    ),
    entry(
        ("libvirt-machine-bus", Layer, Yes),
        &[
            "controller type='pci' model='pcie-root'",
            "the pci controller with index='0' must be model='pci-root'",
            "the pci controller with index='0' must be model='pcie-root'",
        ],
        &["unsupported configuration: The PCI controller with index='0' must be \
                 model='pci-root' for this machine type, but model='pcie-root' was found \
                 instead"],
        "The machine was changed between q35 and pc, and the domain still has the other one's \
             controllers.",
        &[on(
            Libvirt,
            "Remove all <controller type='pci'>; libvirt writes the ones that are needed.",
            EDIT,
        )],
    ),
    entry(
        ("libvirt-memlock", Layer, Yes),
        &["cannot limit locked memory"],
        &["cannot limit locked memory of process 4242"],
        "A domain with a passed-through device has all of its memory locked, and libvirt may not \
        lock that much: it runs in a session or in a container without that right.",
        &[on(Libvirt, "Use the system's libvirt.", &["virsh -c qemu:///system list --all"])],
    ),
    entry(
        ("libvirt-apparmor", Layer, Yes),
        &[
            "apparmor=\"denied\"*libvirt",
            "apparmor=\"denied\"*qemu-system",
            "apparmor=\"denied\"*.rom",
        ],
        &["audit: type=1400 audit(1600267331.284:8572): apparmor=\"DENIED\" \
                 operation=\"open\" profile=\"libvirt-x\" \
                 name=\"/var/lib/libvirt/vbios/gpu.rom\" pid=204198 comm=\"qemu-system-x86\" \
                 requested_mask=\"r\" denied_mask=\"r\" fsuid=0 ouid=0"],
        "AppArmor does not let this domain's QEMU read the file that name= shows.",
        &[run(
            "Put the ROM where it may read, for example /usr/share/qemu; or add a rule for its \
                 folder to /etc/apparmor.d/local/abstractions/libvirt-qemu and reload \
                 AppArmor.",
            &["systemctl reload apparmor"],
        )],
    ),
    entry(
        ("libvirt-selinux", Layer, Yes),
        &["avc:  denied*qemu", "avc: denied*qemu", "avc:  denied*svirt", "avc:  denied*.rom"],
        &["audit: avc:  denied  { read } for  pid=4242 comm=\"qemu-system-x86\" \
                 name=\"igd.rom\" dev=\"dm-0\" scontext=system_u:system_r:svirt_t:s0 \
                 tclass=file permissive=0"],
        "SELinux does not let this domain's QEMU read the file.",
        &[run(
            "Give the file the label that QEMU may read.",
            &["restorecon -v FILE", "chcon -t virt_image_t FILE"],
        )],
    ),
    entry(
        ("libvirt-mdev", Layer, Yes),
        &["mediated device '* not found", "mediated device * is in use by driver"],
        &["device not found: mediated device '34658867-146a-4656-9fa5-890fdbc37010' not found"],
        "The mediated device (GVT-g) of the domain does not exist, or another domain uses it. It \
        has to be made again after every start of the host.",
        &[on(
            Libvirt,
            "Make it by libvirt, which can start it with the host.",
            &["virsh nodedev-list --cap mdev"],
        )],
    ),
    entry(
        ("libvirt-mdev-api", Layer, Yes),
        &["device api '* not supported yet", "invalid device api '"],
        &["invalid device API 'vfio-ccw' for device 34658867-146a-4656-9fa5-890fdbc37010: \
             device only supports 'vfio-pci'"],
        "The hostdev names a kind of mediated device that this one is not.",
        &[on(Libvirt, "Use <hostdev mode='subsystem' type='mdev' model='vfio-pci'>.", EDIT)],
    ),
    entry(
        ("libvirt-hostdev-driver", Layer, Yes),
        &[
            "pci backend driver '* is not supported",
            "pci backend driver type '* is not supported",
            "pci backend '* is not supported",
        ],
        &["pci backend driver 'kvm' is not supported"],
        "The hostdev names a driver that libvirt no longer has; only vfio is left.",
        &[on(Libvirt, "Use <driver name='vfio'/>, or leave <driver> out.", EDIT)],
    ),
    entry(
        ("libvirt-state-folder", Layer, Yes),
        &["failed to create state dir '"],
        &["Failed to create state dir '/var/run/libvirt/hostdevmgr'"],
        "libvirt could not make a folder of its own: a full or read-only disk, or missing rights.",
        &[run("See which it is.", &["df -h /run", "ls -ld /run/libvirt"])],
    ),
    entry(
        ("libvirt-usb", Layer, No),
        &[
            "usb device * is in use",
            "usb device * is already in use",
            "multiple usb devices for",
            "list of active usb devices",
            "usb device * could not be found",
            "usb device *found at bus",
        ],
        &["USB device 001:004 is in use by driver QEMU, domain win10"],
        "It is about a USB device of the domain, not about the GPU.",
        &[act("Take the USB device out of one of the domains.")],
    ),
];

/// Where libvirt wraps what QEMU says: for lines in which nothing else is known.
pub(super) const WRAPPERS: &[Entry] = &[entry(
    ("libvirt-closed-monitor", Layer, Yes),
    &[
        "qemu unexpectedly closed the monitor",
        "process exited while connecting to monitor",
        "unable to read from monitor",
        "failed to start domain",
    ],
    &["error: internal error: process exited while connecting to monitor"],
    "QEMU ended while it started. What follows in the same message, or the end of the \
             domain's log, says why.",
    &[on(
        Libvirt,
        "Explain the last lines of the log.",
        &["tail -20 /var/log/libvirt/qemu/NAME.log"],
    )],
)];
