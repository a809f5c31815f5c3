//! The CPU, from /proc/cpuinfo.

use super::access::Probe;
use crate::files::HostFiles;
use rom_core::catalog::Cpu;
use std::collections::HashMap;

/// The first CPU that `cpuinfo` describes.
#[must_use]
pub fn read(cpuinfo: &str) -> Option<Cpu> {
    let first = cpuinfo.split("\n\n").next()?;
    let fields: HashMap<&str, &str> = first
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(key, value)| (key.trim(), value.trim()))
        .collect();
    let number = |key: &str| fields.get(key).and_then(|value| value.parse::<u32>().ok());
    Some(Cpu {
        intel: *fields.get("vendor_id")? == "GenuineIntel",
        name: (*fields.get("model name")?).to_owned(),
        signature: number("cpu family")
            .zip(number("model"))
            .zip(number("stepping"))
            .map(|((f, m), s)| (f, m, s)),
    })
}

/// What else matters of a CPU that a VM shall run on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Processor {
    /// The name that it gives itself.
    pub name: String,
    /// Whether Intel makes it.
    pub intel: bool,
    /// Whether AMD makes it.
    pub amd: bool,
    /// Whether it shows VT-x; `None` where no flags are listed.
    pub vmx: Option<bool>,
    /// Whether it shows AMD-V (SVM); `None` where no flags are listed.
    pub svm: Option<bool>,
    /// Whether it says that it is a virtual one.
    pub hypervisor: bool,
    /// Bits of a physical address.
    pub physical_bits: Option<u32>,
}

/// The first CPU of a host.
pub fn of_host(files: &dyn HostFiles) -> Option<Processor> {
    Probe::file(files, CPUINFO).as_ref().and_then(|text| processor(text))
}

/// The first CPU of a host, as the catalog asks for it.
pub fn asked_of_host(files: &dyn HostFiles) -> Option<Cpu> {
    Probe::file(files, CPUINFO).as_ref().and_then(|text| read(text))
}

const CPUINFO: &str = "/proc/cpuinfo";

/// The first CPU that `cpuinfo` describes, as the host of a VM.
#[must_use]
pub fn processor(cpuinfo: &str) -> Option<Processor> {
    let cpu = read(cpuinfo)?;
    let first = cpuinfo.split("\n\n").next()?;
    let value = |wanted: &str| {
        first.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == wanted)
    };
    let flags: Option<Vec<&str>> =
        value("flags").map(|(_, flags)| flags.split_whitespace().collect());
    let has = |flag: &str| flags.as_ref().map(|flags| flags.contains(&flag));
    Some(Processor {
        name: cpu.name,
        intel: cpu.intel,
        amd: value("vendor_id").is_some_and(|(_, vendor)| vendor.trim() == "AuthenticAMD"),
        vmx: has("vmx"),
        svm: has("svm"),
        hypervisor: has("hypervisor") == Some(true),
        physical_bits: value("address sizes")
            .and_then(|(_, sizes)| sizes.split_whitespace().next()?.parse().ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_processor_is_read() {
        let text = "processor\t: 0\nvendor_id\t: GenuineIntel\ncpu family\t: 6\nmodel\t\t: 186\n\
                    model name\t: 13th Gen Intel(R) Core(TM) i5-1340P\nstepping\t: 2\n\nprocessor\t: 1\nmodel\t\t: 1\n";
        let cpu = read(text).unwrap();
        assert!(cpu.intel);
        assert_eq!(cpu.signature, Some((6, 186, 2)));
        assert_eq!(cpu.name, "13th Gen Intel(R) Core(TM) i5-1340P");
    }

    #[test]
    fn a_machine_without_model_names_has_no_cpu_to_ask() {
        assert_eq!(read("processor\t: 0\nBogoMIPS\t: 50.00\n"), None);
    }
}
