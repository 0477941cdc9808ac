//! Requests by reqwest: a request goes out, a plain [`http::Response<Bytes>`] comes back.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::OnceLock;

use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use reqwest::redirect;
use tokio_util::io::StreamReader;
use url::{Position, Url};

use super::classify::{Meaning, meaning};
use super::guard::{Guard, NotPublic};
use crate::client::{self, Roots, Tls};
use crate::coding::{self, Coding, Unsupported};
use crate::error::{ExternalError, HttpError, HttpErrorKind};
use crate::spec::Method;

/// What the client says of headers that are too large for it, among others.
const HTTP2_PROTOCOL_ERROR: &str = "stream error detected: unspecific protocol error detected";
/// What the client says of an HTTP/1.1 answer with more than so many headers, or bytes of them. It has no setting for
/// either, and does not say which it was.
const HTTP1_TOO_LARGE: &str = "message head is too large";
const HTTP1_HEADERS: usize = 100;
const HTTP1_HEADER_BYTES: u64 = 8_192 + 100 * 4_096;
/// What is made room for on the word of a `Content-Length`.
const MOST_ROOM: usize = 1024 * 1024;

pub(super) use reqwest::dns;

/// What sends requests; with a guard, only to where that lets them.
#[derive(Clone)]
pub(super) struct Client {
    client: client::Client,
    guard: Option<Guard>,
}

impl From<reqwest::Client> for Client {
    fn from(client: reqwest::Client) -> Self {
        Self { client: client.into(), guard: None }
    }
}

/// An answer, and the URL that gave it, if the client was led elsewhere.
pub(super) struct Answer {
    pub(super) response: Response<Bytes>,
    pub(super) url: Option<Box<Url>>,
}

/// A request as it is sent.
pub(super) struct Request<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Bytes>,
}

/// How much of an answer is read.
pub(super) struct Limits {
    /// Bytes of the body, after decompression.
    pub(super) body: u64,
    /// Bytes of the headers.
    pub(super) headers: u64,
    /// Redirects in a row.
    pub(super) redirects: u32,
}

/// The client of all pollers that bring none: one pool of connections, one TLS configuration.
pub(super) fn shared() -> Result<&'static Client, HttpError> {
    static SHARED: OnceLock<Client> = OnceLock::new();
    if let Some(client) = SHARED.get() {
        return Ok(client);
    }
    let tls = system_tls()?;
    let client = client::Client::new(move || builder(&tls).build()).map_err(from_reqwest)?;
    Ok(SHARED.get_or_init(|| Client { client, guard: None }))
}

/// A client that goes nowhere but where its guard lets it. It takes no proxy, which would look up names by
/// itself.
pub(super) fn guarded(guard: Guard) -> Result<Client, HttpError> {
    let tls = system_tls()?;
    let resolver = guard.clone();
    let build = move || builder(&tls).no_proxy().dns_resolver(resolver.clone()).build();
    let client = client::Client::new(build).map_err(from_reqwest)?;
    Ok(Client { client, guard: Some(guard) })
}

fn system_tls() -> Result<Tls, HttpError> {
    Tls::new(Roots::system(), None).map_err(|why| {
        let message = format!(
            "the client cannot make the request: {why}; are there CA certificates (package `ca-certificates`, or \
             `SSL_CERT_FILE`)?"
        );
        HttpError::new(HttpErrorKind::Client, message)
    })
}

/// A client with TLS settings of its own. With a socket in the file system, it connects to that, whatever the host
/// of a URL.
pub(super) fn own(tls: Tls, unix_socket: Option<PathBuf>) -> Result<Client, String> {
    if cfg!(not(unix)) && unix_socket.is_some() {
        return Err("there are no `unix_socket`s on this system".to_owned());
    }
    let build = move || {
        let builder = builder(&tls);
        #[cfg(unix)]
        let builder = match &unix_socket {
            Some(socket) => builder.unix_socket(socket.as_path()),
            None => builder,
        };
        builder.build()
    };
    client::Client::new(build).map(|client| Client { client, guard: None }).map_err(root)
}

fn builder(tls: &Tls) -> reqwest::ClientBuilder {
    client::builder(tls).redirect(redirect::Policy::none())
}

/// What is at the root of an error.
fn root(error: reqwest::Error) -> String {
    let first: &dyn StdError = &error;
    let last = std::iter::successors(Some(first), |&cause| cause.source()).last();
    last.map(ToString::to_string).unwrap_or_default()
}

/// Sends a request. The body of the answer is read only where the status says that it is the value, and
/// only up to its limit after decompression.
pub(super) fn send<'a>(
    client: &Client,
    request: Request<'a>,
    limits: &'a Limits,
) -> impl Future<Output = Result<Answer, HttpError>> + use<'a> {
    send_and_read(client, request, limits, |status| meaning(status) == Meaning::Content)
}

/// Sends a request. The body of the answer is read where its status is one of these.
///
/// No `async fn`: its future would keep room for the arguments beside the request made of them.
pub(super) fn send_and_read<'a>(
    client: &Client,
    request: Request<'a>,
    limits: &'a Limits,
    with_body: fn(StatusCode) -> bool,
) -> impl Future<Output = Result<Answer, HttpError>> + use<'a> {
    let url = request.url;
    let head = request.method == Method::Head;
    let request = prepared(client, request);
    let client = client.client.clone();
    async move {
        let request = request?;
        // Dropped when nobody waits any more: the connection is not used again then.
        let exchange = client.begin(url);
        let answered = async {
            let mut response = exchange.client().execute(request).await.map_err(from_reqwest)?;
            within(response.headers(), limits.headers)?;
            let body = match with_body(response.status()) {
                true if !head => Box::pin(content(&mut response, limits.body)).await?,
                _ => Bytes::new(),
            };
            Ok((response, body))
        };
        let answered = answered.await;
        let timed_out = |error: &HttpError| error.kind == HttpErrorKind::Timeout;
        exchange.end(answered.as_ref().is_err_and(timed_out));
        let (mut response, body) = answered?;
        let elsewhere = !same(response.url(), url);
        let url = elsewhere.then(|| Box::new(response.url().clone()));
        let mut answer = Response::new(body);
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(Answer { response: answer, url })
    }
}

/// A request as the client sends it, but for the headers that it adds by itself. There is none that its guard does
/// not let out.
pub(super) fn prepared(
    client: &Client,
    request: Request<'_>,
) -> Result<reqwest::Request, HttpError> {
    let Client { client, guard } = client;
    let Request { method, url, mut headers, body } = request;
    guard.as_ref().map_or(Ok(()), |guard| guard.check(url))?;
    if cfg!(not(feature = "_tls")) && url.scheme() == "https" && !client.is_custom() {
        let message = format!("there is no TLS for `https://`: {}", client::FEATURES);
        return Err(HttpError::new(HttpErrorKind::Client, message));
    }
    headers.entry(ACCEPT_ENCODING).or_insert(coding::ACCEPTED);
    let method = match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
    };
    let mut request = client.any().request(method, url.clone()).build().map_err(from_reqwest)?;
    // The client has made a header of the userinfo, if any; a declared credential goes first.
    let basic = std::mem::replace(request.headers_mut(), headers).remove(AUTHORIZATION);
    if let Some(basic) = basic {
        request.headers_mut().entry(AUTHORIZATION).or_insert(basic);
    }
    *request.body_mut() = body.map(reqwest::Body::from);
    Ok(request)
}

/// The same resource; the client takes userinfo out of a URL and makes a header of it.
pub(super) fn same(one: &Url, other: &Url) -> bool {
    const RESOURCE: std::ops::Range<Position> = Position::BeforeHost..Position::AfterQuery;
    one == other || (one.scheme() == other.scheme() && one[RESOURCE] == other[RESOURCE])
}

/// The whole content, in a buffer of its own size: a slice of a larger one would keep that alive.
async fn content(response: &mut reqwest::Response, limit: u64) -> Result<Bytes, HttpError> {
    let values = response.headers().get_all(CONTENT_ENCODING);
    let coding = Coding::of(values.iter().map(HeaderValue::as_bytes))?;
    let plain = coding == Coding::Identity;
    let announced = response.content_length().filter(|_| plain).unwrap_or_default();
    if announced > limit {
        return Err(too_large(limit));
    }
    let room = usize::try_from(announced).unwrap_or_default().min(MOST_ROOM);
    let mut content = Vec::with_capacity(room);
    match coding {
        Coding::Identity => {
            copy(response, announced, limit, &mut content).await.map_err(from_reqwest)?;
        }
        coding => read(response, coding, limit, &mut content).await.map_err(from_io)?,
    }
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        return Err(too_large(limit));
    }
    Ok(content.into_boxed_slice().into())
}

/// Reads a body that is as it is, up to what goes beyond the limit. Room for all that is announced is made
/// when much of it has come.
async fn copy(
    response: &mut reqwest::Response,
    announced: u64,
    limit: u64,
    content: &mut Vec<u8>,
) -> reqwest::Result<()> {
    let whole = |bytes| usize::try_from(bytes).unwrap_or(usize::MAX);
    while content.len() <= whole(limit)
        && let Some(chunk) = response.chunk().await?
    {
        if content.capacity() - content.len() < chunk.len() {
            content.reserve_exact(whole(announced).saturating_sub(content.len()));
        }
        content.extend_from_slice(&chunk);
    }
    Ok(())
}

/// Reads an encoded body, up to what goes beyond the limit.
async fn read(
    response: &mut reqwest::Response,
    coding: Coding,
    limit: u64,
    content: &mut Vec<u8>,
) -> io::Result<()> {
    let chunks = try_unfold(response, async |response| {
        let chunk = response.chunk().await.map_err(io::Error::other)?;
        io::Result::Ok(chunk.map(|chunk| (chunk, response)))
    });
    coding::read(coding, StreamReader::new(pin!(chunks)), limit, content).await
}

fn within(headers: &HeaderMap, limit: u64) -> Result<(), HttpError> {
    // `name: value`, and the end of the line.
    let lines = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4);
    if u64::try_from(lines.sum::<usize>()).unwrap_or(u64::MAX) <= limit {
        return Ok(());
    }
    let message = format!("the headers are larger than `header_limit`, {limit} bytes");
    Err(HttpError::new(HttpErrorKind::HeadersTooLarge { limit }, message))
}

fn too_large(limit: u64) -> HttpError {
    let message = format!("the body is larger than `body_limit`, {limit} bytes");
    HttpError::new(HttpErrorKind::BodyTooLarge { limit }, message)
}

impl From<Unsupported> for HttpError {
    fn from(unsupported: Unsupported) -> Self {
        Self::new(HttpErrorKind::ContentCoding, unsupported.to_string())
    }
}

/// A body that cannot be read: the connection broke, or its coding.
fn from_io(error: io::Error) -> HttpError {
    match error.downcast::<reqwest::Error>() {
        Ok(error) => from_reqwest(error),
        Err(error) => {
            let message = format!("the body is broken: {error}");
            let cause = Some(error.into());
            HttpError { cause, ..HttpError::new(HttpErrorKind::Interrupted, message) }
        }
    }
}

/// Takes the URL out of a client's error, since it may hold a secret, and says what is at its root.
fn from_reqwest(error: reqwest::Error) -> HttpError {
    let error = error.without_url();
    let root = std::iter::successors(error.source(), |&cause| cause.source()).last();
    if let Some(refused) = root.and_then(<dyn StdError>::downcast_ref::<NotPublic>) {
        return refused.into();
    }
    if root.is_some_and(|root| root.to_string() == HTTP1_TOO_LARGE) {
        return HttpError { cause: Some(error.into()), ..too_many_headers() };
    }
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
    let mut message = root.map_or_else(|| what.to_owned(), |root| format!("{what}: {root}"));
    if message.ends_with(HTTP2_PROTOCOL_ERROR) {
        message += "; HTTP/2 headers of more than 1 MiB are not read";
    }
    HttpError { cause: Some(error.into()), ..HttpError::new(kind, message) }
}

fn too_many_headers() -> HttpError {
    let kibibytes = HTTP1_HEADER_BYTES / 1_024;
    let message = format!(
        "the answer has more than {HTTP1_HEADERS} headers, or more than {kibibytes} KiB of them, and no more are read \
         over HTTP/1.1: the server has to send fewer"
    );
    HttpError::new(HttpErrorKind::HeadersTooLarge { limit: HTTP1_HEADER_BYTES }, message)
}

/// For sources written by hand with reqwest. The URL is taken out of the error.
impl From<reqwest::Error> for ExternalError {
    fn from(error: reqwest::Error) -> Self {
        let status = error.status();
        let mut error = from_reqwest(error);
        if let Some(status) = status {
            error.kind = HttpErrorKind::Status(status.as_u16());
            error.message = format!("the server answered {status}");
        }
        Self::Http(error)
    }
}
