//! The CPU, from /proc/cpuinfo.

use rom_core::catalog::Cpu;
use std::collections::HashMap;

/// The first CPU that `cpuinfo` describes.
pub(crate) fn read(cpuinfo: &str) -> Option<Cpu> {
    let first = cpuinfo.split("\n\n").next()?;
    let fields: HashMap<&str, &str> =
        first.lines().filter_map(|line| line.split_once(':')).map(|(key, value)| (key.trim(), value.trim())).collect();
    let number = |key: &str| fields.get(key).and_then(|value| value.parse::<u32>().ok());
    Some(Cpu {
        intel: *fields.get("vendor_id")? == "GenuineIntel",
        name: (*fields.get("model name")?).to_owned(),
        signature: number("cpu family").zip(number("model")).zip(number("stepping")).map(|((f, m), s)| (f, m, s)),
    })
}

/// The CPU that a user named.
pub(crate) fn named(name: &str) -> Cpu {
    let other = ["AMD", "Ryzen", "EPYC", "Athlon", "Apple", "ARM", "Cortex"];
    Cpu { intel: !other.iter().any(|word| name.contains(word)), name: name.to_owned(), signature: None }
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
