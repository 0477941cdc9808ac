//! The loop under every watcher: wait, poll, hand over, and again.
//!
//! It ends when the consumer is gone, when it is asked to, or when the source says that no poll can
//! ever succeed. Each await of it gives way to the first two, also in the middle of a wait or a poll;
//! only [`ExternalSource::delivered`] is let finish, bounded by the deadline.

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tracing::{Instrument, Span, debug, error, field, info, info_span, warn};

use super::outlet::{Closed, Outlet};
use super::status::{Control, Ended, Reason};
use super::ticker::{Due, Ticker};
use super::{ExternalEvent, ExternalSource, Pace, Report, WatchConfig};
use crate::error::{ExternalError, Result};

/// Starts the loop on the current runtime.
pub(super) fn start<S, O>(
    source: S,
    config: WatchConfig,
    outlet: O,
    control: Arc<Control>,
    at_end: impl FnOnce() + Send + 'static,
) -> JoinHandle<()>
where
    S: ExternalSource,
    O: Outlet<S::Item>,
{
    let name = source.name().to_owned();
    let config = config.raised(&name);
    let ticker = Ticker::new(&config, fastrand::Rng::new());
    let end = End { name, control: Arc::clone(&control), at_end: Some(at_end) };
    let deadline = config.deadline();
    let mut task = Task { source, deadline, outlet, control, ticker, end };
    tokio::spawn(async move { task.run().await })
}

/// However the task ends, it is seen: also when it is aborted, its runtime goes, or a source panics where
/// it is dropped.
struct End<F: FnOnce()> {
    name: String,
    control: Arc<Control>,
    at_end: Option<F>,
}

impl<F: FnOnce()> Drop for End<F> {
    fn drop(&mut self) {
        let source = &self.name;
        if std::thread::panicking() {
            let error = ExternalError::Panicked("while it was dropped".to_owned());
            error!(source, %error, "the watcher ends");
            self.control.ended(Ended::Failure(Arc::new(error)));
        }
        info!(source, "watcher stopped");
        self.control.end();
        if let Some(at_end) = self.at_end.take() {
            at_end();
        }
    }
}

/// The watcher is to end.
struct Stop;

struct Task<S, O, F: FnOnce()> {
    source: S,
    deadline: Duration,
    outlet: O,
    control: Arc<Control>,
    ticker: Ticker,
    /// The last to be dropped: who hears of the end may rely on the source being gone.
    end: End<F>,
}

impl<S, O, F> Task<S, O, F>
where
    S: ExternalSource,
    O: Outlet<S::Item>,
    F: FnOnce(),
{
    async fn run(&mut self) {
        info!(source = %self.end.name, "watcher started");
        let mut due = self.ticker.first(Instant::now());
        while let Ok(next) = self.turn(due).await {
            due = next;
        }
    }

    /// One wait and one poll.
    async fn turn(&mut self, due: Due) -> Result<Due, Stop> {
        let reason = or_stop(&self.control, &self.outlet, pin!(self.control.wait(due))).await?;
        let span = info_span!(
            "poll",
            source = %self.end.name,
            reason = ?reason,
            outcome = field::Empty,
            events = field::Empty,
            duration_ms = field::Empty,
        );
        let began = Instant::now();
        let polled = self.poll(&span).instrument(span.clone()).await?;
        span.record("duration_ms", u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX));
        span.in_scope(|| self.conclude(polled, reason))
    }

    /// Polls, hands the events over, and lets the source know.
    async fn poll(&mut self, span: &Span) -> Result<Result<()>, Stop> {
        let release = self.control.release_requested();
        let source = &mut self.source;
        let polled = bounded(self.deadline, async {
            if release {
                source.release_removals();
            }
            source.poll().await
        });
        let events = match or_stop(&self.control, &self.outlet, pin!(polled)).await? {
            Ok(events) => events,
            Err(error) => return Ok(Err(error)),
        };
        span.record("events", events.len());
        let (added, removed) = count(&events);
        let delivered = self.outlet.deliver(events);
        or_stop(&self.control, &self.outlet, pin!(delivered)).await?.map_err(|Closed| Stop)?;
        self.control.counted(added, removed);
        let source = &mut self.source;
        Ok(bounded(self.deadline, async { source.delivered().await }).await)
    }

    /// From what a poll came to, to when the next one is due.
    fn conclude(&mut self, polled: Result<()>, reason: Reason) -> Result<Due, Stop> {
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

    /// Logs that removals are held, and that they are no longer: once each.
    fn reported(&self, report: Report) {
        let held = report.held_removals;
        let before = self.control.reported(report).held_removals;
        match (before, held) {
            (None, Some(held)) => warn!(source = %self.end.name, %held, "removals are held"),
            (Some(_), None) => info!(source = %self.end.name, "no removals are held any more"),
            _ => {}
        }
    }

    fn succeeded(&mut self, pace: Pace, complete: bool) -> Due {
        Span::current().record("outcome", "success");
        // A part of an observation says nothing of the whole.
        if pace != Pace::Now {
            let failures = self.control.ended(Ended::Success { complete });
            if failures > 0 {
                info!(source = %self.end.name, failures, "polling works again");
            }
        }
        self.ticker.after_success(pace, Instant::now())
    }

    fn failed(&mut self, error: ExternalError, pace: Pace, reason: Reason) -> Result<Due, Stop> {
        Span::current().record("outcome", "failure");
        let error = Arc::new(error);
        let failures = self.control.ended(Ended::Failure(Arc::clone(&error)));
        if error.is_permanent() {
            error!(source = %self.end.name, %error, "no poll can ever succeed; the watcher ends");
            return Err(Stop);
        }
        let now = Instant::now();
        let due = self.ticker.after_failure(&error, pace, now);
        let wait = due.at.saturating_duration_since(now);
        match failures {
            0 => warn!(source = %self.end.name, %error, ?wait, "polling fails; it is tried again"),
            _ => debug!(source = %self.end.name, %error, ?wait, ?reason, "polling still fails"),
        }
        Ok(due)
    }
}

/// The future, unless the watcher is to end before.
async fn or_stop<T, I>(
    control: &Control,
    outlet: &impl Outlet<I>,
    future: impl Future<Output = T>,
) -> Result<T, Stop> {
    tokio::select! {
        biased;
        () = control.stop_requested() => Err(Stop),
        () = outlet.closed() => Err(Stop),
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
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    ExternalError::Panicked(text.unwrap_or("it did not say why").to_owned())
}

fn count<T>(events: &[ExternalEvent<T>]) -> (u64, u64) {
    events.iter().fold((0, 0), |(added, removed), event| match event {
        ExternalEvent::Added(_) => (added + 1, removed),
        ExternalEvent::Modified(_) => (added, removed),
        ExternalEvent::Removed(_) => (added, removed + 1),
    })
}
