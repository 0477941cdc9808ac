//! A URL names a folder, and what is below it is listed: one that names an object, the beginning of names or a glob
//! lists nothing, for ever.

use percent_encoding::percent_decode_str;
use url::Url;

use super::url::Backend;

/// What a URL looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    OneObject,
    BeginningOfNames,
    Glob,
}

/// A URL that hardly names a folder, and how it was probably meant.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotAFolder {
    pub(crate) look: Look,
    /// The folder of it.
    pub(crate) folder: String,
    /// What of the folder to include: keys are compared without percent-encoding.
    pub(crate) include: Vec<String>,
}

/// Longer endings are parts of names.
const LONGEST_EXTENSION: usize = 8;
/// Where a name goes on that is cut off here.
const SEPARATORS: [char; 4] = ['-', '_', '.', '='];

/// What a URL looks like that does not look like a folder. One that ends with a `/` is a folder, whatever its name.
pub(crate) fn not_a_folder(url: &Url, backend: Backend) -> Option<NotAFolder> {
    let path = url.path().strip_prefix('/').unwrap_or(url.path());
    let segments: Vec<_> = path.split('/').collect();
    let is_bucket = matches!(url.scheme(), "http" | "https") && backend != Backend::Http;
    let first = usize::from(is_bucket);
    let glob = segments.iter().skip(first).position(|segment| is_glob(segment));
    if let Some(at) = glob {
        let (folder, include) = segments.split_at(at + first);
        let include = vec![decoded(include.join("/").trim_end_matches('/'))];
        return Some(NotAFolder { look: Look::Glob, folder: shown(url, folder), include });
    }
    let (name, folder) = segments.split_last()?;
    if folder.len() < first {
        return None;
    }
    let (look, include) = if is_one_object(name) {
        (Look::OneObject, vec![decoded(name)])
    } else if name.ends_with(SEPARATORS) {
        let name = decoded(name);
        (Look::BeginningOfNames, vec![format!("{name}*"), format!("{name}*/**")])
    } else {
        return None;
    };
    Some(NotAFolder { look, folder: shown(url, folder), include })
}

fn is_glob(segment: &str) -> bool {
    segment.contains('*') || segment.split_once('[').is_some_and(|(_, rest)| rest.contains(']'))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Endings of domains, as folders of sites have them.
const DOMAINS: [&str; 5] = ["com", "dev", "io", "net", "org"];

/// Whether a name ends like that of a file. `v1.2`, `conf.d` and `example.com` are folders.
fn is_one_object(name: &str) -> bool {
    let Some((stem, extension)) = name.rsplit_once('.') else { return false };
    !stem.is_empty()
        && (2..=LONGEST_EXTENSION).contains(&extension.len())
        && extension.chars().all(|c| c.is_ascii_alphanumeric())
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && !DOMAINS.contains(&extension)
}

/// The URL of a folder, as far as it may be shown.
fn shown(url: &Url, folder: &[&str]) -> String {
    let mut folder = folder.join("/");
    folder.extend((!folder.is_empty()).then_some('/'));
    let user = match url.username() {
        "" => String::new(),
        container => format!("{container}@"),
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{user}{}{port}/{folder}", url.scheme(), url.host_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(url: &str) -> Option<(Look, String, String)> {
        let (url, backend) = super::super::url::check(url, url).unwrap();
        let not_a_folder = not_a_folder(&url, backend)?;
        Some((not_a_folder.look, not_a_folder.folder, not_a_folder.include.join(" ")))
    }

    #[test]
    fn a_url_that_names_no_folder_is_told_with_its_folder() {
        let cases = [
            ("s3://b/config.yaml", Look::OneObject, "s3://b/", "config.yaml"),
            ("s3://b/a/b/config.json.gz", Look::OneObject, "s3://b/a/b/", "config.json.gz"),
            ("gs://b/logs/2024-", Look::BeginningOfNames, "gs://b/logs/", "2024-* 2024-*/**"),
            ("az://b/date=", Look::BeginningOfNames, "az://b/", "date=* date=*/**"),
            ("s3://b/*.yaml", Look::Glob, "s3://b/", "*.yaml"),
            ("s3://b/a/**/x/", Look::Glob, "s3://b/a/", "**/x"),
            ("s3://b/[ab]/x", Look::Glob, "s3://b/", "[ab]/x"),
            ("s3://b/a b/*.{yaml,yml}", Look::Glob, "s3://b/a%20b/", "*.{yaml,yml}"),
            ("s3://b/a/my config.yaml", Look::OneObject, "s3://b/a/", "my config.yaml"),
            ("s3://b/ä-", Look::BeginningOfNames, "s3://b/", "ä-* ä-*/**"),
            ("file:///var/models/a.yaml", Look::OneObject, "file:///var/models/", "a.yaml"),
            (
                "https://dav.example.com:8443/x/a.yaml",
                Look::OneObject,
                "https://dav.example.com:8443/x/",
                "a.yaml",
            ),
            (
                "abfss://c@a.dfs.core.windows.net/a.yaml",
                Look::OneObject,
                "abfss://c@a.dfs.core.windows.net/",
                "a.yaml",
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/b/a.yaml",
                Look::OneObject,
                "https://s3.eu-west-1.amazonaws.com/b/",
                "a.yaml",
            ),
        ];
        for (url, look, folder, include) in cases {
            assert_eq!(told(url), Some((look, folder.to_owned(), include.to_owned())), "{url}");
        }
    }

    #[test]
    fn a_folder_is_told_nothing() {
        let folders = [
            "s3://b",
            "s3://b.example.com",
            "s3://b/",
            "s3://b/models",
            "s3://b/models/",
            "s3://b/config.yaml/",
            "s3://b/logs/2024-/",
            "s3://b/v1.2",
            "s3://b/etc/conf.d",
            "s3://b/.git",
            "s3://b/www.example.com",
            "s3://b/%5Ba%5D/%2A",
            "https://s3.eu-west-1.amazonaws.com/b.example.com",
            "https://account.blob.core.windows.net/models",
            "https://dav.example.com",
        ];
        for url in folders {
            assert_eq!(told(url), None, "{url}");
        }
    }
}
