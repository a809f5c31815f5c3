//! What CPUs of other makers are. AMD's names are told with their graphics, where the number of the
//! model says which they are.

/// One sentence on what `name` is, and why no ROM of the catalog is for it.
pub(super) fn told(name: &str) -> String {
    const WHY: &str = "The ROMs of the catalog support only Intel's integrated graphics.";
    let lower = name.to_ascii_lowercase();
    if ["epyc", "threadripper", "opteron"].iter().any(|family| lower.contains(family)) {
        return format!(
            "{name} is an AMD CPU without integrated graphics: there is no iGPU to pass through. \
                {WHY}"
        );
    }
    if !["amd", "ryzen", "athlon", "phenom", "sempron", "turion"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return format!("{name} is not an Intel CPU. {WHY}");
    }
    match amd_graphics(name) {
        Some(AmdGraphics::None) => {
            format!(
                "{name} is an AMD CPU without integrated graphics: there is no iGPU to pass \
                    through. {WHY}"
            )
        }
        Some(AmdGraphics::Chip(chip)) => {
            format!(
                "{name} is an AMD CPU with {chip} graphics. {WHY} An AMD iGPU needs its own \
                    VBIOS, and AMD's GOP driver for OVMF."
            )
        }
        None => format!(
            "{name} is an AMD CPU. {WHY} An AMD iGPU needs its own VBIOS, and AMD's GOP driver \
                for OVMF."
        ),
    }
}

/// The graphics in a CPU of AMD's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AmdGraphics {
    /// It has none.
    None,
    /// The code name of the chip.
    Chip(&'static str),
}

/// The graphics of the Ryzen of this name, by AMD's numbering; `None` where that does not tell.
#[must_use]
pub fn amd_graphics(name: &str) -> Option<AmdGraphics> {
    let lower = name.to_ascii_lowercase();
    if !lower.contains("ryzen") {
        return None;
    }
    if lower.contains("ai max") {
        return Some(AmdGraphics::Chip("Strix Halo"));
    }
    let number = lower.split([' ', '-']).find_map(model_number)?;
    let (digits, suffix) = number;
    let mobile = ["u", "h", "hs", "hx", "c", "e"].contains(&suffix);
    let desktop = matches!(suffix, "" | "x" | "xt" | "x3d" | "e" | "gt" | "af");
    if (1000..=1999).contains(&digits)
        || suffix == "f"
        || (2000..=5999).contains(&digits) && desktop
    {
        return Some(AmdGraphics::None);
    }
    let chip = match (digits, suffix) {
        (365 | 370 | 375, "") => "Strix Point",
        (2000..=3999, "g" | "ge" | "u" | "h") => "Raven Ridge or Picasso",
        (4000..=4999, "g" | "ge" | "u" | "h" | "hs") => "Renoir",
        (5300 | 5500 | 5700, "u") => "Lucienne",
        (5125 | 5425 | 5625 | 5825 | 7330 | 7430 | 7530 | 7730, "u" | "c") => "Barcelo",
        (5000..=5999, "g" | "ge" | "u" | "h" | "hs" | "hx") => "Cezanne",
        (6000..=6999, _) if mobile => "Rembrandt",
        (7000..=7999, _) if mobile => match digits.checked_rem(100) {
            Some(20) => "Mendocino",
            Some(35 | 36) => "Rembrandt",
            Some(40) => "Phoenix",
            Some(45) if suffix == "hx" => "Raphael",
            _ => return None,
        },
        (8000..=8999, "g" | "ge") => "Phoenix",
        (8000..=8999, _) if mobile => "Hawk Point",
        (7000..=7999, "" | "x" | "x3d") => "Raphael",
        (9955, "hx" | "hx3d") | (9000..=9999, "" | "x" | "x3d") => "Granite Ridge",
        _ => return None,
    };
    Some(AmdGraphics::Chip(chip))
}

/// `5700g` as 5700 and `g`.
fn model_number(word: &str) -> Option<(u32, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
    let (digits, suffix) = (word.get(..end)?, word.get(end..)?);
    (matches!(digits.len(), 3 | 4)).then_some(())?;
    Some((digits.parse().ok()?, suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ryzen_numbers_name_their_graphics() {
        for (name, chip) in [
            ("ryzen 5 3400g", "Raven Ridge or Picasso"),
            ("ryzen 7 pro 4750g", "Renoir"),
            ("ryzen 5 5500u", "Lucienne"),
            ("ryzen 7 5700g", "Cezanne"),
            ("ryzen 7 5825u", "Barcelo"),
            ("ryzen 7 6800h", "Rembrandt"),
            ("ryzen 7 7735hs", "Rembrandt"),
            ("ryzen 7 7840hs w/ radeon 780m graphics", "Phoenix"),
            ("ryzen 9 7945hx", "Raphael"),
            ("ryzen 5 7600", "Raphael"),
            ("ryzen 7 8845hs", "Hawk Point"),
            ("ryzen 5 8600g", "Phoenix"),
            ("ryzen 9 9950x3d", "Granite Ridge"),
            ("ryzen ai 9 hx 370", "Strix Point"),
            ("ryzen ai max+ 395", "Strix Halo"),
        ] {
            assert_eq!(amd_graphics(name), Some(AmdGraphics::Chip(chip)), "{name}");
        }
        for name in
            ["ryzen 5 5600x", "ryzen 7 1700", "ryzen 5 8400f", "ryzen 9 3950x", "ryzen 5 7500f"]
        {
            assert_eq!(amd_graphics(name), Some(AmdGraphics::None), "{name}");
        }
        for name in ["ryzen", "athlon 3000g", "ryzen 7 9999z"] {
            assert_eq!(amd_graphics(name), None, "{name}");
        }
    }

    #[test]
    fn other_makers_are_told_as_what_they_are() {
        assert!(told("AMD EPYC 7302P 16-Core Processor").contains("without integrated graphics"));
        assert!(told("AMD Ryzen 7 5700G with Radeon Graphics").contains("Cezanne graphics"));
        assert!(told("Athlon 3000G").contains("is an AMD CPU."));
        assert!(told("Apple M2").contains("is not an Intel CPU."));
    }
}
