use super::*;
use crate::files::FileMap;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../samples/hosts/nuc-13-pro");
const DEVICE: &str = "/sys/bus/pci/devices/0000:00:02.0";
const VBT_PATH: &str = "/sys/kernel/debug/dri/0000:00:02.0/i915_vbt";

fn host() -> FileMap {
    FileMap::from_folder(SAMPLE.as_ref()).unwrap()
}

/// What came of the source of this kind.
fn read(files: &dyn HostFiles, kind: SourceKind) -> Result<SourceBytes, Missing> {
    source(files, kind).read(files, false)
}

fn source(files: &dyn HostFiles, kind: SourceKind) -> RomSource {
    rom_sources(files, None).into_iter().find(|source| source.kind == kind).unwrap()
}

fn why(files: &dyn HostFiles, kind: SourceKind) -> String {
    read(files, kind).unwrap_err().why
}

fn commands(missing: &Missing) -> Vec<String> {
    missing.advice.commands.iter().map(ToString::to_string).collect()
}

/// A chip of 512 KiB: the descriptor, and the BIOS in its second half.
fn chip() -> Vec<u8> {
    let mut chip = vec![0xFF; 0x8_0000];
    chip[0x10..0x14].copy_from_slice(&[0x5A, 0xA5, 0xF0, 0x0F]);
    // The list of regions is at 0x40: the descriptor, the BIOS, the management engine.
    chip[0x14..0x18].copy_from_slice(&[0, 0, 4, 0]);
    let regions = [0_u16, 0, 0x40, 0x7F, 0x01, 0x3F, 0x7FFF, 0, 0x7FFF, 0, 0x7FFF, 0, 0x7FFF, 0];
    for (index, word) in regions.into_iter().enumerate() {
        chip[0x40 + 2 * index..][..2].copy_from_slice(&word.to_le_bytes());
    }
    chip[0x4_0000..].fill(0xB1);
    chip
}

const MTD: &str = "dev:    size   erasesize  name\n\
                   mtd0: 00010000 00001000 \"other\"\n\
                   mtd1: 00080000 00001000 \"BIOS\"\n";

#[test]
fn the_bios_region_is_read_by_the_descriptor() {
    let mut files = host();
    files.write("/proc/mtd", MTD);
    files.write("/dev/mtd1ro", chip());
    let source = source(&files, SourceKind::Flash);
    assert_eq!(source.path, "/dev/mtd1ro");
    let read = source.read(&files, false).unwrap();
    assert_eq!((read.bytes, read.gaps), (vec![0xB1; 0x4_0000], Vec::new()));
}

/// A host whose flash chip is closed from one offset to another.
struct Closed(FileMap, std::ops::Range<u64>);

impl HostFiles for Closed {
    fn read(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        self.0.read(path, most)
    }
    fn names(&self, folder: &str) -> Vec<String> {
        self.0.names(folder)
    }
    fn link(&self, path: &str) -> Option<String> {
        self.0.link(path)
    }
    fn exists(&self, path: &str) -> bool {
        self.0.exists(path)
    }
    fn mode(&self, path: &str) -> Option<u32> {
        self.0.mode(path)
    }
    fn flash(&self, path: &str, offset: u64, length: u64) -> io::Result<Vec<u8>> {
        if offset < self.1.end && offset + length > self.1.start {
            return Err(io::Error::from_raw_os_error(5));
        }
        self.0.flash(path, offset, length)
    }
    fn rom_bar(&self, _: &str, _: u64) -> io::Result<Vec<u8>> {
        Err(io::Error::from_raw_os_error(5))
    }
}

fn closed(range: std::ops::Range<u64>) -> Closed {
    let mut files = host();
    files.write("/proc/mtd", MTD);
    files.write("/dev/mtd1ro", chip());
    files.write(&format!("{DEVICE}/rom"), "");
    files.remove(&format!("{DEVICE}/driver"));
    Closed(files, range)
}

#[test]
fn what_is_closed_of_the_chip_is_named_and_the_rest_is_read() {
    // The management engine's region is closed, and does not matter.
    assert_eq!(read(&closed(0x1000..0x4_0000), SourceKind::Flash).unwrap().gaps, [""; 0]);
    let part = read(&closed(0x5_0000..0x6_0000), SourceKind::Flash).unwrap();
    assert_eq!(part.bytes[..0x1_0000], vec![0xB1; 0x1_0000]);
    assert_eq!(part.bytes[0x1_0000..0x2_0000], vec![0xFF; 0x1_0000]);
    let [gap] = part.gaps.as_slice() else { panic!("{:?}", part.gaps) };
    assert!(gap.starts_with("65536 bytes at 0x50000 of the chip could not be read"), "{gap}");
    // A descriptor that is closed: all of the chip is tried.
    let whole = read(&closed(0..0x1000), SourceKind::Flash).unwrap();
    assert_eq!(whole.bytes.len(), 0x8_0000);
    assert_eq!(whole.gaps.len(), 1);
    assert!(
        read(&closed(0..0x8_0000), SourceKind::Flash)
            .unwrap_err()
            .why
            .starts_with("reading it failed")
    );
}

#[test]
fn a_chip_that_is_not_shown_says_why_and_what_reads_it() {
    let mut files = host();
    let kernel = "/boot/config-6.17.2-1-pve";
    files.write(kernel, "# CONFIG_SPI_INTEL_PCI is not set\n");
    let missing = read(&files, SourceKind::Flash).unwrap_err();
    assert!(missing.why.contains("built without"), "{}", missing.why);
    assert_eq!(
        commands(&missing),
        ["flashrom -p internal --ifd -i bios -r bios.bin", "oprom extract bios.bin"]
    );
    files.write(kernel, "CONFIG_SPI_INTEL_PCI=m\n");
    let missing = read(&files, SourceKind::Flash).unwrap_err();
    assert_eq!(commands(&missing), ["modprobe spi-intel-pci", "oprom extract --host"]);
    files.write("/sys/module/spi_intel_pci/refcnt", "0");
    assert!(why(&files, SourceKind::Flash).contains("hides its flash controller"));
    let amd = "processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD Ryzen 9 7950X\n";
    files.write("/proc/cpuinfo", amd);
    let missing = read(&files, SourceKind::Flash).unwrap_err();
    assert_eq!(commands(&missing)[0], "flashrom -p internal -r bios.bin");
}

#[test]
fn tables_of_the_driver_are_found_by_address_and_by_number() {
    let mut files = host();
    files.write(VBT_PATH, "$VBT");
    assert_eq!(read(&files, SourceKind::VideoBiosTable).unwrap().bytes, b"$VBT");
    files.remove(VBT_PATH);
    files.write("/sys/kernel/debug/dri/0/name", "simpledrm\n");
    files.write("/sys/kernel/debug/dri/1/name", "i915 dev=0000:00:02.0 unique=0000:00:02.0\n");
    files.write("/sys/kernel/debug/dri/1/i915_opregion", "IntelGraphicsMem");
    assert_eq!(read(&files, SourceKind::OpRegion).unwrap().bytes, b"IntelGraphicsMem");
    files.write("/sys/kernel/debug/dri/1/i915_vbt", "");
    assert!(why(&files, SourceKind::VideoBiosTable).contains("it is empty"));
}

#[test]
fn a_table_that_is_not_there_says_why() {
    let mut files = host();
    files.link_to(&format!("{DEVICE}/driver"), "../../drivers/i915");
    let missing = read(&files, SourceKind::VideoBiosTable).unwrap_err();
    assert_eq!(commands(&missing)[0], "mount -t debugfs none /sys/kernel/debug");
    files.write("/sys/kernel/debug/sleep_time", "");
    assert!(why(&files, SourceKind::VideoBiosTable).contains("does not show graphics"));
    files.write("/sys/kernel/debug/dri/0/name", "");
    assert!(why(&files, SourceKind::VideoBiosTable).starts_with("i915 of this kernel"));
    files.link_to(&format!("{DEVICE}/driver"), "../../drivers/vfio-pci");
    assert!(why(&files, SourceKind::VideoBiosTable).ends_with("and vfio-pci is"));
    files.remove(&format!("{DEVICE}/driver"));
    let missing = read(&files, SourceKind::OpRegion).unwrap_err();
    assert_eq!(commands(&missing)[0], "modprobe i915");
    files.remove(DEVICE);
    assert!(why(&files, SourceKind::OpRegion).contains("no GPU of Intel"));
}

#[test]
fn the_vfct_is_of_amd() {
    let mut files = host();
    assert!(why(&files, SourceKind::Vfct).contains("a GPU of AMD"));
    files.write(&format!("{DEVICE}/vendor"), "0x1002\n");
    assert!(why(&files, SourceKind::Vfct).contains("only in a UEFI boot"));
    files.write(amd::VFCT, "VFCT");
    assert_eq!(read(&files, SourceKind::Vfct).unwrap().bytes, b"VFCT");
}

#[test]
fn the_rom_of_a_device_in_use_is_read_only_where_that_is_allowed() {
    let mut files = host();
    assert_eq!(why(&files, SourceKind::RomBar), "this device has no ROM of its own");
    files.write(&format!("{DEVICE}/rom"), "rom");
    files.link_to(&format!("{DEVICE}/driver"), "../../drivers/i915");
    let missing = read(&files, SourceKind::RomBar).unwrap_err();
    assert_eq!(missing.why, "the device is in use: i915 is bound to it");
    assert_eq!(commands(&missing), ["oprom extract --host --in-use --bdf 0000:00:02.0"]);
    let own = source(&files, SourceKind::RomBar);
    assert_eq!(own.switch(), Some(format!("{DEVICE}/rom").as_str()));
    assert_eq!(own.read(&files, true).unwrap().bytes, b"rom");
    files.link_to(&format!("{DEVICE}/driver"), "../../drivers/vfio-pci");
    assert!(why(&files, SourceKind::RomBar).contains("a VM may have it"));
    files.write(&format!("{DEVICE}/power/runtime_status"), "suspended\n");
    assert_eq!(read(&files, SourceKind::RomBar).unwrap().bytes, b"rom");
    files.remove(&format!("{DEVICE}/driver"));
    assert!(read(&files, SourceKind::RomBar).is_ok());
}

#[test]
fn the_kernel_finding_no_rom_says_where_it_is_instead() {
    let missing = read(&closed(0..0), SourceKind::RomBar).unwrap_err();
    assert!(missing.why.starts_with("the kernel finds no ROM there"), "{}", missing.why);
    assert!(missing.advice.text.contains("An iGPU has no ROM of its own"));
}

#[test]
fn one_device_is_read_where_one_is_named() {
    let mut files = host();
    let card = "/sys/bus/pci/devices/0000:01:00.0";
    for (name, text) in [("class", "0x020000"), ("vendor", "0x8086"), ("device", "0x10d3")] {
        files.write(&format!("{card}/{name}"), text);
    }
    files.write(&format!("{card}/rom"), "rom");
    let last = |bdf| rom_sources(&files, Some(bdf)).pop().unwrap();
    assert_eq!(last("0000:01:00.0").read(&files, false).unwrap().bytes, b"rom");
    let nothing = last("0000:09:00.0").read(&files, false).unwrap_err();
    assert_eq!(nothing.why, "there is no PCI device at this address");
    let bars = rom_sources(&files, Some("0000:01:00.0"));
    let bars = bars.iter().filter(|source| source.kind == SourceKind::RomBar);
    assert_eq!(bars.count(), 1);
}

#[test]
fn what_only_root_reads_says_so() {
    let denied = failed(&io::Error::from_raw_os_error(13));
    assert_eq!(denied.why, "only root can read it");
    assert_eq!(commands(&denied), ["oprom extract --host"]);
    assert!(failed(&io::Error::from_raw_os_error(1)).advice.text.contains("Secure Boot"));
}
