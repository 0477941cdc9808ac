//! What a watcher that retires tells.

use super::*;

/// Tells this, and takes it back in these pieces.
struct Remembers {
    script: Script,
    pieces: VecDeque<&'static str>,
    /// Until then, a dropped poll has left work behind.
    busy: Option<Duration>,
}

impl ExternalSource for Remembers {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        self.script.poll()
    }

    fn name(&self) -> &str {
        "remembers"
    }

    fn idle(&mut self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            if let Some(busy) = self.busy {
                tokio::time::sleep(busy).await;
            }
            self.busy = None;
        })
    }

    fn retract(&mut self) -> Vec<ExternalEvent<char>> {
        assert_eq!(self.busy, None, "it is waited for");
        match self.pieces.pop_front() {
            Some("!") => panic!("deliberate"),
            piece => parse(piece.unwrap_or_default()),
        }
    }

    fn delivered(&mut self) -> BoxFuture<'_, Result<()>> {
        self.script.delivered()
    }
}

fn remembers(
    steps: impl IntoIterator<Item = Step>,
    pieces: impl IntoIterator<Item = &'static str>,
) -> (Remembers, Seen) {
    let (script, seen) = script(steps);
    (Remembers { script, pieces: pieces.into_iter().collect(), busy: None }, seen)
}

async fn all(mut watch: Watch<char>) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(event) = watch.recv().await {
        all.push(show(Some(event)));
    }
    all
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_retires_tells_what_is_known_as_removed_and_ends() {
    let (source, seen) = remembers([Events("+a +b +c")], ["-a -b", "-c"]);
    let mut watch = watch(source, every(s(3600)));
    for event in ["+a", "+b", "+c"] {
        assert_eq!(show(watch.recv().await), event);
    }
    let handle = watch.handle();
    assert!(tokio::time::timeout(s(1), watch.recv()).await.is_err(), "it waits for the next poll");
    assert_eq!(handle.status().items, 3);
    handle.retire();
    assert_eq!(all(watch).await, ["-a", "-b", "-c"]);
    let status = handle.status();
    assert_eq!((status.state, status.items), (State::Stopped, 0));
    assert!(seen.dropped());
    assert_eq!(seen.polls(), 1);
    assert_eq!(seen.delivered.lock().unwrap().len(), 3, "once for the poll, once for each piece");
}

#[tokio::test(start_paused = true)]
async fn what_a_dropped_poll_has_left_behind_is_waited_for_within_the_deadline() {
    // How long it takes, and what is told.
    let cases: [(u64, &[&str]); 2] = [(9, &["-a"]), (11, &[])];
    for (busy, told) in cases {
        let (mut source, _) = remembers([Events("+a")], ["-a"]);
        source.busy = Some(s(busy));
        let mut watch = watch(source, every(s(3600)).with_deadline(s(10)));
        assert_eq!(show(watch.recv().await), "+a");
        let handle = watch.handle();
        handle.retire();
        assert_eq!(all(watch).await, told, "{busy}");
        assert_eq!(handle.status().last_error.is_some(), told.is_empty(), "{busy}");
    }
}

#[tokio::test(start_paused = true)]
async fn events_that_were_told_before_it_retires_are_taken_first() {
    let (source, _) = remembers([Events("+a +b +c")], ["-a -b -c"]);
    let mut watch = watch(source, every(s(3600)));
    assert_eq!(show(watch.recv().await), "+a");
    watch.retire();
    assert_eq!(all(watch).await, ["+b", "+c", "-a", "-b", "-c"]);
}

#[tokio::test(start_paused = true)]
async fn a_poll_in_flight_is_given_up_when_the_watcher_retires() {
    let (source, seen) = remembers([Events("+a"), Stall], ["-a"]);
    let mut watch = watch(source, every(s(10)));
    assert_eq!(show(watch.recv().await), "+a");
    assert!(tokio::time::timeout(s(11), watch.recv()).await.is_err());
    assert_eq!(seen.polls(), 2);
    let before = Instant::now();
    watch.retire();
    assert_eq!(all(watch).await, ["-a"]);
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_watcher_retires_too() {
    let (source, _) = remembers([Events("+a")], ["-a"]);
    let mut watch = watch(source, every(s(10)));
    assert_eq!(show(watch.recv().await), "+a");
    watch.suspend();
    watch.retire();
    assert_eq!(all(watch).await, ["-a"]);
}

#[tokio::test(start_paused = true)]
async fn to_stop_is_more_than_to_retire() {
    let (source, seen) = remembers([Events("+a +b")], ["-a -b"]);
    let mut watch = watch(source, every(s(10)));
    assert_eq!(show(watch.recv().await), "+a");
    watch.shutdown().await;
    watch.retire();
    assert_eq!(all(watch).await, [""; 0]);
    assert!(seen.dropped());

    let (source, seen) = remembers([Events("+a +b")], ["-a -b"]);
    let mut watch = super::watch(source, every(s(10)));
    assert_eq!(show(watch.recv().await), "+a");
    watch.retire();
    watch.shutdown().await;
    assert_eq!(all(watch).await, [""; 0]);
    assert!(seen.dropped());
}

#[tokio::test(start_paused = true)]
async fn a_source_that_keeps_no_values_has_none_to_tell() {
    let (source, _) = script([Events("+a")]);
    let mut watch = watch(source, every(s(10)));
    assert_eq!(show(watch.recv().await), "+a");
    watch.retire();
    assert_eq!(all(watch).await, [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_it_retires_ends_the_watcher_and_is_seen() {
    let (source, _) = remembers([Events("+a +b")], ["-a", "!", "-b"]);
    let watch = watch(source, every(s(10)));
    let handle = watch.handle();
    handle.retire();
    assert_eq!(all(watch).await, ["-a"]);
    let error = handle.status().last_error.unwrap();
    assert_eq!(error.to_string(), "the source panicked: deliberate");
}
