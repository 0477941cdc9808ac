//! Writes answers to a connection: head and body in one write where the body is small, in steps where
//! it is large or slow.

use std::io;

use bytes::{BufMut, BytesMut};
use http::header::{CONNECTION, CONTENT_LENGTH, CONTENT_LOCATION};
use http::{HeaderName, Method, StatusCode};
use tokio::io::{AsyncWrite, AsyncWriteExt};

use crate::answer::{Answer, Body, Ending, Framing, STEP};
use crate::conditional;
use crate::request::Recorded;

/// Answers `request` and says what becomes of the connection. `out` is scratch space, empty before and
/// after.
pub(crate) async fn answer<W: AsyncWrite + Unpin>(
    stream: &mut W,
    out: &mut BytesMut,
    answer: &Answer,
    request: &Recorded,
) -> io::Result<Ending> {
    if conditional::not_modified(answer, request) {
        not_modified(out, answer);
    } else {
        head(out, answer);
        if has_body(answer.status) && request.method != Method::HEAD {
            body(stream, out, answer).await?;
        }
    }
    flush(stream, out).await?;
    Ok(ending(answer, request))
}

fn ending(answer: &Answer, request: &Recorded) -> Ending {
    let asked = request.header(CONNECTION.as_str());
    let last = asked.is_some_and(|value| value.eq_ignore_ascii_case("close"));
    match answer.ending {
        Ending::KeepAlive if last || answer.framing == Framing::UntilClose => Ending::Close,
        ending => ending,
    }
}

fn has_body(status: StatusCode) -> bool {
    !matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// A 304 repeats the headers of the full answer, but for those that describe its content.
fn not_modified(out: &mut BytesMut, answer: &Answer) {
    let describes =
        |name: &HeaderName| name.as_str().starts_with("content-") && name != CONTENT_LOCATION;
    status_line(out, StatusCode::NOT_MODIFIED);
    for (name, value) in answer.headers.iter().filter(|(name, _)| !describes(name)) {
        line(out, name.as_str(), value.as_bytes());
    }
    out.put_slice(b"\r\n");
}

fn head(out: &mut BytesMut, answer: &Answer) {
    status_line(out, answer.status);
    for (name, value) in &answer.headers {
        line(out, name.as_str(), value.as_bytes());
    }
    if has_body(answer.status) {
        framing(out, answer);
    }
    out.put_slice(b"\r\n");
}

fn framing(out: &mut BytesMut, answer: &Answer) {
    match answer.framing {
        Framing::Length if answer.headers.contains_key(CONTENT_LENGTH) => {}
        Framing::Length => {
            line(out, "content-length", answer.body.len().to_string().as_bytes());
        }
        Framing::Chunked => line(out, "transfer-encoding", b"chunked"),
        Framing::UntilClose => line(out, "connection", b"close"),
    }
}

fn status_line(out: &mut BytesMut, status: StatusCode) {
    out.put_slice(b"HTTP/1.1 ");
    out.put_slice(status.as_str().as_bytes());
    out.put_slice(b" ");
    out.put_slice(status.canonical_reason().unwrap_or_default().as_bytes());
    out.put_slice(b"\r\n");
}

fn line(out: &mut BytesMut, name: &str, value: &[u8]) {
    out.put_slice(name.as_bytes());
    out.put_slice(b": ");
    out.put_slice(value);
    out.put_slice(b"\r\n");
}

async fn body<W: AsyncWrite + Unpin>(
    stream: &mut W,
    out: &mut BytesMut,
    answer: &Answer,
) -> io::Result<()> {
    let Answer { body, framing, limit, pace, .. } = answer;
    let end = limit.unwrap_or(u64::MAX).min(body.len());
    let step = pace.map_or(STEP, |pace| pace.bytes_per_write.max(1));
    let mut sent = 0;
    while sent < end {
        sent += piece(out, body, *framing, sent, end, step);
        if let Some(pace) = pace {
            flush(stream, out).await?;
            tokio::time::sleep(pace.delay).await;
        } else if out.len() >= STEP {
            flush(stream, out).await?;
        }
    }
    if *framing == Framing::Chunked && limit.is_none() {
        out.put_slice(b"0\r\n\r\n");
    }
    Ok(())
}

/// Appends the next piece of a body, at most `step` bytes of it, and says how many it was.
fn piece(
    out: &mut BytesMut,
    body: &Body,
    framing: Framing,
    sent: u64,
    end: u64,
    step: usize,
) -> u64 {
    let most = usize::try_from(end - sent).unwrap_or(usize::MAX).min(step);
    let run = body.run(sent, most);
    if framing == Framing::Chunked {
        out.put_slice(format!("{:x}\r\n", run.len()).as_bytes());
        out.put_slice(run);
        out.put_slice(b"\r\n");
    } else {
        out.put_slice(run);
    }
    run.len() as u64
}

async fn flush<W: AsyncWrite + Unpin>(stream: &mut W, out: &mut BytesMut) -> io::Result<()> {
    stream.write_all(out).await?;
    out.clear();
    Ok(())
}
