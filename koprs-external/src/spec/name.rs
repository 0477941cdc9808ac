//! `name`: how a watcher is called in logs, status and errors; a DNS-1123 label, as a container's name.

use super::Invalid;
use super::quote::{Content, quoted};

pub(crate) const LONGEST: usize = 63;

pub(crate) fn check(name: &str) -> Result<String, Invalid> {
    let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let edge = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let label = !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(inner)
        && name.starts_with(edge)
        && name.ends_with(edge);
    if label {
        return Ok(name.to_owned());
    }
    let shown = quoted(Content::Name, name);
    Err(Invalid::new("name", "bad-name", format!("{shown} is not a DNS-1123 label")).help(
        "at most 63 lower-case letters, digits and `-`, beginning and ending with a letter or digit",
    ))
}
