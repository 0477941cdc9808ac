//! `explain`: the effective configuration of a watcher.

use std::fmt::Write;
use std::io;
use std::process::ExitCode;

use koprs_external::config::FilePlace;
use koprs_external::http::RequestPreview;
use koprs_external::set::{Asks, Effective, Explanation, ListingPreview, Origin};
use serde_json::{Value, json};

use crate::Ended;
use crate::args::{Explain, ExplainFormat};
use crate::load::load_or_tell;
use crate::output::print;
use crate::style::{Role, Style};
use crate::text::{inert, visible};
use crate::validate_args;

pub(crate) fn explain(args: &Explain, style: Style) -> Ended {
    validate_args::check_order(&args.file, &args.name)?;
    let errors = style.on(&io::stderr());
    let set = load_or_tell(std::slice::from_ref(&args.file), &args.reading, false, errors)?;
    validate_args::check_names(&set, std::slice::from_ref(&args.file), [&args.name])?;
    let explanation = set.explain(&args.name)?;
    let text = match args.format {
        ExplainFormat::Human => human(&explanation, style),
        ExplainFormat::Json => {
            inert(&serde_json::to_string_pretty(&document(&explanation))?) + "\n"
        }
    };
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// Columns of settings, values and origins, and then what is asked for.
fn human(explanation: &Explanation, style: Style) -> String {
    let Explanation { watcher, place, settings, asks, .. } = explanation;
    let place = visible(&place.to_string());
    let mut text = format!("{}  {place}\n\n", style.paint(Role::Strong, watcher));
    let width = |of: fn(&Effective) -> &str| {
        let widths = settings.iter().map(|setting| visible(of(setting)).chars().count());
        widths.max().unwrap_or_default()
    };
    let (names, values) = (width(|it| &it.setting), width(|it| &it.value).min(WIDEST));
    for Effective { setting, value, origin, .. } in settings {
        let setting = style.paint(Role::Strong, &format!("{:names$}", visible(setting)));
        let role = if *origin == Origin::BuiltIn { Role::Faint } else { Role::Good };
        let origin = style.paint(role, &visible(&origin.to_string()));
        let _ = writeln!(text, "  {setting}  {:values$}  {origin}", visible(value));
    }
    text.push('\n');
    match asks {
        Asks::Request(request) => text += &of_request(request, style),
        Asks::Listing(listing) => text += &of_listing(listing, style),
        _ => {}
    }
    text
}

/// Values that are longer push their origin aside.
const WIDEST: usize = 48;

fn of_request(request: &RequestPreview, style: Style) -> String {
    let RequestPreview { method, url, headers, body, .. } = request;
    let mut text = format!("{} {}\n", style.paint(Role::Strong, method), visible(url));
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {}", style.paint(Role::Faint, &visible(value)));
    }
    if let Some(bytes) = body {
        let _ = writeln!(text, "\n({bytes} bytes)");
    }
    text
}

fn of_listing(listing: &ListingPreview, style: Style) -> String {
    let ListingPreview { url, include, exclude, .. } = listing;
    let mut text = format!("{} {}\n", style.paint(Role::Strong, "LIST"), visible(url));
    for (what, globs) in [("include", include), ("exclude", exclude)] {
        for glob in globs {
            let _ = writeln!(text, "{what}: {}", visible(glob));
        }
    }
    text
}

fn document(explanation: &Explanation) -> Value {
    let Explanation { watcher, place, settings, asks, .. } = explanation;
    let settings = settings.iter().map(|Effective { setting, value, origin, .. }| {
        let (from, place) = match origin {
            Origin::Watcher(place) => ("watcher", of_place(place)),
            Origin::Defaults(place) => ("defaults", of_place(place)),
            _ => ("built-in", Value::Null),
        };
        json!({ "setting": setting, "value": value, "from": from, "place": place })
    });
    let settings: Vec<_> = settings.collect();
    let mut document =
        json!({ "watcher": watcher, "place": of_place(place), "settings": settings });
    let (name, asks) = match asks {
        Asks::Request(RequestPreview { method, url, headers, body, .. }) => (
            "request",
            json!({ "method": method, "url": url, "headers": headers, "bodyBytes": body }),
        ),
        Asks::Listing(ListingPreview { url, include, exclude, .. }) => {
            ("listing", json!({ "url": url, "include": include, "exclude": exclude }))
        }
        _ => return document,
    };
    if let Value::Object(document) = &mut document {
        document.insert(name.to_owned(), asks);
    }
    document
}

fn of_place(place: &FilePlace) -> Value {
    json!({ "file": place.file().display().to_string(), "line": place.line(), "column": place.column() })
}
