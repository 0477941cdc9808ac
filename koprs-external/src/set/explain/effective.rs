//! The settings in use: for each row of the table what is given, or the default where it has a meaning.

use super::{Declared, Effective, Origin, SourceSpec, declared, redacted};
use crate::http::masked_url;
use crate::secret::{HIDDEN, is_likely_secret, masked_path, masked_query};
use crate::spec::SecretSource;
use crate::spec::object_store::meaning;
use crate::spec::settings::{Entry, Given, Pair, StoreOption, Value};
use crate::spec::table::{Row, row};
use crate::spec::{duration, percentage, size};

/// Every setting that is in use.
pub(super) fn settings(declared: &Declared) -> Vec<Effective> {
    let walk = Walk { declared };
    let rows = Row::all().filter(|row| !declared.settings().source.excludes(*row));
    rows.flat_map(|row| match declared.settings().find(row) {
        Some(given) => walk.given(given),
        None => walk.default(row).into_iter().collect(),
    })
    .collect()
}

struct Walk<'a> {
    declared: &'a Declared,
}

impl Walk<'_> {
    fn given(&self, given: &Given) -> Vec<Effective> {
        let Given { row, place, is_default, value, .. } = given;
        let path = row.yaml_path();
        if given.says_nothing() {
            let origin = self.origin(*place, *is_default);
            let default =
                self.by_default(*row).map(|value| Effective { setting: path, value, origin });
            return default.into_iter().collect();
        }
        let text = match value {
            Value::Pairs(pairs) => {
                return pairs.iter().map(|pair| self.pair(*row, pair)).collect();
            }
            Value::Options(options) => {
                return options.iter().map(|option| self.option(&path, option)).collect();
            }
            // A block says something by itself where it has no settings.
            Value::Block if *row == row!("http.pages.link_header") => "{}".to_owned(),
            Value::Block => return Vec::new(),
            Value::Flag(on) => on.to_string(),
            Value::Whole(number) => number.to_string(),
            Value::Bytes(bytes) => size::show(*bytes),
            Value::Ratio(ratio) => percentage::show(*ratio),
            Value::Duration(time) => duration::show(*time),
            Value::Word(word) => (*word).to_owned(),
            Value::Path(path) => path.display().to_string(),
            Value::Secret(_) => HIDDEN.to_owned(),
            Value::List(entries) => self.list(entries),
            Value::Text(_) if row.block == "http.body" => HIDDEN.to_owned(),
            Value::Text(text) => self.text(*row, text),
        };
        let called = self.declared.expanded.called(*place);
        let shown = match self.url(*row) {
            Some(url) => url,
            None => called.map_or(text, str::to_owned),
        };
        vec![Effective { setting: path, value: shown, origin: self.origin(*place, *is_default) }]
    }

    fn origin(&self, place: crate::spec::mistake::Place, is_default: bool) -> Origin {
        let place = self.declared.at(place);
        if is_default { Origin::Defaults(place) } else { Origin::Watcher(place) }
    }

    /// A text that is neither a URL nor in a body. Neither a username nor a prefix is shown: each may be a key.
    fn text(&self, row: Row, text: &str) -> String {
        let is_hidden = row == row!("http.auth.basic.username")
            || row == row!("http.auth.header.prefix") && !text.is_empty();
        if is_hidden { HIDDEN.to_owned() } else { text.to_owned() }
    }

    /// A URL, whose variables are shown in their places. The parameters of `query` have rows of their own.
    fn url(&self, row: Row) -> Option<String> {
        let path = row.path();
        let is_url = ["http.url", "object_store.url", "http.auth.oauth2.token_url"];
        if !is_url.contains(&path.as_str()) {
            return None;
        }
        if let Some(written) = self.declared.written_url(&path) {
            return Some(written.to_owned());
        }
        Some(match self.declared.spec.source() {
            SourceSpec::Http(http) if row == row!("http.url") => {
                let declared = self.declared.settings().pairs(row!("http.query")).len();
                let mut pairs: Vec<_> = http.url.query().unwrap_or_default().split('&').collect();
                pairs.truncate(pairs.len().saturating_sub(declared));
                let query = masked_query(&pairs.join("&"), |_| false);
                let separator = if query.is_empty() { "" } else { "?" };
                format!("{}{separator}{query}", masked_path(&redacted(http.url.as_str())))
            }
            SourceSpec::Http(http) => match &http.auth {
                Some(crate::spec::Auth::OAuth2(oauth2)) => masked_url(&oauth2.token_url, |_| false),
                _ => return None,
            },
            SourceSpec::ObjectStore(store) => masked_path(&redacted(store.url.as_str())),
        })
    }

    fn list(&self, entries: &[Entry]) -> String {
        let shown = entries.iter().map(|entry| {
            self.declared.expanded.called(entry.place).unwrap_or(&entry.text).to_owned()
        });
        format!("[{}]", shown.collect::<Vec<_>>().join(", "))
    }

    /// A header is not shown, and a parameter unless it looks like a secret or came from a variable.
    fn pair(&self, row: Row, Pair { name, value, is_default }: &Pair) -> Effective {
        let (name, text) = (&name.text, &value.text);
        let shown = match self.declared.expanded.called(value.place) {
            _ if row != row!("http.query") => HIDDEN,
            Some(variable) => variable,
            None if is_likely_secret(name, text) => HIDDEN,
            None => text,
        };
        Effective {
            setting: format!("{}.{name}", row.yaml_path()),
            value: shown.to_owned(),
            origin: self.origin(self.name_place(row, name), *is_default),
        }
    }

    fn name_place(&self, row: Row, name: &str) -> crate::spec::mistake::Place {
        self.declared.settings().place_of(&format!("{}.{name}", row.path()))
    }

    /// `{ env: NAME }`, or the value itself unless it looks like a secret.
    fn option(&self, path: &str, option: &StoreOption) -> Effective {
        let StoreOption { name, place, value } = option;
        let called = self.declared.expanded.called(*place);
        let of = |from: &str, text: String| {
            format!("{{ {from}: {} }}", called.map_or(text, str::to_owned))
        };
        let shown = match value {
            Some(SecretSource::Env(name)) => of("env", name.clone()),
            Some(SecretSource::File(path)) => of("file", path.display().to_string()),
            Some(SecretSource::Value(value)) => match called {
                Some(variable) => variable.to_owned(),
                None => self.literal(&name.text, value.expose()),
            },
            None => HIDDEN.to_owned(),
        };
        Effective {
            setting: format!("{path}.{}", name.text),
            value: shown,
            origin: self.origin(name.place, false),
        }
    }

    fn literal(&self, name: &str, value: &str) -> String {
        let SourceSpec::ObjectStore(store) = self.declared.spec.source() else {
            return HIDDEN.to_owned();
        };
        let (name, shown) = (name.to_ascii_lowercase(), redacted(value));
        let is_secret = meaning::is_secret(store.backend, &name) || is_likely_secret(&name, &shown);
        if is_secret { HIDDEN.to_owned() } else { shown }
    }

    /// The default of a setting that nobody says, where it has a meaning.
    fn default(&self, row: Row) -> Option<Effective> {
        let value = self.by_default(row)?;
        self.is_used(row).then(|| Effective {
            setting: row.yaml_path(),
            value,
            origin: Origin::BuiltIn,
        })
    }

    fn by_default(&self, row: Row) -> Option<String> {
        let spec = &self.declared.spec;
        match row.path().as_str() {
            "max_backoff" => Some(duration::show(spec.max_backoff())),
            "deadline" => Some(duration::show(declared::config(spec).deadline())),
            "memory_limit" => Some(size::show(spec.memory_limit())),
            "walk_limit" => Some(size::show(spec.walk_limit())),
            "http.method" => match spec.source() {
                SourceSpec::Http(http) => Some(http.method().word().to_owned()),
                SourceSpec::ObjectStore(_) => None,
            },
            "decode" => Some(match spec.source() {
                SourceSpec::Http(_) => "by content type, else json".to_owned(),
                SourceSpec::ObjectStore(_) => {
                    "by extension, else by content type, else json".to_owned()
                }
            }),
            _ => row.default.shown().map(|words| words.replace('`', "")),
        }
    }

    /// Whether a setting that is left out has a meaning here.
    fn is_used(&self, row: Row) -> bool {
        let is_http = matches!(self.declared.spec.source(), SourceSpec::Http(_));
        let is_list = self.declared.spec.items().is_some();
        match (row.block, row.name) {
            ("", "on_bad_item") | ("items", _) => is_list,
            ("removal", "confirm") => is_http,
            ("removal", _) => is_list || !is_http,
            ("" | "http" | "object_store", _) => true,
            (block, _) => Row::find(block).is_some_and(|row| self.declared.settings().has(row)),
        }
    }
}
