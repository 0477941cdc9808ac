//! Enums of events: names, aliases, payloads of all kinds, a renamed library, names that are keywords.

#![allow(dead_code)]

mod operator {
    pub mod kit {
        pub use koprs_external as polling;
    }
}

mod names {
    use koprs_external::store::{Object, StoredObject};
    use koprs_external::{ExternalEvent, WatcherEvents};
    use serde::Deserialize;

    // What the expansion uses is out of the reach of these.
    enum Vec {}
    enum Box {}
    enum Variant {}
    trait NotComparing {
        fn comparing(&self);
    }
    impl<T> NotComparing for T {
        fn comparing(&self) {
            unreachable!()
        }
    }

    #[derive(Clone, Debug, Deserialize)]
    pub struct Flags(f64);
    #[derive(Clone, Debug, PartialEq, Deserialize)]
    pub struct Tenant;

    type Told<T> = ExternalEvent<T>;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
        #[watcher(name = "tenants")]
        Tenant(Told<Tenant>),
        HTTPLimits(koprs_external::watcher::ExternalEvent<std::vec::Vec<u8>>),
        r#Type(ExternalEvent<String>),
        Models(ExternalEvent<Object<Flags>>),
        Files(ExternalEvent<StoredObject>),
        #[watcher(name = "value-or-none",)]
        Maybe(ExternalEvent<Option<bool>>),
    }
}

mod renamed {
    mod koprs_external {}
    mod core {}
    mod std {}

    use crate::operator::kit::polling::{ExternalEvent, WatcherEvents};

    #[derive(WatcherEvents)]
    #[watcher(crate = crate::operator::kit::polling)]
    pub(super) enum Change {
        Flags(ExternalEvent<u8>),
    }

    #[derive(WatcherEvents)]
    #[watcher(crate = "crate::operator::kit::polling")]
    pub(super) enum Other {
        Flags(ExternalEvent<u8>),
    }
}

fn main() {
    use koprs_external::set::WatcherSet;

    let set: WatcherSet = "
apiVersion: koprs-external/v1
watchers:
  - { name: none, interval: 1h, http: { url: https://api.example.com } }
"
    .parse()
    .unwrap();
    let told = set.events::<names::Change>().unwrap_err().to_string();
    for name in
        ["flags", "tenants", "http-limits", "type", "models", "files", "value-or-none"]
    {
        assert!(told.contains(&format!("has no watcher `{name}`")), "{told}");
    }
    assert!(set.events::<renamed::Change>().unwrap_err().to_string().contains("`Change::Flags`"));
    assert!(set.events::<renamed::Other>().unwrap_err().to_string().contains("`Other::Flags`"));
}
