//! Reads requests off a connection. The buffer outlives a request, so that what a client sent ahead
//! is not lost.

use std::io;

use bytes::{Bytes, BytesMut};
use http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::request::Recorded;

/// The next request, or `None` when the client has closed the connection between two requests.
pub(crate) async fn request<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
    connection: usize,
) -> io::Result<Option<Recorded>> {
    if buffer.is_empty() && fill(stream, buffer).await? == 0 {
        return Ok(None);
    }
    let head = until(stream, buffer, b"\r\n\r\n").await?;
    let (method, uri, headers) = parse(&head).ok_or(io::ErrorKind::InvalidData)?;
    let body = body(stream, buffer, &headers).await?;
    Ok(Some(Recorded { method, uri, headers, body, connection }))
}

fn parse(head: &Bytes) -> Option<(Method, Uri, HeaderMap)> {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let mut first = lines.next()?.split(|byte| *byte == b' ');
    let method = Method::from_bytes(first.next()?).ok()?;
    let uri = Uri::from_maybe_shared(head.slice_ref(first.next()?)).ok()?;
    let headers = lines.map(|line| header(head, line)).collect::<Option<_>>()?;
    Some((method, uri, headers))
}

fn header(head: &Bytes, line: &[u8]) -> Option<(HeaderName, HeaderValue)> {
    let colon = line.iter().position(|byte| *byte == b':')?;
    let name = HeaderName::from_bytes(&line[..colon]).ok()?;
    let value = head.slice_ref(line[colon + 1..].trim_ascii());
    Some((name, HeaderValue::from_maybe_shared(value).ok()?))
}

async fn body<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
    headers: &HeaderMap,
) -> io::Result<Bytes> {
    if headers.contains_key(TRANSFER_ENCODING) {
        return chunks(stream, buffer).await;
    }
    match headers.get(CONTENT_LENGTH) {
        Some(length) => exactly(stream, buffer, number(length.as_bytes(), 10)?).await,
        None => Ok(Bytes::new()),
    }
}

async fn chunks<R: AsyncRead + Unpin>(stream: &mut R, buffer: &mut BytesMut) -> io::Result<Bytes> {
    let mut body = BytesMut::new();
    loop {
        let length = number(&until(stream, buffer, b"\r\n").await?, 16)?;
        body.extend_from_slice(&exactly(stream, buffer, length).await?);
        exactly(stream, buffer, 2).await?;
        if length == 0 {
            return Ok(body.freeze());
        }
    }
}

fn number(digits: &[u8], radix: u32) -> io::Result<usize> {
    let text = std::str::from_utf8(digits).ok();
    let number = text.and_then(|text| usize::from_str_radix(text, radix).ok());
    number.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// What stands before `mark`, which is taken off the buffer too.
async fn until<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
    mark: &[u8],
) -> io::Result<Bytes> {
    loop {
        if let Some(end) = buffer.windows(mark.len()).position(|bytes| bytes == mark) {
            let mut taken = buffer.split_to(end + mark.len());
            taken.truncate(end);
            return Ok(taken.freeze());
        }
        more(stream, buffer).await?;
    }
}

async fn exactly<R: AsyncRead + Unpin>(
    stream: &mut R,
    buffer: &mut BytesMut,
    length: usize,
) -> io::Result<Bytes> {
    while buffer.len() < length {
        more(stream, buffer).await?;
    }
    Ok(buffer.split_to(length).freeze())
}

async fn more<R: AsyncRead + Unpin>(stream: &mut R, buffer: &mut BytesMut) -> io::Result<()> {
    match fill(stream, buffer).await? {
        0 => Err(io::ErrorKind::UnexpectedEof.into()),
        _ => Ok(()),
    }
}

/// Recorded requests share the buffer's memory, so that it is renewed once in a while and not per
/// request.
async fn fill<R: AsyncRead + Unpin>(stream: &mut R, buffer: &mut BytesMut) -> io::Result<usize> {
    buffer.reserve(1024);
    stream.read_buf(buffer).await
}
