//! Where a store comes from: handed over, or opened as it is declared.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use futures_core::future::BoxFuture;
use futures_util::FutureExt;
use object_store::ObjectStore;
use object_store::path::Path;
use tokio::time::{Instant, timeout};

use super::listing::Listed;
use super::open::{self, Options};
use crate::error::{Asked, ExternalError, Result, StoreError, StoreErrorKind};
use crate::printable::printable;
use crate::secret::{FileError, Redactor, Secret, Show, read_file};
use crate::spec::object_store::ignored::ignored;
use crate::spec::object_store::{Backend, check_read};
use crate::spec::{Invalid, ObjectStoreSpec, SecretSource, quote};
use crate::watcher::Report;

/// Files with secrets are read again after this.
const FRESH: Duration = Duration::from_secs(60);
/// The time for the files of all options.
const PATIENCE: Duration = Duration::from_secs(5);
/// The most bytes of a file with a secret.
pub(super) const LONGEST: u64 = 64 * 1024;

/// A store and what it is called.
pub(super) struct Source {
    pub(super) asked: Asked,
    store: Store,
    pub(super) redactor: Redactor,
}

enum Store {
    Given(Listed),
    Declared(Box<Declared>),
}

struct Declared {
    spec: ObjectStoreSpec,
    /// Those that are not in files, as they were when this was made.
    fixed: Options,
    /// A local folder, which has to be there: without it, a listing would be empty.
    folder: Option<PathBuf>,
    open: Option<Open>,
    /// The read of the files that is under way.
    reading: Option<BoxFuture<'static, std::result::Result<Options, String>>>,
    /// Whether the store has refused what it was opened with.
    refused: bool,
    redactor: Redactor,
}

struct Open {
    listed: Listed,
    options: Options,
    read: Instant,
}

impl Source {
    pub(super) fn given(listed: Listed) -> Self {
        let name = listed.store.to_string();
        let redactor = listed.redactor.clone();
        let asked = Asked { watcher: name.clone(), url: name };
        Self { asked, store: Store::Given(listed), redactor }
    }

    /// Reads the environment. Returns also below which path objects are followed.
    pub(super) fn declared(name: &str, spec: ObjectStoreSpec) -> Result<(Self, Path), Invalid> {
        let prefix = open::prefix(&spec.url)?;
        let fixed = open::fixed(spec.backend, &spec.options)?;
        let folder = (spec.url.scheme() == "file").then(|| spec.url.to_file_path().ok()).flatten();
        let redactor = Redactor::trusted();
        let found = open::found_secrets(&spec.url, &fixed);
        let secrets = spec.secrets.iter().chain(fixed.secrets()).chain(&found);
        secrets.for_each(|secret| redactor.declare(secret));
        let asked = Asked { watcher: name.to_owned(), url: redactor.url(Show::Path, &spec.url) };
        let (open, reading, refused, known) = (None, None, false, redactor.clone());
        let mut declared =
            Declared { spec, fixed, folder, open, reading, refused, redactor: known };
        if !declared.has_files() {
            declared.open_with(name, declared.fixed.clone())?;
        }
        Ok((Self { asked, store: Store::Declared(Box::new(declared)), redactor }, prefix))
    }

    /// The name says what is followed.
    pub(super) fn below(&mut self, prefix: &str) {
        let below = |name: &str| format!("{}/{prefix}", name.trim_end_matches('/'));
        let Asked { watcher, url } = &self.asked;
        self.asked = Asked { watcher: below(watcher), url: below(url) };
    }

    /// The store, once it was open.
    pub(super) fn store(&self) -> Option<Arc<dyn ObjectStore>> {
        let listed = match &self.store {
            Store::Given(listed) => Some(listed),
            Store::Declared(declared) => declared.open.as_ref().map(|open| &open.listed),
        };
        listed.map(|listed| Arc::clone(&listed.store))
    }

    /// The store as it is to be listed now.
    pub(super) async fn listed(&mut self) -> Result<Listed> {
        let declared = match &mut self.store {
            Store::Given(listed) => return Ok(listed.clone()),
            Store::Declared(declared) => declared,
        };
        declared.look_for_folder().await.map_err(|error| asked(&self.asked, error))?;
        if declared.is_stale() {
            declared.renew(&self.asked.watcher).await?;
        }
        match &declared.open {
            Some(open) => Ok(open.listed.clone()),
            None => Err(ExternalError::Internal("the store is not open".to_owned())),
        }
    }

    /// What a failure of the store says of the credentials. S3 answers 400 to those that have expired.
    pub(super) fn failed(&mut self, kind: StoreErrorKind) {
        if let (Store::Declared(declared), StoreErrorKind::Status(400 | 401 | 403)) =
            (&mut self.store, kind)
        {
            declared.refused = true;
        }
    }

    /// Whether the store was refused what it was opened with, and there is something else by now.
    pub(super) async fn is_renewed(&mut self) -> bool {
        match &mut self.store {
            Store::Declared(declared) if declared.refused && declared.has_files() => {
                declared.renew(&self.asked.watcher).await.unwrap_or(false)
            }
            _ => false,
        }
    }

    /// A report without them.
    pub(super) fn report(&self, mut report: Report) -> Report {
        report.last_bad_item = report.last_bad_item.map(|what| self.redacted(&what));
        report
    }

    /// A text without the secrets of the store.
    pub(super) fn redacted(&self, text: &str) -> String {
        self.redactor.redact(text).into_owned()
    }
}

impl Declared {
    fn has_files(&self) -> bool {
        self.spec.options.iter().any(|(_, value)| matches!(value, SecretSource::File(_)))
    }

    fn is_stale(&self) -> bool {
        match &self.open {
            None => true,
            Some(open) => self.has_files() && (self.refused || open.read.elapsed() >= FRESH),
        }
    }

    /// Reads the files again, and opens the store anew if they have changed. While they cannot be read, what
    /// was good before is used.
    async fn renew(&mut self, watcher: &str) -> Result<bool> {
        let read = self.read().await;
        self.refused = false;
        let options = match read {
            Ok(options) => options,
            Err(message) => match &mut self.open {
                Some(open) => {
                    open.read = Instant::now();
                    tracing::warn!(
                        source = %printable(watcher),
                        error = %crate::printable::message(&message),
                        "the last good credential is kept"
                    );
                    return Ok(false);
                }
                None => {
                    return Err(ExternalError::Credential { watcher: watcher.to_owned(), message });
                }
            },
        };
        if let Some(open) = self.open.as_mut().filter(|open| open.options == options) {
            open.read = Instant::now();
            // Tokens that were granted since may have taken their place.
            options.secrets().for_each(|secret| self.redactor.learn(secret));
            return Ok(false);
        }
        match (self.open_with(watcher, options), &mut self.open) {
            (Ok(()), _) => Ok(true),
            // A file may be half-written.
            (Err(refused), Some(open)) => {
                open.read = Instant::now();
                let error = crate::printable::message(&refused.message);
                tracing::warn!(source = %printable(watcher), %error, "keeping the previous store client");
                Ok(false)
            }
            (Err(refused), None) => {
                let message = refused.message;
                Err(ExternalError::Credential { watcher: watcher.to_owned(), message })
            }
        }
    }

    /// Reads the files. One that takes long, as on a mount that hangs, counts as one that cannot be read. Its read goes on
    /// with the next poll: another one beside it would take another thread for as long as the file hangs.
    async fn read(&mut self) -> Result<Options, String> {
        let reading = self.reading.get_or_insert_with(|| {
            read_all(self.spec.backend, self.spec.options.clone(), self.fixed.clone()).boxed()
        });
        let Ok(read) = timeout(PATIENCE, reading).await else {
            let files = self.spec.options.iter().filter_map(|(_, value)| match value {
                SecretSource::File(path) => Some(quote::file(path).to_string()),
                _ => None,
            });
            let files = files.collect::<Vec<_>>().join(", ");
            return Err(format!("cannot read {files}: it takes more than {PATIENCE:?}"));
        };
        self.reading = None;
        read
    }

    /// Says once which variable of the environment was probably meant to be read.
    fn say_what_is_ignored(&self, watcher: &str) {
        let names = self.spec.options.iter().map(|(name, _)| name.as_str());
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if let Some((variable, help)) = ignored(self.spec.backend, names, is_set) {
            tracing::warn!(source = %printable(watcher), %variable, %help, "an environment variable is not read");
        }
    }

    fn open_with(&mut self, watcher: &str, options: Options) -> Result<(), Invalid> {
        options.secrets().for_each(|secret| self.redactor.learn(secret));
        let listed = open::open(&self.spec.url, &options, &self.redactor)?;
        if self.open.is_none() {
            self.say_what_is_ignored(watcher);
        }
        self.open = Some(Open { listed, options, read: Instant::now() });
        Ok(())
    }

    async fn look_for_folder(&mut self) -> Result<(), StoreError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let folder_text = folder.display();
        let shown = printable(&folder_text);
        let why = match tokio::fs::metadata(folder).await {
            Ok(metadata) if metadata.is_dir() => return Ok(()),
            Ok(_) => {
                "it is no folder; declare the folder of it as the URL, and its name in `include`"
                    .to_owned()
            }
            Err(error) => error.to_string(),
        };
        let message = format!("cannot list the folder {shown}: {why}");
        Err(StoreError::new(StoreErrorKind::NotFound, message))
    }
}

/// Reads the options that are in files.
async fn read_all(
    backend: Backend,
    options: Vec<(String, SecretSource)>,
    mut all: Options,
) -> Result<Options, String> {
    for (name, value) in options {
        if let SecretSource::File(path) = value {
            let file = quote::file(&path);
            let text = read(&path).await.map_err(|why| {
                format!("cannot read {file} for the option `{}`: {why}", printable(&name))
            })?;
            let checked = check_read(backend, &name, text.expose());
            checked.map_err(|(why, _)| format!("{file}: {why}"))?;
            all.set(&name, text, true);
        }
    }
    Ok(all)
}

/// Reads a file with a secret, without the white space around it.
async fn read(path: &std::path::Path) -> Result<Secret, String> {
    let content = read_file(path, LONGEST).await.map_err(|error| match error {
        FileError::Unreadable(error) => error.to_string(),
        other => format!("it {other}"),
    })?;
    let text = std::str::from_utf8(&content).map_err(|_| "it is not UTF-8".to_owned())?;
    let secret = Secret::read(text);
    match secret.expose() {
        "" => Err("the file is empty".to_owned()),
        _ => Ok(secret),
    }
}

/// The same error, with who asked.
pub(super) fn asked(asked: &Asked, mut error: StoreError) -> ExternalError {
    error.asked = Some(Box::new(asked.clone()));
    error.into()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("asked", &self.asked).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{SourceSpec, WatcherSpec};

    fn source(path: PathBuf) -> Source {
        let builder = WatcherSpec::object_store("models", "s3://bucket/models/")
            .interval(Duration::from_secs(30))
            .option("aws_secret_access_key", SecretSource::File(path));
        let SourceSpec::ObjectStore(spec) = builder.build().unwrap().source else { panic!() };
        Source::declared("models", spec).unwrap().0
    }

    fn declared(source: &mut Source) -> &mut Declared {
        let Store::Declared(declared) = &mut source.store else { panic!() };
        declared
    }

    #[tokio::test(start_paused = true)]
    async fn a_file_of_an_option_that_hangs_is_read_once_and_waited_for_at_each_poll() {
        let mut source = source(PathBuf::from("/no-such-folder/key"));
        let (done, hangs) = tokio::sync::oneshot::channel();
        let hangs = hangs.map(|read| read.unwrap_or_else(|_| Err("gone".to_owned())));
        declared(&mut source).reading = Some(hangs.boxed());
        for _ in 0..3 {
            let began = Instant::now();
            let error = source.listed().await.unwrap_err().to_string();
            assert!(error.contains("takes more than 5s"), "{error}");
            assert_eq!(began.elapsed(), PATIENCE);
        }
        assert!(done.send(Err("it is not there".to_owned())).is_ok());
        let error = source.listed().await.unwrap_err().to_string();
        assert!(error.contains("it is not there"), "{error}");
        assert!(declared(&mut source).reading.is_none());
    }
}
