//! When to end: a signal, or the time that was given.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::spawn_blocking;
use tokio::time::{sleep, timeout};

use crate::style::Style;
use crate::tell;

/// The status that shells give a process that was interrupted.
const INTERRUPTED: i32 = 130;
/// The status where not all was written.
const UNWRITTEN: i32 = 1;
/// Whoever is to take the wish to end may be held up by a reader who does not read.
const PATIENCE: Duration = Duration::from_secs(1);
const UNREAD: &str =
    "nobody reads what is printed: the last line may be cut, and what follows was not written";

/// Receives the wish to end: the first signal, or that the time is over. One that is not taken ends the process soon,
/// and says that this cut what is printed; a second signal ends it at once, whatever it waits for.
pub(super) fn asked(time: Option<Duration>, style: Style) -> io::Result<mpsc::Receiver<()>> {
    let (wish, asked) = mpsc::channel(1);
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        let status_if_cut = tokio::select! {
            () = signals.next() => INTERRUPTED,
            () = after(time) => UNWRITTEN,
        };
        let _ = wish.send(()).await;
        tokio::select! {
            () = signals.next() => std::process::exit(INTERRUPTED),
            () = sleep(PATIENCE) => {
                // The standard error may have the same reader.
                let _ = timeout(PATIENCE, spawn_blocking(move || tell(UNREAD, style))).await;
                std::process::exit(status_if_cut)
            }
            () = wish.closed() => {}
        }
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(asked)
}

/// After the time that was given; never without one.
async fn after(time: Option<Duration>) {
    match time {
        Some(time) => sleep(time).await,
        None => std::future::pending().await,
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}
