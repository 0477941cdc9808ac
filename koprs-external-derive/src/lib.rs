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

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

mod attr;
mod check;
mod derive;
mod errors;
mod expand;
mod fallback;
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
/// The payload is a struct or an enum without generic parameters, and has `Clone`, `Debug`, `Send` and
/// `serde::Deserialize`; with `distinct` also `PartialEq`.
///
/// # Settings
///
/// They stand in `#[external(…)]`, once each; several attributes are one. A duration is a number and a
/// unit (`500ms`, `30s`, `5m`, `1h 30m`, `1d`), a size is bytes or a number and a unit (`512KiB`, `8MiB`).
///
/// | setting | default | |
/// |---|---|---|
/// | `http(…)` | required | what is polled, see below |
/// | `interval = "30s"` | required | the wait after a successful poll; at least `1s` |
/// | `max_backoff = "5m"` | interval × 32 | the longest wait after failures; not less than the interval |
/// | `jitter = "5%"` | `5%` | by how much a wait may differ; at most `50%` |
/// | `decode = json` | by content type, else JSON | the format of the content: `json`, `yaml`, `text`, `bytes` |
/// | `name = "flags"` | the type's name in kebab case | in logs, status and errors; a DNS-1123 label |
/// | `params(name: Type, …)` | none | arguments, see below |
/// | `item = path::To::Type` | the type itself | the payload, where it is a foreign type: `struct Handle;` |
/// | `crate = path::to::koprs_external` | `::koprs_external` | where this library is, when it was renamed or re-exported |
///
/// ## `http(…)`
///
/// | setting | default | |
/// |---|---|---|
/// | `url = "https://…"` | required | an absolute `http` or `https` URL |
/// | `query("name" = "value", …)` | none | query parameters, percent-encoded; a name may stand twice |
/// | `header("name" = "value", …)` | none | request headers; a name may stand twice, spelled alike |
/// | `auth(bearer(env = "TOKEN"))` | none | `Authorization: Bearer …`; the secret comes from `env = "VARIABLE"`, `file = "/path"` or `value = "{param}"`. What is written out as `value` stands in the source: prefer `env` or `file` |
/// | `timeout = "10s"` | `10s` | for one request, with its body |
/// | `body_limit = "8MiB"` | `8MiB` | of a body, after decompression |
///
/// ## Parameters
///
/// `params(name: Type, …)` declares the arguments of `watch`, `source` and `spec`; each type has
/// `Display`. `{name}` stands for the argument in the URL behind its scheme, in the values of `query` and
/// `header`, and in `bearer(value = …)`; `{{` and `}}` are braces. Each placeholder is declared and each
/// parameter is used. An argument is encoded for its place, so that it never becomes structure: what
/// cannot stand there, as an empty path segment, is an error of the call, which does not show it.
///
/// # Mistakes
///
/// All that can be known at compile time is checked then, and every mistake of one type is reported in
/// one build, with the caret on its token. The rest (the arguments, the environment) is an error of the
/// call.
#[proc_macro_derive(ExternalSource, attributes(external))]
pub fn external_source(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    derive::derive(&input).into()
}
