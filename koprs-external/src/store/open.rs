//! Opens a store as it is declared, with `object_store`'s own reading of URLs and options.

use std::fmt;
use std::sync::Arc;

use object_store::ObjectStoreScheme;
use object_store::local::LocalFileSystem;
use object_store::path::Path;
use url::Url;

use super::listing::Listed;
use super::source::LONGEST;
use crate::secret::{Redactor, Secret};
use crate::spec::object_store::{Backend, check_read};
use crate::spec::{Invalid, SecretSource, quote};

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

    /// Those of them that are not to be shown.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &Secret> {
        self.0.iter().filter(|it| it.is_hidden).map(|it| &it.value)
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    // An address may have userinfo.
    let words = ["key", "secret", "token", "sas", "password", "credential", "proxy_url"];
    let says_where = ["_file", "_uri", "_type", "_enabled", "_path"];
    words.iter().any(|word| name.contains(word))
        && !says_where.iter().any(|end| name.ends_with(end))
}

/// The secrets that `object_store` finds by itself: in variables of the environment, and in the file of a service
/// account that one of them or an option names.
pub(super) fn found_secrets(url: &Url, options: &Options) -> Vec<Secret> {
    const FILES: [&str; 4] = [
        "google_service_account",
        "google_service_account_path",
        "google_application_credentials",
        "service_account",
    ];
    let prefix = match ObjectStoreScheme::parse(url) {
        Ok((ObjectStoreScheme::AmazonS3, _)) => "AWS_",
        Ok((ObjectStoreScheme::GoogleCloudStorage, _)) => "GOOGLE_",
        Ok((ObjectStoreScheme::MicrosoftAzure, _)) => "AZURE_",
        _ => return Vec::new(),
    };
    let variables = std::env::vars_os().filter_map(|(name, value)| {
        Some((name.into_string().ok()?, Secret::new(value.into_string().ok()?)))
    });
    let variables = variables.filter(|(name, _)| name.starts_with(prefix));
    let options = options.0.iter().map(|it| (it.name.clone(), it.value.clone()));
    let found = variables.chain(options).filter_map(|(name, value)| {
        let name = name.to_ascii_lowercase();
        if FILES.contains(&name.as_str()) {
            return small_file(value.expose()).map(Secret::new);
        }
        is_secret(&name).then_some(value)
    });
    found.collect()
}

/// The content of a regular file that is not larger than a secret may be. A pipe could be waited for without end.
fn small_file(path: &str) -> Option<String> {
    use std::io::Read;

    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    std::fs::File::open(path).ok()?.take(LONGEST).read_to_string(&mut text).ok()?;
    Some(text)
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
pub(super) fn fixed(
    backend: Backend,
    options: &[(String, SecretSource)],
) -> Result<Options, Invalid> {
    let mut fixed = Options::default();
    for (name, value) in options {
        match value {
            SecretSource::Value(value) => fixed.set(name, value.clone(), false),
            SecretSource::Env(variable) => match std::env::var(variable) {
                Ok(value) if !value.trim().is_empty() => {
                    let value = Secret::read(&value);
                    check_read(backend, name, value.expose()).map_err(|(why, help)| {
                        Invalid::new(format!("object_store.option.{name}.env"), "bad-option", why)
                            .help(help)
                    })?;
                    fixed.set(name, value, true)
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
    let message = format!("{} {why}", quote::variable(variable));
    Invalid::new(format!("object_store.option.{name}.env"), "missing-env", message)
        .help(format!("set it, or say with `file` or `value` where `{name}` comes from"))
}

fn wrong_url(why: &str) -> Invalid {
    Invalid::new("object_store.url", "bad-url", format!("no object store: {why}"))
}

/// Opens the store.
pub(super) fn open(url: &Url, options: &Options, redactor: &Redactor) -> Result<Listed, Invalid> {
    let listed = connect(url, options, redactor)?;
    Ok(Listed { redactor: redactor.clone(), ..listed })
}

#[cfg_attr(
    not(feature = "_remote-store"),
    expect(unused_variables, reason = "local files have no options")
)]
fn connect(url: &Url, options: &Options, redactor: &Redactor) -> Result<Listed, Invalid> {
    let (scheme, _) =
        ObjectStoreScheme::parse(url).map_err(|error| wrong_url(&error.to_string()))?;
    match scheme {
        ObjectStoreScheme::Local => Ok(Listed::new(Arc::new(LocalFileSystem::new()))),
        #[cfg(feature = "aws")]
        ObjectStoreScheme::AmazonS3 => {
            let builder = s3_from_env(options.has_s3_key())?;
            let listed =
                Listed::paginated(Arc::new(remote::open(builder, url, options, redactor)?));
            Ok(Listed { starts_after: listed.starts_after && !options.is_s3_express(), ..listed })
        }
        #[cfg(feature = "gcp")]
        ObjectStoreScheme::GoogleCloudStorage => {
            let builder = object_store::gcp::GoogleCloudStorageBuilder::from_env();
            let builder = remote::read_env(builder, Backend::Gcs, "GOOGLE_", |_| true)?;
            Ok(Listed::paginated(Arc::new(remote::open(builder, url, options, redactor)?)))
        }
        #[cfg(feature = "azure")]
        ObjectStoreScheme::MicrosoftAzure => {
            let builder = object_store::azure::MicrosoftAzureBuilder::from_env();
            let builder = remote::read_env(builder, Backend::Azure, "AZURE_", |_| true)?;
            Ok(Listed::paginated(Arc::new(remote::open(builder, url, options, redactor)?)))
        }
        #[cfg(feature = "http")]
        ObjectStoreScheme::Http => {
            let mut root = url.clone();
            root.set_path("");
            let builder = object_store::http::HttpBuilder::new();
            Ok(Listed::new(Arc::new(remote::open(builder, &root, options, redactor)?)))
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
fn s3_from_env(has_key: bool) -> Result<object_store::aws::AmazonS3Builder, Invalid> {
    use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey as Key};

    let is_credential =
        |key: &Key| matches!(key, Key::AccessKeyId | Key::SecretAccessKey | Key::Token);
    let is_read = |key: &Key| !has_key || !is_credential(key);
    remote::read_env(AmazonS3Builder::new(), Backend::S3, "AWS_", is_read)
}

#[cfg(feature = "_remote-store")]
mod remote {
    use std::str::FromStr;
    use std::time::Duration;

    use object_store::{BackoffConfig, Error, ObjectStore, RetryConfig};
    use url::Url;

    use super::{Opt, Options, check_read};
    use crate::printable::printable;
    use crate::secret::{Redactor, Secret};
    use crate::spec::object_store::{Backend, options};
    use crate::spec::{Invalid, quote};
    use crate::store::{CheckedConnector, failure};

    /// What the builders of the stores have in common.
    pub(super) trait Builder: Sized {
        type Key: FromStr;
        type Store: ObjectStore;

        fn url(self, url: &Url) -> Self;
        fn option(self, key: Self::Key, value: &str) -> Self;
        fn connect(self, redactor: &Redactor) -> Self;
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

                fn connect(self, redactor: &Redactor) -> Self {
                    let connector = CheckedConnector::with_redactor(redactor.clone());
                    self.with_retry(retry()).with_http_connector(connector)
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

    /// The variables of the environment that are options. `object_store` takes their values as they are, and panics where
    /// one cannot be sent: a variable that is filled from a file often ends with a line break.
    #[cfg_attr(
        not(any(feature = "aws", feature = "gcp", feature = "azure")),
        allow(dead_code, reason = "WebDAV has no variables")
    )]
    pub(super) fn read_env<B: Builder>(
        mut builder: B,
        backend: Backend,
        prefix: &str,
        is_read: impl Fn(&B::Key) -> bool,
    ) -> Result<B, Invalid> {
        for (variable, value) in std::env::vars_os() {
            let (Ok(variable), Ok(value)) = (variable.into_string(), value.into_string()) else {
                continue;
            };
            let name = variable.to_ascii_lowercase();
            let key = variable.starts_with(prefix).then(|| name.parse().ok()).flatten();
            let Some(key) = key.filter(&is_read) else { continue };
            let value = Secret::read(&value);
            if value.expose().is_empty() {
                continue;
            }
            if options::find(backend, &name).is_ok() || !value.is_sendable() {
                check_read(backend, &name, value.expose()).map_err(|(why, help)| {
                    let why = format!("{}: {why}", quote::variable(&variable));
                    Invalid::new("object_store.option", "bad-option", why).help(help)
                })?;
            }
            builder = builder.option(key, value.expose());
        }
        Ok(builder)
    }

    pub(super) fn open<B: Builder>(
        builder: B,
        url: &Url,
        options: &Options,
        redactor: &Redactor,
    ) -> Result<B::Store, Invalid> {
        let mut builder = builder.url(url).connect(redactor);
        for Opt { name, value, .. } in &options.0 {
            let key = name.to_ascii_lowercase().parse();
            let key = key.map_err(|_| unknown(name))?;
            builder = builder.option(key, value.expose());
        }
        builder.build().map_err(|error| {
            let why = failure::deepest(&error, redactor);
            Invalid::new("object_store", "bad-store", format!("the store cannot be opened: {why}"))
        })
    }

    fn unknown(option: &str) -> Invalid {
        let message = format!("`{}` is no option of this store", printable(option));
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
mod tests;
