//! What a poller owes whoever follows a store, over every store.
//!
//! What a store cannot tell is in its [`Can`](super::stage::Can), and skipped here. Unless a test is about
//! that, another content has another size.

mod keys;

use futures::StreamExt;
use koprs_external::store::StoredObject;
use koprs_external::watcher::{ExternalEvent, ExternalSource};

pub(crate) use self::keys::*;
use super::stage::{Eyes, Rewrites, Stage};

/// The suite over these stages, a module a stage and a test a clause.
macro_rules! over {
    ($($name:ident: $stage:ty),* $(,)?) => {$(
        mod $name {
            use super::*;

            $crate::store::contract::clauses!($stage:
                what_is_there_is_added_and_only_changes_are_told,
                changes_of_all_kinds_are_told_at_once,
                an_event_tells_what_the_store_says_of_the_object,
                what_is_removed_is_told_as_it_was_last_seen,
                a_prefix_is_of_whole_segments,
                a_prefix_of_any_characters_is_taken_as_it_is,
                globs_say_what_is_followed,
                thousands_of_objects_are_seen_over_several_pages,
                keys_of_any_characters_are_told_as_they_are,
                a_key_without_a_path_is_reported_and_the_others_are_followed,
                objects_may_be_empty,
                an_object_that_comes_back_is_added_again,
                an_object_that_came_back_unseen_is_told_where_the_store_can_tell,
                other_content_of_the_same_size_is_told_where_the_store_can_tell,
                removals_of_more_than_half_are_held_until_three_listings_agree,
                removals_of_half_are_told_at_once,
                what_objects_hold_is_read_when_it_is_new_or_has_changed,
            );
        }
    )*};
}
pub(crate) use over;

macro_rules! clauses {
    ($stage:ty: $($clause:ident),* $(,)?) => {$(
        #[tokio::test]
        async fn $clause() {
            contract::$clause(&<$stage>::start().await).await;
        }
    )*};
}
pub(crate) use clauses;

pub(crate) async fn what_is_there_is_added_and_only_changes_are_told(stage: &impl Stage) {
    let mut eyes = Eyes::on(stage);
    eyes.see(".").await;
    stage.put_all(&["b", "a"]).await;
    eyes.see("+a +b").await;
    eyes.see(".").await;
    stage.put("b", "22").await;
    eyes.see("~b").await;
    eyes.see(".").await;
    stage.delete("a").await;
    eyes.see("-a").await;
    eyes.see(".").await;
}

pub(crate) async fn what_objects_hold_is_read_when_it_is_new_or_has_changed(stage: &impl Stage) {
    stage.put("a.json", "1").await;
    stage.put("b c+d%20é.json", "2").await;
    for poller in stage.pollers() {
        stage.put("a.json", "1").await;
        let mut source = poller.contents::<u32>();
        let mut seen = async |expected: &str| {
            let events = source.poll().await.unwrap();
            let words = events.iter().map(|event| match event {
                ExternalEvent::Added(it) => format!("+{}={}", it.path, it.value),
                ExternalEvent::Modified(it) => format!("~{}={}", it.path, it.value),
                ExternalEvent::Removed(it) => format!("-{}={}", it.path, it.value),
            });
            assert_eq!(words.collect::<Vec<_>>().join(" "), expected);
        };
        seen("+a.json=1 +b c+d%20é.json=2").await;
        seen("").await;
        stage.put("a.json", "11").await;
        seen("~a.json=11").await;
        stage.delete("a.json").await;
        seen("-a.json=11").await;
        stage.put("a.json", "11").await;
        seen("+a.json=11").await;
    }
}

pub(crate) async fn changes_of_all_kinds_are_told_at_once(stage: &impl Stage) {
    stage.put_all(&["a", "b", "c", "d/e"]).await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+a +b +c +d/e").await;
    stage.delete("b").await;
    stage.put("c", "22").await;
    stage.put("aa", "1").await;
    eyes.see("+aa -b ~c").await;
    eyes.see(".").await;
}

pub(crate) async fn an_event_tells_what_the_store_says_of_the_object(stage: &impl Stage) {
    let mut eyes = Eyes::on(stage);
    for content in ["1", "22"] {
        stage.put("d/a", content).await;
        let said = said(stage, "d/a").await;
        eyes.watch(|poller, observed| {
            let name = poller.name();
            let told: Vec<_> = observed.events.into_iter().map(ExternalEvent::into_value).collect();
            let [told] = &told[..] else { panic!("{name}: {told:?}") };
            assert_eq!((&told.path, told.size), (&said.path, said.size), "{name}");
            // Apache's is weak in the first second of a file.
            let strong = |etag: &Option<String>| {
                etag.as_deref().map(|it| it.trim_start_matches("W/").to_owned())
            };
            assert_eq!(strong(&told.etag), strong(&said.etag), "{name}");
            assert_eq!(told.last_modified, said.last_modified, "{name}");
            assert_eq!(told.etag.is_some(), stage.can().etags, "{name}");
        })
        .await;
    }
}

/// What a listing of the store itself says.
async fn said(stage: &impl Stage, key: &str) -> Said {
    let listed: Vec<_> = stage.store().list(None).collect().await;
    let listed = listed.into_iter().map(Result::unwrap);
    let meta = listed.into_iter().find(|it| it.location.as_ref() == key).expect("it is listed");
    Said {
        path: meta.location.to_string(),
        etag: meta.e_tag,
        size: meta.size,
        last_modified: meta.last_modified,
    }
}

struct Said {
    path: String,
    etag: Option<String>,
    size: u64,
    last_modified: chrono::DateTime<chrono::Utc>,
}

pub(crate) async fn what_is_removed_is_told_as_it_was_last_seen(stage: &impl Stage) {
    stage.put("a", "1").await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+a").await;
    stage.put("a", "22").await;
    let mut last: Vec<StoredObject> = Vec::new();
    eyes.watch(|_, observed| last.extend(only(observed.events))).await;
    stage.delete("a").await;
    let mut last = last.into_iter();
    eyes.watch(|poller, observed| {
        let removed = vec![ExternalEvent::Removed(last.next().expect("an object a poller"))];
        assert_eq!(observed.events, removed, "{}", poller.name());
    })
    .await;
}

fn only(events: Vec<ExternalEvent<StoredObject>>) -> Option<StoredObject> {
    assert_eq!(events.len(), 1, "{events:?}");
    events.into_iter().next().map(ExternalEvent::into_value)
}

pub(crate) async fn objects_may_be_empty(stage: &impl Stage) {
    stage.put("empty", "").await;
    stage.put("d/empty", "").await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+d/empty +empty").await;
    eyes.see(".").await;
    stage.put("empty", "1").await;
    eyes.see("~empty").await;
    stage.put("empty", "").await;
    eyes.see("~empty").await;
    stage.delete("empty").await;
    eyes.see("-empty").await;
}

pub(crate) async fn an_object_that_comes_back_is_added_again(stage: &impl Stage) {
    stage.put_all(&["a", "b"]).await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+a +b").await;
    for _ in 0..2 {
        stage.delete("a").await;
        eyes.see("-a").await;
        stage.put("a", "1").await;
        eyes.see("+a").await;
    }
}

pub(crate) async fn an_object_that_came_back_unseen_is_told_where_the_store_can_tell(
    stage: &impl Stage,
) {
    stage.put_all(&["a", "b"]).await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+a +b").await;
    stage.delete("a").await;
    stage.put("a", "1").await;
    match stage.can().rewrites {
        Rewrites::EachWrite => eyes.see("~a").await,
        Rewrites::OtherContent => eyes.see(".").await,
        Rewrites::ByTheClock => {}
    }
}

pub(crate) async fn other_content_of_the_same_size_is_told_where_the_store_can_tell(
    stage: &impl Stage,
) {
    if stage.can().rewrites == Rewrites::ByTheClock {
        return;
    }
    stage.put_all(&["a", "b"]).await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+a +b").await;
    for content in ["2", "3", "1"] {
        stage.put("a", content).await;
        eyes.see("~a").await;
    }
}

pub(crate) async fn removals_of_more_than_half_are_held_until_three_listings_agree(
    stage: &impl Stage,
) {
    let mut eyes = ten(stage).await;
    for key in &TEN[..6] {
        stage.delete(key).await;
    }
    for agreed in 1..3 {
        eyes.watch(|poller, observed| {
            let held = poller.report().held_removals.expect("removals that are held");
            assert_eq!(observed.words(), ".", "{}", poller.name());
            assert_eq!((held.items, held.of, held.agreed), (6, 10, agreed), "{}", poller.name());
        })
        .await;
    }
    eyes.see("-0 -1 -2 -3 -4 -5").await;
    eyes.see(".").await;
    eyes.watch(|poller, _| assert_eq!(poller.report().held_removals, None)).await;
}

pub(crate) async fn removals_of_half_are_told_at_once(stage: &impl Stage) {
    let mut eyes = ten(stage).await;
    for key in &TEN[..5] {
        stage.delete(key).await;
    }
    eyes.see("-0 -1 -2 -3 -4").await;
}

const TEN: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];

async fn ten(stage: &impl Stage) -> Eyes {
    stage.put_all(&TEN).await;
    let mut eyes = Eyes::on(stage);
    eyes.see("+0 +1 +2 +3 +4 +5 +6 +7 +8 +9").await;
    eyes
}
