//! The HTTP client of object stores: built by this crate, with the options that `object_store` has for it.
//!
//! The client that `object_store` builds by itself needs its feature `reqwest`, which is not enabled here: it takes
//! rustls' process default, and goes on using an HTTP/2 connection that is mute.

use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, TRANSFER_ENCODING,
    USER_AGENT,
};
use http::{HeaderMap, Method, StatusCode};
use hyper::body::{Body, Frame, SizeHint};
use object_store::client::{
    DnsResolver, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientConfigKey as Key, ClientOptions, Error, Result};
use reqwest::dns;
use tokio::net::lookup_host;
use tokio::task::coop::poll_proceed;
use tokio::time::{Sleep, sleep};
use url::Url;

use super::refusal::Moved;
use crate::client::{self, Exchange, FEATURES, Roots, Route, Tls};

/// A client with these options.
pub(super) fn connect(options: &ClientOptions) -> Result<Client> {
    let is = |key| flag(options, key);
    let rules = Rules::read(options)?;
    if rules.https_only && cfg!(not(feature = "_tls")) {
        return Err(refused(format!("there is no TLS for `https://`: {FEATURES}")));
    }
    let versions = match (is(Key::Http2Only)?, is(Key::Http1Only)?) {
        (true, _) => Versions::Http2,
        (false, true) => Versions::Http1,
        (false, false) => Versions::Both,
    };
    let resolver = match options.dns_resolver() {
        Some(resolver) => Some(Resolver::Custom(Arc::clone(resolver))),
        None => is(Key::RandomizeAddresses)?.then_some(Resolver::Shuffled),
    };
    let default = client::Options::default();
    let connections = client::Options {
        route: proxy(options)?.unwrap_or(default.route),
        resolver: resolver.map(|resolver| Arc::new(resolver) as _),
        connect_timeout: duration(options, Key::ConnectTimeout)?.unwrap_or(default.connect_timeout),
        http2_only: versions == Versions::Http2,
        idle_timeout: duration(options, Key::PoolIdleTimeout)?,
        most_idle: number(options, Key::PoolMaxIdlePerHost)?,
        open: None,
        resends: false,
        ping_interval: duration(options, Key::Http2KeepAliveInterval)?
            .unwrap_or(default.ping_interval),
        ping_timeout: duration(options, Key::Http2KeepAliveTimeout)?
            .unwrap_or(default.ping_timeout),
        frame_size: frame_size(options)?,
    };
    let client = client::Client::new(tls(options, versions)?, connections);
    Ok(Client { client, rules: Some(Arc::new(rules)) })
}

/// Sends the requests of a store.
#[derive(Clone, Debug)]
pub(super) struct Client {
    client: client::Client,
    /// `None` for a custom client, which has its own.
    rules: Option<Arc<Rules>>,
}

impl From<reqwest::Client> for Client {
    fn from(client: reqwest::Client) -> Self {
        Self { client: client.into(), rules: None }
    }
}

/// The options that apply to each request.
struct Rules {
    https_only: bool,
    /// Default headers; a header of the request takes precedence.
    headers: HeaderMap,
    /// The time for a request and its whole answer.
    timeout: Option<Duration>,
    /// The time for each part of the answer.
    read_timeout: Option<Duration>,
}

impl Rules {
    fn read(options: &ClientOptions) -> Result<Self> {
        let mut headers = options.get_default_headers().cloned().unwrap_or_default();
        if let Some(agent) = text(options, Key::UserAgent) {
            let agent = agent.parse().map_err(|_| unreadable(Key::UserAgent, "header"))?;
            headers.insert(USER_AGENT, agent);
        }
        Ok(Self {
            https_only: !flag(options, Key::AllowHttp)?,
            headers,
            timeout: duration(options, Key::Timeout)?,
            read_timeout: duration(options, Key::ReadTimeout)?,
        })
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Versions {
    Http1,
    Http2,
    Both,
}

fn proxy(options: &ClientOptions) -> Result<Option<Route>> {
    let Some(url) = text(options, Key::ProxyUrl) else { return Ok(None) };
    let excludes = text(options, Key::ProxyExcludes).unwrap_or_default();
    let refuse = |why| refused(format!("`proxy_url`: {why}"));
    Route::by_proxy(&url, excludes).map(Some).map_err(refuse)
}

/// The most redirects in a row.
const MOST_REDIRECTS: usize = 5;

/// Returns where an answer redirects to, and whether the body is sent along. Redirects are followed within the origin alone:
/// `object_store` puts credentials into headers of its own, into queries and into bodies, and all of them go along.
fn redirected(
    method: &Method,
    url: &Url,
    status: StatusCode,
    headers: &HeaderMap,
) -> Option<(Method, Url, bool)> {
    let (method, with_body) = match (status, method) {
        (StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND, &Method::POST) => (Method::GET, false),
        (StatusCode::SEE_OTHER, &Method::HEAD) => (Method::HEAD, false),
        (StatusCode::SEE_OTHER, _) => (Method::GET, false),
        (
            StatusCode::MOVED_PERMANENTLY
            | StatusCode::FOUND
            | StatusCode::TEMPORARY_REDIRECT
            | StatusCode::PERMANENT_REDIRECT,
            method,
        ) => (method.clone(), true),
        _ => return None,
    };
    let location = std::str::from_utf8(headers.get(LOCATION)?.as_bytes()).ok()?;
    let mut next = url.join(location).ok()?;
    // It is in no log of the client then.
    client::take_userinfo(&mut next);
    (next.origin() == url.origin()).then_some((method, next, with_body))
}

fn tls(options: &ClientOptions, versions: Versions) -> Result<Tls> {
    let proxied = text(options, Key::ProxyUrl).is_some();
    let more = text(options, Key::ProxyCaCertificate).filter(|_| proxied);
    let pem = more.as_deref().map(str::as_bytes);
    let roots = match (flag(options, Key::NoSystemCertificates)?, pem) {
        _ if flag(options, Key::AllowInvalidCertificates)? => Ok(Roots::any()),
        (true, Some(pem)) => Roots::only(pem),
        (true, None) => Ok(Roots::none()),
        (false, Some(pem)) => Roots::system_and(pem),
        (false, None) => Ok(Roots::system()),
    };
    let tls = roots.and_then(|roots| Tls::new(roots, None)).map_err(refused)?;
    Ok(match versions {
        Versions::Http1 => tls.with_alpn(&["http/1.1"]),
        Versions::Http2 => tls.with_alpn(&["h2"]),
        Versions::Both => tls,
    })
}

fn text(options: &ClientOptions, key: Key) -> Option<String> {
    options.get_config_value(&key)
}

/// A switch, in the spellings that `object_store` knows.
fn flag(options: &ClientOptions, key: Key) -> Result<bool> {
    let value = text(options, key).unwrap_or_default();
    match value.to_ascii_lowercase().as_str() {
        "1" | "true" | "on" | "yes" | "y" => Ok(true),
        "" | "0" | "false" | "off" | "no" | "n" => Ok(false),
        _ => Err(unreadable(key, "boolean")),
    }
}

/// Longer times cannot be added to every instant, at which the client panics.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 60 * 60);

fn duration(options: &ClientOptions, key: Key) -> Result<Option<Duration>> {
    let parse = |value: String| humantime::parse_duration(&value);
    let time = text(options, key).map(parse).transpose();
    Ok(time.map_err(|_| unreadable(key, "duration"))?.map(|time| time.min(LONGEST)))
}

/// Within what HTTP/2 allows (RFC 9113 §6.5.2); the client panics at others.
fn frame_size(options: &ClientOptions) -> Result<Option<u32>> {
    let size = number(options, Key::Http2MaxFrameSize)?;
    match size.is_none_or(|size| (1 << 14..1 << 24).contains(&size)) {
        true => Ok(size),
        false => {
            Err(refused("`http2_max_frame_size` is not between 16384 and 16777215".to_owned()))
        }
    }
}

fn number<T: FromStr>(options: &ClientOptions, key: Key) -> Result<Option<T>> {
    let parse = |value: String| value.parse();
    text(options, key).map(parse).transpose().map_err(|_| unreadable(key, "number"))
}

fn unreadable(key: Key, kind: &str) -> Error {
    refused(format!("the value of `{}` is not a {kind}", key.as_ref()))
}

fn refused(why: String) -> Error {
    Error::Generic { store: "HTTP client", source: why.into() }
}

/// Looks up the addresses of a host.
#[derive(Clone)]
enum Resolver {
    Custom(Arc<dyn DnsResolver>),
    /// In a random order, which spreads connections over the servers of a store.
    Shuffled,
}

impl dns::Resolve for Resolver {
    fn resolve(&self, name: dns::Name) -> dns::Resolving {
        let resolver = self.clone();
        async move {
            let host = name.as_str();
            let found = match resolver {
                Self::Custom(resolver) => {
                    let found = resolver.resolve(host).await?;
                    found.into_iter().map(|address| SocketAddr::new(address, 0)).collect()
                }
                Self::Shuffled => {
                    let mut found: Vec<_> = lookup_host((host, 0)).await?.collect();
                    fastrand::shuffle(&mut found);
                    found
                }
            };
            Ok(Box::new(found.into_iter()) as dns::Addrs)
        }
        .boxed()
    }
}

#[async_trait]
impl HttpService for Client {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let mut url: Url = parts
            .uri
            .to_string()
            .parse()
            .map_err(|error: url::ParseError| HttpError::new(HttpErrorKind::Unknown, error))?;
        let (mut method, mut headers) = (parts.method, parts.headers);
        if let Some(basic) = client::take_userinfo(&mut url) {
            headers.entry(AUTHORIZATION).or_insert(basic);
        }
        let rules = self.rules.as_deref();
        if rules.is_some_and(|rules| rules.https_only) && url.scheme() != "https" {
            let error = io::Error::other("URL scheme is not allowed");
            return Err(HttpError::new(HttpErrorKind::Unknown, error));
        }
        for (name, value) in rules.iter().flat_map(|rules| &rules.headers) {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        let mut timeouts = Timeouts::new(rules);
        let mut bytes = body.as_bytes().cloned();
        // What is no bytes can be sent once.
        let mut stream = bytes.is_none().then(|| reqwest::Body::wrap(body));
        let mut redirects = 0;
        loop {
            let mut exchange = self.client.begin(&url);
            let mut request = reqwest::Request::new(method.clone(), url.clone());
            *request.headers_mut() = headers.clone();
            *request.body_mut() = stream.take().or_else(|| bytes.clone().map(Into::into));
            let response = match timeouts.wait(exchange.send(request)).await {
                Ok(response) => response,
                Err(error) => {
                    exchange.end(error.kind == client::Kind::Timeout);
                    return Err(failed(error));
                }
            };
            exchange.set_pending(false);
            let (status, answered) = (response.status(), response.headers());
            let next = match redirects < MOST_REDIRECTS && rules.is_some() {
                true => redirected(&method, response.url(), status, answered),
                false => None,
            };
            // What cannot be sent again follows no redirect.
            match next.filter(|(.., with_body)| !with_body || bytes.is_some()) {
                Some((to, next, with_body)) => {
                    (method, url) = (to, next);
                    redirects += 1;
                    if !with_body {
                        bytes = None;
                        for name in
                            [CONTENT_TYPE, CONTENT_LENGTH, CONTENT_ENCODING, TRANSFER_ENCODING]
                        {
                            headers.remove(name);
                        }
                    }
                }
                None => {
                    let moved = Moved::read(status, answered, response.url());
                    let mut response = http::Response::<reqwest::Body>::from(response);
                    if let Some(moved) = moved {
                        response.extensions_mut().insert(moved);
                    }
                    let left = if status.is_success() { usize::MAX } else { LONGEST_ERROR };
                    let body = |body| Answer { body, exchange, timeouts, left };
                    return Ok(response.map(|it| HttpResponseBody::new(body(it))));
                }
            }
        }
    }
}

/// The timeouts of a request.
struct Timeouts {
    /// Ends with the time for the whole answer.
    until: Option<Pin<Box<Sleep>>>,
    read: Option<Duration>,
    /// Ends with the time for the next part.
    reading: Option<Pin<Box<Sleep>>>,
}

impl Timeouts {
    fn new(rules: Option<&Rules>) -> Self {
        let until = rules.and_then(|rules| rules.timeout).map(|time| Box::pin(sleep(time)));
        Self { until, read: rules.and_then(|rules| rules.read_timeout), reading: None }
    }

    /// Polls for the next part of the answer. Returns an error when one of the timeouts has passed.
    fn poll<T>(
        &mut self,
        cx: &mut Context<'_>,
        next: impl FnOnce(&mut Context<'_>) -> Poll<Result<T, client::Error>>,
    ) -> Poll<Result<T, client::Error>> {
        if let Poll::Ready(next) = next(cx) {
            self.reading = None;
            return Poll::Ready(next);
        }
        if let Some(time) = self.read {
            self.reading.get_or_insert_with(|| Box::pin(sleep(time)));
        }
        let mut sleeps = [&mut self.until, &mut self.reading].into_iter().flatten();
        match sleeps.any(|sleep| sleep.as_mut().poll(cx).is_ready()) {
            true => Poll::Ready(Err(client::Error::timed_out())),
            false => Poll::Pending,
        }
    }

    async fn wait<T>(
        &mut self,
        next: impl Future<Output = Result<T, client::Error>>,
    ) -> Result<T, client::Error> {
        let mut next = pin!(next);
        poll_fn(|cx| self.poll(cx, |cx| next.as_mut().poll(cx))).await
    }
}

/// `object_store` reads the whole body of an answer that is no success into its error.
const LONGEST_ERROR: usize = 64 * 1024;

/// The body of an answer. A reader that gives up while it waits for more gives up the request.
struct Answer {
    body: reqwest::Body,
    exchange: Exchange,
    timeouts: Timeouts,
    /// It ends after so many bytes, whatever the server sends.
    left: usize,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = HttpError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, HttpError>>> {
        let Self { body, exchange, timeouts, left } = self.get_mut();
        if *left == 0 {
            return Poll::Ready(None);
        }
        // They may be empty, without end.
        let progress = ready!(poll_proceed(cx));
        exchange.set_pending(true);
        let frame = ready!(timeouts.poll(cx, |cx| {
            Pin::new(body).poll_frame(cx).map(|frame| frame.transpose().map_err(Into::into))
        }));
        progress.made_progress();
        let timed_out = |error: &client::Error| error.kind == client::Kind::Timeout;
        exchange.set_pending(frame.as_ref().is_err_and(timed_out));
        if let Ok(Some(data)) = frame.as_ref().map(|frame| frame.as_ref()?.data_ref()) {
            *left = left.saturating_sub(data.len());
        }
        Poll::Ready(frame.map_err(failed).transpose())
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// An error, with what `object_store` goes by when it decides whether to try again.
fn failed(error: client::Error) -> HttpError {
    let kind = match error.kind {
        client::Kind::Timeout => HttpErrorKind::Timeout,
        client::Kind::Connect => HttpErrorKind::Connect,
        client::Kind::Body => HttpErrorKind::Decode,
        client::Kind::Redirect | client::Kind::Client | client::Kind::Request => {
            let causes = std::iter::successors(error.source(), |&cause| cause.source());
            causes.filter_map(kind_of).next().unwrap_or(HttpErrorKind::Unknown)
        }
    };
    HttpError::new(kind, error)
}

fn kind_of(cause: &(dyn StdError + 'static)) -> Option<HttpErrorKind> {
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        let broke =
            error.is_closed() || error.is_incomplete_message() || error.is_body_write_aborted();
        return match broke {
            true => Some(HttpErrorKind::Request),
            false => error.is_timeout().then_some(HttpErrorKind::Timeout),
        };
    }
    match cause.downcast_ref::<io::Error>()?.kind() {
        io::ErrorKind::TimedOut => Some(HttpErrorKind::Timeout),
        io::ErrorKind::ConnectionAborted
        | io::ErrorKind::ConnectionReset
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof => Some(HttpErrorKind::Interrupted),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use object_store::client::HttpRequestBody;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn next(method: &str, status: u16, location: &str) -> Option<(String, String, bool)> {
        let (method, url) = (method.parse().unwrap(), "http://h:80/b/?x=y".parse().unwrap());
        let headers = HeaderMap::from_iter([(
            LOCATION,
            HeaderValue::from_bytes(location.as_bytes()).unwrap(),
        )]);
        let status = StatusCode::from_u16(status).unwrap();
        let (method, url, with_body) = redirected(&method, &url, status, &headers)?;
        Some((method.to_string(), url.to_string(), with_body))
    }

    #[test]
    fn a_redirect_is_followed_within_its_origin_alone() {
        let to = |method: &str, url: &str, with_body| {
            Some((method.to_owned(), format!("http://h/{url}"), with_body))
        };
        for (method, status, location, expected) in [
            ("GET", 301, "/c/", to("GET", "c/", true)),
            ("PROPFIND", 301, "c", to("PROPFIND", "b/c", true)),
            ("POST", 301, "c", to("GET", "b/c", false)),
            ("POST", 302, "http://h/c", to("GET", "c", false)),
            ("POST", 303, "?z", to("GET", "b/?z", false)),
            ("HEAD", 303, "?z", to("HEAD", "b/?z", false)),
            ("POST", 307, "//h/c", to("POST", "c", true)),
            ("GET", 308, "http://u:p@h/c", to("GET", "c", true)),
            ("GET", 301, "/ü", to("GET", "%C3%BC", true)),
            ("GET", 300, "/c", None),
            ("GET", 304, "/c", None),
            ("GET", 200, "/c", None),
            ("GET", 301, "https://h/c", None),
            ("GET", 302, "http://h:8080/c", None),
            ("GET", 307, "http://i/c", None),
            ("POST", 308, "//i/c", None),
            ("GET", 301, "http://", None),
        ] {
            assert_eq!(next(method, status, location), expected, "{method} {status} {location}");
        }
    }

    #[test]
    fn options_at_which_the_client_would_panic_are_refused_or_shortened() {
        let with = |key, value: &str| ClientOptions::new().with_config(key, value);
        for (size, is_good) in [
            ("10", false),
            ("16383", false),
            ("16384", true),
            ("16777215", true),
            ("16777216", false),
        ] {
            let connected = connect(&with(Key::Http2MaxFrameSize, size));
            assert_eq!(connected.is_ok(), is_good, "{size} {connected:?}");
        }
        let idle = duration(&with(Key::PoolIdleTimeout, "100000000000years"), Key::PoolIdleTimeout);
        assert_eq!(idle.unwrap(), Some(LONGEST));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_is_waited_for_as_long_as_all_of_it_and_each_part_may_take() {
        let seconds = Duration::from_secs;
        let begin = tokio::time::Instant::now();
        let rules = Rules {
            https_only: false,
            headers: HeaderMap::new(),
            timeout: Some(seconds(10)),
            read_timeout: Some(seconds(4)),
        };
        let part = async |time| {
            sleep(seconds(time)).await;
            Ok(time)
        };
        let mut timeouts = Timeouts::new(Some(&rules));
        assert_eq!(timeouts.wait(part(3)).await.unwrap(), 3);
        assert_eq!(timeouts.wait(part(3)).await.unwrap(), 3);
        let late = timeouts.wait(part(5)).await.unwrap_err();
        assert_eq!((late.kind, begin.elapsed()), (client::Kind::Timeout, seconds(10)));

        let mut timeouts = Timeouts::new(Some(&rules));
        assert!(timeouts.wait(part(5)).await.is_err());
        assert_eq!(begin.elapsed(), seconds(14));
        assert_eq!(Timeouts::new(None).wait(part(100)).await.unwrap(), 100);
    }

    /// What becomes of an answer of these bytes.
    async fn outcome(client: &Client, answer: &[u8]) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let serve = async {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
                stream.write_all(answer).await.unwrap();
            }
        };
        let ask = async {
            let request = http::Request::get(url).body(HttpRequestBody::empty()).unwrap();
            let body = client.call(request).await?.into_body().bytes().await?;
            Ok(format!("{body:?}"))
        };
        let asked: Result<_, HttpError> =
            tokio::select! { () = serve => return String::new(), asked = ask => asked };
        asked.unwrap_or_else(|error| format!("{:?}", error.kind()))
    }

    #[tokio::test]
    async fn an_error_is_of_the_kind_that_reqwest_gives_it() {
        let options = ClientOptions::new().with_allow_http(true);
        let clients = [connect(&options).unwrap(), koprs_external_tests::client().into()];
        for (answer, expected) in [
            (&b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"[..], "b\"ok\""),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", "Interrupted"),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n", "Interrupted"),
            (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nx\r\nok\r\n", "Unknown"),
            (b"", "Request"),
            (b"HTTP/1.1 200", "Request"),
            (b"SSH-2.0-OpenSSH\r\n", "Unknown"),
        ] {
            for client in &clients {
                let answer_of = String::from_utf8_lossy(answer);
                assert_eq!(outcome(client, answer).await, expected, "{client:?} {answer_of}");
            }
        }
    }
}
