//! What is wrong with the value of one setting, whatever else a declaration says.

use std::path::Path;

use http::HeaderValue;
use serde::de::IgnoredAny;

use super::dialect::Dialect;
use super::object_store::{glob, read_url};
use super::quote::{Content, quoted, veil};
use super::settings::{Entry, Pair, Settings, StoreOption, Subject, Value};
use super::table::{Check, Default, Kind, Row, row};
use super::{
    Invalid, Pointer, SecretSource, bounds, duration, header, meant, name, percentage, size, url,
};
use crate::secret::Secret;

/// Something that is wrong with a setting, or between several.
#[derive(Clone, PartialEq)]
pub(crate) struct Finding {
    pub(crate) at: Subject,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

impl Finding {
    pub(crate) fn new(at: Subject, code: &'static str, message: impl Into<String>) -> Self {
        Self { at, code, message: message.into(), help: None }
    }

    /// A finding that is known by another name.
    pub(crate) fn of(at: Subject, Invalid { setting: _, code, message, help }: Invalid) -> Self {
        Self { at, code, message, help }
    }

    pub(crate) fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// By the path of its setting.
    pub(crate) fn into_invalid(self, settings: &Settings) -> Invalid {
        let invalid = Invalid::new(settings.path(self.at), self.code, self.message);
        match self.help {
            Some(help) => invalid.help(help),
            None => invalid,
        }
    }
}

/// What is wrong with the values of all settings, and the rows of those.
pub(crate) fn check_all(settings: &Settings) -> (Vec<Finding>, Vec<Row>) {
    let (mut found, mut broken) = (Vec::new(), Vec::new());
    for given in settings.given() {
        let before = found.len();
        check(given.row, &given.value, settings.dialect, &mut found);
        broken.extend((found.len() > before).then_some(given.row));
    }
    (found, broken)
}

/// Whether a value of a setting is right, for those who set it by itself.
pub(crate) fn value(row: Row, value: &Value) -> Result<(), Invalid> {
    let mut found = Vec::new();
    check(row, value, Dialect::Rust, &mut found);
    match found.into_iter().next() {
        Some(Finding { at: _, code, message, help }) => {
            Err(Invalid { help, ..Invalid::new(row.path(), code, message) })
        }
        None => Ok(()),
    }
}

/// Adds what is wrong with the value of a setting.
pub(crate) fn check(row: Row, value: &Value, dialect: Dialect, out: &mut Vec<Finding>) {
    let checked = Checked { row, dialect };
    if let Err(finding) = checked.bounds(value) {
        out.push(finding);
        return;
    }
    match value {
        Value::List(entries) => checked.list(entries, out),
        Value::Pairs(pairs) => checked.pairs(pairs, out),
        Value::Options(options) => checked.options(options, out),
        value => out.extend(checked.one(value).err()),
    }
}

/// Why a value is larger than its row allows.
#[cfg(feature = "yaml")]
pub(crate) fn bounds(row: Row, value: &Value, dialect: Dialect) -> Option<Finding> {
    Checked { row, dialect }.bounds(value).err()
}

/// A setting whose value is checked.
#[derive(Clone, Copy)]
struct Checked {
    row: Row,
    dialect: Dialect,
}

impl Checked {
    fn refuse(self, code: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(Subject::Row(self.row), code, message)
    }

    fn of(self, invalid: Invalid) -> Finding {
        Finding::of(Subject::Row(self.row), invalid)
    }

    /// Its name, in backticks.
    fn name(self) -> String {
        format!("`{}`", self.dialect.name(self.row.name))
    }

    fn one(self, value: &Value) -> Result<(), Finding> {
        match (value, self.row.kind) {
            (Value::Duration(time), Kind::Duration { most }) => {
                if time.is_zero() && self.row.check == Check::NotZero {
                    return Err(self.zero("zero-timeout"));
                }
                if *time > most && most < duration::LONGEST {
                    let message = format!("`{}` is too long", duration::show(*time));
                    let help = format!("{} is at most `{}`", self.name(), duration::show(most));
                    return Err(self.refuse("out-of-range", message).help(help));
                }
                Ok(())
            }
            (Value::Bytes(0), _) => Err(self.zero("zero-limit")),
            (Value::Ratio(ratio), Kind::Percentage { most }) if !(0.0..=most).contains(ratio) => {
                let message = format!("`{}%` is out of range", ratio * 100.0);
                let help = format!("{} is from `0%` to `{}`", self.name(), percentage::show(most));
                Err(self.refuse("out-of-range", message).help(help))
            }
            (Value::Whole(number), Kind::Whole { least, most }) => {
                if *number >= least && most.is_none_or(|most| *number <= most) {
                    return Ok(());
                }
                let range = match most {
                    Some(most) => format!("from `{least}` to `{most}`"),
                    None => format!("at least `{least}`"),
                };
                let help = format!("{} is {range}", self.name());
                Err(self.refuse("out-of-range", format!("`{number}` is out of range")).help(help))
            }
            (Value::Text(text), _) => self.text(text),
            (Value::Path(path), _) => self.path(path),
            (Value::Secret(secret), _) => self.secret(secret),
            _ => Ok(()),
        }
    }

    fn zero(self, code: &'static str) -> Finding {
        let help = match self.row.default {
            Default::None => "leave it out".to_owned(),
            Default::Words(words) => format!("leave it out for {words}"),
            other => format!("leave it out for `{}`", other.written().unwrap_or_default()),
        };
        self.refuse(code, format!("{} must be greater than zero", self.name())).help(help)
    }

    fn text(self, text: &str) -> Result<(), Finding> {
        let path = self.row.path();
        match self.row.check {
            Check::Username => return self.username(text),
            Check::Prefix => return self.prefix(text),
            Check::SentHeader => {
                return header::check_name(|_| path.clone(), text)
                    .map(drop)
                    .map_err(|it| self.of(it));
            }
            Check::TokenUrl => return self.token_url(&path, text),
            Check::StoreUrl => return self.store_url(text),
            _ => {}
        }
        let checked = match self.row.kind {
            Kind::Label => name::check(text).map(drop),
            Kind::Url(_) => url::check(&path, text).map(drop).map_err(|it| self.spelled(it)),
            Kind::Pointer => Pointer::parse(&path, text).map(drop),
            Kind::HeaderName => header::any_name(|_| path.clone(), text).map(drop),
            Kind::Json { .. } => return self.json(text),
            Kind::Variable => return self.variable(text),
            Kind::Filled { .. } if text.is_empty() => return Err(self.empty()),
            _ => Ok(()),
        };
        checked.map_err(|it| self.of(it))
    }

    /// With the name of the other source as it is spelled here.
    fn spelled(self, invalid: Invalid) -> Invalid {
        let name = self.dialect.name("object_store");
        let help = invalid.help.map(|help| help.replace("`object_store`", &format!("`{name}`")));
        Invalid { help, ..invalid }
    }

    fn empty(self) -> Finding {
        self.refuse("empty-text", format!("{} is empty", self.name()))
            .help("write it out, or leave it out")
    }

    /// What it holds is not shown.
    fn json(self, text: &str) -> Result<(), Finding> {
        serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| {
            self.refuse("bad-json", format!("the body is not JSON: {error}"))
                .help("JSON has its names and texts in `\"`; other bodies are `text`")
        })
    }

    /// It is not shown: it may be a username with its password.
    fn username(self, username: &str) -> Result<(), Finding> {
        let why = if username.contains(':') {
            "a `:`, where it would end"
        } else if username.contains(char::is_control) {
            "a control character"
        } else {
            return Ok(());
        };
        Err(self
            .refuse("bad-username", format!("the username has {why}"))
            .help("the password stands beside it, in `password`"))
    }

    /// It is not shown: it may hold the secret.
    fn prefix(self, prefix: &str) -> Result<(), Finding> {
        if HeaderValue::try_from(prefix).is_ok() {
            return Ok(());
        }
        let message = "`prefix` has a character that no header can carry";
        Err(self
            .refuse("bad-header-value", message)
            .help("visible ASCII characters, spaces and tabs"))
    }

    fn token_url(self, path: &str, text: &str) -> Result<(), Finding> {
        let url = url::check(path, text).map_err(|it| self.of(it))?;
        if url.username().is_empty() && url.password().is_none() {
            return Ok(());
        }
        let (id, secret) = (self.dialect.name("client_id"), self.dialect.name("client_secret"));
        Err(self
            .refuse("bad-url", "the URL of the tokens has userinfo")
            .help(format!("write `{id}` and `{secret}`")))
    }

    fn store_url(self, text: &str) -> Result<(), Finding> {
        read_url(text)
            .map(drop)
            .map_err(|(message, help)| self.refuse("bad-url", message).help(help))
    }

    /// It is not shown: it may be the secret.
    fn variable(self, name: &str) -> Result<(), Finding> {
        self.source(&SecretSource::Env(name.to_owned()))
    }

    fn path(self, path: &Path) -> Result<(), Finding> {
        if self.row.check == Check::Secret {
            return self.source(&SecretSource::File(path.to_owned()));
        }
        if path.as_os_str().is_empty() {
            return Err(self.empty());
        }
        if self.row == row!("http.unix_socket") {
            return match cfg!(unix) {
                true => Ok(()),
                false => Err(self
                    .refuse("missing-platform", "this platform has no Unix sockets")
                    .help("take the endpoint over TCP")),
            };
        }
        match path.to_str().and_then(meant::path) {
            Some((message, help)) => Err(self.refuse("bad-path", message).help(help)),
            None => Ok(()),
        }
    }

    fn secret(self, secret: &Secret) -> Result<(), Finding> {
        if !secret.is_sendable() {
            let message = "the secret has a character that no header can carry";
            return Err(self.refuse("bad-header-value", message).help(
                "write it in one line, without a line break or another control character in its middle",
            ));
        }
        self.source(&SecretSource::Value(secret.clone()))
    }

    fn source(self, source: &SecretSource) -> Result<(), Finding> {
        check_secret("", source).map_err(|it| self.of(it))
    }

    fn list(self, entries: &[Entry], out: &mut Vec<Finding>) {
        for (n, Entry { text, .. }) in entries.iter().enumerate() {
            let at = Subject::Entry(self.row, n);
            if let Err(finding) = self.entry(n, text) {
                out.push(Finding { at, ..finding });
            }
        }
    }

    fn entry(self, n: usize, text: &str) -> Result<(), Finding> {
        let path = || format!("{}.{n}", self.row.path());
        match self.row.check {
            Check::Part => {
                let pointer = Pointer::parse(&path(), text).map_err(|it| self.of(it))?;
                if pointer.is_root() {
                    let message = "`ignore` of the whole value ignores all";
                    return Err(self
                        .refuse("bad-pointer", message)
                        .help("name a part of it, as `/updated_at`"));
                }
                Ok(())
            }
            Check::Origin => url::origin(&path(), text).map(drop).map_err(|it| self.of(it)),
            Check::Glob => glob::check(text).map_err(|(message, help)| {
                self.refuse("bad-glob", veil(message, Content::Glob, text)).help(help)
            }),
            Check::Scope => self.scope(text),
            _ => Ok(()),
        }
    }

    /// A scope (RFC 6749 §3.3); a list of them has spaces between. It is not shown, as nothing of `auth` is but names.
    fn scope(self, scope: &str) -> Result<(), Finding> {
        let inner = |c: char| c.is_ascii_graphic() && !['"', '\\'].contains(&c);
        if !scope.is_empty() && scope.chars().all(inner) {
            return Ok(());
        }
        Err(self
            .refuse("bad-scope", "the text is not a scope")
            .help("a scope has no spaces: write each of several by itself"))
    }

    /// Headers. A name may stand several times, for a list, but spelled alike: in another case it was to be the same
    /// header.
    fn pairs(self, pairs: &[Pair], out: &mut Vec<Finding>) {
        if self.row != row!("http.header") {
            return;
        }
        let mut spelled = std::collections::HashMap::with_capacity(pairs.len());
        for (n, Pair { name, value, .. }) in pairs.iter().enumerate() {
            let at = Subject::Entry(self.row, n);
            let name = name.text.as_str();
            let first = *spelled.entry(name.to_ascii_lowercase()).or_insert(name);
            match header::check(name, &value.text) {
                Ok(_) if first != name => {
                    let message = format!("{} is given twice", quoted(Content::Name, name));
                    out.push(
                        Finding::new(at, "duplicate-header", message).help("keep one of them"),
                    );
                }
                Ok(_) => {}
                Err(invalid) => out.push(Finding::of(at, invalid)),
            }
        }
    }

    fn options(self, options: &[StoreOption], out: &mut Vec<Finding>) {
        for (n, StoreOption { name, value, .. }) in options.iter().enumerate() {
            let Some(value) = value else { continue };
            let at = Subject::Entry(self.row, n);
            let checked = match value {
                SecretSource::Value(value) if value.expose().is_empty() => {
                    let name = quoted(Content::Name, &name.text);
                    Err(Finding::new(at, "empty-text", format!("the option {name} is empty"))
                        .help("write it out, or leave it out"))
                }
                other => check_secret("", other).map_err(|invalid| Finding::of(at, invalid)),
            };
            out.extend(checked.err());
        }
    }

    /// Whether a value is no larger than its row allows.
    fn bounds(self, value: &Value) -> Result<(), Finding> {
        let kind = self.row.kind;
        let (entries, bytes, longest) = match value {
            Value::Text(text) => (0, 0, text.len()),
            Value::Path(path) => (0, 0, path.as_os_str().len()),
            Value::Secret(secret) => (0, 0, secret.expose().len()),
            Value::List(list) => {
                let lengths = list.iter().map(|entry| entry.text.len());
                (list.len(), lengths.clone().sum(), lengths.max().unwrap_or(0))
            }
            Value::Pairs(pairs) => {
                let lengths = pairs.iter().map(|it| it.name.text.len() + it.value.text.len());
                (pairs.len(), lengths.sum(), 0)
            }
            Value::Options(options) => (options.len(), 0, 0),
            _ => return Ok(()),
        };
        if let Some(most) = kind.most_entries().filter(|most| entries > *most) {
            return Err(self
                .refuse("too-many", format!("{} has {entries} entries", self.name()))
                .help(format!("at most `{most}`: leave out what is not needed")));
        }
        if let (Value::List(list), Some(most)) = (value, kind.most_bytes())
            && let Some(n) = list.iter().position(|entry| entry.text.len() > most)
        {
            return Err(Finding { at: Subject::Entry(self.row, n), ..self.too_long(most) });
        }
        if let Value::Options(options) = value {
            return self.options_fit(options);
        }
        let most = kind.most_bytes().filter(|most| longest > *most);
        match most.or(kind.most_bytes_in_all().filter(|most| bytes > *most)) {
            Some(most) => Err(self.too_long(most)),
            None => Ok(()),
        }
    }

    fn too_long(self, most: usize) -> Finding {
        let message = format!("{} is longer than `{}`", self.name(), size::show(most as u64));
        self.refuse("too-long", message).help("shorten it")
    }

    /// The name of an option has the bounds of a name, and its value those of a secret.
    fn options_fit(self, options: &[StoreOption]) -> Result<(), Finding> {
        for (n, StoreOption { name, value, .. }) in options.iter().enumerate() {
            if name.text.len() > bounds::NAME {
                return Err(self.too_long(bounds::NAME));
            }
            let (length, most) = match value {
                Some(SecretSource::Env(name)) => (name.len(), bounds::NAME),
                Some(SecretSource::File(path)) => (path.as_os_str().len(), bounds::PATH),
                Some(SecretSource::Value(value)) => (value.expose().len(), bounds::SECRET),
                None => continue,
            };
            if length > most {
                let message = format!(
                    "{} is longer than `{}`",
                    quoted(Content::Name, &name.text),
                    size::show(most as u64)
                );
                let at = Subject::Entry(self.row, n);
                return Err(Finding::new(at, "too-long", message).help("shorten it"));
            }
        }
        Ok(())
    }
}

/// Refuses a secret that cannot be one.
pub(super) fn check_secret(setting: &str, source: &SecretSource) -> Result<(), Invalid> {
    let empty = match source {
        SecretSource::Env(name) => name.is_empty(),
        SecretSource::File(path) => path.as_os_str().is_empty(),
        SecretSource::Value(value) => value.expose().is_empty(),
    };
    if empty {
        return Err(Invalid::new(setting, "empty-secret", "the secret is empty")
            .help("name an environment variable (`env`) or a file (`file`)"));
    }
    match source {
        SecretSource::Env(name) if !is_variable(name) => {
            // It is not shown: it may be the secret.
            Err(Invalid::new(
                setting,
                "bad-variable",
                "the name of an environment variable has only letters, digits and `_`",
            )
            .help(match name.starts_with('$') {
                true => "write the name alone, without the dollar sign and braces",
                false => "name the variable that holds the secret, as `FLAGS_TOKEN`",
            }))
        }
        SecretSource::File(path) => match path.to_str().and_then(meant::path) {
            Some((message, help)) => Err(Invalid::new(setting, "bad-path", message).help(help)),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

fn is_variable(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit())
}
