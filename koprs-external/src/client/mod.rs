//! The HTTP clients that this crate builds, for HTTP sources, token endpoints and object stores.
//!
//! Every client gets its crypto provider from `tls`; rustls' process default is neither used nor installed.
//!
//! A connection can be established and yet mute: a NAT forgot it, or the process behind a load balancer hangs. With
//! HTTP/2 all requests to a host share one connection, and a timeout resets only its stream, so that the next request
//! would wait on the same connection again. Therefore
//!
//! - HTTP/2 connections are pinged ([`PING_INTERVAL`]), also while they are idle, and closed when the answer does not
//!   come within [`PING_TIMEOUT`];
//! - after a request that was given up, its host gets new connections ([`Client`]).

mod error;
mod paced;
mod tls;
mod used;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use secrecy::zeroize::Zeroizing;
use url::{Position, Url};
use xxhash_rust::xxh3::{xxh3_64, xxh3_128_with_seed};

pub(crate) use self::error::{Error, Kind};
pub(crate) use self::paced::{Options, Route};
pub(crate) use self::tls::{FEATURES, Identity, Roots, Tls};

/// What requests say that they come from.
pub(crate) const USER_AGENT: &str = concat!("koprs-external/", env!("CARGO_PKG_VERSION"));
/// The time for a connection to be established.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// An HTTP/2 connection is pinged after so long without a frame from the server.
pub(crate) const PING_INTERVAL: Duration = Duration::from_secs(20);
/// An HTTP/2 connection is closed when a ping stays unanswered for so long.
pub(crate) const PING_TIMEOUT: Duration = Duration::from_secs(10);
/// The most that HTTP/2 headers may take, by the measure of RFC 9113 (32 bytes more for each header). It bounds
/// memory; it is larger than the longest head that hyper reads with HTTP/1, and `header_limit` is checked below it.
const HTTP2_HEADERS: u32 = 1024 * 1024;
/// How many hosts have connections of their own before all hosts get new ones.
const MOST_HOSTS: usize = 64;

/// Takes the userinfo out of a URL, as the header that it stands for (RFC 7617): a client is given no URL with userinfo,
/// because it may log it.
pub(crate) fn take_userinfo(url: &mut Url) -> Option<HeaderValue> {
    let is_empty = url.username().is_empty() && url.password().is_none();
    let decoded = |text| percent_decode_str(text).collect::<Vec<u8>>();
    let parts =
        [decoded(url.username()), b":".to_vec(), decoded(url.password().unwrap_or_default())];
    let pair = Zeroizing::new(parts.concat());
    // A URL that can have no userinfo has none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    let text = Zeroizing::new(format!("Basic {}", BASE64_STANDARD.encode(&*pair)));
    let mut header = HeaderValue::from_str(&text).ok().filter(|_| !is_empty)?;
    header.set_sensitive(true);
    Some(header)
}

/// An HTTP client that does not use a connection again on which a request was given up.
///
/// No client can close a single connection from outside. So the host of that request is served by another client from then on,
/// built like the first one; requests that are under way on the old connections are not affected. Connections to
/// other hosts stay.
#[derive(Clone)]
pub(crate) struct Client(Arc<Shared>);

struct Shared {
    /// Builds another client like this one; `None` for a client of the user's, which is always used as it is.
    build: Option<Box<dyn Fn() -> Sender + Send + Sync>>,
    pools: Mutex<Pools>,
}

struct Pools {
    main: Pool,
    /// Hosts with connections of their own, the one that was replaced last at the end.
    replaced: Vec<(Host, Pool)>,
    /// How many were built.
    built: u64,
}

/// A client with its connections.
#[derive(Clone)]
struct Pool {
    id: u64,
    client: Sender,
}

#[derive(Clone)]
enum Sender {
    Ours(Arc<paced::Client>),
    Custom(reqwest::Client),
}

/// A scheme, a host and a port.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Host(u128);

impl Client {
    /// A client whose connections give way to other tasks, however fast a server sends whatever it likes. It follows no
    /// redirects. More are built when connections have to be replaced.
    pub(crate) fn new(tls: Tls, options: Options) -> Self {
        let build = move || Sender::Ours(Arc::new(paced::Client::new(&tls, &options)));
        Self::with(build(), Some(Box::new(build)))
    }

    fn with(client: Sender, build: Option<Box<dyn Fn() -> Sender + Send + Sync>>) -> Self {
        let main = Pool { id: 0, client };
        let pools = Mutex::new(Pools { main, replaced: Vec::new(), built: 1 });
        Self(Arc::new(Shared { build, pools }))
    }

    /// Whether this is a client of the user's, with TLS settings of its own.
    pub(crate) fn is_custom(&self) -> bool {
        self.0.build.is_none()
    }

    /// Begins a request: picks the client to send it with. The request counts as given up if the result is dropped
    /// before [`Exchange::end`].
    pub(crate) fn begin(&self, url: &Url) -> Exchange {
        let host = Host::of(url);
        let pool = self.lock().of(host).clone();
        Exchange { client: self.clone(), host, pool, is_pending: true, waits: Arc::default() }
    }

    /// Replaces the connections to a host, unless they were replaced since the request began.
    fn replace(&self, host: Host, id: u64) {
        let Some(build) = &self.0.build else { return };
        if self.lock().of(host).id != id {
            return;
        }
        // Outside of the lock; should two threads be here at once, the second one finds another id below.
        let client = build();
        self.lock().put(host, id, client);
    }

    fn lock(&self) -> MutexGuard<'_, Pools> {
        self.0.pools.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<reqwest::Client> for Client {
    fn from(client: reqwest::Client) -> Self {
        Self::with(Sender::Custom(client), None)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Pools {
    fn of(&self, host: Host) -> &Pool {
        let replaced = self.replaced.iter().find(|(known, _)| *known == host);
        replaced.map_or(&self.main, |(_, pool)| pool)
    }

    fn put(&mut self, host: Host, id: u64, client: Sender) {
        if self.of(host).id != id {
            return;
        }
        let pool = Pool { id: self.built, client };
        self.built += 1;
        self.replaced.retain(|(known, _)| *known != host);
        if self.replaced.len() < MOST_HOSTS {
            self.replaced.push((host, pool));
        } else {
            // As many failures have one cause. New connections for all hosts need no more room.
            self.replaced.clear();
            self.main = pool;
        }
    }
}

impl Host {
    fn of(url: &Url) -> Self {
        let host = &url[Position::BeforeHost..Position::BeforePath];
        Self(xxh3_128_with_seed(host.as_bytes(), xxh3_64(url.scheme().as_bytes())))
    }
}

/// A request under way, from [`Client::begin`] on.
pub(crate) struct Exchange {
    client: Client,
    host: Host,
    pool: Pool,
    is_pending: bool,
    waits: Arc<AtomicBool>,
}

impl Exchange {
    /// Sends the request, and waits for the head of the answer.
    pub(crate) async fn send(&self, request: reqwest::Request) -> Result<reqwest::Response, Error> {
        match &self.pool.client {
            Sender::Ours(client) => client.send(request, Arc::clone(&self.waits)).await,
            Sender::Custom(client) => Ok(client.execute(request).await?),
        }
    }

    /// Whether the request waits until another connection may be open.
    pub(crate) fn waits_for_room(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// Whether the other side is waited for.
    pub(crate) fn set_pending(&mut self, is_pending: bool) {
        self.is_pending = is_pending;
    }

    /// Ends the request with its result. A timeout counts as given up.
    pub(crate) fn end(mut self, timed_out: bool) {
        self.set_pending(timed_out);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.is_pending {
            self.client.replace(self.host, self.pool.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> Client {
        let tls = Tls::new(Roots::system(), None).unwrap();
        Client::new(tls, Options::default())
    }

    fn url(host: usize) -> Url {
        format!("https://u:p@h{host}.test:8443/a?b").parse().unwrap()
    }

    fn id(client: &Client, host: usize) -> u64 {
        let exchange = client.begin(&url(host));
        let id = exchange.pool.id;
        exchange.end(false);
        id
    }

    #[test]
    fn userinfo_is_a_header_and_no_part_of_a_url() {
        let cases = [
            ("https://u:p@h/x?y", "https://h/x?y", Some("Basic dTpw")),
            ("https://u@h/", "https://h/", Some("Basic dTo=")),
            ("https://%C3%BC:p%40@h/", "https://h/", Some("Basic w7w6cEA=")),
            ("https://h/u:p@", "https://h/u:p@", None),
        ];
        for (url, left, expected) in cases {
            let mut url: Url = url.parse().unwrap();
            let header = take_userinfo(&mut url);
            assert_eq!(url.as_str(), left);
            assert!(header.as_ref().is_none_or(HeaderValue::is_sensitive));
            assert_eq!(header.as_ref().and_then(|it| it.to_str().ok()), expected, "{url}");
        }
    }

    #[test]
    fn a_request_that_was_given_up_costs_its_host_the_connections_and_no_other() {
        let client = client();
        drop(client.begin(&url(1)));
        assert_eq!([1, 2].map(|host| id(&client, host)), [1, 0]);
        client.begin(&url(2)).end(true);
        assert_eq!([1, 2, 3].map(|host| id(&client, host)), [1, 2, 0]);
        client.begin(&url(3)).end(false);
        assert_eq!(id(&client, 3), 0);
    }

    #[test]
    fn requests_that_time_out_together_replace_a_connection_once() {
        let client = client();
        let together: Vec<_> = (0..5).map(|_| client.begin(&url(1))).collect();
        drop(together);
        assert_eq!(id(&client, 1), 1);
        assert_eq!(client.lock().built, 2);
    }

    #[test]
    fn however_many_hosts_are_mute_few_clients_are_kept() {
        let client = client();
        for host in 0..=MOST_HOSTS {
            assert_eq!(id(&client, host), 0);
            drop(client.begin(&url(host)));
        }
        assert_eq!(client.lock().replaced.len(), 0);
        let all = 0..=MOST_HOSTS + 1;
        assert!(all.map(|host| id(&client, host)).all(|id| id == client.lock().main.id));
        assert_ne!(client.lock().main.id, 0);
    }

    #[test]
    fn a_client_of_the_users_is_used_as_it_is() {
        let client = Client::from(koprs_external_tests::client());
        drop(client.begin(&url(1)));
        assert_eq!((id(&client, 1), client.is_custom()), (0, true));
    }

    #[test]
    fn a_host_is_its_scheme_its_name_and_its_port() {
        let host = |url: &str| Host::of(&url.parse().unwrap()).0;
        assert_eq!(host("https://u:p@h:443/a?b#c"), host("https://h/"));
        for other in ["http://h/", "https://h:8443/", "https://i/"] {
            assert_ne!(host("https://h/"), host(other), "{other}");
        }
    }
}
