//! Each setting by its method of the builder.

use std::time::Duration;

use super::{example, loaded, watcher};
use crate::spec::table::SETTINGS;
use crate::spec::{
    ClientCredentials, Format, Method, OnBadItem, Paging, SecretSource, WatcherBuilder, WatcherSpec,
};

const URL: &str = "https://api.example.com/v1/flags";
const HALF_A_MINUTE: Duration = Duration::from_secs(30);

fn http() -> WatcherBuilder {
    WatcherSpec::http("flags", URL).interval(HALF_A_MINUTE)
}

fn store() -> WatcherBuilder {
    WatcherSpec::object_store("flags", "s3://bucket/models/").interval(HALF_A_MINUTE)
}

fn paged(paging: Paging) -> WatcherBuilder {
    http().items("/data").key("/id").pages(paging)
}

/// The secret of an example, by the last part of the path.
fn secret(path: &str) -> SecretSource {
    match path.rsplit('.').next() {
        Some("file") => SecretSource::File("/run/secrets/token".into()),
        Some("value") => SecretSource::Value("t0ken".into()),
        _ => SecretSource::Env("FLAGS_TOKEN".to_owned()),
    }
}

fn key() -> SecretSource {
    SecretSource::Env("API_KEY".to_owned())
}

fn password() -> SecretSource {
    SecretSource::Env("PASSWORD".to_owned())
}

fn client() -> ClientCredentials {
    oauth2(SecretSource::Env("SECRET".to_owned()))
}

fn oauth2(secret: SecretSource) -> ClientCredentials {
    ClientCredentials::new("https://login.example.com/token", "operator", secret)
}

/// The example of a setting in Rust.
fn declared(path: &str) -> Option<WatcherBuilder> {
    let seconds = Duration::from_secs;
    let named =
        |name: &str| ["env", "file", "value"].iter().any(|it| path == format!("{name}.{it}"));
    Some(match path {
        "name" | "interval" | "http.url" => http(),
        "max_backoff" => http().max_backoff(seconds(300)),
        "jitter" => http().jitter(0.1),
        "deadline" => http().deadline(seconds(300)),
        "decode" => http().decode(Format::Json),
        "items.at" => http().items("/data"),
        "items.key" => http().items("").key("/id"),
        "items.limit" => http().items("").item_limit(1000),
        "on_bad_item" => http().items("/data").key("/id").on_bad_item(OnBadItem::Fail),
        "ignore" => http().ignore("/updated_at"),
        "distinct" => http().distinct(),
        "removal.confirm" => http().confirm(3),
        "removal.hold_above" => http().hold_above(0.25),
        "removal.hold_min" => http().hold_min(20),
        "memory_limit" => http().memory_limit(256 << 20),
        "walk_limit" => http().walk_limit(128 << 20),
        "http.method" => http().method(Method::Get),
        "http.query" => http().query("page_size", "100"),
        "http.header" => http().header("X-Team", "flags"),
        "http.body.json" => http().json_body(r#"{ "plan": "premium" }"#),
        "http.body.text" => http().text_body("all"),
        path if named("http.auth.bearer") => http().bearer(secret(path)),
        path if named("http.auth.basic.password") => http().basic("operator", secret(path)),
        "http.auth.basic.username" => http().basic("operator", password()),
        path if named("http.auth.header") => http().auth_header("X-Api-Key", "", secret(path)),
        "http.auth.header.name" => http().auth_header("X-Api-Key", "", secret("")),
        "http.auth.header.prefix" => http().auth_header("X-Api-Key", "Token ", secret("")),
        path if named("http.auth.query") => http().auth_query("api_key", secret(path)),
        "http.auth.query.name" => http().auth_query("api_key", secret("")),
        path if named("http.auth.oauth2.client_secret") => http().oauth2(oauth2(secret(path))),
        "http.auth.oauth2.token_url" | "http.auth.oauth2.client_id" => http().oauth2(client()),
        "http.auth.oauth2.scopes" => http().oauth2(client().scope("read")),
        "http.auth.oauth2.audience" => http().oauth2(client().audience("api")),
        "http.auth.oauth2.margin" => http().oauth2(client().margin(seconds(60))),
        "http.tls.ca" => http().tls_ca("ca.pem"),
        "http.tls.cert" | "http.tls.key" => http().tls_identity("tls.crt", "tls.key"),
        "http.unix_socket" => WatcherSpec::http("flags", "http://localhost/x")
            .interval(HALF_A_MINUTE)
            .unix_socket("run/app.sock"),
        "http.pages.cursor.at" => paged(Paging::cursor_at("/meta/next")),
        "http.pages.cursor.header" => paged(Paging::cursor_header("X-Next")),
        "http.pages.cursor.param" => paged(Paging::cursor_at("/meta/next").param("cursor")),
        "http.pages.number.param" => paged(Paging::number("page")),
        "http.pages.number.first" => paged(Paging::number("page").first(0)),
        "http.pages.offset.param" => paged(Paging::offset("offset")),
        "http.pages.limit" => paged(Paging::link_header().limit(50)),
        "http.pages.origins" => paged(Paging::link_header().origin("https://cdn.example.com")),
        "http.timeout" => http().timeout(seconds(5)),
        "http.retries" => http().retries(1),
        "http.respect_max_age" => http().respect_max_age(),
        "http.max_in_flight" => http().max_in_flight(4),
        "http.body_limit" => http().body_limit(1 << 20),
        "http.header_limit" => http().header_limit(32 << 10),
        "http.redirect_limit" => http().redirect_limit(3),
        "object_store.url" => store(),
        "object_store.option" => {
            store().option("aws_region", SecretSource::Value("eu-west-1".into()))
        }
        "object_store.include" => store().include("**/*.yaml"),
        "object_store.exclude" => store().exclude("tmp/**"),
        "object_store.settle" => store().settle(seconds(5)),
        "object_store.concurrency" => store().concurrency(4),
        "object_store.listing_concurrency" => store().listing_concurrency(2),
        "object_store.object_limit" => store().object_limit(5000),
        "object_store.body_limit" => store().body_limit(1 << 20),
        // A block of several settings, each of which is above.
        "items" => http().items("/data").key("/id"),
        "removal" => http().confirm(3),
        "http" => http(),
        "object_store" => store(),
        "http.body" => http().text_body("all"),
        "http.auth" | "http.auth.bearer" => http().bearer(secret("")),
        "http.auth.basic" | "http.auth.basic.password" => http().basic("operator", password()),
        "http.auth.header" => http().auth_header("X-Api-Key", "", key()),
        "http.auth.query" => http().auth_query("api_key", key()),
        "http.auth.oauth2" | "http.auth.oauth2.client_secret" => http().oauth2(client()),
        "http.tls" => http().tls_ca("ca.pem"),
        "http.pages" | "http.pages.link_header" => paged(Paging::link_header()),
        "http.pages.cursor" => paged(Paging::cursor_at("/meta/next").param("cursor")),
        "http.pages.number" => paged(Paging::number("page")),
        "http.pages.offset" => paged(Paging::offset("offset")),
        _ => return None,
    })
}

#[test]
fn each_setting_of_a_file_is_that_of_the_builder() {
    for setting in SETTINGS {
        let path = setting.path();
        let built = declared(&path).unwrap_or_else(|| panic!("the builder has no `{path}`"));
        let read = loaded(&watcher(setting, &example(setting))).unwrap();
        assert_eq!(read, built.build().unwrap(), "{path}");
    }
}
