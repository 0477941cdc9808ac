//! Keys that are told under another name, `/a` as `a` and `d/` as `d`, beside objects of that name.

use std::collections::BTreeMap;
use std::sync::Arc;

use koprs_external::store::ObjectStorePoller;
use koprs_external::store::object_store::path::Path;
use koprs_external::watcher::ExternalSource;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;

use super::known::Known;
use super::paged::{Paged, State, Write, delete, put, told};
use super::stage::observe;

const S3: &str = "AmazonS3(bucket)";
const BELOW_P: [&str; 8] =
    ["p/a", "p/dir", "p/dir/", "p/dir-", "p/dir.txt", "p/dir/x", "p/dir0", "p/z/"];
const ROOTED: [&str; 6] = ["/lead", "lead", "/p/dir", "/z", "lead/", "lead.txt"];

#[derive(Clone, Debug)]
enum Step {
    Write(Write),
    Observe,
}

fn steps(keys: Vec<&'static str>) -> impl Strategy<Value = Vec<Step>> {
    let write = (select(keys), 0..4_u64).prop_map(|(key, size)| match size {
        0 => delete(key),
        _ if key.ends_with('/') => put(key, 0),
        size => put(key, size),
    });
    vec(prop_oneof![3 => write.prop_map(Step::Write), 2 => Just(Step::Observe)], 0..16)
}

/// What may be known of each path: the object of that name, and otherwise what is told under it.
fn meant(store: &Paged) -> BTreeMap<String, Vec<State>> {
    let mut meant = BTreeMap::<_, Vec<_>>::new();
    let objects = store.objects();
    for (key, state) in &objects {
        let path = Path::parse(key).unwrap().to_string();
        let state = objects.get(&path).unwrap_or(state);
        meant.entry(path).or_default().push(*state);
    }
    meant
}

async fn sees_all(
    store: Paged,
    mut poller: ObjectStorePoller,
    steps: Vec<Step>,
) -> Result<(), TestCaseError> {
    let mut known = Known::new();
    for step in steps.into_iter().chain([Step::Observe, Step::Observe]) {
        let Step::Write(write) = step else {
            for time in 0..3 {
                known.looks(store.paths().into_keys().collect());
                let observed = observe(&mut poller).await;
                prop_assert!(observed.error.is_none(), "{:?}", observed.error);
                prop_assert!(time < 2 || observed.events.is_empty(), "{}", observed.words());
                known.take(observed.events.into_iter().map(told))?;
                let meant = meant(&store);
                prop_assert!(known.objects.keys().eq(meant.keys()), "{:?}", known.objects);
                for (path, states) in meant {
                    // Where two have come to one name, the one that is meant is told by the next poll.
                    let known = known.objects[&path];
                    let may_wait = time == 0 && states.len() > 1;
                    prop_assert!(may_wait || states.contains(&known), "{}: {:?}", path, known);
                }
            }
            continue;
        };
        store.write(&write);
    }
    Ok(())
}

/// Has so many objects before them and behind them, so that ranges end in any place.
fn store(page_size: usize, before: usize) -> Paged {
    let store = Paged::new(S3, page_size);
    (0..before).for_each(|n| store.write(&put(format!("p/b{n:02}"), 1)));
    (before..30).for_each(|n| store.write(&put(format!("p/e{n:02}"), 1)));
    store
}

fn run(store: Paged, poller: ObjectStorePoller, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(sees_all(store, poller.with_hold(1.0, u64::MAX), steps))
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 2000, ..ProptestConfig::default() })]

    #[test]
    fn the_placeholder_of_a_folder_hides_no_object_of_its_name(
        paginated: bool,
        ranges in select(vec![1, 8, 30]),
        page_size in 1..9_usize,
        before in 0..30_usize,
        steps in steps(BELOW_P.to_vec()),
    ) {
        let store = store(page_size, before);
        let poller = match paginated {
            true => ObjectStorePoller::paginated(Arc::new(store.clone())),
            false => ObjectStorePoller::new(Arc::new(store.clone())),
        };
        run(store, poller.with_prefix("p").with_listing_concurrency(ranges), steps)?;
    }

    #[test]
    fn a_key_that_begins_with_a_slash_hides_no_object_of_its_name(
        paginated: bool,
        ranges in select(vec![1, 8, 30]),
        page_size in 1..9_usize,
        before in 0..30_usize,
        steps in steps([&BELOW_P[..], &ROOTED[..]].concat()),
    ) {
        let store = store(page_size, before);
        let poller = match paginated {
            true => ObjectStorePoller::paginated(Arc::new(store.clone())),
            false => ObjectStorePoller::new(Arc::new(store.clone())),
        };
        run(store, poller.with_listing_concurrency(ranges), steps)?;
    }
}

#[tokio::test]
async fn an_empty_object_beside_a_key_that_begins_with_a_slash_is_told_when_it_changes() {
    let store = Paged::new(S3, 7);
    store.write_all(&[put("/lead", 1), put("lead", 1)]);
    let pages = Arc::new(store.clone());
    for mut poller in
        [ObjectStorePoller::new(Arc::clone(&pages) as _), ObjectStorePoller::paginated(pages)]
    {
        observe(&mut poller).await;
        observe(&mut poller).await;
        for _ in 0..2 {
            store.write(&put("lead", 0));
            let told = [observe(&mut poller).await.words(), observe(&mut poller).await.words()];
            assert!(told.contains(&"~lead".to_owned()), "{}: {told:?}", poller.name());
        }
    }
}
