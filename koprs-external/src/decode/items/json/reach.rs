//! What is at a place of a JSON text, and how far the way there leads: for errors, so that it is read again.

use super::walk::Walk;
use super::{Fault, Path};
use crate::decode::found::{Found, Members, Reached};

/// Goes as far as there is something on the way to a place.
pub(in crate::decode) fn reach<'p>(text: &str, at: &'p Path) -> Reached<'p> {
    let mut here = Walk::new(text);
    for (depth, name) in at.iter().enumerate() {
        match member(here, name) {
            Some(below) => here = below,
            None => return Reached { at, depth, found: found(here) },
        }
    }
    Reached { at, depth: at.len(), found: found(here) }
}

/// The first member of this name of the value that comes next.
fn member<'t>(mut walk: Walk<'t>, name: &str) -> Option<Walk<'t>> {
    if !is_open(&mut walk) {
        return None;
    }
    let mut open = walk.open().ok()?;
    while let Some(member) = walk.member(&mut open).ok()? {
        if member.is(name) {
            return Some(walk);
        }
        walk.value().ok()?;
    }
    None
}

/// Whether an array or an object comes next.
pub(super) fn is_open(walk: &mut Walk<'_>) -> bool {
    matches!(walk.peek(), Some(b'{' | b'['))
}

/// What comes next; of a value that breaks off, what it begins as.
fn found(mut walk: Walk<'_>) -> Found {
    match walk.peek() {
        Some(b'{') => {
            let mut object = Members::default();
            let (Ok(()) | Err(_)) = each(walk, |name, value| {
                object.add(name.unwrap_or_default(), value.starts_with('['));
            });
            Found::Object(object)
        }
        Some(b'[') => {
            let mut count = 0;
            let (Ok(()) | Err(_)) = each(walk, |_, _| count += 1);
            Found::Array(count)
        }
        Some(b'"') => Found::Text,
        Some(b't' | b'f') => Found::Boolean,
        Some(b'n') | None => Found::Null,
        Some(_) => Found::Number,
    }
}

/// Shows each member of the array or object that comes next.
fn each(mut walk: Walk<'_>, mut show: impl FnMut(Option<&str>, &str)) -> Result<(), Fault> {
    let mut open = walk.open()?;
    while let Some(member) = walk.member(&mut open)? {
        show(member.name.as_deref(), walk.value()?);
    }
    Ok(())
}
