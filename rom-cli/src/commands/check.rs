//! Whether files are good ROMs.

use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::host::pci;
use rom_core::catalog::Catalog;
use rom_core::contents::{self, Answer, Contents, Fit, GpuIds};
use rom_core::firmware::{self, Firmware, Forecast};
use rom_core::layout::CodeType;
use rom_core::model::{EfiImage, Payload, Signature, Signed};
use rom_core::{Body, DeviceId, Digest, Finding, Image, Limits, Region, Verdict, check, parse};
use std::path::Path;

/// What there is to say about one file.
pub(crate) struct Checked {
    pub(crate) path: String,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// Its digest; `None` if it is longer than what is read.
    pub(crate) sha256: Option<Digest>,
    pub(crate) known: Option<Known>,
    pub(crate) verdict: Verdict,
    pub(crate) images: Vec<ImageFacts>,
    pub(crate) regions: Vec<Region>,
    /// What each firmware does with it.
    pub(crate) forecasts: Vec<(Firmware, Forecast)>,
    /// Whether it serves the device that is asked for, or the host's iGPU.
    pub(crate) fit: Option<Fit>,
    pub(crate) findings: Vec<Finding>,
}

/// A file of the release.
pub(crate) struct Known {
    pub(crate) rom: String,
    /// Codes of the platforms that name it.
    pub(crate) platforms: Vec<String>,
}

/// An image, in values of its own.
pub(crate) struct ImageFacts {
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) kind: &'static str,
    pub(crate) vendor: Option<String>,
    pub(crate) device: Option<String>,
    pub(crate) class: Option<String>,
    pub(crate) code_type: Option<CodeType>,
    pub(crate) last: bool,
    pub(crate) efi: Option<EfiFacts>,
    pub(crate) contents: Option<Contents>,
}

/// The driver of an EFI image.
pub(crate) struct EfiFacts {
    pub(crate) machine: String,
    pub(crate) subsystem: String,
    pub(crate) compressed: bool,
    pub(crate) signed: bool,
    /// The signature, where it is readable.
    pub(crate) signature: Option<Signed>,
}

/// What a file is checked against.
#[derive(Clone, Copy)]
pub(super) struct Against<'a> {
    catalog: &'a Catalog,
    limits: &'a Limits,
    /// Ids of Intel GPUs.
    known: &'a GpuIds,
    /// The device that the file should serve.
    device: Option<DeviceId>,
}

/// What does not change from file to file.
pub(super) struct Yardstick<'a> {
    catalog: &'a Catalog,
    limits: Limits,
    known: GpuIds,
}

impl<'a> Yardstick<'a> {
    /// With the ids of `catalog` and, since one of the user's may name few of them, of the built-in one.
    pub(super) fn new(catalog: &'a Catalog) -> Self {
        let known = catalog.device_ids().chain(Catalog::embedded().device_ids()).collect();
        Self { catalog, limits: Limits::default(), known }
    }

    /// Ids of GPUs.
    pub(super) const fn known(&self) -> &GpuIds {
        &self.known
    }

    /// To check files for `device`.
    pub(super) fn against(&self, device: Option<DeviceId>) -> Against<'_> {
        Against { catalog: self.catalog, limits: &self.limits, known: &self.known, device }
    }
}

pub(super) fn run(args: &args::Check, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let limits = Limits::default();
    let device = args.device.or_else(|| pci::igpu(&env.host(pci::DEVICES)).map(|seen| seen.id));
    let yardstick = Yardstick::new(&catalog);
    let against = yardstick.against(device);
    let mut checked = Vec::new();
    let (paths, troubles) = files::walk(&args.files);
    let mut all_read = troubles.is_empty();
    for error in &troubles {
        env.reporter.fail(error);
    }
    for path in &paths {
        match files::read_rom(path, &limits) {
            Ok(file) => checked.push(of_bytes(&shown(path), &file.bytes, file.size, against)),
            Err(error) => {
                env.reporter.fail(&error);
                all_read = false;
            }
        }
    }
    let worst = checked.iter().map(|file| file.verdict).max().unwrap_or(Verdict::Good);
    let serves_not = |file: &Checked| file.fit.as_ref().is_some_and(|fit| fit.answer == Answer::No);
    let asked_in_vain = args.device.is_some() && checked.iter().any(serves_not);
    let fails = worst == Verdict::Bad || (args.strict && worst == Verdict::Warn) || asked_in_vain;
    let exit = match (all_read, fails) {
        (false, _) => Exit::Failed,
        (true, true) => Exit::No,
        (true, false) => Exit::Yes,
    };
    Ok(Outcome { report: Report::Check(checked), exit })
}

/// Checks the bytes of a file.
pub(super) fn of_bytes(path: &str, bytes: &[u8], size: u64, against: Against<'_>) -> Checked {
    let Against { catalog, limits, known, device } = against;
    let rom = parse(bytes, limits);
    let contents: Vec<Option<Contents>> = rom.images.iter().map(|image| contents::contents(image, known)).collect();
    let mut findings = check::check(&rom);
    findings.extend(check::contents(&rom, &contents));
    let sha256 = (!rom.cut_by_limit).then(|| Digest::of(bytes));
    findings.extend(sha256.and_then(|digest| catalog.lookalike_with(digest)).map(|known| check::lookalike(&rom, known)));
    let forecast = |firmware| (firmware, firmware::forecast(&rom, firmware, device));
    Checked {
        path: path.to_owned(),
        size,
        sha256,
        known: sha256.and_then(|digest| catalog.rom_with(digest)).map(|known| Known {
            rom: known.name.to_string(),
            platforms: catalog.platforms_of(&known.name).map(|platform| platform.code.to_string()).collect(),
        }),
        verdict: Verdict::of(&findings),
        forecasts: Firmware::ALL.into_iter().map(forecast).collect(),
        fit: device.filter(|_| !rom.images.is_empty()).map(|device| contents::serves(&rom, &contents, device)),
        images: rom.images.iter().zip(contents).map(|(image, contents)| facts(image, contents)).collect(),
        regions: rom.regions.clone(),
        findings,
    }
}

/// Checks a file that is about to be put in place.
pub(super) fn before_placing(name: &str, bytes: &[u8], against: Against<'_>) -> Result<Checked, CliError> {
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    let checked = of_bytes(name, bytes, size, against);
    let error = checked.findings.iter().find(|finding| finding.severity() == rom_core::Severity::Error);
    match error {
        None => Ok(checked),
        Some(finding) => {
            let what =
                format!("{name} is no ROM that works: {}: {} ({})", finding.code.title(), finding.message, finding.code.id());
            Err(CliError::new(Exit::Refused, what, format!("Nothing was put in place. {}", finding.code.hint())))
        }
    }
}

fn facts(image: &Image<'_>, contents: Option<Contents>) -> ImageFacts {
    let pcir = image.pcir();
    ImageFacts {
        offset: image.span().offset,
        length: image.span().length,
        kind: image.body.name(),
        vendor: pcir.map(|pcir| format!("{:04x}", pcir.vendor_id)),
        device: pcir.map(|pcir| format!("{:04x}", pcir.device_id)),
        class: pcir.map(|pcir| pcir.class_code.to_string()),
        code_type: image.code_type(),
        last: pcir.is_some_and(|pcir| pcir.indicator.is_last()),
        efi: if let Body::Efi(efi) = &image.body { Some(efi_facts(efi)) } else { None },
        contents,
    }
}

fn efi_facts(efi: &EfiImage<'_>) -> EfiFacts {
    let (machine, subsystem) = match &efi.payload {
        Payload::Pe(pe) => (pe.machine, pe.subsystem),
        Payload::Terse(machine) => (*machine, efi.header.efi_subsystem),
        Payload::Absent | Payload::NotPe | Payload::Unreadable => (efi.header.efi_machine_type, efi.header.efi_subsystem),
    };
    let signature = if let Payload::Pe(pe) = &efi.payload { &pe.signature } else { &Signature::Absent };
    EfiFacts {
        machine: machine.to_string(),
        subsystem: subsystem.to_string(),
        compressed: efi.header.compression_type != rom_core::layout::CompressionType::NONE,
        signed: *signature != Signature::Absent,
        signature: if let Signature::Present(signed) = signature { Some(Signed::clone(signed)) } else { None },
    }
}

/// A path for messages.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}
