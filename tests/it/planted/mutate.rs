//! What happens to files while people write them.

use fastrand::Rng;

use super::secrets::{Planted, base64, hex, percent};

const KEYS: [&str; 34] = [
    "name",
    "interval",
    "maxBackoff",
    "jitter",
    "decode",
    "items",
    "at",
    "key",
    "limit",
    "ignore",
    "distinct",
    "http",
    "url",
    "method",
    "query",
    "header",
    "body",
    "json",
    "text",
    "auth",
    "bearer",
    "value",
    "env",
    "file",
    "tls",
    "ca",
    "pages",
    "param",
    "timeout",
    "objectStore",
    "option",
    "include",
    "tokenUrl",
    "scopes",
];
const TYPED: [&str; 24] = [
    ":", ": ", " ", "\t", "\n", "\r\n", "'", "\"", "{", "}", "[", "]", "#", " #", "&", "*", "!",
    "|", ">", "-", "- ", ",", "\\", "%",
];

/// One mutation.
pub(super) fn once(text: String, planted: &Planted, rng: &mut Rng) -> String {
    match rng.u8(..20) {
        0..=2 => {
            let (before, after) = split(&text, rng);
            let typed = TYPED[rng.usize(..TYPED.len())];
            format!("{before}{typed}{after}")
        }
        3..=4 => {
            let (before, after) = split(&text, rng);
            let cut = rng.usize(1..4);
            format!("{before}{}", after.chars().skip(cut).collect::<String>())
        }
        5 => {
            let (before, after) = split(&text, rng);
            let mut after: Vec<char> = after.chars().collect();
            if after.len() > 1 {
                after.swap(0, 1);
            }
            before.chars().chain(after).collect()
        }
        6 => {
            let (before, after) = split(&text, rng);
            let length = rng.usize(1..12);
            let twice: String = after.chars().take(length).collect();
            format!("{before}{twice}{after}")
        }
        7..=10 => lines(&text, rng),
        11 => replaced(&text, &["'", "\""], &["", "'", "\""], rng),
        12 => replaced(&text, &[": "], &[":", " : ", "= ", ":\n", " "], rng),
        13 => replaced(&text, &["{", "}", "[", "]", ","], &["", "(", "{", "]", ";"], rng),
        14..=15 => {
            let from = KEYS[rng.usize(..KEYS.len())];
            let to = KEYS[rng.usize(..KEYS.len())];
            replaced(&text, &[&format!("{from}:")], &[&format!("{to}:"), to, "nane:", "tokn:"], rng)
        }
        16 => split(&text, rng).0.to_owned(),
        17..=18 => encoded(&text, planted, rng),
        _ => match rng.u8(..5) {
            0 => text.replace('\n', "\r\n"),
            1 => format!("\u{feff}{text}"),
            2 => text.replacen('\n', "\n---\n", rng.usize(1..4)),
            3 => text.replace("  ", "\t"),
            _ => text.replace('\n', " "),
        },
    }
}

fn split<'a>(text: &'a str, rng: &mut Rng) -> (&'a str, &'a str) {
    let mut at = rng.usize(..=text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    text.split_at(at)
}

/// Whole lines.
fn lines(text: &str, rng: &mut Rng) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    if lines.len() < 2 {
        return text.to_owned();
    }
    let (at, other) = (rng.usize(..lines.len()), rng.usize(..lines.len()));
    match rng.u8(..8) {
        0 => drop(lines.remove(at)),
        1 => lines.insert(at, lines[at].clone()),
        2 => lines.swap(at, other),
        3 => {
            let line = lines.remove(at);
            lines.insert(other.min(lines.len()), line);
        }
        4 => lines[at].insert_str(0, ["  ", " ", "\t", "    "][rng.usize(..4)]),
        5 => lines[at] = lines[at].trim_start().to_owned(),
        6 => {
            let line = lines.remove(at);
            let before = at.saturating_sub(1);
            lines[before] = format!("{} {}", lines[before], line.trim_start());
        }
        _ => lines[at].insert_str(0, ["# ", "- ", "#", "> "][rng.usize(..4)]),
    }
    lines.join("\n") + "\n"
}

/// One occurrence of one of these by one of those.
fn replaced(text: &str, of: &[&str], by: &[&str], rng: &mut Rng) -> String {
    let of = of[rng.usize(..of.len())];
    let found: Vec<_> = text.match_indices(of).collect();
    if found.is_empty() {
        return text.to_owned();
    }
    let (at, _) = found[rng.usize(..found.len())];
    format!("{}{}{}", &text[..at], by[rng.usize(..by.len())], &text[at + of.len()..])
}

/// A secret in another spelling.
fn encoded(text: &str, planted: &Planted, rng: &mut Rng) -> String {
    if planted.secrets.is_empty() {
        return text.to_owned();
    }
    let secret = &planted.secrets[rng.usize(..planted.secrets.len())];
    let spelled = match rng.u8(..7) {
        0 => base64(secret.as_bytes()),
        1 => percent(secret),
        2 => hex(secret),
        3 => format!(
            "\"{}\"",
            secret.bytes().map(|byte| format!("\\x{byte:02x}")).collect::<String>()
        ),
        4 => format!("{}\n    {}", &secret[..6], &secret[6..]),
        5 => format!("|\n          {secret}\n          x"),
        _ => format!("'{}'", secret.replace('\'', "''")),
    };
    text.replacen(secret.as_str(), &spelled, 1)
}
