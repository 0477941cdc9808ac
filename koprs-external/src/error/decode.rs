//! What is wrong with a content.

use std::error::Error as StdError;
use std::fmt;

use super::Asked;
use crate::printable::{message, one_line, printable};

/// Content that is not what the type says.
///
/// ```text
/// decode error: watcher `flags` (https://api.example.com/v1/flags): limits.cpu[2]: expected u32, found "two"
/// ```
#[derive(Debug)]
pub struct DecodeError {
    pub(crate) asked: Option<Box<Asked>>,
    pub(crate) path: String,
    pub(crate) message: String,
}

impl DecodeError {
    pub(crate) fn new(path: &str, why: &str) -> Self {
        Self { asked: None, path: printable(path).with_end().to_string(), message: message(why) }
    }

    /// The same, with all its texts changed by `redact`.
    pub(crate) fn redacted(mut self, redact: impl Fn(&str) -> String) -> Self {
        self.path = redact(&self.path);
        self.message = redact(&self.message);
        self
    }

    /// The watcher whose content it is, where it is known.
    pub fn watcher(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.watcher.as_str())
    }

    /// The URL that it came from, without userinfo and query, where it is known.
    ///
    /// Of one into whose path a variable was expanded it is the origin alone.
    pub fn url(&self) -> Option<&str> {
        self.asked.as_ref().map(|asked| asked.url.as_str())
    }

    /// Where in the content, as `limits.cpu[2]`; empty when it is no part in particular.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(f, |to| {
            to.write_str("decode error: ")?;
            if let Some(asked) = &self.asked {
                write!(to, "{asked}: ")?;
            }
            if !self.path.is_empty() {
                write!(to, "{}: ", self.path)?;
            }
            to.write_str(&self.message)
        })
    }
}

impl StdError for DecodeError {}
