//! Listings in parts of a bucket whose server refuses or misreads where a part begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use koprs_external::store::ObjectStorePoller;
use koprs_external::watcher::{ExternalEvent, ExternalSource};
use koprs_external_tests::s3::{Asked, List, Listing, Op, S3, Starts, error};
use koprs_external_tests::store::{Order, Parameter};

use super::stage::observe;
use super::stages::client;

/// So many fill several blocks of what is remembered, so that they can be cut.
const OBJECTS: usize = 600;

/// A bucket, and what a poller has told of it.
struct Reader {
    s3: S3,
    poller: ObjectStorePoller,
    known: BTreeMap<String, u64>,
    asked: usize,
}

impl Reader {
    /// Has listed once, as a whole.
    async fn new(paginated: bool, key: impl Fn(usize) -> String) -> Self {
        let s3 = S3::start().await;
        (0..OBJECTS).for_each(|n| s3.put(&key(n), "1"));
        s3.lists(Listing::pages_of(100));
        let store = Arc::new(client(&s3.endpoint()).build().unwrap());
        let poller = match paginated {
            true => ObjectStorePoller::paginated(store),
            false => ObjectStorePoller::new(store),
        };
        let poller = poller.with_listing_concurrency(4).with_hold(1.0, u64::MAX);
        let mut reader = Self { s3, poller, known: BTreeMap::new(), asked: 0 };
        assert_eq!(reader.observe().await, (true, 0));
        reader
    }

    /// Observes. Returns whether that went well, in which case all is known, and how many parts were asked for.
    async fn observe(&mut self) -> (bool, usize) {
        let observed = observe(&mut self.poller).await;
        for event in observed.events {
            match event {
                ExternalEvent::Added(object) | ExternalEvent::Modified(object) => {
                    self.known.insert(object.path, object.size);
                }
                ExternalEvent::Removed(object) => {
                    self.known.remove(&object.path);
                }
            }
        }
        if observed.error.is_none() {
            let is_odd = |key: &str| key.contains("//") || key.starts_with('/');
            let mut good: BTreeMap<_, _> = self.s3.sizes().into_iter().collect();
            let all = good.len();
            good.retain(|key, _| !is_odd(key));
            assert_eq!(self.known, good);
            assert_eq!(self.poller.report().bad_items, (all - good.len()) as u64);
        }
        let asked = self.s3.asked().split_off(self.asked);
        self.asked += asked.len();
        let begins = |list: &List| list.start_after.is_some() && list.token.is_none();
        let is_part = |it: &&Asked| matches!(it, Asked::List(list) if begins(list));
        (observed.error.is_none(), asked.iter().filter(is_part).count())
    }

    fn change(&self, n: usize) {
        let sizes = self.s3.sizes();
        let key = |at: usize| sizes[at % sizes.len()].0.as_str();
        self.s3.put(key(n), "22");
        self.s3.put(&format!("{}new", key(n + 200)), "1");
        self.s3.delete(key(n + 400));
    }
}

fn key(n: usize) -> String {
    format!("A k+{n:03}")
}

#[tokio::test]
async fn a_bucket_is_listed_in_parts_also_as_a_whole_where_every_object_has_its_own_key() {
    for paginated in [true, false] {
        let mut reader = Reader::new(paginated, key).await;
        reader.change(0);
        assert_eq!(reader.observe().await, (true, 3), "{paginated}");
        assert_eq!(reader.observe().await, (true, 3), "{paginated}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_to_begin_after_a_key_is_listed_as_a_whole_in_the_same_poll() {
    for status in [400, 403, 404, 405, 501] {
        let mut reader = Reader::new(true, key).await;
        let refused = Listing { start_after: Parameter::Refused(status), ..Listing::pages_of(100) };
        reader.s3.lists(refused);
        reader.change(0);
        let (is_well, parts) = reader.observe().await;
        assert!(is_well && parts > 0, "{status}");
        reader.change(100);
        assert_eq!(reader.observe().await, (true, 0), "{status}");
    }
}

#[tokio::test]
async fn a_server_that_begins_elsewhere_is_listed_as_a_whole_from_then_on() {
    let starts = |start_after| Listing { start_after, ..Listing::pages_of(100) };
    for listing in [
        starts(Parameter::Ignored),
        starts(Parameter::PlusIsLiteral),
        starts(Parameter::DecodedTwice),
        starts(Parameter::LowerCased),
        starts(Parameter::Cut(4)),
        Listing { starts: Starts::Empty, ..Listing::pages_of(100) },
    ] {
        for paginated in [true, false] {
            let mut reader = Reader::new(paginated, key).await;
            reader.s3.lists(listing);
            reader.change(0);
            let (is_well, parts) = reader.observe().await;
            assert!(is_well && parts > 0, "{listing:?}");
            reader.change(100);
            assert_eq!(reader.observe().await, (true, 0), "{listing:?}");
        }
    }
}

#[tokio::test]
async fn a_server_that_begins_with_the_key_itself_is_given_up_as_well() {
    let mut reader = Reader::new(true, key).await;
    reader.s3.lists(Listing { starts: Starts::At, ..Listing::pages_of(100) });
    reader.change(0);
    assert!(reader.observe().await.0);
    assert_eq!(reader.observe().await, (true, 0));
}

#[tokio::test]
async fn parts_that_fail_twice_where_the_whole_does_not_are_given_up() {
    let mut reader = Reader::new(true, key).await;
    let fails = Listing { start_after: Parameter::Refused(500), ..Listing::pages_of(100) };
    reader.s3.lists(fails);
    let mut well = Vec::new();
    for n in 0..6 {
        reader.change(n * 7);
        let (is_well, parts) = reader.observe().await;
        well.push((is_well, parts > 0));
    }
    let (failed, whole) = ((false, true), (true, false));
    assert_eq!(well, [failed, whole, failed, whole, whole, whole]);
}

#[tokio::test]
async fn an_outage_does_not_end_parts() {
    let mut reader = Reader::new(true, key).await;
    for status in [500, 403, 503, 403] {
        reader.s3.spoil(Op::List, .., move |_| error(status, "SlowDown"));
        for _ in 0..3 {
            assert!(!reader.observe().await.0, "{status}");
        }
        reader.s3.heal();
        reader.change(0);
        assert!(reader.observe().await.0, "{status}");
        assert_eq!(reader.observe().await, (true, 3), "{status}");
    }
}

#[tokio::test]
async fn a_removed_key_at_the_begin_of_a_part_does_not_end_parts() {
    let mut reader = Reader::new(true, key).await;
    for n in 0..3 {
        // One of them is the key that a part has to begin with.
        (0..150).for_each(|at| reader.s3.delete(&key(n * 150 + at)));
        assert!(reader.observe().await.0);
        (0..150).for_each(|at| reader.s3.put(&key(n * 150 + at), "1"));
        assert!(reader.observe().await.0);
        assert_eq!(reader.observe().await, (true, 3));
    }
}

#[tokio::test]
async fn a_listing_in_an_order_of_its_own_is_complete() {
    for order in [Order::Shuffled(3), Order::Reversed] {
        let mut reader = Reader::new(true, key).await;
        reader.s3.lists(Listing::pages_of(100).in_order(order));
        for n in 0..3 {
            reader.change(n * 50);
            assert!(reader.observe().await.0, "{order:?}");
        }
    }
}

#[tokio::test]
async fn keys_that_cannot_be_represented_are_reported_in_any_place_of_a_page_and_of_a_part() {
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    for paginated in [true, false] {
        let mut reader = Reader::new(paginated, key).await;
        for _ in 0..6 {
            reader.s3.lists(Listing::pages_of(random.usize(1..200)));
            for _ in 0..random.usize(0..15) {
                let n = random.usize(0..OBJECTS);
                let odd = random.choice(["//x", "//", "//../x"]).unwrap();
                reader.s3.put(&format!("{}{odd}", key(n)), "1");
                reader.s3.put(&format!("/{}", key(n)), "1");
            }
            reader.change(random.usize(0..OBJECTS));
            assert!(reader.observe().await.0);
        }
        assert_eq!(reader.observe().await, (true, 3));
    }
}
