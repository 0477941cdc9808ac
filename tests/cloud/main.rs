//! The library against object stores that others wrote, which answer as nobody would think to script it.
//!
//! These tests need the servers below, in the `PATH` or where a variable names them. They do not have to run: each test
//! starts its own, on a free port and with a directory of its own. Without them the tests fail.
//!
//! | server | speaks | variable | installed by |
//! |---|---|---|---|
//! | Azurite | Azure Blob Storage | `AZURITE_BLOB` | `npm install --global azurite` |
//! | versitygw | S3, over a directory | `VERSITYGW` | `go install github.com/versity/versitygw/cmd/versitygw@latest` |
//! | moto | S3, in memory | `MOTO_SERVER` | `pip install 'moto[s3,server]'` |
//! | Apache | WebDAV, over a directory | `APACHE2` | `apt-get install apache2-bin` |
//! | rclone | WebDAV, over a directory | `RCLONE` | `apt-get install rclone` |
//!
//! ```bash
//! cargo test -p koprs-external-tests --test cloud     # or `just cloud`
//! ```
//!
//! `cargo test --workspace` leaves them out. `.ci/run` installs the servers.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says that it failed by panicking"
)]

mod azurite;
mod mistakes;
mod process;
mod s3;
mod watched;
mod webdav;

/// What is shared with the tests of the other stores.
#[path = "../it/store"]
mod store {
    pub(crate) mod contract;
    #[allow(dead_code, reason = "of the other tests")]
    pub(crate) mod stage;
}

use std::time::Duration;

use azurite::Azurite;
use koprs_external::spec::{SecretSource, WatcherBuilder, WatcherSpec};
use s3::{Moto, Versitygw};
use store::contract;
use store::stage::Stage;
use webdav::{Apache, Rclone};

contract::over!(
    azure: Azurite,
    versitygw: Versitygw,
    moto: Moto,
    apache: Apache,
    rclone: Rclone,
);

/// A declaration with the options that are right, and with others in place of some of them.
fn declare(url: &str, right: &[(&str, &str)], others: &[(&str, &str)]) -> WatcherBuilder {
    let is_replaced = |name: &str| others.iter().any(|(other, _)| *other == name);
    let kept = right.iter().filter(|(name, _)| !is_replaced(name));
    // The tests poll by themselves.
    let builder = WatcherSpec::object_store("objects", url).interval(Duration::from_secs(30));
    kept.chain(others).fold(builder, |builder, (name, value)| {
        builder.option(*name, SecretSource::Value((*value).into()))
    })
}
