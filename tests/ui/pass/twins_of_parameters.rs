//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod pages_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(
            url = "https://api.example.com/v1/flags",
            pages(cursor(at = "/next", param = "cursor"))
        ),
        items(at = "/data", key = "/id"),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod pair_without_a_value {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("X-Team" = "platform"), query("page" = "1")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod parameter_a_keyword {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://h/{type}"), params(r#type: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod parameter_twice {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://{region}.example.com/{shard}"), params(region: String, shard: u16), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod parameter_type_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://h/{x}/{y}"), params(x: &str, y: impl std::fmt::Display), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod parameter_untyped {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://{region}.example.com/v1"), params(region: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod parameter_unused {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://h/{team}"), params(team: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod parameter_without_display {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://{region}.example.com/v1"), params(region: Region), interval = "30s")]
    pub struct Flags(Vec<String>);

    pub struct Region;

    impl std::fmt::Display for Region {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("eu")
        }
    }
}

mod path_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", crate = "koprs_external", item = Vec<String>)]
    pub struct Flags(Vec<String>);
}

mod path_of_a_shell {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(
            url = "https://api.example.com/v1/flags",
            auth(bearer(file = "/run/token")),
            tls(ca = "ca.pem")
        ),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod payload_without_clone {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod payload_without_debug {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod payload_without_deserialize {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod placeholder_in_a_body {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", body(text = "query {{viewer}} {team} { id }")), params(team: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod placeholder_in_an_escape {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://h/%20{id}/%25{id}"), params(id: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod placeholder_in_the_scheme {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://{host}/v1/flags"), params(host: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod placeholder_malformed {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", query("filter" = "{team} {{team}}")), params(team: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod placeholder_undeclared {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://{region}.example.com/v1"), params(region: String), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod pointer_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", pages(cursor(at = "/next"))),
        items(at = "/data", key = "/id"),
        ignore("/updated_at"),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

mod pointer_in_another_language {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags"),
        items(at = "/data/items", key = "/id"),
        ignore("/seen"),
        interval = "30s"
    )]
    pub struct Flags(Vec<String>);
}

fn main() {
    assert!(pages_bad::Flags::spec().is_ok());
    assert!(pair_without_a_value::Flags::spec().is_ok());
    assert!(parameter_a_keyword::Flags::spec("a".to_owned()).is_ok());
    assert!(parameter_twice::Flags::spec("eu".to_owned(), 1).is_ok());
    assert!(parameter_type_bad::Flags::spec("a", 1).is_ok());
    assert!(parameter_untyped::Flags::spec("eu".to_owned()).is_ok());
    assert!(parameter_unused::Flags::spec("a".to_owned()).is_ok());
    assert!(parameter_without_display::Flags::spec(parameter_without_display::Region).is_ok());
    assert!(path_bad::Flags::spec().is_ok());
    assert!(path_of_a_shell::Flags::spec().is_ok());
    assert!(payload_without_clone::Flags::spec().is_ok());
    assert!(payload_without_debug::Flags::spec().is_ok());
    assert!(payload_without_deserialize::Flags::spec().is_ok());
    assert!(placeholder_in_a_body::Flags::spec("a".to_owned()).is_ok());
    assert!(placeholder_in_an_escape::Flags::spec("a".to_owned()).is_ok());
    assert!(placeholder_in_the_scheme::Flags::spec("h".to_owned()).is_ok());
    assert!(placeholder_malformed::Flags::spec("a".to_owned()).is_ok());
    assert!(placeholder_undeclared::Flags::spec("eu".to_owned()).is_ok());
    assert!(pointer_bad::Flags::spec().is_ok());
    assert!(pointer_in_another_language::Flags::spec().is_ok());
}
