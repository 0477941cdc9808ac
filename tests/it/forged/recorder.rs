//! The log lines of the crate, as they come from it: a subscriber that writes them may escape them once more.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::subscriber::{DefaultGuard, NoSubscriber};
use tracing::{Dispatch, Event, Metadata, Subscriber};

/// The fields of all events and spans.
#[derive(Clone, Default)]
pub(super) struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    /// Takes what this thread logs, until the guard is dropped.
    pub(super) fn start() -> (Self, DefaultGuard) {
        let recorder = Self::default();
        // Two of them, so that other tests' threads do not settle for all that nobody listens.
        std::mem::forget(Dispatch::new(NoSubscriber::new()));
        let guard = tracing::subscriber::set_default(recorder.clone());
        (recorder, guard)
    }

    pub(super) fn texts(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }
}

impl Visit for &Recorder {
    fn record_str(&mut self, _: &Field, value: &str) {
        self.0.lock().unwrap().push(value.to_owned());
    }

    fn record_debug(&mut self, _: &Field, value: &dyn Debug) {
        self.0.lock().unwrap().push(format!("{value:?}"));
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("koprs_external")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut &*self);
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut &*self);
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut &*self);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}
