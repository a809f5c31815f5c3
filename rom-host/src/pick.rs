//! Which ROM a host, a GPU or a CPU needs, and why.

use crate::address::IGPU_BDF;
use crate::advice::Advice;
use crate::files::HostFiles;
use crate::probe::amd::{self, AmdIgpu};
use crate::probe::pci_ids::PciIds;
use crate::probe::{cpu, pci};
use rom_core::catalog::{Candidate, Catalog, Confidence, Cpu, Platform, Query, SeenDevice, select};
use rom_core::count::Count;
use rom_core::{DeviceId, Digest};

/// The answer, in values of its own.
#[derive(Clone)]
pub struct Picked {
    /// The GPU that the answer is for, where it is visible or named.
    pub device: Option<Device>,
    /// The CPU that was seen or named.
    pub cpu: Option<CpuAnswer>,
    /// The ROMs for it, the best first.
    pub candidates: Vec<Choice>,
    /// Why there is none.
    pub refused: Option<String>,
    /// What else matters for the choice.
    pub remarks: Vec<Advice>,
}

/// The device that the answer is for.
#[derive(Clone, Debug)]
pub struct Device {
    /// Address, where it was seen on a host.
    pub bdf: Option<String>,
    /// Class, where it was seen on a host.
    pub class: Option<String>,
    /// Vendor and device id.
    pub id: DeviceId,
    /// Its name: in the catalog, or else in the host's list of PCI ids.
    pub name: Option<String>,
    /// Its platform in the catalog.
    pub platform: Option<PlatformName>,
}

/// A platform, for people.
#[derive(Clone, Debug)]
pub struct PlatformName {
    /// The short name, such as RPL-P.
    pub code: String,
    /// The whole name.
    pub name: String,
    /// Generation of its graphics, such as 12.7.
    pub generation: String,
    /// The first number of that.
    pub major_generation: u32,
}

/// The CPU that was seen or asked for.
#[derive(Clone, Debug)]
pub struct CpuAnswer {
    /// What is known of it.
    pub cpu: Cpu,
    /// The platforms that it can be.
    pub platforms: Vec<PlatformName>,
}

/// A ROM that serves the device.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The ROM's name in the catalog.
    pub rom: String,
    /// The SHA-256 that its bytes have.
    pub sha256: Digest,
    /// Where it is to be had.
    pub url: String,
    /// How sure the catalog is.
    pub confidence: Confidence,
    /// Why this one.
    pub reason: String,
    /// What else the catalog says of it.
    pub note: Option<String>,
}

impl Picked {
    /// With the name that the host's list of PCI ids has for a device that the catalog has none
    /// for.
    #[must_use]
    pub fn named(mut self, files: &dyn HostFiles) -> Self {
        if let Some(device) = self.device.as_mut().filter(|device| device.name.is_none()) {
            device.name = PciIds::read(files).name(device.id);
        }
        self
    }
}

/// What `id` needs, wherever it is.
#[must_use]
pub fn for_device(catalog: &Catalog, id: DeviceId) -> Picked {
    answer(catalog, None, Some(SeenDevice { id, class: None, virtual_function: false }), None)
}

/// What a CPU of this name needs.
#[must_use]
pub fn for_cpu(catalog: &Catalog, name: &str) -> Picked {
    answer(catalog, None, None, Some(Cpu::named(name)))
}

/// What the function at `bdf` of a host needs; `None` if there is none.
pub fn at(catalog: &Catalog, files: &dyn HostFiles, bdf: &str) -> Option<Picked> {
    let seen = pci::function(files, bdf)?;
    let cpu = cpu::asked_of_host(files);
    Some(answer(catalog, Some(&seen), Some(as_seen(&seen)), cpu).named(files))
}

/// What a host needs.
pub fn on_host(catalog: &Catalog, files: &dyn HostFiles) -> Picked {
    let cpu = cpu::asked_of_host(files);
    let displays = pci::displays(files);
    let igpu = pci::igpu(files);
    let integrated = igpu.as_ref().filter(|seen| {
        !catalog.device(seen.id.device).is_some_and(|(platform, _)| platform.discrete)
    });
    if integrated.is_none()
        && let Some(gpu) = amd::read(files)
    {
        return of_amd(&gpu, cpu).named(files);
    }
    let mut picked = answer(catalog, integrated, integrated.map(as_seen), cpu);
    if let Some(seen) = integrated {
        picked.remarks.extend(about(seen));
    } else {
        no_igpu(catalog, &displays, &mut picked);
    }
    picked.named(files)
}

/// What an AMD iGPU needs: two files, which are in the owner's machine.
fn of_amd(gpu: &AmdIgpu, cpu: Option<Cpu>) -> Picked {
    let refused = "The catalog has none for an AMD iGPU. It needs two, which are both in this \
        machine: its VBIOS, and the GOP driver for its audio function.";
    let bios = Advice::from("The GOP driver is in the BIOS update of this board's maker:");
    Picked {
        device: Some(Device {
            bdf: Some(gpu.display.bdf.clone()),
            class: Some(gpu.display.class.to_string()),
            id: gpu.display.id,
            name: gpu.chip.as_ref().map(|chip| chip.name.clone()),
            platform: None,
        }),
        cpu: cpu.map(|cpu| CpuAnswer { cpu, platforms: Vec::new() }),
        candidates: Vec::new(),
        refused: Some(refused.to_owned()),
        remarks: vec![
            Advice::from("This puts the VBIOS in place:").run(["oprom", "install"]),
            bios.run(["oprom", "install", "--bios", "BIOS_UPDATE"]),
        ],
    }
}

fn as_seen(display: &pci::Display) -> SeenDevice {
    SeenDevice {
        id: display.id,
        class: Some(display.class),
        virtual_function: display.virtual_function,
    }
}

/// What the host's iGPU shows that matters for a display.
fn about(display: &pci::Display) -> Vec<Advice> {
    let mut remarks = Vec::new();
    if display.class.sub() == 0x80 {
        remarks.push(
            "The iGPU is not the primary display (class 0380), so there is no display at boot. \
            Make it the primary display in the BIOS."
                .into(),
        );
    }
    if display.class.sub() == 0 && display.boot_vga == Some(false) {
        remarks.push(
            "The host booted on another display (boot_vga of the iGPU is 0). Make the iGPU the \
            primary display in the BIOS."
                .into(),
        );
    }
    if display.virtual_functions > 0 {
        let functions = Count(display.virtual_functions, "virtual function");
        let text = format!(
            "The iGPU has {functions} enabled (SR-IOV). To pass the whole GPU through, disable \
                SR-IOV. For one virtual function:"
        );
        remarks.push(Advice::from(text).run(["oprom", "pick", "--bdf", "00:02.1"]));
    }
    remarks
}

/// Completes the answer for a host on which no iGPU is visible.
fn no_igpu(catalog: &Catalog, displays: &[pci::Display], picked: &mut Picked) {
    let others: Vec<String> = displays
        .iter()
        .map(|display| {
            let known =
                catalog.device(display.id.device).filter(|_| display.id.vendor == DeviceId::INTEL);
            let name =
                known.map_or_else(String::new, |(platform, _)| format!(" ({})", platform.name));
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
                "No Intel iGPU is visible at {IGPU_BDF}. Enable it in the BIOS (often called \
                iGPU Multi-Monitor). This answer is from the CPU alone, so it is less certain."
            )
            .into(),
        );
    }
    if !others.is_empty() {
        let others = others.join(", ");
        let text = format!(
            "Other display controllers here: {others}. A graphics card carries its own option ROM."
        );
        picked.remarks.push(text.into());
    }
}

fn answer(
    catalog: &Catalog,
    at: Option<&pci::Display>,
    device: Option<SeenDevice>,
    cpu: Option<Cpu>,
) -> Picked {
    let selection = select(catalog, &Query { device, cpu });
    Picked {
        device: selection.device.map(|found| Device {
            bdf: at.map(|display| display.bdf.clone()),
            class: at.map(|display| display.class.to_string()),
            id: found.id,
            name: found.known.map(|(name, _)| name.to_owned()),
            platform: found.known.map(|(_, platform)| platform_name(platform)),
        }),
        cpu: selection.cpu.map(|found| CpuAnswer {
            cpu: found.cpu,
            platforms: found.platforms.into_iter().map(platform_name).collect(),
        }),
        candidates: selection.candidates.iter().map(choice).collect(),
        refused: selection.refused,
        remarks: selection.remarks.into_iter().map(Advice::from).collect(),
    }
}

fn platform_name(platform: &Platform) -> PlatformName {
    PlatformName {
        code: platform.code.clone(),
        name: platform.name.clone(),
        generation: platform.generation.clone(),
        major_generation: platform.major_generation(),
    }
}

fn choice(candidate: &Candidate<'_>) -> Choice {
    Choice {
        rom: candidate.rom.name.clone(),
        sha256: candidate.rom.sha256,
        url: candidate.rom.url.clone(),
        confidence: candidate.confidence,
        reason: candidate.reason.to_owned(),
        note: candidate.rom.note.as_ref().map(ToString::to_string),
    }
}

impl Picked {
    /// The generation of the graphics, by the device or else by the CPU, where all its platforms
    /// have the same.
    #[must_use]
    pub fn major_generation(&self) -> Option<u32> {
        if let Some(device) = &self.device {
            return device.platform.as_ref().map(|platform| platform.major_generation);
        }
        let mut generations = self
            .cpu
            .iter()
            .flat_map(|cpu| &cpu.platforms)
            .map(|platform| platform.major_generation);
        let first = generations.next()?;
        generations.all(|other| other == first).then_some(first)
    }
}
