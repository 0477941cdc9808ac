//! What each code means, for mistakes of which no more may be said.

/// As the table of [`Diagnostic`](super::Diagnostic#codes) has it.
const CODES: &[(&str, &str)] = &[
    ("bad-api-version", "a version of the format that this library does not know"),
    ("bad-duration", "no duration"),
    ("bad-expansion", "a `${…}` that is none, whose value is no text, or that stands in a key"),
    ("bad-format", "no format of content"),
    ("bad-glob", "a glob that is none, or that no path can match"),
    ("bad-header-name", "no name of a header"),
    ("bad-header-value", "a character that no header can carry"),
    ("bad-json", "a `json` body that is none"),
    ("bad-key", "a key that is no word"),
    ("bad-method", "no method of requests"),
    ("bad-name", "a name that is no DNS-1123 label"),
    ("bad-number", "no whole number"),
    ("bad-option", "an option that its object store cannot read"),
    ("bad-path", "a path that would not lead to a file"),
    ("bad-percentage", "no percentage"),
    ("bad-pointer", "no JSON pointer, or one to all of the value where a part is meant"),
    ("bad-scope", "no scope of OAuth 2.0"),
    ("bad-size", "no size"),
    ("bad-syntax", "the file is not YAML"),
    (
        "bad-url",
        "no absolute `http` or `https` URL, or more than an origin; no URL of a place in an object store",
    ),
    ("bad-username", "a username that ends before its end"),
    ("bad-variable", "no name of an environment variable"),
    ("bad-word", "none of the words that a setting has"),
    ("credential-in-the-clear", "a credential that is sent over plain HTTP"),
    ("duplicate-header", "a header given twice, in whatever case"),
    ("duplicate-key", "a key given twice"),
    ("duplicate-name", "two watchers of one name"),
    ("duplicate-option", "an option given twice, in whatever spelling"),
    ("empty-secret", "a secret without text"),
    ("empty-text", "a text of nothing where there has to be one"),
    ("empty-value", "a key without a value"),
    ("half-identity", "a certificate without its key, or a key without its certificate"),
    ("held-never", "removals of a list that are never held"),
    (
        "ignored-variable",
        "a variable by which other tools find credentials, and that is not read here",
    ),
    ("interval-below-timeout", "an interval that is less than the time for one request"),
    ("literal-secret", "a secret that stands in the file itself"),
    ("many-listings", "more than 5 000 listings of an object store a day"),
    ("many-requests", "more than 20 000 requests a day"),
    ("missing-api-version", "no `apiVersion`"),
    ("missing-choice", "none of the keys of which one has to be given"),
    ("missing-feature", "a setting of a feature of this library that is not compiled in"),
    ("missing-interval", "no `interval`, nor a default"),
    ("missing-key", "a list by nature whose items have no `key`"),
    ("missing-name", "a watcher without a `name`"),
    ("missing-platform", "a setting that this platform cannot do"),
    ("missing-setting", "a block without a setting that it needs"),
    ("missing-url", "an `http` or an `objectStore` without a `url`"),
    ("missing-watchers", "no `watchers`"),
    ("no-use", "a setting that changes nothing beside another"),
    ("no-watchers", "an empty list of `watchers`"),
    (
        "not-a-folder",
        "a URL of an object store that names one object, the beginning of names or a glob",
    ),
    ("not-a-list", "a setting of lists, and no list"),
    ("not-a-mapping", "a file that is empty, a list or a value"),
    ("not-utf-8", "a file in another encoding"),
    ("other-kind", "a resource of Kubernetes in the place of a file"),
    ("other-source", "a setting of another kind of source"),
    ("out-of-range", "a number, a share or a duration out of its range"),
    ("own-header", "a header that the library sends by itself, or one of a connection"),
    (
        "placeholder",
        "a `{placeholder}`, a `${…}` or an expression of a template that nothing fills in",
    ),
    ("second-choice", "two keys of which one has to be given"),
    ("several-documents", "more than one document"),
    ("short-deadline", "a deadline below the timeout of a request, or of nearly nothing"),
    ("short-interval", "an interval below what the source takes"),
    ("short-max-backoff", "a `maxBackoff` below the interval"),
    ("too-complex", "too many keys and values, or too deep"),
    ("too-large", "more bytes than a file may have"),
    ("too-long", "a text, or a whole watcher, with more bytes than it may have"),
    ("too-many", "a list with more entries than it may have"),
    ("two-credentials", "`auth` and a header or a query parameter of its name"),
    ("unexpanded-variable", "a `${…}` that stays as it is written"),
    ("unknown-key", "a key that its block does not have"),
    ("unknown-option", "an option that the object store does not have"),
    ("unknown-tag", "a tag of YAML that nothing here knows"),
    ("unset-variable", "a variable of the environment that is not set"),
    ("wrong-type", "a value, a list or a mapping in the place of another"),
    ("zero-limit", "a `bodyLimit` or a `headerLimit` of nothing"),
    ("zero-timeout", "a `timeout` of nothing"),
];

/// What a code means.
pub(super) fn meaning(code: &str) -> Option<&'static str> {
    CODES.iter().find(|(known, _)| *known == code).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_are_those_of_the_documentation() {
        let documented = include_str!("diagnostic.rs").lines();
        let rows = documented.filter_map(|line| line.strip_prefix("/// | `")?.split_once("` | "));
        let rows: Vec<_> = rows.map(|(code, rest)| (code, rest.trim_end_matches(" |"))).collect();
        let meaning = |row: &str| row.trim_start_matches("a warning: ").to_owned();
        let rows: Vec<_> = rows.into_iter().map(|(code, row)| (code, meaning(row))).collect();
        let ours: Vec<_> = CODES.iter().map(|(code, says)| (*code, (*says).to_owned())).collect();
        assert_eq!(ours, rows);
        assert!(CODES.is_sorted());
    }
}
