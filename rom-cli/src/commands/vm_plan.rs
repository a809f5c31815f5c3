//! The configuration of a VM for this host's iGPU.

use super::{Outcome, Report, doctor};
use crate::args::{self, PlanTarget};
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::report::vm_plan::{Setting, Target, VmPlan};
use crate::text::{Advice, Line, Sentence, ShellCommand};
use rom_host::pick;
use rom_host::probe::Probe;
use rom_host::probe::rom::DEFAULT_PATH;
use rom_host::probe::{iommu, pci};
use rom_host::qemu::Gpu;
use rom_host::recipe::{self, PlanRequest};
use rom_host::vm::proxmox::{self, ROM_FOLDER};

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
    let Some((device, platform)) =
        picked.device.as_ref().and_then(|device| Some((device, device.platform.as_ref()?)))
    else {
        let reason = picked.refused.unwrap_or_else(|| "No Intel iGPU is visible here.".to_owned());
        return Err(CliError::new(Exit::No, reason, "Name the GPU:").run([
            "oprom",
            "vm",
            "plan",
            "--device",
            "8086:a7a8",
        ]));
    };
    // A GPU that was named is in another machine, of which nothing is known here.
    let here = args.device.is_none();
    let host = doctor::host(env);
    let version =
        args.qemu.or_else(|| host.qemu.as_ref().filter(|_| here).map(|qemu| qemu.version));
    let igd = Gpu::new(device.id.device, &platform.generation);
    let seen = host.gpu.as_ref().filter(|_| here);
    let (audio, beside_audio) = if here { audio(env) } else { (false, Vec::new()) };
    let request = PlanRequest {
        gpu: seen.map_or(igd, |seen| igd.with_vga(seen.vga())),
        qemu: version,
        mode: args.mode.into(),
        romfile: romfile(args),
        audio,
        disable_vga: here && host.modprobe.running_disable_vga == Some(true),
        narrow_iommu: if here { host.narrow_iommu() } else { None },
        other_args: other_args(args, env)?,
    };
    if let Some(reason) = recipe::impossible(&request) {
        return Err(CliError::new(Exit::No, "this setup cannot give a display at boot", reason));
    }
    let settings = match args.target {
        PlanTarget::Proxmox => recipe::proxmox(&request),
        PlanTarget::Libvirt => recipe::libvirt(&request),
        PlanTarget::Qemu => recipe::qemu(&request),
    };
    let name = device.name.as_deref().unwrap_or(&platform.name);
    let plan = VmPlan {
        target: match args.target {
            PlanTarget::Proxmox => Target::Proxmox,
            PlanTarget::Libvirt => Target::Libvirt,
            PlanTarget::Qemu => Target::Qemu,
        },
        vmid: args.vmid,
        settings: settings.iter().map(|own| setting(own, args)).collect(),
        device: Line::new(format!("{} {name}", device.id)),
        qemu: version.map(|version| version.to_string().into()),
        notes: notes(&request, picked.refused.as_deref(), &beside_audio),
    };
    Ok(Outcome::yes(Report::VmPlan(Box::new(plan))))
}

fn setting(setting: &recipe::Setting, args: &args::VmPlan) -> Setting {
    let command = match args.target {
        PlanTarget::Proxmox => {
            let vmid = args.vmid.map_or_else(|| "VMID".to_owned(), |vmid| vmid.to_string());
            ShellCommand::new(["qm", "set", &vmid, &format!("--{}", setting.key), &setting.value])
        }
        PlanTarget::Libvirt => None,
        PlanTarget::Qemu => ShellCommand::new([setting.key, &setting.value]),
    };
    Setting {
        key: setting.key,
        value: Line::from(setting.value.as_str()),
        reason: Sentence(&setting.reason).into(),
        command,
    }
}

/// Whether the host's sound function can be handed over, and what shares its IOMMU group and so
/// would have to go with it.
fn audio(env: &Env<'_>) -> (bool, Vec<String>) {
    let there =
        pci::function(&env.files(), AUDIO_BDF).is_some_and(|seen| seen.class.base() == AUDIO_CLASS);
    let beside = iommu::group(&env.files(), AUDIO_BDF)
        .map(|(_, others)| others)
        .filter(|_| there)
        .unwrap_or_default();
    (there && beside.is_empty(), beside)
}

/// The ROM as the target names it.
fn romfile(args: &args::VmPlan) -> String {
    let name = match (&args.romfile, args.mode) {
        (Some(own), _) => return own.clone(),
        (None, args::PlanMode::Legacy) => {
            DEFAULT_PATH.rsplit('/').next().unwrap_or(DEFAULT_PATH).to_owned()
        }
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
    let (what, help) = match Probe::file(&env.files(), &path) {
        Probe::Is(text) => return Ok(proxmox::Config::read(&text)),
        Probe::Absent => {
            let what = format!("there is no VM {vmid} on this host: {path} is missing");
            let error = CliError::new(Exit::Failed, what, "This shows the VMs:");
            return Err(error.run(["qm", "list"]));
        }
        Probe::Denied => (format!("{path} cannot be read"), "Only root can read it."),
    };
    Err(CliError::new(Exit::Failed, what, help))
}

fn notes(request: &PlanRequest, refused: Option<&str>, beside_audio: &[String]) -> Vec<Advice> {
    let mut notes: Vec<Advice> = refused
        .map(|reason| format!("The catalog has no ROM for this GPU: {reason}").into())
        .into_iter()
        .collect();
    if request.qemu.is_none() {
        notes.push(
            "The version of QEMU is unknown here: this plan is for 10.1 and newer. Give another \
            version with --qemu."
                .into(),
        );
    }
    if request.other_args.split_whitespace().any(|word| word == "-cpu") {
        notes.push(
            "args contains a -cpu option, which replaces the one of Proxmox VE and its settings \
            for Windows. Remove it: cpu: host is enough."
                .into(),
        );
    }
    if request.mode == recipe::Mode::Upt {
        notes.push(
            "There is no display until the guest's own driver runs: install the driver over \
            remote desktop first."
                .into(),
        );
        let dest = format!("{ROM_FOLDER}/{WITHOUT_GOP}");
        let install = ["oprom", "install", WITHOUT_GOP, "--dest", &dest];
        notes.push(Advice::from("The ROM:").run(install));
    }
    if !beside_audio.is_empty() {
        notes.push(
            format!(
                "Sound over HDMI is {AUDIO_BDF}, which shares its IOMMU group with {}. It can only \
            be passed through together with them, so it is left out.",
                beside_audio.join(", ")
            )
            .into(),
        );
    }
    notes.push(
        "The host's screen goes dark when the VM starts: have another way to log in. An EFI disk \
        keeps the VM's firmware settings."
            .into(),
    );
    notes
}
