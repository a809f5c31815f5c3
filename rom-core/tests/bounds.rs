//! What a specification may ask for: every number of it that makes bytes or counts, at its largest.

use rom_core::Limits;
use rom_core::compose::{ComposeError, Spec, compose};

const MOST: usize = Limits::DEFAULT.file;

/// What becomes of `text`, with a purpose before it.
fn made(text: &str) -> Result<usize, ComposeError> {
    format!("purpose = \"\"\n{text}")
        .parse::<Spec>()
        .and_then(|spec| compose(&spec))
        .map(|bytes| bytes.len())
}

/// Numbers that make bytes: refused before anything is made, whatever they say.
#[test]
fn sizes_are_counted_first() {
    let huge = i64::MAX;
    let image = "[[image]]\nkind = \"efi\"\n";
    let too_large = [
        format!("before = [{{ fill = 0, length = {huge} }}]"),
        format!("after = [{{ fill = 0, length = {} }}]", MOST + 1),
        format!("after = [{}]", "{ fill = 1, length = 0x7fffffff }, ".repeat(1000)),
        format!("{image}after = [{{ fill = 0, length = {huge} }}]"),
        format!("{image}[image.driver]\ndata = [{{ fill = 0, length = {huge} }}]"),
        format!("{image}blocks = 65535"),
        format!("{image}blocks = 32767\n{image}blocks = 2"),
        format!("[[image]]\nkind = 3\nblocks = {}", MOST / 512 + 1),
        format!("cut_to = 1\nbefore = [{{ fill = 0, length = {} }}]", MOST + 1),
    ];
    for text in too_large {
        assert_eq!(made(&text), Err(ComposeError::TooLarge("the ROM")), "{text:.200}");
    }
    for text in
        [format!("{image}pnp = 65535"), format!("{image}devices = [{}]", "1,".repeat(40_000))]
    {
        assert!(matches!(made(&text), Err(ComposeError::TooLarge(_))), "{text:.200}");
    }
    assert_eq!(made(&format!("before = [{{ fill = 0, length = {MOST} }}]")), Ok(MOST));
    assert_eq!(made(&format!("{image}blocks = {}", MOST / 512)), Ok(MOST));
    // Gaps that no number asks for by itself.
    let gaps = format!("{image}driver_at = 65535\npcir_at = 65000\n").repeat(64);
    assert!(made(&gaps).unwrap() <= 64 * 0x1_1000);
}

#[test]
fn a_patch_makes_nothing() {
    let patch = format!("patch = [{{ at = {}, hex = \"00\" }}]", i64::MAX);
    for text in [patch.clone(), format!("[[image]]\nkind = \"efi\"\n{patch}\ndamage = []")] {
        assert!(matches!(made(&text), Err(ComposeError::PatchOutside(_))), "{text}");
    }
}

#[test]
fn there_are_not_many_more_images_than_are_read() {
    let image = "[[image]]\nkind = \"efi\"\n";
    assert!(made(&image.repeat(2 * Limits::DEFAULT.images)).is_ok());
    let more = 2 * Limits::DEFAULT.images + 1;
    assert_eq!(made(&image.repeat(more)), Err(ComposeError::TooManyImages(more)));
}

#[test]
fn the_text_itself_has_a_size() {
    let words = |count: usize| format!("before = [{{ words = [{}] }}]", "1,".repeat(count));
    assert_eq!(made(&words(200_000)), Ok(400_000));
    assert_eq!(made(&words(300_000)), Err(ComposeError::TooLarge("the specification")));
    let long = format!("before = [{{ text = \"{}\" }}]", "x".repeat(Spec::LONGEST));
    assert_eq!(made(&long), Err(ComposeError::TooLarge("the specification")));
}

/// Every place that names a file takes plain names only.
#[test]
fn files_are_beside_the_specification() {
    let places = [
        "before = [{ file = \"NAME\" }]",
        "after = [{ file = \"NAME\" }]",
        "[[image]]\nkind = \"legacy\"\nfile = \"NAME\"",
        "[[image]]\nkind = \"efi\"\nafter = [{ file = \"NAME\" }]",
        "[[image]]\nkind = \"efi\"\n[image.driver]\nfile = \"NAME\"",
        "[[image]]\nkind = \"efi\"\n[image.driver]\ndata = [{ file = \"NAME\" }]",
    ];
    for place in places {
        for name in ["/etc/shadow", "../a", "a/b", "./a", "..", ".", "", "a\\\\b", "\\u0000"] {
            let made = made(&place.replace("NAME", name));
            assert!(matches!(made, Err(ComposeError::FileName(_))), "{place} {name}: {made:?}");
        }
        for name in ["igd.rom", "..a", "image-0.efi", "-"] {
            let text = format!("purpose = \"\"\n{}", place.replace("NAME", name));
            let mut spec = text.parse::<Spec>().unwrap();
            assert_eq!(compose(&spec), Err(ComposeError::File(name.to_owned())), "{place}");
            let mut asked = Vec::new();
            spec.give(|name| {
                asked.push(name.to_owned());
                Ok::<_, ()>(vec![0x55; 600])
            })
            .unwrap();
            assert_eq!(asked, [name], "{place}");
            assert!(compose(&spec).unwrap().len() >= 600, "{place}");
            spec.give(|_| Ok::<_, ()>(vec![0x55; MOST + 1])).unwrap();
            assert_eq!(compose(&spec), Err(ComposeError::TooLarge("the ROM")), "{place}");
        }
    }
}
