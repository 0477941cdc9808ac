use futures_util::StreamExt;

use super::*;

#[tokio::test(start_paused = true)]
async fn events_come_in_the_order_of_the_source() {
    let (source, _) = script([Events("+a +b"), Events("~b -a")]);
    let watch = watch(source, every(s(1)));
    let events: Vec<_> = watch.take(4).map(|event| show(Some(event))).collect().await;
    assert_eq!(events, ["+a", "+b", "~b", "-a"]);
}

#[tokio::test(start_paused = true)]
async fn an_event_is_taken_when_the_consumer_asks_for_the_next() {
    let (source, seen) = script([Events("+a +b"), Events("~b")]);
    let mut watch = watch(source, every(s(1)));
    assert_eq!(show(watch.recv().await), "+a");
    assert_eq!(show(watch.recv().await), "+b");
    pass(s(100)).await;
    assert_eq!(seen.polls(), 1, "the consumer still works on the last event");
    assert!(seen.delivered.lock().unwrap().is_empty());
    assert_eq!(show(watch.recv().await), "~b");
    assert_eq!(*seen.delivered.lock().unwrap(), [1]);
}

#[tokio::test(start_paused = true)]
async fn an_event_of_a_channel_is_taken_when_the_channel_has_accepted_it() {
    let (source, seen) = script([Events("+a +b")]);
    let (tx, mut rx) = mpsc::channel(1);
    watch_external_with_config(source, every(s(1)), tx);
    pass(s(10)).await;
    assert_eq!((seen.polls(), seen.delivered.lock().unwrap().len()), (1, 0));
    assert_eq!(show(rx.recv().await), "+a");
    pass(s(10)).await;
    assert!(!seen.delivered.lock().unwrap().is_empty(), "`+b` stands in the channel");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_recv_loses_no_event() {
    let (source, _) = script([Events("+a +b")]);
    let mut watch = watch(source, every(s(1)));
    assert!(tokio::time::timeout(Duration::ZERO, watch.recv()).await.is_err());
    assert_eq!(show(watch.recv().await), "+a");
    assert_eq!(show(watch.recv().await), "+b");
}

#[tokio::test(start_paused = true)]
async fn status_tells_state_success_error_failures_next_poll_and_items() {
    let (source, _) = script([Events("+a +b"), Events("-a"), Fail, Fail]);
    let watch = watch(source, every(s(10)));
    assert_eq!(watch.status().state, State::Pending);
    let handle = watch.handle();
    let _reader = tokio::spawn(watch.for_each(|_| async {}));
    let start = Instant::now();
    pass(s(1)).await;
    let status = handle.status();
    assert_eq!((status.state, status.items), (State::Healthy, 2));
    assert_eq!(status.next_poll, Some(start + s(10)));
    pass(s(10)).await;
    assert_eq!(handle.status().items, 1);
    pass(s(30)).await;
    let status = handle.status();
    assert_eq!((status.state, status.consecutive_failures, status.items), (State::Failing, 2, 1));
    assert_eq!(status.last_success, Some(start + s(10)));
    assert_eq!(status.last_failure, Some(start + s(40)));
    assert_eq!(status.next_poll, Some(start + s(80)));
    assert_eq!(status.last_error.unwrap().to_string(), "Internal error: deliberate");
    pass(s(60)).await;
    assert_eq!(handle.status().state, State::Healthy);
}

#[tokio::test(start_paused = true)]
async fn poll_now_polls_at_once_but_not_before_the_server_allows() {
    let (source, seen) = script([Events(""), Fail, FailRetryAfter(s(100))]);
    let watch = watch(source, every(s(3600)));
    for _ in 0..2 {
        pass(s(1)).await;
        watch.poll_now();
        watch.poll_now();
    }
    pass(s(1)).await;
    assert_eq!(seen.waits(), [1000, 1000], "many requests make one poll");
    watch.poll_now();
    pass(s(98)).await;
    assert_eq!(seen.polls(), 3);
    pass(s(2)).await;
    assert_eq!(seen.polls(), 4);
}

#[tokio::test(start_paused = true)]
async fn poll_now_during_a_poll_makes_another_one() {
    let (source, seen) = script([Slow(s(5))]);
    let watch = watch(source, every(s(3600)));
    pass(s(1)).await;
    watch.poll_now();
    pass(s(5)).await;
    assert_eq!(seen.waits(), [5000]);
}

#[tokio::test(start_paused = true)]
async fn a_suspended_watcher_polls_when_it_is_resumed() {
    let (source, seen) = script([]);
    let watch = watch(source, every(s(10)));
    pass(s(1)).await;
    watch.suspend();
    watch.poll_now();
    pass(s(100)).await;
    let status = watch.status();
    assert_eq!((seen.polls(), status.state, status.next_poll), (1, State::Suspended, None));
    watch.resume();
    pass(s(1)).await;
    assert_eq!(seen.polls(), 2, "a missed poll is made up for at once");
    watch.suspend();
    watch.resume();
    pass(s(10)).await;
    assert_eq!(seen.waits()[1], 10_000, "resuming in time changes nothing");
}

#[tokio::test(start_paused = true)]
async fn shutdown_returns_when_the_source_is_dropped_and_ends_the_stream() {
    for step in [Events(""), Stall, Events("+a +b")] {
        let (source, seen) = script([step]);
        let mut watch = watch(source, every(s(3600)));
        pass(s(1)).await;
        watch.shutdown().await;
        assert!(seen.dropped());
        assert_eq!(watch.status().state, State::Stopped);
        let mut rest = Vec::new();
        while let Some(event) = watch.recv().await {
            rest.push(event);
        }
        assert!(rest.is_empty(), "{rest:?}");
        watch.shutdown().await;
    }
}

#[tokio::test(start_paused = true)]
async fn synced_comes_when_the_first_complete_observation_was_delivered() {
    let (source, _) = script([Fail, Step::Pace(Pace::Now, "+a"), Events("+b")]);
    let mut watch = watch(source, every(s(10)));
    let synced = tokio::spawn(watch.synced());
    assert_eq!(show(watch.recv().await), "+a");
    assert_eq!(show(watch.recv().await), "+b");
    pass(s(100)).await;
    assert!(!synced.is_finished(), "`+b` is not taken");
    assert!(tokio::time::timeout(s(1), watch.recv()).await.is_err());
    synced.await.unwrap().unwrap();
    watch.synced().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn poll_now_does_not_override_the_wish_of_a_server_that_works() {
    let (source, seen) = script([Step::Pace(Pace::NotBefore(s(60)), "")]);
    let watch = watch(source, every(s(10)));
    pass(s(1)).await;
    watch.poll_now();
    pass(s(60)).await;
    assert_eq!(seen.waits(), [60_000]);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_made_durable_is_a_failure_of_the_poll() {
    let (source, seen) = script([Step::Deliver("+a"), Fail, Step::Deliver("~b"), Stall]);
    let mut watch = watch(source, every(s(10)).with_deadline(s(60)));
    let handle = watch.handle();
    let taken = tokio::spawn(async move { while watch.recv().await.is_some() {} });
    pass(s(1)).await;
    let status = handle.status();
    assert_eq!((status.state, status.items), (State::Failing, 1));
    assert_eq!(status.last_error.unwrap().to_string(), "Internal error: not delivered");
    pass(s(85)).await;
    let why = handle.status().last_error.unwrap();
    assert!(matches!(*why, ExternalError::Deadline(limit) if limit == s(60)), "{why}");
    assert_eq!(seen.waits(), [20_000]);
    handle.shutdown().await;
    assert_eq!(handle.status().next_poll, None);
    taken.await.unwrap();
}
