//! Content codings (RFC 9110 §8.4): which ones requests accept, and how a body is decoded within its limit.
//!
//! The decoders of HTTP clients are off. They stop after the first member of a gzip body, which RFC 1952 allows to
//! have several, and return an encoded body as if it were the content when they do not know its coding.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use futures_core::future::BoxFuture;
use http::HeaderValue;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, ReadBuf};
use tokio::task::yield_now;

use crate::printable::printable;

/// `Accept-Encoding`.
pub(crate) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, br, zstd");
/// 8 MiB, the limit of RFC 9659 for `Content-Encoding`.
const ZSTD_WINDOW_LOG: u32 = 23;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

/// A coding that cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unsupported {
    /// Its name.
    Unknown(String),
    /// One coding on top of another. A few bytes can unfold to hours of work in the inner layer, which has no limit.
    Nested,
}

impl Coding {
    /// Reads the values of `Content-Encoding`.
    ///
    /// Some servers name things that are no coding and send the content as it is: these are skipped.
    pub(crate) fn of<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, Unsupported> {
        let mut coding = Self::Identity;
        for value in values {
            let value = String::from_utf8_lossy(value).to_ascii_lowercase();
            for name in value.split(',').map(str::trim) {
                let next = match name {
                    "gzip" | "x-gzip" => Self::Gzip,
                    "br" => Self::Brotli,
                    "zstd" => Self::Zstd,
                    "" | "identity" | "none" | "utf-8" | "utf8" | "aws-chunked" => continue,
                    _ => return Err(Unsupported::Unknown(printable(name).to_string())),
                };
                if coding != Self::Identity {
                    return Err(Unsupported::Nested);
                }
                coding = next;
            }
        }
        Ok(coding)
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown(name) => write!(f, "the body is encoded as `{name}`")?,
            Self::Nested => f.write_str("the body is encoded twice over")?,
        }
        f.write_str(
            "; store or send it with one of `gzip`, `br` and `zstd`, or without an encoding",
        )
    }
}

/// Encoded bytes that are taken before other tasks have their turn: some hundreds of empty members or frames, which
/// are the most work per byte.
const SHARE: usize = 8 * 1024;
/// The same of bytes that are taken as they are.
const PLAIN_SHARE: usize = 256 * 1024;
/// Decoded bytes that are made before other tasks have their turn.
const MADE: u64 = 128 * 1024;

/// The most bytes of a body.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// As it is sent. An encoding can consist of parts that decode to nothing, without end.
    pub(crate) sent: u64,
    /// As it is decoded.
    pub(crate) decoded: u64,
}

impl Limits {
    /// A body of just so many bytes has room with what an encoding adds to a content that it cannot compress.
    pub(crate) fn of_content(limit: u64) -> Self {
        Self { sent: limit.saturating_add(limit / 64).saturating_add(1024), decoded: limit }
    }
}

/// More bytes were sent than are allowed.
#[derive(Debug)]
struct TooLong;

impl fmt::Display for TooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it is too long as it is sent")
    }
}

impl std::error::Error for TooLong {}

/// Whether the limit of what is sent ended a [`read`].
pub(crate) fn is_too_long(error: &io::Error) -> bool {
    error.get_ref().is_some_and(|error| error.is::<TooLong>())
}

/// Decodes a body. Appends at most one byte more than the limit to `content`.
///
/// An empty body is empty in every coding. A body within the limit is read to its very end, since otherwise its
/// connection could not be reused; bytes after the end of the encoding are an error. Other tasks have their turn after
/// each share of the work, also where nothing comes of it.
#[cfg(any(feature = "object-store", test))]
pub(crate) async fn read(
    coding: Coding,
    body: impl AsyncBufRead + Send,
    limits: Limits,
    content: &mut Vec<u8>,
) -> io::Result<()> {
    read_with(coding, body, limits, content, &mut |_| Ok(())).await
}

/// The same, and says how many bytes there are as they grow. An error ends the reading.
pub(crate) async fn read_with(
    coding: Coding,
    body: impl AsyncBufRead + Send,
    limits: Limits,
    content: &mut Vec<u8>,
    grown: &mut (dyn FnMut(usize) -> io::Result<()> + Send),
) -> io::Result<()> {
    let share = if coding == Coding::Identity { PLAIN_SHARE } else { SHARE };
    let body = pin!(body);
    let mut body = Paced { body, left: limits.sent, share, used: 0, turn: None };
    if body.fill_buf().await?.is_empty() {
        return Ok(());
    }
    let mut decoded = decoder(coding, &mut body).take(limits.decoded.saturating_add(1));
    while (&mut decoded).take(MADE).read_to_end(content).await? as u64 == MADE {
        grown(content.len())?;
        yield_now().await;
    }
    let within = decoded.limit() > 0;
    drop(decoded);
    if within && !body.fill_buf().await?.is_empty() {
        return Err(io::Error::other("there is more behind its end"));
    }
    Ok(())
}

/// A body whose reader gives way to other tasks after each share, and is given no more than is allowed.
struct Paced<'a, B> {
    body: Pin<&'a mut B>,
    /// Bytes that are allowed yet.
    left: u64,
    share: usize,
    /// Bytes of the share that were taken.
    used: usize,
    /// The turn of others.
    turn: Option<BoxFuture<'static, ()>>,
}

impl<B: AsyncBufRead> AsyncBufRead for Paced<'_, B> {
    fn poll_fill_buf(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        let Self { body, left, share, used, turn } = self.get_mut();
        if *used >= *share {
            ready!(turn.get_or_insert_with(|| Box::pin(yield_now())).as_mut().poll(cx));
            (*turn, *used) = (None, 0);
        }
        let part = ready!(body.as_mut().poll_fill_buf(cx))?;
        if *left == 0 && !part.is_empty() {
            return Poll::Ready(Err(io::Error::other(TooLong)));
        }
        let most = usize::try_from(*left).unwrap_or(usize::MAX).min(*share - *used);
        Poll::Ready(Ok(part.get(..most).unwrap_or(part)))
    }

    fn consume(self: Pin<&mut Self>, bytes: usize) {
        let Self { body, left, used, .. } = self.get_mut();
        *left = left.saturating_sub(bytes as u64);
        *used += bytes;
        body.as_mut().consume(bytes);
    }
}

impl<B: AsyncBufRead> AsyncRead for Paced<'_, B> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        to: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let part = ready!(self.as_mut().poll_fill_buf(cx))?;
        let part = part.get(..to.remaining()).unwrap_or(part);
        to.put_slice(part);
        let bytes = part.len();
        self.consume(bytes);
        Poll::Ready(Ok(()))
    }
}

fn decoder<'a>(
    coding: Coding,
    body: impl AsyncBufRead + Send + 'a,
) -> Pin<Box<dyn AsyncRead + Send + 'a>> {
    match coding {
        Coding::Identity => Box::pin(body),
        Coding::Gzip => {
            let mut members = GzipDecoder::new(body);
            members.multiple_members(true);
            Box::pin(members)
        }
        Coding::Brotli => Box::pin(BrotliDecoder::new(body)),
        Coding::Zstd => {
            let window = [DParameter::window_log_max(ZSTD_WINDOW_LOG)];
            let mut frames = ZstdDecoder::with_params(body, &window);
            frames.multiple_members(true);
            Box::pin(frames)
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};
    use tokio::io::AsyncWriteExt;
    use tokio_util::io::StreamReader;

    use super::*;

    fn read(values: &[&str]) -> Result<Coding, Unsupported> {
        Coding::of(values.iter().map(|value| value.as_bytes()))
    }

    #[test]
    fn a_coding_is_read_in_any_spelling() {
        let cases: [(&[&str], Coding); 7] = [
            (&[], Coding::Identity),
            (&["gzip"], Coding::Gzip),
            (&["X-GZip"], Coding::Gzip),
            (&["identity, utf-8", ""], Coding::Identity),
            (&["br", "identity"], Coding::Brotli),
            (&[" zstd ,aws-chunked"], Coding::Zstd),
            (&["aws-chunked,gzip"], Coding::Gzip),
        ];
        for (values, coding) in cases {
            assert_eq!(read(values), Ok(coding), "{values:?}");
        }
    }

    #[test]
    fn a_coding_that_was_not_asked_for_is_refused_by_its_name() {
        for (value, why) in
            [("deflate", "`deflate`"), ("gzip, compress", "`compress`"), ("gzip,gzip", "twice")]
        {
            let refused = read(&[value]).unwrap_err().to_string();
            assert!(refused.contains(why), "{refused}");
        }
    }

    /// An encoding of nothing: an empty member, frame or block, as it can follow another one.
    fn empty(coding: Coding) -> &'static [u8] {
        match coding {
            Coding::Identity => b"",
            Coding::Gzip => b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x03\0\0\0\0\0\0\0\0\0",
            // Metadata of no bytes.
            Coding::Brotli => b"\x06",
            // Skippable, of no bytes.
            Coding::Zstd => b"\x50\x2a\x4d\x18\0\0\0\0",
        }
    }

    /// A body of nothing, again and again, all of it there at once.
    fn endless(coding: Coding) -> impl AsyncBufRead + Send {
        // Of brotli, a body begins with its window, and metadata of no bytes here.
        let head: &[u8] = if coding == Coding::Brotli { b"\x0c" } else { b"" };
        let chunks = stream::repeat(bytes::Bytes::from(empty(coding).repeat(4096)));
        StreamReader::new(stream::iter([head.into()]).chain(chunks).map(io::Result::Ok))
    }

    const CODINGS: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

    #[tokio::test]
    async fn a_body_of_nothing_without_end_gives_others_their_turn() {
        for coding in CODINGS {
            let limits = Limits { sent: u64::MAX, decoded: 10 };
            let mut content = Vec::new();
            let read = super::read(coding, endless(coding), limits, &mut content);
            let mut read = pin!(read);
            for _ in 0..10 {
                assert!(read.as_mut().now_or_never().is_none(), "{coding:?}");
                yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn a_body_of_nothing_ends_at_the_limit_of_what_is_sent() {
        for coding in CODINGS {
            let limits = Limits { sent: 100_000, decoded: 10 };
            let mut content = Vec::new();
            let read = super::read(coding, endless(coding), limits, &mut content).await;
            assert!(read.as_ref().is_err_and(is_too_long), "{coding:?}: {read:?}");
            assert!(content.is_empty(), "{coding:?}");
        }
    }

    #[tokio::test]
    async fn a_body_is_as_long_as_it_may_be_and_no_byte_longer() {
        let empty = empty(Coding::Gzip);
        let sent = (3 * empty.len()) as u64;
        for (limit, expected) in [(sent, true), (sent - 1, false)] {
            let limits = Limits { sent: limit, decoded: 10 };
            let body = empty.repeat(3);
            let read = super::read(Coding::Gzip, &*body, limits, &mut Vec::new()).await;
            assert_eq!(read.is_ok(), expected, "{read:?}");
        }
    }

    #[tokio::test]
    async fn much_that_is_made_of_little_gives_others_their_turn() {
        let mut encoder = async_compression::tokio::write::GzipEncoder::new(Vec::new());
        encoder.write_all(&vec![b' '; 4 * usize::try_from(MADE).unwrap()]).await.unwrap();
        encoder.shutdown().await.unwrap();
        let body = encoder.into_inner();
        let (limits, mut content) = (Limits::of_content(8 * MADE), Vec::new());
        let mut read = Box::pin(super::read(Coding::Gzip, &*body, limits, &mut content));
        assert!(read.as_mut().now_or_never().is_none());
        read.await.unwrap();
        assert_eq!(content.len() as u64, 4 * MADE);
    }
}
