//! Reads small files with secrets and certificates.

use std::path::Path;
use std::{fmt, io};

use secrecy::zeroize::Zeroizing;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::without_mark;

/// Why a file is not read.
#[derive(Debug)]
pub(crate) enum FileError {
    Unreadable(io::Error),
    /// It is a folder, a pipe or a device.
    NotRegular,
    TooLong(u64),
}

/// Reads a file of at most so many bytes, without a byte order mark. The content is wiped when it is dropped.
///
/// Reads regular files only: a pipe could be waited for without end.
pub(crate) async fn read_file(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, FileError> {
    let metadata = tokio::fs::metadata(path).await?;
    if !metadata.is_file() {
        return Err(FileError::NotRegular);
    }
    // Of its own size from the start: growing would leave copies behind.
    let room = usize::try_from(metadata.len().min(most)).unwrap_or_default() + 1;
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    let mut file = File::open(path).await?.take(most + 1);
    file.read_to_end(&mut content).await?;
    if file.limit() == 0 {
        return Err(FileError::TooLong(most));
    }
    let mark = content.len() - without_mark(&content).len();
    content.drain(..mark);
    Ok(content)
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(error) => error.fmt(f),
            Self::NotRegular => f.write_str("is no file"),
            Self::TooLong(most) => write!(f, "has more than {most} bytes"),
        }
    }
}
