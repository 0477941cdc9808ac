//! One watcher on its way from text to a checked spec.
//!
//! Each setting is read into a [`WatcherBuilder`], and its place is noted. The builder's `build` is the
//! one place where settings are checked; what it refuses is brought back to the places. A setting that
//! could not even be read was reported then, and what `build` says of it is dropped.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use super::carried::value_of;
use super::place::{At, Given, Mistake, PATIENCE, Place, Places, tell};
use super::raw::{
    RawAuth, RawBody, RawFrom, RawHttp, RawHttpDefaults, RawItems, RawOAuth2, RawObjectStore,
    RawObjectStoreDefaults, RawPages, RawSchedule, RawSecret, RawTls, RawValue, RawWay,
};
use crate::secret::redacted;
use crate::spec::removal::parse_share;
use crate::spec::settings::SETTINGS;
use crate::spec::word::flag;
use crate::spec::{
    ClientCredentials, Format, Invalid, Method, OnBadItem, Paging, SecretSource, TlsFiles,
    WatcherBuilder, WatcherSpec, duration, header, jitter, number, size,
};

#[must_use = "mistakes are found when it is finished"]
pub(super) struct Reading<'a> {
    builder: WatcherBuilder,
    places: Places,
    /// Settings of which nothing more is to be said.
    excused: HashSet<String>,
    /// A setting whose mistakes are told at another one, and what it is called there.
    blamed: Option<(&'static str, Place, &'static str)>,
    out: &'a mut Vec<Mistake>,
}

impl<'a> Reading<'a> {
    /// Begins with what every watcher of an HTTP endpoint has to have.
    pub(super) fn http(
        home: Place,
        name: Given<String>,
        url: Given<String>,
        out: &'a mut Vec<Mistake>,
    ) -> Self {
        Self::begin(home, name, ("http.url", url), WatcherSpec::http, out)
    }

    /// Begins with what every watcher of an object store has to have.
    pub(super) fn object_store(
        home: Place,
        name: Given<String>,
        url: Given<String>,
        out: &'a mut Vec<Mistake>,
    ) -> Self {
        Self::begin(home, name, ("object_store.url", url), WatcherSpec::object_store, out)
    }

    fn begin(
        home: Place,
        name: Given<String>,
        (setting, url): (&'static str, Given<String>),
        begin: fn(String, String) -> WatcherBuilder,
        out: &'a mut Vec<Mistake>,
    ) -> Self {
        let mut reading = Self {
            builder: begin(String::new(), String::new()),
            places: Places::new(home),
            excused: HashSet::new(),
            blamed: None,
            out,
        };
        let name = reading.required("name", name, text);
        let url = reading.required(setting, url, without_placeholder);
        reading.builder = begin(name, url);
        reading
    }

    /// Nothing more is to be said of a setting.
    pub(super) fn excuse(mut self, setting: &str) -> Self {
        self.excused.insert(setting.to_owned());
        self
    }

    /// What `build` says of a setting is told at another place.
    pub(super) fn blame(mut self, setting: &'static str, at: Place, called: &'static str) -> Self {
        self.blamed = Some((setting, at, called));
        self
    }

    pub(super) fn schedule(self, raw: RawSchedule) -> Self {
        self.set("interval", raw.interval, duration::parse, WatcherBuilder::interval)
            .set("max_backoff", raw.max_backoff, duration::parse, WatcherBuilder::max_backoff)
            .set("jitter", raw.jitter, jitter::parse, WatcherBuilder::jitter)
            .set("deadline", raw.deadline, duration::parse, WatcherBuilder::deadline)
            .set("decode", raw.decode, Format::parse, WatcherBuilder::decode)
            .set("removal.confirm", raw.confirm, number::parse, WatcherBuilder::confirm)
            .set("removal.hold_above", raw.hold_above, parse_share, WatcherBuilder::hold_above)
            .set("removal.hold_min", raw.hold_min, number::parse, WatcherBuilder::hold_min)
    }

    /// What is said of the value. `decode` is where the watcher itself names a format.
    pub(super) fn value(mut self, raw: RawValue, decode: Option<Place>) -> Self {
        let RawValue { items, on_bad_item, ignore, distinct } = raw;
        if self.excused.contains("decode") {
            // It may be a list by nature.
            self.excused.extend(["on_bad_item", "http.pages"].map(str::to_owned));
        }
        self = match items {
            Given::Absent => {
                decode.into_iter().for_each(|place| self.places.insert("items", place));
                self
            }
            Given::Broken => {
                self.builder = self.builder.items("");
                self.excuse("items").excuse("items.key")
            }
            Given::Written(At { place, value }) => {
                self.places.insert("items", place);
                self.items(value)
            }
        };
        self.set("on_bad_item", on_bad_item, OnBadItem::parse, WatcherBuilder::on_bad_item)
            .texts("ignore", ignore, WatcherBuilder::ignore)
            .set(
                "distinct",
                distinct,
                flag,
                |builder, on| {
                    if on { builder.distinct() } else { builder }
                },
            )
    }

    fn items(mut self, raw: RawItems) -> Self {
        let RawItems { at, key, limit } = raw;
        self.builder = self.builder.items("");
        self.set("items.at", at, text, WatcherBuilder::items)
            .set("items.key", key, text, WatcherBuilder::key)
            .set("items.limit", limit, number::parse, WatcherBuilder::item_limit)
    }

    /// The settings of `http` beside its URL. Relative paths begin in `folder`.
    pub(super) fn request(mut self, raw: RawHttp, folder: &Path) -> Self {
        let RawHttp { url: _, method, query, body, auth, unix_socket, pages, common } = raw;
        for (name, value) in query {
            let setting = format!("http.query.{}", name.value);
            self.places.insert(value_of(&setting), value.place);
            self.places.insert(setting, name.place);
            self.builder = self.builder.query(name.value, value.value);
        }
        self = self.set("http.method", method, Method::parse, WatcherBuilder::method);
        self = self.set("http.unix_socket", unix_socket, text, |builder, path| {
            builder.unix_socket(in_folder(folder, path))
        });
        if let Given::Written(At { place, value }) = body {
            self.places.insert("http.body", place);
            self = match value {
                RawBody::Json(json) => {
                    self.set("http.body.json", json, text, WatcherBuilder::json_body)
                }
                RawBody::Text(body) => {
                    self.set("http.body.text", body, text, WatcherBuilder::text_body)
                }
            };
        }
        if let Given::Written(At { place, value }) = auth {
            self.places.insert("http.auth", place);
            self = self.auth(value, folder);
        }
        if let Given::Written(At { place, value }) = pages {
            self.places.insert("http.pages", place);
            self = self.pages(value);
        }
        self.http_defaults(common, folder)
    }

    fn auth(mut self, raw: RawAuth, folder: &Path) -> Self {
        self.builder = match raw {
            RawAuth::Bearer(secret) => {
                let secret = self.secret("http.auth.bearer", secret, folder);
                self.builder.bearer(secret)
            }
            RawAuth::Basic { username, password } => {
                let username = self.required("http.auth.basic.username", username, text);
                let password = self.secret("http.auth.basic.password", password, folder);
                self.builder.basic(username, password)
            }
            RawAuth::Header { name, prefix, secret } => {
                let name = self.required("http.auth.header.name", name, text);
                let prefix = self.read("http.auth.header.prefix", prefix, text);
                let secret = self.secret("http.auth.header", secret, folder);
                self.builder.auth_header(name, prefix.unwrap_or_default(), secret)
            }
            RawAuth::Query { name, secret } => {
                let name = self.required("http.auth.query.name", name, text);
                let secret = self.secret("http.auth.query", secret, folder);
                self.builder.auth_query(name, secret)
            }
            RawAuth::OAuth2(raw) => {
                let credentials = self.oauth2(raw, folder);
                self.builder.oauth2(credentials)
            }
        };
        self
    }

    fn oauth2(&mut self, raw: RawOAuth2, folder: &Path) -> ClientCredentials {
        let RawOAuth2 { token_url, client_id, client_secret, scopes, audience, margin } = raw;
        let token_url = self.required("http.auth.oauth2.token_url", token_url, text);
        let client_id = self.required("http.auth.oauth2.client_id", client_id, text);
        let client_secret = self.secret("http.auth.oauth2.client_secret", client_secret, folder);
        let mut credentials = ClientCredentials::new(token_url, client_id, client_secret);
        for scope in self.list("http.auth.oauth2.scopes", scopes) {
            credentials = credentials.scope(scope);
        }
        if let Some(audience) = self.read("http.auth.oauth2.audience", audience, text) {
            credentials = credentials.audience(audience);
        }
        if let Some(margin) = self.read("http.auth.oauth2.margin", margin, duration::parse) {
            credentials = credentials.margin(margin);
        }
        credentials
    }

    fn pages(mut self, raw: RawPages) -> Self {
        let RawPages { way, limit, origins } = raw;
        let mut paging = self.way(way);
        if let Some(limit) = self.read("http.pages.limit", limit, number::parse) {
            paging = paging.limit(limit);
        }
        for origin in self.list("http.pages.origins", origins) {
            paging = paging.origin(origin);
        }
        self.builder = self.builder.pages(paging);
        self
    }

    /// The way to the next page; another stands in for one that was reported.
    fn way(&mut self, raw: Option<RawWay>) -> Paging {
        match raw {
            None | Some(RawWay::Link) => Paging::link_header(),
            Some(RawWay::Cursor { from, param }) => {
                let paging = match from {
                    RawFrom::At(at) => {
                        Paging::cursor_at(self.required("http.pages.cursor.at", at, text))
                    }
                    RawFrom::Header(name) => {
                        let name = self.required("http.pages.cursor.header", name, text);
                        Paging::cursor_header(name)
                    }
                };
                match self.read("http.pages.cursor.param", param, text) {
                    Some(param) => paging.param(param),
                    None => paging,
                }
            }
            Some(RawWay::Number { param, first }) => {
                let paging = Paging::number(self.required("http.pages.number.param", param, text));
                match self.read("http.pages.number.first", first, number::parse) {
                    Some(first) => paging.first(first),
                    None => paging,
                }
            }
            Some(RawWay::Offset { param }) => {
                Paging::offset(self.required("http.pages.offset.param", param, text))
            }
        }
    }

    /// The settings of `http` that can have a default.
    pub(super) fn http_defaults(mut self, raw: RawHttpDefaults, folder: &Path) -> Self {
        for (name, value) in raw.header {
            if self.out.len() >= PATIENCE {
                break;
            }
            // Two refused names may be called the same, so each is checked where its place is known.
            match header::check(&name.value, &value.value) {
                Ok(_) => {
                    let setting = format!("http.header.{}", name.value);
                    self.places.insert(value_of(&setting), value.place);
                    self.places.insert(setting, name.place);
                    self.builder = self.builder.header(name.value, value.value);
                }
                Err(invalid) => self.out.push(told(name.place, invalid)),
            }
        }
        let on = |builder: WatcherBuilder, on| if on { builder.respect_max_age() } else { builder };
        self.tls(raw.tls, folder)
            .set("http.timeout", raw.timeout, duration::parse, WatcherBuilder::timeout)
            .set("http.retries", raw.retries, number::parse, WatcherBuilder::retries)
            .set("http.respect_max_age", raw.respect_max_age, flag, on)
            .set(
                "http.max_in_flight",
                raw.max_in_flight,
                number::parse,
                WatcherBuilder::max_in_flight,
            )
            .set("http.body_limit", raw.body_limit, size::parse, WatcherBuilder::body_limit)
            .set("http.header_limit", raw.header_limit, size::parse, WatcherBuilder::header_limit)
            .set(
                "http.redirect_limit",
                raw.redirect_limit,
                number::parse,
                WatcherBuilder::redirect_limit,
            )
    }

    /// The settings of `objectStore` beside its URL. Relative paths begin in `folder`.
    pub(super) fn objects(mut self, raw: RawObjectStore, folder: &Path) -> Self {
        let RawObjectStore { url: _, option, include, exclude, common } = raw;
        for (name, value) in option {
            let setting = format!("object_store.option.{}", name.value);
            if let Given::Written(At { place, value }) = &value {
                // As the spec spells it.
                let from = format!("{}.{}", setting.to_ascii_lowercase(), value.key());
                self.places.insert(from, *place);
            }
            let value = self.secret(setting.clone(), value, folder);
            self.places.insert(setting, name.place);
            self.builder = self.builder.option(name.value, value);
        }
        self.texts("object_store.include", include, WatcherBuilder::include)
            .texts("object_store.exclude", exclude, WatcherBuilder::exclude)
            .object_store_defaults(common)
    }

    /// The settings of `objectStore` that can have a default.
    pub(super) fn object_store_defaults(self, raw: RawObjectStoreDefaults) -> Self {
        let RawObjectStoreDefaults {
            settle,
            concurrency,
            listing_concurrency,
            object_limit,
            body_limit,
        } = raw;
        self.set("object_store.settle", settle, duration::parse, WatcherBuilder::settle)
            .set(
                "object_store.concurrency",
                concurrency,
                number::parse,
                WatcherBuilder::concurrency,
            )
            .set(
                "object_store.listing_concurrency",
                listing_concurrency,
                number::parse,
                WatcherBuilder::listing_concurrency,
            )
            .set(
                "object_store.object_limit",
                object_limit,
                number::parse,
                WatcherBuilder::object_limit,
            )
            .set("object_store.body_limit", body_limit, size::parse, WatcherBuilder::body_limit)
    }

    fn tls(mut self, raw: RawTls, folder: &Path) -> Self {
        let RawTls { block, ca, cert, key } = raw;
        let Given::Written(At { place, value: () }) = block else { return self };
        self.places.insert("http.tls", place);
        let excused = self.excused.len();
        let mut path = |setting: &'static str, path| {
            self.read(setting, path, text).map(|it| in_folder(folder, it))
        };
        let ca = path("http.tls.ca", ca);
        let cert = path("http.tls.cert", cert);
        let key = path("http.tls.key", key);
        if self.excused.len() == excused {
            self.builder = self.builder.tls(TlsFiles { ca, cert, key });
        }
        self
    }

    /// Where what was read so far stands.
    pub(super) fn places(&self) -> &Places {
        &self.places
    }

    /// The spec, when nothing is wrong with it, and where its settings stand.
    pub(super) fn finish(self) -> Option<(WatcherSpec, Places)> {
        let Self { builder, mut places, excused, blamed, out } = self;
        places.sort();
        let mistakes = match builder.build() {
            Ok(spec) => return excused.is_empty().then_some((spec, places)),
            Err(invalid) => invalid.mistakes,
        };
        for mut mistake in mistakes {
            if excused.contains(&mistake.setting) {
                continue;
            }
            let mut place = places.of(&mistake.setting);
            if let Some((_, at, called)) = blamed.filter(|blamed| blamed.0 == mistake.setting) {
                place = at;
                mistake.message = format!("{called} {}", mistake.message);
            }
            tell(out, || told(place, mistake));
        }
        None
    }

    /// Reads a setting, and writes it.
    fn set<T>(
        mut self,
        setting: &'static str,
        text: Given<String>,
        read: impl FnOnce(&str, &str) -> Result<T, Invalid>,
        write: impl FnOnce(WatcherBuilder, T) -> WatcherBuilder,
    ) -> Self {
        if let Some(value) = self.read(setting, text, read) {
            self.builder = write(self.builder, value);
        }
        self
    }

    /// Reads a list of texts, and writes each.
    fn texts(
        mut self,
        setting: &'static str,
        texts: Given<Vec<At<String>>>,
        write: impl Fn(WatcherBuilder, String) -> WatcherBuilder,
    ) -> Self {
        self.builder = self.list(setting, texts).into_iter().fold(self.builder, write);
        self
    }

    /// A list of texts, whose places are noted by their numbers.
    fn list(&mut self, setting: &'static str, texts: Given<Vec<At<String>>>) -> Vec<String> {
        let Given::Written(At { place, value: texts }) = texts else { return Vec::new() };
        self.places.insert(setting, place);
        let texts = texts.into_iter().enumerate();
        let text = texts.map(|(n, At { place, value })| {
            self.places.insert(format!("{setting}.{n}"), place);
            value
        });
        text.collect()
    }

    /// Where a secret comes from; another stands in for one that was reported.
    fn secret(
        &mut self,
        setting: impl Into<Cow<'static, str>>,
        raw: Given<RawSecret>,
        folder: &Path,
    ) -> SecretSource {
        let setting = setting.into();
        let Given::Written(At { place, value }) = raw else {
            self.excused.insert(setting.into_owned());
            return SecretSource::Env(String::new());
        };
        self.places.insert(setting, place);
        match value {
            RawSecret::Env(name) => SecretSource::Env(name),
            RawSecret::File(path) => SecretSource::File(in_folder(folder, path)),
            RawSecret::Value(value) => SecretSource::Value(value.into()),
        }
    }

    fn required(
        &mut self,
        setting: &'static str,
        text: Given<String>,
        read: impl FnOnce(&str, &str) -> Result<String, Invalid>,
    ) -> String {
        let given = self.read(setting, text, read);
        if given.is_none() {
            self.excused.insert(setting.to_owned());
        }
        given.unwrap_or_default()
    }

    fn read<T>(
        &mut self,
        setting: &'static str,
        text: Given<String>,
        read: impl FnOnce(&str, &str) -> Result<T, Invalid>,
    ) -> Option<T> {
        let refused = match text {
            Given::Absent => return None,
            Given::Broken => None,
            Given::Written(At { place, value }) => {
                self.places.insert(setting, place);
                match read(setting, &value) {
                    Ok(value) => return Some(value),
                    Err(invalid) => Some(told(place, invalid)),
                }
            }
        };
        self.out.extend(refused);
        self.excused.insert(setting.to_owned());
        None
    }
}

/// A text as it is.
fn text(_: &str, text: &str) -> Result<String, Invalid> {
    Ok(text.to_owned())
}

/// A path of the file. That of nothing stays empty.
fn in_folder(folder: &Path, path: String) -> PathBuf {
    if path.is_empty() { path.into() } else { folder.join(path) }
}

/// A file has no parameters.
fn without_placeholder(setting: &str, url: &str) -> Result<String, Invalid> {
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
        let shown = if public.contains(&format!("{{{name}}}")) { name } else { "…" };
        Some((before.ends_with('$'), shown))
    });
    let host = public.split("://").nth(1).and_then(|rest| rest.split('/').next());
    let (message, help) = match braces.next() {
        None if host.is_some_and(|host| host.contains('$')) => (
            "the host has a `$`, and nothing is expanded".to_owned(),
            "write the host out, or have the file filled in before it is read",
        ),
        None => return Ok(url.to_owned()),
        Some((true, name)) => (
            format!("`${{{name}}}` is not expanded"),
            "read the file with `--env`, in Rust with `WatcherSet::loader().env()`, or write the URL out",
        ),
        Some((false, name)) => (
            format!("`{{{name}}}` is a placeholder, and a file has no parameters"),
            "write the URL out, or declare the watcher in Rust; a brace is `%7B`",
        ),
    };
    Err(Invalid::new(setting, "placeholder", message).help(help))
}

/// A mistake of the spec in the words of YAML.
fn told(place: Place, invalid: Invalid) -> Mistake {
    let Invalid { setting, code, message, help } = invalid;
    // An option may be called like a setting, and stays as it is.
    let in_yaml = match setting.starts_with("object_store.option") {
        true => |text| text,
        false => in_yaml,
    };
    Mistake { help: help.map(in_yaml), ..Mistake::new(place, code, in_yaml(message)) }
}

fn in_yaml(text: String) -> String {
    if !text.contains('_') {
        return text;
    }
    SPELLED.iter().fold(text, |text, (name, yaml)| match text.contains(name) {
        true => text.replace(name, yaml),
        false => text,
    })
}

/// The settings that YAML spells otherwise, as messages have them.
static SPELLED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let others = SETTINGS.iter().filter(|setting| setting.name.contains('_'));
    others.map(|it| (format!("`{}`", it.name), format!("`{}`", it.yaml()))).collect()
});

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
            let message = without_placeholder("http.url", url).err().map(|invalid| invalid.message);
            assert_eq!(message.is_some(), name.is_some(), "{url}");
            assert!(message.unwrap_or_default().contains(name.unwrap_or_default()), "{url}");
        }
    }

    #[test]
    fn settings_are_called_as_yaml_spells_them() {
        let text = "`max_backoff` must not be less than `interval`";
        assert_eq!(in_yaml(text.to_owned()), "`maxBackoff` must not be less than `interval`");
    }
}
