//! Declarations of object stores, and contents by hand.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::payload::{Equal, Followed, Payload, limits};
use super::{encoding, invalid, trust};
use crate::change::{Fingerprint, ReadAs};
use crate::decode::{self, BodyFormat, Encoding, PointerTree, Refused, Text};
use crate::error::DecodeError;
use crate::memory::{Admit, MemoryAccount};
use crate::spec::{
    Format, Invalid, InvalidSpec, ObjectStoreSpec, SourceSpec, Trust, WatcherSpec, untrusted_store,
};
use crate::store::{ContentPoller, Object, ObjectStorePoller, Raw, ReadsObject, StoredObject};

impl Payload for StoredObject {
    type Value = Self;

    fn follow(
        spec: &WatcherSpec,
        _: Equal<Self>,
        _: &MemoryAccount,
    ) -> Result<Followed<Self>, InvalidSpec> {
        if spec.decode.is_some() {
            let message = "what objects hold is not read for a `StoredObject`";
            let mistake = Invalid::new("decode", "wrong-payload", message);
            return Err(invalid(
                spec,
                mistake.help("follow an `Object<T>`, or leave `decode` out"),
            ));
        }
        if !spec.ignore.is_empty() {
            let message = "a `StoredObject` has no content of which a part could be ignored";
            let mistake = Invalid::new("ignore", "wrong-payload", message);
            return Err(invalid(
                spec,
                mistake.help("follow an `Object<T>`, or leave `ignore` out"),
            ));
        }
        Ok(Box::new(poller(spec)?.0))
    }
}

impl<T> Payload for Object<T>
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    type Value = T;

    fn follow(
        spec: &WatcherSpec,
        equal: Equal<T>,
        _: &MemoryAccount,
    ) -> Result<Followed<Self>, InvalidSpec> {
        let (poller, store) = poller(spec)?;
        let reading = Reading {
            encoding: spec.decode.map(encoding),
            ignore: PointerTree::new(spec.ignore.iter().map(|pointer| pointer.segments().into())),
        };
        let contents =
            ContentPoller::new(poller, Arc::new(reading), equal.filter(|_| spec.distinct))
                .with_comparison(equal)
                .with_concurrency(store.concurrency)
                .with_body_limit(store.body_limit);
        Ok(Box::new(contents))
    }
}

fn poller(spec: &WatcherSpec) -> Result<(ObjectStorePoller, ObjectStoreSpec), InvalidSpec> {
    let SourceSpec::ObjectStore(store) = spec.source() else {
        let message = "behind HTTP there are values, and no objects of a store";
        return Err(invalid(
            spec,
            Invalid::new("http", "wrong-payload", message)
                .help("follow the type itself, without `Object`"),
        ));
    };
    if trust(spec)? == Trust::Untrusted {
        return Err(invalid(spec, untrusted_store()));
    }
    let limits = limits(spec);
    let poller = ObjectStorePoller::declared(spec.name(), store.clone(), spec.removal(), limits);
    poller.map(|poller| (poller, store.clone())).map_err(|mistake| invalid(spec, mistake))
}

impl ObjectStorePoller {
    /// Follows what the objects hold, read as a `T`.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use koprs_external::store::ObjectStorePoller;
    /// use koprs_external::store::object_store::{ObjectStoreExt, memory::InMemory, path::Path};
    /// use koprs_external::watcher::{ExternalEvent, ExternalSource};
    ///
    /// #[derive(Clone, Debug, serde::Deserialize)]
    /// struct Model {
    ///     size: u32,
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let store = Arc::new(InMemory::new());
    /// store.put(&Path::from("a.json"), r#"{"size": 7}"#.into()).await?;
    ///
    /// let mut models = ObjectStorePoller::new(store).contents::<Model>();
    /// let events = models.poll().await?;
    /// assert!(matches!(&events[..], [ExternalEvent::Added(object)] if object.value.size == 7));
    /// # Ok(())
    /// # }
    /// ```
    pub fn contents<T>(self) -> ContentPoller<T>
    where
        T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
    {
        ContentPoller::new(
            self,
            Arc::new(Reading { encoding: None, ignore: PointerTree::default() }),
            None,
        )
    }
}

impl<T: DeserializeOwned> ContentPoller<T> {
    /// The format of the objects. Default: by extension, else by content type, else JSON.
    pub fn with_format(mut self, format: Format) -> Self {
        let encoding = Some(encoding(format));
        self.reads = Arc::new(Reading { encoding, ignore: PointerTree::default() });
        self
    }
}

/// How an object is read.
struct Reading {
    /// The declared one.
    encoding: Option<Encoding>,
    /// The places that do not count.
    ignore: PointerTree,
}

impl Reading {
    fn format(&self, raw: &Raw<'_>) -> BodyFormat {
        let encoding = self.encoding.or_else(|| by_extension(raw.path));
        let Raw { body_limit, walk_limit, .. } = *raw;
        BodyFormat { encoding, body_limit, walk_limit, has_items: false }
    }
}

fn by_extension(path: &str) -> Option<Encoding> {
    let extension = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    match extension.as_str() {
        "json" => Some(Encoding::Json),
        "yaml" | "yml" => Some(Encoding::Yaml),
        "txt" => Some(Encoding::Text),
        "ndjson" | "jsonl" => Some(Encoding::Ndjson),
        "csv" => Some(Encoding::Csv),
        _ => None,
    }
}

impl<T: DeserializeOwned> ReadsObject<T> for Reading {
    fn cost(&self, raw: &Raw<'_>) -> usize {
        let cost = decode::cost(self.format(raw), raw.content_type, raw.body);
        // What counts is found beside what is decoded.
        cost.saturating_mul(if self.ignore.is_empty() { 1 } else { 2 })
    }

    fn counted(&self, raw: &Raw<'_>) -> Result<Option<Fingerprint>, DecodeError> {
        if self.ignore.is_empty() {
            return Ok(None);
        }
        let text = Text::new(self.format(raw), raw.content_type, raw.body);
        let text = text.map_err(refused)?;
        let mut read = Ok(());
        let counted = Fingerprint::of_parts(|part| read = text.without(&self.ignore, part));
        read.map(|()| Some(counted)).map_err(refused)
    }

    fn decode(&self, raw: &Raw<'_>, admit: Admit<'_>) -> Result<T, DecodeError> {
        decode::decode(self.format(raw), raw.content_type, raw.body, admit).map_err(refused)
    }

    fn page(&self, raw: &Raw<'_>) -> Option<DecodeError> {
        let is_page = decode::is_page(self.format(raw), raw.content_type, raw.body);
        is_page.then(|| refused(decode::page_in_place()))
    }

    fn read_as(&self) -> ReadAs {
        ReadAs::new(self.encoding, self.ignore.pointers())
    }
}

fn refused(refused: Refused) -> DecodeError {
    let Refused { path, message, .. } = refused;
    DecodeError::new(&path, &message)
}
