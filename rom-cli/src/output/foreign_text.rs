//! Text from outside in every field of every report that takes it: nothing of it is obeyed by a
//! terminal, and each stays on one line.

use super::page::Look;
use super::{human, json};
use crate::error::{CliError, Exit};
use crate::report::file::{self, File};
use crate::report::{
    Report, build, catalog, checks, doctor, explain, extract, failure, guests, install, list, pick,
    repair, scan, setup, status, undo, usable, vm_plan,
};
use crate::text::{Advice, Block, Line, Sentence, ShellCommand, block, is_plain};
use proptest::prelude::*;
use rom_core::catalog::{Confidence, Evidence};
use rom_core::contents::DriverKind;
use rom_core::firmware::Outcome;
use rom_core::model::ImageKind;
use rom_core::usable::Answer;
use rom_core::{DeviceId, Digest, Severity, Verdict};
use rom_host::checks::Status;
use rom_host::explain::{Layer, Matters};
use rom_host::steps::Risk;
use rom_host::vm::model::Manager;
use std::collections::VecDeque;

/// Texts from outside, each with marks at its ends that are its own.
struct Foreign {
    texts: VecDeque<String>,
    next: usize,
}

impl Foreign {
    fn raw(&mut self) -> String {
        let text = self.texts.pop_front().unwrap_or_default();
        self.texts.push_back(text.clone());
        self.next += 1;
        format!("\u{27e6}{0}:{text}:{0}\u{27e7}", self.next)
    }

    fn line(&mut self) -> Line {
        self.raw().into()
    }

    fn lines(&mut self) -> Vec<Line> {
        vec![self.line(), self.line(), self.line()]
    }

    /// Prose of ours with a text in it.
    fn prose(&mut self) -> Block {
        block![
            "it says that ",
            self.line(),
            " is what there is, and more words than fit into one line"
        ]
    }

    /// A sentence of a library, which can hold any text.
    fn sentence(&mut self) -> Block {
        Sentence(self.texts.front().cloned().unwrap_or_default()).into()
    }

    fn advice(&mut self) -> Advice {
        let mut advice = Advice::of(self.prose()).run(["qm", "set", &self.raw()]);
        advice.diff = self.lines();
        advice
    }

    fn usable(&mut self) -> usable::Usable {
        let device = Some(id());
        let (firmware, qemu) = ("ovmf", Some(self.line()));
        usable::Usable {
            firmware,
            device,
            qemu,
            answer: Answer::No.into(),
            reason: self.sentence(),
        }
    }

    fn error(&mut self) -> failure::Error {
        (&CliError::new(Exit::Failed, self.raw(), self.raw()).run(["oprom", &self.raw()])).into()
    }
}

fn id() -> crate::report::PciId {
    DeviceId::intel(0xA7A8).into()
}

fn sha256() -> crate::report::Sha256 {
    Digest::of(b"").into()
}

fn file(foreign: &mut Foreign) -> File {
    let vbt = file::Vbt {
        offset: 1,
        length: 2,
        product: foreign.line(),
        version: 1,
        bdb_version: Some(2),
        checksum_matches: Some(true),
    };
    let contents = file::Contents {
        driver: Some(DriverKind::IntelGop.into()),
        evidence: foreign.lines(),
        gop_version: Some(foreign.line()),
        protocols: vec!["PCI I/O"],
        devices: vec![id()],
        tables: Vec::new(),
        vbt: Some(vbt),
        vbios: None,
    };
    let signer = file::Signer { subject: foreign.line(), sha256: sha256() };
    let signature = file::Signature {
        algorithm: "sha256",
        digest: vec![1, 2].into(),
        digest_matches: true,
        firmware_digest_matches: true,
        signers: vec![signer],
    };
    let efi = file::EfiImage {
        machine: foreign.line(),
        subsystem: foreign.line(),
        compressed: true,
        signed: true,
        signature: Some(signature),
    };
    let image = file::Image {
        index: 0,
        offset: 0,
        length: 512,
        kind: ImageKind::Efi.into(),
        vendor: Some(foreign.line()),
        device: Some(foreign.line()),
        name: Some(foreign.line()),
        class: Some(foreign.line()),
        code_type: Some(3),
        last: true,
        efi: Some(efi),
        contents: Some(contents),
    };
    let outcome = file::ImagePrediction {
        index: 0,
        outcome: Outcome::Refused.into(),
        reason: foreign.sentence(),
        source: "edk2, PciOptionRomSupport.c",
    };
    let prediction =
        file::Prediction { boots: true, hang: None, runs: vec![0], images: vec![outcome] };
    let finding = finding(foreign);
    let other = file::Other { name: foreign.line(), kind: "text", kind_text: foreign.sentence() };
    let opened = file::Opened {
        name: Some(foreign.line()),
        kind: "option-rom",
        kind_text: foreign.sentence(),
        length: 512,
        others: vec![other],
    };
    File {
        path: foreign.line(),
        size: 512,
        sha256: Some(sha256()),
        kind: "zip",
        kind_text: foreign.sentence(),
        opened: vec![opened],
        next: ShellCommand::new(["oprom", "check", &foreign.raw()]),
        known: Some(file::Known { rom: foreign.line(), platforms: foreign.lines() }),
        verdict: Verdict::Bad.into(),
        images: vec![image],
        regions: vec![file::Region {
            kind: file::Part::Image,
            image: Some(0),
            offset: 0,
            length: 512,
            lost: Some(foreign.sentence()),
        }],
        firmware: file::Predictions {
            ovmf: Some(prediction),
            aavmf: None,
            aavmf_secure_boot: None,
            seabios: None,
        },
        usable: foreign.usable(),
        findings: vec![finding],
        roms: vec![found_rom(foreign)],
    }
}

fn finding(foreign: &mut Foreign) -> file::Finding {
    file::Finding {
        code: "ROM014",
        severity: Severity::Error.into(),
        title: "a title",
        offset: 0,
        length: 1,
        image: Some(0),
        message: foreign.sentence(),
        spec: "a specification",
        hint: "a hint",
        repair: Some("pad"),
        commands: ShellCommand::new(["oprom", "repair", &foreign.raw()]).into_iter().collect(),
    }
}

fn found(foreign: &mut Foreign) -> pick::Found {
    let device = pick::Device {
        id: id(),
        name: Some(foreign.line()),
        platform: Some(foreign.line()),
        platform_name: Some(foreign.line()),
        generation: Some(foreign.line()),
        bdf: Some(foreign.line()),
        class: Some(foreign.line()),
    };
    let platform =
        pick::Platform { code: foreign.line(), name: foreign.line(), generation: foreign.line() };
    let cpu = pick::Cpu {
        name: foreign.line(),
        family: None,
        model: None,
        stepping: None,
        platforms: vec![platform],
    };
    pick::Found { device: Some(device), cpu: Some(cpu) }
}

fn pick(foreign: &mut Foreign) -> pick::Pick {
    let candidate = pick::Candidate {
        rom: foreign.line(),
        sha256: sha256(),
        url: foreign.line(),
        confidence: Confidence::High.into(),
        reason: foreign.sentence(),
        note: Some(foreign.sentence()),
    };
    let own = pick::OwnFile {
        path: foreign.line(),
        sha256: Some(sha256()),
        verdict: Verdict::Good.into(),
        usable: foreign.usable(),
        install: ShellCommand::new(["oprom", "install", &foreign.raw()]),
        take_out: ShellCommand::new(["oprom", "extract", &foreign.raw()]),
    };
    pick::Pick {
        found: found(foreign),
        candidates: vec![candidate],
        files: vec![own],
        refused: None,
        remarks: vec![foreign.advice()],
        next: ShellCommand::new(["oprom", "install"]),
    }
}

fn fetched(foreign: &mut Foreign) -> install::Fetch {
    install::Fetch {
        rom: foreign.line(),
        sha256: sha256(),
        source: Some(foreign.line()),
        dest: foreign.line(),
        changed: true,
    }
}

fn install(foreign: &mut Foreign) -> install::Install {
    install::Install {
        rom: foreign.line(),
        sha256: sha256(),
        size: Some(1),
        source: Some(foreign.line()),
        dest: foreign.line(),
        replaced: Some(undo::Replaced { sha256: foreign.line(), backup: foreign.line() }),
        own: false,
        current: None,
        changed: true,
        dry_run: false,
        would_change: None,
        found: found(foreign),
        confidence: Some(Confidence::Low.into()),
        reason: Some(foreign.sentence()),
        checked: Some(install::Checked {
            verdict: Verdict::Warn.into(),
            images: 1,
            usable: foreign.usable(),
        }),
        remarks: vec![foreign.advice()],
        next: vec![foreign.advice()],
        warnings: vec![foreign.advice()],
    }
}

fn all_checks(foreign: &mut Foreign) -> checks::Results {
    let checks =
        [Status::Pass, Status::Warn, Status::Fail, Status::Skip].map(|status| checks::Check {
            id: "HOST010",
            status: status.into(),
            says: foreign.prose(),
            evidence: foreign.sentence(),
            advice: Some(foreign.advice()),
            more: "docs/checks.md, HOST010".to_owned(),
        });
    let counts = checks::Counts { pass: 1, warn: 1, fail: 1, skip: 1 };
    checks::Results { ready: false, counts, checks: checks.into() }
}

fn extract(foreign: &mut Foreign) -> extract::Extract {
    let part = extract::Part {
        name: foreign.line(),
        what: foreign.prose(),
        place: Some(extract::Place { offset: 1, length: 2, decoded: Some(1) }),
        length: 2,
        devices: vec![id(), id()],
        evidence: foreign.lines(),
        copies: 2,
    };
    let item = extract::Item {
        depth: 1,
        what: foreign.prose(),
        guid: Some(foreign.line()),
        name: Some(foreign.line()),
        offset: 1,
        length: 2,
    };
    extract::Extract {
        path: foreign.line(),
        kind: extract::Kind::FirmwareImage,
        parts: vec![part],
        items: vec![item],
        source: Some(extract::Source {
            kind: "rom-bar",
            what: foreign.sentence(),
            device: Some(foreign.line()),
            rom: Some(found_rom(foreign)),
        }),
        missing: Some(extract::Missing { why: foreign.sentence(), advice: Some(foreign.advice()) }),
        opaque: vec![foreign.prose()],
        opaque_bytes: 2,
        other_drivers: 2,
        folder: Some(foreign.line()),
        written: 1,
        errors: vec![foreign.error()],
        page: Some(foreign.line()),
        alone: true,
    }
}

fn hit(foreign: &mut Foreign) -> scan::Hit {
    scan::Hit { path: foreign.line(), rom: found_rom(foreign) }
}

fn found_rom(foreign: &mut Foreign) -> scan::FoundRom {
    let image = scan::HitImage {
        kind: ImageKind::Legacy.into(),
        code_type: None,
        vendor: Some(foreign.line()),
        device: Some(foreign.line()),
        name: Some(foreign.line()),
        id: None,
        length: 2,
    };
    scan::FoundRom {
        offset: 1,
        decoded: Some(2),
        opened: true,
        name: Some(foreign.line()),
        length: 2,
        missing: 3,
        sha256: Some(sha256()),
        rom: Some(foreign.line()),
        verdict: Verdict::Good.into(),
        usable: foreign.usable(),
        images: vec![image],
    }
}

fn plan(manager: Manager, foreign: &mut Foreign) -> vm_plan::VmPlan {
    let commands = if manager == Manager::Proxmox { foreign.advice().commands } else { Vec::new() };
    let step = vm_plan::PlanStep {
        id: foreign.line(),
        text: foreign.prose(),
        reason: foreign.prose(),
        check: "VM001",
        risk: Risk::Reinstall.into(),
        optional: true,
        undo: commands.clone(),
        commands,
        diff: foreign.lines(),
    };
    vm_plan::VmPlan {
        manager: manager.into(),
        vm: Some(foreign.line()),
        vmid: None,
        goal: Some(checks::Goal { name: "compute", reason: foreign.line() }),
        device: Some(foreign.line()),
        qemu: Some(foreign.line()),
        ready: false,
        steps: vec![step],
        reboot_required: false,
        pending: true,
        manual_steps: all_checks(foreign).checks,
        notes: all_checks(foreign).checks,
        remember: foreign.lines(),
    }
}

fn setup(foreign: &mut Foreign, phase: setup::Phase) -> setup::Setup {
    let mut step = |part, state| setup::SetupStep {
        id: foreign.line(),
        part,
        text: foreign.prose(),
        reason: foreign.prose(),
        check: "VM001",
        risk: Risk::Reinstall.into(),
        optional: true,
        restart: true,
        file: Some(foreign.line()),
        commands: foreign.advice().commands,
        diff: foreign.lines(),
        state,
    };
    let steps = vec![
        step(setup::StepPart::Host, setup::StepState::Done),
        step(setup::StepPart::Host, setup::StepState::Failed),
        step(setup::StepPart::Vm, setup::StepState::NotReached),
        step(setup::StepPart::Vm, setup::StepState::Planned),
    ];
    let choice = setup::Choice {
        text: foreign.prose(),
        command: ShellCommand::new(["oprom", "setup", &foreign.raw()]),
    };
    setup::Setup {
        phase,
        vm: Some(foreign.line()).filter(|_| phase != setup::Phase::Choice),
        vmid: None,
        manager: Some(Manager::Libvirt.into()),
        goal: Some(checks::Goal { name: "compute", reason: foreign.line() }),
        ready: false,
        steps,
        reboot_required: true,
        pending: true,
        manual_steps: all_checks(foreign).checks,
        notes: all_checks(foreign).checks,
        dropped: foreign.lines(),
        logins: foreign.lines(),
        goes_dark: true,
        interrupted: Some(setup::Interrupted { run: 1, command: foreign.line(), done: 2 }),
        run: Some(2),
        guests: all_guests(foreign),
        guests_unread: 1,
        choices: vec![choice],
        next: foreign.advice().commands,
    }
}

fn explained(foreign: &mut Foreign) -> explain::Entry {
    explain::Entry {
        id: foreign.line(),
        title: Some(foreign.line()),
        layer: Some(Layer::Qemu.into()),
        matters: Some(Matters::Yes.into()),
        line: Some(1),
        text: Some(foreign.line()),
        count: Some(2),
        means: vec![foreign.prose()],
        advice: vec![foreign.advice()],
        examples: foreign.lines(),
    }
}

/// Reports of what is asked of files.
fn of_files(foreign: &mut Foreign) -> Vec<Report> {
    let field = file::Field {
        offset: 0,
        bytes: vec![0; 9].into(),
        name: "signature",
        value: foreign.line(),
    };
    let structure = file::Structure { name: "header", fields: vec![field] };
    let edit = repair::Edit { repair: "pad", change: repair::Change::Filled { length: 1 } };
    let refused = repair::Refusal { repair: "wrap", reason: foreign.prose() };
    vec![
        Report::Check(Box::new(file::Check {
            files: vec![file(foreign), file(foreign)],
            errors: vec![foreign.error()],
            from_folder: false,
        })),
        Report::Show(Box::new(file::Show {
            file: file(foreign),
            structures: Some(vec![vec![structure]]),
            page: Some(foreign.line()),
        })),
        Report::Build(Box::new(build::Build {
            steps: vec![foreign.prose()],
            file: file(foreign),
            install: ShellCommand::new(["oprom", "install", &foreign.raw()]),
        })),
        Report::Extract(Box::new(extract(foreign))),
        Report::Extracted(Box::new(extract::Extracted {
            files: 2,
            with_parts: 1,
            parts: 1,
            folder: Some(foreign.line()),
            words: vec!["FILE".to_owned()],
        })),
        Report::Repair(Box::new(repair::Repair {
            path: foreign.line(),
            kind: "option-rom",
            kind_text: foreign.sentence(),
            next: ShellCommand::new(["oprom", "check", &foreign.raw()]),
            edits: vec![edit],
            refused: vec![refused],
            file: Some(file(foreign)),
        })),
        Report::Hit(Box::new(hit(foreign))),
    ]
}

/// Reports of the catalog and of what is installed from it.
fn of_catalog(foreign: &mut Foreign) -> Vec<Report> {
    let rom = list::Rom {
        name: foreign.line(),
        sha256: sha256(),
        size: Some(1),
        url: foreign.line(),
        evidence: Evidence::Proved.into(),
        gop: Some(foreign.line()),
        platforms: foreign.lines(),
        note: Some(foreign.sentence()),
    };
    let changed = catalog::State::Changed { pinned: sha256(), there: sha256() };
    let new = catalog::State::New { there: sha256(), size: 1, url: foreign.line() };
    let states = [changed, new, catalog::State::Gone];
    let run = undo::PastRun {
        run: 1,
        at: foreign.line(),
        command: foreign.line(),
        files: foreign.lines(),
        state: undo::RunState::Done,
    };
    let replaced = undo::Replaced { sha256: foreign.line(), backup: foreign.line() };
    vec![
        Report::Pick(Box::new(pick(foreign))),
        Report::Pick(Box::new(pick::Pick { refused: Some(foreign.sentence()), ..pick(foreign) })),
        Report::List(Box::new(list::List { roms: vec![rom] })),
        Report::Fetch(Box::new(fetched(foreign))),
        Report::Fetched(Box::new(fetched(foreign))),
        Report::FetchedAll(Box::new(install::FetchedAll {
            folder: foreign.line(),
            present: 1,
            listed: 2,
            next: None,
        })),
        Report::Install(Box::new(install(foreign))),
        Report::Install(Box::new(install::Install { dry_run: true, ..install(foreign) })),
        Report::Undo(Box::new(undo::Undo {
            runs: vec![undo::UndoneRun {
                run: 1,
                command: foreign.line(),
                parts: vec![undo::UndonePart::File {
                    dest: foreign.line(),
                    restored: Some(sha256()),
                    replaced: Some(replaced),
                    changed: true,
                }],
            }],
        })),
        Report::Undo(Box::new(undo::Undo {
            runs: vec![undo::UndoneRun {
                run: 2,
                command: foreign.line(),
                parts: vec![
                    undo::UndonePart::Vm { vm: foreign.line(), changed: true },
                    undo::UndonePart::Command { command: foreign.line(), failure: None },
                    undo::UndonePart::Command {
                        command: foreign.line(),
                        failure: Some(foreign.line()),
                    },
                ],
            }],
        })),
        Report::Setup(Box::new(setup(foreign, setup::Phase::Planned))),
        Report::Setup(Box::new(setup(foreign, setup::Phase::Stopped))),
        Report::Setup(Box::new(setup(foreign, setup::Phase::Choice))),
        Report::History(Box::new(undo::History { runs: vec![run] })),
        Report::CatalogLint(Box::new(catalog::Lint {
            catalog: foreign.line(),
            findings: vec![catalog::LintFinding { line: 1, column: 2, finding: finding(foreign) }],
            more: 1,
        })),
        Report::CatalogDiff(Box::new(catalog::Differences {
            catalog: foreign.line(),
            source: foreign.line(),
            roms: states.map(|state| catalog::Compared { rom: foreign.line(), state }).into(),
            written: Some(foreign.line()),
        })),
    ]
}

fn all_guests(foreign: &mut Foreign) -> Vec<guests::Guest> {
    let states = [guests::State::Ready, guests::State::NotReady, guests::State::Shares];
    let guest = |state| guests::Guest {
        name: foreign.line(),
        running: true,
        state,
        goal: Some("compute"),
        first: all_checks(foreign).checks.into_iter().next(),
        check: ShellCommand::new(["oprom", "vm", "check", &foreign.raw()]),
    };
    states.map(guest).into()
}

fn status(foreign: &mut Foreign) -> status::Status {
    status::Status {
        found: found(foreign),
        refused: Some(foreign.prose()),
        host: status::Host {
            ready: false,
            warnings: 1,
            first: all_checks(foreign).checks.into_iter().next(),
        },
        rom: all_checks(foreign).checks.into_iter().next(),
        guests: all_guests(foreign),
        guests_unread: 1,
        next: ShellCommand::new(["oprom", "check", &foreign.raw()]),
    }
}

fn vm(foreign: &mut Foreign) -> checks::Vm {
    let gpu = checks::Gpu {
        host: Some(foreign.line()),
        address: Some(foreign.line()),
        bus: Some(foreign.line()),
        id: foreign.line(),
        romfile: Some(foreign.line()),
        rombar: true,
    };
    checks::Vm {
        manager: "proxmox",
        machine: "i440fx",
        firmware: "uefi",
        display: "none",
        goal: Some(checks::Goal { name: "compute", reason: foreign.line() }),
        gpu: Some(gpu),
    }
}

/// Reports of hosts and VMs.
fn of_hosts(foreign: &mut Foreign) -> Vec<Report> {
    vec![
        Report::Doctor(Box::new(doctor::Doctor {
            qemu: Some(foreign.line()),
            results: all_checks(foreign),
            breaks: vec![foreign.line(), foreign.line()],
            guests: all_guests(foreign),
            guests_unread: 1,
        })),
        Report::Status(Box::new(status(foreign))),
        Report::VmCheck(Box::new(checks::VmCheck {
            vmid: None,
            vm: vm(foreign),
            results: all_checks(foreign),
            plan: ShellCommand::new(["oprom", "vm", "plan", &foreign.raw()]),
            remember: foreign.lines(),
        })),
        Report::VmPlan(Box::new(plan(Manager::Proxmox, foreign))),
        Report::VmPlan(Box::new(plan(Manager::Libvirt, foreign))),
        Report::VmPlan(Box::new(plan(Manager::Qemu, foreign))),
        Report::Explain(Box::new(explain::Explain {
            entries: vec![explained(foreign)],
            lines: Some(1),
            cut: Some(true),
        })),
        Report::Pasted(Box::new(explain::Pasted { lines: foreign.lines() })),
    ]
}

/// Every report, with text from outside wherever there can be any.
fn reports(foreign: &mut Foreign) -> Vec<Report> {
    [of_files(foreign), of_catalog(foreign), of_hosts(foreign)].into_iter().flatten().collect()
}

fn lines(text: Vec<u8>) -> Vec<String> {
    let text = String::from_utf8(text).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// The marks of the texts that begin on a line, and of those that end there.
fn marks(line: &str) -> (Vec<&str>, Vec<&str>) {
    let begins = line.split('\u{27e6}').skip(1).filter_map(|rest| rest.split(':').next());
    let mut ended: Vec<&str> = line.split('\u{27e7}').collect();
    ended.pop();
    let ends = ended.into_iter().filter_map(|before| before.rsplit(':').next());
    (begins.collect(), ends.collect())
}

/// Letters that a terminal obeys, reorders or hides, those of syntax, and others.
fn letter() -> impl Strategy<Value = char> {
    let odd: Vec<char> =
        "\n\r\t\u{1b}\u{7f}\u{85}\u{9b}\u{ad}\u{61c}\u{200b}\u{200e}\u{2028}\u{2029}\u{202e}\u{2066}\u{feff}\u{e0041}"
            .chars()
            .collect();
    let syntax: Vec<char> = " '\"\\$`;|&<>(){}[]*?!#~=%,:@/".chars().collect();
    prop_oneof![
        prop::sample::select(odd),
        prop::sample::select(syntax),
        // The marks of these tests are nobody's text.
        any::<char>().prop_filter("a mark", |letter| !['⟦', '⟧'].contains(letter)),
        Just(' '),
        Just('a')
    ]
}

fn texts() -> impl Strategy<Value = Vec<String>> {
    let text =
        prop::collection::vec(letter(), 0..30).prop_map(|letters| letters.into_iter().collect());
    prop::collection::vec(text, 1..8)
}

proptest! {
    #[test]
    fn no_report_lets_text_from_outside_act(
        texts in texts(), width in 10_usize..200, quiet in any::<bool>(), verbose in any::<bool>(), color in any::<bool>()
    ) {
        let mut foreign = Foreign { texts: texts.into(), next: 0 };
        let look = Look { color: false, quiet, verbose, width };
        for report in reports(&mut foreign) {
            let mut text = Vec::new();
            human::print(&report, look, &mut text).unwrap();
            for line in lines(text) {
                prop_assert!(line.chars().all(is_plain), "{line:?}");
                let (begins, ends) = marks(&line);
                prop_assert_eq!(begins, ends, "{:?}", line);
            }
            // Styles add nothing but themselves.
            let mut text = Vec::new();
            human::print(&report, Look { color, ..look }, &mut text).unwrap();
            let own = |letter: char| is_plain(letter) || (color && letter == '\u{1b}');
            prop_assert!(lines(text).iter().all(|line| line.chars().all(own)));
            let mut object = Vec::new();
            json::print(&report, "a command", &mut object).unwrap();
            let object = lines(object);
            prop_assert!(object.len() <= 1);
            for line in object {
                prop_assert!(line.chars().all(is_plain), "{line:?}");
                let value: serde_json::Value = serde_json::from_str(&line).unwrap();
                prop_assert_eq!(value["schema"].as_u64(), Some(1));
            }
        }
    }

    #[test]
    fn no_failure_lets_text_from_outside_act(what in texts(), help in texts(), width in 10_usize..200) {
        let error = CliError::new(Exit::Failed, what.concat(), help.concat())
            .run(["oprom", "check", &help.concat()]);
        let mut text = Vec::new();
        super::write_error(&error, Look { color: false, quiet: false, verbose: false, width }, &mut text).unwrap();
        let text = lines(text);
        prop_assert!(text.iter().all(|line| line.chars().all(is_plain)), "{text:?}");
        prop_assert_eq!(text.iter().filter(|line| line.starts_with("oprom:")).count(), 1);
    }
}
