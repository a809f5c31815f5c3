//! What holds for every input, however hostile.

use proptest::prelude::*;
use rom_core::catalog::Catalog;
use rom_core::firmware::{self, Firmware, Predictions};
use rom_core::layout::Algorithm;
use rom_core::plain::is_plain;
use rom_core::{
    Code, Context, Digest, Finding, Limits, Rom, Span, Verdict, analyze, compose, parse, rules,
};

/// Bytes that look like a ROM often enough to get past the first look.
fn rom_like() -> impl Strategy<Value = Vec<u8>> {
    let block = prop_oneof![
        prop::collection::vec(any::<u8>(), 512),
        (
            any::<u8>(),
            any::<u16>(),
            0_u16..64,
            any::<u8>(),
            prop::collection::vec(any::<u8>(), 512)
        )
            .prop_map(|(size, words, length, code_type, mut block)| {
                block[..3].copy_from_slice(&[0x55, 0xAA, size]);
                block[4..8].copy_from_slice(&[0xF1, 0x0E, 0, 0]);
                block[8..14].copy_from_slice(&[11, 0, 0x64, 0x86, (words & 1) as u8, 0]);
                block[0x16..0x1A].copy_from_slice(&[0x40, 0, 0x1C, 0]);
                block[0x1C..0x20].copy_from_slice(b"PCIR");
                block[0x2C..0x2E].copy_from_slice(&length.to_le_bytes());
                block[0x30] = code_type & 3;
                block[0x31] &= 0x81;
                block
            }),
    ];
    (prop::collection::vec(block, 0..12), 0_usize..600).prop_map(|(blocks, cut)| {
        let mut bytes = blocks.concat();
        bytes.truncate(bytes.len().saturating_sub(cut));
        bytes
    })
}

/// Whether the regions tile the file exactly, in order.
fn tiles(rom: &Rom<'_>) -> bool {
    let end = rom.regions.iter().try_fold(0, |at, region| {
        (region.span.offset == at && region.span.length > 0).then(|| region.span.end())
    });
    end == Some(rom.window.len())
}

/// Found by fuzzing: the finding was placed where the pointer led to, outside of the file.
#[test]
fn a_pnp_chain_that_leads_out_of_the_file_is_reported_where_its_pointer_stands() {
    let text = "purpose = ''\n[[image]]\nkind = 'legacy'\npnp = 1\npatch = \
        [{ at = 0x46, hex = 'ffff' }]\n";
    let bytes = compose::compose(&text.parse::<compose::Spec>().unwrap()).unwrap();
    let findings = judged(&parse(&bytes, &Limits::default()));
    let finding = findings.iter().find(|finding| finding.code == Code::PnpHeader).unwrap();
    assert_eq!(finding.span, Span::new(0x46, 2));
}

fn judged(rom: &Rom<'_>) -> Vec<Finding> {
    rules::check(rom, &Predictions::of(rom))
}

/// Files whose kind has words of theirs in it, and a ROM that a catalog has words for.
fn with_words(words: &str) -> Vec<Vec<u8>> {
    let message = serde_json::to_string(words).unwrap();
    vec![
        format!("<!doctype html><title>{words}</title>").into_bytes(),
        format!("{{\"message\": {message}, \"status\": 404}}").into_bytes(),
        format!("version https://git-lfs.github.com/spec/v1\n{words}").into_bytes(),
        words.as_bytes().to_vec(),
        ROM.to_vec(),
    ]
}

const ROM: &[u8] = include_bytes!("../../samples/good-three-images.rom");

/// Letters that a terminal obeys, reorders or hides, and others.
fn odd_letters() -> impl Strategy<Value = String> {
    let odd: Vec<char> =
        "\n\r\t\u{1b}\u{7f}\u{9b}\u{ad}\u{61c}\u{200b}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}"
            .chars()
            .collect();
    let letter = prop_oneof![prop::sample::select(odd), any::<char>(), Just(' '), Just('a')];
    prop::collection::vec(letter, 0..24).prop_map(|letters| letters.into_iter().collect())
}

proptest! {
    #[test]
    fn words_of_others_stay_on_the_line_of_a_sentence(words in odd_letters()) {
        let known = serde_json::json!({
            "schema": 1,
            "known_file": [{
                "name": "a.rom", "sha256": Digest::of(ROM), "kind": "gop-and-assignment",
                "fails": [{ "qemu": ">=9.0", "why": words }], "note": words,
            }],
        });
        let catalog: Catalog = serde_json::from_value(known).unwrap();
        let context = Context::new(&catalog).with_qemu("9.2".parse().ok());
        for bytes in with_words(&words) {
            let analysis = analyze(&bytes, &context);
            let findings = analysis.findings.iter().map(|finding| finding.fact.to_string());
            let own = [analysis.kind.to_string(), analysis.usable.reason.to_string()];
            for sentence in findings.chain(own) {
                prop_assert!(sentence.chars().all(is_plain), "{sentence:?}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn regions_tile_and_findings_stay_inside(bytes in rom_like()) {
        let rom = parse(&bytes, &Limits::default());
        prop_assert!(tiles(&rom));
        let findings = judged(&rom);
        for finding in &findings {
            prop_assert!(finding.span.offset <= bytes.len(), "{finding:?}");
            prop_assert!(finding.image.is_none_or(|image| image < rom.images.len()));
        }
        let analysis = analyze(&bytes, &Context::default());
        prop_assert!(!analysis.images.is_empty() || !analysis.findings.is_empty());
        prop_assert_eq!(findings, judged(&parse(&bytes, &Limits::default())));
    }

    /// What firmware starts is never more than what is there, and what hangs it is never good.
    #[test]
    fn a_rom_that_hangs_a_machine_is_bad(bytes in rom_like()) {
        let rom = parse(&bytes, &Limits::default());
        let verdict = Verdict::of(&judged(&rom));
        for firmware in Firmware::ALL {
            let prediction = firmware::predict(&rom, firmware, None);
            prop_assert_eq!(prediction.images.len(), rom.images.len());
            prop_assert!(prediction.boots() || verdict == Verdict::Bad, "{}", firmware.name());
        }
    }

    #[test]
    fn decompression_ends_and_keeps_to_its_limit(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 0_u32..5000) {
        let mut source = u32::try_from(bytes.len()).unwrap_or(0).to_le_bytes().to_vec();
        source.extend(size.to_le_bytes());
        source.extend(&bytes);
        if let Ok(output) = rom_core::read::decompress(&source, Algorithm::Uefi, &Limits { decompressed: 4096, ..Limits::default() }) {
            prop_assert!(output.len() <= 4096);
        }
    }
}
