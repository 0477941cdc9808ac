//! Content codings (RFC 9110 §8.4): what is asked for, and how it is undone.
//!
//! The client's own decoders are off. They stop behind the first member of a gzip body, which RFC 1952
//! allows to have several, and hand over what they do not know as if it were the content.

use std::pin::Pin;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZstdDecoder};
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue};
use tokio::io::{AsyncBufRead, BufReader};

use crate::error::{HttpError, HttpErrorKind};

/// `Accept-Encoding`.
pub(super) const ACCEPTED: HeaderValue = HeaderValue::from_static("gzip, br, zstd");
/// One upon another.
const MOST: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    Gzip,
    Brotli,
    Zstd,
}

/// The codings of a body, in the order in which they were applied.
///
/// Some servers say what is no coding, and have sent the content as it is.
pub(super) fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, HttpError> {
    let mut codings = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
        for name in value.split(',').map(str::trim) {
            match name {
                "gzip" | "x-gzip" => codings.push(Coding::Gzip),
                "br" => codings.push(Coding::Brotli),
                "zstd" => codings.push(Coding::Zstd),
                "" | "identity" | "none" | "utf-8" | "utf8" | "aws-chunked" => {}
                _ => return Err(refused(format!("is encoded as `{name}`"))),
            }
        }
    }
    match codings.len() {
        0..=MOST => Ok(codings),
        many => Err(refused(format!("is encoded {many} times over"))),
    }
}

fn refused(how: String) -> HttpError {
    let message = format!("the body {how}, which was not asked for");
    HttpError::new(HttpErrorKind::ContentCoding, message)
}

pub(super) type Body<'a> = Pin<Box<dyn AsyncBufRead + Send + 'a>>;

/// The content of a body in these codings.
pub(super) fn decoded<'a>(codings: &[Coding], body: Body<'a>) -> Body<'a> {
    codings.iter().rev().fold(body, |body, coding| match coding {
        Coding::Gzip => {
            let mut members = GzipDecoder::new(body);
            members.multiple_members(true);
            Box::pin(BufReader::new(members))
        }
        Coding::Brotli => Box::pin(BufReader::new(BrotliDecoder::new(body))),
        Coding::Zstd => {
            let mut frames = ZstdDecoder::new(body);
            frames.multiple_members(true);
            Box::pin(BufReader::new(frames))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_are_read_in_any_spelling() {
        use Coding::{Brotli, Gzip, Zstd};
        let cases: [(&[&str], &[Coding]); 6] = [
            (&[], &[]),
            (&["gzip"], &[Gzip]),
            (&["X-GZip"], &[Gzip]),
            (&["identity, utf-8", ""], &[]),
            (&["br,zstd"], &[Brotli, Zstd]),
            (&["gzip", " identity ,gzip"], &[Gzip, Gzip]),
        ];
        for (values, codings) in cases {
            let values = values.iter().map(|value| (CONTENT_ENCODING, value.parse().unwrap()));
            assert_eq!(super::codings(&values.collect()).unwrap(), codings);
        }
    }

    #[test]
    fn what_was_not_asked_for_is_refused() {
        for (value, why) in [
            ("deflate", "`deflate`"),
            ("gzip, compress", "`compress`"),
            ("gzip,gzip,gzip,gzip", "4 times"),
        ] {
            let headers = [(CONTENT_ENCODING, value.parse().unwrap())].into_iter().collect();
            let refused = codings(&headers).unwrap_err();
            assert_eq!(refused.kind(), HttpErrorKind::ContentCoding);
            assert!(refused.to_string().contains(why), "{refused}");
        }
    }
}
