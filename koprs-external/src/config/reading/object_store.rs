//! What is read of an object store.

use std::path::Path;

use super::super::place::{At, Given};
use super::super::raw::{RawObjectStore, RawObjectStoreDefaults};
use super::Reading;
use crate::spec::{WatcherBuilder, duration, number, size};

impl Reading<'_> {
    /// The settings of `objectStore` beside its URL. Relative paths begin in `folder`.
    pub(in super::super) fn objects(mut self, raw: RawObjectStore, folder: &Path) -> Self {
        let RawObjectStore { url: _, option, include, exclude, common } = raw;
        for (name, value) in option {
            let setting = format!("object_store.option.{}", name.value);
            if let Given::Written(At { place, value }) = &value {
                // As the spec spells it.
                let from = format!("{}.{}", setting.to_ascii_lowercase(), value.key());
                self.places.insert(from, *place);
            }
            let value = self.secret(setting.clone(), value, folder);
            self.places.insert(setting, name.place);
            self.builder = self.builder.option(name.value, value);
        }
        self.texts("object_store.include", include, WatcherBuilder::include)
            .texts("object_store.exclude", exclude, WatcherBuilder::exclude)
            .object_store_defaults(common)
    }

    /// The settings of `objectStore` that can have a default.
    pub(in super::super) fn object_store_defaults(self, raw: RawObjectStoreDefaults) -> Self {
        let RawObjectStoreDefaults {
            settle,
            concurrency,
            listing_concurrency,
            object_limit,
            body_limit,
        } = raw;
        self.set("object_store.settle", settle, duration::parse, WatcherBuilder::settle)
            .set(
                "object_store.concurrency",
                concurrency,
                number::parse,
                WatcherBuilder::concurrency,
            )
            .set(
                "object_store.listing_concurrency",
                listing_concurrency,
                number::parse,
                WatcherBuilder::listing_concurrency,
            )
            .set(
                "object_store.object_limit",
                object_limit,
                number::parse,
                WatcherBuilder::object_limit,
            )
            .set("object_store.body_limit", body_limit, size::parse, WatcherBuilder::body_limit)
    }
}
