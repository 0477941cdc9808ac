//! The block `http(…)`, checked.

use ::http::{HeaderName, HeaderValue};
use quote::ToTokens;
use syn::LitStr;

use super::{auth, body, bounds, own_header, pages, url, values};
use crate::attr;
use crate::errors::{Errors, mistake};
use crate::model::Http;
use crate::read::Pair;
use crate::template::Template;
use crate::used::Used;

const MOST_RETRIES: u64 = 10;
const MOST_REDIRECTS: u64 = 20;

/// Whether the value is the head of the answer.
pub(super) fn is_head(http: &attr::Http) -> bool {
    http.method.as_ref().is_some_and(|method| method.text == "head")
}

/// Checks the block; the placeholders that it uses are kept in `used`.
pub(super) fn check(
    http: attr::Http,
    is_list: bool,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<Http> {
    let by_head = is_head(&http);
    if http.url.is_none() {
        let error = mistake(&http.at, "no URL is given", "say what to poll: `url = \"https://…\"`");
        errors.missing("http", "url", error);
    }
    let url = http.url.and_then(|url| template(&url, used, errors));
    let parsed = url.as_ref().and_then(|url| errors.ok(url::check("http.url", url)));
    let method = http.method.as_ref().and_then(|word| errors.ok(values::method(word)));
    values::bounded("query", &http.query, bounds::QUERY, |pair| &pair.name, errors);
    values::bounded("header", &http.header, bounds::HEADERS, |pair| &pair.name, errors);
    let query = http.query.iter().filter_map(|pair| one_query(pair, used, errors)).collect();
    let header = headers(&http.header, used, errors);
    let body = http.body.and_then(|body| body::check(body, http.method.as_ref(), used, errors));
    let auth =
        http.auth.and_then(|auth| auth::check(auth, &http.query, &http.header, used, errors));
    let tls = http.tls.map(|tls| body::tls(tls, parsed.as_ref(), errors));
    let socket = http.unix_socket;
    let unix_socket = socket.and_then(|path| body::unix_socket(&path, parsed.as_ref(), errors));
    let pages = http.pages.and_then(|pages| pages::check(pages, is_list, by_head, errors));
    let timeout = http.timeout.and_then(|text| errors.ok(values::timeout(&text)));
    let body_limit = http.body_limit.and_then(|text| errors.ok(values::body_limit(&text)));
    let header_limit = http.header_limit.and_then(|text| errors.ok(values::header_limit(&text)));
    let [retries, redirect_limit] = [
        ("retries", http.retries, MOST_RETRIES),
        ("redirect_limit", http.redirect_limit, MOST_REDIRECTS),
    ]
    .map(|(name, text, most)| values::number(name, text.as_ref(), 0, Some(most), errors));
    let max_in_flight =
        values::number("max_in_flight", http.max_in_flight.as_ref(), 1, None, errors);
    Some(Http {
        url: url?,
        method,
        query,
        header,
        body,
        auth,
        tls: tls.unwrap_or_default(),
        unix_socket,
        pages,
        timeout,
        retries,
        respect_max_age: http.respect_max_age,
        max_in_flight,
        body_limit,
        header_limit,
        redirect_limit,
    })
}

/// The one entry that is given. More are mistakes; none is what `none` says.
pub(super) fn one_of<'a, T: ToTokens>(
    given: impl Iterator<Item = (&'static str, &'a T)>,
    errors: &mut Errors,
    none: impl FnOnce(&mut Errors),
) -> Option<(&'static str, &'a T)> {
    let given: Vec<_> = given.collect();
    match given.as_slice() {
        [] => none(errors),
        [one] => return Some(*one),
        [(first, _), others @ ..] => {
            for (other, tokens) in others {
                let message = format!("`{first}` and `{other}` are both given");
                errors.push(mistake(tokens, message, "keep one of them"));
            }
        }
    }
    None
}

pub(super) fn template(
    text: &LitStr,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<Template> {
    match Template::read(text) {
        Ok(template) => {
            used.by(&template, errors);
            Some(template)
        }
        Err(error) => {
            used.unknown();
            errors.push(error);
            None
        }
    }
}

fn value(pair: &Pair, used: &mut Used<'_>, errors: &mut Errors) -> Option<(String, Template)> {
    Some((pair.name.value(), template(&pair.value, used, errors)?))
}

fn one_query(pair: &Pair, used: &mut Used<'_>, errors: &mut Errors) -> Option<(String, Template)> {
    if pair.name.value().contains(['{', '}']) {
        used.unknown();
        let message = format!("the name `{}` has a brace", pair.name.value());
        errors.push(mistake(&pair.name, message, "a placeholder stands in a value or the URL"));
    }
    value(pair, used, errors)
}

/// All headers. A name may stand several times, for a list, but spelled alike: in another case it was to
/// be the same header.
fn headers(pairs: &[Pair], used: &mut Used<'_>, errors: &mut Errors) -> Vec<(String, Template)> {
    let mut headers = Vec::with_capacity(pairs.len());
    for (n, pair) in pairs.iter().enumerate() {
        let name = pair.name.value();
        let respelled = |before: &Pair| {
            let before = before.name.value();
            before != name && before.eq_ignore_ascii_case(&name)
        };
        let good = errors.ok(header_name(&pair.name)).is_some();
        if good && pairs.iter().take(n).any(respelled) {
            let message = format!("`{name}` is given twice");
            errors.push(mistake(&pair.name, message, "keep one of them"));
        }
        headers.extend(one_header(pair, used, errors));
    }
    headers
}

fn one_header(pair: &Pair, used: &mut Used<'_>, errors: &mut Errors) -> Option<(String, Template)> {
    let (name, value) = value(pair, used, errors)?;
    if HeaderValue::try_from(value.filled(|_| "x")).is_err() {
        errors.push(mistake(
            &pair.value,
            format!("the value of `{name}` has a character that no header can carry"),
            "visible ASCII characters, spaces and tabs",
        ));
    }
    Some((name, value))
}

/// As much of a refused name as is one: behind it may be a value that was meant to stand beside it.
fn shown(name: &str) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    match name.find(|c| !token(c)) {
        Some(end) => name.chars().take(end).chain(['…']).collect(),
        None => name.to_owned(),
    }
}

/// The name of a header.
pub(super) fn any_header_name(written: &LitStr) -> syn::Result<HeaderName> {
    let name = written.value();
    HeaderName::try_from(&name).map_err(|_| {
        let message = format!("`{}` is not a header name", shown(&name));
        mistake(written, message, "letters, digits and `-`, as `X-Api-Key`")
    })
}

/// The name of a header that is sent.
pub(super) fn header_name(written: &LitStr) -> syn::Result<()> {
    let parsed = any_header_name(written)?;
    match own_header::refusal(parsed.as_str()) {
        Some((why, help)) => {
            let message = format!("`{}` cannot be set: {why}", written.value());
            Err(mistake(written, message, help))
        }
        None => Ok(()),
    }
}
