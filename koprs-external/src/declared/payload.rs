//! What a declaration can be followed as.

use std::fmt;
use std::future::ready;
use std::sync::Arc;

use futures_core::future::BoxFuture;
use http::HeaderValue;
use http::header::ACCEPT;
use serde::de::DeserializeOwned;
use url::Url;

use super::readable::Readable;
use super::reading::Reading;
use super::{encoding, invalid, trust};
use crate::change::{KnownList, KnownValue, ReadAs, Rule, Shape};
use crate::decode::Encoding;
use crate::error::Result;
use crate::http::{HttpList, HttpValue, Reach};
use crate::memory::{Budget, MemoryAccount, MemoryLimits};
use crate::spec::{
    Format, HttpSpec, Invalid, InvalidSpec, Method, Removal, SourceSpec, Trust, WatcherSpec,
};
use crate::watcher::{ExternalEvent, ExternalSource, KnownItems, Pace, Report};

/// Made of a declaration.
pub(super) type Followed<T> = Box<dyn ExternalSource<Item = T>>;

/// Whether two values are the same, where their type can tell. It counts where the declaration is `distinct`, and of
/// what a source inherits.
pub(super) type Equal<T> = Option<fn(&T, &T) -> bool>;

/// What a [`DeclaredSource`](super::DeclaredSource) yields: a value of a type of your own behind HTTP; of an
/// object store a `StoredObject`, or an `Object` with a
/// value of a type of your own.
///
/// It is there for every type that can be deserialized, and is not for you to implement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be followed",
    note = "derive `Clone`, `Debug` and `serde::Deserialize` for it; it owns what it holds, and is `Send`"
)]
pub trait Payload: Clone + fmt::Debug + Send + 'static {
    /// What is compared where the declaration is `distinct`.
    type Value;

    #[doc(hidden)]
    fn follow(
        spec: &WatcherSpec,
        equal: Equal<Self::Value>,
        account: &MemoryAccount,
    ) -> Result<Followed<Self>, InvalidSpec>;
}

impl<T> Payload for T
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    type Value = T;

    fn follow(
        spec: &WatcherSpec,
        equal: Equal<T>,
        account: &MemoryAccount,
    ) -> Result<Followed<T>, InvalidSpec> {
        over_http(spec, equal, account)
    }
}

/// A value or a list behind HTTP.
pub(super) fn over_http<T>(
    spec: &WatcherSpec,
    equal: Equal<T>,
    account: &MemoryAccount,
) -> Result<Followed<T>, InvalidSpec>
where
    T: Readable + Clone + fmt::Debug + Send + 'static,
{
    let trust = trust(spec)?;
    let account = (trust == Trust::Untrusted).then(|| account.clone());
    let budget = Budget::new(limits(spec), account);
    Ok(Box::new(Http::new(spec, equal, &Reach::new(trust, &spec.ports), budget)?))
}

/// The memory that a watcher may take.
pub(super) fn limits(spec: &WatcherSpec) -> MemoryLimits {
    MemoryLimits { memory: spec.memory_limit(), walk: spec.walk_limit() }
}

impl<T: Clone + Send + 'static> Http<T> {
    fn new(
        spec: &WatcherSpec,
        equal: Equal<T>,
        reach: &Reach,
        budget: Budget,
    ) -> Result<Self, InvalidSpec> {
        let SourceSpec::Http(http) = spec.source() else {
            let message = "what an object store holds is followed as `Object<T>` or `StoredObject`";
            let mistake = Invalid::new("object_store", "wrong-payload", message);
            let help = "`Object<T>` has the content read as a `T`, `StoredObject` what is listed";
            return Err(invalid(spec, mistake.help(help)));
        };
        http.validate_features().map_err(|mistake| invalid(spec, mistake))?;
        let encoding = match http.method {
            Method::Head => Some(Encoding::Json),
            Method::Get | Method::Post => spec.decode().map(self::encoding),
        };
        let http = asked(spec, http);
        let distinct = equal.filter(|_| spec.distinct);
        let reading = Arc::new(Reading::new(encoding, http.body_limit, spec));
        let follows = match &spec.items {
            None => HttpValue::new(http, spec.removal.confirm, distinct, reach, budget)
                .map(|value| Follows::Value(Box::new(value))),
            Some(items) => HttpList::new(
                http,
                items,
                rule(spec),
                distinct,
                super::config(spec).deadline(),
                reach,
                budget,
            )
            .map(|list| Follows::List(Box::new(list))),
        };
        let follows = follows.map_err(|mistake| invalid(spec, mistake))?;
        Ok(Self { name: spec.name().to_owned(), follows, reading, equal })
    }
}

fn rule(spec: &WatcherSpec) -> Rule {
    let Removal { confirm, hold_above, hold_min } = spec.removal;
    Rule { confirm, hold_above, hold_min }
}

struct Http<T> {
    name: String,
    follows: Follows<T>,
    reading: Arc<Reading>,
    equal: Equal<T>,
}

/// What is followed.
enum Follows<T> {
    Value(Box<HttpValue<T>>),
    List(Box<HttpList<T>>),
}

/// What the consumer knows of what is behind an endpoint.
struct Known<T> {
    what: What<T>,
    read_as: ReadAs,
}

enum What<T> {
    /// With its size.
    Value(Option<(KnownValue<T>, u64)>),
    List(ListOf<T>),
}

/// The items of a list, where they are, and where in them their keys are.
struct ListOf<T> {
    items: KnownList<T>,
    shape: Option<(Url, Shape)>,
    at: Box<[String]>,
    key: Option<Box<[String]>>,
}

impl<T: Clone + Send + 'static> Http<T> {
    fn known(&mut self) -> Known<T> {
        let (at, key) = (self.reading.at().into(), self.reading.key().map(Box::from));
        let what = match &mut self.follows {
            Follows::Value(value) => What::Value(value.hand_over()),
            Follows::List(list) => {
                let (items, shape) = list.hand_over();
                What::List(ListOf { items, shape, at, key })
            }
        };
        Known { what, read_as: self.reading.read_as() }
    }

    /// A value is comparable with a value, and a list with a list whose keys are in the same place.
    fn knows(&mut self, known: Known<T>) -> std::result::Result<(), KnownItems> {
        let Known { what, read_as } = known;
        let holds = read_as.holds_for(&self.reading.read_as());
        match (&mut self.follows, what) {
            (Follows::Value(value), What::Value(mut known)) => {
                let forget = |(known, _): &mut (KnownValue<T>, u64)| known.forget_content();
                known.iter_mut().filter(|_| !holds).for_each(forget);
                value.inherit(known, self.equal);
                Ok(())
            }
            (Follows::List(list), What::List(known))
                if known.key.as_deref() == self.reading.key() =>
            {
                let ListOf { mut items, shape, at, .. } = known;
                if !holds {
                    items.forget_contents();
                }
                let shape = shape.filter(|_| *at == *self.reading.at());
                list.inherit(items, shape, self.equal);
                Ok(())
            }
            (_, what) => Err(KnownItems::new(Known { what, read_as })),
        }
    }
}

impl<T> ExternalSource for Http<T>
where
    T: Readable + Clone + fmt::Debug + Send + 'static,
{
    type Item = T;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<T>>>> {
        let Self { name, follows, reading, .. } = self;
        match follows {
            Follows::Value(value) => Box::pin(value.poll(name, reading)),
            Follows::List(list) => Box::pin(list.poll(name, reading)),
        }
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn pace(&self) -> Pace {
        match &self.follows {
            Follows::Value(value) => value.pace(),
            Follows::List(list) => list.pace(),
        }
    }

    fn complete(&self) -> bool {
        match &self.follows {
            Follows::Value(value) => value.complete(),
            Follows::List(list) => list.complete(),
        }
    }

    fn report(&self) -> Report {
        match &self.follows {
            Follows::Value(value) => value.report(),
            Follows::List(list) => list.report(),
        }
    }

    fn release_removals(&mut self) {
        if let Follows::List(list) = &mut self.follows {
            list.release_removals();
        }
    }

    fn retract(&mut self) -> Vec<ExternalEvent<T>> {
        match &mut self.follows {
            Follows::Value(value) => value.retract().into_iter().collect(),
            Follows::List(list) => list.retract(&self.name),
        }
    }

    fn idle(&mut self) -> BoxFuture<'_, ()> {
        match &mut self.follows {
            Follows::Value(value) => Box::pin(value.idle()),
            Follows::List(list) => Box::pin(list.idle()),
        }
    }

    fn undelivered(&mut self) -> Vec<ExternalEvent<T>> {
        match &mut self.follows {
            Follows::Value(value) => value.undelivered().into_iter().collect(),
            Follows::List(list) => list.undelivered(&self.name),
        }
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        Some(KnownItems::new(self.known()))
    }

    fn delivered(&mut self) -> BoxFuture<'_, Result<()>> {
        match &self.follows {
            Follows::Value(value) => value.delivered(),
            Follows::List(list) => list.delivered(),
        }
        Box::pin(ready(Ok(())))
    }

    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        self.knows(known.take()?)
    }
}

/// What is sent: what is declared, and the format that is asked for.
pub(crate) fn asked(spec: &WatcherSpec, http: &HttpSpec) -> HttpSpec {
    let mut http = http.clone();
    if !http.headers.iter().any(|(name, _)| name == ACCEPT) {
        http.headers.push((ACCEPT, accept(spec.decode())));
    }
    http
}

/// What is asked for (RFC 9110 §12.5.1). A server that has nothing else may still answer.
fn accept(format: Option<Format>) -> HeaderValue {
    HeaderValue::from_static(match format {
        Some(Format::Json) => "application/json, */*;q=0.1",
        Some(Format::Yaml) => "application/yaml, text/yaml;q=0.9, */*;q=0.1",
        Some(Format::Text) => "text/plain, */*;q=0.1",
        Some(Format::Bytes) => "*/*",
        Some(Format::Ndjson) => "application/x-ndjson, application/jsonl;q=0.9, */*;q=0.1",
        Some(Format::Csv) => "text/csv, */*;q=0.1",
        None if cfg!(feature = "yaml") => "application/json, application/yaml;q=0.9, */*;q=0.1",
        None => "application/json, */*;q=0.1",
    })
}

#[cfg(test)]
#[cfg(all(feature = "csv", feature = "oauth2", feature = "yaml"))]
mod hostile;
#[cfg(test)]
mod tests;
