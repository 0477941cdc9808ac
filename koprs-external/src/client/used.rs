//! Connections that know what they were used for, above TLS, and that take one of the places for open connections.

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use http::{Extensions, Response};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::sync::OwnedSemaphorePermit;

use super::error::is_timed_out;
use super::paced::Paced;
use super::tls;

/// How many bytes are read at first of what comes after something was sent.
const HEARD: usize = 1024;

/// Whether the connection had answered a request before, and was closed before anything of this answer came: servers
/// close connections that were idle for some time, also when the next request is already on its way.
pub(super) fn is_outdated(error: &legacy::Error) -> bool {
    let mut extensions = Extensions::new();
    if let Some(connection) = error.connect_info() {
        connection.get_extras(&mut extensions);
    }
    extensions.get::<Uses>().is_some_and(Uses::is_outdated) && !is_timed_out(error)
}

/// Notes that a request was answered.
pub(super) fn has_answered(response: &Response<Incoming>) {
    if let Some(Uses(uses)) = response.extensions().get() {
        uses.has_answered.store(true, Ordering::Relaxed);
    }
}

/// What a connection was used for.
#[derive(Clone, Default)]
struct Uses(Arc<Use>);

#[derive(Default)]
struct Use {
    /// Whether a request on it was answered.
    has_answered: AtomicBool,
    /// Whether anything came since something was sent last.
    is_heard: AtomicBool,
}

impl Uses {
    /// Whether it was of use before, and nothing came since something was sent.
    fn is_outdated(&self) -> bool {
        let Use { has_answered, is_heard } = &*self.0;
        has_answered.load(Ordering::Relaxed) && !is_heard.load(Ordering::Relaxed)
    }
}

/// A connection, with its use and its room.
pub(super) struct Used {
    stream: tls::Stream<Paced>,
    uses: Uses,
    /// Given back when the connection is closed.
    _room: Option<OwnedSemaphorePermit>,
}

impl Used {
    pub(super) fn new(stream: tls::Stream<Paced>, room: Option<OwnedSemaphorePermit>) -> Self {
        Self { stream, uses: Uses::default(), _room: room }
    }

    fn has_sent(&self, sent: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        // What cannot be sent has no answer either.
        if matches!(sent, Poll::Ready(Ok(1..) | Err(_))) {
            self.uses.0.is_heard.store(false, Ordering::Relaxed);
        }
        sent
    }
}

impl Read for Used {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.uses.0.is_heard.load(Ordering::Relaxed) {
            return Pin::new(&mut self.stream).poll_read(cx, room);
        }
        // In a buffer of our own: it says whether there was anything.
        let mut part = [MaybeUninit::uninit(); HEARD];
        let part = part.get_mut(..room.remaining().min(HEARD)).unwrap_or_default();
        let mut part = ReadBuf::uninit(part);
        ready!(Pin::new(&mut self.stream).poll_read(cx, part.unfilled()))?;
        self.uses.0.is_heard.store(!part.filled().is_empty(), Ordering::Relaxed);
        room.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Used {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.has_sent(sent)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.has_sent(sent)
    }
}

impl Connection for Used {
    fn connected(&self) -> Connected {
        self.stream.connected().extra(self.uses.clone())
    }
}
