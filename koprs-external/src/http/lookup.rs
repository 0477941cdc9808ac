//! Looks up names for those who are untrusted.
//!
//! The resolver of the system blocks a thread of the runtime, from which nothing can call it back: a lookup that
//! nobody waits for any more goes on until the resolver gives up. The threads are those that secrets and files are
//! read on, for everybody. So there are only so many lookups at a time, and one counts until it is really over.

use std::io;
use std::net::{IpAddr, ToSocketAddrs};
use std::sync::{Arc, LazyLock};

use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// A runtime has 512 threads for what blocks, unless it is built with another number.
const MOST: usize = 32;

/// Addresses of a name, as the resolver of the system knows them. Dropped on the way, it may go on for as long as
/// the resolver takes.
pub(super) async fn look_up(name: String) -> io::Result<Vec<IpAddr>> {
    static LOOKUPS: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(MOST)));
    within(&LOOKUPS, move || {
        let found = (name, 0).to_socket_addrs()?;
        Ok(found.map(|address| address.ip()).collect())
    })
    .await
}

/// Waits for a permit, which is given back when the work is done, whoever waits for it.
async fn within<T: Send + 'static>(
    permits: &Arc<Semaphore>,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let done = spawn_blocking(move || {
        let _permit = permit;
        work()
    });
    done.await.map_err(io::Error::other)?
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::sync::mpsc;

    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_lookup_that_nobody_waits_for_counts_until_it_is_over() {
        let permits = Arc::new(Semaphore::new(1));
        let (over, wait) = mpsc::channel();
        let hangs = move || wait.recv().map_err(io::Error::other);
        assert!(within(&permits, hangs).now_or_never().is_none());
        let mut next = pin!(within(&permits, || Ok(1)));
        assert!(next.as_mut().now_or_never().is_none());
        assert_eq!(permits.available_permits(), 0);
        over.send(()).unwrap();
        assert_eq!(next.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_lookup_that_panics_is_a_failure_and_gives_its_place_back() {
        let permits = Arc::new(Semaphore::new(1));
        let failed = within::<()>(&permits, || panic!("a resolver that is broken")).await;
        assert!(failed.is_err());
        assert_eq!(within(&permits, || Ok(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn an_address_is_found_as_itself() {
        let found = look_up("127.0.0.1".to_owned()).await.unwrap();
        assert_eq!(found, [IpAddr::from([127, 0, 0, 1])]);
    }
}
