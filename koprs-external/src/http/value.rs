//! One value behind an endpoint: observe, compare, decode, and only then remember.

use super::conditional::Validators;
use super::endpoint::{Content, Endpoint, Observed};
use crate::change::{Fingerprint, Missed, Missing, Single};
use crate::error::{DecodeError, ExternalError, HttpErrorKind, Result};
use crate::spec::{HttpSpec, Invalid};
use crate::watcher::{ExternalEvent, Pace};

/// Follows one value. What it is decoded into, the caller says.
pub(crate) struct HttpValue<T> {
    endpoint: Endpoint,
    single: Single<T>,
    /// Of the last content that was taken.
    known: Option<Validators>,
}

impl<T: Clone> HttpValue<T> {
    /// So many 404 in a row make the value gone.
    pub(crate) fn new(spec: HttpSpec, confirm: u32) -> Result<Self, Invalid> {
        Ok(Self { endpoint: Endpoint::new(spec)?, single: Single::new(confirm), known: None })
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

    /// Looks once, in the name of a watcher. `decode` is asked only for content that is new; an error leaves
    /// everything as it was.
    pub(crate) async fn poll(
        &mut self,
        name: &str,
        decode: impl FnOnce(&Content) -> Result<T, DecodeError>,
    ) -> Result<Vec<ExternalEvent<T>>> {
        let missed = self.single.look();
        let observed = self.endpoint.observe(name, self.known.as_ref()).await;
        let event = match observed.inspect_err(|error| self.failed(error))? {
            Observed::Unchanged(headers) => {
                self.known.iter_mut().for_each(|known| known.renew(&headers));
                None
            }
            Observed::Content(content) => self.content(name, *content, decode)?,
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

    fn content(
        &mut self,
        name: &str,
        content: Content,
        decode: impl FnOnce(&Content) -> Result<T, DecodeError>,
    ) -> Result<Option<ExternalEvent<T>>> {
        let fingerprint = Fingerprint::of(&content.body);
        match self.single.present(fingerprint, || decode(&content)) {
            Ok(event) => {
                self.known = Some(content.validators);
                Ok(event)
            }
            Err(error) => {
                let asked = Some(self.endpoint.asked(name));
                Err(ExternalError::Decode(DecodeError { asked, ..error }))
            }
        }
    }

    fn missing(&mut self, missed: Missed, missing: Missing) -> Option<ExternalEvent<T>> {
        let event = self.single.missing(missed, missing);
        if !self.single.is_present() {
            self.known = None;
        }
        event
    }
}
