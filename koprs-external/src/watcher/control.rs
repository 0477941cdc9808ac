//! What a task and its handles share: the status, and the requests that were made.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Report;
use super::config::Suspension;
use super::consumer::is_blocked;
use super::status::{State, Status, Undelivered};
use super::ticker::Due;
use crate::error::ExternalError;

/// Why a poll runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// It is due.
    Tick,
    /// Somebody asked for it.
    Requested,
    /// The one before failed.
    Retry,
    /// The one before delivered a part of an observation.
    Continued,
}

/// How a watcher is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum End {
    /// Once the consumer has taken all events; the source is left to whoever asked.
    HandedOver,
    /// The consumer takes all events, and then a removal of each known item.
    Retired,
    /// At once.
    Stopped,
}

/// What ended a poll.
pub(super) enum Ended {
    /// It succeeded; the events were taken. `complete`: nothing of the same observation is left.
    Success {
        complete: bool,
    },
    Failure(Arc<ExternalError>),
}

/// Shared by the task and its handles. The lock is never held across an await.
#[derive(Debug)]
pub(super) struct Control {
    inner: Mutex<Inner>,
    /// To the task: something was asked for. One waiter.
    wake: Notify,
    /// To the task: end. One waiter; the permit stays.
    end: Notify,
    /// To the handles: synced or stopped.
    news: Notify,
}

#[derive(Debug)]
struct Inner {
    status: Status,
    /// When the next poll is due; none while it runs.
    due: Option<Due>,
    requested: bool,
    release: bool,
    suspension: Suspension,
    /// When the set was resumed.
    resumed: Option<Instant>,
    /// What was asked for, and cannot be taken back.
    end: Option<End>,
    stopped: bool,
    synced: bool,
}

impl Control {
    pub(super) fn new(suspension: Suspension) -> Self {
        let status = Status {
            state: State::Pending,
            last_success: None,
            last_failure: None,
            last_error: None,
            consecutive_failures: 0,
            next_poll: None,
            items: 0,
            undelivered: None,
            report: Report::default(),
        };
        let inner = Inner {
            status,
            due: None,
            requested: false,
            release: false,
            suspension,
            resumed: None,
            end: None,
            stopped: false,
            synced: false,
        };
        Self {
            inner: Mutex::new(inner),
            wake: Notify::new(),
            end: Notify::new(),
            news: Notify::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn status(&self) -> Status {
        let inner = self.lock();
        let mut status = inner.status.clone();
        status.state = inner.state();
        if inner.stopped {
            status.undelivered = None;
        } else {
            status.next_poll = inner.due.and_then(|due| inner.next_poll(due));
        }
        status
    }

    #[cfg(feature = "yaml")]
    pub(super) fn suspension(&self) -> Suspension {
        self.lock().suspension
    }

    #[cfg(feature = "yaml")]
    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stopped
    }
}

impl Inner {
    fn state(&self) -> State {
        match self {
            Self { stopped: true, .. } => State::Stopped,
            Self { suspension, .. } if suspension.is_suspended() => State::Suspended,
            Self { status, .. } if is_blocked(status.undelivered, Instant::now()) => State::Blocked,
            Self { status: Status { consecutive_failures: 1.., .. }, .. } => State::Failing,
            Self { status: Status { last_success: Some(_), .. }, .. } => State::Healthy,
            _ => State::Pending,
        }
    }

    /// When the next poll begins, unless something is asked for meanwhile; none while suspended.
    fn next_poll(&self, due: Due) -> Option<Instant> {
        match (self.suspension.is_suspended(), self.resumed) {
            (true, _) => None,
            (false, _) if self.requested && !due.continues => Some(due.not_before),
            (false, Some(resumed)) => Some(due.resumed(resumed)),
            (false, None) => Some(due.at),
        }
    }
}

/// The handles' side.
impl Control {
    pub(super) fn request_poll(&self) {
        self.lock().requested = true;
        self.wake.notify_one();
    }

    pub(super) fn release_removals(&self) {
        self.lock().release = true;
        self.request_poll();
    }

    pub(super) fn suspend(&self, suspended: bool) {
        self.lock().suspension.watcher = suspended;
        self.wake.notify_one();
    }

    /// The set is suspended or resumed.
    #[cfg(feature = "yaml")]
    pub(super) fn suspend_with_set(&self, suspended: bool) {
        let mut inner = self.lock();
        if std::mem::replace(&mut inner.suspension.set, suspended) && !suspended {
            inner.resumed = Some(Instant::now());
        }
        drop(inner);
        self.wake.notify_one();
    }

    /// Asks the task to end. To stop is more than to retire.
    pub(super) fn request_end(&self, end: End) {
        let mut inner = self.lock();
        inner.end = inner.end.max(Some(end));
        drop(inner);
        self.end.notify_one();
    }

    /// Until the task has ended.
    pub(super) async fn stopped(&self) {
        self.news_until(|inner| inner.stopped.then_some(())).await;
    }

    /// Until the first complete observation was delivered; false when the task ended before.
    pub(super) async fn synced(&self) -> bool {
        self.news_until(
            |inner| {
                if inner.synced { Some(true) } else { inner.stopped.then_some(false) }
            },
        )
        .await
    }

    async fn news_until<T>(&self, ready: impl Fn(&Inner) -> Option<T>) -> T {
        loop {
            let news = self.news.notified();
            if let Some(value) = ready(&self.lock()) {
                return value;
            }
            news.await;
        }
    }
}

/// The task's side.
impl Control {
    /// Until the task is asked to end, in this way at least. Returns in which.
    pub(super) async fn end_requested(&self, least: End) -> End {
        loop {
            match self.lock().end {
                Some(end) if end >= least => return end,
                _ => {}
            }
            self.end.notified().await;
        }
    }

    /// Whether more was asked for than to hand over.
    pub(super) fn is_to_retire(&self) -> bool {
        self.lock().end > Some(End::HandedOver)
    }

    /// Until a poll is to run.
    pub(super) async fn wait(&self, due: Due) -> Reason {
        self.lock().due = Some(due);
        loop {
            let at = self.lock().next_poll(due);
            tokio::select! {
                biased;
                () = self.wake.notified() => {}
                () = sleep_until(at) => return self.begin(due),
            }
        }
    }

    fn begin(&self, due: Due) -> Reason {
        let mut inner = self.lock();
        inner.due = None;
        if due.continues {
            return Reason::Continued;
        }
        match (std::mem::take(&mut inner.requested), inner.status.consecutive_failures) {
            (true, _) => Reason::Requested,
            (false, 0) => Reason::Tick,
            (false, _) => Reason::Retry,
        }
    }

    /// Whether removals that are held are to be released; asked once for each time.
    pub(super) fn release_requested(&self) -> bool {
        std::mem::take(&mut self.lock().release)
    }

    /// Takes note of what the source shows of itself. Returns what it showed before.
    pub(super) fn reported(&self, report: Report) -> Report {
        std::mem::replace(&mut self.lock().status.report, report)
    }

    /// Takes note of the end of a poll. Returns the failures in a row before it.
    pub(super) fn ended(&self, ended: Ended) -> u32 {
        let mut inner = self.lock();
        let status = &mut inner.status;
        let before = status.consecutive_failures;
        match ended {
            Ended::Success { complete } => {
                status.last_success = Some(Instant::now());
                status.consecutive_failures = 0;
                if complete && !std::mem::replace(&mut inner.synced, true) {
                    self.news.notify_waiters();
                }
            }
            Ended::Failure(error) => {
                status.last_failure = Some(Instant::now());
                status.last_error = Some(error);
                status.consecutive_failures = before.saturating_add(1);
            }
        }
        before
    }

    /// Takes note of items that came and went.
    pub(super) fn counted(&self, added: u64, removed: u64) {
        let status = &mut self.lock().status;
        status.items = status.items.saturating_add(added).saturating_sub(removed);
    }

    /// Takes note of how many events wait for the consumer, which has just taken one or is to take the first.
    pub(super) fn set_undelivered(&self, events: usize) {
        let events = u64::try_from(events).unwrap_or(u64::MAX);
        let undelivered = Undelivered { events, since: Instant::now() };
        self.lock().status.undelivered = Some(undelivered).filter(|it| it.events > 0);
    }

    pub(super) fn undelivered(&self) -> Option<Undelivered> {
        self.lock().status.undelivered
    }

    pub(super) fn has_ended(&self) {
        self.lock().stopped = true;
        self.news.notify_waiters();
    }
}

/// For ever without a time.
pub(super) async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
