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

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use ::url::Url;

pub(crate) use self::url::Backend;
pub(crate) use self::url::SCHEMES;
use super::quote::{Content, is_visible, quoted, veil};
use super::url::misspelt;
use super::{Format, Invalid, SecretSource, Written, auth, body_limit, duration, number};
use crate::printable::printable;
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
type Refusal = (String, String);

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

/// The settings as they were written.
#[derive(Clone, Default)]
pub(super) struct WrittenObjectStore {
    pub(super) options: Vec<(String, SecretSource)>,
    pub(super) include: Vec<String>,
    pub(super) exclude: Vec<String>,
    pub(super) settle: Option<Duration>,
    pub(super) concurrency: Option<usize>,
    pub(super) listing_concurrency: Option<usize>,
    pub(super) object_limit: Option<usize>,
}

/// Whose store a URL is of, if it is one.
pub(super) fn backend(url: &str) -> Option<Backend> {
    url::check(url, url).ok().map(|(_, backend)| backend)
}

impl ObjectStoreSpec {
    pub(super) fn check(written: &Written, mistakes: &mut Vec<Invalid>) -> Option<Self> {
        let WrittenObjectStore {
            options,
            include,
            exclude,
            settle,
            concurrency,
            listing_concurrency,
            object_limit,
        } = &written.object_store;
        let mut keep = |mistake| mistakes.push(mistake);
        let place = check_url(&written.url).map_err(&mut keep).ok();
        check_decode(written.decode, &mut keep);
        let options = check_options(options, place.as_ref(), &mut keep);
        check_globs(include, exclude, &mut keep);
        let settle = check_settle(*settle).map_err(&mut keep).ok();
        let within = |name: &str, number, most| {
            number::within(&format!("object_store.{name}"), number, 1, most)
        };
        let concurrency = concurrency.unwrap_or(CONCURRENCY);
        let concurrency = within("concurrency", concurrency, Some(MOST_CONCURRENCY));
        let concurrency = concurrency.map_err(&mut keep).ok();
        let listing = listing_concurrency.unwrap_or(LISTING_CONCURRENCY);
        let listing = within("listing_concurrency", listing, Some(MOST_LISTING_CONCURRENCY));
        let listing = listing.map_err(&mut keep).ok();
        let object_limit = object_limit.map(|limit| within("object_limit", limit, None));
        let object_limit = object_limit.transpose().map_err(&mut keep).ok();
        let here = |mistake| Invalid { setting: "object_store.body_limit".to_owned(), ..mistake };
        let body_limit = body_limit::check(written.body_limit).map_err(here);
        let body_limit = body_limit.map_err(&mut keep).ok();
        let (url, backend) = place?;
        Some(Self {
            url,
            secrets: written.secrets.clone(),
            backend,
            options,
            include: include.clone(),
            exclude: exclude.clone(),
            settle: settle?,
            concurrency: concurrency?,
            listing_concurrency: listing?,
            object_limit: object_limit?,
            body_limit: body_limit?,
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

fn refusal(setting: &str, code: &'static str, (message, help): Refusal) -> Invalid {
    Invalid::new(setting, code, message).help(help)
}

/// Reads the URL, and sees whether its store can be reached at all.
fn check_url(text: &str) -> Result<(Url, Backend), Invalid> {
    const SETTING: &str = "object_store.url";
    let scheme = text.split(':').next().unwrap_or_default().to_ascii_lowercase();
    let veiled = |(message, help): Refusal| {
        let message = match is_visible(Content::Name, &scheme) {
            true => message,
            false => message.replace(&format!("has the scheme `{scheme}`"), "has a scheme"),
        };
        // What is shown of it there may still hold a secret in its host or path.
        (veil(message, Content::Url, &redacted(text)), help)
    };
    let place = url::check(text, text);
    let place = place.map_err(|refused| refusal(SETTING, "bad-url", veiled(refused)))?;
    let (feature, compiled_in) = match place.1 {
        Backend::Local => ("object-store", cfg!(feature = "object-store")),
        Backend::S3 => ("aws", cfg!(feature = "aws")),
        Backend::Gcs => ("gcp", cfg!(feature = "gcp")),
        Backend::Azure => ("azure", cfg!(feature = "azure")),
        Backend::Http => ("http", cfg!(feature = "http")),
    };
    if compiled_in { Ok(place) } else { Err(Invalid::feature(SETTING, feature)) }
}

/// An object has one value.
fn check_decode(decode: Option<Format>, mut refuse: impl FnMut(Invalid)) {
    if let Some(format) = decode.filter(|format| format.is_list()) {
        let message = format!("`{}` is a list, and an object has one value", format.word());
        refuse(
            Invalid::new("decode", "no-use", message)
                .help("write `json`, `yaml`, `text` or `bytes`"),
        );
    }
}

/// The options, in lower case. Of an unknown store only the values are checked.
fn check_options(
    written: &[(String, SecretSource)],
    place: Option<&(Url, Backend)>,
    mut refuse: impl FnMut(Invalid),
) -> Vec<(String, SecretSource)> {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (name, value) in written {
        let value = &auth::written_out(value);
        let setting = format!("object_store.option.{name}");
        let found = place.map(|(_, backend)| options::find(*backend, name));
        let option = match found.transpose() {
            Err(refused) => {
                let refused = (veil(refused.0, Content::Name, name), refused.1);
                refuse(refusal(&setting, "unknown-option", refused));
                continue;
            }
            Ok(option) => option,
        };
        if let Some(option) = option {
            match seen.iter().find(|(known, _)| *known == option) {
                Some((_, first)) => {
                    refuse(refusal(&setting, "duplicate-option", twice(first, name)));
                }
                None => seen.push((option, name)),
            }
        }
        if let Err(invalid) = check_value(&setting, name, value) {
            refuse(invalid);
        } else if let (Some(option), Some((url, _)), SecretSource::Value(value)) =
            (option, place, value)
            && let Err((code, refused)) = check_text(option, name, value.expose(), url)
        {
            refuse(refusal(&setting, code, refused));
        }
    }
    let read = |(name, value): &(String, _)| (name.to_ascii_lowercase(), auth::written_out(value));
    written.iter().map(read).collect()
}

fn twice(first: &str, second: &str) -> Refusal {
    let message = if first == second {
        format!("`{}` is given twice", printable(first))
    } else {
        format!("`{}` and `{}` are one option", printable(first), printable(second))
    };
    (message, "keep one of them".to_owned())
}

/// Refuses a value that was read from a file or a variable, as one that is written out.
#[cfg(feature = "object-store")]
pub(crate) fn check_read(backend: Backend, name: &str, value: &str) -> Result<(), Refusal> {
    options::check_value(options::find(backend, name)?, name, value)
}

/// What the store would refuse, or not listen to.
fn check_text(
    option: &str,
    name: &str,
    value: &str,
    url: &Url,
) -> Result<(), (&'static str, Refusal)> {
    options::check_value(option, name, value).map_err(|refused| ("bad-option", refused))?;
    options::check_container(option, name, value, url).map_err(|refused| ("no-use", refused))
}

fn check_value(setting: &str, name: &str, value: &SecretSource) -> Result<(), Invalid> {
    match value {
        SecretSource::Value(value) if value.expose().is_empty() => Err(Invalid::new(
            setting,
            "empty-text",
            format!("the option `{}` is empty", printable(name)),
        )
        .help("write it out, or leave it out")),
        other => auth::check_secret(setting, other),
    }
}

fn check_globs(include: &[String], exclude: &[String], mut refuse: impl FnMut(Invalid)) {
    let included: HashSet<_> = include.iter().collect();
    for (block, globs) in [("include", include), ("exclude", exclude)] {
        for (n, glob) in globs.iter().enumerate() {
            let setting = format!("object_store.{block}.{n}");
            if let Err((message, help)) = glob::check(glob) {
                let message = veil(message, Content::Glob, glob);
                refuse(refusal(&setting, "bad-glob", (message, help)));
            } else if block == "exclude" && included.contains(glob) {
                let message = format!("{} is included and excluded", quoted(Content::Glob, glob));
                refuse(Invalid::new(setting, "no-use", message).help("keep one of them"));
            }
        }
    }
}

fn check_settle(settle: Option<Duration>) -> Result<Duration, Invalid> {
    let settle = settle.unwrap_or_default();
    if settle <= LONGEST_SETTLE {
        return Ok(settle);
    }
    let message = format!("`{}` is too long", duration::show(settle));
    let help = format!("`settle` is at most `{}`", duration::show(LONGEST_SETTLE));
    Err(Invalid::new("object_store.settle", "out-of-range", message).help(help))
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
