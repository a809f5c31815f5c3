//! Everything that is known of one file, in one call.

use crate::bytes::Span;
use crate::catalog::Catalog;
use crate::contents::{self, Contents, DeviceCompatibility, GpuIds};
use crate::digest::Digest;
use crate::file_kind::{FileKind, OpenLimits, Step, reach};
use crate::firmware::{Firmware, Prediction, Predictions};
use crate::layout::{ClassCode, CodeType, CompressionType, Machine, Subsystem};
use crate::limits::Limits;
use crate::model::{Body, ChainEnd, DeviceId, EfiImage, Image, ImageKind, Payload, Region, Signature};
use crate::read::parse_at;
use crate::rules::{self, Finding, Severity, Verdict};

/// What a file is analyzed against. It is the same for any number of files.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    catalog: &'a Catalog,
    gpu_ids: GpuIds,
    limits: Limits,
    device: Option<DeviceId>,
}

impl<'a> Context<'a> {
    /// With the files that `catalog` knows. Ids of GPUs are those of `catalog` and, since one of the user's may name few of them, of the
    /// built-in one.
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        let gpu_ids = catalog.device_ids().chain(Catalog::embedded().device_ids()).collect();
        Self { catalog, gpu_ids, limits: Limits::DEFAULT, device: None }
    }

    /// To analyze files as the ROM of `device`, if there is one.
    #[must_use]
    pub fn with_device(self, device: Option<DeviceId>) -> Self {
        Self { device, ..self }
    }

    /// With other bounds than [`Limits::DEFAULT`].
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The device that files are to be the ROM of.
    #[must_use]
    pub const fn device(&self) -> Option<DeviceId> {
        self.device
    }

    /// The bounds on the work that a file can cause.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Ids of Intel GPUs, which tell a list of them from other words.
    #[must_use]
    pub const fn gpu_ids(&self) -> &GpuIds {
        &self.gpu_ids
    }
}

impl Default for Context<'static> {
    /// With the built-in catalog, for no device.
    fn default() -> Self {
        Self::new(Catalog::embedded())
    }
}

/// Everything that is known of one file. It keeps nothing of its bytes.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// Bytes of the file, as far as they were given.
    pub size: u64,
    /// What the file is.
    pub kind: FileKind,
    /// What was opened to get at the ROM, from the outside in. All that is said of images is about
    /// the innermost; size and digest are those of the file.
    pub opened: Vec<Step>,
    /// Its digest; `None` if it is longer than [`Limits::file`].
    pub sha256: Option<Digest>,
    /// The ROM of the catalog that it is.
    pub known: Option<KnownRom>,
    /// What the findings come to.
    pub verdict: Verdict,
    /// The images, in the order of the file.
    pub images: Vec<ImageSummary>,
    /// Parts that tile the file exactly, in order.
    pub regions: Vec<Region>,
    /// Why no image follows the last one.
    pub end: ChainEnd,
    /// What each firmware does with it, in the order of [`Firmware::ALL`].
    pub predictions: Vec<(Firmware, Prediction)>,
    /// Whether it supports the device of the [`Context`]; `None` without a device, and of a file without images.
    pub compatibility: Option<DeviceCompatibility>,
    /// What is wrong with it, or good to know.
    pub findings: Vec<Finding>,
}

/// A ROM of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRom {
    /// Its name.
    pub rom: String,
    /// Codes of the platforms that name it.
    pub platforms: Vec<String>,
}

/// An image, in values of its own.
#[derive(Clone, Debug)]
pub struct ImageSummary {
    /// Where it is in the file, as far as the file has it.
    pub span: Span,
    /// What it holds.
    pub kind: ImageKind,
    /// Vendor and device id, if its PCI data structure is readable.
    pub device: Option<DeviceId>,
    /// Class code, if its PCI data structure is readable.
    pub class: Option<ClassCode>,
    /// Code type, if its PCI data structure is readable.
    pub code_type: Option<CodeType>,
    /// Whether it is marked as the last one.
    pub last: bool,
    /// The driver of an EFI image.
    pub efi: Option<DriverSummary>,
    /// What stands inside of it.
    pub contents: Option<Contents>,
}

/// The driver of an EFI image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverSummary {
    /// The machine that the driver is for; what the image's header says where no driver is readable.
    pub machine: Machine,
    /// The subsystem, from the same place.
    pub subsystem: Subsystem,
    /// Whether it is stored compressed.
    pub compressed: bool,
    /// Its signature.
    pub signature: Signature,
}

/// Analyzes a file.
///
/// Never fails: a file that is not a ROM has an analysis that says so.
#[must_use]
pub fn analyze(bytes: &[u8], context: &Context<'_>) -> Analysis {
    let reached = reach(bytes, &OpenLimits { bytes: context.limits.opened, ..OpenLimits::default() });
    let rom = parse_at(&reached.bytes, reached.first_image(), &context.limits);
    let contents: Vec<Option<Contents>> = rom.images.iter().map(|image| contents::contents(image, &context.gpu_ids)).collect();
    let predictions = Predictions::of(&rom);
    let mut findings = rules::check(&rom, &predictions);
    findings.extend(rules::contents(&rom, &contents));
    rules::file_kind(&reached, &rom, &mut findings);
    let sha256 = (bytes.len() <= context.limits.file).then(|| Digest::of(bytes));
    // A file of the catalog is known in an archive as well.
    let inner = (!reached.is_plain() && !rom.cut_by_limit).then(|| Digest::of(rom.window.bytes()));
    let identity = inner.or(sha256);
    let known_file = identity.and_then(|digest| context.catalog.known_file_with(digest));
    findings.extend(known_file.map(|file| rules::known_file(&rom, &file.name, &file.to_string())));
    let device = context.device.filter(|_| !rom.images.is_empty());
    Analysis {
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256,
        known: identity.and_then(|digest| known_rom(context.catalog, digest)),
        verdict: Verdict::of(&findings),
        compatibility: device.map(|device| contents::compatibility(&rom, &contents, device)),
        images: rom.images.iter().zip(contents).map(|(image, contents)| summary(image, contents)).collect(),
        regions: rom.regions.clone(),
        end: rom.end,
        predictions: predictions.into_all(context.device),
        findings,
        kind: reached.kind,
        opened: reached.steps,
    }
}

impl Analysis {
    /// The first finding that says that the file does not work.
    #[must_use]
    pub fn error(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity() == Severity::Error)
    }

    /// What `firmware` does with it.
    #[must_use]
    pub fn prediction(&self, firmware: Firmware) -> Option<&Prediction> {
        self.predictions.iter().find(|(own, _)| *own == firmware).map(|(_, prediction)| prediction)
    }
}

fn known_rom(catalog: &Catalog, digest: Digest) -> Option<KnownRom> {
    let rom = catalog.rom_with(digest)?;
    let platforms = catalog.platforms_of(&rom.name).map(|platform| platform.code.clone());
    Some(KnownRom { rom: rom.name.clone(), platforms: platforms.collect() })
}

fn summary(image: &Image<'_>, contents: Option<Contents>) -> ImageSummary {
    let pcir = image.pcir();
    ImageSummary {
        span: image.span(),
        kind: image.body.kind(),
        device: image.device(),
        class: pcir.map(|pcir| pcir.class_code),
        code_type: image.code_type(),
        last: pcir.is_some_and(|pcir| pcir.indicator.is_last()),
        efi: if let Body::Efi(efi) = &image.body { Some(driver(efi)) } else { None },
        contents,
    }
}

fn driver(efi: &EfiImage<'_>) -> DriverSummary {
    let (machine, subsystem, signature) = match &efi.payload {
        Payload::Pe(pe) => (pe.machine, pe.subsystem, pe.signature.clone()),
        Payload::Terse(machine) => (*machine, efi.header.efi_subsystem, Signature::Absent),
        Payload::Absent | Payload::NotPe | Payload::Unreadable => {
            (efi.header.efi_machine_type, efi.header.efi_subsystem, Signature::Absent)
        }
    };
    DriverSummary { machine, subsystem, compressed: efi.header.compression_type != CompressionType::NONE, signature }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Spec, compose};
    use crate::rules::Code;

    fn rom(text: &str) -> Vec<u8> {
        compose(&Spec::read(text).unwrap()).unwrap()
    }

    #[test]
    fn one_call_says_all_that_is_known() {
        let bytes = rom("purpose = \"a driver\"\n[[image]]\nkind = \"efi\"\nvendor = 0x8086\ndevice = 0xa7a8\nblocks = 8\n");
        let device = DeviceId::intel(0xA7A8);
        let analysis = analyze(&bytes, &Context::default().with_device(Some(device)));
        assert_eq!((analysis.sha256, analysis.verdict), (Some(Digest::of(&bytes)), Verdict::Good));
        assert_eq!(analysis.kind, FileKind::OptionRom);
        assert_eq!(analysis.images.len(), 1);
        assert_eq!((analysis.images[0].device, analysis.images[0].kind), (Some(device), ImageKind::Efi));
        assert_eq!(analysis.images[0].efi.as_ref().map(|driver| driver.machine), Some(Machine::X64));
        assert_eq!(analysis.compatibility.as_ref().map(|fit| fit.device), Some(device));
        let runs = |firmware| analysis.prediction(firmware).unwrap().runs().count();
        assert_eq!(Firmware::ALL.map(runs), [1, 0, 0, 0]);
        assert_eq!(analysis.error(), None);
    }

    #[test]
    fn what_is_no_rom_is_compatible_with_nothing() {
        let analysis = analyze(b"<html>", &Context::default().with_device(Some(DeviceId::intel(0xA7A8))));
        assert_eq!((analysis.kind.clone(), analysis.verdict), (FileKind::WebPage { title: None }, Verdict::Bad));
        assert_eq!(analysis.error().map(|finding| finding.code), Some(Code::HtmlPage));
        assert_eq!(analysis.compatibility, None);
    }

    #[test]
    fn a_file_beyond_the_limit_has_no_digest() {
        let limits = Limits { file: 16, ..Limits::DEFAULT };
        let analysis = analyze(&[0; 17], &Context::default().with_limits(limits));
        assert_eq!((analysis.sha256, analysis.known), (None, None));
        assert!(analyze(&[0; 16], &Context::default().with_limits(limits)).sha256.is_some());
    }

    #[test]
    fn seabios_is_asked_for_the_device_and_findings_are_the_same_for_all() {
        let bytes = rom("purpose = \"a BIOS\"\n[[image]]\nkind = \"legacy\"\nvendor = 0x8086\ndevice = 0xa7a8\nblocks = 4\n");
        let of = |device| analyze(&bytes, &Context::default().with_device(device));
        let runs = |analysis: &Analysis| analysis.prediction(Firmware::SeaBios).unwrap().runs().count();
        let (own, other, none) = (of(Some(DeviceId::intel(0xA7A8))), of(Some(DeviceId::intel(1))), of(None));
        assert_eq!((runs(&own), runs(&other), runs(&none)), (1, 0, 1));
        assert_eq!((own.findings, other.findings), (none.findings.clone(), none.findings));
    }
}
