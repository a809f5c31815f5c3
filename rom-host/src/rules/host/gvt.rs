//! Mediated devices (GVT-g), and what is left of them.

use super::Facts;
use super::boot::{edit, options};
use crate::advice::Advice;
use crate::checks::Check;
use crate::host_change::HostChange;
use crate::probe::gpu::Gpu;
use rom_core::count::Count;

const ID: &str = "HOST028";

/// Generations that GVT-g supports: Broadwell to Comet Lake.
const SUPPORTED: [u32; 2] = [8, 9];

pub(super) fn check(facts: &Facts, gpu: &Gpu) -> Option<Check> {
    if gpu.mediated.is_empty() {
        return left_over(facts);
    }
    let configurations =
        || facts.guests.found.iter().filter_map(|guest| guest.configuration.as_ref());
    let whole = configurations().any(|own| own.vm().gpu().is_some_and(|gpu| !gpu.mdev));
    let evidence = format!("/sys/bus/mdev/devices: {}", gpu.mediated.join(", "));
    let devices = Count(u32::try_from(gpu.mediated.len()).unwrap_or(u32::MAX), "mediated device");
    let says = format!("the iGPU has {devices} (GVT-g)");
    if !whole && configurations().next().is_some() {
        return Some(Check::pass(ID, format!("{says}, and its VMs use them"), evidence));
    }
    let mut fix = Advice::from(
        "While one exists, the GPU itself cannot be passed through. Stop the VMs that use them, and \
        remove them.",
    );
    for uuid in &gpu.mediated {
        let command = format!("echo 1 > /sys/bus/mdev/devices/{uuid}/remove");
        fix = fix.run(["sh", "-c", &command]);
    }
    Some(if whole {
        Check::fail(ID, format!("{says}, but a VM is to get the GPU itself"), evidence, fix)
    } else {
        Check::warn(ID, says, evidence, fix)
    })
}

/// `enable_gvt=1` for a GPU that has no GVT-g.
fn left_over(facts: &Facts) -> Option<Check> {
    let generation = facts.picked.major_generation()?;
    if SUPPORTED.contains(&generation) {
        return None;
    }
    let says = "i915.enable_gvt=1 does nothing: this GPU has no GVT-g";
    let words = facts.host.kernel.command_line.iter().map(String::as_str);
    let words: Vec<&str> = words.filter(|word| *word == "i915.enable_gvt=1").collect();
    if !words.is_empty() {
        let what = "GVT-g is for Broadwell to Comet Lake. Remove the option";
        let fix = edit(facts, what, &[], &words);
        let check = Check::warn(ID, says, "/proc/cmdline: i915.enable_gvt=1", fix);
        return Some(check.changed_by([options(&[], &words)]));
    }
    let line = facts.host.modprobe.options_of("i915").find(|(_, word)| *word == "enable_gvt=1");
    let (line, _) = line?;
    let fix =
        format!("GVT-g is for Broadwell to Comet Lake. Remove the option from {}.", line.file);
    let check = Check::warn(ID, says, format!("{}: {}", line.file, line.text), fix);
    let (file, module, option) = (line.file.clone(), "i915", "enable_gvt");
    Some(check.changed_by([HostChange::WithoutModuleOption { file, module, option }]))
}
