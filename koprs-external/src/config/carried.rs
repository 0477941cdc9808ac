//! Secrets that a request carries beside its `auth`: in the URL, in parameters, in headers.

use super::Declared;
use super::env::variable;
use crate::spec::HttpSpec;
use crate::spec::mistake::Place;
use crate::spec::settings::Pair;
use crate::spec::table::row;

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
    for (name, _) in http.url.query_pairs().filter(|(name, value)| is_secret(name, value)) {
        let otherwise = "`auth: { query: { name: …, env: NAME } }`";
        let query = declared.settings().pairs(row!("http.query"));
        if let Some(pair) = query.iter().rev().find(|pair| pair.name.text == name) {
            found.push(named(declared, pair, otherwise));
        } else if !found.iter().any(|it| it.place == declared.settings().place_of("http.url")) {
            found.push(in_url(declared, otherwise));
        }
    }
    for pair in declared.settings().pairs(row!("http.header")) {
        let value = &pair.value.text;
        if is_secret(&pair.name.text, value) {
            let otherwise = match value.starts_with("Bearer ") {
                true => "`auth: { bearer: { env: NAME } }`",
                false => "`auth: { header: { name: …, env: NAME } }`",
            };
            found.push(named(declared, pair, otherwise));
        }
    }
    found
}

/// A URL with a variable that nobody expanded was refused.
fn in_url(declared: &Declared, otherwise: &'static str) -> Carried {
    let place = declared.settings().place_of("http.url");
    Carried { place, literal: !declared.expanded.holds(place), otherwise }
}

fn named(declared: &Declared, pair: &Pair, otherwise: &'static str) -> Carried {
    let literal =
        !declared.expanded.holds(pair.value.place) && variable(&pair.value.text).is_none();
    Carried { place: pair.name.place, literal, otherwise }
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
