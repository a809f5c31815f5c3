//! Any bytes as a driver, by itself and in a ROM: what it holds is told the same either way, and it
//! is checked and predicted as any ROM is.

use rom_core::contents::{self, GpuIds};
use rom_core::{Limits, Window, compose, parse};

pub(super) fn run(bytes: &[u8]) {
    let known: GpuIds = (0xA700..=0xA7FF).collect();
    let alone = contents::of_driver(Window::of_file(bytes), &known);
    let Some(image) = compose::around(bytes.to_vec(), &Limits::default()) else { return };
    let spec = compose::Spec { image: vec![image], ..compose::Spec::default() };
    let rom = compose::compose(&spec).expect("a small driver makes a ROM");
    let parsed = parse(&rom, &Limits::default());
    let inside = parsed.images.first().and_then(|image| contents::contents(image, &known));
    assert_eq!(inside.as_ref(), Some(&alone));
    crate::check::run(&rom);
}
