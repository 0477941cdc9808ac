//! The standard output, whose reader may go away.

use std::io::{self, Write};

/// Whether anybody reads on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    There,
    /// It has closed the output, as `head` does when it has read enough.
    Gone,
}

/// Writes a text. A reader that has gone is no error.
pub(crate) fn print(text: &str) -> io::Result<Reader> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(Reader::There),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Reader::Gone),
        Err(error) => {
            let what = format!("cannot write to the standard output: {error}");
            Err(io::Error::new(error.kind(), what))
        }
    }
}
