//! What a tenant declares is held to the public internet, as seen from outside of the library.

use std::time::Duration;

use koprs_external::declared::{DeclaredSource, WatcherManifest};
use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::spec::{SecretSource, Trust, WatcherSpec};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::Server;

use super::stage::declare;
use crate::logs::Log;

#[tokio::test]
async fn a_server_inside_is_refused_before_there_is_a_source() {
    let server = Server::start().await;
    let token = SecretSource::Env("PATH".to_owned());
    let spec = declare(server.url("/v")).bearer(token).build().unwrap();
    let refused = spec.under(Trust::Untrusted).unwrap_err();
    assert_eq!(
        refused.to_string(),
        format!(
            "watcher `flags`; `http.url`: `{}` is not on the public internet (an untrusted declaration may ask \
             public hosts only, by a name or an address; what is inside is declared by the operator); \
             `http.auth.bearer.env`: `env` reads the environment of the operator, and the declaration is \
             untrusted (write the secret itself, as `value`; the operator can put it there from a Secret of the \
             tenant)",
            server.url("")
        )
    );
    assert_eq!(server.connections(), 0);
}

/// With or without a network, this name is not found.
#[tokio::test(start_paused = true)]
async fn a_host_that_is_not_found_fails_the_poll_and_names_itself() {
    let spec = declare("http://nowhere.example.com/v?key=s3cr3t").build().unwrap();
    let spec = spec.under(Trust::Untrusted).unwrap();
    let mut source = DeclaredSource::<u32>::new(spec).unwrap();
    let error = source.poll().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "HTTP error: watcher `flags` (http://nowhere.example.com/v): `nowhere.example.com` cannot be reached on the \
         public internet, where alone an untrusted declaration may ask; is it spelt right, and does it answer?"
    );
    let ExternalError::Http(error) = error else { panic!("{error}") };
    assert_eq!(error.kind(), HttpErrorKind::Unreachable);
}

/// The causes are for the operator, who has the log.
#[tokio::test(start_paused = true)]
async fn why_a_host_is_not_reached_stands_in_the_log_of_the_operator() {
    let spec = declare("http://nowhere.example.com/v?key=s3cr3t").build().unwrap();
    let spec = spec.under(Trust::Untrusted).unwrap();
    let mut source = DeclaredSource::<u32>::new(spec).unwrap();
    let (log, _guard) = Log::start();
    source.poll().await.unwrap_err();
    let lines = log.lines("DEBUG", "no answer for an untrusted declaration");
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    for word in ["source=flags", "host=nowhere.example.com", "error=cannot connect: "] {
        assert!(line.contains(word), "{line}");
    }
    assert!(log.lines("", "s3cr3t").is_empty());
}

/// Every kind of store, with the options and the variables of the environment that name its endpoints.
const STORES: [(&str, &[&str], &[&str]); 5] = [
    (
        "s3://bucket/a/",
        &[
            "aws_endpoint",
            "aws_endpoint_url_s3",
            "aws_metadata_endpoint",
            "aws_endpoint_url_sts",
            "aws_container_credentials_full_uri",
            "proxy_url",
        ],
        &["AWS_ENDPOINT", "AWS_ENDPOINT_URL", "AWS_METADATA_ENDPOINT", "AWS_ENDPOINT_URL_S3"],
    ),
    (
        "gs://bucket/a/",
        &["google_base_url", "proxy_url"],
        &["GOOGLE_BASE_URL", "GCE_METADATA_HOST", "GOOGLE_PROXY_URL"],
    ),
    (
        "az://container/a/",
        &[
            "azure_storage_endpoint",
            "azure_storage_authority_host",
            "azure_msi_endpoint",
            "azure_fabric_token_service_url",
            "proxy_url",
        ],
        &["AZURE_STORAGE_ENDPOINT", "AZURE_AUTHORITY_HOST", "IDENTITY_ENDPOINT", "MSI_ENDPOINT"],
    ),
    ("https://dav.example.com/a/", &["proxy_url"], &["HTTP_PROXY", "http_proxy"]),
    ("file:///var/run/secrets/", &[], &[]),
];

/// The environment is read once in a process: the test runs again in one of its own.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn an_untrusted_object_store_contacts_nothing_however_it_is_declared() {
    const AT: &str = "KOPRS_EXTERNAL_TEST_ENDPOINT";
    if let Ok(at) = std::env::var(AT) {
        return stores(&at).into_iter().for_each(is_refused);
    }
    let server = Server::start().await;
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    let name = "http::trust::an_untrusted_object_store_contacts_nothing_however_it_is_declared";
    child.args([name, "--exact"]).env(AT, server.url(""));
    for variable in STORES.iter().flat_map(|(_, _, variables)| *variables) {
        child.env(variable, server.url(""));
    }
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{output:?}");
    assert_eq!(server.connections(), 0);
}

/// Each store bare, with each of its options, and as it stands at this endpoint; by the builder and by a manifest.
fn stores(at: &str) -> Vec<(String, WatcherSpec)> {
    let mut specs = Vec::new();
    let at_hand = [(format!("{at}/dav/"), Vec::new())];
    let named = STORES.iter().flat_map(|(url, options, _)| {
        let bare = std::iter::once(Vec::new());
        bare.chain(options.iter().map(|it| vec![*it])).map(|it| ((*url).to_owned(), it))
    });
    for (url, options) in named.chain(at_hand) {
        let builder = WatcherSpec::object_store("models", &url).interval(Duration::from_secs(60));
        let value = || SecretSource::Value(at.into());
        let builder = options.iter().fold(builder, |it, option| it.option(*option, value()));
        specs.push((format!("{url} {options:?}"), builder.build().unwrap()));
        let option: serde_json::Map<_, _> = options
            .iter()
            .map(|option| ((*option).to_owned(), serde_json::json!({ "value": at })))
            .collect();
        let manifest = serde_json::json!({
            "name": "models", "interval": "60s", "objectStore": { "url": url, "option": option }
        });
        let manifest: WatcherManifest = serde_json::from_value(manifest).unwrap();
        assert!(manifest.spec(Trust::Untrusted).is_err(), "{url} {options:?}");
        specs.push((
            format!("{url} {options:?}, a manifest"),
            manifest.spec(Trust::Trusted).unwrap(),
        ));
    }
    specs
}

fn is_refused((what, spec): (String, WatcherSpec)) {
    let refused = spec.under(Trust::Untrusted).unwrap_err();
    let codes: Vec<_> = refused.mistakes.iter().map(|mistake| mistake.code).collect();
    assert_eq!(codes, ["untrusted-store"], "{what}");
}

/// What no `http` endpoint is: the check of the URL refuses it to everybody.
#[test]
fn the_url_of_an_endpoint_names_no_store_and_no_file() {
    for url in ["s3://bucket/", "gs://b/", "az://c/", "file:///etc/passwd", "memory:///", "data:,1"]
    {
        let refused = declare(url).build().unwrap_err();
        assert!(!refused.mistakes.is_empty(), "{url}");
    }
}

#[test]
fn an_object_store_is_not_for_tenants() {
    let spec = WatcherSpec::object_store("models", "s3://models").interval(Duration::from_secs(60));
    let refused = spec.build().unwrap().under(Trust::Untrusted).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "watcher `models`; `object_store`: an object store is opened with what the operator may, and the \
         declaration is untrusted (follow an `http` endpoint; a store is declared by the operator)"
    );
}
