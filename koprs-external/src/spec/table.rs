//! Every setting once: where it stands, what it is called, what it holds, what it says.
//!
//! The derive and the builders spell a name in `snake_case`, YAML spells it in `camelCase`. The schema, the
//! reference page and the written form are made of this table; its defaults and bounds are those of the checks.

mod kind;
mod untrusted;

use std::ops::Deref;
use std::sync::LazyLock;
use std::time::Duration;

pub(crate) use self::kind::{Check, Default, Kind};
pub(crate) use self::untrusted::Untrusted;
use super::bounds::{self, BODY, ENTRIES, HEADER_BYTES, HEADERS, NAME, QUERY, SECRET, URL};
use super::object_store::{
    CONCURRENCY, LISTING_CONCURRENCY, LONGEST_SETTLE, MOST_CONCURRENCY, MOST_LISTING_CONCURRENCY,
    SCHEMES,
};
use super::quote::Content;
use super::{Format, Method, OnBadItem, Removal, duration};
use crate::memory::UNTRUSTED_LIMIT;

/// Prometheus, Telegraf and Vector take 5 to 10 s; reqwest has none.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(10);
/// What the server of an untrusted declaration may take.
const LONGEST_UNTRUSTED_TIMEOUT: Duration = Duration::from_secs(60);
/// Bytes of a body: 8 MiB.
pub(crate) const BODY_LIMIT: u64 = 8 * 1024 * 1024;
/// Bytes of the headers of an answer: 64 KiB.
pub(crate) const HEADER_LIMIT: u64 = 64 * 1024;
/// Requests after the first that a poll may make: a blip must not cost a watcher with an interval of 1 h two.
pub(crate) const RETRIES: u32 = 2;
/// Requests at a time to one host.
pub(crate) const MAX_IN_FLIGHT: usize = 8;
/// Redirects that are followed.
pub(crate) const REDIRECT_LIMIT: u32 = 5;
/// Items of a list.
pub(crate) const ITEM_LIMIT: usize = 100_000;
/// Pages of a list.
pub(crate) const PAGE_LIMIT: usize = 1_000;
/// ± 5 %: what Flux settled on after ± 10 % proved too wide (fluxcd/pkg#624).
pub(crate) const JITTER: f64 = 0.05;
/// How long before it expires a token is renewed. Databricks refuses tokens with less (r-lib/httr2#861).
pub(crate) const MARGIN: Duration = Duration::from_secs(30);

/// One setting.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Setting {
    /// The block it stands in, as `http.auth`; `""` for the watcher itself.
    pub(crate) block: &'static str,
    /// Its name in the derive and the builders.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
    /// What it is, in a line.
    pub(crate) doc: &'static str,
    /// A value, as it is written in YAML behind the name.
    pub(crate) example: &'static str,
    /// Whether it can be left out of its block.
    pub(crate) need: Need,
    /// What holds without it.
    pub(crate) default: Default,
    /// Whether `defaults` may have it.
    pub(crate) shared: bool,
    /// What an untrusted declaration may have of it.
    pub(crate) untrusted: Untrusted,
    /// What its value is checked for beside its kind.
    pub(crate) check: Check,
}

/// A row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Row(u8);

/// The row of a path, as `row!("http.timeout")`. It does not compile where there is none.
macro_rules! row {
    ($path:literal) => {
        const { $crate::spec::table::Row::of($path) }
    };
}
pub(crate) use row;

impl Row {
    /// For [`row!`] alone, which calls it when it is compiled.
    #[allow(clippy::indexing_slicing, clippy::panic, reason = "it runs at compile time")]
    pub(crate) const fn of(path: &str) -> Self {
        let mut n = 0;
        while n < SETTINGS.len() {
            if is_path(path.as_bytes(), SETTINGS[n].block.as_bytes(), SETTINGS[n].name.as_bytes()) {
                return Self::at(n);
            }
            n += 1;
        }
        panic!("the table has no setting of this path")
    }

    /// All rows, in their order.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        (0..SETTINGS.len()).map(Self::at)
    }

    /// The row of a path that is not known before.
    pub(crate) fn find(path: &str) -> Option<Self> {
        Self::all().find(|row| row.is_at(path))
    }

    /// Its path, which is made once.
    pub(crate) fn static_path(self) -> &'static str {
        static PATHS: LazyLock<Vec<String>> =
            LazyLock::new(|| Row::all().map(|row| row.path()).collect());
        PATHS.get(self.index()).map_or("", String::as_str)
    }

    /// Where it is in the table.
    pub(crate) fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Each value that is given has a row, so it is small.
    #[allow(clippy::cast_possible_truncation, reason = "the table has fewer than 256 rows")]
    const fn at(index: usize) -> Self {
        const { assert!(SETTINGS.len() <= u8::MAX as usize + 1) };
        Self(index as u8)
    }
}

impl Deref for Row {
    type Target = Setting;

    #[allow(clippy::indexing_slicing, reason = "a row is one of the table")]
    fn deref(&self) -> &'static Setting {
        &SETTINGS[self.index()]
    }
}

/// Whether a path is that of a name in a block.
#[allow(clippy::indexing_slicing, reason = "it runs at compile time, and each index is checked")]
const fn is_path(path: &[u8], block: &[u8], name: &[u8]) -> bool {
    let before = if block.is_empty() { 0 } else { block.len() + 1 };
    if path.len() != before + name.len() {
        return false;
    }
    let mut n = 0;
    while n < path.len() {
        let expected = if n < block.len() {
            block[n]
        } else if n < before {
            b'.'
        } else {
            name[n - before]
        };
        if path[n] != expected {
            return false;
        }
        n += 1;
    }
    true
}

/// Whether a setting can be left out of its block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    Optional,
    Required,
    /// Exactly one of those of its block that have this.
    OneOf,
}

impl Setting {
    /// Its name in YAML.
    pub(crate) fn yaml(&self) -> String {
        camel(self.name)
    }

    /// What its value reads as when it may be shown; nothing where it may be a secret.
    pub(crate) fn content(&self) -> Option<Content> {
        match (self.kind, self.block, self.name) {
            (Kind::Path, block, _) => (!block.starts_with("http.auth")).then_some(Content::Path),
            (Kind::Filled { .. }, _, "name" | "param") => Some(Content::Name),
            (Kind::List { of: Kind::Filled { .. }, .. }, "object_store", _) => Some(Content::Glob),
            (Kind::List { of, .. }, ..) => of.content(),
            (kind, ..) => kind.content(),
        }
    }

    /// Its block and its name, as `http.auth.bearer`.
    pub(crate) fn path(&self) -> String {
        if self.block.is_empty() {
            return self.name.to_owned();
        }
        format!("{}.{}", self.block, self.name)
    }

    /// The same in YAML.
    pub(crate) fn yaml_path(&self) -> String {
        self.path().split('.').map(camel).collect::<Vec<_>>().join(".")
    }

    /// Whether this is its block and its name.
    fn is_at(&self, path: &str) -> bool {
        let name = match self.block {
            "" => Some(path),
            block => path.strip_prefix(block).and_then(|rest| rest.strip_prefix('.')),
        };
        name == Some(self.name)
    }

    const fn required(mut self) -> Self {
        self.need = Need::Required;
        self
    }

    const fn one_of(mut self) -> Self {
        self.need = Need::OneOf;
        self
    }

    const fn default(mut self, default: Default) -> Self {
        self.default = default;
        self
    }

    const fn by_default(self, words: &'static str) -> Self {
        self.default(Default::Words(words))
    }

    const fn shared(mut self) -> Self {
        self.shared = true;
        self
    }

    const fn untrusted(mut self, untrusted: Untrusted) -> Self {
        self.untrusted = untrusted;
        self
    }

    const fn check(mut self, check: Check) -> Self {
        self.check = check;
        self
    }
}

/// As YAML spells a name.
pub(crate) fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |name, word| {
        let (head, tail) = word.split_at(word.len().min(1));
        name + &head.to_ascii_uppercase() + tail
    })
}

const fn setting(
    block: &'static str,
    name: &'static str,
    kind: Kind,
    doc: &'static str,
    example: &'static str,
) -> Setting {
    let (need, default) = (Need::Optional, Default::None);
    let (untrusted, check) = (Untrusted::Allowed, Check::Kind);
    Setting { block, name, kind, doc, example, need, default, shared: false, untrusted, check }
}

const DURATION: Kind = Kind::Duration { most: duration::LONGEST };

const fn least(least: u64) -> Kind {
    Kind::Whole { least, most: None }
}

const fn range(least: u64, most: u64) -> Kind {
    Kind::Whole { least, most: Some(most) }
}

/// A text that is not empty, of at most so many bytes.
const fn filled(most: usize) -> Kind {
    Kind::Filled { most }
}

const fn list(of: &'static Kind, most: usize) -> Kind {
    Kind::List { of, most, bytes: None }
}

/// Globs, which are compiled as one.
const GLOBS: Kind =
    Kind::List { of: &filled(NAME), most: ENTRIES, bytes: Some(bounds::GLOB_BYTES) };

/// The most memory of an untrusted watcher.
const UNTRUSTED_MEMORY: Untrusted = Untrusted::AtMost(Default::Size(UNTRUSTED_LIMIT));

/// The settings of a watcher.
#[rustfmt::skip]
pub(crate) const SETTINGS: &[Setting] = &[
    setting("", "name", Kind::Label, "how the watcher is called; a DNS-1123 label", "flags").required(),
    setting("", "interval", DURATION, "the wait after a successful poll, as `30s`", "30s").required().shared(),
    setting("", "max_backoff", DURATION, "the longest wait after failures, as `5m`", "5m").by_default("`interval` × 32").shared(),
    setting("", "jitter", Kind::Percentage { most: 0.5 }, "by how much a wait may differ, as `5%`", "10%").default(Default::Ratio(JITTER)).shared(),
    setting("", "deadline", DURATION, "the time for one poll with all of its requests, as `5m`", "5m").by_default("the longest of the interval, `60s`, and the timeout with `30s` more").shared(),
    setting("", "decode", Kind::Word(Format::words), "the format: `json`, `yaml`, `text`, `bytes`, `ndjson` or `csv`", "json").by_default("by the extension of an object, else by content type, else `json`").shared().check(Check::Words { code: "bad-format", what: "a format" }),
    setting("", "items", Kind::Block, "a list, followed item by item", "{ at: /data, key: /id }"),
    setting("items", "at", Kind::Pointer, "where its items stand, a JSON pointer, as `/data`", "/data").by_default("the whole body"),
    setting("items", "key", Kind::Pointer, "what tells them apart, a JSON pointer in each, as `/id`", "/id").by_default("the names of its members, of an object"),
    setting("items", "limit", least(1), "the most items", "1000").default(Default::Whole(ITEM_LIMIT as u64)).untrusted(Untrusted::AtMostDefault),
    setting("", "on_bad_item", Kind::Word(OnBadItem::words), "what becomes of an item that cannot be read: `keep` or `fail`", "fail").default(Default::Word("keep")).check(Check::Words { code: "bad-word", what: "`keep` or `fail`" }),
    setting("", "ignore", list(&Kind::Pointer, ENTRIES), "JSON pointers to what may change without being a change", "[/updated_at]").check(Check::Part),
    setting("", "distinct", Kind::Flag, "whether a value that is equal to the last one is no change", "true").default(Default::Flag(false)),
    setting("", "removal", Kind::Block, "when something that is absent counts as removed", "{ confirm: 3 }").shared(),
    setting("removal", "confirm", range(1, u32::MAX as u64), "polls in a row that must answer 404", "3").default(Default::Whole(Removal::DEFAULT.confirm as u64)).shared(),
    setting("removal", "hold_above", Kind::Percentage { most: 1.0 }, "the share of a list above which removals wait, as `50%`", "25%").default(Default::Ratio(Removal::DEFAULT.hold_above)).shared(),
    setting("removal", "hold_min", least(1), "fewer items than this are removed without a wait", "20").default(Default::Whole(Removal::DEFAULT.hold_min)).shared(),
    setting("", "memory_limit", Kind::Size, "the most bytes that what is known may take, with events that were not taken yet, as `1GiB`", "256MiB").by_default("`1GiB`, and `64MiB` of an untrusted declaration").shared().untrusted(UNTRUSTED_MEMORY),
    setting("", "walk_limit", Kind::Size, "the most bytes that a poll may hold until it is complete, as `512MiB`", "128MiB").by_default("`512MiB`, and `64MiB` of an untrusted declaration").shared().untrusted(UNTRUSTED_MEMORY),
    setting("", "http", Kind::Block, "an HTTP source", "{ url: https://api.example.com/v1/flags }").one_of().shared(),
    setting("http", "url", Kind::Url(&["http", "https"]), "what is polled", "https://api.example.com/v1/flags").required().untrusted(Untrusted::PublicHosts),
    setting("http", "method", Kind::Word(Method::words), "the method of the requests: `get`, `head` or `post`", "get").by_default("`get`, and `post` with a `body`").check(Check::Words { code: "bad-method", what: "a method" }),
    setting("http", "query", Kind::Map { of: &Kind::Text { most: URL }, most: QUERY, bytes: None }, "query parameters, by name", "{ page_size: 100 }"),
    setting("http", "header", Kind::Map { of: &Kind::Text { most: HEADER_BYTES }, most: HEADERS, bytes: Some(HEADER_BYTES) }, "request headers, by name", "{ X-Team: flags }").shared().untrusted(Untrusted::WithoutHost),
    setting("http", "body", Kind::Block, "what is sent with a `post`", "{ text: all }"),
    setting("http.body", "json", Kind::Json { most: BODY }, "JSON, sent as it is written", "'{ \"plan\": \"premium\" }'").one_of(),
    setting("http.body", "text", Kind::Text { most: BODY }, "text, sent as it is written", "all").one_of(),
    setting("http", "auth", Kind::Block, "the credential of the requests", "{ bearer: { env: FLAGS_TOKEN } }"),
    setting("http.auth", "bearer", Kind::Block, "a token, as `Authorization: Bearer`", "{ env: FLAGS_TOKEN }").one_of(),
    setting("http.auth.bearer", "env", Kind::Variable, ENV, "FLAGS_TOKEN").one_of().untrusted(untrusted::ENV),
    setting("http.auth.bearer", "file", Kind::Path, FILE, "/run/secrets/token").one_of().untrusted(untrusted::FILE).check(Check::Secret),
    setting("http.auth.bearer", "value", filled(SECRET), VALUE, "t0ken").one_of().check(Check::Secret),
    setting("http.auth", "basic", Kind::Block, "a username and a password, as `Authorization: Basic`", "{ username: operator, password: { env: PASSWORD } }").one_of(),
    setting("http.auth.basic", "username", Kind::Text { most: NAME }, "who asks", "operator").required().check(Check::Username),
    setting("http.auth.basic", "password", Kind::Block, "its password", "{ env: PASSWORD }").required(),
    setting("http.auth.basic.password", "env", Kind::Variable, ENV, "FLAGS_TOKEN").one_of().untrusted(untrusted::ENV),
    setting("http.auth.basic.password", "file", Kind::Path, FILE, "/run/secrets/token").one_of().untrusted(untrusted::FILE).check(Check::Secret),
    setting("http.auth.basic.password", "value", filled(SECRET), VALUE, "t0ken").one_of().check(Check::Secret),
    setting("http.auth", "header", Kind::Block, "a secret in a header", "{ name: X-Api-Key, env: API_KEY }").one_of(),
    setting("http.auth.header", "name", Kind::HeaderName, "the name of the header, as `X-Api-Key`", "X-Api-Key").required().untrusted(Untrusted::WithoutHost).check(Check::SentHeader),
    setting("http.auth.header", "prefix", Kind::Text { most: NAME }, "what stands before the secret", "'Token '").by_default("nothing").check(Check::Prefix),
    setting("http.auth.header", "env", Kind::Variable, ENV, "FLAGS_TOKEN").one_of().untrusted(untrusted::ENV),
    setting("http.auth.header", "file", Kind::Path, FILE, "/run/secrets/token").one_of().untrusted(untrusted::FILE).check(Check::Secret),
    setting("http.auth.header", "value", filled(SECRET), VALUE, "t0ken").one_of().check(Check::Secret),
    setting("http.auth", "query", Kind::Block, "a secret in a query parameter", "{ name: api_key, env: API_KEY }").one_of(),
    setting("http.auth.query", "name", filled(NAME), "the name of the parameter, as `api_key`", "api_key").required(),
    setting("http.auth.query", "env", Kind::Variable, ENV, "FLAGS_TOKEN").one_of().untrusted(untrusted::ENV),
    setting("http.auth.query", "file", Kind::Path, FILE, "/run/secrets/token").one_of().untrusted(untrusted::FILE).check(Check::Secret),
    setting("http.auth.query", "value", filled(SECRET), VALUE, "t0ken").one_of().check(Check::Secret),
    setting("http.auth", "oauth2", Kind::Block, "a token of a token endpoint (OAuth 2.0 client credentials)", "{ tokenUrl: https://login.example.com/token, clientId: operator, clientSecret: { env: SECRET } }").one_of(),
    setting("http.auth.oauth2", "token_url", Kind::Url(&["http", "https"]), "the token endpoint", "https://login.example.com/token").required().untrusted(Untrusted::PublicHosts).check(Check::TokenUrl),
    setting("http.auth.oauth2", "client_id", filled(NAME), "who asks", "operator").required(),
    setting("http.auth.oauth2", "client_secret", Kind::Block, "its secret", "{ env: SECRET }").required(),
    setting("http.auth.oauth2.client_secret", "env", Kind::Variable, ENV, "FLAGS_TOKEN").one_of().untrusted(untrusted::ENV),
    setting("http.auth.oauth2.client_secret", "file", Kind::Path, FILE, "/run/secrets/token").one_of().untrusted(untrusted::FILE).check(Check::Secret),
    setting("http.auth.oauth2.client_secret", "value", filled(SECRET), VALUE, "t0ken").one_of().check(Check::Secret),
    setting("http.auth.oauth2", "scopes", list(&filled(NAME), ENTRIES), "the scopes to ask for", "[read]").check(Check::Scope),
    setting("http.auth.oauth2", "audience", filled(NAME), "the audience to ask for", "api"),
    setting("http.auth.oauth2", "margin", DURATION, "how long before it expires a token is renewed", "1m").default(Default::Duration(MARGIN)),
    setting("http", "tls", Kind::Block, "a private CA, a certificate of one's own", "{ ca: ca.pem }").shared(),
    setting("http.tls", "ca", Kind::Path, "the file of the certificates that the server's descends from", "ca.pem").by_default("the certificates of the system").shared().untrusted(untrusted::FILE),
    setting("http.tls", "cert", Kind::Path, "the file of our certificate, with its chain", "tls.crt").shared().untrusted(untrusted::FILE),
    setting("http.tls", "key", Kind::Path, "the file of its key", "tls.key").shared().untrusted(untrusted::FILE),
    setting("http", "unix_socket", Kind::Path, "a Unix socket to connect to", "run/app.sock").untrusted(untrusted::SOCKET),
    setting("http", "pages", Kind::Block, "how the next page of a list is found", "{ linkHeader: {} }"),
    setting("http.pages", "link_header", Kind::Block, "by the header `Link`", "{}").one_of(),
    setting("http.pages", "cursor", Kind::Block, "by a cursor that the page names", "{ at: /meta/next, param: cursor }").one_of(),
    setting("http.pages.cursor", "at", Kind::Pointer, "where it stands in the body, a JSON pointer", "/meta/next").one_of(),
    setting("http.pages.cursor", "header", Kind::HeaderName, "the response header in which it stands", "X-Next").one_of(),
    setting("http.pages.cursor", "param", filled(NAME), "the query parameter that takes it", "cursor").by_default("the cursor is the URL of the next page"),
    setting("http.pages", "number", Kind::Block, "by the number of the page", "{ param: page }").one_of(),
    setting("http.pages.number", "param", filled(NAME), "the query parameter that takes it", "page").required(),
    setting("http.pages.number", "first", least(0), "the number of the first page", "0").default(Default::Whole(1)),
    setting("http.pages", "offset", Kind::Block, "by the number of items so far", "{ param: offset }").one_of(),
    setting("http.pages.offset", "param", filled(NAME), "the query parameter that takes it", "offset").required(),
    setting("http.pages", "limit", least(1), "the most pages", "50").default(Default::Whole(PAGE_LIMIT as u64)).untrusted(Untrusted::AtMostDefault),
    setting("http.pages", "origins", list(&Kind::Url(&["http", "https"]), ENTRIES), "where a link may lead, beside the origin of the URL", "[https://cdn.example.com]").untrusted(Untrusted::PublicHosts).check(Check::Origin),
    setting("http", "timeout", DURATION, "the time for one request with its body, as `10s`", "5s").default(Default::Duration(TIMEOUT)).shared().untrusted(Untrusted::AtMost(Default::Duration(LONGEST_UNTRUSTED_TIMEOUT))).check(Check::NotZero),
    setting("http", "retries", range(0, 10), "requests after the first that a poll may make; a POST is not repeated", "1").default(Default::Whole(RETRIES as u64)).shared(),
    setting("http", "respect_max_age", Kind::Flag, "whether `Cache-Control: max-age` lengthens the wait", "true").default(Default::Flag(false)).shared(),
    setting("http", "max_in_flight", least(1), "the most requests at a time to this host", "4").default(Default::Whole(MAX_IN_FLIGHT as u64)).shared().untrusted(Untrusted::OnlyDefault),
    setting("http", "body_limit", Kind::Size, "the most bytes of a body, decompressed, as `8MiB`", "1MiB").default(Default::Size(BODY_LIMIT)).shared().untrusted(Untrusted::AtMostDefault),
    setting("http", "header_limit", Kind::Size, "the most bytes of the headers of an answer, as `64KiB`", "32KiB").default(Default::Size(HEADER_LIMIT)).shared().untrusted(Untrusted::AtMostDefault),
    setting("http", "redirect_limit", range(0, 20), "the most redirects that are followed", "3").default(Default::Whole(REDIRECT_LIMIT as u64)).shared().untrusted(Untrusted::AtMostDefault),
    setting("", "object_store", Kind::Block, "an object store, or a folder", "{ url: s3://bucket/models/ }").one_of().shared().untrusted(untrusted::STORE),
    setting("object_store", "url", Kind::Url(&SCHEMES), "the store and the path below which objects are followed", "s3://bucket/models/").required().check(Check::StoreUrl),
    setting("object_store", "option", Kind::Options { most: ENTRIES }, "options of the store, by name, as `aws_region`", "{ aws_region: eu-west-1 }"),
    setting("object_store", "include", GLOBS, "globs of the objects to follow, as `**/*.yaml`", "['**/*.yaml']").by_default("all").check(Check::Glob),
    setting("object_store", "exclude", GLOBS, "globs of the objects to leave out, as `tmp/**`", "['tmp/**']").check(Check::Glob),
    setting("object_store", "settle", Kind::Duration { most: LONGEST_SETTLE }, "objects wait until they are this old by the clock of the store, or were unchanged for so long, as `5s`", "5s").default(Default::Duration(Duration::ZERO)).shared(),
    setting("object_store", "concurrency", range(1, MOST_CONCURRENCY as u64), "the most objects that are fetched at a time", "4").default(Default::Whole(CONCURRENCY as u64)).shared(),
    setting("object_store", "listing_concurrency", range(1, MOST_LISTING_CONCURRENCY as u64), "the most parts that are listed at a time", "2").default(Default::Whole(LISTING_CONCURRENCY as u64)).shared(),
    setting("object_store", "object_limit", least(1), "the most objects; of those that come in no order (WebDAV, S3 directory buckets), about 4000000 fit into the default `walk_limit`", "5000").by_default("`10000000`, and `100000` where contents are kept").shared(),
    setting("object_store", "body_limit", Kind::Size, "the most bytes of an object, as `8MiB`", "1MiB").default(Default::Size(BODY_LIMIT)).shared(),
];

/// The settings of a block, in their order.
pub(crate) fn settings_of(block: &str) -> impl Iterator<Item = &'static Setting> {
    SETTINGS.iter().filter(move |setting| setting.block == block)
}

const ENV: &str = "the environment variable that holds the secret";
const FILE: &str = "the file that holds the secret";
const VALUE: &str = "the secret itself";
