//! A record as a type of any kind sees it: a map of the names to the fields.
//!
//! A field is the text that stands there. Only a type that asks for a number or a boolean gets one, and for an
//! `Option` an empty field is nothing. Inside `untagged` and `flatten`, serde does not say what a type asks for: a
//! record that does not fit as text is read again with [`AnyField::Plain`].

use std::fmt;
use std::str::FromStr;

use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, Error as _, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::Record;

/// What a field is where no type asks for anything.
#[derive(Clone, Copy)]
pub(super) enum AnyField {
    Text,
    /// A number or a boolean, if its usual spelling is the text that stands there: `7` and `true`, not `007` or `1e5`.
    Plain,
}

impl<'r> Record<'r> {
    fn values(self) -> impl Iterator<Item = Field<'r>> {
        self.fields.iter().map(move |text| Field { text, any: self.any })
    }

    /// The one field of a record of one.
    fn only(self) -> Option<Field<'r>> {
        match (self.fields.get(0), self.fields.len()) {
            (Some(text), 1) => Some(Field { text, any: self.any }),
            _ => None,
        }
    }
}

/// A record of one field is read as that field, where a type wants a single value.
macro_rules! only_field {
    ($($asked:ident)*) => {$(
        fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            match self.only() {
                Some(field) => field.$asked(visitor),
                None => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Record<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let fields = self.names.iter().zip(self.values());
        let mut fields = MapDeserializer::new(fields);
        let read = visitor.visit_map(&mut fields)?;
        fields.end().map(|()| read)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let mut fields = SeqDeserializer::new(self.values());
        let read = visitor.visit_seq(&mut fields)?;
        fields.end().map(|()| read)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    /// A record is there, also one whose fields are empty.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.only() {
            Some(field) => field.deserialize_enum(name, variants, visitor),
            None => self.deserialize_any(visitor),
        }
    }

    only_field! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_i128 deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_u128 deserialize_f32 deserialize_f64 deserialize_char deserialize_str
        deserialize_string deserialize_bytes deserialize_byte_buf
    }

    forward_to_deserialize_any! {
        unit unit_struct map struct identifier ignored_any
    }
}

/// A field.
#[derive(Clone, Copy)]
struct Field<'r> {
    text: &'r str,
    any: AnyField,
}

impl Field<'_> {
    /// The number or boolean that a type asks for.
    fn parse<T: FromStr<Err: fmt::Display>>(
        self,
        expected: &dyn serde::de::Expected,
    ) -> Result<T, Error> {
        self.text.parse().map_err(|_| Error::invalid_value(Unexpected::Str(self.text), expected))
    }

    /// The number or boolean that is written as the field is.
    fn plain<T: FromStr + ToString>(self) -> Option<T> {
        self.text.parse().ok().filter(|value: &T| value.to_string() == self.text)
    }
}

macro_rules! parsed {
    ($($asked:ident $visit:ident)*) => {$(
        fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let parsed = self.parse(&visitor)?;
            visitor.$visit(parsed)
        }
    )*};
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let AnyField::Plain = self.any else { return visitor.visit_str(self.text) };
        if let Some(value) = self.plain() {
            visitor.visit_bool(value)
        } else if let Some(value) = self.plain() {
            visitor.visit_u64(value)
        } else if let Some(value) = self.plain() {
            visitor.visit_i64(value)
        } else if let Some(value) = self.plain().filter(|value: &f64| value.is_finite()) {
            visitor.visit_f64(value)
        } else {
            visitor.visit_str(self.text)
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_bytes(self.text.as_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_bytes(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.text.is_empty() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.text.is_empty() { visitor.visit_unit() } else { self.deserialize_any(visitor) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.text.into_deserializer().deserialize_enum(name, variants, visitor)
    }

    parsed! {
        deserialize_bool visit_bool
        deserialize_i8 visit_i8
        deserialize_i16 visit_i16
        deserialize_i32 visit_i32
        deserialize_i64 visit_i64
        deserialize_i128 visit_i128
        deserialize_u8 visit_u8
        deserialize_u16 visit_u16
        deserialize_u32 visit_u32
        deserialize_u64 visit_u64
        deserialize_u128 visit_u128
        deserialize_f32 visit_f32
        deserialize_f64 visit_f64
    }

    forward_to_deserialize_any! {
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_> for Field<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
