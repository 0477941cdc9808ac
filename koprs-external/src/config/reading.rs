//! One watcher on its way from text to a checked spec.
//!
//! Each setting is read into a [`WatcherBuilder`], and its place is noted. The builder's `build` is the
//! one place where settings are checked; what it refuses is brought back to the places. A setting that
//! could not even be read was reported then, and what `build` says of it is dropped.

mod auth;
mod http;
mod object_store;
mod pages;
mod placeholder;
mod told;

use std::borrow::Cow;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::place::{At, Given, Mistake, Place, Places, tell};
use super::raw::{RawItems, RawSchedule, RawSecret, RawValue};
use crate::spec::removal::parse_share;
use crate::spec::word::flag;
use crate::spec::{
    Format, Invalid, OnBadItem, SecretSource, WatcherBuilder, WatcherSpec, duration, jitter,
    number, size,
};
use placeholder::without_placeholder;
use told::told;

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
            .set("memory_limit", raw.memory_limit, size::parse, WatcherBuilder::memory_limit)
            .set("walk_limit", raw.walk_limit, size::parse, WatcherBuilder::walk_limit)
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
