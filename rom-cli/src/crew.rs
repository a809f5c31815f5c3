//! Threads that take file after file, and hand over what comes of them in the order of the files.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// Files that are read at a time, at most: each may need 16 MiB, the largest ROM.
const MOST_THREADS: usize = 4;

/// Results that a file may hold back until it is its turn.
const MOST_KEPT: usize = 64;

/// Files that may be done before it is their turn: what comes of each is small.
const MOST_AHEAD: usize = 64;

/// Does `work` for each of `files` files, with a thread for each processor, and hands what comes of
/// it to `receive` in the order of the files, until that breaks off.
pub(crate) fn in_order<T: Send>(
    files: usize,
    work: &(impl Fn(usize, &mut Turn<'_, T>) + Sync),
    receive: &mut dyn FnMut(T) -> ControlFlow<()>,
) {
    let crew = Crew::default();
    thread::scope(|scope| {
        let processors = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let (sender, receiver) = mpsc::sync_channel(1);
        for _ in 0..processors.min(MOST_THREADS).min(files) {
            let (sender, crew) = (sender.clone(), &crew);
            scope.spawn(move || {
                while let Some(index) = crew.take(files) {
                    let mut turn = Turn { crew, index, sender: &sender, kept: Vec::new() };
                    work(index, &mut turn);
                    turn.end();
                }
            });
        }
        drop(sender);
        for result in receiver {
            // Where nobody reads on, nothing more has to be found.
            if !crew.stopped.load(Ordering::Relaxed) && receive(result).is_break() {
                crew.stopped.store(true, Ordering::Relaxed);
            }
        }
    });
}

/// What the threads share.
struct Crew<T> {
    /// The file that is taken next.
    next: AtomicUsize,
    state: Mutex<State<T>>,
    moved: Condvar,
    /// What takes memory is done by one thread at a time.
    alone: Mutex<()>,
    stopped: AtomicBool,
}

struct State<T> {
    /// The file whose results are handed over.
    turn: usize,
    /// What came of files after that one.
    done: BTreeMap<usize, Vec<T>>,
}

impl<T> Default for Crew<T> {
    fn default() -> Self {
        Self {
            next: AtomicUsize::default(),
            state: Mutex::new(State { turn: 0, done: BTreeMap::new() }),
            moved: Condvar::new(),
            alone: Mutex::default(),
            stopped: AtomicBool::default(),
        }
    }
}

impl<T> Crew<T> {
    /// The file that is next, if there is one and anybody wants more.
    fn take(&self, files: usize) -> Option<usize> {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        (index < files && !self.stopped.load(Ordering::Relaxed)).then_some(index)
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until it is the turn of a file.
    fn wait_for(&self, index: usize) -> MutexGuard<'_, State<T>> {
        let state = self.state();
        let waited = self.moved.wait_while(state, |state| state.turn != index);
        waited.unwrap_or_else(PoisonError::into_inner)
    }
}

/// The file that a thread works on.
pub(crate) struct Turn<'c, T> {
    crew: &'c Crew<T>,
    index: usize,
    sender: &'c SyncSender<T>,
    /// What was not handed over yet.
    kept: Vec<T>,
}

impl<'c, T> Turn<'c, T> {
    /// Hands a result over, at the latest when the file is done.
    pub(crate) fn hand(&mut self, result: T) {
        self.kept.push(result);
        if self.kept.len() >= MOST_KEPT {
            drop(self.crew.wait_for(self.index));
            self.send();
        }
    }

    /// Keeps a result until the file is done, and waits for nobody: what [`Self::alone`] holds back
    /// may be what the file before this one needs.
    pub(crate) fn keep(&mut self, result: T) {
        self.kept.push(result);
    }

    /// Whether nobody wants to know more.
    pub(crate) const fn stopped(&self) -> &'c AtomicBool {
        &self.crew.stopped
    }

    /// Keeps other threads from what takes memory as well.
    pub(crate) fn alone(&self) -> MutexGuard<'c, ()> {
        self.crew.alone.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what was kept. A receiver that is gone wants nothing more.
    fn send(&mut self) {
        for result in self.kept.drain(..) {
            drop(self.sender.send(result));
        }
    }

    /// Ends the file: what was kept is handed over, or left for the thread whose turn it is.
    fn end(mut self) {
        let mut state = self.crew.state();
        if state.turn != self.index && state.done.len() < MOST_AHEAD {
            state.done.insert(self.index, self.kept);
            return;
        }
        drop(state);
        state = self.crew.wait_for(self.index);
        loop {
            // Nobody else sends while it is this turn, and whoever ends a later file goes on.
            drop(state);
            self.send();
            state = self.crew.state();
            state.turn = state.turn.saturating_add(1);
            let turn = state.turn;
            match state.done.remove(&turn) {
                Some(next) => self.kept = next,
                None => break,
            }
        }
        self.crew.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Files of which each third has many results and each fifth takes long.
    fn results(files: usize, most: usize) -> Vec<(usize, usize)> {
        let mut all = Vec::new();
        in_order(
            files,
            &|index, turn| {
                if index % 5 == 0 {
                    thread::sleep(Duration::from_millis(2));
                }
                let count = if index % 3 == 0 { 3 * MOST_KEPT } else { index % 2 };
                (0..count).for_each(|number| turn.hand((index, number)));
            },
            &mut |result| {
                all.push(result);
                if all.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
            },
        );
        all
    }

    #[test]
    fn results_come_in_the_order_of_the_files() {
        let all = results(200, usize::MAX);
        assert!(all.is_sorted());
        let last = all.last().copied();
        assert_eq!((all.len(), last), (67 * 3 * MOST_KEPT + 67, Some((199, 0))));
        assert_eq!(results(0, usize::MAX), []);
    }

    #[test]
    fn nobody_works_on_for_one_who_wants_no_more() {
        assert_eq!(results(1000, 5).len(), 5);
    }
}
