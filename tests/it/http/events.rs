//! Promises 1, 3 and 4.

use koprs_external_tests::Reply;

use super::stage::{Stage, value};

#[tokio::test]
async fn first_sight_is_added_a_change_is_modified_and_absence_is_removed_with_the_last_known_value()
 {
    for mut stage in Stage::both().await {
        let words = stage.plays([value(1), value(2), Reply::status(410), value(1)]).await;
        assert_eq!(words, "+1 ~2 -2 +1", "{}", stage.kind);
    }
}

#[tokio::test]
async fn no_change_is_no_event() {
    for mut stage in Stage::both().await {
        let gone = Reply::status(410);
        let words = stage.plays([gone.clone(), value(1), value(1), gone.clone(), gone]).await;
        assert_eq!(words, ". +1 . -1 .", "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_new_etag_over_the_same_content_is_not_a_change() {
    for mut stage in Stage::both().await {
        let words = stage.plays([value(1).etag("\"a\""), value(1).etag("\"b\"")]).await;
        assert_eq!(words, "+1 .", "{}", stage.kind);
        // The new one is what the next request asks with.
        assert_eq!(stage.poll().await, ".", "{}", stage.kind);
        assert_eq!(stage.validator(2).as_deref(), Some("\"b\""), "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_server_without_validators_works_as_well_as_one_with_them() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let dressings: [fn(Reply, u32) -> Reply; 4] = [
        |reply, _| reply,
        |reply, n| reply.etag(&format!("\"{n}\"")),
        |reply, n| reply.etag(&format!("W/\"{n}\"")).last_modified(DATE),
        |reply, _| reply.last_modified(DATE).unconditional(),
    ];
    for dress in dressings {
        for mut stage in Stage::both().await {
            let replies = [1, 1, 2, 2, 1].map(|n| dress(Reply::json(n.to_string()), n));
            assert_eq!(stage.plays(replies).await, "+1 . ~2 . ~1", "{}", stage.kind);
            assert_eq!(stage.sees(Reply::status(410)).await, "-1", "{}", stage.kind);
        }
    }
}

#[tokio::test]
async fn an_equal_etag_is_answered_304_and_costs_no_body() {
    for mut stage in Stage::both().await {
        // A body that nobody could take, was it sent.
        let words = stage.plays([value(1), value(1).repeat(1 << 40), value(2)]).await;
        assert_eq!(words, "+1 . ~2", "{}", stage.kind);
        assert_eq!(stage.validator(0), None, "{}", stage.kind);
        assert_eq!(stage.validator(1).as_deref(), Some("\"v1\""), "{}", stage.kind);
    }
}

#[tokio::test]
async fn an_event_is_never_lost_to_a_failure() {
    let mut stage = Stage::declared().await;
    let broken = Reply::json("{").etag("\"v2\"");
    let words = stage.plays([value(1), broken.clone(), broken, value(2), value(2)]).await;
    assert_eq!(words, "+1 !decode !decode ~2 .");
    // What could not be decoded is never asked for by its own validator: it would be a 304.
    let asked: Vec<_> = (0..5).map(|n| stage.validator(n)).collect();
    let asked: Vec<_> = asked.iter().map(Option::as_deref).collect();
    assert_eq!(asked, [None, Some("\"v1\""), Some("\"v1\""), Some("\"v1\""), Some("\"v2\"")]);
}

#[tokio::test]
async fn a_first_sight_that_cannot_be_decoded_is_asked_for_again_in_full() {
    let mut stage = Stage::declared().await;
    let broken = Reply::json("{").etag("\"v1\"");
    assert_eq!(stage.plays([broken.clone(), broken, value(1)]).await, "!decode !decode +1");
    assert_eq!((stage.validator(1), stage.validator(2)), (None, None));
}

#[tokio::test]
async fn a_body_that_breaks_off_leaves_the_validators_as_they_were() {
    for mut stage in Stage::both().await {
        let cut = Reply::json("22222").etag("\"v2\"").truncate(2);
        let words = stage.plays([value(1), cut, value(2)]).await;
        assert_eq!(words, "+1 !interrupted ~2", "{}", stage.kind);
        assert_eq!(stage.validator(2).as_deref(), Some("\"v1\""), "{}", stage.kind);
    }
}

#[tokio::test]
async fn a_change_within_the_second_of_last_modified_is_not_lost() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    const LATER: &str = "Sun, 06 Nov 1994 08:49:38 GMT";
    let reply = |n: u32, now| Reply::json(n.to_string()).last_modified(DATE).header("date", now);
    for mut stage in Stage::both().await {
        let words = stage.plays([reply(1, DATE), reply(2, DATE), reply(2, LATER)]).await;
        assert_eq!(words, "+1 ~2 .", "{}", stage.kind);
        // From then on the date is as good as an `ETag`.
        assert_eq!(stage.poll().await, ".", "{}", stage.kind);
        let sent = |n: usize| stage.server.requests()[n].header("if-modified-since").is_some();
        assert_eq!([0, 1, 2, 3].map(sent), [false, false, false, true], "{}", stage.kind);
    }
}
