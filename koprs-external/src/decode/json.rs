use serde::de::DeserializeOwned;

use super::items::reach;
use super::refused::{Refused, of_type};

/// Decodes JSON (RFC 8259): one value, nothing after it.
pub(super) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.inner();
        match is_syntax(inner) {
            true => broken(inner).within(error.path()),
            false => of_type::<T>(error.path(), &without_place(inner), |at| reach(text, at)),
        }
    })?;
    json.end().map_err(|error| broken(&error))?;
    Ok(value)
}

/// A text that is not JSON.
pub(super) fn broken(error: &serde_json::Error) -> Refused {
    let full = error.to_string();
    Refused::syntax(match full.starts_with("recursion limit exceeded") {
        true => format!("it is nested more than 127 deep{}", place(error)),
        false => format!("not JSON: {full}"),
    })
    .short()
}

/// The parser counts a nesting that is too deep as syntax, too.
fn is_syntax(error: &serde_json::Error) -> bool {
    !error.is_data()
}

fn without_place(error: &serde_json::Error) -> String {
    let full = error.to_string();
    full.strip_suffix(&place(error)).map_or(full.clone(), str::to_owned)
}

fn place(error: &serde_json::Error) -> String {
    format!(" at line {} column {}", error.line(), error.column())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    struct Limits {
        #[allow(dead_code, reason = "only its type matters")]
        cpu: Vec<u32>,
    }

    #[derive(Debug, Deserialize)]
    struct Node {
        #[allow(dead_code, reason = "only its type matters")]
        limits: Limits,
    }

    #[test]
    fn a_decode_error_has_the_path_inside_the_value() {
        let cases = [
            (r#"{"limits":{"cpu":[0,1,"two"]}}"#, "limits.cpu[2]", r#"expected u32, found "two""#),
            (r#"{"limits":{"cpu":[-1]}}"#, "limits.cpu[0]", "expected u32, found integer `-1`"),
            (r#"{"limits":{}}"#, "limits", "missing field `cpu`; found an empty object"),
            (
                r#"{"limits":{"gpu":1}}"#,
                "limits",
                "missing field `cpu`; found an object with `gpu`",
            ),
            (
                r#"{"limits":{"cpu":{"a":1}}}"#,
                "limits.cpu",
                "expected an array, found an object with `a`",
            ),
            (r#"{"limits":[]}"#, "limits", "expected struct Limits, found an empty array"),
            (r#"{"limits":"x"}"#, "limits", r#"expected struct Limits, found "x""#),
            ("1", "", "expected an object with `limits`, found a number"),
            (r#"[{"limits":{}}, 2]"#, "", "expected an object with `limits`, found an array of 2"),
            ("[]", "", "expected an object with `limits`, found an empty array"),
            (
                r#"{"data":[{}],"next":null}"#,
                "",
                "missing field `limits`; found an object with `data`, `next`",
            ),
            (r#"{"limits":"#, "limits", "not JSON: EOF while parsing a value at line 1 column 10"),
            ("<html>", "", "not JSON: expected value at line 1 column 1"),
            ("", "", "not JSON: EOF while parsing a value at line 1 column 0"),
        ];
        for (body, path, message) in cases {
            let refused = decode::<Node>(body).unwrap_err();
            assert_eq!(
                (refused.path.as_str(), refused.message.as_str()),
                (path, message),
                "{body}"
            );
        }
    }

    #[test]
    fn a_value_that_is_nested_too_deep_is_called_so() {
        let deep = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
        assert!(decode::<serde_json::Value>(&deep(127)).is_ok());
        let refused = decode::<serde_json::Value>(&deep(128)).unwrap_err();
        assert_eq!(refused.message, "it is nested more than 127 deep at line 1 column 128");
    }

    #[test]
    fn nothing_may_follow_the_value() {
        assert!(decode::<u8>("1 2").unwrap_err().message.contains("trailing characters"));
    }
}
