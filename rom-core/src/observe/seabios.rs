//! What SeaBIOS says at its debug port (SeaBIOS, `src/optionroms.c`, `init_optionrom` and
//! `is_valid_rom`).

use super::{BEGIN, END, Ending, ImageSeen, Observation, STAND_IN};
use crate::firmware::own_device;
use crate::layout::Pcir;
use crate::model::{Image, Rom};
use std::borrow::Cow;

/// What it says before it calls an image.
const RUNNING: &str = "Running option rom at ";
/// What it says of an image that it does not call.
const CHECKSUM: &str = "Found option rom with bad checksum";

/// The images that are for the ROM's own device.
fn own_images<'r, 'a>(rom: &'r Rom<'a>) -> impl Iterator<Item = (usize, &'r Image<'a>)> {
    let own = own_device(rom);
    rom.images.iter().enumerate().filter(move |(_, image)| own.is_some() && image.device() == own)
}

/// The ROM with the ids of the stand-in. So that the sum of the bytes stays the same, correct or
/// not, the vendor's version takes the difference: SeaBIOS does not read it.
pub(super) fn for_stand_in<'a>(rom: &Rom<'a>) -> Cow<'a, [u8]> {
    let mut bytes = Cow::Borrowed(rom.window.bytes());
    for (_, image) in own_images(rom) {
        let Ok(block) = &image.pcir else { continue };
        let at = |offset: usize| block.span.offset.saturating_add(offset);
        let ids = [STAND_IN.vendor.to_le_bytes(), STAND_IN.device.to_le_bytes()].concat();
        let start = at(Pcir::AT.vendor_id.offset);
        let Some(old) = bytes.get(start..start.saturating_add(ids.len())) else { continue };
        let sum = |bytes: &[u8]| bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
        let difference = sum(old).wrapping_sub(sum(&ids));
        let bytes = bytes.to_mut();
        if let Some(place) = bytes.get_mut(start..start.saturating_add(ids.len())) {
            place.copy_from_slice(&ids);
        }
        if let Some(version) = bytes.get_mut(at(Pcir::AT.code_revision.offset)) {
            *version = version.wrapping_add(difference);
        }
    }
    bytes
}

/// Reads what was heard. SeaBIOS runs one image of a ROM, the first that is for the device.
pub(super) fn read(rom: &Rom<'_>, heard: &str) -> Observation {
    let (reached, after) = match heard.split_once(BEGIN) {
        Some((_, after)) => (true, after),
        None => (false, ""),
    };
    let (passed, own) = match after.split_once(END) {
        Some((own, _)) => (true, own),
        None => (false, after),
    };
    let is_said = |line: &&str| line.starts_with(RUNNING) || line.starts_with(CHECKSUM);
    let mut said: Vec<String> =
        own.lines().map(str::trim).filter(is_said).map(str::to_owned).collect();
    // The last image that it started is that of the ROM after this one.
    if passed && said.last().is_some_and(|line| line.starts_with(RUNNING)) {
        said.pop();
    }
    let ending = if passed { Ending::Returned(None) } else { Ending::Never };
    let mut images = vec![ImageSeen::NotStarted; rom.images.len()];
    let mut unknown = Vec::new();
    if said.iter().any(|line| line.starts_with(RUNNING)) {
        let first = own_images(rom).next().map(|(index, _)| index);
        match first.and_then(|index| images.get_mut(index)) {
            Some(image) => *image = ImageSeen::Started(ending),
            None => unknown.push(0),
        }
    }
    Observation { reached, passed, images, unknown, said }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Spec, compose};
    use crate::firmware::{Firmware, predict};
    use crate::limits::Limits;
    use crate::model::DeviceId;
    use crate::read::parse;

    fn bytes(text: &str) -> Vec<u8> {
        compose(&format!("purpose = \"x\"\n{text}").parse::<Spec>().unwrap()).unwrap()
    }

    const VBIOS: &str =
        "[[image]]\nkind = \"legacy\"\nvendor = 0x1002\ndevice = 0x67df\nblocks = 8\n";

    #[test]
    fn the_ids_are_those_of_the_stand_in_and_the_sum_stays() {
        for text in [
            VBIOS.to_owned(),
            // A checksum that is wrong stays wrong.
            format!("{VBIOS}damage = [{{ at = 0x100, hex = \"77\" }}]\n"),
            format!("{VBIOS}[[image]]\nkind = \"legacy\"\nblocks = 4\n"),
        ] {
            let bytes = bytes(&text);
            let rom = parse(&bytes, &Limits::default());
            let changed = for_stand_in(&rom);
            let changed = parse(&changed, &Limits::default());
            assert_eq!(changed.images[0].device(), Some(STAND_IN));
            assert_eq!(
                predict(&changed, Firmware::SeaBios, Some(STAND_IN)),
                predict(&rom, Firmware::SeaBios, None)
            );
            if let (Some(own), Some(other)) = (rom.images.get(1), changed.images.get(1)) {
                assert_eq!(
                    (own.device(), other.device()),
                    (Some(DeviceId::intel(0xFFFF)), own.device())
                );
            }
        }
        let efi = bytes("[[image]]\nkind = \"efi\"\nblocks = 8\n");
        let rom = parse(&efi, &Limits::default());
        assert!(matches!(for_stand_in(&rom), Cow::Borrowed(_)));
    }

    /// What Debian's SeaBIOS 1.16.2 said.
    fn seen(text: &str) -> Observation {
        let bytes = bytes(VBIOS);
        read(&parse(&bytes, &Limits::default()), text)
    }

    const BEFORE: &str = "Scan for option roms\nRunning option rom at c000:0003\n<#begin#>";

    #[test]
    fn the_image_between_the_two_others_is_the_one() {
        let ran = seen(&format!(
            "{BEFORE}Running option rom at c100:0003\npmm call arg1=1\nRunning option rom at c200:0003\n<#end#>"
        ));
        assert_eq!(ran.images, [ImageSeen::Started(Ending::Returned(None))]);
        assert_eq!(ran.said, ["Running option rom at c100:0003"]);
        assert!(ran.reached && ran.passed);

        let refused = seen(&format!(
            "{BEFORE}Found option rom with bad checksum: loc=0x000c1000 len=4096 sum=77\nRunning option rom at c100:0003\n<#end#>"
        ));
        assert_eq!(refused.images, [ImageSeen::NotStarted]);
        assert_eq!(
            refused.said,
            ["Found option rom with bad checksum: loc=0x000c1000 len=4096 sum=77"]
        );

        let stuck = seen(&format!("{BEFORE}Running option rom at c100:0003\n"));
        assert_eq!((stuck.stuck_in(), stuck.passed), (Some(0), false));
        assert!(!seen("SeaBIOS (version 1.16.2)\n").reached);
    }
}
