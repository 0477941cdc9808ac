//! Listings in several ranges at a time: they tell what one range tells, whatever is written meanwhile.

use std::collections::BTreeSet;
use std::sync::Arc;

use koprs_external::store::ObjectStorePoller;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use super::known::Known;
use super::paged::{Paged, Start, State, Write, delete, put, told};
use super::stage::observe;

type Checked<T = ()> = Result<T, TestCaseError>;

const S3: &str = "AmazonS3(bucket)";
/// Objects that fill some ten blocks of what is remembered, so that it can be cut.
const OBJECTS: usize = 60;

/// How a store is followed.
#[derive(Clone, Copy, Debug)]
enum Way {
    Paginated,
    Prefix,
    Both,
    Whole,
}

fn poller(store: &Paged, way: Way) -> ObjectStorePoller {
    let store = Arc::new(store.clone());
    let poller = match way {
        Way::Paginated => ObjectStorePoller::paginated(store),
        Way::Prefix => ObjectStorePoller::new(store).with_prefix("p"),
        Way::Both => ObjectStorePoller::paginated(store).with_prefix("p"),
        Way::Whole => ObjectStorePoller::new(store),
    };
    poller.with_hold(1.0, u64::MAX)
}

fn ways() -> impl Strategy<Value = Way> {
    select(vec![Way::Paginated, Way::Prefix, Way::Both])
}

fn key(n: usize) -> String {
    format!("p/k{:02}{}", n / 2, ["", "/x"][n % 2])
}

/// All but some, so that there is room for new ones.
fn filled(name: &'static str, page_size: usize) -> Paged {
    let store = Paged::new(name, page_size);
    (0..OBJECTS).filter(|n| n % 7 != 0).for_each(|n| store.write(&put(key(n), 1)));
    store
}

fn write() -> impl Strategy<Value = Write> {
    prop_oneof![
        2 => (0..OBJECTS, 1..3_u64).prop_map(|(n, size)| put(key(n), size)),
        1 => (0..OBJECTS).prop_map(|n| delete(key(n))),
    ]
}

/// A poll, and what happens before and during it.
#[derive(Clone, Debug)]
struct Round {
    before: Vec<Write>,
    during: Vec<Vec<Write>>,
    start: Start,
    fails_after: Option<usize>,
}

fn round() -> impl Strategy<Value = Round> {
    let start =
        prop_oneof![3 => Just(Start::After), 1 => Just(Start::Ignored), 1 => Just(Start::Reversed)];
    let during = vec(vec(write(), 0..4), 0..40);
    (vec(write(), 0..10), during, start, option::weighted(0.2, 0..40_usize)).prop_map(
        |(before, during, start, fails_after)| Round { before, during, start, fails_after },
    )
}

/// A poller, and what its events come to.
struct Reader {
    store: Paged,
    poller: ObjectStorePoller,
    known: Known<State>,
}

impl Reader {
    fn new(store: &Paged, poller: ObjectStorePoller) -> Self {
        Self { store: store.clone(), poller, known: Known::new() }
    }

    /// Observes while the store moves. Whether it went well.
    async fn observe(&mut self) -> Checked<bool> {
        let there = self.store.objects();
        let observed = observe(&mut self.poller).await;
        let history = self.store.history();
        let stays = |key: &String| history.get(key).is_none_or(|states| !states.contains(&None));
        self.known.looks(there.keys().filter(|key| stays(key)).cloned().collect());
        self.known.take(observed.events.into_iter().map(told))?;
        Ok(observed.error.is_none())
    }

    async fn is_quiet(&mut self) -> Checked {
        self.store.moves(Vec::new());
        self.store.fails_after(None);
        prop_assert!(self.observe().await?);
        prop_assert_eq!(&self.known.objects, &self.store.objects());
        Ok(())
    }

    async fn round(&mut self, round: Round) -> Checked {
        let Round { before, during, start, fails_after } = round;
        self.store.write_all(&before);
        let (told, there) = (self.known.objects.clone(), self.store.objects());
        self.store.moves(during);
        self.store.starts_listings(start);
        self.store.fails_after(fails_after);
        let well = self.observe().await?;
        prop_assert!(well || fails_after.is_some(), "nothing has failed");
        let history = self.store.history();
        let keys: BTreeSet<_> = told.keys().chain(there.keys()).chain(history.keys()).collect();
        for key in keys {
            let known = self.known.objects.get(key).copied();
            let mut states =
                history.get(key).cloned().unwrap_or_else(|| vec![there.get(key).copied()]);
            if !well {
                // It may not have come so far.
                states.push(told.get(key).copied());
            }
            prop_assert!(states.contains(&known), "{}: {:?} of {:?}", key, known, states);
        }
        self.is_quiet().await
    }
}

fn block_on(future: impl Future<Output = Checked>) -> Checked {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    /// One range is the listing one after the other.
    #[test]
    fn what_is_written_while_it_is_listed_is_told_as_before_or_as_after(
        way in ways(),
        ranges in 1..=8_usize,
        page_size in 1..9_usize,
        waits in vec(0..5_usize, 0..20),
        rounds in vec(round(), 1..4),
    ) {
        let store = filled(S3, page_size);
        store.waits(waits);
        let poller = poller(&store, way).with_listing_concurrency(ranges);
        let mut reader = Reader::new(&store, poller);
        block_on(async {
            reader.is_quiet().await?;
            for round in rounds {
                reader.round(round).await?;
            }
            Ok(())
        })?;
    }
}

/// How many listings began after a key, in the first poll and in the second.
async fn ranges(store: &Paged, poller: ObjectStorePoller) -> [usize; 2] {
    let mut reader = Reader::new(store, poller);
    reader.is_quiet().await.unwrap();
    let first = store.starts().len();
    reader.is_quiet().await.unwrap();
    [first, store.starts().len()]
}

#[tokio::test]
async fn ranges_are_listed_at_a_time_from_the_second_poll_on_where_the_store_can() {
    let gcs = "GoogleCloudStorage(bucket)";
    for (name, way, concurrency, expected) in [
        (S3, Way::Prefix, 8, 7),
        (S3, Way::Both, 3, 2),
        (gcs, Way::Prefix, 8, 7),
        (S3, Way::Prefix, 1, 0),
        // A key that begins with `/` may hide in such a listing, unless it is a `CheckedConnector` that reads it.
        (S3, Way::Paginated, 8, 0),
        (S3, Way::Whole, 8, 0),
        ("AmazonS3(bucket--x-s3)", Way::Paginated, 8, 0),
        ("AmazonS3(bucket--x-s3)", Way::Prefix, 8, 0),
        ("MicrosoftAzure { account: a, container: c }", Way::Paginated, 8, 0),
        ("InMemory", Way::Prefix, 8, 0),
    ] {
        let store = filled(name, 7);
        let poller = poller(&store, way).with_listing_concurrency(concurrency);
        assert_eq!(ranges(&store, poller).await, [0, expected], "{name}, {way:?}, {concurrency}");
    }
}

#[tokio::test]
async fn no_range_has_fewer_than_a_thousand_objects_unless_it_is_asked_for() {
    for (objects, expected) in [(1999, 0), (2000, 1), (3500, 2)] {
        let store = Paged::new(S3, 1000);
        (0..objects).for_each(|n| store.write(&put(format!("p/{n:05}"), 1)));
        let poller = poller(&store, Way::Both);
        assert_eq!(ranges(&store, poller).await, [0, expected], "{objects}");
    }
}

#[tokio::test]
async fn a_start_that_is_ignored_and_a_range_out_of_order_change_no_event() {
    for start in [Start::Ignored, Start::Reversed] {
        for way in [Way::Both, Way::Prefix] {
            let store = filled(S3, 7);
            let mut poller = poller(&store, way).with_listing_concurrency(8);
            assert_eq!(observe(&mut poller).await.events.len(), store.objects().len());
            store.starts_listings(start);
            store.starts();
            store.write_all(&[
                delete("p/k01"),
                put("p/k02", 2),
                put("p/k07", 1),
                delete("p/k29/x"),
            ]);
            assert_eq!(observe(&mut poller).await.words(), "-p/k01 ~p/k02 +p/k07 -p/k29/x");
            assert!(!store.starts().is_empty(), "{start:?}, {way:?}");
            // From then on it is listed as a whole.
            assert_eq!(observe(&mut poller).await.words(), ".");
            assert!(store.starts().is_empty(), "{start:?}, {way:?}");
        }
    }
}
