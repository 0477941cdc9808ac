//! When to end: a signal, or the time that was given.

use std::io;
use std::time::Duration;

use tokio::sync::oneshot;

/// The status that shells give a process that was interrupted.
const INTERRUPTED: i32 = 130;

/// Resolves with the first signal to end. A second one ends the process at once, whatever it waits for.
pub(super) fn signals() -> io::Result<oneshot::Receiver<()>> {
    let (first, asked) = oneshot::channel();
    let mut signals = Signals::new()?;
    tokio::spawn(async move {
        signals.next().await;
        let _ = first.send(());
        signals.next().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(asked)
}

/// After the time that was given; never without one.
pub(super) async fn after(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
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
