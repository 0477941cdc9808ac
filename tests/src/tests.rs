//! The server through the eyes of a raw TCP client.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::{Reply, Server};

struct Client(TcpStream);

impl Client {
    async fn to(server: &Server) -> Self {
        Self(TcpStream::connect(server.address()).await.unwrap())
    }

    async fn send(&mut self, request: &str) {
        self.0.write_all(request.as_bytes()).await.unwrap();
    }

    async fn get(&mut self, path: &str, headers: &str) {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: x\r\n{headers}\r\n")).await;
    }

    /// Reads until what has arrived ends with `end`.
    async fn until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            text.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(text).unwrap()
    }

    async fn rest(&mut self) -> String {
        let mut text = String::new();
        self.0.read_to_string(&mut text).await.unwrap();
        text
    }

    async fn is_silent(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(30), self.0.read_u8()).await.is_err()
    }
}

/// What a fresh connection reads until its end, when `/` answers `reply`.
async fn whole(reply: Reply) -> String {
    let server = Server::start().await;
    server.set("/", reply);
    let mut client = Client::to(&server).await;
    client.get("/", "").await;
    client.rest().await
}

#[tokio::test]
async fn a_connection_is_kept_alive_and_requests_are_recorded() {
    let server = Server::start().await;
    server.set("/a", Reply::text("one").header("x-note", "n"));
    let mut client = Client::to(&server).await;
    client.get("/a?q=1", "x-k: v\r\n").await;
    let answer = client.until("one").await;
    assert_eq!(
        answer,
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain; charset=utf-8\r\nx-note: n\r\n\
         content-length: 3\r\n\r\none"
    );
    client.send("POST /b HTTP/1.1\r\ncontent-length: 4\r\n\r\nbody").await;
    assert!(client.until("\r\n\r\n").await.starts_with("HTTP/1.1 404 Not Found\r\n"));

    let (first, second) = (server.request(0).await, server.request(1).await);
    assert_eq!((first.path(), first.query()), ("/a", Some("q=1")));
    assert_eq!(first.header("x-k"), Some("v"));
    assert_eq!((second.method.as_str(), &second.body[..]), ("POST", &b"body"[..]));
    assert_eq!((first.connection, second.connection, server.connections()), (1, 1, 1));
    assert_eq!((server.hits("/a"), server.hits("/a?q=1"), server.hits("/c")), (1, 1, 0));
    drop(client);
    server.wait_until_idle().await;
}

#[tokio::test]
async fn requests_sent_ahead_and_in_chunks_are_read_one_by_one() {
    let server = Server::start().await;
    let mut client = Client::to(&server).await;
    client
        .send(
            "POST /a HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n\
             0\r\n\r\nGET http://other/b HTTP/1.1\r\nconnection: close\r\n\r\n",
        )
        .await;
    assert_eq!(client.rest().await.matches("404").count(), 2);
    assert_eq!(server.requests()[0].body, "abc0123456789");
    assert_eq!(server.requests()[1].path(), "/b");
}

#[tokio::test]
async fn validators_are_answered_with_304() {
    const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
    let server = Server::start().await;
    let reply = Reply::json("{}").etag("\"v1\"").last_modified(DATE).header("x-poll", "9");
    server.set("/", reply.clone());
    server.set("/always", reply.clone().unconditional());
    server.set("/broken", reply.status_code(500));
    let mut client = Client::to(&server).await;
    for (path, validators, status) in [
        ("/", "if-none-match: W/\"v1\"\r\n".to_owned(), "304"),
        ("/", "if-none-match: \"v0\"\r\nif-none-match: \"v1\"\r\n".to_owned(), "304"),
        ("/", format!("if-modified-since: {DATE}\r\n"), "304"),
        ("/", format!("if-none-match: \"v0\"\r\nif-modified-since: {DATE}\r\n"), "200"),
        ("/", String::new(), "200"),
        ("/always", "if-none-match: *\r\n".to_owned(), "200"),
        ("/broken", "if-none-match: *\r\n".to_owned(), "500"),
    ] {
        client.get(path, &validators).await;
        let head = client.until("\r\n\r\n").await;
        assert_eq!(head.split(' ').nth(1), Some(status), "{path} {validators}");
        assert!(head.contains("etag: \"v1\"\r\n") && head.contains("x-poll: 9\r\n"));
        assert_eq!(head.contains("content-"), status != "304");
        if status != "304" {
            client.until("{}").await;
        }
    }
}

#[tokio::test]
async fn queued_replies_go_first_and_in_order() {
    let server = Server::start().await;
    server.set("/a", Reply::text("path."));
    server.set("/a?p=2", Reply::text("query."));
    server.queue("/a", [Reply::text("first."), Reply::text("second.")]);
    let mut client = Client::to(&server).await;
    for (path, body) in
        [("/a", "first."), ("/a?p=2", "second."), ("/a?p=2", "query."), ("/a?p=3", "path.")]
    {
        client.get(path, "").await;
        client.until(body).await;
    }
}

#[tokio::test]
async fn a_function_answers_by_the_request() {
    let server = Server::start().await;
    server.fallback(Reply::with(|request| match request.header("authorization") {
        Some("Bearer t") => Reply::redirect(307, "/in"),
        _ => Reply::status(401),
    }));
    let mut client = Client::to(&server).await;
    client.get("/", "").await;
    assert!(client.until("\r\n\r\n").await.starts_with("HTTP/1.1 401"));
    client.get("/", "authorization: Bearer t\r\n").await;
    assert!(client.until("\r\n\r\n").await.contains("307 Temporary Redirect\r\nlocation: /in\r\n"));
}

#[tokio::test]
async fn faults_end_the_connection_in_their_own_way() {
    let server = Server::start().await;
    let resets = [Reply::reset(), Reply::text("body").reset_after(0)];
    server.queue("/reset", resets);
    for _ in 0..2 {
        let mut client = Client::to(&server).await;
        client.get("/reset", "").await;
        let error = client.0.read_to_end(&mut Vec::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    assert_eq!(whole(Reply::close()).await, "");
    assert_eq!(whole(Reply::garbage("\x01\x02")).await, "\x01\x02");
}

#[tokio::test]
async fn a_body_can_end_early_or_without_notice() {
    let cut = whole(Reply::text("0123456789").truncate(4)).await;
    assert!(cut.contains("content-length: 10\r\n") && cut.ends_with("\r\n\r\n0123"));
    let cut = whole(Reply::text("0123456789").chunked().truncate(4)).await;
    assert!(cut.ends_with("\r\n\r\n4\r\n0123\r\n"));
    let closed = whole(Reply::text("all").close_after()).await;
    assert!(!closed.contains("connection") && closed.ends_with("\r\n\r\nall"));
    let unsized_ = whole(Reply::text("all").no_length()).await;
    assert!(!unsized_.contains("content-length") && unsized_.ends_with("\r\n\r\nall"));
    let lie = whole(Reply::text("all").header("content-length", "9").close_after()).await;
    assert!(lie.contains("content-length: 9\r\n\r\nall"));
}

#[tokio::test]
async fn a_stalled_connection_stays_open_and_silent() {
    let server = Server::start().await;
    server.set("/all", Reply::stall());
    server.set("/some", Reply::text("0123456789").stall_after(4));
    let mut client = Client::to(&server).await;
    client.get("/some", "").await;
    client.until("0123").await;
    assert!(client.is_silent().await);
    let mut other = Client::to(&server).await;
    other.get("/all", "").await;
    assert!(other.is_silent().await);
    assert_eq!(server.open_connections(), 2);
    drop((client, other));
    server.wait_until_idle().await;
}

#[tokio::test]
async fn bodies_are_chunked_slow_or_large() {
    let chunked = whole(Reply::text("hello").chunked().close_after()).await;
    assert!(chunked.ends_with("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"));
    let slow = Reply::text("hello").chunked().slow(2, Duration::from_millis(1)).close_after();
    assert!(whole(slow).await.ends_with("2\r\nhe\r\n2\r\nll\r\n1\r\no\r\n0\r\n\r\n"));
    let large = whole(Reply::text("abc").repeat(100_000).close_after()).await;
    let (head, body) = large.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-length: 300000"));
    assert!(body == "abc".repeat(100_000));
}

#[tokio::test]
async fn an_endless_body_ends_with_its_client() {
    let server = Server::start().await;
    server.set("/", Reply::text("abc").endless());
    let mut client = Client::to(&server).await;
    client.get("/", "").await;
    client.0.read_exact(&mut vec![0; 4 << 20]).await.unwrap();
    drop(client);
    server.wait_until_idle().await;
}

#[tokio::test]
async fn head_is_answered_without_a_body() {
    let server = Server::start().await;
    server.set("/", Reply::text("body"));
    let mut client = Client::to(&server).await;
    client.send("HEAD / HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert!(client.rest().await.ends_with("content-length: 4\r\n\r\n"));
}

#[tokio::test]
async fn a_stopped_server_refuses_and_can_start_again() {
    let server = Server::start().await;
    let address = server.address();
    let mut client = Client::to(&server).await;
    server.wait_for_connections(1).await;
    server.stop().await;
    assert_eq!(client.rest().await, "");
    let error = TcpStream::connect(address).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    Client::to(&Server::start_at(address).await).await;
}
