//! JSON pointers (RFC 6901): where something stands in a value.

use std::fmt;

use super::quote::{Content, is_visible, quoted};
use super::{Invalid, bounds, meant};

/// A checked JSON pointer, as its unescaped segments; `""` is the whole value. It has at most 128 segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

impl Pointer {
    /// Reads `""`, `/data`, `/a~1b/0`.
    pub(crate) fn parse(setting: &str, text: &str) -> Result<Self, Invalid> {
        let refused = |why: &str| {
            let shown = quoted(Content::Pointer, text);
            Invalid::new(setting, "bad-pointer", format!("{shown} is not a JSON pointer: {why}"))
                .help(help(text))
        };
        let segments = text.matches('/').count();
        if segments > bounds::SEGMENTS {
            return Err(too_deep(setting, segments));
        }
        let mut parts = text.split('/');
        if parts.next().is_some_and(|before| !before.is_empty()) {
            return Err(refused("it does not begin with `/`"));
        }
        let segments = parts.map(|part| {
            let mut escapes = part.split('~').skip(1);
            if escapes.all(|rest| rest.starts_with(['0', '1'])) {
                return Ok(part.replace("~1", "/").replace("~0", "~"));
            }
            Err(refused("a `~` stands before neither `0` nor `1`"))
        });
        segments.collect::<Result<_, _>>().map(Self)
    }

    /// The names to follow from the top.
    pub(crate) fn segments(&self) -> &[String] {
        &self.0
    }

    /// Whether it is the whole value.
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }
}

/// The error of a pointer with too many segments, which is not shown.
fn too_deep(setting: &str, segments: usize) -> Invalid {
    let most = bounds::SEGMENTS;
    let message =
        format!("a JSON pointer has at most {most} segments, and this one has {segments}");
    Invalid::new(setting, "bad-pointer", message)
        .help("no value that is nested so deep is decoded: point to a place further up")
}

/// The way out: the pointer that was meant, where that can be told.
fn help(text: &str) -> String {
    let is_clear = is_visible(Content::Pointer, text) && !text.contains('~');
    match meant::pointer(text).filter(|_| is_clear) {
        Some(pointer) if pointer.is_empty() => "the whole value is `\"\"`".to_owned(),
        Some(pointer) => format!("write `{pointer}`"),
        None => "write `/` before each name, as `/data/items`; `~1` is a `/` in a name, `~0` a `~`"
            .to_owned(),
    }
}

/// As it is written.
impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .iter()
            .try_for_each(|part| write!(f, "/{}", part.replace('~', "~0").replace('/', "~1")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_is_read_and_shown_as_it_is_written() {
        let cases: [(&str, &[&str]); 6] = [
            ("", &[]),
            ("/", &[""]),
            ("/data", &["data"]),
            ("/a~1b/~0/0", &["a/b", "~", "0"]),
            ("/~01", &["~1"]),
            ("/a//b", &["a", "", "b"]),
        ];
        for (text, segments) in cases {
            let pointer = Pointer::parse("items.at", text).unwrap();
            assert_eq!(pointer.segments(), segments, "{text}");
            assert_eq!(pointer.to_string(), text);
        }
    }

    #[test]
    fn a_pointer_has_at_most_so_many_segments() {
        let deep = |segments: usize| "/0".repeat(segments);
        let most = deep(bounds::SEGMENTS);
        assert_eq!(Pointer::parse("items.at", &most).unwrap().to_string(), most);
        for segments in [bounds::SEGMENTS + 1, 2_000, 100_000] {
            let invalid = Pointer::parse("items.at", &deep(segments)).unwrap_err();
            let message =
                format!("a JSON pointer has at most 128 segments, and this one has {segments}");
            assert_eq!((invalid.code, invalid.message), ("bad-pointer", message));
        }
    }

    #[test]
    fn what_is_no_pointer_is_refused() {
        for text in ["data", "$.data", "#/data", "/a~", "/a~2b"] {
            let invalid = Pointer::parse("items.at", text).unwrap_err();
            assert_eq!(invalid.code, "bad-pointer");
            assert!(invalid.message.contains(text), "{}", invalid.message);
        }
    }
}
