#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
//! The integration tests, in one binary.

mod ui;
