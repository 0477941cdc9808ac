//! The options of an object store, by the names that the crate `object_store` knows them by. The derive has
//! the same file.

use url::Url;

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
pub(crate) fn find(backend: Backend, name: &str) -> Result<&'static str, Refusal> {
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
    let known = || known.iter().map(String::as_str);
    let help = match nearest(lower, known()).or_else(|| of_words(lower, known())) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("write an option of {of}, as {}", form(backend)),
    };
    (format!("`{name}` is not an option of {of}"), help)
}

/// The name that has all words of another one, and the fewest others.
fn of_words<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let words = |name: &'a str| name.split('_');
    let has_all = |known: &&'a str| name.split('_').all(|word| words(known).any(|it| it == word));
    let known = known.filter(|known| name.len() <= known.len());
    known.filter(has_all).min_by_key(|known| words(known).count()).filter(|_| name.contains('_'))
}

/// The options that name the bucket or the container, which the URL does.
const CONTAINERS: [&str; 3] = ["aws_bucket", "google_bucket", "azure_container_name"];

/// What is read of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Flag,
    Duration,
    Number,
    Header,
    Checksum,
    /// The URL of a request begins with it.
    Endpoint,
    /// It may stand in the host of each request.
    Region,
    /// The URL of a request has it as it is.
    PartOfUrl,
    /// The URL of a request has it percent-encoded.
    InUrl,
}

/// What `object_store` reads of an option, by its first spelling.
fn kind(option: &str) -> Kind {
    match option {
        "timeout"
        | "connect_timeout"
        | "read_timeout"
        | "pool_idle_timeout"
        | "http2_keep_alive_interval"
        | "http2_keep_alive_timeout" => Kind::Duration,
        "pool_max_idle_per_host" | "http2_max_frame_size" => Kind::Number,
        "user_agent" => Kind::Header,
        "aws_checksum_algorithm" => Kind::Checksum,
        "aws_endpoint"
        | "aws_endpoint_url_s3"
        | "aws_metadata_endpoint"
        | "azure_msi_endpoint"
        | "azure_storage_authority_host"
        | "google_base_url" => Kind::Endpoint,
        "aws_container_credentials_relative_uri" | "azure_storage_tenant_id" => Kind::PartOfUrl,
        "azure_msi_resource_id"
        | "azure_object_id"
        | "azure_storage_account_name"
        | "azure_storage_client_id"
        | "azure_storage_sas_key" => Kind::InUrl,
        "aws_region" | "aws_default_region" => Kind::Region,
        "allow_http"
        | "allow_invalid_certificates"
        | "disable_system_certificates"
        | "http1_only"
        | "http2_only"
        | "http2_keep_alive_while_idle"
        | "randomize_addresses"
        | "aws_virtual_hosted_style_request"
        | "aws_s3_express"
        | "aws_imdsv1_fallback"
        | "aws_unsigned_payload"
        | "aws_skip_signature"
        | "aws_disable_tagging"
        | "aws_disable_bulk_delete"
        | "aws_request_payer"
        | "aws_sse_bucket_key_enabled"
        | "google_skip_signature"
        | "azure_storage_use_emulator"
        | "azure_use_fabric_endpoint"
        | "azure_use_azure_cli"
        | "azure_skip_signature"
        | "azure_disable_tagging" => Kind::Flag,
        _ => Kind::Text,
    }
}

/// Refuses a value that `object_store` would. It is not shown: it may be a secret in the wrong place.
pub(super) fn check_value(option: &str, name: &str, value: &str) -> Result<(), Refusal> {
    let lower = value.to_ascii_lowercase();
    let number = value.parse::<u32>();
    let header = |c: char| c == '\t' || c.is_ascii_graphic() || c == ' ';
    let unsendable = |c: char| (c.is_ascii_control() && c != '\t') || c == '\u{feff}';
    let (is_good, what, help) = match kind(option) {
        Kind::Text if LINES.contains(&option) => return Ok(()),
        Kind::InUrl if !value.contains(unsendable) => (
            encoded_length(value) <= LONGEST_IN_URL,
            "short enough for a URL",
            format!("it has at most {LONGEST_IN_URL} bytes once it is percent-encoded"),
        ),
        Kind::Text | Kind::InUrl => (
            !value.contains(unsendable),
            "one line of text",
            "it has a line break, a byte order mark or another control character, which no request can carry".to_owned(),
        ),
        Kind::Flag => (
            FLAGS.contains(&lower.as_str())
                || option == "aws_request_payer" && lower == "requester",
            "`true` or `false`",
            "write `true` or `false`".to_owned(),
        ),
        Kind::Duration => (
            humantime::parse_duration(value).is_ok(),
            "a duration",
            match number {
                Ok(number) => format!("a duration needs a unit: `{number}s`"),
                Err(_) => "write a number and a unit: `500ms`, `30s`, `5m`, `1h`".to_owned(),
            },
        ),
        Kind::Number => (number.is_ok(), "a whole number", "write digits, as `10`".to_owned()),
        Kind::Header => (
            value.chars().all(header),
            "the value of a header",
            "visible ASCII characters, spaces and tabs".to_owned(),
        ),
        Kind::Endpoint => (
            is_endpoint(value),
            "the URL of an endpoint",
            "write a whole URL, as `https://minio.example.com:9000`, with other characters encoded".to_owned(),
        ),
        Kind::PartOfUrl => (
            value.chars().all(is_sendable) && value.len() <= LONGEST_IN_URL,
            "a part of a URL",
            format!("at most {LONGEST_IN_URL} visible ASCII characters, with others percent-encoded"),
        ),
        Kind::Region => (
            value.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
                && value.len() <= LONGEST_IN_URL,
            "the name of a region",
            "write a name as `eu-central-1`".to_owned(),
        ),
        Kind::Checksum => (
            ["sha256", "crc64nvme"].contains(&lower.as_str()),
            "a checksum that S3 knows",
            "write `sha256` or `crc64nvme`".to_owned(),
        ),
    };
    if is_good { Ok(()) } else { Err((format!("the option `{name}` is not {what}"), help)) }
}

/// Whether `object_store` can make requests to it; it takes that for granted, and panics.
fn is_endpoint(value: &str) -> bool {
    let url = Url::parse(value).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
    url && value.len() <= LONGEST_ENDPOINT
        && value.contains("://")
        && value.chars().all(is_sendable)
}

/// Whether a URL can have it as it is.
fn is_sendable(c: char) -> bool {
    c.is_ascii_graphic() && !"<>\"\\^`{|}".contains(c)
}

/// The length at the most, as a form or a path encodes it.
fn encoded_length(value: &str) -> usize {
    let length = |byte: u8| if byte.is_ascii_alphanumeric() { 1 } else { 3 };
    value.bytes().map(length).sum()
}

/// A URL has at most 64 KiB. Behind the endpoint there is room for a prefix and a token of 8 KiB each, encoded, and for an
/// option.
const LONGEST_ENDPOINT: usize = 8 * 1024;
pub(crate) const LONGEST_IN_URL: usize = 4 * 1024;

/// Those that may have several lines: JSON and PEM.
const LINES: [&str; 2] = ["google_service_account_key", "proxy_ca_certificate"];

const FLAGS: [&str; 10] = ["1", "true", "on", "yes", "y", "0", "false", "off", "no", "n"];

/// Refuses a bucket beside the one of the URL, which would count.
pub(super) fn check_container(
    option: &str,
    name: &str,
    value: &str,
    url: &Url,
) -> Result<(), Refusal> {
    let host = url.host_str().unwrap_or_default();
    let in_host = host == value || host.starts_with(&format!("{value}."));
    let in_path = url.path().split('/').nth(1) == Some(value);
    if !CONTAINERS.contains(&option) || in_host || in_path || url.username() == value {
        return Ok(());
    }
    let message = format!("the option `{name}` names another bucket than the URL");
    Err((message, "leave it out: the URL names the bucket".to_owned()))
}

/// An option that was written where settings are.
pub(crate) struct Misplaced {
    /// Its name, as an option is written.
    pub(crate) name: String,
    /// Whether its value is a secret by itself.
    pub(crate) is_secret: bool,
}

/// The option of any store that a name means; `accessKeyId` is read as `access_key_id`.
pub(crate) fn misplaced(name: &str) -> Option<Misplaced> {
    let mut snake = String::with_capacity(name.len());
    for c in name.chars() {
        snake.extend(c.is_ascii_uppercase().then_some('_'));
        snake.push(c.to_ascii_lowercase());
    }
    let stores = [Backend::S3, Backend::Gcs, Backend::Azure, Backend::Http];
    let options: Vec<_> = stores.into_iter().filter_map(|it| lookup(it, &snake)).collect();
    let is_secret = options.iter().any(|option| SECRETS.contains(option));
    (!options.is_empty()).then_some(Misplaced { name: snake, is_secret })
}

/// Those whose value is a secret by itself.
pub(super) const SECRETS: [&str; 11] = [
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
            (
                Backend::Azure,
                "colour",
                "`colour` is not an option of Azure",
                "write an option of Azure, as `azure_storage_account_name`",
            ),
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
