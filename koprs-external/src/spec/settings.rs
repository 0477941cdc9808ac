//! Every setting once: where it stands, what it is called, what it says.
//!
//! The derive and the builders spell a name in `snake_case`, YAML spells it in `camelCase`.

/// One setting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Setting {
    /// The block it stands in, as `http.auth`; `""` for the watcher itself.
    pub(crate) block: &'static str,
    /// Its name in the derive and the builders.
    pub(crate) name: &'static str,
    /// What it is, in a line.
    pub(crate) doc: &'static str,
}

impl Setting {
    /// Its name in YAML.
    pub(crate) fn yaml(&self) -> String {
        let mut words = self.name.split('_');
        let first = words.next().unwrap_or_default().to_owned();
        words.fold(first, |name, word| {
            let (head, tail) = word.split_at(word.len().min(1));
            name + &head.to_ascii_uppercase() + tail
        })
    }
}

const fn setting(block: &'static str, name: &'static str, doc: &'static str) -> Setting {
    Setting { block, name, doc }
}

/// The settings of a watcher.
pub(crate) const SETTINGS: &[Setting] = &[
    setting("", "name", "how the watcher is called; a DNS-1123 label"),
    setting("", "interval", "the wait after a successful poll, as `30s`"),
    setting("", "max_backoff", "the longest wait after failures, as `5m`"),
    setting("", "jitter", "by how much a wait may differ, as `5%`"),
    setting("", "deadline", "the time for one poll with all of its requests, as `5m`"),
    setting("", "decode", "the format: `json`, `yaml`, `text`, `bytes`, `ndjson` or `csv`"),
    setting("", "items", "a list, followed item by item"),
    setting("items", "at", "where its items stand, a JSON pointer, as `/data`"),
    setting("items", "key", "what tells them apart, a JSON pointer in each, as `/id`"),
    setting("items", "limit", "the most items"),
    setting("", "on_bad_item", "what becomes of an item that cannot be read: `keep` or `fail`"),
    setting("", "ignore", "JSON pointers to what may change without being a change"),
    setting("", "distinct", "whether a value that is equal to the last one is no change"),
    setting("", "removal", "when something that is absent counts as removed"),
    setting("removal", "confirm", "polls in a row that must answer 404"),
    setting("removal", "hold_above", "the share of a list above which removals wait, as `50%`"),
    setting("removal", "hold_min", "fewer items than this are removed without a wait"),
    setting("", "http", "an HTTP source"),
    setting("http", "url", "what is polled"),
    setting("http", "method", "the method of the requests: `get`, `head` or `post`"),
    setting("http", "query", "query parameters, by name"),
    setting("http", "header", "request headers, by name"),
    setting("http", "body", "what is sent with a `post`"),
    setting("http.body", "json", "JSON, sent as it is written"),
    setting("http.body", "text", "text, sent as it is written"),
    setting("http", "auth", "the credential of the requests"),
    setting("http.auth", "bearer", "a token, as `Authorization: Bearer`"),
    setting("http.auth.bearer", "env", ENV),
    setting("http.auth.bearer", "file", FILE),
    setting("http.auth.bearer", "value", VALUE),
    setting("http.auth", "basic", "a username and a password, as `Authorization: Basic`"),
    setting("http.auth.basic", "username", "who asks"),
    setting("http.auth.basic", "password", "its password"),
    setting("http.auth.basic.password", "env", ENV),
    setting("http.auth.basic.password", "file", FILE),
    setting("http.auth.basic.password", "value", VALUE),
    setting("http.auth", "header", "a secret in a header"),
    setting("http.auth.header", "name", "the name of the header, as `X-Api-Key`"),
    setting("http.auth.header", "prefix", "what stands before the secret"),
    setting("http.auth.header", "env", ENV),
    setting("http.auth.header", "file", FILE),
    setting("http.auth.header", "value", VALUE),
    setting("http.auth", "query", "a secret in a query parameter"),
    setting("http.auth.query", "name", "the name of the parameter, as `api_key`"),
    setting("http.auth.query", "env", ENV),
    setting("http.auth.query", "file", FILE),
    setting("http.auth.query", "value", VALUE),
    setting("http.auth", "oauth2", "a token of a token endpoint (OAuth 2.0 client credentials)"),
    setting("http.auth.oauth2", "token_url", "the token endpoint"),
    setting("http.auth.oauth2", "client_id", "who asks"),
    setting("http.auth.oauth2", "client_secret", "its secret"),
    setting("http.auth.oauth2.client_secret", "env", ENV),
    setting("http.auth.oauth2.client_secret", "file", FILE),
    setting("http.auth.oauth2.client_secret", "value", VALUE),
    setting("http.auth.oauth2", "scopes", "the scopes to ask for"),
    setting("http.auth.oauth2", "audience", "the audience to ask for"),
    setting("http.auth.oauth2", "margin", "how long before it expires a token is renewed"),
    setting("http", "tls", "a private CA, a certificate of one's own"),
    setting("http.tls", "ca", "the file of the certificates that the server's descends from"),
    setting("http.tls", "cert", "the file of our certificate, with its chain"),
    setting("http.tls", "key", "the file of its key"),
    setting("http", "unix_socket", "a Unix socket to connect to"),
    setting("http", "pages", "how the next page of a list is found"),
    setting("http.pages", "link_header", "by the header `Link`"),
    setting("http.pages", "cursor", "by a cursor that the page names"),
    setting("http.pages.cursor", "at", "where it stands in the body, a JSON pointer"),
    setting("http.pages.cursor", "header", "the response header in which it stands"),
    setting("http.pages.cursor", "param", "the query parameter that takes it"),
    setting("http.pages", "number", "by the number of the page"),
    setting("http.pages.number", "param", "the query parameter that takes it"),
    setting("http.pages.number", "first", "the number of the first page"),
    setting("http.pages", "offset", "by the number of items so far"),
    setting("http.pages.offset", "param", "the query parameter that takes it"),
    setting("http.pages", "limit", "the most pages"),
    setting("http.pages", "origins", "where a link may lead, beside the origin of the URL"),
    setting("http", "timeout", "the time for one request with its body, as `10s`"),
    setting("http", "retries", "requests after the first that a poll may make"),
    setting("http", "respect_max_age", "whether `Cache-Control: max-age` lengthens the wait"),
    setting("http", "max_in_flight", "the most requests at a time to this host"),
    setting("http", "body_limit", "the most bytes of a body, decompressed, as `8MiB`"),
    setting("http", "header_limit", "the most bytes of the headers of an answer, as `64KiB`"),
    setting("http", "redirect_limit", "the most redirects that are followed"),
    setting("", "object_store", "an object store, or a folder"),
    setting("object_store", "url", "the store and the path below which objects are followed"),
    setting("object_store", "option", "options of the store, by name, as `aws_region`"),
    setting("object_store", "include", "globs of the objects to follow, as `**/*.yaml`"),
    setting("object_store", "exclude", "globs of the objects to leave out, as `tmp/**`"),
    setting("object_store", "settle", "objects that are younger are left alone, as `5s`"),
    setting("object_store", "concurrency", "the most objects that are fetched at a time"),
    setting("object_store", "listing_concurrency", "the most parts that are listed at a time"),
    setting("object_store", "object_limit", "the most objects"),
    setting("object_store", "body_limit", "the most bytes of an object, as `8MiB`"),
];

const ENV: &str = "the environment variable that holds the secret";
const FILE: &str = "the file that holds the secret";
const VALUE: &str = "the secret itself";
