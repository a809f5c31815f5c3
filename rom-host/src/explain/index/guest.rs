//! What the operating system in the VM says: Windows and macOS.

use super::super::entry::Layer::Guest;
use super::super::entry::Matters::{No, Perhaps, Yes};
use super::super::entry::{Entry, act, entry, run};

pub(super) const ENTRIES: &[Entry] = &[
    entry(
        ("code-43", Guest, Yes),
        &[
            "windows has stopped this device because it has reported problems",
            "(code 43)",
            "had a problem starting*problem: 0x2b",
            "problem code: 0x2b",
            "cm_prob_failed_post_start",
        ],
        &[
            "Windows has stopped this device because it has reported problems. (Code 43)",
            "Device PCI\\VEN_8086&DEV_46D1&SUBSYS_00000000&REV_00\\3&11583659&0&10 had a \
                 problem starting. Problem: 0x2B Problem Status: 0xC00000E5",
        ],
        "The guest's driver stopped. Hiding the hypervisor does not help: nearly always the VM \
        lacks something that the driver needs.",
        super::symptoms::CODE_43,
    ),
    entry(
        ("code-12", Guest, Yes),
        &["cannot find enough free resources", "(code 12)", "problem: 0xc ", "problem: 0x0c"],
        &["This device cannot find enough free resources that it can use. (Code 12)"],
        "Windows found no addresses for the device's memory: too many devices on one bridge, \
             or addresses above 4 GiB that the machine does not offer.",
        &[act("Use machine pc with the GPU at 00:02.0, or q35 with pcie=1 at a port of its own. \
            A virtual function needs OVMF and a new machine version; remove old PCI devices and \
            bridges.")],
    ),
    entry(
        ("code-10", Guest, Yes),
        &["this device cannot start. (code 10)", "(code 10)"],
        &["This device cannot start. (Code 10)"],
        "The driver loaded and could not start the device: often a driver that does not fit, \
             or a device that was not reset.",
        &[act("Another version of the driver; restart the host, then start the VM.")],
    ),
    entry(
        ("code-28", Guest, Yes),
        &["the drivers for this device are not installed. (code 28)", "(code 28)"],
        &["The drivers for this device are not installed. (Code 28)"],
        "Windows has no driver for the device yet.",
        &[act("Install Intel's graphics driver in the guest; by remote desktop if the screen \
             is dark.")],
    ),
    entry(
        ("code-31", Guest, Yes),
        &["(code 31)", "(code 37)", "(code 39)"],
        &["This device is not working properly because Windows cannot load the drivers \
             required for this device. (Code 31)"],
        "Windows cannot load the driver: it is damaged, was blocked, or does not fit this Windows.",
        &[act("Uninstall it with its files, restart the guest, install Intel's current one.")],
    ),
    entry(
        ("code-52", Guest, Yes),
        &["(code 52)", "cannot verify the digital signature for the drivers"],
        &["Windows cannot verify the digital signature for the drivers required for this \
             device. (Code 52)"],
        "The driver was changed, or is not signed for this Windows: a patched inf file, for \
             example.",
        &[act("Use Intel's own driver, unchanged.")],
    ),
    entry(
        ("code-45", Guest, No),
        &["this hardware device is not connected to the computer. (code 45)", "(code 45)"],
        &["Currently, this hardware device is not connected to the computer. (Code 45)"],
        "Windows remembers a device that is not there any more: the GPU at its old address, \
             for example.",
        &[act("Remove it in the device manager (Show hidden devices).")],
    ),
    entry(
        ("code-22", Guest, Yes),
        &["this device is disabled. (code 22)", "(code 22)"],
        &["This device is disabled. (Code 22)"],
        "The device is switched off in Windows: by a person, or by a script that disables it \
             before shutdown.",
        &[act("Enable it in the device manager.")],
    ),
    entry(
        ("windows-tdr", Guest, Yes),
        &[
            "video_tdr_failure",
            "video tdr failure",
            "igdkmd64.sys",
            "igdkmdn64.sys",
            "igdkmdnd64.sys",
            "stopped responding and has successfully recovered",
            "video_dxgkrnl_fatal_error",
            "video_scheduler_internal_error",
        ],
        &[
            "VIDEO_TDR_FAILURE (igdkmdn64.sys)",
            "Display driver igfxn stopped responding and has successfully recovered.",
        ],
        "Intel's driver in Windows lost the GPU: it hung, or memory that it needs is not there.",
        &[act("Try another version of the driver, and more DVMT pre-allocated memory in the \
            BIOS. Leave the GPU to vfio-pci from the start of the host, and disable sleep in the \
            guest.")],
    ),
    entry(
        ("macos-framebuffer", Guest, Yes),
        &[
            "appleintelframebuffer",
            "appleinteltglgraphicsframebuffer",
            "appleintelcflgraphicsframebuffer",
            "appleintelkblgraphicsframebuffer",
            "appleintelsklgraphicsframebuffer",
        ],
        &["panic(cpu 2 caller 0xffffff7f8f): \"AppleIntelFramebuffer: no framebuffer\""],
        "macOS's driver for Intel GPUs could not find its displays: the platform id that \
             OpenCore gives does not fit the GPU, or the VM has no OpRegion.",
        &[act("Check AAPL,ig-platform-id and device-id in OpenCore; GPUs of generation 11 and \
                 newer (but Ice Lake) do not work in macOS. BIOS: at least 64 MB of DVMT.")],
    ),
    entry(
        ("macos-whatevergreen", Guest, Perhaps),
        &["whatevergreen igfx @", "weg igfx @", "igfx @ (dbg)"],
        &["WhateverGreen igfx @ (DBG) Failed to find framebuffer 0x3EA50009"],
        "WhateverGreen, the macOS extension for graphics, did not find the framebuffer that \
             OpenCore names.",
        &[act("Choose an AAPL,ig-platform-id that WhateverGreen's list has for this generation.")],
    ),
    entry(
        ("macos-panic", Guest, Yes),
        &["panic(cpu * caller*graphics", "panic(cpu * caller*igfx"],
        &["panic(cpu 0 caller 0xffffff80): \"AppleGraphicsPowerManagement: no device\""],
        "macOS stopped in its graphics code.",
        &[act("Start with -v and read the lines before; check OpenCore's properties of the GPU.")],
    ),
    entry(
        ("guest-no-dri", Guest, Yes),
        &[
            "failed to initialize vaapi",
            "vainitialize failed",
            "error creating a mfx session",
            "cannot open a va display",
            "no va display found",
            "failed to open /dev/dri/renderd128",
            "device creation failed: -12",
        ],
        &[
            "vaInitialize failed with error code -1 (unknown libva error),exit",
            "[AVHWDeviceContext] No VA display found for device /dev/dri/renderD128.",
        ],
        "The program found no GPU to transcode with: the guest has no driver for it, or the \
             user may not open /dev/dri/renderD128.",
        &[run(
            "In the guest, see whether the driver is bound to the GPU, and who may use it.",
            &["ls -l /dev/dri", "journalctl -k -b --grep 'i915|xe '"],
        )],
    ),
];
