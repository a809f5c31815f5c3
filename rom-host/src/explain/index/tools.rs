//! What programs say that read, make and show ROMs.

use super::super::entry::Layer::Tool;
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, Tip, act, entry, run};
use super::super::line::Device::{Igpu, None as NoDevice, Other};

const NOT_NEEDED: &[Tip] = &[run(
    "An iGPU has no ROM to read. Use one from the catalog, or build one from the driver in your \
    BIOS.",
    &["oprom pick", "oprom extract BIOS.fd"],
)];

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("efirom-parameter", Tool, Yes),
        &["efirom: error 2000"],
        &["EfiRom: ERROR 2000: Invalid parameter"],
        "EfiRom does not accept its command line: -f (vendor) and -i (device) are missing, or an \
        option is in the wrong place.",
        &[run(
            "Give both ids, in hexadecimal; or let this program make the ROM.",
            &[
                "EfiRom -f 0x8086 -i 0xffff -e IntelGopDriver.efi -o igd.rom",
                "oprom build --efi IntelGopDriver.efi -o igd.rom",
            ],
        )],
    ),
    entry(
        ("efirom-not-pe", Tool, Yes),
        &["input file does not appear to be a pe32 image"],
        &["Input file does not appear to be a PE32 image (signature)!"],
        "The input of EfiRom is not an EFI driver: it is a TE image, a section or file of a \
        firmware image, or something else. A ROM needs a PE image.",
        &[run(
            "See what it is; extract writes drivers as PE images.",
            &["oprom check FILE", "oprom extract BIOS.fd"],
        )],
    ),
    entry(
        ("efirom-unsupported", Tool, Yes),
        &["efirom tool 3001", "efirom: error 3001"],
        &["EfiRom tool 3001 unsupported feature", "Parsing ROM failed: EfiRom: ERROR 3001"],
        "EfiRom cannot do what was requested, or the file is not an option ROM.",
        &[run("See what the file is.", &["oprom check FILE"])],
    ),
    entry(
        ("vmware-rom-size", Tool, Yes),
        &["bios * has unexpected file size"],
        &["BIOS 15ad07b0.rom has unexpected file size 0x10600"],
        "VMware does not accept this file as the ROM of its network card: the size has to be \
        exactly that of the card's ROM. It is not about a GPU.",
        &[act("Make the file as large as the original, filled with FF.")],
    ),
    entry(
        ("not-an-option-rom", Tool, Yes),
        &["not a valid option rom file", "unsupported image, or vbios not found"],
        &["Warning: Not a valid option ROM file", "Unsupported image, or VBIOS not found"],
        "The program does not recognise the file as a ROM or a VBIOS: it may be a UEFI ROM, \
        which tools for legacy VBIOS do not read, or not a ROM at all.",
        &[run("See what it is.", &["oprom check FILE"])],
    ),
    entry(
        ("sysfs-rom-eio", Tool, No),
        &[
            "devices/*/rom': input/output error",
            "devices/*/rom: input/output error",
            "cat: rom: input/output error",
            "/rom': invalid argument",
        ],
        &["dd: error reading '/sys/bus/pci/devices/0000:00:02.0/rom': Input/output error"],
        "The kernel has no ROM to give for this device. For an iGPU that is always so on a \
             UEFI host.",
        NOT_NEEDED,
    )
    .of(&[Igpu, NoDevice]),
    entry(
        ("sysfs-rom-eio-card", Tool, Perhaps),
        &[
            "devices/*/rom': input/output error",
            "devices/*/rom: input/output error",
            "/rom': invalid argument",
            "/rom: invalid argument",
        ],
        &["cat: '/sys/bus/pci/devices/0000:01:00.0/rom': Input/output error"],
        "The card's ROM cannot be read: it sleeps, is in use by a driver, or was the display \
             at boot.",
        &[act("Make another display the primary one in the BIOS, unbind the card's driver, and \
            write 1 to the file before reading; or get the VBIOS from the card's maker.")],
    )
    .of(&[Other]),
    entry(
        ("sysfs-rom-einval", Tool, Perhaps),
        &["cat: rom: invalid argument", "cat: /sys/*/rom: invalid argument"],
        &["cat: rom: Invalid argument"],
        "The file rom in /sys has to be switched on before it can be read: write 1 to it, read \
             it, write 0. An iGPU has no ROM to read, whatever is written.",
        NOT_NEEDED,
    ),
    entry(
        ("sysfs-rom-denied", Tool, Perhaps),
        &["rom: permission denied", "/rom': permission denied"],
        &["bash: rom: Permission denied"],
        "Only root may read or enable the file rom in /sys. With sudo before echo, the shell \
        still opens the file as the user.",
        &[
            act("Use a root shell (sudo -i). An iGPU has no ROM to read."),
            run("For an iGPU:", &["oprom pick"]),
        ],
    ),
    entry(
        ("lspci-denied", Tool, No),
        &["capabilities: <access denied>"],
        &["\tCapabilities: <access denied>"],
        "lspci shows a device's capabilities to root alone.",
        &[run("Run it as root.", &["sudo lspci -vv -s 00:02.0"])],
    ),
];
