//! From a checked declaration and a type to a source: where spec, decode, change and a transport meet.

mod reading;

use std::fmt;
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::HeaderValue;
use http::header::ACCEPT;
use serde::de::DeserializeOwned;

use self::reading::Reading;
use crate::change::Rule;
use crate::decode::Encoding;
use crate::error::{ExternalError, Result};
use crate::http::{HttpList, HttpValue};
use crate::spec::{Format, Invalid, InvalidSpec, Method, Removal, SourceSpec, WatcherSpec};
use crate::watcher::{ExternalEvent, ExternalSource, Pace, Report, WatchConfig};

/// What a poll does beside its request: it reads a token file, and asks for a token.
const BESIDE_THE_REQUEST: Duration = Duration::from_secs(30);

/// A source of `T`, as a [`WatcherSpec`] declares it.
///
/// ```no_run
/// use std::time::Duration;
/// use koprs_external::declared::DeclaredSource;
/// use koprs_external::spec::WatcherSpec;
/// use koprs_external::watcher::watch;
///
/// # async fn example() -> koprs_external::error::Result<()> {
/// let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
///     .interval(Duration::from_secs(30))
///     .build()?;
/// let source = DeclaredSource::<Vec<String>>::new(spec)?;
/// let config = source.config();
/// let mut flags = watch(source, config);
/// while let Some(event) = flags.recv().await {
///     println!("{event:?}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct DeclaredSource<T> {
    spec: WatcherSpec,
    follows: Follows<T>,
    reading: Reading,
}

/// What is followed.
enum Follows<T> {
    Value(Box<HttpValue<T>>),
    List(Box<HttpList<T>>),
}

impl<T: Clone> DeclaredSource<T> {
    /// Makes the source. Environment variables are read now, files when they are needed.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when an environment variable is missing or no credential, or when the
    /// declaration is `distinct`: that compares values ([`DeclaredSource::distinct`]).
    pub fn new(spec: WatcherSpec) -> Result<Self> {
        if spec.distinct {
            let mistake = Invalid::new(
                "distinct",
                "distinct",
                "values that are compared need a type that can be",
            )
            .help(
                "use `DeclaredSource::distinct`, or `distinct_watch` and `distinct_source` of a \
                 `WatcherSet`",
            );
            return Err(invalid(&spec, mistake).into());
        }
        Self::make(spec, None)
    }

    /// Makes the source of a type whose values can be compared: where the declaration is `distinct`, a new
    /// value that equals the old one is no change.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when an environment variable is missing or no credential.
    pub fn distinct(spec: WatcherSpec) -> Result<Self>
    where
        T: PartialEq,
    {
        let equal: Option<fn(&T, &T) -> bool> = if spec.distinct { Some(T::eq) } else { None };
        Self::make(spec, equal)
    }

    fn make(spec: WatcherSpec, equal: Option<fn(&T, &T) -> bool>) -> Result<Self> {
        let SourceSpec::Http(mut http) = spec.source().clone();
        let encoding = match http.method {
            Method::Head => Some(Encoding::Json),
            Method::Get | Method::Post => spec.decode().map(encoding),
        };
        if !http.headers.iter().any(|(name, _)| name == ACCEPT) {
            http.headers.push((ACCEPT, accept(spec.decode().map(self::encoding))));
        }
        let Removal { confirm, hold_above, hold_min } = spec.removal;
        let rule = Rule { confirm, hold_above, hold_min };
        let follows = match &spec.items {
            None => HttpValue::new(http, confirm, equal).map(|it| Follows::Value(Box::new(it))),
            Some(items) => {
                HttpList::new(http, items, rule, equal).map(|it| Follows::List(Box::new(it)))
            }
        };
        let follows = follows.map_err(|mistake| invalid(&spec, mistake))?;
        let reading = Reading::new(encoding, &spec);
        Ok(Self { spec, follows, reading })
    }

    /// The declared schedule. Unless it is declared, the deadline of a poll leaves room for the timeout.
    pub fn config(&self) -> WatchConfig {
        let SourceSpec::Http(http) = self.spec.source();
        let config = WatchConfig::new(self.spec.interval())
            .with_max_backoff(self.spec.max_backoff())
            .with_jitter(self.spec.jitter());
        let least = http.timeout.saturating_add(BESIDE_THE_REQUEST);
        let least = (least > config.deadline()).then_some(least);
        match self.spec.deadline().or(least) {
            Some(deadline) => config.with_deadline(deadline),
            None => config,
        }
    }

    /// The declaration.
    pub fn spec(&self) -> &WatcherSpec {
        &self.spec
    }
}

impl<T> ExternalSource for DeclaredSource<T>
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    type Item = T;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<T>>>> {
        let Self { spec, follows, reading } = self;
        match follows {
            Follows::Value(value) => Box::pin(value.poll(spec.name(), reading)),
            Follows::List(list) => Box::pin(list.poll(spec.name(), reading)),
        }
    }

    fn name(&self) -> &str {
        self.spec.name()
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
            Follows::Value(_) => Report::default(),
            Follows::List(list) => list.report(),
        }
    }

    fn release_removals(&mut self) {
        if let Follows::List(list) = &mut self.follows {
            list.release_removals();
        }
    }
}

fn invalid(spec: &WatcherSpec, mistake: Invalid) -> InvalidSpec {
    InvalidSpec { watcher: spec.name().to_owned(), mistakes: vec![mistake] }
}

impl<T> fmt::Debug for DeclaredSource<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeclaredSource").field("spec", &self.spec).finish_non_exhaustive()
    }
}

fn encoding(format: Format) -> Encoding {
    match format {
        Format::Json => Encoding::Json,
        Format::Yaml => Encoding::Yaml,
        Format::Text => Encoding::Text,
        Format::Bytes => Encoding::Bytes,
        Format::Ndjson => Encoding::Ndjson,
        Format::Csv => Encoding::Csv,
    }
}

/// What is asked for (RFC 9110 §12.5.1). A server that has nothing else may still answer.
fn accept(encoding: Option<Encoding>) -> HeaderValue {
    HeaderValue::from_static(match encoding {
        Some(Encoding::Json) => "application/json, */*;q=0.1",
        Some(Encoding::Yaml) => "application/yaml, text/yaml;q=0.9, */*;q=0.1",
        Some(Encoding::Text) => "text/plain, */*;q=0.1",
        Some(Encoding::Bytes) => "*/*",
        Some(Encoding::Ndjson) => "application/x-ndjson, application/jsonl;q=0.9, */*;q=0.1",
        Some(Encoding::Csv) => "text/csv, */*;q=0.1",
        None if cfg!(feature = "yaml") => "application/json, application/yaml;q=0.9, */*;q=0.1",
        None => "application/json, */*;q=0.1",
    })
}

impl From<Invalid> for ExternalError {
    fn from(invalid: Invalid) -> Self {
        Self::invalid(invalid)
    }
}

impl From<InvalidSpec> for ExternalError {
    fn from(invalid: InvalidSpec) -> Self {
        Self::invalid(invalid)
    }
}
