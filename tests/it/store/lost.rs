//! The store in memory that goes wrong, through its own interface.

use futures::{FutureExt, StreamExt};
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{Error, GetOptions, ObjectStore, ObjectStoreExt};

use super::faulty::{Fault, Faulty, Lost, put};
use super::stage::Stage;

#[tokio::test]
async fn its_objects_are_lost_as_they_are_told_to() {
    let store = Faulty::start().await;
    put(&store.inner, "a", "0123");
    let path = Path::from("a");
    for lost in [Lost::NotFound, Lost::Precondition, Lost::Generic] {
        store.lost(Some(lost));
        let error = store.get(&path).await.unwrap_err();
        let right = match lost {
            Lost::NotFound => matches!(error, Error::NotFound { .. }),
            Lost::Precondition => matches!(error, Error::Precondition { .. }),
            _ => matches!(error, Error::Generic { .. }),
        };
        assert!(right, "{lost:?}: {error}");
    }
    store.lost(Some(Lost::Short(2)));
    assert!(store.get(&path).await.unwrap().bytes().await.is_err());
    store.lost(Some(Lost::Stall));
    assert!(store.get(&path).now_or_never().is_none());
    store.lost(None);
    assert_eq!(store.get(&path).await.unwrap().bytes().await.unwrap(), "0123");
}

#[tokio::test]
async fn it_records_what_was_asked_for() {
    let store = Faulty::start().await;
    put(&store.inner, "a", "1");
    let options = GetOptions { if_match: Some("\"no\"".to_owned()), ..GetOptions::default() };
    let error = store.get_opts(&Path::from("a"), options).await.unwrap_err();
    assert!(matches!(error, Error::Precondition { .. }), "{error}");
    assert_eq!(store.gets(), [("a".to_owned(), Some("\"no\"".to_owned()))]);
}

#[tokio::test]
async fn its_listings_are_read_page_by_page() {
    let store = Faulty::start().await;
    store.put_all(&["a", "b", "c"]).await;
    store.between(|inner, page| {
        if page == 0 {
            put(inner, "bb", "1");
            put(inner, "aa", "1");
        }
    });
    store.faults([Fault::Reversed]);
    let listed = store.list(None).map(|it| it.unwrap().location.to_string());
    assert_eq!(listed.collect::<Vec<_>>().await.join(" "), "b a c bb");
}
