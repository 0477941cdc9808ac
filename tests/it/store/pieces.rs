//! What is too much for one hand-over comes in several.

use std::collections::BTreeSet;
use std::sync::Arc;

use koprs_external::store::ObjectStorePoller;
use koprs_external::watcher::{ExternalSource, Pace};

use super::known::Known;
use super::paged::{Paged, State, delete, put, told};

const OBJECTS: usize = 20_000;
/// A piece, and the page that made it full.
const MOST: usize = 8192 + 1000;

fn filled() -> Paged {
    let store = Paged::new("AmazonS3(bucket)", 1000);
    (0..OBJECTS).for_each(|n| store.write(&put(format!("p/{n:05}"), 1)));
    store
}

fn pollers(store: &Paged) -> [ObjectStorePoller; 2] {
    let store = Arc::new(store.clone());
    let pollers =
        [ObjectStorePoller::new(Arc::clone(&store) as _), ObjectStorePoller::paginated(store)];
    pollers.map(|poller| poller.with_hold(1.0, u64::MAX))
}

/// Polls until there is no more, or it fails. How many events came of each poll, and whether it went well.
async fn pieces(
    store: &Paged,
    poller: &mut ObjectStorePoller,
    known: &mut Known<State>,
) -> (Vec<usize>, bool) {
    let mut pieces = Vec::new();
    loop {
        known.looks(store.paths().into_keys().collect());
        let Ok(events) = poller.poll().await else { return (pieces, false) };
        assert!(events.len() <= MOST, "{} events", events.len());
        pieces.push(events.len());
        known.take(events.into_iter().map(told)).unwrap();
        if poller.pace() != Pace::Now {
            return (pieces, true);
        }
    }
}

#[tokio::test]
async fn the_first_sight_and_the_end_of_many_objects_come_in_pieces() {
    let store = filled();
    for mut poller in pollers(&store) {
        let mut known = Known::new();
        let (added, well) = pieces(&store, &mut poller, &mut known).await;
        assert!(well && added.len() > 2, "{added:?}");
        assert_eq!(known.objects, store.paths());
        let gone = store.objects();
        gone.keys().for_each(|key| store.write(&delete(key)));
        let (removed, well) = pieces(&store, &mut poller, &mut known).await;
        assert!(well && removed.len() > 2 && known.objects.is_empty(), "{removed:?}");
        gone.keys().for_each(|key| store.write(&put(key, 1)));
    }
}

#[tokio::test]
async fn a_first_sight_that_fails_half_way_goes_on_with_what_it_has_not_told() {
    let store = filled();
    for pages in [0, 10, 19] {
        for mut poller in pollers(&store) {
            let mut known = Known::new();
            store.fails_after(Some(pages));
            let (told, well) = pieces(&store, &mut poller, &mut known).await;
            assert!(!well && known.objects.len() == pages * 1000, "{pages} pages: {told:?}");
            let (told, well) = pieces(&store, &mut poller, &mut known).await;
            assert!(!well && told.is_empty(), "{pages} pages: {told:?}");
            store.fails_after(None);
            let (told, well) = pieces(&store, &mut poller, &mut known).await;
            assert!(well && known.objects == store.paths(), "{pages} pages: {told:?}");
        }
    }
}

#[tokio::test]
async fn what_comes_back_while_its_end_is_told_is_added_again() {
    let store = filled();
    for mut poller in pollers(&store) {
        let mut known = Known::new();
        pieces(&store, &mut poller, &mut known).await;
        let gone = store.objects();
        gone.keys().for_each(|key| store.write(&delete(key)));
        known.looks(Default::default());
        let events = poller.poll().await.unwrap();
        assert_eq!(poller.pace(), Pace::Now);
        known.take(events.into_iter().map(told)).unwrap();
        gone.keys().for_each(|key| store.write(&put(key, 2)));
        for _ in 0..2 {
            let (_, well) = pieces(&store, &mut poller, &mut known).await;
            assert!(well);
        }
        assert_eq!(known.objects, store.paths());
    }
}

#[tokio::test]
async fn many_objects_are_taken_back_in_pieces_also_in_the_middle_of_their_first_sight() {
    let store = filled();
    for mut poller in pollers(&store) {
        let mut known = Known::new();
        known.looks(store.paths().into_keys().collect());
        let events = poller.poll().await.unwrap();
        assert_eq!(poller.pace(), Pace::Now);
        known.take(events.into_iter().map(told)).unwrap();
        assert!((1..=2).contains(&retract(&mut poller, &mut known)));
    }
    for mut poller in pollers(&store) {
        let mut known = Known::new();
        pieces(&store, &mut poller, &mut known).await;
        assert_eq!(retract(&mut poller, &mut known), 3);
    }
}

/// Returns in how many pieces.
fn retract(poller: &mut ObjectStorePoller, known: &mut Known<State>) -> usize {
    known.looks(BTreeSet::new());
    for pieces in 0.. {
        let events = poller.retract();
        if events.is_empty() {
            assert!(known.objects.is_empty(), "{} are left", known.objects.len());
            return pieces;
        }
        assert!(events.len() <= MOST, "{} events", events.len());
        known.take(events.into_iter().map(told)).unwrap();
    }
    0
}
