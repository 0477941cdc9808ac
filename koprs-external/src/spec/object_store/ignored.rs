//! Variables of the environment by which other tools find credentials and servers, and `object_store` does not.

use super::Backend;
use super::options::{find, names};

/// A variable, and what to set instead.
type Variable = (&'static str, &'static str);

const KEYS_OF_S3: &str = "write `option: { aws_access_key_id: { env: AWS_ACCESS_KEY_ID }, aws_secret_access_key: { env: \
     AWS_SECRET_ACCESS_KEY } }`, or set these variables, as `aws configure export-credentials` prints them";
const SERVER_OF_GCS: &str = "write `option: { google_base_url: … }`";
const KEY_OF_AZURE: &str =
    "write `option: { azure_storage_account_name: …, azure_storage_account_key: { env: NAME } }`";
const CLI_OF_AZURE: &str = "write `option: { azure_use_azure_cli: true }`";

const S3: [Variable; 5] = [
    ("AWS_PROFILE", KEYS_OF_S3),
    ("AWS_DEFAULT_PROFILE", KEYS_OF_S3),
    ("AWS_SHARED_CREDENTIALS_FILE", KEYS_OF_S3),
    ("AWS_CONFIG_FILE", KEYS_OF_S3),
    ("AWS_EC2_METADATA_DISABLED", KEYS_OF_S3),
];
const GCS: [Variable; 1] = [("STORAGE_EMULATOR_HOST", SERVER_OF_GCS)];
const AZURE: [Variable; 3] = [
    ("AZURE_STORAGE_CONNECTION_STRING", KEY_OF_AZURE),
    ("AZURE_CLIENT_CERTIFICATE_PATH", KEY_OF_AZURE),
    ("AZURE_CONFIG_DIR", CLI_OF_AZURE),
];

/// Options that say what others would read these variables for; each may be in the environment, too.
const SAID_OTHERWISE: [&str; 17] = [
    "aws_access_key_id",
    "aws_skip_signature",
    "aws_web_identity_token_file",
    "aws_container_credentials_relative_uri",
    "aws_container_credentials_full_uri",
    "google_base_url",
    "azure_storage_account_key",
    "azure_storage_client_id",
    "azure_storage_client_secret",
    "azure_storage_sas_key",
    "azure_storage_token",
    "azure_federated_token_file",
    "azure_skip_signature",
    "azure_use_azure_cli",
    "azure_storage_use_emulator",
    "azure_msi_endpoint",
    "azure_fabric_session_token",
];

/// The first variable that is set and not read, where nothing that is read says the same.
///
/// `options` are those of the declaration, and `is_set` tells of variables.
pub(crate) fn ignored<'a>(
    backend: Backend,
    options: impl IntoIterator<Item = &'a str>,
    is_set: impl Fn(&str) -> bool,
) -> Option<Variable> {
    let variables: &[Variable] = match backend {
        Backend::S3 => &S3,
        Backend::Gcs => &GCS,
        Backend::Azure => &AZURE,
        Backend::Http | Backend::Local => &[],
    };
    let variable = variables.iter().find(|(name, _)| is_set(name))?;
    let declared = options.into_iter().filter_map(|name| find(backend, name).ok());
    let is_said = |option: &str| SAID_OTHERWISE.contains(&option);
    // Of the environment only names with the prefix of the store are read, in each of their spellings.
    let in_environment = || {
        let mut names = names(backend).into_iter().filter(|name| {
            ["aws_", "google_", "azure_"].iter().any(|prefix| name.starts_with(prefix))
        });
        names.any(|name| {
            find(backend, &name).is_ok_and(is_said) && is_set(&name.to_ascii_uppercase())
        })
    };
    let is_otherwise = declared.into_iter().any(is_said) || in_environment();
    (!is_otherwise).then_some(*variable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_ignored_where_nothing_else_says_what_it_does() {
        type Words = &'static [&'static str];
        let cases: [(Backend, Words, Words, Option<&str>); 11] = [
            (Backend::S3, &[], &["AWS_PROFILE"], Some("AWS_PROFILE")),
            (Backend::S3, &["region"], &["AWS_CONFIG_FILE"], Some("AWS_CONFIG_FILE")),
            (Backend::S3, &["ACCESS_KEY_ID"], &["AWS_PROFILE"], None),
            (Backend::S3, &[], &["AWS_PROFILE", "AWS_ACCESS_KEY_ID"], None),
            (Backend::S3, &[], &["AWS_REGION"], None),
            (Backend::Gcs, &[], &["AWS_PROFILE"], None),
            (Backend::Gcs, &[], &["STORAGE_EMULATOR_HOST"], Some("STORAGE_EMULATOR_HOST")),
            (Backend::Azure, &["sas_token"], &["AZURE_STORAGE_CONNECTION_STRING"], None),
            (Backend::Azure, &[], &["AZURE_CONFIG_DIR", "AZURE_CLIENT_ID"], None),
            (Backend::Azure, &[], &["AZURE_CONFIG_DIR", "CLIENT_ID"], Some("AZURE_CONFIG_DIR")),
            (Backend::Local, &[], &["AWS_PROFILE"], None),
        ];
        for (backend, options, set, variable) in cases {
            let ignored = ignored(backend, options.iter().copied(), |name| set.contains(&name));
            assert_eq!(ignored.map(|(name, _)| name), variable, "{backend:?} {options:?} {set:?}");
        }
    }

    #[test]
    fn what_says_the_same_is_an_option() {
        let backends = [Backend::S3, Backend::Gcs, Backend::Azure];
        for option in SAID_OTHERWISE {
            assert!(backends.iter().any(|it| find(*it, option) == Ok(option)), "{option}");
        }
    }
}
