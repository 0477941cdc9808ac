//! Sources of every kind, declared in YAML with a secret in every place that takes one.

use std::collections::HashMap;
use std::fs;

use tempfile::TempDir;

use super::{At, Marks, environments};

/// What is followed, and how.
pub struct Source {
    /// What it is.
    pub name: &'static str,
    declare: fn(Writer<'_>) -> Declared,
    /// Whether its server speaks TLS.
    pub is_tls: bool,
    /// Whether a server gives it a token.
    pub has_token: bool,
    /// Whether what it sends holds none of the secrets.
    pub sends_nothing: bool,
    /// Whether it cannot be opened.
    pub is_refused: bool,
    /// Whether its token endpoint is left alone for a while after a failure, for all sources of one declaration.
    pub is_left_alone: bool,
}

/// A watcher, and what it needs around it.
pub struct Declared {
    /// Its name.
    pub name: String,
    /// The type of what it follows.
    pub follows: Follows,
    /// As an item of a list in YAML.
    watcher: String,
    /// What `${VAR}` in it stands for.
    pub variables: HashMap<String, String>,
    _files: TempDir,
}

/// The type of what is followed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    /// A value, or the items of a list.
    Value,
    /// The objects of a store.
    Listed,
    /// What objects of a store contain.
    Contents,
}

impl Source {
    /// Declares it for a server.
    pub fn declare(&self, at: At, marks: &mut Marks) -> Declared {
        (self.declare)(Writer::new(at, marks))
    }

    /// What it is, and by which protocol.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{}, {}", self.name, if self.is_tls { "https" } else { "http" })
    }
}

/// A file of these watchers.
#[must_use]
pub fn file_of<'a>(declared: impl IntoIterator<Item = &'a Declared>) -> String {
    let watchers = declared.into_iter().map(|it| &*it.watcher);
    let watchers: String = watchers.collect();
    format!("apiVersion: koprs-external/v1\nwatchers:\n{watchers}")
}

struct Writer<'a> {
    at: At,
    marks: &'a mut Marks,
    variables: HashMap<String, String>,
    files: TempDir,
}

impl Writer<'_> {
    fn new(at: At, marks: &mut Marks) -> Writer<'_> {
        Writer { at, marks, variables: HashMap::new(), files: tempfile::tempdir().unwrap() }
    }

    /// A secret as a quoted scalar.
    fn literal(&mut self, place: &str) -> String {
        format!("'{}'", self.marks.plant(place))
    }

    /// A secret in a part of a URL.
    fn encoded(&mut self, place: &str) -> String {
        let secret = self.marks.plant(place);
        percent_encoding::utf8_percent_encode(&secret, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
    }

    /// A secret in a variable of the file.
    fn variable(&mut self, place: &str) -> String {
        let secret = self.marks.plain(place);
        // No other watcher of a file has it.
        let name = format!("V{}", self.marks.count());
        self.variables.insert(name.clone(), secret);
        format!("${{{name}}}")
    }

    fn some_variables<const N: usize>(&mut self, place: &str) -> [String; N] {
        std::array::from_fn(|n| self.variable(&format!("a variable in {place}, {n}")))
    }

    fn file(&mut self, place: &str) -> String {
        let secret = self.marks.plant(place);
        self.file_of(place, &secret)
    }

    fn file_of(&mut self, place: &str, content: &str) -> String {
        let path = self.files.path().join(place.replace(|c: char| !c.is_alphanumeric(), "-"));
        fs::write(&path, format!("{content}\n")).unwrap();
        path.display().to_string()
    }

    fn done(self, name: &str, follows: Follows, watcher: &str) -> Declared {
        let name = format!("{name}-{}", self.at.scheme);
        let watcher = format!("  - name: {name}\n    interval: 1h\n{watcher}");
        Declared { name, follows, watcher, variables: self.variables, _files: self.files }
    }
}

/// A URL with a secret in each of its parts.
fn full(it: &mut Writer<'_>) -> String {
    let (user, password) = (it.encoded("user"), it.encoded("password"));
    let (path, query) = (it.variable("a variable in a path"), it.encoded("a query"));
    let hidden = it.variable("a variable in a query");
    let At { scheme, address } = it.at;
    format!("{scheme}://{user}:{password}@{address}/v/{path}/x?token={query}&page={hidden}")
}

fn value(mut it: Writer<'_>) -> Declared {
    let url = full(&mut it);
    let (header, variable) = (it.literal("a header"), it.variable("a variable in a header"));
    let (query, token) = (it.literal("`query`"), it.file("a token file"));
    let watcher = format!(
        "    http:
      url: '{url}'
      retries: 0
      query: {{ apiKey: {query} }}
      header: {{ x-api-key: {header}, x-var: '{variable}' }}
      auth: {{ bearer: {{ file: '{token}' }} }}
"
    );
    it.done("value", Follows::Value, &watcher)
}

fn list(mut it: Writer<'_>) -> Declared {
    let path = it.variable("a variable in a path");
    let secret = it.literal("`auth.query`");
    let header = it.literal("a header");
    let watcher = format!(
        "    items: {{ at: /items, key: /id }}
    http:
      url: '{}/v/{path}'
      retries: 0
      header: {{ x-api-key: {header} }}
      auth: {{ query: {{ name: key, value: {secret} }} }}
      pages: {{ linkHeader: {{}} }}
",
        it.at.url("")
    );
    it.done("list", Follows::Value, &watcher)
}

fn post(mut it: Writer<'_>) -> Declared {
    let (password, variable) = (it.marks.plant("a body"), it.variable("a variable in a body"));
    let (prefix, secret) = (it.marks.plain("`auth.header.prefix`"), it.literal("`auth.header`"));
    let segment = it.marks.plain("a literal in a path");
    let watcher = format!(
        "    items: {{ at: /items, key: /id }}
    http:
      url: '{}/hooks/{segment}'
      method: post
      retries: 0
      body: {{ json: '{{\"password\":\"{password}\",\"word\":\"{variable}\"}}' }}
      auth: {{ header: {{ name: x-key, prefix: 'id={prefix},key=', value: {secret} }} }}
",
        it.at.url("")
    );
    it.done("post", Follows::Value, &watcher)
}

fn basic(mut it: Writer<'_>) -> Declared {
    let (username, password) = (it.literal("a user name"), it.file("a password file"));
    let watcher = format!(
        "    http:
      url: '{}/v'
      retries: 0
      auth: {{ basic: {{ username: {username}, password: {{ file: '{password}' }} }} }}
",
        it.at.url("")
    );
    it.done("basic", Follows::Value, &watcher)
}

fn oauth2(mut it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let (path, query) =
        (it.variable("a variable in `tokenUrl`"), it.encoded("a query of `tokenUrl`"));
    let secret = it.file("a client secret");
    let at = it.at.url("");
    let watcher = format!(
        "    http:
      url: '{at}/v'
      retries: 0
      auth:
        oauth2:
          tokenUrl: '{at}/token/{path}?k={query}'
          clientId: us
          clientSecret: {{ file: '{secret}' }}
"
    );
    it.done("oauth2", Follows::Value, &watcher)
}

fn store(
    it: Writer<'_>,
    name: &'static str,
    follows: Follows,
    url: &str,
    options: &[(&str, String)],
) -> Declared {
    let options = options.iter().map(|(name, value)| format!("        {name}: {value}\n"));
    let options: String = options.collect();
    let watcher = format!(
        "    objectStore:
      url: '{url}'
      option:
        allow_http: {{ value: 'true' }}
{options}"
    );
    it.done(name, follows, &watcher)
}

fn quoted(text: &str) -> String {
    format!("{{ value: '{text}' }}")
}

fn s3(mut it: Writer<'_>) -> Declared {
    let (path, user) = (it.variable("a variable in a path"), it.encoded("userinfo of an endpoint"));
    let endpoint = format!("{}://{user}:x@{}", it.at.scheme, it.at.address);
    let (session, id) = (it.marks.long("a session token"), it.marks.plain("a key id"));
    let session = it.file_of("session", &session);
    let secret = it.literal("a secret key");
    let options = [
        ("aws_endpoint", quoted(&endpoint)),
        ("aws_region", quoted("eu-west-1")),
        ("aws_access_key_id", quoted(&id)),
        ("aws_secret_access_key", format!("{{ value: {secret} }}")),
        ("aws_session_token", format!("{{ file: '{session}' }}")),
    ];
    store(it, "s3", Follows::Contents, &format!("s3://bucket/{path}/"), &options)
}

fn s3_imds(it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let at = it.at.url("");
    let options = [
        ("aws_endpoint", quoted(&at)),
        ("aws_region", quoted("eu-west-1")),
        ("aws_metadata_endpoint", quoted(&at)),
    ];
    store(it, "s3-imds", Follows::Listed, "s3://bucket/models/", &options)
}

fn gcs(mut it: Writer<'_>) -> Declared {
    let path = it.variable("a variable in a path");
    let token = it.marks.plain("a bearer token");
    let options =
        [("google_base_url", quoted(&it.at.url(""))), ("google_bearer_token", quoted(&token))];
    store(it, "gcs", Follows::Listed, &format!("gs://bucket/{path}/"), &options)
}

/// A key that is JSON within JSON, which is quoted when it is refused.
fn gcs_key(mut it: Writer<'_>) -> Declared {
    let account = refused_account(it.marks);
    let file = it.file_of("account", &account);
    let options = [("google_service_account_key", format!("{{ file: '{file}' }}"))];
    store(it, "gcs-key", Follows::Listed, "gs://bucket/models/", &options)
}

/// A service account as a string of JSON.
pub(super) fn refused_account(marks: &mut Marks) -> String {
    let (id, key) = (marks.plain("a key id"), marks.long("a private key"));
    let lines: Vec<String> =
        key.as_bytes().chunks(64).map(|it| String::from_utf8_lossy(it).into_owned()).collect();
    let pem =
        format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", lines.join("\n"));
    let account = serde_json::json!({
        "type": "service_account", "private_key_id": id, "private_key": pem, "client_email": "a@b.example",
    });
    serde_json::to_string(&account.to_string()).unwrap()
}

fn azure(name: &'static str, it: Writer<'_>, options: &[(&str, String)]) -> Declared {
    let account = [
        ("azure_storage_account_name", quoted("account")),
        ("azure_storage_endpoint", quoted(&it.at.url(""))),
    ];
    store(it, name, Follows::Contents, "az://container/models/", &[options, &account].concat())
}

fn azure_sas(mut it: Writer<'_>) -> Declared {
    let signature = it.encoded("the signature of a SAS");
    let sas = it.file_of("sas", &format!("sv=2022-11-02&sp=rl&sig={signature}"));
    azure("azure-sas", it, &[("azure_storage_sas_key", format!("{{ file: '{sas}' }}"))])
}

fn azure_key(it: Writer<'_>) -> Declared {
    let key = it.marks.plain("an account key");
    azure("azure-key", it, &[("azure_storage_account_key", quoted(&key))])
}

fn azure_client(mut it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let secret = it.literal("a client secret");
    let options = [
        ("azure_storage_client_id", quoted("us")),
        ("azure_storage_tenant_id", quoted("tenant")),
        ("azure_storage_authority_host", quoted(&it.at.url(""))),
        ("azure_storage_client_secret", format!("{{ value: {secret} }}")),
    ];
    azure("azure-client", it, &options)
}

/// By a proxy, which is the server itself.
fn webdav(mut it: Writer<'_>) -> Declared {
    let path = it.variable("a variable in a path");
    let (user, password) =
        (it.encoded("the user of a proxy"), it.encoded("the password of a proxy"));
    let proxy = format!("http://{user}:{password}@{}", it.at.address);
    let options = [("proxy_url", quoted(&proxy))];
    let url = it.at.url(&format!("/dav/{path}/"));
    store(it, "webdav", Follows::Contents, &url, &options)
}

/// A source whose secrets are in its URL alone. Redirects to other origins are followed.
fn url_alone(mut it: Writer<'_>) -> Declared {
    let query = it.encoded("a query that is named like a secret");
    let watcher = format!(
        "    http:
      url: '{}?token={query}'
      retries: 0
",
        it.at.url("/v")
    );
    it.done("url-alone", Follows::Value, &watcher)
}

/// `${VAR}` in every setting of HTTP that takes a secret.
fn variables(mut it: Writer<'_>) -> Declared {
    let [user, password, path, segment, query] = it.some_variables("the URL");
    let [header, name, body, form, secret] = it.some_variables("a setting of HTTP");
    let At { scheme, address } = it.at;
    let watcher = format!(
        "    items: {{ at: /items, key: /id }}
    http:
      url: '{scheme}://{user}:{password}@{address}/{path}/x-{segment}?token={query}'
      method: post
      retries: 0
      query: {{ page: '{name}' }}
      header: {{ x-var: 'word {header}' }}
      body: {{ json: '{{\"a\":[\"{body}\"],\"b\":\"x {form}\"}}' }}
      auth: {{ header: {{ name: x-key, prefix: 'k=', value: '{secret}' }} }}
"
    );
    it.done("variables", Follows::Value, &watcher)
}

fn basic_of_variables(mut it: Writer<'_>) -> Declared {
    let [user, password] = it.some_variables("`auth.basic`");
    let watcher = format!(
        "    http:
      url: '{}'
      retries: 0
      auth: {{ basic: {{ username: '{user}', password: {{ value: '{password}' }} }} }}
",
        it.at.url("/v")
    );
    it.done("basic-variables", Follows::Value, &watcher)
}

fn oauth2_of_variables(mut it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let [path, query, secret] = it.some_variables("`auth.oauth2`");
    let at = it.at.url("");
    let watcher = format!(
        "    http:
      url: '{at}/v'
      retries: 0
      auth:
        oauth2:
          tokenUrl: '{at}/token/{path}?page={query}'
          clientId: us
          clientSecret: {{ value: '{secret}' }}
"
    );
    it.done("oauth2-variables", Follows::Value, &watcher)
}

/// `${VAR}` in the endpoint and the options of a store.
fn s3_of_variables(mut it: Writer<'_>) -> Declared {
    let [path, user, password, id, secret] = it.some_variables("an option of S3");
    let [session] = it.some_variables("a session token");
    let At { scheme, address } = it.at;
    let options = [
        ("aws_endpoint", quoted(&format!("{scheme}://{user}:{password}@{address}"))),
        ("aws_region", quoted("eu-west-1")),
        ("aws_access_key_id", quoted(&id)),
        ("aws_secret_access_key", quoted(&secret)),
        ("aws_session_token", quoted(&session)),
    ];
    store(it, "s3-variables", Follows::Listed, &format!("s3://bucket/{path}/"), &options)
}

/// By a proxy, which is the server itself.
fn webdav_of_variables(mut it: Writer<'_>) -> Declared {
    let [path, user, password] = it.some_variables("WebDAV");
    let options = [("proxy_url", quoted(&format!("http://{user}:{password}@{}", it.at.address)))];
    let url = it.at.url(&format!("/dav/{path}/"));
    store(it, "webdav-variables", Follows::Listed, &url, &options)
}

/// A secret by `env:` in each setting that takes one; see [`environments`] for the variables.
fn bearer_of_environment(it: Writer<'_>) -> Declared {
    let watcher = format!(
        "    http:
      url: '{}'
      retries: 0
      auth: {{ bearer: {{ env: {} }} }}
",
        it.at.url("/v"),
        environments::BEARER
    );
    it.done("bearer-env", Follows::Value, &watcher)
}

fn query_of_environment(it: Writer<'_>) -> Declared {
    let watcher = format!(
        "    http:
      url: '{}'
      retries: 0
      auth: {{ query: {{ name: key, env: {} }} }}
",
        it.at.url("/v"),
        environments::QUERY
    );
    it.done("query-env", Follows::Value, &watcher)
}

fn basic_of_environment(it: Writer<'_>) -> Declared {
    let watcher = format!(
        "    items: {{ at: /items, key: /id }}
    http:
      url: '{}'
      retries: 0
      auth: {{ basic: {{ username: us, password: {{ env: {} }} }} }}
",
        it.at.url("/v"),
        environments::PASSWORD
    );
    it.done("basic-env", Follows::Value, &watcher)
}

fn oauth2_of_environment(it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let at = it.at.url("");
    let watcher = format!(
        "    http:
      url: '{at}/v'
      retries: 0
      auth:
        oauth2:
          tokenUrl: '{at}/token'
          clientId: us
          clientSecret: {{ env: {} }}
",
        environments::CLIENT_SECRET
    );
    it.done("oauth2-env", Follows::Value, &watcher)
}

fn from_environment(variable: &str) -> String {
    format!("{{ env: {variable} }}")
}

fn s3_of_options(it: Writer<'_>) -> Declared {
    let options = [
        ("aws_endpoint", quoted(&it.at.url(""))),
        ("aws_region", quoted("eu-west-1")),
        ("aws_access_key_id", from_environment(environments::KEY_ID)),
        ("aws_secret_access_key", from_environment(environments::KEY)),
        ("aws_session_token", from_environment(environments::SESSION)),
    ];
    store(it, "s3-env", Follows::Contents, "s3://bucket/models/", &options)
}

/// A store that finds its credentials in the environment by itself.
fn s3_bare(it: Writer<'_>) -> Declared {
    let at = it.at.url("");
    let options = [("aws_endpoint", quoted(&at)), ("aws_region", quoted("eu-west-1"))];
    store(it, "s3-bare", Follows::Listed, "s3://bucket/models/", &options)
}

fn gcs_bare(it: Writer<'_>) -> Declared {
    let options = [("google_base_url", quoted(&it.at.url("")))];
    store(it, "gcs-bare", Follows::Listed, "gs://bucket/models/", &options)
}

fn azure_bare(it: Writer<'_>) -> Declared {
    azure("azure-bare", it, &[])
}

/// Of which the server gives credentials for what a file of the environment holds.
fn s3_by_sts(it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let at = it.at.url("");
    let options = [
        ("aws_endpoint", quoted(&at)),
        ("aws_region", quoted("eu-west-1")),
        ("aws_endpoint_url_sts", quoted(&at)),
    ];
    store(it, "s3-sts", Follows::Contents, "s3://bucket/models/", &options)
}

fn s3_by_agent(it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let at = it.at.url("");
    let options = [
        ("aws_endpoint", quoted(&at)),
        ("aws_region", quoted("eu-west-1")),
        ("aws_container_credentials_full_uri", quoted(&format!("{at}/token/agent"))),
    ];
    store(it, "s3-agent", Follows::Listed, "s3://bucket/models/", &options)
}

fn azure_by_authority(it: Writer<'_>) -> Declared {
    it.marks.plain("token answer");
    let options = [
        ("azure_storage_tenant_id", quoted("tenant")),
        ("azure_storage_authority_host", quoted(&it.at.url(""))),
    ];
    azure("azure-authority", it, &options)
}

const fn source(name: &'static str, declare: fn(Writer<'_>) -> Declared) -> Source {
    Source {
        name,
        declare,
        is_tls: false,
        has_token: false,
        sends_nothing: false,
        is_refused: false,
        is_left_alone: false,
    }
}

const fn tls(source: Source) -> Source {
    Source { is_tls: true, ..source }
}

const fn with_token(source: Source) -> Source {
    Source { has_token: true, ..source }
}

const fn silent(source: Source) -> Source {
    Source { sends_nothing: true, ..source }
}

const fn refused(source: Source) -> Source {
    Source { is_refused: true, ..silent(source) }
}

const fn left_alone(source: Source) -> Source {
    Source { is_left_alone: true, ..source }
}

/// What is declared with its secrets, and with variables that hold them.
pub(super) const DECLARED: &[Source] = &[
    source("a value", value),
    tls(source("a value", value)),
    source("a list with pages", list),
    tls(source("a list with pages", list)),
    source("a POST", post),
    tls(source("a POST", post)),
    source("a basic credential", basic),
    tls(source("a basic credential", basic)),
    source("a URL alone", url_alone),
    tls(source("a URL alone", url_alone)),
    left_alone(with_token(source("OAuth 2.0", oauth2))),
    left_alone(with_token(tls(source("OAuth 2.0", oauth2)))),
    source("S3", s3),
    tls(source("S3", s3)),
    silent(with_token(source("S3 by the metadata service", s3_imds))),
    silent(with_token(tls(source("S3 by the metadata service", s3_imds)))),
    source("Google", gcs),
    tls(source("Google", gcs)),
    silent(source("Google, a key that is refused", gcs_key)),
    source("Azure, a SAS", azure_sas),
    tls(source("Azure, a SAS", azure_sas)),
    silent(source("Azure, an account key", azure_key)),
    with_token(source("Azure, a client secret", azure_client)),
    with_token(tls(source("Azure, a client secret", azure_client))),
    source("WebDAV by a proxy", webdav),
    source("variables in HTTP", variables),
    tls(source("variables in HTTP", variables)),
    source("variables in a basic credential", basic_of_variables),
    left_alone(with_token(source("variables in OAuth 2.0", oauth2_of_variables))),
    source("variables in S3", s3_of_variables),
    tls(source("variables in S3", s3_of_variables)),
    source("variables in WebDAV by a proxy", webdav_of_variables),
    source("a bearer of the environment", bearer_of_environment),
    source("a query of the environment", query_of_environment),
    source("a password of the environment", basic_of_environment),
    left_alone(with_token(source("a client secret of the environment", oauth2_of_environment))),
    source("S3, options of the environment", s3_of_options),
    tls(source("S3, options of the environment", s3_of_options)),
];

/// Stores that find keys in the environment.
pub(super) const KEYS: &[Source] = &[
    source("S3, keys of the environment", s3_bare),
    tls(source("S3, keys of the environment", s3_bare)),
    source("Google, a bearer token of the environment", gcs_bare),
    tls(source("Google, a bearer token of the environment", gcs_bare)),
    source("Azure, a SAS of the environment", azure_bare),
    tls(source("Azure, a SAS of the environment", azure_bare)),
];

/// Stores that find in the environment how to get a token.
pub(super) const IDENTITIES: &[Source] = &[
    with_token(tls(source("S3, a web identity of the environment", s3_by_sts))),
    with_token(source("Azure, a client secret of the environment", azure_by_authority)),
    with_token(tls(source("Azure, a client secret of the environment", azure_by_authority))),
    refused(source("Google, a key of the environment that is refused", gcs_bare)),
];

/// Stores that find the token of an agent in the environment.
pub(super) const AGENTS: &[Source] = &[
    with_token(source("S3, an agent of the environment", s3_by_agent)),
    with_token(tls(source("S3, an agent of the environment", s3_by_agent))),
    with_token(tls(source("Azure, a federated token of the environment", azure_by_authority))),
    refused(source("Google, an account of the environment that is refused", gcs_bare)),
];

/// Stores that find an account in the environment.
pub(super) const ACCOUNTS: &[Source] = &[
    silent(source("Azure, an account key of the environment", azure_bare)),
    refused(source("Google, credentials of the environment that are refused", gcs_bare)),
];

/// A store that finds a token in the environment.
pub(super) const TOKENS: &[Source] = &[
    source("Azure, a token of the environment", azure_bare),
    tls(source("Azure, a token of the environment", azure_bare)),
];
