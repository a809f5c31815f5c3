//! `setup`: what it would do, and the screen at its end.

use super::super::page::{Page, bad, doubtful, good, spaces};
use super::Text;
use super::checks::title;
use super::guests::write_guests;
use super::steps::{BELOW, by_hand, risk, typed};
use crate::report::setup::{Phase, Setup, SetupStep, StepPart, StepState};
use crate::text::{Block, Line, block};
use rom_core::count::Count;
use std::io;

impl Text for Setup {
    fn write(&self, page: &mut Page<'_>) -> io::Result<()> {
        match self.phase {
            Phase::Choice => self.choice(page),
            Phase::Planned => self.planned(page),
            Phase::Done | Phase::Stopped => self.end(page),
        }
    }
}

impl Setup {
    fn subject(&self) -> Block {
        match (&self.vm, self.vmid) {
            (_, Some(vmid)) => block!["VM ", vmid],
            (Some(name), None) => block!["The VM ", name],
            (None, None) => block!["This host"],
        }
    }

    fn purpose(&self) -> Option<Block> {
        self.goal.as_ref().map(|goal| block![for_goal(goal.name), " (", &goal.reason, ")"])
    }

    /// What is to be said before anything can be done.
    fn choice(&self, page: &mut Page<'_>) -> io::Result<()> {
        if self.vm.is_some() {
            let text = "What is it for? Its configuration does not say it. One of these goes on:";
            page.prose(0, &block![self.subject(), ": ", text])?;
        } else {
            if !self.guests.is_empty() {
                page.prose(0, &block!["These use the GPU:"])?;
                write_guests(&self.guests, self.guests_unread, page)?;
                page.blank()?;
            }
            if self.choices.is_empty() {
                return page.prose(0, &block!["There is no VM here that the GPU could be for."]);
            }
            page.prose(0, &block!["Nothing was changed. Which VM is the GPU for?"])?;
        }
        for choice in &self.choices {
            page.prose(2, &choice.text)?;
            choice.command.iter().try_for_each(|command| page.command_at(4, command))?;
        }
        Ok(())
    }

    /// The steps, before anything is done.
    fn planned(&self, page: &mut Page<'_>) -> io::Result<()> {
        page.prose(0, &self.answer())?;
        if let Some(own) = &self.interrupted {
            let text = block![
                "The last run (",
                own.run,
                ", ",
                &own.command,
                ") stopped after ",
                Count(own.done, "step"),
                ". This goes on from there; `oprom undo` goes back."
            ];
            page.prose(0, &text)?;
        }
        let mut part = None;
        for (step, number) in self.steps.iter().zip(1_usize..) {
            if part != Some(step.part) {
                part = Some(step.part);
                page.blank()?;
                self.heading(step, page)?;
            }
            one(step, number, page)?;
        }
        by_hand(&self.manual_steps, page)?;
        if !self.dropped.is_empty() {
            page.blank()?;
            page.prose(0, &block!["Proxmox VE drops these lines when it writes the file:"])?;
            self.dropped.iter().try_for_each(|line| page.line(&block!["    ", line]))?;
        }
        if page.look.verbose {
            for note in &self.notes {
                page.row(&block!["Note      "], &title(note))?;
            }
        }
        if self.steps.iter().any(|step| step.state == StepState::Planned) {
            page.blank()?;
            page.prose(0, &block!["Each step can be undone: oprom undo. ", self.later()])?;
        }
        self.what_now(page)
    }

    fn heading(&self, step: &SetupStep, page: &mut Page<'_>) -> io::Result<()> {
        match (step.part, step.state) {
            (StepPart::Host, _) => page.prose(0, &block!["The host:"]),
            (StepPart::Vm, StepState::Waits) if self.reboot_required => {
                let text = "after a restart of the host, by the same command:";
                page.prose(0, &block![self.subject(), ", ", text])
            }
            (StepPart::Vm, StepState::Waits) => {
                let text = "once what is left to do by hand is done, by the same command:";
                page.prose(0, &block![self.subject(), ", ", text])
            }
            (StepPart::Vm, _) => page.prose(0, &block![self.subject(), ":"]),
        }
    }

    fn answer(&self) -> Block {
        let planned = self.steps.iter().filter(|step| step.state == StepState::Planned).count();
        let subject = block![self.subject(), self.purpose()];
        match (planned, self.ready, self.reboot_required) {
            (0, true, _) => block!["Nothing to do: ", subject, " is ready."],
            (0, false, true) => block![subject, ": the host has to be restarted first."],
            (0, false, false) => block![subject, ": what is left needs a person."],
            (count, ..) => block![subject, ": ", Count(count, "step"), "."],
        }
    }

    /// What happens once all of it is done.
    fn later(&self) -> Block {
        let dark = self.goes_dark.then_some("The host's screen goes dark when the VM starts. ");
        let mut text = block![dark];
        for (login, number) in self.logins.iter().zip(0_usize..) {
            text =
                block![text, if number == 0 { "The host stays reachable: " } else { ", " }, login];
        }
        text
    }

    /// The screen at the end: what was done, what to do now, what will happen, how to get back.
    fn end(&self, page: &mut Page<'_>) -> io::Result<()> {
        let of = |state| self.steps.iter().filter(move |step| step.state == state);
        let count = of(StepState::Done).count();
        page.step("Done", &block![Count(count, "step"), ": ", self.vm_name(), self.purpose()])?;
        for step in of(StepState::Failed) {
            page.step("Failed", &step.text)?;
        }
        for step in of(StepState::NotReached) {
            page.step("Not done", &step.text)?;
        }
        by_hand(&self.manual_steps, page)?;
        self.what_now(page)?;
        if self.phase == Phase::Done && self.manual_steps.is_empty() {
            let then = match (self.reboot_required, self.goes_dark) {
                (true, _) => Some(block!["the host starts without the VM; its screen stays"]),
                (false, true) => Some(block![
                    "the host's screen goes dark when the VM starts, and stays dark until the \
                    host is restarted"
                ]),
                (false, false) => None,
            };
            then.iter().try_for_each(|text| page.step("Then", text))?;
        }
        for (login, number) in self.logins.iter().zip(0_usize..) {
            page.step(if number == 0 { "Way in" } else { "" }, &block![login])?;
        }
        page.step("Way back", &self.way_back())
    }

    fn vm_name(&self) -> Block {
        match (&self.vm, self.vmid) {
            (_, Some(vmid)) => block!["VM ", vmid],
            (Some(name), None) => block![name],
            (None, None) => block!["this host"],
        }
    }

    fn way_back(&self) -> Block {
        let boots = self
            .steps
            .iter()
            .any(|step| step.state == StepState::Done && step.id.raw().starts_with("boot-options"));
        let undo = block!["oprom undo, then restart the host"];
        if !boots {
            return undo;
        }
        block![
            undo,
            ". If the host does not start: press e in the boot menu, and change the options back \
            for that start"
        ]
    }

    fn what_now(&self, page: &mut Page<'_>) -> io::Result<()> {
        if page.look.quiet {
            return Ok(());
        }
        for (command, number) in self.next.iter().zip(0_usize..) {
            page.command(if number == 0 { "Now" } else { "" }, command)?;
        }
        Ok(())
    }
}

fn for_goal(name: &str) -> &'static str {
    match name {
        "display-at-boot" => " for a display at boot",
        "display" => " for a display once the guest's driver runs",
        "compute" => " for compute",
        "vf" => " with its virtual function",
        "mdev" => " with its mediated device",
        _ => "",
    }
}

fn one(step: &SetupStep, number: usize, page: &mut Page<'_>) -> io::Result<()> {
    let optional = step.optional.then_some(" [optional]");
    let state = match step.state {
        StepState::NotAccepted => Some(block![" [", bad("not accepted"), "]"]),
        StepState::Done => Some(block![" [", good("done"), "]"]),
        _ => None,
    };
    let restart = step.restart.then(|| block![" [", doubtful("restart"), "]"]);
    let text = block![&step.text, risk(step.risk.0), optional, restart, state];
    page.row(&block![Line::new(format!("{number:>2}  "))], &text)?;
    page.prose(BELOW, &block!["Because ", &step.reason, " (", step.check, ")"])?;
    if let Some(file) = &step.file {
        page.line(&block![spaces(BELOW), file])?;
    }
    typed(&step.commands, &step.diff, BELOW, page)
}
