//! Secrets that cannot be shown by accident, and URLs that can be shown safely.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

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

impl<S: Into<String>> From<S> for Secret {
    fn from(value: S) -> Self {
        Self::new(value)
    }
}

/// The part of a URL that may be shown: no userinfo, no query, no fragment.
///
/// It works on text, so that a URL that does not parse can be shown too.
pub(crate) fn redacted(url: &str) -> String {
    let shown = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match shown.split_once("//") {
        Some((scheme, rest)) => (format!("{scheme}//"), rest),
        None => (String::new(), shown),
    };
    let authority_end = rest.find(['/', '\\']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(authority_end);
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

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
            ("", ""),
        ];
        for (url, shown) in cases {
            assert_eq!(redacted(url), shown, "{url}");
        }
    }
}
