//! The library against a real nginx, which answers as nobody would think to script it.
//!
//! These tests need nginx, and nothing else; it does not have to run, each test starts its own, in a
//! temporary directory and at a free port. Without nginx they fail.
//!
//! ```bash
//! apt-get install nginx-light                         # or `nginx`
//! cargo test -p koprs-external-tests --test nginx     # or `just nginx`
//! ```
//!
//! `cargo test --workspace` leaves them out.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says that it failed by panicking"
)]

mod conditional;
mod connection;
mod life;
mod list;
mod nginx;
mod proxy;
mod refusal;
#[path = "../it/http/stage.rs"]
#[allow(dead_code, reason = "of the other tests")]
mod stage;
mod tls;

use koprs_external::http::HttpPoller;
use serde::Deserialize;

use stage::{Look, Shown, bare, declare, poll, source, word};

/// What follows this URL: an [`HttpPoller`], and the source of a declaration.
fn both(url: &str) -> [(&'static str, Box<dyn Look>); 2] {
    let poller: HttpPoller = bare(url);
    [("bare", Box::new(poller)), ("declared", Box::new(source::<u32>(declare(url))))]
}

/// Polls so many times, and says what each came to.
async fn polls(source: &mut dyn Look, times: usize) -> String {
    let mut words = Vec::new();
    for _ in 0..times {
        words.push(word(&source.look().await));
    }
    words.join(" ")
}

/// An item of a list, or of a directory.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Item {
    #[serde(alias = "name")]
    id: String,
    #[serde(alias = "size", default)]
    n: u32,
}

impl Shown for Item {
    fn shown(&self) -> String {
        format!("{}={}", self.id, self.n)
    }
}

/// A page with these items.
fn page(items: &[(&str, u32)]) -> String {
    let items: Vec<_> = items.iter().map(|(id, n)| format!(r#"{{"id":"{id}","n":{n}}}"#)).collect();
    format!("[{}]", items.join(","))
}
