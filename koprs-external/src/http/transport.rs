//! The one place that knows reqwest: a request goes out, a plain [`http::Response<Bytes>`] comes back.

use std::error::Error as StdError;
use std::sync::OnceLock;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Response};
use reqwest::redirect;
use url::Url;

use super::classify::{Meaning, meaning};
use crate::error::{ExternalError, HttpError, HttpErrorKind};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// What is made room for on the word of a `Content-Length`.
const MOST_ROOM: usize = 1024 * 1024;

/// What sends requests.
pub(super) use reqwest::Client;

/// An answer, and the URL that gave it.
pub(super) struct Answer {
    pub(super) response: Response<Bytes>,
    pub(super) url: Url,
}

/// The client of all pollers that bring none: one pool of connections, one TLS configuration.
pub(super) fn shared() -> Result<&'static Client, HttpError> {
    static SHARED: OnceLock<Client> = OnceLock::new();
    if let Some(client) = SHARED.get() {
        return Ok(client);
    }
    let client = Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .redirect(redirect::Policy::none())
        .user_agent(concat!("koprs-external/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(from_reqwest)?;
    Ok(SHARED.get_or_init(|| client))
}

/// GETs a URL. The body is read only where the status says that it is the value, and only up to `limit`
/// bytes after decompression.
pub(super) async fn get(
    client: &Client,
    url: Url,
    headers: HeaderMap,
    limit: u64,
) -> Result<Answer, HttpError> {
    let mut response = client.get(url).headers(headers).send().await.map_err(from_reqwest)?;
    let url = response.url().clone();
    let mut answer = Response::new(Bytes::new());
    *answer.status_mut() = response.status();
    *answer.headers_mut() = std::mem::take(response.headers_mut());
    if meaning(answer.status()) == Meaning::Content {
        *answer.body_mut() = body(&mut response, limit).await?;
    }
    Ok(Answer { response: answer, url })
}

/// The whole body in a buffer of its own size: a slice of a larger one would keep that alive.
async fn body(response: &mut reqwest::Response, limit: u64) -> Result<Bytes, HttpError> {
    let announced = response.content_length().unwrap_or_default();
    if announced > limit {
        return Err(too_large(limit));
    }
    let mut body =
        Vec::with_capacity(usize::try_from(announced).unwrap_or_default().min(MOST_ROOM));
    while let Some(chunk) = response.chunk().await.map_err(from_reqwest)? {
        let length = body.len().saturating_add(chunk.len());
        if u64::try_from(length).unwrap_or(u64::MAX) > limit {
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into_boxed_slice().into())
}

fn too_large(limit: u64) -> HttpError {
    let message = format!("the body is larger than `body_limit`, {limit} bytes");
    HttpError::new(HttpErrorKind::BodyTooLarge { limit }, false, message)
}

/// Takes the URL out of a client's error, since it may hold a secret, and says what is at its root.
fn from_reqwest(error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let (kind, what) = if error.is_timeout() {
        (HttpErrorKind::Timeout, "timed out")
    } else if error.is_connect() {
        (HttpErrorKind::Connect, "cannot connect")
    } else if error.is_redirect() {
        (HttpErrorKind::Redirect, "the redirect is not followed")
    } else if error.is_builder() {
        (HttpErrorKind::Client, "the client cannot make the request")
    } else if error.is_decode() {
        (HttpErrorKind::Interrupted, "the body is broken")
    } else {
        (HttpErrorKind::Interrupted, "the answer broke off")
    };
    let root = std::iter::successors(error.source(), |&cause| cause.source()).last();
    let message = root.map_or_else(|| what.to_owned(), |root| format!("{what}: {root}"));
    let retryable = !matches!(kind, HttpErrorKind::Redirect | HttpErrorKind::Client);
    HttpError { cause: Some(error.into()), ..HttpError::new(kind, retryable, message) }
}

/// For sources written by hand with reqwest. The URL is taken out of the error.
impl From<reqwest::Error> for ExternalError {
    fn from(error: reqwest::Error) -> Self {
        let status = error.status();
        let mut error = from_reqwest(error);
        if let Some(status) = status {
            error.kind = HttpErrorKind::Status(status.as_u16());
            error.retryable = meaning(status) == Meaning::Failure { retryable: true };
            error.message = format!("the server answered {status}");
        }
        Self::Http(error)
    }
}
