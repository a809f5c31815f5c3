//! From here to there, on the host: what makes it ready for a VM, as ordered steps.
//!
//! The rules are the recipe: a check that fails says what changes it ([`Check::changes`]), and the
//! steps are those changes, merged and in the order in which they are done. What a step does to a
//! file is its whole text before and after: whoever carries it out writes nothing else.

use crate::advice::{Advice, ShellCommand, difference};
use crate::checks::{Check, Status};
use crate::edit::modprobe;
use crate::files::{HostFiles, Overlay};
use crate::goal::Goal;
use crate::host_change::{HostChange, HostRom};
use crate::probe::Host;
use crate::system::Format;

/// When the host has to be restarted for a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Restart {
    /// Never.
    No,
    /// Some time: the VM works without it.
    Later,
    /// Before anything is done with the VM.
    BeforeVm,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostAction {
    /// A file gets another text.
    Edit {
        /// Its path, as the host names it.
        path: String,
        /// Its text.
        before: String,
        /// Its text then.
        after: String,
    },
    /// A program of the system is run: it makes its own files again of those that were changed, or
    /// keeps the options itself.
    Run {
        /// What is run.
        command: ShellCommand,
        /// What undoes it; `None` for one that is run again, once the files are what they were.
        undo: Option<ShellCommand>,
    },
    /// A ROM is downloaded or taken from this machine, verified and installed.
    InstallRom(HostRom),
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostStep {
    /// What it changes, such as `boot-options`. No two steps of a host have the same.
    pub id: String,
    /// What it does, in a sentence.
    pub text: String,
    /// What is wrong without it, in a sentence.
    pub reason: String,
    /// The check that asks for it; docs/checks.md has a heading for each.
    pub check: &'static str,
    /// Whether the host is ready without it.
    pub optional: bool,
    /// When the host is restarted for it.
    pub restart: Restart,
    /// What it does.
    pub action: HostAction,
}

impl HostStep {
    /// Lines of the file that go, with `- ` before them, and that come, with `+ `.
    #[must_use]
    pub fn diff(&self) -> Vec<String> {
        let HostAction::Edit { before, after, .. } = &self.action else { return Vec::new() };
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        difference(&lines(before), &lines(after))
    }
}

/// The way from a host to one that is ready.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostPlan {
    /// What to do, in this order.
    pub steps: Vec<HostStep>,
    /// What no step makes right: failures are for a person, warnings to know.
    pub left: Vec<Check>,
}

impl HostPlan {
    /// The files of the host as they are once all is done and the host was restarted. The ROM,
    /// whose bytes are not known yet, is not among them.
    #[must_use]
    pub fn after<'f>(&self, files: &'f dyn HostFiles) -> Overlay<'f> {
        let mut after = Overlay::new(files);
        for step in &self.steps {
            if let HostAction::Edit { path, after: text, .. } = &step.action {
                after.write(path, text.as_str());
            }
            if step.id == INITRAMFS && step.restart == Restart::BeforeVm {
                after.write(RUNNING_DISABLE_VGA, "N\n");
            }
        }
        after
    }
}

/// Where the kernel says how vfio-pci runs.
const RUNNING_DISABLE_VGA: &str = "/sys/module/vfio_pci/parameters/disable_vga";
/// The step that writes the boot loader's own files.
pub const APPLY: &str = "apply-boot-options";
/// The step that builds the initramfs.
pub const INITRAMFS: &str = "initramfs";
const APPLIES: &str = "Apply them to the boot loader.";
const REBUILDS: &str = "Build the initramfs again.";
/// Largest file that is changed.
const LONGEST: u64 = 1 << 20;

/// The steps that make a host ready, whose checks are `checks`, for a VM with this goal. Of
/// steps for ROMs those for `roms` are among them.
#[must_use]
pub fn plan(
    host: &Host,
    files: &dyn HostFiles,
    checks: Vec<Check>,
    goal: Option<Goal>,
    roms: &[HostRom],
) -> HostPlan {
    let mut plan = HostPlan::default();
    let mut wanted = Wanted::default();
    for check in checks {
        let asks = matches!(check.status, Status::Warn | Status::Fail);
        if !asks || !matters(check.id, goal) || !wants(&check, roms) {
            continue;
        }
        if check.changes.is_empty() {
            plan.left.push(check);
        } else {
            wanted.add(&check);
        }
    }
    if let Some(asks) = &wanted.boot {
        match boot_steps(host, asks, &wanted.add, &wanted.remove) {
            Some(steps) => plan.steps.extend(steps),
            None => plan.left.extend(asks.checks.iter().cloned()),
        }
    }
    let rebuild = host.system.rebuild_initramfs();
    if let Some(asks) = wanted.initramfs.take_if(|_| rebuild.is_empty()) {
        plan.left.extend(asks.checks);
    }
    for (file, module, option) in &wanted.modules {
        let Some(asks) = &wanted.initramfs else { break };
        let Some(before) = text(files, file) else { continue };
        let after = modprobe::without_option(&before, module, option);
        let id = format!("module-options-{}", file.rsplit('/').next().unwrap_or(file));
        let said = format!("Remove {option} of {module} from {file}.");
        plan.steps.push(asks.step(
            &id,
            &said,
            HostAction::Edit { path: file.clone(), before, after },
        ));
    }
    if let Some(asks) = &wanted.initramfs {
        plan.steps.extend(asks.run(INITRAMFS, REBUILDS, rebuild));
    }
    for (rom, asks) in &wanted.roms {
        let (id, text) = match rom {
            HostRom::Intel => ("rom", "Install the ROM for this GPU."),
            HostRom::AmdVbios => ("rom-vbios", "Install the VBIOS of this GPU, from memory."),
            HostRom::AmdGop => ("rom-gop", "Install AMD's GOP driver, from the BIOS update."),
        };
        let step = asks.step(id, text, HostAction::InstallRom(*rom));
        // A VM with an AMD GPU starts without one, and its drivers do not.
        let optional = step.optional && *rom == HostRom::Intel;
        plan.steps.push(HostStep { optional, restart: Restart::No, ..step });
    }
    plan
}

/// What makes the changed file at `path` count: the steps that a run which stopped after it left
/// out.
#[must_use]
pub fn refresh(host: &Host, path: &str) -> Vec<HostStep> {
    let options = host.system.boot_options().filter(|options| options.path == Some(path));
    let modprobe = host.system.places().modprobe_folder;
    let (id, check, text, commands) = match (options, modprobe) {
        (Some(options), _) => (APPLY, "HOST051", APPLIES, options.apply),
        (None, Some(folder)) if path.starts_with(folder) => {
            (INITRAMFS, "HOST040", REBUILDS, host.system.rebuild_initramfs())
        }
        _ => return Vec::new(),
    };
    let says = "the last run stopped before it";
    let check = Check::warn(check, says, path, Advice::default());
    Asks { checks: vec![check] }.run(id, text, commands)
}

/// What of a host a VM needs for its goal. Without a goal everything counts.
fn matters(check: &str, goal: Option<Goal>) -> bool {
    match goal {
        None | Some(Goal::DisplayAtBoot) => true,
        // The firmware's own display is not needed.
        Some(Goal::Display) => check != "HOST030",
        // Nothing but the device is.
        Some(Goal::Compute) => ![
            "HOST002", "HOST021", "HOST026", "HOST027", "HOST030", "HOST040", "HOST041", "HOST043",
        ]
        .contains(&check),
    }
}

/// Whether a check counts: one of a ROM only where that ROM is wanted.
fn wants(check: &Check, roms: &[HostRom]) -> bool {
    match check.id {
        "HOST060" => roms.contains(&HostRom::Intel),
        "HOST071" => roms.contains(&HostRom::AmdVbios),
        "HOST072" => roms.contains(&HostRom::AmdGop),
        _ => true,
    }
}

/// What all checks ask for, each kind once.
#[derive(Default)]
struct Wanted {
    boot: Option<Asks>,
    add: Vec<String>,
    remove: Vec<String>,
    /// File, module and option.
    modules: Vec<(String, &'static str, &'static str)>,
    initramfs: Option<Asks>,
    roms: Vec<(HostRom, Asks)>,
}

/// The checks that ask for a kind of change.
struct Asks {
    checks: Vec<Check>,
}

impl Wanted {
    /// Takes what a check asks for.
    fn add(&mut self, check: &Check) {
        let asks = |place: &mut Option<Asks>| {
            let asks = place.get_or_insert_with(|| Asks { checks: Vec::new() });
            asks.checks.push(check.clone());
        };
        for change in &check.changes {
            match change {
                HostChange::KernelOptions { add, remove } => {
                    asks(&mut self.boot);
                    self.add.extend(add.iter().cloned());
                    self.remove.extend(remove.iter().cloned());
                }
                HostChange::ApplyBootOptions => asks(&mut self.boot),
                HostChange::WithoutModuleOption { file, module, option } => {
                    asks(&mut self.initramfs);
                    self.modules.push((file.clone(), module, option));
                }
                HostChange::RebuildInitramfs => asks(&mut self.initramfs),
                HostChange::InstallRom(rom) => {
                    self.roms.push((*rom, Asks { checks: vec![check.clone()] }));
                }
            }
        }
    }
}

impl Asks {
    fn step(&self, id: &str, text: &str, action: HostAction) -> HostStep {
        let failed = self.checks.iter().find(|check| check.status == Status::Fail);
        let reasons: Vec<&str> = self.checks.iter().map(|check| check.says.as_str()).collect();
        HostStep {
            id: id.to_owned(),
            text: text.to_owned(),
            reason: reasons.join("; "),
            check: failed.or(self.checks.first()).map(|check| check.id).unwrap_or_default(),
            optional: failed.is_none(),
            restart: self.restart(),
            action,
        }
    }

    /// A file that keeps a boot loader from being updated does not matter to what runs.
    fn restart(&self) -> Restart {
        let now = |check: &Check| check.status == Status::Fail && check.id != "HOST051";
        if self.checks.iter().any(now) { Restart::BeforeVm } else { Restart::Later }
    }

    /// A step for each command, in this order.
    fn run(&self, id: &str, text: &str, commands: &[&[&str]]) -> Vec<HostStep> {
        let mut steps = Vec::new();
        for (words, number) in commands.iter().zip(1_usize..) {
            let Some(command) = ShellCommand::new(words.iter().copied()) else { continue };
            let id = if number == 1 { id.to_owned() } else { format!("{id}-{number}") };
            steps.push(self.step(&id, text, HostAction::Run { command, undo: None }));
        }
        steps
    }
}

/// The text of a file, if it is text.
fn text(files: &dyn HostFiles, path: &str) -> Option<String> {
    let bytes = files.read(path, LONGEST.saturating_add(1)).ok()?;
    let fits = u64::try_from(bytes.len()).is_ok_and(|length| length <= LONGEST);
    String::from_utf8(bytes).ok().filter(|_| fits)
}

/// What changes the options of the kernel; `None` if a person has to do it.
fn boot_steps(
    host: &Host,
    asks: &Asks,
    add: &[String],
    remove: &[String],
) -> Option<Vec<HostStep>> {
    const ID: &str = "boot-options";
    const TEXT: &str = "Change the options of the kernel.";
    let options = host.system.boot_options()?;
    if let Format::Program { add: adds, remove: removes } = options.format {
        let program = |words: &[&str], option: &String| {
            let (last, first) = words.split_last()?;
            let last = format!("{last}{option}");
            ShellCommand::new(first.iter().map(|&word| word.to_owned()).chain([last]))
        };
        let mut steps = Vec::new();
        let adding = add.iter().map(|option| (adds, removes, option));
        let removing = remove.iter().map(|option| (removes, adds, option));
        for ((does, undoes, option), number) in adding.chain(removing).zip(1_usize..) {
            let command = program(does, option)?;
            let undo = program(undoes, option);
            let action = HostAction::Run { command, undo };
            steps.push(asks.step(&format!("{ID}-{number}"), TEXT, action));
        }
        return Some(steps);
    }
    let add: Vec<&str> = add.iter().map(String::as_str).collect();
    let remove: Vec<&str> = remove.iter().map(String::as_str).collect();
    let edited = host.boot.options.as_ref()?.edited(&add, &remove)?;
    let mut steps = Vec::new();
    for ((file, after), number) in edited.into_iter().zip(1_usize..) {
        let id = if number == 1 { ID.to_owned() } else { format!("{ID}-{number}") };
        let action = HostAction::Edit { path: file.path, before: file.text, after };
        steps.push(asks.step(&id, TEXT, action));
    }
    steps.extend(asks.run(APPLY, APPLIES, options.apply));
    Some(steps)
}
