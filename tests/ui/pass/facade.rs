//! A crate of one's own may hand on the derive and the library, under other names.

mod kit {
    pub use koprs_external as polling;
    pub use koprs_external::ExternalSource as Polled;
}

mod macros {
    macro_rules! polled {
        ($name:ident, $item:ty, $url:literal) => {
            #[derive(crate::kit::Polled)]
            #[external(
                            http(url = $url),
                            interval = "30s",
                            item = $item,
                            crate = crate::kit::polling,
                        )]
            pub struct $name;
        };
    }
    pub(crate) use polled;
}

macros::polled!(Numbers, Vec<u64>, "https://api.example.com/v1/numbers");

use kit::polling as k;

#[derive(Clone, Debug, serde::Deserialize, k::ExternalSource)]
#[external(http(url = "https://api.example.com/v1/flags"), interval = "30s", crate = k)]
pub struct Flags(pub Vec<String>);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    assert_eq!(Numbers::spec()?.name(), "numbers");
    assert_eq!(Flags::spec()?.name(), "flags");
    assert!(Flags(Vec::new()).0.is_empty());
    Ok(())
}
