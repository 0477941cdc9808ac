//! Where something stands in a file, and values that know where they stand.

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

/// A value and where it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) place: Place,
    pub(super) value: T,
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

/// A mistake as it is found. With the file's text it becomes a [`Diagnostic`](super::Diagnostic).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mistake {
    pub(super) place: Place,
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) help: Option<String>,
}

impl Mistake {
    pub(super) fn new(place: Place, code: &'static str, message: impl Into<String>) -> Self {
        Self { place, code, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
