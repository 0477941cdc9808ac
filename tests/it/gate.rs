//! Decoding that takes as long as a test wants: it waits at a gate, on whichever thread that is. On a thread of the
//! runtime, the test would never come to open the gate, and fails.

use std::sync::{Condvar, Mutex};
use std::time::Duration;

use koprs_external::watcher::ExternalSource;
use serde::{Deserialize, Deserializer};
use tokio::task::yield_now;

/// What waits in front of it goes on once it is open.
pub(crate) struct Gate {
    state: Mutex<State>,
    opened: Condvar,
}

struct State {
    entered: usize,
    left: usize,
    is_open: bool,
}

impl Gate {
    const fn new() -> Self {
        let state = State { entered: 0, left: 0, is_open: false };
        Self { state: Mutex::new(state), opened: Condvar::new() }
    }

    pub(crate) fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.entered += 1;
        // Longer than anything takes here: who holds up the runtime holds up the one who opens.
        let patience = Duration::from_secs(20);
        let waited = self.opened.wait_timeout_while(state, patience, |state| !state.is_open);
        let (mut state, _) = waited.unwrap();
        state.left += 1;
        let is_open = state.is_open;
        drop(state);
        assert!(is_open, "nobody opens the gate");
    }

    pub(crate) fn open(&self) {
        self.state.lock().unwrap().is_open = true;
        self.opened.notify_all();
    }

    pub(crate) fn count(&self) -> usize {
        self.state.lock().unwrap().entered
    }

    /// How many wait.
    pub(crate) fn waiting(&self) -> usize {
        let state = self.state.lock().unwrap();
        state.entered - state.left
    }

    /// Until so many have come.
    pub(crate) async fn entered(&self, count: usize) {
        while self.count() < count {
            yield_now().await;
        }
    }
}

/// One for each test.
pub(crate) static GATES: [Gate; 13] = [const { Gate::new() }; 13];

/// A number that is decoded once the gate is open.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Slow<const GATE: usize>(pub(crate) u32);

impl<'de, const GATE: usize> Deserialize<'de> for Slow<GATE> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = u32::deserialize(deserializer)?;
        GATES[GATE].pass();
        Ok(Self(number))
    }
}

/// Polls until so many have come to the gate, and drops the poll.
pub(crate) async fn cut<const GATE: usize>(source: &mut impl ExternalSource, entered: usize) {
    tokio::select! {
        polled = source.poll() => panic!("{:?}", polled.map(|events| events.len())),
        () = GATES[GATE].entered(entered) => {}
    }
}
