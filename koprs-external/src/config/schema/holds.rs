//! What a setting holds and says, as a schema.

use serde_json::{Value, json};

use super::{Use, block, put};
use crate::config::tree;
use crate::spec::node::{Node, Value as Written};
use crate::spec::table::{Default, Kind, Need, Setting};
use crate::spec::{bounds, percentage};

/// A block whose keys are those of a secret.
const SECRET: &str = "http.auth.bearer";

/// A value of which only the text is asked for.
pub(in crate::config) const TEXT: Kind = Kind::Text { most: usize::MAX };

/// The beginning of a variable in a file, whose value a schema cannot know.
const VARIABLE: &str = r"\$\{";

/// What a value may be.
pub(super) fn holds(setting: &Setting, place: Use) -> Value {
    match setting.kind {
        Kind::Block => match block(&setting.path(), place) {
            // `linkHeader:` is `linkHeader: {}`.
            bare if bare.get("properties").is_none() && place != Use::Resource => {
                json!({ "type": ["object", "null"], "additionalProperties": false })
            }
            block => block,
        },
        kind => value(kind, place),
    }
}

fn value(kind: Kind, place: Use) -> Value {
    let mut value = any_length(kind, place);
    if let Some(most) = most_length(kind) {
        put(&mut value, "maxLength", most.into());
    }
    value
}

/// The most characters of a text. There are no more of them than bytes, which are what counts. In a file, a short text
/// may be that of a variable with a long name.
fn most_length(kind: Kind) -> Option<usize> {
    match kind {
        Kind::Label | Kind::List { .. } | Kind::Map { .. } | Kind::Options { .. } => None,
        _ => kind.most_bytes(),
    }
}

fn any_length(kind: Kind, place: Use) -> Value {
    // A file has numbers and booleans where texts are meant.
    let text = match place {
        Use::Resource => json!("string"),
        _ => json!(["string", "number", "boolean"]),
    };
    let or_variable = |pattern: &str| match place {
        Use::Resource => pattern.to_owned(),
        _ => format!("{pattern}|{VARIABLE}"),
    };
    let pattern = |pattern: &str| json!({ "type": "string", "pattern": or_variable(pattern) });
    match kind {
        Kind::Label => {
            json!({ "type": text, "pattern": or_variable("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$") })
        }
        Kind::Duration { .. } => pattern(r"^\s*([0-9][0-9\s]*(\.[0-9\s]+)?(ms|s|m|h|d)\s*)+$"),
        Kind::Size => {
            let or_bytes =
                if place == Use::Resource { json!("string") } else { json!(["string", "integer"]) };
            let size = r"^\+?[0-9.]+\s*([kKmMgGtTpPeE]?[iI]?[bB]?)$";
            json!({ "type": or_bytes, "pattern": or_variable(size) })
        }
        Kind::Percentage { .. } => {
            pattern(r"^\s*\+?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?\s*%\s*$")
        }
        Kind::Whole { least, most } => whole(least, most, place),
        Kind::Flag if place == Use::Resource => json!({ "type": "boolean" }),
        Kind::Flag => word(json!([true, false, "true", "false"])),
        Kind::Word(words) if place == Use::Resource => json!({ "type": "string", "enum": words() }),
        Kind::Word(words) => word(json!(words())),
        Kind::Text { .. } => json!({ "type": text }),
        Kind::Filled { .. } | Kind::Path | Kind::Json { .. } => {
            json!({ "type": text, "minLength": 1 })
        }
        Kind::Url(schemes) => pattern(&url(schemes)),
        Kind::Pointer => pattern(&format!("^(/([^~/]|~[01])*){{0,{}}}$", bounds::SEGMENTS)),
        Kind::HeaderName => {
            json!({ "type": text, "pattern": or_variable("^[!#$%&'*+.^_`|~0-9A-Za-z-]+$") })
        }
        Kind::Variable => {
            json!({ "type": text, "pattern": or_variable("^[A-Za-z_][A-Za-z0-9_]*$") })
        }
        Kind::List { of, most, bytes: _ } => {
            json!({ "type": "array", "items": value(*of, place), "maxItems": most })
        }
        Kind::Map { of, most, bytes: _ } => json!({
            "type": "object", "additionalProperties": value(*of, place), "maxProperties": most
        }),
        Kind::Options { most } => json!({
            "type": "object", "additionalProperties": option(place), "maxProperties": most
        }),
        Kind::Block => json!({ "type": "object" }),
    }
}

fn whole(least: u64, most: Option<u64>, place: Use) -> Value {
    let mut whole = json!({ "type": "integer", "minimum": least });
    if let Some(most) = most {
        put(&mut whole, "maximum", most.into());
    }
    if place != Use::Resource {
        put(&mut whole, "type", json!(["integer", "string"]));
        put(&mut whole, "pattern", format!("^[0-9]+$|{VARIABLE}").into());
    }
    whole
}

/// One of several words of a file, or a variable.
fn word(words: Value) -> Value {
    json!({ "anyOf": [{ "enum": words }, { "type": "string", "pattern": VARIABLE }] })
}

/// A text or where it comes from; Kubernetes wants one type.
fn option(place: Use) -> Value {
    match place {
        Use::Resource => block(SECRET, place),
        _ => {
            json!({ "anyOf": [value(Kind::Filled { most: bounds::SECRET }, place), block(SECRET, place)] })
        }
    }
}

/// The beginning of a URL, in upper and lower case.
fn url(schemes: &[&str]) -> String {
    let letter = |c: char| match c.is_ascii_alphabetic() {
        true => format!("[{}{c}]", c.to_ascii_uppercase()),
        false => c.to_string(),
    };
    let scheme = |scheme: &&str| scheme.chars().map(letter).collect::<String>();
    let schemes: Vec<_> = schemes.iter().map(scheme).collect();
    format!(r"^({})://[^\\]*$", schemes.join("|"))
}

/// Adds what it says, its default and an example.
pub(super) fn described(schema: &mut Value, setting: &Setting, place: Use) {
    let by_default = match setting.default {
        Default::None => String::new(),
        Default::Words(words) => format!(" Default: {words}."),
        other => other.written().map(|it| format!(" Default: `{it}`.")).unwrap_or_default(),
    };
    let required = match (setting.need, setting.shared, place) {
        (Need::Required, true, Use::Watcher) => " Required, here or in `defaults`.",
        (Need::Required, ..) if place.requires(setting) => " Required.",
        _ => "",
    };
    let most = match setting.kind {
        Kind::Percentage { most } => format!(" At most `{}`.", percentage::show(most)),
        _ => String::new(),
    };
    let description = format!("{}.{most}{required}{by_default}", capital(setting.doc));
    put(schema, "description", description.into());
    if place == Use::Resource {
        return;
    }
    if let Some(default) = setting.default.written() {
        put(schema, "default", scalar(setting.kind, &default));
    }
    if !matches!(setting.kind, Kind::Block)
        && let Ok(example) = tree::parse(setting.example, &mut Vec::new())
    {
        put(schema, "examples", json!([written(setting.kind, &example)]));
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// What is written, as the type that the schema names first.
pub(in crate::config) fn written(kind: Kind, node: &Node) -> Value {
    match &node.value {
        Written::Null => Value::Null,
        Written::Scalar(text) => scalar(kind, text),
        Written::Sequence(items) => items.iter().map(|item| written(TEXT, item)).collect(),
        Written::Mapping(entries) => {
            let entries = entries.iter().filter_map(|(key, value)| match &key.value {
                Written::Scalar(name) => Some((name.clone(), written(TEXT, value))),
                _ => None,
            });
            Value::Object(entries.collect())
        }
    }
}

pub(in crate::config) fn scalar(kind: Kind, text: &str) -> Value {
    match kind {
        Kind::Whole { .. } => text.parse::<u64>().map_or(Value::Null, Value::from),
        Kind::Flag => Value::Bool(text == "true"),
        _ => text.into(),
    }
}
