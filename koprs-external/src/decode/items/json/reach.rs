//! What is at a place of a JSON text, and how far the way there leads: for errors, so that it is read again.

use std::slice::from_ref;

use super::walk::Walk;
use super::{Fault, Path, descend, members};
use crate::decode::found::{Found, Members, Reached};

/// Goes as far as there is something on the way to a place.
pub(in crate::decode) fn reach<'p>(text: &str, at: &'p Path) -> Reached<'p> {
    let mut here = text;
    for (depth, name) in at.iter().enumerate() {
        match member(here, name) {
            Some(below) => here = below,
            None => return Reached { at, depth, found: found(here) },
        }
    }
    Reached { at, depth: at.len(), found: found(here) }
}

/// The text of a member of an object, or of an item of an array.
fn member<'t>(text: &'t str, name: &String) -> Option<&'t str> {
    let mut found = None;
    let stopped = descend(&mut Walk::new(text), from_ref(name), &mut |walk| {
        found = Some(walk.value()?);
        Err(Fault::Stopped)
    });
    found.filter(|_| matches!(stopped, Err(Fault::Stopped)))
}

/// What a text is; of one that breaks off, what it begins as.
fn found(text: &str) -> Found {
    let mut walk = Walk::new(text);
    match walk.peek() {
        Some(b'{') => {
            let mut object = Members::default();
            let (Ok(()) | Err(_)) = members(&mut walk, &mut |walk, name, _| {
                let is_array = walk.value()?.starts_with('[');
                object.add(name.as_deref().unwrap_or_default(), is_array);
                Ok(())
            });
            Found::Object(object)
        }
        Some(b'[') => {
            let mut count = 0;
            let (Ok(()) | Err(_)) = members(&mut walk, &mut |walk, _, _| {
                walk.value()?;
                count += 1;
                Ok(())
            });
            Found::Array(count)
        }
        Some(b'"') => Found::Text,
        Some(b't' | b'f') => Found::Boolean,
        Some(b'n') | None => Found::Null,
        Some(_) => Found::Number,
    }
}
