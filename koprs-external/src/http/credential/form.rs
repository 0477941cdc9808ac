//! How a secret is sent.

use base64::prelude::{BASE64_STANDARD, Engine};
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;

use super::Presented;
use crate::change::Fingerprint;
use crate::secret::Secret;

pub(super) const UNSENDABLE: &str =
    "has a character that no header can carry, as a line break in its middle";

/// Where a secret stands in a request, and what beside it.
#[derive(Debug)]
pub(super) enum Form {
    /// RFC 6750 §2.1.
    Bearer,
    /// RFC 7617: `username:password` in Base64.
    Basic { username: String },
    /// Any header; the prefix stands before the secret.
    Header { name: HeaderName, prefix: String },
    /// A parameter of the query.
    Query { name: String },
}

impl Form {
    /// A secret in this form. One with a character that no header can carry is none, as one that is half
    /// written, whatever it would be encoded to.
    pub(super) fn present(&self, secret: &Secret) -> Option<Presented> {
        let text = sendable(secret)?.expose();
        let mut secrets = vec![secret.clone()];
        let (header, query) = match self {
            Self::Bearer => (Some((AUTHORIZATION, sensitive("Bearer ", text)?)), None),
            Self::Basic { username } => {
                let pair = Zeroizing::new(format!("{username}:{text}"));
                let pair = Secret::new(BASE64_STANDARD.encode(&*pair));
                let header = (AUTHORIZATION, sensitive("Basic ", pair.expose())?);
                secrets.push(pair);
                (Some(header), None)
            }
            Self::Header { name, prefix } => (Some((name.clone(), sensitive(prefix, text)?)), None),
            Self::Query { name } => (None, Some((name.clone(), secret.clone()))),
        };
        let token = Fingerprint::of(text.as_bytes());
        Some(Presented { header, query, mark: token, token, secrets: secrets.into() })
    }

    pub(super) fn identity(&self) -> Fingerprint {
        let (kind, parts) = match self {
            Self::Bearer => ("bearer", ["", ""]),
            Self::Basic { username } => ("basic", [username.as_str(), ""]),
            Self::Header { name, prefix } => ("header", [name.as_str(), prefix.as_str()]),
            Self::Query { name } => ("query", [name.as_str(), ""]),
        };
        let kind = Fingerprint::of(kind.as_bytes());
        parts.iter().fold(kind, |mark, part| Fingerprint::seeded(part.as_bytes(), mark))
    }
}

/// The secret, if a header can carry it.
pub(super) fn sendable(secret: &Secret) -> Option<&Secret> {
    secret.is_sendable().then_some(secret)
}

fn sensitive(prefix: &str, secret: &str) -> Option<HeaderValue> {
    let text = Zeroizing::new([prefix, secret].concat());
    let mut value = HeaderValue::from_bytes(text.as_bytes()).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(form: &Form, secret: &str) -> Option<(String, String)> {
        let (name, value) = form.present(&Secret::new(secret))?.header?;
        assert!(value.is_sensitive());
        Some((name.to_string(), value.to_str().unwrap().to_owned()))
    }

    fn header(name: &str, value: &str) -> Option<(String, String)> {
        Some((name.to_owned(), value.to_owned()))
    }

    #[test]
    fn each_form_is_as_its_rfc_says() {
        // The example of RFC 7617 §2, and that of §2.1 in UTF-8.
        let basic = |username: &str| Form::Basic { username: username.to_owned() };
        let aladdin = header("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(sent(&basic("Aladdin"), "open sesame"), aladdin);
        assert_eq!(sent(&basic("test"), "123£"), header("authorization", "Basic dGVzdDoxMjPCow=="));
        assert_eq!(sent(&Form::Bearer, "t0ken"), header("authorization", "Bearer t0ken"));
        let own = Form::Header { name: "x-api-key".parse().unwrap(), prefix: "Key ".to_owned() };
        assert_eq!(sent(&own, "t0ken"), header("x-api-key", "Key t0ken"));
    }

    #[test]
    fn a_secret_that_no_header_can_carry_is_none_in_any_form() {
        let forms = [
            Form::Bearer,
            Form::Basic { username: String::new() },
            Form::Header { name: "x-key".parse().unwrap(), prefix: String::new() },
            Form::Query { name: "key".to_owned() },
        ];
        for form in forms {
            for secret in ["two\nlines", "\0\0"] {
                assert!(form.present(&Secret::new(secret)).is_none(), "{form:?}");
            }
        }
    }
}
