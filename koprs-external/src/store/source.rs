//! Where a store comes from: handed over, or opened as it is declared.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use object_store::ObjectStore;
use object_store::path::Path;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;

use super::listing::Listed;
use super::open::{self, Options};
use crate::error::{Asked, ExternalError, Result, StoreError, StoreErrorKind};
use crate::secret::{Secret, redacted};
use crate::spec::object_store::ignored::ignored;
use crate::spec::{Invalid, ObjectStoreSpec, SecretSource};

/// Files with secrets are read again after this.
const FRESH: Duration = Duration::from_secs(60);
/// The most bytes of a file with a secret.
const LONGEST: u64 = 64 * 1024;

/// A store and what it is called.
pub(super) struct Source {
    pub(super) asked: Asked,
    store: Store,
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
    /// Whether the store has refused what it was opened with.
    refused: bool,
}

struct Open {
    listed: Listed,
    options: Options,
    read: Instant,
}

impl Source {
    pub(super) fn given(listed: Listed) -> Self {
        let name = listed.store.to_string();
        Self { asked: Asked { watcher: name.clone(), url: name }, store: Store::Given(listed) }
    }

    /// Reads the environment. Returns also below which path objects are followed.
    pub(super) fn declared(name: &str, spec: ObjectStoreSpec) -> Result<(Self, Path), Invalid> {
        let prefix = open::prefix(&spec.url)?;
        let fixed = open::fixed(&spec.options)?;
        let folder = (spec.url.scheme() == "file").then(|| spec.url.to_file_path().ok()).flatten();
        let asked = Asked { watcher: name.to_owned(), url: redacted(spec.url.as_str()) };
        let mut declared = Declared { spec, fixed, folder, open: None, refused: false };
        if !declared.has_files() {
            declared.open_with(name, declared.fixed.clone())?;
        }
        Ok((Self { asked, store: Store::Declared(Box::new(declared)) }, prefix))
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

    /// A text without the secrets of the options.
    pub(super) fn masked(&self, text: String) -> String {
        let Store::Declared(declared) = &self.store else { return text };
        let open = declared.open.as_ref().map(|open| &open.options);
        let options = open.unwrap_or(&declared.fixed);
        options.masked(text)
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
                        source = %watcher,
                        error = %message,
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
            return Ok(false);
        }
        match (self.open_with(watcher, options), &mut self.open) {
            (Ok(()), _) => Ok(true),
            // A file may be half-written.
            (Err(refused), Some(open)) => {
                open.read = Instant::now();
                let error = refused.message;
                tracing::warn!(source = %watcher, %error, "keeping the previous store client");
                Ok(false)
            }
            (Err(refused), None) => {
                let message = refused.message;
                Err(ExternalError::Credential { watcher: watcher.to_owned(), message })
            }
        }
    }

    async fn read(&self) -> Result<Options, String> {
        let mut options = self.fixed.clone();
        for (name, value) in &self.spec.options {
            if let SecretSource::File(path) = value {
                let text = read(path).await;
                let text = text.map_err(|error| {
                    format!("cannot read {} for the option `{name}`: {error}", path.display())
                })?;
                options.set(name, text, true);
            }
        }
        Ok(options)
    }

    /// Says once which variable of the environment was probably meant to be read.
    fn say_what_is_ignored(&self, watcher: &str) {
        let names = self.spec.options.iter().map(|(name, _)| name.as_str());
        let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if let Some((variable, help)) = ignored(self.spec.backend, names, is_set) {
            tracing::warn!(source = %watcher, %variable, %help, "an environment variable is not read");
        }
    }

    fn open_with(&mut self, watcher: &str, options: Options) -> Result<(), Invalid> {
        let listed = open::open(&self.spec.url, &options)?;
        if self.open.is_none() {
            self.say_what_is_ignored(watcher);
        }
        self.open = Some(Open { listed, options, read: Instant::now() });
        Ok(())
    }

    async fn look_for_folder(&self) -> Result<(), StoreError> {
        let Some(folder) = &self.folder else { return Ok(()) };
        let shown = folder.display();
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

/// The content of a file with a secret, without the white space around it.
async fn read(path: &std::path::Path) -> std::io::Result<Secret> {
    let mut text = String::new();
    tokio::fs::File::open(path).await?.take(LONGEST + 1).read_to_string(&mut text).await?;
    match text.trim() {
        _ if text.len() as u64 > LONGEST => {
            Err(std::io::Error::other(format!("it is longer than {LONGEST} bytes")))
        }
        "" => Err(std::io::Error::other("the file is empty")),
        text => Ok(Secret::new(text)),
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
