//! A JSON text, read value by value: serde_json measures each value, and decodes none.

use serde_json::value::RawValue;

use super::Fault;

/// A position in a text.
pub(super) struct Walk<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Moves to the next byte that is not white space, and returns it.
    pub(super) fn peek(&mut self) -> Option<u8> {
        let rest = self.rest().as_bytes();
        let white = rest.iter().take_while(|byte| b" \n\r\t".contains(byte)).count();
        self.at += white;
        rest.get(white).copied()
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Fault> {
        match self.peek() {
            Some(next) if next == byte => {
                self.at += 1;
                Ok(())
            }
            Some(_) => Err(self.broken(format_args!("expected `{}`", char::from(byte)))),
            None => Err(self.broken("it ends too early")),
        }
    }

    fn broken(&self, why: impl std::fmt::Display) -> Fault {
        let before = self.text.get(..self.at).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = self.at - before.rfind('\n').map_or(0, |at| at + 1) + 1;
        Fault::Syntax(format!("not JSON: {why} at line {line} column {column}"))
    }

    /// Returns the text of the next value.
    pub(super) fn value(&mut self) -> Result<&'t str, Fault> {
        self.next::<&'t RawValue>().map(RawValue::get)
    }

    pub(super) fn name(&mut self) -> Result<String, Fault> {
        self.next::<String>()
    }

    fn next<T: serde::Deserialize<'t>>(&mut self) -> Result<T, Fault> {
        self.peek();
        let mut values = serde_json::Deserializer::from_str(self.rest()).into_iter::<T>();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                Ok(value)
            }
            Some(Err(error)) => {
                let why = error.to_string();
                let why = why.split(" at line").next().unwrap_or_default().to_owned();
                self.at += values.byte_offset();
                Err(self.broken(why))
            }
            None => Err(self.broken("it ends too early")),
        }
    }

    /// Moves behind a text that comes next.
    pub(super) fn pass(&mut self, text: &str) {
        self.at += text.len();
    }

    /// Returns so many of the next bytes if a value can end behind them.
    pub(super) fn known(&self, length: usize) -> Option<&'t str> {
        let (text, behind) = self.rest().split_at_checked(length)?;
        let next = behind.trim_start_matches([' ', '\n', '\r', '\t']).as_bytes().first();
        matches!(next, Some(b',' | b']' | b'}')).then_some(text)
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.broken("trailing characters")),
        }
    }
}
