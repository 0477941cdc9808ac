//! A file as it is shown: its text, where its lines are, and what of it may be seen.

use std::cell::OnceCell;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use super::mask::Mask;
use super::snippet::{Line, Snippet};
use crate::spec::mistake::Place;

/// Characters between two marks.
const STRIDE: usize = 256;

/// A file of which mistakes are told.
pub(super) struct Source<'a> {
    file: Arc<Path>,
    text: &'a str,
    mask: Mask,
    /// Looked for at the first mistake.
    lines: OnceCell<Lines>,
}

impl<'a> Source<'a> {
    pub(super) fn new(file: Arc<Path>, text: &'a str, mask: Mask) -> Self {
        Self { file, text, mask, lines: OnceCell::new() }
    }

    pub(super) fn file(&self) -> &Arc<Path> {
        &self.file
    }

    /// What is shown for a place.
    pub(super) fn snippet(&self, place: Place) -> Snippet {
        let lines = self.lines.get_or_init(|| Lines::of(self.text));
        let first = place.column().saturating_sub(1);
        let line = Line {
            bytes: lines.line(place.line()),
            token: lines.byte(self.text, place.line(), first)
                ..lines.byte(self.text, place.line(), first.saturating_add(place.length())),
        };
        Snippet::of(self.text, &self.mask, line)
    }
}

/// Where the lines of a text are, and so many of its characters that none is far from a known one: a
/// thousand mistakes in one long line take one walk over it.
struct Lines {
    /// The bytes of each line, without its end, and the number of its first character.
    lines: Vec<(Range<usize>, usize)>,
    /// The byte of every so-many-th character.
    marks: Vec<usize>,
    end: usize,
}

impl Lines {
    /// YAML ends a line with `\n`, `\r\n` or `\r`.
    fn of(text: &str) -> Self {
        let mut lines = Vec::new();
        let mut marks = Vec::new();
        let (mut start, mut first) = (0, 0);
        let mut chars = text.char_indices().enumerate().peekable();
        while let Some((number, (at, c))) = chars.next() {
            if number % STRIDE == 0 {
                marks.push(at);
            }
            let split = c == '\r' && matches!(chars.peek(), Some((_, (_, '\n'))));
            if c == '\n' || (c == '\r' && !split) {
                let end = text.get(start..at).unwrap_or_default().trim_end_matches('\r').len();
                lines.push((start..start + end, first));
                (start, first) = (at + 1, number + 1);
            }
        }
        lines.push((start..text.len(), first));
        Self { lines, marks, end: text.len() }
    }

    /// The bytes of a line, from 1; behind the last one there is nothing.
    fn line(&self, number: usize) -> Range<usize> {
        let line = self.lines.get(number.saturating_sub(1));
        line.map_or(self.end..self.end, |(bytes, _)| bytes.clone())
    }

    /// The byte of a character of a line, from 0, or the end of the line.
    fn byte(&self, text: &str, line: usize, column: usize) -> usize {
        let Some((bytes, first)) = self.lines.get(line.saturating_sub(1)) else { return self.end };
        let number = first.saturating_add(column);
        let Some(mark) = self.marks.get(number / STRIDE) else { return bytes.end };
        let mut rest = text.get(*mark..).unwrap_or_default().char_indices();
        let at = rest.nth(number % STRIDE).map_or(self.end, |(at, _)| mark + at);
        at.min(bytes.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_of_a_line_is_found_wherever_it_stands() {
        let long = "ü".repeat(3 * STRIDE);
        let text = format!("a\r\nbü\r{long}c\n\nd");
        let lines = Lines::of(&text);
        let at = |line: usize, column: usize| &text[lines.byte(&text, line, column)..];
        assert!(at(1, 0).starts_with("a\r\n") && at(1, 9).starts_with("\r\nb"));
        assert!(at(2, 1).starts_with("ü\r") && at(2, 2).starts_with('\r'));
        assert!(at(3, 3 * STRIDE).starts_with("c\n"));
        assert_eq!((at(4, 0), at(5, 0), at(5, 7), at(6, 0)), ("\nd", "d", "", ""));
        assert_eq!([1, 2, 4, 5, 9].map(|line| &text[lines.line(line)]), ["a", "bü", "", "d", ""]);
    }
}
