//! What a failed read says of the store, and what of the object alone.

use crate::error::StoreErrorKind;

/// How far a failure reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// The object alone.
    Object,
    /// The credentials, as far as this answer says.
    Credentials,
    /// The store is overloaded, as far as this answer says.
    Overload,
    /// The object or the store.
    Unclear,
}

/// Returns how far a failure reaches, by its kind and the error code of the store.
///
/// | failure | scope |
/// |---|---|
/// | S3 `InvalidObjectState`, Azure `BlobArchived`: the object is in an archive | object |
/// | a content encoding that cannot be decoded, a key without a path | object |
/// | 401; codes that name expired, unknown or wrong credentials | credentials |
/// | 429, 503 | overload |
/// | anything else: 403, 404, 5xx, timeouts, broken connections and bodies | unclear |
pub(super) fn scope(kind: StoreErrorKind, code: Option<&str>) -> Scope {
    match (kind, code.unwrap_or_default()) {
        (StoreErrorKind::ContentEncoding | StoreErrorKind::Key, _) => Scope::Object,
        (StoreErrorKind::Status(_), "InvalidObjectState" | "BlobArchived") => Scope::Object,
        (StoreErrorKind::Status(401), _)
        | (
            StoreErrorKind::Status(400 | 403),
            "AuthFailure"
            | "AuthenticationFailed"
            | "ExpiredToken"
            | "ExpiredTokenException"
            | "InvalidAccessKeyId"
            | "InvalidAuthenticationInfo"
            | "InvalidClientTokenId"
            | "InvalidSecurity"
            | "InvalidToken"
            | "RequestTimeTooSkewed"
            | "SignatureDoesNotMatch"
            | "TokenRefreshRequired",
        ) => Scope::Credentials,
        (StoreErrorKind::Status(429 | 503), _) => Scope::Overload,
        _ => Scope::Unclear,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_reaches_as_far_as_its_status_and_code_say() {
        use StoreErrorKind::{Connection, ContentEncoding, Key, Other, Status, Timeout, Truncated};

        let cases = [
            (Status(403), Some("InvalidObjectState"), Scope::Object),
            (Status(409), Some("BlobArchived"), Scope::Object),
            (ContentEncoding, None, Scope::Object),
            (Key, None, Scope::Object),
            (Status(401), None, Scope::Credentials),
            (Status(400), Some("ExpiredToken"), Scope::Credentials),
            (Status(403), Some("ExpiredToken"), Scope::Credentials),
            (Status(403), Some("InvalidAccessKeyId"), Scope::Credentials),
            (Status(403), Some("AuthenticationFailed"), Scope::Credentials),
            (Status(429), None, Scope::Overload),
            (Status(503), Some("SlowDown"), Scope::Overload),
            (Status(503), None, Scope::Overload),
            (Status(403), Some("AccessDenied"), Scope::Unclear),
            (Status(403), None, Scope::Unclear),
            (Status(500), Some("InternalError"), Scope::Unclear),
            (Timeout, None, Scope::Unclear),
            (Connection, None, Scope::Unclear),
            (Truncated, None, Scope::Unclear),
            (Other, None, Scope::Unclear),
        ];
        for (kind, code, expected) in cases {
            assert_eq!(scope(kind, code), expected, "{kind:?} {code:?}");
        }
    }
}
