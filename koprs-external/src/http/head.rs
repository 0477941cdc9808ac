//! The value of a HEAD: what the head of the answer says of the representation (RFC 9110 §8), as JSON.

use bytes::Bytes;
use http::HeaderMap;
use http::header::{
    CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, ETAG,
    LAST_MODIFIED,
};
use serde_json::{Map, Value};

use super::field;
use crate::error::{HttpError, HttpErrorKind};

/// `{"etag": "…", "last_modified": "…", "content_length": 17, …}`, with what there is of it.
///
/// An answer with neither `ETag` nor `Last-Modified` is a failure: a change would not show.
pub(super) fn value(headers: &HeaderMap) -> Result<Bytes, HttpError> {
    let fields = [
        ETAG,
        LAST_MODIFIED,
        CONTENT_LENGTH,
        CONTENT_TYPE,
        CONTENT_ENCODING,
        CONTENT_LANGUAGE,
        CONTENT_LOCATION,
    ];
    if !headers.contains_key(ETAG) && !headers.contains_key(LAST_MODIFIED) {
        let message = "the answer to HEAD has neither `ETag` nor `Last-Modified`, so that a change would not show; use `method = get`";
        return Err(HttpError::new(HttpErrorKind::NoValidator, message));
    }
    let fields = fields.into_iter().filter_map(|name| {
        let text = field::text(headers.get(&name)?);
        let text = text.trim();
        let length = text.parse::<u64>().ok().filter(|_| name == CONTENT_LENGTH);
        let value = length.map_or_else(|| Value::from(text), Value::from);
        Some((name.as_str().replace('-', "_"), value))
    });
    Ok(Value::Object(fields.collect::<Map<_, _>>()).to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_of_a_head_is_what_it_says_of_the_representation() {
        let headers = |fields: &[(http::HeaderName, &str)]| -> HeaderMap {
            fields.iter().map(|(name, value)| (name.clone(), value.parse().unwrap())).collect()
        };
        let answer =
            headers(&[(ETAG, "\"v1\""), (CONTENT_LENGTH, "17"), (http::header::DATE, "today")]);
        assert_eq!(value(&answer).unwrap(), r#"{"content_length":17,"etag":"\"v1\""}"#);
        // A change of it would not show if it were left out.
        let raw =
            HeaderMap::from_iter([(ETAG, http::HeaderValue::from_bytes(b"\"\xfc\"").unwrap())]);
        assert_eq!(value(&raw).unwrap(), r#"{"etag":"\"ü\""}"#);
        let error = value(&headers(&[(CONTENT_LENGTH, "17")])).unwrap_err();
        assert!(error.to_string().contains("`method = get`"), "{error}");
    }
}
