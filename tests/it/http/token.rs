//! Promise 16, and which credential is sent.

use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::error::ExternalError;
use koprs_external::spec::SecretSource;
use koprs_external_tests::{Reply, Server};

use super::stage::{declare, poll, source, value};

/// A token file, a server that writes down what it is sent, and the source between them.
struct Mounted {
    server: Server,
    directory: tempfile::TempDir,
    source: DeclaredSource<u32>,
}

impl Mounted {
    async fn with(token: Option<&str>) -> Self {
        let server = Server::start().await;
        server.set("/v", value(1));
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("token");
        if let Some(token) = token {
            std::fs::write(&path, token).unwrap();
        }
        let bearer = SecretSource::File(path);
        let source = source(declare(server.url("/v")).bearer(bearer));
        Self { server, directory, source }
    }

    fn write(&self, token: impl AsRef<[u8]>) {
        std::fs::write(self.directory.path().join("token"), token).unwrap();
    }

    fn sent(&self) -> Option<String> {
        let requests = self.server.requests();
        requests.last()?.header("authorization").map(str::to_owned)
    }

    async fn polls(&mut self) -> String {
        poll(&mut self.source).await
    }

    /// One poll that the server refuses.
    async fn is_refused(&mut self) {
        self.server.queue("/v", [Reply::status(401)]);
        assert_eq!(self.polls().await, "!401");
    }
}

/// Lets time pass, in none.
pub(super) async fn pass(seconds: u64) {
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(seconds)).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_token_file_is_read_again_after_60_s_and_not_before() {
    let mut mounted = Mounted::with(Some("one")).await;
    assert_eq!(mounted.polls().await, "+1");
    mounted.write("two");
    pass(50).await;
    assert_eq!(mounted.polls().await, ".");
    assert_eq!(mounted.sent().as_deref(), Some("Bearer one"));
    pass(11).await;
    assert_eq!(mounted.polls().await, ".");
    assert_eq!(mounted.sent().as_deref(), Some("Bearer two"));
}

#[tokio::test]
async fn a_token_file_is_read_again_at_once_after_a_401() {
    let mut mounted = Mounted::with(Some("one")).await;
    assert_eq!(mounted.polls().await, "+1");
    mounted.write("two");
    mounted.server.queue("/v", [Reply::status(401)]);
    assert_eq!(mounted.polls().await, ".", "asked again with it in the same poll");
    assert_eq!(mounted.sent().as_deref(), Some("Bearer two"));
    assert_eq!(mounted.server.requests().len(), 3);
}

#[tokio::test]
async fn a_token_that_is_the_same_after_a_401_is_not_tried_again() {
    let mut mounted = Mounted::with(Some("one")).await;
    mounted.is_refused().await;
    assert_eq!(mounted.server.requests().len(), 1);
    assert_eq!(mounted.polls().await, "+1");
}

#[tokio::test]
async fn a_new_token_that_is_refused_too_is_not_tried_again() {
    let mut mounted = Mounted::with(Some("one")).await;
    assert_eq!(mounted.polls().await, "+1");
    mounted.write("two");
    mounted.server.queue("/v", [Reply::status(401), Reply::status(401)]);
    assert_eq!(mounted.polls().await, "!401");
    assert_eq!(mounted.server.requests().len(), 3);
}

#[cfg(unix)]
#[tokio::test]
async fn a_mounted_secret_that_the_kubelet_swaps_is_followed() {
    // `token` links to `..data/token`, and `..data` to a folder that is replaced by a rename.
    let server = Server::start().await;
    server.set("/v", value(1));
    let mount = tempfile::tempdir().unwrap();
    let at = |name: &str| mount.path().join(name);
    let swap = |version: &str, token: &str| {
        std::fs::create_dir(at(version)).unwrap();
        std::fs::write(at(version).join("token"), token).unwrap();
        std::os::unix::fs::symlink(version, at("..data_tmp")).unwrap();
        std::fs::rename(at("..data_tmp"), at("..data")).unwrap();
    };
    swap("..1", "one");
    std::os::unix::fs::symlink("..data/token", at("token")).unwrap();
    let bearer = SecretSource::File(at("token"));
    let mut source = source::<u32>(declare(server.url("/v")).bearer(bearer));
    assert_eq!(poll(&mut source).await, "+1");
    swap("..2", "two");
    std::fs::remove_dir_all(at("..1")).unwrap();
    assert_eq!(poll(&mut source).await, ".");
    pass(61).await;
    assert_eq!(poll(&mut source).await, ".");
    let requests = server.requests();
    let sent: Vec<_> = requests.iter().map(|request| request.header("authorization")).collect();
    assert_eq!(sent, [Some("Bearer one"), Some("Bearer one"), Some("Bearer two")]);
}

#[tokio::test]
async fn a_403_is_no_reason_to_read_a_token_again() {
    let mut mounted = Mounted::with(Some("one")).await;
    mounted.server.queue("/v", [Reply::status(403)]);
    assert_eq!(mounted.polls().await, "!403");
    mounted.write("two");
    assert_eq!(mounted.polls().await, "+1");
    assert_eq!(mounted.sent().as_deref(), Some("Bearer one"));
}

#[tokio::test]
async fn the_last_good_token_is_kept_while_its_file_cannot_be_read() {
    let broken: [&[u8]; 4] = [b"", b" \n", b"half\nwritten", b"\0\0\0"];
    for content in broken {
        let mut mounted = Mounted::with(Some("one")).await;
        assert_eq!(mounted.polls().await, "+1");
        mounted.write(content);
        mounted.is_refused().await;
        for _ in 0..2 {
            assert_eq!(mounted.polls().await, ".");
            assert_eq!(mounted.sent().as_deref(), Some("Bearer one"));
        }
        std::fs::remove_file(mounted.directory.path().join("token")).unwrap();
        assert_eq!(mounted.polls().await, ".");
        assert_eq!(mounted.sent().as_deref(), Some("Bearer one"));
        // Whole again, it is read at the next poll.
        mounted.write("two");
        assert_eq!(mounted.polls().await, ".");
        assert_eq!(mounted.sent().as_deref(), Some("Bearer two"));
    }
}

#[tokio::test]
async fn a_token_file_that_is_missing_at_the_start_is_waited_for() {
    let mut mounted = Mounted::with(None).await;
    let error = koprs_external::ExternalSource::poll(&mut mounted.source).await.unwrap_err();
    assert!(matches!(error, ExternalError::Credential { .. }), "{error}");
    assert!(error.is_retryable() && !error.is_permanent());
    let message = error.to_string();
    assert!(message.contains("`flags`") && message.contains("/token`"), "{message}");
    assert_eq!(mounted.server.connections(), 0);
    mounted.write("\n");
    assert_eq!(mounted.polls().await, "!credential");
    mounted.write("one");
    assert_eq!(mounted.polls().await, "+1");
}

#[tokio::test]
async fn white_space_around_a_token_is_cut_off() {
    for content in ["one\n", "  one\r\n", "\tone \n\n"] {
        let mut mounted = Mounted::with(Some(content)).await;
        assert_eq!(mounted.polls().await, "+1", "{content:?}");
        assert_eq!(mounted.sent().as_deref(), Some("Bearer one"), "{content:?}");
    }
}

#[tokio::test]
async fn validators_belong_to_the_credential() {
    let mut mounted = Mounted::with(Some("one")).await;
    assert_eq!((mounted.polls().await, mounted.polls().await), ("+1".into(), ".".into()));
    mounted.write("two");
    // Another reader of the same ETag may see another content.
    mounted.server.set("/v", Reply::json("2").etag("\"v1\""));
    mounted.server.queue("/v", [Reply::status(401)]);
    assert_eq!((mounted.polls().await, mounted.polls().await), ("~2".into(), ".".into()));
    let requests = mounted.server.requests();
    let asked: Vec<_> = requests.iter().map(|request| request.header("if-none-match")).collect();
    assert_eq!(asked, [None, Some("\"v1\""), Some("\"v1\""), None, Some("\"v1\"")]);
}

#[tokio::test]
async fn the_same_token_read_again_keeps_the_validators() {
    let mut mounted = Mounted::with(Some("one")).await;
    assert_eq!(mounted.polls().await, "+1");
    mounted.is_refused().await;
    mounted.write("one\n");
    assert_eq!(mounted.polls().await, ".");
    assert_eq!(mounted.server.requests()[2].header("if-none-match"), Some("\"v1\""));
}

#[tokio::test]
async fn a_secret_comes_from_the_environment_or_is_given() {
    let name = || "PATH".to_owned();
    let secrets = [
        (SecretSource::Env(name()), format!("Bearer {}", std::env::var(name()).unwrap())),
        (SecretSource::Value("t0ken".into()), "Bearer t0ken".to_owned()),
    ];
    for (secret, sent) in secrets {
        let server = Server::start().await;
        server.set("/v", value(1));
        let mut source = source::<u32>(declare(server.url("/v")).bearer(secret));
        assert_eq!(poll(&mut source).await, "+1");
        assert_eq!(server.requests()[0].header("authorization"), Some(sent.as_str()));
    }
}

#[test]
fn a_secret_that_cannot_be_had_is_an_error_of_the_source_itself() {
    let missing = SecretSource::Env("KOPRS_EXTERNAL_NO_SUCH_TOKEN".to_owned());
    let spec = declare("https://h/v").bearer(missing).build().unwrap();
    let error = DeclaredSource::<u32>::new(spec).unwrap_err();
    assert!(error.is_permanent());
    let message = error.to_string();
    let variable = "`KOPRS_EXTERNAL_NO_SUCH_TOKEN`";
    assert!(message.contains(variable) && message.contains("`flags`"), "{message}");
    let broken = SecretSource::Value("two\nlines".into());
    let message = declare("https://h/v").bearer(broken).build().unwrap_err().to_string();
    assert!(message.contains("line break") && message.contains("`flags`"), "{message}");
    assert!(!message.contains("two"), "{message}");
}

#[tokio::test]
async fn a_directory_in_the_place_of_a_token_file_is_named_in_the_error() {
    let directory = tempfile::tempdir().unwrap();
    // A name of its own, since one that looks random is not shown.
    let path = directory.path().join("token");
    std::fs::create_dir(&path).unwrap();
    let bearer = SecretSource::File(path);
    let mut source = source::<u32>(declare("http://127.0.0.1:1/v").bearer(bearer));
    let error = koprs_external::ExternalSource::poll(&mut source).await.unwrap_err();
    assert!(error.to_string().contains("/token` is no file"), "{error}");
}

#[tokio::test]
async fn a_token_file_is_bounded_in_size() {
    let mut mounted = Mounted::with(None).await;
    let path = mounted.directory.path().join("token");
    std::fs::File::create(path).unwrap().set_len(600 << 20).unwrap();
    let error = koprs_external::ExternalSource::poll(&mut mounted.source).await.unwrap_err();
    assert!(error.to_string().contains("65536 bytes"), "{error}");
    mounted.write("one");
    assert_eq!(mounted.polls().await, "+1");
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_the_place_of_a_token_file_is_not_waited_for() {
    let mounted = Mounted::with(None).await;
    let path = mounted.directory.path().join("token");
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
    let Mounted { mut source, .. } = mounted;
    let error = koprs_external::ExternalSource::poll(&mut source).await.unwrap_err();
    assert!(error.to_string().contains("is no file"), "{error}");
}

#[tokio::test]
async fn a_token_goes_before_userinfo() {
    let server = Server::start().await;
    server.set("/v", value(1));
    let url = server.url("/v").replace("http://", "http://user:s3cr3t@");
    let mut poller = koprs_external::http::HttpPoller::new(&url).with_bearer_token("t0ken");
    assert_eq!(poll(&mut poller).await, "+1");
    let mut poller = koprs_external::http::HttpPoller::new(&url);
    assert_eq!(poll(&mut poller).await, "+1");
    let requests = server.requests();
    let sent: Vec<_> = requests.iter().map(|request| request.header("authorization")).collect();
    assert_eq!(sent, [Some("Bearer t0ken"), Some("Basic dXNlcjpzM2NyM3Q=")]);
}
