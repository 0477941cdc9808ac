//! Placeholders: `{name}` in a URL, a query value, a header or a body, filled with the arguments of `source`.
//!
//! A value is percent-encoded for the place it stands in (RFC 3986 §2.1), so that it can never become
//! structure: no other path, no other parameter, no other host. `{{` and `}}` are braces; a body, where there
//! are many, has a rule of its own. No error shows a value, which may be a secret.

use std::cell::RefCell;
use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::de::IgnoredAny;

use super::Invalid;
use crate::secret::Secret;

/// All but the unreserved characters of RFC 3986 §2.3.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The arguments of a declaration, by name.
#[derive(Clone, Default)]
pub struct Params {
    arguments: Vec<(&'static str, String)>,
    /// Those that may not be shown, because they stand elsewhere than in a host.
    hidden: RefCell<Vec<Secret>>,
}

impl Params {
    /// No arguments.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more argument, as its `Display` shows it.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Display) -> Self {
        self.arguments.push((name, value.to_string()));
        self
    }

    /// The values that were filled in elsewhere than in a host.
    pub(crate) fn hidden(&self) -> Vec<Secret> {
        self.hidden.borrow().clone()
    }

    fn hide(&self, value: &str) {
        let secret = Secret::new(value);
        let mut hidden = self.hidden.borrow_mut();
        if !hidden.contains(&secret) {
            hidden.push(secret);
        }
    }

    /// Fills the URL of a setting.
    ///
    /// # Errors
    ///
    /// When a value cannot stand in its place: a host that is none, an empty or dotted path segment.
    pub fn url(&self, setting: &str, template: &str) -> Result<String, Invalid> {
        self.fill(setting, pieces(template), |filled, value, rest| {
            let place = place(filled, rest);
            if matches!(place, Place::Path | Place::Userinfo | Place::Query) {
                self.hide(value);
            }
            match place {
                Place::Escape => Err("stands in a percent escape".to_owned()),
                Place::Host => host(value),
                Place::Port => port(value),
                Place::Path => path(value),
                Place::Userinfo | Place::Query => Ok(encoded(value)),
            }
        })
    }

    /// Fills a text that is encoded, or checked, by who takes it: a query value, a header.
    ///
    /// # Errors
    ///
    /// When the template names an argument that there is not.
    pub fn text(&self, setting: &str, template: &str) -> Result<String, Invalid> {
        self.fill(setting, pieces(template), |_, value, _| Ok(self.hidden_text(value)))
    }

    /// Fills a body that is text, in which only `{name}` is a placeholder.
    ///
    /// # Errors
    ///
    /// When the template names an argument that there is not.
    pub fn body_text(&self, setting: &str, template: &str) -> Result<String, Invalid> {
        self.fill(setting, body_pieces(template), |_, value, _| Ok(self.hidden_text(value)))
    }

    /// Fills a body that is JSON, in which only `{name}` is a placeholder: within a string with what the
    /// string then holds, elsewhere with a number, `true`, `false` or `null`, or else a string.
    ///
    /// # Errors
    ///
    /// When the template names an argument that there is not.
    pub fn json(&self, setting: &str, template: &str) -> Result<String, Invalid> {
        self.fill(setting, body_pieces(template), |filled, value, _| {
            self.hide(value);
            let quoted = serde_json::Value::from(value).to_string();
            Ok(if in_string(filled) {
                let inner = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
                inner.unwrap_or_default().to_owned()
            } else if is_scalar(value) {
                value.to_owned()
            } else {
                quoted
            })
        })
    }

    fn hidden_text(&self, value: &str) -> String {
        self.hide(value);
        value.to_owned()
    }

    fn fill(
        &self,
        setting: &str,
        pieces: Vec<Piece<'_>>,
        encode: impl Fn(&str, &str, &str) -> Result<String, String>,
    ) -> Result<String, Invalid> {
        let refuse = |why: String| Invalid::new(setting, "bad-parameter", why);
        let mut filled = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Param(name, rest) => {
                    let found = self.arguments.iter().find(|(known, _)| *known == name);
                    let (_, value) =
                        found.ok_or_else(|| refuse(format!("there is no parameter `{name}`")))?;
                    let value = encode(&filled, value, rest)
                        .map_err(|why| refuse(format!("the parameter `{name}` {why}")))?;
                    filled.push_str(&value);
                }
            }
        }
        Ok(filled)
    }
}

enum Piece<'a> {
    Text(&'a str),
    /// A name, and the template behind it.
    Param(&'a str, &'a str),
}

/// Cuts a template. A brace that opens nothing is text.
fn pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = split_at_brace(rest) {
        pieces.push(Piece::Text(text));
        let (piece, next) = if let Some(next) = after.strip_prefix("{{") {
            (Piece::Text("{"), next)
        } else if let Some(next) = after.strip_prefix("}}") {
            (Piece::Text("}"), next)
        } else {
            match after.strip_prefix('{').and_then(|open| open.split_once('}')) {
                Some((name, next)) => (Piece::Param(name, next), next),
                None => {
                    let (brace, next) = after.split_at(1);
                    (Piece::Text(brace), next)
                }
            }
        };
        pieces.push(piece);
        rest = next;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// Cuts the template of a body, which may be full of braces: `{name}` is a placeholder, `{{name}}` the text
/// `{name}`, and every other brace is text.
fn body_pieces(template: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = template;
    while let Some((text, after)) = rest.find('{').map(|at| rest.split_at(at)) {
        pieces.push(Piece::Text(text));
        let (piece, next) = body_brace(after);
        pieces.push(piece);
        rest = next;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// What begins with a brace, and what stands behind it.
fn body_brace(text: &str) -> (Piece<'_>, &str) {
    fn named<'a>(text: &'a str, open: &str, close: &str) -> Option<(&'a str, &'a str)> {
        let (name, next) = text.strip_prefix(open)?.split_once(close)?;
        is_name(name).then_some((name, next))
    }
    if let Some((name, next)) = named(text, "{{", "}}") {
        // `{name}` is within `{{name}}`.
        return (Piece::Text(text.get(1..name.len() + 3).unwrap_or_default()), next);
    }
    match named(text, "{", "}") {
        Some((name, next)) => (Piece::Param(name, next), next),
        None => {
            let (brace, next) = text.split_at(1);
            (Piece::Text(brace), next)
        }
    }
}

fn is_name(text: &str) -> bool {
    let inner = |c: char| c == '_' || c.is_alphanumeric();
    text.chars().all(inner) && !text.is_empty() && !text.starts_with(char::is_numeric)
}

/// Whether a JSON text so far ends within a string.
fn in_string(json: &str) -> bool {
    let (mut within, mut escaped) = (false, false);
    for c in json.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if within => escaped = true,
            '"' => within = !within,
            _ => {}
        }
    }
    within
}

/// Whether a text is a JSON number, `true`, `false` or `null`.
fn is_scalar(text: &str) -> bool {
    let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_digit());
    matches!(text, "true" | "false" | "null")
        || (number && serde_json::from_str::<IgnoredAny>(text).is_ok())
}

fn split_at_brace(text: &str) -> Option<(&str, &str)> {
    text.find(['{', '}']).map(|at| text.split_at(at))
}

enum Place {
    /// Behind `%` or `%2`: the value would complete it.
    Escape,
    Userinfo,
    Host,
    Port,
    Path,
    Query,
}

/// What stands in a URL between the text so far and the rest of the template.
fn place(filled: &str, rest: &str) -> Place {
    let authority = filled.split_once("://").map_or("", |(_, authority)| authority);
    let host = authority.rsplit('@').next().unwrap_or_default();
    if filled.rsplit_once('%').is_some_and(|(_, digits)| digits.len() < 2) {
        Place::Escape
    } else if filled.contains(['?', '#']) {
        Place::Query
    } else if authority.contains('/') {
        Place::Path
    } else if rest.split(['/', '?', '#']).next().is_some_and(|rest| rest.contains('@')) {
        Place::Userinfo
    } else if host.rsplit(']').next().is_some_and(|behind| behind.contains(':')) {
        Place::Port
    } else {
        Place::Host
    }
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, RESERVED).to_string()
}

fn host(value: &str) -> Result<String, String> {
    let label = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let why = match value {
        "" => "is empty",
        _ if value.chars().all(label) => return Ok(value.to_owned()),
        _ => "has other characters than letters, digits, `-` and `.`",
    };
    Err(format!("cannot stand in a host: it {why}"))
}

fn port(value: &str) -> Result<String, String> {
    let digits = value.chars().all(|c| c.is_ascii_digit());
    if digits && value.parse::<u16>().is_ok() {
        return Ok(value.to_owned());
    }
    Err("cannot stand for a port: it is no number up to 65535".to_owned())
}

fn path(value: &str) -> Result<String, String> {
    match value {
        "" => Err("is empty, which would name another path".to_owned()),
        "." | ".." => Err("is `.` or `..`, which would name another path".to_owned()),
        _ => Ok(encoded(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_encoded_for_the_place_it_stands_in() {
        let params = Params::new().with("r", "eu-west").with("v", "a/b?c=d&e#ü {}").with("n", 7);
        let cases = [
            ("https://{r}.example.com/x", "https://eu-west.example.com/x"),
            ("https://h/{v}/x", "https://h/a%2Fb%3Fc%3Dd%26e%23%C3%BC%20%7B%7D/x"),
            ("https://h/x?q={v}", "https://h/x?q=a%2Fb%3Fc%3Dd%26e%23%C3%BC%20%7B%7D"),
            ("https://h/{n}?n={n}#{n}", "https://h/7?n=7#7"),
            ("https://h/{{x}}", "https://h/{x}"),
            ("https://h/}/{n}/{n", "https://h/}/7/{n"),
            ("https://h/%20{n}", "https://h/%207"),
            ("https://u:{v}@h/x", "https://u:a%2Fb%3Fc%3Dd%26e%23%C3%BC%20%7B%7D@h/x"),
            (
                "https://{r}:{v}@{r}:{n}/@",
                "https://eu-west:a%2Fb%3Fc%3Dd%26e%23%C3%BC%20%7B%7D@eu-west:7/@",
            ),
            ("https://[::1]:{n}/x", "https://[::1]:7/x"),
        ];
        for (template, filled) in cases {
            assert_eq!(params.url("http.url", template).as_deref(), Ok(filled), "{template}");
        }
    }

    #[test]
    fn a_value_never_becomes_structure_and_is_never_shown() {
        let cases = [
            ("https://{v}/x", "evil.example/SECRET", "other characters"),
            ("https://{v}/x", "user@SECRET", "other characters"),
            ("https://{v}.example.com/x", "", "cannot stand in a host: it is empty"),
            ("https://{v}/x", "h:80", "other characters"),
            ("https://h:{v}/x", "80@SECRET", "cannot stand for a port"),
            ("https://h:{v}/x", "+80", "cannot stand for a port"),
            ("https://h:{v}/x", "", "cannot stand for a port"),
            ("https://[::1]:{v}/x", "SECRET", "cannot stand for a port"),
            ("https://u:p@{v}/x", "SECRET$", "cannot stand in a host"),
            ("https://h/{v}", ".", "is `.` or `..`"),
            ("https://h/{v}", "..", "is `.` or `..`"),
            ("https://h/{v}/x", "", "is empty"),
            ("https://h/%2{v}/x", "e.", "stands in a percent escape"),
            ("https://h/%{v}/x", "2e.", "stands in a percent escape"),
            ("https://h/x?a=%{v}", "26b", "stands in a percent escape"),
        ];
        for (template, value, why) in cases {
            let refused = Params::new().with("v", value).url("http.url", template).unwrap_err();
            assert_eq!(refused.code, "bad-parameter", "{template} {value}");
            assert!(refused.message.contains(why), "{template} {value}: {refused}");
            assert!(!refused.to_string().contains("SECRET"), "{refused}");
        }
    }

    #[test]
    fn a_text_is_filled_as_it_is() {
        let params = Params::new().with("v", "a b");
        assert_eq!(params.text("http.header.x", "<{v}>").as_deref(), Ok("<a b>"));
        assert!(params.text("http.header.x", "{w}").unwrap_err().message.contains("`w`"));
    }

    #[test]
    fn in_a_body_only_a_name_in_braces_is_a_placeholder() {
        let params = Params::new().with("v", 7);
        let cases = [
            ("{v}", "7"),
            ("{{v}}", "{v}"),
            ("{{{v}}}", "{{v}}"),
            ("{ v }", "{ v }"),
            ("{}{", "{}{"),
            ("}{v}}", "}7}"),
            ("{{v}", "{7"),
            ("{\"a\":{\"b\":{v}}}", "{\"a\":{\"b\":7}}"),
            ("query {{ viewer {{ id }} }}", "query {{ viewer {{ id }} }}"),
            ("ü{v}ü", "ü7ü"),
        ];
        for (template, filled) in cases {
            assert_eq!(params.body_text("http.body.text", template).as_deref(), Ok(filled));
        }
        assert!(params.body_text("http.body.text", "{w}").unwrap_err().message.contains("`w`"));
    }

    #[test]
    fn an_argument_stays_one_value_of_a_json_body() {
        let cases = [
            ("a\"b\\\n", r#""a\"b\\\n""#, r#"a\"b\\\n"#),
            ("x\",\"y\":\"", r#""x\",\"y\":\"""#, r#"x\",\"y\":\""#),
            ("{w}", r#""{w}""#, "{w}"),
            ("5", "5", "5"),
            ("-1.5e3", "-1.5e3", "-1.5e3"),
            ("1e999", "1e999", "1e999"),
            ("05", r#""05""#, "05"),
            (" 5", r#"" 5""#, " 5"),
            ("5 ", r#""5 ""#, "5 "),
            ("true", "true", "true"),
            ("null", "null", "null"),
            ("[1]", r#""[1]""#, "[1]"),
            ("", r#""""#, ""),
        ];
        for (value, outside, within) in cases {
            let params = Params::new().with("v", value);
            let filled = params.json("http.body.json", r#"{"\"{{v}}":{v},"b":"<{v}>"}"#);
            let expected = format!(r#"{{"\"{{v}}":{outside},"b":"<{within}>"}}"#);
            assert_eq!(filled.as_deref(), Ok(expected.as_str()), "{value}");
            assert!(serde_json::from_str::<IgnoredAny>(&expected).is_ok(), "{expected}");
        }
    }
}
