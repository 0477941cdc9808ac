//! Promise 11: no request without an end. The clock is stopped once the server has the request, so that
//! ten seconds pass in none.

use std::time::Duration;

use koprs_external::error::ExternalError;
use koprs_external::http::HttpPoller;
use koprs_external_tests::Reply;
use tokio::time::Instant;

use super::stage::{Stage, declare, source, value};

fn stalls() -> [(&'static str, Reply); 6] {
    let digits = || Reply::json("0123456789");
    [
        ("before the head", Reply::stall()),
        ("after the head", digits().stall_after(0)),
        ("in the body", digits().stall_after(4)),
        ("in a chunked body", digits().chunked().stall_after(4)),
        ("in a body that ends with the connection", digits().no_length().stall_after(4)),
        ("a byte a second", digits().repeat(10).slow(1, Duration::from_secs(1))),
    ]
}

#[tokio::test]
async fn every_request_has_a_total_timeout_that_covers_the_body() {
    for (stall, reply) in stalls() {
        for mut stage in Stage::both().await {
            let began = Instant::now();
            assert_eq!(stage.waits_for(reply.clone()).await, "!timeout", "{stall}");
            let took = began.elapsed().as_secs();
            assert_eq!(took, 10, "{stall}, {}", stage.kind);
            // Who gives up goes away.
            stage.server.wait_until_idle().await;
            assert_eq!(stage.sees(value(1)).await, "+1", "{stall}, {}", stage.kind);
        }
    }
}

#[tokio::test]
async fn the_timeout_is_the_declared_one() {
    let declared = |url| source::<u32>(declare(url).timeout(Duration::from_secs(3)));
    let mut stage = Stage::of("declared", declared).await;
    let began = Instant::now();
    assert_eq!(stage.waits_for(Reply::stall()).await, "!timeout");
    assert_eq!(began.elapsed().as_secs(), 3);
    assert!(stage.error().to_string().contains("`timeout`, 3s"), "{}", stage.error());
}

#[tokio::test]
async fn the_timeout_of_a_client_of_ones_own_is_called_the_same() {
    let client =
        koprs_external_tests::client_builder().timeout(Duration::from_secs(3)).build().unwrap();
    for reply in [Reply::stall(), Reply::json("0123456789").stall_after(4)] {
        let bare = |url| HttpPoller::new(url).with_client(client.clone());
        let mut stage = Stage::of("bare", bare).await;
        assert_eq!(stage.waits_for(reply).await, "!timeout");
        assert!(matches!(stage.error(), ExternalError::Http(_)) && stage.error().is_retryable());
    }
}

#[tokio::test]
async fn a_client_of_ones_own_has_its_own_timeout_unless_another_is_set() {
    let slow = |limit| {
        koprs_external_tests::client_builder().timeout(Duration::from_secs(limit)).build().unwrap()
    };
    let limits = |limit| Duration::from_secs(limit);
    type Make = Box<dyn FnOnce(HttpPoller) -> HttpPoller>;
    let makes: [(Make, u64); 4] = [
        (Box::new(move |poller| poller.with_client(slow(45))), 45),
        (Box::new(move |poller| poller.with_client(slow(45)).with_timeout(limits(20))), 20),
        (Box::new(move |poller| poller.with_timeout(limits(20)).with_client(slow(45))), 20),
        (Box::new(move |poller| poller.with_timeout(limits(3))), 3),
    ];
    for (make, seconds) in makes {
        let mut stage = Stage::of("bare", |url| make(HttpPoller::new(url))).await;
        let began = Instant::now();
        assert_eq!(stage.waits_for(Reply::stall()).await, "!timeout");
        assert_eq!(began.elapsed().as_secs(), seconds);
    }
}

#[test]
fn a_declared_timeout_has_room_in_the_deadline_of_a_poll() {
    let deadline = |timeout| {
        let spec = declare("https://h/v").timeout(Duration::from_secs(timeout));
        source::<u32>(spec).config().deadline().as_secs()
    };
    assert_eq!((deadline(10), deadline(300)), (60, 330));
}

/// A connection that is not taken up is not refused either, once the queue of the listener is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn five_seconds_are_enough_to_connect() {
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || tokio::net::TcpStream::connect(address);
    let _queue = tokio::try_join!(connect(), connect()).unwrap();
    let mut poller = HttpPoller::new(format!("http://{address}/v"));
    tokio::time::pause();
    let began = Instant::now();
    assert_eq!(super::stage::poll(&mut poller).await, "!timeout");
    assert_eq!(began.elapsed().as_secs(), 5);
}
