//! What looks like a secret: the value of a parameter, judged by its name and by itself.
//!
//! Secrets belong into `auth`, which is never shown. A secret that was written as an ordinary parameter is recognized by
//! the words of its name, or because its value does not consist of words and numbers. Any other value is shown.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::is_plain;

/// What is shown in place of a secret.
pub(crate) const HIDDEN: &str = "***";

/// Words of a name that stand for a secret: `api_key`, `X-Amz-Signature`, `authToken`.
const WORDS: [&str; 25] = [
    "assertion",
    "auth",
    "authn",
    "authz",
    "bearer",
    "cred",
    "creds",
    "hmac",
    "jwt",
    "key",
    "keys",
    "oauth",
    "otp",
    "pass",
    "pin",
    "psk",
    "psw",
    "pw",
    "pwd",
    "sas",
    "session",
    "sid",
    "sig",
    "ticket",
    "totp",
];
/// What a name of a secret contains, also where its words are not separated: `accesstoken`.
const PARTS: [&str; 16] = [
    "accesscode",
    "accesskey",
    "apikey",
    "authorization",
    "cookie",
    "credential",
    "csrf",
    "passcode",
    "passphrase",
    "passw",
    "secret",
    "sessid",
    "sessionid",
    "signature",
    "token",
    "xsrf",
];
/// How such a name may end: `subscriptionkey`, `dbpass`.
const ENDS: [&str; 2] = ["key", "pass"];

/// A value of fewer letters and digits is not judged by itself.
const SHORTEST: usize = 16;
/// So many letters and digits, small and capital letters among them, are no words.
const LONGEST_WORDS: usize = 32;
/// So many letters and digits without anything between them are no word.
const LONGEST_WORD: usize = 24;

/// Whether a parameter looks like a secret.
pub(crate) fn is_likely_secret(name: &str, value: &str) -> bool {
    // A flag is none, as that of `skip_signature`.
    let says_nothing = ["", "true", "false"].contains(&value);
    // What is no UTF-8 once it is decoded is no text.
    let is_text = || is_plain(value, OF_VALUES) && !value.contains(char::REPLACEMENT_CHARACTER);
    let looks_secret = || is_random(value) || holds_secret(value) || !is_text();
    !says_nothing && (is_secret_name(name) || looks_secret())
}

/// Whether a value has a secret within it: a URL with userinfo, or a name of a secret with its value, as in another
/// query or in JSON.
fn holds_secret(value: &str) -> bool {
    let authority =
        |rest: &str| rest.split(['/', '?', '#']).next().is_some_and(|it| it.contains('@'));
    let is_named = |(at, _): (usize, &str)| {
        let (before, after) = value.split_at(at);
        let before = before.trim_end_matches(['"', '\'', '\\', ' ']);
        let name = before.rsplit(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).next();
        after.len() > 1 && name.is_some_and(is_secret_name)
    };
    value.split("://").skip(1).any(authority) || value.match_indices(['=', ':']).any(is_named)
}

/// Whether a name is that of a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    let squashed: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let squashed = squashed.to_ascii_lowercase();
    ENDS.iter().any(|end| squashed.ends_with(end))
        || PARTS.iter().any(|part| squashed.contains(part))
        || words(name).any(|word| WORDS.contains(&word.to_ascii_lowercase().as_str()))
}

/// The words of a name: between separators, and at each capital behind a small letter.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_ascii_alphanumeric()).flat_map(|part| {
        let bytes = part.as_bytes().windows(2).enumerate();
        let bounds = bytes.filter_map(|(at, pair)| match pair {
            [small, capital] if small.is_ascii_lowercase() && capital.is_ascii_uppercase() => {
                Some(at + 1)
            }
            _ => None,
        });
        let bounds: Vec<_> = [0].into_iter().chain(bounds).chain([part.len()]).collect();
        let words: Vec<_> = bounds.iter().zip(bounds.iter().skip(1)).collect();
        words.into_iter().filter_map(|(from, to)| part.get(*from..*to)).collect::<Vec<_>>()
    })
}

/// Whether a part of a value looks random: hexadecimal digits, a UUID, base64.
fn is_random(value: &str) -> bool {
    let within = |c: char| c.is_ascii_alphanumeric() || "-_+/=".contains(c);
    value
        .split(|c| !within(c))
        .any(|run| words(run).any(|word| word.len() >= LONGEST_WORD) || is_mixed(run))
}

/// Whether letters, capitals and digits change places as often as chance would have it, and not as in words.
fn is_mixed(run: &str) -> bool {
    let length = run.bytes().filter(u8::is_ascii_alphanumeric).count();
    let has = |class: Class| run.bytes().any(|byte| Class::of(byte) == Some(class));
    if length >= LONGEST_WORDS && has(Class::Small) && has(Class::Capital) && has(Class::Digit) {
        return true;
    }
    let (mut pairs, mut changes) = (0, 0);
    for pair in run.as_bytes().windows(2) {
        let [first, second] = pair else { continue };
        let (Some(first), Some(second)) = (Class::of(*first), Class::of(*second)) else { continue };
        pairs += 1;
        let begins_a_word = (first, second) == (Class::Capital, Class::Small);
        changes += usize::from(first != second && !begins_a_word);
    }
    length >= SHORTEST && changes * 4 >= pairs && changes > 0
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Small,
    Capital,
    Digit,
}

impl Class {
    fn of(byte: u8) -> Option<Self> {
        match byte {
            b'a'..=b'z' => Some(Self::Small),
            b'A'..=b'Z' => Some(Self::Capital),
            b'0'..=b'9' => Some(Self::Digit),
            _ => None,
        }
    }
}

/// A shown URL in whose path the segments that look like secrets are masked.
pub(crate) fn masked_path(shown: &str) -> String {
    let host = shown.find("://").map_or(0, |at| at + "://".len());
    let path =
        shown.get(host..).and_then(|rest| rest.find('/')).map_or(shown.len(), |at| host + at);
    let (host, path) = shown.split_at(path);
    let segments = path.split('/').map(|it| if is_secret_segment(it) { HIDDEN } else { it });
    host.to_owned() + &segments.collect::<Vec<_>>().join("/")
}

/// Whether a segment of a path looks like a secret, as the key of a webhook does.
pub(crate) fn is_secret_segment(segment: &str) -> bool {
    is_likely_secret("", &percent_decode_str(segment).decode_utf8_lossy())
}

/// A query in which the values that look like secrets, and those that are `hidden` by their name, are masked. A
/// parameter without a `=` may be a value that lost its name, and is masked; so is base64, which ends with `=`.
pub(crate) fn masked_query(query: &str, hidden: impl Fn(&str) -> bool) -> String {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs.map(|pair| masked_pair(pair, &hidden)).collect::<Vec<_>>().join("&")
}

/// What stands between the words of a parameter's name, and of its value.
const OF_NAMES: &str = "-_.[]$@:";
const OF_VALUES: &str = " -_.,:;?&#/*'\"()[]{}<>|@!$~+%=";

fn masked_pair<'a>(pair: &'a str, hidden: &impl Fn(&str) -> bool) -> Cow<'a, str> {
    let Some((written, _)) = pair.split_once('=') else { return HIDDEN.into() };
    let known = form_urlencoded::parse(pair.as_bytes()).next();
    match known {
        Some((name, _)) if !is_plain(&name, OF_NAMES) => HIDDEN.into(),
        Some((name, value)) if !hidden(&name) && !is_likely_secret(&name, &value) => pair.into(),
        _ => format!("{written}={HIDDEN}").into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_name_or_because_its_value_looks_random() {
        let secret = [
            ("token", "x"),
            ("access_token", "x"),
            ("accesstoken", "x"),
            ("api-key", "x"),
            ("apiKey", "x"),
            ("APIKEY", "x"),
            ("key", "x"),
            ("subscription-key", "x"),
            ("Ocp-Apim-SubscriptionKey", "x"),
            ("sig", "x"),
            ("X-Amz-Signature", "x"),
            ("X-Amz-Credential", "x"),
            ("client_secret", "x"),
            ("secretValue", "x"),
            ("password", "x"),
            ("passwd", "x"),
            ("pwd", "x"),
            ("auth", "x"),
            ("authToken", "x"),
            ("userAuth", "x"),
            ("jwt", "x"),
            ("session", "x"),
            ("PHPSESSIONID", "x"),
            ("PHPSESSID", "x"),
            ("AWSACCESSKEYID", "x"),
            ("mycookie", "x"),
            ("dbpass", "x"),
            ("pass_old", "x"),
            ("pw", "x"),
            ("XSRF", "x"),
            ("authz", "x"),
            ("user[creds]", "x"),
            ("next", "https://h/x?page=2&token=x"),
            ("next", "https://u:x@h/x"),
            ("next", "https://u@h"),
            ("filter", r#"{"apiKey": "x"}"#),
            ("filter", r#"{"auth":{"password":"x"}}"#),
            ("a", "1;token=x"),
            ("q", "label:x password:x"),
            ("cursor", "9f86d081884c7d659a2feaa0c55ad015"),
            ("id", "550e8400-e29b-41d4-a716-446655440000"),
            ("code", "xJ3kP9vQ2mL7nR4t"),
            ("c", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
            ("c", "AKIAIOSFODNN7EXAMPLE1234"),
            ("c", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            (
                "c",
                "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
            ),
            ("c", "prefix:9f86d081884c7d65"),
            ("c", "qwertyuiopasdfghjklzxcvb"),
        ];
        for (name, value) in secret {
            assert!(is_likely_secret(name, value), "{name}={value}");
        }
        let shown = [
            ("page_size", "100"),
            ("per_page", "100"),
            ("sort", "name"),
            ("env", "prod"),
            ("format", "json"),
            ("author", "alice"),
            ("design", "1"),
            ("keyword", "shoes"),
            ("passenger", "2"),
            ("assigned", "me"),
            ("inside", "1"),
            ("state", "open,closed"),
            ("since", "2024-01-01T00:00:00.000Z"),
            ("since", "20240101T000000Z"),
            ("at", "1733011200000"),
            ("fields", "id,createdAt,updatedAt,ownerUserId"),
            ("field", "camelCaseFieldNameLikeThisOne"),
            ("region", "us-gov-west-1-prod-eu2-stage3"),
            ("q", "is:issue label:bug sort:updated-desc"),
            ("path", "/api/v1/users/list"),
            ("version", "v1.2.3-beta.4"),
            ("next", "https://h/x?page=2&sort=name"),
            ("mail", "alice@example.com"),
            ("url", "https://h/@alice"),
            ("filter", r#"{"state":"open","author":"alice"}"#),
            ("skip_signature", "true"),
            ("with_token", "false"),
            ("token", ""),
            ("q", ""),
        ];
        for (name, value) in shown {
            assert!(!is_likely_secret(name, value), "{name}={value}");
        }
    }

    #[test]
    fn of_a_path_only_what_looks_like_a_secret_is_masked() {
        let cases = [
            (
                "https://hooks.example.com/services/T00/xJ3kP9vQ2mL7nR4t",
                "https://hooks.example.com/services/T00/***",
            ),
            ("https://h/v1/flags/us-gov-west-1", "https://h/v1/flags/us-gov-west-1"),
            ("https://h/v1/token%3Ds3cr3t/x", "https://h/v1/***/x"),
            (
                "s3://9f86d081884c7d659a2feaa0c55ad015/models",
                "s3://9f86d081884c7d659a2feaa0c55ad015/models",
            ),
            ("https://h", "https://h"),
        ];
        for (url, masked) in cases {
            assert_eq!(masked_path(url), masked);
        }
    }

    #[test]
    fn of_a_query_only_what_looks_like_a_secret_is_masked() {
        let cases = [
            ("a=1&token=s3cr3t&b=2", "a=1&token=***&b=2"),
            ("api%5Fkey=s3cr3t", "api%5Fkey=***"),
            ("to%6ben=s3cr3t", "to%6ben=***"),
            ("s3cr3t", "***"),
            ("a=&b", "a=&***"),
            ("q=a%20b+c", "q=a%20b+c"),
            ("c=9f86d081%3884c7d659a2f", "c=***"),
            ("hide=1&show=1", "hide=***&show=1"),
            ("a=b=c&&", "a=b=c"),
            ("a=1;token=s3cr3t", "a=***"),
            ("n=%3Ftoken%3Ds3cr3t", "n=***"),
            ("czNjcjN0cw==", "***"),
            ("9f86d081884c7d659a2feaa0c55ad015=", "***"),
            ("c2VjcmV0dA=", "***"),
            ("c2VjcmV0dA=&page=2", "***&page=2"),
            ("s3cr3t=", "***"),
            ("k=w1Ln%c1fl&b=1", "k=***&b=1"),
            ("s3cr3t=1", "***"),
            ("since=2024-01-01T00:00:00Z&q=s3cr3t", "since=2024-01-01T00:00:00Z&q=***"),
            ("", ""),
        ];
        for (query, masked) in cases {
            assert_eq!(masked_query(query, |name| name == "hide"), masked, "{query}");
        }
    }
}
