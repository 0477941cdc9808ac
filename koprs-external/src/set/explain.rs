//! What a watcher of a set comes to: its effective settings, where each comes from, and what it asks for.

mod effective;

use std::fmt;

use super::WatcherSet;
use crate::config::{Declared, FilePlace};
use crate::declared;
use crate::error::Result;
use crate::http::{RequestPreview, preview};
use crate::secret::{masked_path, redacted};
use crate::spec::table::{Row, row};
use crate::spec::{Auth, HttpSpec, ObjectStoreSpec, SourceSpec};

/// What a watcher comes to; made by [`WatcherSet::explain`]. What may be a secret is `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explanation {
    /// The name of the watcher.
    pub watcher: String,
    /// Where it stands.
    pub place: FilePlace,
    /// Every setting that is in use, in the order of the reference.
    pub settings: Vec<Effective>,
    /// What a poll asks for.
    pub asks: Asks,
}

/// A setting that is in use.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Effective {
    /// Where it stands in the declaration of the watcher, as YAML spells it: `http.bodyLimit`.
    pub setting: String,
    /// Its value as YAML spells it. A default that follows from something else is said in words.
    pub value: String,
    /// Who says so.
    pub origin: Origin,
}

/// Who says what a setting is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The watcher itself.
    Watcher(FilePlace),
    /// The `defaults` of its file.
    Defaults(FilePlace),
    /// Nobody: it is the default of the library.
    BuiltIn,
}

/// `watchers.yaml:12:7`, `defaults, watchers.yaml:3:3` or `built in`.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Watcher(place) => place.fmt(f),
            Self::Defaults(place) => write!(f, "defaults, {place}"),
            Self::BuiltIn => f.write_str("built in"),
        }
    }
}

/// What a poll asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Asks {
    /// A request.
    Request(RequestPreview),
    /// The listing of an object store, and what is in its objects where they are followed.
    Listing(ListingPreview),
}

/// What is listed of an object store.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListingPreview {
    /// The store, and the path below which objects are listed, as a URL without credentials.
    pub url: String,
    /// The globs of objects that are followed; nothing means all.
    pub include: Vec<String>,
    /// The globs of objects that are left out.
    pub exclude: Vec<String>,
}

impl WatcherSet {
    /// Says what a watcher comes to: every setting that is in use with where it comes from, and the first
    /// request, or what is listed. Nothing is sent, and neither files nor variables are read for it.
    ///
    /// ```
    /// use koprs_external::set::WatcherSet;
    ///
    /// let set = WatcherSet::from_str(
    ///     "
    /// apiVersion: koprs-external/v1
    /// defaults: { interval: 30s }
    /// watchers:
    ///   - name: flags
    ///     http: { url: https://api.example.com/v1/flags }
    /// ",
    /// )?;
    /// let flags = set.explain("flags")?;
    /// let interval = flags.settings.iter().find(|it| it.setting == "interval").unwrap();
    /// assert_eq!(interval.value, "30s");
    /// assert_eq!(interval.origin.to_string(), "defaults, <text>:3:23");
    /// # Ok::<(), koprs_external::error::ExternalError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ExternalError::Invalid`](crate::ExternalError::Invalid) when there is no such watcher, and the error of
    /// a client that cannot be made.
    pub fn explain(&self, name: &str) -> Result<Explanation> {
        let declared = self.find(name)?;
        let asks = match declared.spec.source() {
            SourceSpec::Http(http) => Asks::Request(request(declared, http)?),
            SourceSpec::ObjectStore(store) => Asks::Listing(listing(declared, store)),
        };
        Ok(Explanation {
            watcher: name.to_owned(),
            place: declared.home(),
            settings: effective::settings(declared),
            asks,
        })
    }
}

impl Declared {
    /// What stands for a value that came from a variable.
    fn called(&self, row: Row) -> Option<&str> {
        self.expanded.called(self.settings().find(row)?.place)
    }

    /// Whether the value of a parameter of `query` came from a variable.
    fn query_is_expanded(&self, name: &str) -> bool {
        let mut query = self.settings().pairs(row!("http.query")).iter();
        query.any(|it| it.name.text == name && self.expanded.holds(it.value.place))
    }

    /// How a URL is shown that has variables in it.
    fn written_url(&self, setting: &str) -> Option<&str> {
        let place = self.settings().exact(setting)?;
        self.expanded.url(place).or_else(|| self.expanded.called(place))
    }
}

fn request(declared: &Declared, http: &HttpSpec) -> Result<RequestPreview> {
    let hidden = |name: &str| declared.query_is_expanded(name);
    let mut request = preview(&declared::asked(&declared.spec, http), hidden)?;
    hide_names(declared, http, &mut request);
    if let Some(written) = declared.written_url("http.url") {
        let beside = declared.settings().pairs(row!("http.query")).len();
        // Those of its own query are in what is written.
        let own = http.url.query_pairs().count().saturating_sub(beside);
        let names = request.url.split_once('?').map_or("", |(_, query)| query);
        request.url = with_query(written, names.split('&').skip(own));
    }
    Ok(request)
}

/// A URL with more in its query.
fn with_query<'a>(url: &str, more: impl Iterator<Item = &'a str>) -> String {
    let more = more.filter(|pair| !pair.is_empty()).enumerate();
    more.fold(url.to_owned(), |url, (n, pair)| {
        let separator = if n > 0 || url.contains('?') { '&' } else { '?' };
        format!("{url}{separator}{pair}")
    })
}

/// The name of what carries the credential, when it came from a variable.
fn hide_names(declared: &Declared, http: &HttpSpec, request: &mut RequestPreview) {
    match &http.auth {
        Some(Auth::Header { name, .. }) => {
            let Some(called) = declared.called(row!("http.auth.header.name")) else { return };
            let is_it = |known: &&mut (String, String)| known.0.eq_ignore_ascii_case(name.as_str());
            request.headers.iter_mut().filter(is_it).for_each(|it| it.0 = called.to_owned());
        }
        Some(Auth::Query { .. }) => {
            let Some(called) = declared.called(row!("http.auth.query.name")) else { return };
            // It is the last.
            if let Some(at) = request.url.rfind(['?', '&']) {
                request.url.truncate(at + 1);
                request.url += &format!("{called}=***");
            }
        }
        _ => {}
    }
}

fn listing(declared: &Declared, store: &ObjectStoreSpec) -> ListingPreview {
    let url = declared.written_url("object_store.url").map(str::to_owned);
    ListingPreview {
        url: url.unwrap_or_else(|| masked_path(&redacted(store.url().as_str()))),
        include: shown(declared, row!("object_store.include")),
        exclude: shown(declared, row!("object_store.exclude")),
    }
}

/// The texts of a list, but for those that came from variables.
fn shown(declared: &Declared, row: Row) -> Vec<String> {
    let entries = declared.settings().list(row).iter();
    entries
        .map(|entry| declared.expanded.called(entry.place).unwrap_or(&entry.text).to_owned())
        .collect()
}

#[cfg(test)]
mod tests;
