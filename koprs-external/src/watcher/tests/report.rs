use super::*;

/// Shows a report a poll; without one, the poll fails.
struct Shows {
    reports: VecDeque<Option<Report>>,
    shown: Report,
    seen: Seen,
    /// Before which polls something was released.
    released: Arc<Mutex<Vec<usize>>>,
}

impl ExternalSource for Shows {
    type Item = char;

    fn poll(&mut self) -> BoxFuture<'_, Result<Vec<ExternalEvent<char>>>> {
        self.seen.polls.lock().unwrap().push(Instant::now());
        let next = self.reports.pop_front().unwrap_or_else(|| Some(Report::default()));
        let failed = || ExternalError::Internal("deliberate".into());
        let polled = next.ok_or_else(failed).map(|report| self.shown = report);
        Box::pin(async move {
            tokio::time::sleep(s(1)).await;
            polled.map(|()| Vec::new())
        })
    }

    fn name(&self) -> &str {
        "shows"
    }

    fn report(&self) -> Report {
        self.shown.clone()
    }

    fn release_removals(&mut self) {
        self.released.lock().unwrap().push(self.seen.polls());
    }
}

fn held(agreed: u32) -> Option<Report> {
    let reason = HeldReason::Share;
    let held_removals = Some(HeldRemovals { items: 9, of: 12, agreed, reason });
    Some(Report { held_removals, bad_items: 1, ..Report::default() })
}

fn shows(
    reports: impl IntoIterator<Item = Option<Report>>,
) -> (Shows, Seen, Arc<Mutex<Vec<usize>>>) {
    let (seen, released) = (Seen::default(), Arc::default());
    let reports = reports.into_iter().collect();
    let shows = Shows {
        reports,
        shown: Report::default(),
        seen: seen.clone(),
        released: Arc::clone(&released),
    };
    (shows, seen, released)
}

#[tokio::test(start_paused = true)]
async fn the_status_has_what_the_source_showed_after_its_last_poll() {
    let (source, ..) = shows([held(1), held(2), None, Some(Report::default())]);
    let watch = watch(source, every(s(9)));
    let agreed = || watch.status().report.held_removals.map(|held| held.agreed);
    assert_eq!((agreed(), watch.status().report.bad_items), (None, 0));
    pass(s(2)).await;
    assert_eq!((agreed(), watch.status().report.bad_items), (Some(1), 1));
    pass(s(10)).await;
    assert_eq!(agreed(), Some(2));
    // After a failure the source still shows what it knows.
    pass(s(10)).await;
    assert_eq!((agreed(), watch.status().state), (Some(2), State::Failing));
    pass(s(20)).await;
    assert_eq!((agreed(), watch.status().state), (None, State::Healthy));
}

#[tokio::test(start_paused = true)]
async fn a_release_reaches_the_source_once_before_a_poll_that_comes_at_once() {
    let (source, seen, released) = shows([held(1)]);
    let watch = watch(source, every(s(100)));
    pass(s(10)).await;
    watch.release_removals();
    watch.release_removals();
    pass(s(2)).await;
    assert_eq!((seen.polls(), released.lock().unwrap().clone()), (2, vec![1]));
    pass(s(150)).await;
    assert_eq!((seen.polls(), released.lock().unwrap().clone()), (3, vec![1]));
}

#[tokio::test(start_paused = true)]
async fn a_release_during_a_poll_is_of_the_next_one() {
    let (source, seen, released) = shows([held(1)]);
    let watch = watch(source, every(s(100)));
    pass(Duration::from_millis(500)).await;
    watch.release_removals();
    pass(s(3)).await;
    assert_eq!((seen.polls(), released.lock().unwrap().clone()), (2, vec![1]));
}

#[tokio::test(start_paused = true)]
async fn a_release_of_a_suspended_watcher_waits_until_it_is_resumed() {
    let (source, seen, released) = shows([held(1)]);
    let watch = watch(source, every(s(10)));
    pass(s(2)).await;
    watch.suspend();
    watch.release_removals();
    pass(s(100)).await;
    assert_eq!((seen.polls(), released.lock().unwrap().len()), (1, 0));
    watch.resume();
    pass(s(2)).await;
    assert_eq!((seen.polls(), released.lock().unwrap().clone()), (2, vec![1]));
}
