//! Content codings (RFC 9110 §8.4): what is asked for, and how it is undone.
//!
//! The client's own decoders are off. They stop behind the first member of a gzip body, which RFC 1952
//! allows to have several, and hand over what they do not know as if it were the content.

use std::pin::Pin;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use async_compression::zstd::DParameter;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue};
use tokio::io::{AsyncBufRead, AsyncRead};

use crate::error::{HttpError, HttpErrorKind};

/// `Accept-Encoding`.
pub(super) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, br, zstd");
/// 8 MiB, what RFC 9659 sets for `Content-Encoding`.
const ZSTD_WINDOW_LOG: u32 = 23;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
    Brotli,
    Zstd,
}

/// The coding of a body. One upon another is refused: a few bytes of it can unfold to hours of work in
/// the layer between, where nothing counts them.
///
/// Some servers say what is no coding, and have sent the content as it is.
pub(super) fn coding(headers: &HeaderMap) -> Result<Coding, HttpError> {
    let mut coding = Coding::Identity;
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        for name in value.split(',').map(str::trim) {
            let next = match name {
                "gzip" | "x-gzip" => Coding::Gzip,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                "" | "identity" | "none" | "utf-8" | "utf8" | "aws-chunked" => continue,
                _ => return Err(refused(&format!("as `{name}`"))),
            };
            if coding != Coding::Identity {
                return Err(refused("twice over"));
            }
            coding = next;
        }
    }
    Ok(coding)
}

fn refused(how: &str) -> HttpError {
    let message = format!("the body is encoded {how}; undone is one of `gzip`, `br` and `zstd`");
    HttpError::new(HttpErrorKind::ContentCoding, message)
}

/// The content of a body in this coding.
pub(super) fn decoded<'a>(
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

    fn read(values: &[&str]) -> Result<Coding, HttpError> {
        coding(&values.iter().map(|value| (CONTENT_ENCODING, value.parse().unwrap())).collect())
    }

    #[test]
    fn a_coding_is_read_in_any_spelling() {
        let cases: [(&[&str], Coding); 6] = [
            (&[], Coding::Identity),
            (&["gzip"], Coding::Gzip),
            (&["X-GZip"], Coding::Gzip),
            (&["identity, utf-8", ""], Coding::Identity),
            (&["br", "identity"], Coding::Brotli),
            (&[" zstd ,aws-chunked"], Coding::Zstd),
        ];
        for (values, coding) in cases {
            assert_eq!(read(values).unwrap(), coding, "{values:?}");
        }
    }

    #[test]
    fn what_was_not_asked_for_is_refused() {
        for (value, why) in
            [("deflate", "`deflate`"), ("gzip, compress", "`compress`"), ("gzip,gzip", "twice")]
        {
            let refused = read(&[value]).unwrap_err();
            assert_eq!(refused.kind(), HttpErrorKind::ContentCoding);
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }
}
