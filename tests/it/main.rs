//! Integration tests, in one binary.

mod yaml;
