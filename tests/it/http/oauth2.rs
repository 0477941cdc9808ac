//! OAuth 2.0 client credentials (RFC 6749 §4.4): how a token is asked for, who shares it, when it is renewed,
//! and what becomes of a poll without one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::spec::{ClientCredentials, SecretSource, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::{Recorded, Reply, Server};

use super::secrets::{Logs, is_clean, shown, told};
use super::stage::{declare, poll, source, value};
use super::token::pass;

const SECRET: &str = "s3cr3t &+";

/// A token endpoint that gives `s3cr3t-1`, `s3cr3t-2` and so on, and an API that takes them.
pub(super) struct Issuer {
    pub(super) server: Server,
}

impl Issuer {
    /// With more members in the answer: `,"expires_in":60`.
    pub(super) async fn giving(rest: &'static str) -> Self {
        let server = Server::start().await;
        server.set("/v", value(1));
        let issuer = Self { server };
        issuer.gives(rest);
        issuer
    }

    pub(super) fn gives(&self, rest: &'static str) {
        let given = Arc::new(AtomicU32::new(self.tokens().try_into().unwrap()));
        self.server.set(
            "/token",
            Reply::with(move |_| {
                let n = given.fetch_add(1, Ordering::Relaxed) + 1;
                Reply::json(format!(
                    r#"{{"access_token":"s3cr3t-{n}","token_type":"Bearer"{rest}}}"#
                ))
            }),
        );
    }

    /// The API takes this token alone.
    pub(super) fn takes(&self, n: u32) {
        let taken = format!("Bearer s3cr3t-{n}");
        self.server.set(
            "/v",
            Reply::with(move |request| {
                let known = request.header("authorization") == Some(taken.as_str());
                if known { value(1) } else { Reply::status(401) }
            }),
        );
    }

    pub(super) fn credentials(&self) -> ClientCredentials {
        let secret = SecretSource::Value(SECRET.into());
        ClientCredentials::new(self.server.url("/token"), "us", secret)
    }

    pub(super) fn declare(&self) -> WatcherBuilder {
        declare(self.server.url("/v")).retries(0).oauth2(self.credentials())
    }

    pub(super) fn source(&self) -> DeclaredSource<u32> {
        source(self.declare())
    }

    /// How many tokens were asked for.
    pub(super) fn tokens(&self) -> usize {
        self.server.hits("/token")
    }

    pub(super) fn polls(&self) -> Vec<Arc<Recorded>> {
        let requests = self.server.requests();
        requests.into_iter().filter(|request| request.path() == "/v").collect()
    }

    /// The tokens that were sent, by their number.
    pub(super) fn sent(&self) -> Vec<u32> {
        let number = |request: &Arc<Recorded>| {
            let sent = request.header("authorization")?.strip_prefix("Bearer s3cr3t-")?;
            sent.parse().ok()
        };
        self.polls().iter().map(|request| number(request).unwrap()).collect()
    }
}

async fn all(sources: &mut [DeclaredSource<u32>]) -> Vec<String> {
    join_all(sources.iter_mut().map(poll)).await
}

async fn fails(source: &mut DeclaredSource<u32>) -> ExternalError {
    source.poll().await.unwrap_err()
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_rfc_says_and_sent_as_a_bearer() {
    let issuer = Issuer::giving("").await;
    let credentials = issuer.credentials().scope("read").scope("write:all").audience("https://a/");
    let mut source = source::<u32>(declare(issuer.server.url("/v")).oauth2(credentials));
    assert_eq!(poll(&mut source).await, "+1");
    let asked = issuer.server.request(0).await;
    assert_eq!((asked.method.as_str(), asked.target()), ("POST", "/token"));
    // `us:s3cr3t+%26%2B`, each encoded as in a form first (§2.3.1).
    assert_eq!(asked.header("authorization"), Some("Basic dXM6czNjcjN0KyUyNiUyQg=="));
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(asked.header("accept"), Some("application/json"));
    let form = "grant_type=client_credentials&scope=read+write%3Aall&audience=https%3A%2F%2Fa%2F";
    assert_eq!(asked.body, form);
    assert_eq!(issuer.sent(), [1]);
}

#[tokio::test]
async fn watchers_of_one_declaration_share_one_token_and_one_request_for_it() {
    let issuer = Issuer::giving(r#","expires_in":3600"#).await;
    let mut sources: Vec<_> = (0..20).map(|_| issuer.source()).collect();
    assert_eq!(all(&mut sources).await, vec!["+1"; 20]);
    assert_eq!((issuer.tokens(), issuer.polls().len()), (1, 20));
    // Those of another declaration have another.
    let other = issuer.credentials().scope("other");
    assert_eq!(poll(&mut source::<u32>(issuer.declare().oauth2(other))).await, "+1");
    assert_eq!(issuer.tokens(), 2);
}

#[tokio::test]
async fn a_token_outlives_its_watchers_until_nobody_has_used_it_for_an_hour() {
    let issuer = Issuer::giving("").await;
    for (passed, tokens) in [(0, 1), (3590, 1), (3590, 1), (3601, 2)] {
        pass(passed).await;
        assert_eq!(poll(&mut issuer.source()).await, "+1");
        assert_eq!(issuer.tokens(), tokens, "{passed}");
    }
}

#[tokio::test]
async fn a_token_that_expires_while_nobody_has_it_is_not_sent() {
    let issuer = Issuer::giving(r#","expires_in":100"#).await;
    for (passed, tokens) in [(0, 1), (60, 1), (45, 2)] {
        pass(passed).await;
        assert_eq!(poll(&mut issuer.source()).await, "+1");
        assert_eq!(issuer.tokens(), tokens, "{passed}");
    }
    assert_eq!(issuer.sent(), [1, 1, 2]);
}

#[tokio::test]
async fn the_delay_of_a_token_endpoint_outlives_the_watchers() {
    for (header, text) in
        [("retry-after", "60"), ("retry-after", "soon"), ("retry-after-ms", "60000")]
    {
        let issuer = Issuer::giving("").await;
        issuer.server.set("/token", Reply::status(429).header(header, text));
        for _ in 0..3 {
            let error = fails(&mut issuer.source()).await;
            let wait = error.retry_after().unwrap();
            assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
        }
        assert_eq!(issuer.tokens(), 1, "{text}");
        issuer.gives("");
        pass(61).await;
        assert_eq!(poll(&mut issuer.source()).await, "+1");
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_expires() {
    let issuer = Issuer::giving(r#","expires_in":100"#).await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    pass(65).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 1));
    pass(6).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 2));
    assert_eq!(issuer.sent(), [1, 1, 2]);
}

#[tokio::test]
async fn a_token_that_lives_no_longer_than_the_margin_is_used_for_half_its_life() {
    let issuer = Issuer::giving(r#","expires_in":"30""#).await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    pass(12).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 1));
    pass(4).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 2));
}

#[tokio::test]
async fn a_token_without_an_end_is_used_until_a_401() {
    let issuer = Issuer::giving("").await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    pass(1_000_000).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 1));
    issuer.takes(2);
    assert_eq!(poll(&mut source).await, ".", "asked again with it in the same poll");
    assert_eq!((issuer.sent(), issuer.tokens()), (vec![1, 1, 1, 2], 2));
}

#[tokio::test]
async fn a_token_that_is_refused_to_all_is_renewed_once() {
    let issuer = Issuer::giving("").await;
    let mut sources: Vec<_> = (0..20).map(|_| issuer.source()).collect();
    assert_eq!(all(&mut sources).await, vec!["+1"; 20]);
    issuer.takes(2);
    assert_eq!(all(&mut sources).await, vec!["."; 20]);
    assert_eq!(issuer.tokens(), 2);
    assert_eq!(poll(&mut issuer.source()).await, "+1");
    assert_eq!(issuer.tokens(), 2);
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_is_not_tried_again_in_the_same_poll() {
    let issuer = Issuer::giving("").await;
    issuer.server.set("/v", Reply::status(401));
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "!401");
    assert_eq!((issuer.sent(), issuer.tokens()), (vec![1, 2], 2));
    assert_eq!(poll(&mut source).await, "!401");
    assert_eq!((issuer.sent(), issuer.tokens()), (vec![1, 2, 3], 3), "one more a poll");
}

#[tokio::test]
async fn who_is_refused_takes_no_token_from_others_while_there_is_no_other() {
    let issuer = Issuer::giving(r#","expires_in":3600"#).await;
    let refused = declare(issuer.server.url("/w")).oauth2(issuer.credentials());
    let (mut good, mut refused) = (issuer.source(), source::<u32>(refused));
    issuer.server.set("/w", Reply::status(401));
    assert_eq!(poll(&mut good).await, "+1");
    issuer.server.set("/token", Reply::status(503));
    for _ in 0..3 {
        assert_eq!((poll(&mut refused).await, poll(&mut good).await), ("!503".into(), ".".into()));
        pass(2).await;
    }
    assert_eq!(issuer.tokens(), 1 + 3, "asked for again, a second after it failed");
    assert_eq!(issuer.server.hits("/w"), 1, "what was refused is not sent again");
    issuer.gives("");
    assert_eq!((poll(&mut refused).await, poll(&mut good).await), ("!401".into(), ".".into()));
}

#[tokio::test]
async fn validators_outlive_a_token() {
    let issuer = Issuer::giving("").await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    issuer.takes(2);
    assert_eq!(poll(&mut source).await, ".");
    let polls = issuer.polls();
    let asked = polls.iter().map(|request| request.header("if-none-match"));
    assert_eq!(asked.collect::<Vec<_>>(), [None, Some("\"v1\""), Some("\"v1\"")]);
}

#[tokio::test]
async fn the_last_good_token_is_kept_until_it_expires_while_there_is_no_other() {
    let issuer = Issuer::giving(r#","expires_in":100"#).await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    issuer.server.set("/token", Reply::status(503));
    pass(75).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), (".".into(), 2));
    pass(26).await;
    assert_eq!((poll(&mut source).await, issuer.tokens()), ("!503".into(), 3));
    assert_eq!(issuer.sent(), [1, 1]);
}

#[tokio::test]
async fn what_a_token_endpoint_says_is_in_the_error() {
    let issuer = Issuer::giving("").await;
    let said = r#"{"error":"invalid_client","error_description":"no such\nclient: s3cr3t &+"}"#;
    let cases = [
        (Reply::json(said).status_code(401), "answered 401: invalid_client: no suchclient: ***"),
        (
            Reply::json(r#"{"error":"invalid_scope"}"#).status_code(400),
            "answered 400: invalid_scope",
        ),
        (Reply::bytes("text/html", "<p>s3cr3t").status_code(403), "answered 403"),
        (Reply::json(r#"{"access_token":["s3cr3t"]}"#), "answered 200, and no JSON"),
        (Reply::json(r#"{"access_token":"s3cr3t","token_type":"mac"}"#), "is no bearer token"),
    ];
    for (reply, says) in cases {
        issuer.server.set("/token", reply);
        pass(2).await;
        let mut source = issuer.source();
        let error = fails(&mut source).await;
        assert!(matches!(error, ExternalError::Credential { .. }), "{error}");
        let message = error.to_string();
        assert!(error.is_retryable() && message.contains(says), "{message}");
        let from = format!("`flags`: the token endpoint `{}`", issuer.server.url("/token"));
        assert!(message.contains(&from), "{message}");
        is_clean("error", &told(&error));
        is_clean("source", &shown(&source));
    }
    assert_eq!(issuer.polls().len(), 0);
}

#[tokio::test]
async fn a_token_endpoint_that_fails_by_itself_makes_the_poll_fail_as_its_own_server_would() {
    use HttpErrorKind::{BodyTooLarge, Interrupted, Redirect, Status};
    let other = Server::start().await;
    let issuer = Issuer::giving("").await;
    let cases = [
        (Reply::status(503), Status(503), true),
        (Reply::status(429), Status(429), true),
        (Reply::redirect(307, &other.url("/token")), Redirect, false),
        (Reply::reset(), Interrupted, true),
        (Reply::json(" ".repeat(70_000)), BodyTooLarge { limit: 65536 }, false),
        (Reply::json(" ".repeat(70_000)).status_code(400), BodyTooLarge { limit: 65536 }, false),
    ];
    for (reply, kind, retryable) in cases {
        issuer.server.set("/token", reply);
        pass(2).await;
        let error = fails(&mut issuer.source()).await;
        let ExternalError::Http(http) = &error else { panic!("{error}") };
        assert_eq!((http.kind(), error.is_retryable()), (kind, retryable), "{error}");
        assert!(error.to_string().contains("the token endpoint `http://"), "{error}");
        is_clean("error", &told(&error));
    }
    assert_eq!((issuer.polls().len(), other.connections()), (0, 0));
    pass(2).await;
    let mut source = issuer.source();
    issuer.server.stop().await;
    let error = fails(&mut source).await;
    assert!(error.is_retryable() && error.to_string().contains("cannot connect"), "{error}");
}

#[tokio::test]
async fn a_token_endpoint_that_falls_silent_is_given_up_after_10_s() {
    let issuer = Issuer::giving("").await;
    issuer.server.set("/token", Reply::stall());
    let mut source = issuer.source();
    let (error, ()) = tokio::join!(fails(&mut source), async {
        issuer.server.wait_for(1).await;
        tokio::time::pause();
    });
    tokio::time::resume();
    assert!(error.is_retryable() && error.to_string().contains("within 10s"), "{error}");
}

#[tokio::test]
async fn a_token_endpoint_that_fails_is_left_alone_as_long_as_it_asks() {
    let issuer = Issuer::giving("").await;
    issuer.server.set("/token", Reply::status(429).header("retry-after", "60"));
    let mut sources: Vec<_> = (0..20).map(|_| issuer.source()).collect();
    assert_eq!(all(&mut sources).await, vec!["!429"; 20]);
    let error = fails(&mut sources[0]).await;
    let wait = error.retry_after().unwrap();
    assert!(wait > Duration::from_secs(30) && wait <= Duration::from_secs(60), "{wait:?}");
    assert_eq!(issuer.tokens(), 1);
    issuer.gives("");
    pass(61).await;
    assert_eq!(all(&mut sources).await, vec!["+1"; 20]);
    assert_eq!(issuer.tokens(), 2);
}

#[tokio::test]
async fn a_request_for_a_token_whose_runtime_is_gone_is_a_failure_and_no_panic() {
    let issuer = Issuer::giving("").await;
    issuer.server.set("/token", Reply::stall());
    let (mut one, mut other) = (issuer.source(), issuer.source());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let began = runtime.spawn(async move { one.poll().await.map(drop) });
    issuer.server.wait_for(1).await;
    runtime.shutdown_background();
    assert!(began.await.unwrap_err().is_cancelled());
    issuer.gives("");
    let error = fails(&mut other).await;
    assert!(error.is_retryable(), "{error}");
    pass(2).await;
    assert_eq!(poll(&mut other).await, "+1");
}

#[tokio::test]
async fn a_client_secret_of_a_file_is_read_again_when_it_is_refused() {
    let issuer = Issuer::giving("").await;
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "one\n").unwrap();
    let secret = SecretSource::File(file.path().to_owned());
    let credentials = ClientCredentials::new(issuer.server.url("/token"), "us", secret);
    let mut source = source::<u32>(issuer.declare().oauth2(credentials));
    assert_eq!(poll(&mut source).await, "+1");
    std::fs::write(file.path(), "two\n").unwrap();
    let refused = Reply::json(r#"{"error":"invalid_client"}"#).status_code(401);
    issuer.server.queue("/token", [refused]);
    issuer.takes(2);
    assert_eq!(poll(&mut source).await, ".");
    let requests = issuer.server.requests();
    let asked = requests.iter().filter(|request| request.path() == "/token");
    let asked: Vec<_> = asked.map(|request| request.header("authorization").unwrap()).collect();
    // `us:one`, again, and `us:two`.
    assert_eq!(asked, ["Basic dXM6b25l", "Basic dXM6b25l", "Basic dXM6dHdv"]);
}

#[tokio::test]
async fn a_token_follows_no_redirect_to_another_origin() {
    let (issuer, other) = (Issuer::giving("").await, Server::start().await);
    issuer.server.set("/v", Reply::redirect(302, &other.url("/v")));
    assert_eq!(poll(&mut issuer.source()).await, "!redirect");
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn no_secret_and_no_token_reaches_a_log() {
    // Two of them, so that other tests' threads do not settle for all that nobody listens.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let (logs, guard) = Logs::listen();
    let issuer = Issuer::giving(r#","expires_in":100"#).await;
    let mut source = issuer.source();
    assert_eq!(poll(&mut source).await, "+1");
    pass(75).await;
    let said = r#"{"error":"s3cr3t &+","error_description":"s3cr3t &+"}"#;
    issuer.server.set("/token", Reply::json(said).status_code(400));
    assert_eq!(poll(&mut source).await, ".");
    drop(guard);
    let ours = logs.ours();
    assert!(ours.iter().any(|line| line.contains("the last good token is kept")), "{ours:#?}");
    ours.iter().for_each(|line| is_clean("log", line));
}
