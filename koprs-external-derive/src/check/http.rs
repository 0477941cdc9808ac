//! The block `http(…)`, checked.

use ::http::{HeaderName, HeaderValue, header};
use syn::LitStr;

use super::{url, values};
use crate::attr;
use crate::errors::{Errors, mistake};
use crate::model::{Http, Secret};
use crate::read::Pair;
use crate::template::Template;
use crate::used::Used;

/// Headers that the library must own, with the reason.
const OWN: [(HeaderName, &str); 5] = [
    (header::IF_NONE_MATCH, "conditional requests are made by the library"),
    (header::IF_MODIFIED_SINCE, "conditional requests are made by the library"),
    (header::RANGE, "a part of a body is not the value"),
    (header::CONTENT_LENGTH, "it follows from the body"),
    (header::TRANSFER_ENCODING, "it follows from the body"),
];

/// Checks the block; the placeholders that it uses are kept in `used`.
pub(super) fn check(http: attr::Http, used: &mut Used<'_>, errors: &mut Errors) -> Option<Http> {
    let attr::Http { at, whole: _, url, query, header, auth, timeout, body_limit } = http;
    if url.is_none() {
        let error = mistake(&at, "no URL is given", "say what to poll: `url = \"https://…\"`");
        errors.missing("http", "url", error);
    }
    let url = url.and_then(|url| template(&url, used, errors));
    if let Some(url) = &url {
        errors.ok(url::check(url));
    }
    let authorization = auth.as_ref().and_then(|_| authorization(&header));
    let query = query.iter().filter_map(|pair| one_query(pair, used, errors)).collect();
    let header = headers(&header, used, errors);
    let bearer = auth.and_then(|auth| bearer(auth, used, errors));
    if let Some(name) = authorization {
        errors.push(mistake(
            name,
            "`auth` and an `Authorization` header are both given",
            "keep one of them",
        ));
    }
    let timeout = timeout.and_then(|text| errors.ok(values::timeout(&text)));
    let body_limit = body_limit.and_then(|text| errors.ok(values::body_limit(&text)));
    Some(Http { url: url?, query, header, bearer, timeout, body_limit })
}

fn template(text: &LitStr, used: &mut Used<'_>, errors: &mut Errors) -> Option<Template> {
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

fn header_name(written: &LitStr) -> syn::Result<()> {
    let name = written.value();
    let parsed = HeaderName::try_from(&name).map_err(|_| {
        let message = format!("`{}` is not a header name", shown(&name));
        mistake(written, message, "letters, digits and `-`, as `X-Api-Key`")
    })?;
    match OWN.iter().find(|(own, _)| *own == parsed) {
        Some((_, why)) => {
            let message = format!("`{name}` cannot be set: {why}");
            Err(mistake(written, message, "leave it out"))
        }
        None => Ok(()),
    }
}

fn authorization(headers: &[Pair]) -> Option<LitStr> {
    let is = |pair: &&Pair| pair.name.value().eq_ignore_ascii_case(header::AUTHORIZATION.as_str());
    headers.iter().find(is).map(|pair| pair.name.clone())
}

fn bearer(auth: attr::Auth, used: &mut Used<'_>, errors: &mut Errors) -> Option<Secret> {
    let attr::Auth { at, bearer } = auth;
    let Some(bearer) = bearer else {
        let error = mistake(at, "no credential is given", "write `auth(bearer(env = \"TOKEN\"))`");
        errors.missing("http.auth", "bearer", error);
        return None;
    };
    let attr::Bearer { at, env, file, value } = bearer;
    let given: Vec<_> = [("env", &env), ("file", &file), ("value", &value)]
        .into_iter()
        .filter_map(|(key, text)| text.as_ref().map(|text| (key, text)))
        .collect();
    match given.as_slice() {
        [] => {
            let help = "name an environment variable (`env`) or a file (`file`)";
            errors.missing("http.auth.bearer", "env", mistake(at, "no secret is given", help));
        }
        [(_, text)] if text.value().is_empty() => {
            let help = "name an environment variable (`env`) or a file (`file`)";
            errors.push(mistake(text, "the secret is empty", help));
        }
        [("env", text)] if !is_variable(&text.value()) => {
            let message = "the name of an environment variable has only letters, digits and `_`";
            let help = "name the variable that holds the secret, as `FLAGS_TOKEN`";
            errors.push(mistake(text, message, help));
        }
        [_] => {}
        [(first, _), others @ ..] => {
            for (other, text) in others {
                let message = format!("`{first}` and `{other}` are both given");
                errors.push(mistake(text, message, "keep one of them"));
            }
        }
    }
    let env = env.map(|text| Secret::Env(text.value()));
    let file = file.map(|text| Secret::File(text.value()));
    let value = value.and_then(|text| template(&text, used, errors)).map(Secret::Value);
    env.or(file).or(value)
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
