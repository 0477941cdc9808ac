use std::borrow::Cow;
use std::fmt;

use super::quote::{Content, is_visible};
use super::size;
use crate::printable::{self, LONGEST_ERROR, one_line};

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
        let message = printable::message(&message.into());
        Self { setting: setting.into(), code, message, help: None }
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

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(printable::message(&help.into()));
        self
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(f, |to| {
            write!(to, "`{}`: {}", visible_setting(&self.setting), self.message)?;
            match &self.help {
                Some(help) => write!(to, " ({help})"),
                None => Ok(()),
            }
        })
    }
}

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Invalid {}

/// A text that is longer than its setting allows.
pub(super) fn too_long(setting: &str, most: usize) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    let message = format!("`{name}` is longer than `{}`", size::show(most as u64));
    Invalid::new(setting, "too-long", message).help("shorten it")
}

/// A list with more entries than its setting allows.
pub(super) fn too_many(setting: &str, entries: usize, most: usize) -> Invalid {
    let name = setting.rsplit('.').next().unwrap_or(setting);
    Invalid::new(setting, "too-many", format!("`{name}` has {entries} entries"))
        .help(format!("at most `{most}`: leave out what is not needed"))
}

/// Blocks whose keys are names that the declaration gives.
const NAMED: [&str; 3] = ["http.header.", "http.query.", "object_store.option."];

/// The path of a setting. A name in it that may be a secret in the place of its key is hidden.
fn visible_setting(setting: &str) -> Cow<'_, str> {
    let found = NAMED.iter().find_map(|block| Some((block, setting.strip_prefix(block)?)));
    match found {
        Some((block, name)) if !is_visible(Content::Name, name) => format!("{block}…").into(),
        _ => setting.into(),
    }
}

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
        one_line(f, |f| {
            match is_visible(Content::Name, &self.watcher) {
                true => write!(f, "watcher `{}`", self.watcher)?,
                false => f.write_str("a watcher")?,
            }
            list_mistakes(f, self.mistakes.iter())
        })
    }
}

/// The bytes that mistakes may take of an error: the rest is for what stands before them, and for their number.
const MISTAKES_BYTES: usize = LONGEST_ERROR - 512;

/// Writes the first mistakes, as many as fit into an error, and how many more there are: a refusal has to fit into the
/// status of an object.
pub(crate) fn list_mistakes(
    f: &mut dyn fmt::Write,
    mistakes: impl ExactSizeIterator<Item: fmt::Display>,
) -> fmt::Result {
    let (mut left, mut more) = (MISTAKES_BYTES, mistakes.len());
    for mistake in mistakes {
        let mistake = format!("; {mistake}");
        match left.checked_sub(mistake.len()) {
            Some(rest) => left = rest,
            None if left == MISTAKES_BYTES => left = 0,
            None => break,
        }
        f.write_str(&mistake)?;
        more -= 1;
    }
    match more {
        0 => Ok(()),
        1 => f.write_str("; and one more"),
        more => write!(f, "; and {more} more"),
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
            "watcher `flags`; `interval`: no interval is given (say how often to poll: `30s`)";
        assert_eq!(format!("{refused:?}"), shown);
        assert_eq!(refused.to_string(), shown);
    }

    #[test]
    fn a_name_that_may_be_a_secret_is_not_shown() {
        let refused = WatcherSpec::http("s3cr3t", "https://h").header("s3cr3t x", "").build();
        let refused = refused.unwrap_err().to_string();
        assert!(
            refused.starts_with("a watcher; ") && refused.contains("`http.header.…`"),
            "{refused}"
        );
        assert!(!refused.contains("s3cr3t"), "{refused}");
    }
}
