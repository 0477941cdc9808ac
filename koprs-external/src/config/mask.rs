//! Which parts of a file may be shown.
//!
//! A line of the file is shown beside a mistake, and it may hold a secret. Shown are keys, structure, and the values of
//! settings that hold no secret and read as what these hold ([`quote`](crate::spec::quote)); everything else is
//! hidden: all under `header`, `query`, `body`, `option` and unknown keys, secrets of `auth`, comments, anchors, what a
//! URL has beside its host and the words of its path. A key that is no word or has no value may be a value in a wrong place
//! (`{ X-Key s3cr3t }`), and is shown only when it is a known one. A file that does not parse has no tree to judge
//! by; [there](words) the same is asked of the keys and values that its lines seem to have.

mod words;

use std::collections::HashSet;
use std::ops::Range;

use super::codes::meaning;
use super::env::OF_TWO;
use crate::spec::mistake::{Mistake, Place};
use crate::spec::node::{Node, Value};
use crate::spec::quote::{Content, visible};
use crate::spec::reader::key_may_be_shown;
use crate::spec::reader::known::{Below, Scope, below};

const HIDDEN: &str = "***";
const CUT: &str = "…";
/// What is said of a value that stands where a secret may.
const ALIASED: &str = "mend it; it is not shown, since an alias puts it where a secret may stand";

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

    /// A value, as far as its setting and its text let it be shown.
    fn value(bytes: Range<usize>, text: &str, contents: &[Content]) -> Self {
        let mut shown = contents.iter().map(|content| visible(*content, text));
        match (shown.next(), shown.next()) {
            (Some(Some(shown)), None) if shown == text => Self::shown(bytes),
            (Some(Some(shown)), None) => Self { bytes, instead: Some(shown.into_owned() + HIDDEN) },
            // A key of several settings: what is written may be that of any.
            _ if is_visible_in_all(contents, text) => Self::shown(bytes),
            _ => Self::hidden(bytes),
        }
    }
}

fn is_visible_in_all(contents: &[Content], text: &str) -> bool {
    !contents.is_empty()
        && contents.iter().all(|it| visible(*it, text).is_some_and(|it| it == text))
}

/// How the lines of one file are shown.
pub(super) enum Mask {
    /// By its tree: every scalar, in order. What stands between is punctuation and comments.
    Tree {
        pieces: Vec<Piece>,
        /// What would be shown, but is hidden since an alias uses it where a secret may stand.
        veiled: HashSet<Place>,
    },
    /// By its words.
    Words,
}

impl Mask {
    pub(super) fn of(root: &Node) -> Self {
        let mut scalars = Vec::new();
        walk(root, Use { scope: Scope::File, contents: &[], kept: Kept::No }, &mut scalars);
        // An alias brings the same scalar twice: what one of them hides is hidden.
        scalars.sort_by_key(|it| (it.piece.bytes.start, it.is_kept, it.piece.instead.is_none()));
        let mut veiled = HashSet::new();
        let mut pieces: Vec<Piece> = Vec::with_capacity(scalars.len());
        for Scalar { place, is_kept, piece } in scalars {
            match pieces.last().filter(|last| last.bytes.start == piece.bytes.start) {
                None => pieces.push(piece),
                Some(last) if !is_kept && last.instead != piece.instead => {
                    veiled.insert(place);
                }
                Some(_) => {}
            }
        }
        Self::Tree { pieces, veiled }
    }

    /// Takes out of mistakes the values that are hidden only because of an alias.
    pub(super) fn veil(&self, mistakes: &mut [Mistake]) {
        let Self::Tree { veiled, .. } = self else { return };
        if veiled.is_empty() {
            return;
        }
        let is_quoted = |it: &&mut Mistake| veiled.contains(&it.place) || OF_TWO.contains(&it.code);
        for mistake in mistakes.iter_mut().filter(is_quoted) {
            let meaning = meaning(mistake.code).unwrap_or("it is refused");
            mistake.message = format!("the value is refused: {meaning}");
            mistake.help = Some(ALIASED.to_owned());
        }
    }

    /// The part of a line that lies in a window, in pieces.
    pub(super) fn line(&self, text: &str, line: Range<usize>, window: &Range<usize>) -> Vec<Piece> {
        let (before, behind) = (line.start < window.start, window.end < line.end);
        let cut = |at: usize| Piece { bytes: at..at, instead: Some(CUT.to_owned()) };
        let mut pieces: Vec<_> = before.then(|| cut(window.start)).into_iter().collect();
        pieces.extend(match self {
            Self::Tree { pieces, .. } => by_tree(pieces, text, line, window),
            // What begins before the window is not seen whole, and cannot be judged.
            Self::Words if before => vec![Piece::hidden(window.clone())],
            Self::Words => words::pieces(text, window.clone()),
        });
        pieces.extend(behind.then(|| cut(window.end)));
        pieces
    }
}

/// A scalar of the tree, and what is shown for it.
struct Scalar {
    place: Place,
    /// Whether nothing says what it holds but what uses it: it is kept under an `x-…` key.
    is_kept: bool,
    piece: Piece,
}

/// How a node is used.
#[derive(Clone, Copy)]
struct Use {
    /// Where keys of a mapping stand.
    scope: Scope,
    /// What the settings hold that a scalar may be the value of.
    contents: &'static [Content],
    /// Whether it is kept for anchors.
    kept: Kept,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kept {
    No,
    /// Under a key that says what it is.
    Known,
    /// Under a key of its own.
    Unknown,
}

fn walk(node: &Node, at: Use, out: &mut Vec<Scalar>) {
    match &node.value {
        Value::Null => {}
        Value::Scalar(text) => {
            let piece = Piece::value(node.bytes(), text, at.contents);
            out.push(Scalar { place: node.place, is_kept: at.kept == Kept::Unknown, piece });
        }
        Value::Sequence(items) => items.iter().for_each(|item| walk(item, at, out)),
        Value::Mapping(entries) => {
            entries.iter().for_each(|(key, value)| entry(key, value, at, out))
        }
    }
}

fn entry(key: &Node, value: &Node, at: Use, out: &mut Vec<Scalar>) {
    let Value::Scalar(name) = &key.value else {
        let closed = Use { scope: Scope::Closed, contents: &[], kept: Kept::No };
        walk(key, closed, out);
        walk(value, closed, out);
        return;
    };
    let piece = match key_may_be_shown(name, value) {
        true => Piece::shown(key.bytes()),
        false => Piece::hidden(key.bytes()),
    };
    out.push(Scalar { place: key.place, is_kept: false, piece });
    let Below { scope, contents, is_unknown } = below(at.scope, name);
    let begins = at.scope == Scope::File && name.starts_with("x-");
    let kept = match at.kept {
        Kept::No if begins => Kept::Unknown,
        Kept::No => Kept::No,
        _ if *is_unknown => Kept::Unknown,
        _ => Kept::Known,
    };
    walk(value, Use { scope: *scope, contents, kept }, out);
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
    const PUNCTUATION: &str = " \t,:-?|>+<[]{}";
    let mut at = gap.start;
    while let Some(rest) = text.get(at..gap.end).filter(|rest| !rest.is_empty()) {
        let word = rest.find(|c| !PUNCTUATION.contains(c)).unwrap_or(rest.len());
        shown.push(Piece::shown(at..at + word));
        let after = rest.get(word..).unwrap_or_default();
        let length = after.find([' ', '\t', ',', '[', ']', '{', '}']).unwrap_or(after.len());
        shown.push(match after.get(..length) {
            Some("" | "~" | "null") => Piece::shown(at + word..at + word + length),
            // The indentation of a block of text.
            Some(_)
                if length <= 2 && rest.get(..word).is_some_and(|it| it.ends_with(['|', '>'])) =>
            {
                Piece::shown(at + word..at + word + length)
            }
            _ => Piece::hidden(at + word..at + word + length),
        });
        at += word + length;
    }
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
            ("name: 'a # b' # s3cr3t", "name: ***"),
            ("ignore: ['/a', \"/b\"] # s3cr3t", "ignore: ['/a', \"/b\"]"),
            ("apiVersion: koprs-external/v2", "apiVersion: koprs-external/v2"),
            ("name: s3cr3t", "name: ***"),
            ("interval: s3cr3t", "interval: ***"),
            ("decode: s3cr3t", "decode: ***"),
            (
                "http: { timeout: s3cr3t, url: https://h/s3cr3t/x }",
                "http: { timeout: ***, url: https://h/…/x*** }",
            ),
            (
                "http: { tls: { key: s3cr3t, ca: ca.pem } }",
                "http: { tls: { key: ***, ca: ca.pem } }",
            ),
            (
                "http: { auth: { header: { name: X-Api-Key } } }",
                "http: { auth: { header: { name: X-Api-Key } } }",
            ),
            (
                "objectStore: { include: [s3cr3t, '*.yaml'] }",
                "objectStore: { include: [***, '*.yaml'] }",
            ),
            (
                "http: { pages: { cursor: { param: s3cr3t } } }",
                "http: { pages: { cursor: { param: *** } } }",
            ),
            ("{ s3cr3t: 1, a: { s3cr3t: [1] } }", "{ ***: ***, a: { ***: [***] } }"),
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
    fn without_a_tree_the_lines_above_say_in_which_block_a_line_stands() {
        let cases = [
            ("watchers:\n  - name: flags", "  - name: flags"),
            ("watchers:\n  # x\n\n  - http:\n      url: https://h/x", "      url: https://h/x"),
            (
                "watchers:\n  - http:\n      auth:\n        header:\n          name: X-Key",
                "          name: X-Key",
            ),
            ("watchers:\n  - http:\n      header:\n        name: flags", "        name: ***"),
            (
                "watchers:\n  - http:\n      body:\n        json: |\n          name: flags",
                "          name: ***",
            ),
            ("secrets:\n  - name: flags", "  - name: ***"),
            ("x:\n  -----BEGIN KEY-----\n  timeout: 3s", "  timeout: ***"),
        ];
        for (text, shown) in cases {
            let start = text.rfind('\n').unwrap() + 1;
            let pieces = Mask::Words.line(text, start..text.len(), &(start..text.len()));
            let line: String = pieces
                .into_iter()
                .map(|it| it.instead.unwrap_or(text[it.bytes].to_owned()))
                .collect();
            assert_eq!(line, shown, "{text}");
        }
    }

    #[test]
    fn a_message_does_not_quote_what_an_alias_hides() {
        let text = "name: &t flags-1\ninterval: &i 30\nhttp: { auth: { bearer: { value: *t } } }\nmaxBackoff: *i";
        let mask = Mask::of(&tree::parse(text, &mut Vec::new()).unwrap());
        let at = |line, column, length| Place::new(line, column, length);
        let mut mistakes = [
            Mistake::new(at(1, 10, 7), "duplicate-name", "`flags-1` is the name of two watchers"),
            Mistake::new(at(2, 14, 2), "bad-duration", "`30` is not a duration"),
        ];
        mask.veil(&mut mistakes);
        assert_eq!(mistakes[0].message, "the value is refused: two watchers of one name");
        assert_eq!(mistakes[1].message, "`30` is not a duration");
        assert_eq!(show(&mask, text), "name: *** ***");
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
    fn without_a_tree_keys_and_values_are_those_that_a_line_seems_to_have() {
        let cases = [
            ("  - interval: 'x", "  - interval: ***"),
            ("  - interval: '30", "  - interval: ***"),
            ("\tinterval: 30", "\tinterval: 30"),
            ("  - interval: \"30\" x", "  - interval: \"30\" ***"),
            ("  name: X-Api-Key, value: s3cr3t", "  name: X-Api-Key, value: ***"),
            ("name: s3cr3t, value: s3cr3t", "name: ***, value: ***"),
            ("  timeout: 3s  password: s3cr3t", "  timeout: 3s  password: ***"),
            ("  timeout: s3cr3t  password: s3cr3t", "  timeout: ***  password: ***"),
            (
                "http: { url: https://h/s3cr3t, timeout: 3s retries: 2 }",
                "http: { url: https://h/…***, timeout: 3s retries: 2 }",
            ),
            (
                "auth: { header: { name: X-Api-Key, value: s3cr3t",
                "auth: { header: { name: X-Api-Key, value: ***",
            ),
            ("  -name: flags", "  -name: flags"),
            ("- name: flags: more", "- name: flags: ***"),
            ("interval:30s", "interval:30s"),
            ("    http", "    http"),
            ("# old password: s3cr3t", "***"),
            ("interval: 30 # s3cr3t", "interval: 30 ***"),
            ("{ {{ .s3cr3t }} }", "{ {{ *** }} }"),
            ("s3cr3t: x", "***: ***"),
            ("query: { name: s3cr3t, name: abc }", "query: { name: ***, name: *** }"),
            ("interval: *s3cr3t", "interval: ***"),
            ("interval: &s3cr3t 30", "interval: ***"),
            ("  value: 's3cr3t", "  value: ***"),
            ("  X-Key: s3cr3t: x", "  X-Key: ***: ***"),
            ("  s3cr3t", "  ***"),
            ("  'name: s3cr3t", "  ***"),
            ("name: { value: s3cr3t", "name: { value: ***"),
            ("name: a # s3cr3t", "name: a ***"),
            ("a b: s3cr3t", "*** ***: ***"),
            ("http:", "http:"),
            ("", ""),
        ];
        for (text, shown) in cases {
            assert_eq!(show(&Mask::Words, text), shown, "{text}");
        }
    }
}
