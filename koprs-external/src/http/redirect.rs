//! Redirects: followed by us, so that no credential goes where it was not meant for.

use http::Response;
use http::header::LOCATION;
use url::Url;

use super::query;
use crate::error::{HttpError, HttpErrorKind};
use crate::printable::printable;
use crate::secret::{Secret, Show};
use crate::spec::bounds;
use crate::spec::url::is_too_long;

/// What is on its way.
#[derive(Clone, Copy)]
pub(super) struct Road<'a> {
    /// The URL of the endpoint.
    pub(super) url: &'a Url,
    /// It carries credentials; a body counts as one.
    pub(super) credentials: bool,
    /// It is a POST, which 301, 302 and 303 would make a GET of (RFC 9110 §15.4).
    pub(super) keeps_method: bool,
    pub(super) show: Show,
    /// What variables and parameters brought into the URL.
    pub(super) secrets: &'a [Secret],
}

/// Where a redirect leads, if it is to be followed.
///
/// With credentials only within the origin (scheme, host and port, RFC 6454); without, anywhere on the
/// web but from `https` to `http`. A parameter of the endpoint's query that is named like a secret is one as well,
/// and so are a key in its path and what a variable brought, where the redirect repeats what it holds. Userinfo in a `Location` is cut off: it is not ours to send
/// (RFC 9110 §4.2.4), and so is a fragment.
pub(super) fn next<B>(from: &Url, answer: &Response<B>, road: Road<'_>) -> Result<Url, HttpError> {
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
    if is_too_long(&to) {
        return Err(refused(format!("it leads to a URL of more than {} bytes", bounds::URL)));
    }
    let url = road.show.url(&to);
    let shown = printable(&url);
    if !matches!(to.scheme(), "http" | "https") {
        return Err(refused(format!("it leads to `{shown}`, which is not on the web")));
    }
    let carries = road.credentials
        || query::repeats_secret(road.url, &to)
        || query::repeats(road.secrets, &to);
    if carries && to.origin() != from.origin() {
        return Err(refused(format!(
            "it leads to another origin, `{shown}`, and the request carries credentials or a body; poll that URL itself"
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
        let from = Url::parse(from).unwrap();
        let secrets = &[Secret::new("brought-by-a-variable")];
        let road = Road { url: &from, credentials, keeps_method: false, show: Show::Path, secrets };
        match next(&from, &answer, road) {
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
    fn a_parameter_that_is_named_like_a_secret_follows_no_redirect_to_another_origin() {
        let from = "http://h/a?api_key=SECRET%2B&page=2";
        for to in ["https://h/a?api_key=SECRET%2B&page=2", "//other/?x&api%5Fkey=SECRET%2b"] {
            let refused = follow(from, to, false).unwrap_err();
            assert!(refused.contains("another origin") && !refused.contains("SECRET"), "{refused}");
        }
        for to in ["https://h/a?page=2", "//other/?api_key=another", "/b?api_key=SECRET%2B"] {
            assert!(follow(from, to, false).is_ok(), "{to}");
        }
    }

    #[test]
    fn what_such_a_parameter_holds_follows_no_redirect_elsewhere_in_its_url() {
        let from = "http://h/a?api_key=SEC-RET-SECRET%2B&page=2";
        for to in [
            "//other/?a=SEC-RET-SECRET%2B",
            "//login/?to=http%3A%2F%2Fh%2Fa%3Fapi_key%3DSEC-RET-SECRET%252B",
            "//other/x/SEC-RET-SECRET%2b/a",
        ] {
            let refused = follow(from, to, false).unwrap_err();
            assert!(refused.contains("another origin"), "{to}: {refused}");
        }
        assert!(follow(from, "//other/?page=2", false).is_ok());
        assert!(follow(from, "/b?a=SEC-RET-SECRET%2B", false).is_ok());
    }

    #[test]
    fn a_key_in_the_path_and_what_a_variable_brought_follow_no_redirect_to_another_origin() {
        for (from, to) in [
            ("https://h/hooks/n1vWq7Xw9Kp3Lm5/x", "https://other/hooks/n1vWq7Xw9Kp3Lm5/x"),
            ("https://h/brought-by-a-variable/x", "https://other/?a=brought-by-a%2Dvariable"),
        ] {
            let refused = follow(from, to, false).unwrap_err();
            assert!(refused.contains("another origin"), "{to}: {refused}");
            assert!(follow(from, &to.replace("other", "h"), false).is_ok());
        }
        let digest = "blobs/sha256:9f86d081884c7d659a2feaa0c55ad015";
        let uuid = "projects/3f2c9a7b-1c2d-4e5f-8a9b-0c1d2e3f4a5b";
        for path in [digest, uuid, "releases/download/v1.2.3/archive.json"] {
            let from = format!("https://h/{path}");
            assert!(follow(&from, &format!("https://cdn/{path}"), false).is_ok(), "{path}");
        }
    }

    #[test]
    fn a_post_stays_a_post() {
        let from = Url::parse("https://h/a").unwrap();
        let road = Road {
            url: &from,
            credentials: true,
            keeps_method: true,
            show: Show::Path,
            secrets: &[],
        };
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
