//! Why a request failed, whichever client sent it.

use std::error::Error as StdError;
use std::{fmt, io};

use hyper_util::client::legacy;

/// Names no URL: that may hold a secret.
#[derive(Debug)]
pub(crate) struct Error {
    pub(crate) kind: Kind,
    error: Box<dyn StdError + Send + Sync>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Timeout,
    Connect,
    Redirect,
    /// The request, or the client, cannot be made.
    Client,
    /// The body of an answer cannot be read.
    Body,
    Request,
}

impl Error {
    #[cfg(feature = "_remote-store")]
    pub(crate) fn timed_out() -> Self {
        let error = io::Error::new(io::ErrorKind::TimedOut, "operation timed out");
        Self { kind: Kind::Timeout, error: error.into() }
    }

    /// What the client said.
    pub(crate) fn into_inner(self) -> Box<dyn StdError + Send + Sync> {
        self.error
    }
}

impl From<reqwest::Error> for Error {
    fn from(error: reqwest::Error) -> Self {
        let kind = if error.is_timeout() {
            Kind::Timeout
        } else if error.is_connect() {
            Kind::Connect
        } else if error.is_redirect() {
            Kind::Redirect
        } else if error.is_builder() {
            Kind::Client
        } else if error.is_decode() {
            Kind::Body
        } else {
            Kind::Request
        };
        Self { kind, error: error.without_url().into() }
    }
}

impl From<legacy::Error> for Error {
    fn from(error: legacy::Error) -> Self {
        let kind = if is_timed_out(&error) {
            Kind::Timeout
        } else if error.is_connect() {
            Kind::Connect
        } else {
            Kind::Request
        };
        Self { kind, error: error.into() }
    }
}

/// Whether something took too long.
pub(super) fn is_timed_out(error: &legacy::Error) -> bool {
    std::iter::successors(error.source(), |&cause| cause.source()).any(is_timeout)
}

fn is_timeout(cause: &(dyn StdError + 'static)) -> bool {
    let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    io == Some(io::ErrorKind::TimedOut)
        || cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_timeout)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}
