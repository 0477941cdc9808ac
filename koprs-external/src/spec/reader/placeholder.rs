//! What stands in braces in a URL.

use crate::secret::redacted;
use crate::spec::Invalid;
use crate::spec::quote::{Content, is_visible};

/// What is wrong with a URL that has a placeholder: a file has no parameters.
pub(super) fn find(url: &str) -> Option<Invalid> {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    // Beside the path, what stands in braces may be a secret.
    let public = redacted(url);
    let mut braces = url.match_indices('{').filter_map(|(open, _)| {
        let (before, rest) = url.split_at(open);
        let rest = rest.strip_prefix('{')?;
        let (name, behind) = rest.split_at(rest.find(|c| !word(c)).unwrap_or(rest.len()));
        if name.is_empty() || !behind.starts_with('}') {
            return None;
        }
        let is_public = public.contains(&format!("{{{name}}}")) && is_visible(Content::Name, name);
        let shown = if is_public { name } else { "…" };
        Some((before.ends_with('$'), shown))
    });
    let host = public.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let (message, help) = match braces.next() {
        None if host.is_some_and(|host| host.contains('$')) => (
            "the host has a `$`, and nothing is expanded".to_owned(),
            "write the host out, or have the file filled in before it is read",
        ),
        None => return None,
        Some((true, name)) => (
            format!("`${{{name}}}` is not expanded"),
            "read the file with `--env`, in Rust with `WatcherSet::loader().env()`, or write the URL out",
        ),
        Some((false, name)) => (
            format!("`{{{name}}}` is a placeholder, and a file has no parameters"),
            "write the URL out, or declare the watcher in Rust; a brace is `%7B`",
        ),
    };
    Some(Invalid::new("", "placeholder", message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_placeholder_is_found_and_other_braces_are_not() {
        let cases = [
            ("https://{region}.example.com/x", Some("`{region}`")),
            ("https://h/${PATH}", Some("`${PATH}` is not expanded")),
            ("https://h/{}/{x}", Some("`{x}`")),
            ("https://u:{s3cr3t}@h/", Some("`{…}`")),
            ("https://h?k=${s3cr3t}", Some("`${…}`")),
            ("https://h/{", None),
            ("https://h/{}", None),
            ("https://h/{a b}", None),
            ("https://h/x", None),
        ];
        for (url, name) in cases {
            let message = find(url).map(|invalid| invalid.message);
            assert_eq!(message.is_some(), name.is_some(), "{url}");
            assert!(message.unwrap_or_default().contains(name.unwrap_or_default()), "{url}");
        }
    }
}
