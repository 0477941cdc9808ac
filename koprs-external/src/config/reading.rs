//! One watcher on its way from text to a checked spec.
//!
//! Each setting is read into a [`WatcherBuilder`], and its place is noted. The builder's `build` is the
//! one place where settings are checked; what it refuses is brought back to the places. A setting that
//! could not even be read was reported then, and what `build` says of it is dropped.

use std::path::Path;

use super::Declared;
use super::place::{At, Given, Mistake, Place, Places};
use super::raw::{RawAuth, RawHttp, RawHttpDefaults, RawSchedule, RawSecret};
use crate::secret::redacted;
use crate::spec::settings::SETTINGS;
use crate::spec::{
    Format, Invalid, SecretSource, WatcherBuilder, WatcherSpec, duration, header, jitter, size,
};

#[must_use = "mistakes are found when it is finished"]
pub(super) struct Reading<'a> {
    builder: WatcherBuilder,
    places: Places,
    /// Settings of which nothing more is to be said.
    excused: Vec<String>,
    /// A setting whose mistakes are told at another one, and what it is called there.
    blamed: Option<(&'static str, Place, &'static str)>,
    out: &'a mut Vec<Mistake>,
}

impl<'a> Reading<'a> {
    /// Begins with what every watcher has to have.
    pub(super) fn new(
        home: Place,
        name: Given<String>,
        url: Given<String>,
        out: &'a mut Vec<Mistake>,
    ) -> Self {
        let mut reading = Self {
            builder: WatcherSpec::http("", ""),
            places: Places::new(home),
            excused: Vec::new(),
            blamed: None,
            out,
        };
        let name = reading.required("name", name, |_, name| Ok(name.to_owned()));
        let url = reading.required("http.url", url, |_, url| without_placeholder(url));
        reading.builder = WatcherSpec::http(name, url);
        reading
    }

    /// Nothing more is to be said of a setting.
    pub(super) fn excuse(mut self, setting: &str) -> Self {
        self.excused.push(setting.to_owned());
        self
    }

    /// What `build` says of a setting is told at another place.
    pub(super) fn blame(mut self, setting: &'static str, at: Place, called: &'static str) -> Self {
        self.blamed = Some((setting, at, called));
        self
    }

    pub(super) fn schedule(mut self, raw: RawSchedule) -> Self {
        let RawSchedule { interval, max_backoff, jitter, decode } = raw;
        if let Some(interval) = self.read("interval", interval, duration::parse) {
            self.builder = self.builder.interval(interval);
        }
        if let Some(max_backoff) = self.read("max_backoff", max_backoff, duration::parse) {
            self.builder = self.builder.max_backoff(max_backoff);
        }
        if let Some(ratio) = self.read("jitter", jitter, jitter::parse) {
            self.builder = self.builder.jitter(ratio);
        }
        if let Some(format) = self.read("decode", decode, Format::parse) {
            self.builder = self.builder.decode(format);
        }
        self
    }

    /// The settings of `http` beside its URL. Relative paths begin in `folder`.
    pub(super) fn http(mut self, raw: RawHttp, folder: &Path) -> Self {
        let RawHttp { url: _, query, auth, common } = raw;
        for (name, value) in query {
            self.builder = self.builder.query(name.value, value.value);
        }
        if let Given::Written(At { place, value: RawAuth::Bearer(secret) }) = auth {
            self.places.insert("http.auth", place);
            self.places.insert("http.auth.bearer", secret.place);
            self.builder = self.builder.bearer(secret_source(secret.value, folder));
        }
        self.http_defaults(common)
    }

    /// The settings of `http` that can have a default.
    pub(super) fn http_defaults(mut self, raw: RawHttpDefaults) -> Self {
        let RawHttpDefaults { header, timeout, body_limit } = raw;
        for (name, value) in header {
            // Two refused names may be called the same, so each is checked where its place is known.
            match header::check(&name.value, &value.value) {
                Ok(_) => {
                    self.places.insert(format!("http.header.{}", name.value), name.place);
                    self.builder = self.builder.header(name.value, value.value);
                }
                Err(invalid) => self.out.push(told(name.place, invalid)),
            }
        }
        if let Some(timeout) = self.read("http.timeout", timeout, duration::parse) {
            self.builder = self.builder.timeout(timeout);
        }
        if let Some(bytes) = self.read("http.body_limit", body_limit, size::parse) {
            self.builder = self.builder.body_limit(bytes);
        }
        self
    }

    /// The spec, when nothing is wrong with it, and where its settings stand.
    pub(super) fn finish(self) -> Option<Declared> {
        let Self { builder, places, excused, blamed, out } = self;
        let mistakes = match builder.build() {
            Ok(spec) => return excused.is_empty().then_some(Declared { spec, places }),
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
            out.push(told(place, mistake));
        }
        None
    }

    fn required(
        &mut self,
        setting: &str,
        text: Given<String>,
        read: impl FnOnce(&str, &str) -> Result<String, Invalid>,
    ) -> String {
        let given = self.read(setting, text, read);
        if given.is_none() {
            self.excused.push(setting.to_owned());
        }
        given.unwrap_or_default()
    }

    fn read<T>(
        &mut self,
        setting: &str,
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
        self.excused.push(setting.to_owned());
        None
    }
}

fn secret_source(raw: RawSecret, folder: &Path) -> SecretSource {
    match raw {
        RawSecret::Env(name) => SecretSource::Env(name),
        RawSecret::File(path) if path.is_empty() => SecretSource::File(path.into()),
        RawSecret::File(path) => SecretSource::File(folder.join(path)),
        RawSecret::Value(value) => SecretSource::Value(value.into()),
    }
}

/// A file has no parameters.
fn without_placeholder(url: &str) -> Result<String, Invalid> {
    let word = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    // Beside the path, what stands in braces may be a secret.
    let public = redacted(url);
    let mut braces = url.match_indices('{').filter_map(|(open, _)| {
        let (before, rest) = url.split_at(open);
        let (name, _) = rest.strip_prefix('{')?.split_once('}')?;
        let shown = if public.contains(&format!("{{{name}}}")) { name } else { "…" };
        word(name).then_some((before.ends_with('$'), shown))
    });
    let (message, help) = match braces.next() {
        None => return Ok(url.to_owned()),
        Some((true, name)) => (
            format!("`${{{name}}}` is not expanded"),
            "write the URL out, or have the file filled in before it is read",
        ),
        Some((false, name)) => (
            format!("`{{{name}}}` is a placeholder, and a file has no parameters"),
            "write the URL out, or declare the watcher in Rust; a brace is `%7B`",
        ),
    };
    Err(Invalid::new("http.url", "placeholder", message).help(help))
}

/// A mistake of the spec in the words of YAML.
fn told(place: Place, invalid: Invalid) -> Mistake {
    let Invalid { setting: _, code, message, help } = invalid;
    Mistake { place, code, message: in_yaml(message), help: help.map(in_yaml) }
}

fn in_yaml(text: String) -> String {
    SETTINGS.iter().filter(|setting| setting.name.contains('_')).fold(text, |text, setting| {
        text.replace(&format!("`{}`", setting.name), &format!("`{}`", setting.yaml()))
    })
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
            let message = without_placeholder(url).err().map(|invalid| invalid.message);
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
