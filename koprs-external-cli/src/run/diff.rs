//! What differs between two values, member by member. Pure.

use serde_json::{Map, Value};

/// The longest text that is shown as a whole.
const LONG: usize = 40;
/// How many characters are shown around what differs in longer texts.
const CONTEXT: usize = 12;

/// Each changed member: `limits.burst: 20 → 40`, `+beta: true`, `-old: 1`. `order` says which members of the value come
/// first; others follow in the order of their names.
pub(super) fn changes(before: &Value, after: &Value, order: &[&str]) -> Vec<String> {
    let mut out = Vec::new();
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            members("", before, after, order, &mut out)
        }
        _ => walk("", before, after, &mut out),
    }
    out
}

fn walk(path: &str, before: &Value, after: &Value, out: &mut Vec<String>) {
    match (before, after) {
        _ if before == after => {}
        (Value::Object(before), Value::Object(after)) => members(path, before, after, &[], out),
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (at, (before, after)) in before.iter().zip(after).enumerate() {
                walk(&format!("{path}[{at}]"), before, after, out);
            }
        }
        (Value::String(before), Value::String(after)) => {
            let (before, after) = around_difference(before, after);
            out.push(labelled(path, &format!("{before} → {after}")));
        }
        _ => out.push(labelled(path, &format!("{before} → {after}"))),
    }
}

fn members(
    path: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    order: &[&str],
    out: &mut Vec<String>,
) {
    for name in names(before, after, order) {
        let path = member(path, name);
        match (before.get(name), after.get(name)) {
            (Some(before), Some(after)) => walk(&path, before, after, out),
            (Some(before), None) => out.push(format!("-{path}: {before}")),
            (None, Some(after)) => out.push(format!("+{path}: {after}")),
            (None, None) => {}
        }
    }
}

/// The members of both, those of the order first.
fn names<'a>(
    before: &'a Map<String, Value>,
    after: &'a Map<String, Value>,
    order: &[&str],
) -> Vec<&'a str> {
    let rank = |name: &str| order.iter().position(|it| *it == name).unwrap_or(order.len());
    let mut names: Vec<_> = before.keys().chain(after.keys()).map(String::as_str).collect();
    names.sort_unstable_by_key(|name| (rank(name), *name));
    names.dedup();
    names
}

/// `limits.burst`, `labels["app/name"]`
fn member(path: &str, name: &str) -> String {
    let is_word = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '@'));
    match (is_word, path.is_empty()) {
        (true, true) => name.to_owned(),
        (true, false) => format!("{path}.{name}"),
        (false, _) => format!("{path}[{}]", Value::from(name)),
    }
}

fn labelled(path: &str, change: &str) -> String {
    if path.is_empty() { change.to_owned() } else { format!("{path}: {change}") }
}

/// Two texts in quotes; of long ones, what differs and a little around it.
fn around_difference(before: &str, after: &str) -> (String, String) {
    let [before, after] = [before, after].map(|text| text.chars().collect::<Vec<_>>());
    let shorter = before.len().min(after.len());
    let same =
        |pairs: usize, pair: (&char, &char)| (pair.0 == pair.1).then_some(pairs + 1).ok_or(pairs);
    let start = before.iter().zip(&after).try_fold(0, same).unwrap_or_else(|same| same);
    let end =
        before.iter().rev().zip(after.iter().rev()).try_fold(0, same).unwrap_or_else(|same| same);
    let end = end.min(shorter - start);
    let shown = |text: &[char]| {
        if text.len() <= LONG {
            return Value::from(text.iter().collect::<String>()).to_string();
        }
        let from = start.saturating_sub(CONTEXT);
        let to = (text.len() - end).saturating_add(CONTEXT).min(text.len());
        let middle: String = text.get(from..to).unwrap_or_default().iter().collect();
        let [before, behind] =
            [from > 0, to < text.len()].map(|is_cut| if is_cut { "…" } else { "" });
        Value::from(format!("{before}{middle}{behind}")).to_string()
    };
    (shown(&before), shown(&after))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_is_shown_by_its_member_before_and_after() {
        let long = |middle: &str| format!("{}{middle}{}", "a".repeat(50), "b".repeat(50));
        let cases = [
            (json!({ "a": 1, "b": 2 }), json!({ "a": 1, "b": 3 }), "b: 2 → 3"),
            (
                json!({ "a": { "b": { "c": "x" } } }),
                json!({ "a": { "b": { "c": "y" } } }),
                "a.b.c: \"x\" → \"y\"",
            ),
            (json!({ "a": 1 }), json!({ "a": 1, "b": true }), "+b: true"),
            (json!({ "a": 1, "b": null }), json!({ "a": 1 }), "-b: null"),
            (json!({ "a": null }), json!({ "a": [] }), "a: null → []"),
            (json!({ "a": [1, 2] }), json!({ "a": [1, 3] }), "a[1]: 2 → 3"),
            (json!({ "a": [1, 2] }), json!({ "a": [1] }), "a: [1,2] → [1]"),
            (json!([{ "a": 1 }]), json!([{ "a": 2 }]), "[0].a: 1 → 2"),
            (
                json!({ "app/name": { "x": 1 } }),
                json!({ "app/name": { "x": 2 } }),
                "[\"app/name\"].x: 1 → 2",
            ),
            (json!({ "a": { "": 1 } }), json!({ "a": { "": 2 } }), "a[\"\"]: 1 → 2"),
            (json!(1), json!("1"), "1 → \"1\""),
            (json!("on"), json!("off"), "\"on\" → \"off\""),
            (json!({ "a": 1 }), json!([1]), "{\"a\":1} → [1]"),
            (json!({ "b": 1, "a": 1 }), json!({ "b": 2, "a": 2 }), "a: 1 → 2 · b: 1 → 2"),
            (
                json!(long("x")),
                json!(long("yy")),
                "\"…aaaaaaaaaaaaxbbbbbbbbbbbb…\" → \"…aaaaaaaaaaaayybbbbbbbbbbbb…\"",
            ),
            (
                json!("a".repeat(45)),
                json!("a".repeat(46)),
                "\"…aaaaaaaaaaaa\" → \"…aaaaaaaaaaaaa\"",
            ),
            (json!(1), json!(1), ""),
        ];
        for (before, after, shown) in cases {
            assert_eq!(changes(&before, &after, &[]).join(" · "), shown);
        }
    }

    #[test]
    fn values_of_the_greatest_depth_are_compared_on_a_small_stack() {
        let test = || {
            // JSON may be nested 127 deep, YAML 128.
            let nested = |value: u8| (0..128).fold(json!(value), |inner, _| json!([inner]));
            let shown = changes(&nested(1), &nested(2), &[]);
            assert_eq!(shown, [format!("{}: 1 → 2", "[0]".repeat(128))]);
        };
        let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).unwrap();
        thread.join().unwrap();
    }

    #[test]
    fn members_that_matter_come_first() {
        let before = json!({ "etag": "a", "path": "p", "value": { "size": 1 }, "size": 1 });
        let after = json!({ "etag": "b", "path": "p", "value": { "size": 2 }, "size": 2 });
        let shown = changes(&before, &after, &["value", "size"]);
        assert_eq!(shown, ["value.size: 1 → 2", "size: 1 → 2", "etag: \"a\" → \"b\""]);
    }
}
