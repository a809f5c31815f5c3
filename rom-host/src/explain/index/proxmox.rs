//! What Proxmox VE says: qemu-server and its tasks.

use super::super::entry::Layer::Proxmox as Layer;
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, on, run};
use super::super::line::Device::{Audio, Other};
use crate::vm::model::Manager::Proxmox;

const CONFIG: &[&str] = &["qm config VMID"];

const MAPPING: &[Tip] = &[on(
    Proxmox,
    "Datacenter, Resource Mappings: edit the mapping and choose the device of this node again. \
         A new BIOS or another slot changes what is stored there.",
    &["pvesh get /cluster/mapping/pci", "lspci -nn"],
)];

const ROOT: &[Tip] = &[on(
    Proxmox,
    "Run qm as root, or let an administrator make a resource mapping for the device \
         (Datacenter, Resource Mappings) and use mapping= instead.",
    &["pvesh get /cluster/mapping/pci"],
)];

const MDEV: &[Tip] = &[on(
    Proxmox,
    "See which types the device offers. GVT-g exists for generations 5 to 9 and needs \
         i915.enable_gvt=1.",
    &["ls /sys/bus/pci/devices/0000:00:02.0/mdev_supported_types"],
)];

pub(super) const ENTRIES: &[Entry] = &[
    // legacy-igd
    entry(
        ("legacy-igd-vga", Layer, Yes),
        &["legacy igd assignment requires vga mode to be 'none'"],
        &["legacy IGD assignment requires VGA mode to be 'none'"],
        "legacy-igd=1 needs a VM without another display, and the line vga has to be exactly \
        none: type=none and none with anything after it are refused.",
        &[on(Proxmox, "Set it so.", &["qm set VMID --vga none"])],
    ),
    entry(
        ("legacy-igd-rombar", Layer, Yes),
        &["legacy igd assignment requires rombar to be enabled"],
        &["legacy IGD assignment requires rombar to be enabled"],
        "rombar=0 is in the hostpci line: the VM's firmware would not see the ROM.",
        &[on(Proxmox, "Leave rombar out.", &["qm set VMID --hostpci0 \
            0000:00:02.0,legacy-igd=1,romfile=igd.rom"])],
    ),
    entry(
        ("legacy-igd-x-vga", Layer, Yes),
        &["legacy igd assignment is not compatible with x-vga"],
        &["legacy IGD assignment is not compatible with x-vga"],
        "x-vga=1 (Primary GPU in the web interface) is in the hostpci line. legacy-igd does \
             without it.",
        &[on(Proxmox, "Leave x-vga out.", &["qm set VMID --hostpci0 \
            0000:00:02.0,legacy-igd=1,romfile=igd.rom"])],
    ),
    entry(
        ("legacy-igd-mdev", Layer, Yes),
        &["legacy igd assignment is not compatible with mdev"],
        &["legacy IGD assignment is not compatible with mdev"],
        "The hostpci line has both mdev= (a part of the GPU, GVT-g) and legacy-igd=1 (the \
             whole GPU).",
        &[on(
            Proxmox,
            "Choose one: for the whole GPU leave mdev out.",
            &["qm set VMID --hostpci0 0000:00:02.0,legacy-igd=1,romfile=igd.rom"],
        )],
    ),
    entry(
        ("legacy-igd-q35", Layer, Yes),
        &["legacy igd assignment is not compatible with q35"],
        &["TASK ERROR: legacy IGD assignment is not compatible with q35"],
        "The VM's machine is q35, and legacy-igd needs i440fx: on q35 the chipset is where \
             Intel's LPC bridge has to be.",
        &[on(
            Proxmox,
            "Change the machine. An installed Windows can lose its network set-up by it.",
            &["qm set VMID --machine pc"],
        )],
    ),
    entry(
        ("legacy-igd-multifunction", Layer, Yes),
        &["legacy igd assignment is not compatible with multifunction devices"],
        &["legacy IGD assignment is not compatible with multifunction devices"],
        "The address means several functions (All Functions, or 0000:00:02 without .0), and \
             the GPU has virtual functions switched on.",
        &[on(Proxmox, "Name function 0 alone.", &["qm set VMID --hostpci0 \
            0000:00:02.0,legacy-igd=1,romfile=igd.rom"])],
    ),
    entry(
        ("legacy-igd-alternate", Layer, Yes),
        &["legacy igd assignment is not compatible with alternate devices"],
        &["legacy IGD assignment is not compatible with alternate devices"],
        "The mapping has several devices on this node to choose from, and legacy-igd wants one.",
        MAPPING,
    ),
    entry(
        ("legacy-igd-address", Layer, Yes),
        &["legacy igd assignment only works for devices on host bus 00:02.0"],
        &["legacy IGD assignment only works for devices on host bus 00:02.0"],
        "legacy-igd=1 is at a device that is not the iGPU; the iGPU is always at 00:02.0.",
        &[on(Proxmox, "Move legacy-igd=1 to the iGPU's line.", CONFIG)],
    ),
    entry(
        ("legacy-igd-twice", Layer, Yes),
        &["only one device can be assigned in legacy-igd mode"],
        &["only one device can be assigned in legacy-igd mode"],
        "Two hostpci lines have legacy-igd=1. Only the iGPU's may.",
        &[on(Proxmox, "See both, and remove it from the other.", CONFIG)],
    ),
    entry(
        ("q35-not-enabled", Layer, Yes),
        &["q35 machine model is not enabled"],
        &["TASK ERROR: q35 machine model is not enabled at \
             /usr/share/perl5/PVE/QemuServer/PCI.pm line 501."],
        "A hostpci line has pcie=1, and the machine is pc. It may be another device's line.",
        &[on(Proxmox, "Take pcie=1 out of every hostpci line.", CONFIG)],
    ),
    // The device
    entry(
        ("iommu-not-present", Layer, Yes),
        &["iommu not present", "no iommu detected"],
        &[
            "cannot prepare PCI pass-through, IOMMU not present",
            "No IOMMU detected, please activate it. See Documentation for further information.",
        ],
        "The host's IOMMU is off.",
        &[run(
            "Enable VT-d in the BIOS. `oprom doctor` (HOST010) shows whether it is the BIOS or \
            the kernel.",
            &["oprom doctor"],
        )],
    ),
    entry(
        ("pci-device-absent", Layer, Yes),
        &["no pci device found for '", "no pci device info for device '"],
        &["TASK ERROR: no PCI device found for '0000:00:02.1'"],
        "The host has no device at this address: the iGPU is off in the BIOS, virtual \
             functions (02.1 to 02.7) are not switched on after this start, or a new card \
             moved the addresses.",
        &[run("See what is there.", &["lspci -nn", "cat /sys/bus/pci/devices/0000:00:02.0/sriov_numvfs"])],
    ),
    entry(
        ("mapping-absent", Layer, Yes),
        &["pci device mapping not found for '"],
        &["TASK ERROR: PCI device mapping not found for 'igpu'"],
        "The VM uses a resource mapping that has no device on this node.",
        MAPPING,
    ),
    entry(
        ("mapping-changed", Layer, Yes),
        &[
            "pci device mapping invalid (hardware probably changed)",
            "missing expected property '*' for device",
            "unexpected property '*' for device",
        ],
        &[
            "TASK ERROR: PCI device mapping invalid (hardware probably changed): 'vendor' does \
                 not match for 'igpu' (8086:46d1 != 8086:46d0)",
            "PCI device mapping invalid (hardware probably changed): 'id' does not match for \
                 'igpu'",
        ],
        "The mapping stores ids and the IOMMU group of the device, and they are no longer \
             those of the device at that address.",
        MAPPING,
    ),
    entry(
        ("hostpci-host-and-mapping", Layer, Yes),
        &["cannot set both 'host' and 'mapping'", "either 'host' or 'mapping' must be set"],
        &["Cannot set both 'host' and 'mapping'."],
        "A hostpci line needs exactly one of an address and mapping=.",
        &[on(Proxmox, "Set it again with one of them.", CONFIG)],
    ),
    entry(
        ("no-free-device", Layer, Yes),
        &["could not find a free device for 'hostpci"],
        &["TASK ERROR: could not find a free device for 'hostpci0'"],
        "The mapping offers several devices, and all of them are in use: by other VMs, or by \
             another hostpci line of this one.",
        &[on(Proxmox, "See which VMs run with it.", &["qm list", "grep -rn hostpci \
            /etc/pve/qemu-server"])],
    ),
    entry(
        ("assigned-twice", Layer, Yes),
        &["assigned more than once"],
        &["TASK ERROR: device '0000:00:02.0' assigned more than once"],
        "Two hostpci lines of this VM name the same device, perhaps one by its address and one \
             by a mapping, or one with all functions.",
        &[on(Proxmox, "Take one of them out.", CONFIG)],
    ),
    entry(
        ("in-use-by-vm", Layer, Yes),
        &[
            "pci device * already in use by vmid",
            "pci device * already in use by running vmid",
            "is currently reserved for use by vmid",
        ],
        &["PCI device '0000:00:02.0' already in use by VMID '101'"],
        "Another VM that runs, or starts now, has the device.",
        &[on(Proxmox, "Stop that VM, or give the device to one of them.", &["qm list"])],
    ),
    entry(
        ("leftover-reservation", Layer, No),
        &["leftover pci reservation found for"],
        &["leftover PCI reservation found for 0000:00:02.0, lets take it..."],
        "A VM that ended unexpectedly had reserved the device; Proxmox VE uses it anyway.",
        super::NOTHING,
    ),
    entry(
        ("mdev-multifunction", Layer, Yes),
        &["cannot use mediated device with multifunction device"],
        &["TASK ERROR: cannot use mediated device with multifunction device"],
        "mdev= needs one function, and the address means several.",
        &[on(Proxmox, "Name function 0 alone, 0000:00:02.0.", CONFIG)],
    ),
    entry(
        ("mdev-type", Layer, Yes),
        &[
            "does not support mediated devices",
            "has no type '",
            "has no available instances of '",
            "could not create '* for pci device",
        ],
        &[
            "pci device '0000:00:02.0' does not support mediated devices",
            "pci device '0000:00:02.0' has no available instances of 'i915-GVTg_V5_4'",
        ],
        "The GPU does not offer the mediated device that mdev= names: GVT-g is off, the GPU is \
        of generation 10 or newer, or all instances are in use.",
        MDEV,
    ),
    entry(
        ("mdev-exists", Layer, Perhaps),
        &["mdev instance '* already exist"],
        &["mdev instance '00000000-0000-0000-0000-000000000100' already existed, using it."],
        "The mediated device of this VM is still there from its last run.",
        &[on(Proxmox, "Nothing to do, unless its type differs; then remove it.", &["ls /sys/bus/mdev/devices"])],
    ),
    entry(
        ("nvidia-vgpu", Layer, Yes),
        &[
            "failed to query nvidia vgpu types",
            "no nvidia sysfs api for",
            "unable to reset vgpu type for",
            "vgpu type '* not available for",
            "could not set vgpu type to",
        ],
        &["no nvidia sysfs api for '0000:01:00.4'"],
        "It is about the vGPU of an NVIDIA card and not about the iGPU: NVIDIA's driver of the \
             host does not offer the type.",
        &[act("See NVIDIA's vGPU documentation; nvidia-smi vgpu -s lists the types.")],
    ),
    entry(
        ("bind-failed", Layer, Yes),
        &["can't unbind/bind pci group to vfio", "can't bind pci group", "cannot bind * to vfio"],
        &["can't unbind/bind PCI group to VFIO '0000:00:02.0'", "TASK ERROR: Cannot bind \
            0000:00:02.0 to vfio"],
        "Proxmox VE could not move the device, or another one of its IOMMU group, to vfio-pci: \
             it has no group, a driver does not let go of it, or virtual functions are \
             switched on.",
        &[
            run("`oprom doctor` (HOST010, HOST022, HOST023) shows which it is.", &["oprom doctor"]),
            act("A console or a desktop on the iGPU, or an LXC container with /dev/dri, keeps \
                 i915 busy."),
        ],
    ),
    entry(
        ("reset-ioctl", Layer, Perhaps),
        &["error writing '1' to '*/reset': inappropriate ioctl for device"],
        &["error writing '1' to '/sys/bus/pci/devices/0000:c6:00.0/reset': Inappropriate ioctl \
             for device"],
        "The device has no way to be reset alone (AMD's iGPUs and many audio functions). The \
             VM starts all the same.",
        &[act("Nothing to do at the first start. If the second start fails, restart the host.")],
    ),
    entry(
        ("reset-failed-audio", Layer, No),
        &["can't reset pci device '", "failed to reset pci device '"],
        &["can't reset PCI device '0000:00:1f.3'"],
        "The audio function has no way to be reset alone. It works all the same.",
        super::NOTHING,
    )
    .of(&[Audio]),
    entry(
        ("reset-failed-card", Layer, Perhaps),
        &["can't reset pci device '", "failed to reset pci device '"],
        &["failed to reset PCI device '0000:c6:00.0', but trying to continue as not all \
             devices need a reset"],
        "This device, which is not the Intel iGPU, was not reset. AMD's iGPUs cannot be reset at all: they work at the \
         first start of the VM after the host's.",
        &[
            run("See which device it is.", &["lspci -nn"]),
            act("If the second start of the VM fails, restart the host; for an AMD iGPU \
                 disable the device in the guest before it shuts down."),
        ],
    )
    .of(&[Other]),
    entry(
        ("reset-failed", Layer, Perhaps),
        &["can't reset pci device '", "failed to reset pci device '"],
        &["failed to reset PCI device '0000:00:02.0', but trying to continue as not all \
             devices need a reset"],
        "The iGPU was not reset before the VM starts. The first start is not concerned.",
        &[act("Restart the host if the second start of the VM fails.")],
    ),
    entry(
        ("iommu-group-open", Layer, Yes),
        &["cannot open iommu_group"],
        &["Cannot open iommu_group: No such file or directory"],
        "The device has no IOMMU group: VT-d is off, or Linux left the GPU out of the IOMMU.",
        &[run("`oprom doctor` (HOST010, HOST023) shows which it is.", &["oprom doctor"])],
    ),
    entry(
        ("vncproxy", Layer, No),
        &["failed to run vncproxy"],
        &["TASK ERROR: Failed to run vncproxy."],
        "The web console needs a display of QEMU, and a VM with vga: none has none.",
        &[on(Proxmox, "Use the monitor of the GPU, remote desktop, or a serial console.", &["qm terminal VMID"])],
    ),
    entry(
        ("boot-uuids", Layer, No),
        &["no /etc/kernel/proxmox-boot-uuids found"],
        &["No /etc/kernel/proxmox-boot-uuids found, skipping ESP sync."],
        "This host starts by GRUB and not by Proxmox VE's boot tool. Kernel options are in \
             /etc/default/grub.",
        super::NOTHING,
    ),
    // Rights and configuration
    entry(
        ("only-root", Layer, Yes),
        &["only root@pam can set", "only root can set"],
        &[
            "only root can set 'hostpci0' config for non-mapped devices",
            "only root@pam can set 'romfile' option",
            "only root can set 'args' config",
        ],
        "This user may not set it: raw addresses, romfile and args are for root@pam alone, \
             also by API tokens and Terraform.",
        ROOT,
    ),
    entry(
        ("hostpci-format", Layer, Yes),
        &["hostpci*: invalid format", "unable to parse value of 'hostpci"],
        &[
            "vm 100 - unable to parse value of 'hostpci0' - format error",
            "hostpci0: invalid format - legacy-igd: property is not defined in schema and the \
                 schema does not allow additional properties",
        ],
        "The hostpci line has a word that Proxmox VE does not accept. It then ignores the whole \
        line: the VM starts without the GPU.",
        &[on(
            Proxmox,
            "Set the line again; qm checks it.",
            &["qm set VMID --hostpci0 0000:00:02.0,legacy-igd=1,romfile=igd.rom"],
        )],
    ),
    entry(
        ("guest-phys-bits", Layer, Yes),
        &["for guest-phys-bits", "guest-phys-bits: property is not defined"],
        &["unexpected value 'host' for guest-phys-bits"],
        "guest-phys-bits in the cpu line needs a number of bits, 32 to 64; only phys-bits \
        accepts host. Proxmox VE supports it from qemu-server 9.0.18 on.",
        &[on(Proxmox, "For example:", &["qm set VMID --cpu host,guest-phys-bits=39"])],
    ),
    entry(
        ("phys-bits-40", Layer, No),
        &["ovmf firmware might limit cpu 'phys-bits' to 40"],
        &["OVMF firmware might limit CPU 'phys-bits' to 40 - enable the 'pdpe1gb' CPU flag to \
             avoid this"],
        "A hint on the CPU model. For an iGPU fewer bits are rather better: they keep its \
             addresses where the IOMMU reaches.",
        super::NOTHING,
    ),
    entry(
        ("no-efidisk", Layer, Perhaps),
        &["no efidisk configured"],
        &["no efidisk configured! Using temporary efivars disk."],
        "The VM uses OVMF without a disk for its variables: boot entries and Secure Boot keys \
             are lost at every stop.",
        &[on(Proxmox, "Add one, on your storage.", &["qm set VMID --efidisk0 \
            local-lvm:1,efitype=4m,pre-enrolled-keys=1"])],
    ),
    entry(
        ("machine-too-new", Layer, Yes),
        &["is too old to run machine type", "please upgrade node"],
        &["Installed QEMU version '9.2.0' is too old to run machine type \
             'pc-i440fx-10.1+pve0', please upgrade node 'pve'"],
        "The VM is pinned to a machine version that this node's QEMU does not have.",
        &[on(Proxmox, "Upgrade the node, or pin an older version.", &["qm set VMID --machine \
            pc-i440fx-9.2"])],
    ),
    entry(
        ("kvm-not-available", Layer, Yes),
        &["kvm virtualisation configured, but not available"],
        &["KVM virtualisation configured, but not available. Either disable in VM \
             configuration or enable in BIOS."],
        "VT-x is off in the BIOS, or Proxmox VE runs in a virtual machine without nested \
             virtualization.",
        &[act("In the BIOS, enable Intel Virtualization Technology (VT-x) and VT-d.")],
    ),
    entry(
        ("start-timeout", Layer, Perhaps),
        &["failed: got timeout"],
        &["start failed: command '/usr/bin/kvm -id 100 ...' failed: got timeout"],
        "QEMU did not start within Proxmox VE's time limit. With a passed-through device all of \
        the VM's memory is locked first, which is slow for much memory; or the GPU hangs in a \
        reset.",
        &[
            on(Proxmox, "Start it with more time.", &["qm start VMID --timeout 300"]),
            run("If it still fails, see what the kernel says of the GPU.", &["journalctl -k -n \
                50"]),
        ],
    ),
    entry(
        ("exit-code-1", Layer, Yes),
        &["qemu exited with code 1", "failed: exit code 1"],
        &[
            "TASK ERROR: start failed: QEMU exited with code 1",
            "start failed: command '/usr/bin/kvm -id 100 ...' failed: exit code 1",
        ],
        "QEMU refused to start the VM. This line does not say why: QEMU's own message is a few \
             lines before it, and begins with kvm:.",
        &[on(Proxmox, "Start it in a terminal and explain the kvm: line.", &["qm start VMID", "oprom vm check VMID"])],
    ),
    entry(
        ("exit-signal", Layer, Yes),
        &["failed: got signal", "qemu exited with signal"],
        &["TASK ERROR: start failed: command '/usr/bin/kvm -id 100 ...' failed: got signal 11"],
        "QEMU crashed at the start. With an Intel GPU, QEMU 10.0 and newer crash if 1f.0 of the \
        VM is in use, if the host does not provide the VGA ranges (disable_vga=1), and at a bad \
        x-igd-gms.",
        &[on(Proxmox, "See what of the VM's configuration leads there.", &["oprom vm check VMID", "oprom doctor"])],
    ),
];
