//! What a listing may do wrong in itself: nothing is lost by it, nothing wrongly removed.

use std::sync::Arc;

use futures::FutureExt;
use koprs_external::store::object_store::ObjectStore;
use koprs_external::watcher::{ExternalEvent, ExternalSource};

use super::faulty::{Fault, Faulty, Lost, delete, put};
use super::stage::{Can, Eyes, Rewrites, Stage, observe};

impl Stage for Faulty {
    const CAN: Can =
        Can { etags: true, rewrites: Rewrites::EachWrite, raw_keys: false, backslashes: true };

    async fn start() -> Self {
        Self::new()
    }

    fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::new(self.clone())
    }
}

const FIVE: [&str; 5] = ["a", "b", "c", "d", "e"];

async fn five() -> (Faulty, Eyes) {
    let store = Faulty::start().await;
    store.put_all(&FIVE).await;
    let mut eyes = Eyes::on(&store);
    eyes.see("+a +b +c +d +e").await;
    (store, eyes)
}

/// Changes of each kind, at the beginning and the end.
async fn change(store: &Faulty) {
    store.delete("a").await;
    store.put("b", "22").await;
    store.put("f", "1").await;
    store.delete("e").await;
}

const CHANGED: &str = "-a ~b -e +f";

#[tokio::test]
async fn a_listing_that_fails_anywhere_loses_nothing_and_removes_nothing() {
    for n in 0..=5 {
        let (store, mut eyes) = five().await;
        store.faults([Fault::FailAt(n)]);
        for _ in 0..4 {
            eyes.fail().await;
        }
        store.faults([]);
        eyes.see(".").await;
        store.faults([Fault::FailAt(n)]);
        eyes.fail().await;
        change(&store).await;
        for _ in 0..4 {
            eyes.fail().await;
        }
        store.faults([]);
        eyes.see(CHANGED).await;
        eyes.see(".").await;
    }
}

#[tokio::test]
async fn a_first_listing_that_fails_anywhere_is_no_sight_of_the_rest() {
    for n in 0..=5 {
        let store = Faulty::start().await;
        store.put_all(&FIVE).await;
        store.faults([Fault::FailAt(n)]);
        let mut eyes = Eyes::on(&store);
        eyes.fail().await;
        eyes.fail().await;
        store.faults([]);
        eyes.see("+a +b +c +d +e").await;
        eyes.see(".").await;
    }
}

#[tokio::test]
async fn a_failed_listing_is_none_of_the_three_that_have_to_agree() {
    let store = Faulty::start().await;
    let keys: Vec<_> = (0..10).map(|n| format!("k{n}")).collect();
    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
    store.put_all(&keys).await;
    let mut eyes = Eyes::on(&store);
    eyes.watch(|_, observed| assert_eq!(observed.events.len(), 10)).await;
    for key in &keys[..8] {
        store.delete(key).await;
    }
    for fault in [Fault::FailAt(0), Fault::FailAt(1), Fault::FailAt(2)] {
        store.faults([fault]);
        eyes.fail().await;
    }
    store.faults([]);
    eyes.see(".").await;
    eyes.see(".").await;
    eyes.see("-k0 -k1 -k2 -k3 -k4 -k5 -k6 -k7").await;
}

#[tokio::test]
async fn an_empty_listing_between_good_ones_is_held_back() {
    let store = Faulty::start().await;
    let keys: Vec<_> = (0..10).map(|n| format!("k{n}")).collect();
    for key in &keys {
        store.put(key, "1").await;
    }
    let mut eyes = Eyes::on(&store);
    eyes.watch(|_, observed| assert_eq!(observed.events.len(), 10)).await;
    // It shows nothing, and says of what is there that it is: that is no listing.
    for _ in 0..3 {
        store.faults([Fault::Empty]);
        eyes.fail().await;
        eyes.fail().await;
        store.faults([]);
        eyes.see(".").await;
    }
    // It says that nothing is there, whatever it is asked.
    for _ in 0..3 {
        store.faults([Fault::Empty]);
        store.lost(Some(Lost::NotFound));
        eyes.see(".").await;
        eyes.see(".").await;
        store.faults([]);
        store.lost(None);
        eyes.see(".").await;
    }
    store.put("k3", "22").await;
    eyes.see("~k3").await;
    store.faults([Fault::Empty]);
    store.lost(Some(Lost::NotFound));
    eyes.see(".").await;
    eyes.see(".").await;
    eyes.watch(|_, observed| assert_eq!(observed.events.len(), 10, "three agree")).await;
    store.faults([]);
    store.lost(None);
    eyes.watch(|_, observed| assert_eq!(observed.events.len(), 10, "they are back")).await;
}

#[tokio::test]
async fn the_order_of_a_listing_and_repeated_keys_change_nothing() {
    for faults in
        [vec![Fault::Reversed], vec![Fault::Repeated], vec![Fault::Reversed, Fault::Repeated]]
    {
        let (store, mut eyes) = five().await;
        store.faults(faults.clone());
        eyes.see(".").await;
        change(&store).await;
        eyes.see(CHANGED).await;
        store.faults([]);
        eyes.see(".").await;
        store.faults(faults);
        let mut late = Eyes::on(&store);
        late.see("+b +c +d +f").await;
        late.see(".").await;
    }
}

#[tokio::test]
async fn a_store_without_etags_tells_each_change_once() {
    let store = Faulty::start().await;
    store.faults([Fault::NoEtags]);
    store.put_all(&FIVE).await;
    let mut eyes = Eyes::on(&store);
    eyes.watch(|_, observed| {
        assert_eq!(observed.words(), "+a +b +c +d +e");
        assert!(observed.events.iter().all(|it| it.value().etag.is_none()));
    })
    .await;
    eyes.see(".").await;
    change(&store).await;
    eyes.see(CHANGED).await;
    eyes.see(".").await;
}

#[tokio::test]
async fn writes_during_a_listing_are_told_now_or_by_the_next_one() {
    // By how many pages have been read when it happens.
    for page in 0..3 {
        let (store, mut eyes) = five().await;
        store.between(move |inner, number| {
            if number == page {
                put(inner, "a", "22");
                put(inner, "e", "22");
                put(inner, "aa", "1");
                put(inner, "z", "1");
                delete(inner, "c");
            }
        });
        // What became of each object, over two listings.
        let mut told = Vec::new();
        eyes.watch(|_, observed| told.extend(observed.events)).await;
        store.between(|_, _| {});
        eyes.watch(|_, observed| told.extend(observed.events)).await;
        let mut words: Vec<_> = told.into_iter().map(brief).collect();
        words.sort();
        assert_eq!(words.join(" "), "+aa +z -c ~a ~e", "after page {page}");
        eyes.see(".").await;
    }
}

fn brief(event: ExternalEvent<koprs_external::store::StoredObject>) -> String {
    event.map(|object| object.path).to_string().replace(' ', "")
}

#[tokio::test]
async fn an_object_that_moves_while_it_is_listed_is_never_lost() {
    let (store, mut eyes) = five().await;
    // From behind the listing to before it, and the other way round.
    store.between(|inner, number| {
        if number == 0 {
            delete(inner, "e");
            put(inner, "a0", "1");
            delete(inner, "a");
            put(inner, "z", "1");
        }
    });
    let mut told = Vec::new();
    eyes.watch(|_, observed| told.extend(observed.events)).await;
    store.between(|_, _| {});
    eyes.watch(|_, observed| told.extend(observed.events)).await;
    let mut words: Vec<_> = told.into_iter().map(brief).collect();
    words.sort();
    assert_eq!(words.join(" "), "+a0 +z -a -e");
}

#[tokio::test]
async fn a_poll_that_is_dropped_while_the_listing_is_silent_loses_nothing() {
    for n in 0..=5 {
        let store = Faulty::start().await;
        store.put_all(&FIVE).await;
        let mut poller = store.pollers().remove(0);
        assert_eq!(observe(&mut poller).await.words(), "+a +b +c +d +e");
        change(&store).await;
        store.faults([Fault::StallAt(n)]);
        // What a poll has told, it has told; the one that waits is dropped.
        let mut told = Vec::new();
        while let Some(polled) = poller.poll().now_or_never() {
            told.extend(polled.unwrap());
        }
        store.faults([]);
        told.extend(observe(&mut poller).await.events);
        let mut words: Vec<_> = told.into_iter().map(brief).collect();
        words.sort();
        assert_eq!(words.join(" "), "+f -a -e ~b", "silent at {n}");
    }
}
