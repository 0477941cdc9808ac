//! The mistakes of `fail/events_*`, mended: each module is called like its file.

#![allow(dead_code)]

use koprs_external::set::WatcherSet;
use koprs_external::{ExternalEvent, WatcherEvents};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
pub struct Flags {
    enabled: Vec<String>,
}

mod events_attribute_bad {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    #[watcher(crate = koprs_external)]
    pub enum Change {
        #[watcher(name = "flags")]
        Flags(ExternalEvent<Flags>),
        Others(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_crate_not_found {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    #[watcher(crate = ::koprs_external)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_empty {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_fields {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
        Tenants(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_generic {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
        Others(ExternalEvent<String>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_name_bad {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        #[watcher(name = "feature-flags")]
        Flags(ExternalEvent<Flags>),
        #[watcher(name = "ueberall")]
        Überall(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("feature-flags")
    }
}

mod events_name_twice {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
        #[watcher(name = "others")]
        Others(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_not_an_enum {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_not_an_event {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_one_mistake_one_error {
    use super::*;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Flags(ExternalEvent<Flags>),
        #[watcher(name = "others")]
        Others(ExternalEvent<Flags>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("flags")
    }
}

mod events_payload_bad {
    use super::*;

    #[derive(Clone, Debug, Deserialize)]
    pub struct Decodable;

    #[derive(Debug, WatcherEvents)]
    pub enum Change {
        Decodable(ExternalEvent<Decodable>),
    }

    pub fn binds() -> bool {
        super::binds::<Change>("decodable")
    }
}

/// Whether the enum is bound: of a set of one watcher, the first variant has none, and says so.
fn binds<E: WatcherEvents>(watcher: &str) -> bool {
    let text = "{ apiVersion: koprs-external/v1, \
         watchers: [{ name: none, interval: 1h, http: { url: 'https://api.example.com' } }] }";
    let set: WatcherSet = text.parse().unwrap();
    let refused = set.events::<E>().unwrap_err().to_string();
    refused.contains(&format!("has no watcher `{watcher}`"))
}

fn main() {
    assert!(events_attribute_bad::binds());
    assert!(events_crate_not_found::binds());
    assert!(events_empty::binds());
    assert!(events_fields::binds());
    assert!(events_generic::binds());
    assert!(events_name_bad::binds());
    assert!(events_name_twice::binds());
    assert!(events_not_an_enum::binds());
    assert!(events_not_an_event::binds());
    assert!(events_one_mistake_one_error::binds());
    assert!(events_payload_bad::binds());
}
