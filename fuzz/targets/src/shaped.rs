//! ROMs that are nearly right: bytes choose the fields, and what is damaged after that. They reach
//! what blind bytes do not.

use crate::choices::Choices;
use rom_core::compose::{self, Compressed, Content, Image, Kind, Named, NamedAlgorithm, Patch, Spec};

impl Choices<'_> {
    fn patches(&mut self, most: u8, within: u16) -> Vec<Patch> {
        let count = self.of(most);
        (0..count).map(|_| Patch { at: usize::from(self.word() % within), hex: format!("{:02x}", self.byte()) }).collect()
    }

    fn image(&mut self) -> Image {
        let kind = match self.of(8) {
            0 | 1 => Kind::Named(Named::Legacy),
            2 => Kind::CodeType(self.byte()),
            _ => Kind::Named(Named::Efi),
        };
        let mut image = Image::new(kind);
        image.vendor = if self.one_in(4) { self.word() } else { 0x8086 };
        image.device = if self.one_in(4) { self.word() } else { 0xFFFF };
        image.class = u32::from(self.word());
        image.revision = if self.one_in(4) { 0 } else { 3 };
        image.devices = (0..self.of(3)).map(|_| self.word() | 1).collect();
        image.pcir = !self.one_in(16);
        image.last = self.maybe(|own| own.one_in(2));
        image.blocks = u16::from(self.of(12));
        image.npde = self.maybe(Self::word);
        image.pnp = u16::from(self.of(3));
        image.flush = self.one_in(2);
        image.compressed = match self.of(6) {
            0 => Compressed::Uefi(true),
            1 => Compressed::Named(NamedAlgorithm::Tiano),
            2 => Compressed::Named(NamedAlgorithm::Stored),
            _ => Compressed::Uefi(false),
        };
        image.driver.machine = *[0x8664, 0x8664, 0x014C, 0xAA64].get(usize::from(self.of(4))).unwrap_or(&0x8664);
        image.driver.subsystem = 10 + u16::from(self.of(4));
        image.driver.relocations = !self.one_in(4);
        image.driver.code = Some("c3".to_owned());
        image.driver.data = (0..self.of(3))
            .map(|_| match self.of(3) {
                0 => Content::Words { words: vec![0xA7A0, 0xA7A1, 0xA7A8, self.word(), 0] },
                1 => Content::AssignmentTable { assignment_table: vec![0x0102, 0x010A, 0x0112, self.word()] },
                _ => Content::Text { text: "IgdAssignmentDxe $VBT Intel(R) GOP Driver".to_owned() },
            })
            .collect();
        image.driver.patch = self.patches(4, 0x200);
        image.damage = self.patches(4, 0x200);
        image.after = if self.one_in(6) {
            vec![Content::Fill { fill: self.byte(), length: usize::from(self.word() % 1500) }]
        } else {
            Vec::new()
        };
        image
    }
}

pub(super) fn run(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let image = (0..=choices.of(3)).map(|_| choices.image()).collect();
    let cut_to = choices.maybe(|own| usize::from(own.word()));
    if let Ok(rom) = compose::compose(&Spec { image, cut_to, ..Spec::default() }) {
        crate::check::run(&rom);
    }
}
