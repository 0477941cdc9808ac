//! A JSON text, read value by value: serde_json measures each value, and decodes none. It measures values of any depth
//! without recursion.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Fault;
use crate::decode::ignored::Name;
use crate::decode::items::place;

/// The most white space that is looked through behind what may be a value, and the byte behind it.
const WHITE: usize = 256;

/// A position in a text.
#[derive(Clone, Copy)]
pub(super) struct Walk<'t> {
    text: &'t str,
    at: usize,
}

/// An array or an object that has begun and not ended.
pub(super) struct Open {
    close: u8,
    /// The place of the next member.
    place: usize,
}

impl Open {
    /// The bracket that ends it.
    pub(super) fn close(&self) -> u8 {
        self.close
    }
}

/// A member of an object, which has a name, or an item of an array.
pub(super) struct Member<'t> {
    pub(super) name: Option<Cow<'t, str>>,
    pub(super) place: usize,
}

impl Member<'_> {
    /// What leads to it.
    pub(super) fn name(&self) -> Name<'_> {
        self.name.as_deref().map_or(Name::Place(self.place), Name::Key)
    }

    /// Whether a name of a path leads here.
    pub(super) fn is(&self, name: &str) -> bool {
        match &self.name {
            Some(own) => own == name,
            None => place(name) == Some(self.place),
        }
    }
}

/// A text, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

impl<'t> Walk<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes were read.
    pub(super) fn position(&self) -> usize {
        self.at
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

    fn expect(&mut self, byte: u8) -> Result<(), Fault> {
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

    /// Moves into the array or the object that comes next.
    pub(super) fn open(&mut self) -> Result<Open, Fault> {
        let (open, close) = match self.peek() {
            Some(b'{') => (b'{', b'}'),
            _ => (b'[', b']'),
        };
        self.expect(open)?;
        Ok(Open { close, place: 0 })
    }

    /// Moves to the value of the next member; without one, moves behind the end of the array or object.
    pub(super) fn member(&mut self, of: &mut Open) -> Result<Option<Member<'t>>, Fault> {
        if self.peek() == Some(of.close) {
            self.at += 1;
            return Ok(None);
        }
        if of.place > 0 {
            self.expect(b',')?;
        }
        let name = match of.close {
            b'}' => {
                let Text(name) = self.next()?;
                self.expect(b':')?;
                Some(name)
            }
            _ => None,
        };
        self.peek();
        let place = of.place;
        of.place += 1;
        Ok(Some(Member { name, place }))
    }

    fn next<T: Deserialize<'t>>(&mut self) -> Result<T, Fault> {
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
        let mut behind = behind.bytes().take(WHITE).skip_while(|byte| b" \n\r\t".contains(byte));
        matches!(behind.next(), Some(b',' | b']' | b'}')).then_some(text)
    }

    /// Checks that nothing follows.
    pub(super) fn end(&mut self) -> Result<(), Fault> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.broken("trailing characters")),
        }
    }
}
