//! `http.url` and `http.query`: what is polled.

use url::Url;

use super::Invalid;
use crate::secret::redacted;

/// Reads an absolute `http` or `https` URL.
pub(crate) fn check(text: &str) -> Result<Url, Invalid> {
    let refused = |why: String| {
        Invalid::new("http.url", "bad-url", format!("`{}` {why}", redacted(text)))
            .help("write an absolute URL, as `https://api.example.com/v1/flags`")
    };
    let url = Url::parse(text).map_err(|error| refused(format!("is not a URL: {error}")))?;
    if url.cannot_be_a_base() {
        return Err(refused("begins with neither `http://` nor `https://`".to_owned()));
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused(format!("has the scheme `{}`, not `http` or `https`", url.scheme())));
    }
    Ok(url)
}

pub(super) fn with_query(mut url: Url, query: &[(String, String)]) -> Url {
    if !query.is_empty() {
        url.query_pairs_mut().extend_pairs(query);
    }
    url
}
