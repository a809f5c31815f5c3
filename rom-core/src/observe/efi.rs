//! The driver that makes OVMF speak, and what it then says: each `LoadImage` with the device path
//! of the image and the status, each `StartImage` with the status (edk2, `PciOptionRomSupport.c`,
//! `ProcessOpRomImage`, calls both for each image of an option ROM).

use super::{BEGIN, EfiStatus, Ending, ImageSeen, Observation, SLOTS};
use crate::model::Rom;

/// The driver, in assembly, with the bytes of each line.
const SOURCE: &str = include_str!("observer.s");
/// What is between a line and its bytes.
const BYTES: &str = "  # ";

/// The machine code of the driver.
pub(super) fn observer() -> Vec<u8> {
    let bytes = SOURCE.lines().filter_map(|line| line.rsplit_once(BYTES));
    bytes.filter_map(|(_, bytes)| hex::decode(bytes).ok()).flatten().collect()
}

/// What the driver says.
enum Event {
    Load(Vec<u8>),
    Loaded(EfiStatus),
    Start,
    Started(EfiStatus),
    End,
}

/// The events in what was heard after the driver was started. Text of others between them is left
/// out.
fn events(after: &str) -> impl Iterator<Item = Event> + '_ {
    after.split("<#").filter_map(|part| {
        let (event, _) = part.split_once("#>")?;
        let (name, value) = event.split_once(' ').unwrap_or((event, ""));
        match name {
            "load" => hex::decode(value).ok().map(Event::Load),
            "loaded" => status(value).map(Event::Loaded),
            "start" => Some(Event::Start),
            "started" => status(value).map(Event::Started),
            "end" => Some(Event::End),
            _ => None,
        }
    })
}

/// A status, whose bytes are as they were in memory.
fn status(text: &str) -> Option<EfiStatus> {
    let bytes = hex::decode(text).ok()?;
    Some(EfiStatus(u64::from_le_bytes(bytes.try_into().ok()?)))
}

/// A node of a device path that is a device of a PCI bus, and one that is a range of offsets (UEFI
/// 2.10, 10.3.2.1 and 10.3.5.8).
const PCI: [u8; 2] = [1, 1];
const OFFSETS: [u8; 2] = [4, 8];

/// Where the image at this device path begins in the observed ROM, if it is one of its.
fn offset(path: &[u8]) -> Option<u64> {
    let mut nodes = Vec::new();
    let mut rest = path;
    while let Some(header) = rest.first_chunk::<4>() {
        let [kind, sub, low, high] = *header;
        let length = usize::from(u16::from_le_bytes([low, high]));
        let (node, after) = rest.split_at_checked(length.max(4))?;
        nodes.push(([kind, sub], node.get(4..)?));
        rest = after;
    }
    let [.., (PCI, device), (OFFSETS, range)] = nodes.as_slice() else { return None };
    let [_, slot, _] = SLOTS;
    let is_observed = *device == [0, slot];
    // Four bytes are reserved.
    let start = range.get(4..12)?.try_into().ok()?;
    is_observed.then(|| u64::from_le_bytes(start))
}

/// A call that has not returned: whose it is, where it is of the observed ROM.
enum Call {
    Load(Option<u64>),
    Start(Option<u64>),
}

/// Reads what was heard.
pub(super) fn read(rom: &Rom<'_>, heard: &str) -> Observation {
    let mut seen = Observation {
        reached: false,
        passed: false,
        images: vec![ImageSeen::NotStarted; rom.images.len()],
        unknown: Vec::new(),
        said: Vec::new(),
    };
    let Some((_, after)) = heard.split_once(BEGIN) else { return seen };
    seen.reached = true;
    let mut calls = Vec::new();
    // What StartImage is called with is what was loaded last.
    let mut loaded = None;
    for event in events(after) {
        match event {
            // What a driver itself loads is not the firmware's.
            Event::Load(path) => {
                calls.push(Call::Load(offset(&path).filter(|_| calls.is_empty())));
            }
            Event::Loaded(status) => {
                let Some(Call::Load(at)) = calls.pop() else { continue };
                loaded = at;
                if let Some(at) = at {
                    seen.say(at, "LoadImage", status);
                    if status != EfiStatus::SUCCESS {
                        seen.set(rom, at, ImageSeen::Refused(status));
                    }
                }
            }
            Event::Start => {
                let at = loaded.take();
                if let Some(at) = at {
                    seen.set(rom, at, ImageSeen::Started(Ending::Never));
                }
                calls.push(Call::Start(at));
            }
            Event::Started(status) => {
                let Some(Call::Start(at)) = calls.pop() else { continue };
                if let Some(at) = at {
                    seen.say(at, "StartImage", status);
                    seen.set(rom, at, ImageSeen::Started(Ending::Returned(Some(status))));
                }
            }
            Event::End => seen.passed = true,
        }
    }
    seen
}

impl Observation {
    fn say(&mut self, at: u64, call: &str, status: EfiStatus) {
        self.said.push(format!("{call} of the image at {at:#x}: {status}"));
    }

    /// What became of the image that begins at `at`.
    fn set(&mut self, rom: &Rom<'_>, at: u64, seen: ImageSeen) {
        let begins = |offset: usize| u64::try_from(offset) == Ok(at);
        let index = rom.images.iter().position(|image| begins(image.span().offset));
        match index.and_then(|index| self.images.get_mut(index)) {
            Some(image) => *image = seen,
            None if seen.is_started() && !self.unknown.contains(&at) => self.unknown.push(at),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::END;
    use super::*;
    use crate::compose::{Spec, compose};
    use crate::firmware::{Firmware, predict};
    use crate::limits::Limits;
    use crate::read::parse;
    use std::fs;
    use std::process::Command;

    #[test]
    #[ignore = "needs binutils"]
    fn the_bytes_are_those_of_the_assembler() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("observer.s"), SOURCE).unwrap();
        let run = |command: &mut Command| assert!(command.status().unwrap().success());
        run(Command::new("as").args(["--64", "-o"]).arg(at("o")).arg(at("observer.s")));
        run(Command::new("objcopy")
            .args(["-O", "binary", "-j", ".text"])
            .arg(at("o"))
            .arg(at("b")));
        assert_eq!(hex::encode(observer()), hex::encode(fs::read(at("b")).unwrap()));
    }

    #[test]
    fn every_line_of_code_has_its_bytes() {
        let is_code = |line: &&str| {
            let text = line.split("  #").next().unwrap_or_default().trim();
            !text.is_empty()
                && !text.starts_with('#')
                && !matches!(text, ".intel_syntax noprefix" | ".text")
                && !text.ends_with(':')
        };
        for line in SOURCE.lines().filter(is_code) {
            let bytes = line.rsplit_once(BYTES).map(|(_, bytes)| bytes);
            assert!(bytes.is_some_and(|bytes| hex::decode(bytes).is_ok()), "{line}");
        }
    }

    /// The path of an image at `start` of the device in `slot`.
    fn path(slot: u8, start: u64) -> String {
        let mut path = hex::decode("02010c00d041030a00000000").unwrap();
        path.extend([1, 1, 6, 0, 0, slot, 4, 8, 24, 0, 0, 0, 0, 0]);
        path.extend(start.to_le_bytes());
        path.extend((start + 0xFFF).to_le_bytes());
        hex::encode(path)
    }

    const OK: &str = "0000000000000000";
    const UNSUPPORTED: &str = "0300000000000080";

    fn seen(text: &str) -> (Observation, crate::firmware::Prediction) {
        let spec = "purpose = \"x\"\n[[image]]\nkind = \"efi\"\nblocks = 8\n[[image]]\nkind = \
                    \"efi\"\nblocks = 8\n";
        let bytes = compose(&spec.parse::<Spec>().unwrap()).unwrap();
        let rom = parse(&bytes, &Limits::default());
        (read(&rom, text), predict(&rom, Firmware::Ovmf, None))
    }

    fn started(slot: u8, start: u64, status: &str) -> String {
        let path = path(slot, start);
        format!("<#load {path}#><#loaded {OK}#><#start#><#started {status}#>")
    }

    #[test]
    fn each_image_is_where_its_path_says() {
        let (first, second) = (started(3, 0, OK), started(3, 0x1000, UNSUPPORTED));
        let (both, prediction) =
            seen(&format!("{BEGIN}{first}noise{second}{}{END}", started(4, 0, OK)));
        let returned = |status| ImageSeen::Started(Ending::Returned(Some(EfiStatus(status))));
        assert_eq!(both.images, [returned(0), returned(0x8000_0000_0000_0003)]);
        assert_eq!(
            both.said,
            [
                "LoadImage of the image at 0x0: EFI_SUCCESS",
                "StartImage of the image at 0x0: EFI_SUCCESS",
                "LoadImage of the image at 0x1000: EFI_SUCCESS",
                "StartImage of the image at 0x1000: EFI_UNSUPPORTED"
            ]
        );
        assert!(both.agrees(&prediction) && both.passed);

        let (one, prediction) = seen(&format!("{BEGIN}{first}{END}"));
        assert_eq!(one.started().collect::<Vec<_>>(), [0]);
        assert!(!one.agrees(&prediction));

        let (refused, prediction) = seen(&format!(
            "{BEGIN}{first}<#load {}#><#loaded {UNSUPPORTED}#>{END}",
            path(3, 0x1000)
        ));
        assert_eq!(refused.images[1], ImageSeen::Refused(EfiStatus(0x8000_0000_0000_0003)));
        assert!(!refused.agrees(&prediction));
    }

    #[test]
    fn a_driver_that_does_not_return_leaves_the_rest_open() {
        let path = path(3, 0);
        let (stuck, prediction) = seen(&format!("{BEGIN}<#load {path}#><#loaded {OK}#><#start#>x"));
        assert_eq!((stuck.stuck_in(), stuck.passed), (Some(0), false));
        assert!(stuck.agrees(&prediction));
        let (hung, prediction) = seen(BEGIN);
        assert!(hung.reached && !hung.agrees(&prediction));
        assert!(!seen("").0.reached);
    }

    #[test]
    fn what_a_driver_loads_itself_is_not_the_firmwares() {
        let (own, inner) = (path(3, 0), started(3, 0x1000, OK));
        let (seen, _) = seen(&format!(
            "{BEGIN}<#load {own}#><#loaded {OK}#><#start#>{inner}<#started {OK}#>{END}"
        ));
        assert_eq!(seen.started().collect::<Vec<_>>(), [0]);
        assert_eq!(seen.said.len(), 2);
    }

    #[test]
    fn images_that_are_nowhere_in_the_rom_are_said() {
        let (seen, prediction) = seen(&format!("{BEGIN}{}{END}", started(3, 0x400, OK)));
        assert_eq!(seen.unknown, [0x400]);
        assert!(!seen.agrees(&prediction));
    }

    #[test]
    fn text_that_is_no_event_is_passed_over() {
        for text in ["<#load zz#>", "<#load 01010000#>", "<#loaded 00#>", "<#started", "<#start #>"]
        {
            assert_eq!(seen(&format!("{BEGIN}{text}")).0.unknown, [0_u64; 0], "{text}");
        }
    }
}
