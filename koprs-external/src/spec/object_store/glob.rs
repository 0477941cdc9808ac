//! Globs, as far as a look at the text tells. The derive has the same file.

use std::str::Chars;

use super::Refusal;

/// Refuses what is no glob, or can match no path of an object.
pub(super) fn check(glob: &str) -> Result<(), Refusal> {
    let (message, help) = if glob.is_empty() {
        ("the glob is empty".to_owned(), "write it out, or leave it out")
    } else if glob.starts_with('/') {
        (format!("`{glob}` begins with a `/`"), "no path of an object does: cut it off")
    } else if let Some((what, help)) = unbalanced(glob) {
        (format!("`{glob}` has a {what}"), help)
    } else {
        return Ok(());
    };
    Err((message, help.to_owned()))
}

/// What has no counterpart. A `]` alone stands for itself.
fn unbalanced(glob: &str) -> Option<(&'static str, &'static str)> {
    let mut open = 0_usize;
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => {
                return Some(("`\\` with nothing behind it", "write `[\\]` for a `\\`"));
            }
            '[' if !closes(&mut chars) => {
                return Some(("`[` without a `]`", "write `[[]` for a bracket"));
            }
            '{' => open += 1,
            '}' if open == 0 => return Some(("`}` without a `{`", "write `[}]` for a brace")),
            '}' => open -= 1,
            _ => {}
        }
    }
    (open > 0).then_some(("`{` without a `}`", "write `[{]` for a brace"))
}

/// Walks behind a class of characters, in which a first `]` is one of them.
fn closes(chars: &mut Chars<'_>) -> bool {
    let class = chars.as_str();
    let inner = class.strip_prefix(['!', '^']).unwrap_or(class);
    let first = inner.chars().next().map_or(0, char::len_utf8);
    let Some(end) = inner.get(first..).and_then(|rest| rest.find(']')) else { return false };
    *chars = inner.get(first + end + 1..).unwrap_or_default().chars();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_balanced_and_begins_without_a_slash() {
        let cases = [
            ("**/*.yaml", ""),
            ("*.{yaml,yml}", ""),
            ("{a,{b,c}}/x", ""),
            ("[a-z]*/[!0-9]", ""),
            ("[]]x[!]]", ""),
            ("[{]", ""),
            ("a]", ""),
            ("\\{x", ""),
            ("", "is empty"),
            ("/x", "begins with a `/`"),
            ("*.{yaml", "`{` without a `}`"),
            ("*.yaml}", "`}` without a `{`"),
            ("[a-z", "`[` without a `]`"),
            ("[]", "`[` without a `]`"),
            ("[!", "`[` without a `]`"),
            ("x\\", "with nothing behind it"),
        ];
        for (glob, why) in cases {
            let message = check(glob).err().map(|(message, _)| message).unwrap_or_default();
            assert_eq!(message.is_empty(), why.is_empty(), "{glob}: {message}");
            assert!(message.contains(why), "{glob}: {message}");
        }
    }
}
