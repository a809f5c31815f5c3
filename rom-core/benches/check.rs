//! How long it takes to read and judge a ROM of 190 KB, and two thousand of them; what its hash
//! alone takes.
//!
//! The ROM is composed here, in the layout of the release: three EFI images, the first with a large
//! driver's worth of padding.

use divan::Bencher;
use divan::counter::BytesCount;
use rom_core::firmware::Predictions;
use rom_core::layout::Algorithm;
use rom_core::{Context, Digest, Finding, Limits, analyze, compose, parse, rules};

const SPEC: &str = r#"
purpose = "three EFI images, 190 KB"

[[image]]
kind = "efi"
blocks = 325

[[image]]
kind = "efi"
blocks = 35

[[image]]
kind = "efi"
blocks = 14
"#;

fn rom() -> Vec<u8> {
    let spec = SPEC.parse::<compose::Spec>().expect("the specification above is one");
    compose::compose(&spec).expect("it fits")
}

fn check(bytes: &[u8]) -> Vec<Finding> {
    let rom = parse(bytes, &Limits::default());
    rules::check(&rom, &Predictions::of(&rom))
}

fn main() {
    divan::main();
}

#[divan::bench]
fn parse_and_check(bencher: Bencher<'_, '_>) {
    let rom = rom();
    bencher.counter(BytesCount::of_slice(&rom)).bench_local(|| check(&rom));
}

#[divan::bench]
fn parse_check_and_hash(bencher: Bencher<'_, '_>) {
    let rom = rom();
    bencher.counter(BytesCount::of_slice(&rom)).bench_local(|| (check(&rom), Digest::of(&rom)));
}

#[divan::bench(sample_count = 10)]
fn two_thousand_files(bencher: Bencher<'_, '_>) {
    let rom = rom();
    bencher
        .counter(BytesCount::new(rom.len() * 2000))
        .bench_local(|| (0..2000).map(|_| check(&rom).len()).sum::<usize>());
}

#[divan::bench]
fn all_that_is_known(bencher: Bencher<'_, '_>) {
    let (rom, context) = (rom(), Context::default());
    bencher.counter(BytesCount::of_slice(&rom)).bench_local(|| analyze(&rom, &context));
}

/// Where the last image is cut, firmware sees the zeros behind the file.
#[divan::bench]
fn all_that_is_known_of_a_cut_file(bencher: Bencher<'_, '_>) {
    let (mut rom, context) = (rom(), Context::default());
    rom.truncate(rom.len() - 100);
    bencher.counter(BytesCount::of_slice(&rom)).bench_local(|| analyze(&rom, &context));
}

#[divan::bench]
fn decompress(bencher: Bencher<'_, '_>) {
    let compressed = include_bytes!("../tests/compressed/generated.efi");
    let output = rom_core::read::decompress(compressed, Algorithm::Uefi, &Limits::default())
        .expect("the file is sound");
    bencher.counter(BytesCount::of_slice(&output)).bench_local(|| {
        rom_core::read::decompress(compressed, Algorithm::Uefi, &Limits::default())
    });
}
