//! ROMs of one to four images with none, one or two faults, drawn from a seed.

use fastrand::Rng;
use rom_core::compose::{Compressed, Content, Image, Kind, Named, NamedAlgorithm, Patch, Spec};
use rom_core::observe::STAND_IN;

/// A ROM to try, and what it is in words.
pub(crate) struct Variation {
    pub(crate) spec: Spec,
}

/// The variation of this number of this seed; the same each time.
pub(crate) fn variation(seed: u64, number: u64) -> Variation {
    let mut rng = Rng::with_seed(seed.wrapping_mul(1_000_003).wrapping_add(number));
    let count = [1, 1, 2, 2, 3, 4][rng.usize(..6)];
    let mut spec = Spec { image: (0..count).map(|_| image(&mut rng)).collect(), ..Spec::default() };
    let mut words: Vec<String> = spec.image.iter().map(word).collect();
    for _ in 0..[0, 1, 1, 1, 2, 2][rng.usize(..6)] {
        words.push(fault(&mut spec, &mut rng));
    }
    spec.purpose = words.join(", ");
    Variation { spec }
}

/// The kind of an image.
fn word(image: &Image) -> String {
    let compressed = if image.compressed.algorithm().is_some() { " compressed" } else { "" };
    match &image.kind {
        Kind::Named(Named::Efi) if image.driver.machine == ARM64 => format!("arm64{compressed}"),
        Kind::Named(Named::Efi) => format!("x64{compressed}"),
        Kind::Named(Named::Legacy) => "legacy".to_owned(),
        Kind::CodeType(code_type) => format!("type {code_type:#x}"),
    }
}

const X64: u16 = 0x8664;
const ARM64: u16 = 0xAA64;

/// An image without a fault, for one of the firmwares or for none.
fn image(rng: &mut Rng) -> Image {
    let kind = match rng.u8(..10) {
        0..=2 => Kind::Named(Named::Legacy),
        3 => Kind::CodeType([1, 2, 4, 0x70, 0xE0][rng.usize(..5)]),
        _ => Kind::Named(Named::Efi),
    };
    let mut image = Image::new(kind);
    (image.vendor, image.device) = (STAND_IN.vendor, STAND_IN.device);
    image.blocks = rng.u16(5..14);
    image.driver.machine = if rng.u8(..4) == 0 { ARM64 } else { X64 };
    image.driver.subsystem = if rng.u8(..4) == 0 { 12 } else { 11 };
    image.compressed = Compressed::Uefi(rng.u8(..4) == 0);
    image.revision = [3, 3, 0, 1][rng.usize(..4)];
    if rng.u8(..4) == 0 {
        image.pcir_at = Some([0x20, 0x30, 0x40, 0x1C][rng.usize(..4)]);
    }
    image
}

/// Puts one fault into the ROM; returns it in words.
fn fault(spec: &mut Spec, rng: &mut Rng) -> String {
    if rng.u8(..5) == 0 {
        let (name, make) = ROM_FAULTS[rng.usize(..ROM_FAULTS.len())];
        make(spec, rng);
        return name.to_owned();
    }
    let index = rng.usize(..spec.image.len());
    let image = &mut spec.image[index];
    let faults: &[&[Fault]] = match image.kind {
        Kind::Named(Named::Efi) => &[IMAGE_FAULTS, EFI_FAULTS, PE_FAULTS],
        Kind::Named(Named::Legacy) => &[IMAGE_FAULTS, LEGACY_FAULTS],
        Kind::CodeType(_) => &[IMAGE_FAULTS],
    };
    let faults = faults[rng.usize(..faults.len())];
    let (name, make) = faults[rng.usize(..faults.len())];
    make(image, rng);
    format!("image {index}: {name}")
}

type Fault = (&'static str, fn(&mut Image, &mut Rng));
type RomFault = (&'static str, fn(&mut Spec, &mut Rng));

fn patch(image: &mut Image, at: usize, bytes: &[u8]) {
    image.patch.push(Patch { at, hex: hex::encode(bytes) });
}

/// Puts the PCI data structure at `to`. What is overwritten of it goes along: where it was there is
/// code now.
fn move_pcir(image: &mut Image, to: u16) {
    let (from, length) = (usize::from(image.pcir_at.unwrap_or(0x1C)), 0x1C);
    for patch in image.patch.iter_mut().filter(|patch| (from..from + length).contains(&patch.at)) {
        patch.at = patch.at - from + usize::from(to);
    }
    image.pcir_at = Some(to);
}

/// Overwrites a field of the PCI data structure.
fn pcir(image: &mut Image, field: usize, bytes: &[u8]) {
    let at = usize::from(image.pcir_at.unwrap_or(0x1C));
    patch(image, at + field, bytes);
}

/// Overwrites a field of the driver.
fn pe(image: &mut Image, at: usize, bytes: &[u8]) {
    image.driver.patch.push(Patch { at, hex: hex::encode(bytes) });
}

fn content(rng: &mut Rng, length: usize) -> Content {
    Content::Fill { fill: if rng.bool() { 0 } else { 0xFF }, length }
}

const ROM_FAULTS: &[RomFault] = &[
    ("512 bytes before the first image", |spec, rng| spec.before.push(content(rng, 512))),
    ("256 bytes before the first image", |spec, rng| spec.before.push(content(rng, 256))),
    ("a gap of some blocks", |spec, rng| {
        let index = rng.usize(..spec.image.len());
        let length = 512 * rng.usize(1..5);
        spec.image[index].after.push(content(rng, length));
    }),
    ("a gap of 256 bytes", |spec, rng| {
        let index = rng.usize(..spec.image.len());
        spec.image[index].after.push(content(rng, 256));
    }),
    ("other data between images", |spec, rng| {
        let index = rng.usize(..spec.image.len());
        let length = 512 * rng.usize(1..3);
        spec.image[index].after.push(Content::Fill { fill: 0x77, length });
    }),
    ("a stray 55 aa between images", |spec, rng| {
        let index = rng.usize(..spec.image.len());
        spec.image[index]
            .after
            .extend([Content::Hex { hex: "55aa".to_owned() }, content(rng, 510)]);
    }),
    ("data after the last image", |spec, rng| {
        spec.after.push(Content::Fill { fill: 0x42, length: rng.usize(1..3000) });
    }),
    ("cut", |spec, rng| spec.cut_to = Some(rng.usize(1000..9000))),
    ("cut to a BAR of 2048 bytes", |spec, rng| spec.cut_to = Some(rng.usize(1500..=2049))),
];

const IMAGE_FAULTS: &[Fault] = &[
    ("55 aa wrong", |image, rng| patch(image, rng.usize(..2), &[rng.u8(..0x50)])),
    ("PCIR pointer 0", |image, _| patch(image, 0x18, &[0, 0])),
    ("PCIR pointer outside", |image, rng| {
        patch(image, 0x18, &(rng.u16(0x4000..) & 0xFFFC).to_le_bytes());
    }),
    ("PCIR unaligned", |image, rng| move_pcir(image, [0x1D, 0x1E, 0x22, 0x33][rng.usize(..4)])),
    ("PCIR misspelt", |image, rng| pcir(image, rng.usize(..4), b"x")),
    ("other vendor", |image, rng| image.vendor = rng.u16(..)),
    ("other device", |image, rng| image.device = rng.u16(..)),
    ("other class", |image, rng| image.class = rng.u32(..0x00FF_FFFF)),
    ("PCIR length", |image, rng| pcir(image, 0x0A, &[rng.u8(..), 0])),
    ("PCIR revision", |image, rng| pcir(image, 0x0C, &[rng.u8(..)])),
    ("image length 0", |image, _| pcir(image, 0x10, &[0, 0])),
    ("image length short", |image, rng| pcir(image, 0x10, &[rng.u8(1..5), 0])),
    ("image length long", |image, rng| pcir(image, 0x10, &[rng.u8(14..80), 0])),
    ("image length over everything", |image, _| pcir(image, 0x10, &[0, 0x40])),
    ("code type", |image, rng| pcir(image, 0x14, &[rng.u8(..6)])),
    ("last", |image, _| image.last = Some(true)),
    ("not last", |image, _| image.last = Some(false)),
    ("reserved indicator bits", |image, rng| {
        let last = image.last.unwrap_or(rng.bool());
        pcir(image, 0x15, &[rng.u8(1..0x80) | if last { 0x80 } else { 0 }]);
    }),
    ("a device list", |image, rng| image.devices = vec![rng.u16(1..), rng.u16(1..)]),
    ("NVIDIA's extension", |image, rng| image.npde = Some(rng.u16(..40))),
];

const EFI_FAULTS: &[Fault] = &[
    ("initialization size 0", |image, _| patch(image, 2, &[0, 0])),
    ("initialization size short", |image, rng| patch(image, 2, &[rng.u8(1..5), 0])),
    ("initialization size long", |image, rng| patch(image, 2, &[rng.u8(14..80), 0])),
    ("EFI signature", |image, rng| patch(image, 4 + rng.usize(..4), &[rng.u8(2..0xF0)])),
    ("subsystem", |image, rng| patch(image, 8, &[[0, 1, 3, 10, 11, 12, 13][rng.usize(..7)], 0])),
    ("header machine", |image, rng| {
        let machine: u16 = [0x014C, 0x0EBC, 0x8664, 0xAA64, 0x01C2][rng.usize(..5)];
        patch(image, 10, &machine.to_le_bytes());
    }),
    ("compression type", |image, rng| patch(image, 12, &[rng.u8(..4), 0])),
    ("driver offset", |image, rng| patch(image, 0x16, &rng.u16(..0x2000).to_le_bytes())),
    ("driver offset in the header", |image, rng| {
        patch(image, 0x16, &rng.u16(..0x40).to_le_bytes());
    }),
    ("Tiano variant", |image, _| image.compressed = Compressed::Named(NamedAlgorithm::Tiano)),
    ("driver elsewhere", |image, rng| image.driver_at = Some(rng.u16(0x10..0x60) * 4)),
    ("compressed size", |image, rng| {
        image.compressed = Compressed::Uefi(true);
        image.driver_at = Some(0x80);
        patch(image, 0x80, &rng.u32(..0x2000).to_le_bytes());
    }),
    ("size before compression", |image, rng| {
        image.compressed = Compressed::Uefi(true);
        image.driver_at = Some(0x80);
        patch(image, 0x84, &rng.u32(..0x1000).to_le_bytes());
    }),
];

/// Fields of the driver that is composed: its PE header is at 0x40, its section table at 0x148,
/// its code at 0x200.
const PE_FAULTS: &[Fault] = &[
    ("MZ wrong", |image, rng| pe(image, rng.usize(..2), &[rng.u8(..0x40)])),
    ("PE header elsewhere", |image, rng| pe(image, 0x3C, &rng.u32(..0x800).to_le_bytes())),
    ("PE misspelt", |image, _| pe(image, 0x40, b"N")),
    ("PE machine", |image, rng| {
        // None that firmware would start: the code is for the machine that the driver had.
        let machine: u16 = [0x014C, 0x01C2, 0x0200, 0x5064][rng.usize(..4)];
        pe(image, 0x44, &machine.to_le_bytes());
    }),
    ("more sections than there are", |image, rng| pe(image, 0x46, &[rng.u8(3..9), 0])),
    ("one section", |image, _| pe(image, 0x46, &[1, 0])),
    ("size of the optional header", |image, rng| pe(image, 0x54, &[rng.u8(0xE0..=0xFF), 0])),
    ("relocations stripped", |image, _| image.driver.relocations = false),
    ("no relocation directory", |image, _| pe(image, 0xF0, &[0; 8])),
    ("optional header's magic", |image, rng| {
        pe(image, 0x58, &[rng.u8(9..13), [1, 2][rng.usize(..2)]]);
    }),
    // Below 1 MiB or where no machine here has memory: whether another address is free is the
    // machine's affair.
    ("image base", |image, rng| {
        let base = if rng.bool() {
            rng.u64(..0x10) * 0x1_0000
        } else {
            0x100_0000_0000 + rng.u64(..0x1000) * 0x1_0000
        };
        pe(image, 0x70, &base.to_le_bytes());
    }),
    ("section alignment", |image, rng| {
        pe(image, 0x78, &[0_u32, 0x20, 0x200, 0x1000, 0x10_0000][rng.usize(..5)].to_le_bytes());
    }),
    ("size of image", |image, rng| pe(image, 0x90, &(rng.u32(..0x60) * 0x100).to_le_bytes())),
    ("size of headers", |image, rng| pe(image, 0x94, &(rng.u32(..0x20) * 0x40).to_le_bytes())),
    ("PE subsystem", |image, rng| pe(image, 0x9C, &[rng.u8(..16), 0])),
    ("number of directories", |image, rng| pe(image, 0xC4, &[rng.u8(..20), 0, 0, 0])),
    ("certificates outside", |image, rng| {
        let [low, high] = rng.u16(..0x4000).to_le_bytes();
        pe(image, 0xE8, &[low, high, 0, 0, 8, 0, 0, 0]);
    }),
    ("relocations outside", |image, rng| pe(image, 0xF0, &rng.u32(..0x8000).to_le_bytes())),
    ("size of relocations", |image, rng| pe(image, 0xF4, &rng.u32(..0x40).to_le_bytes())),
    ("relocation page", |image, rng| pe(image, 0x400, &(rng.u32(..8) * 0x1000).to_le_bytes())),
    ("relocation block", |image, rng| pe(image, 0x404, &rng.u32(..0x20).to_le_bytes())),
    // At 0x1800 of the driver, where no code is that the relocation could spoil.
    ("relocation type", |image, rng| pe(image, 0x408, &[0x00, 0x08 | (rng.u8(..) & 0xF0)])),
    ("debug directory", |image, rng| {
        let mut directory = (rng.u32(..0x30) * 0x100).to_le_bytes().to_vec();
        directory.extend(rng.u32(..0x900).to_le_bytes());
        pe(image, 0xF8, &directory);
    }),
    ("section's size in memory", |image, rng| {
        pe(image, 0x178, &(rng.u32(..0x40) * 0x80).to_le_bytes());
    }),
    ("section's address", |image, rng| pe(image, 0x17C, &(rng.u32(..0x40) * 0x100).to_le_bytes())),
    ("section's size in the file", |image, rng| {
        pe(image, 0x180, &(rng.u32(..0x10) * 0x80).to_le_bytes());
    }),
    ("section's place in the file", |image, rng| {
        pe(image, 0x184, &(rng.u32(..0x20) * 0x40).to_le_bytes());
    }),
];

const LEGACY_FAULTS: &[Fault] = &[
    ("size byte 0", |image, _| patch(image, 2, &[0])),
    ("size byte short", |image, rng| patch(image, 2, &[rng.u8(1..5)])),
    ("size byte long", |image, rng| patch(image, 2, &[rng.u8(14..40)])),
    ("checksum", |image, rng| {
        image.damage.push(Patch { at: 0x180 + rng.usize(..0x40), hex: "5a".to_owned() });
    }),
    ("a $PnP header", |image, _| image.pnp = 1),
];
