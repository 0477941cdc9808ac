//! `http.url`: absolute, `http` or `https`, with placeholders after the scheme.

use syn::LitStr;
use url::Url;

use super::bounds;
use crate::errors::mistake;
use crate::meant;
use crate::template::{Piece, Template};

/// Checks the URL, and returns it with stand-ins for its placeholders.
pub(super) fn check(setting: &str, template: &Template) -> syn::Result<Url> {
    let written = template.written.value();
    let refused = |why: String| {
        mistake(
            &template.written,
            format!("`{}` {why}", redacted(&written)),
            meant::url(setting, &written),
        )
    };
    no_structure(template)?;
    if template.filled(|_| "").len() > bounds::URL {
        return Err(mistake(&template.written, "`url` is longer than `8KiB`", "shorten it"));
    }
    let filled = template.filled(stand_in);
    if let Some((has, help)) = misspelt(&filled) {
        return Err(mistake(&template.written, format!("the URL has {has}"), help));
    }
    let url = Url::parse(&filled).map_err(|error| refused(format!("is not a URL: {error}")))?;
    if !url.cannot_be_a_base() && !matches!(url.scheme(), "http" | "https") {
        return Err(refused(format!("has the scheme `{}`, not `http` or `https`", url.scheme())));
    }
    if url.host_str().is_some_and(|host| host.contains('$')) {
        return Err(refused("has a `$` in its host".to_owned()));
    }
    match filled.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case(url.scheme()) => {
            if rest.starts_with('/') {
                return Err(refused("is not a URL: empty host".to_owned()));
            }
            Ok(url)
        }
        _ => Err(refused("begins with neither `http://` nor `https://`".to_owned())),
    }
}

/// Refuses a placeholder that would be more than what stands in a place of its own.
pub(super) fn no_structure(template: &Template) -> syn::Result<()> {
    if let Some(name) = in_scheme(template) {
        let shown = redacted(&template.written.value());
        return Err(mistake(
            &template.written,
            format!("`{shown}` has the placeholder `{{{name}}}` in its scheme"),
            "write the scheme out, as `https://{host}/v1/flags`",
        ));
    }
    if let Some(name) = in_escape(template) {
        return Err(mistake(
            &template.written,
            format!("the parameter `{name}` stands in a percent escape"),
            "write `%25` for a percent sign",
        ));
    }
    Ok(())
}

/// Checks the URL of a scheme, a host and a port, and of nothing else.
pub(super) fn origin(written: &LitStr) -> syn::Result<String> {
    let template = Template::verbatim(written);
    let url = check("http.pages.origins", &template)?;
    let origin = url.origin().ascii_serialization();
    if url.as_str().strip_suffix('/') == Some(&origin) {
        return Ok(written.value());
    }
    let message = format!("`{}` is more than an origin", redacted(&written.value()));
    Err(mistake(written, message, format!("write the scheme and the host alone: `{origin}`")))
}

/// Checks the URL of a token endpoint.
pub(super) fn token_url(template: &Template) -> syn::Result<()> {
    let url = check("http.auth.oauth2.token_url", template)?;
    if url.username().is_empty() && url.password().is_none() {
        return Ok(());
    }
    let help = "write `client_id` and `client_secret`";
    Err(mistake(&template.written, "the URL of the tokens has userinfo", help))
}

/// What a URL may not have, since `Url` would mend it and a placeholder would stand elsewhere than it
/// seems to; and what to do.
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

/// The placeholder behind `%` or `%2`, which its value would complete.
fn in_escape(template: &Template) -> Option<&str> {
    let mut before = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => before.push_str(text),
            Piece::Param(name) if half_escaped(&before) => return Some(name),
            Piece::Param(_) => before.clear(),
        }
    }
    None
}

fn half_escaped(before: &str) -> bool {
    before.rsplit_once('%').is_some_and(|(_, digits)| digits.len() < 2)
}

/// The placeholder before `://`.
fn in_scheme(template: &Template) -> Option<&str> {
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) if text.contains(':') || text.contains('/') => return None,
            Piece::Text(_) => {}
            Piece::Param(name) => return Some(name),
        }
    }
    None
}

/// A digit where a port stands, else a letter.
pub(super) fn stand_in(filled: &str) -> &'static str {
    let authority = filled.split_once("://").map_or("", |(_, rest)| rest);
    let host = authority.rsplit('@').next().unwrap_or_default();
    let port = host.contains(':') && !host.contains(['/', '?', '#', '[']) || host.contains("]:");
    if port { "1" } else { "x" }
}

/// The part of a URL that may be shown: no userinfo, no query, no fragment. It works on text, so that a
/// URL that does not parse can be shown too.
pub(super) fn redacted(url: &str) -> String {
    let shown = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = match shown.split_once("//") {
        Some((scheme, rest)) => (format!("{scheme}//"), rest),
        None => (String::new(), shown),
    };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}{host}{path}")
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;
    use syn::LitStr;

    use super::*;

    fn refusal(url: &str) -> Option<String> {
        let template = Template::read(&LitStr::new(url, Span::call_site())).ok()?;
        check("http.url", &template).err().map(|error| error.to_string())
    }

    #[test]
    fn a_url_with_placeholders_behind_its_scheme_is_accepted() {
        let urls = [
            "https://h",
            "http://127.0.0.1:{port}/v1/{id}",
            "https://{region}.example.com/{a}{b}?q={c}#{d}",
            "https://{host}:{port}/{path}",
            "https://[::1]:{port}/x",
            "https://u:{password}@h/x",
            "http://10.0.0.{n}/x",
            "https://api.{zone}/x",
            "https://h:80{n}/",
            "https://h/{{x}}",
            "HTTPS://h/%20{x}",
            "https://{user}:{password}@h/{x}{y}",
        ];
        for url in urls {
            assert_eq!(refusal(url), None, "{url}");
        }
    }

    #[test]
    fn a_url_in_which_a_placeholder_would_be_structure_is_refused() {
        let neither = "begins with neither `http://` nor `https://`";
        let cases = [
            ("https:/h/a/{p}/b", neither),
            ("https:h/a/{p}/b", neither),
            ("https:{h}/a", neither),
            ("https:///{h}/a", "empty host"),
            ("https:///h/{p}", "empty host"),
            ("https://h\\{p}\\b", "the URL has a `\\`"),
            ("https://h/{p}\t/b", "the URL has a control character"),
            (" https://h/{p}", "the URL has white space around it"),
            ("https://h/{p}\n", "the URL has white space around it"),
            ("{scheme}://h", "has the placeholder `{scheme}` in its scheme"),
            ("https://h/%{p}/b", "the parameter `p` stands in a percent escape"),
            ("https://h/%2{p}/b", "the parameter `p` stands in a percent escape"),
            ("https://h/{a}%{p}{b}", "the parameter `p` stands in a percent escape"),
            ("https://h:{port}x/", "invalid port number"),
            ("https://h:x{port}/", "invalid port number"),
        ];
        for (url, why) in cases {
            let refused = refusal(url).unwrap_or_default();
            assert!(refused.contains(why), "{url}: {refused}");
        }
    }

    #[test]
    fn a_refused_url_is_shown_without_userinfo_and_query() {
        let urls = [
            "u:SECRET@h/x?token=SECRET",
            "ftp://u:SECRET@h/x?token=SECRET",
            "https://u:SECRET@h:99999/x?token=SECRET#SECRET",
            "/x?token=SECRET",
            "{base}/x?token=SECRET",
        ];
        for url in urls {
            let refused = refusal(url).unwrap_or_default();
            assert!(refused.starts_with('`') && !refused.contains("SECRET"), "{url}: {refused}");
        }
    }
}
