//! The mistakes of `fail/`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::ExternalSource;
use serde::Deserialize;

mod deadline_short {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags", timeout = "30s"),
        interval = "30s",
        deadline = "45s"
    )]
    pub struct Flags(Vec<String>);
}

mod distinct_without_partial_eq {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", distinct)]
    pub struct Flags(Vec<String>);
}

mod duration_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/flags"),
        interval = "30s",
        max_backoff = "5m"
    )]
    pub struct Flags(Vec<String>);
}

mod duration_in_other_units {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "5m")]
    pub struct Flags(Vec<String>);
}

mod format_unknown {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", decode = yaml)]
    pub struct Flags(Vec<String>);
}

mod generic {
    use super::*;

    #[derive(ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", item = Page<u64>)]
    pub struct Handle;

    #[derive(Clone, Debug, Deserialize)]
    pub struct Page<T> {
        items: Vec<T>,
    }
}

mod header_name_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("x-team" = "platform")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod header_of_the_connection {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("Host" = "flags.example.com"), auth(header(name = "X-Upgrade", env = "PATH"))), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod header_of_the_library {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("X-Range" = "1")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod header_twice {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("X-Key" = "1", "X-Key" = "2")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod header_value_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags", header("x-team" = "platform")), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod interval_missing {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s")]
    pub struct Flags(Vec<String>);
}

mod interval_short {
    use super::*;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "1s")]
    pub struct Flags(Vec<String>);
}

mod item_of_objects {
    use super::*;

    #[derive(ExternalSource)]
    #[external(object_store(url = "s3://models/"), interval = "30s", item = Model)]
    pub struct Models;

    #[derive(Clone, Debug, Deserialize)]
    pub struct Model;
}

mod item_without_deserialize {
    use super::*;

    #[derive(ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", item = ConfigMap)]
    pub struct Settings;

    #[derive(Clone, Debug, Deserialize)]
    pub struct ConfigMap;
}

fn main() {
    assert!(deadline_short::Flags::spec().is_ok());
    assert!(distinct_without_partial_eq::Flags::spec().is_ok());
    assert!(duration_bad::Flags::spec().is_ok());
    assert!(duration_in_other_units::Flags::spec().is_ok());
    assert!(format_unknown::Flags::spec().is_ok());
    assert!(generic::Handle::spec().is_ok());
    assert!(header_name_bad::Flags::spec().is_ok());
    assert!(header_of_the_connection::Flags::spec().is_ok());
    assert!(header_of_the_library::Flags::spec().is_ok());
    assert!(header_twice::Flags::spec().is_ok());
    assert!(header_value_bad::Flags::spec().is_ok());
    assert!(interval_missing::Flags::spec().is_ok());
    assert!(interval_short::Flags::spec().is_ok());
    assert!(item_of_objects::Models::spec().is_ok());
    assert!(item_without_deserialize::Settings::spec().is_ok());
}
