//! A declaration that is written in Rust.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::check::{self, Finding};
use super::dialect::Dialect;
use super::mistake::Place;
use super::settings::{Entry, Pair, Settings, SourceKind, StoreOption, Value};
use super::table::{Row, row};
use super::template::Params;
use super::{
    ClientCredentials, Format, Invalid, InvalidSpec, Method, OnBadItem, Paging, SecretSource,
    Trust, WatcherSpec, rules,
};
use crate::secret::{Hidden, Show};

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
pub struct WatcherBuilder {
    settings: Settings,
    /// What was brought into a URL, a query or a body by parameters.
    secrets: Hidden,
    /// How much is shown of its URL, and of that of its tokens.
    shows: [Show; 2],
    /// What no setting can hold: of the pages.
    refused: Vec<Invalid>,
    /// Who wrote it; that of a declaration in Rust is trusted.
    trust: Option<Trust>,
    ports: Box<[u16]>,
}

impl WatcherBuilder {
    pub(super) fn new(source: SourceKind, name: String, url: String) -> Self {
        let settings = Settings::new(source, Dialect::Rust, Place::NOWHERE);
        let (secrets, shows, refused) = (Hidden::default(), [Show::default(); 2], Vec::new());
        let (trust, ports) = (Some(Trust::Trusted), Box::default());
        Self { settings, secrets, shows, refused, trust, ports }
            .set(row!("name"), Value::Text(name))
            .set(source.url(), Value::Text(url))
    }

    fn set(mut self, row: Row, value: Value) -> Self {
        self.settings.set(row, Place::NOWHERE, value);
        self
    }

    /// One more text of a list.
    fn push(mut self, row: Row, text: impl Into<String>) -> Self {
        let entry = Entry::nowhere(text.into());
        if let Some(Value::List(list)) = self.settings.value_mut(row, Value::List(Vec::new())) {
            list.push(entry);
        }
        self
    }

    /// One more text with a name.
    fn push_pair(mut self, row: Row, name: impl Into<String>, value: impl Into<String>) -> Self {
        let [name, value] = [name.into(), value.into()].map(Entry::nowhere);
        if let Some(Value::Pairs(pairs)) = self.settings.value_mut(row, Value::Pairs(Vec::new())) {
            pairs.push(Pair { name, value, is_default: false });
        }
        self
    }

    /// The wait after a successful poll. Required; at least 1 s, and 10 s of an object store that is not local.
    pub fn interval(self, interval: Duration) -> Self {
        self.set(row!("interval"), Value::Duration(interval))
    }

    /// The longest wait after failures. Default: interval × 32; not less than the interval.
    pub fn max_backoff(self, max_backoff: Duration) -> Self {
        self.set(row!("max_backoff"), Value::Duration(max_backoff))
    }

    /// By how much a wait may differ, as a ratio from 0 to 0.5. Default: 0.05.
    pub fn jitter(self, ratio: f64) -> Self {
        self.set(row!("jitter"), Value::Ratio(ratio))
    }

    /// The time for one poll, with all of its requests: each page of a list is one. Default: the longest of
    /// the interval, 60 s, and the timeout with 30 s more; not less than the timeout.
    ///
    /// A server that asks to wait in the middle of a list's pages is waited for as long as the deadline allows, and the
    /// walk continues where it was.
    pub fn deadline(self, deadline: Duration) -> Self {
        self.set(row!("deadline"), Value::Duration(deadline))
    }

    /// The format of the content. Default: by content type, else JSON.
    pub fn decode(self, format: Format) -> Self {
        self.set(row!("decode"), Value::Word(format.word()))
    }

    /// Follows a list item by item. Its items stand at a JSON pointer, `""` for the whole body: in an array, or in an
    /// object whose members they are. Once an array of items was seen, an object in its place fails the poll: it is an
    /// error with 200, or one item.
    pub fn items(self, at: impl Into<String>) -> Self {
        self.set(row!("items"), Value::Block).set(row!("items.at"), Value::Text(at.into()))
    }

    /// What tells the items of a list apart: a JSON pointer in each. Without it they are the members of an
    /// object.
    pub fn key(self, pointer: impl Into<String>) -> Self {
        self.set(row!("items.key"), Value::Text(pointer.into()))
    }

    /// The most items of a list. Default: 100 000. Items whose removal is held since the server sent a part of the
    /// list count, too: one more is an error, and nothing is removed to make room.
    pub fn item_limit(self, items: usize) -> Self {
        self.set(row!("items.limit"), Value::Whole(items as u64))
    }

    /// What becomes of an item that cannot be decoded or has no key. Default: it keeps its last good value.
    /// A list of which no item was ever good fails the poll either way.
    pub fn on_bad_item(self, on_bad_item: OnBadItem) -> Self {
        self.set(row!("on_bad_item"), Value::Word(on_bad_item.word()))
    }

    /// One more part, by its JSON pointer, that may change without being a change.
    pub fn ignore(self, pointer: impl Into<String>) -> Self {
        self.push(row!("ignore"), pointer)
    }

    /// A new value that is equal to the old one is no change.
    pub fn distinct(self) -> Self {
        self.set(row!("distinct"), Value::Flag(true))
    }

    /// Polls in a row that must answer 404 before a value counts as gone. Default: 2.
    pub fn confirm(self, polls: u32) -> Self {
        self.set(row!("removal.confirm"), Value::Whole(polls.into()))
    }

    /// The share of the items of a list, from 0 to 1, above which removals are held. Default: 0.5.
    pub fn hold_above(self, ratio: f64) -> Self {
        self.set(row!("removal.hold_above"), Value::Ratio(ratio))
    }

    /// Fewer items than this are never held. Default: 10.
    pub fn hold_min(self, items: u64) -> Self {
        self.set(row!("removal.hold_min"), Value::Whole(items))
    }

    /// The most bytes that what the watcher knows may take, together with the events that were not delivered yet, as
    /// [estimated](crate::memory). Default: 1 GiB. A poll that would need more fails; what is known stays.
    pub fn memory_limit(self, bytes: u64) -> Self {
        self.set(row!("memory_limit"), Value::Bytes(bytes))
    }

    /// The most bytes that a poll may hold until it is complete, as [estimated](crate::memory): bodies, and items that
    /// are new or changed. Default: 512 MiB. A poll that would need more fails; what is known stays.
    pub fn walk_limit(self, bytes: u64) -> Self {
        self.set(row!("walk_limit"), Value::Bytes(bytes))
    }

    /// The method of the requests. Default: GET, and POST of a body.
    pub fn method(self, method: Method) -> Self {
        self.set(row!("http.method"), Value::Word(method.word()))
    }

    /// One more query parameter; it is percent-encoded.
    pub fn query(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.push_pair(row!("http.query"), name, value)
    }

    /// One more request header; a name may stand twice, spelled alike.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.push_pair(row!("http.header"), name, value)
    }

    /// A POST of JSON. It is sent as it is written.
    pub fn json_body(self, json: impl Into<String>) -> Self {
        self.body(row!("http.body.json"), json.into())
    }

    /// A POST of text.
    pub fn text_body(self, text: impl Into<String>) -> Self {
        self.body(row!("http.body.text"), text.into())
    }

    /// `Authorization: Bearer …` with this secret. Of several credentials the last one holds.
    pub fn bearer(self, secret: SecretSource) -> Self {
        self.auth(row!("http.auth.bearer")).secret("http.auth.bearer", secret)
    }

    /// `Authorization: Basic …` with this username and password.
    pub fn basic(self, username: impl Into<String>, password: SecretSource) -> Self {
        self.auth(row!("http.auth.basic"))
            .set(row!("http.auth.basic.username"), Value::Text(username.into()))
            .set(row!("http.auth.basic.password"), Value::Block)
            .secret("http.auth.basic.password", password)
    }

    /// A header with this secret, behind a prefix that may be empty.
    pub fn auth_header(
        self,
        name: impl Into<String>,
        prefix: impl Into<String>,
        secret: SecretSource,
    ) -> Self {
        let header = self
            .auth(row!("http.auth.header"))
            .set(row!("http.auth.header.name"), Value::Text(name.into()));
        let prefix = prefix.into();
        let header = match prefix.is_empty() {
            true => header,
            false => header.set(row!("http.auth.header.prefix"), Value::Text(prefix)),
        };
        header.secret("http.auth.header", secret)
    }

    /// A query parameter with this secret.
    pub fn auth_query(self, name: impl Into<String>, secret: SecretSource) -> Self {
        self.auth(row!("http.auth.query"))
            .set(row!("http.auth.query.name"), Value::Text(name.into()))
            .secret("http.auth.query", secret)
    }

    /// `Authorization: Bearer …` with a token of a token endpoint; needs the feature `oauth2`.
    pub fn oauth2(self, credentials: ClientCredentials) -> Self {
        let ClientCredentials { token_url, client_id, client_secret, scopes, audience, margin } =
            credentials;
        let mut oauth2 = self
            .auth(row!("http.auth.oauth2"))
            .set(row!("http.auth.oauth2.token_url"), Value::Text(token_url))
            .set(row!("http.auth.oauth2.client_id"), Value::Text(client_id))
            .set(row!("http.auth.oauth2.client_secret"), Value::Block)
            .secret("http.auth.oauth2.client_secret", client_secret);
        for scope in scopes {
            oauth2 = oauth2.push(row!("http.auth.oauth2.scopes"), scope);
        }
        if let Some(audience) = audience {
            oauth2 = oauth2.set(row!("http.auth.oauth2.audience"), Value::Text(audience));
        }
        match margin {
            Some(margin) => oauth2.set(row!("http.auth.oauth2.margin"), Value::Duration(margin)),
            None => oauth2,
        }
    }

    /// Begins a credential, in the place of one that was given before.
    fn auth(mut self, kind: Row) -> Self {
        self.settings.remove_block("http.auth");
        self.set(row!("http.auth"), Value::Block).set(kind, Value::Block)
    }

    /// Where the secret of a block comes from. One that is written out has neither a byte order mark nor the line break
    /// that a block of text ends with.
    fn secret(self, block: &str, secret: SecretSource) -> Self {
        let (name, value) = match secret {
            SecretSource::Env(name) => ("env", Value::Text(name)),
            SecretSource::File(path) => ("file", Value::Path(path)),
            SecretSource::Value(secret) => ("value", Value::Secret(secret.written())),
        };
        match Row::find(&format!("{block}.{name}")) {
            Some(row) => self.set(row, value),
            None => self,
        }
    }

    fn body(mut self, kind: Row, text: String) -> Self {
        self.settings.remove_block("http.body");
        self.set(row!("http.body"), Value::Block).set(kind, Value::Text(text))
    }

    /// The certificates that the server's must descend from, in place of the system's: a file in PEM. They
    /// hold for a token endpoint and for pages at other origins, too.
    pub fn tls_ca(self, path: impl Into<PathBuf>) -> Self {
        self.set(row!("http.tls"), Value::Block).set(row!("http.tls.ca"), Value::Path(path.into()))
    }

    /// A certificate of one's own, with its chain, and its key: files in PEM. It is shown to the server and
    /// to a token endpoint, and to no other origin.
    pub fn tls_identity(self, cert: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.set(row!("http.tls"), Value::Block)
            .set(row!("http.tls.cert"), Value::Path(cert.into()))
            .set(row!("http.tls.key"), Value::Path(key.into()))
    }

    /// A Unix socket to connect to, in place of the host of the URL.
    pub fn unix_socket(self, path: impl Into<PathBuf>) -> Self {
        self.set(row!("http.unix_socket"), Value::Path(path.into()))
    }

    /// How the next page of a list is found.
    pub fn pages(mut self, paging: Paging) -> Self {
        self.settings.remove_block("http.pages");
        let (settings, refused) = paging.into_settings();
        self.refused = refused;
        settings.into_iter().fold(self, |builder, (row, value)| builder.set(row, value))
    }

    /// The time for one request, from connecting to the last byte of its body. Default: 10 s.
    pub fn timeout(self, timeout: Duration) -> Self {
        self.set(row!("http.timeout"), Value::Duration(timeout))
    }

    /// Requests after the first that a poll may make for one that failed by itself; at most 10. A POST is not
    /// repeated. Default: 2.
    pub fn retries(self, retries: u32) -> Self {
        self.set(row!("http.retries"), Value::Whole(retries.into()))
    }

    /// Lets `Cache-Control: max-age` lengthen the wait.
    pub fn respect_max_age(self) -> Self {
        self.set(row!("http.respect_max_age"), Value::Flag(true))
    }

    /// The most requests at a time to this host, counted over all watchers of the process. Default: 8.
    pub fn max_in_flight(self, requests: usize) -> Self {
        self.set(row!("http.max_in_flight"), Value::Whole(requests as u64))
    }

    /// The most bytes of a body, after decompression, or of an object that is read; one that is only listed, as a
    /// `StoredObject`, may have more. Default: 8 MiB.
    pub fn body_limit(self, bytes: u64) -> Self {
        let row = match self.settings.source {
            SourceKind::Http => row!("http.body_limit"),
            SourceKind::ObjectStore => row!("object_store.body_limit"),
        };
        self.set(row, Value::Bytes(bytes))
    }

    /// One more option of an object store, by its name in the crate `object_store`, as `aws_region`.
    pub fn option(mut self, name: impl Into<String>, value: SecretSource) -> Self {
        let name = Entry::nowhere(name.into());
        let option = StoreOption { name, place: Place::NOWHERE, value: Some(value.written_out()) };
        let row = row!("object_store.option");
        let options = self.settings.value_mut(row, Value::Options(Vec::new()));
        if let Some(Value::Options(options)) = options {
            options.push(option);
        }
        self
    }

    /// One more glob, of objects to follow, as `**/*.yaml`. Default: all.
    pub fn include(self, glob: impl Into<String>) -> Self {
        self.push(row!("object_store.include"), glob)
    }

    /// One more glob, of objects to leave out.
    pub fn exclude(self, glob: impl Into<String>) -> Self {
        self.push(row!("object_store.exclude"), glob)
    }

    /// Reports an object only when it is this old by the clock of the store, or was unchanged for so long by the clock of
    /// this machine; at most 24 h. Default: none.
    pub fn settle(self, settle: Duration) -> Self {
        self.set(row!("object_store.settle"), Value::Duration(settle))
    }

    /// The most objects that are fetched at a time; at most 256. Of those that are only listed, as a `StoredObject`,
    /// none is. Default: 16.
    pub fn concurrency(self, objects: usize) -> Self {
        self.set(row!("object_store.concurrency"), Value::Whole(objects as u64))
    }

    /// The most parts of the keys that are listed at a time; at most 64. Default: 8.
    pub fn listing_concurrency(self, parts: usize) -> Self {
        self.set(row!("object_store.listing_concurrency"), Value::Whole(parts as u64))
    }

    /// The most objects. Default: 10 000 000, and 100 000 where their contents are kept.
    ///
    /// Objects that come out of order (WebDAV, S3 directory buckets) are held until the listing is complete: with about
    /// 4 million of them, raise the [`walk_limit`](Self::walk_limit), too.
    pub fn object_limit(self, objects: usize) -> Self {
        self.set(row!("object_store.object_limit"), Value::Whole(objects as u64))
    }

    /// The most bytes of the headers of an answer. Default: 64 KiB.
    ///
    /// The HTTP client has limits of its own: about 400 KiB with HTTP/1.1, and 1 MiB with HTTP/2.
    pub fn header_limit(self, bytes: u64) -> Self {
        self.set(row!("http.header_limit"), Value::Bytes(bytes))
    }

    /// The most redirects that are followed; at most 20. Default: 5.
    pub fn redirect_limit(self, redirects: u32) -> Self {
        self.set(row!("http.redirect_limit"), Value::Whole(redirects.into()))
    }

    /// Hides what parameters brought behind the host of a URL, and into texts: wherever it comes back, it is `***`.
    #[doc(hidden)]
    pub fn hide(mut self, params: &Params) -> Self {
        self.secrets = Hidden(params.hidden());
        self
    }

    /// Checks every setting. The declaration is [trusted](Trust::Trusted): what comes of somebody else is put
    /// under [`Untrusted`](Trust::Untrusted) behind it ([`WatcherSpec::under`]).
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] with each mistake, in the order of the settings.
    pub fn build(self) -> Result<WatcherSpec, InvalidSpec> {
        let Self { mut settings, secrets, shows, refused, trust, ports } = self;
        let watcher: String = settings.get(row!("name")).unwrap_or_default();
        let (found, broken) = check::check_all(&settings);
        let is_bounded = !found.iter().any(|it| ["too-long", "too-many"].contains(&it.code));
        let mut found = invalid(found, &settings);
        broken.into_iter().for_each(|row| settings.break_row(row));
        if is_bounded {
            found.extend(invalid(rules::check(&settings), &settings));
        }
        if found.is_empty()
            && refused.is_empty()
            && let Some(spec) = WatcherSpec::from_settings(settings, secrets)
        {
            let spec = WatcherSpec { ports, ..spec.show(shows) };
            return match trust {
                Some(Trust::Untrusted) => spec.under(Trust::Untrusted),
                trust => Ok(WatcherSpec { trust, ..spec }),
            };
        }
        found.sort_by_key(|(row, _)| *row);
        let mistakes = found.into_iter().map(|(_, invalid)| invalid).chain(refused).collect();
        Err(InvalidSpec { watcher, mistakes })
    }
}

impl fmt::Debug for WatcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name: &str = self.settings.get(row!("name")).unwrap_or_default();
        f.debug_struct("WatcherBuilder").field("name", &name).finish_non_exhaustive()
    }
}

/// Findings by the paths of their settings, and the rows that they are sorted by.
fn invalid(found: Vec<Finding>, settings: &Settings) -> Vec<(Option<Row>, Invalid)> {
    let invalid = found.into_iter().map(|it| (it.at.row(), it.into_invalid(settings)));
    invalid.collect()
}

impl WatcherSpec {
    /// The declaration as a builder, so that settings can be changed before a source is made of it.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::spec::WatcherSpec;
    ///
    /// let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
    ///     .interval(Duration::from_secs(30))
    ///     .build()?;
    /// let spec = spec.into_builder().interval(Duration::from_secs(60)).build()?;
    /// assert_eq!(spec.interval(), Duration::from_secs(60));
    /// # Ok::<(), koprs_external::spec::InvalidSpec>(())
    /// ```
    ///
    /// Its [trust](Trust) stays what it is: what is untrusted is held to it again when it is built.
    pub fn into_builder(self) -> WatcherBuilder {
        let (secrets, shows, refused) = (self.secrets().clone(), self.shows(), Vec::new());
        let Self { settings, trust, ports, .. } = self;
        WatcherBuilder { settings, secrets, shows, refused, trust, ports }
    }
}
