//! Nothing but the dependencies of an operator: see `tests/one_process.rs`.
