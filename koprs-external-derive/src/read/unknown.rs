//! A key that its block does not know, and the way out: where it belongs, or what it is called here.

use syn::Ident;
use syn::ext::IdentExt;

use super::{Block, Key};
use crate::attr::keys;
use crate::check::misplaced;
use crate::errors::{Errors, mistake};
use crate::{meant, suggest};

/// The row of a key, or the mistake that there is none. `seen` are the keys before it.
pub(super) fn known<B: Block>(
    key: &Ident,
    seen: &[&'static str],
    errors: &mut Errors,
) -> syn::Result<&'static Key<B>> {
    let name = key.unraw().to_string();
    if let Some(row) = B::KEYS.iter().find(|row| row.name == name) {
        return Ok(row);
    }
    let unknown = format!("unknown setting `{name}`");
    if let Some(help) = of_the_block(B::NAME, &name, errors) {
        return Err(mistake(key, unknown, help));
    }
    if let Some(help) = elsewhere::<B>(&name, errors) {
        return Err(mistake(key, format!("`{name}` does not stand here"), help));
    }
    errors.excuse(B::NAME, "");
    let names = B::KEYS.iter().map(|row| row.name);
    let called = meant::setting(&name, names.clone());
    let meant = called.or_else(|| suggest::nearest(&name, names.clone()));
    for meant in names.clone().filter(|name| B::ONE_OF || Some(*name) == meant) {
        errors.excuse(B::NAME, meant);
    }
    let row = called.and_then(|called| B::KEYS.iter().find(|row| row.name == called));
    let help = match row {
        Some(row) if seen.contains(&row.name) => {
            format!("it is called `{}`, which is given: leave it out", row.name)
        }
        Some(row) if row.name == "value" => {
            "a secret is named: `env = \"NAME\"`, or `file = \"/path\"`; written out it is `value`"
                .to_owned()
        }
        Some(row) => format!("it is called `{}`: write `{}`", row.name, row.form),
        None if B::NAME.is_empty() && meant.is_none() => match of_http(&name) {
            Some(known) => format!("it is called `{known}`, and stands in `http(…)`"),
            None => suggest::instead(&name, names),
        },
        None => suggest::instead(&name, names),
    };
    Err(mistake(key, unknown, help))
}

/// What a word means in this block, whether or not another block has a setting of that name.
fn of_the_block(block: &'static str, name: &str, errors: &mut Errors) -> Option<String> {
    if let Some(help) = meant::nowhere(block, name) {
        // What the block needs may have been meant.
        errors.excuse_block(block, ["ca"]);
        return Some(help.to_owned());
    }
    if block != "object_store" {
        return None;
    }
    errors.excuse(block, "");
    if meant::IN_URL.contains(&name) {
        errors.excuse(block, "url");
        return Some("the URL names it: `url = \"s3://bucket/models/\"`".to_owned());
    }
    if let Some(option) = misplaced(name) {
        let value = if option.is_secret { "env(\"NAME\")" } else { "\"…\"" };
        let form = format!("option(\"{}\" = {value})", option.name);
        return Some(format!("it is an option of the store: write `{form}`"));
    }
    match name {
        "items" | "at" | "key" => Some("objects are told apart by their path: leave it out".into()),
        "limit" => Some("it is called `object_limit`: write `object_limit = 100000`".into()),
        _ => None,
    }
}

/// The blocks of the sources, and what they are of.
const SOURCES: [(&str, &str); 2] = [("http", "HTTP"), ("object_store", "object stores")];

/// Where a key belongs that another block knows.
fn elsewhere<B: Block>(name: &str, errors: &mut Errors) -> Option<String> {
    if B::NAME == "http" && name == "params" {
        errors.excuse_all("", "params");
        let help = "a parameter of the query is `query(\"name\" = \"value\")`; those of the declaration stand beside the source";
        return Some(help.to_owned());
    }
    let mut homes: Vec<_> =
        keys().into_iter().filter(|(_, known)| *known == name && !B::ALONE).collect();
    let within = |block: &str| block.starts_with(B::NAME) && !B::NAME.is_empty();
    // Beside the source if it can be, else within this block, else the outermost.
    homes.sort_by_key(|(block, _)| (!block.is_empty(), !within(block), block.matches('.').count()));
    let (first, known) = *homes.first()?;
    let of = |source: &str| homes.iter().all(|(block, _)| block.split('.').next() == Some(source));
    let around = B::NAME.split('.').next().unwrap_or_default();
    let of_another = SOURCES.iter().find(|(source, _)| {
        SOURCES.iter().any(|(block, _)| *block == around) && *source != around && of(source)
    });
    if let Some((_, kind)) = of_another {
        errors.excuse(B::NAME, "");
        return Some(format!("`{name}` is a setting of {kind}: leave it out"));
    }
    errors.excuse_all(first, known);
    let form = |block: &str| match block.rsplit('.').next() {
        Some("") | None => "beside the source".to_owned(),
        Some(last) => format!("in `{last}(…)`"),
    };
    // A block beside this one may be as near as one within: both are named.
    let other = homes.iter().skip(1).find(|(block, _)| {
        !first.is_empty() && !block.contains('.') && first.matches('.').count() > 0
    });
    let other = other.map(|(block, _)| format!(", or {}", form(block))).unwrap_or_default();
    Some(format!("it stands {}{other}", form(first)))
}

/// A setting of an HTTP source that others call otherwise.
fn of_http(name: &str) -> Option<&'static str> {
    let known = keys().into_iter().filter(|(block, _)| *block == "http").map(|(_, key)| key);
    meant::setting(name, known.collect::<Vec<_>>())
}
