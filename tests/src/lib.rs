//! The support library of the integration tests, the examples and the benches: a scripted socket
//! server.
//!
//! [`Server`] is a real TCP server on `127.0.0.1` that speaks HTTP/1.1 by hand, because it has to be
//! able to do what no HTTP library would let it: reset a connection, fall silent in the middle of a
//! body, lie about a length, answer with garbage. A test says what a path answers
//! ([`Server::set`], [`Server::queue`]), lets the code under test poll, and looks at what has arrived
//! ([`Server::requests`], [`Server::hits`], [`Server::wait_for`]). Nothing in here sleeps to wait for
//! something.
//!
//! ```no_run
//! # use koprs_external_tests::{Reply, Server};
//! # async fn run() {
//! let server = Server::start().await;
//! server.set("/flags", Reply::json(r#"{"dark":true}"#).etag("\"v1\""));
//! server.queue("/flags", [Reply::status(503).header("retry-after", "7"), Reply::reset()]);
//! // … poll server.url("/flags") …
//! server.wait_for(3).await;
//! assert_eq!(server.hits("/flags"), 3);
//! # }
//! ```
//!
//! A paused tokio clock moves on by itself while a runtime only waits for sockets, so that timeouts
//! fire early: tests against this server run on the real clock.

#![forbid(unsafe_code)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "test support: a wrong script should fail the test at the line that wrote it"
)]

pub mod advice;
mod answer;
pub mod authority;
pub mod azure;
mod client;
mod conditional;
mod connection;
pub mod door;
mod folder;
pub mod planted_secrets;
mod read;
mod reply;
mod request;
pub mod s3;
mod script;
mod server;
pub mod store;
pub mod webdav;
mod write;

#[cfg(test)]
mod tests;

pub use client::{client, client_builder};
pub use folder::Folder;
pub use reply::Reply;
pub use request::Recorded;
pub use server::Server;
