//! The query of a URL, changed in one place.

use std::borrow::Cow;

use url::{Url, form_urlencoded};

use crate::secret::{Redactor, Secret, is_secret_name, is_secret_segment};

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

/// Whether a URL holds a secret of another one: what a parameter holds that is named like one, as that parameter, or
/// anywhere in its path and query, in any spelling; or a key in its path. A page for logging in gets the whole URL as a
/// parameter.
pub(super) fn repeats_secret(of: &Url, url: &Url) -> bool {
    let pairs: Vec<_> = secrets(of).collect();
    let is_pair = || url.query_pairs().any(|pair| pairs.contains(&pair));
    let values = pairs.iter().map(|(_, value)| Secret::new(value.as_ref()));
    let secrets: Vec<_> = values.chain(path_secrets(of)).collect();
    repeats(&secrets, url) || is_pair()
}

/// Whether a URL holds any of these in its path or its query, in any spelling.
pub(super) fn repeats(secrets: &[Secret], url: &Url) -> bool {
    let redactor = Redactor::of(secrets);
    !secrets.is_empty()
        && (holds(&redactor, url.path()) || holds(&redactor, url.query().unwrap_or_default()))
}

/// Segments of a path that are keys, as those of webhooks. An identifier in hexadecimal digits names what is asked for.
fn path_secrets(url: &Url) -> impl Iterator<Item = Secret> {
    let is_identifier = |segment: &str| {
        let digits = segment.rsplit(':').next().unwrap_or(segment);
        digits.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
    };
    let segments = url.path_segments().into_iter().flatten();
    segments.filter(move |it| is_secret_segment(it) && !is_identifier(it)).map(Secret::new)
}

/// The URL without the parameters of another one that are named like secrets. `None` if it holds one of their values
/// elsewhere: without that, the request would be another one.
pub(super) fn without_secrets<'a>(of: &Url, url: Cow<'a, Url>) -> Option<Cow<'a, Url>> {
    if !repeats_secret(of, &url) {
        return Some(url);
    }
    let secrets: Vec<_> = secrets(of).collect();
    let pairs = url.query().unwrap_or_default().split('&').filter(|pair| {
        let pair = form_urlencoded::parse(pair.as_bytes()).next();
        !pair.is_some_and(|pair| secrets.contains(&pair))
    });
    let query: Vec<_> = pairs.collect();
    let mut without = Url::clone(&url);
    without.set_query(Some(query.join("&").as_str()).filter(|query| !query.is_empty()));
    (!repeats_secret(of, &without)).then_some(Cow::Owned(without))
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

fn secrets(url: &Url) -> impl Iterator<Item = Pair<'_>> {
    url.query_pairs().filter(|(name, value)| is_secret_name(name) && !value.is_empty())
}

fn holds(redactor: &Redactor, text: &str) -> bool {
    matches!(redactor.redact(text), Cow::Owned(_))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_value_of_a_parameter_is_no_secret_elsewhere_in_a_url() {
        for value in ["1", "v1", "yes"] {
            let of = format!("http://h/a?token={value}").parse().unwrap();
            for url in
                [format!("http://i/{value}/{value}?page={value}"), format!("http://i/a-{value}")]
            {
                assert!(!repeats_secret(&of, &url.parse().unwrap()), "{value} {url}");
            }
            assert!(repeats_secret(&of, &format!("http://i/?token={value}").parse().unwrap()));
        }
    }
}
