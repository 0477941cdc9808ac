//! A declaration as it is written. All front doors end here: the derive, YAML, and Rust by hand.

use std::fmt;
use std::time::Duration;

use super::{
    Auth, Format, HttpSpec, Invalid, InvalidSpec, Removal, SecretSource, SourceSpec, WatcherSpec,
    decode, interval, jitter, max_backoff, name,
};

/// The settings as they were written, not yet checked.
#[derive(Clone)]
pub(crate) struct Written {
    pub(super) name: String,
    pub(super) interval: Option<Duration>,
    pub(super) max_backoff: Option<Duration>,
    pub(super) jitter: Option<f64>,
    pub(super) decode: Option<Format>,
    pub(super) url: String,
    pub(super) query: Vec<(String, String)>,
    pub(super) header: Vec<(String, String)>,
    pub(super) auth: Option<Auth>,
    pub(super) timeout: Option<Duration>,
    pub(super) body_limit: Option<u64>,
}

/// Declares a watcher in Rust; made by [`WatcherSpec::http`].
///
/// No method fails: [`build`](Self::build) checks everything at once.
///
/// ```
/// use std::time::Duration;
/// use koprs_external::spec::{SecretSource, WatcherSpec};
///
/// let spec = WatcherSpec::http("flags", "https://api.example.com/v1/flags")
///     .interval(Duration::from_secs(30))
///     .query("page_size", "100")
///     .bearer(SecretSource::Value("t0ken".into()))
///     .build()?;
/// assert_eq!(spec.name(), "flags");
/// # Ok::<(), koprs_external::spec::InvalidSpec>(())
/// ```
#[derive(Clone)]
#[must_use = "a declaration does nothing until it is built"]
pub struct WatcherBuilder(Written);

impl WatcherBuilder {
    pub(super) fn http(name: String, url: String) -> Self {
        Self(Written {
            name,
            interval: None,
            max_backoff: None,
            jitter: None,
            decode: None,
            url,
            query: Vec::new(),
            header: Vec::new(),
            auth: None,
            timeout: None,
            body_limit: None,
        })
    }

    /// The wait after a successful poll. Required; at least 1 s.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.0.interval = Some(interval);
        self
    }

    /// The longest wait after failures. Default: interval × 32; not less than the interval.
    pub fn max_backoff(mut self, max_backoff: Duration) -> Self {
        self.0.max_backoff = Some(max_backoff);
        self
    }

    /// By how much a wait may differ, as a ratio from 0 to 0.5. Default: 0.05.
    pub fn jitter(mut self, ratio: f64) -> Self {
        self.0.jitter = Some(ratio);
        self
    }

    /// The format of the content. Default: by content type, else JSON.
    pub fn decode(mut self, format: Format) -> Self {
        self.0.decode = Some(format);
        self
    }

    /// One more query parameter; it is percent-encoded.
    pub fn query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.query.push((name.into(), value.into()));
        self
    }

    /// One more request header; a name may stand twice, spelled alike.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.header.push((name.into(), value.into()));
        self
    }

    /// `Authorization: Bearer …` with this secret.
    pub fn bearer(mut self, secret: SecretSource) -> Self {
        self.0.auth = Some(Auth::Bearer(secret));
        self
    }

    /// The time for one request, from connecting to the last byte of its body. Default: 10 s.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.0.timeout = Some(timeout);
        self
    }

    /// The most bytes of a body, after decompression. Default: 8 MiB.
    pub fn body_limit(mut self, bytes: u64) -> Self {
        self.0.body_limit = Some(bytes);
        self
    }

    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] with each mistake, in the order of the settings.
    pub fn build(self) -> Result<WatcherSpec, InvalidSpec> {
        let Self(written) = self;
        let mut mistakes = Vec::new();
        match check(&written, &mut mistakes) {
            Some(spec) if mistakes.is_empty() => Ok(spec),
            _ => Err(InvalidSpec { watcher: written.name, mistakes }),
        }
    }
}

impl fmt::Debug for WatcherBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatcherBuilder").field("name", &self.0.name).finish_non_exhaustive()
    }
}

fn check(written: &Written, mistakes: &mut Vec<Invalid>) -> Option<WatcherSpec> {
    let mut keep = |mistake| mistakes.push(mistake);
    let name = name::check(&written.name).map_err(&mut keep).ok();
    let interval = interval::check(written.interval).map_err(&mut keep).ok();
    let max_backoff =
        max_backoff::check(written.max_backoff, written.interval).map_err(&mut keep).ok();
    let jitter = jitter::check(written.jitter.unwrap_or(jitter::DEFAULT)).map_err(&mut keep).ok();
    let decode = decode::check(written.decode).map_err(&mut keep).ok();
    let http = HttpSpec::check(written, mistakes);
    Some(WatcherSpec {
        name: name?,
        interval: interval?,
        max_backoff: max_backoff?,
        jitter: jitter?,
        decode: decode?,
        items: None,
        ignore: Vec::new(),
        distinct: false,
        removal: Removal::DEFAULT,
        source: SourceSpec::Http(http?),
    })
}
