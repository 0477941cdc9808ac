use std::fmt;

/// A change that a source has seen.
///
/// ```
/// use koprs_external::ExternalEvent;
///
/// let event = ExternalEvent::Modified("v2");
/// assert_eq!(event.value(), &"v2");
/// assert_eq!(event.map(str::len), ExternalEvent::Modified(2));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ExternalEvent<T> {
    /// The item is there for the first time, or again.
    Added(T),
    /// The item is there and differs from what it was.
    Modified(T),
    /// The item is gone; this is its last known value. A failure to see it is never a removal.
    Removed(T),
}

impl<T> ExternalEvent<T> {
    /// The item: the new value, or the last known one of a removed item.
    pub fn value(&self) -> &T {
        match self {
            Self::Added(value) | Self::Modified(value) | Self::Removed(value) => value,
        }
    }

    /// The item, by value.
    pub fn into_value(self) -> T {
        match self {
            Self::Added(value) | Self::Modified(value) | Self::Removed(value) => value,
        }
    }

    /// The same event about something made of the item.
    pub fn map<U>(self, make: impl FnOnce(T) -> U) -> ExternalEvent<U> {
        match self {
            Self::Added(value) => ExternalEvent::Added(make(value)),
            Self::Modified(value) => ExternalEvent::Modified(make(value)),
            Self::Removed(value) => ExternalEvent::Removed(make(value)),
        }
    }
}

/// `+ value`, `~ value` or `- value`.
impl<T: fmt::Display> fmt::Display for ExternalEvent<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Added(value) => write!(f, "+ {value}"),
            Self::Modified(value) => write!(f, "~ {value}"),
            Self::Removed(value) => write!(f, "- {value}"),
        }
    }
}
