//! What is known of the terminal.

/// Where its width is not known.
const COLUMNS: usize = 80;

/// The columns of the terminal.
pub(super) fn columns() -> usize {
    terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| usize::from(width.0))
}
