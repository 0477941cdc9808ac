//! Which parts of a file may be shown.
//!
//! A line of the file is shown beside a mistake, and it may hold a secret. So a value is shown only when
//! its key says that it is harmless; all others are hidden: everything under `auth`, `header`, `query`, `body`
//! and `option`, under an unknown key, in a comment, and what a URL carries beside its path. A key that is no
//! word or has no value may be a value in a wrong place (`{ X-Key s3cr3t }`), and is shown only when it
//! is a known one. A file that does not parse has no tree to judge by; there the first word of a line
//! decides.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::suggest::is_spelling;
use super::tree::{Node, Value};
use crate::secret::redacted;
use crate::spec::settings::SETTINGS;

/// Blocks in which keys have their meaning, and those of their keys whose scalar may be shown.
const BLOCKS: [(&str, &[&str]); 12] = [
    ("defaults", OF_A_WATCHER),
    ("watchers", OF_A_WATCHER),
    ("http", OF_HTTP),
    (
        "objectStore",
        &["include", "exclude", "settle", "concurrency", "listingConcurrency", "objectLimit"],
    ),
    ("items", &["at", "key", "limit"]),
    ("removal", &["confirm", "holdAbove", "holdMin"]),
    ("tls", &["ca", "cert", "key"]),
    ("pages", &["limit"]),
    ("cursor", &["at", "header", "param"]),
    ("number", &["param", "first"]),
    ("offset", &["param"]),
    ("linkHeader", &[]),
];
const OF_A_WATCHER: &[&str] = &[
    "apiVersion",
    "name",
    "interval",
    "maxBackoff",
    "jitter",
    "deadline",
    "decode",
    "onBadItem",
    "ignore",
    "distinct",
];
const OF_HTTP: &[&str] = &[
    "method",
    "unixSocket",
    "timeout",
    "retries",
    "respectMaxAge",
    "maxInFlight",
    "bodyLimit",
    "headerLimit",
    "redirectLimit",
];

const HIDDEN: &str = "***";
const CUT: &str = "…";

/// A stretch of the source and what is shown for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) bytes: Range<usize>,
    /// `None`: as it stands.
    pub(super) instead: Option<String>,
}

impl Piece {
    fn shown(bytes: Range<usize>) -> Self {
        Self { bytes, instead: None }
    }

    fn hidden(bytes: Range<usize>) -> Self {
        Self { bytes, instead: Some(HIDDEN.to_owned()) }
    }
}

/// How the lines of one file are shown.
pub(super) enum Mask {
    /// By its tree: every scalar, in order. What stands between is punctuation and comments.
    Tree(Vec<Piece>),
    /// By its words.
    Words,
}

impl Mask {
    pub(super) fn of(root: &Node) -> Self {
        let mut pieces = Vec::new();
        walk(root, "defaults", "", &mut pieces);
        // An alias brings the same scalar twice: what one of them hides is hidden.
        pieces.sort_by_key(|(judged, piece)| (piece.bytes.start, *judged, piece.instead.is_none()));
        pieces.dedup_by_key(|(_, piece)| piece.bytes.start);
        Self::Tree(pieces.into_iter().map(|(_, piece)| piece).collect())
    }

    /// The part of a line that lies in a window, in pieces.
    pub(super) fn line(&self, text: &str, line: Range<usize>, window: &Range<usize>) -> Vec<Piece> {
        let (before, behind) = (line.start < window.start, window.end < line.end);
        let cut = |at: usize| Piece { bytes: at..at, instead: Some(CUT.to_owned()) };
        let mut pieces: Vec<_> = before.then(|| cut(window.start)).into_iter().collect();
        pieces.extend(match self {
            Self::Tree(pieces) => by_tree(pieces, text, line, window),
            Self::Words => within(by_words(text, line), window),
        });
        pieces.extend(behind.then(|| cut(window.end)));
        pieces
    }
}

/// Who says what is shown for a scalar: the place where it is used, else the `x-…` key it is kept under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Judged {
    ByUse,
    Unused,
}

/// `key` is the one that a value stands under, in `block`; one that is not known has none that is harmless.
fn walk(node: &Node, key: &str, block: &str, pieces: &mut Vec<(Judged, Piece)>) {
    match &node.value {
        Value::Null => {}
        Value::Scalar(text) => {
            let judged = if key.starts_with("x-") { Judged::Unused } else { Judged::ByUse };
            pieces.push((judged, scalar(node, text, key, block)));
        }
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, key, block, pieces)),
        Value::Mapping(entries) => {
            let open = is_block(key) || key.starts_with("x-");
            for (name, value) in entries {
                let Value::Scalar(text) = &name.value else {
                    walk(name, "", "", pieces);
                    walk(value, "", "", pieces);
                    continue;
                };
                let name = match key_may_be_shown(text, value) {
                    true => Piece::shown(name.bytes.clone()),
                    false => Piece::hidden(name.bytes.clone()),
                };
                pieces.push((Judged::ByUse, name));
                let (text, block) = if open { (text.as_str(), key) } else { ("", "") };
                walk(value, text, block, pieces);
            }
        }
    }
}

/// Whether the keys under a key have their meaning.
fn is_block(key: &str) -> bool {
    BLOCKS.iter().any(|(block, _)| *block == key)
}

/// Whether a key is one, and not a value in its place.
pub(super) fn key_may_be_shown(key: &str, value: &Node) -> bool {
    let empty = match &value.value {
        Value::Null => true,
        Value::Scalar(text) => text.is_empty(),
        Value::Sequence(items) => items.is_empty(),
        Value::Mapping(entries) => entries.is_empty(),
    };
    let known = || key == "apiVersion" || is_block(key) || is_setting(key);
    (is_word(key) && !empty) || known()
}

/// The names of all settings, in both spellings.
static NAMES: LazyLock<HashSet<String>> = LazyLock::new(|| {
    SETTINGS.iter().flat_map(|setting| [setting.name.to_owned(), setting.yaml()]).collect()
});

fn is_setting(key: &str) -> bool {
    NAMES.contains(key)
}

fn scalar(node: &Node, text: &str, key: &str, block: &str) -> Piece {
    let bytes = node.bytes.clone();
    if text.contains("-----BEGIN") {
        return Piece::hidden(bytes);
    }
    if harmless(key, block) {
        return Piece::shown(bytes);
    }
    if !["url", "origins"].contains(&key) {
        return Piece::hidden(bytes);
    }
    match redacted(text) {
        shown if shown == text => Piece::shown(bytes),
        shown => Piece { bytes, instead: Some(shown + HIDDEN) },
    }
}

/// Also in another spelling, as `max_backoff`; a key that is only like one may hold anything. The keys of a
/// watcher and of `http` have one meaning wherever they stand.
fn harmless(key: &str, block: &str) -> bool {
    let spelled = |known: &[&str]| known.iter().any(|known| is_spelling(key, known));
    let own = BLOCKS.iter().filter(|(known, _)| *known == block).map(|(_, keys)| *keys);
    [OF_A_WATCHER, OF_HTTP].into_iter().chain(own).any(spelled)
}

/// The pieces as far as they lie in a window.
fn within(pieces: Vec<Piece>, window: &Range<usize>) -> Vec<Piece> {
    let clipped = pieces.into_iter().map(|Piece { bytes, instead }| {
        let bytes = bytes.start.max(window.start)..bytes.end.min(window.end);
        Piece { bytes, instead }
    });
    clipped.filter(|piece| !piece.bytes.is_empty()).collect()
}

fn by_tree(pieces: &[Piece], text: &str, whole: Range<usize>, line: &Range<usize>) -> Vec<Piece> {
    let mut shown = Vec::new();
    let mut at = line.start;
    let first = pieces.partition_point(|piece| piece.bytes.end <= line.start);
    if whole.start < line.start {
        // What begins before the window is not seen whole, and cannot be judged.
        let next = pieces.get(first).map_or(line.end, |piece| piece.bytes.start);
        let known = next.clamp(line.start, line.end);
        shown.push(Piece::hidden(at..known));
        at = known;
    }
    let inside = pieces.get(first..).unwrap_or_default();
    for piece in inside.iter().take_while(|piece| piece.bytes.start < line.end) {
        let start = piece.bytes.start.max(at);
        between(text, at..start, &mut shown);
        at = piece.bytes.end.min(line.end).max(start);
        // A block of text ends where the next token begins, behind its indentation.
        let blank = text.get(start..at).is_some_and(|part| part.trim().is_empty());
        let instead = piece.instead.clone().filter(|_| !blank);
        shown.push(Piece { bytes: start..at, instead });
    }
    let rest = text.get(at..line.end).unwrap_or_default();
    let end = rest.find('#').map_or(rest, |comment| rest.get(..comment).unwrap_or_default());
    between(text, at..at + end.trim_end().len(), &mut shown);
    shown
}

/// Between scalars is punctuation. Anchors, aliases and tags may be values that lost their quotes.
fn between(text: &str, gap: Range<usize>, shown: &mut Vec<Piece>) {
    const PUNCTUATION: &str = " \t,:-?|>+<[]{}0123456789";
    let mut at = gap.start;
    while let Some(rest) = text.get(at..gap.end).filter(|rest| !rest.is_empty()) {
        let word = rest.find(|c| !PUNCTUATION.contains(c)).unwrap_or(rest.len());
        shown.push(Piece::shown(at..at + word));
        let after = rest.get(word..).unwrap_or_default();
        let length = after.find([' ', '\t', ',', '[', ']', '{', '}']).unwrap_or(after.len());
        shown.push(match after.get(..length) {
            Some("" | "~" | "null") => Piece::shown(at + word..at + word + length),
            _ => Piece::hidden(at + word..at + word + length),
        });
        at += word + length;
    }
}

fn by_words(text: &str, line: Range<usize>) -> Vec<Piece> {
    let words = text.get(line.clone()).unwrap_or_default();
    let indent = words.len() - words.trim_start_matches([' ', '\t', '-']).len();
    let value = match words.get(indent..).and_then(|rest| rest.split_once(':')) {
        Some((key, value)) if is_word(key) => {
            let start = line.end - value.trim_start().len();
            let plain = !value.contains(['{', '[', '#', '&', '*']);
            if plain && harmless(key, "") { line.end } else { start }
        }
        _ => line.start + indent,
    };
    let mut shown = vec![Piece::shown(line.start..value)];
    if value < line.end {
        shown.push(Piece::hidden(value..line.end));
    }
    shown
}

fn is_word(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::super::tree;
    use super::*;

    fn show(mask: &Mask, text: &str) -> String {
        let end = text.find('\n').unwrap_or(text.len());
        let pieces = mask.line(text, 0..end, &(0..end)).into_iter();
        pieces.map(|piece| piece.instead.unwrap_or_else(|| text[piece.bytes].to_owned())).collect()
    }

    #[test]
    fn a_value_is_shown_only_where_it_is_harmless() {
        let cases = [
            ("interval: 30", "interval: 30"),
            ("max_backoff: 30", "max_backoff: 30"),
            ("intervall: 30", "intervall: ***"),
            ("http: { code: s3cr3t }", "http: { code: *** }"),
            ("internal: s3cr3t", "internal: ***"),
            ("http: { timeout: 3, url: https://h/x }", "http: { timeout: 3, url: https://h/x }"),
            ("http: { url: 'https://u:p@h/x?k=s3cr3t' }", "http: { url: https://h/x*** }"),
            (
                "http: { auth: { bearer: { value: s3cr3t } } }",
                "http: { auth: { bearer: { value: *** } } }",
            ),
            ("http: { auth: { name: s3cr3t } }", "http: { auth: { name: *** } }"),
            (
                "http: { header: { name: s3cr3t, X: s3cr3t } }",
                "http: { header: { name: ***, X: *** } }",
            ),
            ("http: { query: { timeout: s3cr3t } }", "http: { query: { timeout: *** } }"),
            ("http: s3cr3t", "http: ***"),
            ("token: s3cr3t", "token: ***"),
            ("tokens: { name: s3cr3t }", "tokens: { name: *** }"),
            (
                "x-http: &h { timeout: 3, auth: { bearer: { value: s3cr3t } } }",
                "x-http: *** { timeout: 3, auth: { bearer: { value: *** } } }",
            ),
            (
                "watchers: [ { name: a, http: { header: [ s3cr3t ] } } ]",
                "watchers: [ { name: a, http: { header: [ *** ] } } ]",
            ),
            ("interval: 30 # not s3cr3t", "interval: 30"),
            ("name: 'a # b' # s3cr3t", "name: 'a # b'"),
            ("name: &s3cr3t", "name: ***"),
            ("{ name: null, token: ~ }", "{ name: null, ***: ~ }"),
            ("name: !!null s3cr3t", "name: *** ***"),
            ("http: { url: !s3cr3t , name: a }", "http: { url: *** , name: a }"),
            ("[s3cr3t]: 3", "[***]: ***"),
            ("http: { header: { X-Key s3cr3t } }", "http: { header: { *** } }"),
            ("http: { url: , s3cr3t: }", "http: { url: , ***: }"),
            ("http: { header: { X s3cr3t: [] } }", "http: { header: { ***: [] } }"),
            ("http: { header: { 's3cr3t': '' } }", "http: { header: { ***: *** } }"),
            ("http: { header: { X=s3cr3t: 1 } }", "http: { header: { ***: *** } }"),
            ("items: { at: /data, key: /id }", "items: { at: /data, key: /id }"),
            ("key: s3cr3t", "key: ***"),
            ("http: { key: s3cr3t, at: s3cr3t }", "http: { key: ***, at: *** }"),
            ("http: { tls: { key: /k, pem: s3cr3t } }", "http: { tls: { key: /k, pem: *** } }"),
            ("http: { body: { json: s3cr3t } }", "http: { body: { json: *** } }"),
            (
                "http: { auth: { header: { name: s3cr3t, env: s3cr3t } } }",
                "http: { auth: { header: { name: ***, env: *** } } }",
            ),
            (
                "http: { pages: { cursor: { header: X-Next }, origins: [https://h/?s3cr3t] } }",
                "http: { pages: { cursor: { header: X-Next }, origins: [https://h/***] } }",
            ),
            ("http: { pages: { header: s3cr3t } }", "http: { pages: { header: *** } }"),
            (
                "objectStore: { url: 's3://k:s3cr3t@b/x', settle: 5, option: { settle: s3cr3t } }",
                "objectStore: { url: s3://b/x***, settle: 5, option: { settle: *** } }",
            ),
            (
                "objectStore: { include: ['*'], option: { a: { env: A, value: s3cr3t } } }",
                "objectStore: { include: ['*'], option: { a: { env: ***, value: *** } } }",
            ),
            ("ignore: [/a, /b]", "ignore: [/a, /b]"),
            ("x-auth: { name: a, key: s3cr3t }", "x-auth: { name: a, key: *** }"),
        ];
        for (text, shown) in cases {
            assert_eq!(show(&Mask::of(&tree::parse(text, &mut Vec::new()).unwrap()), text), shown);
        }
    }

    #[test]
    fn an_alias_does_not_uncover_what_it_stands_for() {
        let text = "name: &t s3cr3t\nhttp: { auth: { bearer: { value: *t } } }";
        assert_eq!(
            show(&Mask::of(&tree::parse(text, &mut Vec::new()).unwrap()), text),
            "name: *** ***"
        );
    }

    #[test]
    fn an_alias_shows_what_is_harmless_where_it_is_used() {
        let text = "x-i: &i 30\nhttp: { timeout: *i }";
        assert_eq!(
            show(&Mask::of(&tree::parse(text, &mut Vec::new()).unwrap()), text),
            "x-i: *** 30"
        );
        let text = "x-i: &i 30\nhttp: { timeout: *i, header: { X: *i } }";
        assert_eq!(
            show(&Mask::of(&tree::parse(text, &mut Vec::new()).unwrap()), text),
            "x-i: *** ***"
        );
    }

    #[test]
    fn the_line_behind_a_block_of_text_keeps_its_indentation() {
        let text = "a:\n  b: |\n    s3cr3t\n  c: 1\n";
        let pieces =
            Mask::of(&tree::parse(text, &mut Vec::new()).unwrap()).line(text, 21..27, &(21..27));
        let shown = pieces.into_iter().map(|it| it.instead.unwrap_or(text[it.bytes].to_owned()));
        assert_eq!(shown.collect::<String>(), "  c: ***");
    }

    #[test]
    fn without_a_tree_the_first_word_decides() {
        let cases = [
            ("  - interval: 'x", "  - interval: 'x"),
            ("\tinterval: x", "\tinterval: x"),
            ("  value: 's3cr3t", "  value: ***"),
            ("  X-Key: s3cr3t: x", "  X-Key: ***"),
            ("  s3cr3t", "  ***"),
            ("  'name: s3cr3t", "  ***"),
            ("name: { value: s3cr3t", "name: ***"),
            ("name: a # s3cr3t", "name: ***"),
            ("a b: s3cr3t", "***"),
            ("http:", "http:"),
            ("", ""),
        ];
        for (text, shown) in cases {
            assert_eq!(show(&Mask::Words, text), shown, "{text}");
        }
    }
}
