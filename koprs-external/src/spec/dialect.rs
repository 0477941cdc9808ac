//! How a front door spells names and examples, so that a message fits the text that it is about.

use super::table::{Row, camel};

/// A front door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Builders and the derive: `max_backoff`.
    Rust,
    /// YAML and serde: `maxBackoff`, and examples with their names.
    Yaml,
}

impl Dialect {
    /// A name of the table.
    pub(crate) fn name(self, name: &str) -> String {
        match self {
            Self::Rust => name.to_owned(),
            Self::Yaml => camel(name),
        }
    }

    /// How a setting is written, in backticks.
    pub(crate) fn example(self, row: Row) -> String {
        match self {
            Self::Rust => format!("`{}`", row.example),
            Self::Yaml => format!("`{}: {}`", camel(row.name), row.example),
        }
    }
}
