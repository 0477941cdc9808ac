//! Settings of the other kind of source: they would change nothing.

use super::Invalid;
use super::builder::{Kind, Written};
use super::items::WrittenItems;
use super::object_store::WrittenObjectStore;
use super::removal::WrittenRemoval;

/// Refuses what is declared and cannot have a use.
pub(super) fn check(written: &Written, mut refuse: impl FnMut(Invalid)) {
    let given = |settings: Vec<(&'static str, bool)>| {
        settings.into_iter().filter(|(_, given)| *given).map(|(setting, _)| setting)
    };
    match written.kind {
        Kind::Http => given(of_object_stores(&written.object_store)).for_each(|setting| {
            refuse(of_the_other(setting, "object stores", "the source is an HTTP endpoint"));
        }),
        Kind::ObjectStore => {
            given(of_values(written)).for_each(|setting| {
                refuse(Invalid::no_use(setting, "object_store").help(way_out(setting)));
            });
            given(of_http(written)).for_each(|setting| {
                refuse(of_the_other(setting, "HTTP", "the source is an object store"));
            });
        }
    }
}

fn of_the_other(setting: &str, kind: &str, why: &str) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    Invalid::new(setting, "other-source", format!("`{name}` is a setting of {kind}"))
        .help(format!("leave it out: {why}"))
}

/// Why a setting of the value has no use, as what to do.
fn way_out(setting: &str) -> &'static str {
    match setting {
        "on_bad_item" => "an object that cannot be read keeps its last good value: leave it out",
        "removal.confirm" => "what a listing does not name is gone: leave it out",
        _ => "objects are told apart by their path: leave it out",
    }
}

fn of_object_stores(written: &WrittenObjectStore) -> Vec<(&'static str, bool)> {
    let WrittenObjectStore {
        options,
        include,
        exclude,
        settle,
        concurrency,
        listing_concurrency,
        object_limit,
    } = written;
    vec![
        ("object_store.option", !options.is_empty()),
        ("object_store.include", !include.is_empty()),
        ("object_store.exclude", !exclude.is_empty()),
        ("object_store.settle", settle.is_some()),
        ("object_store.concurrency", concurrency.is_some()),
        ("object_store.listing_concurrency", listing_concurrency.is_some()),
        ("object_store.object_limit", object_limit.is_some()),
    ]
}

fn of_values(written: &Written) -> Vec<(&'static str, bool)> {
    let WrittenItems { at, key, limit, on_bad } = &written.items;
    let WrittenRemoval { confirm, hold_above: _, hold_min: _ } = &written.removal;
    let items = at.is_some() || key.is_some() || limit.is_some();
    vec![
        ("items", items),
        ("on_bad_item", on_bad.is_some()),
        ("removal.confirm", confirm.is_some()),
    ]
}

fn of_http(written: &Written) -> Vec<(&'static str, bool)> {
    let Written {
        kind: _,
        name: _,
        interval: _,
        max_backoff: _,
        jitter: _,
        deadline: _,
        decode: _,
        items: _,
        ignore: _,
        distinct: _,
        removal: _,
        memory_limit: _,
        walk_limit: _,
        url: _,
        method,
        query,
        header,
        body,
        auth,
        tls,
        unix_socket,
        pages,
        timeout,
        retries,
        respect_max_age,
        max_in_flight,
        body_limit: _,
        header_limit,
        redirect_limit,
        object_store: _,
        secrets: _,
    } = written;
    vec![
        ("http.method", method.is_some()),
        ("http.query", !query.is_empty()),
        ("http.header", !header.is_empty()),
        ("http.body", body.is_some()),
        ("http.auth", auth.is_some()),
        ("http.tls", tls.is_some()),
        ("http.unix_socket", unix_socket.is_some()),
        ("http.pages", pages.is_some()),
        ("http.timeout", timeout.is_some()),
        ("http.retries", retries.is_some()),
        ("http.respect_max_age", *respect_max_age),
        ("http.max_in_flight", max_in_flight.is_some()),
        ("http.header_limit", header_limit.is_some()),
        ("http.redirect_limit", redirect_limit.is_some()),
    ]
}
