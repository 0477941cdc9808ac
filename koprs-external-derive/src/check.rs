//! From the attribute as written to the model, collecting every mistake.
//!
//! The library checks the same things again when a declaration is built, where the values of the
//! parameters are known; the words are the same.

mod auth;
mod body;
#[allow(dead_code, reason = "the library has the same file")]
mod bounds;
mod http;
mod items;
mod object_store;
mod own_header;
mod pages;
#[cfg(test)]
mod tests;
mod url;
mod values;

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens, format_ident};
use syn::{Data, DeriveInput, GenericParam, Ident, LitStr, Path, PathArguments, Type, parse_quote};

pub(crate) use self::object_store::Backend;
pub(crate) use self::object_store::options::misplaced;
pub(crate) use self::values::name;
use crate::attr::{External, Http, ObjectStore, Params, Text};
use crate::errors::{Errors, mistake};
use crate::model::{Endpoint, Face, Source};
use crate::used::Used;

/// Checks a declaration. What cannot be expanded is `None`; then there is a mistake.
pub(crate) fn check(
    input: &DeriveInput,
    external: External,
    errors: &mut Errors,
) -> (Option<Face>, Option<Source>) {
    let External { at, http, object_store, params, item, krate, name, interval, texts, .. } =
        external;
    let (max_backoff, jitter) = (external.max_backoff, external.jitter);
    let store = object_store.as_ref().filter(|_| http.is_none());
    let of_objects = store.is_some() || http.is_none() && errors.excused("", "object_store");
    let value = items::Value {
        decode: external.decode,
        items: external.items,
        key: external.key,
        is_foreign: item.is_some(),
        on_bad_item: external.on_bad_item,
        ignore: external.ignore,
        by_head: http.as_ref().is_some_and(http::is_head),
    };
    let ident = &input.ident;
    let at = at.unwrap_or_else(|| {
        errors.excuse("", "http");
        errors.excuse("", "interval");
        errors.push(mistake(
            ident,
            format!("`{ident}` has no `#[external(…)]`"),
            "write at least `#[external(http(url = \"https://…\"), interval = \"30s\")]`",
        ));
        ident.clone().into()
    });
    let name = errors.ok(values::name(ident, name.as_ref()));
    let least = store.map_or(values::LEAST_HTTP, object_store::least_interval);
    let interval = values::interval(&at, interval.as_ref(), least, errors);
    let max_backoff = values::max_backoff(max_backoff.as_ref(), interval, errors);
    let jitter = jitter.and_then(|text| errors.ok(values::jitter(&text)));
    let timeout = http.as_ref().and_then(|http| http.timeout.as_ref());
    let deadline = external.deadline.as_ref();
    let deadline = deadline.and_then(|text| {
        errors.ok(match of_objects {
            true => values::deadline_of_a_listing(text),
            false => values::deadline(text, timeout),
        })
    });
    let memory = |name, text: &Option<LitStr>, default, errors: &mut Errors| {
        text.as_ref().and_then(|text| errors.ok(values::memory(name, text, default)))
    };
    let memory_limit = memory("memory_limit", &external.memory_limit, "1GiB", errors);
    let walk_limit = memory("walk_limit", &external.walk_limit, "512MiB", errors);
    let value = match of_objects {
        true => object_store::value(value, errors),
        false => items::check(value, errors),
    };
    let removal = items::removal(&external.removal, errors);
    if of_objects {
        object_store::removal(&external.removal, errors);
    }
    let endpoint = endpoint(&at, (http, object_store), value.is_list, (&params, &texts), errors);
    let source = || {
        Some(Source {
            name: name?,
            interval: interval?,
            max_backoff,
            jitter,
            deadline,
            decode: value.decode,
            items: value.items,
            ignore: value.ignore,
            removal,
            memory_limit,
            walk_limit,
            endpoint: endpoint?,
        })
    };
    let face = face(input, params, item, krate, errors);
    let distinct = external.distinct;
    (face.map(|face| Face { distinct, of_objects, ..face }), source())
}

/// The face, if its payload and its crate could be read.
fn face(
    input: &DeriveInput,
    params: Params,
    item: Option<Type>,
    krate: Option<Path>,
    errors: &mut Errors,
) -> Option<Face> {
    let shaped = errors.ok(shape(input)).is_some();
    let distinct = values::distinct(&params.list, errors);
    let shaped = item.iter().all(|item| errors.ok(content(item)).is_some()) && shaped;
    let unread = (item.is_none() && errors.excused("", "item"))
        || (krate.is_none() && errors.excused("", "crate"));
    if !shaped || unread {
        return None;
    }
    let ident = &input.ident;
    let mut params = params;
    if params.broken || !distinct {
        for (n, param) in params.list.iter_mut().enumerate() {
            param.name = format_ident!("argument_{n}");
        }
    }
    Some(Face {
        krate: krate.unwrap_or_else(|| parse_quote!(::koprs_external)),
        vis: input.vis.clone(),
        ident: ident.clone(),
        payload: item
            .map(|item| without_self(item.into_token_stream(), ident))
            .map_or_else(|| parse_quote!(#ident), |item| parse_quote!(#item)),
        distinct: false,
        of_objects: false,
        params: params.list,
    })
}

/// `Self` in `item` is the annotated type; in the items of the generated one it would be that.
fn without_self(item: TokenStream, ident: &Ident) -> TokenStream {
    let replaced = item.into_iter().map(|token| match token {
        TokenTree::Ident(word) if word == "Self" => {
            let mut own = ident.clone();
            own.set_span(word.span());
            own.into()
        }
        TokenTree::Group(group) => {
            let inner = without_self(group.stream(), ident);
            let mut inner = Group::new(group.delimiter(), inner);
            inner.set_span(group.span());
            inner.into()
        }
        other => other,
    });
    replaced.collect()
}

/// The one source, and the parameters that stand in it.
fn endpoint(
    at: &Path,
    (http, store): (Option<Http>, Option<ObjectStore>),
    is_list: bool,
    (params, texts): (&Params, &[Text]),
    errors: &mut Errors,
) -> Option<Endpoint> {
    let mut used = Used::new(params);
    if let (Some(_), Some(store)) = (&http, &store) {
        let message = "`http` and `object_store` are both given: exactly one is needed";
        errors.push(mistake(&store.at, message, "keep one of them"));
        used.unknown();
    }
    if http.as_ref().is_some_and(|it| !it.whole) || store.as_ref().is_some_and(|it| !it.whole) {
        used.unknown();
    }
    let endpoint = match (http, store) {
        (Some(http), _) => {
            let http = http::check(http, is_list, &mut used, errors);
            http.map(|http| Endpoint::Http(Box::new(http)))
        }
        (None, Some(store)) => {
            object_store::check(store, &mut used, errors).map(Endpoint::ObjectStore)
        }
        (None, None) => {
            no_source(at, errors);
            return None;
        }
    };
    used.finish(texts, errors);
    endpoint
}

fn no_source(at: &Path, errors: &mut Errors) {
    let message = "no source is declared: exactly one is needed";
    let help = "write `http(url = \"https://…\")` or `object_store(url = \"s3://…\")`";
    if !errors.excused("", "object_store") {
        errors.missing("", "http", mistake(at, message, help));
    }
}

/// `Object` and `StoredObject` are what a store yields; `item` is what an object holds.
fn content(item: &Type) -> syn::Result<()> {
    let Type::Path(path) = item else { return Ok(()) };
    let mut segments = path.path.segments.iter().rev();
    let Some(last) = segments.next() else { return Ok(()) };
    if segments.next().is_some_and(|around| around.ident != "store") {
        return Ok(());
    }
    let message = match &last.arguments {
        PathArguments::AngleBracketed(inner) if last.ident == "Object" && inner.args.len() == 1 => {
            let inner = &inner.args;
            format!("write the type of the content: `item = {}`", inner.to_token_stream())
        }
        PathArguments::None if last.ident == "StoredObject" => {
            "write the type of the content; the listing alone is declared in YAML or by \
             `WatcherSpec::object_store`"
                .to_owned()
        }
        _ => return Ok(()),
    };
    let what = format!("`{}` is what a store yields, and `item` what it holds", last.ident);
    Err(mistake(item, what, message))
}

/// A source yields one type, which can be read from a body.
fn shape(input: &DeriveInput) -> syn::Result<()> {
    let DeriveInput { ident, generics, data, .. } = input;
    if !generics.params.is_empty() {
        if generics.params.iter().all(|it| matches!(it, GenericParam::Lifetime(_))) {
            let message = format!("`{ident}` borrows from a body, and outlives it");
            let help = "own what it holds: `String` for `&str`, `Vec<T>` for `&[T]`";
            return Err(mistake(generics, message, help));
        }
        let message = format!("`{ident}` has generic parameters: a source yields one type");
        let help = "name that type in a `struct Handle;` with `item = path::To<Type>`";
        return Err(mistake(generics, message, help));
    }
    if let Data::Union(union) = data {
        let message = "a union cannot be read from a body";
        return Err(mistake(union.union_token, message, "write a struct or an enum"));
    }
    Ok(())
}
