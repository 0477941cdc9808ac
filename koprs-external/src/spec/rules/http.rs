//! The settings of an HTTP endpoint.

use super::{Finding, at, missing_feature, no_use, value};
use crate::spec::HttpSpec;
use crate::spec::quote::{Content, is_visible};
use crate::spec::settings::{Settings, Subject};
use crate::spec::table::row;

pub(super) fn check(settings: &Settings, out: &mut Vec<Finding>) {
    out.extend(body(settings));
    out.extend(two_credentials(settings));
    tls(settings, out);
    pages(settings, out);
    let oauth2 = row!("http.auth.oauth2");
    if settings.has(oauth2) && cfg!(not(feature = "oauth2")) {
        out.push(missing_feature(oauth2, "oauth2"));
    }
    if let Some(Err(invalid)) = HttpSpec::full_url(settings) {
        out.push(Finding::of(Subject::Row(row!("http.query")), invalid));
    }
}

fn scheme(settings: &Settings) -> &'static str {
    let url = settings.get::<&str>(row!("http.url")).unwrap_or_default();
    let begins = |scheme: &str| {
        url.get(..scheme.len()).is_some_and(|begin| begin.eq_ignore_ascii_case(scheme))
    };
    ["https://", "http://"].into_iter().find(|scheme| begins(scheme)).unwrap_or_default()
}

/// A body is posted.
fn body(settings: &Settings) -> Option<Finding> {
    let method: &str = settings.get(row!("http.method"))?;
    let row = row!("http.body");
    (settings.has(row) && method != "post")
        .then(|| no_use(settings, row, method).help("write `post`, or leave `method` out"))
}

/// A credential stands in one place: not in `header` or `query` too.
fn two_credentials(settings: &Settings) -> Option<Finding> {
    let kind = settings.choice("http.auth")?;
    let header = |name: &str| {
        let mut headers = settings.pairs(row!("http.header")).iter();
        headers.any(|it| it.name.text.eq_ignore_ascii_case(name)).then_some("header")
    };
    let (name, what) = match kind.name {
        "header" => {
            let name: &str = settings.get(row!("http.auth.header.name"))?;
            (name, header(name)?)
        }
        "query" => {
            let name: &str = settings.get(row!("http.auth.query.name"))?;
            let mut query = settings.pairs(row!("http.query")).iter();
            (name, query.any(|it| it.name.text == name).then_some("query parameter")?)
        }
        _ => ("Authorization", header("Authorization")?),
    };
    let message = match is_visible(Content::Name, name) {
        true => format!("`auth` and the {what} `{name}` are both given"),
        false => format!("`auth` and a {what} of its name are both given"),
    };
    Some(at(row!("http.auth"), "two-credentials", message).help("keep one of them"))
}

fn tls(settings: &Settings, out: &mut Vec<Finding>) {
    let (cert, key) = (row!("http.tls.cert"), row!("http.tls.key"));
    let block = row!("http.tls");
    if settings.has(block) && !settings.is_broken(block) {
        let has_file = [row!("http.tls.ca"), cert, key].into_iter().any(|row| settings.has(row));
        if !has_file {
            out.push(
                at(block, "missing-choice", "`tls` names no file")
                    .help("name a `ca`, or a `cert` with its `key`"),
            );
        }
        for (given, missing) in [(cert, key), (key, cert)] {
            if settings.has(given) && !settings.is_broken(given) && !settings.has(missing) {
                let message = format!("`{}` is given without `{}`", given.name, missing.name);
                out.push(
                    at(given, "half-identity", message)
                        .help("name both files: the certificate and its key"),
                );
            }
        }
        if scheme(settings) == "http://" {
            let help = "write `https://`, or leave `tls` out";
            out.push(no_use(settings, block, "http://").help(help));
        }
    }
    let socket = row!("http.unix_socket");
    if settings.has(socket) && scheme(settings) == "https://" {
        let help = "write `http://`: on a socket nothing is encrypted";
        out.push(no_use(settings, socket, "https://").help(help));
    }
}

fn pages(settings: &Settings, out: &mut Vec<Finding>) {
    let block = row!("http.pages");
    if !settings.has(block) {
        return;
    }
    value::check_pages(settings, out);
    let way = settings.choice(&block.path()).map(|row| row.name);
    let beside = match way {
        Some(way @ ("number" | "offset")) => Some(way),
        Some("cursor") if settings.has(row!("http.pages.cursor.param")) => Some("param"),
        _ => None,
    };
    let origins = row!("http.pages.origins");
    if let Some(beside) = beside.filter(|_| !settings.list(origins).is_empty()) {
        out.push(no_use(settings, origins, beside).help("no link leads elsewhere there"));
    }
}
