//! Colour, where it is wanted.

use std::env;
use std::io::IsTerminal;

use crate::args::When;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Something new, something good.
    Good,
    /// Something to look at.
    Notable,
    /// Something wrong.
    Bad,
    /// What leads the eye.
    Strong,
    /// What is beside the point.
    Faint,
}

/// Whether texts are coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    when: When,
    coloured: bool,
}

impl Style {
    /// That of an output: colour is for terminals, unless it was said otherwise.
    pub(crate) fn of(when: When, output: &impl IsTerminal) -> Self {
        let coloured = match when {
            When::Always => true,
            When::Never => false,
            // https://no-color.org
            When::Auto => {
                env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
                    && env::var_os("TERM").is_none_or(|it| it != "dumb")
                    && output.is_terminal()
            }
        };
        Self { when, coloured }
    }

    /// That of another output.
    pub(crate) fn on(self, output: &impl IsTerminal) -> Self {
        Self::of(self.when, output)
    }

    #[cfg(test)]
    pub(crate) const PLAIN: Self = Self { when: When::Never, coloured: false };
    #[cfg(test)]
    pub(crate) const COLOURED: Self = Self { when: When::Always, coloured: true };

    pub(crate) fn paint(self, role: Role, text: &str) -> String {
        if !self.coloured || text.is_empty() {
            return text.to_owned();
        }
        let code = match role {
            Role::Good => "32",
            Role::Notable => "33",
            Role::Bad => "31",
            Role::Strong => "1",
            Role::Faint => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_colour_a_text_is_as_it_is() {
        assert_eq!(Style::PLAIN.paint(Role::Bad, "x"), "x");
        assert_eq!(Style::COLOURED.paint(Role::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
    }
}
