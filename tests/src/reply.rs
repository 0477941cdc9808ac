//! The script's vocabulary: what the server does with a request.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, ETAG, LAST_MODIFIED, LOCATION};
use http::{HeaderName, HeaderValue, StatusCode};

use crate::answer::{Answer, Body, Ending, Framing, Pace};
use crate::request::Recorded;

/// What the server does with a request: an HTTP answer, a fault, or whatever a function says.
///
/// The chained methods shape HTTP answers; on a fault or a function they panic.
#[must_use = "a reply does nothing until it is given to a server"]
#[derive(Clone)]
pub struct Reply(pub(crate) Kind);

type Function = dyn Fn(&Recorded) -> Reply + Send + Sync;

#[derive(Clone)]
pub(crate) enum Kind {
    Answer(Arc<Answer>),
    Raw(Bytes, Ending),
    With(Arc<Function>),
}

/// What it is.
impl Reply {
    /// An answer without a body.
    pub fn status(code: u16) -> Self {
        Self(Kind::Answer(Arc::new(Answer::new(status(code)))))
    }

    /// 200 with a body of `application/json`.
    pub fn json(body: impl Into<Bytes>) -> Self {
        Self::bytes("application/json", body)
    }

    /// 200 with a body of `text/plain`.
    pub fn text(body: impl Into<Bytes>) -> Self {
        Self::bytes("text/plain; charset=utf-8", body)
    }

    /// 200 with a body of any content type.
    pub fn bytes(content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::status(200).header(CONTENT_TYPE.as_str(), content_type).body(body)
    }

    /// A redirect to `location`.
    pub fn redirect(code: u16, location: &str) -> Self {
        Self::status(code).header(LOCATION.as_str(), location)
    }

    /// Resets the connection (RST) instead of answering.
    pub fn reset() -> Self {
        Self(Kind::Raw(Bytes::new(), Ending::Reset))
    }

    /// Closes the connection (FIN) instead of answering.
    pub fn close() -> Self {
        Self(Kind::Raw(Bytes::new(), Ending::Close))
    }

    /// Never answers. The connection stays open until the client or the server goes away.
    pub fn stall() -> Self {
        Self(Kind::Raw(Bytes::new(), Ending::Stall))
    }

    /// Writes `bytes` as they are in place of an HTTP answer, then closes the connection.
    pub fn garbage(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Raw(bytes.into(), Ending::Close))
    }

    /// Decides by the request: for credentials, pages, request bodies.
    pub fn with(function: impl Fn(&Recorded) -> Self + Send + Sync + 'static) -> Self {
        Self(Kind::With(Arc::new(function)))
    }
}

/// What it says.
impl Reply {
    /// Another status.
    pub fn status_code(self, code: u16) -> Self {
        self.change(|answer| answer.status = status(code))
    }

    /// Sets a header, in place of any value it has. A `content-length` set here is sent even where
    /// it lies.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = pair(name, value.as_ref());
        self.change(|answer| {
            answer.headers.insert(name, value);
        })
    }

    /// Adds a header beside those of the same name.
    pub fn append(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let (name, value) = pair(name, value.as_ref());
        self.change(|answer| {
            answer.headers.append(name, value);
        })
    }

    /// Sets the `ETag`, quotes included, and answers 304 to an `If-None-Match` that names it.
    pub fn etag(self, value: &str) -> Self {
        self.header(ETAG.as_str(), value)
    }

    /// Sets `Last-Modified`, an HTTP date, and answers 304 to an `If-Modified-Since` with the same date.
    pub fn last_modified(self, date: &str) -> Self {
        self.header(LAST_MODIFIED.as_str(), date)
    }

    /// Answers in full whatever validators the client sends.
    pub fn unconditional(self) -> Self {
        self.change(|answer| answer.conditional = false)
    }

    /// Sets the body. Compressed bytes go with a `content-encoding` [header](Self::header).
    pub fn body(self, body: impl Into<Bytes>) -> Self {
        let body = Body::from(body.into());
        self.change(|answer| answer.body = body)
    }

    /// The body `times` over, made while it is sent: 256 MiB cost no memory.
    pub fn repeat(self, times: u64) -> Self {
        self.change(|answer| answer.body = answer.body.repeat(times))
    }

    /// The body over and over, chunked, until the client goes away.
    pub fn endless(self) -> Self {
        self.repeat(u64::MAX).chunked()
    }
}

/// How it is sent.
impl Reply {
    /// Sends the body with the chunked transfer encoding.
    pub fn chunked(self) -> Self {
        self.change(|answer| answer.framing = Framing::Chunked)
    }

    /// Sends the body without its length: it ends where the connection ends.
    pub fn no_length(self) -> Self {
        self.change(|answer| answer.framing = Framing::UntilClose)
    }

    /// Sends the body `bytes_per_write` at a time, with a `delay` after each.
    pub fn slow(self, bytes_per_write: usize, delay: Duration) -> Self {
        self.change(|answer| answer.pace = Some(Pace { bytes_per_write, delay }))
    }

    /// Announces the whole body, sends `n` bytes of it, then nothing more.
    pub fn stall_after(self, n: u64) -> Self {
        self.cut(n, Ending::Stall)
    }

    /// Announces the whole body, sends `n` bytes of it, then closes the connection (FIN).
    pub fn truncate(self, n: u64) -> Self {
        self.cut(n, Ending::Close)
    }

    /// Announces the whole body, sends `n` bytes of it, then resets the connection (RST).
    pub fn reset_after(self, n: u64) -> Self {
        self.cut(n, Ending::Reset)
    }

    /// A complete answer, after which the connection is closed without having announced it.
    pub fn close_after(self) -> Self {
        self.change(|answer| answer.ending = Ending::Close)
    }

    fn cut(self, n: u64, ending: Ending) -> Self {
        self.change(|answer| {
            answer.limit = Some(n);
            answer.ending = ending;
        })
    }

    fn change(mut self, change: impl FnOnce(&mut Answer)) -> Self {
        match &mut self.0 {
            Kind::Answer(answer) => change(Arc::make_mut(answer)),
            Kind::Raw(..) | Kind::With(_) => panic!("only an HTTP answer can be shaped further"),
        }
        self
    }
}

fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).expect("a status code has three digits")
}

fn pair(name: &str, value: &[u8]) -> (HeaderName, HeaderValue) {
    let name = name.parse().expect("a header name");
    (name, HeaderValue::from_bytes(value).expect("a header value"))
}
