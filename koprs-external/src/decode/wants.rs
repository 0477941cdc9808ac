//! What a type asks a format for: with that, an error can say that a list is in the place of a value.

use std::cell::Cell;

use serde::de::value::Error;
use serde::de::{DeserializeOwned, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// What a type asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// An object, and the names of its members as far as the type tells them.
    Object(&'static [&'static str]),
    /// Something else, or anything.
    Other,
}

impl Wants {
    pub(super) fn of<T: DeserializeOwned>() -> Self {
        let wants = Cell::new(Self::Other);
        // It is never given anything: only what it asks for counts.
        let _ = T::deserialize(Probe(&wants));
        wants.get()
    }
}

/// Notes what it is asked for, and gives nothing.
struct Probe<'w>(&'w Cell<Wants>);

impl<'de> Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom(""))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(Wants::Object(fields));
        self.deserialize_any(visitor)
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

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only its type matters")]
    struct Tenant {
        id: String,
        plan: String,
    }

    #[derive(Deserialize)]
    #[allow(dead_code, reason = "only its type matters")]
    struct Wrapped(Option<Tenant>);

    #[test]
    fn a_type_tells_the_members_that_it_asks_for() {
        assert_eq!(Wants::of::<Tenant>(), Wants::Object(&["id", "plan"]));
        assert_eq!(Wants::of::<Option<Wrapped>>(), Wants::Object(&["id", "plan"]));
        assert_eq!(Wants::of::<BTreeMap<String, u8>>(), Wants::Object(&[]));
        assert_eq!(Wants::of::<Vec<Tenant>>(), Wants::Other);
        assert_eq!(Wants::of::<serde_json::Value>(), Wants::Other);
    }
}
