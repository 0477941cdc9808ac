//! A server that consistently says that it is complete is believed. Objects that are known are looked up before they are
//! removed, so a listing that omits one of them is an error.

use koprs_external::declared::DeclaredSource;
use koprs_external::store::StoredObject;
use koprs_external::watcher::{ExternalSource, Pace};
use koprs_external_tests::s3::{Asked, Entries, Flags, KeyCount, Listing, S3, Version};
use koprs_external_tests::store::Parameter;

use super::s3::declared;
use crate::store::stage::{Eyes, Stage};
use crate::store::stages::Scripted;

const PAGES: Listing = Listing::pages_of(2);

/// Listings that show a part of the bucket `a` to `e`, and say that it is all of it; and the part.
fn lies() -> [(Listing, &'static str); 2] {
    let uncounted = Listing { key_count: KeyCount::Missing, ..PAGES };
    [
        (Listing { version: Version::One, flags: Flags::FalseWithToken, ..PAGES }, "+a +b"),
        (Listing { entries: Entries::FirstMissing, ..uncounted }, "+b +d"),
    ]
}

async fn bucket() -> Scripted {
    let stage = Scripted::start().await;
    stage.put_all(&["a", "b", "c", "d", "e"]).await;
    stage.s3.lists(PAGES);
    stage
}

#[tokio::test]
async fn a_server_that_consistently_says_that_it_is_complete_is_believed() {
    for (lie, shown) in lies() {
        assert!(lie.is_consistent_lie(), "{lie:?}");
        let stage = bucket().await;
        stage.s3.lists(lie);
        let mut eyes = Eyes::on(&stage);
        eyes.see(shown).await;
        eyes.see(".").await;
    }
}

#[tokio::test]
async fn a_known_object_that_exists_is_not_removed_when_a_listing_omits_it() {
    for (lie, _) in lies() {
        let stage = bucket().await;
        let mut eyes = Eyes::on(&stage);
        eyes.see("+a +b +c +d +e").await;
        stage.s3.lists(lie);
        for _ in 0..4 {
            eyes.fail().await;
        }
        stage.s3.lists(PAGES);
        stage.delete("c").await;
        eyes.see("-c").await;
    }
}

/// The bucket is large enough to be listed in parts by default.
#[tokio::test]
async fn a_declared_watcher_gives_up_parts_when_the_server_misreads_start_after() {
    for start_after in [Parameter::PlusIsLiteral, Parameter::Refused(403), Parameter::Ignored] {
        let s3 = S3::start().await;
        (0..2_100).for_each(|n| s3.put(&format!("k {n:04}"), "1"));
        s3.lists(Listing { start_after, ..Listing::default() });
        let mut source = declared(&s3, "");
        let mut seen = Vec::new();
        for poll in 0..4 {
            if poll == 2 {
                s3.put("k 0700", "22");
                s3.put("k 0700x", "1");
                s3.delete("k 1500");
            }
            seen.push(words(&mut source).await);
        }
        assert_eq!(seen[0].split('+').count(), 2_101);
        assert_eq!(seen[1..], ["", "~ k 0700 + k 0700x - k 1500", ""], "{start_after:?}");
        let before = starts(&s3);
        words(&mut source).await;
        assert_eq!(starts(&s3), before, "{start_after:?}: it is not given up");
    }
}

/// Observes once.
async fn words(source: &mut DeclaredSource<StoredObject>) -> String {
    let mut words = Vec::new();
    loop {
        let events = source.poll().await.unwrap();
        words.extend(events.into_iter().map(|it| it.map(|object| object.path).to_string()));
        if source.pace() != Pace::Now {
            return words.join(" ");
        }
    }
}

/// How many listings began after a key.
fn starts(s3: &S3) -> usize {
    let asked = s3.asked();
    asked.iter().filter(|it| matches!(it, Asked::List(it) if it.start_after.is_some())).count()
}
