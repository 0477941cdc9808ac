//! One test, since rustls' default is of the process: watchers and a `kube::Client`, in turn.

mod server;

use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::http::HttpPoller;
use koprs_external::spec::WatcherSpec;
use koprs_external::watcher::{ExternalEvent, ExternalSource, watch_external};
use kube::{Client, Config};
use rustls::crypto::CryptoProvider;
use serde_json::{Value, json};
use server::Server;
use tokio::sync::mpsc;

#[tokio::test]
async fn a_kube_client_works_beside_watchers_and_no_process_default_is_installed_by_these() {
    let server = Server::start().await;
    watchers_work(&server).await;
    assert!(CryptoProvider::get_default().is_none(), "a watcher decided for the process");
    kube_works(&server).await;
    watchers_work(&server).await;
}

async fn kube_works(server: &Server) {
    let mut config = Config::new(server.url("").parse().unwrap());
    config.root_cert = Some(vec![server.der()]);
    let version = Client::try_from(config).unwrap().apiserver_version().await.unwrap();
    assert_eq!(version.git_version, "v1.34.0");
}

async fn watchers_work(server: &Server) {
    let files = tempfile::tempdir().unwrap();
    let ca = files.path().join("ca.pem");
    std::fs::write(&ca, server.pem()).unwrap();
    let spec = WatcherSpec::http("flags", server.url("/flags")).tls_ca(ca);
    let spec = spec.interval(Duration::from_secs(1)).build().unwrap();
    let (events, mut told) = mpsc::channel(1);
    let source = DeclaredSource::<Value>::new(spec).unwrap();
    let task = watch_external(source, Duration::from_secs(1), events);
    let event = told.recv().await;
    assert!(matches!(event, Some(ExternalEvent::Added(flags)) if flags == json!({"dark": true})));
    drop((told, task));

    // The client that all watchers share. It trusts the CAs of the system, and so not this server.
    let error = HttpPoller::new(server.url("/flags")).with_retries(0).poll().await.unwrap_err();
    assert!(error.to_string().contains("certificate"), "{error}");

    #[cfg(feature = "stores")]
    store_works(server).await;
}

#[cfg(feature = "stores")]
async fn store_works(server: &Server) {
    use koprs_external::spec::SecretSource;
    use koprs_external::store::StoredObject;

    let value = |value: &str| SecretSource::Value(value.into());
    let spec = WatcherSpec::object_store("models", "s3://models/")
        .option("aws_endpoint", value(&server.url("")))
        .option("aws_region", value("eu-west-1"))
        .option("aws_access_key_id", value("key"))
        .option("aws_secret_access_key", value("secret"))
        .option("aws_allow_invalid_certificates", value("true"))
        .interval(Duration::from_secs(60))
        .build()
        .unwrap();
    let events = DeclaredSource::<StoredObject>::new(spec).unwrap().poll().await.unwrap();
    let [ExternalEvent::Added(object)] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(object.path, "a.yaml");
}
