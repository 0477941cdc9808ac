//! The connections of untrusted declarations: how many there are, and what becomes of a request that meets the end of one.

use tokio::time::{pause, resume, sleep};

use super::*;

#[tokio::test]
async fn untrusted_requests_wait_for_a_connection_and_fail_where_none_is_closed() {
    let stage = Stage::new().await;
    stage.outside.set("/v", Reply::json("1"));
    let reach = Reach::from(guard(names).with_connections(1));
    let declare = |host| declare(stage.url(host) + "/v").timeout(Duration::from_millis(300));
    let mut first = guarded::<u32>(declare("outside.example.com"), &reach);
    let mut other = guarded::<u32>(declare("both.example.com"), &reach);
    assert_eq!(first.poll().await.unwrap(), [ExternalEvent::Added(1)]);
    let Err(ExternalError::Http(error)) = other.poll().await else { panic!("there is room") };
    assert_eq!(error.kind(), HttpErrorKind::ConnectionLimit { limit: 1 });
    assert!(error.to_string().contains("all 1 connections"), "{error}");
    assert_eq!(stage.outside.connections(), 1);
    // The one that there is can be used.
    assert_eq!(first.poll().await.unwrap(), []);
    // It is closed once it was idle for some seconds.
    pause();
    sleep(Duration::from_secs(11)).await;
    resume();
    assert_eq!(other.poll().await.unwrap(), [ExternalEvent::Added(1)]);
    assert_eq!(stage.outside.connections(), 2);
}

/// A stage whose server answers these, then always the same. Says what the polls of a source come to, and how often it
/// was asked.
async fn play(
    replies: Vec<Reply>,
    declared: impl FnOnce(WatcherBuilder) -> WatcherBuilder,
) -> (Vec<Result<Vec<ExternalEvent<u32>>>>, usize) {
    let stage = Stage::new().await;
    stage.outside.queue("/v", replies);
    stage.outside.set("/v", Reply::json("1"));
    let declare = declared(declare(stage.url("outside.example.com") + "/v"));
    let mut source = guarded::<u32>(declare, &reach(names));
    let polled = vec![source.poll().await, source.poll().await];
    (polled, stage.outside.hits("/v"))
}

#[tokio::test]
async fn a_request_that_meets_the_end_of_a_used_connection_is_sent_once_more() {
    for end in [Reply::close(), Reply::reset()] {
        let (polled, asked) = play(vec![Reply::json("1"), end], |it| it.retries(0)).await;
        let polled: Vec<_> = polled.into_iter().map(Result::unwrap).collect();
        assert_eq!((polled, asked), (vec![vec![ExternalEvent::Added(1)], vec![]], 3));
    }
}

#[tokio::test]
async fn a_new_connection_that_ends_is_concealed_and_not_asked_again() {
    let (mut polled, asked) = play(vec![Reply::close()], |it| it.retries(2)).await;
    assert_eq!((polled.pop().unwrap().unwrap(), asked), (vec![ExternalEvent::Added(1)], 2));
    refused(polled.pop().unwrap());
}

#[tokio::test]
async fn what_was_answered_in_part_is_concealed_and_not_asked_again() {
    let replies = vec![Reply::json("1"), Reply::garbage("HTTP/1.1 2")];
    let (mut polled, asked) = play(replies, |it| it.retries(2)).await;
    refused(polled.pop().unwrap());
    assert_eq!(asked, 2);
}

#[tokio::test]
async fn a_post_is_not_sent_again() {
    let post = |it: WatcherBuilder| it.method(crate::spec::Method::Post).retries(2);
    let (mut polled, asked) = play(vec![Reply::json("1"), Reply::close()], post).await;
    refused(polled.pop().unwrap());
    assert_eq!(asked, 2);
}
