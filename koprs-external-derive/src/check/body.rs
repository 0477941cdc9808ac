//! The blocks `body(…)` and `tls(…)`, and the socket.

use syn::LitStr;
use url::Url;

use super::{http, values};
use crate::attr;
use crate::errors::{Errors, mistake};
use crate::model::{Body, Tls};
use crate::read::Word;
use crate::template::Template;
use crate::used::Used;

/// What is sent.
pub(super) fn check(
    body: attr::Body,
    method: Option<&Word>,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<Body> {
    let attr::Body { here, json, text } = body;
    if let Some(method) = method.filter(|method| ["get", "head"].contains(&method.text.as_str())) {
        let help = "write `post`, or leave `method` out";
        errors.push(values::no_use(&here, "body", &method.text, help));
    }
    let given = [("json", json.as_ref()), ("text", text.as_ref())];
    let given = given.into_iter().filter_map(|(name, text)| Some((name, text?)));
    http::one_of(given, errors, |errors| {
        let help = "write `body(json = \"{ … }\")` or `body(text = \"…\")`";
        errors.missing("http.body", "json", mistake(&here, "no body is given", help));
    });
    let mut read = |text: &LitStr| {
        let template = Template::body(text);
        used.by(&template, errors);
        template
    };
    let (json, text) = (json.as_ref().map(&mut read), text.as_ref().map(&mut read));
    if let Some(json) = &json {
        errors.ok(check_json(json));
    }
    json.map(Body::Json).or(text.map(Body::Text))
}

/// What it holds is not shown.
fn check_json(json: &Template) -> syn::Result<()> {
    let filled = json.filled(|before| if in_string(before) { "x" } else { "null" });
    let read = serde_json::from_str::<serde_json::Value>(&filled);
    read.map(drop).map_err(|error| {
        let help = "JSON has its names and texts in `\"`; other bodies are `text`";
        mistake(&json.written, format!("the body is not JSON: {error}"), help)
    })
}

/// Whether a JSON text so far ends within a string.
fn in_string(json: &str) -> bool {
    let (mut within, mut escaped) = (false, false);
    for c in json.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if within => escaped = true,
            '"' => within = !within,
            _ => {}
        }
    }
    within
}

/// The files of TLS.
pub(super) fn tls(tls: attr::Tls, url: Option<&Url>, errors: &mut Errors) -> Tls {
    let attr::Tls { here, ca, cert, key } = tls;
    let mut path = |name, text: &Option<LitStr>| {
        text.as_ref().and_then(|text| errors.ok(values::path(name, text)))
    };
    let paths = (path("ca", &ca), path("cert", &cert), path("key", &key));
    let half = |text: &LitStr, given: &str, missing: &str| {
        let message = format!("`{given}` is given without `{missing}`");
        mistake(text, message, "name both files: the certificate and its key")
    };
    match (&ca, &cert, &key) {
        (None, None, None) => {
            let help = "name a `ca`, or a `cert` with its `key`";
            errors.missing("http.tls", "ca", mistake(&here, "`tls` names no file", help));
        }
        (_, Some(cert), None) if !errors.excused("http.tls", "key") => {
            errors.push(half(cert, "cert", "key"));
        }
        (_, None, Some(key)) if !errors.excused("http.tls", "cert") => {
            errors.push(half(key, "key", "cert"));
        }
        _ => {}
    }
    if url.is_some_and(|url| url.scheme() == "http") {
        let help = "write `https://`, or leave `tls` out";
        errors.push(values::no_use(&here, "tls", "http://", help));
    }
    let (ca, cert, key) = paths;
    Tls { ca, identity: cert.zip(key) }
}

/// The socket that is connected to.
pub(super) fn unix_socket(
    written: &LitStr,
    url: Option<&Url>,
    errors: &mut Errors,
) -> Option<String> {
    if url.is_some_and(|url| url.scheme() == "https") {
        let help = "write `http://`: on a socket nothing is encrypted";
        errors.push(values::no_use(written, "unix_socket", "https://", help));
    }
    errors.ok(values::not_empty("unix_socket", written))
}
