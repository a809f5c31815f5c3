//! Choices for a specification that is nearly right: it is refused, or makes no more than a ROM, of
//! which the specification makes the same again.

use crate::choices::Choices;
use rom_core::Limits;
use rom_core::compose::{Spec, compose};

const TOP: [&str; 5] = ["purpose", "before", "after", "patch", "cut_to"];

const OF_IMAGE: [&str; 26] = [
    "kind", "vendor", "device", "class", "devices", "revision", "pcir_at", "pcir", "code_revision",
    "last", "blocks", "npde", "pnp", "flush", "compressed", "driver_at", "driver", "damage", "after",
    "checksum", "length", "initialization_size", "signature", "payload", "patch", "unknown",
];

const OF_DRIVER: [&str; 8] =
    ["machine", "subsystem", "relocations", "code", "data", "patch", "sections", "file"];

const VALUES: [&str; 34] = [
    "0", "1", "2", "-1", "0x8086", "0xa7a8", "255", "65535", "65536", "32767", "0x7fffffff",
    "9223372036854775807", "true", "false", "\"efi\"", "\"legacy\"", "\"tiano\"", "\"uefi\"",
    "\"stored\"", "\"c3\"", "\"zz\"", "\"../x\"", "\"/etc/shadow\"", "[]", "[1, 2]", "[0xa7a8, 0xa7a9, 0]",
    "[{ fill = 0, length = 512 }]", "[{ fill = 255, length = 9223372036854775807 }]",
    "[{ text = \"IgdAssignmentDxe\" }]", "[{ hex = \"55 aa\" }]", "[{ words = [1, 2, 3] }]",
    "[{ file = \"x\" }]", "[{ at = 3, hex = \"00\" }]", "[{ assignment_table = [0x0102] }]",
];

fn text(choices: &mut Choices<'_>) -> String {
    let line = |own: &mut Choices<'_>, keys: &[&str]| {
        format!("{} = {}\n", own.pick(keys), own.pick(&VALUES))
    };
    let mut text = "purpose = \"\"\n".to_owned();
    text += &choices.some(2, |own| line(own, &TOP)).concat();
    for _ in 0..choices.of(4) {
        text += "[[image]]\n";
        if !choices.one_in(8) {
            text += choices.pick(&["kind = \"efi\"\n", "kind = \"legacy\"\n", "kind = 3\n"]);
        }
        text += &choices.some(5, |own| line(own, &OF_IMAGE)).concat();
        if choices.one_in(2) {
            text += "[image.driver]\n";
            text += &choices.some(4, |own| line(own, &OF_DRIVER)).concat();
        }
    }
    text
}

pub(super) fn run(bytes: &[u8]) {
    let Ok(spec) = text(&mut Choices::new(bytes)).parse::<Spec>() else { return };
    if let Ok(made) = compose(&spec) {
        assert!(made.len() <= Limits::DEFAULT.file, "{} bytes", made.len());
        super::compose::again(&made);
    }
}
