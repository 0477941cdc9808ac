//! HTTP/2 connections that are mute, that end, and that carry long headers.

mod server;

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{ClientCredentials, SecretSource, WatcherBuilder, WatcherSpec};
use koprs_external::store::StoredObject;
use koprs_external::watcher::ExternalSource;
use tokio::time::Instant;

use self::server::{Answer, Server};
use super::stage::{declare, poll, source};

fn answer(body: impl Into<Bytes>) -> Answer {
    let answer = Response::builder().header("content-type", "application/json");
    answer.body(Full::new(body.into())).unwrap()
}

fn value(n: u32) -> Answer {
    answer(n.to_string())
}

/// A server, and what trusts it.
struct Stage {
    server: Server,
    files: tempfile::TempDir,
}

impl Stage {
    async fn new(protocols: &[&str]) -> Self {
        let stage =
            Self { server: Server::start(protocols).await, files: tempfile::tempdir().unwrap() };
        std::fs::write(stage.ca(), stage.server.authority.pem()).unwrap();
        stage
    }

    fn ca(&self) -> std::path::PathBuf {
        self.files.path().join("ca.pem")
    }

    fn declare(&self, path: &str) -> WatcherBuilder {
        declare(self.server.url(path)).tls_ca(self.ca())
    }

    fn source(&self, path: &str) -> DeclaredSource<u32> {
        source(self.declare(path))
    }

    /// Polls on a connection that is mute, with the clock stopped once the request was swallowed, so that the timeout
    /// passes in no time.
    async fn polls_a_mute_connection(&self, source: &mut DeclaredSource<u32>) -> String {
        let clock = async {
            self.server.swallowed().await;
            tokio::time::pause();
        };
        let (word, ()) = futures::join!(poll(source), clock);
        tokio::time::resume();
        word
    }
}

/// Lets time pass while nobody waits.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_connection_on_which_a_request_timed_out_is_not_used_again() {
    for protocol in ["h2", "http/1.1"] {
        let stage = Stage::new(&[protocol]).await;
        stage.server.set("/v", value(1));
        let mut source = stage.source("/v");
        assert_eq!(poll(&mut source).await, "+1", "{protocol}");
        stage.server.mute();
        assert_eq!(stage.polls_a_mute_connection(&mut source).await, "!timeout", "{protocol}");
        stage.server.set("/v", value(2));
        assert_eq!(poll(&mut source).await, "~2", "{protocol}");
        assert_eq!(stage.server.opened(), 2, "{protocol}");
        // From then on the new one is used.
        assert_eq!(poll(&mut source).await, ".", "{protocol}");
        assert_eq!(stage.server.opened(), 2, "{protocol}");
    }
}

#[tokio::test]
async fn a_mute_connection_costs_one_of_many_watchers_a_poll() {
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/v", value(1));
    let mut sources: Vec<_> = (0..5).map(|_| stage.source("/v")).collect();
    for source in &mut sources {
        assert_eq!(poll(source).await, "+1");
    }
    assert_eq!(stage.server.opened(), 1);
    stage.server.mute();
    assert_eq!(stage.polls_a_mute_connection(&mut sources[0]).await, "!timeout");
    for source in &mut sources {
        assert_eq!(poll(source).await, ".");
    }
    assert_eq!(stage.server.opened(), 2);
}

#[tokio::test]
async fn pings_find_a_mute_connection_before_a_poll_does() {
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/v", value(1));
    let mut source = stage.source("/v");
    assert_eq!(poll(&mut source).await, "+1");
    stage.server.mute();
    let began = Instant::now();
    pass(Duration::from_secs(21)).await;
    stage.server.swallowed().await;
    pass(Duration::from_secs(11)).await;
    stage.server.closed(1).await;
    // An idle connection is closed after 90 s in any case.
    assert!(began.elapsed() < Duration::from_secs(90), "{:?}", began.elapsed());
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(stage.server.opened(), 2);
}

#[tokio::test]
async fn requests_of_others_are_not_lost_when_a_connection_is_given_up() {
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/slow", value(1));
    stage.server.set("/v", value(1));
    let (mut slow, mut other) = (stage.source("/slow"), stage.source("/v"));
    assert_eq!(poll(&mut slow).await, "+1");
    assert_eq!(poll(&mut other).await, "+1");
    // A watcher goes away in the middle of a request.
    stage.server.hold("/slow");
    let mut gone = stage.source("/slow");
    tokio::select! {
        _ = gone.poll() => panic!("it is not answered"),
        () = stage.server.came(3) => {}
    }
    assert_eq!(poll(&mut other).await, ".");
    assert_eq!(stage.server.opened(), 2, "the others have a new connection");
    assert_eq!(stage.server.requests().len(), 4, "nothing is sent twice");
}

#[tokio::test]
async fn a_request_under_way_on_the_old_connection_is_answered() {
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/v", value(1));
    let mut held = stage.source("/held");
    let mut gone = stage.source("/gone");
    let held_poll = poll(&mut held);
    let rest = async {
        stage.server.came(1).await;
        tokio::select! {
            _ = gone.poll() => panic!("it is not answered"),
            () = stage.server.came(2) => {}
        }
        let mut other = stage.source("/v");
        assert_eq!(poll(&mut other).await, "+1");
        assert_eq!(stage.server.opened(), 2);
        stage.server.set("/held", value(7));
    };
    let (word, ()) = futures::join!(held_poll, rest);
    assert_eq!(word, "+7");
}

#[tokio::test]
async fn a_server_that_says_goodbye_fails_no_poll() {
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/v", value(1));
    let mut source = stage.source("/v");
    assert_eq!(poll(&mut source).await, "+1");
    stage.server.leave();
    stage.server.closed(1).await;
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(stage.server.opened(), 2);
}

#[tokio::test]
async fn header_limit_holds_for_http_2() {
    let stage = Stage::new(&["h2"]).await;
    let headers = |count: usize, length: usize| {
        let mut answer = answer("1");
        for n in 0..count {
            let name = format!("x-{n}").parse::<http::HeaderName>().unwrap();
            answer.headers_mut().insert(name, "v".repeat(length).parse().unwrap());
        }
        answer
    };
    let cases = [
        ("20 KiB in one", headers(1, 20 * 1024), "+1"),
        ("60 KiB in one", headers(1, 60 * 1024), "+1"),
        ("many short ones", headers(4000, 4), "+1"),
        ("100 KiB in one", headers(1, 100 * 1024), "!headers"),
        ("100 KiB in many", headers(1000, 100), "!headers"),
    ];
    for (what, says, expected) in cases {
        stage.server.set("/v", says);
        let mut source = stage.source("/v");
        let polled = source.poll().await;
        match expected {
            "+1" => assert_eq!(polled.unwrap().len(), 1, "{what}"),
            _ => {
                let error = polled.unwrap_err().to_string();
                assert!(error.contains("`header_limit`, 65536 bytes"), "{what}: {error}");
            }
        }
    }
    stage.server.set("/v", headers(1, 200 * 1024));
    let mut source = source::<u32>(stage.declare("/v").header_limit(256 * 1024));
    assert_eq!(poll(&mut source).await, "+1");
    stage.server.set("/v", headers(2, 600 * 1024));
    let error = source.poll().await.unwrap_err().to_string();
    assert!(error.contains("headers"), "{error}");
}

#[tokio::test]
async fn a_token_endpoint_on_a_mute_connection_is_asked_on_another_one() {
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/v", value(1));
    stage.server.set("/token", answer(r#"{"access_token":"token","expires_in":60}"#));
    let secret = SecretSource::Value("secret".into());
    let tokens = ClientCredentials::new(stage.server.url("/token"), "operator", secret);
    let mut source = source::<u32>(stage.declare("/v").oauth2(tokens));
    assert_eq!(poll(&mut source).await, "+1");
    stage.server.mute();
    pass(Duration::from_secs(61)).await;
    stage.server.mute();
    let word = stage.polls_a_mute_connection(&mut source).await;
    assert!(word.starts_with('!'), "{word}");
    pass(Duration::from_secs(2)).await;
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(stage.server.requests().last().unwrap(), "HTTP/2.0 /v");
}

#[tokio::test]
async fn a_store_on_a_mute_connection_is_listed_on_another_one() {
    const BUCKET: &str = "<ListBucketResult><Name>models</Name><KeyCount>1</KeyCount>\
        <IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size>\
        <LastModified>2026-01-01T00:00:00Z</LastModified><ETag>&quot;1&quot;</ETag></Contents></ListBucketResult>";
    let stage = Stage::new(&["h2"]).await;
    stage.server.set("/models", answer(BUCKET));
    let endpoint = stage.server.url("");
    let options = [
        ("aws_endpoint", endpoint.as_str()),
        ("aws_access_key_id", "key"),
        ("aws_secret_access_key", "secret"),
        ("aws_allow_invalid_certificates", "true"),
        ("aws_http1_only", "false"),
    ];
    let spec = WatcherSpec::object_store("models", "s3://models");
    let spec = options
        .into_iter()
        .fold(spec, |spec, (name, value)| spec.option(name, SecretSource::Value(value.into())));
    let spec = spec.interval(Duration::from_secs(60)).build().unwrap();
    let mut source = DeclaredSource::<StoredObject>::new(spec).unwrap();
    assert_eq!(source.poll().await.unwrap().len(), 1);
    stage.server.mute();
    let clock = async {
        stage.server.swallowed().await;
        tokio::time::pause();
        // A little longer than the timeout of a request; it is tried again within the poll.
        tokio::time::sleep(Duration::from_millis(30_100)).await;
        tokio::time::resume();
    };
    let (polled, ()) = futures::join!(source.poll(), clock);
    assert_eq!(polled.unwrap().len(), 0);
    assert_eq!(stage.server.opened(), 2);
    assert!(stage.server.requests().iter().all(|request| request == "HTTP/2.0 /models"));
}
