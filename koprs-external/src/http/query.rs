//! The query of a URL, changed in one place.

use url::{Url, form_urlencoded};

/// The URL with this value for a parameter, in place of any other. The rest stays as it is written.
pub(super) fn with(url: &Url, name: &str, value: &str) -> Url {
    let ours = [name, value].map(encoded).join("=");
    let query: Vec<_> = others(url, name).chain([ours.as_str()]).collect();
    let mut with = url.clone();
    with.set_query(Some(&query.join("&")));
    with
}

/// The URL without a parameter. The rest stays as it is written.
pub(super) fn without(url: &Url, name: &str) -> Url {
    let query: Vec<_> = others(url, name).collect();
    let mut without = url.clone();
    without.set_query(Some(query.join("&").as_str()).filter(|query| !query.is_empty()));
    without
}

fn others<'a>(url: &'a Url, name: &str) -> impl Iterator<Item = &'a str> {
    url.query().unwrap_or_default().split('&').filter(move |pair| {
        let known = form_urlencoded::parse(pair.as_bytes()).next();
        known.is_some_and(|(known, _)| known != name)
    })
}

/// As it stands in a query or a form.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
