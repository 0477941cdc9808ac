//! Polls that are requested: soon, and not too often.

use super::*;

const MS: Duration = Duration::from_millis(1);

/// Asks for a poll every 10 ms, for so long.
async fn ask(time: Duration, request: impl Fn()) {
    let end = Instant::now() + time;
    while Instant::now() < end {
        request();
        pass(10 * MS).await;
    }
}

#[tokio::test(start_paused = true)]
async fn requested_polls_begin_a_second_apart() {
    let (source, seen) = script([]);
    let watch = watch(source, every(s(3600)).with_first_poll_within(s(3600)));
    ask(s(10), || watch.poll_now()).await;
    assert_eq!(seen.waits(), [1000; 9], "the first one counts, too");
}

#[tokio::test(start_paused = true)]
async fn requested_polls_begin_a_second_apart_through_a_backoff_too() {
    let (source, seen) = script((0..20).map(|_| Fail));
    let watch = watch(source, every(s(60)));
    ask(s(10), || watch.poll_now()).await;
    assert_eq!(seen.waits(), [1000; 9]);
}

#[tokio::test(start_paused = true)]
async fn requests_to_release_removals_poll_no_more_often() {
    let (source, seen) = script([]);
    let watch = watch(source, every(s(3600)));
    ask(s(10), || watch.release_removals()).await;
    assert_eq!(seen.waits(), [1000; 9]);
}

#[tokio::test(start_paused = true)]
async fn requested_polls_begin_an_interval_apart_where_that_is_shorter() {
    let (source, seen) = script((0..100).map(|_| Fail));
    let watch = watch(source, every(300 * MS));
    ask(s(3), || watch.poll_now()).await;
    assert_eq!(seen.waits(), [300; 9]);
}

#[tokio::test(start_paused = true)]
async fn requests_do_not_put_off_what_is_due() {
    let (source, seen) = script([]);
    let config = WatchConfig::new(s(1)).with_jitter(0.5);
    let watch = watch(source, config);
    ask(s(60), || watch.poll_now()).await;
    let waits = seen.waits();
    assert!(waits.iter().all(|wait| (500..=1001).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait < 900), "{waits:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_during_a_short_poll_makes_another_one_a_second_later() {
    let (source, seen) = script([Slow(200 * MS)]);
    let watch = watch(source, every(s(3600)));
    ask(100 * MS, || watch.poll_now()).await;
    pass(s(10)).await;
    assert_eq!(seen.waits(), [1000]);
}

#[tokio::test(start_paused = true)]
async fn a_request_within_an_observation_in_pieces_is_for_another_observation() {
    let steps = [Step::Pace(Pace::Now, "+a"), Step::Pace(Pace::Now, "+b"), Events("+c")];
    let (source, seen) = script(steps);
    let mut watch = watch(source, every(s(3600)));
    assert_eq!(show(watch.recv().await), "+a");
    watch.poll_now();
    assert_eq!(show(watch.recv().await), "+b");
    assert_eq!(show(watch.recv().await), "+c");
    assert!(tokio::time::timeout(s(100), watch.recv()).await.is_err());
    assert_eq!(seen.waits(), [0, 0, 1000], "pieces are not spaced");
}

#[tokio::test(start_paused = true)]
async fn a_requested_poll_waits_for_the_server_and_no_longer() {
    let (source, seen) = script([FailRetryAfter(s(30)), Events("")]);
    let watch = watch(source, every(s(3600)));
    ask(s(40), || watch.poll_now()).await;
    let waits = seen.waits();
    assert_eq!((waits[0], waits[1]), (30_000, 1000));
}

#[tokio::test(start_paused = true)]
async fn the_next_poll_in_the_status_is_the_requested_one() {
    let (source, _) = script([]);
    let watch = watch(source, every(s(3600)));
    let start = Instant::now();
    pass(10 * MS).await;
    assert_eq!(watch.status().next_poll, Some(start + s(3600)));
    watch.poll_now();
    assert_eq!(watch.status().next_poll, Some(start + s(1)));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_starts_suspended_polls_when_it_is_resumed() {
    let (source, seen) = script([Events("+a")]);
    let config = every(s(10)).with_suspended(true);
    assert!(config.suspended());
    let mut watch = watch(source, config);
    watch.poll_now();
    pass(s(100)).await;
    assert_eq!((seen.polls(), watch.status().state), (0, State::Suspended));
    let synced = tokio::spawn(watch.synced());
    watch.resume();
    assert_eq!(show(watch.recv().await), "+a");
    assert!(tokio::time::timeout(s(1), watch.recv()).await.is_err());
    synced.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_is_suspended_shuts_down() {
    let (source, seen) = script([Events("+a")]);
    let watch = watch(source, every(s(10)).with_suspended(true));
    let synced = tokio::spawn(watch.synced());
    pass(s(1)).await;
    watch.shutdown().await;
    assert_eq!((seen.polls(), synced.await.unwrap()), (0, Err(Stopped)));
}

/// Nothing could resume it.
#[tokio::test(start_paused = true)]
async fn a_watcher_onto_a_channel_does_not_start_suspended_but_ends() {
    let (source, seen) = script([Events("+a")]);
    let (tx, mut rx) = channel();
    let task = watch_external_with_config(source, every(s(10)).with_suspended(true), tx);
    assert_eq!(show(rx.recv().await), "end");
    task.await.unwrap();
    assert_eq!((seen.polls(), seen.dropped()), (0, true));
}
