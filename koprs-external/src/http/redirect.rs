//! Redirects: followed by us, so that no credential goes where it was not meant for.

use http::HeaderMap;
use http::header::LOCATION;
use url::Url;

use crate::error::{HttpError, HttpErrorKind};
use crate::secret::redacted;

/// Redirects that are followed in one request.
pub(super) const MOST: usize = 5;

/// Where a redirect leads, if it is to be followed.
///
/// With credentials only within the origin (scheme, host and port, RFC 6454); without, anywhere on the
/// web but from `https` to `http`. Userinfo in a `Location` is cut off: it is not ours to send
/// (RFC 9110 §4.2.4), and so is a fragment.
pub(super) fn next(from: &Url, headers: &HeaderMap, credentials: bool) -> Result<Url, HttpError> {
    let location = headers.get(LOCATION).ok_or_else(|| refused("it has no `Location`"))?;
    let location = std::str::from_utf8(location.as_bytes()).ok();
    let to = location.and_then(|location| from.join(location).ok());
    let mut to = to
        .map(|to| with_userinfo(to, "", None))
        .ok_or_else(|| refused("its `Location` is no URL"))?;
    to.set_fragment(None);
    let shown = redacted(to.as_str());
    if !matches!(to.scheme(), "http" | "https") {
        return Err(refused(format!("it leads to `{shown}`, which is not on the web")));
    }
    if credentials && to.origin() != from.origin() {
        return Err(refused(format!(
            "it leads to another origin, `{shown}`, and the request carries credentials; poll that URL itself"
        )));
    }
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(refused(format!("it leads from `https` to `{shown}`")));
    }
    Ok(to)
}

pub(super) fn too_many() -> HttpError {
    refused(format!("more than {MOST} in a row, as in a loop"))
}

/// The URL with this userinfo; a URL that can have none stays as it is.
pub(super) fn with_userinfo(mut url: Url, username: &str, password: Option<&str>) -> Url {
    let _ = url.set_username(username);
    let _ = url.set_password(password);
    url
}

fn refused(why: impl std::fmt::Display) -> HttpError {
    let message = format!("the redirect is not followed: {why}");
    HttpError::new(HttpErrorKind::Redirect, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn follow(from: &str, location: &str, credentials: bool) -> Result<String, String> {
        let headers = [(LOCATION, location.parse().unwrap())].into_iter().collect();
        match next(&Url::parse(from).unwrap(), &headers, credentials) {
            Ok(to) => Ok(to.into()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn a_redirect_is_resolved_against_the_url_that_sent_it() {
        let from = "https://h/a/b?token=SECRET";
        assert_eq!(follow(from, "../c?x=1", true).unwrap(), "https://h/c?x=1");
        assert_eq!(follow(from, "https://h:443/c", true).unwrap(), "https://h/c");
        assert_eq!(follow(from, "#part", true).unwrap(), from);
        assert_eq!(follow(from, "https://other/c", false).unwrap(), "https://other/c");
        assert_eq!(follow(from, "https://u:p@other/c", false).unwrap(), "https://other/c");
    }

    #[test]
    fn credentials_follow_no_redirect_to_another_origin() {
        for to in [
            "https://other/c",
            "//other/c",
            "https://h:8443/c",
            "http://h/c",
            "https://u:p@other/c",
        ] {
            let refused = follow("https://h/a?token=SECRET", to, true).unwrap_err();
            assert!(refused.contains("another origin"), "{to}: {refused}");
            assert!(!refused.contains("SECRET") && !refused.contains("u:p"), "{refused}");
        }
    }

    #[test]
    fn no_redirect_leaves_the_web_or_its_encryption() {
        for to in ["file:///etc/passwd", "http://h/c", "http://["] {
            assert!(follow("https://h/a", to, false).is_err(), "{to}");
        }
    }
}
