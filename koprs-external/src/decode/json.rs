use serde::de::DeserializeOwned;

use super::Refused;

/// Decodes JSON (RFC 8259): one value, nothing after it.
pub(super) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, Refused> {
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = path(error.path());
        let message = message(&error.into_inner());
        Refused { path, message }
    })?;
    json.end().map_err(|error| Refused::whole(message(&error)))?;
    Ok(value)
}

fn path(path: &serde_path_to_error::Path) -> String {
    match path.to_string() {
        root if root == "." => String::new(),
        path => path,
    }
}

pub(super) fn message(error: &serde_json::Error) -> String {
    let full = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    if full.starts_with("recursion limit exceeded") {
        return format!("it is nested more than 127 deep{place}");
    }
    if !error.is_data() {
        return format!("not JSON: {full}");
    }
    expected(full.strip_suffix(&place).unwrap_or(&full))
}

/// serde's «invalid type: string "two", expected u32» as «expected u32, found "two"».
pub(super) fn expected(message: &str) -> String {
    let found = ["invalid type: ", "invalid value: "];
    let Some(rest) = found.iter().find_map(|prefix| message.strip_prefix(prefix)) else {
        return message.to_owned();
    };
    let Some((found, expected)) = rest.rsplit_once(", expected ") else {
        return message.to_owned();
    };
    let found = found.strip_prefix("string ").unwrap_or(found);
    format!("expected {expected}, found {found}")
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
            (r#"{"limits":{}}"#, "limits", "missing field `cpu`"),
            ("1", "", "expected struct Node, found integer `1`"),
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
