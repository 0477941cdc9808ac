//! One value behind an endpoint: observe, compare, decode, and only then remember.

use std::time::SystemTime;

use super::conditional::Validators;
use super::endpoint::{Content, Endpoint, Observed};
use super::reach::Reach;
use crate::change::{Fingerprint, Kind, KnownValue, Missed, Missing, RawValue, Single};
use crate::error::{DecodeError, ExternalError, HttpErrorKind, Result};
use crate::spec::{HttpSpec, Invalid};
use crate::watcher::{Absence, ExternalEvent, Pace, Report};

/// How a body becomes a value: formats and types are not known here.
pub(crate) trait ReadsValue<T> {
    /// Of what counts of it; `None` is all of it.
    fn counted(&self, content: &Content) -> Result<Option<Fingerprint>, DecodeError>;

    fn decode(&self, content: &Content) -> Result<T, DecodeError>;

    /// If it is like a page for people: how much, and why it is refused where something else was followed.
    fn page(&self, _: &Content) -> Option<(Kind, DecodeError)> {
        None
    }
}

struct Raw<'a, R> {
    content: &'a Content,
    reads: &'a R,
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
        self.reads.decode(self.content)
    }

    fn page(&self) -> Option<(Kind, DecodeError)> {
        self.reads.page(self.content)
    }
}

/// Follows one value.
pub(crate) struct HttpValue<T> {
    endpoint: Endpoint,
    single: Single<T>,
    /// Of the last content that was taken.
    known: Option<Validators>,
    /// What the last poll found, where that is nothing.
    absence: Option<Absence>,
}

impl<T: Clone> HttpValue<T> {
    /// So many 404 in a row make the value gone.
    pub(crate) fn new(
        spec: HttpSpec,
        confirm: u32,
        equal: Option<fn(&T, &T) -> bool>,
        reach: &Reach,
    ) -> Result<Self, Invalid> {
        let endpoint = Endpoint::new(spec, reach)?;
        Ok(Self { endpoint, single: Single::new(confirm, equal), known: None, absence: None })
    }

    /// The endpoint, to be changed: what is known belongs to the requests that it was given for.
    pub(super) fn endpoint(&mut self) -> &mut Endpoint {
        self.known = None;
        &mut self.endpoint
    }

    /// The longer of the interval and what the server wants.
    pub(crate) fn pace(&self) -> Pace {
        self.endpoint.pace()
    }

    /// Whether the last look found out what there is: a first 404 is to be confirmed.
    pub(crate) fn complete(&self) -> bool {
        self.single.is_certain()
    }

    pub(crate) fn report(&self) -> Report {
        Report { absence: self.absence, ..Report::default() }
    }

    /// The value, as removed: it is followed no more.
    pub(crate) fn retract(&mut self) -> Option<ExternalEvent<T>> {
        self.known = None;
        self.single.retract()
    }

    /// Takes out what is known of the value.
    pub(crate) fn hand_over(&mut self) -> Option<KnownValue<T>> {
        self.known = None;
        self.single.hand_over()
    }

    /// Takes over what is known of the value, and nothing of the requests that it came from: the next one is in full.
    pub(crate) fn inherit(
        &mut self,
        known: Option<KnownValue<T>>,
        equal: Option<fn(&T, &T) -> bool>,
    ) {
        self.single.inherit(known, equal);
    }

    /// Looks once, in the name of a watcher. An error leaves everything as it was.
    pub(crate) async fn poll(
        &mut self,
        name: &str,
        reads: &impl ReadsValue<T>,
    ) -> Result<Vec<ExternalEvent<T>>> {
        let missed = self.single.look();
        self.absence = None;
        let observed = self.endpoint.observe(name, self.known.as_ref()).await;
        let event = match observed.inspect_err(|error| self.failed(error))? {
            Observed::Unchanged(headers) => {
                let received = SystemTime::now();
                self.known.iter_mut().for_each(|known| known.renew(&headers, received));
                None
            }
            Observed::Content(content) => {
                let event = self.single.present(&Raw { content: &content, reads });
                let event = event.map_err(|error| self.endpoint.undecoded(name, error))?;
                self.known = Some(content.validators);
                event
            }
            Observed::Missing(missing) => self.missing(missed, missing),
        };
        Ok(event.into_iter().collect())
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
        let event = self.single.missing(missed, missing);
        self.absence = Some(Absence::new(missing.status(), self.single.is_certain()));
        if !self.single.is_present() {
            self.known = None;
        }
        event
    }
}
