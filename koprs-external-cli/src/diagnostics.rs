//! A mistake or a warning, of a file or of what is in it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use koprs_external::config::{Diagnostic, FilePlace, Severity};
use koprs_external::private::printable;

use crate::load::shown;
use crate::style::{Role, Style};

/// A mistake or a warning.
pub(crate) enum Finding {
    Told(Diagnostic),
    /// A file that cannot be read.
    Unread(PathBuf, io::Error),
}

impl Finding {
    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::Told(told) => told.severity(),
            Self::Unread(..) => Severity::Error,
        }
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Told(told) => told.code(),
            Self::Unread(..) => "unreadable",
        }
    }

    pub(crate) fn file(&self) -> String {
        match self {
            Self::Told(told) => told.file().display().to_string(),
            Self::Unread(file, _) => file.display().to_string(),
        }
    }

    /// The line and the column.
    pub(crate) fn place(&self) -> Option<(usize, usize)> {
        match self {
            Self::Told(told) => Some((told.line(), told.column())),
            Self::Unread(..) => None,
        }
    }

    /// The place of the first of two that are the same.
    pub(crate) fn first(&self) -> Option<FilePlace> {
        match self {
            Self::Told(told) => told.first(),
            Self::Unread(..) => None,
        }
    }

    pub(crate) fn message(&self) -> String {
        match self {
            Self::Told(told) => told.message().to_owned(),
            Self::Unread(_, why) => format!("the file cannot be read: {}", printable(why)),
        }
    }

    pub(crate) fn help(&self) -> Option<&str> {
        match self {
            Self::Told(told) => told.help(),
            Self::Unread(file, _) if file.to_string_lossy().contains("://") => {
                Some("this is a URL: `curl -s URL | koprs-external check -` reads what is there")
            }
            Self::Unread(_, why) if why.kind() == io::ErrorKind::IsADirectory => {
                Some("name the files in it, as `deploy/*.yaml`")
            }
            Self::Unread(..) => Some("is the path right, and may it be read?"),
        }
    }

    /// As it is told, with its first line, its marks and its help made to be seen.
    pub(crate) fn painted(&self, style: Style) -> String {
        let role = if self.severity() == Severity::Error { Role::Bad } else { Role::Notable };
        let label = format!("{}[{}]", self.severity(), self.code());
        let text = self.to_string();
        let lines = text.lines().enumerate().map(|(n, line)| match n {
            0 => headline(line, &label, role, style),
            _ => match line.split_once("| ") {
                Some((margin, marks)) if marks.trim_start().starts_with('^') => {
                    format!("{margin}| {}", style.paint(role, marks))
                }
                _ => line.replace("= help:", &style.paint(Role::Good, "= help:")),
            },
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// `watchers.yaml:6:15: error[bad-duration]: …`
fn headline(line: &str, label: &str, role: Role, style: Style) -> String {
    let Some((place, message)) = line.split_once(label) else { return line.to_owned() };
    let [place, message] = [place, message].map(|part| style.paint(Role::Strong, part));
    format!("{place}{}{message}", style.paint(role, label))
}

/// As compilers do.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(told) => fmt::Display::fmt(told, f),
            Self::Unread(file, _) => {
                let (file, code, message) = (shown(file), self.code(), self.message());
                write!(f, "{file}: error[{code}]: {message}")?;
                self.help().map_or(Ok(()), |help| write!(f, "\n   = help: {help}"))
            }
        }
    }
}

/// How many of them weigh so much.
pub(crate) fn count(findings: &[Finding], severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.severity() == severity).count()
}

/// The most that the library tells.
const MOST: usize = 1_000;

/// `1 mistake`, `2 mistakes`; of more than are told, that there may be more.
pub(crate) fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        MOST.. => format!("{count} {what}s or more"),
        _ => format!("{count} {what}s"),
    }
}
