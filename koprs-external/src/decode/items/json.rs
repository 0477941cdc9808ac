//! JSON, cut and searched without being decoded.

use std::fmt;
use std::ops::ControlFlow;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::Path;
use crate::decode::{Refused, json as whole};

/// Hands over the members of the array or object at a place.
pub(super) fn items<B>(
    text: &str,
    at: &Path,
    mut each: impl FnMut(Option<&str>, &str) -> ControlFlow<B>,
) -> Result<ControlFlow<B>, Refused> {
    let mut stopped = None;
    let mut found = false;
    let list = List {
        each: &mut |name, text| {
            let flow = each(name, text);
            match flow {
                ControlFlow::Continue(()) => true,
                ControlFlow::Break(why) => {
                    stopped = Some(why);
                    false
                }
            }
        },
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = At { path: at, found: &mut found, then: Some(list) }.deserialize(&mut json);
    if let Some(why) = stopped {
        return Ok(ControlFlow::Break(why));
    }
    read.and_then(|()| json.end()).map_err(|error| Refused::at(at, whole::message(&error)))?;
    if found {
        return Ok(ControlFlow::Continue(()));
    }
    Err(Refused::at(at, "there is nothing, where the items should be".to_owned()))
}

/// Hands over the lines. What is no JSON in one of them is seen when the item is asked for something.
pub(super) fn lines<B>(
    text: &str,
    mut each: impl FnMut(super::Item<'_>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .try_for_each(|line| each(super::Item::Json { name: None, text: line }))
}

/// The text, number or boolean at a place; `None` where there is nothing, or `null`.
pub(super) fn scalar(text: &str, at: &Path) -> Result<Option<String>, Refused> {
    let mut found = false;
    let mut raw = None;
    let mut json = serde_json::Deserializer::from_str(text);
    let read = At { path: at, found: &mut found, then: Some(Raw(&mut raw)) }.deserialize(&mut json);
    read.map_err(|error| Refused::at(at, whole::message(&error)))?;
    let Some(raw) = raw else { return Ok(None) };
    match raw.as_bytes().first() {
        Some(b'n') => Ok(None),
        Some(b'"') => serde_json::from_str(raw)
            .map(Some)
            .map_err(|error| Refused::at(at, whole::message(&error))),
        Some(b'{' | b'[') | None => {
            Err(Refused::at(at, "expected a text or a number, found more than that".to_owned()))
        }
        Some(_) => Ok(Some(raw.to_owned())),
    }
}

/// The parts of a value, but for those at these places. What is around them is taken as it is written.
pub(super) fn without(
    text: &str,
    ignored: &[Box<Path>],
    mut part: impl FnMut(&[u8]),
) -> Result<(), Refused> {
    let paths: Vec<_> = ignored.iter().map(|path| &**path).collect();
    cut(text, &paths, &mut part).map_err(|error| Refused::whole(whole::message(&error)))
}

fn cut(
    text: &str,
    ignored: &[&Path],
    part: &mut dyn FnMut(&[u8]),
) -> Result<(), serde_json::Error> {
    if ignored.iter().any(|path| path.is_empty()) {
        return Ok(());
    }
    if ignored.is_empty() || !text.trim_start().starts_with(['{', '[']) {
        part(text.trim().as_bytes());
        return Ok(());
    }
    let mut json = serde_json::Deserializer::from_str(text);
    let mut inner = Ok(());
    let mut place = 0_usize;
    let mut each = |name: Option<&str>, text: &str| {
        let name = name.map_or_else(|| place.to_string(), str::to_owned);
        place += 1;
        let below = ignored.iter().filter_map(|path| path.split_first());
        let below: Vec<_> = below.filter(|(first, _)| **first == name).map(|it| it.1).collect();
        part(name.as_bytes());
        inner = cut(text, &below, part);
        inner.is_ok()
    };
    let read = List { each: &mut each }.deserialize(&mut json);
    inner.and(read)
}

/// Goes down to a place and does something there. Other members are passed over.
struct At<'p, S> {
    path: &'p Path,
    found: &'p mut bool,
    then: Option<S>,
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> DeserializeSeed<'de> for At<'_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match (self.path.is_empty(), self.then) {
            (true, Some(then)) => {
                *self.found = true;
                then.deserialize(deserializer)
            }
            (_, then) => deserializer.deserialize_any(At { then, ..self }),
        }
    }
}

impl<'de, S: DeserializeSeed<'de, Value = ()>> Visitor<'de> for At<'_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.first() {
            Some(name) => write!(f, "an object with `{name}`"),
            None => f.write_str("a value"),
        }
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let Some((name, rest)) = self.path.split_first() else { return Ok(()) };
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            if key != *name {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let Some(then) = self.then.take() else {
                return Err(A::Error::custom(format_args!("`{name}` is there twice")));
            };
            map.next_value_seed(At { path: rest, found: self.found, then: Some(then) })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        let Some((name, rest)) = self.path.split_first() else { return Ok(()) };
        let place = name.parse().unwrap_or(usize::MAX);
        for _ in 0..place {
            if seq.next_element::<IgnoredAny>()?.is_none() {
                return Ok(());
            }
        }
        let then = self.then.take();
        seq.next_element_seed(At { path: rest, found: self.found, then })?;
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// Takes a value as it is written.
struct Raw<'a, 'de>(&'a mut Option<&'de str>);

impl<'de> DeserializeSeed<'de> for Raw<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw: &RawValue = serde::Deserialize::deserialize(deserializer)?;
        *self.0 = Some(raw.get());
        Ok(())
    }
}

/// Hands over the members of an array or an object, until it is told that this is enough.
struct List<'a> {
    each: &'a mut dyn FnMut(Option<&str>, &str) -> bool,
}

impl<'de> DeserializeSeed<'de> for List<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for List<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array or an object of items")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(item) = seq.next_element::<&RawValue>()? {
            if !(self.each)(None, item.get()) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            let item = map.next_value::<&RawValue>()?;
            if !(self.each)(Some(&name), item.get()) {
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}
