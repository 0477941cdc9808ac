//! The `object_store` block, checked.

#[cfg(feature = "yaml")]
pub(crate) mod folder;
pub(crate) mod glob;
#[cfg_attr(
    not(any(feature = "yaml", feature = "object-store")),
    expect(dead_code, reason = "a question of files and stores")
)]
pub(crate) mod ignored;
#[cfg(feature = "yaml")]
pub(crate) mod meaning;
mod near;
#[cfg_attr(not(feature = "yaml"), expect(dead_code, reason = "a question of files"))]
pub(crate) mod options;
mod url;

use std::fmt;
use std::time::Duration;

use ::url::Url;

pub(crate) use self::url::Backend;
pub(crate) use self::url::SCHEMES;
use super::SecretSource;
use super::quote::{Content, is_visible, veil};
use super::settings::Settings;
use super::table::row;
use super::url::misspelt;
use crate::secret::{Hidden, Redactor, Show, redacted};

/// Objects that are fetched at a time.
pub(crate) const CONCURRENCY: usize = 16;
pub(super) const MOST_CONCURRENCY: usize = 256;
/// Parts of the keys that are listed at a time.
pub(crate) const LISTING_CONCURRENCY: usize = 8;
/// Objects, where only what is listed is kept.
#[cfg(feature = "object-store")]
pub(crate) const OBJECT_LIMIT: usize = 10_000_000;
/// Objects, where their contents are kept.
#[cfg(feature = "object-store")]
pub(crate) const CONTENT_LIMIT: usize = 100_000;
pub(super) const MOST_LISTING_CONCURRENCY: usize = 64;
/// Objects that rest so long are archives.
pub(super) const LONGEST_SETTLE: Duration = Duration::from_secs(24 * 60 * 60);

/// What is wrong, and the way out.
pub(crate) type Refusal = (String, String);

/// A checked object store: every part parsed, nothing left that could be wrong but the store itself.
#[derive(Clone, PartialEq)]
pub struct ObjectStoreSpec {
    pub(crate) url: Url,
    /// What was brought into its path from elsewhere, by variables and parameters, and is not shown.
    pub(crate) secrets: Hidden,
    pub(crate) backend: Backend,
    /// Options of the store, by the names that `object_store` gives them, in lower case.
    pub(crate) options: Vec<(String, SecretSource)>,
    /// Globs; nothing means all.
    pub(crate) include: Vec<String>,
    pub(crate) exclude: Vec<String>,
    /// Objects that are younger wait until they have settled.
    pub(crate) settle: Duration,
    pub(crate) concurrency: usize,
    pub(crate) listing_concurrency: usize,
    /// The most objects; the default depends on whether their contents are kept.
    pub(crate) object_limit: Option<usize>,
    pub(crate) body_limit: u64,
}

/// Reads the URL of an object store. A refusal shows as much of it as may be shown.
pub(super) fn read_url(text: &str) -> Result<(Url, Backend), Refusal> {
    url::check(text, text).map_err(|(message, help)| {
        let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let message = match is_visible(Content::Name, &scheme) {
            true => message,
            false => message.replace(&format!("has the scheme `{scheme}`"), "has a scheme"),
        };
        // What is shown of it there may still hold a secret in its host or path.
        (veil(message, Content::Url, &redacted(text)), help)
    })
}

impl Backend {
    /// The feature that it needs, where that is not compiled in.
    pub(super) fn missing_feature(self) -> Option<&'static str> {
        let (feature, is_compiled_in) = match self {
            Self::Local => ("object-store", cfg!(feature = "object-store")),
            Self::S3 => ("aws", cfg!(feature = "aws")),
            Self::Gcs => ("gcp", cfg!(feature = "gcp")),
            Self::Azure => ("azure", cfg!(feature = "azure")),
            Self::Http => ("http", cfg!(feature = "http")),
        };
        (!is_compiled_in).then_some(feature)
    }
}

/// What the store would refuse, or not listen to.
pub(super) fn check_option(
    option: &str,
    name: &str,
    value: &str,
    url: &Url,
) -> Result<(), (&'static str, Refusal)> {
    options::check_value(option, name, value).map_err(|refusal| ("bad-option", refusal))?;
    options::check_container(option, name, value, url).map_err(|refusal| ("no-use", refusal))
}

impl ObjectStoreSpec {
    /// A store whose settings were checked.
    pub(super) fn from_settings(settings: &Settings, secrets: Hidden) -> Option<Self> {
        let (url, backend) = read_url(settings.get(row!("object_store.url"))?).ok()?;
        let texts = |row| settings.list(row).iter().map(|entry| entry.text.clone()).collect();
        let options = settings.options().iter();
        let options =
            options.map(|it| Some((it.name.text.to_ascii_lowercase(), it.value.clone()?)));
        Some(Self {
            url,
            secrets,
            backend,
            options: options.collect::<Option<_>>()?,
            include: texts(row!("object_store.include")),
            exclude: texts(row!("object_store.exclude")),
            settle: settings.or_default(row!("object_store.settle")),
            concurrency: settings.or_default(row!("object_store.concurrency")),
            listing_concurrency: settings.or_default(row!("object_store.listing_concurrency")),
            object_limit: settings.get(row!("object_store.object_limit")),
            body_limit: settings.or_default(row!("object_store.body_limit")),
        })
    }

    /// The URL of the store, with the path that objects are below.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The globs of objects to follow; nothing means all.
    pub fn include(&self) -> &[String] {
        &self.include
    }

    /// The globs of objects to leave out.
    pub fn exclude(&self) -> &[String] {
        &self.exclude
    }

    /// Objects that are younger wait until they have settled.
    pub fn settle(&self) -> Duration {
        self.settle
    }

    /// The most objects that are fetched at a time.
    pub fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// The most parts of the keys that are listed at a time.
    pub fn listing_concurrency(&self) -> usize {
        self.listing_concurrency
    }

    /// The most objects, where that is declared.
    pub fn object_limit(&self) -> Option<usize> {
        self.object_limit
    }

    /// The most bytes of an object.
    pub fn body_limit(&self) -> u64 {
        self.body_limit
    }
}

/// Refuses a value that was read from a file or a variable, as one that is written out.
#[cfg(feature = "object-store")]
pub(crate) fn check_read(backend: Backend, name: &str, value: &str) -> Result<(), Refusal> {
    options::check_value(options::find(backend, name)?, name, value)
}

/// Neither the values of the options, which may be secrets, nor what a URL has beside its path.
impl fmt::Debug for ObjectStoreSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.options.iter().map(|(name, _)| name).collect::<Vec<_>>();
        f.debug_struct("ObjectStoreSpec")
            .field("url", &Redactor::of(&self.secrets).url(Show::Path, &self.url))
            .field("options", &names)
            .field("include", &self.include)
            .field("exclude", &self.exclude)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
#[cfg(feature = "aws")]
mod tests;
