//! From a checked declaration and a type to a source: where spec, decode, change and a transport meet.

#[cfg(feature = "yaml")]
mod manifest;
#[cfg(feature = "yaml")]
mod named;
#[cfg(feature = "object-store")]
mod objects;
mod payload;
mod readable;
mod reading;

use std::fmt;
use std::time::Duration;

use futures_core::future::BoxFuture;

#[cfg(feature = "yaml")]
pub use self::manifest::WatcherManifest;
#[cfg(feature = "yaml")]
pub(crate) use self::named::Named;
pub use self::payload::Payload;
#[cfg(feature = "yaml")]
pub(crate) use self::payload::asked;
use self::payload::{Equal, Followed};
#[cfg(feature = "yaml")]
pub(crate) use self::reading::answer::read_answer;
use crate::decode::Encoding;
use crate::error::{ExternalError, Result};
use crate::memory::MemoryAccount;
use crate::spec::{Format, Invalid, InvalidSpec, SourceSpec, Trust, WatcherSpec};
use crate::watcher::{ExternalEvent, ExternalSource, KnownItems, Pace, Report, WatchConfig};

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
    source: Followed<T>,
}

impl<T: Payload> DeclaredSource<T> {
    /// Makes the source. Environment variables are read now, files when they are needed.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when an environment variable is missing or no credential, when it is not said
    /// who wrote the declaration ([`WatcherSpec::under`]), or when it is `distinct`: that compares values
    /// ([`DeclaredSource::distinct`]).
    pub fn new(spec: WatcherSpec) -> Result<Self> {
        not_distinct(&spec)?;
        Self::make(spec, None, &MemoryAccount::untrusted())
    }

    /// Makes the source as [`new`](Self::new) does. If the declaration is untrusted, the memory of the source comes from
    /// this account, in place of that of the process.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::declared::DeclaredSource;
    /// use koprs_external::memory::MemoryAccount;
    /// use koprs_external::spec::{Trust, WatcherSpec};
    ///
    /// let account = MemoryAccount::new(128 << 20);
    /// let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
    ///     .interval(Duration::from_secs(30))
    ///     .build()?
    ///     .under(Trust::Untrusted)?;
    /// let source = DeclaredSource::<Vec<String>>::new_with_account(spec, &account)?;
    /// assert_eq!(account.used(), 0);
    /// # Ok::<(), koprs_external::ExternalError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn new_with_account(spec: WatcherSpec, account: &MemoryAccount) -> Result<Self> {
        not_distinct(&spec)?;
        Self::make(spec, None, account)
    }

    /// Makes the source of a type whose values can be compared: where the declaration is `distinct`, a new
    /// value that equals the old one is no change.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`] when an environment variable is missing or no credential, or when it is not
    /// said who wrote the declaration ([`WatcherSpec::under`]).
    pub fn distinct(spec: WatcherSpec) -> Result<Self>
    where
        T::Value: PartialEq,
    {
        Self::make(spec, Some(PartialEq::eq), &MemoryAccount::untrusted())
    }

    fn make(spec: WatcherSpec, equal: Equal<T::Value>, account: &MemoryAccount) -> Result<Self> {
        let source = T::follow(&spec, equal, account)?;
        Ok(Self { spec, source })
    }
}

impl<T> DeclaredSource<T> {
    /// The declared schedule. Unless it is declared, the deadline of a poll leaves room for the timeout.
    ///
    /// A walk over pages waits for the server within the declared deadline; a watcher that is started with a shorter
    /// one gives up earlier.
    pub fn config(&self) -> WatchConfig {
        config(&self.spec)
    }

    /// The declaration.
    pub fn spec(&self) -> &WatcherSpec {
        &self.spec
    }
}

/// The declared schedule.
pub(crate) fn config(spec: &WatcherSpec) -> WatchConfig {
    let config = WatchConfig::new(spec.interval())
        .with_max_backoff(spec.max_backoff())
        .with_jitter(spec.jitter());
    let least = match spec.source() {
        SourceSpec::Http(http) => Some(http.timeout.saturating_add(BESIDE_THE_REQUEST)),
        SourceSpec::ObjectStore(_) => None,
    };
    let least = least.filter(|least| *least > config.deadline());
    match spec.deadline().or(least) {
        Some(deadline) => config.with_deadline(deadline),
        None => config,
    }
}

impl<T: Payload> ExternalSource for DeclaredSource<T> {
    type Item = T;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<T>>>> {
        self.source.poll()
    }

    fn name(&self) -> &str {
        self.spec.name()
    }

    fn pace(&self) -> Pace {
        self.source.pace()
    }

    fn complete(&self) -> bool {
        self.source.complete()
    }

    fn report(&self) -> Report {
        self.source.report()
    }

    fn release_removals(&mut self) {
        self.source.release_removals();
    }

    fn retract(&mut self) -> Vec<ExternalEvent<T>> {
        self.source.retract()
    }

    fn idle(&mut self) -> BoxFuture<'_, ()> {
        self.source.idle()
    }

    fn undelivered(&mut self) -> Vec<ExternalEvent<T>> {
        self.source.undelivered()
    }

    fn hand_over(&mut self) -> Option<KnownItems> {
        self.source.hand_over()
    }

    fn inherit(&mut self, known: KnownItems) -> std::result::Result<(), KnownItems> {
        self.source.inherit(known)
    }

    fn delivered(&mut self) -> BoxFuture<'_, Result<()>> {
        self.source.delivered()
    }
}

fn not_distinct(spec: &WatcherSpec) -> Result<(), InvalidSpec> {
    if !spec.distinct {
        return Ok(());
    }
    let mistake =
        Invalid::new("distinct", "distinct", "values that are compared need a type that can be")
            .help(
                "use `DeclaredSource::distinct`, or `distinct_watch` and `distinct_source` of a \
                 `WatcherSet`",
            );
    Err(invalid(spec, mistake))
}

/// Who wrote a declaration: of one that does not say so no source is made.
fn trust(spec: &WatcherSpec) -> Result<Trust, InvalidSpec> {
    let mistake = || {
        Invalid::new("trust", "no-trust", "who wrote the declaration is not said").help(
            "call `WatcherSpec::under` with `Trust::Untrusted`, or `Trust::Trusted` if it is yours",
        )
    };
    spec.trust().ok_or_else(|| invalid(spec, mistake()))
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
