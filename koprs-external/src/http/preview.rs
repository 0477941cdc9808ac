//! The request that an endpoint would make, as it can be shown. Nothing is read and nothing is sent.

use http::header::{AUTHORIZATION, USER_AGENT};
use http::{HeaderName, HeaderValue};
use url::Url;

use super::credential::{Credential, Presented};
use super::endpoint::Endpoint;
use super::reach::Reach;
use super::transport;
use crate::client;
use crate::error::{ExternalError, Result};
use crate::secret::{HIDDEN, masked_path, masked_query, redacted};
use crate::spec::{Auth, HttpSpec, Invalid, SecretSource};

/// Nothing is sent, so nothing has to be kept in.
const NOWHERE: Reach = Reach::Anywhere;

/// The first request of a watcher, as it would be sent. What may be a secret is `***`.
///
/// Later ones have validators, and those of further pages other URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestPreview {
    /// The method, as `GET`.
    pub method: String,
    /// The URL without userinfo. Segments of its path and parameters that look like secrets are masked.
    pub url: String,
    /// The headers, sorted by their names in lower case; the values of those that are declared are hidden.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body, if there is one.
    pub body: Option<usize>,
}

/// Shows the request of an endpoint; parameters with a `hidden` name are masked.
///
/// # Errors
///
/// As those of a source that is made of it, but for its credential, which is not read.
pub(crate) fn preview(spec: &HttpSpec, hidden: impl Fn(&str) -> bool) -> Result<RequestPreview> {
    let spec = veiled(spec.clone());
    let given = presented(&spec)?;
    let endpoint = Endpoint::new(spec, &NOWHERE)?;
    let url = given.url(&endpoint.url);
    let request = transport::shared().and_then(|client| {
        let request = endpoint.first(&given, &url);
        transport::prepared(client, request)
    });
    let request = request.map_err(ExternalError::Http)?;
    let agent = HeaderValue::from_static(client::USER_AGENT);
    let mut headers = request.headers().clone();
    headers.entry(USER_AGENT).or_insert(agent);
    let mut headers: Vec<_> = headers.iter().map(|(name, value)| shown(name, value)).collect();
    headers.sort();
    Ok(RequestPreview {
        method: request.method().to_string(),
        url: masked_url(request.url(), hidden),
        headers,
        body: request.body().map(|body| body.as_bytes().map_or(0, <[u8]>::len)),
    })
}

fn presented(spec: &HttpSpec) -> Result<Presented, Invalid> {
    let credential = Credential::new(spec.auth.as_ref(), &spec.tls, &NOWHERE)?;
    Ok(credential.at_once().unwrap_or_else(Presented::none))
}

/// With a credential of the same form, which is no secret. A token is sent as a bearer.
fn veiled(mut spec: HttpSpec) -> HttpSpec {
    let veil = SecretSource::Value(HIDDEN.into());
    spec.auth = spec.auth.map(|auth| match auth {
        Auth::Bearer(_) | Auth::OAuth2(_) => Auth::Bearer(veil),
        Auth::Basic { username, password: _ } => Auth::Basic { username, password: veil },
        Auth::Header { name, prefix, secret: _ } => Auth::Header { name, prefix, secret: veil },
        Auth::Query { name, secret: _ } => Auth::Query { name, secret: veil },
    });
    spec
}

/// A header; of a value that is sensitive, no more than the scheme of a credential.
fn shown(name: &HeaderName, value: &HeaderValue) -> (String, String) {
    let text = value.to_str().unwrap_or(HIDDEN);
    let scheme = ["Bearer", "Basic"].into_iter().find(|scheme| {
        name == AUTHORIZATION && text.split_once(' ').is_some_and(|(word, _)| word == *scheme)
    });
    let value = match (value.is_sensitive(), scheme) {
        (false, _) => text.to_owned(),
        (true, Some(scheme)) => format!("{scheme} {HIDDEN}"),
        (true, None) => HIDDEN.to_owned(),
    };
    (name.to_string(), value)
}

/// A URL without userinfo. What looks like a secret in its path and query, or has a `hidden` name there, is masked.
pub(crate) fn masked_url(url: &Url, hidden: impl Fn(&str) -> bool) -> String {
    let query = masked_query(url.query().unwrap_or_default(), hidden);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{}{separator}{query}", masked_path(&redacted(url.as_str())))
}
