//! JSON Schema, as far as the library writes it: what a value does wrong, and what a schema does wrong as a part of
//! a CRD.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support: a schema that is not understood should fail the test"
)]

use regex::Regex;
use serde_json::{Map, Value};

/// What says something of a schema and nothing of a value.
const ANNOTATIONS: [&str; 7] =
    ["$schema", "$id", "title", "description", "default", "examples", "format"];

/// What is wrong with a value, each with its path in it.
///
/// # Panics
///
/// On a keyword that it does not know, so that none is overlooked.
pub fn mistakes(schema: &Value, value: &Value) -> Vec<String> {
    let mut out = Vec::new();
    check(schema, value, "", &mut out);
    out
}

fn check(schema: &Value, value: &Value, at: &str, out: &mut Vec<String>) {
    let Value::Object(keywords) = schema else {
        if *schema == Value::Bool(false) {
            out.push(format!("{at}: is not allowed"));
        }
        return;
    };
    for (keyword, rule) in keywords {
        if !ANNOTATIONS.contains(&keyword.as_str())
            && !holds(keywords, keyword, rule, value, at, out)
        {
            out.push(format!("{at}: `{keyword}` does not hold"));
        }
    }
}

fn valid(schema: &Value, value: &Value) -> bool {
    mistakes(schema, value).is_empty()
}

/// Whether a keyword holds; mistakes further down are told there.
fn holds(
    schema: &Map<String, Value>,
    keyword: &str,
    rule: &Value,
    value: &Value,
    at: &str,
    out: &mut Vec<String>,
) -> bool {
    let rules = || rule.as_array().into_iter().flatten();
    let length = value.as_str().map(|text| text.chars().count() as u64);
    let number = value.as_f64();
    let limit = || rule.as_f64().unwrap_or(f64::NAN);
    match keyword {
        "type" => {
            let mut types = rules().chain(rule.is_string().then_some(rule));
            types.any(|it| it.as_str().is_some_and(|it| is(it, value)))
        }
        "const" => rule == value,
        "enum" => rules().any(|it| it == value),
        "pattern" => {
            let pattern = Regex::new(rule.as_str().unwrap_or("(")).expect("a pattern");
            value.as_str().is_none_or(|text| pattern.is_match(text))
        }
        "minLength" => length.is_none_or(|length| Some(length) >= rule.as_u64()),
        "maxLength" => length.is_none_or(|length| Some(length) <= rule.as_u64()),
        "minimum" => number.is_none_or(|number| number >= limit()),
        "maximum" => number.is_none_or(|number| number <= limit()),
        "minItems" => {
            value.as_array().is_none_or(|items| Some(items.len() as u64) >= rule.as_u64())
        }
        "maxItems" => {
            value.as_array().is_none_or(|items| Some(items.len() as u64) <= rule.as_u64())
        }
        "maxProperties" => {
            value.as_object().is_none_or(|map| Some(map.len() as u64) <= rule.as_u64())
        }
        "uniqueItems" => value.as_array().is_none_or(|items| {
            (1..items.len()).all(|n| !items.get(..n).unwrap_or_default().contains(&items[n]))
        }),
        "required" => value.as_object().is_none_or(|map| {
            rules().all(|name| name.as_str().is_some_and(|name| map.contains_key(name)))
        }),
        "items" => {
            for (n, item) in value.as_array().into_iter().flatten().enumerate() {
                check(rule, item, &format!("{at}/{n}"), out);
            }
            true
        }
        "properties" => {
            for (name, value) in value.as_object().into_iter().flatten() {
                if let Some(rule) = rule.get(name) {
                    check(rule, value, &format!("{at}/{name}"), out);
                }
            }
            true
        }
        "patternProperties" => true,
        "additionalProperties" => {
            for (name, value) in value.as_object().into_iter().flatten() {
                if !named(schema, name) {
                    check(rule, value, &format!("{at}/{name}"), out);
                }
            }
            true
        }
        "oneOf" => rules().filter(|rule| valid(rule, value)).count() == 1,
        "anyOf" => rules().any(|rule| valid(rule, value)),
        "if" => valid(rule, value) || schema.get("else").is_none_or(|rule| valid(rule, value)),
        "else" => true,
        other => panic!("the keyword `{other}` is not known here"),
    }
}

/// Whether a schema says something of a key by its name.
fn named(schema: &Map<String, Value>, name: &str) -> bool {
    let patterns = schema.get("patternProperties").and_then(Value::as_object);
    let mut patterns = patterns.into_iter().flatten();
    schema.get("properties").is_some_and(|known| known.get(name).is_some())
        || patterns.any(|(pattern, _)| Regex::new(pattern).expect("a pattern").is_match(name))
}

fn is(kind: &str, value: &Value) -> bool {
    match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "null" => value.is_null(),
        other => panic!("the type `{other}` is not known here"),
    }
}

/// What a schema of a CRD may have, without what Kubernetes forbids there.
const OF_A_CRD: [&str; 21] = [
    "type",
    "description",
    "title",
    "format",
    "default",
    "nullable",
    "enum",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
    "maxProperties",
    "required",
    "properties",
    "additionalProperties",
    "items",
    "oneOf",
    "anyOf",
];
/// What stands outside of `oneOf` and `anyOf` only.
const OUTSIDE: [&str; 5] = ["description", "type", "default", "additionalProperties", "nullable"];

/// Where a schema is not structural in the sense of Kubernetes:
/// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>
pub fn not_structural(schema: &Value) -> Vec<String> {
    let mut out = Vec::new();
    node(schema, "", &mut out);
    out
}

fn node(schema: &Value, at: &str, out: &mut Vec<String>) {
    let mut wrong = |what: String| out.push(format!("{at}: {what}"));
    let Value::Object(keywords) = schema else { return wrong("is not an object".to_owned()) };
    let extended =
        |name: &str| keywords.get(&format!("x-kubernetes-{name}")) == Some(&Value::Bool(true));
    if !keywords.get("type").is_some_and(Value::is_string)
        && !extended("int-or-string")
        && !extended("preserve-unknown-fields")
    {
        wrong("has no type".to_owned());
    }
    for keyword in keywords.keys() {
        if !OF_A_CRD.contains(&keyword.as_str()) && !keyword.starts_with("x-kubernetes-") {
            wrong(format!("has `{keyword}`"));
        }
    }
    match keywords.get("additionalProperties") {
        Some(Value::Bool(false)) => wrong("forbids additional properties".to_owned()),
        Some(_) if keywords.contains_key("properties") => {
            wrong("has properties and additional ones".to_owned());
        }
        _ => {}
    }
    for junctor in ["oneOf", "anyOf"] {
        for inner in keywords.get(junctor).and_then(Value::as_array).into_iter().flatten() {
            within(inner, schema, &format!("{at}/{junctor}"), out);
        }
    }
    below(schema, at, out, node);
}

/// Inside of a junctor: what is said there of a field is said of one that is specified outside.
fn within(schema: &Value, outside: &Value, at: &str, out: &mut Vec<String>) {
    for keyword in OUTSIDE {
        if schema.get(keyword).is_some() {
            out.push(format!("{at}: has `{keyword}`"));
        }
    }
    for (name, inner) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        match outside.get("properties").and_then(|known| known.get(name)) {
            Some(known) => within(inner, known, &format!("{at}/{name}"), out),
            None => out.push(format!("{at}/{name}: is not specified outside")),
        }
    }
}

fn below(
    schema: &Value,
    at: &str,
    out: &mut Vec<String>,
    walk: fn(&Value, &str, &mut Vec<String>),
) {
    for (name, property) in
        schema.get("properties").and_then(Value::as_object).into_iter().flatten()
    {
        walk(property, &format!("{at}/{name}"), out);
    }
    for keyword in ["items", "additionalProperties"] {
        if let Some(inner) = schema.get(keyword).filter(|inner| inner.is_object()) {
            walk(inner, &format!("{at}/{keyword}"), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_that_a_schema_refuses_is_told_with_its_path() {
        let schema = json!({
            "type": "object",
            "required": ["a"],
            "properties": {
                "a": { "type": ["integer", "string"], "minimum": 1, "pattern": "^[0-9]+$" },
                "b": { "type": "array", "items": { "enum": ["x"] }, "minItems": 1, "maxItems": 2 },
                "d": { "type": "object", "maxProperties": 1 }
            },
            "patternProperties": { "^x-": {} },
            "additionalProperties": false,
            "oneOf": [{ "required": ["b"] }, { "required": ["x-b"] }]
        });
        let cases = [
            (json!({ "a": 1, "b": ["x"] }), ""),
            (json!({ "a": "1", "x-b": {} }), ""),
            (json!({ "a": 0, "b": ["x"] }), "/a: `minimum` does not hold"),
            (json!({ "a": "y", "b": ["x"] }), "/a: `pattern` does not hold"),
            (json!({ "a": true, "b": ["x"] }), "/a: `type` does not hold"),
            (json!({ "a": 1, "b": ["y"] }), "/b/0: `enum` does not hold"),
            (json!({ "a": 1, "b": [] }), "/b: `minItems` does not hold"),
            (json!({ "a": 1, "b": ["x", "x", "x"] }), "/b: `maxItems` does not hold"),
            (
                json!({ "a": 1, "b": ["x"], "d": { "e": 1, "f": 2 } }),
                "/d: `maxProperties` does not hold",
            ),
            (json!({ "b": ["x"] }), ": `required` does not hold"),
            (json!({ "a": 1 }), ": `oneOf` does not hold"),
            (json!({ "a": 1, "b": ["x"], "c": 1 }), "/c: is not allowed"),
        ];
        for (value, told) in cases {
            assert_eq!(mistakes(&schema, &value).join("; "), told, "{value}");
        }
    }

    #[test]
    fn what_is_not_structural_is_found() {
        let cases = [
            (json!({ "type": "object", "properties": { "a": {} } }), "/a: has no type"),
            (json!({ "type": "array", "items": { "enum": ["x"] } }), "/items: has no type"),
            (json!({ "type": ["string", "number"] }), ": has no type"),
            (
                json!({ "type": "object", "additionalProperties": false }),
                ": forbids additional properties",
            ),
            (
                json!({ "type": "object", "properties": {}, "additionalProperties": { "type": "string" } }),
                ": has properties and additional ones",
            ),
            (json!({ "type": "object", "$ref": "#/x" }), ": has `$ref`"),
            (json!({ "type": "object", "patternProperties": {} }), ": has `patternProperties`"),
            (json!({ "type": "object", "oneOf": [{ "type": "object" }] }), "/oneOf: has `type`"),
            (
                json!({ "type": "object", "anyOf": [{ "properties": { "a": { "minimum": 1 } } }] }),
                "/anyOf/a: is not specified outside",
            ),
            (
                json!({
                    "type": "object",
                    "properties": { "a": { "type": "string" }, "b": { "x-kubernetes-int-or-string": true } },
                    "oneOf": [{ "required": ["a"] }]
                }),
                "",
            ),
        ];
        for (schema, told) in cases {
            assert_eq!(not_structural(&schema).join("; "), told, "{schema}");
        }
    }
}
