//! The bucket of the scripted server, through a client that is not ours.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use koprs_external::store::object_store::list::{PaginatedListOptions, PaginatedListStore};
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt};
use koprs_external_tests::s3::{Asked, Get, Listing, Op, error, nothing};
use koprs_external_tests::store::{Order, Parameter, Tokens};

use super::stage::Stage;
use super::stages::Scripted;

/// The keys of a listing in their order, and the error that it ended with.
async fn listed(stage: &Scripted) -> (Vec<String>, Option<Error>) {
    let (mut keys, mut listing) = (Vec::new(), stage.store.list(None));
    while let Some(met) = listing.next().await {
        match met {
            Ok(meta) => keys.push(meta.location.to_string()),
            Err(error) => return (keys, Some(error)),
        }
    }
    (keys, None)
}

async fn with(keys: &[&str], listing: Listing) -> Scripted {
    let stage = Scripted::start().await;
    stage.put_all(keys).await;
    stage.s3.lists(listing);
    stage
}

#[tokio::test]
async fn it_lists_in_pages_with_the_metadata_of_its_objects() {
    let stage = with(&["a", "b", "c", "d", "e"], Listing::pages_of(2)).await;
    let (keys, error) = listed(&stage).await;
    assert_eq!(
        (keys.concat(), error.is_none(), stage.s3.count(Op::List)),
        ("abcde".into(), true, 3)
    );
    let written = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    stage.s3.touch("c", "\"<&>\"", written);
    let meta = stage.store.list(None).skip(2).next().await.unwrap().unwrap();
    assert_eq!((meta.e_tag.as_deref(), meta.size), (Some("\"<&>\""), 1));
    assert_eq!(meta.last_modified, chrono::DateTime::<chrono::Utc>::from(written));
}

#[tokio::test]
async fn a_listing_begins_after_a_key_and_keeps_to_a_prefix_and_a_size() {
    let stage = with(&["a/1", "a/2", "a/3", "a/4", "b"], Listing::pages_of(2)).await;
    let options = PaginatedListOptions {
        offset: Some("a/1".into()),
        max_keys: Some(1),
        ..PaginatedListOptions::default()
    };
    let page = stage.store.list_paginated(Some("a/"), options).await.unwrap();
    let keys: Vec<_> = page.result.objects.iter().map(|it| it.location.as_ref()).collect();
    assert_eq!((keys, page.page_token.as_deref()), (vec!["a/2"], Some("a/2")));
    let grouped = stage.store.list_with_delimiter(None).await.unwrap();
    assert_eq!((grouped.common_prefixes, grouped.objects.len()), (vec![Path::from("a")], 1));
    stage.s3.lists(Listing { start_after: Parameter::Ignored, ..Listing::pages_of(10) });
    let all = stage.store.list_with_offset(None, &Path::from("a/3")).count().await;
    assert_eq!(all, 5);
}

#[tokio::test]
async fn it_lists_out_of_order_and_repeats_itself() {
    let keys = ["a", "b", "c", "d", "e", "f", "g"];
    let stage = with(&keys, Listing::pages_of(2).in_order(Order::Shuffled(1))).await;
    let (shuffled, _) = listed(&stage).await;
    assert!(!shuffled.is_sorted(), "{shuffled:?}");
    assert_eq!(shuffled.iter().map(String::as_str).collect::<BTreeSet<_>>(), keys.into());
    stage.s3.lists(Listing::pages_of(3).with_tokens(Tokens::RepeatsLast));
    assert_eq!(listed(&stage).await.0.concat(), "abccdeefg");
}

#[tokio::test]
async fn pages_fail_as_they_are_told_to() {
    let stage = with(&["a", "b", "c"], Listing::pages_of(1)).await;
    for (status, code) in [(500, "InternalError"), (503, "SlowDown"), (403, "ExpiredToken")] {
        stage.s3.spoil(Op::List, 1..2, move |_| error(status, code));
        let (keys, error) = listed(&stage).await;
        assert_eq!(keys.concat(), "a");
        assert!(error.unwrap().to_string().contains(code), "{code}");
        assert_eq!(listed(&stage).await.0.concat(), "abc");
        stage.s3.heal();
    }
    stage.s3.spoil(Op::List, .., |_| nothing());
    assert_eq!(listed(&stage).await.0.concat(), "");
}

#[tokio::test]
async fn a_fault_may_write_to_the_bucket_between_two_pages() {
    let stage = with(&["a", "b", "c"], Listing::pages_of(1)).await;
    let s3 = stage.s3.clone();
    stage.s3.spoil(Op::List, ..1, move |reply| {
        s3.delete("b");
        s3.put("d", "1");
        reply
    });
    assert_eq!(listed(&stage).await.0.concat(), "acd");
}

#[tokio::test]
async fn objects_are_had_by_their_etag() {
    let stage = with(&["a b"], Listing::default()).await;
    let key = Path::from("a b");
    let etag = stage.store.head(&key).await.unwrap().e_tag;
    let matching = GetOptions { if_match: etag.clone(), ..GetOptions::default() };
    let content =
        stage.store.get_opts(&key, matching.clone()).await.unwrap().bytes().await.unwrap();
    assert_eq!(content, "1");
    stage.put("a b", "2").await;
    let changed = stage.store.get_opts(&key, matching).await.unwrap_err();
    assert!(matches!(changed, Error::Precondition { .. }), "{changed}");
    stage.delete("a b").await;
    let gone = stage.store.get(&key).await.unwrap_err();
    assert!(matches!(gone, Error::NotFound { .. }), "{gone}");
    let asked = stage.s3.asked();
    assert_eq!(asked[1], Asked::Get(Get { key: "a b".into(), if_match: etag }));
}

#[tokio::test]
async fn the_body_of_an_object_may_end_early() {
    let stage = Scripted::start().await;
    stage.put("a", "0123456789").await;
    stage.s3.spoil(Op::Get, .., |reply| reply.truncate(4));
    let cut = stage.store.get(&Path::from("a")).await.unwrap().bytes().await;
    assert!(cut.is_err(), "{cut:?}");
}

/// What the client makes of keys that it has no path for, where nobody reads which of them are left out: a page with one
/// of them fails as a whole, but the slash at the end of a folder's placeholder is cut off.
#[tokio::test]
async fn keys_of_any_kind_are_listed_and_the_client_takes_what_it_can() {
    for (key, path) in [
        ("a//b", None),
        ("a/../b", None),
        ("a/./b", None),
        ("a\u{7f}b", None),
        ("/lead", None),
        ("trail/", Some("trail")),
    ] {
        let (keys, error) = listed(&with(&[key], Listing::default()).await).await;
        assert_eq!(keys.first().map(String::as_str), path, "{key}");
        assert_eq!(error.is_some(), path.is_none(), "{key}: {error:?}");
    }
}
