//! Text from outside, as it may stand in a message or a log line.
//!
//! Keys, names, header values, bodies and declarations come from people and servers that this process does not
//! trust. A line break in them forges a log line, an escape sequence drives a terminal, a bidirectional control turns
//! the text around it, and a megabyte of them floods whoever reads. [`printable`] takes all of that out where a
//! message is made. [`one_line`] and [`lines`] do the same for a whole error, so that no message is worse than its
//! longest text when a place forgets [`printable`].

use std::any::Any;
use std::collections::VecDeque;
use std::fmt::{self, Display, Write};

/// How many characters of a text from outside are shown.
pub(crate) const SHOWN: usize = 200;

/// How many bytes an error has at most.
pub(crate) const LONGEST_ERROR: usize = 4096;

/// Shows a text from outside in one line of at most 200 visible characters.
///
/// Accents, other scripts and quotes stay as they are. What is not seen, moves the cursor or turns the text around is
/// escaped as `\n` or `\u{1b}`. A longer text ends in `…`.
pub fn printable<T: Display + ?Sized>(text: &T) -> Printable<'_, T> {
    Printable { text, start: SHOWN, end: 0 }
}

/// [`printable`] for bytes; those that are not UTF-8 are shown as `\xff`.
pub(crate) fn printable_bytes(bytes: &[u8]) -> impl Display {
    struct Bytes<'a>(&'a [u8]);
    impl Display for Bytes<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            printable(&Lossy(self.0)).fmt(f)
        }
    }
    Bytes(bytes)
}

/// A message that holds texts from outside: one line, of which the middle is cut when it is long. Parsers quote their
/// input, and say at the end what they expected.
pub(crate) fn message(text: &str) -> String {
    let message = Printable { text, start: 2 * SHOWN, end: SHOWN };
    message.to_string()
}

/// Returns what a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic payload is not a string")
}

/// Whether a message can be shown as it is.
pub(crate) fn is_safe(text: &str) -> bool {
    text.len() <= LONGEST_ERROR && text.chars().all(is_printable)
}

/// A text that [`printable`] shows.
#[derive(Clone, Copy, Debug)]
pub struct Printable<'a, T: ?Sized> {
    text: &'a T,
    start: usize,
    end: usize,
}

impl<T: ?Sized> Printable<'_, T> {
    /// Keeps the last half of [`SHOWN`] too: a parser's message ends in what it expected, and where.
    #[must_use]
    pub fn with_end(self) -> Self {
        Self { end: SHOWN / 2, ..self }
    }

    /// Keeps less than [`SHOWN`] characters.
    #[must_use]
    pub fn at_most(self, start: usize) -> Self {
        Self { start, ..self }
    }

    /// Keeps the whole text: for what is printed because a person asked for it.
    #[must_use]
    pub fn whole(self) -> Self {
        Self { start: usize::MAX, ..self }
    }
}

impl<T: Display + ?Sized> Display for Printable<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cut =
            Cut { to: f, start: self.start, end: self.end, last: VecDeque::new(), is_cut: false };
        let written = write!(Escape { to: &mut cut, keeps_lines: false }, "{}", self.text);
        cut.finish(written)
    }
}

/// Writes an error, or another whole message, as one line of at most [`LONGEST_ERROR`] bytes.
pub(crate) fn one_line(
    f: &mut fmt::Formatter<'_>,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    bounded(f, false, write)
}

/// [`one_line`] for an error of another crate's type.
#[cfg(feature = "yaml")]
pub(crate) fn one_line_of(text: &str) -> String {
    struct OneLine<'a>(&'a str);
    impl Display for OneLine<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            one_line(f, |to| to.write_str(self.0))
        }
    }
    OneLine(text).to_string()
}

/// Writes a message of several lines, of at most [`LONGEST_ERROR`] bytes.
///
/// Its line breaks are the library's own: texts from outside in it have gone through [`printable`].
pub(crate) fn lines(
    f: &mut fmt::Formatter<'_>,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    bounded(f, true, write)
}

fn bounded(
    f: &mut fmt::Formatter<'_>,
    keeps_lines: bool,
    write: impl FnOnce(&mut dyn Write) -> fmt::Result,
) -> fmt::Result {
    let left = LONGEST_ERROR - '…'.len_utf8();
    let mut bound = Bound { to: f, left, is_cut: false };
    let written = write(&mut Escape { to: &mut bound, keeps_lines });
    if bound.is_cut { bound.to.write_char('…') } else { written }
}

/// Whether a character is shown as it is: it is seen, and changes nothing around it.
pub fn is_printable(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            // Shown as nothing, or as a space that is none.
            '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
            // Direction.
            | '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{206f}'
            // Lines and paragraphs.
            | '\u{2028}' | '\u{2029}')
}

/// Escapes what is not printable.
struct Escape<'a> {
    to: &'a mut dyn Write,
    keeps_lines: bool,
}

impl Write for Escape<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| self.write_char(c))
    }

    fn write_char(&mut self, c: char) -> fmt::Result {
        if is_printable(c) || (self.keeps_lines && c == '\n') {
            return self.to.write_char(c);
        }
        // In one piece, so that none is cut in the middle.
        let mut escaped = [0; 10];
        let mut length = 0;
        for (byte, c) in escaped.iter_mut().zip(c.escape_default()) {
            *byte = u8::try_from(c).unwrap_or(b'?');
            length += 1;
        }
        self.to.write_str(
            std::str::from_utf8(escaped.get(..length).unwrap_or_default()).unwrap_or("?"),
        )
    }
}

/// Keeps so many characters of the start and of the end.
struct Cut<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    start: usize,
    end: usize,
    last: VecDeque<char>,
    is_cut: bool,
}

impl Write for Cut<'_, '_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let length = piece.chars().count();
        if length <= self.start {
            self.start -= length;
            return self.to.write_str(piece);
        }
        self.start = 0;
        for c in piece.chars() {
            self.last.push_back(c);
            if self.last.len() > self.end {
                self.last.pop_front();
                self.is_cut = true;
            }
        }
        // Without an end there is nothing more to see.
        if self.end == 0 { Err(fmt::Error) } else { Ok(()) }
    }
}

impl Cut<'_, '_> {
    fn finish(self, written: fmt::Result) -> fmt::Result {
        if self.is_cut {
            self.to.write_char('…')?;
        } else {
            written?;
        }
        self.last.iter().try_for_each(|c| self.to.write_char(*c))
    }
}

/// Keeps so many bytes of the start.
struct Bound<'a, 'f> {
    to: &'a mut fmt::Formatter<'f>,
    left: usize,
    is_cut: bool,
}

impl Write for Bound<'_, '_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        match self.left.checked_sub(piece.len()) {
            Some(left) if !self.is_cut => {
                self.left = left;
                self.to.write_str(piece)
            }
            _ => {
                self.is_cut = true;
                Err(fmt::Error)
            }
        }
    }
}

/// Bytes as text.
struct Lossy<'a>(&'a [u8]);

impl Display for Lossy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            f.write_str(chunk.valid())?;
            chunk.invalid().iter().try_for_each(|byte| write!(f, "\\x{byte:02x}"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct OneLine<'a>(&'a str);
    impl Display for OneLine<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            one_line(f, |to| write!(to, "error: {}", self.0))
        }
    }

    struct Lines<'a>(&'a str);
    impl Display for Lines<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            lines(f, |to| to.write_str(self.0))
        }
    }

    #[test]
    fn what_is_not_seen_or_moves_other_text_is_escaped() {
        let cases = [
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\0\u{1b}[2J\u{7f}\u{85}\u{9b}", "\\u{0}\\u{1b}[2J\\u{7f}\\u{85}\\u{9b}"),
            ("\u{202e}\u{2066}\u{200e}\u{61c}", "\\u{202e}\\u{2066}\\u{200e}\\u{61c}"),
            ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
            (
                "\u{200b}\u{200d}\u{feff}\u{ad}\u{fe0f}\u{e0041}",
                "\\u{200b}\\u{200d}\\u{feff}\\u{ad}\\u{fe0f}\\u{e0041}",
            ),
            ("", ""),
        ];
        for (text, shown) in cases {
            assert_eq!(printable(text).to_string(), shown);
        }
    }

    #[test]
    fn ordinary_text_stays_as_it_is() {
        for text in ["Zoë's \"naïve\" C:\\x `a`", "e\u{301}", "日本語 العربية עברית", "🦀 …", "a b"]
        {
            assert_eq!(printable(text).to_string(), text);
        }
    }

    #[test]
    fn a_text_is_cut_at_its_limit_and_no_escape_is_cut() {
        let long = |n: usize| "ü".repeat(n);
        assert_eq!(printable(&long(SHOWN)).to_string(), long(SHOWN));
        assert_eq!(printable(&long(SHOWN + 1)).to_string(), long(SHOWN) + "…");
        assert_eq!(printable(&(long(SHOWN - 1) + "\n")).to_string(), long(SHOWN - 1) + "…");
        assert_eq!(printable(&(long(SHOWN - 2) + "\n")).to_string(), long(SHOWN - 2) + "\\n");
        assert_eq!(printable(&long(1_000_000)).whole().to_string(), long(1_000_000));
        let ends = format!("{}z{}", long(1_000_000), "y".repeat(SHOWN / 2));
        let shown = format!("{}…{}", long(SHOWN), "y".repeat(SHOWN / 2));
        assert_eq!(printable(&ends).with_end().to_string(), shown);
        let fits = long(SHOWN + SHOWN / 2);
        assert_eq!(printable(&fits).with_end().to_string(), fits);
    }

    #[test]
    fn bytes_are_shown_as_text_where_they_are() {
        assert_eq!(printable_bytes(b"gzip\xff\xc3\xbc\n").to_string(), "gzip\\xffü\\n");
        assert_eq!(printable_bytes(&[0xff; 1_000]).to_string().chars().count(), SHOWN + 1);
    }

    #[test]
    fn an_error_is_one_line_and_cut_at_its_limit() {
        assert_eq!(OneLine("a\nb").to_string(), "error: a\\nb");
        let fits = "x".repeat(LONGEST_ERROR - "error: …".len());
        assert!(OneLine(&fits).to_string().ends_with('x'));
        for long in [fits.clone() + "x", "ü".repeat(LONGEST_ERROR), "\u{202e}".repeat(1 << 20)] {
            let shown = OneLine(&long).to_string();
            assert!(shown.len() <= LONGEST_ERROR && shown.ends_with('…'), "{}", shown.len());
            assert!(shown.len() > LONGEST_ERROR - 12, "{}", shown.len());
        }
    }

    #[test]
    fn a_message_of_lines_keeps_them_and_nothing_else() {
        assert_eq!(Lines("a\n  b\r\u{1b}").to_string(), "a\n  b\\r\\u{1b}");
        assert!(Lines(&"a\n".repeat(LONGEST_ERROR)).to_string().len() <= LONGEST_ERROR);
    }
}
