//! The standard output, whose reader may go away.

use std::io::{self, Write};

/// Whether the output still has a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    There,
    /// It has closed the output, as `head` does when it has read enough.
    Gone,
}

/// Writes a text. A reader that has gone is no error.
///
/// # Errors
///
/// The output cannot be written: the disk is full, for example.
pub(crate) fn print(text: &str) -> io::Result<Reader> {
    print_with(|| io::stdout().lock().write_all(text.as_bytes()))
}

/// The same, with a writer of its own.
pub(crate) fn print_with(write: impl FnOnce() -> io::Result<()>) -> io::Result<Reader> {
    match write().and_then(|()| io::stdout().lock().flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => {
            let what = format!("cannot write to the standard output: {error}");
            Err(io::Error::new(error.kind(), what))
        }
    }
}
