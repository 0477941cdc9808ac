//! Each bound of the table: what is at it is read, and what is above it is refused with the name of its setting.

use serde_json::{Map, Value, json};

use super::{
    deserialized, example, file, holds, loaded, mistakes, resource_mistakes, schema, watcher,
};
use crate::spec::table::{Default, Kind, SETTINGS, Setting, Untrusted};
use crate::spec::{Invalid, Trust, bounds, duration, percentage};

/// A text that a kind of setting can hold, of so many bytes.
fn text(kind: Kind, path: &str, bytes: usize) -> String {
    let filled = |head: &str, tail: &str| {
        let rest = bytes.checked_sub(head.len() + tail.len()).unwrap();
        format!("{head}{}{tail}", "a".repeat(rest))
    };
    match kind {
        // An origin is a scheme and a host.
        Kind::Url(_) if path == "http.pages.origins" => filled("https://", "/"),
        Kind::Url(schemes) if schemes.contains(&"s3") => filled("s3://bucket/", "/"),
        Kind::Url(_) if path == "http.url" => filled("https://api.example.com/", ""),
        Kind::Url(_) => filled("https://login.example.com/", ""),
        Kind::Pointer => filled("/", ""),
        Kind::Json { .. } => filled("\"", "\""),
        _ => filled("", ""),
    }
}

/// An entry of a list, which no other is like.
fn entry(kind: Kind, n: usize) -> String {
    match kind {
        Kind::Url(_) => format!("https://h{n}.example.com"),
        Kind::Pointer => format!("/a{n}"),
        _ => format!("a{n}"),
    }
}

/// So many entries by their names.
fn entries(many: usize) -> Map<String, Value> {
    (0..many).map(|n| (format!("X-{n}"), json!("a"))).collect()
}

/// What is bounded of a setting: what it is at its bound, and one above.
fn bounded(setting: &Setting) -> Vec<(Value, Value)> {
    let path = setting.path();
    let both = |of: &dyn Fn(usize) -> Value, most: usize| (of(most), of(most + 1));
    let mut bounded = Vec::new();
    match setting.kind {
        Kind::List { of, most, bytes } => {
            let many = |many| (0..many).map(|n| entry(*of, n)).collect();
            bounded.push(both(&many, most));
            if let Some(bytes) = bytes {
                // In pieces, none of which is too long.
                let in_pieces = |bytes: usize| {
                    let piece = |n: usize| format!("{n:0>4}{}", "a".repeat(508));
                    let rest = "a".repeat(bytes % 512);
                    (0..bytes / 512).map(piece).chain((!rest.is_empty()).then_some(rest)).collect()
                };
                bounded.push(both(&in_pieces, bytes));
            }
            let most = of.most_bytes().unwrap();
            bounded.push(both(&|bytes| json!([text(*of, &path, bytes)]), most));
        }
        Kind::Map { of: _, most, bytes } => {
            bounded.push(both(&|many| entries(many).into(), most));
            if let Some(bytes) = bytes {
                bounded.push(both(&|bytes| json!({ "X-A": "a".repeat(bytes - 3) }), bytes));
            }
        }
        // No store has so many that they could be told apart; what one holds that is no part of a URL is that of a secret.
        Kind::Options { .. } => {
            let value = |bytes| json!({ "aws_session_token": { "value": "a".repeat(bytes) } });
            bounded.push(both(&value, bounds::SECRET));
        }
        Kind::Duration { most } => {
            let more = format!("{} 1ms", duration::show(most));
            bounded.push((json!(duration::show(most)), json!(more)));
        }
        Kind::Percentage { most } => {
            let above = percentage::show(most + 0.01);
            bounded.push((json!(percentage::show(most)), json!(above)));
        }
        Kind::Whole { least: _, most: Some(most) } => {
            bounded.push((json!(most), json!(most + 1)));
        }
        kind => {
            let most = kind.most_bytes();
            bounded.extend(most.map(|most| both(&|bytes| json!(text(kind, &path, bytes)), most)));
        }
    }
    bounded
}

#[test]
fn each_setting_holds_what_is_at_its_bound_and_refuses_what_is_above() {
    let mut seen = 0;
    for setting in SETTINGS {
        let path = setting.path();
        for (at, above) in bounded(setting) {
            seen += 1;
            let (at, above) = (watcher(setting, &at), watcher(setting, &above));
            for read in [loaded, deserialized] {
                read(&at).unwrap_or_else(|told| panic!("{path}: {told}"));
                let told = read(&above).unwrap_err();
                assert!(told.contains(&setting.yaml()), "{path}: {told}");
            }
            let schema = schema().to_value();
            assert_eq!(mistakes(&schema, &file(&at)), [""; 0], "{path}");
            assert_eq!(resource_mistakes(&at), [""; 0], "{path}");
        }
    }
    assert!(seen > 60, "{seen}");
}

/// What a schema can say of it: the bytes together of a map it cannot, nor what a text means.
#[test]
fn the_schemas_refuse_what_is_above_a_bound() {
    let schema = schema().to_value();
    for setting in SETTINGS {
        let path = setting.path();
        let (most, length) = (setting.kind.most_entries(), setting.kind.most_bytes());
        let above = match (setting.kind, most, length) {
            (Kind::Map { .. } | Kind::Options { .. }, Some(most), _) => entries(most + 1).into(),
            (Kind::List { of, .. }, Some(most), _) => (0..=most).map(|n| entry(*of, n)).collect(),
            (kind, _, Some(most)) => json!(text(kind, &path, most + 1)),
            (Kind::Whole { most: Some(most), .. }, ..) => json!(most + 1),
            _ => continue,
        };
        let watcher = watcher(setting, &above);
        assert_ne!(mistakes(&schema, &file(&watcher)), [""; 0], "{path}");
        assert_ne!(resource_mistakes(&watcher), [""; 0], "{path}");
    }
}

fn bytes_of(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::Array(items) => items.iter().map(bytes_of).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + bytes_of(value)).sum(),
        _ => 0,
    }
}

/// A watcher of so many bytes, with its keys.
fn declaration(bytes: usize) -> Value {
    let with = |body: usize, secret: usize, query: usize| {
        json!({
            "name": "flags", "interval": "30s",
            "http": {
                "url": "https://api.example.com/v1/flags",
                "header": { "X-A": "a".repeat(bounds::HEADER_BYTES - 3) },
                "query": { "a": "a".repeat(query) },
                "auth": { "bearer": { "value": "a".repeat(secret) } },
                "body": { "text": "a".repeat(body) }
            }
        })
    };
    let rest = bytes - bytes_of(&with(bounds::BODY, 0, 0));
    with(bounds::BODY, rest.min(60_000), rest.saturating_sub(60_000))
}

#[test]
fn a_whole_declaration_has_a_bound() {
    for read in [loaded, deserialized] {
        read(&declaration(bounds::DECLARATION)).unwrap();
        let told = read(&declaration(bounds::DECLARATION + 1)).unwrap_err();
        assert!(told.contains("a watcher has at most `256KiB`"), "{told}");
    }
    // A list of nothing has keys and values, too. Other formats count the end of each list.
    let is_refused = |read: fn(&Value) -> Result<_, String>, many| {
        let nothing = json!({ "name": "a", "x": vec![Value::Null; many] });
        read(&nothing).unwrap_err().contains("a watcher has at most `256KiB`")
    };
    assert!(!is_refused(loaded, bounds::NODES - 5) && is_refused(loaded, bounds::NODES - 4));
    assert!(
        !is_refused(deserialized, bounds::NODES - 7) && is_refused(deserialized, bounds::NODES)
    );
}

/// A value that `Untrusted` leaves to anybody, and one that it refuses, with the code.
fn untrusted(setting: &Setting) -> (Option<Value>, Option<(Value, &'static str)>) {
    let example = example(setting);
    let host = match setting.kind {
        Kind::Map { .. } => json!({ "Host": "inside" }),
        _ => json!("Host"),
    };
    match setting.untrusted {
        Untrusted::Allowed => (Some(example), None),
        Untrusted::Refused { code, .. } => (None, Some((example, code))),
        Untrusted::WithoutHost => (Some(example), Some((host, "untrusted-header"))),
        Untrusted::PublicHosts => {
            let inside = match setting.kind {
                Kind::List { .. } => json!(["http://10.0.0.1"]),
                _ => json!("http://10.0.0.1/"),
            };
            (Some(example), Some((inside, "not-public")))
        }
        Untrusted::OnlyDefault | Untrusted::AtMostDefault | Untrusted::AtMost(_) => {
            let most = setting.most_untrusted().unwrap_or(setting.default);
            let above = match most {
                Default::Duration(it) => json!(format!("{} 1ms", duration::show(it))),
                Default::Size(bytes) => json!((bytes + 1).to_string()),
                Default::Whole(number) => json!(number + 1),
                other => panic!("{}: {other:?}", setting.path()),
            };
            let most = holds::scalar(setting.kind, &most.written().unwrap());
            (Some(most), Some((above, "untrusted-limit")))
        }
    }
}

#[test]
fn untrusted_declarations_have_what_the_rows_say() {
    for setting in SETTINGS.iter().filter(|it| {
        !matches!(it.kind, Kind::Block) || matches!(it.untrusted, Untrusted::Refused { .. })
    }) {
        let path = setting.path();
        let within = format!("{path}.");
        // Of what stands beside it for the sake of the example nothing is asked.
        let codes = |value: &Value| -> Vec<_> {
            let spec = deserialized(&watcher(setting, value)).unwrap();
            let mistakes = spec.under(Trust::Untrusted).err().map(|refused| refused.mistakes);
            let own = |it: &Invalid| it.setting == path || it.setting.starts_with(&within);
            mistakes.into_iter().flatten().filter(own).map(|it| it.code).collect()
        };
        let (fine, refused) = untrusted(setting);
        fine.into_iter().for_each(|fine| assert_eq!(codes(&fine), [""; 0], "{path}"));
        refused.into_iter().for_each(|(value, code)| assert_eq!(codes(&value), [code], "{path}"));
    }
}
