//! Content codings (RFC 9110 §8.4): which ones requests accept, and how a body is decoded within its limit.
//!
//! The decoders of HTTP clients are off. They stop after the first member of a gzip body, which RFC 1952 allows to
//! have several, and return an encoded body as if it were the content when they do not know its coding.

use std::fmt;
use std::io;
use std::pin::{Pin, pin};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use http::HeaderValue;
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt};

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
                    _ => return Err(Unsupported::Unknown(name.escape_debug().to_string())),
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

/// Decodes a body. Appends at most one byte more than the limit to `content`.
///
/// An empty body is empty in every coding. A body within the limit is read to its very end, since otherwise its
/// connection could not be reused; bytes after the end of the encoding are an error.
pub(crate) async fn read(
    coding: Coding,
    body: impl AsyncBufRead + Send,
    limit: u64,
    content: &mut Vec<u8>,
) -> io::Result<()> {
    let mut body = pin!(body);
    if body.fill_buf().await?.is_empty() {
        return Ok(());
    }
    let mut decoded = decoder(coding, &mut body).take(limit.saturating_add(1));
    decoded.read_to_end(content).await?;
    let within = decoded.limit() > 0;
    drop(decoded);
    if within && !body.fill_buf().await?.is_empty() {
        return Err(io::Error::other("there is more behind its end"));
    }
    Ok(())
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
}
