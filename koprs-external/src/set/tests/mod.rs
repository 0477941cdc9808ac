//! The promises of a stream over many watchers, in paused time.

mod events;
mod file;
mod handle;
mod handover;
mod reload;
mod spread;
mod suspend;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_core::future::BoxFuture;
use tokio::time::Instant;

use super::events::Events;
use super::prepared::Prepared;
use crate::error::{ExternalError, Result};
use crate::watcher::{ExternalEvent, ExternalSource, WatchConfig};

/// Tells these numbers poll by poll, then nothing for ever, or that it can never work.
struct Numbers {
    polls: VecDeque<Vec<u32>>,
    ends: bool,
    /// Whether it never answers.
    hangs: bool,
    /// How long it takes to make durable what was taken.
    durable: Option<Duration>,
    told: Vec<u32>,
    seen: Seen,
}

/// What was seen of the source from outside.
#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    first_poll: Option<Instant>,
    delivered: usize,
    dropped: bool,
}

impl Seen {
    fn delivered(&self) -> usize {
        self.0.lock().unwrap().delivered
    }

    fn first_poll(&self) -> Option<Instant> {
        self.0.lock().unwrap().first_poll
    }

    fn dropped(&self) -> bool {
        self.0.lock().unwrap().dropped
    }
}

impl Numbers {
    fn new(polls: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let polls = polls.into_iter().collect();
        Self {
            polls,
            ends: false,
            hangs: false,
            durable: None,
            told: Vec::new(),
            seen: Seen::default(),
        }
    }

    fn then_ends(mut self) -> Self {
        self.ends = true;
        self
    }
}

impl ExternalSource for Numbers {
    type Item = u32;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u32>>>> {
        self.seen.0.lock().unwrap().first_poll.get_or_insert_with(Instant::now);
        if self.hangs {
            return Box::pin(std::future::pending());
        }
        let polled = match self.polls.pop_front() {
            None if self.ends => Err(ExternalError::invalid("it can never work")),
            numbers => {
                let numbers = numbers.unwrap_or_default();
                self.told.extend(&numbers);
                Ok(numbers.into_iter().map(ExternalEvent::Added).collect())
            }
        };
        Box::pin(std::future::ready(polled))
    }

    fn name(&self) -> &str {
        "numbers"
    }

    fn retract(&mut self) -> Vec<ExternalEvent<u32>> {
        std::mem::take(&mut self.told).into_iter().map(ExternalEvent::Removed).collect()
    }

    fn delivered(&mut self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async {
            if let Some(time) = self.durable {
                tokio::time::sleep(time).await;
            }
            self.seen.0.lock().unwrap().delivered += 1;
            Ok(())
        })
    }
}

impl Drop for Numbers {
    fn drop(&mut self) {
        self.seen.0.lock().unwrap().dropped = true;
    }
}

/// The name of a watcher and a number of it.
type Told = (&'static str, u32);

/// All begin at once, and poll each second.
fn start(sources: impl IntoIterator<Item = (&'static str, Numbers)>) -> Events<Told> {
    let mut declared = "apiVersion: koprs-external/v1\nwatchers:\n".to_owned();
    let bound = sources.into_iter().map(|(name, source)| {
        declared += &format!("  - {{ name: {name}, interval: 1s, http: {{ url: https://h/ }} }}\n");
        let config = WatchConfig::new(Duration::from_secs(1)).with_jitter(0.0);
        let prepared = Prepared::of(source, config, move |event| (name, event.into_value()));
        (name.into(), prepared)
    });
    let bound = bound.collect();
    Events::start(&declared.parse().unwrap(), bound, None)
}

/// What has happened when nothing is left to do.
async fn settle() {
    tokio::time::sleep(Duration::from_millis(500)).await;
}
