//! What is said of the value behind an HTTP endpoint: its format, and whether it is a list.

use super::{Finding, at, no_use};
use crate::spec::Format;
use crate::spec::dialect::Dialect;
use crate::spec::settings::{Settings, Subject};
use crate::spec::table::{Row, row};

const NO_BODY: &str = "leave it out: the answer to a `head` has no body";

pub(super) fn check(settings: &Settings, out: &mut Vec<Finding>) {
    check_ignore(settings, out);
    let format = format(settings);
    let by_nature = format.filter(|format| format.is_list());
    if !settings.has(row!("items")) && by_nature.is_none() {
        // Of a format that cannot be read nobody knows whether it is a list.
        if !settings.is_broken(row!("decode")) {
            let rows = [row!("items.key"), row!("items.limit"), row!("on_bad_item")];
            let is_given = |row: &Row| settings.has(*row) && !settings.is_broken(*row);
            let given = rows.into_iter().filter(is_given);
            out.extend(given.map(|row| no_list(settings, row)));
        }
        return;
    }
    if let Some(format) = by_nature {
        if settings.get::<&str>(row!("items.at")).is_some_and(|at| !at.is_empty()) {
            let help = "it is a list: leave `at` out";
            out.push(no_use(settings, row!("items.at"), format.word()).help(help));
        }
        if !settings.has(row!("items.key")) && !settings.is_broken(row!("items")) {
            let message = format!("`{}` needs a key", format.word());
            out.push(
                at(list(settings, row!("items.key")), "missing-key", message)
                    .help("say what tells its items apart: the `key` of `items`, as `/id`"),
            );
        }
    }
    if let Some(format) = format.filter(|format| format.is_plain()) {
        let help = "it is one value: leave `items` out";
        out.push(no_use(settings, row!("items"), format.word()).help(help));
    }
    if is_head(settings) {
        let finding = no_use(settings, row!("items"), "head").help(NO_BODY);
        out.push(Finding { at: Subject::Row(list(settings, row!("items"))), ..finding });
    }
}

/// The row of what makes a list of it: `items`, or in a file a format; else this one.
fn list(settings: &Settings, row: Row) -> Row {
    let decode = row!("decode");
    let is_own = settings.find(decode).is_some_and(|given| !given.is_default);
    let is_by_format = settings.dialect == Dialect::Yaml && is_own;
    if is_by_format && !settings.has(row!("items")) { decode } else { row }
}

/// A value of one part has none that could be ignored.
pub(super) fn check_ignore(settings: &Settings, out: &mut Vec<Finding>) {
    if let Some(format) = format(settings).filter(|format| format.is_plain())
        && !settings.list(row!("ignore")).is_empty()
    {
        let help = "it has no parts: leave `ignore` out";
        out.push(no_use(settings, row!("ignore"), format.word()).help(help));
    }
}

/// Whether pages have a use.
pub(super) fn check_pages(settings: &Settings, out: &mut Vec<Finding>) {
    let row = row!("http.pages");
    let is_list = settings.has(row!("items"))
        || settings.is_broken(row!("decode"))
        || format(settings).is_some_and(Format::is_list);
    if is_head(settings) {
        out.push(no_use(settings, row, "head").help(NO_BODY));
    } else if !is_list {
        out.push(no_list(settings, row));
    }
}

fn is_head(settings: &Settings) -> bool {
    settings.get(row!("http.method")) == Some("head")
}

fn format(settings: &Settings) -> Option<Format> {
    settings.get(row!("decode")).and_then(Format::of_word)
}

/// A setting of a list, where there is none.
fn no_list(settings: &Settings, row: Row) -> Finding {
    at(row, "not-a-list", format!("`{}` is of a list, and there is none", settings.name(row)))
        .help("declare it by `items`, or leave this out")
}
