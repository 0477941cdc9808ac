//! Secrets that a request carries beside its `auth`: in the URL, in parameters, in headers.

use super::Declared;
use super::env::variable;
use super::place::Place;
use crate::spec::HttpSpec;

/// How names of secrets end, without `-` and `_`.
const SECRETS: [&str; 12] = [
    "accesskey",
    "apikey",
    "authkey",
    "authorization",
    "cookie",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "subscriptionkey",
    "token",
];
/// How names of the way through a list end, which is none.
const NONE: [&str; 5] = ["continuationtoken", "nexttoken", "pagetoken", "starttoken", "synctoken"];

/// One secret, and how it is declared otherwise.
pub(super) struct Carried {
    pub(super) place: Place,
    /// Whether it is written there, and not the name of a variable.
    pub(super) literal: bool,
    pub(super) otherwise: &'static str,
}

/// What looks like a secret in a request, by its name; of what stands in the URL the first.
pub(super) fn secrets(declared: &Declared, http: &HttpSpec) -> Vec<Carried> {
    let mut found = Vec::new();
    if http.url.password().is_some() || !http.url.username().is_empty() {
        let otherwise = "`auth: { basic: { username: …, password: { env: NAME } } }`";
        found.push(in_url(declared, otherwise));
    }
    for (name, value) in http.url.query_pairs().filter(|(name, value)| is_secret(name, value)) {
        let otherwise = "`auth: { query: { name: …, env: NAME } }`";
        let setting = format!("http.query.{name}");
        if declared.places.exact(&setting).is_some() {
            found.push(named(declared, &setting, &value, otherwise));
        } else if !found.iter().any(|it| it.place == declared.places.of("http.url")) {
            found.push(in_url(declared, otherwise));
        }
    }
    for (name, value) in &http.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        if is_secret(name.as_str(), &value) {
            let otherwise = match value.starts_with("Bearer ") {
                true => "`auth: { bearer: { env: NAME } }`",
                false => "`auth: { header: { name: …, env: NAME } }`",
            };
            found.push(named(declared, &header(declared, name.as_str()), &value, otherwise));
        }
    }
    found
}

/// A URL with a variable that nobody expanded was refused.
fn in_url(declared: &Declared, otherwise: &'static str) -> Carried {
    let place = declared.places.of("http.url");
    Carried { place, literal: !declared.expanded.holds(place), otherwise }
}

fn named(declared: &Declared, setting: &str, value: &str, otherwise: &'static str) -> Carried {
    let expanded = declared.places.exact(&value_of(setting));
    let expanded = expanded.is_some_and(|place| declared.expanded.holds(place));
    let literal = !expanded && variable(value).is_none();
    Carried { place: declared.places.of(setting), literal, otherwise }
}

/// The setting of a header, as it is spelled in the file.
fn header(declared: &Declared, name: &str) -> String {
    let mut written = declared.places.under("http.header");
    let found = written.find(|it| it.eq_ignore_ascii_case(name));
    format!("http.header.{}", found.unwrap_or(name))
}

/// Where the value stands of what is given by name, whose own place is that of the name.
pub(crate) fn value_of(setting: &str) -> String {
    format!("value of {setting}")
}

fn is_secret(name: &str, value: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| plain.ends_with(end));
    !value.is_empty() && ends(&SECRETS) && !ends(&NONE)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::{File, Loaded, Rules, Variables, load};
    use super::*;

    fn warned(http: &str, rules: &Rules) -> Vec<&'static str> {
        let start = "{ apiVersion: koprs-external/v1, watchers: [{ name: a, interval: 1m, http: {";
        let bytes = format!("{start} {http} }} }}] }}").into_bytes();
        let file = File { path: Path::new("watchers.yaml").into(), bytes };
        let Loaded { warnings, .. } = load(&[file], rules).unwrap();
        warnings.iter().map(|warning| warning.code()).collect()
    }

    #[test]
    fn a_secret_that_came_from_a_variable_does_not_stand_in_the_file() {
        let env = Some(Variables::new(|_| Some("s3cr3t".into())));
        let rules = Rules { env, ..Rules::default() };
        let cases = [
            ("url: 'https://${T}@h/x'", vec![]),
            ("url: 'https://h/x', header: { authorization: 'Bearer ${T}' }", vec![]),
            ("url: 'https://h/x', query: { token: '${T}' }", vec![]),
            ("url: 'https://h/x', query: { token: s3cr3t }", vec!["literal-secret"]),
            ("url: 'http://h/x', query: { token: '${T}' }", vec!["credential-in-the-clear"]),
        ];
        for (http, codes) in cases {
            assert_eq!(warned(http, &rules), codes, "{http}");
        }
    }

    #[test]
    fn a_secret_is_known_by_the_end_of_its_name() {
        for name in ["Authorization", "X-Api-Key", "access_token", "token", "client-secret"] {
            assert!(is_secret(name, "x"), "{name}");
        }
        for name in ["X-Team", "pageToken", "next_token", "Idempotency-Key", "tokens", "keyword"] {
            assert!(!is_secret(name, "x"), "{name}");
        }
        assert!(!is_secret("token", ""));
    }
}
