//! A client whose connections give way to other tasks.
//!
//! What a server sends decides how long the task of a connection works before it gives way, which is up to 128 reads of
//! 400 KiB in a row: hyper reads the size of a chunk byte by byte, however many zeros it begins with. Two servers that
//! send nothing else hold up all that runs on two threads, for seconds. These connections read a small part, and give
//! way before the next one. reqwest lets nobody else read for it, so this client is built of what reqwest is built of.
//! It follows no redirects.

use std::error::Error;
use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT, PROXY_AUTHORIZATION, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderMap, HeaderValue, Method, Response, Uri};
use hyper::body::Incoming;
use hyper::rt::{Read, ReadBuf, ReadBufCursor, Write};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::dns::{GaiResolver, Name};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use reqwest::{Body, ResponseBuilderExt, dns};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task_local;
use tokio::time::timeout;
use tower_service::Service;

use super::tls::{self, Tls};
use super::used::{Used, has_answered, is_outdated};
use super::{CONNECT_TIMEOUT, HTTP2_HEADERS, PING_INTERVAL, PING_TIMEOUT};

/// How many bytes a connection reads before it gives way: this many take hyper less than a millisecond.
const SHARE: usize = 64 * 1024;
/// After so long without a byte, TCP asks whether the other side is there, and again after so long.
const KEEPALIVE: Duration = Duration::from_secs(15);
const KEEPALIVE_RETRIES: u32 = 3;
/// A connection is closed when what was sent is not acknowledged within this time.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const USER_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a request is sent again that the server did not process.
const MOST_RETRIES: usize = 2;

const ONLY_HTTP: &str = "only proxies with `http://` or `https://` URLs are supported";

type BoxError = Box<dyn Error + Send + Sync>;

/// How servers are reached, and how long a connection lives.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) route: Route,
    /// Looks up names; without it, the system does.
    pub(crate) resolver: Option<Arc<dyn dns::Resolve>>,
    pub(crate) connect_timeout: Duration,
    pub(crate) http2_only: bool,
    /// An idle connection is closed after so long.
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) most_idle: Option<usize>,
    /// Each open connection takes one of these; a request waits for it.
    pub(crate) open: Option<Arc<Semaphore>>,
    /// Whether a request is sent again that met the end of a connection.
    pub(crate) resends: bool,
    pub(crate) ping_interval: Duration,
    pub(crate) ping_timeout: Duration,
    pub(crate) frame_size: Option<u32>,
}

/// What stands between this process and a server.
#[derive(Clone)]
pub(crate) enum Route {
    Direct,
    /// The proxies that these have for a URL, if any.
    Proxies(Arc<Matcher>),
    /// A socket in the file system, whatever the host.
    #[cfg_attr(not(unix), expect(dead_code, reason = "there are none"))]
    Socket(PathBuf),
}

impl Default for Options {
    /// By the proxies of the environment and of the system.
    fn default() -> Self {
        Self {
            route: Route::Proxies(Arc::new(Matcher::from_system())),
            resolver: None,
            connect_timeout: CONNECT_TIMEOUT,
            http2_only: false,
            idle_timeout: None,
            most_idle: None,
            open: None,
            resends: false,
            ping_interval: PING_INTERVAL,
            ping_timeout: PING_TIMEOUT,
            frame_size: None,
        }
    }
}

#[derive(Clone)]
pub(super) struct Client {
    client: legacy::Client<Connector, Body>,
    route: Route,
    resends: bool,
}

task_local! {
    /// Whether the request waits for a connection to be allowed.
    static WAITS: Arc<AtomicBool>;
}

impl Client {
    pub(super) fn new(tls: &Tls, options: &Options) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(match &options.resolver {
            Some(resolver) => Lookup::Custom(Arc::clone(resolver)),
            None => Lookup::System(GaiResolver::new()),
        });
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEPALIVE));
        tcp.set_keepalive_interval(Some(KEEPALIVE));
        tcp.set_keepalive_retries(Some(KEEPALIVE_RETRIES));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(USER_TIMEOUT));
        // Divided among the addresses of a host, so that a dead one does not take the time of all.
        tcp.set_connect_timeout(Some(options.connect_timeout));
        let route = options.route.clone();
        let proxied = tls.clone().with_alpn(&[]).connector(tcp.clone());
        let connector = Connector(Arc::new(Connecting {
            plain: tls.connector(Plain { route: route.clone(), tcp, proxied }),
            timeout: options.connect_timeout,
            open: options.open.clone(),
        }));
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        builder
            .timer(TokioTimer::new())
            .pool_timer(TokioTimer::new())
            .http2_only(options.http2_only)
            .http2_max_header_list_size(HTTP2_HEADERS)
            .http2_max_frame_size(options.frame_size)
            .http2_keep_alive_interval(options.ping_interval)
            .http2_keep_alive_timeout(options.ping_timeout)
            .http2_keep_alive_while_idle(true);
        if let Some(timeout) = options.idle_timeout {
            builder.pool_idle_timeout(timeout);
        }
        if let Some(most) = options.most_idle {
            builder.pool_max_idle_per_host(most);
        }
        Self { client: builder.build(connector), route, resends: options.resends }
    }

    /// Sends a request, and waits for the head of the answer. `waits` is set while all connections that may be open are.
    pub(super) async fn send(
        &self,
        mut request: reqwest::Request,
        waits: Arc<AtomicBool>,
    ) -> Result<reqwest::Response, super::Error> {
        let url = request.url().clone();
        let plain = url.scheme() == "http";
        let proxy = url.as_str().parse().ok().and_then(|uri| self.route.proxy(&uri));
        let headers = request.headers_mut();
        headers.entry(ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        headers.entry(USER_AGENT).or_insert(agent());
        // Through a tunnel, it is said when that is made.
        if let Some(credential) = proxy.as_ref().and_then(Intercept::basic_auth).filter(|_| plain) {
            headers.insert(PROXY_AUTHORIZATION, credential.clone());
        }
        let (head, body) = WAITS.scope(waits, self.retried(request)).await?.into_parts();
        let mut response = Response::new(Body::wrap(body));
        if let Ok(with_url) = Response::builder().url(url).body(()) {
            *response.extensions_mut() = with_url.into_parts().0.extensions;
        }
        *response.status_mut() = head.status;
        *response.version_mut() = head.version;
        *response.headers_mut() = head.headers;
        Ok(response.into())
    }

    /// Sends a request, and sends it again where the server did not process it.
    async fn retried(
        &self,
        mut request: reqwest::Request,
    ) -> Result<Response<Incoming>, super::Error> {
        let resends = self.resends && request.method() != Method::POST;
        for _ in 0..MOST_RETRIES {
            // A stream can be sent only once.
            let Some(again) = request.try_clone() else { break };
            match self.client.request(request.try_into()?).await {
                Err(error) if is_unprocessed(&error) || (resends && is_outdated(&error)) => {
                    request = again;
                }
                answered => return Ok(answered.inspect(has_answered)?),
            }
        }
        Ok(self.client.request(request.try_into()?).await.inspect(has_answered)?)
    }
}

/// Whether an HTTP/2 server closed the connection gracefully or refused the stream before it processed the request
/// (RFC 9113 §8.7), as servers do after so many requests, or for a restart.
fn is_unprocessed(error: &legacy::Error) -> bool {
    let mut causes = std::iter::successors(error.source(), |&cause| cause.source());
    causes.find_map(|cause| cause.downcast_ref::<h2::Error>()).is_some_and(|error| {
        let is_graceful = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (is_graceful || is_refused)
    })
}

fn agent() -> HeaderValue {
    HeaderValue::from_static(super::USER_AGENT)
}

impl Route {
    /// By this proxy, but to the hosts that are excluded, as in `NO_PROXY`.
    #[cfg(any(test, feature = "_remote-store"))]
    pub(crate) fn by_proxy(url: &str, excludes: String) -> Result<Self, String> {
        use url::{ParseError, Url};

        let with_http = || Url::parse(&format!("http://{url}"));
        let url = match Url::parse(url) {
            Err(ParseError::RelativeUrlWithoutBase) => with_http(),
            // `proxy:3128` has the scheme `proxy`.
            Ok(url) if !url.has_host() => with_http(),
            parsed => parsed,
        };
        let url = url.map_err(|error| error.to_string())?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(ONLY_HTTP.to_owned());
        }
        // The matcher reads fewer spellings than a URL has, and requests go past a proxy that it cannot read.
        let proxies = || Matcher::builder().all(url.as_str());
        let any = Uri::from_static("http://host/");
        if proxies().build().intercept(&any).is_none() {
            return Err("it is not the URL of a proxy".to_owned());
        }
        Ok(Self::Proxies(Arc::new(proxies().no(excludes).build())))
    }

    fn proxy(&self, uri: &Uri) -> Option<Intercept> {
        match self {
            Self::Proxies(proxies) => proxies.intercept(uri),
            Self::Direct | Self::Socket(_) => None,
        }
    }
}

/// Connects within a time, once there is room for another connection.
///
/// hyper-util clones it with each request.
#[derive(Clone)]
struct Connector(Arc<Connecting>);

struct Connecting {
    plain: tls::Connector<Plain>,
    timeout: Duration,
    open: Option<Arc<Semaphore>>,
}

impl Connecting {
    /// Waits until another connection may be open. As long as this takes, so it says.
    async fn room(&self, waits: Option<Arc<AtomicBool>>) -> Option<OwnedSemaphorePermit> {
        let open = Arc::clone(self.open.as_ref()?);
        let tell = |is| waits.iter().for_each(|waits| waits.store(is, Ordering::Relaxed));
        tell(true);
        let room = open.acquire_owned().await.ok();
        tell(false);
        room
    }
}

impl Service<Uri> for Connector {
    type Response = Used;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connecting = Arc::clone(&self.0);
        let waits = WAITS.try_with(Arc::clone).ok();
        async move {
            let room = connecting.room(waits).await;
            let limit = connecting.timeout;
            let connected = timeout(limit, connecting.plain.clone().call(uri)).await;
            let stream = connected.map_err(|_| {
                let message = format!("no connection within {limit:?}, the time for connecting");
                io::Error::new(io::ErrorKind::TimedOut, message)
            })??;
            Ok(Used::new(stream, room))
        }
        .boxed()
    }
}

/// Connects to a server, or to what is on the way to it.
#[derive(Clone)]
struct Plain {
    route: Route,
    tcp: HttpConnector<Lookup>,
    /// Connects to a proxy.
    proxied: tls::Connector<HttpConnector<Lookup>>,
}

impl Service<Uri> for Plain {
    type Response = Paced;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Paced, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        #[cfg(unix)]
        if let Route::Socket(path) = &self.route {
            let connected = tokio::net::UnixStream::connect(path.clone());
            return async move { Ok(Paced::new(TokioIo::new(connected.await?))) }.boxed();
        }
        let Some(proxy) = self.route.proxy(&uri) else {
            let connected = self.tcp.call(uri);
            return async move { Ok(Paced::new(connected.await?)) }.boxed();
        };
        let scheme = proxy.uri().scheme();
        if ![Some(&Scheme::HTTP), Some(&Scheme::HTTPS)].contains(&scheme) {
            return async move { Err(ONLY_HTTP.into()) }.boxed();
        }
        if uri.scheme() == Some(&Scheme::HTTPS) {
            let headers = HeaderMap::from_iter([(USER_AGENT, agent())]);
            let tunnel = Tunnel::new(proxy.uri().clone(), self.proxied.clone());
            let mut tunnel = tunnel.with_headers(headers);
            if let Some(credential) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(credential.clone());
            }
            let connected = tunnel.call(uri);
            return async move { Ok(Paced::new(connected.await?)) }.boxed();
        }
        let connected = self.proxied.call(proxy.uri().clone());
        async move { Ok(Paced { is_proxy: true, ..Paced::new(connected.await?) }) }.boxed()
    }
}

#[derive(Clone)]
enum Lookup {
    System(GaiResolver),
    Custom(Arc<dyn dns::Resolve>),
}

impl Service<Name> for Lookup {
    type Response = Box<dyn Iterator<Item = SocketAddr> + Send>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        match self {
            Self::System(resolver) => {
                let found = resolver.call(name);
                async move { Ok(Box::new(found.await?) as Self::Response) }.boxed()
            }
            Self::Custom(resolver) => {
                let resolver = Arc::clone(resolver);
                async move { resolver.resolve(name.as_str().parse()?).await }.boxed()
            }
        }
    }
}

trait Stream: Read + Write + Connection + Send + Unpin {}

impl<S: Read + Write + Connection + Send + Unpin> Stream for S {}

/// A connection that gives way after each part that it reads.
pub(super) struct Paced {
    stream: Box<dyn Stream>,
    /// How much it read since it gave way.
    read: usize,
    is_proxy: bool,
}

impl Paced {
    fn new(stream: impl Stream + 'static) -> Self {
        Self { stream: Box::new(stream), read: 0, is_proxy: false }
    }
}

impl Read for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read >= SHARE {
            self.read = 0;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let most = room.remaining();
        if most <= SHARE {
            let read = Pin::new(&mut self.stream).poll_read(cx, room);
            // How much it was is not known here.
            self.read = if read.is_pending() { 0 } else { self.read + most };
            return read;
        }
        let mut part = [MaybeUninit::uninit(); SHARE];
        let mut part = ReadBuf::uninit(&mut part);
        let read = Pin::new(&mut self.stream).poll_read(cx, part.unfilled());
        self.read = if read.is_pending() { 0 } else { self.read + SHARE };
        ready!(read)?;
        room.put_slice(part.filled());
        Poll::Ready(Ok(()))
    }
}

impl Write for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}

impl Connection for Paced {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.is_proxy)
    }
}

#[cfg(test)]
#[cfg(feature = "ring")]
mod tests;
