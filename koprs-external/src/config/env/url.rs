//! A URL with variables, as it can be shown.

use std::borrow::Cow;

use super::Part;
use crate::secret::{HIDDEN, Secret, masked_path, masked_query};

/// A URL as it is written, without secrets in its query and without the defaults of its variables. Nothing, where what is
/// written may belong to userinfo, or to a query that a variable begins.
pub(super) fn shown(parts: &[Part<'_>], values: &[Cow<'_, str>]) -> Option<String> {
    let brought = parts.iter().zip(values).filter(|(part, _)| part.name().is_some());
    let begins = |c: char| ['?', '#', '@', '\\'].contains(&c) || c.is_control();
    let written: String = parts.iter().map(written).collect();
    let unclear = |c: char| ['@', '\\'].contains(&c) || c.is_control();
    if brought.into_iter().any(|(_, value)| value.contains(begins)) || written.contains(unclear) {
        return None;
    }
    let written = written.split('#').next().unwrap_or_default();
    Some(match written.split_once('?') {
        Some((url, query)) => {
            let url = masked_path(url);
            format!("{url}?{}", query.split('&').map(pair).collect::<Vec<_>>().join("&"))
        }
        None => masked_path(written),
    })
}

/// What variables brought of what is behind the host: all of a value that reaches there but for an origin before it.
pub(super) fn behind_host(parts: &[Part<'_>], values: &[Cow<'_, str>]) -> Vec<Secret> {
    let url: String = values.iter().map(AsRef::as_ref).collect();
    let host = url.find("://").map_or(0, |at| at + "://".len());
    let ends = |c: char| ['/', '?', '#', '\\'].contains(&c);
    let path = url.get(host..).and_then(|rest| rest.find(ends)).map_or(url.len(), |at| host + at);
    let ends = values.iter().scan(0, |end, value| {
        *end += value.len();
        Some(*end)
    });
    let brought = parts.iter().zip(values).zip(ends).filter(|((part, _), _)| part.name().is_some());
    let behind = brought.filter_map(|((_, value), end)| {
        // A `/` that ends the host with its variable says nothing.
        let reaches = end.checked_sub(path).filter(|reaches| *reaches > 1)?;
        let begins = value.len().saturating_sub(reaches);
        value.get(begins..).map(|value| Secret::new(value.trim_matches('/')))
    });
    behind.collect()
}

fn written(part: &Part<'_>) -> String {
    match part {
        Part::Text(text) => (*text).to_owned(),
        Part::Variable { name, .. } => format!("${{{}}}", super::shown(name)),
    }
}

/// A parameter, masked where a variable is part of it or it looks like a secret.
fn pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) if name.contains('$') => HIDDEN.to_owned(),
        Some((name, value)) if value.contains('$') => format!("{name}={HIDDEN}"),
        _ => masked_query(pair, |_| false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_in_the_path_when_it_reaches_behind_the_host() {
        let a = |value: &'static str| (Part::Variable { name: "A", default: None }, value);
        let text = |text: &'static str| (Part::Text(text), text);
        let cases = [
            (vec![text("https://h/"), a("s3cr3t"), text("/x")], true),
            (vec![text("https://h/x?k="), a("s3cr3t")], true),
            (vec![a("https://h/s3cr3t")], true),
            (vec![text("https://"), a("h/s3cr3t"), text("/x")], true),
            (vec![a("https://h"), text("/x")], false),
            (vec![a("https://h/"), text("x")], false),
            (vec![text("https://"), a("h"), text("/x")], false),
            (vec![text("https://h:"), a("80"), text("/x")], false),
            (vec![text("https://"), a("h")], false),
            (vec![text("https://h/x")], false),
        ];
        for (parts, expected) in cases {
            let (parts, values): (Vec<_>, Vec<_>) =
                parts.into_iter().map(|(part, value)| (part, Cow::Borrowed(value))).unzip();
            let behind = behind_host(&parts, &values);
            assert_eq!(!behind.is_empty(), expected, "{parts:?}");
            assert!(behind.iter().all(|it| it.expose() == "s3cr3t"), "{parts:?}");
        }
    }

    #[test]
    fn of_a_url_only_what_variables_bring_and_the_query_is_hidden() {
        let a =
            |value: &'static str| (Part::Variable { name: "A", default: Some("s3cr3t") }, value);
        let text = |text: &'static str| (Part::Text(text), text);
        let host = "https://api.example.com/";
        let cases = [
            (vec![text(host), a("s3cr3t"), text("/x")], Some("https://api.example.com/${A}/x")),
            (
                vec![a("https://s3cr3t"), text("/x?key=s3cr3t&page=2#s3cr3t")],
                Some("${A}/x?key=***&page=2"),
            ),
            (
                vec![text(host), text("?k="), a("s3cr3t"), text("s3cr3t&b=1")],
                Some("https://api.example.com/?k=***&b=1"),
            ),
            (
                vec![text(host), text("?"), a("k="), text("s3cr3t=1")],
                Some("https://api.example.com/?***"),
            ),
            (vec![text(host), a("x?k="), text("s3cr3t")], None),
            (vec![text("https://"), a("u"), text(":s3cr3t@h/x")], None),
            (vec![text("https://s3cr3t"), a("@h/x")], None),
        ];
        for (parts, expected) in cases {
            let (parts, values): (Vec<_>, Vec<_>) =
                parts.into_iter().map(|(part, value)| (part, Cow::Borrowed(value))).unzip();
            assert_eq!(shown(&parts, &values).as_deref(), expected, "{parts:?}");
        }
    }
}
