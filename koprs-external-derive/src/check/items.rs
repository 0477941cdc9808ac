//! What is said of the value: its format, whether it is a list, what of it is no change, and when it counts as
//! removed.

use proc_macro2::{Span, TokenTree};
use syn::LitStr;

use super::{bounds, values};
use crate::attr::{self, KeyField};
use crate::errors::{Errors, mistake};
use crate::model::{Format, Items, Removal};
use crate::read::Word;

/// What was written of it.
pub(super) struct Value {
    pub(super) decode: Option<Word>,
    pub(super) items: Option<attr::Items>,
    pub(super) key: Option<KeyField>,
    /// Whether the items are of another type than the annotated one.
    pub(super) is_foreign: bool,
    pub(super) on_bad_item: Option<Word>,
    pub(super) ignore: Vec<LitStr>,
    /// Whether it is asked for by `head`.
    pub(super) by_head: bool,
}

/// What was read of it.
pub(super) struct Checked {
    pub(super) decode: Option<(Format, Span)>,
    pub(super) items: Items,
    pub(super) ignore: Vec<String>,
    /// Whether it is a list, as far as that can be read.
    pub(super) is_list: bool,
}

/// A format and its word.
pub(super) type Decode = Option<(Format, Word)>;

pub(super) fn check(value: Value, errors: &mut Errors) -> Checked {
    let unsure = value.decode.is_some() || errors.excused("", "decode");
    let decode: Decode = value.decode.and_then(|word| {
        let format = errors.ok(values::format(&word))?;
        Some((format, word))
    });
    let by_nature =
        decode.as_ref().filter(|(format, _)| matches!(format, Format::Ndjson | Format::Csv));
    let is_list = value.items.is_some()
        || errors.excused("", "items")
        || by_nature.is_some()
        || (unsure && decode.is_none());
    let on_bad = value.on_bad_item.as_ref();
    if let Some(word) = on_bad.filter(|_| !is_list) {
        errors.push(values::no_list(&word.token, "on_bad_item"));
    }
    let on_bad = on_bad.and_then(|word| errors.ok(values::on_bad_item(word)));
    if let Some(items) = &value.items {
        combinations(items, &decode, value.by_head, errors);
    }
    if let (None, true, Some((_, word))) = (&value.items, value.by_head, by_nature) {
        let help = "leave it out: the answer to a `head` has no body";
        errors.push(values::no_use(&word.token, "items", "head", help));
    }
    let own = value.items.as_ref().and_then(|items| items.key.as_ref());
    if let Some((_, word)) = by_nature.filter(|_| own.is_none() && value.key.is_none())
        && !errors.excused("items", "key")
    {
        let help = "mark a field by `#[external(key)]`, or write `items(key = \"/id\")`";
        errors.push(mistake(&word.token, format!("`{}` needs a key", word.text), help));
    }
    let field = value.key.and_then(|field| key(field, own, value.is_foreign, is_list, errors));
    let (items, ignore) = (value.items, ignored(&value.ignore, &decode, errors));
    let pointer = |text: Option<&LitStr>, errors: &mut Errors| {
        text.and_then(|text| errors.ok(values::pointer(text)))
    };
    let mut checked = Items { key: field, on_bad, ..Items::default() };
    if let Some(attr::Items { here: _, at, key, limit }) = items {
        checked.at = Some(pointer(at.as_ref(), errors).unwrap_or_default());
        checked.key = pointer(key.as_ref(), errors).or(checked.key);
        checked.limit = values::number("limit", limit.as_ref(), 1, None, errors);
    }
    Checked { decode: place(decode), items: checked, ignore, is_list }
}

/// What a list cannot be together with.
fn combinations(items: &attr::Items, decode: &Decode, by_head: bool, errors: &mut Errors) {
    match (decode, &items.at) {
        (Some((Format::Ndjson | Format::Csv, word)), Some(at)) if !at.value().is_empty() => {
            let help = "it is a list: leave `at` out";
            errors.push(values::no_use(at, "at", &word.text, help));
        }
        (Some((Format::Text | Format::Bytes, word)), _) => {
            let help = "it is one value: leave `items` out";
            errors.push(values::no_use(&items.here, "items", &word.text, help));
        }
        _ => {}
    }
    if by_head {
        let help = "leave it out: the answer to a `head` has no body";
        errors.push(values::no_use(&items.here, "items", "head", help));
    }
}

/// The pointer to the field that is the key.
fn key(
    field: KeyField,
    own: Option<&LitStr>,
    is_foreign: bool,
    is_list: bool,
    errors: &mut Errors,
) -> Option<String> {
    let KeyField { word, pointer } = field;
    if is_foreign {
        let message = "the key is a field here, and the items are of the type of `item`";
        errors.push(mistake(&word, message, "write `key = \"/metadata/name\"` in `items(…)`"));
    } else if !is_list {
        errors.push(values::no_list(&word, "key"));
    }
    if let Some(own) = own {
        let help = "keep `#[external(key)]` or the `key` of `items`";
        errors.push(mistake(own, "the key is given twice", help));
    }
    pointer
}

/// The format, and the place of its word.
pub(super) fn place(decode: Decode) -> Option<(Format, Span)> {
    decode.map(|(format, word)| (format, word.token.span()))
}

pub(super) fn ignored(written: &[LitStr], decode: &Decode, errors: &mut Errors) -> Vec<String> {
    values::bounded("ignore", written, bounds::ENTRIES, |text| text, errors);
    let one = |text: &LitStr| {
        if text.value().is_empty() {
            let message = "`ignore` of the whole value ignores all";
            return Err(mistake(text, message, "name a part of it, as `/updated_at`"));
        }
        values::pointer(text)
    };
    let pointers = written.iter().filter_map(|text| errors.ok(one(text))).collect();
    if let (Some((Format::Text | Format::Bytes, word)), Some(first)) = (decode, written.first()) {
        let token: TokenTree = first.token().into();
        let help = "it has no parts: leave `ignore` out";
        errors.push(values::no_use(token, "ignore", &word.text, help));
    }
    pointers
}

pub(super) fn removal(written: &attr::Removal, errors: &mut Errors) -> Removal {
    let attr::Removal { confirm, hold_above, hold_min } = written;
    Removal {
        confirm: values::number("confirm", confirm.as_ref(), 1, Some(u32::MAX.into()), errors),
        hold_above: hold_above.as_ref().and_then(|text| errors.ok(values::hold_above(text))),
        hold_min: values::number("hold_min", hold_min.as_ref(), 1, None, errors),
    }
}
