//! What a running watcher shows of its list: removals that are held, items that are bad, in its status and in
//! the log; and that held removals can be released from outside.

use std::time::Duration;

use koprs_external::watcher::{HeldReason, State, Watch, WatchConfig, watch};
use koprs_external_tests::{Reply, Server};

use super::secrets::Logs;
use super::shelf::{Item, item, list, many, page, serve};
use super::stage::{Shown, source};
use super::token::pass;

/// A watcher that polls when it is asked to, and its server.
struct Running {
    server: Server,
    watch: Watch<Item>,
}

impl Running {
    async fn of(items: &str) -> Self {
        let server = Server::start().await;
        serve(&server, items);
        let source = source::<Item>(list(server.url("/v")));
        // Nothing but `poll_now` polls within the time of a test.
        let watch = watch(source, WatchConfig::new(Duration::from_secs(100_000)));
        let mut running = Self { server, watch };
        let events = running.events(items.split_whitespace().count()).await;
        assert!(events.iter().all(|event| event.starts_with('+')), "{events:?}");
        // The last one is taken when the next one is asked for.
        running.settles(None).await;
        running
    }

    async fn events(&mut self, count: usize) -> Vec<String> {
        let mut events = Vec::new();
        for _ in 0..count {
            let event = self.watch.recv().await.unwrap();
            events.push(event.map(|item| item.shown()).to_string().replace(' ', ""));
        }
        events
    }

    /// One poll, without an event.
    async fn polls(&mut self, reply: Reply) {
        self.server.set("/v", reply);
        let before = self.watch.status();
        // Requested polls are a second apart.
        pass(1).await;
        self.watch.poll_now();
        self.settles(before.last_success.max(before.last_failure)).await;
    }

    /// Until a poll has ended after that time. An event would be one too many.
    async fn settles(&mut self, after: Option<tokio::time::Instant>) {
        let handle = self.watch.handle();
        let ended = async {
            loop {
                let status = handle.status();
                if status.last_success.max(status.last_failure) > after {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            event = self.watch.recv() => panic!("{event:?}"),
            () = ended => {}
        }
    }
}

#[tokio::test]
async fn removals_that_are_held_are_shown_told_once_and_released_from_outside() {
    let (logs, _guard) = Logs::listen();
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let told = |part: &str| logs.ours().iter().filter(|line| line.contains(part)).count();
    let mut running = Running::of(&many(0..20)).await;
    for agreed in 1..=2 {
        running.polls(page(&many(15..20))).await;
        let status = running.watch.status();
        let held = status.report.held_removals.unwrap();
        assert_eq!((held.items, held.of, held.agreed), (15, 20, agreed));
        assert_eq!(
            (held.reason, status.items, status.state),
            (HeldReason::Share, 20, State::Healthy)
        );
        let says = format!(
            "15 of 20 items are absent; that is many at once, and {agreed} of 3 polls in a row agree"
        );
        assert_eq!(held.to_string(), says);
    }
    // They are held through a failure, and it is told once.
    running.polls(Reply::status(500)).await;
    assert!(running.watch.status().report.held_removals.is_some_and(|held| held.agreed == 0));
    assert_eq!((told(": removals are held"), told("no removals are held any more")), (1, 0));

    running.server.set("/v", page(&many(15..20)));
    running.watch.handle().release_removals();
    let removed = running.events(15).await;
    assert!(removed.iter().all(|event| event.starts_with('-')), "{removed:?}");
    running.polls(page(&many(15..20))).await;
    let status = running.watch.status();
    assert_eq!((status.report.held_removals, status.items), (None, 5));
    assert_eq!((told(": removals are held"), told("no removals are held any more")), (1, 1));
    let lines = logs.ours();
    let line = lines.iter().find(|line| line.contains(": removals are held")).unwrap();
    assert!(line.contains("WARN") && line.contains("flags") && line.contains("15 of 20"), "{line}");
}

#[tokio::test]
async fn held_removals_that_come_back_are_told_to_be_over() {
    let (logs, _guard) = Logs::listen();
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let told = |part: &str| logs.ours().iter().filter(|line| line.contains(part)).count();
    let mut running = Running::of(&many(0..20)).await;
    for times in 1..=2 {
        running.polls(Reply::json("[]")).await;
        running.polls(Reply::json("[]")).await;
        assert_eq!(told(": removals are held"), times);
        running.polls(page(&many(0..20))).await;
        assert_eq!(running.watch.status().report.held_removals, None);
        assert_eq!(told("no removals are held any more"), times);
    }
}

#[tokio::test]
async fn bad_items_are_shown_and_do_not_make_a_watcher_ill() {
    let mut running = Running::of("a1 b1").await;
    running.polls(Reply::json(format!(r#"[{},{{"id":"b","n":null}}]"#, item("a1")))).await;
    let status = running.watch.status();
    assert_eq!((status.state, status.items), (State::Healthy, 2));
    assert_eq!((status.report.bad_items, status.report.bad_items_seen), (1, 1));
    assert!(status.report.last_bad_item.unwrap().contains("item `b`"));
    running.polls(page("a1 b1")).await;
    let report = running.watch.status().report;
    assert_eq!((report.bad_items, report.bad_items_seen), (0, 1));
    assert!(report.last_bad_item.is_some(), "it stays, as the last error does");
    running.polls(Reply::json(format!("[{},{},7]", item("a1"), item("b1")))).await;
    running.polls(Reply::json(format!("[{},7]", item("a1")))).await;
    let held = running.watch.status().report.held_removals.unwrap();
    assert_eq!(held.reason, HeldReason::ItemsWithoutKey);
    assert_eq!(
        held.to_string(),
        "1 of 2 items are absent; items without a key are there, which may be these"
    );
}
