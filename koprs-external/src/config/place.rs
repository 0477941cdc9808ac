//! Where something stands in a file, and values that know where they stand.

use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::diagnostic;

/// A token of the file: where it begins, and how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: usize,
    /// In characters, from 1.
    pub(crate) column: usize,
    /// In characters; 0 for something that is not there, as an empty value.
    pub(crate) length: usize,
}

impl Place {
    /// The beginning of the file.
    pub(super) const START: Self = Self { line: 1, column: 1, length: 0 };
}

/// A place of a file, shown as `watchers.yaml:6:5`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilePlace {
    file: Arc<Path>,
    line: usize,
    column: usize,
}

impl FilePlace {
    pub(crate) fn new(file: Arc<Path>, Place { line, column, .. }: Place) -> Self {
        Self { file, line, column }
    }

    /// The file, as it was named to the loader.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in characters, from 1.
    pub fn column(&self) -> usize {
        self.column
    }
}

impl fmt::Display for FilePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", diagnostic::name(&self.file), self.line, self.column)
    }
}

/// Where the settings of a watcher stand, by their names in the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Places {
    /// Where the watcher itself stands: the place of what is missing.
    home: Place,
    /// In the order of the names, once [`sort`](Self::sort)ed.
    of: Vec<(Cow<'static, str>, Place)>,
}

impl Places {
    pub(super) fn new(home: Place) -> Self {
        Self { home, of: Vec::new() }
    }

    pub(super) fn insert(&mut self, setting: impl Into<Cow<'static, str>>, place: Place) {
        self.of.push((setting.into(), place));
    }

    /// To be called when all is noted; of two notes on one setting the later one holds.
    pub(super) fn sort(&mut self) {
        self.of.reverse();
        self.of.sort_by(|(one, _), (other, _)| one.cmp(other));
        self.of.dedup_by(|(one, _), (other, _)| one == other);
        self.of.shrink_to_fit();
    }

    /// The place of a setting that is written, and of no other.
    pub(crate) fn exact(&self, setting: &str) -> Option<Place> {
        let found = self.of.binary_search_by(|(name, _)| (**name).cmp(setting)).ok();
        found.and_then(|at| self.of.get(at)).map(|(_, place)| *place)
    }

    /// The names of the settings in a block.
    pub(super) fn under<'a>(&'a self, block: &str) -> impl Iterator<Item = &'a str> {
        let within = format!("{block}.");
        self.of.iter().filter_map(move |(setting, _)| setting.strip_prefix(&within))
    }

    /// Where the watcher itself stands: its name.
    pub(crate) fn home(&self) -> Place {
        self.home
    }

    /// The place of a setting, or of what it is in: `http.auth` for `http.auth.bearer`.
    pub(crate) fn of(&self, setting: &str) -> Place {
        let mut setting = setting;
        loop {
            match (self.exact(setting), setting.rsplit_once('.')) {
                (Some(place), _) => return place,
                (None, Some((outer, _))) => setting = outer,
                (None, None) => return self.home,
            }
        }
    }

    /// What is written in a block, by its names, in the order of their places.
    pub(crate) fn within(&self, block: &str) -> Vec<(&str, Place)> {
        let within = self.of.iter().filter_map(|(setting, place)| {
            Some((setting.strip_prefix(block)?.strip_prefix('.')?, *place))
        });
        let mut within: Vec<_> = within.collect();
        within.sort_by_key(|(_, place)| *place);
        within
    }

    /// Whether a setting stands there.
    pub(crate) fn has(&self, place: Place) -> bool {
        self.of.iter().any(|(_, known)| *known == place)
    }

    /// All of them.
    pub(crate) fn all(&self) -> impl Iterator<Item = Place> {
        std::iter::once(self.home).chain(self.of.iter().map(|(_, place)| *place))
    }

    /// All of them with the names of their settings; the watcher itself has none.
    pub(crate) fn named(&self) -> impl Iterator<Item = (Option<&str>, Place)> {
        let of = self.of.iter().map(|(setting, place)| (Some(&**setting), *place));
        std::iter::once((None, self.home)).chain(of)
    }

    /// Those of other settings, too.
    pub(super) fn extend(&mut self, others: &Self) {
        self.of.extend(others.of.iter().cloned());
    }
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

impl<T> At<T> {
    pub(super) fn map<U>(self, read: impl FnOnce(T) -> U) -> At<U> {
        At { place: self.place, value: read(self.value) }
    }
}

/// A setting as the file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Given<T> {
    /// The file does not have it.
    Absent,
    /// The file has it, and it is unusable; that was reported.
    Broken,
    /// The file has it.
    Written(At<T>),
}

impl<T> Given<T> {
    /// The setting itself, else its default.
    pub(super) fn or(self, default: Self) -> Self {
        match self {
            Self::Absent => default,
            given => given,
        }
    }

    /// What the setting holds, read further; its place stays.
    pub(super) fn and_then<U>(self, read: impl FnOnce(At<T>) -> Option<U>) -> Given<U> {
        match self {
            Self::Absent => Given::Absent,
            Self::Broken => Given::Broken,
            Self::Written(at) => {
                let place = at.place;
                read(at).map_or(Given::Broken, |value| Given::Written(At { place, value }))
            }
        }
    }
}

/// So many mistakes of a file, and no more are looked for: nobody reads these.
pub(super) const PATIENCE: usize = 10_000;

/// Notes a mistake, unless there are more than anybody reads.
pub(super) fn tell(out: &mut Vec<Mistake>, mistake: impl FnOnce() -> Mistake) {
    if out.len() < PATIENCE {
        out.push(mistake());
    }
}

/// A mistake as it is found. With the file's text it becomes a [`Diagnostic`](super::Diagnostic).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) place: Place,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
    /// What it is the second of.
    pub(super) first: Option<Box<First>>,
}

/// A place of any of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct First {
    /// Its number among the files.
    pub(super) file: usize,
    pub(super) place: Place,
}

impl Mistake {
    pub(super) fn new(place: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { place, code, message: message.into(), help: None, first: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn first(mut self, first: First) -> Self {
        self.first = Some(Box::new(first));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_without_a_place_stands_where_its_block_does() {
        let place = |line| Place { line, ..Place::START };
        let mut places = Places::new(place(3));
        places.insert("http.auth", place(7));
        places.insert("http.header.x.y", place(9));
        places.insert("http.header.x.y", place(8));
        places.sort();
        let cases = [("http.auth.bearer.env", 7), ("http.header.x.y", 8), ("interval", 3)];
        for (setting, line) in cases {
            assert_eq!(places.of(setting).line, line, "{setting}");
        }
    }
}
