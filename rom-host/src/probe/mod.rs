//! Facts of a host, read from its files. Nothing is changed, no program is started, and nothing is
//! assessed here.

pub(crate) mod access;
pub mod amd;
pub mod boot;
pub mod cpu;
pub mod dpkg;
pub mod firmware;
pub mod gpu;
pub mod guests;
pub mod host_pci;
pub mod iommu;
pub mod kernel;
pub mod logins;
mod manager;
pub mod memory;
pub mod modprobe;
pub mod pci;
pub mod pci_ids;
pub mod qemu;
pub mod rom;
pub mod rom_source;
pub mod running;

pub use access::Probe;
pub use manager::manager;

use crate::files::HostFiles;
use crate::system::System;
use amd::AmdIgpu;
use boot::Boot;
use cpu::Processor;
use gpu::Gpu;
use iommu::Iommu;
use kernel::Kernel;
use modprobe::Modprobe;
use pci::Display;
use qemu::Qemu;

/// All that is known of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Its distribution, boot loader and initramfs.
    pub system: System,
    /// Its first CPU.
    pub processor: Option<Processor>,
    /// Its IOMMU.
    pub iommu: Iommu,
    /// The kernel that runs.
    pub kernel: Kernel,
    /// How it starts.
    pub boot: Boot,
    /// Options of kernel modules.
    pub modprobe: Modprobe,
    /// Its Intel iGPU, where it is visible.
    pub gpu: Option<Gpu>,
    /// Its AMD iGPU, where it has no Intel one.
    pub amd: Option<AmdIgpu>,
    /// The audio function of its chipset, which carries the sound over HDMI and `DisplayPort`.
    pub audio: Option<Audio>,
    /// Vendor and device id of every PCI function, in lower case.
    pub devices: Vec<String>,
    /// Every display controller.
    pub displays: Vec<Display>,
    /// Its QEMU.
    pub qemu: Option<Qemu>,
    /// MiB of memory.
    pub memory: Option<u64>,
    /// Whether somebody can get in from elsewhere once the screen is gone: a running SSH server, or
    /// Proxmox VE's web interface.
    pub remote: bool,
}

/// The audio function of Intel's chipsets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audio {
    /// Its address.
    pub bdf: &'static str,
    /// The others of its IOMMU group that are no bridges: they would have to go with it.
    pub beside: Vec<String>,
}

impl Audio {
    /// Where it is on the platforms that have one.
    pub const BDF: &str = "0000:00:1f.3";

    /// Class of multimedia controllers.
    const CLASS: u8 = 0x04;

    fn read(files: &dyn HostFiles) -> Option<Self> {
        pci::function(files, Self::BDF).filter(|seen| seen.class.base() == Self::CLASS)?;
        let group = iommu::group(files, Self::BDF);
        Some(Self { bdf: Self::BDF, beside: group.map(|(_, others)| others).unwrap_or_default() })
    }
}

/// What is there while an SSH server or the web interface of Proxmox VE runs.
const REMOTE: [&str; 4] = ["/run/sshd.pid", "/run/sshd", "/run/ssh.socket", "/run/pveproxy"];

impl Host {
    /// Reads it. `qemu` is what QEMU itself said of its version, for a host whose package database
    /// does not have it.
    #[must_use]
    pub fn read(files: &dyn HostFiles, qemu: Option<Qemu>) -> Self {
        let kernel = kernel::read(files);
        let gpu = gpu::read(files);
        let system = System::read(files, &kernel.command_line);
        Self {
            processor: cpu::of_host(files),
            iommu: iommu::read(files),
            boot: boot::read(files, system),
            system,
            kernel,
            modprobe: modprobe::read(files),
            amd: if gpu.is_some() { None } else { amd::read(files) },
            gpu,
            audio: Audio::read(files),
            devices: pci::ids(files),
            displays: pci::displays(files),
            qemu: qemu::packaged(files).or(qemu),
            memory: memory::total(files),
            remote: REMOTE.iter().any(|path| files.exists(path)),
        }
    }

    /// Bits of the IOMMU's addresses, where the CPU has more.
    #[must_use]
    pub fn narrow_iommu(&self) -> Option<u32> {
        let width = self.iommu.address_width?;
        (self.processor.as_ref()?.physical_bits? > width).then_some(width)
    }
}
