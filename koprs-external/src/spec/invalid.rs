use std::fmt;

/// One setting that cannot be accepted: which, why, and what to do.
///
/// The message is a lower-case fragment that names the value; [`help`](field@Invalid::help) is the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invalid {
    /// Where the setting stands in the declaration, in its Rust spelling: `interval`, `http.url`,
    /// `http.header.x-team`.
    pub setting: String,
    /// A stable code for this kind of mistake, as `bad-url`.
    pub code: &'static str,
    /// What is wrong with the value.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Invalid {
    pub(crate) fn new(
        setting: impl Into<String>,
        code: &'static str,
        message: impl Into<String>,
    ) -> Self {
        Self { setting: setting.into(), code, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.setting, self.message)?;
        match &self.help {
            Some(help) => write!(f, " ({help})"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Invalid {}

/// Every setting of one declaration that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidSpec {
    /// The name of the watcher as it was written.
    pub watcher: String,
    /// The mistakes, in the order of the settings. Never empty.
    pub mistakes: Vec<Invalid>,
}

impl fmt::Display for InvalidSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "watcher `{}`", self.watcher)?;
        for mistake in &self.mistakes {
            write!(f, "; {mistake}")?;
        }
        Ok(())
    }
}

impl std::error::Error for InvalidSpec {}
