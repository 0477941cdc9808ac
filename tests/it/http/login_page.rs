//! A page for people in the place of data, with the status 200: how a proxy asks for a login. No test here sees an
//! event for that.

use std::fmt::Debug;

use koprs_external::spec::{Format, Method, WatcherBuilder};
use koprs_external_tests::{Reply, Server};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::stage::{Shown, declare, poll, source};

type With = fn(WatcherBuilder) -> WatcherBuilder;

/// Polls through these replies: a sign an event, `!` a failed poll.
async fn plays<T>(with: With, replies: impl IntoIterator<Item = Reply>) -> String
where
    T: DeserializeOwned + Clone + Debug + Shown + Send + 'static,
{
    let server = Server::start().await;
    let mut source = source::<T>(with(declare(server.url("/v"))));
    let mut words = Vec::new();
    for reply in replies {
        server.set("/v", reply);
        let word = poll(&mut source).await;
        words.push(word.chars().next().unwrap_or('.'));
    }
    words.into_iter().collect()
}

fn html(body: &str) -> Reply {
    Reply::bytes("text/html; charset=utf-8", body.to_owned())
}

const LOGIN: &str = "<!DOCTYPE html>\n<form action=\"/login\"></form>";

#[tokio::test]
async fn a_login_page_in_the_place_of_a_text_is_a_failed_poll() {
    let declarations: [With; 2] = [
        |it| it.decode(Format::Text),
        |it| it.decode(Format::Text).method(Method::Post).json_body("{}"),
    ];
    for with in declarations {
        let replies =
            || [Reply::text("1"), html(LOGIN), html("out of order"), Reply::text("2"), html(LOGIN)];
        assert_eq!(plays::<String>(with, replies()).await, "+!!~!");
        // Where no content type is given, the body tells.
        let bare = |body: &str| Reply::status(200).body(body.to_owned());
        let replies = [bare("1"), bare(LOGIN), bare("<p>2"), Reply::text("3")];
        assert_eq!(plays::<String>(with, replies).await, "+!~~");
        let replies = [Reply::text("1"), Reply::status(410), html(LOGIN), Reply::text("2")];
        assert_eq!(plays::<String>(with, replies).await, "+-!+", "it outlives the value");
    }
}

#[tokio::test]
async fn a_page_is_followed_where_it_was_the_first_that_was_taken() {
    let text: With = |it| it.decode(Format::Text);
    let replies = [html("<p>1"), html("<p>1"), html("<p>2"), Reply::text("3"), html("<p>4")];
    assert_eq!(plays::<String>(text, replies).await, "+.~~~");
    let replies = [Reply::status(503), html("<p>1"), html("<p>2")];
    assert_eq!(plays::<String>(text, replies).await, "!+~");
}

#[tokio::test]
async fn a_login_page_takes_no_place_of_a_text_that_has_the_content_type_of_pages() {
    let text: With = |it| it.decode(Format::Text);
    let replies = [html("1.2.3"), html(LOGIN), html("1.2.4"), Reply::text("1.2.5"), html(LOGIN)];
    assert_eq!(plays::<String>(text, replies).await, "+!~~!");
}

#[tokio::test]
async fn a_declared_format_wins_over_the_content_type_of_a_page_unless_the_body_begins_as_one() {
    let json = || [html(r#" {"a":1}"#), html(LOGIN), html(""), html("[2]"), html("Log in!")];
    assert_eq!(plays::<Value>(|it| it.decode(Format::Json), json()).await, "+!!~!");
    assert_eq!(plays::<Value>(|it| it, json()).await, "!!!!!");
    let posted: With = |it| it.decode(Format::Json).method(Method::Post).json_body("{}");
    assert_eq!(plays::<Value>(posted, json()).await, "+!!~!");

    let rows: [(With, &str); 4] = [
        (|it| it.items("").key("/id").decode(Format::Json), r#"[{"id":"a"}]"#),
        (|it| it.items("").key("/id").decode(Format::Yaml), "- id: a"),
        (|it| it.items("").key("/id").decode(Format::Ndjson), r#"{"id":"a"}"#),
        (|it| it.items("").key("/id").decode(Format::Csv), "id\na\n"),
    ];
    for (with, list) in rows {
        let replies = [html(list), html(LOGIN), html(" \n"), html(list)];
        assert_eq!(plays::<Value>(with, replies).await, "+!!.", "{list}");
    }
}

/// Lines that are no items say nothing of the items that are known.
#[tokio::test]
async fn a_page_of_plain_words_in_the_place_of_lines_removes_nothing() {
    let lines: With = |it| it.items("").key("/id").decode(Format::Ndjson);
    let list = html("{\"id\":\"a\"}\n{\"id\":\"b\"}\n");
    let words = html("Please log in.\n");
    let seen = plays::<Value>(lines, [list.clone(), words.clone(), words, list]).await;
    assert!(!seen.contains(['-', '~']), "{seen}");
}
