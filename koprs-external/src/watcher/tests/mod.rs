//! The promises of the runtime, in paused time.

mod consumer;
mod life;
mod report;
mod requests;
mod retire;
mod schedule;
mod stream;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_core::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::*;
use crate::error::{ExternalError, HttpError, Result};

const fn s(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A schedule without jitter, so that times can be compared.
fn every(interval: Duration) -> WatchConfig {
    WatchConfig::new(interval).with_jitter(0.0)
}

/// What a poll of the scripted source does.
enum Step {
    Events(&'static str),
    Fail,
    FailRetryAfter(Duration),
    FailForEver,
    Panic,
    Stall,
    Slow(Duration),
    Pace(Pace, &'static str),
    FailPace(Pace),
    /// Tells this, and what comes after the delivery is the next step.
    Deliver(&'static str),
}

use Step::{Events, Fail, FailForEver, FailRetryAfter, Panic, Slow, Stall};

/// What was seen of the source from outside.
#[derive(Clone, Default)]
struct Seen {
    polls: Arc<Mutex<Vec<Instant>>>,
    delivered: Arc<Mutex<Vec<usize>>>,
    running: Arc<Mutex<usize>>,
    dropped: Arc<Mutex<bool>>,
}

impl Seen {
    fn polls(&self) -> usize {
        self.polls.lock().unwrap().len()
    }

    /// The times between the beginnings of polls, in milliseconds.
    fn waits(&self) -> Vec<u128> {
        let polls = self.polls.lock().unwrap();
        polls.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect()
    }

    fn dropped(&self) -> bool {
        *self.dropped.lock().unwrap()
    }
}

/// Plays its steps, then succeeds without events for ever.
struct Script {
    steps: VecDeque<Step>,
    seen: Seen,
    pace: Pace,
    delivers: bool,
}

fn script(steps: impl IntoIterator<Item = Step>) -> (Script, Seen) {
    let seen = Seen::default();
    let steps = steps.into_iter().collect();
    (Script { steps, seen: seen.clone(), pace: Pace::Interval, delivers: false }, seen)
}

impl ExternalSource for Script {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        self.seen.polls.lock().unwrap().push(Instant::now());
        let step = self.steps.pop_front().unwrap_or(Events(""));
        self.pace = Pace::Interval;
        self.delivers = matches!(step, Step::Deliver(_));
        let running = Running::begin(&self.seen);
        Box::pin(async move {
            let _running = running;
            match step {
                Events(events) => Ok(parse(events)),
                Step::Pace(pace, events) => {
                    self.pace = pace;
                    Ok(parse(events))
                }
                Step::Deliver(events) => Ok(parse(events)),
                Step::FailPace(pace) => {
                    self.pace = pace;
                    Err(ExternalError::Internal("deliberate".into()))
                }
                Fail => Err(ExternalError::Internal("deliberate".into())),
                FailRetryAfter(wait) => Err(overloaded(wait)),
                FailForEver => Err(ExternalError::invalid("never")),
                Panic => panic!("deliberate"),
                Stall => std::future::pending().await,
                Slow(time) => {
                    tokio::time::sleep(time).await;
                    Ok(Vec::new())
                }
            }
        })
    }

    fn name(&self) -> &str {
        "script"
    }

    fn pace(&self) -> Pace {
        self.pace
    }

    fn delivered(&mut self) -> BoxFuture<'_, Result<()>> {
        let polls = self.seen.polls();
        self.seen.delivered.lock().unwrap().push(polls);
        let step = if std::mem::take(&mut self.delivers) { self.steps.pop_front() } else { None };
        Box::pin(async move {
            match step {
                Some(Fail) => Err(ExternalError::Internal("not delivered".into())),
                Some(Stall) => std::future::pending().await,
                _ => Ok(()),
            }
        })
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        *self.seen.dropped.lock().unwrap() = true;
    }
}

/// Counts polls in flight.
struct Running(Seen);

impl Running {
    fn begin(seen: &Seen) -> Self {
        *seen.running.lock().unwrap() += 1;
        assert_eq!(*seen.running.lock().unwrap(), 1, "polls overlap");
        Self(seen.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.running.lock().unwrap() -= 1;
    }
}

/// `+a ~b -c`
fn parse(events: &str) -> Vec<ExternalEvent<char>> {
    let event = |word: &str| {
        let mut chars = word.chars();
        let (kind, item) = (chars.next().unwrap(), chars.next().unwrap());
        match kind {
            '+' => ExternalEvent::Added(item),
            '~' => ExternalEvent::Modified(item),
            '-' => ExternalEvent::Removed(item),
            other => panic!("no event is written `{other}`"),
        }
    };
    events.split_whitespace().map(event).collect()
}

fn show(event: Option<ExternalEvent<char>>) -> String {
    event.map_or_else(|| "end".to_owned(), |event| event.to_string().replace(' ', ""))
}

fn overloaded(wait: Duration) -> ExternalError {
    HttpError::from_status(503).with_retry_after(wait).into()
}

type Channel = (mpsc::Sender<ExternalEvent<char>>, mpsc::Receiver<ExternalEvent<char>>);

fn channel() -> Channel {
    mpsc::channel(16)
}

/// Lets time pass in small steps, and every task run at each of them.
async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}
