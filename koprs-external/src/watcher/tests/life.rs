use tokio::time::timeout;

use super::*;

/// Runs every task that can run, without letting time pass.
async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn dropping_the_receiver_stops_the_watcher_at_once_in_the_middle_of_a_wait() {
    let (source, seen) = script([Events("")]);
    let (tx, rx) = channel();
    let task = watch_external_with_config(source, every(s(3600)), tx);
    settle().await;
    assert!(!seen.dropped());
    let before = Instant::now();
    drop(rx);
    task.await.unwrap();
    assert!(seen.dropped());
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_receiver_stops_the_watcher_at_once_in_the_middle_of_a_poll() {
    let (source, seen) = script([Stall]);
    let (tx, rx) = channel();
    let task = watch_external_with_config(source, every(s(3600)), tx);
    settle().await;
    drop(rx);
    task.await.unwrap();
    assert!(seen.dropped());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_receiver_stops_the_watcher_at_once_in_the_middle_of_a_delivery() {
    let (source, seen) = script([Events("+a +b +c")]);
    let (tx, rx) = mpsc::channel(1);
    let task = watch_external_with_config(source, every(s(3600)), tx);
    settle().await;
    drop(rx);
    task.await.unwrap();
    assert!(seen.dropped());
    assert_eq!(*seen.delivered.lock().unwrap(), [0usize; 0], "what was not taken is not delivered");
}

#[tokio::test(start_paused = true)]
async fn dropping_the_stream_stops_the_watcher_at_once() {
    for step in [Events(""), Stall, Events("+a +b")] {
        let (source, seen) = script([step]);
        let watch = watch(source, every(s(3600)));
        settle().await;
        let handle = watch.handle();
        drop(watch);
        settle().await;
        assert!(seen.dropped());
        assert_eq!(handle.status().state, State::Stopped);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_source_is_a_failed_poll_of_that_watcher_and_of_no_other() {
    let (source, seen) = script([Events("+a"), Panic, Events("~b")]);
    let (other, other_seen) = script([]);
    let mut watch = super::watch(source, every(s(10)));
    let _other = super::watch(other, every(s(10)));
    assert_eq!(show(watch.recv().await), "+a");
    let handle = watch.handle();
    let rest = tokio::spawn(async move { show(watch.recv().await) });
    pass(s(11)).await;
    let status = handle.status();
    assert_eq!(status.state, State::Failing);
    assert_eq!(status.last_error.unwrap().to_string(), "the source panicked: deliberate");
    assert_eq!(rest.await.unwrap(), "~b");
    assert_eq!(seen.waits()[..2], [10_000, 20_000]);
    assert_eq!(other_seen.waits(), [10_000, 10_000, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn no_watcher_dies_silently() {
    let (source, seen) = script([FailForEver]);
    let mut watch = watch(source, every(s(10)));
    assert_eq!(show(watch.recv().await), "end");
    let status = watch.status();
    assert_eq!(status.state, State::Stopped);
    assert!(status.last_error.unwrap().is_permanent());
    assert_eq!(watch.synced().await, Err(Stopped));
    assert_eq!(seen.polls(), 1, "what can never succeed is not tried again");
}

#[tokio::test(start_paused = true)]
async fn what_can_never_succeed_closes_the_channel() {
    let (source, seen) = script([FailForEver]);
    let (tx, mut rx) = channel();
    let task = watch_external_with_config(source, every(s(10)), tx);
    assert_eq!(show(rx.recv().await), "end");
    task.await.unwrap();
    assert_eq!(seen.polls(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_aborted_task_is_seen_as_stopped() {
    let (source, _) = script([Stall]);
    let control = std::sync::Arc::new(control::Control::new(Default::default()));
    let (tx, _rx) = channel();
    let task = task::start(source, every(s(1)), tx, control.clone(), drop, || {});
    settle().await;
    task.abort();
    control.stopped().await;
    assert_eq!(control.status().state, State::Stopped);
}

#[tokio::test(start_paused = true)]
async fn failures_of_any_number_do_not_end_a_watcher() {
    let (source, _) = script((0..50).map(|_| Fail).chain([Events("+a")]));
    let (tx, mut rx) = channel();
    watch_external_with_config(source, every(s(1)), tx);
    assert_eq!(show(rx.recv().await), "+a");
}

/// Tells one event at the very end of its deadline, and is asked for its pace in vain.
struct Late(bool);

impl ExternalSource for Late {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        Box::pin(async move {
            if std::mem::replace(&mut self.0, true) {
                return Ok(Vec::new());
            }
            tokio::time::sleep(s(60)).await;
            Ok(parse("+a"))
        })
    }

    fn pace(&self) -> Pace {
        panic!("deliberate")
    }

    fn name(&self) -> &str {
        "late"
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_poll_has_told_is_delivered_whatever_follows() {
    let (tx, mut rx) = mpsc::channel(1);
    let _task = watch_external_with_config(Late(false), every(s(10)).with_deadline(s(60)), tx);
    assert_eq!(show(timeout(s(300), rx.recv()).await.unwrap()), "+a");
}

/// Panics when its poll is dropped.
struct Fragile;

struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panic!("deliberate")
    }
}

impl ExternalSource for Fragile {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        Box::pin(async {
            let _bomb = Bomb;
            std::future::pending().await
        })
    }

    fn name(&self) -> &str {
        "fragile"
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_where_a_poll_is_dropped_is_seen_too() {
    let mut watch = watch(Fragile, every(s(10)));
    assert_eq!(show(watch.recv().await), "end");
    let status = watch.status();
    assert_eq!(status.state, State::Stopped);
    assert!(matches!(*status.last_error.unwrap(), ExternalError::Panicked(_)));
}
