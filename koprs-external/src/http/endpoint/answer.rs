//! What an answer says: of the value, and of what the server wishes.

use std::time::SystemTime;

use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use url::Url;

use super::super::classify::{self, Meaning, meaning};
use super::super::conditional::Validators;
use super::super::credential::Presented;
use super::super::delay::{self, Delay};
use super::super::pacing::Lane;
use super::super::{head, redirect, transport};
use super::{Answered, Ask, Content, Endpoint, Failed, Observed};
use crate::error::{HttpError, HttpErrorKind};
use crate::printable::printable;
use crate::secret::Show;
use crate::spec::Method;

impl Endpoint {
    /// Takes note of what the server wishes, and makes a failure of an answer that is one.
    pub(super) fn heed(
        &mut self,
        answered: Answered,
        ask: &Ask<'_>,
        lane: &Lane,
    ) -> Result<Answered, Failed> {
        let head = &answered.answer.response;
        let (status, headers) = (head.status(), head.headers());
        self.poll_interval = match delay::poll_interval(headers) {
            Delay::Wait(wait) if ask.first => Some(wait),
            Delay::Wait(wait) => self.poll_interval.max(Some(wait)),
            Delay::None if ask.first && meaning(status) != Meaning::Failure => None,
            Delay::None | Delay::Unreadable(_) => self.poll_interval,
        };
        let from = answered.answer.url.as_deref();
        let delay = delay::requested(status, headers, SystemTime::now());
        if let Some(wait) = delay.wait(status)
            && from.is_none_or(|from| from.origin() == self.url(ask).origin())
        {
            lane.told(wait);
        }
        if meaning(status) != Meaning::Failure {
            return Ok(answered);
        }
        let refusal = classify::refusal(status, headers, delay.wait(status));
        let mut error = classify::failure(status, delay);
        if status == StatusCode::BAD_REQUEST && self.sender.has_files() {
            // As nginx does: the handshake succeeds all the same.
            error.message += ": some servers say so where they want a certificate of ours, or another one (`tls`)";
        }
        Err(Failed { error: redirected(error, from, self.show), refusal })
    }

    pub(super) fn read(
        &mut self,
        answered: Answered,
        ask: &Ask<'_>,
        given: &Presented,
    ) -> Result<Observed, HttpError> {
        let Answered { answer, conditional } = answered;
        let (parts, body) = answer.response.into_parts();
        let from = answer.url.filter(|url| !transport::same(url, self.url(ask)));
        match meaning(parts.status) {
            Meaning::Content => {
                let validators =
                    Validators::of(&parts.headers, SystemTime::now(), from.clone(), given.mark);
                let (status, mut headers) = (parts.status, parts.headers);
                let body = match self.method {
                    Method::Head => head::value(&headers)?,
                    Method::Get | Method::Post => body,
                };
                if self.method == Method::Head {
                    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                }
                Ok(Observed::Content(Content { status, headers, body, from, validators }.into()))
            }
            Meaning::NotModified => match ask.known {
                Some(known) if conditional && known.are_of(from.as_deref()) => {
                    Ok(Observed::Unchanged(parts.headers))
                }
                _ => Err(unexpected_not_modified()),
            },
            Meaning::Missing(missing) => Ok(Observed::Missing(missing)),
            Meaning::Redirect => Err(redirect::too_many(self.limits.redirects)),
            Meaning::Failure => {
                let error = classify::failure(parts.status, Delay::None);
                Err(redirected(error, from.as_deref(), self.show))
            }
        }
    }
}

/// Says where a request ended that began elsewhere.
pub(super) fn redirected(mut error: HttpError, to: Option<&Url>, show: Show) -> HttpError {
    if let Some(to) = to {
        error.message += &format!(" (redirected to `{}`)", printable(&show.url(to)));
    }
    error
}

fn unexpected_not_modified() -> HttpError {
    let message = "the server answered 304, and there is nothing to compare with";
    HttpError::new(HttpErrorKind::UnexpectedNotModified, message)
}
