//! The HTTP client of object stores: built by this crate, with the options that `object_store` has for it.
//!
//! The client that `object_store` builds by itself needs its feature `reqwest`, which is not enabled here: it takes
//! rustls' process default, and goes on using an HTTP/2 connection that is mute.

use std::error::Error as StdError;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::FutureExt;
use http::HeaderMap;
use hyper::body::{Body, Frame, SizeHint};
use object_store::client::{
    DnsResolver, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpResponseBody, HttpService,
};
use object_store::{ClientConfigKey as Key, ClientOptions, Error, Result};
use reqwest::{ClientBuilder, NoProxy, Proxy, dns};
use tokio::net::lookup_host;
use url::Url;

use crate::client::{self, Client, Exchange, FEATURES, Roots, Tls};

/// A client with these options.
pub(super) fn connect(options: &ClientOptions) -> Result<Client> {
    let settings = Settings::read(options)?;
    Client::new(move || settings.builder().build()).map_err(|error| refused(root(&error)))
}

/// What [`ClientOptions`] say, but for what they do not show: certificates that were added to them as values.
struct Settings {
    tls: Tls,
    https_only: bool,
    versions: Versions,
    user_agent: Option<String>,
    headers: Option<HeaderMap>,
    proxy: Option<Proxy>,
    timeout: Option<Duration>,
    connect_timeout: Option<Duration>,
    read_timeout: Option<Duration>,
    idle_timeout: Option<Duration>,
    most_idle: Option<usize>,
    ping_interval: Option<Duration>,
    ping_timeout: Option<Duration>,
    frame_size: Option<u32>,
    resolver: Option<Resolver>,
}

#[derive(Clone, Copy, PartialEq)]
enum Versions {
    Http1,
    Http2,
    Both,
}

impl Settings {
    fn read(options: &ClientOptions) -> Result<Self> {
        let is = |key| flag(options, key);
        let https_only = !is(Key::AllowHttp)?;
        if https_only && cfg!(not(feature = "_tls")) {
            return Err(refused(format!("there is no TLS for `https://`: {FEATURES}")));
        }
        let versions = match (is(Key::Http2Only)?, is(Key::Http1Only)?) {
            (true, _) => Versions::Http2,
            (false, true) => Versions::Http1,
            (false, false) => Versions::Both,
        };
        let proxy = text(options, Key::ProxyUrl).map(Proxy::all).transpose();
        let proxy = proxy.map_err(|error| refused(format!("`proxy_url`: {}", root(&error))))?;
        let excludes = text(options, Key::ProxyExcludes);
        let proxy = proxy.map(|proxy| match excludes {
            Some(excludes) => proxy.no_proxy(NoProxy::from_string(&excludes)),
            None => proxy,
        });
        let resolver = match options.dns_resolver() {
            Some(resolver) => Some(Resolver::Custom(Arc::clone(resolver))),
            None => is(Key::RandomizeAddresses)?.then_some(Resolver::Shuffled),
        };
        Ok(Self {
            tls: tls(options, versions)?,
            https_only,
            versions,
            user_agent: text(options, Key::UserAgent),
            headers: options.get_default_headers().cloned(),
            proxy,
            timeout: duration(options, Key::Timeout)?,
            connect_timeout: duration(options, Key::ConnectTimeout)?,
            read_timeout: duration(options, Key::ReadTimeout)?,
            idle_timeout: duration(options, Key::PoolIdleTimeout)?,
            most_idle: number(options, Key::PoolMaxIdlePerHost)?,
            ping_interval: duration(options, Key::Http2KeepAliveInterval)?,
            ping_timeout: duration(options, Key::Http2KeepAliveTimeout)?,
            frame_size: number(options, Key::Http2MaxFrameSize)?,
            resolver,
        })
    }

    fn builder(&self) -> ClientBuilder {
        let mut builder = client::builder(&self.tls).https_only(self.https_only);
        builder = match self.versions {
            Versions::Http1 => builder.http1_only(),
            Versions::Http2 => builder.http2_prior_knowledge(),
            Versions::Both => builder,
        };
        if let Some(agent) = &self.user_agent {
            builder = builder.user_agent(agent);
        }
        if let Some(headers) = &self.headers {
            builder = builder.default_headers(headers.clone());
        }
        if let Some(proxy) = &self.proxy {
            builder = builder.proxy(proxy.clone());
        }
        if let Some(timeout) = self.timeout {
            builder = builder.timeout(timeout);
        }
        if let Some(timeout) = self.connect_timeout {
            builder = builder.connect_timeout(timeout);
        }
        if let Some(timeout) = self.read_timeout {
            builder = builder.read_timeout(timeout);
        }
        if let Some(timeout) = self.idle_timeout {
            builder = builder.pool_idle_timeout(timeout);
        }
        if let Some(most) = self.most_idle {
            builder = builder.pool_max_idle_per_host(most);
        }
        if let Some(interval) = self.ping_interval {
            builder = builder.http2_keep_alive_interval(interval);
        }
        if let Some(timeout) = self.ping_timeout {
            builder = builder.http2_keep_alive_timeout(timeout);
        }
        if let Some(size) = self.frame_size {
            builder = builder.http2_max_frame_size(size);
        }
        if let Some(resolver) = &self.resolver {
            builder = builder.dns_resolver(resolver.clone());
        }
        builder
    }
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

fn duration(options: &ClientOptions, key: Key) -> Result<Option<Duration>> {
    let parse = |value: String| humantime::parse_duration(&value);
    text(options, key).map(parse).transpose().map_err(|_| unreadable(key, "duration"))
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

/// What is at the root of an error.
fn root(error: &reqwest::Error) -> String {
    let first: &dyn StdError = error;
    let last = std::iter::successors(Some(first), |&cause| cause.source()).last();
    last.map(ToString::to_string).unwrap_or_default()
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
        let url: Url = parts
            .uri
            .to_string()
            .parse()
            .map_err(|error: url::ParseError| HttpError::new(HttpErrorKind::Unknown, error))?;
        let mut exchange = self.begin(&url);
        let mut request = reqwest::Request::new(parts.method, url);
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(match body.as_bytes() {
            Some(bytes) => bytes.clone().into(),
            None => reqwest::Body::wrap(body),
        });
        match exchange.client().execute(request).await {
            Err(error) => {
                exchange.end(error.is_timeout());
                Err(failed(error))
            }
            Ok(response) => {
                exchange.set_pending(false);
                let response = http::Response::<reqwest::Body>::from(response);
                let left = if response.status().is_success() { usize::MAX } else { LONGEST_ERROR };
                let body = |body| HttpResponseBody::new(Answer { body, exchange, left });
                Ok(response.map(body))
            }
        }
    }
}

/// `object_store` reads the whole body of an answer that is no success into its error.
const LONGEST_ERROR: usize = 64 * 1024;

/// The body of an answer. A reader that gives up while it waits for more gives up the request.
struct Answer {
    body: reqwest::Body,
    exchange: Exchange,
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
        let Self { body, exchange, left } = self.get_mut();
        if *left == 0 {
            return Poll::Ready(None);
        }
        exchange.set_pending(true);
        let frame = ready!(Pin::new(body).poll_frame(cx)).transpose();
        exchange.set_pending(frame.as_ref().is_err_and(reqwest::Error::is_timeout));
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

/// An error, with what `object_store` goes by when it decides whether to try again. The URL is taken out: it may be
/// signed.
fn failed(error: reqwest::Error) -> HttpError {
    let kind = if error.is_timeout() {
        HttpErrorKind::Timeout
    } else if error.is_connect() {
        HttpErrorKind::Connect
    } else if error.is_decode() {
        HttpErrorKind::Decode
    } else {
        let causes = std::iter::successors(error.source(), |&cause| cause.source());
        causes.filter_map(kind_of).next().unwrap_or(HttpErrorKind::Unknown)
    };
    HttpError::new(kind, error.without_url())
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
