//! Why bytes did not become a `T`, in the words of this crate: those of serde name no place and no way out.

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::found::{Found, Reached, pointer};
use super::items::Path;
use super::wants::Wants;
use crate::printable::printable;

/// Why bytes did not become a `T`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// Where in the value, as `limits.cpu[2]`; empty for no place in particular.
    pub(crate) path: String,
    /// What is wrong there.
    pub(crate) message: String,
    pub(super) cause: Cause,
}

/// What may be wrong with the declaration, if the body is as it should be.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Cause {
    /// Nothing in particular.
    #[default]
    Content,
    /// The body may be in another format.
    Syntax,
    /// The array at this pointer may be a list, whose items are declared.
    List(String),
}

impl Refused {
    pub(super) fn whole(message: impl Into<String>) -> Self {
        Self { path: String::new(), message: message.into(), cause: Cause::Content }
    }

    pub(super) fn at(path: &Path, message: String) -> Self {
        Self { path: path.join("."), ..Self::whole(message) }
    }

    pub(super) fn syntax(message: String) -> Self {
        Self { cause: Cause::Syntax, ..Self::whole(message) }
    }

    /// An error at a place in the value, as far as the place is known.
    pub(super) fn within(self, path: &serde_path_to_error::Path) -> Self {
        let path = path.to_string();
        Self { path: path.trim_end_matches(['?', '.']).to_owned(), ..self }
    }

    /// Without the middle of what is long: it holds parts of the body.
    pub(crate) fn short(self) -> Self {
        Self { path: shortened(&self.path), message: shortened(&self.message), ..self }
    }

    /// The error of a member of an object of items that has no key: the object is not a list of them.
    pub(crate) fn of_member(self, object: &Path, name: &str, is_array: bool) -> Self {
        let list = match is_array {
            true => {
                format!("; is the list at `{}{}`?", pointer(object), pointer(&[name.to_owned()]))
            }
            false => String::new(),
        };
        let message = format!("not an item of the object: {}{list}", self.message);
        Self { path: name.to_owned(), ..Self::whole(message) }.short()
    }

    /// Says on which line of the body the item is. Its own lines are counted from there.
    pub(super) fn on_line(mut self, line: usize) -> Self {
        const FIRST: &str = " at line 1 column ";
        self.message = match self.message.rsplit_once(FIRST) {
            Some((why, column)) => format!("{why} at line {line} column {column}"),
            None => format!("{} (line {line})", self.message),
        };
        self
    }
}

fn shortened(text: &str) -> String {
    printable(text).with_end().to_string()
}

/// An error of serde about a value, with what is at its place. `reach` goes from the root of the value to a place.
pub(super) fn of_type<T: DeserializeOwned>(
    path: &serde_path_to_error::Path,
    message: &str,
    reach: impl for<'p> Fn(&'p Path) -> Reached<'p>,
) -> Refused {
    if let Wants::Object(fields) = Wants::of::<T>() {
        let root = reach(&[]).found;
        if !matches!(root, Found::Object(_)) {
            let with: Vec<_> = fields.iter().take(8).map(|name| format!("`{name}`")).collect();
            let with =
                if with.is_empty() { String::new() } else { format!(" with {}", with.join(", ")) };
            let message = format!("expected an object{with}, found {root}");
            let cause = root.array().map_or(Cause::Content, |_| Cause::List(String::new()));
            return Refused { cause, ..Refused::whole(message) };
        }
    }
    let place: Vec<_> = path.iter().map_while(name).collect();
    let is_whole = place.len() == path.iter().count();
    let reached = reach(&place);
    let found = (is_whole && reached.depth == place.len()).then_some(reached.found);
    let translated = Refused::whole(translated(message)).within(path).short();
    translated.with_found(message, &place, found)
}

/// How serde begins a message about a value of another shape, without a word of what is there.
const WRONG_SHAPE: [&str; 3] = ["invalid length", "invalid type: map,", "invalid type: sequence,"];

impl Refused {
    /// Adds what was found to a message of serde that says nothing of it.
    fn with_found(mut self, message: &str, place: &Path, found: Option<Found>) -> Self {
        let Some(found) = found else { return self };
        if message.starts_with("missing field") {
            self.message += &format!("; found {found}");
            if let Some(array) = found.array().filter(|_| place.is_empty()) {
                self.cause = Cause::List(pointer(&[array.to_owned()]));
            }
        } else if WRONG_SHAPE.iter().any(|it| message.starts_with(it)) {
            self.message = format!("expected {}, found {found}", expectation(message));
        }
        self
    }
}

/// The name of a member or the place of an item.
fn name(segment: &Segment) -> Option<String> {
    match segment {
        Segment::Seq { index } => Some(index.to_string()),
        Segment::Map { key } => Some(key.clone()),
        Segment::Enum { variant } => Some(variant.clone()),
        Segment::Unknown => None,
    }
}

/// serde's «invalid type: string "two", expected u32» as «expected u32, found "two"».
pub(super) fn translated(message: &str) -> String {
    let kinds = ["invalid type: ", "invalid value: "];
    let found = kinds.iter().find_map(|kind| message.strip_prefix(kind));
    let Some((found, _)) = found.and_then(|rest| rest.rsplit_once(", expected ")) else {
        return message.to_owned();
    };
    let found = match found {
        "map" => "an object",
        "sequence" => "an array",
        "unit value" | "null" => "`null`",
        other => other.strip_prefix("string ").unwrap_or(other),
    };
    format!("expected {}, found {found}", expectation(message))
}

/// What a message of serde says that it expected.
pub(super) fn expectation(message: &str) -> String {
    let expected = message.rsplit_once(", expected ").map_or("something else", |(_, it)| it);
    match expected {
        "a map" => "an object".to_owned(),
        "a sequence" => "an array".to_owned(),
        "unit" => "`null`".to_owned(),
        other => match other.rsplit_once(" with ") {
            Some((what, count)) if count.ends_with(" element") || count.ends_with(" elements") => {
                what.to_owned()
            }
            _ => other.to_owned(),
        },
    }
}
