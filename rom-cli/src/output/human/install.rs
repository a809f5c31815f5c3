//! What was done: `fetch`, `install` and `undo`.

use super::super::{Style, sanitize};
use super::pick::{found, remarks};
use super::text::step;
use crate::commands::fetch::Fetched;
use crate::commands::history::Entry;
use crate::commands::install::Installed;
use crate::commands::undo::Undone;
use rom_core::Verdict;
use rom_core::usable::Answer;
use rom_host::qemu::Gpu;
use std::io::{self, Write};

pub(super) fn fetch(fetched: &Fetched, style: Style, out: &mut dyn Write) -> io::Result<()> {
    match &fetched.source {
        Some(source) => step(out, style, "Got", &format!("{} from {source}", fetched.rom))?,
        None => step(out, style, "Have", &format!("{} already", fetched.rom))?,
    }
    step(out, style, "Proved", &format!("sha256 {} is the pinned one", fetched.sha256))?;
    step(out, style, "Is at", &fetched.dest)
}

pub(super) fn install(installed: &Installed, style: Style, out: &mut dyn Write) -> io::Result<()> {
    if let Some(picked) = &installed.picked {
        found(picked, style, out)?;
    }
    let reason = installed.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
    let confidence = installed.picked.as_ref().and_then(|picked| picked.candidates.first());
    let confidence = confidence.map_or_else(String::new, |choice| format!(" (confidence: {})", choice.confidence));
    step(out, style, "ROM", &format!("{}{confidence}{reason}", installed.rom))?;
    remarks(&installed.remarks, style, out)?;
    let (dest, source) = (&installed.dest, installed.source.as_deref().unwrap_or_default());
    if installed.dry_run {
        step(out, style, "Would", &format!("take it from {source}"))?;
        step(out, style, "", &format!("prove that its sha256 is {}", installed.sha256))?;
        return step(out, style, "", &format!("put it in place as {dest} and keep the old file"));
    }
    if !installed.changed {
        step(out, style, "Done", &format!("{dest} is already up to date; nothing was changed"))?;
        return next(installed, style, out);
    }
    let size = installed.size.map_or_else(String::new, |size| format!("{size} bytes "));
    step(out, style, "Got", &format!("{size}from {source}"))?;
    step(out, style, "Proved", &format!("sha256 {} is the pinned one", installed.sha256))?;
    if let Some(checked) = &installed.checked {
        let count = checked.images.len();
        let images = if count == 1 { "1 image".to_owned() } else { format!("{count} images") };
        step(
            out,
            style,
            "Checked",
            &format!("{}, {images}", if checked.verdict == Verdict::Good { "good" } else { "works, with warnings" }),
        )?;
        let usable = &checked.usable;
        match usable.answer {
            Answer::Yes => step(out, style, "Works", &format!("with this GPU: {}", usable.reason))?,
            Answer::No => step(out, style, "Warning", &format!("it does NOT work with this GPU: {}", usable.reason))?,
            Answer::Unknown => {}
        }
    }
    let kept = installed.replaced.as_ref().map_or_else(String::new, |old| format!("; the old file is kept as {}", old.backup));
    step(out, style, "Done", &format!("{dest} is in place{kept}"))?;
    next(installed, style, out)
}

fn next(installed: &Installed, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let Some(romfile) = installed.proxmox_romfile() else {
        let text =
            format!("give it to the VM: romfile={} for QEMU, <rom file='{}'/> for libvirt", installed.dest, installed.dest);
        return step(out, style, "Next", &text);
    };
    step(out, style, "Next", "shut the VM down, then tell it to use the ROM (VMID is its number):")?;
    writeln!(out, "  qm set VMID --bios ovmf --machine pc --vga none \\")?;
    writeln!(out, "    --hostpci0 0000:00:02.0,legacy-igd=1,romfile={}", sanitize::text(romfile))?;
    match installed.generation {
        Some(generation) if generation <= Gpu::LAST_AUTOMATIC => {}
        Some(_) => {
            writeln!(out, "  qm set VMID --args \"-set device.hostpci0.x-igd-lpc=on\"    (Proxmox VE 9.1 and newer)")?;
            step(
                out,
                style,
                "",
                "If the VM has args already (qm config VMID), put these behind them: --args replaces what is there.",
            )?;
        }
        None => {
            writeln!(out, "  and for 10th generation G, 11th generation and newer on Proxmox VE 9.1 or later:")?;
            writeln!(out, "  qm set VMID --args \"-set device.hostpci0.x-igd-lpc=on\"")?;
        }
    }
    let text =
        "the host's screen goes dark when the VM starts: have SSH or the web interface ready, and in Windows remote desktop.";
    step(out, style, "Mind", text)?;
    if installed.changed {
        step(
            out,
            style,
            "",
            "a Windows guest with BitLocker may ask for its recovery key once. `oprom undo` takes this step back.",
        )?;
    }
    Ok(())
}

pub(super) fn undo(undone: &Undone, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let dest = &undone.dest;
    let text = match (undone.restored, undone.changed) {
        (Some(digest), true) => format!("{dest} is the file from before again (sha256 {digest})"),
        (None, true) => format!("{dest} is gone again: there was none before"),
        (Some(_), false) => format!("{dest} is the file from before already; nothing was changed"),
        (None, false) => format!("there is no {dest}, as before; nothing was changed"),
    };
    step(out, style, "Done", &text)?;
    if let Some(old) = &undone.replaced {
        step(
            out,
            style,
            "Kept",
            &format!("{} is the file that was in place until now; `oprom undo` brings it back", old.backup),
        )?;
    }
    Ok(())
}

pub(super) fn history(entries: &[Entry], out: &mut dyn Write) -> io::Result<()> {
    if entries.is_empty() {
        return writeln!(out, "Nothing was installed on this host by oprom.");
    }
    for Entry { run, at, command, files, state } in entries {
        let files = if files.is_empty() { String::new() } else { format!(" ({})", files.join(", ")) };
        let line = format!("{run:>3}  {at}  {:<11}  {command}{files}", state.word());
        writeln!(out, "{}", sanitize::text(&line))?;
    }
    Ok(())
}
