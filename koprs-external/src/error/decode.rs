//! What is wrong with a content.

use std::error::Error as StdError;
use std::fmt;

use super::Asked;

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
        f.write_str("decode error: ")?;
        if let Some(asked) = &self.asked {
            write!(f, "{asked}: ")?;
        }
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        f.write_str(&self.message)
    }
}

impl StdError for DecodeError {}
