//! Globs, as far as a look at the text tells. The derive has the same file.

use std::str::Chars;

use super::Refusal;

/// Refuses what is no glob, or can match no path of an object.
pub(crate) fn check(glob: &str) -> Result<(), Refusal> {
    let (message, help) = if glob.is_empty() {
        ("the glob is empty".to_owned(), "write it out, or leave it out")
    } else if glob.starts_with('/') {
        (format!("`{glob}` begins with a `/`"), "no path of an object does: cut it off")
    } else if let Some((what, help)) = unbalanced(glob) {
        let shown = if what == TOO_DEEP { "the glob".to_owned() } else { format!("`{glob}`") };
        (format!("{shown} has a {what}"), help)
    } else {
        return Ok(());
    };
    Err((message, help.to_owned()))
}

/// The most braces that are open at once: what compiles a glob recurses with them.
const MOST_BRACES: usize = 16;
const TOO_DEEP: &str = "`{` within sixteen others";

/// What has no counterpart, or is nested too deep. A `]` alone stands for itself.
fn unbalanced(glob: &str) -> Option<(&'static str, &'static str)> {
    let mut open = 0_usize;
    let mut chars = glob.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.next().is_none() => {
                return Some(("`\\` with nothing behind it", "write `[\\]` for a `\\`"));
            }
            '[' => match class(&mut chars) {
                None => return Some(("`[` without a `]`", "write `[[]` for a bracket")),
                Some(class) if is_backwards(class) => {
                    return Some(("range that ends before it begins", "write it as `[a-z]`"));
                }
                Some(_) => {}
            },
            '{' if open == MOST_BRACES => {
                let what = "`{` within sixteen others";
                return Some((
                    what,
                    "write out the alternatives, or divide them into several globs",
                ));
            }
            '{' => open += 1,
            '}' if open == 0 => return Some(("`}` without a `{`", "write `[}]` for a brace")),
            '}' => open -= 1,
            _ => {}
        }
    }
    (open > 0)
        .then_some(("`{` without a `}`", "close it, as `*.{yaml,yml}`; a brace itself is `[{]`"))
}

/// Walks behind a class of characters, in which a first `]` is one of them.
fn class<'a>(chars: &mut Chars<'a>) -> Option<&'a str> {
    let class = chars.as_str();
    let inner = class.strip_prefix(['!', '^']).unwrap_or(class);
    let first = inner.chars().next().map_or(0, char::len_utf8);
    let end = first + inner.get(first..)?.find(']')?;
    *chars = inner.get(end + 1..).unwrap_or_default().chars();
    inner.get(..end)
}

/// Whether a class has a range as `z-a`.
fn is_backwards(class: &str) -> bool {
    let mut rest = class.chars();
    while let Some(from) = rest.next() {
        let mut behind = rest.clone();
        if let (Some('-'), Some(to)) = (behind.next(), behind.next()) {
            if from > to {
                return true;
            }
            rest = behind;
        }
    }
    false
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
            ("{{{{{{{{{{{{{{{{a}}}}}}}}}}}}}}}}", ""),
            ("{{{{{{{{{{{{{{{{{a}}}}}}}}}}}}}}}}}", "`{` within sixteen others"),
            ("[a-z]*/[!0-9]", ""),
            ("[]]x[!]]", ""),
            ("[{]", ""),
            ("a]", ""),
            ("[a-a-]", ""),
            ("[-z]", ""),
            ("[z-a]*", "range that ends before it begins"),
            ("[a-cz-x]", "range that ends before it begins"),
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
