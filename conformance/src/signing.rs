//! Signed drivers, and ROMs of them.

use rom_core::compose::{self, Compressed, Image, Kind, Named, Spec};
use rom_core::model::Payload;
use rom_core::observe::STAND_IN;
use rom_core::observe::machine_code::{self, Then};
use rom_core::{Body, Limits, parse};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The key that is enrolled, its certificate, and its pass phrase.
const KEY: &str = "/usr/share/qemu-efi-aarch64/PkKek-1-snakeoil.key";
const CERTIFICATE: &str = "/usr/share/qemu-efi-aarch64/PkKek-1-snakeoil.pem";
const PASS_PHRASE: &str = "pass:snakeoil";

/// The ROM that switches the machine off, which has to be signed as well.
pub(crate) fn last() -> io::Result<Vec<u8>> {
    let folder = tempfile::tempdir()?;
    let plain = driver(&machine_code::arm64("<#end#>", Then::PowerOff))?;
    rom(Signer::enrolled(folder.path())?.sign(&plain)?, Place::Flush)
}

/// Where a driver is in its image.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// It ends where the initialization size does.
    Flush,
    /// Padding follows.
    Padded,
    /// Anywhere, compressed.
    Compressed,
}

/// A ROM of one image with `driver`.
pub(crate) fn rom(driver: Vec<u8>, place: Place) -> io::Result<Vec<u8>> {
    let mut image = image();
    // Behind the headers, so that the driver ends on a multiple of 512, or 64 bytes before one.
    let behind = if place == Place::Flush { 0 } else { 64 };
    let start = 0x400 - (driver.len() + behind) % 512;
    image.driver_at = u16::try_from(start).ok();
    image.compressed = Compressed::Uefi(place == Place::Compressed);
    image.driver.bytes = Some(hex::encode(driver));
    if place == Place::Compressed {
        image.blocks = 9;
    }
    let spec = Spec {
        image: vec![image],
        after: vec![compose::Content::Fill { fill: 0, length: 2048 }],
        ..Spec::default()
    };
    compose::compose(&spec).map_err(io::Error::other)
}

fn image() -> Image {
    let mut image = Image::new(Kind::Named(Named::Efi));
    (image.vendor, image.device) = (STAND_IN.vendor, STAND_IN.device);
    image.driver.machine = 0xAA64;
    image
}

/// A driver with this machine code, extracted from a ROM.
pub(crate) fn driver(code: &[u8]) -> io::Result<Vec<u8>> {
    let mut image = image();
    image.driver.code = Some(hex::encode(code));
    let bytes = compose::compose(&Spec { image: vec![image], ..Spec::default() })
        .map_err(io::Error::other)?;
    let rom = parse(&bytes, &Limits::default());
    match rom.images.first().map(|image| &image.body) {
        Some(Body::Efi(efi)) if let Payload::Pe(pe) = &efi.payload => {
            Ok(efi.driver[..pe.extent].to_vec())
        }
        _ => Err(io::Error::other("no driver was composed")),
    }
}

/// Changes a byte of the code that is not executed.
pub(crate) fn changed(mut driver: Vec<u8>) -> Vec<u8> {
    driver[0x3F0] ^= 1;
    driver
}

/// Makes the certificate table 8 bytes longer than its entries.
pub(crate) fn cut_table(mut driver: Vec<u8>) -> Vec<u8> {
    driver[0xEC] = driver[0xEC].wrapping_add(8);
    driver.extend([0; 8]);
    driver
}

/// Somebody with a key.
pub(crate) struct Signer {
    key: PathBuf,
    certificate: PathBuf,
    /// Where files for the tools are put.
    folder: PathBuf,
}

impl Signer {
    /// The owner of the key that Debian's variables trust.
    pub(crate) fn enrolled(folder: &Path) -> io::Result<Self> {
        let key = folder.join("owner.key");
        run_tool(
            Command::new("openssl")
                .args(["rsa", "-in", KEY, "-passin", PASS_PHRASE, "-out"])
                .arg(&key),
        )?;
        Ok(Self { key, certificate: CERTIFICATE.into(), folder: folder.into() })
    }

    /// Somebody whom no firmware knows.
    pub(crate) fn stranger(folder: &Path) -> io::Result<Self> {
        let (key, certificate) = (folder.join("stranger.key"), folder.join("stranger.pem"));
        let arguments = [
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=stranger",
            "-days",
            "2",
            "-keyout",
        ];
        run_tool(Command::new("openssl").args(arguments).arg(&key).arg("-out").arg(&certificate))?;
        Ok(Self { key, certificate, folder: folder.into() })
    }

    pub(crate) fn sign(&self, driver: &[u8]) -> io::Result<Vec<u8>> {
        let (plain, signed) = (self.folder.join("plain.efi"), self.folder.join("signed.efi"));
        fs::write(&plain, driver)?;
        let mut sbsign = Command::new("sbsign");
        sbsign
            .arg("--key")
            .arg(&self.key)
            .arg("--cert")
            .arg(&self.certificate)
            .arg("--output")
            .arg(&signed)
            .arg(&plain);
        run_tool(&mut sbsign)?;
        fs::read(signed)
    }
}

fn run_tool(command: &mut Command) -> io::Result<()> {
    let output = command.output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(io::Error::other(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr))))
}
