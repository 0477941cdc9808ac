//! The library against emulators of the clouds, which list as nobody would think to script it.
//!
//! These tests need Azurite's `azurite-blob`, in the `PATH` or as `AZURITE_BLOB` names it; it does not have to
//! run, each test starts its own, with nothing on the disk and at a free port. Without it they fail.
//!
//! ```bash
//! npm install --global azurite                        # or with a `--prefix` of your own
//! cargo test -p koprs-external-tests --test cloud     # or `just cloud`
//! ```
//!
//! `cargo test --workspace` leaves them out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says that it failed by panicking"
)]

mod azurite;

/// What is shared with the tests of the other stores.
#[path = "../it/store"]
mod store {
    pub(crate) mod contract;
    #[allow(dead_code, reason = "of the other tests")]
    pub(crate) mod stage;
}

use azurite::Azurite;
use store::contract;
use store::stage::Stage;

contract::over!(azure: Azurite);
