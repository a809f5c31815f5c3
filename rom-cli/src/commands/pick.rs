//! Which ROM this host needs, and why.

use super::check::{self, AnalyzedFile};
use super::{Outcome, Report};
use crate::args;
use crate::env::Env;
use crate::error::{CliError, Exit};
use crate::files;
use crate::host::{cpu, pci};
use rom_core::catalog::{Candidate, Catalog, Cpu, Platform, Query, SeenDevice, select};
use rom_core::contents::Compatibility;
use rom_core::{Context, DeviceId, Digest, Verdict};
use std::fs;
use std::path::PathBuf;

/// The answer, in values of its own.
pub(crate) struct Picked {
    pub(crate) device: Option<Device>,
    pub(crate) cpu: Option<CpuAnswer>,
    pub(crate) candidates: Vec<Choice>,
    /// Files of the user's, the best first.
    pub(crate) own: Vec<AnalyzedFile>,
    pub(crate) refused: Option<String>,
    pub(crate) remarks: Vec<String>,
}

/// The device that the answer is for.
#[derive(Clone, Debug)]
pub(crate) struct Device {
    /// Address, where it was seen on a host.
    pub(crate) bdf: Option<String>,
    /// Class, where it was seen on a host.
    pub(crate) class: Option<String>,
    pub(crate) id: DeviceId,
    pub(crate) name: Option<String>,
    pub(crate) platform: Option<PlatformName>,
}

/// A platform, for people.
#[derive(Clone, Debug)]
pub(crate) struct PlatformName {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) generation: String,
    pub(crate) major_generation: u32,
}

/// The CPU that was seen or asked for.
#[derive(Clone, Debug)]
pub(crate) struct CpuAnswer {
    pub(crate) cpu: Cpu,
    pub(crate) platforms: Vec<PlatformName>,
}

/// A ROM that serves the device.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) rom: String,
    pub(crate) sha256: Digest,
    pub(crate) url: String,
    pub(crate) confidence: &'static str,
    pub(crate) reason: String,
    pub(crate) note: Option<String>,
}

pub(super) fn run(args: &args::Pick, env: &Env<'_>) -> Result<Outcome, CliError> {
    let catalog = env.catalog()?;
    let mut picked = match (&args.device, &args.cpu) {
        (Some(id), _) => for_device(&catalog, *id),
        (None, Some(name)) => answer(&catalog, None, None, Some(Cpu::named(name))),
        (None, None) => on_host(&catalog, env, args.bdf.as_deref())?,
    };
    let device = picked.device.as_ref().map(|device| device.id);
    picked.own = ranked(&args.files, &catalog, device)?;
    let own_serves = picked.own.iter().any(serves);
    let exit = if picked.refused.is_some() && !own_serves { Exit::No } else { Exit::Yes };
    Ok(Outcome { report: Report::Pick(Box::new(picked)), exit })
}

/// Whether a file of the user's works and names the device.
pub(crate) fn serves(file: &AnalyzedFile) -> bool {
    let analysis = &file.analysis;
    analysis.verdict != Verdict::Bad
        && analysis.compatibility.as_ref().is_some_and(|fit| fit.compatibility == Compatibility::Supported)
}

/// The user's files, those that work and name the device first, those that do not serve it last.
fn ranked(files: &[PathBuf], catalog: &Catalog, device: Option<DeviceId>) -> Result<Vec<AnalyzedFile>, CliError> {
    let context = Context::new(catalog).with_device(device);
    let mut all = Vec::new();
    for path in files {
        let file = files::read_rom(path, context.limits())?;
        all.push(check::of_file(&check::shown(path), &file, &context));
    }
    all.sort_by_key(|AnalyzedFile { analysis, .. }| {
        let answer = analysis.compatibility.as_ref().map_or(Compatibility::Unknown, |fit| fit.compatibility);
        let place = match answer {
            Compatibility::Supported => 0,
            Compatibility::Unknown => 1,
            Compatibility::Unsupported => 2,
        };
        (analysis.verdict == Verdict::Bad, place)
    });
    Ok(all)
}

/// What `id` needs, wherever it is.
pub(super) fn for_device(catalog: &Catalog, id: DeviceId) -> Picked {
    answer(catalog, None, Some(SeenDevice { id, class: None, virtual_function: false }), None)
}

/// What the host under the sysroot needs.
pub(super) fn on_host(catalog: &Catalog, env: &Env<'_>, bdf: Option<&str>) -> Result<Picked, CliError> {
    let devices = env.host(pci::DEVICES);
    let cpu = fs::read_to_string(env.host("/proc/cpuinfo")).ok().as_deref().and_then(cpu::read);
    if let Some(bdf) = bdf {
        let Some(seen) = pci::function(&devices, bdf) else {
            let what = format!("there is no PCI device {bdf} on this host");
            return Err(CliError::new(Exit::Failed, what, "`lspci -nn` lists the devices and their addresses."));
        };
        return Ok(answer(catalog, Some(&seen), Some(as_seen(&seen)), cpu));
    }
    let displays = pci::displays(&devices);
    let igpu = pci::igpu(&devices);
    let integrated =
        igpu.as_ref().filter(|seen| !catalog.device(seen.id.device).is_some_and(|(platform, _)| platform.discrete));
    let mut picked = answer(catalog, integrated, integrated.map(as_seen), cpu);
    if let Some(seen) = integrated {
        picked.remarks.extend(about(seen));
    } else {
        no_igpu(catalog, &displays, &mut picked);
    }
    Ok(picked)
}

fn as_seen(display: &pci::Display) -> SeenDevice {
    SeenDevice { id: display.id, class: Some(display.class), virtual_function: display.virtual_function }
}

/// What the host's iGPU shows that matters for a picture.
fn about(display: &pci::Display) -> Vec<String> {
    let mut remarks = Vec::new();
    if display.class.sub() == 0x80 {
        remarks.push(
            "The iGPU is not the primary display (class 0380): choose it in the BIOS as primary display, or there is no picture at boot."
                .to_owned(),
        );
    }
    if display.class.sub() == 0 && display.boot_vga == Some(false) {
        remarks.push(
            "The host did not start on the iGPU but on another display (boot_vga is 0): choose the iGPU in the BIOS as primary display."
                .to_owned(),
        );
    }
    if display.virtual_functions > 0 {
        remarks.push(format!(
            "It has {} virtual functions switched on (SR-IOV): switch them off to pass the GPU itself. For one of them: \
             oprom pick --bdf 00:02.1",
            display.virtual_functions
        ));
    }
    remarks
}

/// Completes the answer for a host on which no iGPU is visible.
fn no_igpu(catalog: &Catalog, displays: &[pci::Display], picked: &mut Picked) {
    let others: Vec<String> = displays
        .iter()
        .map(|display| {
            let known = catalog.device(display.id.device).filter(|_| display.id.vendor == DeviceId::INTEL);
            let name = known.map_or_else(String::new, |(platform, _)| format!(" ({})", platform.name));
            format!("{} at {}{name}", display.id, display.bdf)
        })
        .collect();
    if picked.cpu.is_none() {
        picked.refused = Some("Neither an iGPU nor an Intel CPU is visible here.".to_owned());
    }
    if picked.refused.is_none() {
        picked.remarks.insert(
            0,
            format!(
                "No Intel iGPU is visible at {}: switch it on in the BIOS (often called iGPU Multi-Monitor). The answer goes by the CPU \
                 alone and is less sure.",
                pci::IGPU_BDF
            ),
        );
    }
    if !others.is_empty() {
        let others = others.join(", ");
        picked.remarks.push(format!("Other display controllers here: {others}. A graphics card carries its own option ROM."));
    }
}

fn answer(catalog: &Catalog, at: Option<&pci::Display>, device: Option<SeenDevice>, cpu: Option<Cpu>) -> Picked {
    let selection = select(catalog, &Query { device, cpu });
    Picked {
        device: selection.device.map(|found| Device {
            bdf: at.map(|display| display.bdf.clone()),
            class: at.map(|display| display.class.to_string()),
            id: found.id,
            name: found.known.map(|(name, _)| name.to_owned()),
            platform: found.known.map(|(_, platform)| platform_name(platform)),
        }),
        cpu: selection
            .cpu
            .map(|found| CpuAnswer { cpu: found.cpu, platforms: found.platforms.into_iter().map(platform_name).collect() }),
        candidates: selection.candidates.iter().map(choice).collect(),
        own: Vec::new(),
        refused: selection.refused,
        remarks: selection.remarks,
    }
}

fn platform_name(platform: &Platform) -> PlatformName {
    PlatformName {
        code: platform.code.to_string(),
        name: platform.name.to_string(),
        generation: platform.generation.to_string(),
        major_generation: platform.major_generation(),
    }
}

fn choice(candidate: &Candidate<'_>) -> Choice {
    Choice {
        rom: candidate.rom.name.to_string(),
        sha256: candidate.rom.sha256,
        url: candidate.rom.url.to_string(),
        confidence: candidate.confidence.name(),
        reason: candidate.reason.to_owned(),
        note: candidate.rom.note.as_ref().map(ToString::to_string),
    }
}

impl Picked {
    /// The generation of the graphics, by the device or else by the CPU, where all its platforms have the same.
    pub(crate) fn major_generation(&self) -> Option<u32> {
        if let Some(device) = &self.device {
            return device.platform.as_ref().map(|platform| platform.major_generation);
        }
        let mut generations = self.cpu.iter().flat_map(|cpu| &cpu.platforms).map(|platform| platform.major_generation);
        let first = generations.next()?;
        generations.all(|other| other == first).then_some(first)
    }
}
