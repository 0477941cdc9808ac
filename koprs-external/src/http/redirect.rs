//! Redirects: followed by us, so that no credential goes where it was not meant for.

use http::Response;
use http::header::LOCATION;
use url::Url;

use crate::error::{HttpError, HttpErrorKind};
use crate::secret::Show;

/// What is on its way.
#[derive(Clone, Copy)]
pub(super) struct Road {
    /// It carries credentials.
    pub(super) credentials: bool,
    /// It is a POST, which 301, 302 and 303 would make a GET of (RFC 9110 §15.4).
    pub(super) keeps_method: bool,
    pub(super) show: Show,
}

/// Where a redirect leads, if it is to be followed.
///
/// With credentials only within the origin (scheme, host and port, RFC 6454); without, anywhere on the
/// web but from `https` to `http`. Userinfo in a `Location` is cut off: it is not ours to send
/// (RFC 9110 §4.2.4), and so is a fragment.
pub(super) fn next<B>(from: &Url, answer: &Response<B>, road: Road) -> Result<Url, HttpError> {
    if road.keeps_method && !matches!(answer.status().as_u16(), 307 | 308) {
        return Err(refused("it would make a GET of the POST; ask at that URL itself"));
    }
    let location = answer.headers().get(LOCATION).ok_or_else(|| refused("it has no `Location`"))?;
    let location = std::str::from_utf8(location.as_bytes()).ok();
    let to = location.and_then(|location| from.join(location).ok());
    let mut to = to
        .map(|to| with_userinfo(to, "", None))
        .ok_or_else(|| refused("its `Location` is no URL"))?;
    to.set_fragment(None);
    let shown = road.show.url(&to);
    if !matches!(to.scheme(), "http" | "https") {
        return Err(refused(format!("it leads to `{shown}`, which is not on the web")));
    }
    if road.credentials && to.origin() != from.origin() {
        return Err(refused(format!(
            "it leads to another origin, `{shown}`, and the request carries credentials; poll that URL itself"
        )));
    }
    if from.scheme() == "https" && to.scheme() == "http" {
        return Err(refused(format!("it leads from `https` to `{shown}`")));
    }
    Ok(to)
}

pub(super) fn too_many(limit: u32) -> HttpError {
    refused(format!("more than `redirect_limit`, {limit}, in a row, as in a loop"))
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
        let answer = Response::builder().status(302).header(LOCATION, location).body(()).unwrap();
        let road = Road { credentials, keeps_method: false, show: Show::Path };
        match next(&Url::parse(from).unwrap(), &answer, road) {
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
    fn a_post_stays_a_post() {
        let from = Url::parse("https://h/a").unwrap();
        let road = Road { credentials: true, keeps_method: true, show: Show::Path };
        for (status, followed) in
            [(301, false), (302, false), (303, false), (307, true), (308, true)]
        {
            let answer =
                Response::builder().status(status).header(LOCATION, "/b").body(()).unwrap();
            assert_eq!(next(&from, &answer, road).is_ok(), followed, "{status}");
        }
    }

    #[test]
    fn no_redirect_leaves_the_web_or_its_encryption() {
        for to in ["file:///etc/passwd", "http://h/c", "http://["] {
            assert!(follow("https://h/a", to, false).is_err(), "{to}");
        }
    }
}
