//! Everything that is known of one file, in one call.

#[cfg(feature = "catalog")]
use crate::catalog::Catalog;
use crate::contents::{self, Contents, DeviceCompatibility, GpuIds};
use crate::digest::Digest;
use crate::file_kind::{FileKind, NextStep, OpenError, OpenLimits, Reached, Step, reach};
use crate::firmware::{Firmware, Prediction, Predictions};
use crate::inside::{self, RomPlace};
use crate::limits::Limits;
use crate::model::{ChainEnd, DeviceId, Region};
use crate::qemu::{QemuRequirement, QemuVersion};
use crate::read::parse_at;
use crate::repair::{self, Repair};
use crate::rules::{self, Code, Finding, Severity, Verdict};
pub use crate::summary::{DriverSummary, ImageSummary};
use crate::usable::{Evidence, Usable};

/// What a file is analyzed against. It is the same for any number of files.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    catalog: KnownFiles<'a>,
    gpu_ids: GpuIds,
    limits: Limits,
    device: Option<DeviceId>,
    firmware: Firmware,
    qemu: Option<QemuVersion>,
}

/// Where it is looked up which file one is.
#[cfg(feature = "catalog")]
type KnownFiles<'a> = &'a Catalog;
#[cfg(not(feature = "catalog"))]
type KnownFiles<'a> = std::marker::PhantomData<&'a ()>;

impl<'a> Context<'a> {
    /// With the files that `catalog` knows. Ids of GPUs are those of `catalog` and, since one of
    /// the user's may name few of them, of the built-in one.
    #[cfg(feature = "catalog")]
    #[must_use]
    pub fn new(catalog: &'a Catalog) -> Self {
        Self::with(catalog, catalog.device_ids().chain(Catalog::embedded().device_ids()).collect())
    }

    const fn with(catalog: KnownFiles<'a>, gpu_ids: GpuIds) -> Self {
        Self {
            catalog,
            gpu_ids,
            limits: Limits::DEFAULT,
            device: None,
            firmware: Firmware::Ovmf,
            qemu: None,
        }
    }

    /// With these ids of Intel GPUs, which tell a list of them from other words.
    #[must_use]
    pub fn with_gpu_ids(self, gpu_ids: GpuIds) -> Self {
        Self { gpu_ids, ..self }
    }

    /// To say whether files are usable with `firmware`. Without, it is OVMF.
    #[must_use]
    pub fn with_firmware(self, firmware: Firmware) -> Self {
        Self { firmware, ..self }
    }

    /// To say whether files are usable with this version of QEMU, if it is known.
    #[must_use]
    pub fn with_qemu(self, qemu: Option<QemuVersion>) -> Self {
        Self { qemu, ..self }
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
    /// With the built-in catalog, where the feature `catalog` is on; for no device.
    fn default() -> Self {
        #[cfg(feature = "catalog")]
        let context = Self::new(Catalog::embedded());
        #[cfg(not(feature = "catalog"))]
        let context = Self::with(std::marker::PhantomData, GpuIds::default());
        context
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
    /// Why it went no further, where something could not be opened.
    pub closed: Option<OpenError>,
    /// Its digest; `None` if it is longer than [`Limits::file`], or than [`Limits::firmware`] where
    /// it is firmware or an archive.
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
    /// Whether it supports the device of the [`Context`]; `None` without a device, and of a file
    /// without images.
    pub compatibility: Option<DeviceCompatibility>,
    /// Whether it does its job with the firmware, the device and the QEMU of the [`Context`].
    pub usable: Usable,
    /// With which versions of QEMU a catalog knows it to fail, and why.
    pub failures: Vec<(QemuRequirement, String)>,
    /// What is wrong with it, or good to know.
    pub findings: Vec<Finding>,
    /// For each finding the repair that removes it, if there is one.
    pub repairs: Vec<Option<Repair>>,
    /// Option ROMs in it that are not its images: what is in a firmware image, in an update, the
    /// others of a table. At most [`Limits::roms`].
    pub inside: Vec<RomInside>,
}

/// An option ROM inside of a file that is something else.
#[derive(Clone, Debug)]
pub struct RomInside {
    /// Where it is.
    pub place: RomPlace,
    /// What is known of it.
    pub analysis: Box<Analysis>,
}

/// A ROM of the catalog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRom {
    /// Its name.
    pub rom: String,
    /// Codes of the platforms that name it.
    pub platforms: Vec<String>,
}

/// Analyzes a file.
///
/// Never fails: a file that is not a ROM has an analysis that says so.
#[must_use]
pub fn analyze(bytes: &[u8], context: &Context<'_>) -> Analysis {
    let open_limits = OpenLimits { bytes: context.limits.opened, ..OpenLimits::default() };
    let reached = reach(bytes, &open_limits);
    let inside = inside(bytes, &reached, context);
    Analysis { inside, ..analyze_reached(bytes, reached, context) }
}

/// Analyzes the option ROMs in a file that are not its images.
fn inside(bytes: &[u8], reached: &Reached<'_>, context: &Context<'_>) -> Vec<RomInside> {
    let mut all = Vec::new();
    if reached.inner().is_rom() {
        return all;
    }
    let own = reached.first_image();
    inside::roms(bytes, reached, &context.limits, &mut |place, rom| {
        let is_own = place.decoded.is_none() && Some(place.span.offset) == own;
        if !is_own && all.len() < context.limits.roms {
            let plain = Reached::plain(rom);
            let analysis = Box::new(analyze_reached(rom, plain, context));
            all.push(RomInside { place, analysis });
        }
    });
    all
}

/// Analyzes a file, but for what is inside of it.
fn analyze_reached(bytes: &[u8], reached: Reached<'_>, context: &Context<'_>) -> Analysis {
    let rom = parse_at(&reached.bytes, reached.first_image(), &context.limits);
    let contents: Vec<Option<Contents>> =
        rom.images.iter().map(|image| contents::contents(image, &context.gpu_ids)).collect();
    let predictions = Predictions::of(&rom);
    let mut findings = rules::check(&rom, &predictions);
    findings.extend(rules::contents(&rom, &contents));
    rules::file_kind(&reached, &rom, &mut findings);
    let limits = &context.limits;
    let most = if reached.kind.may_be_large() { limits.firmware } else { limits.file };
    let sha256 = (bytes.len() <= most).then(|| Digest::of(bytes));
    // A file of the catalog is known in an archive as well.
    let inner = (!reached.is_plain() && !rom.cut_by_limit).then(|| Digest::of(rom.window.bytes()));
    let known = inner
        .or(sha256)
        .map_or_else(Recognized::default, |digest| recognize(context.catalog, digest));
    findings.extend(known.file.map(|(name, note)| rules::known_file(&rom, &name, &note)));
    let device = context.device.filter(|_| !rom.images.is_empty());
    let compatibility = device.map(|device| contents::compatibility(&rom, &contents, device));
    let images: Vec<ImageSummary> = rom
        .images
        .iter()
        .zip(contents)
        .map(|(image, contents)| ImageSummary::of(image, contents))
        .collect();
    let predictions = predictions.into_all(context.device);
    let verdict = Verdict::of(&findings);
    let packed = packed(&reached.kind, &reached.steps);
    let usable = Evidence {
        firmware: context.firmware,
        device: context.device,
        qemu: context.qemu,
        images: &images,
        prediction: predictions
            .iter()
            .find(|(own, _)| *own == context.firmware)
            .map(|(_, prediction)| prediction),
        compatibility: compatibility.as_ref(),
        failures: &known.failures,
        bad: is_at_fault(&findings),
        lost: lost(&findings),
        size: rom.window.len(),
        packed: packed.as_deref(),
    };
    let repairs = if reached.is_plain() && !rom.cut_by_limit {
        repair::for_findings(bytes, &findings, &context.limits)
    } else {
        vec![None; findings.len()]
    };
    Analysis {
        size: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        sha256,
        known: known.rom,
        verdict,
        usable: usable.usable(),
        failures: known.failures,
        compatibility,
        images,
        regions: rom.regions.clone(),
        end: rom.end,
        predictions,
        findings,
        repairs,
        inside: Vec::new(),
        kind: reached.kind,
        opened: reached.steps,
        closed: reached.closed,
    }
}

impl Analysis {
    /// The first finding that says that the file does not work.
    #[must_use]
    pub fn error(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.severity() == Severity::Error)
    }

    /// What to type next; `None` where nothing can be done with the file, or nothing need be. What
    /// cannot be opened here is opened with another program.
    #[must_use]
    pub fn next_step(&self) -> Option<NextStep> {
        let is_closed = matches!(self.closed, Some(OpenError::Encrypted | OpenError::Unsupported));
        match &self.kind {
            FileKind::Archive(format) if is_closed && self.opened.is_empty() => {
                format.opener().map(NextStep::Open)
            }
            kind => kind.next_step(),
        }
    }

    /// Whether it does its job for the same device with another firmware or version of QEMU.
    #[must_use]
    pub fn usable_with(&self, firmware: Firmware, qemu: Option<QemuVersion>) -> Usable {
        let packed = packed(&self.kind, &self.opened);
        let evidence = Evidence {
            firmware,
            device: self.usable.device,
            qemu,
            images: &self.images,
            prediction: self.prediction(firmware),
            compatibility: self.compatibility.as_ref(),
            failures: &self.failures,
            bad: is_at_fault(&self.findings),
            lost: lost(&self.findings),
            size: self.regions.last().map_or(0, |region| region.span.end()),
            packed: packed.as_deref(),
        };
        evidence.usable()
    }

    /// What `firmware` does with it.
    #[must_use]
    pub fn prediction(&self, firmware: Firmware) -> Option<&Prediction> {
        self.predictions.iter().find(|(own, _)| *own == firmware).map(|(_, prediction)| prediction)
    }
}

/// Where an image was that firmware no longer finds, or data that may be one.
fn lost(findings: &[Finding]) -> Option<usize> {
    let is_lost =
        |finding: &&Finding| matches!(finding.code, Code::ChainBroken | Code::DataBetween);
    findings.iter().find(is_lost).map(|finding| finding.span.offset)
}

/// Whether something is wrong with the ROM, and not just that it is in a table.
fn is_at_fault(findings: &[Finding]) -> bool {
    findings
        .iter()
        .any(|finding| finding.severity() == Severity::Error && finding.code != Code::GraphicsTable)
}

/// What the ROM in a file has to be extracted from, in words.
fn packed(kind: &FileKind, opened: &[Step]) -> Option<String> {
    let is_changed = matches!(kind, FileKind::Transferred(_));
    let changed = "a file that a transfer changed".to_owned();
    let is_packed = !opened.is_empty() || *kind == FileKind::Vfct;
    is_packed.then(|| if is_changed { changed } else { kind.to_string() })
}

/// What a catalog has to say of a file.
#[derive(Default)]
struct Recognized {
    rom: Option<KnownRom>,
    /// Name and description of a known file that is not of the release.
    file: Option<(String, String)>,
    /// With which versions of QEMU it fails, and why.
    failures: Vec<(QemuRequirement, String)>,
}

#[cfg(feature = "catalog")]
fn recognize(catalog: &Catalog, digest: Digest) -> Recognized {
    let rom = catalog.rom_with(digest).map(|rom| {
        let platforms = catalog.platforms_of(&rom.name).map(|platform| platform.code.clone());
        KnownRom { rom: rom.name.clone(), platforms: platforms.collect() }
    });
    let Some(file) = catalog.known_file_with(digest) else {
        return Recognized { rom, ..Recognized::default() };
    };
    let failures = file.fails.iter().map(|failure| (failure.qemu, failure.why.clone()));
    Recognized {
        rom,
        file: Some((file.name.clone(), file.to_string())),
        failures: failures.collect(),
    }
}

#[cfg(not(feature = "catalog"))]
fn recognize(_: KnownFiles<'_>, _: Digest) -> Recognized {
    Recognized::default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Spec, compose};
    use crate::layout::Machine;
    use crate::model::ImageKind;
    use crate::rules::Code;

    fn rom(text: &str) -> Vec<u8> {
        compose(&text.parse::<Spec>().unwrap()).unwrap()
    }

    #[test]
    fn one_call_says_all_that_is_known() {
        let bytes =
            rom("purpose = \"a driver\"\n[[image]]\nkind = \"efi\"\nvendor = 0x8086\ndevice = \
                0xa7a8\nblocks = 8\n");
        let device = DeviceId::intel(0xA7A8);
        let analysis = analyze(&bytes, &Context::default().with_device(Some(device)));
        assert_eq!((analysis.sha256, analysis.verdict), (Some(Digest::of(&bytes)), Verdict::Good));
        assert_eq!(analysis.kind, FileKind::OptionRom);
        assert_eq!(analysis.images.len(), 1);
        assert_eq!(
            (analysis.images[0].device, analysis.images[0].kind),
            (Some(device), ImageKind::Efi)
        );
        assert_eq!(
            analysis.images[0].efi.as_ref().map(|driver| driver.machine),
            Some(Machine::X64)
        );
        assert_eq!(analysis.compatibility.as_ref().map(|fit| fit.device), Some(device));
        let runs = |firmware| analysis.prediction(firmware).unwrap().runs().count();
        assert_eq!(Firmware::ALL.map(runs), [1, 0, 0, 0]);
        assert_eq!(analysis.error(), None);
    }

    #[test]
    fn what_is_no_rom_is_compatible_with_nothing() {
        let analysis =
            analyze(b"<html>", &Context::default().with_device(Some(DeviceId::intel(0xA7A8))));
        assert_eq!(
            (analysis.kind.clone(), analysis.verdict),
            (FileKind::WebPage { title: None }, Verdict::Bad)
        );
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
    fn another_firmware_is_answered_for_as_if_it_had_been_asked_first() {
        let bytes = rom("purpose = \"two\"\n[[image]]\nkind = \"efi\"\nvendor = 0x8086\ndevice = \
                0xa7a8\nblocks = 8\n");
        let of = |firmware| {
            let context = Context::default()
                .with_device(Some(DeviceId::intel(0xA7A8)))
                .with_firmware(firmware);
            analyze(&bytes, &context)
        };
        let ovmf = of(Firmware::Ovmf);
        for firmware in Firmware::ALL {
            assert_eq!(ovmf.usable_with(firmware, None), of(firmware).usable);
        }
    }

    #[test]
    fn seabios_is_asked_for_the_device_and_findings_are_the_same_for_all() {
        let bytes =
            rom("purpose = \"a BIOS\"\n[[image]]\nkind = \"legacy\"\nvendor = 0x8086\ndevice = \
                0xa7a8\nblocks = 4\n");
        let of = |device| analyze(&bytes, &Context::default().with_device(device));
        let runs =
            |analysis: &Analysis| analysis.prediction(Firmware::SeaBios).unwrap().runs().count();
        let (own, other, none) =
            (of(Some(DeviceId::intel(0xA7A8))), of(Some(DeviceId::intel(1))), of(None));
        assert_eq!((runs(&own), runs(&other), runs(&none)), (1, 0, 1));
        assert_eq!((own.findings, other.findings), (none.findings.clone(), none.findings));
    }
}
