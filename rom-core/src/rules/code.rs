//! Every rule's code, in one table.

use crate::parse_error::from_name;
use std::fmt;

/// Declares the codes with all that is the same each time one is reported.
macro_rules! codes {
    ($($variant:ident = $id:literal, $severity:ident, $title:literal, $spec:literal, $hint:literal;)*) => {
        /// A rule. Codes are stable: none is ever renumbered or used again for something else.
        ///
        /// `ROM0xx` container, `1xx` header and PCI data structure, 2xx EFI, 3xx legacy, 4xx
        /// payload, 5xx identity and fitness; `CATnnn` catalog.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $(#[doc = concat!($id, ": ", $title, ".")] $variant,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name, for example `ROM014`.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id,)* }
            }

            /// How much a breach matters.
            #[must_use]
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// The rule's name in a few words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }

            /// Where the rule comes from: specification and section, or the firmware's file.
            #[must_use]
            pub const fn spec(self) -> &'static str {
                match self { $(Self::$variant => $spec,)* }
            }

            /// What it means for the user, or what to do.
            #[must_use]
            pub const fn hint(self) -> &'static str {
                match self { $(Self::$variant => $hint,)* }
            }
        }
    };
}

codes! {
    // Container: the file as a whole.
    Empty = "ROM001", Error, "the file is empty",
        "QEMU, hw/pci/pci.c: romfile is empty",
        "Download it again.";
    HtmlPage = "ROM002", Error, "an HTML page, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "A web page was saved instead of the file. `oprom fetch` downloads the file itself and \
        checks its SHA-256.";
    GitLfsPointer = "ROM003", Error, "a Git LFS pointer, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "The repository was cloned without its large files: run `git lfs pull` there, or download \
            the file itself.";
    ZipArchive = "ROM004", Error, "a ZIP archive, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "Unpack it and check what is inside.";
    GzipArchive = "ROM005", Error, "gzip data, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "Unpack it and check what is inside.";
    SevenZipArchive = "ROM006", Error, "a 7z archive, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "Unpack it and check what is inside.";
    BareDriver = "ROM007", Error, "an EFI driver that is not wrapped into an option ROM",
        "UEFI 2.10, 14.4.2",
        "Firmware ignores a bare driver. Wrap it into an option ROM, with `oprom build --efi` or \
        edk2's EfiRom.";
    FirmwareImage = "ROM008", Error, "a firmware image (BIOS), not an option ROM",
        "UEFI Platform Initialization 1.8, volume 3, 2.1",
        "Extract the option ROM or the driver from it first, with `oprom extract`.";
    AllZero = "ROM009", Error, "nothing but 00 bytes",
        "PCI Firmware 3.3, 5.1.1",
        "The file has no data: get the ROM from another source.";
    AllOnes = "ROM010", Error, "nothing but FF bytes",
        "PCI Firmware 3.3, 5.1.1",
        "A ROM that does not exist reads as FF. An iGPU has no ROM of its own to dump: see \
        `oprom pick`.";
    Text = "ROM011", Error, "text, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "Open the file: it is probably an error message.";
    NoSignature = "ROM012", Error, "no option ROM signature",
        "PCI Firmware 3.3, 5.1.1",
        "There is no 55 AA where an image could begin: this is not an option ROM.";
    Container = "ROM013", Error, "data before the first image",
        "edk2, PciOptionRomSupport.c, LoadOpRomImage: the first bytes must be 55 AA",
        "Firmware looks for 55 AA only at the start of the file.";
    Truncated = "ROM014", Error, "the file ends too early",
        "PCI Firmware 3.3, 5.1.2: image length",
        "The file was cut: download it again.";
    NoLastImage = "ROM015", Warning, "the last image is not marked as last",
        "PCI Firmware 3.3, 5.1.2: indicator",
        "Firmware runs the images that are in the file. If there should be more, the file was \
        cut or overwritten.";
    TrailingData = "ROM016", Note, "data after the last image",
        "PCI Firmware 3.3, 5.1.2: indicator",
        "Firmware does not look at it.";
    ZeroLengthHang = "ROM017", Error, "an image of length 0 with more to follow: firmware hangs",
        "edk2, PciOptionRomSupport.c, ProcessOpRomImage: the walk advances by the image length",
        "Do not use this file: the VM would never start.";
    ZeroLength = "ROM018", Error, "an image of length 0",
        "edk2, PciOptionRomSupport.c, LoadOpRomImage",
        "Firmware loads nothing from it: get the ROM from another source.";
    UnevenSize = "ROM019", Note, "the file size is not a multiple of 512",
        "PCI Firmware 3.3, 5.1.2",
        "Harmless: only padding is missing.";
    TooSmall = "ROM020", Error, "2048 bytes or less: UEFI firmware does not see the ROM",
        "edk2, PciOptionRomSupport.c, GetOpRomInfo: a 2 KiB BAR reads back as none",
        "Pad the file to more than 2048 bytes, or give QEMU `romsize=4096`.";
    TooLarge = "ROM021", Error, "larger than an option ROM can be",
        "PCI Local Bus 3.0, 6.2.5.2: an expansion ROM has at most 16 MiB",
        "Only the first 16 MiB were looked at.";
    Gap = "ROM022", Warning, "a gap between two images",
        "PCI Firmware 3.3, 5.1.2: image length; edk2, PciOptionRomSupport.c: the search goes on \
        every 512 bytes",
        "UEFI firmware finds the next image, but images follow each other without a gap: a tool \
        added padding, or an image was overwritten. If one is missing, get the ROM from another \
        source.";
    ChainBroken = "ROM023", Error, "the next image cannot be found",
        "PCI Firmware 3.3, 5.1.2: image length and indicator",
        "The image is there, but firmware cannot find it: its header is damaged, or an image \
        length in the file is incorrect.";
    TooManyImages = "ROM024", Error, "more images than any ROM has",
        "oprom: limits",
        "Only the first images were looked at.";
    HiddenImage = "ROM025", Warning, "an image after the last one",
        "PCI Firmware 3.3, 5.1.2: indicator",
        "Firmware stops at the image that is marked as last and does not reach this one.";
    TruncatedFilling = "ROM026", Warning, "the file ends too early, in a part that its last \
        image does not need",
        "PCI Firmware 3.3, 5.1.2: image length",
        "The file was cut: download it again. Firmware still runs the image.";
    GapBeforeLegacy = "ROM027", Warning, "a gap before a legacy image",
        "SeaBIOS, src/optionroms.c, map_pcirom: from image to image by their lengths alone",
        "SeaBIOS does not find the legacy image. UEFI firmware continues after the gap.";
    ZeroLengthOther = "ROM028", Warning, "an image of length 0 that is not for UEFI",
        "edk2, PciOptionRomSupport.c, LoadOpRomImage; SeaBIOS, src/optionroms.c",
        "UEFI firmware stops at this image. A legacy BIOS uses its size byte.";
    InnerImage = "ROM029", Warning, "an image begins inside another",
        "PCI Firmware 3.3, 5.1.2: image length",
        "Firmware skips the inner image. If both should run, the length of the outer one is \
        incorrect.";
    LostFirstImage = "ROM030", Error, "the first image has lost its header, or a part of it",
        "PCI Firmware 3.3, 5.1.1; edk2, PciOptionRomSupport.c, LoadOpRomImage",
        "Firmware does not find the image. Do not cut off the damaged part: get the ROM from \
        another source.";
    DataBetween = "ROM031", Warning, "data between two images that belongs to neither",
        "edk2, PciOptionRomSupport.c: the search goes on every 512 bytes",
        "It may be an image that lost its header: get the ROM from another source.";
    Transferred = "ROM032", Error, "the file was changed during a transfer",
        "PCI Firmware 3.3, 5.1.1",
        "Copy the original file again, in binary mode.";
    Program = "ROM033", Error, "a program, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "It contains nothing that firmware starts.";
    UpdateProgram = "ROM034", Error, "a program that updates firmware, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "Extract the firmware from it first, with `oprom extract`.";
    FirmwareProgram = "ROM035", Error, "a firmware program that an option ROM cannot have",
        "UEFI 2.10, 14.4.2; edk2, PciOptionRomSupport.c, LocalLoadFile2: subsystem 11 or 12",
        "Firmware starts only drivers from option ROMs, and only as PE images.";
    FirmwarePart = "ROM036", Error, "a part of a firmware volume, not an option ROM",
        "UEFI Platform Initialization 1.8, volume 3, 3.2",
        "Extract the driver from it, and wrap that into an option ROM.";
    Archive = "ROM037", Error, "an archive or a compressed file, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "Unpack it and check what is inside.";
    Packed = "ROM038", Note, "the ROM is in an archive or a compressed file",
        "PCI Firmware 3.3, 5.1.1",
        "Unpack it before you use it: QEMU and firmware read the file as it is.";
    ByteText = "ROM039", Note, "the ROM is written as text",
        "PCI Firmware 3.3, 5.1.1",
        "Convert it to binary before you use it: QEMU and firmware read the file as it is.";
    GraphicsTable = "ROM040", Error, "a table of a graphics driver, not an option ROM",
        "Linux, intel_vbt_defs.h, intel_opregion.c and amdgpu_bios.c",
        "It is data for a driver, and no firmware starts it. `oprom extract` writes the VBIOS or the \
        Video BIOS Table that is in it.";
    ServerAnswer = "ROM041", Error, "a server's reply, not a ROM",
        "PCI Firmware 3.3, 5.1.1",
        "The download failed, and the server's reply was saved instead. `oprom fetch` downloads \
        the file itself.";

    // ROM header and PCI data structure.
    PcirOffsetZero = "ROM101", Error, "no PCI data structure",
        "PCI Firmware 3.3, 5.1.1: pointer to PCI data structure",
        "No firmware runs such an image from a PCI device.";
    PcirUnaligned = "ROM102", Error, "the PCI data structure is not aligned, as UEFI firmware \
        requires",
        "edk2, PciOptionRomSupport.c: the PCI data structure must be DWORD aligned",
        "UEFI firmware stops here: neither this image nor any after it runs.";
    PcirOutside = "ROM103", Error, "the PCI data structure is outside the file",
        "PCI Firmware 3.3, 5.1.1",
        "The header is damaged, or the file was cut: get the ROM from another source.";
    PcirSignature = "ROM104", Error, "PCIR is missing where the header points",
        "PCI Firmware 3.3, 5.1.2",
        "The header is damaged: get the ROM from another source.";
    PcirLength = "ROM105", Note, "unusual length of the PCI data structure",
        "PCI Firmware 3.3, 5.1.2: structure length",
        "Firmware does not look at it.";
    DeviceList = "ROM106", Warning, "the device list is not readable",
        "PCI Firmware 3.3, 5.1.2: device list",
        "Legacy firmware may not match the ROM to a device that only the list names.";
    PointerOutside = "ROM107", Warning, "a pointer leads outside the image",
        "PCI Firmware 3.3, 5.1.2",
        "What it points to cannot be used.";
    PcirRevision = "ROM108", Note, "unknown revision of the PCI data structure",
        "PCI Firmware 3.3, 5.1.2: revision",
        "Firmware does not look at it.";
    LegacyPcirUnaligned = "ROM109", Note, "the PCI data structure is not aligned, in an image \
        that is not for UEFI",
        "edk2, PciOptionRomSupport.c: the PCI data structure must be DWORD aligned",
        "A legacy BIOS accepts it. UEFI firmware skips the ROM.";
    IndicatorReserved = "ROM110", Note, "reserved indicator bits are set",
        "PCI Firmware 3.3, 5.1.2: indicator",
        "Firmware looks at bit 7 only.";
    CodeTypeUnknown = "ROM111", Note, "an image with an unknown code type",
        "PCI Firmware 3.3, table 5-6",
        "Firmware skips it.";
    NpdeDiffers = "ROM112", Note, "NVIDIA's extension has a different length",
        "Linux, nouveau, nvkm/subdev/bios/npde.c",
        "Firmware uses the PCI data structure. NVIDIA's driver uses the extension.";
    IsaRom = "ROM113", Warning, "an ISA option ROM: it has no PCI data structure",
        "PCI Firmware 3.3, 5.1.1",
        "It works where firmware loads it by address or by name, not as the ROM of a PCI device.";

    // EFI images.
    EfiSignature = "ROM201", Error, "the EFI signature is incorrect",
        "UEFI 2.10, 14.4.2.1: 0x0EF1",
        "Firmware skips the image. Tools that repair checksums often cause this damage: EFI \
        images have no checksum.";
    EfiSubsystem = "ROM202", Error, "the header does not say that it is a driver",
        "UEFI 2.10, 14.4.2.1; edk2, PciOptionRomSupport.c, LocalLoadFile2: subsystem 11 or 12",
        "Firmware skips the image. Wrap the driver again, as a boot service driver.";
    EfiMachineDiffers = "ROM203", Warning, "header and driver name different machines",
        "UEFI 2.10, 14.4.2.1",
        "OVMF uses the driver's machine: it starts the driver only if that is OVMF's own machine.";
    EfiCompressionType = "ROM204", Error, "unknown compression type",
        "UEFI 2.10, table 14.24",
        "Firmware skips the image.";
    EfiInitializationZero = "ROM205", Error, "the initialization size is 0",
        "UEFI 2.10, 14.4.2.1; edk2, PciOptionRomSupport.c, LocalLoadFile2",
        "Firmware skips the image.";
    EfiInitializationBeyondImage = "ROM206", Error, "the initialization size is larger than the \
        image",
        "UEFI 2.10, 14.4.2.1; edk2, PciOptionRomSupport.c, LocalLoadFile2",
        "Firmware skips the image.";
    EfiPayloadOffset = "ROM207", Error, "the driver's offset is outside the image",
        "UEFI 2.10, 14.4.2.1: EFI image header offset",
        "Firmware skips the image.";
    EfiUnderOtherType = "ROM208", Error, "an EFI image that is marked as something else",
        "PCI Firmware 3.3, table 5-6: code type 3",
        "UEFI firmware skips it: the code type has to be 3.";
    EfiPayloadCut = "ROM209", Error, "the driver does not fit into the initialization size",
        "UEFI 2.10, 14.4.2.1: initialization size",
        "Firmware loads only a part of the driver, which does not start.";
    EfiCompressedSize = "ROM210", Error, "the compressed data does not fit",
        "UEFI 2.10, 19.2",
        "Firmware refuses to decompress it: the file is damaged.";
    EfiDecompress = "ROM211", Error, "the compressed data is damaged",
        "UEFI 2.10, 19.2",
        "Firmware refuses to decompress it: get the ROM from another source.";
    EfiTiano = "ROM212", Error, "compressed with the Tiano variant",
        "UEFI 2.10, 19.2; edk2, PciOptionRomSupport.c, LocalLoadFile2",
        "Firmware supports only the UEFI algorithm in option ROMs. Compress the driver with that \
        (EfiRom -ec).";
    EfiDecompressShort = "ROM213", Warning, "the compressed data ends before the driver does",
        "UEFI 2.10, 19.2; edk2, BaseUefiDecompressLib.c, FillBuf",
        "Firmware reads zeros instead of the missing data, and starts the result. Get the ROM \
        from another source.";

    // Legacy images.
    LegacyChecksum = "ROM301", Error, "the checksum is incorrect",
        "PCI Firmware 3.3, 5.2.1.1; SeaBIOS, src/optionroms.c, is_valid_rom",
        "A legacy BIOS refuses the image.";
    LegacySizeZero = "ROM302", Error, "the size byte is 0",
        "PCI Firmware 3.3, 5.2.1.1; SeaBIOS, src/optionroms.c",
        "A legacy BIOS refuses the image.";
    LegacySizeDiffers = "ROM303", Note, "size byte and image length differ",
        "PCI Firmware 3.3, 5.2.1.1 and 5.1.2",
        "A legacy BIOS uses the size byte, UEFI firmware the image length.";
    PnpHeader = "ROM304", Note, "the $PnP header is not readable",
        "Plug and Play BIOS 1.0A, 3.2",
        "The BIOS finds no boot device through this header.";
    PnpChecksum = "ROM305", Warning, "the checksum of a $PnP header is incorrect",
        "Plug and Play BIOS 1.0A, 3.2",
        "A strict BIOS ignores the header.";
    LegacyRunTimeLength = "ROM306", Note, "the run-time length is larger than the image",
        "PCI Firmware 3.3, 5.1.2: maximum run-time image length",
        "Only a BIOS that follows revision 3 looks at it.";

    // The driver inside an EFI image.
    PayloadNotPe = "ROM401", Error, "no driver where the header points",
        "UEFI 2.10, 2.1.1",
        "Firmware finds nothing to start: get the ROM from another source.";
    PeMagic = "ROM402", Error, "the PE format does not match the machine",
        "PE/COFF, 3.4.1; edk2, BasePeCoffLib",
        "Firmware refuses to load it.";
    PeSubsystem = "ROM403", Error, "the driver is not an EFI program",
        "PE/COFF, 3.4.2; edk2, BasePeCoffLib",
        "Firmware refuses to load it.";
    PeCut = "ROM404", Error, "a part of the driver is missing",
        "PE/COFF, 4",
        "Firmware refuses to load it: the file is damaged.";
    PeFixed = "ROM405", Error, "the driver can only be loaded at one address",
        "PE/COFF, 3.3.2; edk2, Image.c, CoreLoadPeImage",
        "Its relocations were removed, and the address that it is linked for is not free. Link \
        it with a .reloc section.";
    TerseImage = "ROM406", Note, "the driver is a terse executable (TE)",
        "UEFI Platform Initialization 1.8, volume 1, 15",
        "Option ROMs contain PE images. Firmware may refuse this one.";
    PeEntryPoint = "ROM407", Error, "the entry point is outside the driver",
        "PE/COFF, 3.4.1",
        "The driver cannot be started: the file is damaged.";
    PeDamaged = "ROM408", Error, "the driver's headers are not readable",
        "PE/COFF, 3",
        "Firmware refuses to load it: the file is damaged.";
    PeRelocations = "ROM409", Error, "the driver's relocations are damaged",
        "PE/COFF, 5.6; edk2, BasePeCoff.c, PeCoffLoaderRelocateImage",
        "Firmware refuses to load it: the file is damaged.";
    PeHeaders = "ROM410", Error, "the driver's headers contradict each other",
        "PE/COFF, 3 and 4; edk2, BasePeCoff.c",
        "Firmware refuses to load it: the file is damaged, or a faulty tool rewrote the driver.";
    SignatureUnreadable = "ROM411", Warning, "the driver's signature is not readable",
        "PE/COFF, 5.7; Windows Authenticode Portable Executable Signature Format 1.0",
        "Firmware that checks signatures (arm64 with Secure Boot, SEV guests) refuses the \
        driver. OVMF does not check them.";
    SignatureDiffers = "ROM412", Warning, "the driver differs from what was signed",
        "Windows Authenticode Portable Executable Signature Format 1.0; edk2, \
            DxeImageVerificationLib.c",
        "The driver was changed after it was signed. Firmware that checks signatures refuses it. \
        OVMF does not check them.";
    SignaturePadding = "ROM413", Warning, "padding after the signed driver invalidates its \
        signature",
        "edk2, PciOptionRomSupport.c, LocalLoadFile2, and DxeImageVerificationLib.c, HashPeImage",
        "Firmware that checks signatures refuses it. Make the initialization size end where the \
        driver ends, or compress the driver.";

    // Identity and fitness.
    LegacyOnly = "ROM501", Note, "no EFI image",
        "UEFI 2.10, 14.4.2",
        "For SeaBIOS only: a VM with OVMF gets no display from it.";
    NoX64Driver = "ROM502", Warning, "no driver for x86-64",
        "UEFI 2.10, 2.1.1",
        "OVMF in an x86-64 VM starts none of its drivers.";
    KnownFile = "ROM503", Note, "a known file, but not from LongQT-sea's release",
        "known-roms.toml",
        "`oprom list` shows the files of the release.";
    DecimalVendor = "ROM504", Note, "the vendor id looks like a decimal number that was read as \
        hex",
        "PCI Firmware 3.3, 5.1.2",
        "Harmless: UEFI firmware does not compare it.";
    VbtChecksum = "ROM505", Note, "the checksum of the Video BIOS Table is incorrect",
        "Linux, intel_vbt_defs.h: vbt_checksum",
        "Common: firmware changes the table at boot and does not update the checksum. Drivers do \
        not check it.";

    NoPcImage = "ROM506", Error, "no image for a PC",
        "PCI Firmware 3.3, table 5-6: code types",
        "Neither UEFI firmware nor a legacy BIOS runs any of it.";

    // The catalog.
    CatalogSyntax = "CAT001", Error, "not readable as a catalog",
        "known-roms.toml",
        "Fix the text at the line and column that are named.";
    CatalogSchema = "CAT002", Error, "unknown schema number",
        "known-roms.toml",
        "This version reads schema 1.";
    CatalogUnknownKey = "CAT003", Error, "an unknown key",
        "known-roms.toml",
        "Fix its spelling, or remove it.";
    CatalogBadHash = "CAT004", Error, "not a SHA-256 in lower case hex",
        "known-roms.toml",
        "64 digits, 0-9 and a-f.";
    CatalogBadDeviceId = "CAT005", Error, "not a PCI device id in lower case hex",
        "known-roms.toml",
        "Four digits, 0-9 and a-f.";
    CatalogDuplicate = "CAT006", Error, "listed twice",
        "known-roms.toml",
        "Keep one of the two.";
    CatalogUnsorted = "CAT007", Error, "out of order",
        "known-roms.toml",
        "Device ids are in ascending order within a platform.";
    CatalogSharedDevice = "CAT008", Error, "a device id in two platforms",
        "known-roms.toml",
        "An id decides the ROM, so it has one platform.";
    CatalogUnknownRom = "CAT009", Error, "a ROM that is not listed",
        "known-roms.toml",
        "Add a [[rom]] with its hash, or fix the name.";
    CatalogUrl = "CAT010", Error, "not an https address of that ROM",
        "known-roms.toml",
        "The address begins with https:// and ends with the ROM's name.";
    CatalogWord = "CAT011", Error, "not one of the words allowed here",
        "known-roms.toml",
        "evidence: proved, independent, release-page; confidence: high, medium, low; kind: complete, assignment-and-gop, assignment, gop, \
         other.";
    CatalogEmptyPlatform = "CAT012", Error, "a platform with neither ROMs nor a refusal, or with \
        both",
        "known-roms.toml",
        "Give it roms, or refused with the reason.";
    CatalogUnknownPlatform = "CAT013", Error, "a platform that is not listed",
        "known-roms.toml",
        "Add a [[platform]], or fix the code.";
    CatalogPattern = "CAT014", Error, "a CPU name or pattern that matches nothing",
        "known-roms.toml",
        "A model is written as Intel lists it, without Intel, Core before i3 to i9, Gold and \
            Silver; a pattern has the syntax of the regex crate.";
    CatalogName = "CAT015", Error, "not a plain file name",
        "known-roms.toml",
        "Letters, digits, '.', '_' and '-', not beginning with '.' or '-'.";
    CatalogVersions = "CAT016", Error, "not a range of QEMU versions",
        "known-roms.toml",
        "It looks like \">=10.0\", \"<10.1\" or \">=9.2, <10.1\".";
    CatalogSize = "CAT017", Error, "not the size of a ROM",
        "PCI Local Bus 3.0, 6.2.5.2",
        "A ROM has 1 to 16777216 bytes.";
}

from_name!(Code, Code::ALL.iter().copied(), id, "the code of a rule like ROM014");

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know; changes no verdict.
    Note,
    /// Works, but not everywhere, or not as its author meant.
    Warning,
    /// Does not work.
    Error,
}

impl Severity {
    /// The word for it in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl Severity {
    /// All of them, the least first.
    pub const ALL: [Self; 3] = [Self::Note, Self::Warning, Self::Error];
}

from_name!(Severity, Severity::ALL, name, "note, warning or error");

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_in_order() {
        let ids: Vec<_> = Code::ALL.iter().map(|code| code.id()).collect();
        for family in ["ROM", "CAT"] {
            let numbers: Vec<_> = ids.iter().filter(|id| id.starts_with(family)).collect();
            assert!(numbers.is_sorted_by(|a, b| a < b), "{numbers:?}");
        }
    }

    #[test]
    fn every_code_has_a_heading_in_the_documentation() {
        let documentation = include_str!("../../../docs/findings.md");
        for code in Code::ALL {
            let heading = format!("### {}: {}\n", code.id(), code.title());
            assert!(documentation.contains(&heading), "docs/findings.md lacks {heading:?}");
        }
    }

    #[test]
    fn codes_and_severities_are_read_by_their_names() {
        assert!(Code::ALL.iter().all(|code| code.id().parse() == Ok(*code)));
        assert!(Severity::ALL.iter().all(|severity| severity.name().parse() == Ok(*severity)));
        assert_eq!(
            "ROM9999".parse::<Code>().unwrap_err().to_string(),
            "expected the code of a rule like ROM014"
        );
    }

    #[test]
    fn severities_have_words() {
        let words = [Severity::Note, Severity::Warning, Severity::Error]
            .map(|severity| severity.to_string());
        assert_eq!(words, ["note", "warning", "error"]);
    }
}
