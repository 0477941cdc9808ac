//! `http.header`: request headers beside those that the library sends by itself.

use http::{HeaderName, HeaderValue};

use super::quote::{Content, is_visible, quoted};
use super::{Invalid, bounds, own_header, too_long, too_many};
use crate::printable::printable;

/// Whether one more header has a place beside others.
pub(crate) fn has_room(
    headers: &[(HeaderName, HeaderValue)],
    name: &HeaderName,
    value: &HeaderValue,
) -> Result<(), Invalid> {
    if headers.len() >= bounds::HEADERS {
        return Err(too_many("http.header", headers.len() + 1, bounds::HEADERS));
    }
    let bytes = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len();
    let others: usize = headers.iter().map(|(name, value)| bytes((name, value))).sum();
    match others + bytes((name, value)) > bounds::HEADER_BYTES {
        true => Err(too_long("http.header", bounds::HEADER_BYTES)),
        false => Ok(()),
    }
}

/// Reads one header. The value is marked sensitive, so that no `Debug` shows it.
pub(crate) fn check(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Invalid> {
    let setting = |name: &str| format!("http.header.{name}");
    let parsed = check_name(setting, name)?;
    let setting = setting(name);
    let mut value = HeaderValue::try_from(value).map_err(|_| {
        Invalid::new(
            &setting,
            "bad-header-value",
            match is_visible(Content::Name, name) {
                true => format!("the value of `{name}` has a character that no header can carry"),
                false => "the value has a character that no header can carry".to_owned(),
            },
        )
        .help(
            "visible ASCII characters, spaces and tabs; a line break at its end is a common cause",
        )
    })?;
    value.set_sensitive(true);
    Ok((parsed, value))
}

/// Reads the name of a header that is sent; `setting` says where it stands, by as much of it as may be shown.
pub(super) fn check_name(
    setting: impl Fn(&str) -> String,
    name: &str,
) -> Result<HeaderName, Invalid> {
    let parsed = any_name(&setting, name)?;
    match own_header::refusal(parsed.as_str()) {
        Some((why, help)) => {
            let message = format!("{} cannot be set: {why}", quoted(Content::Name, name));
            Err(Invalid::new(setting(name), "own-header", message).help(help))
        }
        None => Ok(parsed),
    }
}

/// Reads the name of a header.
pub(super) fn any_name(
    setting: impl Fn(&str) -> String,
    name: &str,
) -> Result<HeaderName, Invalid> {
    HeaderName::try_from(name).map_err(|_| {
        let shown = shown(name);
        let message = format!("`{}` is not a header name", printable(&shown));
        Invalid::new(setting(&shown), "bad-header-name", message)
            .help("letters, digits and `-`, as `X-Api-Key`")
    })
}

/// As much of a refused name as is one (RFC 9110 §5.6.2): behind it may be a value that was meant to
/// stand beside it.
pub(super) fn shown(name: &str) -> String {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let token = name.split(|c| !token(c)).next().unwrap_or_default();
    match is_visible(Content::Name, token) {
        true if token == name => token.to_owned(),
        true => format!("{token}…"),
        false => "…".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_name_is_shown_as_far_as_it_is_one() {
        let cases = [
            ("Authorization: Bearer s3cr3t", "`Authorization…` is not a header name"),
            ("X Team", "`X…` is not a header name"),
            ("é", "`…` is not a header name"),
            ("", "`` is not a header name"),
            ("s3cr3t X", "`…` is not a header name"),
        ];
        for (name, message) in cases {
            let invalid = check(name, "").unwrap_err();
            assert_eq!(invalid.message, message);
            assert!(!invalid.setting.contains("s3cr3t"), "{invalid}");
        }
    }
}
