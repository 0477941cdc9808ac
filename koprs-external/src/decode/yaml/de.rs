//! A node as a type of any kind sees it.

use std::borrow::Cow;

use serde::de::value::{Error, MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{Deserializer, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::scalar::{Kind, float, integer, unsigned};
use super::{Node, Scalar};

/// What a key is, where a type asks for it. Quotes do not matter, as JSON has them around every key.
macro_rules! as_value {
    ($($asked:ident $how:ident),*) => {$(
        fn $asked<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            let Scalar { text, .. } = self.0;
            Scalar { text: Cow::Borrowed(&**text), kind: Kind::of_plain(text) }.$how(visitor)
        }
    )*};
}

/// A value.
#[derive(Clone, Copy)]
pub(super) struct Value<'n>(pub(super) &'n Node<'n>);

/// A key, which is a text unless a type asks for something else.
#[derive(Clone, Copy)]
struct Key<'n>(&'n Scalar<'n>);

impl<'n> Scalar<'n> {
    /// What the core schema makes of it. A number that would lose digits is a text, and so are infinity and
    /// `.nan`, which most types that take anything do not know.
    fn any<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        match self.kind {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool(on) => visitor.visit_bool(on),
            Kind::Integer => {
                match integer(&self.text).map(|it| (u64::try_from(it), i64::try_from(it))) {
                    Some((Ok(integer), _)) => visitor.visit_u64(integer),
                    Some((_, Ok(integer))) => visitor.visit_i64(integer),
                    _ => visitor.visit_str(&self.text),
                }
            }
            Kind::Float => match float(&self.text).filter(|float| float.is_finite()) {
                Some(float) => visitor.visit_f64(float),
                None => visitor.visit_str(&self.text),
            },
            Kind::Text => visitor.visit_str(&self.text),
        }
    }

    fn text<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(&self.text)
    }

    fn wide<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        match (self.kind, unsigned(&self.text), integer(&self.text)) {
            (Kind::Integer, Some(integer), _) => visitor.visit_u128(integer),
            (Kind::Integer, None, Some(integer)) => visitor.visit_i128(integer),
            _ => self.any(visitor),
        }
    }

    fn float<'de, V: Visitor<'de>>(&self, visitor: V) -> Result<V::Value, Error> {
        match (self.kind, float(&self.text)) {
            (Kind::Integer | Kind::Float, Some(float)) => visitor.visit_f64(float),
            _ => self.any(visitor),
        }
    }

    /// A unit variant of an enum.
    fn variant<'de, V: Visitor<'de>>(
        &self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.text.as_ref().into_deserializer().deserialize_enum(name, variants, visitor)
    }
}

impl<'n> Value<'n> {
    fn scalar(self) -> Option<&'n Scalar<'n>> {
        match &self.0.value {
            super::Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    fn is_null(self) -> bool {
        self.scalar().is_some_and(|scalar| scalar.kind == Kind::Null)
    }

    /// The text as it stands. Nothing is no text.
    fn text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.scalar().filter(|scalar| scalar.kind != Kind::Null) {
            Some(scalar) => scalar.text(visitor),
            None => self.deserialize_any(visitor),
        }
    }
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            super::Value::Scalar(scalar) => scalar.any(visitor),
            super::Value::Sequence(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(|item| Value(item)));
                let read = visitor.visit_seq(&mut items)?;
                items.end().map(|()| read)
            }
            super::Value::Mapping(entries) => {
                let entries = entries.iter().map(|(key, value)| (Key(key), Value(value)));
                let mut entries = MapDeserializer::new(entries);
                let read = visitor.visit_map(&mut entries)?;
                entries.end().map(|()| read)
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.text(visitor)
    }

    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.scalar() {
            Some(scalar) => scalar.wide(visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_i128(visitor)
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.scalar() {
            Some(scalar) => scalar.float(visitor),
            None => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    /// A name, or a mapping of one name to what the variant holds.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        use serde::de::Error as _;
        match &self.0.value {
            super::Value::Scalar(scalar)
                if scalar.kind != Kind::Null || variants.contains(&&*scalar.text) =>
            {
                scalar.variant(name, variants, visitor)
            }
            super::Value::Mapping(entries) if entries.len() == 1 => {
                let entries = entries.iter().map(|(key, value)| (Key(key), Value(value)));
                let access = MapAccessDeserializer::new(MapDeserializer::new(entries));
                access.deserialize_enum(name, variants, visitor)
            }
            super::Value::Mapping(_) => {
                Err(Error::invalid_value(Unexpected::Map, &"a mapping with a single key"))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
    }
}

impl IntoDeserializer<'_> for Value<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Key<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.text(visitor)
    }

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
        self.0.variant(name, variants, visitor)
    }

    as_value! {
        deserialize_bool any, deserialize_i8 any, deserialize_i16 any, deserialize_i32 any,
        deserialize_i64 any, deserialize_i128 wide, deserialize_u8 any, deserialize_u16 any,
        deserialize_u32 any, deserialize_u64 any, deserialize_u128 wide, deserialize_f32 float,
        deserialize_f64 float
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

impl IntoDeserializer<'_> for Key<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
