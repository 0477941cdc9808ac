//! Each kind of credential: how it is sent, when it is read again, and where it does not go.

use std::path::PathBuf;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{SecretSource, WatcherBuilder};
use koprs_external_tests::{Recorded, Reply, Server};

use super::stage::{declare, poll, source, value};

/// A kind, how it is declared, and what of a request has it.
struct Kind {
    name: &'static str,
    declare: fn(WatcherBuilder, SecretSource) -> WatcherBuilder,
    /// For the secrets `one` and `two`.
    sent: [&'static str; 2],
    seen: fn(&Recorded) -> Option<&str>,
}

const KINDS: [Kind; 4] = [
    Kind {
        name: "bearer",
        declare: WatcherBuilder::bearer,
        sent: ["Bearer one", "Bearer two"],
        seen: |request| request.header("authorization"),
    },
    Kind {
        name: "basic.password",
        declare: |builder, secret| builder.basic("us", secret),
        // `us:one` and `us:two`.
        sent: ["Basic dXM6b25l", "Basic dXM6dHdv"],
        seen: |request| request.header("authorization"),
    },
    Kind {
        name: "header",
        declare: |builder, secret| builder.auth_header("X-Api-Key", "Key ", secret),
        sent: ["Key one", "Key two"],
        seen: |request| request.header("x-api-key"),
    },
    Kind {
        name: "query",
        declare: |builder, secret| builder.auth_query("api key", secret),
        sent: ["a=%20b&api+key=one", "a=%20b&api+key=two"],
        seen: |request| request.query(),
    },
];

impl Kind {
    fn source(&self, server: &Server, secret: SecretSource) -> DeclaredSource<u32> {
        source((self.declare)(declare(server.url("/v?a=%20b")).retries(0), secret))
    }

    fn seen(&self, server: &Server) -> Vec<Option<String>> {
        let requests = server.requests();
        requests.iter().map(|request| (self.seen)(request).map(str::to_owned)).collect()
    }

    fn sent<const N: usize>(&self, which: [usize; N]) -> [Option<String>; N] {
        which.map(|which| Some(self.sent[which].to_owned()))
    }
}

/// Secrets that are half written, or not what their author thinks that they are.
const UNSENDABLE: [&str; 6] =
    ["two\nlines", "two\r\nlines", "a\0b", "a\u{7f}b", "a\u{1b}[0m", "a\u{feff}b"];

#[tokio::test]
async fn a_literal_that_no_header_can_carry_is_refused_when_it_is_read() {
    for kind in &KINDS {
        for secret in UNSENDABLE {
            let builder = declare("https://api.example.com/v");
            let refused = (kind.declare)(builder, SecretSource::Value(secret.into())).build();
            let refused = refused.unwrap_err();
            let codes: Vec<_> = refused.mistakes.iter().map(|mistake| mistake.code).collect();
            assert_eq!(codes, ["bad-header-value"], "{} {secret:?}", kind.name);
            let setting = format!("http.auth.{}.value", kind.name);
            assert_eq!(refused.mistakes[0].setting, setting, "{secret:?}");
            assert!(refused.mistakes[0].help.is_some());
        }
    }
}

#[tokio::test]
async fn a_file_that_no_header_can_carry_keeps_the_last_good_secret() {
    for kind in &KINDS {
        for bad in UNSENDABLE {
            let server = Server::start().await;
            server.set("/v?a=%20b", value(1).unconditional());
            server.fallback(value(1).unconditional());
            let mounted = Mounted::with("\u{feff}one\r\n");
            let mut source = kind.source(&server, SecretSource::File(mounted.path()));
            assert_eq!(poll(&mut source).await, "+1");
            mounted.write(bad);
            // It is read again at once.
            server.fallback(Reply::status(401));
            server.set("/v?a=%20b", Reply::status(401));
            assert_eq!(poll(&mut source).await, "!401", "{} {bad:?}", kind.name);
            mounted.write("\u{feff}two\n");
            assert_eq!(poll(&mut source).await, "!401", "{} {bad:?}", kind.name);
            let seen = kind.seen(&server);
            assert_eq!(seen.first(), kind.sent([0]).first(), "{} {bad:?}", kind.name);
            assert_eq!(seen.last(), kind.sent([1]).first(), "{} {bad:?}", kind.name);
            assert!(seen.iter().all(|it| kind.sent([0, 1]).contains(it)), "{seen:?}");
        }
    }
}

/// A file with a secret.
struct Mounted(tempfile::TempDir);

impl Mounted {
    fn with(secret: &str) -> Self {
        let mounted = Self(tempfile::tempdir().unwrap());
        mounted.write(secret);
        mounted
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("secret")
    }

    fn write(&self, secret: &str) {
        std::fs::write(self.path(), secret).unwrap();
    }

    fn secret(&self) -> SecretSource {
        SecretSource::File(self.path())
    }
}

async fn serving() -> Server {
    let server = Server::start().await;
    server.set("/v", value(1));
    server
}

#[tokio::test]
async fn each_kind_is_sent_from_a_value_and_from_a_file() {
    for kind in KINDS {
        let (server, mounted) = (serving().await, Mounted::with(" one\n"));
        for secret in [SecretSource::Value("one".into()), mounted.secret()] {
            assert_eq!(poll(&mut kind.source(&server, secret)).await, "+1");
        }
        assert_eq!(kind.seen(&server), kind.sent([0, 0]), "{}", kind.name);
    }
}

#[tokio::test]
async fn each_kind_is_read_again_after_a_401_and_asked_again_with_in_the_same_poll() {
    for kind in KINDS {
        let (server, mounted) = (serving().await, Mounted::with("one"));
        let mut source = kind.source(&server, mounted.secret());
        assert_eq!(poll(&mut source).await, "+1");
        mounted.write("two");
        server.queue("/v", [Reply::status(401)]);
        assert_eq!(poll(&mut source).await, ".");
        assert_eq!(kind.seen(&server), kind.sent([0, 0, 1]), "{}", kind.name);
    }
}

#[tokio::test]
async fn each_kind_keeps_the_last_good_secret_while_its_file_is_half_written() {
    for kind in KINDS {
        let (server, mounted) = (serving().await, Mounted::with("one"));
        let mut source = kind.source(&server, mounted.secret());
        assert_eq!(poll(&mut source).await, "+1");
        for half in ["", "\n", "half\nwritten", "\0\0"] {
            mounted.write(half);
            server.queue("/v", [Reply::status(401)]);
            assert_eq!(poll(&mut source).await, "!401", "{} {half:?}", kind.name);
        }
        assert_eq!(kind.seen(&server), kind.sent([0; 5]), "{}", kind.name);
        mounted.write("two");
        assert_eq!(poll(&mut source).await, ".");
        assert_eq!(kind.seen(&server)[5..], kind.sent([1]), "{}", kind.name);
    }
}

#[tokio::test]
async fn a_value_that_is_refused_is_not_tried_again() {
    for kind in KINDS {
        let server = serving().await;
        server.set("/v", Reply::status(401));
        let mut source = kind.source(&server, SecretSource::Value("one".into()));
        assert_eq!(poll(&mut source).await, "!401");
        assert_eq!(server.requests().len(), 1, "{}", kind.name);
    }
}

#[tokio::test]
async fn each_kind_goes_along_with_a_redirect_within_the_origin_and_never_to_another_one() {
    for kind in KINDS {
        let (server, other) = (serving().await, serving().await);
        let mut source = kind.source(&server, SecretSource::Value("one".into()));
        server.set("/w", value(1));
        // The server may hand the secret back, as it was or is.
        server.set("/v", Reply::redirect(302, "/w?a=%20b&api%20key=zero"));
        assert_eq!(poll(&mut source).await, "+1");
        assert_eq!(kind.seen(&server), kind.sent([0, 0]), "{}", kind.name);
        for status in [301, 302, 303, 307, 308] {
            server.set("/v", Reply::redirect(status, &other.url("/v")));
            assert_eq!(poll(&mut source).await, "!redirect", "{}", kind.name);
        }
        assert_eq!(other.connections(), 0, "{}", kind.name);
    }
}

#[tokio::test]
async fn validators_belong_to_the_secret_that_they_were_given_for() {
    for kind in KINDS {
        let (server, mounted) = (serving().await, Mounted::with("one"));
        let mut source = kind.source(&server, mounted.secret());
        assert_eq!((poll(&mut source).await, poll(&mut source).await), ("+1".into(), ".".into()));
        mounted.write("two");
        server.queue("/v", [Reply::status(401)]);
        assert_eq!(poll(&mut source).await, ".");
        let requests = server.requests();
        let asked = requests.iter().map(|request| request.header("if-none-match"));
        assert_eq!(asked.collect::<Vec<_>>(), [None, Some("\"v1\""), Some("\"v1\""), None]);
    }
}

#[tokio::test]
async fn a_secret_that_cannot_be_had_names_its_setting() {
    for kind in KINDS {
        let missing = SecretSource::Env("KOPRS_EXTERNAL_NO_SUCH_SECRET".to_owned());
        let spec = (kind.declare)(declare("https://h/v"), missing).build().unwrap();
        let error = DeclaredSource::<u32>::new(spec).unwrap_err();
        assert!(error.is_permanent());
        let message = error.to_string();
        let setting = format!("`http.auth.{}.env`", kind.name);
        assert!(message.contains(&setting), "{message}");
        assert!(message.contains("`KOPRS_EXTERNAL_NO_SUCH_SECRET`"), "{message}");
    }
}
