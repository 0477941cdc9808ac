//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod a_union {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Bits {
        number: u64,
    }
}

mod attribute_empty {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod attribute_missing {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod attribute_not_a_list {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod attribute_on_a_field {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags {
        enabled: Vec<String>,
    }
}

mod attribute_on_a_field_unknown {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), items = "/data", interval = "30s")]
    pub struct Tenant {
        #[external(key)]
        id: String,
    }
}

mod body_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", body(json = r#"{ "tenant": 1 }"#)),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod body_limit_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", body_limit = "1MiB"),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod comma_missing {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), name = "flags", interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod crate_not_found {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", crate = ::koprs_external)]
    pub struct Flags(Vec<String>);
}

mod credential_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(
            url = "https://api.example.com/v1/flags",
            auth(basic(username = "operator", password(env = "PASSWORD")))
        ),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod credential_not_one {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", auth(bearer(env = "TOKEN"))),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

fn main() {
    assert!(a_union::Bits::spec().is_ok());
    assert!(attribute_empty::Flags::spec().is_ok());
    assert!(attribute_missing::Flags::spec().is_ok());
    assert!(attribute_not_a_list::Flags::spec().is_ok());
    assert!(attribute_on_a_field::Flags::spec().is_ok());
    assert!(attribute_on_a_field_unknown::Tenant::spec().is_ok());
    assert!(body_bad::Flags::spec().is_ok());
    assert!(body_limit_bad::Flags::spec().is_ok());
    assert!(comma_missing::Flags::spec().is_ok());
    assert!(crate_not_found::Flags::spec().is_ok());
    assert!(credential_bad::Flags::spec().is_ok());
    assert!(credential_not_one::Flags::spec().is_ok());
}
