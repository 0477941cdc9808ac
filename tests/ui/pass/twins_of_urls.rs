//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod timeout_zero {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", timeout = "1ms"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod tls_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", tls(cert = "tls.crt", key = "tls.key")),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod two_credentials {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("x-team" = "platform"), auth(bearer(env = "TOKEN"))), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod url_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://user@api.example.com:9999/v1?page=1"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod url_missing {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", timeout = "10s"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod url_misspelt {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/{id}"), params(id: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod url_not_a_literal {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod url_of_another_source {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(object_store(url = "s3://models/"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod value_expected {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", decode = json)]
    pub struct Flags(Vec<String>);
}

mod value_without_its_name {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", auth(bearer(env = "TOKEN"))),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod variable_name_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", auth(bearer(env = "TOKEN"))),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod word_in_another_spelling {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", method = post, body(text = "all")), interval = "30s", decode = json, distinct = true)]
    pub struct Flags(Vec<String>);
}

mod word_unknown {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", method = get, respect_max_age), items(key = "/id"), on_bad_item = keep, distinct, interval = "30s")]
    pub struct Flags(Vec<String>);
}

fn main() {
    assert!(timeout_zero::Flags::spec().is_ok());
    assert!(tls_bad::Flags::spec().is_ok());
    assert!(two_credentials::Flags::spec().is_ok());
    assert!(url_bad::Flags::spec().is_ok());
    assert!(url_missing::Flags::spec().is_ok());
    assert!(url_misspelt::Flags::spec("a".to_owned()).is_ok());
    assert!(url_not_a_literal::Flags::spec().is_ok());
    assert!(url_of_another_source::Flags::spec().is_ok());
    assert!(value_expected::Flags::spec().is_ok());
    assert!(value_without_its_name::Flags::spec().is_ok());
    assert!(variable_name_bad::Flags::spec().is_ok());
    assert!(word_in_another_spelling::Flags::spec().is_ok());
    assert!(word_unknown::Flags::spec().is_ok());
}
