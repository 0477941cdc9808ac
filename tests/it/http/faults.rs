//! What can go wrong with a socket, a row a fault: what it is called, whether the same request may
//! succeed by itself, and that it costs nothing.

use std::io::Write;

use koprs_external::error::{ExternalError, HttpErrorKind as Kind};
use koprs_external_tests::{Reply, Server};

use super::stage::{Stage, value};

const LIMIT: u64 = 8 * 1024 * 1024;
/// What the client reads of a head at most.
const HEAD_TOO_LARGE: Kind = Kind::HeadersTooLarge { limit: 408 * 1024 };
const LARGE: Kind = Kind::BodyTooLarge { limit: LIMIT };

/// A body in the encoding that its name says.
pub(super) fn encoded(encoding: &str, body: &[u8]) -> Reply {
    Reply::json(coded(encoding, body)).header("content-encoding", encoding)
}

pub(super) fn coded(encoding: &str, body: &[u8]) -> Vec<u8> {
    match encoding {
        "gzip" => {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
            encoder.write_all(body).unwrap();
            encoder.into_inner()
        }
        "zstd" => zstd::encode_all(body, 1).unwrap(),
        _ => body.to_vec(),
    }
}

/// A content that does not fit, in a few KiB.
pub(super) fn bomb(encoding: &str) -> Reply {
    encoded(encoding, &vec![b' '; usize::try_from(LIMIT).unwrap() + 1])
}

/// Faults that end by themselves.
pub(super) fn faults(elsewhere: &Server) -> Vec<(&'static str, Reply, Kind, bool)> {
    use Kind::{Connect, Interrupted, Redirect};
    let digits = || Reply::json("0123456789").etag("\"v2\"");
    let heads = "x-padding: 0123456789abcdef\r\n".repeat(100_000);
    let heads = format!("HTTP/1.1 200 OK\r\n{heads}\r\n");
    let huge = || Reply::json("0123456789abcdef").repeat(16 * 1024 * 1024);
    let nowhere = format!("http://{}.test/", "x".repeat(64));
    vec![
        ("a reset", Reply::reset(), Interrupted, true),
        ("a reset after the head", digits().reset_after(0), Interrupted, true),
        ("a reset in the body", digits().reset_after(4), Interrupted, true),
        ("closed without an answer", Reply::close(), Interrupted, true),
        ("closed after the head", digits().truncate(0), Interrupted, true),
        ("closed in the body", digits().truncate(9), Interrupted, true),
        ("closed in a chunked body", digits().chunked().truncate(4), Interrupted, true),
        ("reset in a chunked body", digits().chunked().reset_after(4), Interrupted, true),
        (
            "a length that is too long",
            digits().header("content-length", "11").close_after(),
            Interrupted,
            true,
        ),
        ("a length that is none", digits().header("content-length", "many"), Interrupted, true),
        ("a gzip body that is cut", encoded("gzip", b"1").truncate(12), Interrupted, true),
        ("a brotli body that is cut", encoded("br", b"1").truncate(2), Interrupted, true),
        ("a zstd body that is cut", encoded("zstd", b"1").truncate(5), Interrupted, true),
        ("a body that is no gzip", digits().header("content-encoding", "gzip"), Interrupted, true),
        ("a body that is no brotli", digits().header("content-encoding", "br"), Interrupted, true),
        ("a body that is no zstd", digits().header("content-encoding", "zstd"), Interrupted, true),
        ("garbage", Reply::garbage("\x01\x02\x03\x04"), Interrupted, true),
        ("another protocol", Reply::garbage("SSH-2.0-OpenSSH_9.6\r\n"), Interrupted, true),
        ("half a head", Reply::garbage("HTTP/1.1 200 OK\r\ncontent-le"), Interrupted, true),
        ("a head without an end", Reply::garbage(heads), HEAD_TOO_LARGE, false),
        ("256 MiB announced", huge(), LARGE, false),
        ("256 MiB in chunks", huge().chunked(), LARGE, false),
        ("256 MiB until it closes", huge().no_length(), LARGE, false),
        ("an endless body", digits().endless(), LARGE, false),
        ("a gzip bomb", bomb("gzip"), LARGE, false),
        ("a brotli bomb", bomb("br"), LARGE, false),
        ("a zstd bomb", bomb("zstd"), LARGE, false),
        ("a redirect to nowhere", Reply::redirect(302, &nowhere), Connect, true),
        ("a redirect loop", Reply::redirect(307, "/v"), Redirect, false),
        ("a redirect off the web", Reply::redirect(307, "file:///etc/passwd"), Redirect, false),
        (
            "a redirect to another origin that fails",
            Reply::redirect(307, &elsewhere.url("/503")),
            Kind::Status(503),
            true,
        ),
        ("an overload", Reply::status(503), Kind::Status(503), true),
        ("a refusal", Reply::status(403), Kind::Status(403), false),
        ("a 304 over nothing", Reply::status(304), Kind::UnexpectedNotModified, true),
    ]
}

/// Answers that never end; time passes for them.
fn stalls() -> Vec<(&'static str, Reply)> {
    let digits = || Reply::json("0123456789").etag("\"v2\"");
    vec![
        ("silence", Reply::stall()),
        ("silence after the head", digits().stall_after(0)),
        ("silence in the body", digits().stall_after(4)),
        ("silence in a chunked body", digits().chunked().stall_after(4)),
        ("silence in a gzip body", encoded("gzip", b"1").stall_after(12)),
    ]
}

fn called(stage: &Stage) -> (Kind, bool) {
    let error = stage.error();
    let ExternalError::Http(http) = error else {
        panic!("{error}");
    };
    (http.kind(), error.is_retryable())
}

/// Plays a fault between two sights of a value, and in the place of a first one.
async fn is_survived(fault: &str, reply: &Reply, kind: Kind, retryable: bool) {
    for mut stage in Stage::both().await {
        let bare_kind = stage.kind;
        // Without validators, so that the server has nothing to say 304 to.
        let one = || Reply::json("1");
        stage.sees(reply.clone()).await;
        assert_eq!(called(&stage), (kind, retryable), "first: {fault}, {bare_kind}");
        assert_eq!(stage.sees(one()).await, "+1", "{fault}, {bare_kind}");
        stage.sees(reply.clone()).await;
        assert_eq!(called(&stage), (kind, retryable), "then: {fault}, {bare_kind}");
        assert_eq!(stage.sees(one()).await, ".", "{fault}, {bare_kind}");
        stage.sees(reply.clone()).await;
        let words = stage.plays([value(2), value(2), Reply::status(410)]).await;
        assert_eq!(words, "~2 . -2", "{fault}, {bare_kind}");
    }
}

#[tokio::test]
async fn no_fault_of_a_socket_loses_an_event_or_removes_a_value() {
    let elsewhere = Server::start().await;
    elsewhere.set("/503", Reply::status(503));
    for (fault, reply, kind, retryable) in faults(&elsewhere) {
        is_survived(fault, &reply, kind, retryable).await;
    }
}

#[tokio::test]
async fn no_stall_of_a_socket_loses_an_event_or_removes_a_value() {
    for (fault, reply) in stalls() {
        for mut stage in Stage::both().await {
            assert_eq!(stage.waits_for(reply.clone()).await, "!timeout", "{fault}");
            assert_eq!(called(&stage), (Kind::Timeout, true), "{fault}");
            assert_eq!(stage.sees(value(1)).await, "+1", "{fault}, {}", stage.kind);
            assert_eq!(stage.waits_for(reply.clone()).await, "!timeout", "{fault}");
            let words = stage.plays([value(1), value(2), Reply::status(410)]).await;
            assert_eq!(words, ". ~2 -2", "{fault}, {}", stage.kind);
        }
    }
}

#[tokio::test]
async fn a_length_that_is_too_short_cuts_this_answer_and_spoils_no_other() {
    let mut stage = Stage::declared().await;
    let short = Reply::json("[1]").header("content-length", "1");
    let words = stage.plays([value(1), short.clone(), short, value(1), value(2)]).await;
    assert_eq!(words, "+1 !decode !decode . ~2");
}
