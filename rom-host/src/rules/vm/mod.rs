//! Whether a VM is set up for its Intel GPU: rules over what QEMU is told, in the order of causes.

mod amd;
mod arguments;
mod goal;
mod place;
mod qemu;
mod resources;
mod rom;
mod starts;

use crate::address::IGPU_BDF;
use crate::advice::Advice;
use crate::checks::{Check, Status};
use crate::goal::{Goal, Inferred, Purpose, infer, infer_amd};
use crate::probe::rom::DEFAULT_PATH;
use crate::probe::{Audio, Probe};
use crate::qemu::{Gpu, QemuVersion};
use crate::quotation::bounded;
use crate::vm::change::Change;
use crate::vm::model::{Firmware, GuestOs, HostDevice, Manager, Sourced, Vm};
use rom_core::Analysis;
use rom_core::count::Count;
use rom_core::firmware::Firmware as CoreFirmware;
use rom_core::usable::Answer;
use std::rc::Rc;

pub use amd::AmdVm;

/// A VM and what is known of where it runs.
pub struct VmContext<'a> {
    /// The VM as it is asked for, in commands of this program.
    pub name: String,
    /// The path of the ROM that is given to a GPU without a usable one.
    pub give_rom: String,
    /// The VM.
    pub vm: &'a Vm,
    /// The GPU that it gets, as QEMU sees it; `None` where it is not known.
    pub gpu: Option<Gpu>,
    /// The host's QEMU.
    pub qemu: Option<QemuVersion>,
    /// The file that the GPU's `romfile` names.
    pub rom: Probe<Rc<Analysis>>,
    /// Whether that file has a driver that draws; yes where it is not known.
    pub has_gop: bool,
    /// Whether that file can be read by everybody; libvirt's QEMU is not root.
    pub rom_readable: bool,
    /// Bits of the IOMMU's addresses, where the CPU has more.
    pub narrow_iommu: Option<u32>,
    /// MiB of memory that the host has.
    pub host_memory: Option<u64>,
    /// The audio function of the host.
    pub audio: Option<Audio>,
    /// Who else has the GPU, in words.
    pub other_users: Vec<String>,
    /// What the VM is for.
    pub inferred: Inferred,
    /// Whether vfio-pci of the host runs with `disable_vga=1`.
    pub disable_vga: bool,
    /// Whether GVT-g is possible on this host; `None` where it is not known.
    pub has_mdev: Option<bool>,
    /// What is known of an AMD iGPU, on a host that has one.
    pub amd: Option<AmdVm>,
}

impl<'a> VmContext<'a> {
    /// A VM of which nothing else is known. `has_gop` is whether its ROM is known to have a driver
    /// that draws, `goal` what its owner said.
    #[must_use]
    pub fn new(vm: &'a Vm, has_gop: bool, goal: Option<Goal>) -> Self {
        let reason = "it has no GPU".to_owned();
        let nothing = Inferred { purpose: Purpose::Unclear, reason };
        let gpu = vm.gpu();
        Self {
            name: "VMID".to_owned(),
            give_rom: DEFAULT_PATH.to_owned(),
            inferred: gpu.map_or(nothing, |gpu| infer(vm, gpu, has_gop, goal)),
            vm,
            gpu: None,
            qemu: None,
            rom: Probe::Denied,
            has_gop: true,
            rom_readable: true,
            narrow_iommu: None,
            host_memory: None,
            audio: None,
            other_users: Vec::new(),
            disable_vga: false,
            has_mdev: None,
            amd: None,
        }
    }

    /// A VM on a host with an AMD iGPU, of which nothing else is known.
    #[must_use]
    pub fn of_amd(vm: &'a Vm, amd: AmdVm, goal: Option<Goal>) -> Self {
        let inferred = infer_amd(vm, amd.has_gop(), goal);
        Self { inferred, amd: Some(amd), ..Self::new(vm, false, goal) }
    }

    /// It with what the version of QEMU says of the goal: a Linux guest without a display of its
    /// own, whose GPU is anywhere and gets no `OpRegion`, is one that transcodes.
    #[must_use]
    pub fn settled(mut self, goal: Option<Goal>) -> Self {
        let Some(gpu) = self.vm.gpu() else { return self };
        let dark = self.amd.is_none()
            && goal.is_none()
            && self.is_for(Goal::Display)
            && self.vm.guest_os == GuestOs::Linux
            && !self.vm.at_2_0(gpu)
            && qemu::given(&self, gpu).is_some_and(|given| !given.opregion);
        if dark {
            self.inferred = Inferred {
                purpose: Purpose::Goal(Goal::Compute),
                reason: "the guest is Linux, and its GPU gets no OpRegion".to_owned(),
            };
        }
        self
    }

    fn is_for(&self, goal: Goal) -> bool {
        self.inferred.purpose == Purpose::Goal(goal)
    }
}

/// What a rule found, and what would fix it.
pub struct RuleResult {
    /// What was found.
    pub check: Check,
    /// What would make it right.
    pub changes: Vec<Change>,
    /// Whether no change of the VM leads to what it is for.
    pub dead_end: bool,
}

impl From<Check> for RuleResult {
    fn from(check: Check) -> Self {
        Self { check, changes: Vec::new(), dead_end: false }
    }
}

impl RuleResult {
    /// Whether something is wrong that can be changed.
    #[must_use]
    pub fn asks_for_changes(&self) -> bool {
        let wrong = matches!(self.check.status, Status::Fail | Status::Warn);
        wrong && !self.changes.is_empty()
    }

    /// It as one that no change of the VM helps against.
    fn dead_end(self) -> Self {
        Self { dead_end: true, ..self }
    }
}

impl Check {
    /// It with what fixes it.
    fn fixed_by(self, changes: impl IntoIterator<Item = Change>) -> RuleResult {
        RuleResult { changes: changes.into_iter().collect(), ..RuleResult::from(self) }
    }
}

/// Checks of one id and status that are told one by one: more are a number.
const TOLD: usize = 8;

/// Every check.
#[must_use]
pub fn checks(context: &VmContext<'_>) -> Vec<RuleResult> {
    folded(every(context))
}

/// `results`, in which those that are like many others are counted.
fn folded(results: Vec<RuleResult>) -> Vec<RuleResult> {
    let mut kept: Vec<RuleResult> = Vec::new();
    let mut more: Vec<(Check, usize)> = Vec::new();
    for result in results {
        let like = |own: &Check| (own.id, own.status) == (result.check.id, result.check.status);
        if let Some((_, count)) = more.iter_mut().find(|(own, _)| like(own)) {
            *count = count.saturating_add(1);
        } else if kept.iter().filter(|own| like(&own.check)).count() < TOLD {
            kept.push(result);
        } else {
            more.push((result.check, 1));
        }
    }
    // What would fix them is asked for once those before them are fixed.
    kept.extend(more.into_iter().map(|(check, count)| {
        let says = format!("{} like this: {}", Count(count, "more finding"), check.says);
        RuleResult::from(Check { says: bounded(&says), ..check })
    }));
    kept
}

fn every(context: &VmContext<'_>) -> Vec<RuleResult> {
    let mut checks = starts::ignored(context);
    checks.extend(starts::part(context));
    let refusals = starts::refusals(context);
    if !refusals.is_empty() {
        // What does not start is not looked at further.
        checks.extend(refusals);
        return checks;
    }
    let Some(gpu) = context.vm.gpu() else {
        let lost = |line: &Sourced<String>| starts::is_of_missing_gpu(context, &line.source);
        if !context.vm.ignored.first.iter().any(lost) {
            checks.push(no_gpu(context));
        }
        return checks;
    };
    checks.push(goal::check(context));
    if let Some(amd) = &context.amd {
        checks.extend(amd::checks(context, amd, gpu));
        checks.extend(resources::checks(context));
        return checks;
    }
    checks.extend(arguments::whole(context));
    match context.inferred.purpose {
        Purpose::Goal(Goal::DisplayAtBoot) => {
            checks.push(firmware(context));
            checks.extend(place::at_boot(context, gpu));
        }
        Purpose::Goal(Goal::Display) => checks.extend(place::with_driver(context, gpu)),
        Purpose::Goal(Goal::Compute)
        | Purpose::VirtualFunction
        | Purpose::Mdev
        | Purpose::Unclear => {
            checks.extend(place::anywhere(context, gpu));
        }
    }
    checks.extend(arguments::options(context, gpu));
    checks.extend(rom::check(context, gpu));
    checks.extend(rom::second(context, gpu));
    checks.extend(arguments::names(context));
    checks.extend(qemu::graphics_memory(context, gpu));
    checks.extend(qemu::virtual_function(context, gpu));
    checks.extend(resources::checks(context));
    checks
}

fn no_gpu(context: &VmContext<'_>) -> RuleResult {
    const ID: &str = "VM001";
    let mapped =
        context.vm.devices.iter().find(|device| device.host.is_none() && device.mapping.is_some());
    if let Some(mapped) = mapped {
        let says = "the VM uses a mapping of the cluster that was not found on this host";
        return Check::skip(ID, says, &mapped.source).into();
    }
    let host = place(context);
    let evidence = match context.vm.manager {
        Manager::Proxmox => format!("no hostpci line with {host}, and none in args"),
        Manager::Libvirt => format!("no <hostdev> with {host}"),
        Manager::Qemu => format!("no -device vfio-pci,host={host}"),
    };
    let fix = Advice::command(["oprom", "vm", "plan", &context.name]);
    let says = "the iGPU is not passed through to the VM";
    Check::fail(ID, says, evidence, fix).fixed_by([pass_through(context)])
}

/// The whole iGPU.
pub(super) fn pass_through(context: &VmContext<'_>) -> Change {
    Change::PassThrough { host: place(context).to_owned() }
}

/// Where the iGPU is on the host.
fn place<'c>(context: &'c VmContext<'_>) -> &'c str {
    context.vm.amd_gpu.as_deref().unwrap_or(IGPU_BDF)
}

fn firmware(context: &VmContext<'_>) -> RuleResult {
    const ID: &str = "VM010";
    let said = &context.vm.firmware.source;
    match context.vm.firmware.value {
        Firmware::Uefi => Check::pass(ID, "the VM boots with UEFI", said).into(),
        Firmware::SeaBios if has_vbios(context) => {
            let says = "the VM boots with SeaBIOS: the display at boot comes from the GPU's VBIOS";
            let fix = "The host has to boot with CSM, or the ROM has to have a VBIOS. With UEFI \
                (OVMF) a ROM with a GOP driver does the same; an installed guest has to be \
                reinstalled, or converted to UEFI first.";
            Check::warn(ID, says, said, fix).into()
        }
        Firmware::SeaBios => {
            let fix = "A guest that was installed with SeaBIOS has to be reinstalled, or \
                converted to UEFI first.";
            Check::fail(
                ID,
                "the VM boots with SeaBIOS, which does not run the ROM's UEFI driver",
                said,
                fix,
            )
            .fixed_by([Change::Uefi])
        }
        Firmware::Own => {
            let fix = "Check what it is. UEFI firmware that applies Secure Boot to option ROMs \
                refuses an unsigned ROM. The OVMF of distributions does not.";
            Check::warn(ID, "the VM boots with a custom firmware", said, fix).into()
        }
    }
}

/// Whether SeaBIOS can find a VBIOS: a ROM that has one, or that of the host, which GPUs up to
/// generation 9 have.
fn has_vbios(context: &VmContext<'_>) -> bool {
    match (&context.rom, context.vm.gpu().and_then(|gpu| gpu.get("romfile"))) {
        (Probe::Is(rom), Some(_)) => {
            rom.usable_with(CoreFirmware::SeaBios, context.qemu).answer == Answer::Yes
        }
        (_, romfile) => {
            // Somebody put it there: a new VM is better off with UEFI.
            let is_set_up = context.vm.gpu().is_some_and(is_set_up);
            let early = context.gpu.is_some_and(|gpu| gpu.generation.0 <= Gpu::LAST_AUTOMATIC);
            romfile.is_none() && early && is_set_up
        }
    }
}

/// Whether somebody set the GPU up for a display at boot already.
fn is_set_up(gpu: &HostDevice) -> bool {
    gpu.legacy_igd || gpu.properties.keys().any(|name| name.starts_with("x-igd-"))
}

/// Takes a property of a device out.
fn without(device: &HostDevice, property: &str) -> Change {
    Change::Unset { device: device.name.clone(), property: property.to_owned() }
}

/// Whether the VM is meant to have a display before the guest's own driver runs.
fn wants_display_at_boot(context: &VmContext<'_>) -> bool {
    context.is_for(Goal::DisplayAtBoot)
}

/// Whether the first of these failed, so that what depends on it is not said too.
fn failed(found: &RuleResult) -> bool {
    found.check.status == Status::Fail
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::qemu::{Grade, Vga, disable_vga};
    use crate::vm::configuration::Configuration;
    use std::fmt::Write as _;

    /// One GPU of each kind that the rules tell apart.
    const GPUS: [(&str, u16, &str); 12] = [
        ("Sandy Bridge", 0x0126, "6"),
        ("Haswell", 0x0416, "7.5"),
        ("Skylake", 0x1912, "9"),
        ("Apollo Lake", 0x5A85, "9"),
        ("Gemini Lake", 0x3185, "9"),
        ("Coffee Lake", 0x3E92, "9.5"),
        ("Comet Lake", 0x9BC5, "9.5"),
        ("Ice Lake", 0x8A52, "11"),
        ("Tiger Lake", 0x9A49, "12"),
        ("Raptor Lake-P", 0xA7A8, "12"),
        ("Meteor Lake", 0x7D55, "12.7"),
        ("Lunar Lake", 0x64A0, "20"),
    ];

    /// Each with where its row comes from: `source` (`hw/vfio/igd.c` of a release was read), `run`
    /// (a real binary ran with a stand-in for the kernel's side of VFIO), or the version that it is
    /// taken to be like. Machine type q35 beside legacy-igd is Proxmox VE's (`PCI.pm`).
    const VERSIONS: [((u32, u32), &str); 7] = [
        ((8, 2), "8.2.2 source, run"),
        ((9, 0), "as 8.2"),
        ((9, 2), "9.2.1 source, run"),
        ((10, 0), "10.0.2, 10.0.13 source, run"),
        ((10, 1), "10.1.0 source, run"),
        ((10, 2), "10.2.2 source, 10.2.1 run"),
        ((11, 0), "11.0.3 source, 11.1.3 run"),
    ];

    const COMMON: &str = "bios: ovmf\nefidisk0: x:y\nballoon: 0\nvga: none\n";
    const LEGACY: &str = "hostpci0: 0000:00:02.0,legacy-igd=1,romfile=igd.rom\n";
    const LPC: &str = "-set device.hostpci0.x-igd-lpc=on";

    /// The set-ups of the columns: machine, the GPU's line, args.
    fn set_ups() -> [(&'static str, String); 6] {
        let upt = |bus: &str, more: &str| {
            format!(
                "hostpci0: 0000:00:02.0,romfile=igd.rom\nargs: -set device.hostpci0.bus={bus} \
                    -set device.hostpci0.addr=2.0{more}\n"
            )
        };
        [
            ("pc legacy", format!("machine: pc\n{LEGACY}")),
            ("pc legacy+lpc", format!("machine: pc\n{LEGACY}args: {LPC}\n")),
            ("pc UPT", format!("machine: pc\n{}", upt("pci.0", ""))),
            ("q35 legacy", format!("machine: q35\n{LEGACY}")),
            ("q35 UPT", format!("machine: q35\n{}", upt("pcie.0", ""))),
            (
                "q35 UPT+opregion",
                format!(
                    "machine: q35\n{}",
                    upt("pcie.0", " -set device.hostpci0.x-igd-opregion=on")
                ),
            ),
        ]
    }

    /// What keeps this set-up from what it is for, or what it gives.
    fn outcome(set_up: &str, gpu: Gpu, qemu: QemuVersion) -> String {
        let guest = Configuration::read(&format!("{COMMON}{set_up}")).unwrap().vm();
        let unknown = VmContext::new(&guest, false, None);
        let context = VmContext { gpu: Some(gpu), qemu: Some(qemu), ..unknown };
        let checks = checks(&context);
        let failed = checks.iter().find(|found| failed(found));
        match failed {
            Some(found) => found.check.id.to_owned(),
            None if context.is_for(Goal::DisplayAtBoot) => "at boot".to_owned(),
            None => "driver".to_owned(),
        }
    }

    /// What each set-up gives each kind of GPU with each version, as a table to read: a display at
    /// boot, one once the guest's driver runs, or the check that says why not; then how bad
    /// `disable_vga=1` of the host is in legacy mode, where the GPU serves VGA and where it does
    /// not.
    #[test]
    fn the_matrix_of_set_ups() {
        let mut table = format!("{:<14} {:>4}", "GPU", "QEMU");
        for (name, _) in set_ups() {
            write!(table, "  {name:<16}").unwrap();
        }
        table.push_str("  disable_vga=1  disable_vga=1, VGA off  from\n");
        for (name, id, generation) in GPUS {
            for ((major, minor), from) in VERSIONS {
                let (gpu, qemu) = (Gpu::new(id, generation), QemuVersion::new(major, minor));
                let mut line = format!("{name:<14} {:>4}", format!("{major}.{minor}"));
                for (_, set_up) in set_ups() {
                    write!(line, "  {:<16}", outcome(&set_up, gpu, qemu)).unwrap();
                }
                let word = |vga| match disable_vga(gpu.with_vga(vga), qemu) {
                    Grade::Warn => "warn",
                    Grade::Fail => "FAIL",
                };
                write!(line, "  {:<13}  {:<22}  {from}", word(Vga::Served), word(Vga::Off))
                    .unwrap();
                table.push_str(line.trim_end());
                table.push('\n');
            }
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/vm-matrix.txt");
        if std::env::var_os("OPROM_BLESS").is_some() {
            std::fs::write(path, &table).unwrap();
        }
        assert_eq!(table, std::fs::read_to_string(path).unwrap_or_default());
    }
}
