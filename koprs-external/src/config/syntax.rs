//! What the parser refuses, as a mistake at its place.

use serde_saphyr::Error;

use super::place::{Mistake, Place};
use super::tree::{self, DEEPEST, MOST_BYTES, MOST_NODES};

/// Help by a word of the parser's message.
const HELP: [(&str, &str); 6] = [
    ("tab", "indent with spaces"),
    ("unclosed quote", "close the quote"),
    ("mapping values are not allowed", "quote a value that holds `: `, or mend the indentation"),
    ("unexpected character", "quote a value that begins with a special character"),
    ("unknown escape", "use single quotes for a value with backslashes"),
    ("unknown anchor", "define it above, as `&name`"),
];
/// Help for any other.
const ANY_HELP: &str = "mend the indentation, or quote a value with special characters";

/// A file that is too large to be read.
pub(super) fn too_large() -> Mistake {
    Mistake::new(Place::START, "too-large", format!("the file has more than {MOST_BYTES} bytes"))
        .help("split it")
}

/// What the parser stumbled on.
pub(super) fn mistake(error: &Error) -> Mistake {
    let place = error.location().map_or(Place::START, |location| tree::place(&location));
    match error.without_snippet() {
        Error::AliasError { error, .. } => Mistake { place, ..mistake(error) },
        Error::MultipleDocuments { .. } => {
            Mistake::new(place, "several-documents", "the file has more than one document")
                .help("remove the `---`, or split the file")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => too_complex(place),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Mistake::new(place, "bad-syntax", "the alias is a part of what it stands for")
                .help("write out what it stands for")
        }
        other => match other.to_string() {
            message if message.contains("recursion limit") => too_complex(place),
            message => bad_syntax(place, &message),
        },
    }
}

fn too_complex(place: Place) -> Mistake {
    Mistake::new(place, "too-complex", "the file is too complex").help(format!(
        "a file has at most {MOST_NODES} values with aliases followed, nested {DEEPEST} deep"
    ))
}

fn bad_syntax(place: Place, message: &str) -> Mistake {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    let help = HELP.iter().find(|(word, _)| message.contains(word));
    Mistake::new(place, "bad-syntax", format!("this is not YAML: {message}"))
        .help(help.map_or(ANY_HELP, |(_, help)| help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_has_a_code_a_place_and_a_way_out() {
        let deep = "[".repeat(200);
        let bomb = (1..8).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            text + &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "))
        });
        let cases = [
            ("a:\n\tb: 1\n", "bad-syntax", (2, 2), "spaces"),
            ("a: 'x\nb: 2\n", "bad-syntax", (1, 4), "close the quote"),
            ("a: b: c\n", "bad-syntax", (1, 5), "quote a value"),
            ("a: @x\n", "bad-syntax", (1, 4), "quote a value"),
            ("a: \"\\q\"\n", "bad-syntax", (1, 4), "single quotes"),
            ("a: *b\n", "bad-syntax", (1, 4), "define it above"),
            ("a: &a [*a]\n", "bad-syntax", (1, 8), ""),
            ("a: 1\n---\nb: 2\n", "several-documents", (3, 1), "split the file"),
            (deep.as_str(), "too-complex", (1, 33), "32 deep"),
            (bomb.as_str(), "too-complex", (6, 15), "aliases followed"),
        ];
        for (text, code, at, help) in cases {
            let mistake = mistake(&tree::parse(text).unwrap_err());
            assert_eq!((mistake.code, (mistake.place.line, mistake.place.column)), (code, at));
            assert!(mistake.help.unwrap_or_default().contains(help), "{text}");
            assert!(!mistake.message.contains("at line"), "{text}");
        }
    }
}
