#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]
//! The derive macro of `koprs-external`. Use it through that crate, which re-exports it.
//!
//! The files are the pipeline:
//!
//! ```text
//! attr (by read) ──► check (template, used) ──► model ──► expand
//!        └──────────────────┴── errors ──► fallback
//! ```
//!
//! A new setting is a field and a row in `attr`, a check, and a call in `expand`; a new block is a struct
//! with a table of its own.

#[cfg(any(proc_macro, test))]
use proc_macro::TokenStream;
#[cfg(any(proc_macro, test))]
use syn::{DeriveInput, parse_macro_input};

mod attr;
mod check;
mod derive;
mod errors;
mod events;
mod expand;
mod fallback;
#[cfg(test)]
mod fixtures;
mod meant;
mod model;
mod quantity;
mod read;
mod suggest;
mod template;
mod used;

/// Derives a source for the annotated type, the payload.
///
/// ```no_run
/// use koprs_external::ExternalSource;
/// use serde::Deserialize;
///
/// #[derive(Clone, Debug, Deserialize, ExternalSource)]
/// #[external(
///     http(
///         url = "https://{region}.api.example.com/v1/flags",
///         query("page_size" = "100"),
///         auth(bearer(env = "FLAGS_TOKEN")),
///     ),
///     params(region: String),
///     interval = "30s",
/// )]
/// struct Flags {
///     enabled: Vec<String>,
/// }
///
/// # async fn example() -> koprs_external::error::Result<()> {
/// let mut flags = Flags::watch("eu-west-1".to_owned())?;
/// while let Some(event) = flags.recv().await {
///     println!("{event:?}");
/// }
/// # Ok(())
/// # }
/// ```
///
/// # What is generated
///
/// For `Flags`, with its visibility and the declared parameters as arguments, in their order:
///
/// | item | |
/// |---|---|
/// | `Flags::watch(…)` | polls on the declared schedule: a `Watch<Flags>` |
/// | `Flags::source(…)` | the source alone, for a schedule or a channel of your own |
/// | `Flags::spec(…)` | the checked declaration |
/// | `FlagsSource` | the source: `ExternalSource<Item = Flags>`, with `config()` and `spec()` |
///
/// Of an object store the payload is the content of each object, and `Object<Flags>` stands where `Flags` does here.
///
/// The payload is a struct or an enum without generic parameters, and has `Clone`, `Debug`, `Send` and
/// `serde::Deserialize`; with `distinct` also `PartialEq`.
///
/// # Settings
///
/// They stand in `#[external(…)]`, once each; several attributes are one. A duration is a number and a
/// unit (`500ms`, `30s`, `5m`, `1h 30m`, `1d`), a size is bytes or a number and a unit (`512KiB`, `8MiB`), a
/// whole number stands with or without quotes, a pointer is a JSON pointer (RFC 6901, `/data/items`; `""` is the
/// whole value).
///
/// | setting | default | |
/// |---|---|---|
/// | `http(…)` or `object_store(…)` | required | what is polled, see below |
/// | `interval = "30s"` | required | the wait after a successful poll; at least `1s`, and `10s` of an object store that is no folder |
/// | `max_backoff = "5m"` | interval × 32 | the longest wait after failures; not less than the interval |
/// | `jitter = "5%"` | `5%` | by how much a wait may differ; at most `50%` |
/// | `deadline = "5m"` | the longest of the interval, `60s`, and the timeout with `30s` more | the time for one poll with all of its requests: each page of a list is one |
/// | `decode = json` | by content type, else JSON | the format of the content: `json`, `yaml`, `text`, `bytes`, `ndjson`, `csv`; `yaml` and `csv` need the feature of their name |
/// | `items = "/data"`, `items(…)` | none | a list, followed item by item, see below |
/// | `on_bad_item = keep` | `keep` | what becomes of an item that cannot be decoded or has no key: it keeps its last good value, or the poll fails (`fail`) |
/// | `ignore("/updated_at", …)` | none | pointers to what may change without being a change |
/// | `distinct` | no | a new value that is equal to the last one is no change |
/// | `removal(…)` | see below | when something that is absent counts as removed |
/// | `memory_limit = "1GiB"` | `1GiB` | the most bytes that what is known may take, with events that were not taken yet |
/// | `walk_limit = "512MiB"` | `512MiB` | the most bytes that a poll may hold until it is complete |
/// | `name = "flags"` | the type's name in kebab case | in logs, status and errors; a DNS-1123 label |
/// | `params(name: Type, …)` | none | arguments, see below |
/// | `item = path::To::Type` | the type itself | the payload, where it is a foreign type: `struct Handle;` |
/// | `crate = path::to::koprs_external` | `::koprs_external` | where this library is, when it was renamed or re-exported |
///
/// ## Lists: `items(…)`
///
/// | setting | default | |
/// |---|---|---|
/// | `at = "/data"` | `""` | where the items stand: an array, or an object of items. `items = "/data"` is short for it |
/// | `key = "/id"` | the names of the object's members | what tells the items apart: a pointer in each |
/// | `limit = 100000` | 100 000 | the most items |
///
/// In place of `key` the attribute `#[external(key)]` marks the field; its name is the one that serde reads
/// (`rename`, `rename_all`):
///
/// ```
/// # use koprs_external::ExternalSource;
/// # use serde::Deserialize;
/// #[derive(Clone, Debug, Deserialize, ExternalSource)]
/// #[external(
///     http(url = "https://api.example.com/v1/tenants", pages(link_header)),
///     items = "/data",
///     interval = "30s",
/// )]
/// struct Tenant {
///     #[external(key)]
///     id: String,
/// }
/// ```
///
/// `ndjson` and `csv` are lists by nature: they need a key, and no `items`.
///
/// ## `removal(…)`
///
/// | setting | default | |
/// |---|---|---|
/// | `confirm = 2` | 2 | polls in a row that must answer 404 |
/// | `hold_above = "50%"` | `50%` | the share of a list above which removals wait |
/// | `hold_min = 10` | 10 | fewer items than this are removed without a wait |
///
/// ## `http(…)`
///
/// | setting | default | |
/// |---|---|---|
/// | `url = "https://…"` | required | an absolute `http` or `https` URL |
/// | `method = get` | `get`, and `post` of a body | `get`, `head` or `post` |
/// | `query("name" = "value", …)` | none | query parameters, percent-encoded; a name may stand twice |
/// | `header("name" = "value", …)` | none | request headers; a name may stand twice, spelled alike |
/// | `body(json = "…")`, `body(text = "…")` | none | what is sent with a `post` |
/// | `auth(…)` | none | the credential, see below |
/// | `tls(ca = "…", cert = "…", key = "…")` | the system's CAs | files in PEM: a private CA, a certificate of one's own with its key; any of both |
/// | `unix_socket = "/run/app.sock"` | none | a Unix socket to connect to, for an `http` URL |
/// | `pages(…)` | none | how the next page of a list is found, see below |
/// | `timeout = "10s"` | `10s` | for one request, with its body |
/// | `retries = 2` | 2 | requests after the first that a poll may make; at most 10; a POST is not repeated |
/// | `respect_max_age` | no | `Cache-Control: max-age` lengthens the wait |
/// | `max_in_flight = 8` | 8 | the most requests at a time to this host, of all watchers together |
/// | `body_limit = "8MiB"` | `8MiB` | of a body, after decompression |
/// | `header_limit = "64KiB"` | `64KiB` | of the headers of an answer |
/// | `redirect_limit = 5` | 5 | the most redirects that are followed; at most 20 |
///
/// ### `auth(…)`
///
/// One of these. A secret comes from one of `env = "VARIABLE"`, `file = "/path"` and `value = "{param}"`. What is
/// written out as `value` stands in the source: prefer `env` or `file`.
///
/// | setting | |
/// |---|---|
/// | `bearer(env = "TOKEN")` | `Authorization: Bearer …` |
/// | `basic(username = "operator", password(env = "PASSWORD"))` | `Authorization: Basic …` |
/// | `header(name = "X-Api-Key", prefix = "Token ", env = "KEY")` | any header; the prefix may be left out |
/// | `query(name = "api_key", env = "KEY")` | a query parameter |
/// | `oauth2(token_url = "https://…", client_id = "operator", client_secret(env = "SECRET"))` | a token by client credentials; beside them `scopes("read", …)`, `audience = "api"`, and `margin = "30s"`, how long before it expires a token is renewed. Needs the feature `oauth2` |
///
/// ### `pages(…)`
///
/// One of these; beside it `limit = 1000`, the most pages, and for links `origins("https://cdn.example.com", …)`,
/// where they may lead beside the origin of the URL.
///
/// | setting | |
/// |---|---|
/// | `link_header` | by `Link: <…>; rel="next"` |
/// | `cursor(at = "/meta/next", param = "cursor")` | by a cursor in the body, or by `header = "X-Next"` in a response header; without `param` it is the URL of the next page |
/// | `number(param = "page", first = 1)` | by a number that counts up, until a page is empty; the first is 1 by default |
/// | `offset(param = "offset")` | by the number of items so far, until a page is empty |
///
/// A cursor, a number and an offset go into the query of the URL, with every method, and never into a body. A page
/// behind the last one has to be empty: where it is a 404, as with Django REST framework, follow its link
/// (`cursor(at = "/next")`).
///
/// ## `object_store(…)`
///
/// Follows the objects below a path, each told apart by it. It needs the feature `object-store`, and that of the
/// store: `aws`, `gcp`, `azure` or `http`. A declaration that needs a feature which is not enabled does not compile, and
/// the compiler names the feature; where the host of a URL is a parameter, only the call can tell.
///
/// ```
/// # use koprs_external::ExternalSource;
/// # use serde::Deserialize;
/// #[derive(Clone, Debug, Deserialize, ExternalSource)]
/// #[external(
///     object_store(
///         url = "s3://{bucket}/models/",
///         option(
///             "aws_region" = "eu-west-1",
///             "aws_access_key_id" = env("MODELS_ID"),
///             "aws_secret_access_key" = env("MODELS_KEY"),
///         ),
///         include("**/*.yaml"),
///     ),
///     params(bucket: String),
///     decode = yaml,
///     interval = "30s",
/// )]
/// struct Model {
///     name: String,
/// }
/// ```
///
/// | setting | default | |
/// |---|---|---|
/// | `url = "s3://bucket/models/"` | required | the store and the folder, below which objects are followed; one object or the beginning of names goes into `include`: `file:///…`, `s3://…`, `gs://…`, `az://…`, `abfss://…`, or the `https` URL of one of them; another `http` or `https` URL is a WebDAV server |
/// | `option("name" = "value", …)` | none | options by their names in the crate `object_store`, as `aws_region`; a value is a string, a number, `true` or `false`, or `env("VARIABLE")` or `file("/path")` |
/// | `include("**/*.yaml", …)` | all | globs of the objects to follow |
/// | `exclude("tmp/**", …)` | none | globs of the objects to leave out |
/// | `settle = "5s"` | `0s` | objects wait until they are this old by the clock of the store, or were unchanged for so long; less than `24h` |
/// | `concurrency = 16` | 16 | the most objects that are fetched at a time; at most 256 |
/// | `listing_concurrency = 8` | 8 | the most parts of the keys that are listed at a time; at most 64 |
/// | `object_limit = 100000` | 100 000 | the most objects |
/// | `body_limit = "8MiB"` | `8MiB` | of an object |
///
/// A secret stands in `option`, never in the URL. Lists (`items`, `ndjson`, `csv`), `on_bad_item` and `confirm` have
/// no use here: an object has one value, one that cannot be read keeps its last good value, and what a listing does
/// not name is gone.
///
/// ## Parameters
///
/// `params(name: Type, …)` declares the arguments of `watch`, `source` and `spec`; each type has
/// `Display`. `{name}` stands for the argument in the URL behind its scheme, in the values of `query` and
/// `header`, in a `body`, in the values of `option`, and in `auth` in `value`, `username`, `token_url`,
/// `client_id` and `audience`; a glob, whose braces are its own, has none. `{{` and `}}` are braces. Nothing is read from the environment: `${NAME}` is a mistake.
/// Each placeholder is declared and each parameter is used. An argument is encoded for its
/// place, so that it never becomes structure: what cannot stand there, as an empty path segment, is an error of
/// the call, which does not show it.
///
/// A body may be full of braces, so there only `{name}` is a placeholder, and `{{name}}` is the text `{name}`;
/// all others are text. In JSON, an argument within a string is escaped; elsewhere it stands as it is when it is
/// a number, `true`, `false` or `null`, and as a string when not:
/// `body(json = r#"{"team": {team}, "title": "of {team}"}"#)`.
///
/// # Mistakes
///
/// All that can be known at compile time is checked then, and every mistake of one type is reported in
/// one build, with the caret on its token. The rest (the arguments, the environment) is an error of the
/// call.
#[cfg(any(proc_macro, test))]
#[proc_macro_derive(ExternalSource, attributes(external))]
pub fn external_source(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive::derive(&input).into()
}

/// Derives the events of a set of watchers for an enum with a variant for each watcher.
///
/// ```
/// use koprs_external::{ExternalEvent, WatcherEvents};
/// use koprs_external::set::WatcherSet;
/// # #[derive(Clone, Debug, serde::Deserialize)]
/// # struct Flags;
/// # #[derive(Clone, Debug, serde::Deserialize)]
/// # struct Tenant;
///
/// #[derive(Debug, WatcherEvents)]
/// enum Change {
///     Flags(ExternalEvent<Flags>),
///     #[watcher(name = "tenants")]
///     Tenant(ExternalEvent<Tenant>),
/// }
///
/// # async fn example() -> koprs_external::error::Result<()> {
/// let mut changes = WatcherSet::from_path("watchers.yaml")?.events::<Change>()?;
/// while let Some(change) = changes.recv().await {
///     match change {
///         Change::Flags(event) => println!("flags: {event:?}"),
///         Change::Tenant(event) => println!("tenant: {event:?}"),
///     }
/// }
/// # Ok(())
/// # }
/// ```
///
/// Each variant has one field, an `ExternalEvent<T>`. `T` is a type of your own, behind HTTP; of an object store it
/// is a `StoredObject`, or an `Object<T>`. Where a watcher is declared `distinct`, its `T` has `PartialEq`: else the
/// set does not start.
///
/// | attribute | default | |
/// |---|---|---|
/// | `#[watcher(name = "tenants")]` on a variant | the variant's name in kebab case | the name of the watcher, as in the file |
/// | `#[watcher(crate = path::to::koprs_external)]` on the enum | `::koprs_external` | where this library is, when it was renamed or re-exported |
///
/// A variant without a watcher and a watcher without a variant are errors when the set starts.
#[cfg(any(proc_macro, test))]
#[proc_macro_derive(WatcherEvents, attributes(watcher))]
pub fn watcher_events(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    events::derive(&input).into()
}

/// What the macros do, where this is compiled as a plain library: fuzzing cannot call a macro.
#[cfg(not(any(proc_macro, test)))]
pub mod tokens {
    use proc_macro2::TokenStream;
    use syn::DeriveInput;

    /// What `ExternalSource` expands to.
    pub fn external_source(input: &DeriveInput) -> TokenStream {
        crate::derive::derive(input)
    }

    /// What `WatcherEvents` expands to.
    pub fn watcher_events(input: &DeriveInput) -> TokenStream {
        crate::events::derive(input)
    }
}
