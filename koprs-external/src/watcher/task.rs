//! The loop under every watcher: wait, poll, hand over, and again.
//!
//! It ends when the consumer is gone, when it is asked to, or when the source says that no poll can
//! ever succeed. Each await of it gives way to the first two, also in the middle of a wait or a poll;
//! only [`ExternalSource::delivered`] is let finish, bounded by the deadline. A watcher that hands over or retires
//! also waits until the consumer has taken its events; then the one leaves its source behind, and the other removes
//! what is known.
//!
//! It runs in the span in which it was started, so that its log lines can be told from those of others.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, debug, error, field, info, info_span, warn};

use super::consumer::ConsumerMonitor;
use super::control::{Control, End, Ended, Reason};
use super::outlet::{Closed, Outlet};
use super::ticker::{Due, Ticker};
use super::{ExternalEvent, ExternalSource, Pace, Report, WatchConfig};
use crate::error::{ExternalError, Result};
use crate::printable::{panic_text, printable};

/// Starts the loop on the current runtime. A watcher that hands over leaves its source to `leave`.
pub(super) fn start<S, O>(
    source: S,
    config: WatchConfig,
    outlet: O,
    control: Arc<Control>,
    leave: impl FnOnce(S) + Send + 'static,
    at_end: impl FnOnce() + Send + 'static,
) -> JoinHandle<()>
where
    S: ExternalSource,
    O: Outlet<S::Item>,
{
    let name = printable(source.name()).to_string();
    let config = config.raised(&name);
    let ticker = Ticker::new(&config, fastrand::Rng::new());
    let last = Last { name, control: Arc::clone(&control), at_end: Some(at_end) };
    let deadline = config.deadline();
    let consumer = ConsumerMonitor::default();
    let mut task = Task { source, deadline, outlet, control, ticker, consumer, last };
    let run = async move {
        let end = task.run().await;
        let Task { source, last, .. } = task;
        if end == End::HandedOver {
            leave(source);
        } else {
            drop(source);
        }
        drop(last);
    };
    tokio::spawn(run.in_current_span())
}

/// However the task ends, it is seen: also when it is aborted, its runtime goes, or a source panics where
/// it is dropped.
struct Last<F: FnOnce()> {
    name: String,
    control: Arc<Control>,
    at_end: Option<F>,
}

impl<F: FnOnce()> Drop for Last<F> {
    fn drop(&mut self) {
        let source = &self.name;
        if std::thread::panicking() {
            let error = ExternalError::Panicked("while it was dropped".to_owned());
            error!(%source, %error, "watcher failed and stops");
            self.control.ended(Ended::Failure(Arc::new(error)));
        }
        info!(%source, "watcher stopped");
        self.control.has_ended();
        if let Some(at_end) = self.at_end.take() {
            at_end();
        }
    }
}

struct Task<S, O, F: FnOnce()> {
    source: S,
    deadline: Duration,
    outlet: O,
    control: Arc<Control>,
    ticker: Ticker,
    consumer: ConsumerMonitor,
    /// The last to be dropped: who hears of the end may rely on the source being gone.
    last: Last<F>,
}

impl<S, O, F> Task<S, O, F>
where
    S: ExternalSource,
    O: Outlet<S::Item>,
    F: FnOnce(),
{
    /// Returns how it ended.
    async fn run(&mut self) -> End {
        info!(source = %self.last.name, "watcher started");
        let mut due = self.ticker.first(Instant::now());
        let mut end = loop {
            match self.turn(due).await {
                Ok(next) => due = next,
                Err(end) => break end,
            }
        };
        if end != End::Stopped {
            // Before removals, too: they are of what the consumer knows.
            end = self.hand_over().await.unwrap_or_else(|end| end);
        }
        if end == End::Retired {
            info!(source = %self.last.name, "emitting removals for all known items");
            let (Ok(()) | Err(_)) = self.retract().await;
        }
        end
    }

    /// Delivers what is left. Returns how the watcher is to end.
    async fn hand_over(&mut self) -> Result<End, End> {
        let source = &mut self.source;
        let idle = bounded(self.deadline, async {
            source.idle().await;
            Ok(())
        });
        if let Err(error) = or_end(End::Stopped, &self.control, &self.outlet, pin!(idle)).await? {
            // What the consumer knows cannot be told: nothing is removed.
            error!(source = %self.last.name, %error, "failed to hand over");
            self.control.ended(Ended::Failure(Arc::new(error)));
            return Ok(End::Stopped);
        }
        match unwinding(|| source.undelivered()) {
            Ok(events) if events.is_empty() => {}
            Ok(events) => {
                if let Err(error) = self.deliver(events).await? {
                    warn!(source = %self.last.name, %error, "failed to persist delivery state");
                    self.control.ended(Ended::Failure(Arc::new(error)));
                }
            }
            Err(error) => {
                error!(source = %self.last.name, %error, "failed to hand over");
                self.control.ended(Ended::Failure(Arc::new(error)));
                return Ok(End::Retired);
            }
        }
        Ok(if self.control.is_to_retire() { End::Retired } else { End::HandedOver })
    }

    /// Delivers a removal of each known item, in batches.
    async fn retract(&mut self) -> Result<(), End> {
        loop {
            let source = &mut self.source;
            let retracted = unwinding(|| source.retract());
            let events = match retracted {
                Ok(events) if events.is_empty() => return Ok(()),
                Ok(events) => events,
                Err(error) => {
                    error!(source = %self.last.name, %error, "failed to emit all removals");
                    self.control.ended(Ended::Failure(Arc::new(error)));
                    return Ok(());
                }
            };
            if let Err(error) = self.deliver(events).await? {
                warn!(source = %self.last.name, %error, "failed to persist delivery state");
                self.control.ended(Ended::Failure(Arc::new(error)));
            }
        }
    }

    /// One wait and one poll.
    async fn turn(&mut self, due: Due) -> Result<Due, End> {
        let control = &self.control;
        let wait = control.wait(due);
        let reason = or_end(End::HandedOver, control, &self.outlet, pin!(wait)).await?;
        let span = info_span!(
            "poll",
            source = %self.last.name,
            reason = ?reason,
            outcome = field::Empty,
            events = field::Empty,
            duration_ms = field::Empty,
        );
        let began = Instant::now();
        self.ticker.begin(began);
        let polled = self.poll().instrument(span.clone()).await?;
        span.record("duration_ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
        match polled {
            Ok(events) => {
                span.record("outcome", field::display("success")).record("events", events.len());
                // The time of the consumer is none of the poll.
                drop(span);
                let delivered = self.deliver(events).await?;
                self.conclude(delivered, reason)
            }
            Err(error) => {
                span.record("outcome", field::display("failure"));
                span.in_scope(|| self.conclude(Err(error), reason))
            }
        }
    }

    async fn poll(&mut self) -> Result<Result<Vec<ExternalEvent<S::Item>>>, End> {
        let release = self.control.release_requested();
        let source = &mut self.source;
        let polled = bounded(self.deadline, async {
            if release {
                source.release_removals();
            }
            source.poll().await
        });
        or_end(End::HandedOver, &self.control, &self.outlet, pin!(polled)).await
    }

    /// Hands events over, and lets the source know.
    async fn deliver(&mut self, events: Vec<ExternalEvent<S::Item>>) -> Result<Result<()>, End> {
        let (added, removed) = count(&events);
        self.control.set_undelivered(events.len());
        let delivery = self.outlet.deliver(events, &self.control);
        let delivered = pin!(self.consumer.watch(&self.last.name, &self.control, delivery));
        let delivered = or_end(End::Stopped, &self.control, &self.outlet, delivered).await?;
        delivered.map_err(|Closed| End::Stopped)?;
        self.control.counted(added, removed);
        let source = &mut self.source;
        Ok(bounded(self.deadline, async { source.delivered().await }).await)
    }

    /// From what a poll came to, to when the next one is due.
    fn conclude(&mut self, polled: Result<()>, reason: Reason) -> Result<Due, End> {
        let source = &self.source;
        let asked = unwinding(|| (source.pace(), source.complete(), source.report()));
        let asked = asked.map(|(pace, complete, report)| {
            self.reported(report);
            (pace, complete)
        });
        match (polled, asked) {
            (Ok(()), Ok((pace, complete))) => Ok(self.succeeded(pace, complete)),
            (Err(error), Ok((pace, _))) => self.failed(error, pace, reason),
            (Err(error), Err(_)) | (Ok(()), Err(error)) => {
                self.failed(error, Pace::Interval, reason)
            }
        }
    }

    /// Logs an absent value when it is first absent, and held removals when they begin and when they end.
    fn reported(&self, report: Report) {
        let report = report.printable();
        let (held, absence) = (report.held_removals, report.absence);
        let before = self.control.reported(report);
        if let (None, Some(absence)) = (before.absence, absence) {
            warn!(source = %self.last.name, %absence, "nothing is there");
        }
        match (before.held_removals, held) {
            (before, Some(held)) if before.is_none_or(|before| before.reason != held.reason) => {
                warn!(source = %self.last.name, %held, "removals are held");
            }
            (Some(_), None) => info!(source = %self.last.name, "no removals are held any more"),
            _ => {}
        }
    }

    fn succeeded(&mut self, pace: Pace, complete: bool) -> Due {
        // A part of an observation says nothing of the whole.
        if pace != Pace::Now {
            let failures = self.control.ended(Ended::Success { complete });
            if failures > 0 {
                info!(source = %self.last.name, failures, "polling works again");
            }
        }
        self.ticker.after_success(pace, Instant::now())
    }

    fn failed(&mut self, error: ExternalError, pace: Pace, reason: Reason) -> Result<Due, End> {
        let error = Arc::new(error);
        let failures = self.control.ended(Ended::Failure(Arc::clone(&error)));
        if error.is_permanent() {
            error!(source = %self.last.name, %error, "no poll can ever succeed; watcher stops");
            // What is known is left to a successor.
            return Err(End::HandedOver);
        }
        let now = Instant::now();
        let due = self.ticker.after_failure(&error, pace, now);
        let wait = due.at.saturating_duration_since(now);
        match failures {
            0 => warn!(source = %self.last.name, %error, ?wait, "poll failed; will retry"),
            _ => debug!(source = %self.last.name, %error, ?wait, ?reason, "polling still fails"),
        }
        Ok(due)
    }
}

/// The future, unless the watcher is to end before, in this way at least.
async fn or_end<T, I>(
    least: End,
    control: &Control,
    outlet: &impl Outlet<I>,
    future: impl Future<Output = T>,
) -> Result<T, End> {
    tokio::select! {
        biased;
        end = control.end_requested(least) => Err(end),
        () = outlet.closed() => Err(End::Stopped),
        value = future => Ok(value),
    }
}

/// Bounded in time, and a panic is an error.
async fn bounded<T>(deadline: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    match timeout(deadline, AssertUnwindSafe(work).catch_unwind()).await {
        Ok(Ok(result)) => result,
        Ok(Err(panic)) => Err(panicked(&*panic)),
        Err(_) => Err(ExternalError::Deadline(deadline)),
    }
}

/// The same, for what takes no time.
fn unwinding<T>(work: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| panicked(&*panic))
}

fn panicked(panic: &(dyn Any + Send)) -> ExternalError {
    ExternalError::Panicked(printable(panic_text(panic)).to_string())
}

fn count<T>(events: &[ExternalEvent<T>]) -> (u64, u64) {
    events.iter().fold((0, 0), |(added, removed), event| match event {
        ExternalEvent::Added(_) => (added + 1, removed),
        ExternalEvent::Modified(_) => (added, removed),
        ExternalEvent::Removed(_) => (added, removed + 1),
    })
}
