//! A declaration as it is written. All front doors end here: the derive, YAML, and Rust by hand.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::auth::Credential;
use super::items::WrittenItems;
use super::object_store::WrittenObjectStore;
use super::removal::WrittenRemoval;
use super::{
    Body, ClientCredentials, Format, HttpSpec, Invalid, InvalidSpec, Method, ObjectStoreSpec,
    OnBadItem, Paging, SecretSource, SourceSpec, TlsFiles, Trust, WatcherSpec, deadline, decode,
    foreign, ignore, interval, items, jitter, max_backoff, measure, memory, name, removal,
    template::Params,
};
use crate::secret::Hidden;

/// The settings as they were written, not yet checked.
#[derive(Clone, Default)]
pub(super) struct Written {
    pub(super) kind: Kind,
    pub(super) name: String,
    pub(super) interval: Option<Duration>,
    pub(super) max_backoff: Option<Duration>,
    pub(super) jitter: Option<f64>,
    pub(super) deadline: Option<Duration>,
    pub(super) decode: Option<Format>,
    pub(super) items: WrittenItems,
    pub(super) ignore: Vec<String>,
    pub(super) distinct: bool,
    pub(super) removal: WrittenRemoval,
    pub(super) memory_limit: Option<u64>,
    pub(super) walk_limit: Option<u64>,
    pub(super) url: String,
    pub(super) method: Option<Method>,
    pub(super) query: Vec<(String, String)>,
    pub(super) header: Vec<(String, String)>,
    pub(super) body: Option<Body>,
    pub(super) auth: Option<Credential>,
    pub(super) tls: Option<TlsFiles>,
    pub(super) unix_socket: Option<PathBuf>,
    pub(super) pages: Option<Paging>,
    pub(super) timeout: Option<Duration>,
    pub(super) retries: Option<u32>,
    pub(super) respect_max_age: bool,
    pub(super) max_in_flight: Option<usize>,
    pub(super) body_limit: Option<u64>,
    pub(super) header_limit: Option<u64>,
    pub(super) redirect_limit: Option<u32>,
    pub(super) object_store: WrittenObjectStore,
    /// What was brought into a URL, a query or a body by parameters.
    pub(super) secrets: Hidden,
}

/// What is polled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Http,
    ObjectStore,
}

impl Kind {
    /// The block of what is polled.
    pub(super) fn block(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::ObjectStore => "object_store",
        }
    }
}

/// Declares a watcher in Rust; made by [`WatcherSpec::http`] and [`WatcherSpec::object_store`].
///
/// No method fails: [`build`](Self::build) checks everything at once.
///
/// ```
/// use std::time::Duration;
/// use koprs_external::spec::{SecretSource, WatcherSpec};
///
/// let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
///     .interval(Duration::from_secs(30))
///     .query("page_size", "100")
///     .bearer(SecretSource::Value("t0ken".into()))
///     .build()?;
/// assert_eq!(spec.name(), "flags");
/// # Ok::<(), koprs_external::spec::InvalidSpec>(())
/// ```
#[derive(Clone)]
#[must_use = "a declaration does nothing until it is built"]
pub struct WatcherBuilder(Written);

impl WatcherBuilder {
    pub(super) fn http(name: String, url: String) -> Self {
        Self(Written { kind: Kind::Http, name, url, ..Written::default() })
    }

    pub(super) fn object_store(name: String, url: String) -> Self {
        Self(Written { kind: Kind::ObjectStore, name, url, ..Written::default() })
    }

    /// The wait after a successful poll. Required; at least 1 s, and 10 s of an object store that is not local.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.0.interval = Some(interval);
        self
    }

    /// The longest wait after failures. Default: interval × 32; not less than the interval.
    pub fn max_backoff(mut self, max_backoff: Duration) -> Self {
        self.0.max_backoff = Some(max_backoff);
        self
    }

    /// By how much a wait may differ, as a ratio from 0 to 0.5. Default: 0.05.
    pub fn jitter(mut self, ratio: f64) -> Self {
        self.0.jitter = Some(ratio);
        self
    }

    /// The time for one poll, with all of its requests: each page of a list is one. Default: the longest of
    /// the interval, 60 s, and the timeout with 30 s more; not less than the timeout.
    ///
    /// A server that asks to wait in the middle of a list's pages is waited for as long as the deadline allows, and the
    /// walk continues where it was.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.0.deadline = Some(deadline);
        self
    }

    /// The format of the content. Default: by content type, else JSON.
    pub fn decode(mut self, format: Format) -> Self {
        self.0.decode = Some(format);
        self
    }

    /// Follows a list item by item. Its items stand at a JSON pointer, `""` for the whole body: in an array, or in an
    /// object whose members they are. Once an array of items was seen, an object in its place fails the poll: it is an
    /// error with 200, or one item.
    pub fn items(mut self, at: impl Into<String>) -> Self {
        self.0.items.at = Some(at.into());
        self
    }

    /// What tells the items of a list apart: a JSON pointer in each. Without it they are the members of an
    /// object.
    pub fn key(mut self, pointer: impl Into<String>) -> Self {
        self.0.items.key = Some(pointer.into());
        self
    }

    /// The most items of a list. Default: 100 000. Items whose removal is held since the server sent a part of the
    /// list count, too: one more is an error, and nothing is removed to make room.
    pub fn item_limit(mut self, items: usize) -> Self {
        self.0.items.limit = Some(items);
        self
    }

    /// What becomes of an item that cannot be decoded or has no key. Default: it keeps its last good value.
    /// A list of which no item was ever good fails the poll either way.
    pub fn on_bad_item(mut self, on_bad_item: OnBadItem) -> Self {
        self.0.items.on_bad = Some(on_bad_item);
        self
    }

    /// One more part, by its JSON pointer, that may change without being a change.
    pub fn ignore(mut self, pointer: impl Into<String>) -> Self {
        self.0.ignore.push(pointer.into());
        self
    }

    /// A new value that is equal to the old one is no change.
    pub fn distinct(mut self) -> Self {
        self.0.distinct = true;
        self
    }

    /// Polls in a row that must answer 404 before a value counts as gone. Default: 2.
    pub fn confirm(mut self, polls: u32) -> Self {
        self.0.removal.confirm = Some(polls);
        self
    }

    /// The share of the items of a list, from 0 to 1, above which removals are held. Default: 0.5.
    pub fn hold_above(mut self, ratio: f64) -> Self {
        self.0.removal.hold_above = Some(ratio);
        self
    }

    /// Fewer items than this are never held. Default: 10.
    pub fn hold_min(mut self, items: u64) -> Self {
        self.0.removal.hold_min = Some(items);
        self
    }

    /// The most bytes that what the watcher knows may take, together with the events that were not delivered yet, as
    /// [estimated](crate::memory). Default: 1 GiB. A poll that would need more fails; what is known stays.
    pub fn memory_limit(mut self, bytes: u64) -> Self {
        self.0.memory_limit = Some(bytes);
        self
    }

    /// The most bytes that a poll may hold until it is complete, as [estimated](crate::memory): bodies, and items that
    /// are new or changed. Default: 512 MiB. A poll that would need more fails; what is known stays.
    pub fn walk_limit(mut self, bytes: u64) -> Self {
        self.0.walk_limit = Some(bytes);
        self
    }

    /// The method of the requests. Default: GET, and POST of a body.
    pub fn method(mut self, method: Method) -> Self {
        self.0.method = Some(method);
        self
    }

    /// One more query parameter; it is percent-encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.query.push((name.into(), value.into()));
        self
    }

    /// One more request header; a name may stand twice, spelled alike.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.header.push((name.into(), value.into()));
        self
    }

    /// A POST of JSON. It is sent as it is written.
    pub fn json_body(mut self, json: impl Into<String>) -> Self {
        self.0.body = Some(Body::Json(json.into()));
        self
    }

    /// A POST of text.
    pub fn text_body(mut self, text: impl Into<String>) -> Self {
        self.0.body = Some(Body::Text(text.into()));
        self
    }

    /// `Authorization: Bearer …` with this secret. Of several credentials the last one holds.
    pub fn bearer(self, secret: SecretSource) -> Self {
        self.auth(Credential::Bearer(secret))
    }

    /// `Authorization: Basic …` with this username and password.
    pub fn basic(self, username: impl Into<String>, password: SecretSource) -> Self {
        self.auth(Credential::Basic { username: username.into(), password })
    }

    /// A header with this secret, behind a prefix that may be empty.
    pub fn auth_header(
        self,
        name: impl Into<String>,
        prefix: impl Into<String>,
        secret: SecretSource,
    ) -> Self {
        self.auth(Credential::Header { name: name.into(), prefix: prefix.into(), secret })
    }

    /// A query parameter with this secret.
    pub fn auth_query(self, name: impl Into<String>, secret: SecretSource) -> Self {
        self.auth(Credential::Query { name: name.into(), secret })
    }

    /// `Authorization: Bearer …` with a token of a token endpoint; needs the feature `oauth2`.
    pub fn oauth2(self, credentials: ClientCredentials) -> Self {
        self.auth(Credential::OAuth2(credentials))
    }

    fn auth(mut self, credential: Credential) -> Self {
        self.0.auth = Some(credential);
        self
    }

    /// The certificates that the server's must descend from, in place of the system's: a file in PEM. They
    /// hold for a token endpoint and for pages at other origins, too.
    pub fn tls_ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.tls.get_or_insert_default().ca = Some(path.into());
        self
    }

    /// A certificate of one's own, with its chain, and its key: files in PEM. It is shown to the server and
    /// to a token endpoint, and to no other origin.
    pub fn tls_identity(mut self, cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        let files = self.0.tls.get_or_insert_default();
        files.cert = Some(cert.into());
        files.key = Some(key.into());
        self
    }

    /// All files of TLS at once, right or wrong.
    #[cfg(feature = "yaml")]
    pub(crate) fn tls(mut self, files: TlsFiles) -> Self {
        self.0.tls = Some(files);
        self
    }

    /// A Unix socket to connect to, in place of the host of the URL.
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.0.unix_socket = Some(path.into());
        self
    }

    /// How the next page of a list is found.
    pub fn pages(mut self, paging: Paging) -> Self {
        self.0.pages = Some(paging);
        self
    }

    /// The time for one request, from connecting to the last byte of its body. Default: 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = Some(timeout);
        self
    }

    /// Requests after the first that a poll may make for one that failed by itself; at most 10. A POST is not
    /// repeated. Default: 2.
    pub fn retries(mut self, retries: u32) -> Self {
        self.0.retries = Some(retries);
        self
    }

    /// Lets `Cache-Control: max-age` lengthen the wait.
    pub fn respect_max_age(mut self) -> Self {
        self.0.respect_max_age = true;
        self
    }

    /// The most requests at a time to this host, counted over all watchers of the process. Default: 8.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.0.max_in_flight = Some(requests);
        self
    }

    /// The most bytes of a body, after decompression, or of an object that is read; one that is only listed, as a
    /// `StoredObject`, may have more. Default: 8 MiB.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.0.body_limit = Some(bytes);
        self
    }

    /// One more option of an object store, by its name in the crate `object_store`, as `aws_region`.
    pub fn option(mut self, name: impl Into<String>, value: SecretSource) -> Self {
        self.0.object_store.options.push((name.into(), value));
        self
    }

    /// One more glob, of objects to follow, as `**/*.yaml`. Default: all.
    pub fn include(mut self, glob: impl Into<String>) -> Self {
        self.0.object_store.include.push(glob.into());
        self
    }

    /// One more glob, of objects to leave out.
    pub fn exclude(mut self, glob: impl Into<String>) -> Self {
        self.0.object_store.exclude.push(glob.into());
        self
    }

    /// Reports an object only when it is this old by the clock of the store, or was unchanged for so long by the clock of
    /// this machine; at most 24 h. Default: none.
    pub fn settle(mut self, settle: Duration) -> Self {
        self.0.object_store.settle = Some(settle);
        self
    }

    /// The most objects that are fetched at a time; at most 256. Of those that are only listed, as a `StoredObject`,
    /// none is. Default: 16.
    pub fn concurrency(mut self, objects: usize) -> Self {
        self.0.object_store.concurrency = Some(objects);
        self
    }

    /// The most parts of the keys that are listed at a time; at most 64. Default: 8.
    pub fn listing_concurrency(mut self, parts: usize) -> Self {
        self.0.object_store.listing_concurrency = Some(parts);
        self
    }

    /// The most objects. Default: 10 000 000, and 100 000 where their contents are kept.
    ///
    /// Objects that come out of order (WebDAV, S3 directory buckets) are held until the listing is complete: with about
    /// 4 million of them, raise the [`walk_limit`](Self::walk_limit), too.
    pub fn object_limit(mut self, objects: usize) -> Self {
        self.0.object_store.object_limit = Some(objects);
        self
    }

    /// The most bytes of the headers of an answer. Default: 64 KiB.
    ///
    /// The HTTP client has limits of its own: about 400 KiB with HTTP/1.1, and 1 MiB with HTTP/2.
    pub fn header_limit(mut self, bytes: u64) -> Self {
        self.0.header_limit = Some(bytes);
        self
    }

    /// The most redirects that are followed; at most 20. Default: 5.
    pub fn redirect_limit(mut self, redirects: u32) -> Self {
        self.0.redirect_limit = Some(redirects);
        self
    }

    /// Hides what parameters brought behind the host of a URL, and into texts: wherever it comes back, it is `***`.
    #[doc(hidden)]
    pub fn hide(mut self, params: &Params) -> Self {
        self.0.secrets = Hidden(params.hidden());
        self
    }

    /// Checks every setting. The declaration is [trusted](Trust::Trusted): what comes of somebody else is put
    /// under [`Untrusted`](Trust::Untrusted) behind it ([`WatcherSpec::under`]).
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] with each mistake, in the order of the settings.
    pub fn build(self) -> Result<WatcherSpec, InvalidSpec> {
        let Self(written) = self;
        let mut mistakes = measure::check(&written);
        if !mistakes.is_empty() {
            return Err(InvalidSpec { watcher: written.name, mistakes });
        }
        match check(&written, &mut mistakes) {
            Some(spec) if mistakes.is_empty() => Ok(spec),
            _ => Err(InvalidSpec { watcher: written.name, mistakes }),
        }
    }
}

impl fmt::Debug for WatcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatcherBuilder").field("name", &self.0.name).finish_non_exhaustive()
    }
}

fn check(written: &Written, mistakes: &mut Vec<Invalid>) -> Option<WatcherSpec> {
    let mut keep = |mistake| mistakes.push(mistake);
    let name = name::check(&written.name).map_err(&mut keep).ok();
    let interval = interval::check(written).map_err(&mut keep).ok();
    let max_backoff =
        max_backoff::check(written.max_backoff, written.interval).map_err(&mut keep).ok();
    let jitter = jitter::check(written.jitter.unwrap_or(jitter::DEFAULT)).map_err(&mut keep).ok();
    let deadline = deadline::check(written).map_err(&mut keep).ok();
    let decode = decode::check(written.decode).map_err(&mut keep).ok();
    let items = match written.kind {
        Kind::Http => items::check(written, &mut keep),
        Kind::ObjectStore => None,
    };
    let ignore = ignore::check(written, &mut keep);
    let removal = removal::check(&written.removal, &mut keep);
    let memory_limit = memory::check_memory_limit(written.memory_limit).map_err(&mut keep).ok();
    let walk_limit = memory::check_walk_limit(written.walk_limit).map_err(&mut keep).ok();
    foreign::check(written, &mut keep);
    let source = match written.kind {
        Kind::Http => HttpSpec::check(written, mistakes).map(SourceSpec::Http),
        Kind::ObjectStore => ObjectStoreSpec::check(written, mistakes).map(SourceSpec::ObjectStore),
    };
    Some(WatcherSpec {
        name: name?,
        interval: interval?,
        max_backoff: max_backoff?,
        jitter: jitter?,
        deadline: deadline?,
        decode: decode?,
        items,
        ignore: ignore?,
        distinct: written.distinct,
        removal: removal?,
        memory_limit: memory_limit?,
        walk_limit: walk_limit?,
        source: source?,
        trust: Some(Trust::Trusted),
        ports: Box::default(),
    })
}
