//! The settings of an object store.

use std::collections::HashSet;

use url::Url;

use super::{Finding, at, missing_feature};
use crate::spec::object_store::{Backend, Refusal, check_option, glob, options, read_url};
use crate::spec::quote::{Content, quoted, veil};
use crate::spec::settings::{Settings, StoreOption, Subject};
use crate::spec::table::row;
use crate::spec::{Format, SecretSource};

pub(super) fn check(settings: &Settings, out: &mut Vec<Finding>) {
    let url = row!("object_store.url");
    let place = settings.get(url).and_then(|text| read_url(text).ok());
    if let Some((_, backend)) = &place
        && let Some(feature) = backend.missing_feature()
    {
        out.push(missing_feature(url, feature));
    }
    let format = settings.get(row!("decode")).and_then(Format::of_word);
    if let Some(format) = format.filter(|format| format.is_list()) {
        // An object has one value.
        let message = format!("`{}` is a list, and an object has one value", format.word());
        out.push(
            at(row!("decode"), "no-use", message).help("write `json`, `yaml`, `text` or `bytes`"),
        );
    }
    if let Some((url, backend)) = place {
        check_options(settings, &url, backend, out);
    }
    check_globs(settings, out);
}

fn check_options(settings: &Settings, url: &Url, backend: Backend, out: &mut Vec<Finding>) {
    let mut seen: Vec<(&str, &str)> = Vec::new();
    for (n, StoreOption { name, value, .. }) in settings.options().iter().enumerate() {
        let entry = Subject::Entry(row!("object_store.option"), n);
        let refuse = |code, (message, help): Refusal| Finding::new(entry, code, message).help(help);
        let name = name.text.as_str();
        // Of a value that cannot be one something was said.
        if value.is_none() {
            continue;
        }
        let option = match options::find(backend, name) {
            Ok(option) => option,
            Err((message, help)) => {
                let refusal = (veil(message, Content::Name, name), help);
                out.push(refuse("unknown-option", refusal));
                continue;
            }
        };
        match seen.iter().find(|(known, _)| *known == option) {
            Some((_, first)) => out.push(refuse("duplicate-option", twice(first, name))),
            None => seen.push((option, name)),
        }
        if let Some(SecretSource::Value(value)) = value
            && let Err((code, refusal)) = check_option(option, name, value.expose(), url)
        {
            out.push(refuse(code, refusal));
        }
    }
}

fn twice(first: &str, second: &str) -> Refusal {
    let message = match first == second {
        true => format!("{} is given twice", quoted(Content::Name, first)),
        false => format!(
            "{} and {} are one option",
            quoted(Content::Name, first),
            quoted(Content::Name, second)
        ),
    };
    (message, "keep one of them".to_owned())
}

fn check_globs(settings: &Settings, out: &mut Vec<Finding>) {
    let included = settings.list(row!("object_store.include"));
    let included: HashSet<_> = included.iter().map(|glob| glob.text.as_str()).collect();
    let exclude = row!("object_store.exclude");
    for (n, glob) in settings.list(exclude).iter().enumerate() {
        let is_glob = glob::check(&glob.text).is_ok();
        if is_glob && included.contains(glob.text.as_str()) {
            let shown = quoted(Content::Glob, &glob.text);
            let message = format!("{shown} is included and excluded");
            let at = Subject::Entry(exclude, n);
            out.push(Finding::new(at, "no-use", message).help("keep one of them"));
        }
    }
}
