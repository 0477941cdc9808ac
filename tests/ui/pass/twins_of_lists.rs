//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod jitter_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", jitter = "10%")]
    pub struct Flags(Vec<String>);
}

mod key_not_in_the_body {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), items = "/data", interval = "30s")]
    pub struct Tenant {
        #[external(key)]
        #[serde(rename = "tenant-id")]
        id: String,
    }
}

mod key_twice {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), items = "/data", interval = "30s")]
    pub struct Tenant {
        #[external(key)]
        id: String,
        name: String,
    }
}

mod key_without_a_list {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), items = "/data", interval = "30s")]
    pub struct Tenant {
        #[external(key)]
        id: String,
    }
}

mod list_expected {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", auth(bearer(env = "TOKEN")), query("page_size" = "100")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod list_that_is_none {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", pages(link_header)), on_bad_item = fail, items(at = "/data", key = "/id"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod list_without_a_key {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), decode = ndjson, interval = "30s")]
    pub struct Tenant {
        #[external(key)]
        id: String,
    }
}

mod literal_not_a_string {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", query("page_size" = "100"), timeout = "10s", body_limit = "8MiB"), interval = "30s", jitter = "5%")]
    pub struct Flags(Vec<String>);
}

mod many_mistakes {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/{tenant}", auth(bearer(value = "{token}"))), params(tenant: String, token: String), interval = "1s")]
    pub struct Flags(Vec<String>);
}

mod max_backoff_short {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags"),
        interval = "30s",
        max_backoff = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod name_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags"),
        interval = "30s",
        name = "feature-flags"
    )]
    pub struct Flags(Vec<String>);
}

mod number_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(
            url = "https://api.example.com/v1/flags",
            retries = 10,
            max_in_flight = 1,
            pages(link_header, limit = 1)
        ),
        items(key = "/id", limit = 1),
        removal(confirm = 1, hold_above = "50%"),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

fn main() {
    assert!(jitter_bad::Flags::spec().is_ok());
    assert!(key_not_in_the_body::Tenant::spec().is_ok());
    assert!(key_twice::Tenant::spec().is_ok());
    assert!(key_without_a_list::Tenant::spec().is_ok());
    assert!(list_expected::Flags::spec().is_ok());
    assert!(list_that_is_none::Flags::spec().is_ok());
    assert!(list_without_a_key::Tenant::spec().is_ok());
    assert!(literal_not_a_string::Flags::spec().is_ok());
    assert!(many_mistakes::Flags::spec("a".to_owned(), "b".to_owned()).is_ok());
    assert!(max_backoff_short::Flags::spec().is_ok());
    assert!(name_bad::Flags::spec().is_ok());
    assert!(number_bad::Flags::spec().is_ok());
}
