//! A trap that strikes whoever writes.

use std::fmt;
use std::sync::{Arc, Mutex};

use standins::{Call, Fault, Faults};

/// Strikes a platform at some of its writes, counted over all stand-ins: the table, files, queues, providers. Receiving from
/// a queue counts as nothing, as it is the poller's: a worker that dies then has not begun. Clones are one trap.
///
/// A test makes a [world](crate::World::with_faults) with its [faults](Self::faults), sets the scene, [kills](Self::kill)
/// whoever comes to the n-th write from there, lets the work happen, and [revives](Self::revive): for n from 1 up, until
/// that says that there are not so many writes.
#[derive(Clone)]
pub struct Trap {
    state: Arc<Mutex<State>>,
    faults: Faults,
}

#[derive(Debug, Default)]
struct State {
    /// What strikes at which write.
    fatal: Vec<(u64, Fault)>,
    /// Whether writes are counted.
    watches: bool,
    /// Those that were.
    writes: u64,
}

impl State {
    fn strikes(&mut self, call: &Call<'_>) -> Option<Fault> {
        if !self.watches || call.write.is_none() || call.operation == "ReceiveMessage" {
            return None;
        }
        self.writes += 1;
        self.fatal.iter().find(|(write, _)| *write == self.writes).map(|(_, fault)| *fault)
    }
}

impl Default for Trap {
    fn default() -> Self {
        Self::beside(|_| None)
    }
}

impl fmt::Debug for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trap").field("state", &self.state).finish_non_exhaustive()
    }
}

impl Trap {
    /// One beside something else that goes wrong: `other` is asked for every call first, and what it strikes is no write
    /// that counts.
    pub fn beside(other: impl Fn(&Call<'_>) -> Option<Fault> + Send + Sync + 'static) -> Self {
        let state = Arc::new(Mutex::new(State::default()));
        let watching = Arc::clone(&state);
        let strikes = move |call: &Call<'_>| watching.lock().expect("no test panicked here").strikes(call);
        Self { state, faults: Faults::decided_by(move |call| other(call).or_else(|| strikes(call))) }
    }

    /// What a world is made with to fall into it.
    pub fn faults(&self) -> Faults {
        self.faults.clone()
    }

    fn state<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().expect("no test panicked here"))
    }

    /// From now on writes are counted, from 1, and each of these faults strikes at its write: `Some((3, Fault::CrashBefore))`,
    /// or more than one, or `None` to count alone.
    pub fn kill(&self, fatal: impl IntoIterator<Item = (u64, Fault)>) {
        let fatal = fatal.into_iter().collect();
        self.state(|state| *state = State { fatal, watches: true, writes: 0 });
    }

    /// Whether writes are counted from now on, for what is none of whom it waits for; whether they were.
    pub fn watch(&self, watches: bool) -> bool {
        self.state(|state| std::mem::replace(&mut state.watches, watches))
    }

    /// Whoever died has a successor; what was to strike still may.
    pub fn succeed(&self) {
        self.faults.revive();
    }

    /// Whether somebody died who has no successor.
    pub fn has_killed(&self) -> bool {
        self.faults.crashed()
    }

    /// All is well again; whether it came to a write at which something was to strike.
    pub fn revive(&self) -> bool {
        self.faults.revive();
        self.state(|state| {
            state.watches = false;
            std::mem::take(&mut state.fatal).into_iter().any(|(write, _)| write <= state.writes)
        })
    }

    /// The writes that were counted since the last [kill](Self::kill).
    pub fn writes(&self) -> u64 {
        self.state(|state| state.writes)
    }
}
