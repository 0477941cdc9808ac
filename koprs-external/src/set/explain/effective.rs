//! The settings in use: the written form of a spec, and for what is not in it the table of settings.

use serde_json::Value;

use super::{Declared, Effective, SourceSpec, WatcherSpec, declared, redacted};
use crate::config::{Place, value_of};
use crate::error::{ExternalError, Result};
use crate::http::masked_url;
use crate::secret::{HIDDEN, is_likely_secret, masked_path, masked_query};
use crate::spec::object_store::meaning;
use crate::spec::settings::{Kind, SETTINGS, Setting, camel};
use crate::spec::{Auth, Body, HttpSpec, SecretSource, duration, size};

/// Every setting that is in use.
pub(super) fn settings(declared: &Declared) -> Result<Vec<Effective>> {
    let written = serde_json::to_value(veiled(&declared.spec))
        .map_err(|error| ExternalError::invalid(format!("the watcher cannot be shown: {error}")))?;
    let walk = Walk { declared, written };
    Ok(SETTINGS.iter().flat_map(|setting| walk.rows(setting)).collect())
}

struct Walk<'a> {
    declared: &'a Declared,
    /// What differs from the defaults.
    written: Value,
}

impl Walk<'_> {
    fn rows(&self, setting: &Setting) -> Vec<Effective> {
        let path = setting.path();
        match (setting.kind, self.written(&path)) {
            (Kind::Map { .. }, _) if path == "http.query" => {
                self.named(&path, |name| self.parameter(name))
            }
            (Kind::Map { .. }, _) => self.named(&path, |_| Some(HIDDEN.to_owned())),
            (Kind::Options { .. }, Some(options)) => {
                self.named(&path, |name| self.option(options, &path, name))
            }
            (Kind::Block, Some(Value::Object(block))) if block.is_empty() => {
                vec![self.row(&path, &path, "{}".to_owned())]
            }
            (Kind::Block | Kind::Options { .. }, _) => Vec::new(),
            (_, Some(value)) => vec![self.given(setting, &path, value)],
            (_, None) => self.default(setting, &path).into_iter().collect(),
        }
    }

    /// The value at a place of the written form.
    fn written(&self, path: &str) -> Option<&Value> {
        path.split('.').try_fold(&self.written, |value, name| value.get(camel(name)))
    }

    /// What differs from the defaults.
    fn given(&self, setting: &Setting, path: &str, value: &Value) -> Effective {
        match (setting.name, value) {
            // A literal secret is written as a variable of a name that none has.
            ("env", Value::String(name)) if name == HIDDEN => {
                let path = format!("{}.value", setting.block);
                self.row(&path, setting.block, HIDDEN.to_owned())
            }
            ("env" | "file", value) => self.row(path, setting.block, text(value)),
            ("url", _) => self.row_of_url(path, self.url()),
            ("token_url", value) => {
                let shown = self.token_url().unwrap_or_else(|| text(value));
                self.row_of_url(path, shown)
            }
            (_, Value::Array(items)) => {
                let items = items.iter().enumerate().map(|(n, item)| {
                    let called = self.declared.called(&format!("{path}.{n}"));
                    called.map_or_else(|| text(item), str::to_owned)
                });
                let items = items.collect::<Vec<_>>().join(", ");
                self.row(path, path, format!("[{items}]"))
            }
            (_, value) => self.row(path, path, text(value)),
        }
    }

    /// The entries of a map that have a value, as the file names them.
    fn named(&self, path: &str, value: impl Fn(&str) -> Option<String>) -> Vec<Effective> {
        let entries = self.declared.places.within(path).into_iter();
        let rows = entries.filter_map(|(name, place)| {
            Some(Effective {
                setting: format!("{}.{name}", yaml(path)),
                value: value(name)?,
                origin: self.declared.origin(Some(place)),
            })
        });
        rows.collect()
    }

    /// A parameter of `query`, unless it looks like a secret or came from a variable.
    fn parameter(&self, name: &str) -> Option<String> {
        let SourceSpec::Http(http) = self.declared.spec.source() else { return None };
        let (_, value) = http.url.query_pairs().filter(|(known, _)| known == name).last()?;
        if let Some(variable) = self.declared.called(&value_of(&format!("http.query.{name}"))) {
            return Some(variable.to_owned());
        }
        Some(if is_likely_secret(name, &value) { HIDDEN.to_owned() } else { value.into_owned() })
    }

    /// `{ env: NAME }`, or the value itself unless it looks like a secret.
    fn option(&self, options: &Value, path: &str, name: &str) -> Option<String> {
        let name = name.to_ascii_lowercase();
        let from = options.get(&name)?.as_object().and_then(|block| block.iter().next());
        Some(match from {
            Some((from, value)) if from != "value" && value != HIDDEN => {
                let called = self.declared.called(&format!("{path}.{name}.{from}"));
                format!("{{ {from}: {} }}", called.map_or_else(|| text(value), str::to_owned))
            }
            _ => self.literal_option(path, &name).unwrap_or_else(|| HIDDEN.to_owned()),
        })
    }

    fn literal_option(&self, path: &str, name: &str) -> Option<String> {
        let SourceSpec::ObjectStore(store) = self.declared.spec.source() else { return None };
        let (_, source) = store.options.iter().find(|(known, _)| known == name)?;
        let SecretSource::Value(value) = source else { return None };
        if let Some(variable) = self.declared.called(&format!("{path}.{name}.value")) {
            return Some(variable.to_owned());
        }
        let shown = redacted(value.expose());
        let is_secret = meaning::is_secret(store.backend, name) || is_likely_secret(name, &shown);
        (!is_secret).then_some(shown)
    }

    /// What is not in the written form is its default, also where the file says so.
    fn default(&self, setting: &Setting, path: &str) -> Option<Effective> {
        let value = self.by_default(setting, path)?;
        self.is_used(setting.block, setting.name)
            .then(|| self.row_of(path, value, self.declared.places.exact(path)))
    }

    fn by_default(&self, setting: &Setting, path: &str) -> Option<String> {
        let spec = &self.declared.spec;
        match path {
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
            _ => setting.default.shown().map(|words| words.replace('`', "")),
        }
    }

    /// Whether a setting that is left out has a meaning here.
    fn is_used(&self, block: &str, name: &str) -> bool {
        let is_http = matches!(self.declared.spec.source(), SourceSpec::Http(_));
        let is_list = self.declared.spec.items().is_some();
        match (block, name) {
            ("", "on_bad_item") => is_list,
            ("removal", "confirm") => is_http,
            ("removal", _) => is_list || !is_http,
            ("", _) => true,
            (block, _) => self.written(block).is_some_and(Value::is_object),
        }
    }

    /// A setting; what is said of its place is said of `at`.
    fn row(&self, path: &str, at: &str, value: String) -> Effective {
        let places = &self.declared.places;
        let place = places.exact(at).unwrap_or_else(|| places.of(at));
        self.row_of(path, value, Some(place))
    }

    fn row_of(&self, path: &str, value: String, place: Option<Place>) -> Effective {
        let variable = place.and_then(|place| self.declared.expanded.called(place));
        Effective {
            setting: yaml(path),
            value: variable.map_or(value, str::to_owned),
            origin: self.declared.origin(place),
        }
    }

    /// A URL, whose variables are shown in their places.
    fn row_of_url(&self, path: &str, url: String) -> Effective {
        let shown = self.row(path, path, url);
        let written = self.declared.written_url(path).map(str::to_owned);
        Effective { value: written.unwrap_or(shown.value), ..shown }
    }

    fn token_url(&self) -> Option<String> {
        match self.declared.spec.source() {
            SourceSpec::Http(HttpSpec { auth: Some(Auth::OAuth2(oauth2)), .. }) => {
                Some(masked_url(&oauth2.token_url, |_| false))
            }
            _ => None,
        }
    }

    /// The URL with its own query. The parameters of `query` have rows of their own.
    fn url(&self) -> String {
        match self.declared.spec.source() {
            SourceSpec::Http(http) => {
                let declared = self.declared.places.within("http.query").len();
                let mut pairs: Vec<_> = http.url.query().unwrap_or_default().split('&').collect();
                pairs.truncate(pairs.len().saturating_sub(declared));
                let query = masked_query(&pairs.join("&"), |_| false);
                let separator = if query.is_empty() { "" } else { "?" };
                format!("{}{separator}{query}", masked_path(&redacted(http.url.as_str())))
            }
            SourceSpec::ObjectStore(store) => masked_path(&redacted(store.url.as_str())),
        }
    }
}

/// As YAML spells it.
pub(super) fn yaml(path: &str) -> String {
    path.split('.').map(camel).collect::<Vec<_>>().join(".")
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The spec without what may be a secret.
fn veiled(spec: &WatcherSpec) -> WatcherSpec {
    let mut spec = spec.clone();
    match &mut spec.source {
        SourceSpec::Http(http) => veil(http),
        SourceSpec::ObjectStore(store) => {
            let _ = store.url.set_password(None);
            store.options.iter_mut().for_each(|(_, value)| veil_secret(value));
        }
    }
    spec
}

fn veil(http: &mut HttpSpec) {
    http.headers.clear();
    let _ = http.url.set_username("");
    let _ = http.url.set_password(None);
    http.url.set_query(None);
    if let Some(Body::Json(text) | Body::Text(text)) = &mut http.body {
        *text = HIDDEN.to_owned();
    }
    match &mut http.auth {
        None => {}
        Some(Auth::Bearer(secret)) => veil_secret(secret),
        Some(Auth::Basic { username, password }) => {
            *username = HIDDEN.to_owned();
            veil_secret(password);
        }
        Some(Auth::Header { prefix, secret, .. }) => {
            if !prefix.is_empty() {
                *prefix = HIDDEN.to_owned();
            }
            veil_secret(secret);
        }
        Some(Auth::Query { secret, .. }) => veil_secret(secret),
        Some(Auth::OAuth2(oauth2)) => {
            oauth2.token_url.set_query(None);
            veil_secret(&mut oauth2.client_secret);
        }
    }
}

fn veil_secret(secret: &mut SecretSource) {
    if let SecretSource::Value(_) = secret {
        *secret = SecretSource::Env(HIDDEN.to_owned());
    }
}
