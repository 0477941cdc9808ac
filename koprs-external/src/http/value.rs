//! One value behind an endpoint: observe, compare, decode, and only then remember.

use std::cell::Cell;
use std::sync::Arc;
use std::time::SystemTime;

use super::conditional::Validators;
use super::endpoint::{Content, Endpoint, Observed};
use super::reach::Reach;
use crate::change::{Fingerprint, Kind, KnownValue, Missed, Missing, RawValue, Single};
use crate::error::{DecodeError, ExternalError, HttpErrorKind, Result};
use crate::memory::{Admit, Budget, Full};
use crate::offload::Lent;
use crate::spec::{HttpSpec, Invalid};
use crate::watcher::{Absence, ExternalEvent, Pace, Report};

/// How a body becomes a value: formats and types are not known here.
pub(crate) trait ReadsValue<T>: Send + Sync + 'static {
    /// The work that a body takes; see [`offload::IN_PLACE`](crate::offload::IN_PLACE) for its unit.
    fn cost(&self, content: &Content) -> usize;

    /// Of what counts of it; `None` is all of it.
    fn counted(&self, content: &Content) -> Result<Option<Fingerprint>, DecodeError>;

    /// The value, if there is room for it.
    fn decode(&self, content: &Content, admit: Admit<'_>) -> Result<T, DecodeError>;

    /// If it is like a page for people: how much, and why it is refused where something else was followed.
    fn page(&self, _: &Content) -> Option<(Kind, DecodeError)> {
        None
    }
}

struct Raw<'a, R> {
    content: &'a Content,
    reads: &'a R,
    budget: &'a Budget,
    /// The size of the value that is known.
    known_size: u64,
    /// The size of the value that was decoded.
    size: Cell<Option<u64>>,
    /// Why it was not.
    full: Cell<Option<Full>>,
}

impl<T, R: ReadsValue<T>> RawValue<T> for Raw<'_, R> {
    type Bad = DecodeError;

    fn content(&self) -> Fingerprint {
        Fingerprint::of(&self.content.body)
    }

    fn counted(&self) -> Result<Option<Fingerprint>, DecodeError> {
        self.reads.counted(self.content)
    }

    fn decode(&self) -> Result<T, DecodeError> {
        self.reads.decode(self.content, &mut |size| {
            let size = size.saturating_add(size_of::<T>() as u64);
            self.size.set(Some(size));
            let taken = self.budget.take_item(size, self.known_size);
            taken.inspect_err(|full| self.full.set(Some(*full)))
        })
    }

    fn page(&self) -> Option<(Kind, DecodeError)> {
        self.reads.page(self.content)
    }
}

/// Follows one value.
pub(crate) struct HttpValue<T> {
    endpoint: Endpoint,
    state: Lent<State<T>>,
    /// Of the last content that was taken.
    known: Option<Validators>,
    /// What the last poll found, where that is nothing.
    absence: Option<Absence>,
    /// Whether the last poll found out what there is.
    is_certain: bool,
    /// Whether the last poll returned what the one before it had found: the value is looked at now.
    is_late: bool,
    budget: Budget,
}

/// Gives back what a poll held until it was complete.
struct Polling(Budget);

impl Drop for Polling {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

/// Why a content is not taken.
enum Untaken {
    Bad(DecodeError),
    /// There is no room for its value.
    Full(Full),
}

/// What is known of the value.
struct State<T> {
    single: Single<T>,
    /// The size of the value.
    size: u64,
    /// The content that was taken last, until its poll knows of it. A poll that is dropped leaves it to the next one.
    taken: Option<Box<Taken<T>>>,
}

struct Taken<T> {
    event: Option<ExternalEvent<T>>,
    validators: Validators,
}

impl<T: Clone + Send + 'static> HttpValue<T> {
    /// So many 404 in a row make the value gone.
    pub(crate) fn new(
        spec: HttpSpec,
        confirm: u32,
        equal: Option<fn(&T, &T) -> bool>,
        reach: &Reach,
        budget: Budget,
    ) -> Result<Self, Invalid> {
        let state = State { single: Single::new(confirm, equal), size: 0, taken: None };
        let mut endpoint = Endpoint::new(spec, reach)?;
        endpoint.limits.budget = Some(budget.clone());
        Ok(Self {
            endpoint,
            is_certain: state.single.is_certain(),
            state: Lent::new(state, reach.trust()),
            known: None,
            absence: None,
            is_late: false,
            budget,
        })
    }

    /// The endpoint, to be changed: what is known belongs to the requests that it was given for.
    pub(super) fn endpoint(&mut self) -> &mut Endpoint {
        self.known = None;
        &mut self.endpoint
    }

    /// The longer of the interval and what the server wants.
    pub(crate) fn pace(&self) -> Pace {
        match self.endpoint.pace() {
            Pace::Interval if self.is_late => Pace::Now,
            pace => pace,
        }
    }

    /// Whether the last look found out what there is: a first 404 is to be confirmed.
    pub(crate) fn complete(&self) -> bool {
        self.is_certain
    }

    pub(crate) fn report(&self) -> Report {
        Report { absence: self.absence, ..Report::default() }
    }

    /// Waits for a job that a dropped poll has left behind.
    pub(crate) async fn idle(&mut self) {
        self.state.idle().await;
    }

    /// What a dropped poll has found.
    pub(crate) fn undelivered(&mut self) -> Option<ExternalEvent<T>> {
        self.taken().flatten()
    }

    /// The value, as removed: it is followed no more. What a dropped poll has found comes first.
    pub(crate) fn retract(&mut self) -> Option<ExternalEvent<T>> {
        let event = self.undelivered();
        self.known = None;
        event.or_else(|| {
            let mut state = self.state.get();
            self.budget.complete(0, std::mem::take(&mut state.size));
            state.single.retract()
        })
    }

    /// Every event of the last poll was delivered.
    pub(crate) fn delivered(&self) {
        self.budget.delivered();
    }

    /// Takes out what is known of the value, and its size.
    pub(crate) fn hand_over(&mut self) -> Option<(KnownValue<T>, u64)> {
        self.known = None;
        self.budget.complete(0, 0);
        let mut state = self.state.get();
        let size = std::mem::take(&mut state.size);
        state.single.hand_over().map(|known| (known, size))
    }

    /// Takes over what is known of the value, and nothing of the requests that it came from: the next one is in full.
    pub(crate) fn inherit(
        &mut self,
        known: Option<(KnownValue<T>, u64)>,
        equal: Option<fn(&T, &T) -> bool>,
    ) {
        let (known, size) = known.unzip();
        let mut state = self.state.get();
        state.size = size.unwrap_or_default();
        self.budget.complete(state.size, 0);
        state.single.inherit(known, equal);
    }

    /// Looks once, in the name of a watcher. An error leaves everything as it was.
    pub(crate) async fn poll(
        &mut self,
        name: &str,
        reads: &Arc<impl ReadsValue<T>>,
    ) -> Result<Vec<ExternalEvent<T>>> {
        self.is_late = false;
        self.state.idle().await;
        let found = match self.taken() {
            Some(Some(event)) => {
                self.is_late = true;
                Ok(Some(event))
            }
            _ => self.look(name, reads).await,
        };
        self.is_certain = self.state.get().single.is_certain();
        Ok(found?.into_iter().collect())
    }

    async fn look(
        &mut self,
        name: &str,
        reads: &Arc<impl ReadsValue<T>>,
    ) -> Result<Option<ExternalEvent<T>>> {
        let missed = self.state.get().single.look();
        self.absence = None;
        self.budget.begin();
        let _polling = Polling(self.budget.clone());
        let observed = self.endpoint.observe(name, self.known.as_ref()).await;
        match observed.inspect_err(|error| self.failed(error))? {
            Observed::Unchanged(headers) => {
                let received = SystemTime::now();
                self.known.iter_mut().for_each(|known| known.renew(&headers, received));
                Ok(None)
            }
            Observed::Content(content) => {
                // A small body may take the place of a large value, which is dropped then.
                let replaced = usize::try_from(self.state.get().size).unwrap_or(usize::MAX);
                let (reads, cost) = (Arc::clone(reads), reads.cost(&content).max(replaced));
                let budget = self.budget.clone();
                let take =
                    move |state: &mut State<T>, _: &_| state.take(*content, &*reads, &budget);
                let taken = self.state.run(cost, take).await;
                taken.map_err(|untaken| match untaken {
                    Untaken::Bad(error) => self.endpoint.undecoded(name, error),
                    Untaken::Full(full) => self.endpoint.error(name, full.into()),
                })?;
                Ok(self.undelivered())
            }
            Observed::Missing(missing) => Ok(self.missing(missed, missing)),
        }
    }

    /// Takes note of the content that was taken. Returns its event.
    fn taken(&mut self) -> Option<Option<ExternalEvent<T>>> {
        let Taken { event, validators } = *self.state.get().taken.take()?;
        self.known = Some(validators);
        Some(event)
    }

    /// What was known of the value is of no use with a server that answers 304 out of place.
    fn failed(&mut self, error: &ExternalError) {
        if let ExternalError::Http(error) = error
            && error.kind() == HttpErrorKind::UnexpectedNotModified
        {
            self.known = None;
        }
    }

    fn missing(&mut self, missed: Missed, missing: Missing) -> Option<ExternalEvent<T>> {
        let mut state = self.state.get();
        let event = state.single.missing(missed, missing);
        self.absence = Some(Absence::new(missing.status(), state.single.is_certain()));
        if !state.single.is_present() {
            self.known = None;
            self.budget.complete(0, std::mem::take(&mut state.size));
        }
        event
    }
}

impl<T: Clone> State<T> {
    /// Takes a content.
    fn take(
        &mut self,
        content: Content,
        reads: &impl ReadsValue<T>,
        budget: &Budget,
    ) -> Result<(), Untaken> {
        let (size, full) = (Cell::default(), Cell::default());
        let raw = Raw { content: &content, reads, budget, known_size: self.size, size, full };
        let event = self.single.present(&raw).map_err(|error| match raw.full.get() {
            Some(full) => Untaken::Full(full),
            None => Untaken::Bad(error),
        })?;
        self.size = raw.size.get().filter(|_| event.is_some()).unwrap_or(self.size);
        budget.complete(self.size, event.as_ref().map_or(0, |_| self.size));
        self.taken = Some(Box::new(Taken { event, validators: content.validators }));
        Ok(())
    }
}
