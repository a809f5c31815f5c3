//! What is in a file: `oprom check`, `oprom show`, and wherever else a file is reported.

use super::failure::Error;
use super::scan::FoundRom;
use super::usable::Usable;
use super::{HexBytes, Name, PciId, Sha256};
use crate::text::{Block, Line, Sentence, ShellCommand, block, file_word};
use rom_core::analysis::{Analysis, DriverSummary, ImageSummary, KnownRom};
use rom_core::contents::{self, DriverKind};
use rom_core::file_kind::{NextStep, Step};
use rom_core::firmware::{self, Firmware, Outcome};
use rom_core::model::{self, ChainEnd, ImageKind, RegionKind, Signed};
use rom_core::repair::Repair;
use rom_core::{DeviceId, RomInside, Severity, Span, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use std::iter;
use std::path::Path;

/// What there is to say about files.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Check {
    pub(crate) files: Vec<File>,
    /// What could not be read.
    pub(crate) errors: Vec<Error>,
    /// Whether a folder was named: then each file has one line of text.
    #[serde(skip)]
    pub(crate) from_folder: bool,
}

/// A file, taken to pieces.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Show {
    pub(crate) file: File,
    /// With --hex: for each image its structures.
    pub(crate) structures: Option<Vec<Vec<Structure>>>,
    /// The page that was written, with --html.
    pub(crate) page: Option<Line>,
}

/// A structure of the format, as it is in the file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Structure {
    pub(crate) name: &'static str,
    pub(crate) fields: Vec<Field>,
}

/// A field of a structure.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Field {
    /// Offset in the file.
    pub(crate) offset: usize,
    pub(crate) bytes: HexBytes,
    pub(crate) name: &'static str,
    /// What the bytes mean.
    pub(crate) value: Line,
}

/// What there is to say about one file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct File {
    pub(crate) path: Line,
    /// Bytes of the file.
    pub(crate) size: u64,
    /// Absent if the file is longer than what is read.
    pub(crate) sha256: Option<Sha256>,
    /// What the file is.
    pub(crate) kind: &'static str,
    /// The same, in words.
    pub(crate) kind_text: Block,
    /// What was opened to get at the ROM, from the outside in.
    pub(crate) opened: Vec<Opened>,
    /// The command that comes next for a file of this kind.
    pub(crate) next: Option<ShellCommand>,
    /// The ROM of the catalog that it is.
    pub(crate) known: Option<Known>,
    pub(crate) verdict: Name<Verdict>,
    /// In the order of the file.
    pub(crate) images: Vec<Image>,
    /// Parts that tile the file exactly, in order.
    pub(crate) regions: Vec<Region>,
    /// What each firmware will do with it.
    pub(crate) firmware: Predictions,
    /// Whether it does its job: for the device that was asked for, or the host's iGPU.
    pub(crate) usable: Usable,
    pub(crate) findings: Vec<Finding>,
    /// Option ROMs in it that are not its images: in a firmware image, in an update, in a table.
    pub(crate) roms: Vec<FoundRom>,
}

/// What was opened in a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Opened {
    /// Its name in what it was in.
    pub(crate) name: Option<Line>,
    /// What it is.
    pub(crate) kind: &'static str,
    /// The same, in words.
    pub(crate) kind_text: Block,
    /// Bytes of it.
    pub(crate) length: usize,
    /// What else is beside it.
    pub(crate) others: Vec<Other>,
}

/// What is beside a part that was opened.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Other {
    pub(crate) name: Line,
    /// What it is.
    pub(crate) kind: &'static str,
    /// The same, in words.
    pub(crate) kind_text: Block,
}

/// A ROM of the catalog.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Known {
    pub(crate) rom: Line,
    /// Codes of the platforms that it is for.
    pub(crate) platforms: Vec<Line>,
}

/// An image of a ROM.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Image {
    pub(crate) index: usize,
    /// Where it is in the file.
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) kind: Name<ImageKind>,
    /// Vendor id in hex, if its PCI data structure is readable.
    pub(crate) vendor: Option<Line>,
    /// Device id in hex, if its PCI data structure is readable.
    pub(crate) device: Option<Line>,
    /// What the device is called, where the catalog or the host's list of PCI ids has it.
    pub(crate) name: Option<Line>,
    /// Class code in hex, if its PCI data structure is readable.
    pub(crate) class: Option<Line>,
    /// Code type, if its PCI data structure is readable.
    pub(crate) code_type: Option<u8>,
    /// Whether it is marked as the last one.
    pub(crate) last: bool,
    pub(crate) efi: Option<EfiImage>,
    pub(crate) contents: Option<Contents>,
}

/// The driver of an EFI image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct EfiImage {
    pub(crate) machine: Line,
    pub(crate) subsystem: Line,
    pub(crate) compressed: bool,
    pub(crate) signed: bool,
    /// The signature, where it can be read.
    pub(crate) signature: Option<Signature>,
}

/// A signature of a driver.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Signature {
    pub(crate) algorithm: &'static str,
    /// The digest that was signed.
    pub(crate) digest: HexBytes,
    /// Whether the driver has that digest.
    pub(crate) digest_matches: bool,
    /// Whether what firmware hands to the check has it, which is cut to whole blocks.
    pub(crate) firmware_digest_matches: bool,
    pub(crate) signers: Vec<Signer>,
}

/// Who signed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Signer {
    /// Subject of the certificate.
    pub(crate) subject: Line,
    /// Of the certificate.
    pub(crate) sha256: Sha256,
}

/// What is inside of an image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Contents {
    /// Which driver it is.
    pub(crate) driver: Option<Name<DriverKind>>,
    /// What that is seen by.
    pub(crate) evidence: Vec<Line>,
    pub(crate) gop_version: Option<Line>,
    /// Protocols of UEFI that it names.
    pub(crate) protocols: Vec<&'static str>,
    /// GPUs that its tables name.
    pub(crate) devices: Vec<PciId>,
    pub(crate) tables: Vec<Table>,
    pub(crate) vbt: Option<Vbt>,
    pub(crate) vbios: Option<Vbios>,
}

/// What a legacy VBIOS of AMD or NVIDIA says of itself.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Vbios {
    pub(crate) maker: &'static str,
    pub(crate) version: Option<Line>,
    /// The part number of the board.
    pub(crate) part_number: Option<Line>,
}

/// A table of GPUs.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Table {
    pub(crate) kind: TableKind,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) devices: Vec<PciId>,
}

/// Whose table it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TableKind {
    /// The IGD assignment driver's.
    AssignmentTable,
    /// A GOP driver's.
    GopList,
}

/// A Video BIOS Table.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Vbt {
    pub(crate) offset: usize,
    pub(crate) length: usize,
    pub(crate) product: Line,
    pub(crate) version: u16,
    /// Version of the data in it.
    pub(crate) bdb_version: Option<u16>,
    /// Whether its bytes sum to zero.
    pub(crate) checksum_matches: Option<bool>,
}

/// A part of a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Region {
    pub(crate) kind: Part,
    /// The index of the image that it is, if it is one.
    pub(crate) image: Option<usize>,
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// What is left of an image there that lost a part of its header.
    pub(crate) lost: Option<Block>,
}

/// What a part of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Part {
    /// An image.
    Image,
    /// What is before the first image.
    Container,
    /// 00 or FF bytes, between images or at the end.
    Padding,
    /// Data after the last image, or between images.
    Trailing,
    /// A file without any image.
    Unread,
}

/// What each firmware will do with a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Predictions {
    pub(crate) ovmf: Option<Prediction>,
    pub(crate) aavmf: Option<Prediction>,
    pub(crate) aavmf_secure_boot: Option<Prediction>,
    pub(crate) seabios: Option<Prediction>,
}

/// What a firmware will do with a file.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Prediction {
    /// Whether the firmware gets past the ROM.
    pub(crate) boots: bool,
    /// Why the machine hangs, if it does.
    pub(crate) hang: Option<Block>,
    /// Indices of the images that it starts.
    pub(crate) runs: Vec<usize>,
    pub(crate) images: Vec<ImagePrediction>,
}

/// What a firmware will do with an image.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImagePrediction {
    pub(crate) index: usize,
    pub(crate) outcome: Name<Outcome>,
    pub(crate) reason: Block,
    /// The firmware's file and function that the rule is from.
    pub(crate) source: &'static str,
}

/// A breach of a rule.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) severity: Name<Severity>,
    /// What the rule is called.
    pub(crate) title: &'static str,
    /// The bytes that it is about.
    pub(crate) offset: usize,
    pub(crate) length: usize,
    /// The image that it is about, if it is about one.
    pub(crate) image: Option<usize>,
    pub(crate) message: Block,
    /// The specification or the firmware that the rule is from.
    pub(crate) spec: &'static str,
    /// What to do.
    pub(crate) hint: &'static str,
    /// The option of `oprom repair` that removes it, if there is one.
    pub(crate) repair: Option<&'static str>,
    /// What does that.
    pub(crate) commands: Vec<ShellCommand>,
}

impl File {
    /// The report of a file that was analyzed.
    pub(crate) fn new(path: Line, analysis: &Analysis) -> Self {
        let next = next(analysis.next_step(), Path::new(path.raw()));
        let repairs = analysis.repairs.iter().copied().chain(iter::repeat(None));
        let findings = analysis.findings.iter().zip(repairs);
        let findings =
            findings.map(|(finding, repair)| Finding::new(finding).with_repair(repair, &path));
        let findings = findings.collect();
        Self {
            path,
            size: analysis.size,
            sha256: analysis.sha256.map(Into::into),
            kind: analysis.kind.name(),
            kind_text: Sentence(analysis.kind.to_string()).into(),
            opened: analysis.opened.iter().map(Opened::new).collect(),
            next,
            known: analysis.known.as_ref().map(Known::new),
            verdict: analysis.verdict.into(),
            images: analysis
                .images
                .iter()
                .enumerate()
                .map(|(index, image)| Image::new(index, image))
                .collect(),
            regions: analysis.regions.iter().map(Region::new).collect(),
            firmware: Predictions::new(analysis),
            usable: Usable::new(&analysis.usable),
            findings,
            roms: analysis.inside.iter().map(rom_inside).collect(),
        }
    }
}

impl File {
    /// It with what `name` calls the devices that its images are for.
    pub(crate) fn with_names(
        mut self,
        analysis: &Analysis,
        name: &dyn Fn(DeviceId) -> Option<String>,
    ) -> Self {
        for (image, own) in self.images.iter_mut().zip(&analysis.images) {
            image.name = own.device.and_then(name).map(Line::from);
        }
        self.roms.iter_mut().for_each(|rom| rom.name_devices(name));
        self
    }
}

/// An option ROM inside of a file.
fn rom_inside(inside: &RomInside) -> FoundRom {
    let missing = match inside.analysis.end {
        ChainEnd::Truncated { missing } => missing,
        _ => 0,
    };
    FoundRom::new(&inside.place, missing, &inside.analysis)
}

/// The command that is the next `step` for a file.
pub(crate) fn next(step: Option<NextStep>, path: &Path) -> Option<ShellCommand> {
    ShellCommand::new(step?.words(&file_word(path)?))
}

impl Opened {
    fn new(step: &Step) -> Self {
        let others = step.others.iter().map(|(name, kind)| Other {
            name: Line::from(name.as_str()),
            kind: kind.name(),
            kind_text: Sentence(kind.to_string()).into(),
        });
        Self {
            name: step.name.as_deref().map(Line::from),
            kind: step.kind.name(),
            kind_text: Sentence(step.kind.to_string()).into(),
            length: step.length,
            others: others.collect(),
        }
    }
}

impl Known {
    fn new(known: &KnownRom) -> Self {
        Self {
            rom: Line::from(known.rom.as_str()),
            platforms: known.platforms.iter().map(|code| Line::from(code.as_str())).collect(),
        }
    }
}

impl Image {
    fn new(index: usize, image: &ImageSummary) -> Self {
        let hex = |word: u16| Line::new(format!("{word:04x}"));
        Self {
            index,
            offset: image.span.offset,
            length: image.span.length,
            kind: image.kind.into(),
            vendor: image.device.map(|id| hex(id.vendor)),
            device: image.device.map(|id| hex(id.device)),
            name: None,
            class: image.class.map(|class| Line::new(class.to_string())),
            code_type: image.code_type.map(|code_type| code_type.0),
            last: image.last,
            efi: image.efi.as_ref().map(EfiImage::new),
            contents: image.contents.as_ref().map(Contents::new),
        }
    }
}

impl EfiImage {
    fn new(driver: &DriverSummary) -> Self {
        let signature = if let model::Signature::Present(signed) = &driver.signature {
            Some(Signature::new(signed))
        } else {
            None
        };
        Self {
            machine: Line::new(driver.machine.to_string()),
            subsystem: Line::new(driver.subsystem.to_string()),
            compressed: driver.compressed,
            signed: driver.signature != model::Signature::Absent,
            signature,
        }
    }
}

impl Signature {
    fn new(signed: &Signed) -> Self {
        let signers = signed.signers.iter();
        Self {
            algorithm: signed.algorithm.name(),
            digest: signed.signed.clone().into(),
            digest_matches: signed.image_matches(),
            firmware_digest_matches: signed.handed_matches(),
            signers: signers
                .map(|signer| Signer {
                    subject: Line::from(signer.subject.as_str()),
                    sha256: signer.thumbprint.into(),
                })
                .collect(),
        }
    }
}

impl Contents {
    fn new(contents: &contents::Contents) -> Self {
        let assignment = contents.assignment_table.iter();
        let assignment =
            assignment.map(|table| Table::new(TableKind::AssignmentTable, table.span, &table.ids));
        let lists = contents
            .gop_lists
            .iter()
            .map(|list| Table::new(TableKind::GopList, list.span, &list.ids));
        Self {
            driver: contents.driver.map(Into::into),
            evidence: contents
                .evidence
                .iter()
                .map(|evidence| Line::new(evidence.to_string()))
                .collect(),
            gop_version: contents.version.as_deref().map(Line::from),
            protocols: contents.protocols.iter().map(|protocol| protocol.name).collect(),
            devices: contents.devices().iter().map(|id| (*id).into()).collect(),
            tables: assignment.chain(lists).collect(),
            vbt: contents.vbt.as_ref().map(Vbt::new),
            vbios: contents.vbios.as_ref().map(|vbios| Vbios {
                maker: vbios.maker,
                version: vbios.version.as_deref().map(Line::from),
                part_number: vbios.part_number.as_deref().map(Line::from),
            }),
        }
    }
}

impl Table {
    fn new(kind: TableKind, span: Span, ids: &[u16]) -> Self {
        let devices = ids.iter().map(|id| DeviceId::intel(*id).into()).collect();
        Self { kind, offset: span.offset, length: span.length, devices }
    }
}

impl Vbt {
    fn new(vbt: &contents::Vbt) -> Self {
        Self {
            offset: vbt.span.offset,
            length: vbt.size,
            product: Line::from(vbt.product.as_str()),
            version: vbt.version,
            bdb_version: vbt.bdb_version,
            checksum_matches: vbt.checksum.map(|sum| sum == 0),
        }
    }
}

impl Region {
    fn new(region: &rom_core::Region) -> Self {
        let (kind, image) = match region.kind {
            RegionKind::Image(image) => (Part::Image, Some(image)),
            RegionKind::Container => (Part::Container, None),
            RegionKind::Padding => (Part::Padding, None),
            RegionKind::Trailing => (Part::Trailing, None),
            RegionKind::Unread => (Part::Unread, None),
        };
        let lost = region.lost.map(|lost| Sentence(lost.to_string()).into());
        Self { kind, image, offset: region.span.offset, length: region.span.length, lost }
    }
}

impl Predictions {
    fn new(analysis: &Analysis) -> Self {
        let of = |firmware| analysis.prediction(firmware).map(Prediction::new);
        Self {
            ovmf: of(Firmware::Ovmf),
            aavmf: of(Firmware::Aavmf),
            aavmf_secure_boot: of(Firmware::AavmfSecureBoot),
            seabios: of(Firmware::SeaBios),
        }
    }
}

impl Prediction {
    pub(crate) fn new(prediction: &firmware::Prediction) -> Self {
        let images = prediction.images.iter().enumerate().map(|(index, image)| ImagePrediction {
            index,
            outcome: image.outcome.into(),
            reason: Sentence(&image.reason).into(),
            source: image.source,
        });
        Self {
            boots: prediction.boots(),
            hang: prediction.hang.map(|hang| block![hang]),
            runs: prediction.runs().collect(),
            images: images.collect(),
        }
    }
}

impl Finding {
    /// It about the file at `path`, of which `repair` removes it.
    fn with_repair(self, repair: Option<Repair>, path: &Line) -> Self {
        let Some(name) = repair.map(Repair::name) else { return self };
        let option = format!("--{name}");
        let command = file_word(Path::new(path.raw())).and_then(|file| {
            ShellCommand::new(["oprom", "repair", &file, &option, "-o", "repaired.rom"])
        });
        Self { repair: Some(name), commands: command.into_iter().collect(), ..self }
    }

    pub(crate) fn new(finding: &rom_core::Finding) -> Self {
        Self {
            code: finding.code.id(),
            severity: finding.severity().into(),
            title: finding.code.title(),
            offset: finding.span.offset,
            length: finding.span.length,
            image: finding.image,
            message: Sentence(finding.fact.to_string()).into(),
            spec: finding.code.spec(),
            hint: finding.code.hint(),
            repair: None,
            commands: Vec::new(),
        }
    }
}
