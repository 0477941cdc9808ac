//! ETags that a store spells in one way and then in another.

use std::time::{Duration, SystemTime};

use koprs_external::watcher::ExternalSource;
use koprs_external_tests::Reply;
use koprs_external_tests::s3::{Asked, Op};

use super::stage::{Stage, observe};
use super::stages::Scripted;

/// The same tag, and at the end another one.
const SPELLINGS: [&str; 5] = [r#"W/"one""#, r#""one""#, r#"w/"one""#, "one", r#"W/"two""#];

fn written(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

#[tokio::test]
async fn a_weak_and_a_strong_form_of_one_etag_are_no_change() {
    let stage = Scripted::start().await;
    for poller in stage.pollers() {
        stage.put("a", "1").await;
        stage.s3.touch("a", SPELLINGS[0], written(0));
        let mut poller = poller;
        assert_eq!(observe(&mut poller).await.words(), "+a");
        for (etag, time) in SPELLINGS.into_iter().zip(0..) {
            stage.s3.touch("a", etag, written(time));
            let expected = if etag.contains("two") { "~a" } else { "." };
            assert_eq!(observe(&mut poller).await.words(), expected, "{etag}");
        }
    }
}

#[tokio::test]
async fn a_successor_compares_the_etags_of_its_predecessor_weakly() {
    let stage = Scripted::start().await;
    stage.put("a", "1").await;
    for (old, new, is_change) in [
        (r#"W/"one""#, r#""one""#, false),
        (r#""one""#, r#"W/"one""#, false),
        (r#"W/"one""#, r#"W/"two""#, true),
    ] {
        let [mut one, mut other] = stage.pollers().try_into().unwrap();
        stage.s3.touch("a", old, written(0));
        assert_eq!(observe(&mut one).await.words(), "+a");
        other.inherit(one.hand_over().unwrap()).unwrap();
        stage.s3.touch("a", new, written(0));
        let expected = if is_change { "~a" } else { "." };
        assert_eq!(observe(&mut other).await.words(), expected, "{old} {new}");
    }
}

#[tokio::test]
async fn an_object_with_a_weak_etag_is_read_without_a_condition_and_once() {
    for etag in [r#"W/"one""#, r#"w/"one""#] {
        let stage = Scripted::start().await;
        stage.put("a", "1").await;
        stage.s3.touch("a", etag, written(0));
        let [poller, _] = stage.pollers().try_into().unwrap();
        let mut contents = poller.contents::<u32>();
        assert_eq!(contents.poll().await.unwrap().len(), 1);
        stage.s3.touch("a", r#""one""#, written(0));
        assert_eq!(contents.poll().await.unwrap(), []);
        assert_eq!(stage.s3.count(Op::Get), 1, "{etag}");
        let gets = stage.s3.asked().into_iter().filter_map(|asked| match asked {
            Asked::Get(get) => Some(get.if_match),
            Asked::List(_) => None,
        });
        assert_eq!(gets.collect::<Vec<_>>(), [None], "{etag}");
    }
}

#[tokio::test]
async fn an_object_with_an_etag_that_no_header_can_carry_is_read_without_a_condition() {
    let stage = Scripted::start().await;
    for key in ["a", "b"] {
        stage.put(key, "1").await;
        stage.s3.touch(key, r#""one""#, written(0));
    }
    let entry = |key: &str, etag: &str| {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2024-01-01T00:00:00Z</LastModified><ETag>{etag}</ETag>\
             <Size>1</Size></Contents>"
        )
    };
    let entries = entry("a", r#""one&#10;two""#) + &entry("b", r#""one""#);
    let page = format!("<ListBucketResult>{entries}</ListBucketResult>");
    stage.s3.spoil(Op::List, .., move |_| Reply::bytes("application/xml", page.clone()));
    for poller in stage.pollers() {
        let before = stage.s3.asked().len();
        let mut contents = poller.contents::<u32>();
        assert_eq!(contents.poll().await.unwrap().len(), 2);
        let gets = stage.s3.asked().into_iter().skip(before).filter_map(|asked| match asked {
            Asked::Get(get) => Some((get.key, get.if_match.is_some())),
            Asked::List(_) => None,
        });
        let mut gets: Vec<_> = gets.collect();
        gets.sort();
        assert_eq!(gets, [("a".to_owned(), false), ("b".to_owned(), true)]);
    }
}

/// What a listing does not show and is there as before is an error, in whatever way its ETag is spelled.
#[tokio::test]
async fn a_listing_that_leaves_out_an_object_with_a_weak_etag_fails() {
    let stage = Scripted::start().await;
    stage.put("a", "1").await;
    stage.put("b", "1").await;
    stage.s3.touch("b", r#"W/"one""#, written(0));
    let [mut poller, _] = stage.pollers().try_into().unwrap();
    assert_eq!(observe(&mut poller).await.words(), "+a +b");
    stage.s3.touch("b", r#""one""#, written(0));
    stage.s3.spoil(Op::List, .., |_| koprs_external_tests::s3::nothing());
    let observed = observe(&mut poller).await;
    assert!(observed.error.is_some(), "{}", observed.words());
}
