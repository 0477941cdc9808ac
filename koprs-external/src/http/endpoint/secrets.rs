//! What of a declaration may be secret, and is not shown where it comes back.

use http::header::{HOST, ORIGIN, REFERER};
use http::{HeaderName, HeaderValue};
use serde_json::Value;

use super::super::credential::url_secrets;
use super::request::harmless;
use crate::secret::{Secret, is_likely_secret};
use crate::spec::{Auth, Body, HttpSpec, SecretSource};

/// The shortest value that is hidden although nobody said that it is a secret: a word may stand anywhere.
const SHORTEST: usize = 8;

/// The secrets of a declaration; those of variables and files are known when they are read.
pub(super) fn declared_secrets(spec: &HttpSpec) -> Vec<Secret> {
    // Those that are known to be secrets come first: there is room for so many alone.
    let mut secrets = spec.secrets.to_vec();
    secrets.extend(spec.auth.iter().flat_map(auth_secrets));
    secrets.extend(url_secrets(&spec.url));
    secrets.extend(spec.headers.iter().filter_map(|(name, value)| header_secret(name, value)));
    if let Some(Body::Json(text) | Body::Text(text)) = &spec.body {
        body_secrets(text, &mut secrets);
    }
    secrets
}

/// The value of a header, any of which may be a key, but for those that say what is wanted, and of whom.
pub(super) fn header_secret(name: &HeaderName, value: &HeaderValue) -> Option<Secret> {
    if harmless(name) || [HOST, ORIGIN, REFERER].contains(name) {
        return None;
    }
    let value = value.to_str().ok()?;
    let secret = match value.split_once(' ') {
        Some((scheme, secret)) if is_scheme(scheme) => secret,
        _ => value,
    };
    (secret.len() >= SHORTEST || is_likely_secret(name.as_str(), secret))
        .then(|| Secret::new(secret))
}

fn is_scheme(word: &str) -> bool {
    ["basic", "bearer", "token", "apikey"].contains(&word.to_ascii_lowercase().as_str())
}

fn auth_secrets(auth: &Auth) -> Vec<Secret> {
    let (secret, beside) = match auth {
        Auth::Bearer(secret) | Auth::Query { secret, .. } => (secret, ""),
        Auth::OAuth2(declared) => (&declared.client_secret, ""),
        // A key may be the user name, or stand in the prefix, by the custom of some servers.
        Auth::Basic { username, password } => (password, username.as_str()),
        Auth::Header { prefix, secret, .. } => (secret, prefix.as_str()),
    };
    let literal = match secret {
        SecretSource::Value(secret) => Some(secret.clone()),
        SecretSource::Env(_) | SecretSource::File(_) => None,
    };
    let beside = (beside.len() >= SHORTEST).then(|| Secret::new(beside));
    literal.into_iter().chain(beside).collect()
}

/// What looks like a secret in a body; in one that is no JSON, each word that does.
fn body_secrets(text: &str, secrets: &mut Vec<Secret>) {
    match serde_json::from_str::<Value>(text) {
        Ok(value) => member_secrets("", &value, secrets),
        Err(_) => {
            let words = text.split(|c: char| c.is_whitespace() || "&;,\"'<>".contains(c));
            let pairs = words.map(|word| word.split_once(['=', ':']).unwrap_or(("", word)));
            let likely = pairs.filter(|(name, value)| is_likely_secret(name, value));
            secrets.extend(likely.map(|(_, value)| Secret::new(value)));
        }
    }
}

/// A body is as deep as its parser allows.
fn member_secrets(name: &str, value: &Value, secrets: &mut Vec<Secret>) {
    match value {
        Value::String(text) if is_likely_secret(name, text) => {
            secrets.push(Secret::new(text.as_str()))
        }
        Value::Array(items) => items.iter().for_each(|item| member_secrets(name, item, secrets)),
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| member_secrets(name, value, secrets));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_header_is_a_secret_but_those_that_say_what_is_wanted() {
        let secret = |name: &str, value: &str| {
            let header = (name.parse().unwrap(), value.parse().unwrap());
            header_secret(&header.0, &header.1).map(|secret| secret.expose().to_owned())
        };
        assert_eq!(secret("x-api-key", "k3y").as_deref(), Some("k3y"));
        assert_eq!(secret("x-tenant", "of-nine-and-more").as_deref(), Some("of-nine-and-more"));
        assert_eq!(secret("authorization", "Bearer t0ken-t0ken").as_deref(), Some("t0ken-t0ken"));
        assert_eq!(secret("x-tenant", "prod"), None, "a word that may stand anywhere");
        for (name, value) in [("accept", "application/json"), ("host", "api.example.com")] {
            assert_eq!(secret(name, value), None, "{name}");
        }
    }

    #[test]
    fn what_looks_like_a_secret_in_a_body_is_one() {
        let secrets = |text: &str| {
            let mut secrets = Vec::new();
            body_secrets(text, &mut secrets);
            secrets.iter().map(|secret| secret.expose().to_owned()).collect::<Vec<_>>()
        };
        let body = r#"{"query":"{ flags }","auth":{"password":"p4ss"},"keys":["k3y"]}"#;
        assert_eq!(secrets(body), ["p4ss", "k3y"]);
        assert_eq!(secrets("user=me&password=p4ss"), ["p4ss"]);
        assert_eq!(secrets("{ flags { name } }"), [""; 0]);
    }
}
