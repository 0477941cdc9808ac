//! Nothing but the dependencies: see `tests/brought.rs`.
