//! What is known of the terminal.

/// Where its size is not known.
const COLUMNS: usize = 80;
const ROWS: usize = 24;

/// The columns of the terminal.
pub(super) fn columns() -> usize {
    terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| usize::from(width.0))
}

/// The rows of the terminal.
pub(super) fn rows() -> usize {
    terminal_size::terminal_size().map_or(ROWS, |(_, height)| usize::from(height.0))
}
