//! A source by hand: something that is no HTTP, here the depth of a queue that a server tells over TCP, one
//! line a connection.
//!
//! ```bash
//! cargo run --example custom_source
//! ```

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::BoxFuture;
use koprs_external::error::{ExternalError, Result};
use koprs_external::watcher::{ExternalEvent, ExternalSource, WatchConfig, watch};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Looks at the depth, and remembers what it has told.
struct QueueDepth {
    address: SocketAddr,
    last: Option<u32>,
}

impl QueueDepth {
    async fn look(&self) -> Result<u32> {
        let mut line = String::new();
        // Any error is a failed poll: the runtime backs off and tries again.
        TcpStream::connect(self.address).await?.take(64).read_to_string(&mut line).await?;
        let depth = line.trim().parse();
        depth.map_err(|_| ExternalError::Internal(format!("`{}` is no depth", line.trim())))
    }
}

impl ExternalSource for QueueDepth {
    type Item = u32;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<u32>>>> {
        Box::pin(async move {
            let depth = self.look().await?;
            // Only now, when nothing can fail any more, does the state advance.
            let event = match self.last.replace(depth) {
                None => Some(ExternalEvent::Added(depth)),
                Some(last) if last != depth => Some(ExternalEvent::Modified(depth)),
                Some(_) => None,
            };
            Ok(event.into_iter().collect())
        })
    }

    fn name(&self) -> &str {
        "queue-depth"
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let address = start_server(["3", "3", "busy, come back later", "8", "0"]).await?;

    let config = WatchConfig::new(Duration::from_millis(300));
    let mut depth = watch(QueueDepth { address, last: None }, config);
    while let Some(event) = depth.recv().await {
        println!("{event:?}");
        if let Some(error) = depth.status().last_error {
            println!("  (the last failure on the way: {error})");
        }
        if matches!(event, ExternalEvent::Modified(0)) {
            break;
        }
    }
    depth.shutdown().await;
    println!("the queue is empty; {:?}", depth.status().state);
    Ok(())
}

/// Tells one line to each connection, the last one for ever.
async fn start_server(lines: [&'static str; 5]) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let mut lines = lines.into_iter().peekable();
        while let Ok((mut connection, _)) = listener.accept().await {
            let line = if lines.len() > 1 { lines.next() } else { lines.peek().copied() };
            let _ = connection.write_all(line.unwrap_or_default().as_bytes()).await;
        }
    });
    Ok(address)
}
