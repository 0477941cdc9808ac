//! Reads the small files of credentials and certificates.

use std::path::Path;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;
use tokio::time::Instant;

use super::kept::Rules;
use crate::secret::{FileError, read_file};
use crate::spec::quote;

/// A file is read again when its content is this old. The kubelet rotates a projected token at 80 % of its
/// life, which is 10 min at the least.
const READ_AGAIN: Duration = Duration::from_secs(60);

/// A file that takes longer than 5 s, as on a mount that hangs, counts as one that cannot be read. The read
/// goes on: another one beside it would take another thread for as long as the file hangs.
pub(super) const FILES: Rules =
    Rules { patience: Duration::from_secs(5), abandon: Duration::MAX, hold: Duration::ZERO };

/// When to read again what is read now.
pub(super) fn again() -> Option<Instant> {
    Instant::now().checked_add(READ_AGAIN)
}

/// Reads a regular file of at most so many bytes. An error names the file.
pub(super) async fn read(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let shown = quote::file(path);
    read_file(path, most).await.map_err(|error| match error {
        FileError::Unreadable(error) => format!("`{shown}`: {error}"),
        other => format!("`{shown}` {other}"),
    })
}
