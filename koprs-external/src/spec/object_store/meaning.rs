//! What an option is about: a secret, or where the store is.

use super::Backend;
use super::options::{SECRETS, find};

/// Those that say where a store is.
const ENDPOINTS: [&str; 4] =
    ["aws_endpoint", "aws_endpoint_url_s3", "google_base_url", "azure_storage_endpoint"];

/// Whether the value of an option is a secret, whatever it is spelled like.
pub(crate) fn is_secret(backend: Backend, name: &str) -> bool {
    find(backend, name).is_ok_and(|option| SECRETS.contains(&option))
}

/// Whether two names are spellings of one option.
pub(crate) fn same(backend: Backend, one: &str, other: &str) -> bool {
    find(backend, one).is_ok_and(|one| find(backend, other) == Ok(one))
}

/// Whether an option says where the store is.
pub(crate) fn is_endpoint(backend: Backend, name: &str) -> bool {
    find(backend, name).is_ok_and(|option| ENDPOINTS.contains(&option))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_endpoints_are_options() {
        let backends = [Backend::S3, Backend::Gcs, Backend::Azure, Backend::Http];
        for option in SECRETS.iter().chain(&ENDPOINTS) {
            assert!(backends.iter().any(|it| find(*it, option) == Ok(*option)), "{option}");
        }
        assert!(is_secret(Backend::S3, "SECRET_ACCESS_KEY"));
        assert!(!is_secret(Backend::S3, "aws_access_key_id") && !is_secret(Backend::Gcs, "x"));
        assert!(is_endpoint(Backend::Azure, "endpoint"));
    }
}
