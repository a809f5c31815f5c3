//! What `doctor` found as metrics, for the text files that Prometheus' node exporter collects.

use crate::report::doctor::Doctor;
use crate::report::guests::State;
use crate::text::Line;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use rom_host::checks::Status;
use std::fmt;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CheckLabels {
    id: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct GuestLabels {
    guest: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StatusLabels {
    status: &'static str,
}

/// The metrics of `doctor`, in the text format.
pub(super) fn text(doctor: &Doctor) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix("oprom");
    let ready = Gauge::<i64>::default();
    ready.set(i64::from(doctor.results.ready));
    registry.register("host_ready", "Whether no check of the host fails", ready);

    let counts = Family::<StatusLabels, Gauge>::default();
    let own = doctor.results.counts;
    for (status, count) in
        [("pass", own.pass), ("warn", own.warn), ("fail", own.fail), ("skip", own.skip)]
    {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        counts.get_or_create(&StatusLabels { status }).set(count);
    }
    registry.register("host_checks", "How many checks of the host came to what", counts);

    let failed = Family::<CheckLabels, Gauge>::default();
    for check in &doctor.results.checks {
        failed
            .get_or_create(&CheckLabels { id: check.id })
            .set(i64::from(check.status.0 == Status::Fail));
    }
    registry.register("host_check_failed", "Whether a check of the host fails", failed);

    let guests = Family::<GuestLabels, Gauge>::default();
    for guest in doctor.guests.iter().filter(|guest| guest.state != State::Shares) {
        let name = |name: &Line| name.to_string();
        let is_ready = guest.state == State::Ready;
        guests.get_or_create(&GuestLabels { guest: name(&guest.name) }).set(i64::from(is_ready));
    }
    registry.register("guest_ready", "Whether a VM that uses the GPU is ready", guests);

    let mut text = String::new();
    text::encode(&mut text, &registry)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::checks::Results;
    use crate::report::guests::Guest;
    use rom_host::checks::Check;

    #[test]
    fn names_of_strangers_are_quoted() {
        let guest = Guest {
            name: Line::from("VM a\"b\\c\nd"),
            running: false,
            state: State::NotReady,
            goal: None,
            first: None,
            check: None,
        };
        let checks = vec![Check::pass("HOST001", "x", "y"), Check::fail("HOST010", "x", "y", "z")];
        let results = Results::new(checks);
        let doctor = Doctor {
            qemu: None,
            results,
            breaks: Vec::new(),
            guests: vec![guest],
            guests_unread: 0,
        };
        let text = text(&doctor).unwrap();
        for line in [
            "oprom_host_ready 0",
            "oprom_host_checks{status=\"fail\"} 1",
            "oprom_host_check_failed{id=\"HOST001\"} 0",
            "oprom_host_check_failed{id=\"HOST010\"} 1",
            "oprom_guest_ready{guest=\"VM a\\\"b\\\\c\\\\u{a}d\"} 0",
        ] {
            assert!(text.lines().any(|own| own == line), "{line}\n{text}");
        }
    }
}
