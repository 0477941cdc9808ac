//! Connections, and what comes over them.

use std::collections::BTreeSet;

use crate::nginx::Nginx;
use crate::{both, declare, polls, source};

#[tokio::test]
async fn a_connection_that_the_server_closes_is_followed_by_another() {
    for kind in 0..2 {
        let mut nginx = Nginx::start("keepalive_requests 2;").await;
        nginx.write("v", "1");
        let (kind, mut source) = both(&nginx.url("/v")).into_iter().nth(kind).unwrap();
        assert_eq!(polls(&mut *source, 6).await, "+1 . . . . .", "{kind}");
        let connections = nginx.log(6, "connection").await;
        assert_eq!(BTreeSet::from_iter(connections).len(), 3, "{kind}");
    }
}

#[tokio::test]
async fn a_large_file_is_an_error_however_it_is_sent() {
    for server in ["", "gzip on; gzip_types application/json;"] {
        let mut nginx = Nginx::start(server).await;
        nginx.write("v", "1");
        let mut sources = both(&nginx.url("/v"));
        for (kind, source) in &mut sources {
            assert_eq!(polls(&mut **source, 1).await, "+1", "{kind}");
        }
        nginx.write("v", vec![b' '; 9 << 20]);
        for (kind, source) in &mut sources {
            assert_eq!(polls(&mut **source, 2).await, "!large !large", "{kind} {server}");
        }
        nginx.write("v", "1");
        for (kind, source) in &mut sources {
            assert_eq!(polls(&mut **source, 1).await, ".", "{kind}");
        }
    }
}

#[tokio::test]
async fn slashes_in_a_row_are_asked_for_as_they_are_written() {
    let mut nginx = Nginx::start("").await;
    nginx.write("a/v", "1");
    for (kind, mut source) in both(&nginx.url("//a//v")) {
        assert_eq!(polls(&mut *source, 2).await, "+1 .", "{kind}");
    }
    assert_eq!(nginx.log(4, "request_uri").await, ["//a//v"; 4]);
}

#[tokio::test]
async fn a_unix_socket_is_listened_to() {
    let mut nginx = Nginx::start("listen ADDRESS; listen unix:DIR/socket;").await;
    nginx.write("v", "1");
    let declaration = declare("http://config/v").unix_socket(nginx.at("socket"));
    assert_eq!(polls(&mut source::<u32>(declaration), 2).await, "+1 .");
    assert_eq!(nginx.statuses(2).await, "200 304");
}
