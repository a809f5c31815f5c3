//! From what a host has to the ROMs that serve it.
//!
//! The exact device id decides; never a prefix of it. The CPU cross-checks. Where the device is not
//! visible, the CPU's signature answers, then its name, both with less confidence.

use super::cpu_name::{self, NameKind, Names};
use super::{Catalog, Confidence, CpuModel, NO_IGPU, Platform, RomChoice, RomEntry, amd};
use crate::layout::ClassCode;
use crate::model::DeviceId;

/// What is known of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The device that would be passed through.
    pub device: Option<SeenDevice>,
    /// The CPU.
    pub cpu: Option<Cpu>,
}

/// A PCI function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeenDevice {
    /// Its ids.
    pub id: DeviceId,
    /// Its class, where known.
    pub class: Option<ClassCode>,
    /// Whether it is an SR-IOV virtual function.
    pub virtual_function: bool,
}

/// A CPU, as /proc/cpuinfo describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// Whether Intel made it.
    pub intel: bool,
    /// Model name.
    pub name: String,
    /// Family, model and stepping, where known.
    pub signature: Option<(u32, u32, u32)>,
}

impl Cpu {
    /// The CPU of this model name, as people write it; its maker is read from the name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self { intel: cpu_name::is_intel(name), name: name.to_owned(), signature: None }
    }
}

/// The answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection<'c> {
    /// The device, if one was asked for.
    pub device: Option<DeviceMatch<'c>>,
    /// The CPU, if one was asked for.
    pub cpu: Option<CpuMatch<'c>>,
    /// ROMs that serve it, best first.
    pub candidates: Vec<Candidate<'c>>,
    /// Why there are none.
    pub refused: Option<String>,
    /// What else the user should know.
    pub remarks: Vec<String>,
}

/// A device and what the catalog knows of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceMatch<'c> {
    /// Its ids.
    pub id: DeviceId,
    /// Its name and platform, if the catalog lists it.
    pub known: Option<(&'c str, &'c Platform)>,
}

/// A CPU and what the catalog knows of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CpuMatch<'c> {
    /// The CPU.
    pub cpu: Cpu,
    /// The platforms that its graphics can be.
    pub platforms: Vec<&'c Platform>,
}

/// A ROM that serves the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate<'c> {
    /// The ROM.
    pub rom: &'c RomEntry,
    /// How sure it is.
    pub confidence: Confidence,
    /// Why.
    pub reason: &'c str,
}

/// The ROMs for what `query` describes.
#[must_use]
pub fn select<'c>(catalog: &'c Catalog, query: &Query) -> Selection<'c> {
    let cpu = query
        .cpu
        .as_ref()
        .map(|cpu| CpuMatch { cpu: cpu.clone(), platforms: cpu_platforms(catalog, cpu) });
    match query.device {
        Some(device) => by_device(catalog, device, cpu),
        None => by_cpu(catalog, cpu),
    }
}

fn by_device<'c>(
    catalog: &'c Catalog,
    device: SeenDevice,
    cpu: Option<CpuMatch<'c>>,
) -> Selection<'c> {
    let id = device.id;
    let known = (id.vendor == DeviceId::INTEL).then(|| catalog.device(id.device)).flatten();
    let mut selection = Selection {
        device: Some(DeviceMatch {
            id,
            known: known.map(|(platform, device)| (device.name.as_str(), platform)),
        }),
        cpu,
        candidates: Vec::new(),
        refused: None,
        remarks: Vec::new(),
    };
    if let Some(class) = device.class.filter(|class| class.base() != DISPLAY) {
        selection.refused = Some(format!(
            "{id} is not a display controller: its class is \
            {class}."
        ));
        return selection;
    }
    let Some((platform, _)) = known else {
        selection.refused = Some(unknown(id));
        return selection;
    };
    if let Some(reason) = &platform.refused {
        selection.refused = Some(reason.clone());
        return selection;
    }
    selection.candidates = if device.virtual_function {
        selection.remarks.push(VIRTUAL_FUNCTION.to_owned());
        candidates(catalog, catalog.virtual_function.iter())
    } else {
        let choices = platform
            .roms
            .iter()
            .filter(|choice| choice.only.is_empty() || choice.only.contains(&id.device));
        candidates(catalog, choices)
    };
    selection.remarks.extend(platform.note.as_ref().map(ToString::to_string));
    selection
        .remarks
        .extend(selection.cpu.as_ref().and_then(|cpu| disagreement(id, platform, cpu)));
    if selection.candidates.is_empty() {
        selection.refused = Some(format!("The catalog has no ROM for {id} ({}).", platform.name));
    }
    selection
}

/// Base class of display controllers.
const DISPLAY: u8 = 0x03;

const VIRTUAL_FUNCTION: &str = "This is an SR-IOV virtual function. It has no display, and \
    x-igd-opregion must not be set for it.";

fn unknown(id: DeviceId) -> String {
    if id.vendor == DeviceId::INTEL {
        format!(
            "{id} is an Intel device that the catalog does not list. Similar ids do not help: \
            they may need different ROMs. If the iGPU is newer than this program, a newer \
            catalog may list it (--catalog FILE)."
        )
    } else {
        format!(
            "{id} is not an Intel device: the ROMs of the catalog support only Intel's \
            integrated graphics."
        )
    }
}

/// What is said when CPU and device are not of one platform.
fn disagreement(id: DeviceId, platform: &Platform, cpu: &CpuMatch<'_>) -> Option<String> {
    let told = !cpu.platforms.is_empty();
    (told && !cpu.platforms.contains(&platform)).then(|| {
        let others: Vec<&str> =
            cpu.platforms.iter().map(|platform| platform.name.as_ref()).collect();
        format!(
            "The CPU ({}) suggests {}, the device id {id} says {}. The device id decides.",
            cpu.cpu.name,
            others.join(" or "),
            platform.name
        )
    })
}

fn by_cpu<'c>(catalog: &'c Catalog, cpu: Option<CpuMatch<'c>>) -> Selection<'c> {
    let mut selection =
        Selection { device: None, cpu, candidates: Vec::new(), refused: None, remarks: Vec::new() };
    let Some(found) = &selection.cpu else {
        selection.refused = Some("Neither a device nor a CPU is known.".to_owned());
        return selection;
    };
    if !found.cpu.intel {
        selection.refused = Some(amd::told(&found.cpu.name));
        return selection;
    }
    if found.platforms.is_empty() {
        selection.refused = Some(unknown_cpu(&found.cpu));
        return selection;
    }
    if let Some(reasons) = found
        .platforms
        .iter()
        .map(|platform| platform.refused.as_deref())
        .collect::<Option<Vec<_>>>()
    {
        selection.refused = Some(reasons.join(" "));
        return selection;
    }
    let ceiling = if found.cpu.signature.is_some() { Confidence::Medium } else { Confidence::Low };
    let choices = found.platforms.iter().flat_map(|platform| platform.roms.iter());
    let mut candidates = candidates(catalog, choices);
    for candidate in &mut candidates {
        candidate.confidence = candidate.confidence.min(ceiling);
    }
    // What gives a display on one platform goes before the last resort of another.
    candidates.sort_by_key(|candidate| candidate.rom.gop.is_none());
    selection.candidates = candidates;
    selection
}

/// Why nothing is known of `cpu`, and what to ask instead.
fn unknown_cpu(cpu: &Cpu) -> String {
    const ASK: &str = "Use the device id instead. `lspci -nn -s 00:02.0` prints it; then run \
        `oprom pick --device 8086:XXXX`.";
    let name = &cpu.name;
    match cpu_name::kind(name) {
        NameKind::VirtualMachine => format!(
            "{name:?} is the CPU model of a virtual machine: it says nothing about the graphics \
                of the host. Run this on the host."
        ),
        NameKind::Sample => {
            format!(
                "{name:?} is the name of an engineering sample, which says nothing about its \
                    graphics. {ASK}"
            )
        }
        NameKind::Family => format!(
            "{name:?} is a family, and its members need different ROMs. Give the model number \
                too, for example i5-1340P. {ASK}"
        ),
        NameKind::Ambiguous => {
            format!(
                "More than one CPU has the number {name:?}. Give the whole name, for example \
                    \"Core i5-{name}\". {ASK}"
            )
        }
        NameKind::Unlisted => format!("The catalog does not know the CPU {name:?}. {ASK}"),
    }
}

/// The listed ROMs among `choices`, each name once: the first choice counts.
fn candidates<'c>(
    catalog: &'c Catalog,
    choices: impl Iterator<Item = &'c RomChoice>,
) -> Vec<Candidate<'c>> {
    let mut candidates: Vec<Candidate<'c>> = Vec::new();
    for choice in choices {
        if candidates.iter().any(|candidate| candidate.rom.name == choice.name) {
            continue;
        }
        if let Some(rom) = catalog.rom(&choice.name) {
            candidates.push(Candidate {
                rom,
                confidence: choice.confidence,
                reason: &choice.reason,
            });
        }
    }
    candidates
}

/// The platforms that the graphics of `cpu` can be: by signature, narrowed by the name where the
/// two agree.
fn cpu_platforms<'c>(catalog: &'c Catalog, cpu: &Cpu) -> Vec<&'c Platform> {
    if !cpu.intel {
        return Vec::new();
    }
    let by_signature = cpu
        .signature
        .and_then(|signature| catalog.cpus.iter().find(|model| matches(model, signature)));
    let signature_codes = by_signature.map(|model| model.platforms.as_slice()).unwrap_or_default();
    let name_codes = Names::new(catalog).codes(&cpu.name);
    let narrowed: Vec<_> =
        signature_codes.iter().filter(|code| name_codes.contains(code)).collect();
    let without_graphics = name_codes.iter().any(|code| code == NO_IGPU);
    let codes: Vec<_> = if without_graphics || signature_codes.is_empty() {
        name_codes.iter().collect()
    } else if narrowed.is_empty() {
        signature_codes.iter().collect()
    } else {
        narrowed
    };
    codes.into_iter().filter_map(|code| catalog.platform(code)).collect()
}

fn matches(model: &CpuModel, (family, number, stepping): (u32, u32, u32)) -> bool {
    let stepping_fits = model.steppings.is_empty() || model.steppings.contains(&stepping);
    model.family == family && model.models.contains(&number) && stepping_fits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn device(id: &str) -> Selection<'static> {
        let device = SeenDevice { id: id.parse().unwrap(), class: None, virtual_function: false };
        select(Catalog::embedded(), &Query { device: Some(device), cpu: None })
    }

    fn cpu(name: &str, signature: Option<(u32, u32, u32)>) -> Selection<'static> {
        let cpu = Cpu { intel: true, name: name.to_owned(), signature };
        select(Catalog::embedded(), &Query { device: None, cpu: Some(cpu) })
    }

    fn first(selection: &Selection<'_>) -> String {
        match (&selection.refused, selection.candidates.first()) {
            (Some(_), _) => "refused".to_owned(),
            (None, Some(candidate)) => candidate.rom.name.clone(),
            (None, None) => "nothing".to_owned(),
        }
    }

    fn codes(selection: &Selection<'_>) -> Vec<String> {
        selection
            .cpu
            .as_ref()
            .unwrap()
            .platforms
            .iter()
            .map(|platform| platform.code.clone())
            .collect()
    }

    #[test]
    fn neighbours_of_known_ids_are_not_known() {
        assert_eq!(first(&device("8086:a7a8")), "ADL-H_RPL-H_GOPv21_igd.rom");
        // An Ivy Bridge root port, and an id that only one driver's table has.
        for id in ["8086:0155", "8086:0157", "8086:a7a7", "8086:a7b0"] {
            assert!(device(id).refused.unwrap().contains("does not list"), "{id}");
        }
        assert!(device("1002:a7a8").refused.unwrap().contains("not an Intel device"));
    }

    #[test]
    fn cards_and_platforms_without_a_rom_are_refused_with_the_reason() {
        assert!(device("8086:56a0").refused.unwrap().contains("carries its own option ROM"));
        assert!(device("8086:0f31").refused.unwrap().contains("VT-d"));
    }

    #[test]
    fn names_of_cpus_lead_to_their_platform() {
        for (name, expected) in [
            ("13th Gen Intel(R) Core(TM) i5-1340P", "RPL-P RPL-U"),
            ("12th Gen Intel(R) Core(TM) i5-12400F", "NO-IGPU"),
            ("Intel(R) Core(TM) i9-14900KF", "NO-IGPU"),
            ("Intel(R) Core(TM) i9-10980XE CPU @ 3.00GHz", "NO-IGPU"),
            ("Intel(R) Core(TM) i9-13900HX", "RPL-S ADL-S"),
            ("Intel(R) Core(TM) i7-8700K CPU @ 3.70GHz", "CFL"),
            ("Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz", "KBL"),
            ("Intel(R) Core(TM) i5-8265U CPU @ 1.60GHz", "WHL"),
            ("Intel(R) Core(TM) i5-1035G1 CPU @ 1.00GHz", "ICL"),
            ("Intel(R) Core(TM) i5-10210U CPU @ 1.60GHz", "CML"),
            ("Intel(R) N100", "ADL-N TWL"),
            ("N100", "ADL-N TWL"),
            ("Intel(R) Core(TM) i3-N305", "ADL-N TWL"),
            ("Intel(R) Core(TM) Ultra 7 155H", "MTL"),
            ("Intel(R) Core(TM) Ultra 7 258V", "LNL"),
            ("Intel(R) Core(TM) Ultra 7 265K", "ARL-S"),
            ("Intel(R) Core(TM) Ultra 7 265KF", "NO-IGPU"),
            ("Intel(R) Core(TM) 5 120U", "RPL-U"),
            ("Intel(R) Xeon(R) CPU E3-1245 v6 @ 3.70GHz", "KBL"),
            ("Intel(R) Xeon(R) CPU E3-1230 v5 @ 3.40GHz", "NO-IGPU"),
            ("Intel(R) Celeron(R) J4125 CPU @ 2.00GHz", "GLK"),
            ("Intel(R) Pentium(R) CPU G4560 @ 3.50GHz", "KBL"),
            ("Intel(R) Celeron(R) G6900", "ADL-S"),
            ("Intel(R) Celeron(R) N5105 @ 2.00GHz", "JSL"),
            ("13th Gen Intel(R) Core(TM) i5-1340H", ""),
            ("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "NO-IGPU"),
        ] {
            assert_eq!(codes(&cpu(name, None)).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn names_that_were_once_unknown_or_wrong() {
        for (name, expected) in [
            ("Intel(R) Core(TM) Ultra 3 205", "ARL-S"),
            ("Intel(R) Core(TM) 7 250U", "RPL-U"),
            ("Intel(R) Core(TM) 5 120", "RPL-S ADL-S"),
            ("Intel(R) Core(TM) 5 110", "CML"),
            ("Intel(R) Core(TM) 7 160UL", "RPL-U"),
            ("Intel(R) Atom(TM) x7-E3950", "BXT/APL"),
            ("Intel(R) Atom(TM) x5-E3940", "BXT/APL"),
            ("Intel(R) Processor U300E", "RPL-U"),
            ("Intel(R) Processor 310", "RPL-S ADL-S"),
            ("11th Gen Intel(R) Core(TM) i9-11900KB", "TGL"),
            ("Intel(R) Core(TM) i3-8140U", "CFL"),
            ("Intel(R) Core(TM) i3-8145UE", "WHL"),
            ("Intel(R) Core(TM) i5-8365UE", "WHL"),
            ("Intel(R) Core(TM) i7-7Y75", "KBL"),
            ("Intel(R) Core(TM) i7-950", "NO-IGPU"),
            ("Intel(R) Core(TM) i5-650", "PRE-SNB"),
            ("Intel(R) Core(TM) i3-370M", "PRE-SNB"),
            ("Intel(R) Xeon(R) CPU E3-1535M v6", "KBL"),
            ("Intel(R) Xeon(R) CPU E3-1585 v5", "SKL"),
            ("Intel(R) Xeon(R) E-2124", "NO-IGPU"),
            ("Intel(R) Xeon(R) E-2278GEL", "CFL"),
            ("Intel(R) Xeon(R) E-2254ML", "CFL"),
            ("Intel(R) Xeon(R) E-2488", "NO-IGPU"),
            ("Intel(R) Xeon(R) E-2434", "NO-IGPU"),
            ("Intel(R) Xeon(R) W-10885M", "CML"),
            ("Intel(R) Xeon(R) W-11955M", "TGL"),
            ("Intel(R) Xeon(R) W-1350P", "RKL"),
            ("Intel(R) Xeon(R) Gold 6130", "NO-IGPU"),
            ("Intel(R) Xeon(R) D-1541", "NO-IGPU"),
            ("Intel(R) Xeon(R) CPU E5-2670 v3", "NO-IGPU"),
            ("Intel(R) Pentium(R) N3700", "CHV"),
            ("Intel(R) Celeron(R) 6305E", "TGL"),
            ("Intel(R) Pentium(R) CPU G3258", "HSW"),
            ("Intel(R) Celeron(R) CPU G1820", "HSW"),
            ("Intel(R) Pentium(R) CPU G2020", "IVB"),
            ("Intel(R) Celeron(R) CPU G540", "SNB"),
            ("Intel(R) Celeron(R) CPU 3865U", "KBL"),
            ("Intel(R) Celeron(R) CPU 3955U", "SKL"),
            ("Intel(R) Celeron(R) CPU 5205U", "CML"),
            ("Intel(R) Pentium(R) CPU 4415U", "KBL"),
            ("Intel(R) Celeron(R) 2955U", "HSW"),
            ("Intel(R) Celeron(R) CPU 1037U", "IVB"),
            ("Intel(R) Pentium(R) CPU 6500Y", "AML"),
            ("Intel(R) Pentium(R) Gold 6500Y", "AML"),
            ("Genuine Intel(R) 0000", ""),
            ("Intel(R) Xeon(R) CPU E3-1245 V2 @ 3.40GHz", "IVB"),
            ("Intel(R) Xeon(R) CPU E3-1265L V2 @ 2.50GHz", "IVB"),
            ("Intel(R) Xeon(R) CPU E3-1246 v3 @ 3.50GHz", "HSW"),
            ("Intel(R) Xeon(R) CPU E3-1268L v5 @ 2.40GHz", "SKL"),
            ("Intel(R) Xeon(R) CPU E3-1278L v4 @ 2.00GHz", "BDW"),
            ("Intel(R) Celeron(R) G5905 CPU @ 3.50GHz", "CML"),
            ("Celeron G5900T", "CML"),
            ("14900K", "RPL-S ADL-S"),
            ("155H", "MTL"),
            ("Core Ultra 7 155H", "MTL"),
            ("Core 3 100U", "RPL-U"),
            ("Xeon E-2176G", "CFL"),
            ("i5 12400f", "NO-IGPU"),
            ("Celeron N5000", "GLK"),
            ("8700", "CFL"),
            ("7600", ""),
            ("5500U", ""),
            ("i5-6130ZZ", ""),
            ("Celeron", ""),
            ("Pentium Gold", ""),
        ] {
            assert_eq!(codes(&cpu(name, None)).join(" "), expected, "{name}");
        }
    }

    #[test]
    fn a_name_that_leads_nowhere_is_refused_with_what_it_is() {
        for (name, expected) in [
            ("Genuine Intel(R) 0000", "engineering sample"),
            ("QEMU Virtual CPU version 2.5+", "CPU model of a virtual machine"),
            ("Celeron", "is a family"),
            ("7600", "More than one CPU"),
            ("i5-1340H", "does not know"),
            ("Core i7-5775C", "takes every Broadwell GPU out of the IOMMU"),
            ("Pentium N3700", "There is no ROM for Cherry Trail and Braswell"),
            ("Celeron J1900", "Bay Trail has no VT-d"),
            ("Core 2 Duo E8400", "before Sandy Bridge"),
            ("i9-14900KF", "has no graphics"),
        ] {
            let refused =
                cpu(name, None).refused.unwrap_or_else(|| panic!("{name} is not refused"));
            assert!(refused.contains(expected), "{name}: {refused}");
        }
        let amd = select(
            Catalog::embedded(),
            &Query { device: None, cpu: Some(Cpu::named("AMD Ryzen 7 5700G")) },
        );
        assert!(amd.refused.unwrap().contains("is an AMD CPU with Cezanne graphics"));
    }

    /// CPU model names from Intel's product lists, with their platforms.
    const CPUS: &str = include_str!("../../tests/facts/cpus.tsv");

    fn listed() -> Vec<(&'static str, &'static str)> {
        CPUS.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('\t'))
            .collect()
    }

    #[test]
    fn every_name_of_intels_lists_leads_to_its_platform() {
        let (names, catalog) = (listed(), Names::new(Catalog::embedded()));
        assert!(names.len() > 2500, "{}", names.len());
        let mut wrong = Vec::new();
        for (name, platform) in &names {
            let got = catalog.codes(name).join(" ");
            if got != *platform {
                wrong.push(format!("{name}: {got}, not {platform}"));
            }
        }
        assert_eq!(wrong, [""; 0]);
    }

    /// As the kernel writes it, as people write it, and the number alone: right, or not known.
    #[test]
    fn another_spelling_of_a_listed_name_is_never_another_platform() {
        let catalog = Names::new(Catalog::embedded());
        let (mut wrong, mut unknown, mut bare) = (Vec::new(), 0, 0);
        for (name, platform) in listed() {
            let mut words = name.split(' ');
            let (first, rest) = (words.next().unwrap(), words.collect::<Vec<_>>().join(" "));
            let family = if first.starts_with(['i', 'm']) { "Core(TM) " } else { "" };
            let spellings = [
                format!(
                    "Intel(R) {family}{first}{} CPU {rest} @ 2.40GHz",
                    if rest.is_empty() { "" } else { "(R)" }
                ),
                name.to_lowercase(),
                name.to_uppercase(),
                name.replacen('-', " ", 1),
                format!("11th Gen Intel® {family}{name} × 8"),
            ];
            for spelling in &spellings {
                let got = catalog.codes(spelling).join(" ");
                if got != platform {
                    wrong.push(format!("{spelling}: {got}, not {platform}"));
                }
            }
            let number = name.rsplit([' ', '-']).next().unwrap();
            match catalog.codes(number).join(" ") {
                got if got.is_empty() => unknown += 1,
                got if got == platform => bare += 1,
                got if number.starts_with(['v', 'V']) => {
                    wrong.push(format!("{number}: {got}, which is not a number"));
                }
                got => wrong.push(format!("{number}: {got}, not {platform}")),
            }
        }
        assert_eq!(wrong, [""; 0]);
        assert!(bare > 1500 && unknown < 1300, "{bare} numbers are known, {unknown} are not");
    }

    /// CPU names as kernels and people write them.
    const SPELLINGS: &str = include_str!("../../tests/facts/cpu-spellings.tsv");

    #[test]
    fn names_as_people_and_kernels_write_them() {
        let names = Names::new(Catalog::embedded());
        let mut wrong = Vec::new();
        for line in SPELLINGS.lines().filter(|line| !line.starts_with('#')) {
            let (name, platform) = line.split_once('\t').unwrap();
            let got = names.codes(name).join(" ");
            if got != platform {
                wrong.push(format!("{name}: {got}, not {platform}"));
            }
        }
        assert_eq!(wrong, [""; 0]);
    }

    /// The rules of the families, without the lists: right, or not known.
    #[test]
    fn no_rule_of_a_family_contradicts_the_lists() {
        let mut brands = Catalog::embedded().brands.to_vec();
        for brand in &mut brands {
            brand.models.clear();
        }
        let rules = Catalog { brands: brands.into(), ..Catalog::embedded().clone() };
        let rules = Names::new(&rules);
        let (mut wrong, mut known) = (Vec::new(), 0);
        for (name, platform) in listed() {
            let got = rules.codes(name).join(" ");
            if got == platform {
                known += 1;
            } else if !got.is_empty() {
                wrong.push(format!("{name}: {got}, not {platform}"));
            }
        }
        assert_eq!(wrong, [""; 0]);
        assert!(known > 1800, "{known}");
    }

    #[test]
    fn a_signature_is_surer_than_a_name_and_less_sure_than_a_device() {
        let signature = cpu("13th Gen Intel(R) Core(TM) i5-1340P", Some((6, 186, 2)));
        let name = cpu("13th Gen Intel(R) Core(TM) i5-1340P", None);
        assert_eq!(first(&signature), "ADL-H_RPL-H_GOPv21_igd.rom");
        assert_eq!(signature.candidates[0].confidence, Confidence::Medium);
        assert_eq!(name.candidates[0].confidence, Confidence::Low);
        assert_eq!(device("8086:a7a8").candidates[0].confidence, Confidence::High);
    }

    #[test]
    fn the_name_narrows_what_a_shared_signature_leaves_open() {
        assert_eq!(
            codes(&cpu("Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz", Some((6, 142, 10)))),
            ["KBL"]
        );
        assert_eq!(
            codes(&cpu("Intel(R) Core(TM) i5-8259U CPU @ 2.30GHz", Some((6, 142, 10)))),
            ["CFL"]
        );
        assert_eq!(
            codes(&cpu("12th Gen Intel(R) Core(TM) i5-12400F", Some((6, 151, 5)))),
            ["NO-IGPU"]
        );
        assert_eq!(codes(&cpu("Genuine Intel(R) 0000", Some((6, 186, 2)))), ["RPL-P", "RPL-U"]);
    }

    #[test]
    fn a_rom_with_a_picture_goes_before_one_without() {
        let both = cpu("Genuine Intel(R) 0000", Some((6, 142, 10)));
        let names: Vec<_> =
            both.candidates.iter().map(|candidate| candidate.rom.name.as_str()).collect();
        assert_eq!(
            names,
            ["SKL_CML_GOPv9_igd.rom", "CFL_CML_GOPv9.1_igd.rom", "Universal_noGOP_igd.rom"]
        );
    }

    #[test]
    fn a_disagreeing_cpu_is_said_and_does_not_decide() {
        let seen = SeenDevice { id: DeviceId::intel(0xa7a8), class: None, virtual_function: false };
        let coffee_lake = Cpu { intel: true, name: "i7-8700K".to_owned(), signature: None };
        let selection =
            select(Catalog::embedded(), &Query { device: Some(seen), cpu: Some(coffee_lake) });
        assert_eq!(first(&selection), "ADL-H_RPL-H_GOPv21_igd.rom");
        assert!(selection.remarks[0].contains("The device id decides"), "{:?}", selection.remarks);
    }

    #[test]
    fn a_virtual_function_gets_the_rom_without_a_picture() {
        let seen = SeenDevice { id: DeviceId::intel(0xa7a8), class: None, virtual_function: true };
        let selection = select(Catalog::embedded(), &Query { device: Some(seen), cpu: None });
        assert_eq!(first(&selection), "Universal_noGOP_igd.rom");
    }

    #[test]
    fn a_device_that_is_no_display_is_refused() {
        let class = Some(ClassCode::from_u32(0x06_01_00));
        let seen = SeenDevice { id: DeviceId::intel(0xa7a8), class, virtual_function: false };
        let selection = select(Catalog::embedded(), &Query { device: Some(seen), cpu: None });
        assert!(selection.refused.unwrap().contains("060100"));
    }

    /// Every id of Intel's graphics with the ROMs that the facts name for it, in order.
    const ANSWERS: &str = include_str!("../../tests/facts/answers.tsv");

    #[test]
    fn every_device_gets_the_answer_that_the_facts_name() {
        let mut integrated = 0;
        for line in ANSWERS.lines().filter(|line| !line.starts_with('#')) {
            let fields: Vec<&str> = line.split('\t').collect();
            let [id, platform, answer @ ..] = fields.as_slice() else { panic!("{line}") };
            let selection = device(&format!("8086:{id}"));
            let (_, found) = selection
                .device
                .unwrap()
                .known
                .unwrap_or_else(|| panic!("{id} is not in the catalog"));
            assert_eq!(found.code, *platform, "{id}");
            assert_eq!(found.discrete, answer == ["REFUSE"], "{id}");
            integrated += usize::from(!found.discrete);
            let got: Vec<String> = selection
                .candidates
                .iter()
                .map(|candidate| format!("{}:{}", candidate.rom.name, candidate.confidence.name()))
                .collect();
            let expected: &[&str] =
                if matches!(answer, ["REFUSE" | "NONE"]) { &[] } else { answer };
            assert_eq!(got, expected, "{id}");
            assert_eq!(selection.refused.is_some(), expected.is_empty(), "{id}");
        }
        assert_eq!(integrated, 383);
    }
}
