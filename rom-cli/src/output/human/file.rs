//! What is in a file: `check`, `show`, and the file of `build` and `repair`.

use super::super::page::{Page, bad, doubtful, good, spaces, strong};
use super::Text;
use crate::report::file::{
    Check, Field, File, Finding, Image, Part, Prediction, Predictions, Show, Structure, TableKind,
};
use crate::report::scan::{FoundRom, HitImage};
use crate::report::usable::Usable;
use crate::text::{Block, Hex, Line, ShellCommand, Styled, block};
use rom_core::count::Count;
use rom_core::file_kind::FileKind;
use rom_core::firmware::{Firmware, Outcome};
use rom_core::layout::CodeType;
use rom_core::model::ImageKind;
use rom_core::usable::Answer;
use rom_core::{Code, Severity, Verdict};
use std::io;

/// Columns of what is said of an image, below the line about it.
const BELOW_IMAGE: usize = 11;

/// The same below the column of the map that says what a region is.
const BELOW_REGION: usize = 25;

/// Columns of what is said of a finding, below the line about it.
const BELOW_FINDING: usize = 10;

/// Bytes of a field that are printed on one line.
const FIELD_BYTES: usize = 8;

/// The files of a folder, one line each, and how many there are.
fn lines(files: &[File], page: &mut Page<'_>) -> io::Result<()> {
    let mut copies: usize = 0;
    for (index, file) in files.iter().enumerate() {
        let digest = file.sha256.as_ref();
        let earlier = files
            .iter()
            .take(index)
            .find(|other| digest.is_some() && other.sha256.as_ref() == digest);
        copies = copies.saturating_add(usize::from(earlier.is_some()));
        one_line(file, earlier, page)?;
    }
    let count = |verdict| files.iter().filter(|file| file.verdict.0 == verdict).count();
    let (good, warn, bad) = (count(Verdict::Good), count(Verdict::Warn), count(Verdict::Bad));
    let noun = if files.len() == 1 { " file: " } else { " files: " };
    let works = files.iter().filter(|file| file.usable.answer.0 == Answer::Yes).count();
    let device = files.iter().find_map(|file| file.usable.device);
    let works = device.map(|device| block!["; ", works, " for ", device]);
    let copies = match copies {
        0 => None,
        1 => Some(block!["; 1 is a copy of another"]),
        _ => Some(block!["; ", copies, " are copies of others"]),
    };
    page.blank()?;
    page.line(&block![
        files.len(),
        noun,
        good,
        " good, ",
        warn,
        " with warnings, ",
        bad,
        " bad",
        works,
        copies
    ])
}

/// A file in one line: what it is and, where it does not work, the first reason.
fn one_line(file: &File, earlier: Option<&File>, page: &mut Page<'_>) -> io::Result<()> {
    let (word, least) = match file.verdict.0 {
        Verdict::Good => (good("good"), None),
        Verdict::Warn => (doubtful("warn"), Some(Severity::Warning)),
        Verdict::Bad => (bad("bad "), Some(Severity::Error)),
    };
    let first = file.findings.iter().find(|finding| Some(finding.severity.0) == least);
    let about = match (earlier, first) {
        (Some(other), _) => block!["a copy of ", &other.path],
        (None, Some(finding)) if file.images.is_empty() => {
            block![&file.kind_text, " (", finding.code, ")"]
        }
        (None, Some(finding)) => block![finding.title, " (", finding.code, ")"],
        (None, None) if file.usable.device.is_some() && file.usable.answer.0 == Answer::No => {
            block![&file.kind_text, ", not for this GPU: ", &file.usable.reason]
        }
        (None, None) if file.usable.answer.0 == Answer::Yes => {
            block![&file.kind_text, ", for this GPU"]
        }
        (None, None) => block![&file.kind_text],
    };
    page.line(&block![word, "  ", &file.path, ": ", about])
}

impl Text for Check {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let quiet = page.look.quiet;
        if self.from_folder && !quiet && !page.look.verbose {
            return lines(&self.files, page);
        }
        let mut any = false;
        for file in self.files.iter().filter(|file| !quiet || is_notable(file)) {
            if any && !quiet {
                page.blank()?;
            }
            any = true;
            file.write(page)?;
        }
        if self.files.len() > 1 && !quiet {
            let count =
                |verdict| self.files.iter().filter(|file| file.verdict.0 == verdict).count();
            let (good, warn, bad) =
                (count(Verdict::Good), count(Verdict::Warn), count(Verdict::Bad));
            page.blank()?;
            page.line(&block![
                self.files.len(),
                " files: ",
                good,
                " good, ",
                warn,
                " with warnings, ",
                bad,
                " bad"
            ])?;
        }
        Ok(())
    }
}

impl Text for File {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        answer(self, page)?;
        if !page.look.quiet {
            kind(self, page)?;
            identity(self, page)?;
            for image in &self.images {
                let at = block![", ", image.length, " bytes at ", Hex(image.offset)];
                let head = block!["  image ", image.index, "  "];
                page.row(&head, &block![image_text(image), at])?;
                contents(image, BELOW_IMAGE, page)?;
            }
            firmware(self, page)?;
            roms(self, page)?;
        }
        findings(self, page)
    }
}

/// The option ROMs in a file that are not its images, one line each.
fn roms(file: &File, page: &mut Page<'_>) -> io::Result<()> {
    if file.roms.is_empty() {
        return Ok(());
    }
    page.line(&match file.roms.len() {
        1 => block!["  1 option ROM in it"],
        count => block!["  ", count, " option ROMs in it"],
    })?;
    file.roms.iter().try_for_each(|rom| page.line(&block!["    ", rom_text(rom)]))
}

impl Text for Show {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let file = &self.file;
        answer(file, page)?;
        kind(file, page)?;
        identity(file, page)?;
        page.blank()?;
        page.line(&Line::new(format!("  {:>10} {:>10}  what", "offset", "length")).into())?;
        for region in &file.regions {
            let image = region.image.and_then(|index| file.images.get(index));
            let what = match (region.kind, image) {
                _ if region.lost.is_some() => block!["a damaged image: ", region.lost.as_ref()],
                (Part::Image, Some(image)) => {
                    block!["image ", region.image, ": ", image_text(image)]
                }
                (Part::Image, None) => block!["image ", region.image],
                (Part::Container, _) => block!["container: firmware does not look past it"],
                (Part::Padding, _) => block!["padding"],
                (Part::Trailing, _) => block!["other data"],
                (Part::Unread, _) => block!["no option ROM"],
            };
            let columns = Line::new(format!("  {:>#10x} {:>10}  ", region.offset, region.length));
            page.row(&columns.into(), &what)?;
            image.map_or(Ok(()), |image| contents(image, BELOW_REGION, page))?;
        }
        page.blank()?;
        firmware(file, page)?;
        roms(file, page)?;
        for (index, structures) in self.structures.iter().flatten().enumerate() {
            structures.iter().try_for_each(|structure| hex(index, structure, page))?;
        }
        if !file.findings.is_empty() {
            page.blank()?;
        }
        findings(file, page)?;
        self.page.as_ref().map_or(Ok(()), |html| page.step("Page", &block!["written to ", html]))
    }
}

/// Whether -q says anything of a file.
fn is_notable(file: &File) -> bool {
    let useless = file.usable.device.is_some() && file.usable.answer.0 == Answer::No;
    file.verdict.0 != Verdict::Good || useless
}

/// What the file is, whether it does its job, and what its structure is like.
fn answer(file: &File, page: &mut Page<'_>) -> io::Result<()> {
    if page.look.quiet {
        let useless = file.verdict.0 != Verdict::Bad && file.usable.answer.0 == Answer::No;
        let word = if useless { bad("does not work") } else { structure(file) };
        return page.line(&block![strong(&file.path), ": ", word]);
    }
    page.line(&block![strong(&file.path), ": ", what(file)])?;
    works(&file.usable, page)?;
    page.line(&block!["  structure: ", structure(file)])
}

/// What the file is.
fn what(file: &File) -> Block {
    if file.kind != FileKind::OptionRom.name() {
        return file.kind_text.clone();
    }
    block![
        "option ROM with ",
        file.images.len(),
        if file.images.len() == 1 { " image" } else { " images" }
    ]
}

fn structure(file: &File) -> Styled<&'static str> {
    match file.verdict.0 {
        Verdict::Good => good("good"),
        Verdict::Warn => doubtful("good, with warnings"),
        Verdict::Bad => bad("bad"),
    }
}

/// Whether the file works with the GPU. Without a GPU only a file that works with none is named.
fn works(usable: &Usable, page: &mut Page<'_>) -> io::Result<()> {
    let gpu = match (usable.device, usable.answer.0) {
        (Some(device), _) => block![device],
        (None, Answer::No) => block!["any GPU"],
        (None, Answer::Yes | Answer::Unknown) => return Ok(()),
    };
    let answer = match usable.answer.0 {
        Answer::Yes => good("yes"),
        Answer::No => bad("no"),
        Answer::Unknown => doubtful("unknown"),
    };
    page.line(&block!["  works with ", gpu, ": ", answer])?;
    page.prose(BELOW_IMAGE, &usable.reason)
}

/// What was opened in the file, and what comes next.
fn kind(file: &File, page: &mut Page<'_>) -> io::Result<()> {
    for opened in &file.opened {
        let name = opened.name.as_ref().map(|name| block![name, ": "]);
        page.prose(
            2,
            &block!["contents: ", name, &opened.kind_text, ", ", opened.length, " bytes"],
        )?;
        for other in &opened.others {
            page.prose(2, &block!["contents: ", &other.name, ": ", &other.kind_text])?;
        }
    }
    next(file.next.as_ref(), page)
}

/// The command that comes next for a file of this kind.
pub(super) fn next(command: Option<&ShellCommand>, page: &mut Page<'_>) -> io::Result<()> {
    command.map_or(Ok(()), |command| page.row_command(&block!["  next: "], command))
}

fn identity(file: &File, page: &mut Page<'_>) -> io::Result<()> {
    let digest = file
        .sha256
        .map_or_else(|| block!["too large to identify"], |digest| block!["sha256 ", digest]);
    page.line(&block!["  ", file.size, " bytes, ", digest])?;
    let other = file.findings.iter().find(|finding| finding.code == Code::KnownFile.id());
    let known = match (&file.known, other) {
        (Some(known), _) => block![
            "this is ",
            &known.rom,
            " of LongQT-sea's release, for ",
            listed(&known.platforms, " ")
        ],
        (None, Some(other)) => {
            block!["known file, not from LongQT-sea's release: ", &other.message]
        }
        (None, None) if file.images.is_empty() => return Ok(()),
        (None, None) => block!["not a file of LongQT-sea's release (that does not make it bad)"],
    };
    page.prose(2, &known)
}

/// `lines` with `between` between them.
pub(super) fn listed(lines: &[Line], between: &'static str) -> Block {
    let Some((first, others)) = lines.split_first() else { return Block::default() };
    others.iter().fold(block![first], |block, line| block![block, between, line])
}

fn image_text(image: &Image) -> Block {
    let ids = if let (Some(vendor), Some(device), Some(class)) =
        (&image.vendor, &image.device, &image.class)
    {
        block![vendor, ":", device, " class ", class]
    } else {
        block!["no ids"]
    };
    let kind = kind_of(image.kind.0, image.code_type);
    let driver = image.efi.as_ref().map(|efi| {
        let compressed = efi.compressed.then_some(", compressed");
        let signed = efi.signed.then_some(", signed");
        block![", ", &efi.subsystem, " for ", &efi.machine, compressed, signed]
    });
    block![kind, ", ", ids, driver, image.last.then_some(", last")]
}

/// What an image is, in words: its code type, as the specification has it.
fn kind_of(kind: ImageKind, code_type: Option<u8>) -> Block {
    match (kind, code_type) {
        (ImageKind::Legacy, None) => block!["ISA"],
        (_, Some(code_type)) => block![Line::new(CodeType(code_type).to_string())],
        (_, None) => block!["unreadable"],
    }
}

/// A ROM that is inside of something: its verdict, where it is, and what it is.
pub(super) fn rom_text(rom: &FoundRom) -> Block {
    let word = match rom.verdict.0 {
        Verdict::Good => good("good"),
        Verdict::Warn => doubtful("warn"),
        Verdict::Bad => bad("bad "),
    };
    block![word, "  ", place_text(rom), ": ", rom_contents(rom)]
}

/// Where a ROM is that is inside of something.
pub(super) fn place_text(rom: &FoundRom) -> Block {
    let decoded = rom.decoded.map(|part| block![" of decoded part ", part]);
    let opened = rom.opened.then_some(" of what is in it");
    let name = rom.name.as_ref().map(|name| block![" (", name, ")"]);
    block![Line::new(format!("{:#x}", rom.offset)), decoded, opened, name]
}

/// What a ROM is that is inside of something, and whether it works.
pub(super) fn rom_contents(rom: &FoundRom) -> Block {
    let first = rom.images.first();
    let ids = first
        .and_then(|image| Some(block![" ", image.vendor.as_ref()?, ":", image.device.as_ref()?]));
    let name = first.and_then(|image| image.name.as_ref()).map(|name| block![" (", name, ")"]);
    // Images of one kind that follow each other are counted.
    let same = |one: &HitImage, next: &HitImage| {
        (one.kind.0, one.code_type) == (next.kind.0, next.code_type)
    };
    let mut kinds = Block::default();
    for (index, images) in rom.images.chunk_by(same).enumerate() {
        let count = (images.len() > 1).then(|| block![images.len(), " x "]);
        let kind = images.first().map(|image| kind_of(image.kind.0, image.code_type));
        kinds = block![kinds, (index > 0).then_some(" + "), count, kind];
    }
    let missing = match rom.missing {
        0 => Block::default(),
        1 => block![", 1 byte missing"],
        count => block![", ", count, " bytes missing"],
    };
    let known = rom.rom.as_ref().map(|rom| block![", ", rom]);
    let works = rom.usable.device.map(|device| {
        let answer = match rom.usable.answer.0 {
            Answer::Yes => good("yes"),
            Answer::No => bad("no"),
            Answer::Unknown => doubtful("unknown"),
        };
        block!["; works with ", device, ": ", answer]
    });
    block![rom.length, " bytes,", ids, name, " ", kinds, missing, known, works]
}

/// What is in an image, below the line about it.
fn contents(image: &Image, indent: usize, page: &mut Page<'_>) -> io::Result<()> {
    if let Some(name) = &image.name {
        page.prose(indent, &block!["for ", name])?;
    }
    let Some(contents) = &image.contents else { return Ok(()) };
    if let Some(kind) = contents.driver {
        let version = contents.gop_version.as_ref().map(|version| block![" ", version]);
        let purpose = kind.0.purpose().map(|purpose| block![": ", purpose]);
        page.prose(indent, &block![kind.0.name(), version, purpose])?;
    }
    let has = |kind| contents.tables.iter().find(|table| table.kind == kind);
    if let Some(table) = has(TableKind::AssignmentTable) {
        page.prose(indent, &block!["supports ", Count(table.devices.len(), "GPU")])?;
    }
    if has(TableKind::GopList).is_some() {
        page.prose(indent, &block!["lists ", Count(contents.devices.len(), "GPU")])?;
    }
    if let Some(vbios) = &contents.vbios {
        let version = vbios.version.as_ref().map(|version| block![" ", version]);
        let part = vbios.part_number.as_ref().map(|part| block![", ", part]);
        page.prose(indent, &block!["VBIOS of ", vbios.maker, version, part])?;
    }
    if let Some(vbt) = &contents.vbt {
        let version = vbt.bdb_version.map(|version| block![", data version ", version]);
        page.prose(
            indent,
            &block!["Video BIOS Table for ", &vbt.product, version, ", ", vbt.length, " bytes"],
        )?;
    }
    if let Some(signature) = image.efi.as_ref().and_then(|efi| efi.signature.as_ref()) {
        let signers: Vec<Line> =
            signature.signers.iter().map(|signer| common_name(&signer.subject)).collect();
        let signers = if signers.is_empty() {
            block!["an unnamed signer"]
        } else {
            listed(&signers, " and ")
        };
        page.prose(indent, &block!["signed by ", signers])?;
    }
    if page.look.verbose {
        contents
            .evidence
            .iter()
            .try_for_each(|evidence| page.prose(indent, &block!["identified by ", evidence]))?;
        if let Some((first, others)) = contents.protocols.split_first() {
            let names =
                others.iter().fold(block![*first], |names, name| block![names, ", ", *name]);
            page.prose(indent, &block!["protocols: ", names])?;
        }
        if !contents.devices.is_empty() {
            let ids: Vec<Line> = contents
                .devices
                .iter()
                .map(|id| Line::new(format!("{:04x}", id.0.device)))
                .collect();
            page.prose(indent, &block!["GPUs: ", listed(&ids, " ")])?;
        }
    }
    Ok(())
}

/// The common name of a certificate's subject, or all of it.
fn common_name(subject: &Line) -> Line {
    let name = subject.raw().split(',').find_map(|part| part.trim().strip_prefix("CN="));
    name.unwrap_or(subject.raw()).into()
}

impl Predictions {
    fn named(&self) -> [(Firmware, &Option<Prediction>); 4] {
        [
            (Firmware::Ovmf, &self.ovmf),
            (Firmware::Aavmf, &self.aavmf),
            (Firmware::AavmfSecureBoot, &self.aavmf_secure_boot),
            (Firmware::SeaBios, &self.seabios),
        ]
    }
}

/// What the firmwares do with a file: OVMF and SeaBIOS, and AAVMF where there is something for it.
fn firmware(file: &File, page: &mut Page<'_>) -> io::Result<()> {
    if file.images.is_empty() {
        return Ok(());
    }
    let arm64 = file.firmware.aavmf.as_ref().is_some_and(|prediction| !prediction.runs.is_empty());
    for (firmware, prediction) in file.firmware.named() {
        let common = matches!(firmware, Firmware::Ovmf | Firmware::SeaBios);
        let Some(prediction) = prediction.as_ref().filter(|_| common || arm64) else { continue };
        let label = block!["  ", padded(firmware.name(), 8), " "];
        if let Some(hang) = &prediction.hang {
            page.row(&label, &block!["hangs: ", hang])?;
            continue;
        }
        page.row(&label, &starts(&prediction.runs, prediction.images.len()))?;
        for (image, of_file) in prediction.images.iter().zip(&file.images) {
            let missed = image.outcome.0 == Outcome::Unreached
                && firmware == Firmware::Ovmf
                && of_file.kind.0 == ImageKind::Efi;
            if page.look.verbose || (common && (missed || image.outcome.0 == Outcome::Refused)) {
                let text = block![
                    "image ",
                    image.index,
                    " ",
                    outcome(image.outcome.0),
                    ": ",
                    &image.reason
                ];
                page.prose(BELOW_IMAGE, &text)?;
            }
            if page.look.verbose {
                page.prose(BELOW_IMAGE + 2, &block![image.source])?;
            }
        }
    }
    Ok(())
}

/// `word`, and spaces up to so many columns.
pub(super) fn padded(word: &'static str, columns: usize) -> Block {
    block![word, spaces(columns.saturating_sub(word.chars().count()))]
}

/// Which images of so many a firmware starts.
pub(super) fn starts(runs: &[usize], images: usize) -> Block {
    match (runs, images) {
        ([], _) => block!["does not start any image"],
        ([_, ..], 1) => block!["starts it"],
        ([only], _) => block!["starts image ", *only],
        ([first, others @ .., last], _) => {
            let all = others.iter().fold(block![*first], |all, index| block![all, ", ", *index]);
            block!["starts images ", all, " and ", *last]
        }
    }
}

pub(super) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Runs => "runs",
        Outcome::Skipped => "is skipped",
        Outcome::Refused => "is refused",
        Outcome::Unreached => "is not reached",
    }
}

fn findings(file: &File, page: &mut Page<'_>) -> io::Result<()> {
    let quiet = page.look.quiet;
    // That a file is known is said where its digest is.
    let shown = |finding: &&Finding| {
        finding.code != Code::KnownFile.id() && (!quiet || finding.severity.0 > Severity::Note)
    };
    for finding in file.findings.iter().filter(shown) {
        let [head, text] = finding_parts(finding);
        if quiet {
            page.line(&block!["  ", head, text])?;
        } else {
            page.row(&block!["  ", head], &text)?;
            page.prose(BELOW_FINDING, &block![finding.hint])?;
            for command in &finding.commands {
                page.command_at(BELOW_FINDING, command)?;
            }
        }
        if page.look.verbose {
            let span = block!["bytes ", Hex(finding.offset), "+", Hex(finding.length)];
            page.prose(BELOW_FINDING, &block![span, "; ", finding.spec])?;
        }
    }
    Ok(())
}

pub(super) fn finding_line(finding: &Finding) -> Block {
    let [head, text] = finding_parts(finding);
    block![head, text]
}

/// How severe a finding is and its code, and what was found.
fn finding_parts(finding: &Finding) -> [Block; 2] {
    let word = match finding.severity.0 {
        Severity::Error => block![bad("error")],
        Severity::Warning => block![doubtful("warning")],
        Severity::Note => block!["note"],
    };
    let image = finding.image.map(|image| block!["image ", image, ": "]);
    [block![word, " ", finding.code, " "], block![image, finding.title, ": ", &finding.message]]
}

fn hex(image: usize, structure: &Structure, page: &mut Page<'_>) -> io::Result<()> {
    page.blank()?;
    page.line(&block!["  ", strong(block!["image ", image, ": ", structure.name])])?;
    structure.fields.iter().try_for_each(|field| field_line(field, page))
}

fn field_line(field: &Field, page: &mut Page<'_>) -> io::Result<()> {
    let bytes = field.bytes.spaced(FIELD_BYTES);
    let columns = Line::new(format!("  {:>#10x}  {bytes:<26}  {:<30}  ", field.offset, field.name));
    page.line(&block![columns, &field.value])
}
