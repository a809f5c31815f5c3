//! Sections of a file, and what is encoded in them (UEFI PI 1.8, volume 3, 3.2.4 and 3.2.5).

use super::codec::{self, Codec};
use super::{ItemKind, Place, Sealed, Unpacker};
use crate::bytes::Window;
use crate::layout::{Algorithm, CompressionSection, Guid, GuidDefinedSection, SectionHeader, SectionType};
use crate::read::structure;

/// A section: what it is, the bytes of its header, the bytes of all.
#[derive(Clone, Copy)]
struct Section {
    kind: SectionType,
    header_size: usize,
    length: usize,
}

impl Unpacker<'_> {
    /// Adds the sections that fill `place`; the name that one of them gives to the file, if one does.
    pub(super) fn sections(&mut self, place: Place, depth: usize) -> Option<String> {
        let mut name = None;
        let mut at = 0;
        while let Some(section) = section(self.window(place), at) {
            let Some(content) = place.inner(at, section.length).and_then(|own| own.from(section.header_size)) else {
                break;
            };
            at = at.saturating_add(section.length).next_multiple_of(SectionHeader::ALIGNMENT);
            if section.kind == SectionType::USER_INTERFACE {
                name = name.or_else(|| text(self.window(content)));
                continue;
            }
            if self.add(depth, ItemKind::Section(section.kind), content).is_none() {
                break;
            }
            let inner = self.section(section, content, depth.saturating_add(1));
            name = name.or(inner);
        }
        name
    }

    /// Adds what is in a section.
    fn section(&mut self, section: Section, content: Place, depth: usize) -> Option<String> {
        match section.kind {
            SectionType::COMPRESSION => {
                let head: CompressionSection = structure(self.window(content), 0)?;
                let data = content.from(CompressionSection::SIZE)?;
                match head.compression_type {
                    0 => self.sections(data, depth),
                    // The type does not tell the two variants apart: what is right decodes to sections.
                    _ => self.decoded(data, &[Codec::Efi(Algorithm::Uefi), Codec::Efi(Algorithm::Tiano), Codec::Lzma], depth),
                }
            }
            SectionType::GUID_DEFINED => {
                let head: GuidDefinedSection = structure(self.window(content), 0)?;
                let data = content.from(usize::from(head.data_offset).checked_sub(section.header_size)?)?;
                match codec_of(head.section_definition_guid) {
                    Some(codec) => self.decoded(data, &[codec], depth),
                    None if head.attributes & GuidDefinedSection::PROCESSING_REQUIRED == 0
                        || head.section_definition_guid == GuidDefinedSection::CRC32 =>
                    {
                        self.sections(data, depth)
                    }
                    None => {
                        self.add(depth, ItemKind::Sealed(Sealed::Guid(head.section_definition_guid)), data);
                        None
                    }
                }
            }
            SectionType::DISPOSABLE => self.sections(content, depth),
            SectionType::FIRMWARE_VOLUME_IMAGE | SectionType::RAW => {
                self.volumes(content, depth);
                None
            }
            _ => None,
        }
    }

    /// Adds what `data` decodes to, by the first of `codecs` that gives sections.
    fn decoded(&mut self, data: Place, codecs: &[Codec], depth: usize) -> Option<String> {
        let mut sealed = Sealed::Damaged;
        for codec in codecs {
            match codec::decode(*codec, self.window(data).bytes(), self.room()) {
                Ok(bytes) if section(Window::of_file(&bytes), 0).is_some() => {
                    let part = self.part(bytes);
                    return self.sections(part, depth);
                }
                // What was decoded in vain was work too.
                Ok(bytes) => self.held = self.held.saturating_add(bytes.len()),
                Err(failure) => {
                    self.held = self.held.saturating_add(failure.decoded);
                    if failure.too_large {
                        sealed = Sealed::TooLarge;
                    }
                }
            }
        }
        self.add(depth, ItemKind::Sealed(sealed), data);
        None
    }
}

fn codec_of(guid: Guid) -> Option<Codec> {
    match guid {
        GuidDefinedSection::LZMA => Some(Codec::Lzma),
        GuidDefinedSection::LZMA_F86 => Some(Codec::LzmaF86),
        GuidDefinedSection::TIANO => Some(Codec::Efi(Algorithm::Tiano)),
        GuidDefinedSection::BROTLI => Some(Codec::Brotli),
        _ => None,
    }
}

/// The section at `at`; `None` where nothing sound stands.
fn section(window: Window<'_>, at: usize) -> Option<Section> {
    let header: SectionHeader = structure(window, at)?;
    header.section_type.name()?;
    let (header_size, length) = if header.size == SectionHeader::LARGE {
        (SectionHeader::SIZE_LARGE, window.u32(at.checked_add(SectionHeader::SIZE)?)?)
    } else {
        let [low, middle, high] = header.size;
        (SectionHeader::SIZE, u32::from_le_bytes([low, middle, high, 0]))
    };
    let length = usize::try_from(length).ok()?;
    (length >= header_size && window.cut(at, length).is_some()).then_some(Section {
        kind: header.section_type,
        header_size,
        length,
    })
}

/// Letters of a name that are read.
const LONGEST_NAME: usize = 256;

/// A name in UTF-16 that ends in zero.
fn text(window: Window<'_>) -> Option<String> {
    let words = (0..LONGEST_NAME).map_while(|index| window.u16(index.checked_mul(2)?)).take_while(|word| *word != 0);
    let text: String = char::decode_utf16(words).map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    (!text.is_empty()).then_some(text)
}
