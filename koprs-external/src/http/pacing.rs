//! Who may send when: what one watcher is told to wait holds for all of the same host and credential, and a
//! host gets only so many requests at a time.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, Semaphore};
use tokio::time::sleep;
use url::Origin;

use super::cooldowns::Cooldowns;
use super::registry::Registry;
use crate::change::Fingerprint;
use crate::error::{HttpError, HttpErrorKind};

/// A delay that ends within this is waited for within the poll.
const SHORT: Duration = Duration::from_secs(5);
/// Those who have waited for the same delay come back spread over so much of it.
const SPREAD: f64 = 0.05;

/// The way to a host with a credential, shared by all watchers of the process that go it.
#[derive(Clone)]
pub(super) struct Lane {
    host: Arc<Host>,
    key: Arc<Key>,
    most: usize,
}

/// For whom a server-requested delay holds.
type Key = (Place, Identity);

/// Whose requests these are, in the eyes of a server.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Identity {
    Known(Fingerprint),
    /// Like no other: a client that is brought may add any credential.
    Unknown(u64),
}

impl Identity {
    fn new(credential: Option<Fingerprint>) -> Self {
        static UNKNOWN: AtomicU64 = AtomicU64::new(0);
        let unknown = || Self::Unknown(UNKNOWN.fetch_add(1, Ordering::Relaxed));
        credential.map_or_else(unknown, Self::Known)
    }
}

/// What is behind a URL.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Origin(Origin),
    /// The same, for those who are untrusted: they take no place from others, and no wish is passed on. All of
    /// them have the same number of places, which is not theirs to declare.
    Guarded(Origin),
    Socket(PathBuf),
}

struct Host {
    places: Mutex<Places>,
    /// Those who wait for a place stand here; only the first of them looks whether there is one.
    line: Semaphore,
    /// To the first in line: somebody has left.
    left: Notify,
}

#[derive(Default)]
struct Places {
    taken: usize,
    /// How many stand in line.
    waiting: usize,
}

/// Holds one of the places at a host.
pub(super) struct Permit(Arc<Host>);

static HOSTS: Registry<Place, Host> = Registry::new();
static COOLDOWNS: Cooldowns<Key> = Cooldowns::new();
/// Those of the untrusted, so that they evict none of the others.
static GUARDED_COOLDOWNS: Cooldowns<Key> = Cooldowns::new();

impl Lane {
    /// The lane to a place; at most so many requests, at least one, are under way
    /// there. A credential that is not known is like no other.
    pub(super) fn of(place: Place, credential: Option<Fingerprint>, most: usize) -> Self {
        Self {
            host: HOSTS.get_or_default(place.clone()),
            key: Arc::new((place, Identity::new(credential))),
            most: most.max(1),
        }
    }

    /// Waits until a request may be sent: for a short wish of the server's, and for a free place. Dropped
    /// on the way, it leaves nothing behind.
    ///
    /// # Errors
    ///
    /// [`HttpErrorKind::Throttled`] while the server wants to be left alone for longer.
    pub(super) async fn enter(&self) -> Result<Permit, HttpError> {
        loop {
            let rest = self.rest();
            if rest > SHORT {
                return Err(throttled(rest));
            }
            if !rest.is_zero() {
                sleep(spread(rest, fastrand::f64())).await;
                continue;
            }
            let permit = self.host.place(self.most).await;
            // The server may have said so to one of those before.
            if self.rest().is_zero() {
                return Ok(permit);
            }
        }
    }

    /// The server asks to be left alone for so long. A shorter delay than that of before changes nothing.
    pub(super) fn told(&self, wait: Duration) {
        self.cooldowns().extend(&self.key, wait);
    }

    /// How long the server wants to be left alone from now on.
    pub(super) fn rest(&self) -> Duration {
        self.cooldowns().rest(&self.key)
    }

    fn cooldowns(&self) -> &'static Cooldowns<Key> {
        match self.key.0 {
            Place::Guarded(_) => &GUARDED_COOLDOWNS,
            Place::Origin(_) | Place::Socket(_) => &COOLDOWNS,
        }
    }
}

impl Default for Host {
    fn default() -> Self {
        Self { places: Mutex::default(), line: Semaphore::new(1), left: Notify::new() }
    }
}

impl Host {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a place. First come, first served: whoever waits for a smaller number is not overtaken.
    async fn place(self: &Arc<Self>, most: usize) -> Permit {
        let free = {
            let mut places = self.places();
            places.waiting == 0 && places.take(most)
        };
        if !free {
            // In a box: most find a place at once.
            Box::pin(self.wait(most)).await;
        }
        Permit(Arc::clone(self))
    }

    async fn wait(&self, most: usize) {
        self.places().waiting += 1;
        let _waits = Waits(self);
        // The line is never closed.
        let _turn = self.line.acquire().await;
        while !self.places().take(most) {
            self.left.notified().await;
        }
    }
}

impl Places {
    fn take(&mut self, most: usize) -> bool {
        let free = self.taken < most;
        self.taken += usize::from(free);
        free
    }
}

/// One who stands in line, until it is dropped.
struct Waits<'a>(&'a Host);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let mut places = self.0.places();
        places.waiting = places.waiting.saturating_sub(1);
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut places = self.0.places();
        places.taken = places.taken.saturating_sub(1);
        if places.waiting > 0 {
            // Kept for the first in line, if it looks the other way.
            self.0.left.notify_one();
        }
    }
}

/// A wait with a part by chance, so that those who wait for the same delay do not come back together; `ratio` is from
/// 0 to 1.
pub(super) fn spread(wait: Duration, ratio: f64) -> Duration {
    wait.mul_f64(1.0 + SPREAD * ratio.clamp(0.0, 1.0))
}

fn throttled(rest: Duration) -> HttpError {
    let message =
        "not asked: a request with the same credential was told to leave the server alone";
    HttpError::new(HttpErrorKind::Throttled, message).with_retry_after(rest)
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use tokio::time::Instant;
    use url::Url;

    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn origin(url: &str) -> Origin {
        Url::parse(url).unwrap().origin()
    }

    fn lane(url: &str, credential: &str, most: usize) -> Lane {
        let credential = Fingerprint::of(credential.as_bytes());
        Lane::of(Place::Origin(origin(url)), Some(credential), most)
    }

    /// Whether it is done now.
    fn now<F: Future>(future: std::pin::Pin<&mut F>) -> Option<F::Output> {
        match future.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }
    }

    /// Enters a lane that is free.
    fn enters(lane: &Lane) -> Option<Permit> {
        now(pin!(lane.enter())).map(|entered| entered.ok().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_wish_holds_for_the_same_host_and_credential_and_for_nobody_else() {
        let told = lane("https://wish/a", "me", 8);
        told.told(s(118));
        let same = ["https://wish/b?c", "https://WISH:443/a"];
        for url in same {
            let error = lane(url, "me", 2).enter().await.err().unwrap();
            assert_eq!(error.kind(), HttpErrorKind::Throttled);
            assert_eq!(error.retry_after, Some(s(118)));
        }
        let others =
            [("https://wish/a", "you"), ("http://wish:443/a", "me"), ("https://wish:8/a", "me")];
        for (url, credential) in others {
            assert!(enters(&lane(url, credential, 8)).is_some(), "{url} {credential}");
        }
        let me = Some(Fingerprint::of(b"me"));
        for place in
            [Place::Socket("/run/wish.sock".into()), Place::Guarded(origin("https://wish/"))]
        {
            assert!(enters(&Lane::of(place, me, 8)).is_some());
        }
        tokio::time::advance(s(118)).await;
        assert!(enters(&told).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_wish_to_one_of_an_unknown_credential_is_told_to_no_other() {
        let unknown = || Lane::of(Place::Origin(origin("https://unknown/")), None, 8);
        let (one, other) = (unknown(), unknown());
        one.told(s(60));
        assert!(one.enter().await.is_err());
        assert!(enters(&other).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_outlives_all_who_were_told() {
        let me = Some(Fingerprint::of(b"me"));
        let places = [
            Place::Origin(origin("https://outlives/")),
            Place::Guarded(origin("https://outlives/")),
            Place::Socket("/run/outlives.sock".into()),
        ];
        for place in places {
            Lane::of(place.clone(), me, 8).told(s(30));
            let again = Lane::of(place, me, 8);
            assert_eq!(again.enter().await.err().unwrap().retry_after, Some(s(30)));
            tokio::time::advance(s(30)).await;
            assert!(enters(&again).is_some());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_places_at_a_host_are_right_while_those_who_ask_come_and_go() {
        let permit = enters(&lane("https://come-and-go/", "me", 1)).unwrap();
        let other = lane("https://come-and-go/", "me", 1);
        assert!(enters(&other).is_none(), "the place is taken, though its lane is gone");
        drop(permit);
        assert!(enters(&other).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_short_wish_is_waited_for_and_nobody_comes_early() {
        let lane = lane("https://short/", "me", 8);
        let mut took = Vec::new();
        for _ in 0..20 {
            lane.told(s(5));
            let began = Instant::now();
            drop(lane.enter().await.ok().unwrap());
            took.push(began.elapsed());
        }
        assert!(took.iter().all(|took| (s(5)..=s(5) + s(1) / 2).contains(took)), "{took:?}");
        took.dedup();
        assert!(took.len() > 1, "all at once: {took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_wish_that_is_lengthened_meanwhile_is_waited_for_to_its_end() {
        let lane = lane("https://meanwhile/", "me", 8);
        lane.told(s(3));
        let began = Instant::now();
        let (entered, ()) = tokio::join!(lane.enter(), async {
            sleep(s(2)).await;
            lane.told(s(4));
        });
        assert!(entered.is_ok() && began.elapsed() >= s(6));
        lane.told(s(3));
        let (entered, ()) = tokio::join!(lane.enter(), async {
            sleep(s(2)).await;
            lane.told(s(60));
        });
        assert!(entered.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn who_stands_in_line_hears_of_the_wish() {
        let lane = lane("https://line/", "me", 1);
        let permit = enters(&lane).unwrap();
        let mut waiting = pin!(lane.enter());
        assert!(now(waiting.as_mut()).is_none());
        lane.told(s(30));
        drop(permit);
        let error = waiting.await.err().unwrap();
        assert_eq!(error.retry_after, Some(s(30)));
        tokio::time::advance(s(30)).await;
        assert!(enters(&lane).is_some(), "the place was kept");
    }

    #[tokio::test(start_paused = true)]
    async fn a_host_gets_so_many_requests_at_a_time_over_all_credentials() {
        let lanes = ["me", "you"].map(|credential| lane("https://cap/", credential, 3));
        let mut permits: Vec<_> =
            [0, 1, 0].into_iter().filter_map(|n: usize| enters(lanes.get(n)?)).collect();
        assert_eq!(permits.len(), 3);
        for lane in &lanes {
            assert!(enters(lane).is_none());
        }
        assert!(enters(&lane("https://elsewhere/", "me", 3)).is_some());
        permits.pop();
        permits.push(enters(&lane("https://cap/", "them", 3)).unwrap());
        assert!(enters(&lane("https://cap/", "them", 3)).is_none());
        drop(permits);
        assert!(enters(&lane("https://cap/", "them", 1)).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn each_waits_for_its_own_number_and_none_is_overtaken() {
        let large = lane("https://numbers/", "me", 3);
        let small = lane("https://numbers/", "me", 1);
        let (first, second) = (enters(&large).unwrap(), enters(&large).unwrap());
        let mut waiting = pin!(small.enter());
        let mut behind = pin!(large.enter());
        assert!(now(waiting.as_mut()).is_none() && now(behind.as_mut()).is_none());
        drop(first);
        assert!(now(waiting.as_mut()).is_none() && now(behind.as_mut()).is_none());
        drop(second);
        let third = now(waiting.as_mut()).unwrap();
        assert!(now(behind.as_mut()).is_some());
        drop(third);
    }

    #[tokio::test(start_paused = true)]
    async fn who_gives_up_in_line_leaves_no_gap() {
        let lane = lane("https://gap/", "me", 1);
        let permit = enters(&lane).unwrap();
        let mut waiting = Box::pin(lane.enter());
        let mut behind = pin!(lane.enter());
        assert!(now(waiting.as_mut()).is_none() && now(behind.as_mut()).is_none());
        drop(waiting);
        assert!(now(behind.as_mut()).is_none());
        drop(permit);
        assert!(now(behind.as_mut()).is_some());
    }

    #[tokio::test]
    async fn all_who_wait_are_served_in_the_end() {
        use futures_util::future::join_all;
        use std::sync::atomic::{AtomicUsize, Ordering};

        let (busy, peak) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let visit = |n: usize| {
            let (busy, peak) = (&busy, &peak);
            async move {
                let _permit = lane("https://crowd/", "me", 1 + n % 4).enter().await.ok().unwrap();
                peak.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                busy.fetch_sub(1, Ordering::SeqCst);
            }
        };
        join_all((0..200).map(visit)).await;
        assert!((2..=4).contains(&peak.into_inner()));
    }
}
