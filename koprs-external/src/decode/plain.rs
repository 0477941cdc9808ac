//! Text and bytes, into a type that is one or a newtype over one.

use serde::de::value::{Error, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::choice::Choice;
use super::refused::{Refused, expectation};
use super::utf8;

/// Decodes text.
pub(super) fn text<T: DeserializeOwned>(text: &str, choice: &Choice) -> Result<T, Refused> {
    T::deserialize(Plain(text)).map_err(|error| refused(&error, choice))
}

/// Takes the bytes as they are.
pub(super) fn bytes<T: DeserializeOwned>(body: &[u8], choice: &Choice) -> Result<T, Refused> {
    T::deserialize(Plain(body)).map_err(|error| refused(&error, choice))
}

/// Where a type wants something else, that is said without the text, which may be long and is shown nowhere else.
fn refused(error: &Error, choice: &Choice) -> Refused {
    let message = error.to_string();
    match message.starts_with("invalid type: ") {
        true => choice.not_a_text(&expectation(&message)),
        false => Refused::whole(message).short(),
    }
}

/// A single text or byte string, bare or wrapped in `Option` or a newtype.
struct Plain<B>(B);

trait Body<'de>: Copy {
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error>;
    fn bytes(self) -> &'de [u8];
}

impl<'de> Body<'de> for &'de str {
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_str(self)
    }

    fn bytes(self) -> &'de [u8] {
        self.as_bytes()
    }
}

impl<'de> Body<'de> for &'de [u8] {
    fn visit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self)
    }

    fn bytes(self) -> &'de [u8] {
        self
    }
}

impl<'de, B: Body<'de>> Deserializer<'de> for Plain<B> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.0.visit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.0.bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_borrowed_bytes(self.0.bytes())
    }

    /// `Vec<u8>` asks for a sequence.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::new(self.0.bytes().iter().copied()))
    }

    /// A text that is one of an enum's names.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let text = utf8(self.0.bytes());
        let text = text.map_err(|refused| serde::de::Error::custom(refused.message))?;
        text.trim().into_deserializer().deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string unit unit_struct tuple
        tuple_struct map struct identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::choice::Encoding;
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct Motd(String);

    #[derive(Debug, Deserialize, PartialEq)]
    struct Blob(Vec<u8>);

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(rename_all = "lowercase")]
    enum Light {
        Green,
    }

    fn text<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
        super::text(text, &Choice::new(Some(Encoding::Text), None, b"").unwrap())
    }

    fn bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
        super::bytes(bytes, &Choice::new(Some(Encoding::Bytes), None, b"").unwrap())
    }

    #[test]
    fn text_and_bytes_become_strings_buffers_newtypes_and_names() {
        assert_eq!(text::<String>("hi"), Ok("hi".into()));
        assert_eq!(text::<Motd>("hi"), Ok(Motd("hi".into())));
        assert_eq!(text::<Light>("green\n"), Ok(Light::Green));
        assert_eq!(text::<Option<String>>(""), Ok(Some(String::new())));
        assert_eq!(bytes::<Blob>(&[0, 255]), Ok(Blob(vec![0, 255])));
        assert_eq!(bytes::<Vec<u8>>(&[0, 255]), Ok(vec![0, 255]));
    }

    #[test]
    fn types_that_want_more_are_errors() {
        let refused = text::<std::collections::BTreeMap<String, u8>>("x").unwrap_err();
        assert_eq!(
            refused.message,
            "the body is read as text (`decode`), and the type expects an object; declare another format, for example \
             `decode: json`"
        );
        let refused = bytes::<Light>(b"gr\xfcn").unwrap_err();
        assert_eq!(
            refused.message,
            "the body is not UTF-8 text: a byte that is none at line 1 column 3"
        );
        let plain = Choice::new(None, Some("text/plain; charset=utf-8"), b"").unwrap();
        let refused = super::text::<u8>("s3cr3t", &plain).unwrap_err();
        assert!(refused.message.contains("its content type is `text/plain`"), "{refused:?}");
        assert!(!refused.message.contains("s3cr3t"), "{refused:?}");
    }
}
