//! The library as the first releases promised it, end to end on real sockets.
//!
//! ```bash
//! cargo test -p koprs-external --features integration --test integration
//! ```
//!
//! # The test that needs a cluster
//!
//! `kubernetes_configmap_lifecycle_via_http_poller` creates a ConfigMap by plain HTTP, follows it with a
//! typed source, and deletes it. It is ignored unless asked for:
//!
//! ```bash
//! kind create cluster --name koprs-external
//! kubectl proxy --port=8001 &          # plain HTTP on loopback, with your own credentials
//!
//! cargo test -p koprs-external --features integration --test integration \
//!     -- --include-ignored
//!
//! kill %1
//! kind delete cluster --name koprs-external
//! ```
//!
//! `KUBE_API_URL` names another address than `http://127.0.0.1:8001`, and `KUBE_TOKEN` a bearer token for
//! it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "these are tests")]

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::BoxFuture;
use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, Result};
use koprs_external::http::{HttpPoller, HttpResponse};
use koprs_external::spec::{SecretSource, WatcherSpec};
use koprs_external::watcher::{
    ExternalEvent, ExternalSource, WatchConfig, watch_external, watch_external_with_config,
};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use tokio::sync::mpsc;

/// `+body`, `~body` or `-body`.
fn show(event: ExternalEvent<HttpResponse>) -> String {
    event.map(|response| String::from_utf8_lossy(&response.body).into_owned()).to_string()
}

async fn poll(poller: &mut HttpPoller) -> Vec<String> {
    poller.poll().await.unwrap().into_iter().map(show).collect()
}

#[tokio::test]
async fn a_response_appears_changes_and_goes_away() {
    let server = Server::start().await;
    let mut poller = HttpPoller::new(server.url("/resource"));
    assert!(poll(&mut poller).await.is_empty(), "what never was is not removed");
    server.set("/resource", Reply::text("v1").etag("\"1\""));
    assert_eq!(poll(&mut poller).await, ["+ v1"]);
    assert!(poll(&mut poller).await.is_empty(), "304");
    server.set("/resource", Reply::text("v2").etag("\"2\""));
    assert_eq!(poll(&mut poller).await, ["~ v2"]);
    server.set("/resource", Reply::status(404));
    assert_eq!(poll(&mut poller).await, ["- v2"]);
    assert!(poll(&mut poller).await.is_empty(), "gone once");
}

#[tokio::test]
async fn a_response_has_the_body_the_status_and_the_headers() {
    let server = Server::start().await;
    let reply = Reply::text("hello").etag("\"1\"").last_modified("Sun, 06 Nov 1994 08:49:37 GMT");
    server.set("/", reply);
    let mut poller = HttpPoller::new(server.url("/")).with_name("root");
    let ExternalEvent::Added(response) = poller.poll().await.unwrap().remove(0) else {
        panic!("the first response is added");
    };
    assert_eq!(poller.name(), "root");
    assert_eq!((response.status, &response.body[..]), (200, &b"hello"[..]));
    assert_eq!(response.url, server.url("/"));
    assert_eq!(response.etag.as_deref(), Some("\"1\""));
    assert_eq!(response.last_modified.as_deref(), Some("Sun, 06 Nov 1994 08:49:37 GMT"));
    assert!(response.content_type.unwrap().starts_with("text/plain"));
}

#[tokio::test]
async fn a_bearer_token_headers_and_a_client_of_ones_own_are_used() {
    let server = Server::start().await;
    server.set("/", Reply::text("x"));
    let client = koprs_external_tests::client_builder().user_agent("mine").build().unwrap();
    let mut poller = HttpPoller::new(server.url("/"))
        .with_client(client)
        .with_bearer_token("t0ken")
        .with_header("x-api-key", "key");
    poller.poll().await.unwrap();
    let request = server.request(0).await;
    assert_eq!(request.header("authorization"), Some("Bearer t0ken"));
    assert_eq!(request.header("x-api-key"), Some("key"));
    assert_eq!(request.header("user-agent"), Some("mine"));
}

#[tokio::test]
async fn a_watcher_sends_its_events_to_the_channel_and_ends_with_the_receiver() {
    let server = Server::start().await;
    server.set("/", Reply::text("v1"));
    let (tx, mut rx) = mpsc::channel(16);
    let task = watch_external(HttpPoller::new(server.url("/")), Duration::from_millis(10), tx);
    assert_eq!(show(rx.recv().await.unwrap()), "+ v1");
    server.set("/", Reply::text("v2"));
    assert_eq!(show(rx.recv().await.unwrap()), "~ v2");
    drop(rx);
    task.await.unwrap();
}

/// Fails so often, then succeeds.
struct Flaky(u32);

impl ExternalSource for Flaky {
    type Item = &'static str;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<&'static str>>>> {
        Box::pin(async move {
            match self.0.checked_sub(1) {
                Some(left) => {
                    self.0 = left;
                    Err(ExternalError::Internal("not yet".to_owned()))
                }
                None => Ok(vec![ExternalEvent::Added("there")]),
            }
        })
    }

    fn name(&self) -> &str {
        "flaky"
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_by_hand_is_polled_until_it_recovers() {
    let config =
        WatchConfig::new(Duration::from_secs(30)).with_max_backoff(Duration::from_secs(300));
    let (tx, mut rx) = mpsc::channel(16);
    let _task = watch_external_with_config(Flaky(5), config, tx);
    assert_eq!(rx.recv().await, Some(ExternalEvent::Added("there")));
}

#[derive(Clone, Debug, Deserialize)]
struct ConfigMap {
    data: BTreeMap<String, String>,
}

/// The Kubernetes API, by plain HTTP.
struct Api {
    client: reqwest::Client,
    collection: String,
    token: Option<String>,
}

impl Api {
    fn from_env() -> Self {
        let base = std::env::var("KUBE_API_URL");
        let base = base.unwrap_or_else(|_| "http://127.0.0.1:8001".to_owned());
        Self {
            client: koprs_external_tests::client(),
            collection: format!("{base}/api/v1/namespaces/default/configmaps"),
            token: std::env::var("KUBE_TOKEN").ok(),
        }
    }

    async fn send(&self, method: reqwest::Method, path: &str, body: String) {
        let mut request = self.client.request(method, format!("{}{path}", self.collection));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let request = request.header("content-type", "application/json").body(body);
        let response = request.send().await.expect("is a cluster reachable?");
        assert!(response.status().is_success(), "{}: {}", path, response.status());
    }

    fn config_map(name: &str, greeting: &str) -> String {
        format!(
            r#"{{"apiVersion":"v1","kind":"ConfigMap","metadata":{{"name":"{name}"}},"data":{{"greeting":"{greeting}"}}}}"#
        )
    }
}

#[tokio::test]
#[ignore = "needs a Kubernetes cluster: see the head of this file"]
async fn kubernetes_configmap_lifecycle_via_http_poller() {
    let api = Api::from_env();
    let name = format!("koprs-external-{}", std::process::id());
    let spec = WatcherSpec::http("configmap", format!("{}/{name}", api.collection))
        .interval(Duration::from_secs(1));
    let spec = match &api.token {
        Some(token) => spec.bearer(SecretSource::Value(token.into())),
        None => spec,
    };
    let mut source = DeclaredSource::<ConfigMap>::new(spec.build().unwrap()).unwrap();
    let mut poll = async || -> Vec<String> {
        let events = source.poll().await.unwrap().into_iter();
        events.map(|event| event.map(|map| map.data["greeting"].clone()).to_string()).collect()
    };

    assert!(poll().await.is_empty(), "it is not there yet");
    api.send(reqwest::Method::POST, "", Api::config_map(&name, "hello")).await;
    assert_eq!(poll().await, ["+ hello"]);
    assert!(poll().await.is_empty());
    api.send(reqwest::Method::PUT, &format!("/{name}"), Api::config_map(&name, "hi")).await;
    assert_eq!(poll().await, ["~ hi"]);
    api.send(reqwest::Method::DELETE, &format!("/{name}"), String::new()).await;
    assert!(poll().await.is_empty(), "one 404 may be a blip");
    assert_eq!(poll().await, ["- hi"]);
}
