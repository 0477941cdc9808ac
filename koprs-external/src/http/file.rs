//! Reads the small files of credentials and certificates.

use std::path::Path;
use std::time::Duration;

use secrecy::zeroize::Zeroizing;
use tokio::fs::File;
use tokio::io::AsyncReadExt;
use tokio::time::Instant;

use super::kept::Rules;

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

/// The whole content, which is wiped when it is dropped. Only of a regular file: a pipe could be waited for
/// without end.
pub(super) async fn read(path: &Path, most: u64) -> Result<Zeroizing<Vec<u8>>, String> {
    let shown = path.display();
    let unreadable = |error| format!("`{shown}`: {error}");
    let metadata = tokio::fs::metadata(path).await.map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(format!("`{shown}` is no file"));
    }
    // Of its own size from the start: growing would leave copies behind.
    let room = usize::try_from(metadata.len().min(most)).unwrap_or_default() + 1;
    let mut content = Zeroizing::new(Vec::with_capacity(room));
    let mut file = File::open(path).await.map_err(unreadable)?.take(most + 1);
    file.read_to_end(&mut content).await.map_err(unreadable)?;
    if file.limit() == 0 {
        return Err(format!("`{shown}` has more than {most} bytes"));
    }
    Ok(content)
}
