//! A consumer that does not take its events is seen, and never hangs more than the polling.

use super::*;

/// The control of a watcher onto a channel, which has no handle.
fn onto(source: Script, tx: mpsc::Sender<ExternalEvent<char>>) -> Arc<control::Control> {
    let control = Arc::new(control::Control::new(config::Suspension::default()));
    let _detached = task::start(source, every(s(1)), tx, Arc::clone(&control), drop, || {});
    control
}

fn waiting(status: &Status) -> Option<(u64, u64)> {
    status.undelivered.map(|it| (it.events, it.since.elapsed().as_secs()))
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_reads_blocks_its_watcher_and_the_status_shows_it() {
    let (source, seen) = script([Events("+a +b")]);
    let mut watch = watch(source, every(s(1)));
    pass(s(9)).await;
    let status = watch.status();
    assert_eq!((status.state, waiting(&status)), (State::Pending, Some((2, 9))));
    pass(s(2)).await;
    let status = watch.status();
    assert_eq!((status.state, waiting(&status)), (State::Blocked, Some((2, 11))));
    assert_eq!((seen.polls(), status.next_poll), (1, None));

    assert_eq!(show(watch.recv().await), "+a");
    let status = watch.status();
    assert_eq!((status.state, waiting(&status)), (State::Pending, Some((2, 0))), "it works on one");
    assert_eq!(show(watch.recv().await), "+b");
    assert_eq!(waiting(&watch.status()), Some((1, 0)));
    assert!(tokio::time::timeout(s(30), watch.recv()).await.is_err());
    let status = watch.status();
    assert_eq!((status.state, waiting(&status)), (State::Healthy, None));
    assert!(seen.polls() > 20);
}

#[tokio::test(start_paused = true)]
async fn a_full_channel_blocks_its_watcher_and_the_status_shows_it() {
    let (source, seen) = script([Events("+a +b +c")]);
    let (tx, mut rx) = mpsc::channel(1);
    let control = onto(source, tx);
    pass(s(11)).await;
    let status = control.status();
    assert_eq!((status.state, waiting(&status)), (State::Blocked, Some((2, 11))));
    assert_eq!(show(rx.recv().await), "+a");
    pass(s(5)).await;
    let status = control.status();
    assert_eq!((status.state, waiting(&status)), (State::Pending, Some((1, 5))));
    assert_eq!(show(rx.recv().await), "+b");
    pass(s(5)).await;
    let status = control.status();
    assert_eq!((status.state, waiting(&status)), (State::Healthy, None));
    assert!(seen.polls() > 3);
}

#[tokio::test(start_paused = true)]
async fn a_slow_consumer_does_not_block_its_watcher_as_long_as_it_takes_events() {
    let (source, _) = script([Events("+a +b +c +d +e +f +g")]);
    let mut watch = watch(source, every(s(1)));
    for _ in 0..7 {
        watch.recv().await;
        for _ in 0..9 {
            pass(s(1)).await;
            assert_ne!(watch.status().state, State::Blocked);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_watcher_that_recovered_and_is_not_read_is_blocked() {
    let (source, _) = script([Fail, Events("+a")]);
    let watch = watch(source, every(s(1)));
    pass(s(1)).await;
    assert_eq!(watch.status().state, State::Failing);
    pass(s(12)).await;
    assert_eq!(watch.status().state, State::Blocked);
}

#[tokio::test(start_paused = true)]
async fn the_time_of_the_consumer_counts_for_no_deadline() {
    let (source, seen) =
        script([Events("+a"), Slow(s(50)), Step::Deliver("+b"), Slow(s(50)), Events("+c")]);
    let mut watch = watch(source, every(s(10)).with_deadline(s(60)));
    for event in ["+a", "+b", "+c"] {
        assert_eq!(show(watch.recv().await), event);
        pass(s(1_000)).await;
    }
    assert_eq!(watch.status().last_failure, None);
    assert_eq!(seen.waits().len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_is_blocked_shuts_down_at_once() {
    for retires in [false, true] {
        let (source, seen) = script([Events("+a +b")]);
        let watch = watch(source, every(s(1)));
        pass(s(20)).await;
        if retires {
            watch.retire();
            pass(s(20)).await;
            assert_eq!(watch.status().state, State::Blocked);
        }
        let before = Instant::now();
        watch.shutdown().await;
        assert_eq!(before.elapsed(), Duration::ZERO);
        let status = watch.status();
        assert_eq!((status.state, waiting(&status)), (State::Stopped, None));
        assert!(seen.dropped());
        assert_eq!(watch.synced().await, Err(Stopped));
    }
}
