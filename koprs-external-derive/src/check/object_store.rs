//! The block `object_store(…)`, checked, and what is said of a value beside it.

mod glob;
pub(super) mod options;
mod url;

use std::time::Duration;

use ::url::Url;
use proc_macro2::TokenTree;
use syn::LitStr;

pub(crate) use self::url::Backend;
use super::url::{misspelt, no_structure, redacted, stand_in};
use super::{auth, bounds, http, items, values};
use crate::attr::{self, StoreOption, Texts};
use crate::errors::{Errors, mistake};
use crate::model::{Format, Items, ObjectStore, Secret};
use crate::quantity::Refusal;
use crate::suggest as near;
use crate::template::{Piece, Template};
use crate::used::Used;

const MOST_CONCURRENCY: u64 = 256;
const MOST_LISTING_CONCURRENCY: u64 = 64;

/// The least interval, and how its source is called.
pub(super) fn least_interval(store: &attr::ObjectStore) -> (Duration, &'static str) {
    let template = store.url.as_ref().and_then(|url| Template::read(url).ok());
    match template.map(|template| check_url(&template)) {
        Some(Ok(Some(Backend::Local))) => (Duration::from_secs(1), "a folder"),
        Some(Ok(_)) => (Duration::from_secs(10), "an object store"),
        _ => (Duration::from_secs(1), "a source"),
    }
}

/// Checks the block; the placeholders that it uses are kept in `used`.
pub(super) fn check(
    store: attr::ObjectStore,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<ObjectStore> {
    let attr::ObjectStore { at, whole: _, url, options, include, exclude, settle, .. } = store;
    if url.is_none() {
        let help = "say what to poll: `url = \"s3://bucket/models/\"`";
        errors.missing("object_store", "url", mistake(&at, "no URL is given", help));
    }
    let url = url.and_then(|url| http::template(&url, used, errors));
    let backend = url.as_ref().and_then(|url| errors.ok(check_url(url))).flatten();
    let place = url.as_ref().and_then(Template::literal).and_then(|url| Url::parse(&url).ok());
    let options = check_options(options, backend, place.as_ref(), used, errors);
    values::bounded("include", &include, bounds::ENTRIES, |text| text, errors);
    values::bounded("exclude", &exclude, bounds::ENTRIES, |text| text, errors);
    check_globs(&include, &exclude, errors);
    let settle = settle.and_then(|text| errors.ok(values::settle(&text)));
    let [concurrency, listing_concurrency, object_limit] = [
        ("concurrency", store.concurrency, Some(MOST_CONCURRENCY)),
        ("listing_concurrency", store.listing_concurrency, Some(MOST_LISTING_CONCURRENCY)),
        ("object_limit", store.object_limit, None),
    ]
    .map(|(name, text, most)| values::number(name, text.as_ref(), 1, most, errors));
    let body_limit = store.body_limit.and_then(|text| errors.ok(values::body_limit(&text)));
    let texts = |globs: Vec<LitStr>| globs.iter().map(LitStr::value).collect();
    Some(ObjectStore {
        url: url?,
        backend,
        options,
        include: texts(include),
        exclude: texts(exclude),
        settle,
        concurrency,
        listing_concurrency,
        object_limit,
        body_limit,
    })
}

/// Whose store it is, unless that is up to an argument.
fn check_url(template: &Template) -> syn::Result<Option<Backend>> {
    no_structure(template)?;
    let written = template.written.value();
    let (_, backend) = url::check(&template.filled(stand_in), &written)
        .map_err(|(message, help)| mistake(&template.written, message, help))?;
    let unsure = backend == Backend::Http && has_open_host(template);
    Ok(Some(backend).filter(|_| !unsure))
}

/// Whether the host has a placeholder.
fn has_open_host(template: &Template) -> bool {
    let mut before = String::new();
    for piece in &template.pieces {
        match piece {
            Piece::Text(text) => before.push_str(text),
            Piece::Param(_) => {
                return before.split_once("://").is_some_and(|(_, rest)| !rest.contains('/'));
            }
        }
    }
    false
}

fn check_options(
    written: Vec<StoreOption>,
    backend: Option<Backend>,
    url: Option<&Url>,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Vec<(String, Secret)> {
    let mut seen: Vec<(&str, String)> = Vec::new();
    let mut checked = Vec::with_capacity(written.len());
    for StoreOption { name: token, value } in written {
        let name = token.value();
        let found = backend.map(|backend| options::find(backend, &name)).transpose();
        let known = match found {
            Err((message, help)) => {
                errors.push(mistake(&token, message, help));
                false
            }
            Ok(None) => true,
            Ok(Some(option)) => {
                errors.ok(check_text(option, &name, value.value.as_ref(), url));
                match seen.iter().find(|(known, _)| *known == option) {
                    Some((_, first)) => errors.push(twice(&token, first, &name)),
                    None => seen.push((option, name.clone())),
                }
                true
            }
        };
        let value = check_value(&name, value, known, used, errors);
        checked.extend(value.map(|value| (name, value)));
    }
    checked
}

/// What the store would refuse, or not listen to; an argument is not known yet.
fn check_text(
    option: &str,
    name: &str,
    value: Option<&LitStr>,
    url: Option<&Url>,
) -> syn::Result<()> {
    let Some(token) = value else { return Ok(()) };
    let Some(text) = Template::read(token).ok().and_then(|it| it.literal()) else { return Ok(()) };
    let container = || url.map_or(Ok(()), |url| options::check_container(option, name, &text, url));
    let checked = options::check_value(option, name, &text).and_then(|()| container());
    checked.map_err(|(message, help)| mistake(token, message, help))
}

fn twice(token: &LitStr, first: &str, second: &str) -> syn::Error {
    let message = if first == second {
        format!("`{first}` is given twice")
    } else {
        format!("`{first}` and `{second}` are one option")
    };
    mistake(token, message, "keep one of them")
}

/// The value; of an unknown option nothing more is told.
fn check_value(
    name: &str,
    texts: Texts,
    known: bool,
    used: &mut Used<'_>,
    errors: &mut Errors,
) -> Option<Secret> {
    match &texts.value {
        Some(text) if known && text.value().is_empty() => {
            let message = format!("the option `{name}` is empty");
            errors.push(mistake(text, message, "write it out, or leave it out"));
        }
        None if known => auth::check_texts(&texts, errors),
        _ => {}
    }
    errors.ok(auth::not_expanded(texts.value.as_ref(), "env(\"NAME\")"))?;
    auth::source(texts, used, errors)
}

fn check_globs(include: &[LitStr], exclude: &[LitStr], errors: &mut Errors) {
    for (globs, beside) in [(include, &[][..]), (exclude, include)] {
        for glob in globs {
            let text = glob.value();
            if let Err((message, help)) = glob::check(&text) {
                errors.push(mistake(glob, message, help));
            } else if beside.iter().any(|other| other.value() == text) {
                let message = format!("`{text}` is included and excluded");
                errors.push(mistake(glob, message, "keep one of them"));
            }
        }
    }
}

/// What is said of the value of each object.
pub(super) fn value(value: items::Value, errors: &mut Errors) -> items::Checked {
    let items::Value { decode, items, key, on_bad_item, ignore, .. } = value;
    let decode: items::Decode = decode.and_then(|word| {
        let format = errors.ok(values::format(&word))?;
        Some((format, word))
    });
    if let Some((Format::Ndjson | Format::Csv, word)) = &decode {
        let message = format!("`{}` is a list, and an object has one value", word.text);
        errors.push(mistake(&word.token, message, "write `json`, `yaml`, `text` or `bytes`"));
    }
    let by_path = "objects are told apart by their path: leave it out";
    if let Some(items) = &items {
        errors.push(no_use(&items.here, "items", by_path));
    }
    if let Some(key) = &key {
        errors.push(no_use(&key.word, "key", by_path));
    }
    if let Some(word) = &on_bad_item {
        let help = "an object that cannot be read keeps its last good value: leave it out";
        errors.push(no_use(&word.token, "on_bad_item", help));
    }
    let ignore = items::ignored(&ignore, &decode, errors);
    items::Checked { decode: items::place(decode), items: Items::default(), ignore, is_list: false }
}

/// What is said of removals beside what an object store can tell.
pub(super) fn removal(removal: &attr::Removal, errors: &mut Errors) {
    if let Some(confirm) = &removal.confirm {
        let token: TokenTree = confirm.token().into();
        let help = "what a listing does not name is gone: leave it out";
        errors.push(no_use(token, "confirm", help));
    }
}

fn no_use(tokens: impl quote::ToTokens, name: &str, help: &str) -> syn::Error {
    values::no_use(tokens, name, "object_store", help)
}
