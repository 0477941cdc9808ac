//! A value that is made anew from time to time: read from a file, or asked for over the network.
//!
//! It is made by one at a time, however many ask for it: all wait for the same making, and when each of them
//! gives up, the next one who asks goes on with it. While making fails, the last good value stays, as long as
//! it is good. Nothing is locked while anybody waits.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use futures_util::future::Shared;
use tokio::time::{Instant, timeout};

use crate::error::{HttpError, HttpErrorKind};
use crate::printable::{message, printable};

/// The longest wish to wait that is heeded.
const LONGEST_HOLD: Duration = Duration::from_secs(3600);

/// A making that takes too long is waited for again after this, where there is a good value.
const LATE_AGAIN: Duration = Duration::from_secs(60);

/// How a value is made.
pub(super) struct Rules {
    /// The longest that somebody waits for it.
    pub(super) patience: Duration,
    /// A making that is older is begun anew, since nobody has gone on with it.
    pub(super) abandon: Duration,
    /// After a failure nothing is tried for so long, or for as long as the failure says.
    pub(super) hold: Duration,
}

/// A value that is made anew from time to time.
pub(super) struct Kept<T> {
    /// What it is, for a log: `credential`.
    what: &'static str,
    /// Where it comes from, for an error.
    from: String,
    rules: Rules,
    state: Mutex<State<T>>,
}

struct State<T> {
    good: Option<Made<T>>,
    making: Option<Making<T>>,
    failed: Option<(Failure, Instant)>,
    /// Whether a failure was logged since the last good value.
    told: bool,
}

/// A value, and for how long it is good.
#[derive(Clone)]
pub(super) struct Made<T> {
    pub(super) value: T,
    /// From here on it is made anew when it is asked for.
    pub(super) renew: Option<Instant>,
    /// From here on it is of no use.
    pub(super) end: Option<Instant>,
}

/// Makes a value.
pub(super) type Make<T> = BoxFuture<'static, Result<Made<T>, Failure>>;

#[derive(Clone)]
struct Making<T> {
    begun: Instant,
    future: Shared<Make<T>>,
}

/// Why a value could not be made.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// Of a request; none for anything else.
    pub(super) kind: Option<HttpErrorKind>,
    pub(super) message: String,
    pub(super) retry_after: Option<Duration>,
}

impl Failure {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { kind: None, message: message.into(), retry_after: None }
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        let HttpError { kind, message, retry_after, asked: _, cause: _ } = error;
        Self { kind: Some(kind), message, retry_after }
    }
}

impl<T: Clone + Send + Sync + 'static> Kept<T> {
    pub(super) fn new(what: &'static str, from: impl Into<String>, rules: Rules) -> Self {
        let state = State { good: None, making: None, failed: None, told: false };
        Self { what, from: from.into(), rules, state: Mutex::new(state) }
    }

    /// The value, made anew if it is time, or if the last one is not `usable` for whoever asks. `make` is given the
    /// last good one. A value that was just made is returned in any case.
    pub(super) async fn get(
        &self,
        watcher: &str,
        usable: impl Fn(&T) -> bool,
        make: impl FnOnce(Option<T>) -> Make<T>,
    ) -> Result<T, Failure> {
        let making = match self.look(&usable, make) {
            Ok(known) => return known,
            Err(making) => making,
        };
        let made = timeout(self.rules.patience, making.future.clone()).await;
        let kept = match made {
            Ok(made) => self.take(&making, made, &usable),
            Err(_) => self.late(&usable),
        };
        kept.map(|kept| match kept {
            (value, None) => value,
            (value, Some(failure)) => {
                let (what, source) = (self.what, printable(watcher));
                let error = message(&failure.message);
                tracing::warn!(%source, %error, "the last good {what} is kept");
                value
            }
        })
    }

    /// The value, if it is the one that is meant, is made anew when it is asked for next. Returns whether
    /// there was one.
    pub(super) fn stale(&self, meant: impl FnOnce(&T) -> bool) -> bool {
        let mut state = self.lock();
        let good = state.good.as_mut();
        if let Some(good) = good.filter(|good| meant(&good.value)) {
            good.renew = Some(Instant::now());
        }
        state.good.is_some()
    }

    /// Whether the value, if it is the one that is meant, is to be made anew.
    #[cfg(feature = "oauth2")]
    pub(super) fn is_stale(&self, meant: impl FnOnce(&T) -> bool) -> bool {
        let state = self.lock();
        let good = state.good.as_ref().filter(|good| meant(&good.value));
        good.and_then(|good| good.renew).is_some_and(|renew| renew <= Instant::now())
    }

    /// What is known, or what is to be waited for.
    fn look(
        &self,
        usable: &impl Fn(&T) -> bool,
        make: impl FnOnce(Option<T>) -> Make<T>,
    ) -> Result<Result<T, Failure>, Making<T>> {
        let mut state = self.lock();
        let now = Instant::now();
        if let Some(good) = &state.good
            && good.renew.is_none_or(|renew| now < renew)
            && usable(&good.value)
        {
            return Ok(Ok(good.value.clone()));
        }
        if let Some((failure, until)) = &state.failed
            && now < *until
        {
            let retry_after = failure.retry_after.map(|_| *until - now);
            let failure = Failure { retry_after, ..failure.clone() };
            return Ok(state.good(now).filter(usable).ok_or(failure));
        }
        let under_way = state.making.clone();
        let under_way = under_way.filter(|making| making.begun.elapsed() < self.rules.abandon);
        Err(under_way.unwrap_or_else(|| {
            let last = state.good.as_ref().map(|good| good.value.clone());
            // A panic would stay in what is shared, for all who ask from then on.
            let panicked = format!("{}: making it panicked", self.from);
            let future = AssertUnwindSafe(make(last)).catch_unwind();
            let future = future.map(|made| made.unwrap_or(Err(Failure::new(panicked))));
            let making = Making { begun: now, future: future.boxed().shared() };
            state.making = Some(making.clone());
            making
        }))
    }

    /// The first of those who have waited keeps what came for all.
    fn take(
        &self,
        making: &Making<T>,
        made: Result<Made<T>, Failure>,
        usable: &impl Fn(&T) -> bool,
    ) -> Outcome<T> {
        let mut state = self.lock();
        let first = state.making.take_if(|known| known.future.ptr_eq(&making.future)).is_some();
        match made {
            Ok(made) => {
                let value = made.value.clone();
                if first {
                    *state = State { good: Some(made), making: None, failed: None, told: false };
                }
                Ok((value, None))
            }
            Err(failure) => {
                if first {
                    let wish = failure.retry_after.unwrap_or_default();
                    let hold = wish.clamp(self.rules.hold, LONGEST_HOLD);
                    state.failed = Some((failure.clone(), Instant::now() + hold));
                }
                state.fall_back(failure, usable)
            }
        }
    }

    /// It takes too long. Where there is a good one, nobody else waits for a while.
    fn late(&self, usable: &impl Fn(&T) -> bool) -> Outcome<T> {
        let mut state = self.lock();
        if let Some(good) = &mut state.good {
            good.renew = Instant::now().checked_add(LATE_AGAIN);
        }
        let message = format!("{} was not read within {:?}", self.from, self.rules.patience);
        state.fall_back(Failure::new(message), usable)
    }

    /// Until when something is known: a good value, or that none can be made. `None` is without end.
    #[cfg(feature = "oauth2")]
    pub(super) fn known_until(&self) -> Option<Instant> {
        let state = self.lock();
        let failed = state.failed.as_ref().map(|(_, until)| *until);
        let now = Instant::now();
        match &state.good {
            Some(good) => good.end.map(|end| failed.map_or(end, |until| until.max(end))),
            None => Some(failed.unwrap_or(now)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A value, and the failure because of which it is no new one, if that is news.
type Outcome<T> = Result<(T, Option<Failure>), Failure>;

impl<T: Clone> State<T> {
    /// The last value, if it is still good.
    fn good(&self, now: Instant) -> Option<T> {
        let good = self.good.as_ref().filter(|good| good.end.is_none_or(|end| now < end));
        good.map(|good| good.value.clone())
    }

    fn fall_back(&mut self, failure: Failure, usable: &impl Fn(&T) -> bool) -> Outcome<T> {
        match self.good(Instant::now()).filter(usable) {
            None => Err(failure),
            Some(value) => {
                let news = !std::mem::replace(&mut self.told, true);
                Ok((value, news.then_some(failure)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::{advance, sleep};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn kept(rules: Rules) -> Kept<u32> {
        Kept::new("number", "`here`", rules)
    }

    fn files() -> Kept<u32> {
        kept(Rules { patience: 5 * SECOND, abandon: Duration::MAX, hold: Duration::ZERO })
    }

    /// Made after a while, good for a minute, and for two at the most.
    fn after(seconds: u32, value: Result<u32, &'static str>) -> Make<u32> {
        let now = Instant::now();
        let (renew, end) = (Some(now + 60 * SECOND), Some(now + 120 * SECOND));
        async move {
            sleep(seconds * SECOND).await;
            value.map(|value| Made { value, renew, end }).map_err(Failure::new)
        }
        .boxed()
    }

    async fn get(kept: &Kept<u32>, make: Make<u32>) -> Result<u32, String> {
        kept.get("flags", |_| true, |_| make).await.map_err(|failure| failure.message)
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_hangs_is_waited_for_again_and_not_begun_anew() {
        let kept = files();
        let late = Err("`here` was not read within 5s".to_owned());
        assert_eq!(get(&kept, after(7, Ok(1))).await, late);
        assert_eq!(get(&kept, after(0, Ok(2))).await, Ok(1));
        advance(60 * SECOND).await;
        assert_eq!(get(&kept, after(0, Ok(3))).await, Ok(3), "the next one is another read");
    }

    #[tokio::test(start_paused = true)]
    async fn a_read_that_hangs_holds_up_nobody_for_long_while_there_is_a_good_one() {
        let kept = files();
        assert_eq!(get(&kept, after(0, Ok(1))).await, Ok(1));
        advance(60 * SECOND).await;
        let begun = Instant::now();
        for _ in 0..10 {
            assert_eq!(get(&kept, after(40, Ok(2))).await, Ok(1));
        }
        assert_eq!(begun.elapsed(), 5 * SECOND);
        // What it is made of in the end is not missed.
        advance(60 * SECOND).await;
        assert_eq!(get(&kept, after(0, Ok(3))).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_making_that_panics_has_failed_and_is_begun_anew() {
        let kept = files();
        let panics = async { panic!("no") }.boxed();
        let failed = get(&kept, panics).await.unwrap_err();
        assert!(failed.contains("`here`"), "{failed}");
        assert_eq!(get(&kept, after(0, Ok(1))).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn however_many_ask_it_is_made_once_and_by_whoever_is_still_there() {
        let (kept, made) = (files(), AtomicUsize::new(0));
        let ask = || {
            kept.get(
                "flags",
                |_| true,
                |_| {
                    made.fetch_add(1, Ordering::Relaxed);
                    after(3, Ok(1))
                },
            )
        };
        // The one who began gives up.
        assert!(timeout(SECOND, ask()).await.is_err());
        let all = futures_util::future::join_all((0..50).map(|_| ask())).await;
        assert!(all.into_iter().all(|value| value.is_ok_and(|value| value == 1)));
        assert_eq!(made.into_inner(), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_good_one_is_kept_while_making_fails_until_its_end() {
        let kept = files();
        assert_eq!(get(&kept, after(0, Ok(1))).await, Ok(1));
        advance(70 * SECOND).await;
        assert_eq!(get(&kept, after(0, Err("no"))).await, Ok(1));
        advance(60 * SECOND).await;
        assert_eq!(get(&kept, after(0, Err("no"))).await, Err("no".to_owned()));
        assert_eq!(get(&kept, after(0, Ok(2))).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_is_answered_for_a_while_without_another_try() {
        let rules = Rules { patience: Duration::MAX, abandon: 15 * SECOND, hold: SECOND };
        let kept = kept(rules);
        assert_eq!(get(&kept, after(0, Err("one"))).await, Err("one".to_owned()));
        assert_eq!(get(&kept, after(0, Ok(1))).await, Err("one".to_owned()));
        advance(SECOND).await;
        let wish = async { Err(Failure { retry_after: Some(7 * SECOND), ..Failure::new("two") }) };
        assert_eq!(get(&kept, wish.boxed()).await, Err("two".to_owned()));
        advance(5 * SECOND).await;
        let failure = kept.get("flags", |_| true, |_| after(0, Ok(1))).await.unwrap_err();
        assert_eq!(failure.retry_after, Some(2 * SECOND), "what is left of it");
        advance(2 * SECOND).await;
        assert_eq!(get(&kept, after(0, Ok(1))).await, Ok(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_making_that_nobody_went_on_with_is_begun_anew() {
        let rules = Rules { patience: Duration::MAX, abandon: 15 * SECOND, hold: SECOND };
        let kept = kept(rules);
        assert!(timeout(SECOND, get(&kept, after(10, Ok(1)))).await.is_err());
        advance(15 * SECOND).await;
        assert_eq!(get(&kept, after(0, Ok(2))).await, Ok(2));
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_value_that_is_meant_is_made_anew() {
        let kept = files();
        assert!(!kept.stale(|_| true));
        assert_eq!(get(&kept, after(0, Ok(1))).await, Ok(1));
        assert!(kept.stale(|value| *value == 7));
        assert_eq!(get(&kept, after(0, Ok(2))).await, Ok(1));
        assert!(kept.stale(|value| *value == 1));
        assert_eq!(get(&kept, after(0, Ok(2))).await, Ok(2));
        assert!(kept.stale(|_| true));
        assert_eq!(get(&kept, after(0, Ok(3))).await, Ok(3));
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_that_is_not_usable_for_one_is_made_anew_for_it_and_stays_for_the_others() {
        let rules = Rules { patience: Duration::MAX, abandon: 15 * SECOND, hold: 5 * SECOND };
        let kept = kept(rules);
        assert_eq!(get(&kept, after(0, Ok(1))).await, Ok(1));
        let not_one = async |make| {
            let got = kept.get("flags", |value| *value != 1, |_| make).await;
            got.map_err(|failure| failure.message)
        };
        assert_eq!(not_one(after(0, Err("no"))).await, Err("no".to_owned()));
        assert_eq!(not_one(after(0, Ok(2))).await, Err("no".to_owned()), "held");
        assert_eq!(get(&kept, after(0, Ok(3))).await, Ok(1), "good for the others");
        advance(5 * SECOND).await;
        // What was just made is taken, also when it is the same.
        assert_eq!(not_one(after(0, Ok(1))).await, Ok(1));
        assert_eq!(not_one(after(0, Ok(2))).await, Ok(2));
        assert_eq!(get(&kept, after(0, Ok(3))).await, Ok(2));
    }
}
