//! The values of single settings.

use std::time::Duration;

use quote::ToTokens;
use syn::ext::IdentExt;
use syn::{Ident, LitStr, Path};

use crate::attr::Param;
use crate::errors::{Errors, mistake};
use crate::meant;
use crate::model::{Format, Method, OnBadItem};
use crate::quantity::{self, Refusal, show};
use crate::read::Word;
use crate::suggest;

/// Below this an HTTP endpoint is not watched but loaded; and what that is called.
pub(super) const LEAST_HTTP: (Duration, &str) = (Duration::from_secs(1), "an HTTP source");
/// Objects that rest so long are archives.
const LONGEST_SETTLE: Duration = Duration::from_secs(24 * 60 * 60);
/// What lists an object store in less has nothing to do.
const LEAST_DEADLINE: Duration = Duration::from_secs(1);
/// The time for one request, where none is declared.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest DNS-1123 label.
const LONGEST_NAME: usize = 63;
const FORMATS: [(&str, Format); 6] = [
    ("json", Format::Json),
    ("yaml", Format::Yaml),
    ("text", Format::Text),
    ("bytes", Format::Bytes),
    ("ndjson", Format::Ndjson),
    ("csv", Format::Csv),
];
const METHODS: [(&str, Method); 3] =
    [("get", Method::Get), ("head", Method::Head), ("post", Method::Post)];
const ON_BAD_ITEM: [(&str, OnBadItem); 2] = [("keep", OnBadItem::Keep), ("fail", OnBadItem::Fail)];

/// A list with no more entries than it may have; the caret is on the first that is too many.
pub(super) fn bounded<T>(
    name: &str,
    entries: &[T],
    most: usize,
    at: impl Fn(&T) -> &LitStr,
    errors: &mut Errors,
) {
    if let Some(entry) = entries.get(most) {
        let message = format!("`{name}` has {} entries", entries.len());
        let help = format!("at most `{most}`: leave out what is not needed");
        errors.push(mistake(at(entry), message, help));
    }
}

/// The interval, required.
pub(super) fn interval(
    at: &Path,
    written: Option<&LitStr>,
    (least, source): (Duration, &str),
    errors: &mut Errors,
) -> Option<Duration> {
    let Some(written) = written else {
        let help = "say how often to poll, as `interval = \"30s\"`";
        errors.missing("", "interval", mistake(at, "no interval is given", help));
        return None;
    };
    let interval = errors.ok(duration(written))?;
    if interval < least {
        errors.push(mistake(
            written,
            format!("`{}` is too short", show(interval)),
            format!("{source} is polled at most every `{}`", show(least)),
        ));
    }
    Some(interval)
}

/// The longest wait, not less than the interval.
pub(super) fn max_backoff(
    written: Option<&LitStr>,
    interval: Option<Duration>,
    errors: &mut Errors,
) -> Option<Duration> {
    let written = written?;
    let max_backoff = errors.ok(duration(written))?;
    if let Some(interval) = interval.filter(|interval| max_backoff < *interval) {
        errors.push(mistake(
            written,
            format!("`{}` is less than the interval `{}`", show(max_backoff), show(interval)),
            "`max_backoff` must not be less than `interval`",
        ));
    }
    Some(max_backoff)
}

/// The time for one request.
pub(super) fn timeout(written: &LitStr) -> syn::Result<Duration> {
    let timeout = duration(written)?;
    if timeout.is_zero() {
        return Err(mistake(written, zero("timeout"), "leave it out for `10s`"));
    }
    Ok(timeout)
}

/// The most bytes of a body.
pub(super) fn body_limit(written: &LitStr) -> syn::Result<u64> {
    bytes(written, "body_limit", "leave it out for `8MiB`")
}

/// The most bytes of memory.
pub(super) fn memory(name: &str, written: &LitStr, default: &str) -> syn::Result<u64> {
    let help = format!("leave it out for `{default}`, and `64MiB` of an untrusted declaration");
    bytes(written, name, &help)
}

/// The time for one poll, which is enough for one request; the timeout is told by itself.
pub(super) fn deadline(written: &LitStr, timeout: Option<&LitStr>) -> syn::Result<Duration> {
    let deadline = duration(written)?;
    let timeout = timeout.map_or(Ok(DEFAULT_TIMEOUT), |text| quantity::duration(&text.value()));
    match timeout {
        Ok(timeout) if deadline < timeout => {
            let (shown, timeout) = (show(deadline), show(timeout));
            let message = format!("`{shown}` is less than the timeout of a request, `{timeout}`");
            let help =
                "a poll needs time for at least one request; lists with many pages need more";
            Err(mistake(written, message, help))
        }
        _ => Ok(deadline),
    }
}

/// The time for one poll of an object store.
pub(super) fn deadline_of_a_listing(written: &LitStr) -> syn::Result<Duration> {
    let deadline = duration(written)?;
    if deadline >= LEAST_DEADLINE {
        return Ok(deadline);
    }
    let help = "a poll needs time to list the objects and to fetch those that changed";
    Err(mistake(written, format!("`{}` is too short", show(deadline)), help))
}

/// How young objects are left alone.
pub(super) fn settle(written: &LitStr) -> syn::Result<Duration> {
    let settle = duration(written)?;
    if settle <= LONGEST_SETTLE {
        return Ok(settle);
    }
    let help = format!("`settle` is at most `{}`", show(LONGEST_SETTLE));
    Err(mistake(written, format!("`{}` is too long", show(settle)), help))
}

/// The most bytes of the headers of an answer.
pub(super) fn header_limit(written: &LitStr) -> syn::Result<u64> {
    bytes(written, "header_limit", "leave it out for `64KiB`")
}

fn zero(name: &str) -> String {
    format!("`{name}` must be greater than zero")
}

fn bytes(written: &LitStr, name: &str, help: &str) -> syn::Result<u64> {
    match read(written, quantity::size)? {
        0 => Err(mistake(written, zero(name), help)),
        bytes => Ok(bytes),
    }
}

/// A whole number in its range; most settings have no upper end.
pub(super) fn number<T: TryFrom<u64>>(
    name: &str,
    written: Option<&LitStr>,
    least: u64,
    most: Option<u64>,
    errors: &mut Errors,
) -> Option<T> {
    let written = written?;
    let number = quantity::number::<u64>(&written.value())
        .and_then(|number| quantity::within(name, number, least, most))
        .and_then(|number| T::try_from(number).map_err(|_| quantity::too_large(number)));
    errors.ok(number.map_err(|(message, help)| mistake(written, message, help)))
}

/// A JSON pointer.
pub(super) fn pointer(written: &LitStr) -> syn::Result<String> {
    read(written, quantity::pointer).map(|()| written.value())
}

/// A text that may not be empty.
pub(super) fn not_empty(name: &str, written: &LitStr) -> syn::Result<String> {
    match written.value() {
        text if text.is_empty() => {
            let help = "write it out, or leave it out";
            Err(mistake(written, format!("`{name}` is empty"), help))
        }
        text => Ok(text),
    }
}

/// A path of a file, which no shell reads.
pub(super) fn path(name: &str, written: &LitStr) -> syn::Result<String> {
    match meant::path(&written.value()) {
        Some((message, help)) => Err(mistake(written, message, help)),
        None => not_empty(name, written),
    }
}

/// A setting that changes nothing beside another.
pub(super) fn no_use(tokens: impl ToTokens, name: &str, beside: &str, help: &str) -> syn::Error {
    mistake(tokens, format!("`{name}` has no use with `{beside}`"), help)
}

/// A setting of a list, where there is none.
pub(super) fn no_list(tokens: impl ToTokens, name: &str) -> syn::Error {
    let help = "declare it, as `items = \"/data\"`, or leave this out";
    mistake(tokens, format!("`{name}` is of a list, and there is none"), help)
}

/// The share of a list, as a ratio.
pub(super) fn hold_above(written: &LitStr) -> syn::Result<f64> {
    read(written, quantity::hold_above)
}

/// A duration that may be nothing.
pub(super) fn margin(written: &LitStr) -> syn::Result<Duration> {
    duration(written)
}

/// The jitter, as a ratio.
pub(super) fn jitter(written: &LitStr) -> syn::Result<f64> {
    read(written, quantity::jitter)
}

/// The format of the content.
pub(super) fn format(written: &Word) -> syn::Result<Format> {
    word(written, &FORMATS, "a format")
}

/// The method of the requests.
pub(super) fn method(written: &Word) -> syn::Result<Method> {
    word(written, &METHODS, "a method")
}

/// What becomes of an item that cannot be read.
pub(super) fn on_bad_item(written: &Word) -> syn::Result<OnBadItem> {
    word(written, &ON_BAD_ITEM, "`keep` or `fail`")
}

fn word<T: Copy>(written: &Word, words: &[(&str, T)], what: &str) -> syn::Result<T> {
    let Word { text, token } = written;
    let found = words.iter().find(|(word, _)| word == text);
    found.map(|(_, meant)| *meant).ok_or_else(|| {
        let known = words.iter().map(|(word, _)| *word);
        let help = match meant::word(text, known.clone()) {
            Some(meant) => format!("write `{meant}`"),
            None => suggest::instead(text, known),
        };
        mistake(token, format!("`{text}` is not {what}"), help)
    })
}

/// The name of the watcher, by default the type's.
pub(crate) fn name(ident: &Ident, written: Option<&LitStr>) -> syn::Result<String> {
    let name = written.map_or_else(|| kebab(&ident.unraw().to_string()), LitStr::value);
    if is_label(&name) {
        return Ok(name);
    }
    let message = format!("`{name}` is not a DNS-1123 label");
    let rule = "at most 63 lower-case letters, digits and `-`, beginning and ending with a letter \
                or digit";
    Err(match written {
        Some(written) => mistake(written, message, rule),
        None => mistake(ident, message, format!("give a `name`: {rule}")),
    })
}

/// Whether each parameter has one declaration.
pub(super) fn distinct(params: &[Param], errors: &mut Errors) -> bool {
    let before = errors.len();
    let mut seen = Vec::new();
    for Param { name, ty: _ } in params.iter().filter(|param| param.is_read()) {
        let plain = name.unraw();
        if seen.contains(&plain) {
            let message = format!("the parameter `{plain}` is given twice");
            errors.push(mistake(name, message, "keep one of them"));
        }
        seen.push(plain);
    }
    errors.len() == before
}

fn duration(written: &LitStr) -> syn::Result<Duration> {
    read(written, quantity::duration)
}

fn read<T>(written: &LitStr, read: fn(&str) -> Result<T, Refusal>) -> syn::Result<T> {
    read(&written.value()).map_err(|(message, help)| mistake(written, message, help))
}

fn is_label(name: &str) -> bool {
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    !name.is_empty()
        && name.len() <= LONGEST_NAME
        && name.chars().all(|c| edge(c) || c == '-')
        && name.starts_with(edge)
        && name.ends_with(edge)
}

/// `HTTPFlags` is `http-flags`.
fn kebab(ident: &str) -> String {
    let mut name = String::with_capacity(ident.len() + 4);
    let mut before = '_';
    let mut chars = ident.chars().peekable();
    while let Some(c) = chars.next() {
        let next_is_lower = chars.peek().is_some_and(|next| next.is_lowercase());
        let begins = c.is_uppercase() && (!before.is_uppercase() || next_is_lower);
        if begins && before != '_' {
            name.push('-');
        }
        match c {
            '_' => name.push('-'),
            _ => name.extend(c.to_lowercase()),
        }
        before = c;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_name_is_the_type_in_kebab_case() {
        let cases = [
            ("Flags", "flags"),
            ("TenantPlan", "tenant-plan"),
            ("HTTPFlags", "http-flags"),
            ("FlagsV2", "flags-v2"),
            ("OAuth2Token", "o-auth2-token"),
            ("snake_case", "snake-case"),
            ("A", "a"),
        ];
        for (ident, name) in cases {
            assert_eq!(kebab(ident), name, "{ident}");
        }
    }
}
