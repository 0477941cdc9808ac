//! What a [`Reply`](crate::Reply) comes down to: a status, headers, a body, and the ways in which it may
//! go wrong.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};

/// Bodies are generated and written in steps of at most this many bytes.
pub(crate) const STEP: usize = 64 * 1024;

/// An HTTP answer.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) framing: Framing,
    /// Body bytes really sent, where that is less than the answer promises.
    pub(crate) limit: Option<u64>,
    pub(crate) pace: Option<Pace>,
    pub(crate) ending: Ending,
    /// Whether a matching validator is answered with 304.
    pub(crate) conditional: bool,
}

impl Answer {
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Body::from(Bytes::new()),
            framing: Framing::Length,
            limit: None,
            pace: None,
            ending: Ending::KeepAlive,
            conditional: true,
        }
    }
}

/// How the client learns where the body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    Length,
    Chunked,
    UntilClose,
}

/// A body that is written slowly.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) bytes_per_write: usize,
    pub(crate) delay: Duration,
}

/// What becomes of the connection after an answer, or instead of one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    KeepAlive,
    /// FIN.
    Close,
    /// RST.
    Reset,
    /// Silence, until the client goes away.
    Stall,
}

/// A pattern, cycled until `len` bytes have been made: never in memory as a whole.
#[derive(Clone)]
pub(crate) struct Body {
    pattern: Bytes,
    len: u64,
}

impl Body {
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// This body `times` over. Short patterns are widened to about a [`STEP`], which is written at once.
    pub(crate) fn repeat(&self, times: u64) -> Self {
        let widen = (STEP / self.pattern.len().max(1)).max(1);
        let widen = widen.min(usize::try_from(times).unwrap_or(usize::MAX));
        Self { pattern: self.pattern.repeat(widen).into(), len: self.len.saturating_mul(times) }
    }

    /// A run of at most `most` bytes from `position` on.
    pub(crate) fn run(&self, position: u64, most: usize) -> &[u8] {
        let start = usize::try_from(position % self.pattern.len() as u64).unwrap();
        let end = self.pattern.len().min(start + most);
        &self.pattern[start..end]
    }
}

impl From<Bytes> for Body {
    fn from(pattern: Bytes) -> Self {
        let len = pattern.len() as u64;
        Self { pattern, len }
    }
}
