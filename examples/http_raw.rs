//! Raw responses of one endpoint, on a channel.
//!
//! ```bash
//! cargo run --example http_raw
//! ```

use std::time::Duration;

use koprs_external::http::HttpPoller;
use koprs_external::watcher::{ExternalEvent, watch_external};
use koprs_external_tests::{Reply, Server};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() {
    // An endpoint that changes with every look, and is gone in the end.
    let server = Server::start().await;
    server.queue("/config", [Reply::text("v1"), Reply::text("v1"), Reply::text("version 2")]);

    let (tx, mut rx) = mpsc::channel(16);
    let poller = HttpPoller::new(server.url("/config"))
        .with_bearer_token("my-token")
        .with_name("config-api");
    let handle = watch_external(poller, Duration::from_millis(500), tx);

    while let Some(event) = rx.recv().await {
        match event {
            ExternalEvent::Added(r) => println!("config appeared: {} bytes", r.body.len()),
            ExternalEvent::Modified(r) => println!("config changed:  {} bytes", r.body.len()),
            ExternalEvent::Removed(r) => {
                println!("config is gone; it was {} bytes", r.body.len());
                break;
            }
        }
    }

    // Dropping the receiver stops the watcher.
    drop(rx);
    let stopped = handle.await;
    println!("the watcher has stopped: {}", stopped.is_ok());
}
