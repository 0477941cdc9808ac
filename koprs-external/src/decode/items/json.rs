//! JSON, cut and searched without being decoded.
//!
//! The walk over a list is by hand, so that an item that is known can be passed over by its length; each
//! value that is not is measured by serde_json.

mod reach;
mod walk;

use std::num::NonZeroUsize;

pub(in crate::decode) use self::reach::reach;
use self::walk::Walk;
use super::{Cutter, Item, Path, is_place};
use crate::decode::json::broken;
use crate::decode::refused::Refused;

/// Hands over the members of the array or object at a place.
pub(super) fn items(text: &str, at: &Path, cutter: &mut dyn Cutter) -> Result<(), Refused> {
    let mut walk = Walk::new(text);
    let walked = descend(&mut walk, at, &mut |walk| list(walk, cutter));
    match walked.and_then(|found| walk.end().map(|()| found)) {
        Ok(true) | Err(Fault::Stopped) => Ok(()),
        Ok(false) => Err(reach(text, at).no_items()),
        Err(Fault::NoList) => Err(reach(text, at).not_items()),
        Err(fault) => Err(fault.refused(text, at)),
    }
}

/// Hands over the lines. A line that is not JSON is refused when the item is asked for something.
pub(super) fn lines(text: &str, cutter: &mut dyn Cutter) {
    let lines = text.lines().map(str::trim).zip((1..).filter_map(NonZeroUsize::new));
    let mut lines = lines.filter(|(line, _)| !line.is_empty());
    lines.all(|(text, line)| cutter.item(Item::Json { name: None, text, line: Some(line) }));
}

/// Returns the text, number or boolean at a place; `None` where there is nothing, or `null`. What follows is not read.
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
    let mut walk = Walk::new(text);
    let walked = descend(&mut walk, at, &mut |walk| {
        raw = Some(walk.value()?);
        then()
    });
    match (walked, raw.map(|raw| (raw, raw.as_bytes().first()))) {
        (Ok(_) | Err(Fault::Stopped), None | Some((_, Some(b'n')))) => Ok(None),
        (Ok(_) | Err(Fault::Stopped), Some((raw, Some(b'"')))) => {
            serde_json::from_str(raw).map(Some).map_err(|error| broken(&error))
        }
        (Ok(_) | Err(Fault::Stopped), Some((_, Some(b'{' | b'[') | None))) => {
            Err(reach(text, at).not_scalar())
        }
        (Ok(_) | Err(Fault::Stopped), Some((raw, Some(_)))) => Ok(Some(raw.to_owned())),
        (Err(fault), _) => Err(fault.refused(text, at)),
    }
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
        Err(fault) => Err(fault.refused(text, &[])),
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
    let mut walk = Walk::new(text);
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
    /// The text is not JSON.
    Syntax(String),
    /// The way to the place leads through something that has no such members.
    NoWay,
    /// At the place is neither an array nor an object.
    NoList,
    Broken(String),
}

impl Fault {
    /// The error of a walk through a text to a place.
    fn refused(self, text: &str, at: &Path) -> Refused {
        match self {
            Self::Syntax(why) => Refused { path: at.join("."), ..Refused::syntax(why) },
            Self::NoWay => reach(text, at).no_way(),
            Self::NoList => reach(text, at).not_items(),
            Self::Broken(why) => Refused::at(at, why),
            Self::Stopped => Refused::at(at, "it was not read to its end".to_owned()),
        }
    }
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
        return match walk.value()? {
            "null" => Ok(false),
            _ => Err(Fault::NoWay),
        };
    }
    let mut found = None;
    members(walk, &mut |walk, member, place| {
        if member.is_none() && !is_place(name) {
            return Err(Fault::NoWay);
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
        walk.value()?;
        return Err(Fault::NoList);
    }
    cutter.begins(open == Some(b'{')).map_err(Fault::Broken)?;
    members(walk, &mut |walk, name, _| {
        let name = name.as_deref();
        let known = cutter.expects().and_then(|length| walk.known(length));
        if let Some(text) = known
            && cutter.is_expected(Item::Json { name, text, line: None })
        {
            walk.pass(text);
            return Ok(());
        }
        match cutter.item(Item::Json { name, text: walk.value()?, line: None }) {
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
