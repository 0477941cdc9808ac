//! `object_store.url`: whose store it is, and where in it the objects are. The derive has the same file.

use url::Url;

use super::near::nearest;
use super::{Refusal, misspelt, redacted};

/// Who keeps the objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    Local,
    S3,
    Gcs,
    Azure,
    Http,
}

impl Backend {
    /// How it is called in messages.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Local => "local files",
            Self::S3 => "S3",
            Self::Gcs => "Google Cloud Storage",
            Self::Azure => "Azure",
            Self::Http => "WebDAV",
        }
    }
}

pub(crate) const SCHEMES: [&str; 11] =
    ["file", "s3", "s3a", "gs", "az", "azure", "abfs", "abfss", "adl", "http", "https"];
/// Whose URLs name the container before an `@`.
const WITH_CONTAINER: [&str; 3] = ["az", "abfs", "abfss"];
const FORM: &str = "write an absolute URL, as `s3://bucket/models/`";
const FORMS: &str =
    "write an absolute URL, as `s3://bucket/models/`, or `file:///var/models/` for a folder";
const FOLDER: &str = "write an absolute path, as `file:///var/models/`";

/// Reads the URL of an object store, which is shown as it was written. Nothing is mended.
pub(super) fn check(text: &str, written: &str) -> Result<(Url, Backend), Refusal> {
    if let Some((has, help)) = misspelt(text) {
        return Err((format!("the URL has {has}"), help.to_owned()));
    }
    let refused =
        |why: &str, help: &str| (format!("`{}` {why}", redacted(written)), help.to_owned());
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    if scheme == "memory" {
        let help = "write the URL of a store that others can reach, as `s3://bucket/models/`; in Rust an in-memory \
                    store is handed to `ObjectStorePoller::new`";
        return Err(refused("would be empty for ever", help));
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return Err(if scheme == "file" {
            ("the path of the `file` URL is relative".to_owned(), FOLDER.to_owned())
        } else {
            refused("is not an absolute URL", &slashes(&scheme))
        });
    };
    if !SCHEMES.contains(&scheme.as_str()) {
        let why = format!("has the scheme `{scheme}`, which no object store has");
        return Err(refused(&why, &schemes(&scheme)));
    }
    let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let place = misplaced(&scheme, authority, path);
    if let Some((why, help)) = place {
        return Err(refused(why, help));
    }
    let url = Url::parse(text).map_err(|error| refused(&format!("is not a URL: {error}"), FORM))?;
    let (backend, container) = backend(&scheme, url.host_str().unwrap_or_default());
    if container == Container::InPath && path.trim_matches('/').is_empty() {
        return Err(refused("names no bucket", "its path begins with the bucket"));
    }
    match path_fault(path) {
        Some((why, help)) => Err(refused(why, help)),
        None => Ok((url, backend)),
    }
}

fn slashes(scheme: &str) -> String {
    match SCHEMES.iter().find(|known| **known == scheme) {
        Some(scheme) => format!("write two slashes: `{scheme}://…`"),
        None => FORMS.to_owned(),
    }
}

fn schemes(scheme: &str) -> String {
    let known: Vec<_> = SCHEMES.iter().map(|scheme| format!("`{scheme}`")).collect();
    let known = known.join(", ");
    match nearest(scheme, SCHEMES) {
        Some(meant) => format!("did you mean `{meant}`? known: {known}"),
        None => format!("known: {known}"),
    }
}

/// What stands where it may not.
fn misplaced(scheme: &str, authority: &str, path: &str) -> Option<(&'static str, &'static str)> {
    let userinfo = authority.rsplit_once('@').map(|(userinfo, _)| userinfo);
    let is_container = |it: &str| WITH_CONTAINER.contains(&scheme) && !it.contains(':');
    if path.contains('?') {
        Some(("has a query", of_a_query(scheme, path)))
    } else if path.contains('#') {
        Some(("has a fragment", "leave it out; a `#` of a path is `%23`"))
    } else if userinfo.is_some_and(|it| !is_container(it)) {
        Some(("has userinfo", "a secret stands in `option`, with its `env` or `file`"))
    } else if scheme == "file" && !authority.is_empty() {
        Some(("names a host", FOLDER))
    } else if scheme != "file" && authority.is_empty() {
        Some(("names no bucket", FORM))
    } else {
        None
    }
}

/// Where that stands which was put into a query.
fn of_a_query(scheme: &str, path: &str) -> &'static str {
    let has = |name: &str| path.split(['?', '&']).any(|pair| pair.split('=').next() == Some(name));
    if has("sig") {
        "a shared access signature stands in `option`, as `azure_storage_sas_token`"
    } else if has("X-Amz-Signature") {
        "a signed URL is of one request; name the bucket, and in `option` \
         `aws_access_key_id` and `aws_secret_access_key`"
    } else if has("X-Goog-Signature") {
        "a signed URL is of one request; name the bucket, as `gs://models/`, and in `option` \
         `google_service_account`"
    } else if scheme.starts_with("http") {
        "leave it out: of an object store the URL is a path; one value behind HTTP is followed by `http`"
    } else {
        "what the store is told stands in `option`; a `?` of a path is `%3F`"
    }
}

/// Where the bucket or container stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Container {
    /// Outside of the path, or there is none.
    Outside,
    /// It begins the path.
    InPath,
}

/// Whose store it is, as `object_store` sees it.
fn backend(scheme: &str, host: &str) -> (Backend, Container) {
    let of = |hosts: &[&str]| hosts.iter().any(|end| host.ends_with(end));
    match scheme {
        "file" => (Backend::Local, Container::Outside),
        "s3" | "s3a" => (Backend::S3, Container::Outside),
        "gs" => (Backend::Gcs, Container::Outside),
        "http" => (Backend::Http, Container::Outside),
        "https" if of(&["dfs.core.windows.net", "blob.core.windows.net"]) => {
            (Backend::Azure, Container::InPath)
        }
        "https" if of(&["dfs.fabric.microsoft.com", "blob.fabric.microsoft.com"]) => {
            (Backend::Azure, Container::InPath)
        }
        "https" if of(&["amazonaws.com"]) && !host.starts_with("s3") => {
            (Backend::S3, Container::Outside)
        }
        "https" if of(&["amazonaws.com", "r2.cloudflarestorage.com"]) => {
            (Backend::S3, Container::InPath)
        }
        "https" => (Backend::Http, Container::Outside),
        _ => (Backend::Azure, Container::Outside),
    }
}

/// Why no object can have this path.
fn path_fault(path: &str) -> Option<(&'static str, &'static str)> {
    let inner = path.strip_prefix('/').unwrap_or(path);
    if inner.is_empty() {
        return None;
    }
    inner.strip_suffix('/').unwrap_or(inner).split('/').find_map(segment_fault)
}

fn segment_fault(segment: &str) -> Option<(&'static str, &'static str)> {
    let Some(segment) = decoded(segment) else {
        return Some(("has a percent escape that is not UTF-8", "write `%25` for a percent sign"));
    };
    match segment.as_str() {
        "" => Some(("has a `//` in its path", "write one `/`")),
        "." | ".." => Some(("has a `.` or a `..` in its path", "write out where it leads")),
        text if text.contains('/') => Some(("has a `%2F` in its path", "write `/`")),
        text if text.contains(|c: char| c.is_ascii_control()) => {
            Some(("has a control character in its path", "no object is called so"))
        }
        _ => None,
    }
}

/// Without its percent escapes (RFC 3986 §2.1).
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|two| *first == b'%' && two.is_ascii());
        let digits = digits.and_then(|two| std::str::from_utf8(two).ok());
        let digits = digits.filter(|two| two.chars().all(|c| c.is_ascii_hexdigit()));
        match digits.and_then(|two| u8::from_str_radix(two, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_says_whose_store_it_is() {
        let cases = [
            ("file:///var/models/", Backend::Local),
            ("FILE:///", Backend::Local),
            ("s3://models", Backend::S3),
            ("S3://models/production/", Backend::S3),
            ("s3a://models/a%20b/ü", Backend::S3),
            ("https://s3.eu-west-1.amazonaws.com/models/", Backend::S3),
            ("https://models.s3.eu-west-1.amazonaws.com", Backend::S3),
            ("https://account.r2.cloudflarestorage.com/models", Backend::S3),
            ("gs://my_models/x", Backend::Gcs),
            ("az://models/x", Backend::Azure),
            ("adl://models/x", Backend::Azure),
            ("azure://models/x", Backend::Azure),
            ("abfs://models/x", Backend::Azure),
            ("abfss://models@account.dfs.core.windows.net/x", Backend::Azure),
            ("https://account.blob.core.windows.net/models", Backend::Azure),
            ("https://onelake.dfs.fabric.microsoft.com/models", Backend::Azure),
            ("http://localhost:8080/dav/", Backend::Http),
            ("https://dav.example.com", Backend::Http),
            ("https://s3.example.com/models", Backend::Http),
        ];
        for (url, backend) in cases {
            assert_eq!(check(url, url).map(|(_, backend)| backend), Ok(backend), "{url}");
        }
    }

    #[test]
    fn a_url_that_names_no_place_in_a_store_is_refused() {
        let cases = [
            ("", "is not an absolute URL"),
            ("models/production", "is not an absolute URL"),
            ("s3:models", "is not an absolute URL"),
            ("file:./models", "is relative"),
            ("file:/models", "is relative"),
            ("file://models/x", "names a host"),
            ("memory:///", "would be empty for ever"),
            ("memory:", "would be empty for ever"),
            ("s3n://models", "has the scheme `s3n`"),
            ("ftp://models", "has the scheme `ftp`"),
            ("s3://", "names no bucket"),
            ("s3:///models", "names no bucket"),
            ("https://s3.amazonaws.com/", "names no bucket"),
            ("https://a.blob.core.windows.net", "names no bucket"),
            ("s3://models?versions", "has a query"),
            ("s3://models/x#1", "has a fragment"),
            ("s3://key:s3cr3t@models/x", "has userinfo"),
            ("https://key:s3cr3t@dav.example.com/", "has userinfo"),
            ("abfss://models:s3cr3t@account.dfs.core.windows.net/x", "has userinfo"),
            ("s3://key@models/x", "has userinfo"),
            ("s3://models//x", "has a `//`"),
            ("s3://models//", "has a `//`"),
            ("s3://models/a/../x", "has a `.` or a `..`"),
            ("https://h/%2e%2E/x", "has a `.` or a `..`"),
            ("s3://models/a%2fb", "has a `%2F`"),
            ("s3://models/a%0Ab", "has a control character in its path"),
            ("s3://models/%ff", "not UTF-8"),
            ("s3://models/a\\b", "the URL has a `\\`"),
            (" s3://models", "the URL has white space around it"),
            ("s3://mo dels/x", "is not a URL"),
        ];
        for (url, why) in cases {
            let (message, help) = check(url, url).map(drop).unwrap_err();
            assert!(message.contains(why), "{url}: {message}");
            assert!(!help.is_empty() && !message.contains("s3cr3t"), "{url}: {message}");
        }
    }

    #[test]
    fn a_misspelt_scheme_is_recognized() {
        for (scheme, meant) in [("s3n", "`s3`"), ("gcs", "`gs`"), ("abfsss", "`abfss`")] {
            assert!(schemes(scheme).starts_with(&format!("did you mean {meant}?")), "{scheme}");
        }
        assert!(schemes("ftp").starts_with("known: `file`, `s3`"));
    }
}
