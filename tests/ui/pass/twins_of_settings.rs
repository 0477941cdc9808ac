//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod placeholder_not_replaced {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", auth(bearer(value = "{token}"))),
        params(token: String),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod query_name_with_a_brace {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", query("name" = "{name}")), params(name: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod secret_not_one {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", auth(bearer(file = "/run/token"))),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod setting_called_otherwise {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", query("page" = "1"), auth(bearer(env = "TOKEN")), retries = 3), interval = "30s", decode = json)]
    pub struct Flags(Vec<String>);
}

mod setting_elsewhere {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", timeout = "10s"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod setting_expected {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod setting_in_quotes {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags"),
        interval = "30s",
        max_backoff = "5m"
    )]
    pub struct Flags(Vec<String>);
}

mod setting_of_another_place {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://bucket/models/", option("timeout" = "5s")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod setting_twice {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "60s")]
    pub struct Flags(Vec<String>);
}

mod setting_unknown {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("x-team" = "platform")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod source_missing {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod variable_not_expanded {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", header("x-tenant" = "{tenant}")),
        params(tenant: String),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

fn main() {
    assert!(placeholder_not_replaced::Flags::spec("a".to_owned()).is_ok());
    assert!(query_name_with_a_brace::Flags::spec("a".to_owned()).is_ok());
    assert!(secret_not_one::Flags::spec().is_ok());
    assert!(setting_called_otherwise::Flags::spec().is_ok());
    assert!(setting_elsewhere::Flags::spec().is_ok());
    assert!(setting_expected::Flags::spec().is_ok());
    assert!(setting_in_quotes::Flags::spec().is_ok());
    assert!(setting_of_another_place::Flags::spec().is_ok());
    assert!(setting_twice::Flags::spec().is_ok());
    assert!(setting_unknown::Flags::spec().is_ok());
    assert!(source_missing::Flags::spec().is_ok());
    assert!(variable_not_expanded::Flags::spec("a".to_owned()).is_ok());
}
