//! A line of a file that does not parse: without a tree, keys and values are those that the line seems to have.
//!
//! A key counts where a setting has its name. What follows it is shown when it reads as what that setting holds, up to
//! the next bracket, comma or key; anything else is hidden. In which block a line stands is seen by the indentation of
//! those above.

use std::ops::Range;

use super::{Content, Piece};
use crate::secret::is_plain;
use crate::spec::reader::known::{Below, Scope, below, is_known};

/// What is shown of a line.
pub(super) fn pieces(text: &str, line: Range<usize>) -> Vec<Piece> {
    let scope = scope_of(text, line.start);
    let mut words = Words {
        text,
        at: line.start,
        end: line.end,
        outer: Vec::new(),
        scope,
        within: Scope::Closed,
        contents: &[],
        is_first: true,
        pieces: Vec::new(),
    };
    while words.at < words.end {
        words.step();
    }
    words.pieces
}

struct Words<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    /// The scopes of the brackets that are open.
    outer: Vec<Scope>,
    scope: Scope,
    /// The scope below the last key.
    within: Scope,
    /// What the last key holds.
    contents: &'static [Content],
    /// Whether no key was seen yet.
    is_first: bool,
    pieces: Vec<Piece>,
}

impl Words<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or_default()
    }

    fn step(&mut self) {
        let rest = self.rest();
        let next = rest.chars().next().unwrap_or(' ');
        let after = rest.get(next.len_utf8()..).unwrap_or_default();
        let stands_alone = after.is_empty() || after.starts_with([' ', '\t']);
        match next {
            ' ' | '\t' | ',' | ':' => self.show(1),
            '-' | '?' if stands_alone => self.show(1),
            // `-name:` is a key behind a dash that lost its space.
            '-' if self.is_first && after.starts_with(char::is_alphabetic) => self.show(1),
            '#' => self.hide(rest.len()),
            '{' | '[' => {
                self.outer.push(self.scope);
                (self.scope, self.within, self.contents) = (self.within, Scope::Closed, &[]);
                self.show(1);
            }
            '}' | ']' => {
                self.scope = self.outer.pop().unwrap_or(Scope::Closed);
                (self.within, self.contents) = (Scope::Closed, &[]);
                self.show(1);
            }
            '"' | '\'' => self.quoted(next),
            _ => self.plain(),
        }
    }

    /// A text in quotes. Without a second one it has no end.
    fn quoted(&mut self, quote: char) {
        let rest = self.rest();
        let inner = rest.get(1..).and_then(|rest| rest.split_once(quote));
        let Some((inner, after)) = inner.filter(|(inner, _)| !inner.contains('\\')) else {
            return self.hide(rest.len());
        };
        let (length, is_key) = (inner.len() + 2, is_colon(after));
        let inner = inner.to_owned();
        // Two quotes in a row are one of a longer text.
        if self.rest().get(length..).is_some_and(|rest| rest.starts_with(quote)) {
            return self.hide(self.rest().len());
        }
        match is_key {
            true => self.key(&inner, length),
            false => self.value(&inner, length),
        }
    }

    /// What has no quotes: a key, a value, or a value and the key behind it.
    fn plain(&mut self) {
        let rest = self.rest();
        let end = rest.find([',', '{', '}', '[', ']']).unwrap_or(rest.len());
        let run = rest.get(..end).unwrap_or(rest);
        let comment =
            run.match_indices('#').find(|(at, _)| run.get(..*at).is_some_and(is_blank_behind));
        let run = comment.and_then(|(at, _)| run.get(..at)).unwrap_or(run);
        let colons = run.match_indices(':').map(|(at, _)| at);
        let colon = colons.into_iter().find(|at| {
            let word = run.get(..*at).unwrap_or_default();
            let word = word.rsplit([' ', '\t']).next().unwrap_or_default();
            run.get(at + 1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t']))
                || is_known(word)
        });
        let Some(colon) = colon else {
            let value = run.trim_end_matches([' ', '\t']).to_owned();
            return self.value(&value, value.len());
        };
        let before = run.get(..colon).unwrap_or_default().trim_end_matches([' ', '\t']);
        let key = before.rsplit([' ', '\t']).next().unwrap_or_default().to_owned();
        let value = before
            .get(..before.len() - key.len())
            .unwrap_or_default()
            .trim_end_matches([' ', '\t'])
            .to_owned();
        if value.is_empty() {
            self.key(&key, key.len());
        } else {
            self.value(&value, value.len());
        }
    }

    fn key(&mut self, key: &str, length: usize) {
        // A value with a colon in it seems to be a key.
        let is_value = !is_known(key) && !self.contents.is_empty();
        if is_value {
            return self.value(key, length);
        }
        let is_shown =
            is_known(key) || key == "<<" || self.is_first && !key.is_empty() && is_plain(key, "-_");
        let Below { scope, contents, .. } = below(self.scope, key);
        (self.within, self.contents, self.is_first) = (*scope, contents, false);
        if is_shown { self.show(length) } else { self.hide(length) }
    }

    fn value(&mut self, value: &str, length: usize) {
        let start = self.at;
        self.at += length.max(1);
        // A setting that lost its colon is its name.
        let is_lonely = self.is_first && is_known(value);
        let piece = match is_lonely {
            true => Piece::shown(start..self.at),
            false => Piece::value(start..self.at, value, self.contents),
        };
        self.pieces.push(piece);
        (self.contents, self.is_first) = (&[], false);
    }

    fn show(&mut self, length: usize) {
        let start = self.at;
        self.at = self.end.min(start + length.max(1));
        match self.pieces.last_mut() {
            Some(Piece { bytes, instead: None }) if bytes.end == start => bytes.end = self.at,
            _ => self.pieces.push(Piece::shown(start..self.at)),
        }
    }

    fn hide(&mut self, length: usize) {
        let start = self.at;
        self.at = self.end.min(start + length.max(1));
        self.pieces.push(Piece::hidden(start..self.at));
    }
}

/// Whether a comment may follow.
fn is_blank_behind(text: &str) -> bool {
    text.ends_with([' ', '\t'])
}

fn is_colon(text: &str) -> bool {
    text.trim_start().starts_with(':')
}

/// The block in which a line seems to stand, by the keys above it that are indented less.
fn scope_of(text: &str, start: usize) -> Scope {
    let line = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let mut indent = indentation(line);
    let mut keys = Vec::new();
    for line in text.get(..start).unwrap_or_default().lines().rev() {
        let inner = line.get(indentation(line)..).unwrap_or_default();
        if indent == 0 {
            break;
        }
        if inner.is_empty() || inner.starts_with('#') || indentation(line) >= indent {
            continue;
        }
        let Some((key, value)) = inner.split_once(':') else { return Scope::Closed };
        let value = value.trim();
        if value.is_empty() || value.starts_with(['&', '#']) {
            indent = indentation(line);
            keys.push(key);
        } else if value.starts_with(['|', '>', '"', '\'', '{', '[']) {
            return Scope::Closed;
        }
    }
    keys.iter().rev().fold(Scope::File, |scope, key| below(scope, key).scope)
}

/// Where the key of a line begins, behind the dashes of lists.
fn indentation(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t', '-']).len()
}
