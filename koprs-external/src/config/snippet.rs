//! The line of a mistake with carets under its token.
//!
//! Columns count characters, carets count cells of a terminal: a wide character takes two, a tab four.
//! Characters that would move the cursor or turn the direction are replaced. A long line is cut around
//! its token.

use std::ops::Range;

use unicode_width::UnicodeWidthChar;

use super::mask::{Mask, Piece};
use crate::printable::is_printable;

/// The most cells of a line.
const WIDEST: usize = 100;
/// The most bytes that are looked at before a token, and behind it.
const NEAR: usize = 4 * 1024;
/// What is left before the token when a line is cut.
const BEFORE: usize = 40;
const TAB: &str = "    ";
const CUT: char = '…';

/// A line and the cells to mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Snippet {
    pub(super) line: String,
    pub(super) before: usize,
    pub(super) marked: usize,
}

/// A line of the text and the token to mark, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) bytes: Range<usize>,
    pub(super) token: Range<usize>,
}

impl Snippet {
    /// What is shown of a line.
    pub(super) fn of(text: &str, mask: &Mask, Line { bytes, token }: Line) -> Self {
        let pieces = mask.line(text, bytes.clone(), &window(text, bytes, token.start));
        let (shown, token) = assemble(text, &pieces, &token);
        cut(&cells(&shown), &token)
    }
}

/// The part of a line that is looked at: of a very long one, only what is near the token.
fn window(text: &str, line: Range<usize>, token: usize) -> Range<usize> {
    if line.len() <= 2 * NEAR {
        return line;
    }
    let boundary = |mut at: usize| {
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = token.saturating_sub(NEAR).max(line.start);
    boundary(start)..boundary(token.saturating_add(NEAR).min(line.end))
}

/// The line as it is shown, and the token in it, in characters.
fn assemble(text: &str, pieces: &[Piece], token: &Range<usize>) -> (Vec<char>, Range<usize>) {
    let mut shown = Vec::new();
    let (mut start, mut end) = (None, None);
    for Piece { bytes, instead } in pieces {
        let source = text.get(bytes.clone()).unwrap_or_default();
        let column = |at: usize| source.get(..at - bytes.start).unwrap_or(source).chars().count();
        let length = instead.as_deref().map(|instead| instead.chars().count());
        if start.is_none() && bytes.contains(&token.start) {
            start = Some(shown.len() + if length.is_some() { 0 } else { column(token.start) });
        }
        if end.is_none() && bytes.start < token.end && token.end <= bytes.end {
            end = Some(shown.len() + length.unwrap_or_else(|| column(token.end)));
        }
        shown.extend(instead.as_deref().unwrap_or(source).chars());
    }
    let start = start.unwrap_or(shown.len());
    let end = end.unwrap_or(if token.is_empty() { start } else { shown.len() });
    (shown, start..end.max(start))
}

/// One character as it is shown, with its width.
struct Cell {
    shown: char,
    width: usize,
}

fn cells(shown: &[char]) -> Vec<Cell> {
    let cell = |c: &char| match c {
        '\t' => Cell { shown: '\t', width: TAB.len() },
        c => {
            let shown = visible(*c);
            Cell { shown, width: shown.width().unwrap_or(1) }
        }
    };
    shown.iter().map(cell).collect()
}

/// No character that moves the cursor, hides, or turns the direction of the text.
fn visible(c: char) -> char {
    if is_printable(c) { c } else { char::REPLACEMENT_CHARACTER }
}

fn cut(cells: &[Cell], token: &Range<usize>) -> Snippet {
    let width = |range: &[Cell]| range.iter().map(|cell| cell.width).sum::<usize>();
    let text =
        |range: &[Cell]| range.iter().map(|cell| cell.shown).collect::<String>().replace('\t', TAB);
    let (before, rest) = cells.split_at(token.start.min(cells.len()));
    let skipped = if width(cells) <= WIDEST { 0 } else { before.len().saturating_sub(BEFORE) };
    let before = before.get(skipped..).unwrap_or_default();
    let room = WIDEST.saturating_sub(width(before));
    let fits = rest.iter().scan(0, |used, cell| {
        *used += cell.width;
        Some(*used)
    });
    let kept = rest.get(..fits.take_while(|used| *used <= room).count()).unwrap_or(rest);
    let marked = kept.get(..token.len().min(kept.len())).unwrap_or_default();
    let mut line = String::new();
    line.extend((skipped > 0).then_some(CUT));
    line += &text(before);
    line += &text(kept);
    line.extend((kept.len() < rest.len()).then_some(CUT));
    Snippet {
        before: usize::from(skipped > 0) + width(before),
        marked: width(marked).max(1),
        line: line.trim_end().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::source::Source;
    use super::super::tree;
    use super::*;
    use crate::spec::mistake::Place;

    fn snippet(text: &str, line: usize, column: usize, length: usize) -> (String, String) {
        let mask = tree::parse(text, &mut Vec::new()).map_or(Mask::Words, |root| Mask::of(&root));
        let source = Source::new(std::path::Path::new("").into(), text, mask);
        let place = Place::new(line, column, length);
        let Snippet { line, before, marked } = source.snippet(place);
        (line, " ".repeat(before) + &"^".repeat(marked))
    }

    #[test]
    fn carets_stand_under_the_token() {
        let cases = [
            ("interval: 30\n", 1, 11, 2, "interval: 30", "          ^^"),
            ("a: 1\r\nname: b\r\n", 2, 7, 1, "name: b", "      ^"),
            ("a: 1\rname: b", 2, 7, 1, "name: b", "      ^"),
            ("name: \"über\"", 1, 7, 6, "name: \"über\"", "      ^^^^^^"),
            ("{ 名前: 1, name: b }", 1, 16, 1, "{ 名前: ***, name: b }", "                   ^"),
            ("name:\tb", 1, 7, 1, "name:    b", "         ^"),
            ("name: b", 1, 8, 0, "name: b", "       ^"),
            ("name: b", 9, 1, 1, "", "^"),
            ("name: \"\u{202e}\"", 1, 7, 3, "name: \"\u{fffd}\"", "      ^^^"),
            ("name: 'a\n  b'", 1, 7, 7, "name: ***", "      ^^^"),
            ("ignore: [/a,\u{202e}/b]", 1, 13, 3, "ignore: [/a,\u{fffd}/b]", "            ^^^"),
        ];
        for (text, line, column, length, shown, carets) in cases {
            let expected = (shown.to_owned(), carets.to_owned());
            assert_eq!(snippet(text, line, column, length), expected, "{text:?}");
        }
    }

    #[test]
    fn carets_follow_what_is_hidden() {
        let text = "http: { auth: { bearer: { value: s3cr3t, env: A } } }";
        let shown = "http: { auth: { bearer: { value: ***, env: *** } } }".to_owned();
        let carets = |before: usize, marked: usize| " ".repeat(before) + &"^".repeat(marked);
        assert_eq!(snippet(text, 1, 34, 6), (shown.clone(), carets(33, 3)));
        assert_eq!(snippet(text, 1, 42, 3), (shown, carets(38, 3)));
    }

    #[test]
    fn a_long_line_is_cut_around_its_token() {
        let text = format!(
            "{{ {}interval: 30, {} }}",
            "name: flags, ".repeat(20),
            "timeout: 1s, ".repeat(20)
        );
        let (line, carets) = snippet(&text, 1, 273, 2);
        assert!(line.chars().count() <= WIDEST + 2, "{line}");
        assert!(line.starts_with(CUT) && line.ends_with(CUT), "{line}");
        let marked: String = line.chars().skip(carets.len() - 2).take(2).collect();
        assert_eq!(marked, "30");

        let (line, carets) = snippet(&format!("ignore: [{}]", "/a, ".repeat(2_000)), 1, 9, 8_000);
        assert!(line.ends_with(CUT) && carets.len() <= WIDEST);
    }

    #[test]
    fn of_a_very_long_line_only_what_is_near_the_token_is_looked_at() {
        let unit = "{ name: aa, token: s3cr3t }, ";
        let text = format!("[{}]", unit.repeat(2_000));
        for at in [0, 1_000, 1_999] {
            let (line, carets) = snippet(&text, 1, 1 + at * unit.len() + 9, 2);
            let marked: String = line.chars().skip(carets.len() - 2).take(2).collect();
            assert_eq!(marked, "aa", "{line}\n{carets}");
            assert_eq!((line.starts_with(CUT), line.contains("s3cr3t")), (at > 0, false), "{line}");
        }
        let comment = format!("[{}] # {}", unit.repeat(1_000), "s3cr3t ".repeat(2_000));
        let (line, _) = snippet(&comment, 1, 1 + 999 * unit.len() + 9, 2);
        assert!(!line.contains("s3cr3t"), "{line}");
    }
}
