//! `${VAR}` and `${VAR:-default}` in the values of a file.
//!
//! A scalar is expanded after the file is parsed, so that no value can become structure. What a variable holds may
//! be a secret: a mistake about it says the variable, and never the value.

mod url;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::ffi::OsString;
use std::fmt;
use std::sync::Arc;

use super::codes::meaning;
use super::limits::FileLimits;
use super::raw::is_extension;
use super::syntax::RAISE;
use crate::secret::Secret;
use crate::spec::mistake::{Mistake, Place};
use crate::spec::node::{Node, Value};
use crate::spec::quote::{Content, is_visible};
use crate::spec::size;
use crate::spec::suggest::list;

const HELP: &str = "write `${NAME}` or `${NAME:-default}`; `$${` is a `${` as it stands";

type Lookup = dyn Fn(&str) -> Option<OsString> + Send + Sync;

/// Where the values of variables come from.
#[derive(Clone)]
pub(crate) struct Variables(Arc<Lookup>);

impl Variables {
    pub(crate) fn new(lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static) -> Self {
        Self(Arc::new(lookup))
    }

    /// Whether a variable is set, and not empty.
    pub(super) fn is_set(&self, name: &str) -> bool {
        (self.0)(name).is_some_and(|value| !value.is_empty())
    }
}

/// The environment of the process.
impl Default for Variables {
    fn default() -> Self {
        Self::new(|name| std::env::var_os(name))
    }
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Variables")
    }
}

/// The scalars of a file that hold the value of a variable: where they stand, and how such a value is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Expanded(HashMap<Place, Called>);

#[derive(Clone, PartialEq, Eq)]
struct Called {
    name: String,
    /// What is refused, and what to do.
    told: (String, &'static str),
    /// As a URL is shown in which it is.
    url: Option<String>,
    /// Whether it is in the path of that URL.
    in_path: bool,
    /// What variables brought, and of that, as it were a URL, what is not of its host alone.
    values: Vec<Secret>,
    behind_host: Vec<Secret>,
}

/// How it is called. What is written beside a variable may be a secret, too.
impl fmt::Debug for Called {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

/// Mistakes of two settings, whose messages show what the other one holds.
pub(super) const OF_TWO: [&str; 3] = ["short-deadline", "short-max-backoff", "two-credentials"];

impl Expanded {
    /// Whether what stands at a place came from a variable.
    pub(crate) fn holds(&self, place: Place) -> bool {
        self.0.contains_key(&place)
    }

    /// What is said in place of a message about a value that may not be shown.
    pub(crate) fn instead(&self, place: Place, code: &str) -> Option<(String, String)> {
        self.instead_of(place, code, "is refused")
    }

    fn instead_of(&self, place: Place, code: &str, verdict: &str) -> Option<(String, String)> {
        let (what, help) = &self.0.get(&place)?.told;
        let message = match meaning(code) {
            Some(meaning) => format!("{what} {verdict}: {meaning}"),
            None => format!("{what} {verdict}"),
        };
        Some((message, (*help).to_owned()))
    }

    /// How the value at a place is called, if it is that of a variable.
    pub(crate) fn called(&self, place: Place) -> Option<&str> {
        self.0.get(&place).map(|called| called.name.as_str())
    }

    /// How the URL at a place is shown, if it is known which part of it came from variables.
    pub(crate) fn url(&self, place: Place) -> Option<&str> {
        self.0.get(&place)?.url.as_deref()
    }

    /// Whether a variable brought something of the path of the URL at a place.
    pub(super) fn is_in_path(&self, place: Place) -> bool {
        self.0.get(&place).is_some_and(|called| called.in_path)
    }

    /// What variables brought into the value at a place.
    pub(super) fn values(&self, place: Place) -> &[Secret] {
        self.0.get(&place).map_or(&[], |called| called.values.as_slice())
    }

    /// What variables brought into the URL at a place, but for its host.
    pub(super) fn behind_host(&self, place: Place) -> &[Secret] {
        self.0.get(&place).map_or(&[], |called| called.behind_host.as_slice())
    }

    /// Takes out of mistakes what may not be shown.
    pub(super) fn hide(&self, mistakes: &mut [Mistake]) {
        if self.0.is_empty() {
            return;
        }
        for mistake in mistakes {
            if OF_TWO.contains(&mistake.code) {
                mistake.message = meaning(mistake.code).unwrap_or_default().to_owned();
            }
            if let Some((message, help)) = self.instead(mistake.place, mistake.code) {
                mistake.message = message;
                mistake.help = Some(help);
            }
        }
    }

    /// The same of warnings: nothing is refused.
    pub(super) fn hide_in_warnings(&self, warnings: &mut [Mistake]) {
        for warning in warnings.iter_mut().filter(|it| it.code != OF_THE_ENVIRONMENT) {
            let meaning = self.instead_of(warning.place, warning.code, "is legal, and unwise");
            if let Some((message, help)) = meaning {
                (warning.message, warning.help) = (message, Some(help));
            }
        }
    }
}

/// A warning that shows nothing of the value at its place.
const OF_THE_ENVIRONMENT: &str = "ignored-variable";

/// A stretch of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Variable { name: &'a str, default: Option<&'a str> },
}

/// A key whose name a variable would be a part of. With one, a file could not be checked before it is filled in.
pub(super) fn in_key(place: Place, name: &str) -> Mistake {
    let message = format!(
        "`${{{}}}` stands in a key, and variables are expanded in values only",
        shown(name)
    );
    Mistake::new(place, "bad-expansion", message).help("write the name of the key itself")
}

/// Expands the values of a tree. A variable in a key is a mistake.
pub(super) fn expand(
    root: &mut Node,
    variables: &Variables,
    limits: FileLimits,
    out: &mut Vec<Mistake>,
) -> Expanded {
    let room = limits.bytes();
    let mut walk = Walk { variables, limits, room, expanded: Expanded::default(), out };
    match &mut root.value {
        // What is kept for anchors is expanded where it is used.
        Value::Mapping(entries) => {
            let used = entries.iter_mut().filter(|(key, _)| !is_extension(key));
            used.for_each(|(key, value)| walk.entry(key, value));
        }
        Value::Null | Value::Scalar(_) | Value::Sequence(_) => walk.node(root),
    }
    walk.expanded
}

/// The name of a variable as it may be shown: what is in the braces of a password is none.
pub(super) fn shown(name: &str) -> &str {
    if is_visible(Content::Name, name) { name } else { "…" }
}

/// The first variable of a text in which there is nothing wrong.
pub(super) fn variable(text: &str) -> Option<&str> {
    if !text.contains("${") {
        return None;
    }
    let mut parts = parts(text).ok()?.into_iter();
    parts.find_map(|part| match part {
        Part::Variable { name, .. } => Some(name),
        Part::Text(_) => None,
    })
}

struct Walk<'a> {
    variables: &'a Variables,
    limits: FileLimits,
    /// Bytes that may still be made.
    room: usize,
    expanded: Expanded,
    out: &'a mut Vec<Mistake>,
}

impl Walk<'_> {
    fn node(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Null => {}
            Value::Scalar(text) if !text.contains("${") => {}
            Value::Scalar(text) => match self.scalar(node.place, text) {
                Ok(value) => *text = value,
                Err(mistake) => self.out.push(mistake),
            },
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.node(item)),
            Value::Mapping(entries) => {
                entries.iter_mut().for_each(|(key, value)| self.entry(key, value));
            }
        }
    }

    fn entry(&mut self, key: &Node, value: &mut Node) {
        if let Value::Scalar(text) = &key.value
            && let Some(name) = variable(text)
        {
            self.out.push(in_key(key.place, name));
        }
        self.node(value);
    }

    fn scalar(&mut self, place: Place, text: &str) -> Result<String, Mistake> {
        let refused = |message: String| Mistake::new(place, "bad-expansion", message).help(HELP);
        let parts = parts(text).map_err(refused)?;
        let mut value = String::new();
        let (mut values, mut unset) = (Vec::new(), Vec::new());
        for part in &parts {
            match part.value(self.variables).map_err(refused)? {
                Some(text) if text.len() > self.room => {
                    return Err(too_large(place, self.limits));
                }
                Some(text) => {
                    values.push(text.clone());
                    self.room -= text.len();
                    value += &text;
                }
                None => unset.extend(part.name().filter(|name| !unset.contains(name))),
            }
        }
        if let Some(first) = unset.first() {
            return Err(not_set(place, first, &unset));
        }
        let name = match parts.as_slice() {
            [one] => one.name().map(|name| format!("${{{}}}", shown(name))),
            parts => {
                parts.iter().find_map(Part::name).map(|name| format!("…${{{}}}…", shown(name)))
            }
        };
        let url = url::shown(&parts, &values);
        let behind_host = url::behind_host(&parts, &values);
        let in_path = !behind_host.is_empty();
        let told = told(&parts, &values);
        let brought = parts.iter().zip(&values).filter(|(part, _)| part.name().is_some());
        let values = brought.map(|(_, value)| Secret::new(value.as_ref())).collect();
        let called = |name| Called { name, told, url, in_path, values, behind_host };
        self.expanded.0.extend(name.map(|name| (place, called(name))));
        Ok(value)
    }
}

impl<'a> Part<'a> {
    fn name(&self) -> Option<&'a str> {
        match self {
            Self::Variable { name, .. } => Some(name),
            Self::Text(_) => None,
        }
    }

    /// What it stands for, unless its variable is not set. As in a shell, `:-` is for an empty one, too.
    fn value(&self, variables: &Variables) -> Result<Option<Cow<'a, str>>, String> {
        let (name, default) = match self {
            Self::Text(text) => return Ok(Some(Cow::Borrowed(text))),
            Self::Variable { name, default } => (name, default.map(Cow::Borrowed)),
        };
        match (variables.0)(name).map(OsString::into_string) {
            None => Ok(default),
            Some(Ok(value)) if value.is_empty() => Ok(default.or(Some(Cow::Borrowed("")))),
            Some(Ok(value)) => Ok(Some(Cow::Owned(value))),
            Some(Err(_)) => Err(format!("the value of `${{{}}}` is not UTF-8", shown(name))),
        }
    }
}

/// What is refused, when a scalar is, and what to do. What is written around variables may be at fault as well.
fn told(parts: &[Part<'_>], values: &[Cow<'_, str>]) -> (String, &'static str) {
    let mut seen = HashSet::new();
    let names = parts.iter().filter_map(Part::name).filter(|name| seen.insert(*name));
    let names: Vec<_> = names.map(|name| format!("${{{}}}", shown(name))).collect();
    let names = list(names.iter().map(String::as_str));
    match (parts, values) {
        ([Part::Variable { default: Some(default), .. }], [value]) if default == value => (
            format!("the default of {names}"),
            "mend the default, or set the variable; what they hold is not shown",
        ),
        ([_], _) => {
            (format!("the value of {names}"), "mend the variable; what it holds is not shown")
        }
        _ => (
            format!("the value with {names} in it"),
            "mend what is written beside it, or the variable; what it holds is not shown",
        ),
    }
}

fn not_set(place: Place, first: &str, names: &[&str]) -> Mistake {
    let verb = if names.len() == 1 { "is" } else { "are" };
    let names: Vec<_> = names.iter().map(|name| format!("${{{}}}", shown(name))).collect();
    let first = shown(first);
    let message = format!("{} {verb} not set", list(names.iter().map(String::as_str)));
    Mistake::new(place, "unset-variable", message)
        .help(format!("set it in the environment, or give it a default: `${{{first}:-…}}`"))
}

fn too_large(place: Place, limits: FileLimits) -> Mistake {
    let most = size::show(limits.bytes() as u64);
    let message = format!("the file with its variables is larger than {most}");
    let help = format!("shorten what the variables hold, or raise the limit: {RAISE}");
    Mistake::new(place, "too-large", message).help(help)
}

/// The parts of a scalar, or what is wrong with it. A default may be a secret, and is not told.
fn parts(text: &str) -> Result<Vec<Part<'_>>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            parts.extend([Part::Text(before), Part::Text("${")]);
            rest = behind;
            continue;
        }
        let (inner, behind) = behind.split_once('}').ok_or("a `${` has no `}`")?;
        parts.extend([Part::Text(before), inside(inner)?]);
        rest = behind;
    }
    parts.push(Part::Text(rest));
    parts.retain(|part| !matches!(part, Part::Text("")));
    Ok(parts)
}

fn inside(inner: &str) -> Result<Part<'_>, String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let end = inner.find(|c| !is_word(c)).unwrap_or(inner.len());
    let (name, rest) = inner.split_at(end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("a `${…}` does not begin with the name of a variable".to_owned());
    }
    match rest.strip_prefix(":-") {
        None if rest.is_empty() => Ok(Part::Variable { name, default: None }),
        Some(default) if !default.contains("${") => {
            Ok(Part::Variable { name, default: Some(default) })
        }
        Some(_) => Err(format!("the default of `${{{}}}` has a `${{` in it", shown(name))),
        // What is in these braces may be a password, and is no name then.
        None => Err("a `${…}` has something else than a default behind its name".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn variables() -> Variables {
        Variables::new(|name| match name {
            "A" => Some("a: [1]".into()),
            "EMPTY" => Some("".into()),
            "LONG" => Some("x".repeat(FileLimits::default().bytes() / 2).into()),
            #[cfg(unix)]
            "BYTES" => Some(std::os::unix::ffi::OsStringExt::from_vec(vec![0xff])),
            _ => None,
        })
    }

    /// What becomes of the only value of a file, or the code and the message.
    fn expanded(value: &str) -> Result<String, (&'static str, String)> {
        let mut root = tree::parse(&format!("'$${{A}}': '{value}'\n"), &mut Vec::new()).unwrap();
        let mut out = Vec::new();
        expand(&mut root, &variables(), FileLimits::default(), &mut out);
        if let Some(mistake) = out.pop() {
            assert!(mistake.help.is_some());
            return Err((mistake.code, mistake.message));
        }
        match root.value {
            Value::Mapping(entries) => match entries.as_slice() {
                [
                    (
                        Node { value: Value::Scalar(key), .. },
                        Node { value: Value::Scalar(text), .. },
                    ),
                ] => {
                    assert_eq!(key, "$${A}", "a key stays as it is");
                    Ok(text.clone())
                }
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_value_is_expanded_as_text_and_never_as_structure() {
        let cases = [
            ("${A}", "a: [1]"),
            ("x${A}y${A}z", "xa: [1]ya: [1]z"),
            ("${NONE:-30s}", "30s"),
            ("${NONE:-}", ""),
            ("${A:-30s}", "a: [1]"),
            ("${EMPTY}", ""),
            ("${EMPTY:-30s}", "30s"),
            ("${NONE:-a b:-c}", "a b:-c"),
            ("$${A}", "${A}"),
            ("$$${A}", "$${A}"),
            ("$${A} ${A}", "${A} a: [1]"),
            ("$A", "$A"),
            ("$", "$"),
            ("{A}", "{A}"),
        ];
        for (value, text) in cases {
            assert_eq!(expanded(value).as_deref(), Ok(text), "{value}");
        }
    }

    #[test]
    fn a_variable_in_a_key_is_a_mistake_at_the_key() {
        let text = "a: [{ 'x-${A}': 1 }]\n'${NONE:-s3cr3t}': { b: '${A}' }\nx-k: { '${A}': 1 }\n";
        let mut root = tree::parse(text, &mut Vec::new()).unwrap();
        let mut out = Vec::new();
        expand(&mut root, &variables(), FileLimits::default(), &mut out);
        let seen: Vec<_> =
            out.iter().map(|it| (it.place.line(), it.code, it.message.as_str())).collect();
        let message = |name: &str| {
            format!("`${{{name}}}` stands in a key, and variables are expanded in values only")
        };
        let (a, none) = (message("A"), message("NONE"));
        assert_eq!(seen, [(1, "bad-expansion", a.as_str()), (2, "bad-expansion", none.as_str())]);
    }

    #[test]
    fn what_is_no_expansion_is_refused_without_its_default() {
        let cases = [
            ("${A", "a `${` has no `}`"),
            ("${}", "does not begin with the name"),
            ("${1X}", "does not begin with the name"),
            ("${-s3cr3t}", "does not begin with the name"),
            ("${A:?s3cr3t}", "a `${…}` has something else"),
            ("${A-s3cr3t}", "a `${…}` has something else"),
            ("${A:-${s3cr3t}}", "the default of `${A}` has a `${`"),
            #[cfg(unix)]
            ("${BYTES:-s3cr3t}", "the value of `${BYTES}` is not UTF-8"),
        ];
        for (value, says) in cases {
            let (code, message) = expanded(value).unwrap_err();
            assert_eq!(code, "bad-expansion", "{value}");
            assert!(message.contains(says) && !message.contains("s3cr3t"), "{value}: {message}");
        }
    }

    #[test]
    fn all_variables_that_are_not_set_are_told_at_once() {
        let unset = |message: &str| Err(("unset-variable", message.to_owned()));
        assert_eq!(expanded("${X}"), unset("`${X}` is not set"));
        assert_eq!(expanded("${X} ${A} ${Y}"), unset("`${X}`, `${Y}` are not set"));
        assert_eq!(expanded("${X} ${X}"), unset("`${X}` is not set"));
    }

    #[test]
    fn the_values_of_a_file_are_bounded_together() {
        assert!(expanded("${LONG}${LONG}").is_ok());
        assert_eq!(expanded("${LONG}${LONG}x").unwrap_err().0, "too-large");
    }

    #[test]
    fn variables_are_not_shown() {
        assert_eq!(format!("{:?}", variables()), "Variables");
    }
}
