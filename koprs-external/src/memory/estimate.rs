//! The size of decoded values, estimated from their content.

/// A value, in an array or in an object.
const VALUE: u64 = 32;
/// What the allocation of a text takes beside its bytes.
const TEXT: u64 = 16;
/// A node of a tree with up to eleven members, and one of many, which are half full, with its part of the nodes above.
const NODE: u64 = 640;
const HALF_NODE: u64 = 760;

/// The size of a value, part by part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "yaml"),
    allow(dead_code, reason = "of trees of YAML, and of records of CSV")
)]
pub(crate) struct Estimate(u64);

/// A value that holds nothing.
impl Default for Estimate {
    fn default() -> Self {
        Self(VALUE)
    }
}

#[cfg_attr(
    not(feature = "yaml"),
    allow(dead_code, reason = "of trees of YAML, and of records of CSV")
)]
impl Estimate {
    /// The same, with one more text.
    pub(crate) fn text(self, length: usize) -> Self {
        Self(self.0.saturating_add(TEXT).saturating_add(length as u64))
    }

    /// The same, with what another value holds. Its 32 bytes are a part of what it stands in.
    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0.saturating_sub(VALUE)))
    }

    /// The same, as an array of so many values.
    pub(crate) fn array(self, values: usize) -> Self {
        Self(self.0.saturating_add(array(values as u64)))
    }

    /// The same, as an object of so many members.
    pub(crate) fn object(self, members: usize) -> Self {
        Self(self.0.saturating_add(object(members as u64)))
    }

    pub(crate) fn bytes(self) -> u64 {
        self.0
    }
}

fn array(values: u64) -> u64 {
    match values {
        0 => 0,
        values => values.max(4).checked_next_power_of_two().unwrap_or(values).saturating_mul(VALUE),
    }
}

fn object(members: u64) -> u64 {
    match members {
        0 => 0,
        1..=11 => NODE,
        members => members.div_ceil(6).saturating_mul(HALF_NODE),
    }
}

/// An array or object that has begun.
#[derive(Clone, Copy, Default)]
struct Open {
    commas: u64,
    /// Whether there is something in it.
    is_filled: bool,
    is_object: bool,
}

/// The deepest nesting that is counted; what is deeper is not decoded.
const MOST_DEPTH: usize = 128;

/// The size of a JSON text once it is decoded. A text that is not JSON has some size.
pub(crate) fn json_size(text: &str) -> u64 {
    let mut above = [Open::default(); MOST_DEPTH];
    let (mut depth, mut open) = (0_usize, Open::default());
    let mut size = VALUE + text.len() as u64;
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                size += TEXT;
                open.is_filled = true;
                loop {
                    match bytes.next() {
                        Some(b'\\') => drop(bytes.next()),
                        Some(b'"') | None => break,
                        Some(_) => {}
                    }
                }
            }
            b'{' | b'[' => {
                open.is_filled = true;
                if let Some(above) = above.get_mut(depth) {
                    *above = open;
                }
                depth += 1;
                open = Open { is_object: byte == b'{', ..Open::default() };
            }
            b'}' | b']' => {
                let members = open.commas + u64::from(open.is_filled);
                let more = if open.is_object { object(members) } else { array(members) };
                size = size.saturating_add(more);
                depth = depth.saturating_sub(1);
                open = above.get(depth).copied().unwrap_or_default();
            }
            b',' => open.commas += 1,
            b' ' | b'\n' | b'\r' | b'\t' => {}
            _ => open.is_filled = true,
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_json_counts_texts_arrays_and_objects() {
        let cases = [
            ("7", 32),
            ("\"ab\"", 32 + 16),
            ("[]", 32),
            ("[ ]", 32),
            ("{}", 32),
            ("[0]", 32 + 4 * 32),
            ("[[],[],[],[]]", 32 + 4 * 32),
            ("[[],[],[],[],[]]", 32 + 8 * 32),
            ("[[0]]", 32 + 2 * 4 * 32),
            (r#"{"a":0}"#, 32 + 16 + 640),
            (r#"{"a":[0,{"b":"c"}]}"#, 32 + 3 * 16 + 2 * 640 + 4 * 32),
            (r#"["a,b","[{","\\","\""]"#, 32 + 4 * 16 + 4 * 32),
        ];
        for (text, size) in cases {
            assert_eq!(json_size(text), size + text.len() as u64, "{text}");
        }
        let members: Vec<_> = (0..12).map(|n| format!("\"{n:02}\":0")).collect();
        let text = format!("{{{}}}", members.join(","));
        assert_eq!(json_size(&text), 32 + text.len() as u64 + 12 * 16 + 2 * 760);
    }

    #[test]
    fn a_text_that_is_not_json_has_some_size() {
        for text in ["", "]", "}}}", "\"", "\"\\", ",,,", &"[".repeat(1000), &"]".repeat(1000)] {
            assert!(json_size(text) >= text.len() as u64);
        }
    }

    #[test]
    fn a_tree_has_the_size_of_its_text() {
        let text = r#"{"a":[0,{"b":"c"}]}"#;
        let inner = Estimate::default().text(1).with(Estimate::default().text(1)).object(1);
        let array = Estimate::default().with(Estimate::default().text(1)).with(inner).array(2);
        let tree = Estimate::default().text(1).with(array).object(1);
        let difference = json_size(text).abs_diff(tree.bytes());
        assert!(difference < 32, "{} {}", json_size(text), tree.bytes());
    }
}
