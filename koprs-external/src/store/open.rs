//! Opens a store as it is declared, with `object_store`'s own reading of URLs and options.

use std::fmt;
use std::sync::Arc;

use object_store::ObjectStoreScheme;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use url::Url;

use super::listing::Listed;
use crate::secret::Secret;
use crate::spec::{Invalid, SecretSource};

/// Options with their values.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Options(Vec<Opt>);

#[derive(Clone, PartialEq, Eq)]
struct Opt {
    name: String,
    value: Secret,
    /// Not to be shown: it came from the environment or a file, or it is named like a secret.
    is_hidden: bool,
}

/// A shorter value says nothing, and stands in other words.
const SHORTEST: usize = 5;

impl Options {
    pub(super) fn set(&mut self, name: &str, value: Secret, is_hidden: bool) {
        self.0.retain(|known| known.name != name);
        let is_hidden = is_hidden || is_secret(name);
        self.0.push(Opt { name: name.to_owned(), value, is_hidden });
    }

    /// Directory buckets of S3 list in no order.
    #[cfg(feature = "aws")]
    fn is_s3_express(&self) -> bool {
        let is_on = |it: &Opt| it.name.ends_with("s3_express") && it.value.expose() != "false";
        self.0.iter().any(is_on)
    }

    /// Whether it is said with which key to sign.
    #[cfg(feature = "aws")]
    fn has_s3_key(&self) -> bool {
        self.0.iter().any(|it| it.name.ends_with("access_key_id"))
    }

    /// A text without those of them that are secrets.
    pub(super) fn masked(&self, text: String) -> String {
        let hidden = |it: &&Opt| it.is_hidden && it.value.expose().len() >= SHORTEST;
        self.0.iter().filter(hidden).fold(text, |text, it| text.replace(it.value.expose(), "***"))
    }
}

fn is_secret(name: &str) -> bool {
    ["key", "secret", "token", "sas", "password", "credential", "account_key"]
        .iter()
        .any(|word| name.to_ascii_lowercase().contains(word))
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.0.iter().map(|it| &it.name)).finish()
    }
}

/// Below which path objects are followed.
pub(super) fn prefix(url: &Url) -> Result<Path, Invalid> {
    let parsed = ObjectStoreScheme::parse(url);
    parsed.map(|(_, path)| path).map_err(|error| wrong_url(&error.to_string()))
}

/// Options that are written out or in the environment.
pub(super) fn fixed(options: &[(String, SecretSource)]) -> Result<Options, Invalid> {
    let mut fixed = Options::default();
    for (name, value) in options {
        match value {
            SecretSource::Value(value) => fixed.set(name, value.clone(), false),
            SecretSource::Env(variable) => match std::env::var(variable) {
                Ok(value) if !value.trim().is_empty() => {
                    fixed.set(name, Secret::new(value.trim()), true)
                }
                Ok(_) => return Err(no_variable(name, variable, "is empty")),
                Err(_) => return Err(no_variable(name, variable, "is not set")),
            },
            SecretSource::File(_) => {}
        }
    }
    Ok(fixed)
}

fn no_variable(name: &str, variable: &str, why: &str) -> Invalid {
    let message = format!("the environment variable `{variable}` {why}");
    Invalid::new(format!("object_store.option.{name}.env"), "missing-env", message)
        .help(format!("set it, or say with `file` or `value` where `{name}` comes from"))
}

fn wrong_url(why: &str) -> Invalid {
    Invalid::new("object_store.url", "bad-url", format!("no object store: {why}"))
}

/// Opens the store.
#[cfg_attr(
    not(feature = "_remote-store"),
    expect(unused_variables, reason = "local files have no options")
)]
pub(super) fn open(url: &Url, options: &Options) -> Result<Listed, Invalid> {
    let (scheme, _) =
        ObjectStoreScheme::parse(url).map_err(|error| wrong_url(&error.to_string()))?;
    match scheme {
        ObjectStoreScheme::Local => Ok(Listed::new(Arc::new(LocalFileSystem::new()))),
        #[cfg(feature = "aws")]
        ObjectStoreScheme::AmazonS3 => {
            let builder = s3_from_env(options.has_s3_key());
            let listed = Listed::paginated(Arc::new(remote::open(builder, url, options)?));
            Ok(Listed { starts_after: listed.starts_after && !options.is_s3_express(), ..listed })
        }
        #[cfg(feature = "gcp")]
        ObjectStoreScheme::GoogleCloudStorage => {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env();
            Ok(Listed::paginated(Arc::new(remote::open(builder, url, options)?)))
        }
        #[cfg(feature = "azure")]
        ObjectStoreScheme::MicrosoftAzure => {
            let builder = object_store::azure::MicrosoftAzureBuilder::from_env();
            Ok(Listed::paginated(Arc::new(remote::open(builder, url, options)?)))
        }
        #[cfg(feature = "http")]
        ObjectStoreScheme::Http => {
            let mut root = url.clone();
            root.set_path("");
            let builder = object_store::http::HttpBuilder::new();
            Ok(Listed::new(Arc::new(remote::open(builder, &root, options)?)))
        }
        other => {
            let feature = match other {
                ObjectStoreScheme::AmazonS3 => "aws",
                ObjectStoreScheme::GoogleCloudStorage => "gcp",
                ObjectStoreScheme::MicrosoftAzure => "azure",
                _ => "http",
            };
            let message =
                format!("`{}` needs the feature `{feature}` of koprs-external", url.scheme());
            Err(Invalid::new("object_store.url", "missing-feature", message)
                .help(format!("enable the feature `{feature}` in `Cargo.toml`")))
        }
    }
}

/// What the environment says, as `object_store` reads it; but no part of a credential, where another one is
/// declared: a key does not go with the session token of another one.
#[cfg(feature = "aws")]
fn s3_from_env(has_key: bool) -> object_store::aws::AmazonS3Builder {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key};

    let is_credential =
        |key: &Key| matches!(key, Key::AccessKeyId | Key::SecretAccessKey | Key::Token);
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        let name = name.starts_with("AWS_").then(|| name.to_ascii_lowercase())?;
        Some((name.parse::<Key>().ok()?, value))
    });
    variables
        .filter(|(key, _)| !has_key || !is_credential(key))
        .fold(AmazonS3Builder::new(), |builder, (key, value)| builder.with_config(key, value))
}

#[cfg(feature = "_remote-store")]
mod remote {
    use std::str::FromStr;
    use std::time::Duration;

    use object_store::{BackoffConfig, Error, ObjectStore, RetryConfig};
    use url::Url;

    use super::{Opt, Options};
    use crate::spec::Invalid;
    use crate::store::{CheckedConnector, failure};

    /// What the builders of the stores have in common.
    pub(super) trait Builder: Sized {
        type Key: FromStr;
        type Store: ObjectStore;

        fn url(self, url: &Url) -> Self;
        fn option(self, key: Self::Key, value: &str) -> Self;
        fn connect(self) -> Self;
        fn build(self) -> Result<Self::Store, Error>;
    }

    macro_rules! builder {
        ($feature:literal, $builder:path, $key:path, $store:path) => {
            #[cfg(feature = $feature)]
            impl Builder for $builder {
                type Key = $key;
                type Store = $store;

                fn url(self, url: &Url) -> Self {
                    self.with_url(url.as_str())
                }

                fn option(self, key: $key, value: &str) -> Self {
                    self.with_config(key, value)
                }

                fn connect(self) -> Self {
                    self.with_retry(retry()).with_http_connector(CheckedConnector::default())
                }

                fn build(self) -> Result<$store, Error> {
                    self.build()
                }
            }
        };
    }

    builder!(
        "aws",
        object_store::aws::AmazonS3Builder,
        object_store::aws::AmazonS3ConfigKey,
        object_store::aws::AmazonS3
    );
    builder!(
        "gcp",
        object_store::gcp::GoogleCloudStorageBuilder,
        object_store::gcp::GoogleConfigKey,
        object_store::gcp::GoogleCloudStorage
    );
    builder!(
        "azure",
        object_store::azure::MicrosoftAzureBuilder,
        object_store::azure::AzureConfigKey,
        object_store::azure::MicrosoftAzure
    );
    builder!(
        "http",
        object_store::http::HttpBuilder,
        object_store::ClientConfigKey,
        object_store::http::HttpStore
    );

    pub(super) fn open<B: Builder>(
        builder: B,
        url: &Url,
        options: &Options,
    ) -> Result<B::Store, Invalid> {
        let mut builder = builder.url(url).connect();
        for Opt { name, value, .. } in &options.0 {
            let key = name.to_ascii_lowercase().parse();
            let key = key.map_err(|_| unknown(name))?;
            builder = builder.option(key, value.expose());
        }
        builder.build().map_err(|error| {
            let why = options.masked(failure::deepest(&error));
            Invalid::new("object_store", "bad-store", format!("the store cannot be opened: {why}"))
        })
    }

    fn unknown(option: &str) -> Invalid {
        let message = format!("`{option}` is no option of this store");
        Invalid::new(format!("object_store.option.{option}"), "unknown-option", message)
    }

    /// Twice, soon: a poll has a deadline, and after it there is another one.
    fn retry() -> RetryConfig {
        RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(500),
                max_backoff: Duration::from_secs(2),
                base: 2.0,
            },
            max_retries: 2,
            retry_timeout: Duration::from_secs(30),
        }
    }
}

#[cfg(all(test, feature = "aws", feature = "azure", feature = "gcp", feature = "http"))]
mod tests {
    use std::str::FromStr;

    use object_store::ClientConfigKey;
    use object_store::aws::AmazonS3ConfigKey;
    use object_store::azure::AzureConfigKey;
    use object_store::gcp::GoogleConfigKey;

    use super::*;
    use crate::spec::object_store::{Backend, options};

    fn unknown<K: FromStr>(backend: Backend) -> Vec<String> {
        options::names(backend).into_iter().filter(|name| name.parse::<K>().is_err()).collect()
    }

    #[test]
    fn every_option_of_the_table_is_one_of_object_store() {
        let none = Vec::<String>::new();
        assert_eq!(unknown::<AmazonS3ConfigKey>(Backend::S3), none);
        assert_eq!(unknown::<GoogleConfigKey>(Backend::Gcs), none);
        assert_eq!(unknown::<AzureConfigKey>(Backend::Azure), none);
        assert_eq!(unknown::<ClientConfigKey>(Backend::Http), none);
    }

    #[test]
    fn only_secrets_are_masked() {
        let mut options = Options::default();
        options.set("aws_region", "eu-west-1".into(), false);
        options.set("aws_secret_access_key", "s3cr3t-of-mine".into(), false);
        options.set("aws_endpoint", "http://from-a-file".into(), true);
        options.set("aws_sse_bucket_key_enabled", "true".into(), false);
        let masked = options.masked("true eu-west-1 s3cr3t-of-mine http://from-a-file".to_owned());
        assert_eq!(masked, "true eu-west-1 *** ***");
        assert!(!format!("{options:?}").contains("s3cr3t"));
    }
}
