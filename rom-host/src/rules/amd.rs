//! The two ROM files of an AMD iGPU: what is right and wrong with a file in its place. The GPU
//! takes its own VBIOS, the audio function the GOP driver, which OVMF starts from there.

use rom_core::catalog::AmdGpu;
use rom_core::contents::{Compatibility, DriverKind};
use rom_core::firmware::Firmware;
use rom_core::model::ImageKind;
use rom_core::{Analysis, DeviceId};

/// What a file is good for in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fitness {
    /// It is what belongs there; what it is.
    Fits(String),
    /// It may work; what speaks against it.
    Doubtful(String),
    /// It does not work; why.
    Wrong(String),
}

/// A file as the VBIOS of `gpu`.
pub(super) fn vbios(rom: &Analysis, gpu: DeviceId) -> Fitness {
    let Some(image) = rom.images.iter().find(|image| image.kind == ImageKind::Legacy) else {
        return Fitness::Wrong(if has_gop(rom) {
            "it is a GOP driver, not a VBIOS: it belongs to the audio function".to_owned()
        } else {
            "it has no VBIOS".to_owned()
        });
    };
    let part = image.contents.as_ref().and_then(|own| own.vbios.as_ref());
    let part = part.and_then(|own| own.part_number.as_deref());
    match &rom.compatibility {
        Some(own) if own.compatibility == Compatibility::Unsupported => {
            return Fitness::Wrong(format!("{}; this GPU is {gpu}", own.reason));
        }
        Some(own) if own.compatibility == Compatibility::Unknown => {
            return Fitness::Doubtful(format!("{}; this GPU is {gpu}", own.reason));
        }
        Some(_) | None => {}
    }
    if let Some(finding) = rom.error() {
        return Fitness::Wrong(format!(
            "it is damaged: {} ({})",
            finding.code.title(),
            finding.code.id()
        ));
    }
    Fitness::Fits(part.map_or_else(|| "a VBIOS".to_owned(), |part| format!("VBIOS {part}")))
}

/// A file as the GOP driver for `chip`; what is known of the chip is evidence alone.
pub(super) fn gop(rom: &Analysis, chip: Option<&AmdGpu>) -> Fitness {
    let driver = rom.images.iter().enumerate().find_map(|(index, image)| {
        let contents = image.contents.as_ref()?;
        (contents.driver == Some(DriverKind::AmdGop)).then_some((index, contents))
    });
    let Some((index, contents)) = driver else {
        let legacy = rom.images.iter().any(|image| image.kind == ImageKind::Legacy);
        return Fitness::Wrong(if legacy {
            "it is a VBIOS, not a GOP driver: it belongs to the GPU".to_owned()
        } else {
            "it has no GOP driver of AMD".to_owned()
        });
    };
    let ovmf = rom.predictions.iter().find(|(firmware, _)| *firmware == Firmware::Ovmf);
    if let Some((_, prediction)) = ovmf
        && !prediction.runs().any(|image| image == index)
    {
        let why = prediction.images.get(index).map_or("", |image| image.reason.as_str());
        return Fitness::Wrong(format!("OVMF does not start its GOP driver: {why}"));
    }
    let Some(version) = contents.version.as_deref() else {
        return Fitness::Fits("a GOP driver of AMD".to_owned());
    };
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    match (chip, major) {
        (Some(chip), Some(major)) if chip.family.gop_major() != major => {
            Fitness::Doubtful(format!(
                "its GOP driver is {version}, but {} GPUs such as {} are only known to work with \
                {}.x",
                chip.family.title(),
                chip.name,
                chip.family.gop_major()
            ))
        }
        _ => Fitness::Fits(format!("GOP driver {version}")),
    }
}

fn has_gop(rom: &Analysis) -> bool {
    let drivers = rom.images.iter().filter_map(|image| image.contents.as_ref()?.driver);
    drivers.into_iter().any(|driver| driver == DriverKind::AmdGop)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rom_core::catalog::Catalog;
    use rom_core::compose::{Spec, compose};
    use rom_core::{Context, analyze};

    const CEZANNE: DeviceId = DeviceId { vendor: DeviceId::AMD, device: 0x1638 };

    fn rom(images: &str) -> Analysis {
        let spec = format!("purpose = ''\n{images}").parse::<Spec>().unwrap();
        let context = Context::default().with_device(Some(CEZANNE));
        analyze(&compose(&spec).unwrap(), &context)
    }

    fn legacy(device: u16) -> Analysis {
        rom(&format!(
            "[[image]]\nkind = 'legacy'\nblocks = 8\nvendor = 0x1002\ndevice = {device}\n"
        ))
    }

    #[test]
    fn a_vbios_is_for_its_own_chip() {
        assert!(matches!(vbios(&legacy(0x1638), CEZANNE), Fitness::Fits(_)));
        let wrong = Fitness::Wrong(
            "its VBIOS is for another chip, 1002:164c; this GPU is 1002:1638".to_owned(),
        );
        assert_eq!(vbios(&legacy(0x164C), CEZANNE), wrong);
        let driver = rom("[[image]]\nkind = 'efi'\nblocks = 8\nvendor = 0x1002\ndevice = 0x1637\n");
        assert_eq!(vbios(&driver, CEZANNE), Fitness::Wrong("it has no VBIOS".to_owned()));
    }

    #[test]
    fn a_vbios_is_no_gop_driver() {
        let chip = Catalog::embedded().amd_gpu(0x1638);
        let Fitness::Wrong(says) = gop(&legacy(0x1638), chip) else { panic!("it has none") };
        assert!(says.starts_with("it is a VBIOS"), "{says}");
    }

    #[test]
    fn a_gop_driver_is_of_the_family_of_the_chip() {
        let of = |version: &str| {
            rom(&format!(
                "[[image]]\nkind = 'efi'\nblocks = 8\nvendor = 0x1002\ndevice = 0x1637\n\
                driver.data = [{{ text = 'AMD GOP X64 Release Driver Rev.{version}.17.10' }}]\n"
            ))
        };
        let chip = Catalog::embedded().amd_gpu(0x1638);
        assert!(matches!(gop(&of("2.18.0"), chip), Fitness::Fits(_)));
        assert!(matches!(gop(&of("3.8.9"), chip), Fitness::Doubtful(_)), "it is a Vega");
        assert!(matches!(gop(&of("3.8.9"), None), Fitness::Fits(_)), "nobody knows the chip");
        let says = "it is a GOP driver, not a VBIOS: it belongs to the audio function";
        assert_eq!(vbios(&of("2.18.0"), CEZANNE), Fitness::Wrong(says.to_owned()));
    }
}
