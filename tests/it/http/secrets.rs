//! Promise 15: no secret reaches a log, an error or `Debug` output. Another origin: see `redirect`.
//!
//! Logs are read at TRACE, those of koprs-external alone: reqwest and hyper log too, and what they log is
//! for their users to filter.

use std::error::Error;
use std::fmt::Debug;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use koprs_external::ExternalError;
use koprs_external::error::Result;
use koprs_external::http::HttpPoller;
use koprs_external::set::WatcherSet;
use koprs_external::spec::{SecretSource, Trust, WatcherBuilder};
use koprs_external::watcher::{ExternalEvent, ExternalSource, WatchConfig, watch};
use koprs_external_tests::{Reply, Server};
use serde_json::Value;

use super::stage::{declare, source, value};

const SECOND: Duration = Duration::from_secs(1);
/// In every secret, plain and as `Basic` sends it.
const MARKS: [&str; 2] = ["s3cr3t", "czNjcjN0"];

/// A URL that is full of them. `s3cr3t` stands first in what becomes Base64.
fn full(url: &str) -> String {
    url.replace("http://", "http://s3cr3t-u:s3cr3t-p@") + "?token=s3cr3t-q#s3cr3t-f"
}

fn bare(url: &str) -> HttpPoller {
    HttpPoller::new(full(url))
        .with_retries(0)
        .with_header("x-api-key", "s3cr3t-h")
        .with_bearer_token("s3cr3t-b")
}

fn userinfo_alone(url: &str) -> HttpPoller {
    HttpPoller::new(full(url)).with_retries(0)
}

fn declaration(url: &str) -> WatcherBuilder {
    declare(full(url))
        .query("key", "s3cr3t-k")
        .header("x-api-key", "s3cr3t-h")
        .bearer(SecretSource::Value("s3cr3t-b".into()))
        .timeout(Duration::from_secs(2))
}

#[track_caller]
pub(super) fn is_clean(what: &str, text: &str) {
    for mark in MARKS {
        assert!(!text.contains(mark), "{what}: {text}");
    }
}

pub(super) fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// An error in every way that it can be shown.
pub(super) fn told(error: &ExternalError) -> String {
    let causes = std::iter::successors(error.source(), |cause| (*cause).source());
    let causes: Vec<_> = causes.map(|cause| format!("{cause} {cause:?}")).collect();
    format!("{error} {error:#} {} {causes:?}", shown(error))
}

/// Answers of which each is the end of a poll in another way.
fn answers(other: &Server) -> Vec<Reply> {
    vec![
        value(1),
        value(1),
        Reply::json("{"),
        Reply::json(r#""two""#),
        Reply::bytes("text/html", "<p>"),
        Reply::status(304),
        Reply::status(401),
        Reply::status(503),
        Reply::redirect(302, "/v?token=s3cr3t-q"),
        Reply::redirect(302, &full(&other.url("/v"))),
        Reply::redirect(302, "ftp://s3cr3t-u:s3cr3t-p@h/?token=s3cr3t-q"),
        Reply::redirect(302, "http://s3cr3t-u:s3cr3t-p@[h/?token=s3cr3t-q"),
        Reply::reset(),
        Reply::close(),
        Reply::garbage("\x01"),
        value(1).truncate(0),
        Reply::json(" ").endless(),
        Reply::json("1").header("content-encoding", "gzip"),
        Reply::status(410),
    ]
}

/// Whatever a poll says.
async fn polled<S: ExternalSource>(source: &mut S) -> String {
    let polled: Result<Vec<ExternalEvent<S::Item>>> = source.poll().await;
    let said = match &polled {
        Ok(events) => shown(events),
        Err(error) => told(error),
    };
    format!("{said} {}", source.name())
}

async fn is_discreet<S: ExternalSource + Debug>(make: impl Fn(&str) -> S) {
    let (server, other) = (Server::start().await, Server::start().await);
    let mut source = make(&server.url("/v"));
    is_clean("source", &shown(&source));
    for (n, answer) in answers(&other).into_iter().enumerate() {
        server.set("/v", answer);
        is_clean(&format!("answer {n}"), &polled(&mut source).await);
    }
    is_clean("source", &shown(&source));
    let sent = shown(&server.requests()[0]);
    assert!(MARKS.iter().any(|mark| sent.contains(mark)), "it was sent: {sent}");
    server.stop().await;
    is_clean("down", &polled(&mut source).await);
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn no_secret_reaches_an_error_or_debug_output() {
    is_discreet(bare).await;
    is_discreet(userinfo_alone).await;
    is_discreet(|url| source::<u32>(declaration(url))).await;
    is_discreet(|url| source::<u32>(declare(full(url)))).await;
    let secret = || SecretSource::Value("s3cr3t-a".into());
    is_discreet(|url| source::<u32>(declare(url).retries(0).basic("us", secret()))).await;
    is_discreet(|url| source::<u32>(declare(url).retries(0).auth_header("x-key", "", secret())))
        .await;
    is_discreet(|url| source::<u32>(declare(url).retries(0).auth_query("key", secret()))).await;
}

#[tokio::test]
async fn what_a_variable_brings_into_the_path_of_a_url_is_not_shown() {
    let (server, other) = (Server::start().await, Server::start().await);
    let text = format!(
        "apiVersion: koprs-external/v1
watchers:
  - name: value
    interval: 1h
    http: {{ url: '{0}', retries: 0 }}
  - name: list
    interval: 1h
    items: {{ key: /id }}
    http: {{ url: '{0}', retries: 0, pages: {{ number: {{ param: page }} }} }}
  - name: token
    interval: 1h
    http:
      url: 'http://127.0.0.1:9/v'
      retries: 0
      auth: {{ oauth2: {{ tokenUrl: '{0}', clientId: us, clientSecret: {{ value: x }} }} }}
",
        server.url("/${PATH}")
    );
    let set =
        WatcherSet::loader().env_from(|_| Some("s3cr3t-path".into())).from_str(&text).unwrap();
    is_clean("set", &shown(&set));
    let mut value = set.source::<u32>("value").unwrap();
    let mut list = set.source::<Value>("list").unwrap();
    let mut token = set.source::<u32>("token").unwrap();
    for name in ["value", "list", "token"] {
        let spec = set.spec(name).unwrap();
        is_clean(name, &shown(spec));
        is_clean(name, &spec.clone().under(Trust::Untrusted).unwrap_err().to_string());
    }
    let mut answers = answers(&other);
    answers.push(Reply::json(r#"[{"id":"a"}]"#));
    answers.push(Reply::redirect(302, "/s3cr3t-path"));
    answers.push(Reply::redirect(302, "ftp://h/s3cr3t-path"));
    answers.push(Reply::redirect(302, &other.url("/s3cr3t-path")));
    other.fallback(Reply::status(500));
    for (n, answer) in answers.into_iter().enumerate() {
        server.set("/s3cr3t-path", answer);
        is_clean(&format!("answer {n}"), &polled(&mut value).await);
        is_clean(&format!("answer {n}"), &polled(&mut list).await);
        is_clean(&format!("answer {n}"), &polled(&mut token).await);
    }
    is_clean("source", &shown(&value));
    is_clean("source", &shown(&token));
    server.stop().await;
    let down = polled(&mut value).await;
    assert!(down.contains("/…"), "{down}");
    is_clean("down", &down);
}

#[tokio::test]
async fn no_secret_reaches_the_debug_output_of_a_declaration() {
    let declaration = declaration("http://h/v");
    is_clean("builder", &shown(&declaration));
    let spec = declaration.build().unwrap();
    is_clean("spec", &shown(&spec));
    is_clean("source spec", &shown(spec.source()));
    // A key is the username, or stands in the prefix, by the custom of some servers.
    let secret = || SecretSource::Value("s3cr3t-a".into());
    for declaration in [
        declare("http://h/v").basic("s3cr3t-u", secret()),
        declare("http://h/v").auth_header("x-key", "id=s3cr3t-p,key=", secret()),
    ] {
        is_clean("builder", &shown(&declaration));
        is_clean("spec", &shown(declaration.build().unwrap().source()));
    }
}

#[tokio::test]
async fn no_secret_reaches_the_error_of_a_url_that_is_none() {
    let urls = [
        "s3cr3t-u:s3cr3t-p@h/v",
        "http://s3cr3t-u:s3cr3t-p@h:port/v?token=s3cr3t-q",
        // A password that should have been percent-encoded.
        "http://user:s3cr3t/p@h/v",
        "http://user:s3cr3t?p@h/v",
        "http://user:s3cr3t#p@h/v",
        "http://user:p@h:port/v?token=x@s3cr3t",
        // Spellings that a URL parser takes all the same.
        "http:s3cr3t-u:s3cr3t-p@h/v",
        "http:/s3cr3t-u:s3cr3t-p@h/v",
        "http:///s3cr3t-u:s3cr3t-p@h/v",
        "http:\\\\s3cr3t-u:s3cr3t-p@h/v",
        "ht\ntp:/s3cr3t-u:s3cr3t-p@h/v",
        " http:/s3cr3t-u:s3cr3t-p@h/v",
        "ftp://s3cr3t-u:s3cr3t-p@h/v",
        "ftp:/s3cr3t-u:s3cr3t-p@h/v",
        "http://s3cr3t-u:s3cr3t-p@",
        "http://[s3cr3t-u:s3cr3t-p@h/v",
        "?token=s3cr3t-q",
    ];
    for url in urls {
        let poller = HttpPoller::new(url);
        is_clean(url, &shown(&poller));
        is_clean(url, poller.name());
        // Those that are URLs are not asked: there is no `h`.
        if let Err(mistakes) = declare(url).build() {
            is_clean(url, &polled(&mut { poller }).await);
            is_clean(url, &format!("{mistakes} {mistakes:?}"));
        }
    }
}

#[tokio::test]
async fn no_secret_reaches_the_error_of_a_client_of_ones_own() {
    let server = Server::start().await;
    let client = koprs_external_tests::client();
    server.set("/v", Reply::status(503));
    let answer = client.get(full(&server.url("/v"))).send().await.unwrap();
    is_clean("status", &told(&answer.error_for_status().unwrap_err().into()));
    server.set("/v", Reply::redirect(302, "/v?token=s3cr3t-q"));
    let error = client.get(full(&server.url("/v"))).send().await.unwrap_err();
    is_clean("loop", &told(&error.into()));
    is_clean("loop", &polled(&mut bare(&server.url("/v")).with_client(client.clone())).await);
    server.set("/v", Reply::reset());
    let error = client.get(full(&server.url("/v"))).send().await.unwrap_err();
    is_clean("reset", &told(&error.into()));
    is_clean("reset", &polled(&mut bare(&server.url("/v")).with_client(client)).await);
}

/// What koprs-external has logged.
#[derive(Clone, Default)]
pub(super) struct Logs(Arc<Mutex<Vec<u8>>>);

impl io::Write for Logs {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Logs {
    /// What this thread logs from now on.
    pub(super) fn listen() -> (Self, tracing::subscriber::DefaultGuard) {
        let logs = Self::default();
        let writer = logs.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (logs, tracing::subscriber::set_default(subscriber))
    }

    pub(super) fn ours(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let ours = text.lines().filter(|line| line.contains(" koprs_external::"));
        ours.map(str::to_owned).collect()
    }
}

/// Runs a watcher through all answers, and shows what its status said on the way.
async fn watched<S: ExternalSource>(make: impl Fn(&str) -> S) {
    let (server, other) = (Server::start().await, Server::start().await);
    let answers = answers(&other);
    server.queue("/v", answers.clone());
    let config = WatchConfig::new(Duration::from_millis(1)).with_max_backoff(Duration::ZERO);
    let mut watch = watch(make(&server.url("/v")), config);
    let mut polls = 0;
    while polls < answers.len() {
        tokio::select! {
            Some(event) = watch.recv() => is_clean("event", &shown(&event)),
            () = server.wait_for(polls + 1) => polls = server.requests().len(),
        }
        is_clean("status", &shown(&watch.status()));
        is_clean("watch", &shown(&watch));
        if let Some(error) = watch.status().last_error {
            is_clean("status", &told(&error));
        }
    }
    watch.shutdown().await;
}

#[tokio::test]
async fn no_secret_reaches_a_log() {
    // Two of them, so that other tests' threads do not settle for all that nobody listens.
    let _other = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    let (logs, guard) = Logs::listen();
    watched(bare).await;
    watched(|url| source::<u32>(declaration(url))).await;
    let token = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(token.path(), "s3cr3t-b").unwrap();
    let bearer = || SecretSource::File(token.path().to_owned());
    let server = Server::start().await;
    server.set("/v", Reply::status(401));
    let mut mounted = source::<u32>(declare(full(&server.url("/v"))).bearer(bearer()));
    for content in ["s3cr3t-b\n", "s3cr3t\nb", "\0s3cr3t"] {
        std::fs::write(token.path(), content).unwrap();
        is_clean("token", &polled(&mut mounted).await);
    }
    let mut unread = source::<u32>(declare(full(&server.url("/v"))).bearer(bearer()));
    is_clean("token", &polled(&mut unread).await);
    let mut broken = watch(HttpPoller::new("http://u:s3cr3t/p@h/v"), WatchConfig::new(SECOND));
    assert_eq!(broken.recv().await.map(|_| ()), None);
    drop(guard);

    let ours = logs.ours();
    for line in
        ["watcher started", "poll failed; will retry", "credential is kept", "can ever succeed"]
    {
        assert!(ours.iter().any(|logged| logged.contains(line)), "{line}: {ours:#?}");
    }
    for line in ours {
        is_clean("log", &line);
    }
}
