//! The configuration of a VM for this host's iGPU.

use super::{Outcome, Report, doctor};
use crate::args::{self, PlanTarget};
use crate::env::Env;
use crate::error::{CliError, Exit};
use rom_host::pick;
use rom_host::probe::reading::Reading;
use rom_host::probe::rom::DEFAULT_PATH;
use rom_host::probe::{iommu, pci};
use rom_host::qemu::Gpu;
use rom_host::recipe::{self, Setting, Wish};
use rom_host::vm::proxmox::{self, ROM_FOLDER};

/// What to set, for one of the three.
pub(crate) struct Planned {
    pub(crate) target: PlanTarget,
    /// The VM, where it was named.
    pub(crate) vmid: Option<u32>,
    pub(crate) settings: Vec<Setting>,
    /// What the plan rests on.
    pub(crate) device: String,
    pub(crate) qemu: Option<String>,
    pub(crate) notes: Vec<String>,
}

/// Where the audio function of Intel's chipsets is, and its class.
const AUDIO_BDF: &str = "0000:00:1f.3";
const AUDIO_CLASS: u8 = 0x04;

/// The ROM for a GPU that gets its picture from the guest's own driver.
const WITHOUT_GOP: &str = "Universal_noGOP_igd.rom";

pub(super) fn run(args: &args::VmPlan, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let picked = match args.device {
        Some(id) => pick::for_device(&catalog, id),
        None => pick::on_host(&catalog, &env.files()),
    };
    let Some((device, platform)) = picked.device.as_ref().and_then(|device| Some((device, device.platform.as_ref()?))) else {
        let reason = picked.refused.unwrap_or_else(|| "No Intel iGPU is visible here.".to_owned());
        return Err(CliError::new(Exit::No, reason, "Name the GPU: oprom vm plan --device 8086:a7a8"));
    };
    // A GPU that was named is in another machine, of which nothing is known here.
    let here = args.device.is_none();
    let host = doctor::host(env);
    let version = args.qemu.or_else(|| host.qemu.as_ref().filter(|_| here).map(|qemu| qemu.version));
    let igd = Gpu::new(device.id.device, &platform.generation);
    let seen = host.gpu.as_ref().filter(|_| here);
    let (audio, beside_audio) = if here { audio(env) } else { (false, Vec::new()) };
    let wish = Wish {
        gpu: seen.map_or(igd, |seen| igd.with_vga(seen.vga())),
        qemu: version,
        mode: args.mode.into(),
        romfile: romfile(args),
        audio,
        disable_vga: here && host.modprobe.running_disable_vga == Some(true),
        narrow_iommu: if here { host.narrow_iommu() } else { None },
        other_args: other_args(args, env)?,
    };
    if let Some(reason) = recipe::impossible(&wish) {
        return Err(CliError::new(Exit::No, "this set-up cannot give a picture at boot", reason));
    }
    let settings = match args.target {
        PlanTarget::Proxmox => recipe::proxmox(&wish),
        PlanTarget::Libvirt => recipe::libvirt(&wish),
        PlanTarget::Qemu => recipe::qemu(&wish),
    };
    let planned = Planned {
        target: args.target,
        vmid: args.vmid,
        settings,
        device: format!("{} {}", device.id, device.name.as_deref().unwrap_or(&platform.name)),
        qemu: version.map(|version| version.to_string()),
        notes: notes(&wish, picked.refused.as_deref(), &beside_audio),
    };
    Ok(Outcome::yes(Report::VmPlan(planned)))
}

/// Whether the host's sound function can be handed over, and what shares its IOMMU group and so would have to go with it.
fn audio(env: &Env<'_>) -> (bool, Vec<String>) {
    let there = pci::function(&env.files(), AUDIO_BDF).is_some_and(|seen| seen.class.base() == AUDIO_CLASS);
    let beside = iommu::group(&env.files(), AUDIO_BDF).map(|(_, others)| others).filter(|_| there).unwrap_or_default();
    (there && beside.is_empty(), beside)
}

/// The ROM as the target names it.
fn romfile(args: &args::VmPlan) -> String {
    let name = match (&args.romfile, args.mode) {
        (Some(own), _) => return own.clone(),
        (None, args::PlanMode::Legacy) => DEFAULT_PATH.rsplit('/').next().unwrap_or(DEFAULT_PATH).to_owned(),
        (None, args::PlanMode::Upt) => WITHOUT_GOP.to_owned(),
    };
    if args.target == PlanTarget::Proxmox { name } else { format!("{ROM_FOLDER}/{name}") }
}

/// What the args of the VM hold already.
fn other_args(args: &args::VmPlan, env: &Env<'_>) -> Result<String, CliError> {
    let Some(vmid) = args.vmid else { return Ok(String::new()) };
    Ok(config(vmid, env)?.args_without_settings_of("hostpci0"))
}

/// The configuration of a VM of Proxmox VE.
pub(super) fn config(vmid: u32, env: &Env<'_>) -> Result<proxmox::Config, CliError> {
    let path = format!("{}/{vmid}.conf", proxmox::FOLDER);
    let (what, help) = match Reading::file(&env.files(), &path) {
        Reading::Is(text) => return Ok(proxmox::Config::read(&text)),
        Reading::Absent => (format!("there is no VM {vmid} here: {path} is missing"), "`qm list` shows the VMs."),
        Reading::Denied => (format!("{path} cannot be read"), "Only root can read it: use sudo."),
    };
    Err(CliError::new(Exit::Failed, what, help))
}

fn notes(wish: &Wish, refused: Option<&str>, beside_audio: &[String]) -> Vec<String> {
    let mut notes: Vec<String> =
        refused.map(|reason| format!("The catalog has no ROM for this GPU: {reason}")).into_iter().collect();
    if wish.qemu.is_none() {
        notes
            .push("Which QEMU will run it is not known here: this is for 10.1 and newer. Name another with --qemu.".to_owned());
    }
    if wish.other_args.split_whitespace().any(|word| word == "-cpu") {
        notes.push(
            "args has a -cpu of its own, which replaces Proxmox VE's and loses what it does for Windows: cpu: host is enough."
                .to_owned(),
        );
    }
    if wish.mode == recipe::Mode::Upt {
        notes.push("There is no picture until the guest's own driver runs: install it over remote desktop first.".to_owned());
        notes.push(format!("The ROM: sudo oprom install {WITHOUT_GOP} --dest {ROM_FOLDER}/{WITHOUT_GOP}"));
    }
    if !beside_audio.is_empty() {
        notes.push(format!(
            "Sound over HDMI is {AUDIO_BDF}, which shares its IOMMU group with {}: it can go to the VM only with them, so it is left out.",
            beside_audio.join(", ")
        ));
    }
    notes.push(
        "The host's screen goes dark when the VM starts: have another way in. An EFI disk keeps the VM's firmware settings."
            .to_owned(),
    );
    notes
}
