//! Any declaration reads any answer: as values or as an error of bounded size, on a small stack.
//!
//! The input is a line with the content type, the declaration as YAML or JSON up to a line `---`, and the body. In the
//! body, `\u{1}` and the byte behind it repeat the byte before them, for input that is deep or long.

#![no_main]

use std::thread;

use koprs_external::private::{WatcherSpec, read_answer};
use koprs_external::set::WatcherSet;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// The most bytes of an error.
const LONGEST_ERROR: usize = 4 * 1024;
/// Deeper values are refused.
const DEEPEST: usize = 128;
/// Release builds have small frames: what recurses with its input does not fit here either.
const STACK: usize = 512 * 1024;

fuzz_target!(|input: &[u8]| {
    let Some((head, body)) = split(input, b"\n---\n") else { return };
    let Ok(head) = std::str::from_utf8(head) else { return };
    let (content_type, declaration) = head.split_once('\n').unwrap_or(("", head));
    let content_type = Some(content_type).filter(|it| !it.is_empty());
    let body = grown(body);
    let run = || specs(declaration).iter().for_each(|spec| read(spec, content_type, &body));
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        thread.expect("a thread starts").join().expect("nothing panics");
    });
});

/// The declarations of a file, or the one that is given by itself.
fn specs(text: &str) -> Vec<WatcherSpec> {
    if let Ok(spec) = serde_json::from_str(text) {
        return vec![spec];
    }
    let file = format!("apiVersion: koprs-external/v1\nwatchers:\n{text}");
    let Ok(set) = WatcherSet::from_str(&file) else { return Vec::new() };
    set.names().filter_map(|name| set.spec(name).cloned()).collect()
}

fn read(spec: &WatcherSpec, content_type: Option<&str>, body: &[u8]) {
    let values = match read_answer(spec, content_type, body) {
        Ok(values) => values,
        Err(error) => return bounded(&error.to_string()),
    };
    if let Some(items) = spec.items() {
        assert!(values.len() <= items.limit(), "more items than the limit");
    }
    for (key, value) in &values {
        assert!(key.as_ref().is_none_or(|key| !key.is_empty()), "a key is empty");
        match value {
            Ok(value) => assert!(depth(value) <= DEEPEST, "nested too deep"),
            Err(error) => bounded(&error.to_string()),
        }
    }
    // The same body comes to the same.
    let again = read_answer(spec, content_type, body).expect("it was read before");
    let plain = |values: &[(Option<String>, Result<Value, _>)]| {
        let value = |(key, value): &(Option<String>, Result<Value, _>)| {
            (key.clone(), value.as_ref().ok().cloned())
        };
        values.iter().map(value).collect::<Vec<_>>()
    };
    assert_eq!(plain(&values), plain(&again));
}

fn bounded(error: &str) {
    assert!(!error.is_empty() && error.len() <= LONGEST_ERROR, "{} bytes", error.len());
    assert!(!error.chars().any(char::is_control), "{error:?}");
}

fn depth(value: &Value) -> usize {
    let (mut deepest, mut left) = (0, vec![(value, 0)]);
    while let Some((value, depth)) = left.pop() {
        deepest = deepest.max(depth);
        match value {
            Value::Array(items) => left.extend(items.iter().map(|item| (item, depth + 1))),
            Value::Object(members) => left.extend(members.values().map(|it| (it, depth + 1))),
            _ => {}
        }
    }
    deepest
}

fn split<'a>(input: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = input.windows(at.len()).position(|window| window == at)?;
    Some((input.get(..place)?, input.get(place + at.len()..)?))
}

/// Repeats bytes where the input asks for it, up to a limit.
fn grown(body: &[u8]) -> Vec<u8> {
    let (mut out, mut bytes) = (Vec::new(), body.iter());
    while let Some(byte) = bytes.next().filter(|_| out.len() < 64 * 1024) {
        match (byte, out.last().copied()) {
            (1, Some(last)) => {
                let times = usize::from(bytes.next().copied().unwrap_or_default()) * 64;
                out.extend(std::iter::repeat_n(last, times));
            }
            _ => out.push(*byte),
        }
    }
    out
}
