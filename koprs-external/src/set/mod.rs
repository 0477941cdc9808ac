//! The watchers of a file: found by name, bound to types.
//!
//! A file says where things are and how often to look; the program says what they are. A
//! [`WatcherSet`] is the checked file, and [`source`](WatcherSet::source) or
//! [`watch`](WatcherSet::watch) bring one of its watchers and a type together.

mod bind;
mod binder;
mod events;
mod handle;
mod loader;
mod prepared;
mod refused;
mod reload;
mod spawn;
mod spread;
mod values;
pub(crate) mod variant;

use std::collections::HashMap;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use tracing::{Span, info_span};

pub use self::events::Events;
pub use self::handle::{Ended, SetHandle};
pub use self::loader::Loader;
pub use self::reload::{OnRemovedWatcher, ReloadStatus, Reloading};
pub use self::values::{ValueEvent, Values};
pub use self::variant::WatcherEvents;
use crate::config::{ConfigError, Declared, Diagnostic, FilePlace, Loaded};
use crate::error::{ExternalError, Result};
use crate::spec::WatcherSpec;

/// What a text is called that came from no file.
const NO_FILE: &str = "<text>";

/// Watchers declared in YAML.
///
/// ```
/// use koprs_external::set::WatcherSet;
///
/// let set: WatcherSet = "
/// apiVersion: koprs-external/v1
/// watchers:
///   - name: flags
///     interval: 30s
///     http:
///       url: https://api.example.com/v1/flags
/// ".parse()?;
/// assert!(set.names().eq(["flags"]));
/// let source = set.source::<Vec<String>>("flags")?;
/// # Ok::<(), koprs_external::error::ExternalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WatcherSet {
    /// How the files were read.
    loader: Loader,
    files: Vec<Arc<Path>>,
    watchers: Vec<Declared>,
    /// Where each name is among the watchers.
    index: HashMap<String, usize>,
    warnings: Vec<Diagnostic>,
}

impl WatcherSet {
    /// The way to read files other than plainly: several of them, with variables, strictly.
    pub fn loader() -> Loader {
        Loader::default()
    }

    /// Reads a file, as [`Loader::from_path`] does.
    ///
    /// # Errors
    ///
    /// As those of [`Loader::from_path`].
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::loader().from_path(path)
    }

    /// Reads a text, as [`Loader::from_str`] does; `text.parse()` does the same.
    ///
    /// # Errors
    ///
    /// As those of [`Loader::from_str`].
    #[allow(clippy::should_implement_trait, reason = "it does; this one needs no import")]
    pub fn from_str(text: &str) -> Result<Self> {
        Self::loader().from_str(text)
    }

    fn new(loader: Loader, files: Vec<Arc<Path>>, loaded: Loaded) -> Self {
        let Loaded { watchers, warnings } = loaded;
        let names = watchers.iter().map(|watcher| watcher.spec.name().to_owned());
        let index = names.enumerate().map(|(at, name)| (name, at)).collect();
        Self { loader, files, watchers, index, warnings }
    }

    /// The names of the watchers, in the order of the files.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.watchers.iter().map(|watcher| watcher.spec.name())
    }

    /// The declaration of a watcher.
    pub fn spec(&self, name: &str) -> Option<&WatcherSpec> {
        self.declared(name).map(|watcher| &watcher.spec)
    }

    /// Where a watcher stands: the place of its name, for what goes wrong while it runs.
    pub fn place(&self, name: &str) -> Option<FilePlace> {
        self.declared(name).map(place)
    }

    /// What is legal but unwise, in the order of the files and of the places; of more than a thousand, the
    /// first ones.
    pub fn warnings(&self) -> &[Diagnostic] {
        &self.warnings
    }

    /// The files, in a message.
    fn shown_files(&self) -> String {
        match self.files.as_slice() {
            [file] => file.display().to_string(),
            files => format!("the {} files", files.len()),
        }
    }

    fn declared(&self, name: &str) -> Option<&Declared> {
        self.index.get(name).and_then(|at| self.watchers.get(*at))
    }
}

fn place(Declared { places, file, .. }: &Declared) -> FilePlace {
    FilePlace::new(Arc::clone(file), places.home())
}

/// Which watcher a log line is of, and where that is declared.
fn span(declared: &Declared) -> Span {
    info_span!("watcher", name = declared.spec.name(), declared = %place(declared))
}

impl FromStr for WatcherSet {
    type Err = ExternalError;

    fn from_str(text: &str) -> Result<Self> {
        Self::from_str(text)
    }
}

impl From<ConfigError> for ExternalError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error.into())
    }
}

impl ConfigError {
    /// The mistakes of a file, when it is those that an error tells.
    pub fn of(error: &ExternalError) -> Option<&Self> {
        match error {
            ExternalError::Config(cause) => cause.downcast_ref(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {

    use super::*;

    const TEXT: &str = "
apiVersion: koprs-external/v1
defaults: { interval: 30s }
watchers:
  - { name: tenants, http: { url: https://h/tenants } }
  - { name: flags, http: { url: https://h/flags, auth: { bearer: { env: NO_SUCH_VARIABLE } } } }
";

    fn set() -> WatcherSet {
        TEXT.parse().unwrap()
    }

    #[test]
    fn watchers_are_found_by_name_in_the_order_of_the_file() {
        assert!(set().names().eq(["tenants", "flags"]));
        assert_eq!(set().spec("flags").unwrap().name(), "flags");
        assert_eq!(set().spec("flag"), None);
    }

    #[test]
    fn an_unknown_name_is_an_error_with_the_known_ones() {
        let error = set().source::<String>("flag").unwrap_err().to_string();
        assert!(error.contains("`flag` is not a watcher of <text>"), "{error}");
        assert!(error.contains("did you mean `flags`? known: `tenants`, `flags`"), "{error}");
    }

    #[test]
    fn what_a_source_refuses_is_told_with_its_place() {
        let error = set().source::<String>("flags").unwrap_err();
        let told = "<text>:6:73: the environment variable `NO_SUCH_VARIABLE` is not set";
        assert!(error.to_string().contains(told), "{error}");
        assert!(error.is_permanent());
    }

    #[test]
    fn a_distinct_watcher_needs_values_that_can_be_compared() {
        let set: WatcherSet =
            TEXT.replace("name: tenants,", "name: tenants, distinct: true,").parse().unwrap();
        let error = set.source::<String>("tenants").unwrap_err().to_string();
        assert!(error.contains("<text>:5:32: values that are compared"), "{error}");
        assert!(error.contains("`DeclaredSource::distinct`, or `distinct_watch` and"), "{error}");
        assert_eq!(set.distinct_source::<String>("tenants").unwrap().spec().name(), "tenants");
        let error = set.distinct_source::<String>("tenant").unwrap_err().to_string();
        assert!(error.contains("did you mean `tenants`?"), "{error}");
    }

    #[test]
    fn a_watcher_that_is_not_distinct_may_have_values_that_can_be_compared() {
        assert!(!set().distinct_source::<String>("tenants").unwrap().spec().distinct());
    }

    #[test]
    fn the_mistakes_of_a_file_are_reached_through_the_error() {
        let error = "watchers: []".parse::<WatcherSet>().unwrap_err();
        let mistakes = ConfigError::of(&error).unwrap();
        let codes: Vec<_> = mistakes.diagnostics().iter().map(|it| it.code()).collect();
        assert_eq!(codes, ["missing-api-version", "no-watchers"]);
        assert_eq!(error.to_string(), mistakes.to_string());
        assert!(error.is_permanent() && !error.is_retryable());
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_with_its_path() {
        let error = WatcherSet::from_path("no/such.yaml").unwrap_err();
        assert!(matches!(&error, ExternalError::Io(_)));
        assert!(error.to_string().contains("no/such.yaml"), "{error}");
    }
}
