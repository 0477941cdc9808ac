use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures_util::stream::{self, abortable};
use futures_util::{FutureExt, StreamExt};
use proptest::prelude::*;

use super::*;
use crate::set::parts::Part;

#[tokio::test(start_paused = true)]
async fn watchers_take_turns_however_many_events_one_has() {
    let many = Numbers::new([(0..100_000).collect()]);
    let mut events = start([
        ("many", many),
        ("one", Numbers::new([vec![1]])),
        ("later", Numbers::new([vec![], vec![2]])),
    ]);
    settle().await;
    let mut before_one = 0;
    while events.recv().await.unwrap().0 != "one" {
        before_one += 1;
    }
    assert!(before_one < 1_000, "{before_one} events came first");

    tokio::time::advance(Duration::from_secs(2)).await;
    let mut before_later = 0;
    while events.recv().await.unwrap().0 != "later" {
        before_later += 1;
    }
    assert!(before_later < 1_000, "{before_later} events came first");
}

#[tokio::test(start_paused = true)]
async fn the_cost_of_an_event_does_not_grow_with_the_number_of_watchers() {
    let mut events = start([("one", Numbers::new([(0..1_000).collect()]).then_ends())]);
    let polls = Arc::new(AtomicUsize::new(0));
    for _ in 0..1_000 {
        let polls = Arc::clone(&polls);
        let silent = stream::poll_fn(move |_| {
            polls.fetch_add(1, Ordering::Relaxed);
            Poll::Pending
        });
        events.parts().push(abortable(Part::of(silent.boxed())).0);
    }
    for number in 0..1_000 {
        assert_eq!(events.recv().await, Some(("one", number)));
    }
    assert_eq!(polls.load(Ordering::Relaxed), 1_000, "one look at each of those that are silent");
}

#[tokio::test(start_paused = true)]
async fn events_can_be_read_in_a_task() {
    let mut events = start([("one", Numbers::new([vec![1]]).then_ends())]);
    let read: BoxFuture<'_, _> = Box::pin(async move {
        let told = events.recv().await;
        events.shutdown().await;
        told
    });
    assert_eq!(read.await, Some(("one", 1)));
}

#[tokio::test(start_paused = true)]
async fn an_event_is_taken_when_the_consumer_asks_for_the_next_of_whatever_watcher() {
    let (one, other) = (Numbers::new([vec![1]]), Numbers::new([vec![2]]));
    let seen = BTreeMap::from([("one", one.seen.clone()), ("other", other.seen.clone())]);
    let mut events = start([("one", one), ("other", other)]);

    let (first, _) = events.recv().await.unwrap();
    settle().await;
    assert!(seen.values().all(|seen| seen.delivered() == 0), "both are still to be taken");

    // The other one is ready, so that the first is not asked again.
    let (second, _) = events.recv().now_or_never().flatten().unwrap();
    assert_ne!(first, second);
    tokio::task::yield_now().await;
    assert_eq!((seen[first].delivered(), seen[second].delivered()), (1, 0));

    assert_eq!(events.recv().now_or_never(), None);
    settle().await;
    assert_eq!(seen[second].delivered(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_event_in_the_hand_of_a_consumer_that_goes_is_not_taken() {
    let source = Numbers::new([vec![1]]);
    let seen = source.seen.clone();
    let mut events = start([("one", source)]);
    assert_eq!(events.recv().await, Some(("one", 1)));
    drop(events);
    settle().await;
    assert_eq!(seen.delivered(), 0);
    assert!(seen.dropped(), "dropping the events stops the watchers");
}

#[tokio::test(start_paused = true)]
async fn a_receive_that_is_given_up_loses_no_event() {
    let mut events = start([("one", Numbers::new([vec![], vec![1], vec![2]]))]);
    let mut told = Vec::new();
    while told.len() < 2 {
        // Shorter than a second, so that it is given up before each of the events.
        let given_up = tokio::time::timeout(Duration::from_millis(300), events.recv());
        told.extend(given_up.await.ok().flatten());
    }
    assert_eq!(told, [("one", 1), ("one", 2)]);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_ends_does_not_end_the_others() {
    let never = Numbers::new([]).then_ends();
    let mut events =
        start([("never", never), ("one", Numbers::new([vec![], vec![1]]).then_ends())]);
    assert_eq!(events.recv().await, Some(("one", 1)));
    let status = events.status("never").unwrap();
    assert_eq!(status.state, crate::watcher::State::Stopped);
    assert!(status.last_error.unwrap().to_string().contains("it can never work"));
    assert_eq!(events.recv().await, None, "the stream ends when all have ended");
    assert_eq!(events.recv().await, None);
}

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

proptest! {
    #[test]
    fn no_event_is_lost_or_told_twice_and_those_of_a_watcher_keep_their_order(
        polls in prop::collection::vec(prop::collection::vec(0usize..40, 0..6), 1..5),
        pauses in prop::collection::vec(0u64..700, 0..20),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let mut expected = BTreeMap::new();
        let mut sources = Vec::new();
        for (name, sizes) in NAMES.into_iter().zip(&polls) {
            let mut next = 0u32..;
            let numbers = sizes.iter().map(|size| next.by_ref().take(*size).collect::<Vec<_>>());
            let numbers: Vec<_> = numbers.collect();
            expected.insert(name, numbers.concat());
            sources.push((name, numbers));
        }
        runtime.block_on(async {
            let sources = sources.into_iter().map(|(name, numbers)| {
                (name, Numbers::new(numbers).then_ends())
            });
            let mut events = start(sources);
            let mut told: BTreeMap<_, Vec<u32>> = expected.keys().map(|name| (*name, Vec::new())).collect();
            let mut pauses = pauses.into_iter();
            while let Some((name, number)) = events.recv().await {
                told.get_mut(name).unwrap().push(number);
                if let Some(pause) = pauses.next() {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                }
            }
            assert_eq!(told, expected);
        });
    }
}
