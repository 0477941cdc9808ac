//! `http.url` and `http.query`: what is polled.

use url::Url;

use super::quote::{Content, is_visible, quoted};
use super::{Invalid, bounds, meant, too_long};

/// Whether a URL has more bytes than one may have.
pub(crate) fn is_too_long(url: &Url) -> bool {
    url.as_str().len() > bounds::URL
}

/// The URL, unless it has more bytes than one may have: what is escaped in it takes three bytes.
fn fits(setting: &str, url: Url) -> Result<Url, Invalid> {
    if is_too_long(&url) { Err(too_long(setting, bounds::URL)) } else { Ok(url) }
}

/// Reads an absolute `http` or `https` URL.
///
/// `Url` mends much: it cuts white space, drops line breaks and tabs, takes `\` for `/` and any number
/// of slashes for two. What is written here is what is meant, so that a placeholder stands where it
/// seems to.
pub(crate) fn check(setting: &str, text: &str) -> Result<Url, Invalid> {
    let invalid = |message: String| Invalid::new(setting, "bad-url", message);
    if let Some((has, help)) = misspelt(text) {
        return Err(invalid(format!("the URL has {has}")).help(help));
    }
    let refused = |why: String| {
        invalid(format!("{} {why}", quoted(Content::Url, text))).help(meant::url(setting, text))
    };
    let url = Url::parse(text).map_err(|error| refused(format!("is not a URL: {error}")))?;
    if !url.cannot_be_a_base() && !matches!(url.scheme(), "http" | "https") {
        let scheme = url.scheme();
        return Err(refused(match is_visible(Content::Name, scheme) {
            true => format!("has the scheme `{scheme}`, not `http` or `https`"),
            false => "has another scheme than `http` or `https`".to_owned(),
        }));
    }
    if url.host_str().is_some_and(|host| host.contains('$')) {
        return Err(refused("has a `$` in its host".to_owned()));
    }
    match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(url.scheme()) => {
            if rest.starts_with('/') {
                return Err(refused("is not a URL: empty host".to_owned()));
            }
            fits(setting, without_braces(url))
        }
        _ => Err(refused("begins with neither `http://` nor `https://`".to_owned())),
    }
}

/// Escapes the braces of a query and a fragment, which `Url` leaves as they are, and those of a path it does not.
/// A file has them so: there, another one would be a placeholder.
fn without_braces(mut url: Url) -> Url {
    let escaped = |part: &str| part.replace('{', "%7B").replace('}', "%7D");
    let (query, fragment) = (url.query().map(escaped), url.fragment().map(escaped));
    url.set_query(query.as_deref());
    url.set_fragment(fragment.as_deref());
    url
}

/// What a URL may not have, and what to do.
pub(super) fn misspelt(text: &str) -> Option<(&'static str, &'static str)> {
    if text.trim() != text {
        Some(("white space around it", "cut it off"))
    } else if text.contains(char::is_control) {
        Some(("a control character", "a line break in a string is a common cause"))
    } else if text.contains('\\') {
        Some(("a `\\`", "write `/`"))
    } else {
        None
    }
}

/// Reads the URL of a scheme, a host and a port, and of nothing else.
pub(super) fn origin(setting: &str, text: &str) -> Result<Url, Invalid> {
    let url = check(setting, text)?;
    if url.as_str().strip_suffix('/') == Some(&url.origin().ascii_serialization()) {
        return Ok(url);
    }
    let origin = url.origin().ascii_serialization();
    let message = format!("{} is more than an origin", quoted(Content::Url, text));
    let origin = quoted(Content::Url, &origin);
    Err(Invalid::new(setting, "bad-url", message)
        .help(format!("write the scheme and the host alone: {origin}")))
}

/// A URL with more in its query.
pub(super) fn with_query<'a>(
    mut url: Url,
    query: impl ExactSizeIterator<Item = (&'a str, &'a str)>,
) -> Result<Url, Invalid> {
    if query.len() == 0 {
        return Ok(url);
    }
    url.query_pairs_mut().extend_pairs(query);
    fits("http.query", url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_would_be_mended_is_refused() {
        let neither = "begins with neither `http://` nor `https://`";
        let cases = [
            ("https://h.example/a", ""),
            ("HTTPS://h.example/a", ""),
            ("http://h/a?to=https://x//y", ""),
            ("https:/h.example/a", neither),
            ("https:h.example/a", neither),
            ("http:h://x", neither),
            ("https:///h.example/a", "empty host"),
            ("https://h.example\\a", "the URL has a `\\`"),
            ("https:\\\\h.example/a", "the URL has a `\\`"),
            ("https://h.example/a\tb", "the URL has a control character"),
            ("htt\nps://h.example/a", "the URL has a control character"),
            (" https://h.example/a", "the URL has white space around it"),
            ("https://h.example/a\n", "the URL has white space around it"),
            ("mailto:a@b", neither),
            ("localhost:80/x", neither),
            ("ws://h/x", "has the scheme `ws`"),
        ];
        for (url, why) in cases {
            let message =
                check("http.url", url).err().map(|invalid| invalid.message).unwrap_or_default();
            assert_eq!(message.is_empty(), why.is_empty(), "{url}");
            assert!(message.contains(why), "{url}: {message}");
        }
    }

    #[test]
    fn a_brace_is_escaped_wherever_it_stands() {
        let cases = [
            ("https://h/{a}?b={c}&{d#{e}", "https://h/%7Ba%7D?b=%7Bc%7D&%7Bd#%7Be%7D"),
            ("https://h/%7b?%7b=%&ü#%7b", "https://h/%7b?%7b=%&%C3%BC#%7b"),
            ("https://h/?", "https://h/?"),
            ("https://h/#", "https://h/#"),
        ];
        for (text, url) in cases {
            assert_eq!(check("http.url", text).unwrap().as_str(), url);
        }
    }

    #[test]
    fn an_origin_is_a_scheme_and_a_host() {
        let cases = [
            ("https://cdn.example.com", true),
            ("https://cdn.example.com/", true),
            ("http://cdn.example.com:8080", true),
            ("https://cdn.example.com:443", true),
            ("https://[::1]", true),
            ("https://cdn.example.com/x", false),
            ("https://cdn.example.com/?s3cr3t", false),
            ("https://cdn.example.com/#s3cr3t", false),
            ("https://u:s3cr3t@cdn.example.com", false),
            ("cdn.example.com", false),
        ];
        for (url, good) in cases {
            let refused = origin("http.pages.origins", url).err();
            assert_eq!(refused.is_none(), good, "{url}");
            assert!(!format!("{refused:?}").contains("s3cr3t"), "{refused:?}");
        }
    }
}
