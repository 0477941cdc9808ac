//! What of a declaration a message or a snippet may quote.
//!
//! People put secrets into wrong places. So nothing is quoted because of where it is written: a value is quoted only
//! when it reads as what its setting holds, and not as a secret. A duration is digits and units, a word is a known one
//! or nearly so, a name or a path consists of words. Everything else is hidden.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use url::Host;

use crate::printable::printable;
use crate::secret::{is_plain, redacted};

/// What a setting holds, where that is no secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// A number, a duration, a size, a percentage.
    Quantity,
    /// One of some words.
    Word,
    /// The name of a watcher, a header, a parameter, an option.
    Name,
    /// A version of the format.
    #[cfg_attr(not(feature = "yaml"), expect(dead_code, reason = "a setting of files"))]
    Version,
    /// A JSON pointer.
    Pointer,
    /// The path of a file.
    #[cfg_attr(not(feature = "yaml"), allow(dead_code, reason = "shown in files only"))]
    Path,
    /// A glob.
    Glob,
    /// A URL, of which the host and words of the path are visible.
    Url,
}

/// A value in backticks, as far as it may be shown; else what it is called.
pub(crate) fn quoted(content: Content, text: &str) -> String {
    let called = match content {
        Content::Name => "the name",
        Content::Glob => "the glob",
        Content::Url => "the value",
        _ => "the value",
    };
    visible(content, text)
        .map_or_else(|| called.to_owned(), |shown| format!("`{}`", printable(&shown)))
}

/// What an environment variable is called. Its name may be the secret, where that was written for it.
pub(crate) fn variable(name: &str) -> String {
    match is_visible(Content::Name, name) {
        true => format!("the environment variable `{name}`"),
        false => "the environment variable that `env` names".to_owned(),
    }
}

/// The path of a file that holds a secret. Any part of it may be the secret, where that was written for it: base64 has
/// slashes. Hidden folders, as those of temporary files, are no part of one.
pub(crate) fn file(path: &Path) -> String {
    let is_folder = |part: &OsStr| path.file_name() != Some(part);
    let is_harmless = |part: &str| part.starts_with('.') || part.len() < SHORTEST_PART;
    let part = |part: Component<'_>| match part {
        Component::Normal(part) => {
            let text = part.to_string_lossy();
            let is_shown =
                is_visible(Content::Path, &text) || is_folder(part) && is_harmless(&text);
            if is_shown { text.into_owned() } else { CUT.to_owned() }
        }
        other => other.as_os_str().to_string_lossy().into_owned(),
    };
    printable(&path.components().map(part).collect::<PathBuf>().display()).to_string()
}

/// The shortest folder that may be a part of a secret.
const SHORTEST_PART: usize = 8;

/// Hides a value that a message quotes, where it may not be shown.
pub(crate) fn veil(message: String, content: Content, text: &str) -> String {
    match visible(content, text) {
        Some(shown) if shown == text => message,
        _ => {
            let shown = quoted(content, text);
            let message = message.replace(&format!("`{text}`"), &shown);
            message.replace(&format!("`{}`", printable(text)), &shown)
        }
    }
}

/// Whether a value may be shown as it is.
pub(crate) fn is_visible(content: Content, text: &str) -> bool {
    visible(content, text).is_some_and(|shown| shown == text)
}

/// As much of a value as may be shown.
pub(crate) fn visible(content: Content, text: &str) -> Option<Cow<'_, str>> {
    if content == Content::Url {
        return visible_url(text);
    }
    let is_harmless = match content {
        _ if text.is_empty() || is_expression(text) => true,
        Content::Quantity => is_quantity(text),
        Content::Word => is_word(text),
        Content::Name => is_plain(text, "_-."),
        Content::Version => is_plain(text, "/.-"),
        Content::Pointer => is_plain(text, "/.$[]*@#'\"_-~:"),
        Content::Path => is_plain(text, "/._-~:\\"),
        Content::Glob => is_plain(text, "/._-*?{}[]!,^\\"),
        Content::Url => false,
    };
    is_harmless.then_some(Cow::Borrowed(text))
}

/// An expression that was to be filled in, as `${NAME}` or `{{ .Values.name }}`.
fn is_expression(text: &str) -> bool {
    let begins = ["${", "$(", "{{", "{%", "<%"];
    is_plain(text, " ${}()<>%=.:-_/|?+\"'") && begins.iter().any(|begin| text.contains(begin))
}

/// The most characters of a quantity, and the most units in it.
const LONGEST_QUANTITY: usize = 24;
const MOST_UNITS: usize = 4;
/// The most characters of a quantity whose units are hexadecimal digits, as `30d`: a longer one may be a hash.
const LONGEST_HEXADECIMAL: usize = 12;
/// Words of quantities, also those that are not read here.
const AMOUNTS: &str = " s sec secs second seconds m min mins minute minutes h hr hrs hour hours d day days w wk week \
     weeks month months y yr year years ms millis milli msec msecs millisecond milliseconds us ns nanos micros \
     b k kb kib mb mib g gb gib t tb tib pb pib eb eib byte bytes pt p e percent pct one two three four five six seven eight nine \
     ten every hourly daily weekly half an a none never many all no unlimited infinite infinity inf nan soon later auto \
     default max min huge large small big off on true false null nil ";

/// Digits and units. A hash may look like that: of more than two units, each is another one, and the last ends it.
fn is_quantity(text: &str) -> bool {
    let mut seen = Vec::new();
    let ends = text.ends_with(|c: char| c.is_ascii_alphabetic());
    let is_unit = |word| {
        let is_new = !seen.contains(&word) && ends;
        seen.push(word);
        seen.len() <= MOST_UNITS && (seen.len() <= 2 || is_new) && contains_word(AMOUNTS, word)
    };
    let is_hexadecimal = text.chars().all(|c| c.is_ascii_hexdigit());
    let is_number = text.chars().all(|c| c.is_ascii_digit());
    text.len() <= LONGEST_QUANTITY
        && (!is_hexadecimal || is_number || text.len() <= LONGEST_HEXADECIMAL)
        && text.chars().all(|c| c.is_ascii_alphanumeric() || " .,:+-_%*/@~µ".contains(c))
        && text.split(|c: char| !c.is_ascii_alphabetic()).filter(|it| !it.is_empty()).all(is_unit)
}

/// Words of settings, and those that others have for them.
const WORDS: &str = " json yaml text bytes ndjson csv true false keep fail get head post put patch delete options \
     yml txt plain string binary raw octet stream jsonl jsonlines lines x object yes no on off y n 0 1 skip ignore \
     error drop toml xml html ini tsv avro protobuf proto msgpack parquet cbor bson hcl json5 application charset \
     utf utf8 8 html5 list none null auto default all any warn stop retry ";

/// Words from the list, or nearly so.
fn is_word(text: &str) -> bool {
    let parts = text.split([' ', '/', '-', '_', ';', '=', '+', '.']).filter(|it| !it.is_empty());
    text.len() <= 40
        && parts.clone().count() <= 5
        && parts.clone().all(|part| contains_word(WORDS, part) || is_misspelt(part))
}

/// Whether a word is a known one but for one letter, or two that are swapped.
fn is_misspelt(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let is_near = |known: &str| {
        let (a, b) = (word.as_bytes(), known.as_bytes());
        let before = a.iter().zip(b).take_while(|(a, b)| a == b).count();
        let after = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
        let longest = a.len().max(b.len());
        let is_swapped = || {
            a.len() == b.len() && before + after + 2 == longest && {
                let middle = |word: &[u8]| word.get(before..before + 2).map(<[u8]>::to_vec);
                middle(a) == middle(b).map(|it| it.into_iter().rev().collect())
            }
        };
        known.len() > 2
            && a.len().abs_diff(b.len()) < 2
            && (before + after + 1 >= longest || is_swapped())
    };
    WORDS.split(' ').any(is_near)
}

fn contains_word(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known.eq_ignore_ascii_case(word))
}

/// The scheme, the host and the words of the path. Parts that may be secrets are replaced.
fn visible_url(text: &str) -> Option<Cow<'_, str>> {
    if is_expression(text) && !text.contains('?') {
        return Some(Cow::Borrowed(text));
    }
    let public = redacted(text);
    let shown = match public.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            if !is_plain(scheme, "+-.") {
                return None;
            }
            format!("{scheme}://{}{}", visible_host(authority), visible_path(path))
        }
        None if is_url_like(&public) => public,
        None => return None,
    };
    Some(if shown == text { Cow::Borrowed(text) } else { Cow::Owned(shown) })
}

/// A URL that lacks something. What is behind a colon is a port or a path, and not a password.
fn is_url_like(text: &str) -> bool {
    let after = text.split_once(':').map_or("/", |(_, after)| after);
    !text.is_empty()
        && is_plain(text, "/.:-_{}$~")
        && after.starts_with(|c: char| c == '/' || c.is_ascii_digit())
}

const CUT: &str = "…";
/// What stands in names of hosts and paths, with the placeholders in them.
const OF_HOSTS: &str = ".-_:{}$";
const OF_PATHS: &str = "/._-~{}$*,[]:";

fn visible_host(authority: &str) -> Cow<'_, str> {
    if authority.starts_with('[') {
        let (address, port) = authority.split_at(authority.find(']').map_or(0, |at| at + 1));
        let is_address = Host::parse(address).is_ok() && is_plain(port, ":");
        return if is_address { authority.into() } else { CUT.into() };
    }
    by_parts(authority, '.', OF_HOSTS)
}

fn visible_path(path: &str) -> Cow<'_, str> {
    by_parts(path, '/', OF_PATHS)
}

/// A text as it is, if it is plain, else its plain parts.
fn by_parts<'a>(text: &'a str, separator: char, marks: &str) -> Cow<'a, str> {
    if is_plain(text, marks) {
        return text.into();
    }
    let is_word = |part: &str| {
        let word = part.trim_start_matches('v');
        let is_version = word.len() < part.len() && word.len() < 3;
        let is_digit = |c: char| is_version && c.is_ascii_digit();
        is_plain(part, "-_")
            && part.chars().all(|c| c.is_ascii_lowercase() || "-_".contains(c) || is_digit(c))
    };
    let part = |part: &'a str| if is_word(part) { part } else { CUT };
    let parts: Vec<_> = text.split(separator).map(part).collect();
    parts.join(separator.encode_utf8(&mut [0; 4])).into()
}

#[cfg(test)]
mod tests;
