//! The block `auth(…)`, checked.

use ::http::HeaderValue;
use syn::{Ident, LitStr};

use super::http::{header_name, one_of, template};
use super::{bounds, url, values};
use crate::attr::{self, Texts};
use crate::errors::{Errors, mistake};
use crate::meant;
use crate::model::{Auth, OAuth2, Secret};
use crate::read::Pair;
use crate::template::Template;
use crate::used::Used;

/// The one credential. `query` and `header` are what is sent beside it.
pub(super) fn check(
    auth: attr::Auth,
    query: &[Pair],
    header: &[Pair],
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<Auth> {
    twice(&auth, query, header, errors);
    let attr::Auth { here, bearer, basic, header, query, oauth2 } = auth;
    let kinds = [
        ("bearer", bearer.as_ref().map(|it| &it.here)),
        ("basic", basic.as_ref().map(|it| &it.here)),
        ("header", header.as_ref().map(|it| &it.here)),
        ("query", query.as_ref().map(|it| &it.here)),
        ("oauth2", oauth2.as_ref().map(|it| &it.here)),
    ];
    let kinds = kinds.into_iter().filter_map(|(name, here)| Some((name, here?)));
    one_of(kinds, errors, |errors| {
        if !errors.excused_one_of("http.auth", &["bearer", "basic", "header", "query", "oauth2"]) {
            let help = "write `auth(bearer(env = \"TOKEN\"))`";
            errors.push(mistake(&here, "no credential is given", help));
        }
    });
    let mut checked = Vec::new();
    if let Some(attr) = bearer {
        let secret = secret("http.auth.bearer", &attr.here, attr.texts, used, errors);
        checked.push(secret.map(Auth::Bearer));
    }
    if let Some(attr) = basic {
        checked.push(basic_of(attr, used, errors));
    }
    if let Some(attr) = header {
        checked.push(header_of(attr, used, errors));
    }
    if let Some(attr) = query {
        checked.push(query_of(attr, used, errors));
    }
    if let Some(attr) = oauth2 {
        checked.push(oauth2_of(attr, used, errors));
    }
    checked.into_iter().next().flatten()
}

/// A credential stands in one place: not in `header` or `query` too.
fn twice(auth: &attr::Auth, query: &[Pair], header: &[Pair], errors: &mut Errors) {
    let named = |name: &Option<LitStr>| name.as_ref().map(LitStr::value);
    let by_name = auth.header.as_ref().and_then(|header| named(&header.name));
    let plain = auth.bearer.is_some() || auth.basic.is_some() || auth.oauth2.is_some();
    let by_kind = (plain || auth.header.is_none() && auth.query.is_none())
        .then(|| "Authorization".to_owned());
    for name in by_kind.into_iter().chain(by_name) {
        let mut sent = header.iter().map(|pair| &pair.name);
        if let Some(sent) = sent.find(|sent| sent.value().eq_ignore_ascii_case(&name)) {
            errors.push(two_credentials(sent, "header", &name));
        }
    }
    let parameter = auth.query.as_ref().and_then(|query| named(&query.name));
    let mut sent = query.iter().map(|pair| &pair.name);
    if let Some(name) = parameter
        && let Some(sent) = sent.find(|sent| sent.value() == name)
    {
        errors.push(two_credentials(sent, "query parameter", &name));
    }
}

fn two_credentials(sent: &LitStr, what: &str, name: &str) -> syn::Error {
    let message = format!("`auth` and the {what} `{name}` are both given");
    mistake(sent, message, "keep one of them")
}

fn basic_of(basic: attr::Basic, used: &mut Used<'_>, errors: &mut Errors) -> Option<Auth> {
    const BLOCK: &str = "http.auth.basic";
    let attr::Basic { here, username, password } = basic;
    let username = required(BLOCK, "username", &here, "username = \"operator\"", username, errors);
    let username = username.and_then(|text| template(&text, used, errors));
    if let Some(username) = &username {
        errors.ok(check_username(username));
    }
    let form = "password(env = \"PASSWORD\")";
    let password = required(BLOCK, "password", &here, form, password, errors)?;
    let password = secret("http.auth.basic.password", &password.here, password.texts, used, errors);
    Some(Auth::Basic { username: username?, password: password? })
}

/// It is not shown: it may be a username with its password.
fn check_username(username: &Template) -> syn::Result<()> {
    let filled = username.filled(|_| "x");
    let why = if filled.contains(':') {
        "a `:`, where it would end"
    } else if filled.contains(char::is_control) {
        "a control character"
    } else {
        return Ok(());
    };
    let help = "the password stands beside it, in `password`";
    Err(mistake(&username.written, format!("the username has {why}"), help))
}

fn header_of(header: attr::AuthHeader, used: &mut Used<'_>, errors: &mut Errors) -> Option<Auth> {
    const BLOCK: &str = "http.auth.header";
    let attr::AuthHeader { here, name, prefix, secret: texts } = header;
    let name = required(BLOCK, "name", &here, "name = \"X-Api-Key\"", name, errors);
    if let Some(name) = &name {
        errors.ok(header_name(name));
    }
    if let Some(prefix) = &prefix
        && HeaderValue::try_from(prefix.value()).is_err()
    {
        let message = "`prefix` has a character that no header can carry";
        errors.push(mistake(prefix, message, "visible ASCII characters, spaces and tabs"));
    }
    let secret = secret(BLOCK, &here, texts, used, errors)?;
    let prefix = prefix.map(|prefix| prefix.value()).unwrap_or_default();
    Some(Auth::Header { name: name?.value(), prefix, secret })
}

fn query_of(query: attr::AuthQuery, used: &mut Used<'_>, errors: &mut Errors) -> Option<Auth> {
    const BLOCK: &str = "http.auth.query";
    let attr::AuthQuery { here, name, secret: texts } = query;
    let name = required(BLOCK, "name", &here, "name = \"api_key\"", name, errors);
    let name = name.and_then(|name| errors.ok(values::not_empty("name", &name)));
    let secret = secret(BLOCK, &here, texts, used, errors)?;
    Some(Auth::Query { name: name?, secret })
}

fn oauth2_of(oauth2: attr::OAuth2, used: &mut Used<'_>, errors: &mut Errors) -> Option<Auth> {
    const BLOCK: &str = "http.auth.oauth2";
    let attr::OAuth2 { here, token_url, client_id, client_secret, scopes, audience, margin } =
        oauth2;
    let token_url =
        required(BLOCK, "token_url", &here, "token_url = \"https://…\"", token_url, errors);
    let token_url = token_url.and_then(|text| template(&text, used, errors));
    if let Some(token_url) = &token_url {
        errors.ok(url::token_url(token_url));
    }
    let client_id =
        required(BLOCK, "client_id", &here, "client_id = \"operator\"", client_id, errors);
    let mut text = |name, text: LitStr| {
        errors.ok(values::not_empty(name, &text));
        template(&text, used, errors)
    };
    let client_id = client_id.and_then(|it| text("client_id", it));
    let audience = audience.and_then(|it| text("audience", it));
    let form = "client_secret(env = \"SECRET\")";
    let client_secret = required(BLOCK, "client_secret", &here, form, client_secret, errors);
    let client_secret = client_secret
        .and_then(|it| secret("http.auth.oauth2.client_secret", &it.here, it.texts, used, errors));
    values::bounded("scopes", &scopes, bounds::ENTRIES, |text| text, errors);
    let scopes = scopes.iter().filter_map(|scope| errors.ok(check_scope(scope))).collect();
    let margin = margin.and_then(|text| errors.ok(values::margin(&text)));
    Some(Auth::OAuth2(OAuth2 {
        at: here.span(),
        token_url: token_url?,
        client_id: client_id?,
        client_secret: client_secret?,
        scopes,
        audience,
        margin,
    }))
}

/// A scope (RFC 6749 §3.3); a list of them has spaces between.
fn check_scope(written: &LitStr) -> syn::Result<String> {
    let scope = written.value();
    let inner = |c: char| c.is_ascii_graphic() && !['"', '\\'].contains(&c);
    if !scope.is_empty() && scope.chars().all(inner) {
        return Ok(scope);
    }
    let help = "a scope has no spaces: write each of several by itself";
    Err(mistake(written, format!("`{scope}` is not a scope"), help))
}

/// A setting that its block needs.
pub(super) fn required<T>(
    block: &'static str,
    key: &'static str,
    here: &Ident,
    form: &str,
    given: Option<T>,
    errors: &mut Errors,
) -> Option<T> {
    if given.is_none() {
        let message = format!("`{here}` has no `{key}`");
        errors.missing(block, key, mistake(here, message, format!("write `{form}`")));
    }
    given
}

/// Where a secret comes from.
fn secret(
    block: &'static str,
    here: &Ident,
    texts: Texts,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<Secret> {
    let none = |errors: &mut Errors| {
        if !errors.excused_one_of(block, &["env", "file", "value"]) {
            errors.push(mistake(here, "no secret is given", SOURCES));
        }
    };
    if one_of(given(&texts), errors, none).is_some() {
        check_texts(&texts, errors);
    }
    let expands = errors.ok(not_expanded(texts.value.as_ref(), "env = \"NAME\"")).is_some();
    let texts = if expands { texts } else { Texts { value: None, ..texts } };
    source(texts, used, errors)
}

/// How to say where a secret comes from.
const SOURCES: &str = "name an environment variable (`env`) or a file (`file`)";

fn given(texts: &Texts) -> impl Iterator<Item = (&'static str, &LitStr)> {
    let Texts { env, file, value } = texts;
    let given = [("env", env), ("file", file), ("value", value)];
    given.into_iter().filter_map(|(name, text)| Some((name, text.as_ref()?)))
}

/// Checks the one text that is given.
pub(super) fn check_texts(texts: &Texts, errors: &mut Errors) {
    match given(texts).next() {
        Some((_, text)) if text.value().is_empty() => {
            errors.push(mistake(text, "the secret is empty", SOURCES));
        }
        Some(("env", text)) if !is_variable(&text.value()) => {
            let message = "the name of an environment variable has only letters, digits and `_`";
            let help = match text.value().starts_with('$') {
                true => "write the name alone, without the dollar sign and braces",
                false => "name the variable that holds the secret, as `FLAGS_TOKEN`",
            };
            errors.push(mistake(text, message, help));
        }
        Some(("file", text)) => {
            if let Some((message, help)) = meant::path(&text.value()) {
                errors.push(mistake(text, message, help));
            }
        }
        _ => {}
    }
}

/// Where a secret comes from, as far as that can be read.
pub(super) fn source(texts: Texts, used: &mut Used<'_>, errors: &mut Errors) -> Option<Secret> {
    let Texts { env, file, value } = texts;
    let env = env.map(|text| Secret::Env(text.value()));
    let file = file.map(|text| Secret::File(text.value()));
    let value = value.and_then(|text| template(&text, used, errors)).map(Secret::Value);
    env.or(file).or(value)
}

/// Refuses `${NAME}`, which a declaration in Rust does not expand.
/// `form` names a variable.
pub(super) fn not_expanded(text: Option<&LitStr>, form: &str) -> syn::Result<()> {
    let Some(text) = text else { return Ok(()) };
    let value = text.value();
    let name = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let name = name.and_then(|name| name.split([':', '-']).next()).filter(|it| is_variable(it));
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(()) };
    let message =
        format!("`${{{name}}}` is not expanded: a declaration in Rust reads no environment");
    Err(mistake(text, message, format!("name the variable: `{}`", form.replace("NAME", name))))
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
