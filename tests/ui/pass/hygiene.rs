//! The generated code stands on its own: it needs no prelude, is in no name's way and has no warning.

#![deny(warnings, missing_docs)]
#![no_implicit_prelude]

use ::std::clone::Clone;
use ::std::fmt::Debug;

use ::koprs_external::ExternalSource;
use ::serde::Deserialize;

/// Names of the prelude, taken.
mod shadowed {
    #![allow(dead_code)]

    use ::std::clone::Clone;
    use ::std::fmt::Debug;
    use ::std::prelude::rust_2021::derive;

    use ::koprs_external::ExternalSource;
    use ::serde::Deserialize;

    struct Result;
    struct Option;
    struct Vec;
    struct Box;
    struct Ok;
    struct Err;
    struct Some;
    struct None;
    struct Send;
    struct Watch;
    struct WatcherSpec;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/{made}/{config}/{spec}"),
        params(made: u8, config: u8, spec: u8),
        interval = "30s",
    )]
    pub(crate) struct String(u8);
}

/// A payload of the same name in each of two modules.
mod one {
    use ::std::prelude::rust_2021::*;

    #[derive(Clone, Debug, ::serde::Deserialize, ::koprs_external::ExternalSource)]
    #[external(http(url = "https://api.example.com/one"), interval = "30s")]
    pub(crate) struct Flags(pub(crate) u8);
}

mod two {
    use ::std::prelude::rust_2021::*;

    #[derive(Clone, Debug, ::serde::Deserialize, ::koprs_external::ExternalSource)]
    #[external(http(url = "https://api.example.com/two"), interval = "30s")]
    pub(in crate::two) struct Flags(u8);

    pub(crate) fn is_declared() -> bool {
        Flags::spec().is_ok_and(|spec| spec.name() == "flags" && Flags(0).0 == 0)
    }
}

/// A name in snake case, and one in capitals.
#[allow(non_camel_case_types)]
mod cases {
    use ::std::prelude::rust_2021::*;

    #[derive(Clone, Debug, ::serde::Deserialize, ::koprs_external::ExternalSource)]
    #[external(http(url = "https://api.example.com/v1"), interval = "30s")]
    pub(crate) struct feature_flags(pub(crate) u8);

    #[derive(Clone, Debug, ::serde::Deserialize, ::koprs_external::ExternalSource)]
    #[external(http(url = "https://api.example.com/v1"), interval = "30s")]
    pub(crate) struct FLAGS(pub(crate) u8);

    #[derive(Clone, Debug, ::serde::Deserialize, ::koprs_external::ExternalSource)]
    #[external(http(url = "https://api.example.com/v1"), interval = "30s")]
    pub(crate) struct r#type {
        pub(crate) r#enum: u8,
    }
}

/// Raw identifiers, and types of parameters with lifetimes and traits.
#[::std::prelude::rust_2021::derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/{type}/{text}/{any}/{slice}"),
    params(
        r#type: u8,
        text: &str,
        any: impl ::std::fmt::Display,
        slice: ::std::borrow::Cow<'_, str>,
    ),
    interval = "30s",
)]
pub enum Mode {
    /// It is on.
    On,
    /// It is off.
    Off,
}

fn main() {
    use ::std::prelude::rust_2021::*;
    use ::std::{assert, assert_eq};

    /// In a function.
    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/local"), interval = "30s", item = Vec<Self>)]
    struct Local(u8);

    assert_eq!(Local::spec().unwrap().name(), "local");
    assert_eq!(Local(7).0, 7);
    assert_eq!(shadowed::String::spec(1, 2, 3).unwrap().name(), "string");
    assert_eq!(one::Flags::spec().unwrap().name(), "flags");
    assert_eq!(one::Flags(1).0, 1);
    assert!(two::is_declared());
    assert_eq!(cases::feature_flags::spec().unwrap().name(), "feature-flags");
    assert_eq!(cases::feature_flags(1).0 + cases::FLAGS(1).0, 2);
    assert_eq!(cases::FLAGS::spec().unwrap().name(), "flags");
    assert_eq!(cases::r#type::spec().unwrap().name(), "type");
    assert_eq!((cases::r#type { r#enum: 1 }).r#enum, 1);
    assert_eq!(Mode::spec(1, "a", 2.5, "b".into()).unwrap().name(), "mode");
    let _ = [Mode::On, Mode::Off];
}
