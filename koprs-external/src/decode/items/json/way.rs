//! The way to a place in a JSON text, down and up again.

use super::walk::{Open, Walk};
use super::{Fault, Path};
use crate::decode::items::is_place;

/// A way to a place. What is open on it is a list, which is at most as long as the path: nothing recurses.
pub(super) struct Way<'p> {
    at: &'p Path,
    begun: bool,
    /// The arrays and objects on the way, and whether the next name was found in each.
    open: Vec<(Open, bool)>,
}

impl<'p> Way<'p> {
    pub(super) fn to(at: &'p Path) -> Self {
        Self { at, begun: false, open: Vec::new() }
    }

    /// Moves to the value at the place, which the caller then reads. Called again, moves behind the end of all that is
    /// open, where a second value at the place is an error. Returns whether there is a value.
    pub(super) fn next(&mut self, walk: &mut Walk<'_>) -> Result<bool, Fault> {
        let mut is_on_the_way = !std::mem::replace(&mut self.begun, true);
        loop {
            if is_on_the_way {
                if self.open.len() == self.at.len() {
                    return Ok(true);
                }
                match walk.peek() {
                    Some(b'{' | b'[') => self.open.push((walk.open()?, false)),
                    _ if walk.value()? == "null" => {}
                    _ => return Err(Fault::NoWay),
                }
            }
            let depth = self.open.len();
            let Some((open, found)) = self.open.last_mut() else { return Ok(false) };
            let name = self.at.get(depth - 1).map(String::as_str).unwrap_or_default();
            is_on_the_way = false;
            let Some(member) = walk.member(open)? else {
                self.open.pop();
                continue;
            };
            if member.name.is_none() && !is_place(name) {
                return Err(Fault::NoWay);
            }
            if !member.is(name) {
                walk.value()?;
                continue;
            }
            if std::mem::replace(found, true) {
                return Err(Fault::Broken(format!("`{name}` is there twice")));
            }
            is_on_the_way = true;
        }
    }
}
