//! The integration tests: one binary, one module a subject.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a test says that it failed by panicking, and at which case by printing it"
)]

mod architecture;
mod forged;
mod gate;
mod http;
mod log_fields;
mod logs;
mod memory;
mod planted;
mod planted_secrets;
mod reload;
mod schema;
mod sets;
mod store;
mod ui;
mod yaml;
