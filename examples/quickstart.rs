//! The main job, end to end: two values behind a URL, one watched by a derived source, one by a watcher from
//! YAML. They appear, change, their server fails for a while, and they go away.
//!
//! ```bash
//! cargo run --example quickstart
//! ```

use std::fmt::Debug;

use koprs_external::error::Result;
use koprs_external::set::WatcherSet;
use koprs_external::watcher::WatchHandle;
use koprs_external::{ExternalSource, Watch};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// Declared here: where it is, how often to look.
#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "http://127.0.0.1:{port}/flags", timeout = "2s"),
    params(port: u16),
    interval = "1s",
    max_backoff = "2s",
)]
#[allow(dead_code, reason = "the fields are printed")]
struct Flags {
    dark_mode: bool,
    rollout_percent: u8,
}

/// Declared in YAML, below.
#[derive(Clone, Debug, Deserialize)]
#[allow(dead_code, reason = "the fields are printed")]
struct Limits {
    requests_per_second: u32,
}

const WATCHERS: &str = "
apiVersion: koprs-external/v1
defaults:
  interval: 1s
  maxBackoff: 2s
watchers:
  - name: limits
    http:
      url: http://127.0.0.1:PORT/limits
      timeout: 2s
";

#[tokio::main]
async fn main() -> Result<()> {
    let story = Story { began: Instant::now() };
    let server = Server::start().await;
    let port = server.address().port();

    story.tell("a server starts; both values are there");
    server
        .set("/flags", Reply::json(r#"{"dark_mode": false, "rollout_percent": 10}"#).etag("\"1\""));
    server.set("/limits", Reply::json(r#"{"requests_per_second": 100}"#));

    let flags = Flags::watch(port)?;
    let limits = WatcherSet::from_str(&WATCHERS.replace("PORT", &port.to_string()))?
        .watch::<Limits>("limits")?;
    let (flags_handle, limits_handle) = (flags.handle(), limits.handle());

    let (tx, mut events) = mpsc::channel(2);
    tokio::spawn(story.print("flags", flags, tx.clone()));
    tokio::spawn(story.print("limits", limits, tx));
    both(&mut events).await;

    story.tell("both values change");
    server
        .set("/flags", Reply::json(r#"{"dark_mode": true, "rollout_percent": 50}"#).etag("\"2\""));
    server.set("/limits", Reply::json(r#"{"requests_per_second": 250}"#));
    both(&mut events).await;

    story.tell("the server fails for a while: an outage is no removal");
    server.set("/flags", Reply::status(500));
    server.set("/limits", Reply::text("<html>Sorry!</html>"));
    polled_twice(&server).await;
    story.tell_status(&flags_handle);
    story.tell_status(&limits_handle);

    story.tell("it works again; nothing was lost, and nothing has changed");
    server
        .set("/flags", Reply::json(r#"{"dark_mode": true, "rollout_percent": 50}"#).etag("\"2\""));
    server.set("/limits", Reply::json(r#"{"requests_per_second": 250}"#));
    polled_twice(&server).await;
    story.tell_status(&flags_handle);
    story.tell_status(&limits_handle);

    story.tell("both values go away: one is gone (410), the other not found twice (404)");
    server.set("/flags", Reply::status(410));
    server.set("/limits", Reply::status(404));
    both(&mut events).await;

    tokio::join!(flags_handle.shutdown(), limits_handle.shutdown());
    story.tell("the watchers have stopped");
    Ok(())
}

/// Until each of the two watchers has told something.
async fn both(events: &mut mpsc::Receiver<()>) {
    for _ in 0..2 {
        events.recv().await;
    }
}

/// Until both values were polled twice more.
async fn polled_twice(server: &Server) {
    let polled = ["/flags", "/limits"].map(|path| (path, server.hits(path) + 2));
    for (path, hits) in polled {
        server.wait_for_hits(path, hits).await;
    }
}

/// Prints what happens, with the time.
#[derive(Clone, Copy)]
struct Story {
    began: Instant,
}

impl Story {
    fn tell(self, what: &str) {
        println!("{:5.1}s  {what}", self.began.elapsed().as_secs_f32());
    }

    fn tell_status(self, watcher: &WatchHandle) {
        let status = watcher.status();
        let failures = status.consecutive_failures;
        match status.last_error.filter(|_| failures > 0) {
            Some(why) => self.tell(&format!("  {:?}, failures: {failures}; {why}", status.state)),
            None => self.tell(&format!("  {:?}", status.state)),
        }
    }

    /// Prints the events of a watcher as they come.
    async fn print<T: Debug>(
        self,
        name: &'static str,
        mut watch: Watch<T>,
        told: mpsc::Sender<()>,
    ) {
        while let Some(event) = watch.recv().await {
            self.tell(&format!("  {name:<6} {event:?}"));
            if told.send(()).await.is_err() {
                return;
            }
        }
    }
}
