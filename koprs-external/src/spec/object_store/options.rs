//! The options of an object store, by the names that the crate `object_store` knows them by. The derive has
//! the same file.

use super::Refusal;
use super::near::nearest;
use super::url::Backend;

/// The options of Amazon S3 and of what speaks its protocol. Each has its spellings.
const S3: &[&str] = &[
    "aws_region region",
    "aws_access_key_id access_key_id",
    "aws_secret_access_key secret_access_key",
    "aws_default_region default_region",
    "aws_bucket aws_bucket_name bucket_name bucket",
    "aws_endpoint aws_endpoint_url endpoint_url endpoint",
    "aws_endpoint_url_s3",
    "aws_session_token aws_token session_token token",
    "aws_virtual_hosted_style_request virtual_hosted_style_request",
    "aws_s3_express s3_express",
    "aws_imdsv1_fallback imdsv1_fallback",
    "aws_metadata_endpoint metadata_endpoint",
    "aws_unsigned_payload unsigned_payload",
    "aws_checksum_algorithm checksum_algorithm",
    "aws_container_credentials_relative_uri container_credentials_relative_uri",
    "aws_container_credentials_full_uri container_credentials_full_uri",
    "aws_container_authorization_token_file container_authorization_token_file",
    "aws_web_identity_token_file web_identity_token_file",
    "aws_role_arn role_arn",
    "aws_role_session_name role_session_name",
    "aws_endpoint_url_sts endpoint_url_sts",
    "aws_skip_signature skip_signature",
    "aws_copy_if_not_exists copy_if_not_exists",
    "aws_conditional_put conditional_put",
    "aws_disable_tagging disable_tagging",
    "aws_disable_bulk_delete disable_bulk_delete",
    "aws_request_payer request_payer",
    "aws_server_side_encryption server_side_encryption",
    "aws_sse_kms_key_id sse_kms_key_id",
    "aws_sse_bucket_key_enabled sse_bucket_key_enabled",
    "aws_sse_customer_key_base64 sse_customer_key_base64",
];

const GCS: &[&str] = &[
    "google_service_account service_account google_service_account_path service_account_path",
    "google_service_account_key service_account_key",
    "google_bucket google_bucket_name bucket bucket_name",
    "google_base_url base_url",
    "google_application_credentials application_credentials",
    "google_bearer_token bearer_token",
    "google_skip_signature skip_signature",
];

const AZURE: &[&str] = &[
    "azure_storage_account_name account_name",
    "azure_storage_account_key azure_storage_access_key azure_storage_master_key master_key account_key access_key",
    "azure_storage_client_id azure_client_id client_id",
    "azure_storage_client_secret azure_client_secret client_secret",
    "azure_storage_tenant_id azure_storage_authority_id azure_tenant_id azure_authority_id tenant_id authority_id",
    "azure_storage_authority_host azure_authority_host authority_host",
    "azure_storage_sas_key azure_storage_sas_token sas_key sas_token",
    "azure_storage_token bearer_token token",
    "azure_storage_use_emulator use_emulator",
    "azure_storage_endpoint azure_endpoint endpoint",
    "azure_msi_endpoint azure_identity_endpoint identity_endpoint msi_endpoint",
    "azure_object_id object_id",
    "azure_msi_resource_id msi_resource_id",
    "azure_federated_token_file federated_token_file",
    "azure_use_fabric_endpoint use_fabric_endpoint",
    "azure_use_azure_cli use_azure_cli",
    "azure_skip_signature skip_signature",
    "azure_container_name container_name",
    "azure_disable_tagging disable_tagging",
    "azure_fabric_token_service_url fabric_token_service_url",
    "azure_fabric_workload_host fabric_workload_host",
    "azure_fabric_session_token fabric_session_token",
    "azure_fabric_cluster_identifier fabric_cluster_identifier",
    "azure_credential_type credential_type",
    "azure_storage_encryption_key encryption_key",
];

/// Those whose value is a secret by itself.
#[cfg(feature = "yaml")]
const SECRETS: [&str; 11] = [
    "aws_secret_access_key",
    "aws_session_token",
    "aws_sse_customer_key_base64",
    "google_service_account_key",
    "google_bearer_token",
    "azure_storage_account_key",
    "azure_storage_client_secret",
    "azure_storage_sas_key",
    "azure_storage_token",
    "azure_storage_encryption_key",
    "azure_fabric_session_token",
];
/// Those that say where a store is.
#[cfg(feature = "yaml")]
const ENDPOINTS: [&str; 4] =
    ["aws_endpoint", "aws_endpoint_url_s3", "google_base_url", "azure_storage_endpoint"];

/// Whether the value of an option is a secret, whatever it is spelled like.
#[cfg(feature = "yaml")]
pub(crate) fn is_secret(backend: Backend, name: &str) -> bool {
    find(backend, name).is_ok_and(|option| SECRETS.contains(&option))
}

/// Whether two names are spellings of one option.
#[cfg(feature = "yaml")]
pub(crate) fn same(backend: Backend, one: &str, other: &str) -> bool {
    find(backend, one).is_ok_and(|one| find(backend, other) == Ok(one))
}

/// Whether an option says where the store is.
#[cfg(feature = "yaml")]
pub(crate) fn is_endpoint(backend: Backend, name: &str) -> bool {
    find(backend, name).is_ok_and(|option| ENDPOINTS.contains(&option))
}

/// The options of the HTTP client, which every store but local files has; each may have the prefix of the
/// store's own.
const CLIENT: &[&str] = &[
    "timeout",
    "allow_http",
    "allow_invalid_certificates",
    "disable_system_certificates",
    "connect_timeout",
    "default_content_type",
    "http1_only",
    "http2_only",
    "http2_keep_alive_interval",
    "http2_keep_alive_timeout",
    "http2_keep_alive_while_idle",
    "http2_max_frame_size",
    "pool_idle_timeout",
    "pool_max_idle_per_host",
    "proxy_url",
    "proxy_ca_certificate",
    "proxy_excludes",
    "randomize_addresses",
    "read_timeout",
    "user_agent",
];

/// The options of a store beside those of the client, and their prefix.
fn own(backend: Backend) -> (&'static [&'static str], &'static str) {
    match backend {
        Backend::S3 => (S3, "aws_"),
        Backend::Gcs => (GCS, "google_"),
        Backend::Azure => (AZURE, "azure_"),
        Backend::Http | Backend::Local => (&[], ""),
    }
}

/// The option that a name means, by its first spelling.
pub(super) fn find(backend: Backend, name: &str) -> Result<&'static str, Refusal> {
    if backend == Backend::Local {
        return Err(("local files have no options".to_owned(), "leave `option` out".to_owned()));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) {
        // It is not shown: it may hold the value.
        let message = "the name of an option has only letters, digits and `_`".to_owned();
        return Err((message, format!("the value stands behind it, as {}", form(backend))));
    }
    let lower = name.to_ascii_lowercase();
    lookup(backend, &lower).ok_or_else(|| unknown(backend, name, &lower))
}

fn lookup(backend: Backend, name: &str) -> Option<&'static str> {
    let (options, prefix) = own(backend);
    let spelled = |option: &&&'static str| option.split(' ').any(|spelling| spelling == name);
    let option = options.iter().find(spelled).and_then(|option| option.split(' ').next());
    let client = name.strip_prefix(prefix).unwrap_or(name);
    option.or_else(|| CLIENT.iter().find(|option| **option == client).copied())
}

fn unknown(backend: Backend, name: &str, lower: &str) -> Refusal {
    let of = backend.name();
    let others = [Backend::S3, Backend::Gcs, Backend::Azure];
    let other = others.into_iter().find(|other| lookup(*other, lower).is_some());
    if let Some(other) = other {
        let message =
            format!("`{name}` is an option of {}, and the URL is one of {of}", other.name());
        return (message, format!("write one of {of}, as {}", form(backend)));
    }
    let known = names(backend);
    let help = match nearest(lower, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write an option of `object_store`, as {}", form(backend)),
    };
    (format!("`{name}` is not an option of {of}"), help)
}

/// An option of the store.
fn form(backend: Backend) -> String {
    let first = own(backend).0.first().or(CLIENT.first()).and_then(|first| first.split(' ').next());
    format!("`{}`", first.unwrap_or_default())
}

/// Every spelling of every option of a store, in lower case.
pub(crate) fn names(backend: Backend) -> Vec<String> {
    if backend == Backend::Local {
        return Vec::new();
    }
    let (options, prefix) = own(backend);
    let spellings = options.iter().flat_map(|option| option.split(' ')).map(str::to_owned);
    let client =
        CLIENT.iter().flat_map(|option| [(*option).to_owned(), format!("{prefix}{option}")]);
    let mut names: Vec<_> = spellings.chain(client).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const BACKENDS: [Backend; 4] = [Backend::S3, Backend::Gcs, Backend::Azure, Backend::Http];

    #[test]
    fn an_option_is_known_by_each_of_its_names() {
        for backend in BACKENDS {
            let names = names(backend);
            assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{backend:?}");
            assert!(names.iter().all(|name| find(backend, name).is_ok()), "{backend:?}");
        }
        let cases = [
            (Backend::S3, "REGION", "aws_region"),
            (Backend::S3, "token", "aws_session_token"),
            (Backend::S3, "aws_allow_http", "allow_http"),
            (Backend::Azure, "token", "azure_storage_token"),
            (Backend::Gcs, "google_timeout", "timeout"),
            (Backend::Http, "user_agent", "user_agent"),
        ];
        for (backend, name, option) in cases {
            assert_eq!(find(backend, name), Ok(option), "{name}");
        }
    }

    #[cfg(feature = "yaml")]
    #[test]
    fn secrets_and_endpoints_are_options() {
        for option in SECRETS.iter().chain(&ENDPOINTS) {
            assert!(BACKENDS.iter().any(|it| find(*it, option) == Ok(*option)), "{option}");
        }
        assert!(is_secret(Backend::S3, "SECRET_ACCESS_KEY"));
        assert!(!is_secret(Backend::S3, "aws_access_key_id") && !is_secret(Backend::Gcs, "x"));
        assert!(is_endpoint(Backend::Azure, "endpoint"));
    }

    #[test]
    fn what_is_no_option_is_refused_with_a_way_out() {
        let cases = [
            (Backend::Local, "timeout", "local files have no options", "leave `option` out"),
            (Backend::S3, "aws_regoin", "is not an option of S3", "did you mean `aws_region`?"),
            (
                Backend::Gcs,
                "google_timeuot",
                "Google Cloud Storage",
                "did you mean `google_timeout`?",
            ),
            (Backend::S3, "azure_client_id", "is an option of Azure, and", "as `aws_region`"),
            (
                Backend::Http,
                "region",
                "is an option of S3, and the URL is one of WebDAV",
                "`timeout`",
            ),
            (Backend::Azure, "colour", "`colour` is not an option of Azure", "`object_store`"),
            (Backend::S3, "aws_token=s3cr3t", "the name of an option has only", "as `aws_region`"),
            (Backend::S3, "", "`` is not an option of S3", "as `aws_region`"),
        ];
        for (backend, name, why, way_out) in cases {
            let (message, help) = find(backend, name).unwrap_err();
            assert!(message.contains(why) && !message.contains("s3cr3t"), "{name}: {message}");
            assert!(help.contains(way_out), "{name}: {help}");
        }
    }
}
