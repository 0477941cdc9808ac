//! From files to a set.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{NO_FILE, WatcherSet};
use crate::config::{self, FileLimits, Rules, Variables};
use crate::error::Result;
use crate::printable::printable;
use crate::spec::Invalid;

/// Reads files of watchers; made by [`WatcherSet::loader`].
///
/// ```no_run
/// use koprs_external::set::WatcherSet;
///
/// let set = WatcherSet::loader().env().strict().from_paths(["base.yaml", "team.yaml"])?;
/// # Ok::<(), koprs_external::error::ExternalError>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a loader reads nothing until it is told where"]
pub struct Loader(Rules);

impl Loader {
    /// Expands `${VAR}` and `${VAR:-default}` in the values of the files with the environment of the process.
    ///
    /// A value is expanded after the file is parsed, so that it cannot become structure; keys stay as they
    /// are. The default is taken for a variable that is not set, or empty; one that is not set and has none
    /// is a mistake. `$${` is a `${` as it stands, and a `$` without a brace is a `$`. No message or snippet
    /// of the loader shows what a variable holds. What is accepted is a setting as any other, and is shown where
    /// such are: a watcher's name in logs, the host of its URL in errors. The path of a URL of HTTP, also of a token
    /// endpoint, is not shown when a variable is part of it; that of an object store is, as its keys are.
    pub fn env(self) -> Self {
        self.env_from(|name| std::env::var_os(name))
    }

    /// As [`env`](Self::env), with variables from elsewhere.
    ///
    /// ```
    /// use koprs_external::set::WatcherSet;
    ///
    /// let loader = WatcherSet::loader().env_from(|name| (name == "HOST").then(|| "example.com".into()));
    /// let set = loader.from_str("
    /// apiVersion: koprs-external/v1
    /// watchers:
    ///   - { name: flags, interval: '${EVERY:-30s}', http: { url: 'https://${HOST}/flags' } }
    /// ")?;
    /// assert_eq!(set.spec("flags").unwrap().interval().as_secs(), 30);
    /// # Ok::<(), koprs_external::error::ExternalError>(())
    /// ```
    pub fn env_from(
        mut self,
        lookup: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
    ) -> Self {
        let variables = Variables::new(lookup);
        self.0.environment = variables.clone();
        self.0.env = Some(variables);
        self
    }

    /// Warnings are mistakes: what is legal but unwise is refused.
    pub fn strict(mut self) -> Self {
        self.0.strict = true;
        self
    }

    /// Reads files of up to this many bytes. Default: 4 MiB, which is about twenty thousand watchers.
    ///
    /// The limit holds for each file, also with its variables expanded, and for later contents of a file that is
    /// [followed](WatcherSet::reloading). How many keys, anchors and aliases a file may have grows with it.
    ///
    /// ```
    /// use koprs_external::set::WatcherSet;
    ///
    /// let error = WatcherSet::loader().max_file_size(20).from_str("apiVersion: koprs-external/v1").unwrap_err();
    /// assert!(error.to_string().contains("max_file_size"));
    /// ```
    pub fn max_file_size(mut self, bytes: usize) -> Self {
        self.0.limits = FileLimits::of_bytes(bytes);
        self
    }

    /// Reads a file. Relative paths in it begin in its folder.
    ///
    /// It blocks while it reads; in an async function that is no trouble at start, and
    /// `spawn_blocking` is the way later.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Io`](crate::ExternalError::Io) when it cannot be read, and
    /// [`ExternalError::Config`](crate::ExternalError::Config) with every mistake in it; see
    /// [`ConfigError::of`](crate::config::ConfigError::of).
    pub fn from_path(&self, path: impl AsRef<Path>) -> Result<WatcherSet> {
        self.from_paths([path])
    }

    /// Reads several files: their watchers, in the order given, are one set. Each has its own `apiVersion`
    /// and its own `defaults`, which hold for its own watchers; relative paths in it begin in its folder.
    ///
    /// It blocks while it reads, as [`from_path`](Self::from_path) does.
    ///
    /// # Errors
    ///
    /// As [`from_path`](Self::from_path), with the mistakes of all files; a name that two of them declare is
    /// one. [`ExternalError::Invalid`](crate::ExternalError::Invalid) when there is no file, or one is given
    /// twice.
    pub fn from_paths(
        &self,
        paths: impl IntoIterator<Item = impl AsRef<Path>>,
    ) -> Result<WatcherSet> {
        let paths: Vec<_> = paths.into_iter().map(|path| path.as_ref().to_owned()).collect();
        if paths.is_empty() {
            let refused = Invalid::new("paths", "no-file", "no file of watchers is given");
            return Err(refused.help("give at least one, as `watchers.yaml`").into());
        }
        let files = paths.iter().map(|path| self.read(path)).collect::<io::Result<_>>()?;
        once(&paths)?;
        self.load(files)
    }

    /// Reads a text. Relative paths in it begin in the working directory.
    ///
    /// # Errors
    ///
    /// [`ExternalError::Config`](crate::ExternalError::Config) with every mistake in it; see
    /// [`ConfigError::of`](crate::config::ConfigError::of).
    pub fn from_str(&self, text: &str) -> Result<WatcherSet> {
        let path = Arc::from(Path::new(NO_FILE));
        self.load(vec![config::File { path, bytes: text.as_bytes().to_vec() }])
    }

    /// Reads what a reader has, as the standard input, as if it were a file of this name, as `<stdin>`.
    ///
    /// # Errors
    ///
    /// As [`from_path`](Self::from_path).
    pub fn from_reader(&self, name: impl AsRef<Path>, reader: impl Read) -> Result<WatcherSet> {
        self.load(vec![config::File { path: name.as_ref().into(), bytes: self.bytes(reader)? }])
    }

    /// Reads what was read of files.
    pub(super) fn load(&self, files: Vec<config::File>) -> Result<WatcherSet> {
        let loaded = config::load(&files, &self.0)?;
        let files = files.into_iter().map(|file| file.path).collect();
        Ok(WatcherSet::new(self.clone(), files, loaded))
    }

    /// The most bytes that are read of a file: one more than it may have.
    pub(super) fn most_read(&self) -> u64 {
        (self.0.limits.bytes() as u64).saturating_add(1)
    }

    /// Everything, or enough to see that it is too large.
    fn bytes(&self, reader: impl Read) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader.take(self.most_read()).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn read(&self, path: &Path) -> io::Result<config::File> {
        let bytes = File::open(path).and_then(|file| self.bytes(file)).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("cannot read {}: {error}", printable(&path.display())),
            )
        })?;
        Ok(config::File { path: path.into(), bytes })
    }
}

/// Refuses a file that is given twice, by whatever path.
fn once(paths: &[PathBuf]) -> Result<()> {
    let real = |path: &PathBuf| fs::canonicalize(path).unwrap_or_else(|_| path.clone());
    let mut seen: Vec<PathBuf> = Vec::new();
    for path in paths {
        let real = real(path);
        if seen.contains(&real) {
            let message = format!("the file {} is given twice", printable(&path.display()));
            return Err(Invalid::new("paths", "same-file", message).help("give it once").into());
        }
        seen.push(real);
    }
    Ok(())
}
