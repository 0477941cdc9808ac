//! The declaration, checked. What is here expands without a further question.

use std::time::Duration;

use syn::{Ident, Path, Type, Visibility};

use crate::attr::Param;
use crate::template::Template;

/// What the generated items look like from outside. It is known even when a setting is wrong.
pub(crate) struct Face {
    pub(crate) krate: Path,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    /// What a poll yields: the type itself, or the foreign one of `item`.
    pub(crate) payload: Type,
    pub(crate) params: Vec<Param>,
}

/// A checked declaration.
pub(crate) struct Source {
    pub(crate) name: String,
    pub(crate) interval: Duration,
    pub(crate) max_backoff: Option<Duration>,
    /// As a ratio.
    pub(crate) jitter: Option<f64>,
    pub(crate) decode: Option<Format>,
    pub(crate) endpoint: Endpoint,
}

/// The format of the content.
#[derive(Clone, Copy)]
pub(crate) enum Format {
    Json,
    Yaml,
    Text,
    Bytes,
}

/// What is polled.
pub(crate) enum Endpoint {
    Http(Http),
}

/// An HTTP endpoint.
pub(crate) struct Http {
    pub(crate) url: Template,
    pub(crate) query: Vec<(String, Template)>,
    pub(crate) header: Vec<(String, Template)>,
    pub(crate) bearer: Option<Secret>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) body_limit: Option<u64>,
}

/// Where a secret comes from.
pub(crate) enum Secret {
    Env(String),
    File(String),
    Value(Template),
}
