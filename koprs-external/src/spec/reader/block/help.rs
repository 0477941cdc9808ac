//! The way out of a mistake with a key: how it is called, where it stands, and how it is written.

use super::super::keys::Keys;
use super::Entry;
use crate::spec::meant;
use crate::spec::node::{Node, Value};
use crate::spec::object_store::options::misplaced;
use crate::spec::suggest::{Similar, is_spelling};
use crate::spec::table::{SETTINGS, Setting};

/// The block of the query parameters, whose keys are no settings.
pub(super) const QUERY: &str = "http.query";

/// Keys that cannot be left out.
pub(super) const REQUIRED: [&str; 4] = ["apiVersion", "watchers", "name", "url"];

/// How lists and mappings are written, by where they stand.
const EXAMPLES: &[(&str, &str)] = &[
    ("file.watchers", "`- name: flags` and its settings under it"),
    ("file.defaults", "`defaults: { interval: 30s }`"),
    ("items", "`items: { at: /data, key: /id }`"),
    ("ignore", "`ignore: [/updated_at]`"),
    ("removal", "`removal: { confirm: 2 }`"),
    ("http", "`http:` and under it `url: https://api.example.com/v1/flags`"),
    ("http.query", "`query: { page_size: 100 }`"),
    ("http.header", "`header: { X-Team: flags }`"),
    ("http.body", "`body: { text: … }`"),
    ("http.body.json", "the JSON in quotes: `json: '{ \"page_size\": 100 }'`"),
    ("http.auth", "`auth: { bearer: { env: NAME } }`"),
    ("http.auth.bearer", "`bearer: { env: NAME }`"),
    ("http.auth.basic", "`basic: { username: operator, password: { env: NAME } }`"),
    ("http.auth.basic.password", "`password: { env: NAME }`"),
    ("http.auth.header", "`header: { name: X-Api-Key, env: NAME }`"),
    ("http.auth.query", "`query: { name: api_key, env: NAME }`"),
    (
        "http.auth.oauth2",
        "`oauth2: { tokenUrl: https://…, clientId: operator, clientSecret: { env: NAME } }`",
    ),
    ("http.auth.oauth2.client_secret", "`clientSecret: { env: NAME }`"),
    ("http.auth.oauth2.scopes", "`scopes: [read]`"),
    ("http.tls", "`tls: { ca: ca.pem }`"),
    ("http.pages", "`pages: { linkHeader: {} }`"),
    ("http.pages.link_header", "`linkHeader: {}`"),
    ("http.pages.cursor", "`cursor: { at: /meta/next, param: cursor }`"),
    ("http.pages.number", "`number: { param: page }`"),
    ("http.pages.offset", "`offset: { param: offset }`"),
    ("http.pages.origins", "`origins: [https://cdn.example.com]`"),
    ("object_store", "`objectStore:` and under it `url: s3://bucket/models/`"),
    ("object_store.option", "`option: { aws_region: eu-west-1 }`"),
    ("object_store.include", "`include: [\"**/*.yaml\"]`"),
    ("object_store.exclude", "`exclude: [\"tmp/**\"]`"),
];

/// The way out, where a key of a block is called otherwise.
pub(super) fn called(keys: &Keys, similar: Similar<'static>) -> String {
    let known = || keys.known.iter().copied();
    match similar {
        Similar::Called("value") => {
            "a secret is named: `env: NAME`, or `file: /path`; written out it is `value`".to_owned()
        }
        Similar::Called(known) => match example(keys.block, known) {
            Some(example) => format!("it is called `{known}`: write {example}"),
            None => format!("it is called `{known}`"),
        },
        Similar::None if NAMED.contains(&keys.block) => {
            let (of, key) = keys.block.rsplit_once('.').unwrap_or_default();
            format!("write {}", example(of, key).unwrap_or_default())
        }
        Similar::None if keys.block == "file" => {
            format!("{}; what is kept for anchors is called `x-…`", Similar::None.help(known()))
        }
        other => other.help(known()),
    }
}

/// Credentials that say their name, where others write it for a key.
const NAMED: [&str; 2] = ["http.auth.header", "http.auth.query"];

/// How a Pod takes a secret.
const OF_PODS: [&str; 4] = ["secretKeyRef", "secretRef", "secretName", "valueFrom"];

/// What others write here, and has another place.
pub(super) fn elsewhere(keys: &Keys, name: &str) -> Option<String> {
    if let Some(help) = meant::nowhere(keys.block, name) {
        return Some(help.to_owned());
    }
    let is_secret = keys.known.contains(&"env") && keys.known.contains(&"file");
    if is_secret && OF_PODS.iter().any(|known| is_spelling(name, known)) {
        return Some(
            "no Secret is read from here: mount it and write `file: /path`, or set it in the environment of the Pod \
             and write `env: NAME`"
                .to_owned(),
        );
    }
    if keys.block == "object_store" && meant::IN_URL.contains(&name) {
        return Some("the URL names it: `url: s3://bucket/models/`".to_owned());
    }
    if let Some(option) = misplaced(name).filter(|_| keys.block == "object_store") {
        let value = if option.is_secret { "{ env: NAME }" } else { "…" };
        let form = format!("`option: {{ {}: {value} }}`", option.name);
        return Some(format!("it is an option of the store: write {form}"));
    }
    if keys.block == "file" && ["kind", "metadata", "spec"].contains(&name) {
        return Some("this is no resource of Kubernetes: leave it out".to_owned());
    }
    let is_here = Similar::setting(name, keys.known.iter().copied()) != Similar::None;
    let (block, known) = below(keys, name).filter(|_| !is_here)?;
    Some(format!("it is called `{known}`, and stands under `{block}`"))
}

/// A key of a block below that others call otherwise, and that block.
pub(super) fn below(keys: &Keys, name: &str) -> Option<(&'static str, &'static str)> {
    let known = keys.below.iter().flat_map(|(_, below)| below.iter().copied());
    let known = meant::setting(name, known)?;
    keys.below(known).map(|block| (block, known))
}

/// The blocks of the sources, and what they are of.
const SOURCES: [(&str, &str); 2] = [("http", "HTTP"), ("object_store", "object stores")];

pub(super) fn is_source(block: &str) -> bool {
    SOURCES.iter().any(|(source, _)| *source == block)
}

/// The other kind of source that has a key which this one has not.
pub(super) fn of_another(block: &str, key: &str) -> Option<&'static str> {
    let known = |block: &str| setting(block, key).is_some();
    if !is_source(block) || known(block) {
        return None;
    }
    SOURCES.iter().find(|(other, _)| known(other)).map(|(_, kind)| *kind)
}

pub(super) fn way_out(entry: Entry<'_>, expected: &str) -> String {
    let name = entry.key.value;
    if is_template(entry.node) {
        return super::super::RENDER.to_owned();
    }
    match (written(entry, expected), setting(entry.block, name)) {
        (how, Some(setting)) if how == expected => format!("`{name}`: {}", setting.doc),
        (how, _) => match &entry.node.value {
            Value::Scalar(text) if text.contains(':') && !text.contains("://") => {
                format!("write {how}, with a space after the colon")
            }
            Value::Sequence(_) if entry.block == QUERY => format!(
                "write {how}; what stands several times goes into the `url`: `?tag=a&tag=b`"
            ),
            _ => format!("write {how}"),
        },
    }
}

/// `{{ .Values.x }}` is a mapping whose key is a mapping.
fn is_template(node: &Node) -> bool {
    let is_mapping = |node: &Node| matches!(node.value, Value::Mapping(_));
    matches!(&node.value, Value::Mapping(entries) if entries.iter().any(|(key, _)| is_mapping(key)))
}

/// How what is `expected` of a key is written.
pub(super) fn written<'a>(entry: Entry<'_>, expected: &'a str) -> &'a str {
    let example = example(entry.block, entry.key.value);
    let of_a_value = expected == "a value" && entry.key.value != "json";
    example.filter(|_| !of_a_value).unwrap_or(expected)
}

pub(super) fn example(block: &str, key: &str) -> Option<&'static str> {
    let name = setting(block, key).map_or(key, |setting| setting.name);
    let path = if block.is_empty() { name.to_owned() } else { format!("{block}.{name}") };
    EXAMPLES.iter().find(|(of, _)| *of == path).map(|(_, example)| *example)
}

pub(super) fn setting(block: &str, key: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.block == block && setting.yaml() == key)
}
