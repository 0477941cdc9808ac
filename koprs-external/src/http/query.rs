//! The query of a URL, changed in one place.

use url::{Url, form_urlencoded};

/// The URL with this value for a parameter, in place of any other. The rest stays as it is written.
pub(super) fn with(url: &Url, name: &str, value: &str) -> Url {
    let another = |pair: &&str| {
        let known = form_urlencoded::parse(pair.as_bytes()).next();
        known.is_some_and(|(known, _)| known != name)
    };
    let others = url.query().unwrap_or_default().split('&').filter(another);
    let ours = [name, value].map(encoded).join("=");
    let query: Vec<_> = others.chain([ours.as_str()]).collect();
    let mut with = url.clone();
    with.set_query(Some(&query.join("&")));
    with
}

/// As it stands in a query or a form.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
