//! Sections of a file, and what is encoded in them (UEFI PI 1.8, volume 3, 3.2.4 and 3.2.5).

use super::codec::{self, Codec};
use super::{ItemKind, Opaque, Place, Unpacker};
use crate::bytes::Window;
use crate::layout::{
    Algorithm, CompressionSection, Guid, GuidDefinedSection, SectionHeader, SectionType,
};
use crate::read::structure;

/// A section: what it is, the bytes of its header, the bytes of all.
#[derive(Clone, Copy)]
struct Section {
    kind: SectionType,
    header_size: usize,
    length: usize,
}

impl Unpacker<'_> {
    /// Adds the sections that fill `place`; the name that one of them gives to the file, if one
    /// does.
    pub(super) fn sections(&mut self, place: Place, depth: usize) -> Option<String> {
        let mut name = None;
        let mut at = 0;
        while let Some(section) = section(self.window(place), at) {
            let Some(content) =
                place.inner(at, section.length).and_then(|own| own.from(section.header_size))
            else {
                break;
            };
            at = at.saturating_add(section.length).next_multiple_of(SectionHeader::ALIGNMENT);
            if section.kind == SectionType::USER_INTERFACE {
                name = name.or_else(|| text(self.window(content)));
                continue;
            }
            if self.add(depth, ItemKind::Section(section.kind), content).is_none() {
                return name;
            }
            let inner = self.section(section, content, depth.saturating_add(1));
            name = name.or(inner);
        }
        self.unknown(place, at, place.span.length, depth);
        name
    }

    /// Adds what is in a section.
    fn section(&mut self, section: Section, content: Place, depth: usize) -> Option<String> {
        match section.kind {
            SectionType::COMPRESSION => self.compressed(content, depth),
            SectionType::GUID_DEFINED => self.guid_defined(section.header_size, content, depth),
            SectionType::DISPOSABLE => self.sections(content, depth),
            SectionType::FIRMWARE_VOLUME_IMAGE | SectionType::RAW => {
                self.volumes(content, depth);
                None
            }
            SectionType(_) if section.kind.name().is_none() => {
                self.unknown(content, 0, content.span.length, depth);
                None
            }
            _ => None,
        }
    }

    fn compressed(&mut self, content: Place, depth: usize) -> Option<String> {
        // The type does not tell the two variants of the UEFI algorithm apart: what is right
        // decodes to sections.
        const EFI: [Codec; 2] = [Codec::Efi(Algorithm::Uefi), Codec::Efi(Algorithm::Tiano)];
        let head: CompressionSection = structure(self.window(content), 0)?;
        let data = content.from(CompressionSection::SIZE)?;
        // Old boards of Intel have the length in front once more.
        let after_length = data.from(LENGTH);
        let (codecs, also): (&[Codec], &[Codec]) = match head.compression_type {
            0 => return self.sections(data, depth),
            2 => (&[Codec::Lzma], &[Codec::Lzma]),
            0x86 => (&[Codec::LzmaF86], &[Codec::LzmaF86]),
            _ => (&EFI, &[]),
        };
        let first = codecs.iter().map(|codec| (*codec, data));
        let second = also.iter().filter_map(|codec| Some((*codec, after_length?)));
        self.decoded(data, &first.chain(second).collect::<Vec<(Codec, Place)>>(), depth)
    }

    fn guid_defined(&mut self, header_size: usize, content: Place, depth: usize) -> Option<String> {
        let head: GuidDefinedSection = structure(self.window(content), 0)?;
        let data = content.from(usize::from(head.data_offset).checked_sub(header_size)?)?;
        let guid = head.section_definition_guid;
        if let Some(codec) = codec_of(guid) {
            let before = if guid == GuidDefinedSection::ZLIB_AMD {
                GuidDefinedSection::ZLIB_AMD_HEADER
            } else {
                0
            };
            let Some(own) = data.from(before).filter(|_| data.span.length >= before) else {
                self.opaque(depth, Opaque::Damaged, data);
                return None;
            };
            return self.decoded(data, &[(codec, own)], depth);
        }
        let encoded = head.attributes & GuidDefinedSection::PROCESSING_REQUIRED != 0;
        // What is signed is not hidden: where the sections begin is identified by what they look
        // like.
        let signature = match guid {
            GuidDefinedSection::SIGNED => {
                self.window(data).u32(0).and_then(|length| usize::try_from(length).ok())
            }
            GuidDefinedSection::RSA_2048 => Some(GuidDefinedSection::RSA_2048_SIZE),
            _ => None,
        };
        let behind =
            signature.and_then(|length| data.from(length).filter(|_| length <= data.span.length));
        if let Some(behind) = behind.filter(|own| are_sections(self.window(*own))) {
            return self.sections(behind, depth);
        }
        if !encoded || guid == GuidDefinedSection::CRC32 || are_sections(self.window(data)) {
            return self.sections(data, depth);
        }
        self.opaque(depth, Opaque::Guid(guid), data);
        None
    }

    /// Adds what `data` decodes to, by the first of `tries` that gives sections.
    fn decoded(&mut self, data: Place, tries: &[(Codec, Place)], depth: usize) -> Option<String> {
        let mut opaque = Opaque::Damaged;
        for (codec, own) in tries {
            match codec::decode(*codec, self.window(*own).bytes(), self.room()) {
                Ok(bytes) if are_sections(Window::of_file(&bytes)) => {
                    let part = self.part(bytes);
                    return self.sections(part, depth);
                }
                // What was decoded in vain was work too.
                Ok(bytes) => self.held = self.held.saturating_add(bytes.len()),
                Err(failure) => {
                    self.held = self.held.saturating_add(failure.decoded);
                    if failure.too_large {
                        opaque = Opaque::TooLarge;
                    }
                }
            }
        }
        self.opaque(depth, opaque, data);
        None
    }

    /// What `data` decodes to, as a part of its own; where it does not, why that is is added.
    pub(super) fn decode(&mut self, codec: Codec, data: Place, depth: usize) -> Option<Place> {
        match self.try_decode(codec, data) {
            Ok(part) => Some(part),
            Err(opaque) => {
                self.opaque(depth, opaque, data);
                None
            }
        }
    }

    /// What `data` decodes to, as a part of its own, or why not.
    pub(super) fn try_decode(&mut self, codec: Codec, data: Place) -> Result<Place, Opaque> {
        match codec::decode(codec, self.window(data).bytes(), self.room()) {
            Ok(bytes) => Ok(self.part(bytes)),
            Err(failure) => {
                self.held = self.held.saturating_add(failure.decoded);
                Err(if failure.too_large { Opaque::TooLarge } else { Opaque::Damaged })
            }
        }
    }
}

/// Bytes of a length before compressed data.
const LENGTH: usize = 4;

/// Whether `window` begins with a section of a known type, and others follow it.
fn are_sections(window: Window<'_>) -> bool {
    let first = section(window, 0).filter(|section| section.kind.name().is_some());
    let Some(next) = first.map(|section| section.length.next_multiple_of(SectionHeader::ALIGNMENT))
    else {
        return false;
    };
    // What is behind the last one is shorter than a header, or padding.
    let ends = window
        .from(next)
        .is_none_or(|rest| rest.len() < SectionHeader::SIZE || rest.has(0, &[0; 4]));
    ends || section(window, next).is_some()
}

/// Whether sections of known types fill `window`, up to padding.
pub(super) fn all_sections(window: Window<'_>) -> bool {
    let mut at: usize = 0;
    while let Some(section) = section(window, at) {
        if section.kind.name().is_none() {
            return false;
        }
        at = at.saturating_add(section.length).next_multiple_of(SectionHeader::ALIGNMENT);
    }
    let is_padding = |rest: Window<'_>| rest.is_empty() || rest.uniform().is_some();
    at > SectionHeader::SIZE && window.from(at).is_none_or(is_padding)
}

fn codec_of(guid: Guid) -> Option<Codec> {
    match guid {
        GuidDefinedSection::LZMA | GuidDefinedSection::LZMA_HP => Some(Codec::Lzma),
        GuidDefinedSection::GZIP => Some(Codec::Gzip),
        GuidDefinedSection::ZLIB_AMD => Some(Codec::Zlib),
        GuidDefinedSection::LZMA_F86 => Some(Codec::LzmaF86),
        GuidDefinedSection::TIANO => Some(Codec::Efi(Algorithm::Tiano)),
        GuidDefinedSection::BROTLI => Some(Codec::Brotli),
        _ => None,
    }
}

/// The section at `at`; `None` where nothing sound is.
fn section(window: Window<'_>, at: usize) -> Option<Section> {
    let header: SectionHeader = structure(window, at)?;
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
    let words = (0..LONGEST_NAME)
        .map_while(|index| window.u16(index.checked_mul(2)?))
        .take_while(|word| *word != 0);
    let text: String = char::decode_utf16(words)
        .map(|letter| letter.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect();
    (!text.is_empty()).then_some(text)
}
