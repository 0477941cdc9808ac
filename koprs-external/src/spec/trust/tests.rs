use std::time::Duration;

use crate::spec::table::{SETTINGS, Setting, Untrusted};
use crate::spec::{Paging, SecretSource, Trust, WatcherBuilder, WatcherSpec};

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

/// A setting is decided upon when it comes to the table: whatever is not here is held to something.
#[test]
fn what_a_tenant_may_set_as_anybody_is_known() {
    // An object store is refused as a whole.
    let rows = SETTINGS.iter().filter(|row| row.block != "object_store");
    let allowed = rows.filter(|row| matches!(row.untrusted, Untrusted::Allowed));
    let allowed: Vec<_> = allowed.map(Setting::path).collect();
    let known = "
        name interval max_backoff jitter deadline decode items items.at items.key on_bad_item
        ignore distinct removal removal.confirm removal.hold_above removal.hold_min http
        http.method http.query http.body http.body.json http.body.text http.auth http.auth.bearer
        http.auth.bearer.value http.auth.basic http.auth.basic.username http.auth.basic.password
        http.auth.basic.password.value http.auth.header http.auth.header.prefix
        http.auth.header.value http.auth.query http.auth.query.name http.auth.query.value
        http.auth.oauth2 http.auth.oauth2.client_id http.auth.oauth2.client_secret
        http.auth.oauth2.client_secret.value http.auth.oauth2.scopes http.auth.oauth2.audience
        http.auth.oauth2.margin http.tls http.pages http.pages.link_header http.pages.cursor
        http.pages.cursor.at http.pages.cursor.header http.pages.cursor.param http.pages.number
        http.pages.number.param http.pages.number.first http.pages.offset http.pages.offset.param
        http.retries http.respect_max_age
    ";
    assert_eq!(allowed.join(" "), known.split_whitespace().collect::<Vec<_>>().join(" "));
}

#[test]
fn a_spec_of_a_tenant_that_is_built_again_is_held_to_it() {
    let spec = http("https://api.example.com:444/v1").build().unwrap();
    let spec = spec.allow_ports([444]).under(Trust::Untrusted).unwrap();
    let again = spec.into_builder().interval(Duration::from_secs(60)).build().unwrap();
    assert_eq!(
        (again.trust(), again.interval()),
        (Some(Trust::Untrusted), Duration::from_secs(60))
    );
    let refused = again.into_builder().bearer(env()).build().unwrap_err();
    let codes: Vec<_> = refused.mistakes.iter().map(|it| it.code).collect();
    assert_eq!(codes, ["untrusted-env"]);
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
        (http(URL).header("HOST", "inside.svc"), "http.header.HOST untrusted-header"),
        (http(URL).auth_header("Host", "", value()), "http.auth.header.name untrusted-header"),
        (http("http://10.0.0.1/"), "http.url not-public"),
        (http("http://127.0.0.1../"), "http.url not-public"),
        (http("http://kubernetes.default/"), "http.url not-public"),
        (http("http://web.docker:8080/"), "http.url not-public"),
        (http("https://api.example.com:22/"), "http.url untrusted-port"),
        (http("http://1.1.1.1:25/"), "http.url untrusted-port"),
        (http("http://10.0.0.1:25/"), "http.url not-public"),
        (
            list().pages(Paging::link_header().origin("https://cdn.example.com:993")),
            "http.pages.origins.0 untrusted-port",
        ),
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
    assert_eq!(
        refused(oauth2("https://login.example.com:636/token", value())),
        "http.auth.oauth2.token_url untrusted-port"
    );
    assert_eq!(refused(oauth2("https://login.example.com/token", value())), "");
}

#[cfg(feature = "object-store")]
#[test]
fn an_object_store_is_refused_to_a_tenant() {
    let store = WatcherSpec::object_store("flags", "file:///var/run/secrets/");
    assert_eq!(refused(store.interval(Duration::from_secs(30))), "object_store untrusted-store");
}

#[cfg(feature = "aws")]
#[test]
fn a_bucket_with_the_tenants_own_keys_is_refused_as_well() {
    let store = WatcherSpec::object_store("flags", "s3://bucket").option("aws_region", value());
    assert_eq!(refused(store.interval(Duration::from_secs(30))), "object_store untrusted-store");
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
        (http(URL).redirect_limit(6), "http.redirect_limit untrusted-limit"),
        (http(URL).memory_limit((64 << 20) + 1), "memory_limit untrusted-limit"),
        (http(URL).walk_limit((64 << 20) + 1), "walk_limit untrusted-limit"),
        (http(URL).memory_limit(64 << 20).walk_limit(64 << 20), ""),
        (list().item_limit(100_001), "items.limit untrusted-limit"),
        (list().pages(Paging::link_header().limit(1_001)), "http.pages.limit untrusted-limit"),
        (http(URL).timeout(minute).body_limit(1024), ""),
    ];
    for (builder, expected) in cases {
        assert_eq!(refused(builder), expected);
    }
}

#[test]
fn a_tenant_has_less_memory_by_default() {
    let limits = |spec: WatcherSpec| (spec.memory_limit() >> 20, spec.walk_limit() >> 20);
    let of = |builder: WatcherBuilder| builder.build().unwrap();
    let of_a_tenant = |builder| of(builder).under(Trust::Untrusted).unwrap();
    assert_eq!(limits(of(http(URL))), (1024, 512));
    assert_eq!(limits(of_a_tenant(http(URL))), (64, 64));
    let less = || http(URL).memory_limit(32 << 20).walk_limit(16 << 20);
    assert_eq!(limits(of_a_tenant(less())), (32, 16));
    assert_eq!(limits(of(http(URL).memory_limit(4 << 30))), (4096, 512));
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
    assert!(refused.to_string().contains("`https://localhost` is not on the public"), "{refused}");
}

#[test]
fn the_operator_allows_ports_by_number() {
    let spec = || http("https://api.example.com:22/").build().unwrap();
    assert!(spec().allow_ports([21, 23]).under(Trust::Untrusted).is_err());
    let allowed = spec().allow_ports([21, 22]).under(Trust::Untrusted).unwrap();
    assert!(allowed.under(Trust::Untrusted).is_ok(), "the word stays");
    assert!(
        http("http://10.0.0.1:22/")
            .build()
            .unwrap()
            .allow_ports([22])
            .under(Trust::Untrusted)
            .is_err()
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
