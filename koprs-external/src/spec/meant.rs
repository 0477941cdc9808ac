//! What is written as other tools have it, and how it is written here. The derive has the same file.

/// Settings, and what they are called elsewhere.
const SETTINGS: &[(&str, &str)] = &[
    (
        "interval",
        "every period schedule frequency poll pollinterval refreshinterval scrapeinterval cron",
    ),
    ("url", "endpoint source address uri href location baseurl"),
    ("decode", "format type contenttype encoding mediatype"),
    ("query", "params parameters queryparams queryparameters args"),
    ("header", "headers"),
    ("retries", "retry attempts maxretries"),
    ("method", "verb"),
    ("body", "payload data json"),
    (
        "auth",
        "token authorization authentication credentials credential password apikey basicauth \
         bearerauth bearertoken",
    ),
    ("tls", "ssl cacert cafile"),
    ("pages", "pagination paging"),
    ("timeout", "requesttimeout timeoutsecs timeoutseconds timeoutms"),
    ("object_store", "bucket s3 gcs gs azure blob blobs store storage objects"),
    ("http", "https rest api request"),
    ("bearer", "token"),
    ("header", "apikey"),
    ("oauth2", "oauth oidc clientcredentials"),
    ("username", "user login"),
    ("password", "pass pwd passwd"),
    ("token_url", "url tokenendpoint tokenuri endpoint"),
    ("scopes", "scope"),
    ("value", "token secret literal text key"),
    ("env", "variable var envvar"),
    ("file", "path filename tokenfile secretfile"),
    ("link_header", "link links"),
    ("option", "options config configuration settings"),
    ("include", "glob globs match pattern patterns"),
    ("exclude", "skip"),
    ("key", "id"),
    ("at", "path pointer"),
    ("limit", "max maxitems maxpages"),
    ("object_limit", "limit maxobjects"),
];

/// The known setting that has another name elsewhere.
pub(crate) fn setting<'a>(
    word: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let word = plain(word);
    let is_called = |row: &&(&str, &str)| row.1.split(' ').any(|other| other == word);
    let known_as = |row: &(&str, &str)| {
        let name = plain(row.0);
        known.clone().into_iter().find(|known| plain(known) == name)
    };
    SETTINGS.iter().filter(is_called).find_map(known_as)
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect()
}

/// Settings of other tools that do not exist here, by block and in any spelling, and the way out.
const NOWHERE: [(&str, &str, &str); 3] = [
    (
        "http",
        "proxy proxies proxyurl httpproxy httpsproxy noproxy",
        "proxies come from the environment: `HTTPS_PROXY`, `NO_PROXY`",
    ),
    (
        "http",
        "insecure insecureskipverify skipverify skiptlsverify sslverify verify verifyssl",
        "certificates are always verified: name the file of a private authority by `tls` and its `ca`",
    ),
    (
        "http.tls",
        "insecure insecureskipverify insecureskiptlsverify skipverify verify",
        "certificates are always verified: name the file of a private authority by `ca`",
    ),
];

/// The way out, where a block has no setting for what a word means elsewhere.
pub(crate) fn nowhere(block: &str, word: &str) -> Option<&'static str> {
    let word = plain(word);
    let is_meant =
        |row: &&(&str, &str, &str)| row.0 == block && row.1.split(' ').any(|other| other == word);
    NOWHERE.iter().find(is_meant).map(|row| row.2)
}

/// What the URL of an object store says, and others write beside it.
pub(crate) const IN_URL: [&str; 8] =
    ["bucket", "bucket_name", "bucketName", "container", "path", "prefix", "folder", "directory"];

/// Words of a list, and how they are written elsewhere.
const WORDS: &[(&str, &str)] = &[
    ("json", "object"),
    ("yaml", "yml x-yaml"),
    ("text", "plain txt string"),
    ("bytes", "binary raw octet-stream"),
    ("ndjson", "jsonl jsonlines x-ndjson json-lines"),
    ("true", "yes on y 1"),
    ("false", "no off n 0"),
    ("keep", "skip ignore"),
    ("fail", "error"),
];

/// The known word that was written otherwise: in capitals, as a media type.
pub(crate) fn word<'a>(
    text: &str,
    known: impl IntoIterator<Item = &'a str> + Clone,
) -> Option<&'a str> {
    let text = text.to_ascii_lowercase();
    let kind = text.split(';').next().unwrap_or_default().trim();
    let kind = kind.rsplit_once('/').map_or(kind, |(_, subtype)| subtype);
    let is_written = |row: &&(&str, &str)| row.1.split(' ').any(|other| other == kind);
    let find = |word: &str| known.clone().into_iter().find(|known| *known == word);
    find(kind).or_else(|| WORDS.iter().filter(is_written).find_map(|row| find(row.0)))
}

/// Units of time, and how they are written elsewhere.
const UNITS: &[(&str, &str)] = &[
    ("ms", "millis milliseconds millisecond msec msecs"),
    ("s", "sec secs second seconds"),
    ("m", "min mins minute minutes"),
    ("h", "hr hrs hour hours"),
    ("d", "day days"),
];

/// A duration in the units that are known: of `30 sec`, `PT30S` and the like.
pub(crate) fn duration(text: &str) -> String {
    let text = text.trim();
    let text = text.strip_prefix("PT").or_else(|| text.strip_prefix("every ")).unwrap_or(text);
    let text = text.to_lowercase().replace(',', ".");
    let mut meant = String::new();
    for part in text.split_inclusive(|c: char| c.is_ascii_digit() || c == '.') {
        let digit = part.chars().next_back().filter(|c| c.is_ascii_digit() || *c == '.');
        let word = digit.and_then(|digit| part.strip_suffix(digit)).unwrap_or(part).trim();
        let unit = UNITS.iter().find(|row| row.1.split(' ').any(|other| other == word));
        meant.push_str(unit.map_or(word, |row| row.0));
        let begins = !word.is_empty() && digit.is_some();
        meant.extend(begins.then_some(' '));
        meant.extend(digit);
    }
    meant
}

/// The JSON pointer to the same place: of `data.items`, `$.data[*]`, `#/data`, `data/`.
pub(crate) fn pointer(text: &str) -> Option<String> {
    let inner = text.trim_start_matches(['$', '@', '#', '.']);
    let parts = inner.split(['.', '/', '[', ']', '\'', '"']);
    let names: Vec<_> = parts.filter(|part| !matches!(*part, "" | "*")).collect();
    let is_name = |name: &&str| {
        name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' ' | ':' | '@'))
    };
    let pointer: String = names.iter().map(|name| format!("/{name}")).collect();
    names.iter().all(is_name).then_some(pointer)
}

/// How the URL of a setting is written, for those who wrote it otherwise.
pub(crate) fn url(setting: &str, text: &str) -> &'static str {
    if setting == "http.url" {
        http_url(text)
    } else if has_no_scheme(text) {
        "begin it with `https://`"
    } else if setting.ends_with("token_url") {
        "write the URL of the token endpoint, as `https://login.example.com/token`"
    } else {
        "write a scheme and a host, as `https://cdn.example.com`"
    }
}

/// Whether a text is a URL but for its scheme.
fn has_no_scheme(text: &str) -> bool {
    let host = text.split(['/', ':', '?']).next().unwrap_or_default();
    !text.contains("//") && (host.contains('.') || host == "localhost")
}

/// How the URL of an HTTP endpoint is written.
fn http_url(text: &str) -> &'static str {
    const STORES: [&str; 9] =
        ["file:", "s3:", "s3a:", "gs:", "gcs:", "az:", "azure:", "abfs:", "abfss:"];
    if text.contains("{{") || text.contains("<%") || text.contains("{%") {
        "the template has to be rendered first; a URL is `https://api.example.com/v1/flags`"
    } else if STORES.iter().any(|scheme| text.starts_with(scheme)) {
        "an `object_store` follows the objects of a folder: declare the folder as its `url`, as \
         `s3://bucket/models/`, and one file by `include`"
    } else if text.starts_with(['/', '.', '~']) {
        "write an absolute URL, as `https://api.example.com/v1/flags`; a file is followed by \
         `object_store`, with its folder as the `url` (`file:///var/`) and its name in `include`"
    } else if host_has_variable(text) {
        "write the host out: nothing replaces a `$` here"
    } else if has_no_scheme(text) {
        "begin it with `https://`"
    } else {
        "write an absolute URL, as `https://api.example.com/v1/flags`"
    }
}

fn host_has_variable(text: &str) -> bool {
    let rest = text.split_once("://").map_or("", |(_, rest)| rest);
    rest.split('/').next().is_some_and(|host| host.contains('$'))
}

/// Whether a path would be read by a shell otherwise than it is here, or is what should be in the file; and the
/// way out.
pub(crate) fn path(text: &str) -> Option<(&'static str, &'static str)> {
    if text.split('/').any(|part| part == "~") {
        return Some(("`~` is not expanded", "write the path out, as `/home/operator/token`"));
    }
    if text.contains("-----BEGIN") || text.contains(char::is_control) {
        return Some((
            "a path is expected, not what the file holds",
            "write it into a file, and the path of that, as `/run/secrets/key.pem`",
        ));
    }
    let is_url = text.split('/').any(|part| part == "file:");
    is_url.then_some(("a path is expected, not a URL", "write the path alone, as `/run/token`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_known_by_its_names_elsewhere() {
        let known = ["url", "maxBackoff", "interval", "query", "auth", "tokenUrl"];
        let cases = [
            ("every", Some("interval")),
            ("Period", Some("interval")),
            ("params", Some("query")),
            ("token", Some("auth")),
            ("token_endpoint", Some("tokenUrl")),
            ("headers", None),
            ("colour", None),
            ("", None),
        ];
        for (word, meant) in cases {
            assert_eq!(setting(word, known), meant, "{word}");
        }
    }

    #[test]
    fn the_content_of_a_file_is_no_path() {
        for text in ["-----BEGIN PRIVATE KEY-----", "s3cr3t\n", "a\0b"] {
            let (message, help) = path(text).unwrap();
            assert!(
                message.contains("not what the file holds") && !help.contains("s3cr3t"),
                "{text:?}"
            );
        }
        assert_eq!(path("/run/secrets/a key"), None);
    }

    #[test]
    fn a_word_is_known_in_capitals_and_as_a_media_type() {
        let known = ["json", "yaml", "get", "true"];
        let cases = [
            ("JSON", Some("json")),
            ("application/json; charset=utf-8", Some("json")),
            ("application/x-yaml", Some("yaml")),
            ("yml", Some("yaml")),
            ("GET", Some("get")),
            ("Yes", Some("true")),
            ("xml", None),
            ("no", None),
            ("", None),
        ];
        for (text, meant) in cases {
            assert_eq!(word(text, known), meant, "{text}");
        }
    }

    #[test]
    fn a_duration_is_read_in_other_units() {
        let cases = [
            ("30sec", "30s"),
            ("10 seconds", "10s"),
            ("5min", "5m"),
            ("PT1H30M", "1h 30m"),
            ("1 hour 30 minutes", "1h 30m"),
            ("every 30s", "30s"),
            ("1,5s", "1.5s"),
            ("30S", "30s"),
            ("1w", "1w"),
            ("", ""),
            ("s", "s"),
        ];
        for (text, meant) in cases {
            assert_eq!(duration(text), meant, "{text}");
        }
    }

    #[test]
    fn a_path_of_another_language_is_a_pointer() {
        let cases = [
            ("data", Some("/data")),
            ("data.items", Some("/data/items")),
            ("$.data.items[*]", Some("/data/items")),
            ("$['a b'][0]", Some("/a b/0")),
            (".data[]", Some("/data")),
            ("#/data", Some("/data")),
            ("data/", Some("/data")),
            ("$", Some("")),
            ("$..id", Some("/id")),
            ("$.a[?(@.b)]", None),
            ("a~", None),
        ];
        for (text, meant) in cases {
            assert_eq!(pointer(text).as_deref(), meant, "{text}");
        }
    }
}
