//! The documented example: a client is brought, built by reqwest with its own crypto provider.

use koprs_external::http::HttpPoller;
use koprs_external::watcher::{ExternalEvent, ExternalSource};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

#[tokio::test]
async fn a_client_of_reqwests_defaults_can_be_brought() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/flags", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\non").await.unwrap();
        String::from_utf8(head).unwrap()
    });
    let client = reqwest::Client::builder().user_agent("mine").build().unwrap();
    let mut poller = HttpPoller::new(url).with_client(client).with_bearer_token("token");
    let events = poller.poll().await.unwrap();
    assert!(matches!(events.as_slice(), [ExternalEvent::Added(flags)] if flags.body == "on"));
    let head = server.await.unwrap();
    assert!(head.contains("user-agent: mine") && head.contains("Bearer token"), "{head}");
    // One that both of us built with TLS.
    let error = HttpPoller::new("https://127.0.0.1:1/").with_retries(0).poll().await.unwrap_err();
    assert!(error.is_retryable(), "{error}");
}
