//! An AMD iGPU as sysfs and ACPI show it: the GPU, its audio function, and the VBIOS that the
//! board's firmware left in memory.

use super::access::{Probe, link_name, word};
use super::iommu;
use super::pci::{self, Display};
use crate::files::HostFiles;
use rom_core::catalog::{AmdGpu, Catalog};
use rom_core::model::Vfct;
use rom_core::{Context, DeviceId, Window, analyze, read};
use std::io::{self, ErrorKind};

/// Where the board's firmware leaves the VBIOS of each AMD GPU (Linux, `amdgpu_bios.c`).
pub const VFCT: &str = "/sys/firmware/acpi/tables/VFCT";

/// Bytes of that table that are read: 16 images of 256 KiB, twice.
const LARGEST_VFCT: u64 = 8 << 20;

/// The table with the VBIOS of each AMD GPU.
///
/// # Errors
/// What the operating system says.
pub fn vfct_bytes(files: &dyn HostFiles) -> io::Result<Vec<u8>> {
    files.read(VFCT, LARGEST_VFCT)
}

/// The VBIOS of `gpu` in a table, by its place there.
#[must_use]
pub fn vbios_in(table: &[u8], gpu: DeviceId) -> Option<&[u8]> {
    let vfct = read::vfct(Window::of_file(table))?;
    let span = vfct.images.iter().find(|image| image.id == gpu)?.span;
    table.get(span.offset..span.offset.checked_add(span.length)?)
}

/// Class of multimedia controllers.
const MULTIMEDIA: u8 = 0x04;

/// What a host knows of its AMD iGPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmdIgpu {
    /// Address, ids and class.
    pub display: Display,
    /// The chip, where its id is known.
    pub chip: Option<AmdGpu>,
    /// The driver that has it.
    pub driver: Option<String>,
    /// Number of its IOMMU group, and the other devices in it that are no bridges.
    pub group: Option<(String, Vec<String>)>,
    /// How it can be reset; `None` where the kernel does not say.
    pub reset: Option<String>,
    /// Its audio function, which is given the GOP driver.
    pub audio: Option<AmdAudio>,
    /// The table with its VBIOS.
    pub vfct: Probe<VfctFacts>,
    /// Whether the module vendor-reset is loaded.
    pub vendor_reset: bool,
}

/// The audio function of an AMD iGPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmdAudio {
    /// Its address.
    pub bdf: String,
    /// Its ids.
    pub id: DeviceId,
    /// The driver that has it.
    pub driver: Option<String>,
    /// Number of its IOMMU group, and the other devices in it that are no bridges.
    pub group: Option<(String, Vec<String>)>,
}

/// What the table of VBIOS images has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VfctFacts {
    /// The table; `None` if the file does not hold one.
    pub table: Option<Vfct>,
    /// The VBIOS of the iGPU in it.
    pub vbios: Option<VbiosFacts>,
}

/// The VBIOS of the iGPU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VbiosFacts {
    /// Bytes of it.
    pub size: usize,
    /// Its part number, such as 113-REMBRANDT-X37.
    pub part_number: Option<String>,
    /// What is wrong with it, in a few words.
    pub damage: Option<String>,
}

/// Reads it; `None` if no AMD iGPU is visible. A card is told from an iGPU by its id, or by the id
/// of the audio function beside it.
#[must_use]
pub fn read(files: &dyn HostFiles) -> Option<AmdIgpu> {
    let displays = pci::displays(files).into_iter();
    let (display, audio) = displays
        .filter(|display| display.id.vendor == DeviceId::AMD)
        .map(|display| (audio(files, &display.bdf), display))
        .map(|(audio, display)| (display, audio))
        .find(|(display, audio)| is_igpu(display.id, audio.as_ref().map(|audio| audio.id)))?;
    let at = |name: &str| format!("{}/{}/{name}", pci::DEVICES, display.bdf);
    let reset = at("reset_method");
    Some(AmdIgpu {
        chip: Catalog::embedded().amd_gpu(display.id.device).cloned(),
        driver: link_name(files, &at("driver")),
        group: iommu::group(files, &display.bdf),
        reset: files.exists(&reset).then(|| word(files, &reset).unwrap_or_default()),
        vfct: vfct(files, display.id),
        vendor_reset: files.exists("/sys/module/vendor_reset"),
        audio,
        display,
    })
}

/// Whether a display controller of AMD's is an iGPU.
fn is_igpu(id: DeviceId, audio: Option<DeviceId>) -> bool {
    let catalog = Catalog::embedded();
    let beside = |audio: DeviceId| {
        let mut known = catalog.amd_gpus.iter().filter_map(|gpu| gpu.audio);
        audio.vendor == DeviceId::AMD && known.any(|known| known == audio.device)
    };
    catalog.amd_gpu(id.device).is_some() || audio.is_some_and(beside)
}

fn audio(files: &dyn HostFiles, gpu: &str) -> Option<AmdAudio> {
    let bdf = format!("{}.1", gpu.strip_suffix(".0")?);
    let function = pci::function(files, &bdf).filter(|seen| seen.class.base() == MULTIMEDIA)?;
    Some(AmdAudio {
        id: function.id,
        driver: link_name(files, &format!("{}/{bdf}/driver", pci::DEVICES)),
        group: iommu::group(files, &bdf),
        bdf,
    })
}

fn vfct(files: &dyn HostFiles, gpu: DeviceId) -> Probe<VfctFacts> {
    let bytes = match vfct_bytes(files) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Probe::Denied,
        Err(_) => return Probe::Absent,
    };
    let vbios = vbios_in(&bytes, gpu).map(|own| vbios(own, gpu));
    Probe::Is(VfctFacts { table: read::vfct(Window::of_file(&bytes)), vbios })
}

fn vbios(bytes: &[u8], gpu: DeviceId) -> VbiosFacts {
    let analysis = analyze(bytes, &Context::default().with_device(Some(gpu)));
    let contents = analysis.images.first().and_then(|image| image.contents.as_ref());
    let part_number =
        contents.and_then(|own| own.vbios.as_ref()).and_then(|own| own.part_number.clone());
    let damage = analysis.error().map(|finding| finding.code.title().to_owned());
    VbiosFacts { size: bytes.len(), part_number, damage }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::FileMap;

    fn host(id: &str, audio: Option<&str>) -> FileMap {
        let mut files = FileMap::default();
        let mut function = |bdf: &str, device: &str, class: &str| {
            for (name, value) in [("vendor", "0x1002"), ("device", device), ("class", class)] {
                files.write(&format!("{}/{bdf}/{name}", pci::DEVICES), value);
            }
        };
        function("0000:04:00.0", id, "0x030000");
        if let Some(audio) = audio {
            function("0000:04:00.1", audio, "0x040300");
        }
        files
    }

    #[test]
    fn a_card_is_not_an_igpu() {
        let of = |id, audio| read(&host(id, audio)).map(|gpu| gpu.chip.map(|chip| chip.name));
        assert_eq!(of("0x1638", Some("0x1637")), Some(Some("Cezanne".to_owned())));
        assert_eq!(of("0x15bf", None), Some(Some("Phoenix".to_owned())));
        assert_eq!(of("0x1abc", Some("0x1640")), Some(None), "a chip that is newer than the list");
        assert_eq!(of("0x73ff", Some("0xab28")), None, "a graphics card");
        assert_eq!(of("0x1abc", None), None);
    }

    #[test]
    fn a_table_of_other_gpus_has_no_vbios_for_this_one() {
        let mut files = host("0x1638", Some("0x1637"));
        assert_eq!(read(&files).unwrap().vfct, Probe::Absent);
        files.write(VFCT, b"not a table".as_slice());
        let Probe::Is(facts) = read(&files).unwrap().vfct else { panic!("it is there") };
        assert_eq!((facts.table, facts.vbios), (None, None));
    }
}
