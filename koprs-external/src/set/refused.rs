//! What keeps a set from starting, all of it, each with its place in the file.

use std::fmt;

use crate::config::Declared;
use crate::error::{ExternalError, Result};
use crate::printable::one_line;
use crate::spec::{Invalid, InvalidSpec, list_mistakes};

/// Settings from which no source can be made, and where they stand.
#[derive(Default)]
pub(super) struct Refused(Vec<(String, Invalid)>);

impl Refused {
    /// Keeps a mistake; `at` is a place, or a file.
    pub(super) fn push(&mut self, at: impl fmt::Display, mistake: Invalid) {
        self.0.push((at.to_string(), mistake));
    }

    /// Keeps why no source could be made of a declaration.
    pub(super) fn push_error(&mut self, declared: &Declared, error: ExternalError) {
        let error = match error {
            ExternalError::Invalid(cause) => match cause.downcast::<InvalidSpec>() {
                Ok(refused) => {
                    for mut mistake in refused.mistakes {
                        let place = declared.settings().place_of(&mistake.setting);
                        if let Some((message, help)) =
                            declared.expanded.instead(place, mistake.code)
                        {
                            (mistake.message, mistake.help) = (message, Some(help));
                        }
                        self.push(declared.at(place), mistake);
                    }
                    return;
                }
                Err(cause) => ExternalError::Invalid(cause),
            },
            error => error,
        };
        self.push(declared.home(), Invalid::new("", "unusable", error.to_string()));
    }

    /// An error, when there is a mistake.
    pub(super) fn finish(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(ExternalError::invalid(self)) }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.iter().map(|(at, Invalid { message, help, .. })| match help {
            Some(help) => format!("{at}: {message} ({help})"),
            None => format!("{at}: {message}"),
        });
        let mut mistakes = String::new();
        list_mistakes(&mut mistakes, shown)?;
        one_line(f, |to| to.write_str(mistakes.trim_start_matches("; ")))
    }
}

/// As [`Display`](fmt::Display), since that is what `main` prints of an error.
impl fmt::Debug for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl std::error::Error for Refused {}
