use std::fmt;

/// One setting that cannot be accepted: which, why, and what to do.
///
/// The message is a lower-case fragment that names the value; [`help`](field@Invalid::help) is the way out.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Invalid {
    /// Where the setting stands in the declaration, in its Rust spelling: `interval`, `http.url`,
    /// `http.header.x-team`, `ignore.0`.
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

    /// Something that a feature of the library adds, and that is not there.
    pub(crate) fn feature(setting: &str, feature: &str) -> Self {
        Self::new(setting, "missing-feature", format!("`{feature}` is not compiled in"))
            .help(format!("enable the feature `{feature}` of koprs-external"))
    }

    /// A setting that changes nothing beside another.
    pub(super) fn no_use(setting: &str, beside: &str) -> Self {
        let name = setting.rsplit('.').next().unwrap_or(setting);
        Self::new(setting, "no-use", format!("`{name}` has no use with `{beside}`"))
    }

    /// A text that may not be empty.
    pub(super) fn empty(setting: &str) -> Self {
        let name = setting.rsplit('.').next().unwrap_or(setting);
        Self::new(setting, "empty-text", format!("`{name}` is empty"))
            .help("write it out, or leave it out")
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

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Invalid {}

/// Every setting of one declaration that cannot be accepted.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
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

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for InvalidSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for InvalidSpec {}

#[cfg(test)]
mod tests {
    use crate::spec::WatcherSpec;

    #[test]
    fn what_main_prints_is_what_a_person_reads() {
        let refused = WatcherSpec::http("flags", "https://h").build().unwrap_err();
        let shown =
            "watcher `flags`; `interval`: no interval is given (say how often to poll, as `30s`)";
        assert_eq!(format!("{refused:?}"), shown);
        assert_eq!(refused.to_string(), shown);
    }
}
