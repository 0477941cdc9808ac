//! Validators of static files.

use std::time::{Duration, SystemTime};

use crate::nginx::Nginx;
use crate::{both, declare, polls, source};

#[tokio::test]
async fn a_file_is_followed_by_its_etag() {
    for kind in 0..2 {
        let mut nginx = Nginx::start("").await;
        nginx.write("v", "1");
        let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
        let source = &mut *source;
        assert_eq!(polls(source, 2).await, "+1 .", "{kind}");
        nginx.write("v", "2");
        assert_eq!(polls(source, 2).await, "~2 .", "{kind}");
        // Touched: a new `ETag` over the same content.
        nginx.write("v", "2");
        assert_eq!(polls(source, 2).await, ". .", "{kind}");
        nginx.write_older("v", "3");
        assert_eq!(polls(source, 2).await, "~3 .", "{kind}");
        assert_eq!(nginx.statuses(8).await, "200 304 200 304 200 304 200 304", "{kind}");
        nginx.remove("v");
        let gone = if kind == "bare" { "-3 ." } else { ". -3" };
        assert_eq!(polls(source, 2).await, gone, "{kind}");
        nginx.write("v", "3");
        assert_eq!(polls(source, 2).await, "+3 .", "{kind}");
        assert_eq!(nginx.statuses(12).await.split_off(32), "404 404 200 304", "{kind}");
        assert!(nginx.log(12, "http_range").await.iter().all(|range| range == "-"), "{kind}");
    }
}

#[tokio::test]
async fn a_file_that_is_written_twice_in_a_second_is_seen() {
    for kind in 0..2 {
        let nginx = Nginx::start("").await;
        let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
        // The `ETag` is the second and the length. A time to come is a second that is not over.
        let second = SystemTime::now() + Duration::from_secs(60);
        nginx.write_of("v", "1", second);
        assert_eq!(polls(&mut *source, 2).await, "+1 .", "{kind}");
        nginx.write_of("v", "2", second);
        assert_eq!(polls(&mut *source, 2).await, "~2 .", "{kind}");
        assert_eq!(nginx.statuses(4).await, "200 200 200 200", "{kind}");
    }
}

#[tokio::test]
async fn an_etag_that_compression_makes_weak_is_no_change() {
    const GZIP: &str = "gzip on; gzip_types application/json; gzip_min_length 1;";
    for kind in 0..2 {
        let mut nginx = Nginx::start("").await;
        nginx.write("v", "1");
        let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
        let source = &mut *source;
        assert_eq!(polls(source, 2).await, "+1 .", "{kind}");
        nginx.conf(GZIP);
        nginx.reload().await;
        assert_eq!(polls(source, 2).await, ". .", "{kind}");
        nginx.write("v", "2");
        assert_eq!(polls(source, 3).await, "~2 . .", "{kind}");
        nginx.write("v", "2");
        assert_eq!(polls(source, 2).await, ". .", "{kind}");
        nginx.conf("");
        nginx.reload().await;
        assert_eq!(polls(source, 2).await, ". .", "{kind}");
        let statuses = nginx.statuses(11).await;
        assert_eq!(statuses, "200 304 304 304 200 304 304 200 304 304 304", "{kind}");
        let weak: Vec<_> = nginx.log(11, "sent_http_etag").await;
        let weak: Vec<_> = (0..11).filter(|n| weak[*n].starts_with("W/")).collect();
        assert_eq!(weak, [4, 7], "{kind}");
    }
}

#[tokio::test]
async fn a_file_is_followed_by_its_date_alone() {
    let cases = [
        ("off", "+1 . .", "~2 . . . . . . . . ."),
        ("exact", "+1 . .", "~2 . . . . . . . . ."),
        // Older than the date that it is compared with: seen when it is asked for in full.
        ("before", "+1 . .", ". . . . . . . ~2 . ."),
    ];
    for (mode, first, older) in cases {
        for kind in 0..2 {
            let mut nginx = Nginx::start(&format!("etag off; if_modified_since {mode};")).await;
            nginx.write("v", "1");
            let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
            assert_eq!(polls(&mut *source, 3).await, first, "{mode} {kind}");
            nginx.write_older("v", "2");
            assert_eq!(polls(&mut *source, 10).await, older, "{mode} {kind}");
            nginx.write("v", "3");
            assert_eq!(polls(&mut *source, 2).await, "~3 .", "{mode} {kind}");
            let statuses = nginx.statuses(15).await;
            assert_eq!(statuses.contains("304"), mode != "off", "{mode} {kind}");
            assert!(nginx.log(15, "http_if_none_match").await.iter().all(|etag| etag == "-"));
        }
    }
}

#[tokio::test]
async fn a_part_that_was_not_asked_for_is_no_content() {
    let mut nginx = Nginx::start(
        "location = /part { proxy_pass http://ADDRESS/v; proxy_set_header Range bytes=0-0; }",
    )
    .await;
    nginx.write("v", "12");
    for (kind, mut source) in both(&nginx.url("/part")) {
        assert_eq!(polls(&mut *source, 1).await, "!206", "{kind}");
    }
}

#[tokio::test]
async fn a_page_in_place_of_what_is_not_there_is_no_value() {
    let mut nginx = Nginx::start("location / { try_files $uri /index.html; }").await;
    nginx.write("index.html", "<!doctype html>");
    nginx.write("v", "1");
    let mut source = source::<u32>(declare(nginx.url("/v")));
    assert_eq!(polls(&mut source, 1).await, "+1");
    nginx.remove("v");
    assert_eq!(polls(&mut source, 3).await, "!decode !decode !decode");
    nginx.write("v", "2");
    assert_eq!(polls(&mut source, 2).await, "~2 .");
}
