//! A list in three pages, item by item: what is new, changed and gone is told by its key. An outage of one page
//! removes nothing, and neither does a list that is suddenly empty, until it is said that this is meant.
//!
//! ```bash
//! cargo run --example paged_list
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use koprs_external::error::Result;
use koprs_external::watcher::WatchHandle;
use koprs_external::{ExternalSource, Watch};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;
use tokio::time::{Instant, sleep};

/// Each item of the list that stands at `data` in the body, on all pages that `Link` headers lead to.
#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "http://127.0.0.1:{port}/tenants?page=1", pages(link_header)),
    params(port: u16),
    items = "/data",
    interval = "1m",
    // These are the defaults.
    removal(hold_above = "50%", hold_min = 10),
)]
#[allow(dead_code, reason = "the fields are printed")]
struct Tenant {
    /// What tells one item from another.
    #[external(key)]
    id: String,
    plan: String,
}

/// What the server has, by `id`.
type Tenants = BTreeMap<&'static str, &'static str>;

const NAMES: [&str; 12] = [
    "acorn", "birch", "cedar", "daisy", "elder", "fern", "grass", "hazel", "iris", "jade", "kelp",
    "larch",
];

#[tokio::main]
async fn main() -> Result<()> {
    let server = Server::start().await;
    let mut tenants: Tenants = NAMES.map(|name| (name, "basic")).into();
    serve(&server, &tenants);

    let watch = Tenant::watch(server.address().port())?;
    let story = Story { began: Instant::now(), server: &server, watcher: watch.handle() };
    story.tell("twelve tenants on three pages: each of them is added");
    let synced = watch.synced();
    tokio::spawn(print(story.began, watch));
    synced.await.expect("nobody stops it");
    story.tell_status(0);

    story.tell("one changes its plan");
    tenants.insert("fern", "premium");
    serve(&server, &tenants);
    story.poll().await;

    story.tell("one is gone; the others have moved up, so the list is walked twice to be sure");
    tenants.remove("birch");
    serve(&server, &tenants);
    story.poll().await;

    story.tell("the second page fails: a list that is not seen whole says nothing");
    server.set("/tenants?page=2", Reply::status(500));
    story.poll().await;

    story.tell("it works again; nothing was lost, and nothing has changed");
    serve(&server, &tenants);
    story.poll().await;

    story.tell("a maintenance answers with an empty list: so many removals at once are held");
    serve(&server, &Tenants::new());
    story.poll().await;

    story.tell("it is over; the items are there again, and nothing is held");
    serve(&server, &tenants);
    story.poll().await;

    story.tell("the list is empty once more, and this time it is meant");
    serve(&server, &Tenants::new());
    story.poll().await;

    story.tell("release_removals(): there is no need to wait until three polls agree");
    story.watcher.release_removals();
    story.poll().await;

    story.watcher.shutdown().await;
    story.tell("the watcher has stopped");
    Ok(())
}

/// Lets the server have these tenants, four to a page, each page with a link to the next.
fn serve(server: &Server, tenants: &Tenants) {
    let item = |(id, plan)| format!(r#"{{"id": "{id}", "plan": "{plan}"}}"#);
    let items: Vec<_> = tenants.iter().map(item).collect();
    let mut pages: Vec<_> = items.chunks(4).map(|items| items.join(", ")).collect();
    pages.resize(pages.len().max(1), String::new());
    for (n, items) in (1..).zip(&pages) {
        let mut page = Reply::json(format!(r#"{{"data": [{items}]}}"#));
        if n < pages.len() {
            page = page.header("link", format!(r#"</tenants?page={}>; rel="next""#, n + 1));
        }
        server.set(&format!("/tenants?page={n}"), page);
    }
}

/// Prints the events as they come.
async fn print(began: Instant, mut watch: Watch<Tenant>) {
    while let Some(event) = watch.recv().await {
        tell(began, &format!("  {event:?}"));
    }
}

/// Prints what happens, with the time.
struct Story<'a> {
    began: Instant,
    server: &'a Server,
    watcher: WatchHandle,
}

impl Story<'_> {
    fn tell(&self, what: &str) {
        tell(self.began, what);
    }

    /// Polls now, as the story would be long with one poll a minute, and tells how it went.
    async fn poll(&self) {
        let polled = || {
            let status = self.watcher.status();
            (status.last_success, status.last_failure)
        };
        let (before, requests) = (polled(), self.server.requests().len());
        self.watcher.poll_now();
        while polled() == before {
            sleep(Duration::from_millis(5)).await;
        }
        self.tell_status(requests);
    }

    /// How the watcher is doing, after a poll that began at so many requests.
    fn tell_status(&self, before: usize) {
        let status = self.watcher.status();
        let requests = self.server.requests().len() - before;
        self.tell(&format!("  {:?}, items: {}, requests: {requests}", status.state, status.items));
        if let Some(error) = status.last_error.filter(|_| status.consecutive_failures > 0) {
            self.tell(&format!("  {error}"));
        }
        if let Some(held) = status.report.held_removals {
            self.tell(&format!("  removals are held: {held}"));
        }
    }
}

fn tell(began: Instant, what: &str) {
    println!("{:5.1}s  {what}", began.elapsed().as_secs_f32());
}
