//! JSON, cut and searched without being decoded.
//!
//! The walk over a list is by hand, so that an item that is known can be passed over by its length; each
//! value that is not is measured by serde_json.

use serde_json::value::RawValue;

use super::{Cutter, Item, Path, is_place};
use crate::decode::Refused;
use crate::decode::json::message;

/// Hands over the members of the array or object at a place.
pub(super) fn items(text: &str, at: &Path, cutter: &mut dyn Cutter) -> Result<(), Refused> {
    let mut walk = Walk { text, at: 0 };
    let walked = descend(&mut walk, at, &mut |walk| list(walk, cutter));
    match walked.and_then(|found| walk.end().map(|()| found)) {
        Ok(true) => Ok(()),
        Ok(false) => Err("there is nothing, where the items should be".to_owned()),
        Err(Fault::Stopped) => Ok(()),
        Err(Fault::Broken(why)) => Err(why),
    }
    .map_err(|why| Refused::at(at, why))
}

/// Hands over the lines. What is no JSON in one of them is seen when the item is asked for something.
pub(super) fn lines(text: &str, cutter: &mut dyn Cutter) {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.all(|line| cutter.item(Item::Json { name: None, text: line }));
}

/// The text, number or boolean at a place; `None` where there is nothing, or `null`. What follows is not read.
pub(super) fn scalar(text: &str, at: &Path) -> Result<Option<String>, Refused> {
    scalar_and(text, at, || Err(Fault::Stopped))
}

/// The same of a text that is read to its end: a place that is there twice is an error.
pub(super) fn only_scalar(text: &str, at: &Path) -> Result<Option<String>, Refused> {
    scalar_and(text, at, || Ok(()))
}

fn scalar_and(
    text: &str,
    at: &Path,
    then: impl Fn() -> Result<(), Fault>,
) -> Result<Option<String>, Refused> {
    let mut raw = None;
    let mut walk = Walk { text, at: 0 };
    let walked = descend(&mut walk, at, &mut |walk| {
        raw = Some(walk.value()?);
        then()
    });
    match (walked, raw.map(|raw| (raw, raw.as_bytes().first()))) {
        (Err(Fault::Broken(why)), _) => Err(why),
        (_, None | Some((_, Some(b'n')))) => Ok(None),
        (_, Some((raw, Some(b'"')))) => {
            serde_json::from_str(raw).map(Some).map_err(|error| message(&error))
        }
        (_, Some((_, Some(b'{' | b'[') | None))) => {
            Err("expected a text or a number, found more than that".to_owned())
        }
        (_, Some((raw, Some(_)))) => Ok(Some(raw.to_owned())),
    }
    .map_err(|why| Refused::at(at, why))
}

/// The parts of a value, but for those at these places, whether there is something or not. What is around
/// them is taken as it is written.
pub(super) fn without(
    text: &str,
    ignored: &[Box<Path>],
    part: &mut dyn FnMut(&[u8]),
) -> Result<(), Refused> {
    let paths: Vec<_> = ignored.iter().map(|path| &**path).collect();
    match remains(text, &paths, part) {
        Ok(()) | Err(Fault::Stopped) => Ok(()),
        Err(Fault::Broken(why)) => Err(Refused::whole(why)),
    }
}

fn remains(text: &str, ignored: &[&Path], part: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let text = text.trim();
    if ignored.is_empty() || !text.starts_with(['{', '[']) {
        part(text.as_bytes());
        return Ok(());
    }
    // Where it begins and ends is a part, too: what leaves it has moved.
    let (open, close) = if text.starts_with('{') { (b"{", b"}") } else { (b"[", b"]") };
    part(open);
    let mut walk = Walk { text, at: 0 };
    members(&mut walk, &mut |walk, name, place| {
        let name = name.unwrap_or_else(|| place.to_string());
        let below = ignored.iter().filter_map(|path| path.split_first());
        let below: Vec<_> = below.filter(|(first, _)| **first == name).map(|it| it.1).collect();
        let value = walk.value()?;
        if below.iter().any(|path| path.is_empty()) {
            return Ok(());
        }
        part(name.as_bytes());
        remains(value, &below, part)
    })?;
    part(close);
    walk.end()
}

/// Why a walk ends before its end.
enum Fault {
    /// It was told to.
    Stopped,
    Broken(String),
}

/// Goes down to a place, if there is one, and does something with the value there.
fn descend<'t>(
    walk: &mut Walk<'t>,
    at: &Path,
    then: &mut dyn FnMut(&mut Walk<'t>) -> Result<(), Fault>,
) -> Result<bool, Fault> {
    let Some((name, rest)) = at.split_first() else {
        return then(walk).map(|()| true);
    };
    if !matches!(walk.peek(), Some(b'{' | b'[')) {
        let found = walk.value()?;
        return match found {
            "null" => Ok(false),
            _ => Err(Fault::Broken(format!(
                "expected an object with `{name}`, found {}",
                kind(found)
            ))),
        };
    }
    let mut found = None;
    members(walk, &mut |walk, member, place| {
        if member.is_none() && !is_place(name) {
            return Err(Fault::Broken(format!("expected an object with `{name}`, found an array")));
        }
        let is = member.map_or_else(|| place.to_string() == *name, |member| member == *name);
        if !is {
            return walk.value().map(drop);
        }
        if found.is_some() {
            return Err(Fault::Broken(format!("`{name}` is there twice")));
        }
        found = Some(descend(walk, rest, then)?);
        Ok(())
    })?;
    Ok(found.unwrap_or(false))
}

/// Hands over the members of the array or object that comes next.
fn list(walk: &mut Walk<'_>, cutter: &mut dyn Cutter) -> Result<(), Fault> {
    let open = walk.peek();
    if !matches!(open, Some(b'{' | b'[')) {
        let found = kind(walk.value()?);
        return Err(Fault::Broken(format!(
            "expected an array or an object of items, found {found}"
        )));
    }
    cutter.begins(open == Some(b'{')).map_err(Fault::Broken)?;
    members(walk, &mut |walk, name, _| {
        let name = name.as_deref();
        let known = cutter.expects().and_then(|length| walk.known(length));
        if let Some(text) = known
            && cutter.is_expected(Item::Json { name, text })
        {
            walk.at += text.len();
            return Ok(());
        }
        match cutter.item(Item::Json { name, text: walk.value()? }) {
            true => Ok(()),
            false => Err(Fault::Stopped),
        }
    })
}

/// What is done with a member, which has a name in an object, and a place; it passes over the value.
type Each<'e, 't> = dyn FnMut(&mut Walk<'t>, Option<String>, usize) -> Result<(), Fault> + 'e;

/// Each member of an array or of an object.
fn members<'t>(walk: &mut Walk<'t>, each: &mut Each<'_, 't>) -> Result<(), Fault> {
    let (open, close) = match walk.peek() {
        Some(b'{') => (b'{', b'}'),
        _ => (b'[', b']'),
    };
    walk.expect(open)?;
    if walk.peek() == Some(close) {
        return walk.expect(close);
    }
    for place in 0.. {
        let name = match open {
            b'{' => {
                let name = walk.name()?;
                walk.expect(b':')?;
                Some(name)
            }
            _ => None,
        };
        walk.peek();
        each(walk, name, place)?;
        if walk.peek() == Some(close) {
            break;
        }
        walk.expect(b',')?;
    }
    walk.expect(close)
}

fn kind(value: &str) -> String {
    match value.as_bytes().first() {
        Some(b'{') => "an object".to_owned(),
        Some(b'[') => "an array".to_owned(),
        Some(b'"') => "a text".to_owned(),
        _ => format!("`{value:.100}`"),
    }
}

/// A place in a text.
struct Walk<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Walk<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The next byte that is no white space; the walk goes there.
    fn peek(&mut self) -> Option<u8> {
        let rest = self.rest().as_bytes();
        let white = rest.iter().take_while(|byte| b" \n\r\t".contains(byte)).count();
        self.at += white;
        rest.get(white).copied()
    }

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        match self.peek() {
            Some(next) if next == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.broken(format_args!("expected `{}`", char::from(byte)))),
            None => Err(self.broken("it ends too soon")),
        }
    }

    fn broken(&self, why: impl std::fmt::Display) -> Fault {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = self.at - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        Fault::Broken(format!("not JSON: {why} at line {line} column {column}"))
    }

    /// The text of the next value.
    fn value(&mut self) -> Result<&'t str, Fault> {
        self.next::<&'t RawValue>().map(RawValue::get)
    }

    fn name(&mut self) -> Result<String, Fault> {
        self.next::<String>()
    }

    fn next<T: serde::Deserialize<'t>>(&mut self) -> Result<T, Fault> {
        self.peek();
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            Some(Err(error)) => {
                let why = error.to_string();
                let why = why.split(" at line").next().unwrap_or_default().to_owned();
                self.at += values.byte_offset();
                Err(self.broken(why))
            }
            None => Err(self.broken("it ends too soon")),
        }
    }

    /// The next bytes, if a value can end behind them.
    fn known(&self, length: usize) -> Option<&'t str> {
        let (text, behind) = self.rest().split_at_checked(length)?;
        let next = behind.trim_start_matches([' ', '\n', '\r', '\t']).as_bytes().first();
        matches!(next, Some(b',' | b']' | b'}')).then_some(text)
    }

    /// Nothing may follow.
    fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.broken("trailing characters")),
        }
    }
}
