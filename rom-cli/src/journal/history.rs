//! What the lines of a journal say together.

use super::{Change, Event};

/// The runs of a journal, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct History {
    runs: Vec<Run>,
}

/// A run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    /// Its number.
    pub(crate) number: u32,
    /// What was asked for.
    pub(crate) command: String,
    /// When, in UTC.
    pub(crate) at: String,
    /// The run that it takes back.
    pub(crate) undoes: Option<u32>,
    /// The run that it does again.
    pub(crate) redoes: Option<u32>,
    /// What tells the start of the host in which it was from the next one.
    pub(crate) boot: Option<String>,
    /// What it changed.
    pub(crate) steps: Vec<Step>,
    /// Whether it says that all of it was done.
    pub(crate) ended: bool,
}

/// A step of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Its number in the run.
    pub(crate) number: u32,
    /// What it changes.
    pub(crate) change: Change,
    /// Whether it was done; `None` if it was interrupted.
    pub(crate) done: Option<bool>,
    /// SHA-256 of what it left, where that was not known before.
    pub(crate) left: Option<String>,
}

impl Step {
    /// The file or the VM that it changes, in words; `None` for a program, which changes what is
    /// its own.
    pub(crate) fn subject(&self) -> Option<String> {
        match &self.change {
            Change::File { path, .. } => Some(path.clone()),
            Change::ProxmoxVm { vmid, .. } => Some(format!("VM {vmid}")),
            Change::Domain { name, .. } => Some(format!("VM {name}")),
            Change::Tool { .. } => None,
        }
    }
}

impl Run {
    /// The steps that were done.
    pub(crate) fn done(&self) -> impl DoubleEndedIterator<Item = &Step> {
        self.steps.iter().filter(|step| step.done == Some(true))
    }

    /// Whether it neither undoes nor redoes.
    pub(crate) fn is_change(&self) -> bool {
        self.undoes.is_none() && self.redoes.is_none()
    }

    /// Whether it changed this file or VM.
    fn touches(&self, subject: &str) -> bool {
        self.done().any(|step| step.subject().as_deref() == Some(subject))
    }

    /// Whether it changed everything that `other` did.
    fn reaches(&self, other: &Self) -> bool {
        other.done().filter_map(Step::subject).all(|subject| self.touches(&subject))
    }

    /// Whether a program was run in it to its end.
    pub(crate) fn ran(&self, words: &[String]) -> bool {
        self.done()
            .any(|step| matches!(&step.change, Change::Tool { command, .. } if command == words))
    }
}

impl History {
    /// Takes the next event; why it cannot be, otherwise.
    pub(super) fn add(&mut self, event: Event) -> Result<(), &'static str> {
        match event {
            Event::Run { run, command, at, undoes, redoes, boot } => {
                if run != self.next_run() {
                    return Err("the runs are not numbered in their order");
                }
                self.runs.push(Run {
                    number: run,
                    command,
                    at,
                    undoes,
                    redoes,
                    boot,
                    steps: Vec::new(),
                    ended: false,
                });
            }
            Event::Step { run, step, change } => {
                if step != self.next_step(run) {
                    return Err("the steps are not numbered in their order");
                }
                self.run(run)?.steps.push(Step { number: step, change, done: None, left: None });
            }
            Event::Done { run, step, left } => {
                let step = self.step(run, step)?;
                step.done = Some(true);
                step.left = left;
            }
            Event::Failed { run, step } => self.step(run, step)?.done = Some(false),
            Event::End { run } => self.run(run)?.ended = true,
        }
        Ok(())
    }

    fn run(&mut self, number: u32) -> Result<&mut Run, &'static str> {
        let index = usize::try_from(number).ok().and_then(|number| number.checked_sub(1));
        index.and_then(|index| self.runs.get_mut(index)).ok_or("there is no such run")
    }

    fn step(&mut self, run: u32, step: u32) -> Result<&mut Step, &'static str> {
        let index = usize::try_from(step).ok().and_then(|step| step.checked_sub(1));
        index
            .and_then(|index| self.run(run).ok()?.steps.get_mut(index))
            .ok_or("there is no such step")
    }

    pub(super) fn next_run(&self) -> u32 {
        u32::try_from(self.runs.len()).unwrap_or(u32::MAX).saturating_add(1)
    }

    pub(super) fn next_step(&self, run: u32) -> u32 {
        let steps =
            self.runs.iter().rev().find(|own| own.number == run).map_or(0, |run| run.steps.len());
        u32::try_from(steps).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// All runs.
    pub(crate) fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Steps of which nobody said whether they were done.
    pub(crate) fn unsettled(&self) -> Vec<(u32, Step)> {
        let of_run = |run: &Run| {
            let open = run.steps.iter().filter(|step| step.done.is_none()).cloned();
            open.map(|step| (run.number, step)).collect::<Vec<_>>()
        };
        self.runs.iter().flat_map(of_run).collect()
    }

    /// The last thing that became of `run`: the run that took it back, or `None` while it holds.
    pub(crate) fn undone_by(&self, run: u32) -> Option<&Run> {
        let change = self.runs.iter().find(|own| own.number == run)?;
        // One that was interrupted counts if everything of the run was reached.
        let is_whole = |own: &Run| own.ended || own.reaches(change);
        let about =
            |own: &&Run| (own.undoes == Some(run) || own.redoes == Some(run)) && is_whole(own);
        self.runs.iter().rev().find(about).filter(|own| own.undoes == Some(run))
    }

    /// The last run, if it is a change that did not come to its end.
    pub(crate) fn interrupted(&self) -> Option<&Run> {
        self.runs.last().filter(|run| !run.ended && run.is_change())
    }

    /// The run of this number, if it is a change that holds.
    pub(crate) fn holding(&self, number: u32) -> Option<&Run> {
        let run = self.runs.iter().find(|run| run.number == number)?;
        let holds = run.is_change() && run.done().next().is_some();
        (holds && self.undone_by(number).is_none()).then_some(run)
    }

    /// The run that an undo takes back: the last change that holds, of the file at `path` if one is
    /// named.
    pub(crate) fn to_undo(&self, path: Option<&str>) -> Option<&Run> {
        let holds = |run: &&Run| {
            let about = path.map_or_else(|| run.done().next().is_some(), |path| run.touches(path));
            run.is_change() && about && self.undone_by(run.number).is_none()
        };
        self.runs.iter().rev().find(holds)
    }

    /// The run that a redo does again, and the one that took it back: what was undone last, unless
    /// its files were changed since.
    pub(crate) fn to_redo(&self, path: Option<&str>) -> Option<(&Run, &Run)> {
        for undo in self.runs.iter().rev() {
            let change =
                undo.undoes.and_then(|number| self.runs.iter().find(|run| run.number == number));
            let Some(change) = change else { continue };
            let is_last =
                self.undone_by(change.number).is_some_and(|own| own.number == undo.number);
            if !is_last || path.is_some_and(|path| !change.touches(path)) {
                continue;
            }
            let later = self.runs.iter().filter(|run| run.number > undo.number && run.is_change());
            let subjects: Vec<String> = change.done().filter_map(Step::subject).collect();
            let touched = |run: &Run| subjects.iter().any(|subject| run.touches(subject));
            let is_over = later.into_iter().any(touched);
            return (!is_over).then_some((change, undo));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of runs by what they take back or do again, each with a step that was done for its
    /// path.
    fn history(runs: &[(Option<u32>, Option<u32>, &str)]) -> History {
        let mut history = History::default();
        for (number, (undoes, redoes, path)) in (1..).zip(runs) {
            let (command, at, path) = (String::new(), String::new(), (*path).to_owned());
            let change = Change::File { path, before: None, after: None };
            for event in [
                Event::Run {
                    run: number,
                    command,
                    at,
                    undoes: *undoes,
                    redoes: *redoes,
                    boot: None,
                },
                Event::Step { run: number, step: 1, change },
                Event::Done { run: number, step: 1, left: None },
                Event::End { run: number },
            ] {
                history.add(event).unwrap();
            }
        }
        history
    }

    fn next(history: &History) -> (Option<u32>, Option<u32>) {
        let undo = history.to_undo(None).map(|run| run.number);
        (undo, history.to_redo(None).map(|(run, _)| run.number))
    }

    #[test]
    fn undo_goes_back_and_redo_forth() {
        const CHANGE: (Option<u32>, Option<u32>, &str) = (None, None, "/a");
        let undo = |run| (Some(run), None, "/a");
        let redo = |run| (None, Some(run), "/a");
        for (runs, expected) in [
            (vec![], (None, None)),
            (vec![CHANGE, CHANGE], (Some(2), None)),
            (vec![CHANGE, CHANGE, undo(2)], (Some(1), Some(2))),
            (vec![CHANGE, CHANGE, undo(2), undo(1)], (None, Some(1))),
            (vec![CHANGE, CHANGE, undo(2), undo(1), redo(1)], (Some(1), Some(2))),
            (vec![CHANGE, CHANGE, undo(2), undo(1), redo(1), redo(2)], (Some(2), None)),
            (vec![CHANGE, undo(1), CHANGE], (Some(3), None)),
            (vec![CHANGE, undo(1), (None, None, "/b")], (Some(3), Some(1))),
        ] {
            assert_eq!(next(&history(&runs)), expected, "{runs:?}");
        }
    }

    #[test]
    fn a_file_has_a_history_of_its_own() {
        let history = history(&[(None, None, "/a"), (None, None, "/b")]);
        assert_eq!(history.to_undo(Some("/a")).map(|run| run.number), Some(1));
        assert_eq!(history.to_undo(Some("/c")), None);
    }

    #[test]
    fn what_was_not_done_is_not_undone() {
        let mut history = history(&[(None, None, "/a")]);
        let (command, at, path) = (String::new(), String::new(), "/a".to_owned());
        history
            .add(Event::Run { run: 2, command, at, undoes: None, redoes: None, boot: None })
            .unwrap();
        let change = Change::File { path, before: None, after: None };
        history.add(Event::Step { run: 2, step: 1, change }).unwrap();
        assert_eq!(history.unsettled().len(), 1);
        assert_eq!(next(&history), (Some(1), None));
        history.add(Event::Failed { run: 2, step: 1 }).unwrap();
        assert_eq!((history.unsettled().len(), next(&history)), (0, (Some(1), None)));
    }
}
