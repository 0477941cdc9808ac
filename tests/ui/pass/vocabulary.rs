//! Each setting of the table by itself, as the derive and as a file say it: one spec.
// Generated from the table of settings: `just bless` writes it.

/// `name`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S0;

/// `interval`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S1;

/// `max_backoff`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", max_backoff = "5m", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S2;

/// `jitter`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", jitter = "10%", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S3;

/// `deadline`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", deadline = "5m", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S4;

/// `decode`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", decode = json, http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S5;

/// `items`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S6;

/// `items.at`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data"), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S7;

/// `items.key`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(key = "/id"), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S8;

/// `items.limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(limit = 1000), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S9;

/// `on_bad_item`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), on_bad_item = fail, http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S10;

/// `ignore`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", ignore("/updated_at"), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S11;

/// `distinct`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", distinct = true, http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S12;

/// `removal`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", removal(confirm = 3), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S13;

/// `removal.confirm`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", removal(confirm = 3), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S14;

/// `removal.hold_above`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", removal(hold_above = "25%"), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S15;

/// `removal.hold_min`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", removal(hold_min = 20), http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S16;

/// `memory_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", memory_limit = "256MiB", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S17;

/// `walk_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", walk_limit = "128MiB", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S18;

/// `http`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S19;

/// `http.url`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags"), item = u64)]
struct S20;

/// `http.method`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", method = get), item = u64)]
struct S21;

/// `http.query`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", query("page_size" = "100")), item = u64)]
struct S22;

/// `http.header`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", header("X-Team" = "flags")), item = u64)]
struct S23;

/// `http.body`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", body(text = "all")), item = u64)]
struct S24;

/// `http.body.json`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", body(json = "{ \"plan\": \"premium\" }")), item = u64)]
struct S25;

/// `http.body.text`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", body(text = "all")), item = u64)]
struct S26;

/// `http.auth`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(bearer(env = "FLAGS_TOKEN"))), item = u64)]
struct S27;

/// `http.auth.bearer`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(bearer(env = "FLAGS_TOKEN"))), item = u64)]
struct S28;

/// `http.auth.bearer.env`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(bearer(env = "FLAGS_TOKEN"))), item = u64)]
struct S29;

/// `http.auth.bearer.file`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(bearer(file = "/run/secrets/token"))), item = u64)]
struct S30;

/// `http.auth.bearer.value`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(bearer(value = "t0ken"))), item = u64)]
struct S31;

/// `http.auth.basic`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(basic(username = "operator", password(env = "PASSWORD")))), item = u64)]
struct S32;

/// `http.auth.basic.username`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(basic(username = "operator", password(env = "PASSWORD")))), item = u64)]
struct S33;

/// `http.auth.basic.password`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(basic(username = "operator", password(env = "PASSWORD")))), item = u64)]
struct S34;

/// `http.auth.basic.password.env`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(basic(username = "operator", password(env = "FLAGS_TOKEN")))), item = u64)]
struct S35;

/// `http.auth.basic.password.file`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(basic(username = "operator", password(file = "/run/secrets/token")))), item = u64)]
struct S36;

/// `http.auth.basic.password.value`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(basic(username = "operator", password(value = "t0ken")))), item = u64)]
struct S37;

/// `http.auth.header`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", env = "API_KEY"))), item = u64)]
struct S38;

/// `http.auth.header.name`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", env = "FLAGS_TOKEN"))), item = u64)]
struct S39;

/// `http.auth.header.prefix`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", prefix = "Token ", env = "FLAGS_TOKEN"))), item = u64)]
struct S40;

/// `http.auth.header.env`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", env = "FLAGS_TOKEN"))), item = u64)]
struct S41;

/// `http.auth.header.file`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", file = "/run/secrets/token"))), item = u64)]
struct S42;

/// `http.auth.header.value`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(header(name = "X-Api-Key", value = "t0ken"))), item = u64)]
struct S43;

/// `http.auth.query`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(query(name = "api_key", env = "API_KEY"))), item = u64)]
struct S44;

/// `http.auth.query.name`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(query(name = "api_key", env = "FLAGS_TOKEN"))), item = u64)]
struct S45;

/// `http.auth.query.env`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(query(name = "api_key", env = "FLAGS_TOKEN"))), item = u64)]
struct S46;

/// `http.auth.query.file`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(query(name = "api_key", file = "/run/secrets/token"))), item = u64)]
struct S47;

/// `http.auth.query.value`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(query(name = "api_key", value = "t0ken"))), item = u64)]
struct S48;

/// `http.auth.oauth2`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET")))), item = u64)]
struct S49;

/// `http.auth.oauth2.token_url`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET")))), item = u64)]
struct S50;

/// `http.auth.oauth2.client_id`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET")))), item = u64)]
struct S51;

/// `http.auth.oauth2.client_secret`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET")))), item = u64)]
struct S52;

/// `http.auth.oauth2.client_secret.env`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "FLAGS_TOKEN")))), item = u64)]
struct S53;

/// `http.auth.oauth2.client_secret.file`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(file = "/run/secrets/token")))), item = u64)]
struct S54;

/// `http.auth.oauth2.client_secret.value`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(value = "t0ken")))), item = u64)]
struct S55;

/// `http.auth.oauth2.scopes`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET"), scopes("read")))), item = u64)]
struct S56;

/// `http.auth.oauth2.audience`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET"), audience = "api"))), item = u64)]
struct S57;

/// `http.auth.oauth2.margin`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", auth(oauth2(token_url = "https://login.example.com/token", client_id = "operator", client_secret(env = "SECRET"), margin = "1m"))), item = u64)]
struct S58;

/// `http.tls`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", tls(ca = "ca.pem")), item = u64)]
struct S59;

/// `http.tls.ca`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", tls(ca = "ca.pem")), item = u64)]
struct S60;

/// `http.tls.cert`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", tls(cert = "tls.crt", key = "tls.key")), item = u64)]
struct S61;

/// `http.tls.key`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", tls(cert = "tls.crt", key = "tls.key")), item = u64)]
struct S62;

/// `http.unix_socket`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "http://localhost/x", unix_socket = "run/app.sock"), item = u64)]
struct S63;

/// `http.pages`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(link_header)), item = u64)]
struct S64;

/// `http.pages.link_header`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(link_header)), item = u64)]
struct S65;

/// `http.pages.cursor`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(cursor(at = "/meta/next", param = "cursor"))), item = u64)]
struct S66;

/// `http.pages.cursor.at`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(cursor(at = "/meta/next"))), item = u64)]
struct S67;

/// `http.pages.cursor.header`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(cursor(header = "X-Next"))), item = u64)]
struct S68;

/// `http.pages.cursor.param`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(cursor(at = "/meta/next", param = "cursor"))), item = u64)]
struct S69;

/// `http.pages.number`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(number(param = "page"))), item = u64)]
struct S70;

/// `http.pages.number.param`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(number(param = "page"))), item = u64)]
struct S71;

/// `http.pages.number.first`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(number(param = "page", first = 0))), item = u64)]
struct S72;

/// `http.pages.offset`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(offset(param = "offset"))), item = u64)]
struct S73;

/// `http.pages.offset.param`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(offset(param = "offset"))), item = u64)]
struct S74;

/// `http.pages.limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(link_header, limit = 50)), item = u64)]
struct S75;

/// `http.pages.origins`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", items(at = "/data", key = "/id"), http(url = "https://api.example.com/v1/flags", pages(link_header, origins("https://cdn.example.com"))), item = u64)]
struct S76;

/// `http.timeout`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", timeout = "5s"), item = u64)]
struct S77;

/// `http.retries`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", retries = 1), item = u64)]
struct S78;

/// `http.respect_max_age`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", respect_max_age = true), item = u64)]
struct S79;

/// `http.max_in_flight`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", max_in_flight = 4), item = u64)]
struct S80;

/// `http.body_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", body_limit = "1MiB"), item = u64)]
struct S81;

/// `http.header_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", header_limit = "32KiB"), item = u64)]
struct S82;

/// `http.redirect_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", http(url = "https://api.example.com/v1/flags", redirect_limit = 3), item = u64)]
struct S83;

/// `object_store`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/"), item = u64)]
struct S84;

/// `object_store.url`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/"), item = u64)]
struct S85;

/// `object_store.option`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", option("aws_region" = "eu-west-1")), item = u64)]
struct S86;

/// `object_store.include`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", include("**/*.yaml")), item = u64)]
struct S87;

/// `object_store.exclude`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", exclude("tmp/**")), item = u64)]
struct S88;

/// `object_store.settle`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", settle = "5s"), item = u64)]
struct S89;

/// `object_store.concurrency`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", concurrency = 4), item = u64)]
struct S90;

/// `object_store.listing_concurrency`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", listing_concurrency = 2), item = u64)]
struct S91;

/// `object_store.object_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", object_limit = 5000), item = u64)]
struct S92;

/// `object_store.body_limit`
#[derive(koprs_external::ExternalSource)]
#[external(name = "flags", interval = "30s", object_store(url = "s3://bucket/models/", body_limit = "1MiB"), item = u64)]
struct S93;

type Outcome = Result<(), Box<dyn std::error::Error>>;

fn same(path: &str, derived: koprs_external::spec::WatcherSpec, written: &str) -> Outcome {
    let read: koprs_external::spec::WatcherSpec = serde_json::from_str(written)?;
    assert_eq!(derived, read.under(koprs_external::spec::Trust::Trusted)?, "{path}");
    Ok(())
}

fn main() -> Outcome {
    same("name", S0::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("interval", S1::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("max_backoff", S2::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","maxBackoff":"5m","name":"flags"}"#)?;
    same("jitter", S3::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","jitter":"10%","name":"flags"}"#)?;
    same("deadline", S4::spec()?, r#"{"deadline":"5m","http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("decode", S5::spec()?, r#"{"decode":"json","http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("items", S6::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("items.at", S7::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data"},"name":"flags"}"#)?;
    same("items.key", S8::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"key":"/id"},"name":"flags"}"#)?;
    same("items.limit", S9::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"limit":1000},"name":"flags"}"#)?;
    same("on_bad_item", S10::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags","onBadItem":"fail"}"#)?;
    same("ignore", S11::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"ignore":["/updated_at"],"interval":"30s","name":"flags"}"#)?;
    same("distinct", S12::spec()?, r#"{"distinct":true,"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("removal", S13::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags","removal":{"confirm":3}}"#)?;
    same("removal.confirm", S14::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags","removal":{"confirm":3}}"#)?;
    same("removal.hold_above", S15::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags","removal":{"holdAbove":"25%"}}"#)?;
    same("removal.hold_min", S16::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags","removal":{"holdMin":20}}"#)?;
    same("memory_limit", S17::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","memoryLimit":"256MiB","name":"flags"}"#)?;
    same("walk_limit", S18::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags","walkLimit":"128MiB"}"#)?;
    same("http", S19::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.url", S20::spec()?, r#"{"http":{"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.method", S21::spec()?, r#"{"http":{"method":"get","url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.query", S22::spec()?, r#"{"http":{"query":{"page_size":"100"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.header", S23::spec()?, r#"{"http":{"header":{"X-Team":"flags"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.body", S24::spec()?, r#"{"http":{"body":{"text":"all"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.body.json", S25::spec()?, r#"{"http":{"body":{"json":"{ \"plan\": \"premium\" }"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.body.text", S26::spec()?, r#"{"http":{"body":{"text":"all"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth", S27::spec()?, r#"{"http":{"auth":{"bearer":{"env":"FLAGS_TOKEN"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.bearer", S28::spec()?, r#"{"http":{"auth":{"bearer":{"env":"FLAGS_TOKEN"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.bearer.env", S29::spec()?, r#"{"http":{"auth":{"bearer":{"env":"FLAGS_TOKEN"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.bearer.file", S30::spec()?, r#"{"http":{"auth":{"bearer":{"file":"/run/secrets/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.bearer.value", S31::spec()?, r#"{"http":{"auth":{"bearer":{"value":"t0ken"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.basic", S32::spec()?, r#"{"http":{"auth":{"basic":{"password":{"env":"PASSWORD"},"username":"operator"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.basic.username", S33::spec()?, r#"{"http":{"auth":{"basic":{"password":{"env":"PASSWORD"},"username":"operator"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.basic.password", S34::spec()?, r#"{"http":{"auth":{"basic":{"password":{"env":"PASSWORD"},"username":"operator"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.basic.password.env", S35::spec()?, r#"{"http":{"auth":{"basic":{"password":{"env":"FLAGS_TOKEN"},"username":"operator"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.basic.password.file", S36::spec()?, r#"{"http":{"auth":{"basic":{"password":{"file":"/run/secrets/token"},"username":"operator"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.basic.password.value", S37::spec()?, r#"{"http":{"auth":{"basic":{"password":{"value":"t0ken"},"username":"operator"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.header", S38::spec()?, r#"{"http":{"auth":{"header":{"env":"API_KEY","name":"X-Api-Key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.header.name", S39::spec()?, r#"{"http":{"auth":{"header":{"env":"FLAGS_TOKEN","name":"X-Api-Key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.header.prefix", S40::spec()?, r#"{"http":{"auth":{"header":{"env":"FLAGS_TOKEN","name":"X-Api-Key","prefix":"Token "}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.header.env", S41::spec()?, r#"{"http":{"auth":{"header":{"env":"FLAGS_TOKEN","name":"X-Api-Key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.header.file", S42::spec()?, r#"{"http":{"auth":{"header":{"file":"/run/secrets/token","name":"X-Api-Key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.header.value", S43::spec()?, r#"{"http":{"auth":{"header":{"name":"X-Api-Key","value":"t0ken"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.query", S44::spec()?, r#"{"http":{"auth":{"query":{"env":"API_KEY","name":"api_key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.query.name", S45::spec()?, r#"{"http":{"auth":{"query":{"env":"FLAGS_TOKEN","name":"api_key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.query.env", S46::spec()?, r#"{"http":{"auth":{"query":{"env":"FLAGS_TOKEN","name":"api_key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.query.file", S47::spec()?, r#"{"http":{"auth":{"query":{"file":"/run/secrets/token","name":"api_key"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.query.value", S48::spec()?, r#"{"http":{"auth":{"query":{"name":"api_key","value":"t0ken"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2", S49::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"SECRET"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.token_url", S50::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"SECRET"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.client_id", S51::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"SECRET"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.client_secret", S52::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"SECRET"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.client_secret.env", S53::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"FLAGS_TOKEN"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.client_secret.file", S54::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"file":"/run/secrets/token"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.client_secret.value", S55::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"value":"t0ken"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.scopes", S56::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"SECRET"},"scopes":["read"],"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.audience", S57::spec()?, r#"{"http":{"auth":{"oauth2":{"audience":"api","clientId":"operator","clientSecret":{"env":"SECRET"},"tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.auth.oauth2.margin", S58::spec()?, r#"{"http":{"auth":{"oauth2":{"clientId":"operator","clientSecret":{"env":"SECRET"},"margin":"1m","tokenUrl":"https://login.example.com/token"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.tls", S59::spec()?, r#"{"http":{"tls":{"ca":"ca.pem"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.tls.ca", S60::spec()?, r#"{"http":{"tls":{"ca":"ca.pem"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.tls.cert", S61::spec()?, r#"{"http":{"tls":{"cert":"tls.crt","key":"tls.key"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.tls.key", S62::spec()?, r#"{"http":{"tls":{"cert":"tls.crt","key":"tls.key"},"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.unix_socket", S63::spec()?, r#"{"http":{"unixSocket":"run/app.sock","url":"http://localhost/x"},"interval":"30s","name":"flags"}"#)?;
    same("http.pages", S64::spec()?, r#"{"http":{"pages":{"linkHeader":{}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.link_header", S65::spec()?, r#"{"http":{"pages":{"linkHeader":{}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.cursor", S66::spec()?, r#"{"http":{"pages":{"cursor":{"at":"/meta/next","param":"cursor"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.cursor.at", S67::spec()?, r#"{"http":{"pages":{"cursor":{"at":"/meta/next"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.cursor.header", S68::spec()?, r#"{"http":{"pages":{"cursor":{"header":"X-Next"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.cursor.param", S69::spec()?, r#"{"http":{"pages":{"cursor":{"at":"/meta/next","param":"cursor"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.number", S70::spec()?, r#"{"http":{"pages":{"number":{"param":"page"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.number.param", S71::spec()?, r#"{"http":{"pages":{"number":{"param":"page"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.number.first", S72::spec()?, r#"{"http":{"pages":{"number":{"first":0,"param":"page"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.offset", S73::spec()?, r#"{"http":{"pages":{"offset":{"param":"offset"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.offset.param", S74::spec()?, r#"{"http":{"pages":{"offset":{"param":"offset"}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.limit", S75::spec()?, r#"{"http":{"pages":{"limit":50,"linkHeader":{}},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.pages.origins", S76::spec()?, r#"{"http":{"pages":{"linkHeader":{},"origins":["https://cdn.example.com"]},"url":"https://api.example.com/v1/flags"},"interval":"30s","items":{"at":"/data","key":"/id"},"name":"flags"}"#)?;
    same("http.timeout", S77::spec()?, r#"{"http":{"timeout":"5s","url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.retries", S78::spec()?, r#"{"http":{"retries":1,"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.respect_max_age", S79::spec()?, r#"{"http":{"respectMaxAge":true,"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.max_in_flight", S80::spec()?, r#"{"http":{"maxInFlight":4,"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.body_limit", S81::spec()?, r#"{"http":{"bodyLimit":"1MiB","url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.header_limit", S82::spec()?, r#"{"http":{"headerLimit":"32KiB","url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("http.redirect_limit", S83::spec()?, r#"{"http":{"redirectLimit":3,"url":"https://api.example.com/v1/flags"},"interval":"30s","name":"flags"}"#)?;
    same("object_store", S84::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"url":"s3://bucket/models/"}}"#)?;
    same("object_store.url", S85::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"url":"s3://bucket/models/"}}"#)?;
    same("object_store.option", S86::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"option":{"aws_region":{"value":"eu-west-1"}},"url":"s3://bucket/models/"}}"#)?;
    same("object_store.include", S87::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"include":["**/*.yaml"],"url":"s3://bucket/models/"}}"#)?;
    same("object_store.exclude", S88::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"exclude":["tmp/**"],"url":"s3://bucket/models/"}}"#)?;
    same("object_store.settle", S89::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"settle":"5s","url":"s3://bucket/models/"}}"#)?;
    same("object_store.concurrency", S90::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"concurrency":4,"url":"s3://bucket/models/"}}"#)?;
    same("object_store.listing_concurrency", S91::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"listingConcurrency":2,"url":"s3://bucket/models/"}}"#)?;
    same("object_store.object_limit", S92::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"objectLimit":5000,"url":"s3://bucket/models/"}}"#)?;
    same("object_store.body_limit", S93::spec()?, r#"{"interval":"30s","name":"flags","objectStore":{"bodyLimit":"1MiB","url":"s3://bucket/models/"}}"#)?;
    Ok(())
}
