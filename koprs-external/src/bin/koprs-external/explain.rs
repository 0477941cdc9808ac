//! `explain`: what a watcher comes to.

use std::fmt::Write;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use koprs_external::config::FilePlace;
use koprs_external::http::RequestPreview;
use koprs_external::set::{Asks, Effective, Explanation, ListingPreview, Origin};
use serde_json::{Value, json};

use crate::Ended;
use crate::args::{Explain, ExplainFormat, Reading};
use crate::load::{load_or_tell, shown};
use crate::misuse::{self, Misuse};
use crate::output::print;
use crate::style::{Role, Style};
use crate::text::{inert, visible};

pub(crate) fn explain(args: &Explain, style: Style) -> Ended {
    let reading = Reading { env: args.env, strict: false };
    if !args.file.exists() && Path::new(&args.name).is_file() {
        let (file, name) = (shown(Path::new(&args.name)), shown(&args.file));
        return Err(Misuse::new(format!("the file comes first: `{file} {name}`")).into());
    }
    let errors = style.on(&io::stderr());
    let set = load_or_tell(std::slice::from_ref(&args.file), &reading, errors)?;
    misuse::check_names(&set, std::slice::from_ref(&args.file), [&args.name])?;
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
    let settings = settings.iter().map(|Effective { setting, value, origin, .. }| {
        (visible(setting), visible(value), visible(&origin.to_string()), origin)
    });
    let settings: Vec<_> = settings.collect();
    let widest = |cells: &mut dyn Iterator<Item = &String>| {
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let names = widest(&mut settings.iter().map(|it| &it.0));
    let values = widest(&mut settings.iter().map(|it| &it.1)).min(WIDEST);
    for (setting, value, from, origin) in &settings {
        let setting = style.paint(Role::Strong, &format!("{setting:names$}"));
        let role = if **origin == Origin::BuiltIn { Role::Faint } else { Role::Good };
        let from = style.paint(role, from);
        let _ = writeln!(text, "  {setting}  {value:values$}  {from}");
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
    let mut text = format!("{} {url}\n", style.paint(Role::Strong, method));
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {}", style.paint(Role::Faint, value));
    }
    if let Some(bytes) = body {
        let _ = writeln!(text, "\n({bytes} bytes)");
    }
    text
}

fn of_listing(listing: &ListingPreview, style: Style) -> String {
    let ListingPreview { url, include, exclude, .. } = listing;
    let mut text = format!("{} {url}\n", style.paint(Role::Strong, "LIST"));
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
