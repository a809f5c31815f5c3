//! `test`.

use super::super::page::{Page, bad, doubtful, good, strong};
use super::Text;
use super::file::{outcome, padded, starts};
use crate::report::file::Prediction;
use crate::report::test::{Boot, BootResult, ImageSeen, Seen, Test};
use crate::text::{Block, Hex, block};
use rom_core::firmware::{Firmware, Outcome};
use rom_core::model::ImageKind;
use std::io;

/// Columns of what is said of a firmware, below the line about it.
const BELOW: usize = 11;

impl Text for Test {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let answer = if self.starts { good("starts") } else { bad(self.no()) };
        page.line(&block![strong(&self.path), ": ", answer])?;
        if page.look.quiet {
            return Ok(());
        }
        self.firmware.iter().try_for_each(|boot| boot.write(page))?;
        if self.has_vbios() {
            let text = "A VBIOS of AMD or NVIDIA is read by the guest's driver too; no firmware \
                has to start it for that.";
            page.prose(2, &block![text])?;
        }
        page.prose(
            2,
            &block![
                "In ",
                &self.qemu,
                ", on a device ",
                self.device,
                " in place of the GPU. This shows that firmware loads the ROM and starts what is \
                in it. It does not show a display: only the GPU can."
            ],
        )
    }
}

impl Test {
    fn no(&self) -> &'static str {
        let has = |result| self.firmware.iter().any(|boot| boot.result == result);
        let differs = self.firmware.iter().any(|boot| boot.as_predicted == Some(false));
        if has(BootResult::Hung) {
            "hangs the VM"
        } else if has(BootResult::NotReturned) {
            "starts, and does not return without its GPU"
        } else if differs {
            "does not do what oprom predicted"
        } else if has(BootResult::NotTested) {
            "not tested with each firmware"
        } else {
            "nothing of it starts"
        }
    }

    fn has_vbios(&self) -> bool {
        self.firmware.iter().any(|boot| boot.images.iter().any(|image| image.vbios.is_some()))
    }
}

impl Text for Boot {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        let label = block!["  ", padded(self.name, 8), " "];
        if let Some(reason) = &self.not_tested {
            return page.row(&label, &block![doubtful("not tested"), ": ", reason]);
        }
        let count = self.images.len();
        let did = match self.result {
            BootResult::Hung => block![bad("hangs"), " at this ROM"],
            _ => starts(&self.started(), count),
        };
        let agrees = if self.as_predicted == Some(true) {
            block![", as predicted"]
        } else {
            block![", ", bad("not as predicted")]
        };
        page.row(&label, &block![did, agrees])?;
        self.said.iter().try_for_each(|line| page.prose(BELOW, &block![line]))?;
        for image in &self.images {
            if let Some(text) = remark(image, self) {
                page.prose(BELOW, &text)?;
            }
        }
        for offset in &self.unknown {
            let at = Hex(usize::try_from(*offset).unwrap_or(usize::MAX));
            page.prose(BELOW, &block!["it started something at ", at, " that is not an image"])?;
        }
        match &self.predicted {
            Some(predicted) if self.as_predicted == Some(false) => differs(predicted, page),
            _ => Ok(()),
        }
    }
}

/// What was predicted, where that is not what happened.
fn differs(predicted: &Prediction, page: &mut Page<'_>) -> io::Result<()> {
    let was = match &predicted.hang {
        Some(hang) => block!["it hangs: ", hang],
        None => starts(&predicted.runs, predicted.images.len()),
    };
    page.prose(BELOW, &block!["Predicted: ", was, "."])?;
    let text =
        "This is a fault of oprom or of its test. Please report it, with the file if you may.";
    page.prose(BELOW, &block![text])
}

/// What there is to say of an image beside what the firmware said.
fn remark(image: &ImageSeen, boot: &Boot) -> Option<Block> {
    let head = block!["image ", image.index, " "];
    match image.seen {
        Seen::Started => None,
        Seen::ReturnedError => Some(block![
            head,
            "ran and returned ",
            image.status.as_ref(),
            ": it found nothing to do without its GPU, and ",
            boot.name,
            " unloaded it again"
        ]),
        Seen::NotReturned => Some(block![
            head,
            "was started and did not return in ",
            boot.milliseconds.checked_div(1000).and_then(|s| u64::try_from(s).ok()).unwrap_or(0),
            " s. It may wait for its GPU"
        ]),
        Seen::Refused | Seen::NotStarted => {
            let predicted = boot.predicted.as_ref()?.images.get(image.index)?;
            let is_missed = predicted.outcome.0 == Outcome::Unreached
                && boot.id == Firmware::Ovmf.id()
                && image.kind.0 == ImageKind::Efi;
            let is_why = is_missed || predicted.outcome.0 == Outcome::Refused;
            let reason = block![head, outcome(predicted.outcome.0), ": ", &predicted.reason];
            is_why.then_some(reason)
        }
    }
}
