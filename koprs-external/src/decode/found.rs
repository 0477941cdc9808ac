//! What is at a place of a body, as an error may show it: kinds, counts and names of members, and no values.

use std::fmt;

use super::Refused;
use super::items::Path;
use crate::printable::printable;

/// The most names that an error shows, and the most characters of each.
const MOST_NAMES: usize = 8;
const LONGEST_NAME: usize = 24;

/// What is at a place.
#[derive(Debug)]
pub(super) enum Found {
    Null,
    Boolean,
    Number,
    Text,
    /// So many items.
    Array(usize),
    Object(Members),
}

/// The members of an object.
#[derive(Debug, Default)]
pub(super) struct Members {
    count: usize,
    /// The names of the first.
    names: Vec<String>,
    /// The name of the first that is an array, which may be a list.
    array: Option<String>,
}

impl Members {
    pub(super) fn add(&mut self, name: &str, is_array: bool) {
        if is_array && self.array.is_none() {
            self.array = Some(short(name));
        }
        if self.names.len() < MOST_NAMES {
            self.names.push(short(name));
        }
        self.count += 1;
    }

    /// Those of a record, each of which is a text.
    #[cfg(feature = "csv")]
    pub(super) fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let mut members = Self::default();
        names.for_each(|name| members.add(name, false));
        members
    }
}

impl fmt::Display for Members {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { count, names, array: _ } = self;
        for (n, name) in names.iter().enumerate() {
            let comma = if n > 0 { ", " } else { "" };
            write!(f, "{comma}`{name}`")?;
        }
        match count - names.len() {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("`null`"),
            Self::Boolean => f.write_str("a boolean"),
            Self::Number => f.write_str("a number"),
            Self::Text => f.write_str("a text"),
            Self::Array(0) => f.write_str("an empty array"),
            Self::Array(count) => write!(f, "an array of {count}"),
            Self::Object(Members { count: 0, .. }) => f.write_str("an empty object"),
            Self::Object(members) => write!(f, "an object with {members}"),
        }
    }
}

impl Found {
    /// The array that may be the list which was looked for elsewhere; its name is empty where it is what was found.
    pub(super) fn array(&self) -> Option<&str> {
        match self {
            Self::Array(_) => Some(""),
            Self::Object(members) => members.array.as_deref(),
            _ => None,
        }
    }
}

/// How far the way to a place leads.
pub(super) struct Reached<'p> {
    pub(super) at: &'p Path,
    /// So many names of the way were found.
    pub(super) depth: usize,
    /// What is there.
    pub(super) found: Found,
}

impl Reached<'_> {
    /// The pointer to what was found, as it is shown; empty for the root.
    fn pointer(&self) -> String {
        printable(&pointer(self.at.get(..self.depth).unwrap_or_default())).to_string()
    }

    /// The items are not where they should be, nor is anything else.
    pub(super) fn no_items(&self) -> Refused {
        let (looked_up, here) = (printable(&pointer(self.at)).to_string(), self.pointer());
        let (whole, found) = (if here.is_empty() { "the body" } else { "" }, &self.found);
        let here_is = if here.is_empty() { String::new() } else { format!("`{here}`") };
        let list = match found.array() {
            Some(name) if !name.is_empty() => format!("; is the list at `{here}/{name}`?"),
            _ => String::new(),
        };
        let message = format!(
            "there is nothing at `{looked_up}`, where the items should be: {whole}{here_is} is {found}{list}"
        );
        Refused::at(self.at, message)
    }

    /// What is where the items should be is not a list of them.
    pub(super) fn not_items(&self) -> Refused {
        let Self { found, .. } = self;
        let at = self.shown();
        Refused::at(self.at, format!("expected an array or an object of items{at}, found {found}"))
    }

    /// The way leads through something that has no members of such names.
    pub(super) fn no_way(&self) -> Refused {
        let below = self.at.get(..self.depth).unwrap_or_default();
        let name = printable(self.at.get(self.depth).map(String::as_str).unwrap_or_default());
        let (at, found) = (self.shown(), &self.found);
        Refused::at(below, format!("expected an object with `{name}`{at}, found {found}"))
    }

    /// What is at the place is not a single value.
    pub(super) fn not_scalar(&self) -> Refused {
        let message = format!("expected a text or a number, found {}", self.found);
        Refused::at(self.at, message)
    }

    /// An item has no key.
    pub(super) fn no_key(&self) -> Refused {
        let (key, found) = (printable(&pointer(self.at)).to_string(), &self.found);
        Refused::whole(match (self.at.len() == self.depth, self.pointer()) {
            (true, _) => format!("its key at `{key}` is {found}"),
            (false, here) if here.is_empty() => {
                format!("it has no key at `{key}`; it is {found}")
            }
            (false, here) => format!("it has no key at `{key}`; `{here}` is {found}"),
        })
    }

    fn shown(&self) -> String {
        match self.pointer() {
            root if root.is_empty() => root,
            pointer => format!(" at `{pointer}`"),
        }
    }
}

/// A place as a JSON pointer (RFC 6901 §3).
pub(super) fn pointer(at: &Path) -> String {
    at.iter().map(|name| format!("/{}", name.replace('~', "~0").replace('/', "~1"))).collect()
}

fn short(name: &str) -> String {
    printable(name).at_most(LONGEST_NAME).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(names: &[(&str, bool)]) -> Found {
        let mut members = Members::default();
        names.iter().for_each(|(name, is_array)| members.add(name, *is_array));
        Found::Object(members)
    }

    #[test]
    fn what_was_found_is_shown_by_kind_count_and_names_and_never_by_value() {
        let many: Vec<_> = (0..11).map(|n| (format!("n{n}"), false)).collect();
        let many: Vec<_> = many.iter().map(|(name, is)| (name.as_str(), *is)).collect();
        let long = "x".repeat(1_000);
        let cases = [
            (Found::Null, "`null`".to_owned()),
            (Found::Array(0), "an empty array".to_owned()),
            (Found::Array(3), "an array of 3".to_owned()),
            (object(&[]), "an empty object".to_owned()),
            (object(&[("a", false), ("b\n", true)]), "an object with `a`, `b\\n`".to_owned()),
            (
                object(&many),
                "an object with `n0`, `n1`, `n2`, `n3`, `n4`, `n5`, `n6`, `n7` and 3 more".into(),
            ),
            (object(&[(&long, false)]), format!("an object with `{}…`", "x".repeat(LONGEST_NAME))),
        ];
        for (found, shown) in cases {
            assert_eq!(found.to_string(), shown);
        }
    }

    #[test]
    fn a_place_is_shown_as_the_pointer_that_was_declared() {
        let at = ["a/b".to_owned(), "c~d".to_owned()];
        assert_eq!(pointer(&at), "/a~1b/c~0d");
        let reached = Reached { at: &at, depth: 1, found: object(&[("x", false), ("y", true)]) };
        assert_eq!(
            reached.no_items().message,
            "there is nothing at `/a~1b/c~0d`, where the items should be: `/a~1b` is an object \
             with `x`, `y`; is the list at `/a~1b/y`?"
        );
    }
}
