//! What the parser refuses, as a mistake at its place.

use std::str::Utf8Error;

use granit_parser::ErrorKind;
use serde_saphyr::{Error, ExternalMessageSource};

use super::limits::FileLimits;
use super::template::Expression;
use super::tree;
use crate::decode::yaml_words;
use crate::spec::mistake::{Mistake, Place};
use crate::spec::node::DEEPEST;
use crate::spec::size;
use crate::spec::table::SETTINGS;

/// Help by a word of the parser's message, where that says by itself what is wrong.
const HELP: [(&str, &str); 4] = [
    ("unclosed quote", "close the quote"),
    ("unclosed bracket", "close the bracket"),
    ("mapping values are not allowed", "quote a value that holds `: `, or mend the indentation"),
    ("unexpected character", "quote a value that begins with a special character"),
];
/// Help for any other.
const ANY_HELP: &str = "mend the indentation, or quote a value with special characters";

/// A file that is too large to be read.
pub(super) fn too_large(limits: FileLimits) -> Mistake {
    let most = size::show(limits.bytes() as u64);
    Mistake::new(Place::START, "too-large", format!("the file is larger than {most}"))
        .help(format!("split it, or raise the limit: {RAISE}"))
}

/// How the command and the library raise the limit of a file.
pub(super) const RAISE: &str = "`--max-file-size`, or `Loader::max_file_size` in a program";

/// A file of another encoding, or cut within a character.
pub(super) fn not_utf8(bytes: &[u8], error: Utf8Error) -> Mistake {
    let help = "save it as UTF-8";
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Mistake::new(Place::START, "not-utf-8", "the file is UTF-16").help(help);
    }
    let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
    let before = String::from_utf8_lossy(before).replace("\r\n", "\n");
    let last = before.rsplit(['\n', '\r']).next().unwrap_or_default();
    let line = before.matches(['\n', '\r']).count() + 1;
    let place = Place::new(line, last.chars().count() + 1, 1);
    Mistake::new(place, "not-utf-8", "the file is not UTF-8").help(help)
}

/// What the parser stumbled on in a text.
pub(super) fn mistake(error: &Error, text: &str, limits: FileLimits) -> Mistake {
    let place = error.location().map_or(Place::START, |location| tree::place(&location));
    match error.without_snippet() {
        Error::AliasError { error, .. } => Mistake { place, ..mistake(error, text, limits) },
        Error::MultipleDocuments { .. } => {
            Mistake::new(place, "several-documents", "the file has more than one document")
                .help("remove the `---`, or split the file")
        }
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => too_complex(place, limits),
        // Of the core schema, since any other is known to be unknown.
        Error::InvalidScalar { .. } | Error::UnsupportedTag { .. } => {
            Mistake::new(place, "bad-syntax", "the value is not what its tag says")
                .help("remove the tag: a value is its text")
        }
        Error::TaggedScalarCannotDeserializeIntoString { .. }
        | Error::UnsupportedIncludeForm { .. } => {
            Mistake::new(place, "unknown-tag", "nothing here knows the tag of this value")
                .help("put what it stands for in its place, as a text")
        }
        Error::MergeValueNotMapOrSeqOfMaps { .. } => {
            let message = "`<<` takes a mapping, or a list of mappings";
            Mistake::new(place, "bad-syntax", message)
                .help("write an alias of one, as `<<: *name`, or quote the key")
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Mistake::new(place, "bad-syntax", "the alias is a part of what it stands for")
                .help("write out what it stands for")
        }
        other => match other.to_string() {
            message if message.contains("recursion limit") => too_complex(place, limits),
            message => bad_syntax(place, &message, kind(other), text),
        },
    }
}

/// The kind of what the parser refuses, where it was that.
fn kind(error: &Error) -> Option<&ErrorKind> {
    match error {
        Error::ExternalMessage { source, .. } => match &**source {
            ExternalMessageSource::Parser(error) => Some(error.kind()),
            _ => None,
        },
        Error::UnknownAnchor { .. } => Some(&ErrorKind::UnknownAnchor),
        _ => None,
    }
}

fn too_complex(place: Place, limits: FileLimits) -> Mistake {
    let nodes = limits.nodes();
    Mistake::new(place, "too-complex", "the file is too complex").help(format!(
        "at most {nodes} keys and values with aliases followed, nested {DEEPEST} deep"
    ))
}

fn bad_syntax(place: Place, message: &str, kind: Option<&ErrorKind>, text: &str) -> Mistake {
    let message = message.rsplit_once(" at line ").map_or(message, |(message, _)| message);
    if let Some(template) = Expression::mistake(near(place, text)) {
        return template;
    }
    if let Some(dash) = dash(place, text) {
        let message = "this is not YAML: the dash needs a space behind it";
        return Mistake::new(dash, "bad-syntax", message).help("write `- name: flags`");
    }
    if let Some(colon) = colon(place, text) {
        let message = "this is not YAML: the colon needs a space behind it";
        return Mistake::new(colon, "bad-syntax", message).help("write `interval: 30s`");
    }
    if let Some(bare) = bare(place, text) {
        let message = "this is not YAML: the key needs a colon behind it";
        return Mistake::new(bare, "bad-syntax", message).help("write `http:` or `interval: 30s`");
    }
    if let Some(deeper) = deeper(place, message, text) {
        let message = "this is not YAML: the line is indented deeper than its setting above, which has a value";
        return Mistake::new(deeper, "bad-syntax", message).help("indent both alike");
    }
    if let Some(marker) = conflict(text) {
        let message = "this is not YAML: a conflict of a merge is not resolved";
        return Mistake::new(marker, "bad-syntax", message)
            .help("resolve it, and remove its markers");
    }
    let place = if message.contains("tab") { tab(place, text) } else { place };
    if let Some((message, help)) = kind.and_then(yaml_words) {
        let message = format!("this is not YAML: {message}");
        return Mistake::new(place, "bad-syntax", message).help(help);
    }
    // The parser quotes as `this'.
    let message = message.replace("``'", "a backtick").replace('\'', "`");
    let help = HELP.iter().find(|(word, _)| message.contains(word));
    Mistake::new(place, "bad-syntax", format!("this is not YAML: {message}"))
        .help(help.map_or(ANY_HELP, |(_, help)| help))
}

/// The first marker of a conflict, as Git leaves it.
fn conflict(text: &str) -> Option<Place> {
    let is_marker = |line: &str| line.starts_with("<<<<<<< ");
    let line = text.lines().position(is_marker)? + 1;
    Some(Place::new(line, 1, 7))
}

/// A dash that begins a key, `-name:`, in the line of a mistake or before it.
fn dash(place: Place, text: &str) -> Option<Place> {
    let dashed = |(number, line): (usize, &str)| {
        let key = line.trim_start().strip_prefix('-')?;
        let found = key.starts_with(char::is_alphabetic) && key.contains(':');
        let column = line.len() - key.len();
        found.then_some(Place::new(number, column, 1))
    };
    near(place, text).find_map(dashed)
}

/// A setting that stands by itself, without a colon, in the line of a mistake or before it.
fn bare(place: Place, text: &str) -> Option<Place> {
    let found = |(number, line): (usize, &str)| {
        // Behind a dash it is a value of a list.
        let word = line.trim();
        let is_known = SETTINGS.iter().any(|it| it.yaml() == word);
        let column = line.chars().take_while(|c| c.is_whitespace()).count() + 1;
        let place = Place::new(number, column, word.len());
        (is_known || ["watchers", "defaults"].contains(&word)).then_some(place)
    };
    near(place, text).find_map(found)
}

/// The key of a line that stands deeper than the one above, under which nothing can stand.
fn deeper(place: Place, message: &str, text: &str) -> Option<Place> {
    if !message.contains("mapping values are not allowed") {
        return None;
    }
    let mut lines = near(place, text);
    let ((number, line), (_, above)) = (lines.next()?, lines.next()?);
    let begins = |line: &str| line.len() - line.trim_start_matches([' ', '-']).len();
    let is_setting = |line: &str| {
        let (key, value) = line.trim_start_matches([' ', '-']).split_once(": ")?;
        let is_word = !key.is_empty() && key.chars().all(char::is_alphanumeric);
        (is_word && !value.trim_start().starts_with(['#', '|', '>', '&'])).then_some(())
    };
    is_setting(above)?;
    let key = line.trim_start();
    let (word, _) = key.split_once(':')?;
    let deeper =
        begins(line) > begins(above) && !word.is_empty() && word.chars().all(char::is_alphanumeric);
    let place = Place::new(number, begins(line) + 1, word.chars().count());
    deeper.then_some(place)
}

/// A colon between a setting and its value, `interval:30s`, in the line of a mistake or before it.
fn colon(place: Place, text: &str) -> Option<Place> {
    let joined = |(number, line): (usize, &str)| {
        let mut colons = line.match_indices(':').map(|(at, _)| line.split_at(at));
        let (before, _) = colons.find(|(before, after)| {
            let word = before.rsplit([' ', ',', '{', '-']).next().unwrap_or_default();
            let value = after.get(1..).unwrap_or_default();
            value.starts_with(char::is_alphanumeric) && SETTINGS.iter().any(|it| it.yaml() == word)
        })?;
        Some(Place::new(number, before.chars().count() + 1, 1))
    };
    near(place, text).find_map(joined)
}

/// The line of a mistake and the one before it, of those that have something in them; with their numbers.
fn near(place: Place, text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
    let before = lines.take(place.line()).collect::<Vec<_>>().into_iter().rev();
    before.filter(|(_, line)| !line.trim().is_empty()).take(2)
}

/// The tab of an indentation; the parser points at what stands before.
fn tab(place: Place, text: &str) -> Place {
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let tabbed = |(at, line): (usize, &str)| {
        let tab = line.find('\t').filter(|tab| *tab < indentation(line))?;
        Some(Place::new(at + 1, tab + 1, 1))
    };
    text.lines().enumerate().skip(place.line().saturating_sub(1)).find_map(tabbed).unwrap_or(place)
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
            ("a:\n\tb: 1\n", "bad-syntax", (2, 1), "spaces"),
            ("a:\n  b: x\n\n \tc: 2\n", "bad-syntax", (4, 2), "spaces"),
            ("a:\n  -b: x\n\n   c: 2\n", "bad-syntax", (2, 3), "`- name: flags`"),
            ("a:\n  - b: x\n  -b: 2\n", "bad-syntax", (3, 3), "`- name: flags`"),
            ("a: x\ninterval:30s\n", "bad-syntax", (2, 9), "`interval: 30s`"),
            ("- name:a\n  b: 2\n", "bad-syntax", (1, 7), "`interval: 30s`"),
            ("{ url: https://h/x, timeout:3s, b }}", "bad-syntax", (1, 28), "`interval: 30s`"),
            ("a: localhost:80: x\n", "bad-syntax", (1, 16), "quote a value"),
            ("a: [**/*.yaml]\n", "bad-syntax", (1, 5), "begins with `*`"),
            ("a: [x\n", "bad-syntax", (1, 4), "close the bracket"),
            ("a: ]\n", "bad-syntax", (1, 4), "remove it"),
            ("a: {b: 1 c: 2}\n", "bad-syntax", (1, 11), "write a comma"),
            ("a: {b: ${X}}\n", "bad-syntax", (1, 9), "quote a value"),
            ("a: 'b' c\n", "bad-syntax", (1, 8), "quote the whole value"),
            ("a: 1\nb\n", "bad-syntax", (2, 1), "write `key: value`"),
            ("%FOO\na: 1\n", "bad-syntax", (2, 1), "what follows"),
            ("<<: x\n", "bad-syntax", (1, 5), "`<<: *name`"),
            ("a: !include { b: 1 }\n", "unknown-tag", (1, 13), "as a text"),
            ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\n", "bad-syntax", (2, 1), "markers"),
            ("{{- range .x }}\na: 1\n", "placeholder", (1, 1), "helm template"),
            ("a:\n  b: {{ x }}{{ y }}\n", "placeholder", (2, 6), "render it first"),
            ("{% if x %}\na: 1\n", "placeholder", (1, 1), "render it first"),
            ("<% if x %>\na: 1\n", "placeholder", (1, 1), "render it first"),
            ("a: !!int x\n", "bad-syntax", (1, 10), "remove the tag"),
            ("a: !!float x\n", "bad-syntax", (1, 12), "remove the tag"),
            ("a: !!timestamp 2001-01-01\n", "unknown-tag", (1, 16), "as a text"),
            ("a: !!seq x\n", "bad-syntax", (1, 10), "remove the tag"),
            ("a: 'x\nb: 2\n", "bad-syntax", (1, 4), "close the quote"),
            ("a: x\n  b: 2\n", "bad-syntax", (2, 3), "indent both alike"),
            ("- a: x\n   b:\n", "bad-syntax", (2, 4), "indent both alike"),
            ("a: x\n  b c: 2\n", "bad-syntax", (2, 6), "quote a value"),
            ("a:\n  - items\n  - [b\n", "bad-syntax", (3, 5), "close the bracket"),
            ("a:\n  http\n  c: 2\n", "bad-syntax", (2, 3), "write `http:`"),
            ("a:\n  - name: b\n    http\n     c: 2\n", "bad-syntax", (3, 5), "write `http:`"),
            ("a:\n  - b: 1\n    c: 2\n   d: 3\n", "bad-syntax", (4, 4), "mend the indentation: "),
            ("a: b: c\n", "bad-syntax", (1, 5), "quote a value"),
            ("a: @x\n", "bad-syntax", (1, 4), "quote a value"),
            ("a: \"\\q\"\n", "bad-syntax", (1, 4), "single quotes"),
            ("a: *b\n", "bad-syntax", (1, 4), "define it above"),
            ("a: &a [*a]\n", "bad-syntax", (1, 8), "write out"),
            ("a: 1\n---\nb: 2\n", "several-documents", (3, 1), "split the file"),
            (deep.as_str(), "too-complex", (1, 33), "32 deep"),
            (bomb.as_str(), "too-complex", (7, 10), "aliases followed"),
        ];
        for (text, code, at, help) in cases {
            let error = tree::parse(text, &mut Vec::new()).unwrap_err();
            let mistake = mistake(&error, text, FileLimits::default());
            assert_eq!((mistake.code, (mistake.place.line(), mistake.place.column())), (code, at));
            assert!(mistake.help.unwrap_or_default().contains(help), "{text}");
            for foreign in
                ["at line", "while ", "did not find expected", "EOF", "policy", "Options"]
            {
                assert!(!mistake.message.contains(foreign), "{}", mistake.message);
            }
        }
    }

    #[test]
    fn another_encoding_is_told_with_its_place() {
        let cases: [(&[u8], _); 4] = [
            (b"a: 1\r\n\xc3\xbc: \xe9\n", (2, 4)),
            (b"a: 1\rb: \xe9", (2, 4)),
            (b"\xff", (1, 1)),
            (b"\xff\xfea\0", (1, 1)),
        ];
        for (bytes, at) in cases {
            let mistake = not_utf8(bytes, std::str::from_utf8(bytes).unwrap_err());
            assert_eq!((mistake.place.line(), mistake.place.column()), at, "{bytes:?}");
        }
    }

    #[test]
    fn what_the_parser_quotes_stands_in_backticks() {
        let cases = [
            ("a: %x", "unexpected character: `%`"),
            ("a: `x`", "unexpected character: a backtick"),
            ("a: [x", "unclosed bracket `[`"),
        ];
        for (text, message) in cases {
            let error = tree::parse(text, &mut Vec::new()).unwrap_err();
            let mistake = mistake(&error, text, FileLimits::default());
            assert_eq!(mistake.message, format!("this is not YAML: {message}"));
        }
    }
}
