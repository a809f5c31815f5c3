//! What NAME.json says of each sample, the library says by itself: without the program around it.

use rom_core::catalog::Catalog;
use rom_core::contents::{self, Contents, DriverKind, GpuIds};
use rom_core::file_kind::{OpenLimits, reach};
use rom_core::firmware::{self, Firmware, Predictions};
use rom_core::repair::{self, Repair};
use rom_core::{Body, DeviceId, Finding, Limits, RegionKind, Verdict, compose, parse_at, rules};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../samples");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "rom")).collect()
}

fn said(bytes: &[u8]) -> Value {
    let known: GpuIds = Catalog::embedded().device_ids().collect();
    let reached = reach(bytes, &OpenLimits::default());
    let rom = parse_at(&reached.bytes, reached.first_image(), &Limits::default());
    let contents: Vec<Option<Contents>> =
        rom.images.iter().map(|image| contents::contents(image, &known)).collect();
    let mut findings = rules::check(&rom, &Predictions::of(&rom));
    findings.extend(rules::contents(&rom, &contents));
    rules::file_kind(&reached, &rom, &mut findings);
    let images = rom.images.iter().zip(&contents).enumerate();
    let repairs = if reached.is_plain() {
        repair::for_findings(bytes, &findings, &Limits::default())
    } else {
        vec![None; findings.len()]
    };
    json!({
        "kind": reached.kind.name(),
        "verdict": Verdict::of(&findings).name(),
        "findings": findings.iter().zip(&repairs).map(finding).collect::<Value>(),
        "regions": rom.regions.iter().map(|region| json!({
            "kind": region.kind.name(),
            "image": if let RegionKind::Image(index) = region.kind { Some(index) } else { None },
            "offset": region.span.offset,
            "length": region.span.length,
            "lost": region.lost.map(|lost| lost.to_string()),
        })).collect::<Value>(),
        "firmware": Firmware::ALL.map(|firmware| prediction(&firmware::predict(&rom, firmware, None))),
        "images": images.map(|(index, (image, contents))| json!({
            "index": index,
            "offset": image.span().offset,
            "length": image.span().length,
            "kind": image.body.kind().name(),
            "vendor": image.pcir().map(|pcir| format!("{:04x}", pcir.vendor_id)),
            "device": image.pcir().map(|pcir| format!("{:04x}", pcir.device_id)),
            "class": image.pcir().map(|pcir| pcir.class_code.to_string()),
            "code_type": image.code_type().map(|code_type| code_type.0),
            "last": image.pcir().is_some_and(|pcir| pcir.indicator.is_last()),
            "driver": matches!(image.body, Body::Efi(_)),
            "contents": contents.as_ref().map(held),
        })).collect::<Value>(),
    })
}

fn finding((finding, repair): (&Finding, &Option<Repair>)) -> Value {
    json!({
        "code": finding.code.id(),
        "severity": finding.severity().name(),
        "title": finding.code.title(),
        "offset": finding.span.offset,
        "length": finding.span.length,
        "image": finding.image,
        "message": finding.fact.to_string(),
        "spec": finding.code.spec(),
        "hint": finding.code.hint(),
        "repair": repair.map(Repair::name),
    })
}

fn prediction(prediction: &firmware::Prediction) -> Value {
    json!({
        "boots": prediction.boots(),
        "hang": prediction.hang,
        "runs": prediction.runs().collect::<Vec<usize>>(),
        "images": prediction.images.iter().enumerate().map(|(index, predicted)| json!({
            "index": index,
            "outcome": predicted.outcome.to_string(),
            "reason": predicted.reason,
            "source": predicted.source,
        })).collect::<Value>(),
    })
}

fn held(contents: &Contents) -> Value {
    let ids =
        |ids: &[u16]| ids.iter().map(|id| DeviceId::intel(*id).to_string()).collect::<Value>();
    let table =
        contents.assignment_table.iter().map(|table| ("assignment-table", table.span, &table.ids));
    let lists = contents.gop_lists.iter().map(|list| ("gop-list", list.span, &list.ids));
    json!({
        "driver": contents.driver.map(DriverKind::id),
        "evidence": contents.evidence.iter().map(ToString::to_string).collect::<Value>(),
        "gop_version": contents.version,
        "protocols": contents.protocols.iter().map(|protocol| protocol.name).collect::<Value>(),
        "devices": contents.devices().iter().map(ToString::to_string).collect::<Value>(),
        "tables": table.chain(lists).map(|(kind, span, own)| json!({
            "kind": kind, "offset": span.offset, "length": span.length, "devices": ids(own),
        })).collect::<Value>(),
        "vbt": contents.vbt.as_ref().map(|vbt| json!({
            "offset": vbt.span.offset,
            "length": vbt.size,
            "product": vbt.product,
            "version": vbt.version,
            "bdb_version": vbt.bdb_version,
            "checksum_matches": vbt.checksum.map(|sum| sum == 0),
        })),
        "vbios": contents.vbios.as_ref().map(|vbios| json!({
            "maker": vbios.maker,
            "version": vbios.version,
            "part_number": vbios.part_number,
        })),
    })
}

/// The part of a report of the program that the library answers for.
fn expected(report: &Value) -> Value {
    let mut file = report["files"][0].clone();
    let images = file["images"].as_array_mut().unwrap();
    for image in images {
        let image = image.as_object_mut().unwrap();
        image.remove("name");
        let efi = image.remove("efi");
        image.insert("driver".to_owned(), Value::Bool(efi.is_some_and(|efi| !efi.is_null())));
    }
    for finding in file["findings"].as_array_mut().unwrap() {
        finding.as_object_mut().unwrap().remove("commands");
    }
    let firmware = &file["firmware"];
    json!({
        "kind": file["kind"],
        "verdict": file["verdict"],
        "findings": file["findings"],
        "regions": file["regions"],
        "firmware": [&firmware["ovmf"], &firmware["aavmf"], &firmware["aavmf_secure_boot"], &firmware["seabios"]],
        "images": file["images"],
    })
}

#[test]
fn the_library_says_of_each_sample_what_the_program_says() {
    let samples = samples();
    assert!(samples.len() > 80);
    for path in samples {
        let report: Value =
            serde_json::from_slice(&fs::read(path.with_extension("json")).unwrap()).unwrap();
        assert_eq!(said(&fs::read(&path).unwrap()), expected(&report), "{}", path.display());
    }
}

#[test]
fn the_text_of_each_sample_makes_its_bytes() {
    for path in samples() {
        let spec = fs::read_to_string(path.with_extension("toml"))
            .unwrap()
            .parse::<compose::Spec>()
            .unwrap();
        assert!(compose::compose(&spec).unwrap() == fs::read(&path).unwrap(), "{}", path.display());
    }
}
