use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_core::future::BoxFuture;
use http::HeaderMap;
use http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, LAST_MODIFIED};

use super::endpoint::Content;
use super::field;
use super::reach::Reach;
use super::value::{HttpValue, ReadsValue};
use crate::change::Fingerprint;
use crate::error::{DecodeError, ExternalError, Result};
use crate::memory::{Admit, Budget, MemoryLimits};
use crate::secret::redacted;
use crate::spec::settings::Value;
use crate::spec::table::row;
use crate::spec::{HttpSpec, Invalid, check, header};
use crate::watcher::{ExternalEvent, ExternalSource, Pace, Report};

/// Observations without the value that make it gone; a declared source takes two.
const CONFIRM: u32 = 1;

/// A response as it came: what [`HttpPoller`] tells events about.
#[derive(Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// The body, decompressed.
    pub body: Bytes,
    /// The URL that was polled, as it was given to [`HttpPoller::new`]. `Debug` hides its secrets.
    pub url: String,
    /// The status.
    pub status: u16,
    /// `ETag`, if present.
    pub etag: Option<String>,
    /// `Last-Modified`, if present.
    pub last_modified: Option<String>,
    /// `Content-Type`, if present.
    pub content_type: Option<String>,
}

impl HttpResponse {
    fn new(url: &str, content: &Content) -> Self {
        let Content { status, headers, body, .. } = content;
        let text = |name| text(headers, name);
        Self {
            body: body.clone(),
            url: url.to_owned(),
            status: status.as_u16(),
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
            content_type: text(CONTENT_TYPE),
        }
    }
}

fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<String> {
    headers.get(name).map(|value| field::text(value).into_owned())
}

impl fmt::Debug for HttpResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpResponse")
            .field("body", &self.body)
            .field("url", &redacted(&self.url))
            .field("status", &self.status)
            .field("etag", &self.etag)
            .field("last_modified", &self.last_modified)
            .field("content_type", &self.content_type)
            .finish()
    }
}

/// Polls one HTTP endpoint, and tells its responses as they are.
///
/// For values of a type of your own, declare the endpoint instead: by `#[derive(ExternalSource)]`, or a
/// [`WatcherSpec`](crate::spec::WatcherSpec).
///
/// - The first content is [`Added`](ExternalEvent::Added), another one
///   [`Modified`](ExternalEvent::Modified). What counts is the body: a new `ETag` over the same bytes is
///   no change, and a server without validators works as well.
/// - 410 is [`Removed`](ExternalEvent::Removed), and so is a 404, with the last known response. Anything
///   else is an error and leaves things as they were.
/// - A request has 10 s with its body, unless a client of your own is brought
///   ([`with_timeout`](Self::with_timeout)), and a body 8 MiB after decompression of gzip, brotli and zstd
///   ([`with_body_limit`](Self::with_body_limit)).
/// - A request that cannot connect, is cut off, or is answered 502, 503 or 504 without `Retry-After`, is sent
///   again, up to twice, after at most 0.5 s and then 1 s ([`with_retries`](Self::with_retries)).
/// - At most eight requests at a time go to a host, counted over all watchers of the process. A delay that the server
///   asks for with `Retry-After`, or with a rate limit that is used up, in any of the usual spellings, holds for all of
///   them that have the same credential: they fail without a request. It is kept until it has passed (at most an
///   hour), also for a poller that is made anew. A poller that brings a client has delays of its own, since nobody
///   knows which credential the client adds; they are lost with the poller.
/// - At most five redirects are followed; with a bearer token or any header of
///   [`with_header`](Self::with_header), which may be a key, only within the origin.
/// - Connections are shared by all pollers of the process, and driven by the runtime that opened them:
///   a runtime that is alive but not driven holds up those who wait on its connections.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
/// use koprs_external::http::HttpPoller;
/// use koprs_external::watcher::{watch_external, ExternalEvent};
/// use tokio::sync::mpsc;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let (tx, mut rx) = mpsc::channel(16);
/// let poller = HttpPoller::new("https://api.example.com/resource")
///     .with_bearer_token("my-token");
///
/// let _handle = watch_external(poller, Duration::from_secs(30), tx);
///
/// while let Some(event) = rx.recv().await {
///     match event {
///         ExternalEvent::Added(r)    => println!("added:   {} bytes", r.body.len()),
///         ExternalEvent::Modified(r) => println!("changed: {} bytes", r.body.len()),
///         ExternalEvent::Removed(_)  => println!("resource gone"),
///     }
/// }
/// # }
/// ```
pub struct HttpPoller {
    reads: Arc<AsItIs>,
    name: String,
    state: State,
}

/// A builder that cannot fail keeps the first mistake for the first poll.
enum State {
    Ready(Box<HttpValue<HttpResponse>>),
    Invalid(Invalid),
}

impl HttpPoller {
    /// Polls this URL, with a client that all pollers of the process share.
    ///
    /// A URL that is none is the error of the first poll, and ends the watcher.
    pub fn new(url: impl Into<String>) -> Self {
        let url = url.into();
        let name = redacted(&url);
        // It keeps bodies, which their own limit bounds.
        let limits = MemoryLimits { memory: u64::MAX, walk: u64::MAX };
        let value = HttpSpec::bare(&url).and_then(|spec| {
            HttpValue::new(spec, CONFIRM, None, &Reach::Anywhere, Budget::new(limits, None))
        });
        let state = match value {
            Ok(mut value) => {
                value.endpoint().timeout = None;
                State::Ready(Box::new(value))
            }
            Err(invalid) => State::Invalid(invalid),
        };
        Self { reads: Arc::new(AsItIs { url }), name, state }
    }

    /// What the poller is called in logs and errors. Default: the URL without userinfo and query.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// Brings a client, as for a private CA, mutual TLS or a proxy.
    ///
    /// # Crypto provider
    ///
    /// Without this method, requests are sent by a client of this crate, with the crypto provider of its features
    /// (`ring`, or `aws-lc-rs`); rustls' process default is neither needed nor installed. A client that you bring
    /// brings a provider of its own: `reqwest = "0.13"` with its default features brings aws-lc-rs.
    ///
    /// **Beside kube:** kube's default features enable `ring`. With two providers compiled in, rustls cannot pick a
    /// process default, and `kube::Client` panics, unless `main` begins with
    /// `rustls::crypto::ring::default_provider().install_default()`. The alternative is a client on the provider
    /// that is there already: depend on `reqwest` with `default-features = false, features = ["rustls-no-provider"]`
    /// (or use [`http::reqwest`](crate::http::reqwest)), and hand over a TLS configuration. TLS methods of the
    /// builder, such as `tls_certs_merge`, have no effect on it.
    ///
    /// ```
    #[cfg_attr(
        feature = "ring",
        doc = "# fn example() -> Result<(), Box<dyn std::error::Error>> {"
    )]
    #[cfg_attr(not(feature = "ring"), doc = "# #[cfg(any())]\n# fn example() {")]
    /// use std::sync::Arc;
    /// use koprs_external::http::{HttpPoller, reqwest};
    /// use rustls::pki_types::{CertificateDer, pem::PemObject};
    ///
    /// let mut roots = rustls::RootCertStore::empty();
    /// for certificate in CertificateDer::pem_file_iter("/etc/ssl/my-ca.pem")? {
    ///     roots.add(certificate?)?;
    /// }
    /// let provider = Arc::new(rustls::crypto::ring::default_provider());
    /// let mut tls = rustls::ClientConfig::builder_with_provider(provider)
    ///     .with_safe_default_protocol_versions()?
    ///     .with_root_certificates(roots)
    ///     .with_no_client_auth();
    /// tls.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    /// let client = reqwest::Client::builder().tls_backend_preconfigured(tls).build()?;
    ///
    /// let poller = HttpPoller::new("https://api.example.com/config").with_client(client);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Timeouts and redirects
    ///
    /// The client's own timeout holds, and then the deadline of the poll, unless
    /// [`with_timeout`](Self::with_timeout) sets one.
    ///
    /// The client's own redirect policy holds, too: reqwest's default takes `Authorization` and `Cookie`
    /// away at another host, but no other header, and sends the URL with its query as `Referer`. Build
    /// the client with [`reqwest::redirect::Policy::none`] and redirects are followed here, within the
    /// origin only.
    ///
    /// The client is used as it is. HTTP/2 pings, which find a connection that is mute, are a setting of its builder
    /// (`http2_keep_alive_interval`), and its connections are not replaced after a timeout. Nor do they give way to
    /// other tasks after each 64 KiB, as those of this crate do: a server that sends the size of a chunk without end can
    /// hold a thread of the runtime until the timeout.
    #[must_use]
    pub fn with_client(self, client: reqwest::Client) -> Self {
        self.set(|value| {
            value.endpoint().set_client(client.into());
            Ok(())
        })
    }

    /// The time for one request, from connecting to the last byte of its body. Default: 10 s.
    ///
    /// The deadline of a poll ([`WatchConfig::with_deadline`](crate::WatchConfig::with_deadline)) ends
    /// longer ones. Zero is the error of the first poll, and ends the watcher.
    #[must_use]
    pub fn with_timeout(self, limit: Duration) -> Self {
        self.set(|value| {
            check::value(row!("http.timeout"), &Value::Duration(limit))?;
            value.endpoint().timeout = Some(limit);
            Ok(())
        })
    }

    /// The most bytes of a body, after decompression. Default: 8 MiB.
    ///
    /// Zero is the error of the first poll, and ends the watcher.
    #[must_use]
    pub fn with_body_limit(self, bytes: u64) -> Self {
        self.set(|value| {
            check::value(row!("http.body_limit"), &Value::Bytes(bytes))?;
            value.endpoint().limits.body = bytes;
            Ok(())
        })
    }

    /// How often a poll sends a request again that failed by itself: it could not connect, was cut off, or
    /// the answer was 502, 503 or 504 without `Retry-After`. Default: 2; at most 10; zero is never.
    ///
    /// Before the first time passes a random part of 0.5 s, and of twice that before each further one, up
    /// to 8 s. The deadline of the poll ends it all. More than ten is the error of the first poll, and ends
    /// the watcher.
    #[must_use]
    pub fn with_retries(self, retries: u32) -> Self {
        self.set(|value| {
            check::value(row!("http.retries"), &Value::Whole(retries.into()))?;
            value.endpoint().retries = retries;
            Ok(())
        })
    }

    /// Sends a header with every request; call it again for more. Its value is never shown.
    ///
    /// A header that cannot be sent is the error of the first poll, and ends the watcher; so is the 101st, and the one
    /// with which all together have more than 64 KiB.
    #[must_use]
    pub fn with_header(self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.set(|poller| {
            let (name, value) = header::check(&key.into(), &value.into())?;
            poller.endpoint().add_header(name, value)
        })
    }

    /// Sends `Authorization: Bearer <token>` with every request, in place of any other credential.
    #[must_use]
    pub fn with_bearer_token(self, token: impl AsRef<str>) -> Self {
        self.with_header(AUTHORIZATION.as_str(), format!("Bearer {}", token.as_ref()))
    }

    /// Keeps the first mistake.
    fn set(
        mut self,
        setting: impl FnOnce(&mut HttpValue<HttpResponse>) -> Result<(), Invalid>,
    ) -> Self {
        if let State::Ready(value) = &mut self.state
            && let Err(invalid) = setting(value)
        {
            self.state = State::Invalid(invalid);
        }
        self
    }
}

/// So many bytes of a body that is only compared take as much work as one of JSON that is decoded.
const COMPARED: usize = 8;

/// A response is its own value.
struct AsItIs {
    url: String,
}

impl ReadsValue<HttpResponse> for AsItIs {
    fn cost(&self, content: &Content) -> usize {
        content.body.len() / COMPARED
    }

    fn counted(&self, _: &Content) -> Result<Option<Fingerprint>, DecodeError> {
        Ok(None)
    }

    /// The body is kept as it came; as any body, it is within the limit of its own.
    fn decode(&self, content: &Content, _: Admit<'_>) -> Result<HttpResponse, DecodeError> {
        Ok(HttpResponse::new(&self.url, content))
    }
}

impl ExternalSource for HttpPoller {
    type Item = HttpResponse;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<HttpResponse>>>> {
        let Self { reads, name, state } = self;
        Box::pin(async move {
            match state {
                State::Ready(value) => value.poll(name, reads).await,
                State::Invalid(invalid) => Err(ExternalError::invalid(invalid.clone())),
            }
        })
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Pace {
        match &self.state {
            State::Ready(value) => value.pace(),
            State::Invalid(_) => Pace::Interval,
        }
    }

    fn report(&self) -> Report {
        match &self.state {
            State::Ready(value) => value.report(),
            State::Invalid(_) => Report::default(),
        }
    }

    fn retract(&mut self) -> Vec<ExternalEvent<HttpResponse>> {
        match &mut self.state {
            State::Ready(value) => value.retract().into_iter().collect(),
            State::Invalid(_) => Vec::new(),
        }
    }
}

impl fmt::Debug for HttpPoller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpPoller")
            .field("name", &self.name)
            .field("url", &redacted(&self.reads.url))
            .finish_non_exhaustive()
    }
}
