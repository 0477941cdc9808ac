//! Requests by a client: one goes out, a plain [`http::Response<Bytes>`] comes back.

use std::error::Error as StdError;
use std::io;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::try_unfold;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_ENCODING};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use tokio::sync::Semaphore;
use tokio::task::consume_budget;
use tokio::time::{Instant, timeout_at};
use tokio_util::io::StreamReader;
use url::{Position, Url};

use super::classify::{Meaning, meaning};
use super::guard::Guard;
use crate::client::{self, Roots, Route, Tls};
use crate::coding::{self, Coding, Unsupported};
use crate::error::{ExternalError, HttpError, HttpErrorKind};
use crate::memory::{Budget, Full};
use crate::spec::Method;
use crate::spec::fixed::HTTP1_HEADERS;

/// What the client says of headers that are too large for it, among others.
const HTTP2_PROTOCOL_ERROR: &str = "stream error detected: unspecific protocol error detected";
/// What the client says of an HTTP/1.1 answer with more than so many headers, or bytes of them. It has no setting for
/// either, and does not say which it was.
const HTTP1_TOO_LARGE: &str = "message head is too large";
const HTTP1_HEADER_BYTES: u64 = 8_192 + 100 * 4_096;
/// How long a connection of an untrusted declaration stays open without a request. Redirects may lead to a new host each.
const UNTRUSTED_IDLE: Duration = Duration::from_secs(5);
/// What is made room for on the word of a `Content-Length`.
const MOST_ROOM: usize = 1024 * 1024;

pub(super) use reqwest::dns;

/// What sends requests; with a guard, only to where that lets them.
#[derive(Clone)]
pub(super) struct Client {
    client: client::Client,
    guard: Option<Guard>,
}

impl Client {
    pub(super) fn with_ports(self, ports: &Arc<[u16]>) -> Self {
        Self { guard: self.guard.map(|guard| guard.with_ports(ports)), ..self }
    }
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
    /// The watcher that asks.
    pub(super) watcher: &'a str,
    /// Until when an untrusted one waits for an answer.
    pub(super) until: Option<Instant>,
}

/// How much of an answer is read.
pub(super) struct Limits {
    /// Bytes of the body, as it is sent and after decompression.
    pub(super) body: u64,
    /// Bytes of the headers.
    pub(super) headers: u64,
    /// Redirects in a row.
    pub(super) redirects: u32,
    /// From which the body is taken, until the poll gives it back.
    pub(super) budget: Option<Budget>,
}

/// The client of all pollers that bring none: one pool of connections, one TLS configuration.
pub(super) fn shared() -> Result<&'static Client, HttpError> {
    static SHARED: OnceLock<Client> = OnceLock::new();
    if let Some(client) = SHARED.get() {
        return Ok(client);
    }
    let tls = system_tls()?;
    let client = client::Client::new(tls, client::Options::default());
    Ok(SHARED.get_or_init(|| Client { client, guard: None }))
}

/// A client that goes nowhere but where its guard lets it, and that a server does not hold up.
pub(super) fn guarded(guard: Guard) -> Result<Client, HttpError> {
    let tls = system_tls()?;
    let open = Arc::new(Semaphore::new(guard.connections()));
    let resolver = Some(Arc::new(guard.clone()) as _);
    // A proxy would look up names by itself.
    let options = client::Options {
        route: Route::Direct,
        resolver,
        idle_timeout: Some(UNTRUSTED_IDLE),
        open: Some(open),
        resends: true,
        ..Default::default()
    };
    let client = client::Client::new(tls, options);
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
    let mut options = client::Options::default();
    if let Some(path) = unix_socket {
        options.route = Route::Socket(path);
    }
    Ok(Client { client: client::Client::new(tls, options), guard: None })
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
    let Request { watcher, until, .. } = request;
    let head = request.method == Method::Head;
    let request = prepared(client, request);
    let Client { client, guard } = client.clone();
    async move {
        let request = request?;
        let mut is_answered = false;
        // Dropped when nobody waits any more: the connection is not used again then.
        let exchange = client.begin(url);
        let answered = async {
            let response = exchange.send(request);
            let response = match until.filter(|_| guard.is_some()) {
                Some(until) => {
                    let answered = Box::pin(timeout_at(until, response)).await;
                    let why = |_| match &guard {
                        Some(guard) if exchange.waits_for_room() => no_room(guard.connections()),
                        _ => mute(),
                    };
                    answered.map_err(why)?
                }
                None => response.await,
            };
            let mut response = response.map_err(failed)?;
            is_answered = true;
            within(response.headers(), limits.headers)?;
            let body = match with_body(response.status()) {
                true if !head => Box::pin(content(&mut response, limits)).await?,
                _ => Bytes::new(),
            };
            Ok((response, body))
        };
        let answered = answered.await;
        let timed_out = |error: &HttpError| error.kind == HttpErrorKind::Timeout;
        exchange.end(answered.as_ref().is_err_and(timed_out));
        let (mut response, body) = match (answered, guard) {
            (Ok(answered), _) => answered,
            (Err(error), Some(guard)) if !is_answered => {
                return Err(Box::pin(guard.conceal(watcher, url, error, until)).await);
            }
            (Err(error), _) => return Err(error),
        };
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
    let Request { method, url, mut headers, body, watcher: _, until: _ } = request;
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
    let mut url = url.clone();
    // A declared credential goes first.
    if let Some(basic) = client::take_userinfo(&mut url) {
        headers.entry(AUTHORIZATION).or_insert(basic);
    }
    let mut request = reqwest::Request::new(method, url);
    *request.headers_mut() = headers;
    *request.body_mut() = body.map(reqwest::Body::from);
    Ok(request)
}

/// The same resource; the client takes userinfo out of a URL and makes a header of it.
pub(super) fn same(one: &Url, other: &Url) -> bool {
    const RESOURCE: std::ops::Range<Position> = Position::BeforeHost..Position::AfterQuery;
    one == other || (one.scheme() == other.scheme() && one[RESOURCE] == other[RESOURCE])
}

/// The whole content, in a buffer of its own size: a slice of a larger one would keep that alive.
async fn content(response: &mut reqwest::Response, limits: &Limits) -> Result<Bytes, HttpError> {
    let limit = limits.body;
    let values = response.headers().get_all(CONTENT_ENCODING);
    let coding = Coding::of(values.iter().map(HeaderValue::as_bytes))?;
    let plain = coding == Coding::Identity;
    let announced = response.content_length().filter(|_| plain).unwrap_or_default();
    if announced > limit {
        return Err(too_large(limit));
    }
    let room = usize::try_from(announced).unwrap_or_default().min(MOST_ROOM);
    let mut taken = Taken { budget: limits.budget.as_ref(), bytes: 0 };
    let mut content = Vec::with_capacity(room);
    match coding {
        Coding::Identity => {
            copy(response, announced, limit, &mut content, &mut taken).await?;
        }
        coding => {
            let read = read(response, coding, limit, &mut content, &mut taken).await;
            read.map_err(|error| match (coding::is_too_long(&error), Full::of(&error)) {
                (true, _) => too_large(limit),
                (false, Some(full)) => full.into(),
                (false, None) => from_io(error),
            })?;
        }
    }
    if u64::try_from(content.len()).unwrap_or(u64::MAX) > limit {
        return Err(too_large(limit));
    }
    taken.grow_to(content.len())?;
    taken.keep();
    Ok(content.into_boxed_slice().into())
}

/// The room that a body takes of a budget. It is given back when the body could not be read.
struct Taken<'a> {
    budget: Option<&'a Budget>,
    bytes: u64,
}

impl Taken<'_> {
    fn grow_to(&mut self, bytes: usize) -> Result<(), Full> {
        let more = (bytes as u64).saturating_sub(self.bytes);
        if let Some(budget) = self.budget {
            budget.take_body(more)?;
            self.bytes += more;
        }
        Ok(())
    }

    /// The body was read: whoever has it gives back its room.
    fn keep(mut self) {
        self.budget = None;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(budget) = self.budget {
            budget.give_body(self.bytes);
        }
    }
}

/// Reads a body that is as it is, up to what goes beyond the limit. Room for all that is announced is made
/// when much of it has come.
async fn copy(
    response: &mut reqwest::Response,
    announced: u64,
    limit: u64,
    content: &mut Vec<u8>,
    taken: &mut Taken<'_>,
) -> Result<(), HttpError> {
    let whole = |bytes| usize::try_from(bytes).unwrap_or(usize::MAX);
    while content.len() <= whole(limit)
        && let Some(chunk) = next(response).await.map_err(from_reqwest)?
    {
        taken.grow_to(content.len() + chunk.len())?;
        if content.capacity() - content.len() < chunk.len() {
            content.reserve_exact(whole(announced).saturating_sub(content.len()));
        }
        content.extend_from_slice(&chunk);
    }
    Ok(())
}

/// The next part of a body. It may be empty, without end, so the reader gives way to other tasks now and then.
async fn next(response: &mut reqwest::Response) -> reqwest::Result<Option<Bytes>> {
    consume_budget().await;
    response.chunk().await
}

/// Reads an encoded body, up to what goes beyond the limit.
async fn read(
    response: &mut reqwest::Response,
    coding: Coding,
    limit: u64,
    content: &mut Vec<u8>,
    taken: &mut Taken<'_>,
) -> io::Result<()> {
    let chunks = try_unfold(response, async |response| {
        let chunk = next(response).await.map_err(io::Error::other)?;
        io::Result::Ok(chunk.map(|chunk| (chunk, response)))
    });
    let limits = coding::Limits::of_content(limit);
    let grown = &mut |bytes| taken.grow_to(bytes).map_err(io::Error::other);
    coding::read_with(coding, StreamReader::new(pin!(chunks)), limits, content, grown).await
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

impl From<Full> for HttpError {
    fn from(full: Full) -> Self {
        let kind = match full {
            Full::Memory(limit) | Full::Walk(limit) => HttpErrorKind::MemoryLimit { limit },
            Full::Account(limit) => HttpErrorKind::AccountLimit { limit },
        };
        Self::new(kind, full.to_string())
    }
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

fn from_reqwest(error: reqwest::Error) -> HttpError {
    failed(error.into())
}

/// Says what is at the root of a client's error.
fn failed(error: client::Error) -> HttpError {
    let root = std::iter::successors(error.source(), |&cause| cause.source()).last();
    if root.is_some_and(|root| root.to_string() == HTTP1_TOO_LARGE) {
        return HttpError { cause: Some(error.into_inner().into()), ..too_many_headers() };
    }
    let (kind, what) = match error.kind {
        client::Kind::Timeout => (HttpErrorKind::Timeout, "timed out"),
        client::Kind::Connect => (HttpErrorKind::Connect, "cannot connect"),
        client::Kind::Redirect => (HttpErrorKind::Redirect, "the redirect is not followed"),
        client::Kind::Client => (HttpErrorKind::Client, "the client cannot make the request"),
        client::Kind::Body => (HttpErrorKind::Interrupted, "the body is broken"),
        client::Kind::Request => (HttpErrorKind::Interrupted, "the answer broke off"),
    };
    let mut message = root.map_or_else(|| what.to_owned(), |root| format!("{what}: {root}"));
    if message.ends_with(HTTP2_PROTOCOL_ERROR) {
        message += "; HTTP/2 headers of more than 1 MiB are not read";
    }
    HttpError { cause: Some(error.into_inner().into()), ..HttpError::new(kind, message) }
}

/// Of a server that says nothing at all.
fn mute() -> HttpError {
    HttpError::new(HttpErrorKind::Timeout, "no answer within the time of the request")
}

/// Of a request that was not sent.
fn no_room(connections: usize) -> HttpError {
    let limit = connections as u64;
    let message = format!(
        "all {limit} connections that untrusted declarations may have open together are in use, and none was closed \
         within the time of the request"
    );
    HttpError::new(HttpErrorKind::ConnectionLimit { limit }, message)
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
