use super::*;

#[tokio::test(start_paused = true)]
async fn polls_of_one_watcher_never_overlap() {
    let (source, seen) = script([Slow(s(7)), Slow(s(7)), Slow(s(7))]);
    let (tx, _rx) = channel();
    watch_external_with_config(source, every(s(1)), tx);
    pass(s(30)).await;
    assert_eq!(seen.waits()[..3], [8000, 8000, 8000], "the wait begins when the poll has ended");
}

#[tokio::test(start_paused = true)]
async fn the_wait_after_a_success_is_the_interval() {
    let (source, seen) = script([Events("+a"), Events(""), Events("~b")]);
    let (tx, _rx) = channel();
    watch_external_with_config(source, every(s(30)), tx);
    pass(s(100)).await;
    assert_eq!(seen.waits(), [30_000, 30_000, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn failures_wait_two_intervals_doubling_to_the_maximum_and_a_success_resets() {
    let (source, seen) = script([Fail, Fail, Fail, Fail, Events(""), Fail]);
    let (tx, _rx) = channel();
    let config = every(s(30)).with_max_backoff(s(300));
    watch_external_with_config(source, config, tx);
    pass(s(1000)).await;
    assert_eq!(seen.waits()[..6], [60_000, 120_000, 240_000, 300_000, 30_000, 60_000]);
}

#[tokio::test(start_paused = true)]
async fn failures_are_never_polled_faster_than_the_interval() {
    let (source, seen) = script([Fail, Fail, Fail]);
    let (tx, _rx) = channel();
    let config = every(s(10)).with_max_backoff(Duration::from_millis(1));
    watch_external_with_config(source, config, tx);
    pass(s(35)).await;
    assert_eq!(seen.waits(), [10_000, 10_000, 10_000]);
}

#[tokio::test(start_paused = true)]
async fn both_waits_carry_jitter() {
    let (source, seen) = script([Fail, Fail, Fail]);
    let (tx, _rx) = channel();
    let config = WatchConfig::new(s(100));
    watch_external_with_config(source, config, tx);
    pass(s(4000)).await;
    let waits = seen.waits();
    for (wait, around) in waits.iter().zip([200_000, 400_000, 800_000, 100_000, 100_000]) {
        let (least, most) = (around * 95 / 100, around * 105 / 100 + 1);
        assert!((least..=most).contains(wait), "{waits:?}");
        assert_ne!(*wait, around, "{waits:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_servers_wish_to_wait_lengthens_the_wait_and_never_shortens_it() {
    let (source, seen) = script([
        FailRetryAfter(s(120)),
        FailRetryAfter(s(1)),
        Step::Pace(Pace::NotBefore(s(90)), ""),
        Step::Pace(Pace::NotBefore(s(5)), ""),
        Step::FailPace(Pace::NotBefore(s(90))),
        Step::FailPace(Pace::NotBefore(s(5))),
        FailRetryAfter(s(100_000)),
    ]);
    let (tx, _rx) = channel();
    watch_external_with_config(source, every(s(30)), tx);
    pass(s(4180)).await;
    assert_eq!(seen.waits(), [120_000, 120_000, 90_000, 30_000, 90_000, 120_000, 3_600_000]);
}

#[tokio::test(start_paused = true)]
async fn every_poll_has_a_deadline() {
    let (source, seen) = script([Stall, Events("+a")]);
    let watch = watch(source, every(s(10)));
    pass(s(59)).await;
    assert_eq!((seen.polls(), watch.status().state), (1, State::Pending));
    pass(s(2)).await;
    let status = watch.status();
    assert!(
        matches!(status.last_error.as_deref(), Some(ExternalError::Deadline(d)) if *d == s(60))
    );
    assert_eq!(status.state, State::Failing);
    pass(s(20)).await;
    assert_eq!(seen.polls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_deadline_is_at_least_the_interval() {
    assert_eq!(every(s(3600)).deadline(), s(3600));
    let (source, seen) = script([Stall]);
    let _watch = watch(source, every(s(1)).with_deadline(s(2)));
    pass(Duration::from_millis(4500)).await;
    assert_eq!(seen.waits(), [4000], "given up after 2 s, then two intervals");
}

#[test]
fn a_zero_interval_is_refused() {
    assert!(WatchConfig::try_new(Duration::ZERO).unwrap_err().is_permanent());
    assert!(WatchConfig::try_new(s(1)).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_zero_interval_is_raised_where_it_cannot_be_refused() {
    let (source, seen) = script([Events(""), Fail, Fail]);
    let (tx, _rx) = channel();
    let config = WatchConfig::new(Duration::ZERO).with_jitter(0.0);
    watch_external_with_config(source, config, tx);
    pass(Duration::from_millis(750)).await;
    assert_eq!(seen.waits(), [100, 200, 400]);
}

#[tokio::test(start_paused = true)]
async fn more_events_of_one_observation_are_not_waited_for() {
    let (source, seen) = script([
        Step::Pace(Pace::Now, "+a"),
        Step::Pace(Pace::Now, "+b"),
        Events("+c"),
        Events(""),
    ]);
    let (tx, mut rx) = channel();
    watch_external_with_config(source, every(s(30)), tx);
    for event in ["+a", "+b", "+c"] {
        assert_eq!(show(rx.recv().await), event);
    }
    pass(s(31)).await;
    assert_eq!(seen.waits(), [0, 0, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn first_polls_that_may_wait_come_over_all_of_that_time() {
    let began = Instant::now();
    let mut watches = Vec::new();
    let mut first = Vec::new();
    for _ in 0..100 {
        let (source, seen) = script([]);
        watches.push(watch(source, every(s(600)).with_first_poll_within(s(60))));
        first.push(seen);
    }
    pass(s(61)).await;
    let seconds = |seen: &Seen| (seen.polls.lock().unwrap()[0] - began).as_secs();
    let mut sixths = [0; 6];
    for seen in &first {
        assert_eq!(seen.polls(), 1);
        sixths[usize::try_from(seconds(seen) / 10).unwrap().min(5)] += 1;
    }
    // That one of them is empty has a chance of 6 × (5/6)^100, one in twelve million.
    assert!(sixths.iter().all(|polls| *polls > 0), "{sixths:?}");
    assert_eq!(watches.len(), 100);
}

#[tokio::test(start_paused = true)]
async fn a_first_poll_that_is_asked_for_comes_at_once() {
    let (source, seen) = script([]);
    let watch = watch(source, every(s(3_600)).with_first_poll_within(s(3_600)));
    watch.poll_now();
    pass(Duration::from_millis(1)).await;
    assert_eq!(seen.polls(), 1);
}

#[test]
fn the_first_poll_is_due_at_once_unless_it_may_wait() {
    let now = Instant::now();
    let first = |config: WatchConfig| {
        super::super::ticker::Ticker::new(&config, fastrand::Rng::with_seed(7)).first(now)
    };
    assert_eq!(first(every(s(30))).at, now);
    let due = first(every(s(30)).with_first_poll_within(s(20)));
    assert!(due.at > now && due.at < now + s(20), "{due:?}");
    assert_eq!(due.not_before, now);
}
