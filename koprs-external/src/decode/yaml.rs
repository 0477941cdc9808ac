use serde::de::DeserializeOwned;

use super::Refused;
use super::json::expected;

/// Decodes YAML: one document.
pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refused> {
    let mut path = String::new();
    serde_saphyr::with_deserializer_from_slice(body, |yaml| {
        serde_path_to_error::deserialize(yaml).map_err(|error| {
            path = error.path().to_string();
            error.into_inner()
        })
    })
    .map_err(|error| {
        let message = error.without_snippet().to_string();
        Refused {
            path: if path == "." { String::new() } else { path.clone() },
            message: expected(&message),
        }
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn yaml_becomes_a_value() {
        let map: BTreeMap<String, Vec<u32>> = decode(b"cpu: [1, 2]\n").unwrap();
        assert_eq!(map["cpu"], [1, 2]);
    }

    #[test]
    fn a_decode_error_has_the_path_inside_the_value() {
        let refused = decode::<BTreeMap<String, Vec<u32>>>(b"cpu:\n  - 1\n  - two\n").unwrap_err();
        assert_eq!(refused.path, "cpu[1]");
        assert!(
            refused.message.contains("two") || refused.message.contains("u32"),
            "{}",
            refused.message
        );
    }
}
