//! Secrets that cannot be shown by accident, and URLs that can be shown safely.

mod file;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "files are masked by it"))]
mod likely;
#[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "files are masked by it"))]
mod plain;
mod redactor;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub(crate) use self::file::{FileError, read_file};
pub(crate) use self::likely::is_secret_name;
#[cfg(feature = "yaml")]
pub(crate) use self::likely::{HIDDEN, masked_path, masked_query};
pub(crate) use self::likely::{is_likely_secret, is_secret_segment};
pub(crate) use self::plain::is_plain;
pub(crate) use self::redactor::Redactor;

/// A secret value: a token, a password.
///
/// It has no `Display` and no `Serialize`, its `Debug` hides the value, and its memory is wiped when
/// it is dropped. The only way to the value is [`Secret::expose`], so that each use can be found.
///
/// ```
/// use koprs_external::secret::Secret;
///
/// let token = Secret::new("s3cr3t");
/// assert_eq!(format!("{token:?}"), "Secret(***)");
/// assert_eq!(token.expose(), "s3cr3t");
/// ```
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Wraps a value.
    pub fn new(value: impl Into<String>) -> Self {
        Self(SecretString::from(value.into()))
    }

    /// A value that was read from a file, a variable or an answer: without the byte order mark that some editors begin a
    /// file with, and without white space around it.
    pub(crate) fn read(text: &str) -> Self {
        Self::new(text.trim_start_matches(MARK).trim())
    }

    /// A value that was written out: without a byte order mark, and without the line break that a block of text ends with.
    pub(crate) fn written(&self) -> Self {
        Self::new(self.expose().trim_start_matches(MARK).trim_end_matches(['\r', '\n']))
    }

    /// Whether a header can carry it. One that cannot is none, as one that is half written.
    pub(crate) fn is_sendable(&self) -> bool {
        let is_bad = |c: char| (c.is_ascii_control() && c != '\t') || c == MARK;
        !self.expose().contains(is_bad)
    }

    /// The value itself. Do not log it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

impl Hash for Secret {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.expose().hash(state);
    }
}

impl<S: Into<String>> From<S> for Secret {
    fn from(value: S) -> Self {
        Self::new(value)
    }
}

/// The byte order mark.
const MARK: char = '\u{feff}';

/// A text in UTF-8 without the byte order mark that it may begin with.
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text)
}

/// Secrets within the texts of a declaration. They say what of it is shown and not what is declared, so that two
/// declarations never differ by them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Hidden(pub(crate) Vec<Secret>);

impl PartialEq for Hidden {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Hidden {}

impl Hash for Hidden {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

impl Deref for Hidden {
    type Target = [Secret];

    fn deref(&self) -> &[Secret] {
        &self.0
    }
}

/// How much of its URL an endpoint shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Show {
    /// No userinfo, query or fragment.
    #[default]
    Path,
    /// Nor the path: part of it came from elsewhere, and may be a secret.
    #[cfg(feature = "yaml")]
    Origin,
}

impl Show {
    pub(crate) fn url(self, url: &Url) -> String {
        match self {
            Self::Path => redacted(url.as_str()),
            #[cfg(feature = "yaml")]
            Self::Origin => format!("{}/…", url.origin().ascii_serialization()),
        }
    }
}

/// The part of a URL that may be shown: no userinfo, no query, no fragment.
///
/// It works on text, so that a URL that does not parse can be shown too.
pub(crate) fn redacted(url: &str) -> String {
    // A `?` that was to be one may have become another character that no URL has.
    let hidden = |c: char| ['?', '#', '\\'].contains(&c) || c.is_control();
    let shown = url.split(hidden).next().unwrap_or_default();
    let well_formed = shown.split_once("://").and_then(|(scheme, rest)| {
        let authority_end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at(authority_end);
        let host = authority.rsplit('@').next().unwrap_or_default();
        (is_scheme(scheme) && is_host(host)).then(|| format!("{scheme}://{host}{path}"))
    });
    // Where nothing says what is userinfo, all before the last `@` may be.
    let scheme = shown.split_once("//").map_or("", |(scheme, _)| scheme);
    well_formed.unwrap_or_else(|| match shown.rsplit_once('@') {
        Some((_, rest)) if is_scheme(scheme.trim_end_matches(':')) => format!("{scheme}//{rest}"),
        Some((_, rest)) => rest.to_owned(),
        None => without_password(shown).to_owned(),
    })
}

/// Cuts a text at a port that is none: a password whose `@` is missing.
fn without_password(text: &str) -> &str {
    let scheme = ["http:", "https:"].into_iter().find(|scheme| text.starts_with(scheme));
    let slashes = text.find("//").map_or(scheme.map_or(0, str::len), |at| at + 2);
    let rest = text.get(slashes..).unwrap_or_default().trim_start_matches([':', '/']);
    let authority = rest.split('/').next().unwrap_or_default();
    match authority.split_once(':') {
        Some((host, _)) if !is_host(authority) => {
            text.get(..text.len() - rest.len() + host.len()).unwrap_or_default()
        }
        _ => text,
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

/// A name or an address, perhaps with a port.
fn is_host(text: &str) -> bool {
    let address = text.strip_prefix('[').and_then(|text| text.split_once(']'));
    let after = address.map_or(text, |(_, after)| after);
    let port = after.split_once(':').map_or("", |(_, port)| port);
    !text.is_empty() && port.chars().all(|c| c.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_that_is_read_has_neither_a_mark_nor_space_around_it() {
        for text in ["t0ken", "t0ken\n", "\u{feff}t0ken\r\n", "\u{feff} t0ken", " \tt0ken\u{a0}"] {
            let secret = Secret::read(text);
            assert_eq!(secret.expose(), "t0ken");
            assert!(secret.is_sendable());
        }
        for text in [
            "two\nlines",
            "two\rlines",
            "a\0b",
            "a\u{7f}b",
            "a\u{1b}b",
            "\n\u{feff}t0ken",
            "a\u{feff}b",
        ] {
            assert!(!Secret::read(text).is_sendable(), "{text:?}");
        }
        assert!(Secret::read("pass\twörd").is_sendable());
    }

    #[test]
    fn a_redacted_url_has_neither_userinfo_nor_query_nor_fragment() {
        let cases = [
            ("https://api.example.com/v1/flags", "https://api.example.com/v1/flags"),
            ("https://u:p@h:8443/x?token=SECRET#frag", "https://h:8443/x"),
            ("https://u:p@ss@h/x", "https://h/x"),
            ("http://h?token=SECRET", "http://h"),
            ("u:p@h/x?token=SECRET", "h/x"),
            ("https://h/a@b", "https://h/a@b"),
            ("not a url?SECRET", "not a url"),
            ("https://[::1]:80/a@b", "https://[::1]:80/a@b"),
            ("https:/u:SECRET@h/x", "h/x"),
            ("https::/u:SECRET@h/x", "h/x"),
            ("https:///u:SECRET@h/x", "https://h/x"),
            ("https://u:SECRET/SECRET@h/x", "https://h/x"),
            ("https:\\\\u:SECRET@h/x", "https:"),
            ("https://u\\SECRET@h/x", "https://u"),
            ("https://h/x\\token=SECRET", "https://h/x"),
            ("https://h/x\ttoken=SECRET", "https://h/x"),
            ("u:SECRET@h//x", "h//x"),
            ("https://u:SECRETh/x", "https://u"),
            ("https:/u:SECRETh/x", "https:/u"),
            ("u:SECRETh/x", "u"),
            ("h:8443/x", "h:8443/x"),
            ("u:SECRET@s://h/x", "s://h/x"),
            ("", ""),
        ];
        for (url, shown) in cases {
            assert_eq!(redacted(url), shown, "{url}");
        }
    }
}
