//! What concerns AMD's iGPUs: amdgpu, the IOMMU of AMD's, and the reset that they lack.

use super::super::entry::Layer::{Driver, Kernel};
use super::super::entry::Matters::{Good, No, Perhaps, Yes};
use super::super::entry::{Entry, act, entry, run};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("amd-no-vbios", Driver, Yes),
        &[
            "unable to locate a bios rom",
            "bios signature incorrect",
            "can't locate bios header",
            "amdgpu_get_bios failed",
        ],
        &["amdgpu 0000:06:10.0: amdgpu: Unable to locate a BIOS ROM"],
        "AMD's driver found no VBIOS and stops. An AMD iGPU has none of its own: on the host the \
        BIOS provides it in the table VFCT, in a VM it has to be the romfile of function .0.",
        &[run(
            "On the host, the first command puts the VBIOS in place, the second shows how the \
                     VM gets it. rombar=0 hides it, so leave that out.",
            &["oprom install", "oprom vm plan VMID"],
        )],
    ),
    entry(
        ("amd-vbios-found", Driver, Good),
        &["fetched vbios from"],
        &["amdgpu 0000:06:10.0: amdgpu: Fetched VBIOS from ROM BAR"],
        "AMD's driver has the VBIOS.",
        super::NOTHING,
    ),
    entry(
        ("amd-init-failed", Driver, Yes),
        &[
            "amdgpu*fatal error during gpu init",
            "amdgpu*hw_init of ip block",
            "amdgpu*gpu initialization failed",
        ],
        &["amdgpu 0000:06:10.0: amdgpu: Fatal error during GPU init"],
        "AMD's driver could not start the GPU. In a VM the usual reasons are a missing VBIOS, \
             or a second start without a restart of the host: AMD's iGPUs cannot be reset.",
        &[act("Restart the host and start the VM once; check that function .0 has the VBIOS of \
             this GPU.")],
    ),
    entry(
        ("amd-vfct-cut", Driver, Yes),
        &["acpi vfct table present but broken", "acpi vfct image*truncated"],
        &[
            "amdgpu 0000:04:00.0: amdgpu: ACPI VFCT table present but broken (too short #1),skipping",
            "amdgpu 0000:04:00.0: amdgpu: ACPI VFCT image truncated,skipping",
        ],
        "The table from which AMD's driver reads the VBIOS (VFCT) is cut. On the host it is the \
        board's firmware that wrote it, in a VM the GOP driver.",
        &[run("On the host, this says what is in the table.", &["oprom doctor -v"])],
    ),
    entry(
        ("amd-vfct-bus", Driver, No),
        &["vfct bus number mismatch"],
        &["amdgpu 0000:06:10.0: amdgpu: VFCT bus number mismatch, using it anyway"],
        "The table names the GPU's bus as the firmware numbered it, and the kernel numbers it in \
        another way. The driver takes the VBIOS all the same.",
        super::NOTHING,
    ),
    entry(
        ("amd-vbios-broken", Driver, Yes),
        &["bios header is broken", "not an x86 bios rom, not using"],
        &[
            "amdgpu 0000:06:10.0: amdgpu: BIOS header is broken",
            "[drm:amdgpu_get_bios [amdgpu]] *ERROR* Not an x86 BIOS ROM, not using.",
        ],
        "What AMD's driver found as the VBIOS is none: often the GOP driver was given to function \
        .0, which needs the VBIOS.",
        &[run(
            "Check the file, and which function gets it.",
            &["oprom check FILE", "oprom vm check VMID"],
        )],
    ),
    entry(
        ("amd-vendor-reset", Kernel, No),
        &[
            "unsupported reset method 'device_specific'",
            "unsupported reset method: device_specific",
        ],
        &["pci 0000:04:00.0: Unsupported reset method 'device_specific'"],
        "The module vendor-reset has no reset for this GPU: no AMD iGPU is in its list.",
        &[act("Remove vendor-reset. If the second start of the VM fails, restart the host.")],
    ),
    entry(
        ("amd-vi-page-fault", Kernel, Perhaps),
        &["amd-vi: event logged [io_page_fault", "amd-vi: event logged *io_page_fault"],
        &["vfio-pci 0000:04:00.0: AMD-Vi: Event logged [IO_PAGE_FAULT domain=0x000e \
           address=0xfffffffdf8000000 flags=0x0008]"],
        "A device reached for memory that it was not given, and the IOMMU stopped it. One or two \
        when a VM starts or stops are harmless; a stream of them is a device that was left \
        running by the driver that had it before.",
        &[act("Let vfio-pci have the GPU and its audio function from the start of the host, so \
             that amdgpu never uses them.")],
    ),
    entry(
        ("amd-vi-timeout", Kernel, Yes),
        &["amd-vi: completion-wait loop timed out"],
        &["AMD-Vi: Completion-Wait loop timed out"],
        "The IOMMU waits for a device that no longer answers: a GPU that was not reset.",
        &[act("Restart the host. AMD's iGPUs cannot be reset between two starts of a VM.")],
    ),
];
