//! What the VM's firmware says: OVMF, SeaBIOS, and the drivers of ROMs.

use super::super::entry::Layer::Firmware;
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, on, run};
use crate::vm::model::Manager::Proxmox;

const CHECK: &[Tip] =
    &[run("See what the ROM file is, and whether it is whole.", &["oprom check FILE"])];

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("setup-bdsm", Firmware, Yes),
        &["setupvmbdsm", "failed to allocate bdsm"],
        &[
            "SetupVmBDSM: Get BDSM at address: 0x0",
            "SetupVmBDSM: failed to allocate BDSM: Not Found",
        ],
        "The ROM is one of 2023 whose memory set-up fails on QEMU 10 and newer.",
        &[run("Put a current one in place.", &["oprom install"])],
    ),
    entry(
        ("igd-private-data", Firmware, Yes),
        &["getigdprivatedata"],
        &["IgdAssignmentEntry: GetIgdPrivateData: Unsupported"],
        "The assignment driver in the ROM does not support this GPU: the ROM is older than the \
        GPU.",
        &[run(
            "See whether a ROM supports it, and which one does.",
            &["oprom check FILE --device 8086:46d1", "oprom pick"],
        )],
    ),
    entry(
        ("igd-opregion", Firmware, Yes),
        &[
            "igdassignmentdxe: opregion not found",
            "invalid opregion signature",
            "igdassignment*opregion",
        ],
        &["IgdAssignmentDxe: OpRegion not found", "Invalid OpRegion signature"],
        "The assignment driver in the ROM found no OpRegion from QEMU, so the GOP driver will \
        not start: the GPU is not the primary display of the host, is a virtual function, or \
        x-igd-opregion is off.",
        &[
            act("BIOS: Primary Display = IGD. Before QEMU 10.1: legacy mode or x-igd-opregion=on."),
            run("`oprom doctor` (HOST021, HOST041) shows which it is.", &["oprom doctor"]),
        ],
    ),
    entry(
        ("convert-pages", Firmware, Perhaps),
        &["convertpages: failed to find range"],
        &["ConvertPages: failed to find range 7FF00000 - 7FFFFFFF"],
        "Something in the VM's firmware asked for memory at a fixed place that is not free. An \
             assignment driver that reserves stolen memory does so if the amount is too large.",
        &[act(
            "Take x-igd-gms out of the arguments; choose less DVMT pre-allocated memory in the \
                 BIOS; give the VM more memory.",
        )],
    ),
    entry(
        ("no-bootable-option", Firmware, Perhaps),
        &[
            "no bootable option or device was found",
            "bdsdxe: failed to load boot",
            "bdsdxe: failed to start boot",
        ],
        &["BdsDxe: No bootable option or device was found."],
        "OVMF found no disk to start from. It is not about the GPU: that you can read the line \
             shows that a display works.",
        &[
            act("An operating system that was installed with SeaBIOS does not start under \
                     OVMF; a new EFI disk has forgotten its boot entry: choose the disk in \
                     OVMF's Boot Manager."),
            on(Proxmox, "See the boot order.", &["qm config VMID"]),
        ],
    ),
    entry(
        ("image-type-aarch64", Firmware, Yes),
        &["image type aarch64 can't be loaded on"],
        &["Image type AARCH64 can't be loaded on X64 UEFI system."],
        "A ROM holds a driver for Arm, and the VM is an x86 one. Network cards for Arm servers \
             have such ROMs.",
        &[act("It is another device's ROM, or the wrong file. An Intel iGPU needs one for X64.")],
    ),
    entry(
        ("image-type-x64", Firmware, Yes),
        &["image type x64 can't be loaded on", "image type ia32 can't be loaded on"],
        &["Image type X64 can't be loaded on AARCH64 UEFI system."],
        "A ROM holds a driver for x86, and the VM's firmware is of another kind: Arm, or 32 bits.",
        &[act("For an Intel iGPU use a VM for x86 with OVMF for X64.")],
    ),
    entry(
        ("image-not-verified", Firmware, Perhaps),
        &["signature is not verified", "is forbidden by dbx", "the image doesn't pass"],
        &["The image PciRoot(0x0)/Pci(0x2,0x0)/Offset(0x0,0x27fff) signature is not verified"],
        "The VM's firmware checks signatures of ROMs, and the ROM has none that it accepts. OVMF \
        for x86 does not check them, not even with Secure Boot; firmware for Arm, and OVMF with \
        memory encryption (SEV), do.",
        &[run("See what each firmware makes of the ROM.", &["oprom check -v FILE"])],
    ),
    entry(
        ("rom-bigger-than-expected", Firmware, Yes),
        &["ee bigger than expected rom", "bigger than expected rom"],
        &["EE bigger than expected ROM"],
        "A ROM's header says that it is larger than the file: its size byte or image length is \
        incorrect, or the file is cut off.",
        CHECK,
    ),
    entry(
        ("seabios-sizes", Firmware, No),
        &["option rom sizes: base="],
        &["Option rom sizes: base=0xc0000 max=0xc9000"],
        "SeaBIOS reports how much of the space below 1 MiB the option ROMs use. It is harmless.",
        &[
            act("SeaBIOS does not start UEFI drivers at all: for those use OVMF."),
            on(Proxmox, "For a VM that is installed for UEFI:", &["qm set VMID --bios ovmf"]),
        ],
    ),
    entry(
        ("seabios-checksum", Firmware, Yes),
        &["found option rom with bad checksum"],
        &["Found option rom with bad checksum: loc=0xfe000000 len=65536 sum=c7"],
        "SeaBIOS skips the ROM: the sum of its bytes is not 0. A UEFI ROM has no such checksum \
        and is not for SeaBIOS; a VBIOS with an incorrect checksum is damaged or was changed.",
        CHECK,
    ),
    entry(
        ("seabios-no-signature", Firmware, Yes),
        &["no option rom signature (got", "no valid pci signature (got"],
        &["No option rom signature (got 0)", "No valid pci signature (got 0)"],
        "SeaBIOS found no 55 AA (or no PCI data structure) at the start of the ROM area: the \
        file is not an option ROM, or the device has none (got 0 or ffff).",
        CHECK,
    ),
    entry(
        ("device-no-rom-slot", Firmware, Perhaps),
        &["device at bus * slot * has no rom"],
        &["Device at bus 0 slot 2 has no ROM"],
        "The device has no ROM of its own. An iGPU never has; only a romfile counts.",
        &[run("Put a ROM for the iGPU in place.", &["oprom pick"])],
    ),
    entry(
        ("opencore-pci", Firmware, No),
        &["pci configuration begin", "iopci configurator", "iopciconfigurator"],
        &["PCI Configuration Begin", "IOPCI Configurator WaitTime is 900"],
        "macOS lists its PCI devices when it starts. If the screen stops here, macOS stops at \
             a device: often the GPU with wrong OpenCore properties.",
        &[act(
            "Start with -v npci=0x2000, and check the device properties of the GPU in OpenCore \
                 (AAPL,ig-platform-id, device-id).",
        )],
    ),
];
