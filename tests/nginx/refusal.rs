//! Statuses that are no value, and none of them a removal but 404 and 410.

use std::time::Duration;

use koprs_external::spec::SecretSource;
use koprs_external::watcher::{ExternalSource, Pace};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::nginx::Nginx;
use crate::{both, declare, poll, polls, source};

#[tokio::test]
async fn requests_beyond_a_rate_are_refused_and_nothing_is_removed() {
    for (status, word) in [("", "!503"), ("limit_req_status 429;", "!429")] {
        for kind in 0..2 {
            let server = format!("limit_req zone=requests; {status}");
            let mut nginx = Nginx::start(&server).await;
            nginx.write("v", "1");
            let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
            assert_eq!(polls(&mut *source, 3).await, format!("+1 {word} {word}"), "{kind}");
            nginx.conf("");
            nginx.reload().await;
            assert_eq!(polls(&mut *source, 1).await, ".", "{kind}");
        }
    }
}

#[tokio::test]
async fn connections_beyond_a_number_are_refused_and_nothing_is_removed() {
    let upstream = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = upstream.local_addr().unwrap();
    let slow = format!("location = /slow {{ proxy_pass http://{address}; }}");
    let mut nginx = Nginx::start(&format!("limit_conn connections 1; {slow}")).await;
    nginx.write("v", "1");
    let mut sources = both(&nginx.url("/v"));
    for (kind, source) in &mut sources {
        assert_eq!(polls(&mut **source, 1).await, "+1", "{kind}");
    }
    let mut other = TcpStream::connect(nginx.address()).await.unwrap();
    other.write_all(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\n").await.unwrap();
    let (mut held, _) = upstream.accept().await.unwrap();
    for (kind, source) in &mut sources {
        assert_eq!(polls(&mut **source, 2).await, "!503 !503", "{kind}");
    }
    drop(other);
    held.read_to_end(&mut Vec::new()).await.unwrap();
    for (kind, source) in &mut sources {
        assert_eq!(polls(&mut **source, 1).await, ".", "{kind}");
    }
}

#[tokio::test]
async fn a_server_in_maintenance_says_when_to_come_back() {
    let mut nginx = Nginx::start("").await;
    nginx.write("v", "1");
    let mut source = source::<u32>(declare(nginx.url("/v")));
    assert_eq!(poll(&mut source).await, "+1");
    nginx.conf("add_header Retry-After 7 always; location / { return 503; }");
    nginx.reload().await;
    let error = ExternalSource::poll(&mut source).await.unwrap_err();
    assert_eq!((error.status(), error.retry_after()), (Some(503), Some(Duration::from_secs(7))));
    assert!(matches!(source.pace(), Pace::NotBefore(_)));
    assert_eq!(poll(&mut source).await, "!throttled");
    nginx.conf("");
    nginx.reload().await;
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(8)).await;
    tokio::time::resume();
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(nginx.statuses(3).await, "200 503 304");
}

#[tokio::test]
async fn what_is_gone_for_good_is_removed_at_once() {
    for kind in 0..2 {
        let mut nginx = Nginx::start("").await;
        nginx.write("v", "1");
        let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
        assert_eq!(polls(&mut *source, 1).await, "+1", "{kind}");
        for status in ["400", "401", "403", "444", "500", "502"] {
            nginx.conf(&format!("location / {{ return {status}; }}"));
            nginx.reload().await;
            // 444 is an answer of nothing at all.
            let word = if status == "444" { "interrupted" } else { status };
            assert_eq!(polls(&mut *source, 2).await, format!("!{word} !{word}"), "{kind}");
        }
        nginx.conf("location / { return 410; }");
        nginx.reload().await;
        assert_eq!(polls(&mut *source, 2).await, "-1 .", "{kind}");
    }
}

#[tokio::test]
async fn a_password_is_changed_at_both_ends() {
    const BASIC: &str = "auth_basic realm; auth_basic_user_file passwords;";
    let mut nginx = Nginx::start(BASIC).await;
    let (server, ours) = (nginx.at("passwords"), nginx.at("password"));
    let set = |password: &str| {
        std::fs::write(&server, format!("us:{{PLAIN}}{password}\n")).unwrap();
    };
    nginx.write("v", "1");
    set("one");
    std::fs::write(&ours, "one").unwrap();
    let password = SecretSource::File(ours.clone());
    let mut source = source::<u32>(declare(nginx.url("/v")).basic("us", password));
    assert_eq!(polls(&mut source, 2).await, "+1 .");
    set("two");
    assert_eq!(polls(&mut source, 2).await, "!401 !401");
    std::fs::write(&ours, "two").unwrap();
    assert_eq!(polls(&mut source, 2).await, ". .");
    set("three");
    std::fs::write(&ours, "three").unwrap();
    assert_eq!(polls(&mut source, 1).await, ".");
    let statuses = nginx.statuses(9).await;
    assert_eq!(statuses, "200 304 401 401 401 200 304 401 200");
}
