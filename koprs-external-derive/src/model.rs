//! The declaration, checked. What is here expands without a further question.

use std::time::Duration;

use proc_macro2::Span;
use syn::{Ident, Path, Type, Visibility};

use crate::attr::Param;
pub(crate) use crate::check::Backend;
use crate::template::Template;

/// What the generated items look like from outside. It is known even when a setting is wrong.
pub(crate) struct Face {
    pub(crate) krate: Path,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// What a poll yields: the type itself, or the foreign one of `item`.
    pub(crate) payload: Type,
    /// Whether a value that is equal to the last one is no change.
    pub(crate) distinct: bool,
    /// Whether the payload is the content of each of many objects.
    pub(crate) of_objects: bool,
    pub(crate) params: Vec<Param>,
}

/// A checked declaration.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) interval: Duration,
    pub(crate) max_backoff: Option<Duration>,
    /// As a ratio.
    pub(crate) jitter: Option<f64>,
    pub(crate) deadline: Option<Duration>,
    /// With the place of its word.
    pub(crate) decode: Option<(Format, Span)>,
    pub(crate) items: Items,
    pub(crate) ignore: Vec<String>,
    pub(crate) removal: Removal,
    pub(crate) memory_limit: Option<u64>,
    pub(crate) walk_limit: Option<u64>,
    pub(crate) endpoint: Endpoint,
}

/// What is written of a list.
#[derive(Default)]
pub(crate) struct Items {
    pub(crate) at: Option<String>,
    pub(crate) key: Option<String>,
    pub(crate) limit: Option<usize>,
    pub(crate) on_bad: Option<OnBadItem>,
}

/// What becomes of an item that cannot be read.
#[derive(Clone, Copy)]
pub(crate) enum OnBadItem {
    Keep,
    Fail,
}

/// When something that is absent counts as removed.
pub(crate) struct Removal {
    pub(crate) confirm: Option<u32>,
    /// As a ratio.
    pub(crate) hold_above: Option<f64>,
    pub(crate) hold_min: Option<u64>,
}

/// The format of the content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Yaml,
    Text,
    Bytes,
    Ndjson,
    Csv,
}

/// What is polled.
pub(crate) enum Endpoint {
    Http(Box<Http>),
    ObjectStore(ObjectStore),
}

/// An object store.
pub(crate) struct ObjectStore {
    pub(crate) url: Template,
    /// Whose store it is, unless that is up to an argument.
    pub(crate) backend: Option<Backend>,
    pub(crate) options: Vec<(String, Secret)>,
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    pub(crate) settle: Option<Duration>,
    pub(crate) concurrency: Option<usize>,
    pub(crate) listing_concurrency: Option<usize>,
    pub(crate) object_limit: Option<usize>,
    pub(crate) body_limit: Option<u64>,
}

/// An HTTP endpoint.
pub(crate) struct Http {
    pub(crate) url: Template,
    pub(crate) method: Option<Method>,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) header: Vec<(String, Template)>,
    pub(crate) body: Option<Body>,
    pub(crate) auth: Option<Auth>,
    pub(crate) tls: Tls,
    pub(crate) unix_socket: Option<String>,
    pub(crate) pages: Option<Pages>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) retries: Option<u32>,
    pub(crate) respect_max_age: bool,
    pub(crate) max_in_flight: Option<usize>,
    pub(crate) body_limit: Option<u64>,
    pub(crate) header_limit: Option<u64>,
    pub(crate) redirect_limit: Option<u32>,
}

/// The method of the requests.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    Head,
    Post,
}

/// What is sent.
pub(crate) enum Body {
    Json(Template),
    Text(Template),
}

/// How requests are authenticated.
pub(crate) enum Auth {
    Bearer(Secret),
    Basic { username: Template, password: Secret },
    Header { name: String, prefix: String, secret: Secret },
    Query { name: String, secret: Secret },
    OAuth2(OAuth2),
}

/// OAuth 2.0 client credentials.
pub(crate) struct OAuth2 {
    /// Where it is declared.
    pub(crate) at: Span,
    pub(crate) token_url: Template,
    pub(crate) client_id: Template,
    pub(crate) client_secret: Secret,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Option<Template>,
    pub(crate) margin: Option<Duration>,
}

/// Where a secret comes from.
pub(crate) enum Secret {
    Env(String),
    File(String),
    Value(Template),
}

/// The files of TLS.
#[derive(Default)]
pub(crate) struct Tls {
    pub(crate) ca: Option<String>,
    pub(crate) identity: Option<(String, String)>,
}

/// How the next page of a list is found.
pub(crate) struct Pages {
    pub(crate) way: Way,
    pub(crate) limit: Option<usize>,
    pub(crate) origins: Vec<String>,
}

/// What leads from a page to the next.
pub(crate) enum Way {
    Link,
    CursorAt { pointer: String, param: Option<String> },
    CursorHeader { name: String, param: Option<String> },
    Number { param: String, first: Option<u64> },
    Offset { param: String },
}
