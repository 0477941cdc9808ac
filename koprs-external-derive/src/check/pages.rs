//! The block `pages(…)`, checked.

use super::auth::required;
use super::http::{any_header_name, one_of};
use super::{bounds, url, values};
use crate::attr;
use crate::errors::{Errors, mistake};
use crate::model::{Pages, Way};

/// How the next page of a list is found.
pub(super) fn check(
    pages: attr::Pages,
    is_list: bool,
    by_head: bool,
    errors: &mut Errors,
) -> Option<Pages> {
    let attr::Pages { here, link_header, cursor, number, offset, limit, origins } = pages;
    if by_head {
        let help = "leave it out: the answer to a `head` has no body";
        errors.push(values::no_use(&here, "pages", "head", help));
    } else if !is_list {
        errors.push(values::no_list(&here, "pages"));
    }
    let given = [
        ("link_header", link_header.as_ref()),
        ("cursor", cursor.as_ref().map(|it| &it.here)),
        ("number", number.as_ref().map(|it| &it.here)),
        ("offset", offset.as_ref().map(|it| &it.here)),
    ];
    let given = given.into_iter().filter_map(|(name, here)| Some((name, here?)));
    let one = one_of(given, errors, |errors| {
        let ways = ["link_header", "cursor", "number", "offset"];
        if !errors.excused_one_of("http.pages", &ways) {
            let help = "write `pages(link_header)`, or one of `cursor`, `number`, `offset`";
            errors.push(mistake(&here, "no way to the next page is given", help));
        }
    });
    let one = one.map(|(name, _)| name);
    let beside = match one {
        Some("cursor") if cursor.as_ref().is_some_and(|it| it.param.is_some()) => Some("param"),
        Some(name @ ("number" | "offset")) => Some(name),
        _ => None,
    };
    let link = link_header.map(|_| Way::Link);
    let cursor = cursor.and_then(|it| cursor_of(it, errors));
    let number = number.and_then(|it| number_of(it, errors));
    let offset = offset.and_then(|it| {
        let param = param("http.pages.offset", &it.here, it.param, errors)?;
        Some(Way::Offset { param })
    });
    let limit = values::number("limit", limit.as_ref(), 1, None, errors);
    if let (Some(beside), Some(first)) = (beside, origins.first()) {
        let help = "no link leads elsewhere there";
        errors.push(values::no_use(first, "origins", beside, help));
    }
    values::bounded("origins", &origins, bounds::ENTRIES, |text| text, errors);
    let origins = origins.iter().filter_map(|text| errors.ok(url::origin(text))).collect();
    Some(Pages { way: link.or(cursor).or(number).or(offset)?, limit, origins })
}

fn cursor_of(cursor: attr::Cursor, errors: &mut Errors) -> Option<Way> {
    const BLOCK: &str = "http.pages.cursor";
    let attr::Cursor { here, at, header, param } = cursor;
    let given = [("at", at.as_ref()), ("header", header.as_ref())];
    let given = given.into_iter().filter_map(|(name, text)| Some((name, text?)));
    one_of(given, errors, |errors| {
        if !errors.excused_one_of(BLOCK, &["at", "header"]) {
            let help = "write `at = \"/meta/next\"`, or `header = \"X-Next\"`";
            errors.push(mistake(&here, "where the cursor stands is not given", help));
        }
    });
    let pointer = at.and_then(|at| errors.ok(values::pointer(&at)));
    if let Some(header) = &header {
        errors.ok(any_header_name(header));
    }
    let param = param.and_then(|param| errors.ok(values::not_empty("param", &param)));
    match (pointer, header) {
        (Some(pointer), _) => Some(Way::CursorAt { pointer, param }),
        (None, header) => Some(Way::CursorHeader { name: header?.value(), param }),
    }
}

fn number_of(number: attr::Number, errors: &mut Errors) -> Option<Way> {
    let attr::Number { here, param: written, first } = number;
    let param = param("http.pages.number", &here, written, errors);
    let first = values::number("first", first.as_ref(), 0, None, errors);
    Some(Way::Number { param: param?, first })
}

fn param(
    block: &'static str,
    here: &syn::Ident,
    written: Option<syn::LitStr>,
    errors: &mut Errors,
) -> Option<String> {
    let param = required(block, "param", here, "param = \"page\"", written, errors)?;
    errors.ok(values::not_empty("param", &param))
}
