//! `crate` names a library that was renamed or re-exported, as a string or as a path.

#![allow(dead_code)]

mod operator {
    pub mod kit {
        pub use koprs_external as polling;
    }
}

// Nothing may be found by the usual name.
mod koprs_external_hidden {
    mod koprs_external {}
    mod core {}
    mod std {}

    use crate::operator::kit::polling::ExternalSource;
    use serde::Deserialize;

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/{flag}"),
        params(flag: u8),
        interval = "30s",
        crate = crate::operator::kit::polling,
    )]
    pub struct Flags(Vec<String>);

    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/v1/tenants"),
        interval = "30s",
        crate = "crate::operator::kit::polling",
    )]
    pub(super) struct Tenants(Vec<String>);
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(koprs_external_hidden::Flags::spec(1)?.name(), "flags");
    assert_eq!(koprs_external_hidden::Tenants::spec()?.name(), "tenants");
    Ok(())
}
