//! From a checked declaration and a type to a source: where spec, decode, change and a transport meet.

mod reading;

use std::fmt;
use std::time::Duration;

use futures_core::future::BoxFuture;
use http::HeaderValue;
use http::header::ACCEPT;
use serde::de::DeserializeOwned;

use self::reading::Reading;
use crate::decode::Encoding;
use crate::error::{ExternalError, Result};
use crate::http::HttpValue;
use crate::spec::{Format, Invalid, InvalidSpec, SourceSpec, WatcherSpec};
use crate::watcher::{ExternalEvent, ExternalSource, Pace, WatchConfig};

/// What a poll does beside its request: reading a token file.
const BESIDE_THE_REQUEST: Duration = Duration::from_secs(10);

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
    value: HttpValue<T>,
    reading: Reading,
}

impl<T: Clone> DeclaredSource<T> {
    /// Makes the source. Environment variables are read now, files when they are needed.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when an environment variable is missing or no credential.
    pub fn new(spec: WatcherSpec) -> Result<Self> {
        let SourceSpec::Http(mut http) = spec.source().clone();
        let encoding = spec.decode().map(encoding);
        if !http.headers.iter().any(|(name, _)| name == ACCEPT) {
            http.headers.push((ACCEPT, accept(encoding)));
        }
        let value = HttpValue::new(http, spec.removal.confirm, None).map_err(|mistake| {
            InvalidSpec { watcher: spec.name().to_owned(), mistakes: vec![mistake] }
        })?;
        let ignore = spec.ignore.iter().map(|at| at.segments().into()).collect();
        Ok(Self { spec, value, reading: Reading { encoding, ignore } })
    }

    /// The declared schedule. The deadline of a poll leaves room for the declared timeout.
    pub fn config(&self) -> WatchConfig {
        let SourceSpec::Http(http) = self.spec.source();
        let config = WatchConfig::new(self.spec.interval())
            .with_max_backoff(self.spec.max_backoff())
            .with_jitter(self.spec.jitter());
        let deadline = http.timeout.saturating_add(BESIDE_THE_REQUEST);
        if deadline > config.deadline() { config.with_deadline(deadline) } else { config }
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
        let Self { spec, value, reading } = self;
        Box::pin(value.poll(spec.name(), reading))
    }

    fn name(&self) -> &str {
        self.spec.name()
    }

    fn pace(&self) -> Pace {
        self.value.pace()
    }

    fn complete(&self) -> bool {
        self.value.complete()
    }
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
