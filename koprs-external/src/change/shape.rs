//! Whether a body is a list in the shape that its list has.

/// What the items of a list stand in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An array, or lines: the items have no names.
    Array,
    /// An object, whose members are the items.
    Object,
}

impl Shape {
    /// Checks a page against the pages before it in the same walk, and against what is `known` from earlier
    /// walks. Both are `None` where there was no item yet: an empty list may be written as `[]` or `{}`.
    ///
    /// Once an array of items was seen, an object in its place is an error that is reported with 200, or one
    /// item. The other way round it is believed: a watcher may begin while the server reports an error.
    pub(crate) fn check(self, walk: Option<Self>, known: Option<Self>) -> Result<(), String> {
        let expected = match (walk, known) {
            (Some(walk), _) => walk,
            (None, Some(Self::Array)) => Self::Array,
            (None, Some(Self::Object) | None) => return Ok(()),
        };
        if self == expected {
            return Ok(());
        }
        let (before, now) = (expected.article(), self.article());
        Err(format!(
            "found {now} where {before} of items was before; an error with 200, or one item in place of a list?"
        ))
    }

    fn article(self) -> &'static str {
        match self {
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Shape::{Array, Object};

    #[test]
    fn an_object_never_follows_an_array_of_items() {
        for (page, walk, known, fits) in [
            (Array, None, None, true),
            (Object, None, None, true),
            (Array, None, Some(Array), true),
            (Object, None, Some(Array), false),
            (Array, None, Some(Object), true),
            (Object, None, Some(Object), true),
            (Object, Some(Array), None, false),
            (Object, Some(Array), Some(Object), false),
            (Array, Some(Object), Some(Object), false),
            (Array, Some(Array), Some(Object), true),
        ] {
            let checked = page.check(walk, known);
            assert_eq!(checked.is_ok(), fits, "{page:?} {walk:?} {known:?}");
            let both = |why: String| why.contains("an object") && why.contains("an array");
            assert!(checked.err().is_none_or(both));
        }
    }
}
