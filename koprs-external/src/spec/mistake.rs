//! Mistakes of a declaration, and where they stand in what it was read from.

/// A token of a text: where it begins, and how long it is. A declaration that is read from no text has
/// [nowhere](Place::NOWHERE).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    line: u32,
    column: u32,
    length: u32,
}

impl Place {
    /// The beginning of a text.
    pub(crate) const START: Self = Self { line: 1, column: 1, length: 0 };
    /// The place of what was not read from a text.
    pub(crate) const NOWHERE: Self = Self { line: 0, column: 0, length: 0 };

    /// Each key and each value has a place, so it is small; a number that does not fit is the largest that does.
    pub(crate) fn new(line: usize, column: usize, length: usize) -> Self {
        let [line, column, length] =
            [line, column, length].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        Self { line, column, length }
    }

    /// The line, from 1.
    pub(crate) fn line(self) -> usize {
        self.line as usize
    }

    /// The column in characters, from 1.
    pub(crate) fn column(self) -> usize {
        self.column as usize
    }

    /// Characters; 0 for something that is not there, such as an empty value.
    pub(crate) fn length(self) -> usize {
        self.length as usize
    }
}

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct At<T> {
    pub(crate) place: Place,
    pub(crate) value: T,
}

/// A key of a mapping, as it is written there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Given<T> {
    /// It is not there.
    Absent,
    /// It is there and unusable; that was reported.
    Broken,
    /// It is there.
    Written(At<T>),
}

impl<T> Given<T> {
    /// What the key holds, read further; its place stays.
    pub(crate) fn and_then<U>(self, read: impl FnOnce(At<T>) -> Option<U>) -> Given<U> {
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

/// The most mistakes that are collected from one text: nobody reads more.
pub(crate) const MOST_MISTAKES: usize = 10_000;

/// Adds a mistake, unless there are [`MOST_MISTAKES`].
pub(crate) fn push(out: &mut Vec<Mistake>, mistake: impl FnOnce() -> Mistake) {
    if out.len() < MOST_MISTAKES {
        out.push(mistake());
    }
}

/// A mistake with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) place: Place,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Option<String>,
    /// What it is the second of.
    pub(crate) first: Option<Box<First>>,
}

/// A place of any of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct First {
    /// Its number among the files.
    pub(crate) file: usize,
    pub(crate) place: Place,
}

impl Mistake {
    pub(crate) fn new(place: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { place, code, message: message.into(), help: None, first: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn first(mut self, first: First) -> Self {
        self.first = Some(Box::new(first));
        self
    }
}
