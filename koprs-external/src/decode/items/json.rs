//! JSON, cut and searched without being decoded.
//!
//! The walk over a list is by hand, so that an item that is known can be passed over by its length; each
//! value that is not is measured by serde_json. A walk goes down a declared path, so at most as deep as a pointer, and
//! does not recurse. How deep a value is that it passes over does not matter.

mod reach;
mod walk;
mod way;

use std::num::NonZeroUsize;

pub(in crate::decode) use self::reach::reach;
use self::walk::{Open, Walk};
use self::way::Way;
use super::{Cutter, Item, Path};
use crate::decode::ignored::{Branch, PointerTree, Step};
use crate::decode::json::broken;
use crate::decode::refused::Refused;

/// Hands over the members of the array or object at a place.
pub(super) fn items(text: &str, at: &Path, cutter: &mut dyn Cutter) -> Result<(), Refused> {
    match list_at(text, at, cutter) {
        Ok(true) | Err(Fault::Stopped) => Ok(()),
        Ok(false) => Err(reach(text, at).no_items()),
        Err(Fault::NoList) => Err(reach(text, at).not_items()),
        Err(fault) => Err(fault.refused(text, at)),
    }
}

/// Returns whether there is something at the place.
fn list_at(text: &str, at: &Path, cutter: &mut dyn Cutter) -> Result<bool, Fault> {
    let (mut walk, mut way) = (Walk::new(text), Way::to(at));
    let mut found = false;
    while way.next(&mut walk)? {
        found = true;
        list(&mut walk, cutter)?;
    }
    walk.end().map(|()| found)
}

/// Hands over the lines. A line that is not JSON is refused when the item is asked for something.
pub(super) fn lines(text: &str, cutter: &mut dyn Cutter) {
    let lines = text.lines().map(str::trim).zip((1..).filter_map(NonZeroUsize::new));
    let mut lines = lines.filter(|(line, _)| !line.is_empty());
    lines.all(|(text, line)| cutter.item(Item::Json { name: None, text, line: Some(line) }));
}

/// Returns the text, number or boolean at a place; `None` where there is nothing, or `null`. What follows is not read.
pub(super) fn scalar(text: &str, at: &Path) -> Result<Option<String>, Refused> {
    let (mut walk, mut way) = (Walk::new(text), Way::to(at));
    let raw = way.next(&mut walk).and_then(|found| found.then(|| walk.value()).transpose());
    raw.map_err(|fault| fault.refused(text, at)).and_then(|raw| read_scalar(raw, text, at))
}

/// The same of a text that is read to its end: a place that is there twice is an error.
pub(super) fn only_scalar(text: &str, at: &Path) -> Result<Option<String>, Refused> {
    let (mut walk, mut way) = (Walk::new(text), Way::to(at));
    let mut read = || {
        let mut raw = None;
        while way.next(&mut walk)? {
            raw = Some(walk.value()?);
        }
        Ok(raw)
    };
    let raw = read().map_err(|fault: Fault| fault.refused(text, at))?;
    read_scalar(raw, text, at)
}

/// The scalar that stands in a text at a place.
fn read_scalar(raw: Option<&str>, text: &str, at: &Path) -> Result<Option<String>, Refused> {
    match raw.map(|raw| (raw, raw.as_bytes().first())) {
        None | Some((_, Some(b'n'))) => Ok(None),
        Some((raw, Some(b'"'))) => {
            serde_json::from_str(raw).map(Some).map_err(|error| broken(&error))
        }
        Some((_, Some(b'{' | b'[') | None)) => Err(reach(text, at).not_scalar()),
        Some((raw, Some(_))) => Ok(Some(raw.to_owned())),
    }
}

/// The parts of a value, but for those at the ignored places, whether there is something or not. What is around
/// them is taken as it is written. It is one pass, whatever the number and the depth of the places.
pub(super) fn without(
    text: &str,
    ignored: &PointerTree,
    part: &mut dyn FnMut(&[u8]),
) -> Result<(), Refused> {
    remains(text.trim(), ignored, part).map_err(|fault| fault.refused(text, &[]))
}

fn remains(text: &str, ignored: &PointerTree, part: &mut dyn FnMut(&[u8])) -> Result<(), Fault> {
    let mut walk = Walk::new(text);
    let mut open: Vec<(Open, Branch<'_>)> = Vec::new();
    let mut below = ignored.root();
    loop {
        // At a value that counts, with what is ignored in it.
        match (below, walk.peek()) {
            // Where it begins and ends is a part, too: what leaves it has moved.
            (Some(branch), Some(bracket @ (b'{' | b'['))) => {
                part(&[bracket]);
                open.push((walk.open()?, branch));
            }
            _ if open.is_empty() => {
                part(text.as_bytes());
                return Ok(());
            }
            _ => part(walk.value()?.as_bytes()),
        }
        // On to the next one.
        below = loop {
            let Some((members, branch)) = open.last_mut() else { return walk.end() };
            let Some(member) = walk.member(members)? else {
                part(&[members.close()]);
                open.pop();
                continue;
            };
            let below = match branch.step(member.name()) {
                Step::Ignored => {
                    walk.value()?;
                    continue;
                }
                Step::Into(below) => Some(below),
                Step::Counts => None,
            };
            member.name().part(part);
            break below;
        };
    }
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

/// So many bytes may be compared in vain whatever was read.
const IN_VAIN: usize = 4096;

/// Hands over the members of the array or object that comes next.
fn list(walk: &mut Walk<'_>, cutter: &mut dyn Cutter) -> Result<(), Fault> {
    let bracket = walk.peek();
    if !matches!(bracket, Some(b'{' | b'[')) {
        walk.value()?;
        return Err(Fault::NoList);
    }
    cutter.begins(bracket == Some(b'{')).map_err(Fault::Broken)?;
    let mut open = walk.open()?;
    // Bytes that were compared in vain. More than were read is not worth it: a long item that has gone would be looked
    // for at each short one.
    let mut in_vain = 0_usize;
    while let Some(member) = walk.member(&mut open)? {
        let name = member.name.as_deref();
        let worth = walk.position().saturating_add(IN_VAIN).saturating_sub(in_vain);
        let expected = cutter.expects().filter(|length| *length <= worth);
        let known = expected.and_then(|length| walk.known(length));
        if let Some(text) = known
            && cutter.is_expected(Item::Json { name, text, line: None })
        {
            walk.pass(text);
            continue;
        }
        in_vain = in_vain.saturating_add(known.map_or(0, str::len));
        if !cutter.item(Item::Json { name, text: walk.value()?, line: None }) {
            return Err(Fault::Stopped);
        }
    }
    Ok(())
}
