//! What is about other devices than the Intel iGPU, and is taken for it.

use super::super::entry::Layer::{Driver, Kernel, Qemu};
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, act, entry, run};
use super::super::line::Device::Other;
use super::super::line::Driver::{Amd, Nvidia, Other as OtherDriver, Pci};

const HEADER_SIGNATURE: &[&str] =
    &["invalid pci rom header signature", "invalid pci rom data signature"];

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("rom-signature-amd", Driver, Perhaps),
        HEADER_SIGNATURE,
        &["amdgpu 0000:06:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0x0000"],
        "AMD's driver looked for the VBIOS in the GPU's own ROM area and found none there. On \
        the host it then uses the VBIOS from the ACPI table VFCT. In a VM without a romfile it \
        finds none.",
        &[act("On the host: nothing. In a VM: give function .0 a romfile with the VBIOS of \
             this GPU.")],
    )
    .by(&[Amd]),
    entry(
        ("rom-signature-card", Kernel, Perhaps),
        HEADER_SIGNATURE,
        &["vfio-pci 0000:01:00.0: Invalid PCI ROM header signature: expecting 0xaa55, got 0xffff"],
        "This is not the iGPU: it is another device, usually a graphics card. Its ROM cannot be \
        read, often because the card sleeps or was the display at boot (got 0xffff). A card \
        without a readable ROM shows no display at boot.",
        &[
            run("See which device it is.", &["lspci -nn"]),
            act("If the card stays dark in the VM: make the iGPU the primary display in the \
                 BIOS, or give the card's own VBIOS as romfile."),
        ],
    )
    .of(&[Other])
    .by(&[Pci, Nvidia]),
    entry(
        ("rom-signature-other", Kernel, No),
        HEADER_SIGNATURE,
        &["tg3 0022:01:00.1: Invalid PCI ROM header signature: expecting 0xaa55, got 0xffff"],
        "The driver of a device that is not a GPU (its name is at the start of the line) looked \
        for the device's boot ROM and found none. It has nothing to do with graphics.",
        super::NOTHING,
    )
    .of(&[Other])
    .by(&[OtherDriver]),
    entry(
        ("rom-no-more-images-card", Kernel, Perhaps),
        &["no more image in the pci rom", "no more images in pci rom"],
        &["vfio-pci 0000:01:00.0: No more image in the PCI ROM"],
        "The ROM of this card, or the VBIOS in it, has no image that is marked as the last \
             one: it is cut off, or was read while the card was in use.",
        &[run("If you gave a romfile for the card, check that file.", &["oprom check FILE"])],
    )
    .of(&[Other]),
    entry(
        ("nouveau-no-vbios", Driver, Yes),
        &["nouveau*bios: unable to locate usable image", "nouveau*bios: ctor failed"],
        &[
            "nouveau 0000:01:00.0: bios: unable to locate usable image",
            "nouveau 0000:01:00.0: bios: ctor failed, -22",
        ],
        "The driver of an NVIDIA card found no VBIOS that it can use. In a VM the card's ROM \
             could not be read.",
        &[act("Give the card's own VBIOS as romfile, or make another display the primary one \
             on the host, so that the card's ROM stays readable. The files of this program are \
             for Intel's iGPUs.")],
    ),
    entry(
        ("nvidia-init-failed", Driver, Yes),
        &[
            "nvrm: gpu *rminitadapter failed",
            "nvrm: this pci i/o region assigned to your nvidia device is invalid",
            "nvrm: the nvidia gpu * is not",
        ],
        &["NVRM: GPU 0000:01:00.0: RmInitAdapter failed! (0x24:0xffff:1211)"],
        "NVIDIA's driver could not start its card. It is not about the Intel iGPU.",
        &[act("Look at NVIDIA's documentation for the code in brackets; in a VM check the \
             card's VBIOS and its reset.")],
    ),
    entry(
        ("card-rom-unreadable", Qemu, Perhaps),
        &[
            "cannot read device rom at",
            "error reading device rom",
            "error getting rom info",
            "rom access failed",
        ],
        &["qemu-system-x86_64: vfio-pci: Cannot read device rom at 0000:01:00.0"],
        "QEMU could not read the ROM of this card. Without it the card shows nothing until the \
             guest's driver starts. It is not the iGPU.",
        &[act("Give the card's own VBIOS as romfile, or make another display the primary one \
             in the BIOS.")],
    )
    .of(&[Other]),
    entry(
        ("rom-contents-invalid", Qemu, Perhaps),
        &[
            "device option rom contents are probably invalid",
            "skip option rom probe with rombar=0, or load from file with romfile=",
        ],
        &["qemu-system-x86_64: -device vfio-pci,host=01:00.0: Device option ROM contents are \
             probably invalid (check dmesg)."],
        "The second half of a message: QEMU could not read the device's own ROM. For a card it \
             matters, for an iGPU it does not.",
        &[act("The line before it names the device. With romfile= QEMU does not read the \
             device's own ROM at all.")],
    ),
    entry(
        ("rom-execution-unstable", Qemu, Perhaps),
        &[
            "is known to cause system instability issues during option rom execution",
            "rom loading for device at *has been disabled due to system instability",
        ],
        &["Device at 0000:01:00.0 is known to cause system instability issues during option \
             rom execution"],
        "The device (Broadcom 14e4:168e) is one whose ROM QEMU does not run by default. It is \
        not a GPU.",
        super::NOTHING,
    ),
];
