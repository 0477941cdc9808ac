//! Who wrote a declaration, and what it may do.

use std::time::Duration;

use http::header::HOST;
use url::Url;

use super::address::{is_public, is_public_url};
use super::{
    Auth, HttpSpec, Invalid, InvalidSpec, OAuth2, Pages, SecretSource, SourceSpec, Tls,
    WatcherSpec, body_limit, items, limits, pages,
};
use crate::secret::redacted;

/// What a tenant's server may take for one request.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(60);

/// Who wrote a declaration: see [specs of tenants](super#specs-of-tenants).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Trust {
    /// Somebody who may do what the process may: its author, its operator.
    Trusted,
    /// Somebody who may not, as a tenant of the cluster: no secret, file or identity of the process is used, and
    /// only hosts on the public internet are asked.
    Untrusted,
}

impl WatcherSpec {
    /// Says who wrote the declaration. What the builder made, and so the derive and YAML, is
    /// [`Trusted`](Trust::Trusted); of one that was deserialized it has to be said before a source is made of it.
    ///
    /// Trust only falls: a trusted declaration can be put under [`Untrusted`](Trust::Untrusted), and what is
    /// untrusted stays so, in each copy. Who serializes it and reads it again is asked again.
    ///
    /// ```
    /// use std::time::Duration;
    /// use koprs_external::spec::{Trust, WatcherSpec};
    ///
    /// let of_a_tenant = WatcherSpec::http("flags", "http://169.254.169.254/latest/meta-data")
    ///     .interval(Duration::from_secs(30))
    ///     .build()?;
    /// let refused = of_a_tenant.under(Trust::Untrusted).unwrap_err();
    /// assert_eq!(refused.mistakes[0].code, "not-public");
    /// # Ok::<(), koprs_external::spec::InvalidSpec>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidSpec`] with each setting that is not for who wrote it, or with `trust` where that would rise.
    pub fn under(self, trust: Trust) -> Result<Self, InvalidSpec> {
        let mut mistakes = Vec::new();
        let refuse = |mistake| mistakes.push(mistake);
        match (self.trust, trust) {
            (Some(Trust::Untrusted), Trust::Trusted) => mistakes.push(risen()),
            (_, Trust::Trusted) => {}
            (_, Trust::Untrusted) => check(&self, refuse),
        }
        if mistakes.is_empty() {
            Ok(Self { trust: Some(trust), ..self })
        } else {
            Err(InvalidSpec { watcher: self.name, mistakes })
        }
    }

    /// Who wrote it; nothing, where that has not been said.
    pub fn trust(&self) -> Option<Trust> {
        self.trust
    }
}

fn risen() -> Invalid {
    Invalid::new("trust", "trust-rises", "an untrusted declaration does not become a trusted one")
        .help("if it is yours, read it again and say so first")
}

fn check(spec: &WatcherSpec, mut refuse: impl FnMut(Invalid)) {
    if spec.items().is_some_and(|list| list.limit > items::LIMIT) {
        refuse(above("items.limit", "100000"));
    }
    match &spec.source {
        SourceSpec::Http(http) => check_http(http, refuse),
        SourceSpec::ObjectStore(_) => refuse(store()),
    }
}

/// In the order of the settings. Each of them is named: of a new one it is to be said whether it is for a tenant.
fn check_http(http: &HttpSpec, mut refuse: impl FnMut(Invalid)) {
    let HttpSpec {
        url,
        method: _,
        headers,
        body: _,
        auth,
        tls,
        unix_socket,
        pages,
        timeout,
        retries: _,
        respect_max_age: _,
        max_in_flight,
        body_limit,
        header_limit,
        redirect_limit: _,
    } = http;
    check_url("http.url", url).map(&mut refuse);
    if headers.iter().any(|(name, _)| *name == HOST) {
        refuse(another_host("http.header.host"));
    }
    auth.iter().for_each(|auth| check_auth(auth, &mut refuse));
    check_files(tls, &mut refuse);
    if unix_socket.is_some() {
        refuse(of_the_operator(
            "http.unix_socket",
            "untrusted-socket",
            "is a socket of the operator",
        ));
    }
    pages.iter().for_each(|pages| check_pages(pages, &mut refuse));
    if *timeout > LONGEST_TIMEOUT {
        refuse(above("http.timeout", "60s"));
    }
    if *max_in_flight != limits::MAX_IN_FLIGHT {
        refuse(of_all_tenants());
    }
    if *body_limit > body_limit::DEFAULT {
        refuse(above("http.body_limit", "8MiB"));
    }
    if *header_limit > limits::HEADER_LIMIT {
        refuse(above("http.header_limit", "64KiB"));
    }
}

/// What a tenant may have of the operator's memory and time: no more than the defaults, and a minute.
fn above(setting: &str, most: &str) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    let message = format!("`{name}` is more than {most}, and the declaration is untrusted");
    Invalid::new(setting, "untrusted-limit", message)
        .help(format!("at most {most}; where more is needed, the operator declares the watcher"))
}

/// The places at a host are those of all tenants: whoever asks for fewer holds up those behind him, until so few
/// are taken.
fn of_all_tenants() -> Invalid {
    let message =
        "`max_in_flight` would hold for other tenants too, and the declaration is untrusted";
    Invalid::new("http.max_in_flight", "untrusted-limit", message)
        .help("leave it out: a host gets at most 8 requests at a time from all that are untrusted")
}

fn check_url(setting: &str, url: &Url) -> Option<Invalid> {
    let message = format!("`{}` is not on the public internet", redacted(url.as_str()));
    let refused = Invalid::new(setting, "not-public", message).help(
        "an untrusted declaration may ask public hosts only, by a name or an address; what is inside is \
         declared by the operator",
    );
    (!is_public_url(url, is_public)).then_some(refused)
}

fn check_pages(pages: &Pages, mut refuse: impl FnMut(Invalid)) {
    let Pages { next: _, limit, origins } = pages;
    if *limit > pages::LIMIT {
        refuse(above("http.pages.limit", "1000"));
    }
    let origins = origins.iter().enumerate();
    let refused = |(n, url)| check_url(&format!("http.pages.origins.{n}"), url);
    origins.filter_map(refused).for_each(refuse);
}

fn check_auth(auth: &Auth, mut refuse: impl FnMut(Invalid)) {
    let (setting, secret) = match auth {
        Auth::Bearer(secret) => ("http.auth.bearer", secret),
        Auth::Basic { username: _, password } => ("http.auth.basic.password", password),
        Auth::Header { name, prefix: _, secret } => {
            if *name == HOST {
                refuse(another_host("http.auth.header.name"));
            }
            ("http.auth.header", secret)
        }
        Auth::Query { name: _, secret } => ("http.auth.query", secret),
        Auth::OAuth2(oauth2) => {
            let OAuth2 {
                token_url,
                client_id: _,
                client_secret,
                scopes: _,
                audience: _,
                margin: _,
            } = oauth2;
            check_url("http.auth.oauth2.token_url", token_url).map(&mut refuse);
            ("http.auth.oauth2.client_secret", client_secret)
        }
    };
    let (from, code, is) = match secret {
        SecretSource::Value(_) => return,
        SecretSource::Env(_) => ("env", "untrusted-env", "reads the environment of the operator"),
        SecretSource::File(_) => ("file", "untrusted-file", "reads a file of the operator"),
    };
    let help = "write the secret itself, as `value`; the operator can put it there from a Secret of the tenant";
    refuse(of_the_operator(&format!("{setting}.{from}"), code, is).help(help));
}

/// What answers at a public address may know other hosts by their name: those behind an ingress, for one.
fn another_host(setting: &str) -> Invalid {
    let message = "`Host` may name another host than the URL, and the declaration is untrusted";
    Invalid::new(setting, "untrusted-header", message)
        .help("leave it out: the host is that of the URL")
}

fn check_files(tls: &Tls, mut refuse: impl FnMut(Invalid)) {
    let Tls { ca, identity } = tls;
    let identity = identity.as_ref();
    let settings = [
        ("http.tls.ca", ca.is_some()),
        ("http.tls.cert", identity.is_some()),
        ("http.tls.key", identity.is_some()),
    ];
    for (setting, _) in settings.iter().filter(|(_, is_given)| *is_given) {
        refuse(of_the_operator(setting, "untrusted-file", "reads a file of the operator"));
    }
}

fn of_the_operator(setting: &str, code: &'static str, is: &str) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    let message = format!("`{name}` {is}, and the declaration is untrusted");
    Invalid::new(setting, code, message)
        .help("leave it out; where it is needed, the operator declares the watcher")
}

/// The crate `object_store` takes credentials from the environment, from files, from metadata services and by
/// workload identity wherever none are declared, and options name endpoints of all of these.
pub(crate) fn store() -> Invalid {
    let message =
        "an object store is opened with what the operator may, and the declaration is untrusted";
    Invalid::new("object_store", "untrusted-store", message)
        .help("follow an `http` endpoint; a store is declared by the operator")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::{Paging, WatcherBuilder};

    const URL: &str = "https://api.example.com/v1";

    fn http(url: &str) -> WatcherBuilder {
        WatcherSpec::http("flags", url).interval(Duration::from_secs(30))
    }

    fn list() -> WatcherBuilder {
        http(URL).items("").key("/id")
    }

    fn env() -> SecretSource {
        SecretSource::Env("OPERATOR_TOKEN".to_owned())
    }

    fn file() -> SecretSource {
        SecretSource::File("/var/run/secrets/kubernetes.io/serviceaccount/token".into())
    }

    fn value() -> SecretSource {
        SecretSource::Value("s3cr3t".into())
    }

    /// The settings that are refused to a tenant, with their codes.
    fn refused(builder: WatcherBuilder) -> String {
        let Err(refused) = builder.build().unwrap().under(Trust::Untrusted) else {
            return String::new();
        };
        assert_eq!(refused.watcher, "flags");
        assert!(refused.mistakes.iter().all(|mistake| mistake.help.is_some()), "{refused}");
        let words = refused.mistakes.iter().map(|it| format!("{} {}", it.setting, it.code));
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn what_reaches_for_the_operator_is_refused_with_its_setting() {
        let bearer = |secret| http(URL).bearer(secret);
        let cases = [
            (bearer(env()), "http.auth.bearer.env untrusted-env"),
            (bearer(file()), "http.auth.bearer.file untrusted-file"),
            (http(URL).basic("us", env()), "http.auth.basic.password.env untrusted-env"),
            (http(URL).auth_header("x-key", "", file()), "http.auth.header.file untrusted-file"),
            (http(URL).auth_query("key", env()), "http.auth.query.env untrusted-env"),
            (http(URL).tls_ca("/ca"), "http.tls.ca untrusted-file"),
            (
                http(URL).tls_identity("/cert", "/key"),
                "http.tls.cert untrusted-file, http.tls.key untrusted-file",
            ),
            (http(URL).header("HOST", "inside.svc"), "http.header.host untrusted-header"),
            (http(URL).auth_header("Host", "", value()), "http.auth.header.name untrusted-header"),
            (http("http://10.0.0.1/"), "http.url not-public"),
            (http("http://api.shop.svc:8080/"), "http.url not-public"),
            (
                list().pages(
                    Paging::link_header().origin("https://cdn.example.com").origin("http://[::1]"),
                ),
                "http.pages.origins.1 not-public",
            ),
        ];
        for (builder, expected) in cases {
            assert_eq!(refused(builder), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_refused_to_a_tenant() {
        let builder = http("http://api.example.com").unix_socket("/run/containerd/containerd.sock");
        assert_eq!(refused(builder), "http.unix_socket untrusted-socket");
    }

    #[cfg(feature = "oauth2")]
    #[test]
    fn a_token_endpoint_is_held_to_the_same() {
        use crate::spec::ClientCredentials;

        let oauth2 = |url, secret| http(URL).oauth2(ClientCredentials::new(url, "us", secret));
        assert_eq!(
            refused(oauth2("http://169.254.169.254/token", env())),
            "http.auth.oauth2.token_url not-public, http.auth.oauth2.client_secret.env untrusted-env"
        );
        assert_eq!(refused(oauth2("https://login.example.com/token", value())), "");
    }

    #[cfg(feature = "object-store")]
    #[test]
    fn an_object_store_is_refused_to_a_tenant() {
        let store = WatcherSpec::object_store("flags", "file:///var/run/secrets/");
        assert_eq!(
            refused(store.interval(Duration::from_secs(30))),
            "object_store untrusted-store"
        );
    }

    #[cfg(feature = "aws")]
    #[test]
    fn a_bucket_with_the_tenants_own_keys_is_refused_as_well() {
        let store = WatcherSpec::object_store("flags", "s3://bucket").option("aws_region", value());
        assert_eq!(
            refused(store.interval(Duration::from_secs(30))),
            "object_store untrusted-store"
        );
    }

    #[test]
    fn every_mistake_is_told_at_once_in_the_order_of_the_settings() {
        let builder = http("https://localhost/").bearer(env()).tls_ca("/ca");
        assert_eq!(
            refused(builder),
            "http.url not-public, http.auth.bearer.env untrusted-env, http.tls.ca untrusted-file"
        );
    }

    #[test]
    fn what_a_tenant_may_write_is_accepted() {
        let accepted = [
            http(URL),
            http("http://1.1.1.1:8080/v"),
            http("https://user:s3cr3t@api.example.com/"),
            http(URL).bearer(value()).header("x-team", "us").query("a", "b"),
            list().pages(Paging::link_header().origin("https://cdn.example.com")),
        ];
        for builder in accepted {
            assert_eq!(refused(builder), "");
        }
    }

    #[test]
    fn a_tenant_has_no_more_of_the_operator_than_the_defaults() {
        let minute = Duration::from_secs(60);
        let cases = [
            (http(URL).timeout(minute + Duration::from_secs(1)), "http.timeout untrusted-limit"),
            (http(URL).body_limit(8 * 1024 * 1024 + 1), "http.body_limit untrusted-limit"),
            (http(URL).header_limit(64 * 1024 + 1), "http.header_limit untrusted-limit"),
            (list().item_limit(100_001), "items.limit untrusted-limit"),
            (list().pages(Paging::link_header().limit(1_001)), "http.pages.limit untrusted-limit"),
            (http(URL).timeout(minute).body_limit(1024), ""),
        ];
        for (builder, expected) in cases {
            assert_eq!(refused(builder), expected);
        }
    }

    #[test]
    fn the_places_at_a_host_are_those_of_all_tenants() {
        for most in [1, 7, 9] {
            let refused = refused(http(URL).max_in_flight(most));
            assert_eq!(refused, "http.max_in_flight untrusted-limit", "{most}");
        }
        assert_eq!(refused(http(URL).max_in_flight(8)), "");
    }

    #[test]
    fn a_refusal_shows_no_secret() {
        let builder = http("https://user:s3cr3t@localhost/?key=s3cr3t").header("x-key", "s3cr3t");
        let refused = builder.build().unwrap().under(Trust::Untrusted).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains("s3cr3t"), "{refused}");
        assert!(
            refused.to_string().contains("`https://localhost/` is not on the public"),
            "{refused}"
        );
    }

    #[test]
    fn trust_only_falls() {
        let built = http(URL).build().unwrap();
        assert_eq!(built.trust(), Some(Trust::Trusted));
        let trusted = built.under(Trust::Trusted).unwrap();
        let untrusted = trusted.under(Trust::Untrusted).unwrap().under(Trust::Untrusted).unwrap();
        assert_eq!(untrusted.clone().trust(), Some(Trust::Untrusted));
        let refused = untrusted.under(Trust::Trusted).unwrap_err();
        assert_eq!(refused.mistakes[0].code, "trust-rises");
    }

    #[test]
    fn what_says_nothing_may_become_either() {
        let unsaid = || WatcherSpec { trust: None, ..http("http://localhost").build().unwrap() };
        assert_eq!(unsaid().under(Trust::Trusted).unwrap().trust(), Some(Trust::Trusted));
        assert_eq!(unsaid().under(Trust::Untrusted).unwrap_err().mistakes[0].code, "not-public");
    }
}
