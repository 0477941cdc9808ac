//! A private CA, certificates of our own, and Unix sockets.
//!
//! TLS ends in a door before the scripted server, whose certificate can be changed.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::spec::{ClientCredentials, Paging, SecretSource, WatcherBuilder};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::authority::{Authority, Leaf};
use koprs_external_tests::door::Door;
use koprs_external_tests::{Reply, Server};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::secrets::{is_clean, shown, told};
use super::shelf::{Item, list, page, page_before};
use super::stage::{declare, poll, source, value};
use super::token::pass;

/// A server of TLS with a value at `/v`; see [`Door::open`].
async fn open(leaf: &Leaf, clients: Option<&Authority>) -> Door {
    let door = Door::open(leaf, clients).await;
    door.server.set("/v", value(1));
    door
}

/// The files of a watcher.
struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with_ca(authority: &Authority) -> Self {
        let files = Self::new();
        files.write("ca.pem", authority.pem());
        files
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.at(name), content).unwrap();
    }

    fn write_identity(&self, leaf: &Leaf) {
        self.write("tls.crt", leaf.certificate.pem());
        self.write("tls.key", leaf.key.serialize_pem());
    }

    fn trusting(&self, url: impl Into<String>) -> WatcherBuilder {
        declare(url).tls_ca(self.at("ca.pem")).retries(0)
    }

    fn mutual(&self, url: impl Into<String>) -> WatcherBuilder {
        self.trusting(url).tls_identity(self.at("tls.crt"), self.at("tls.key"))
    }
}

async fn fails(source: &mut DeclaredSource<u32>) -> ExternalError {
    source.poll().await.unwrap_err()
}

#[track_caller]
fn is_a_failed_connection(error: &ExternalError, why: &str) {
    let ExternalError::Http(http) = error else { panic!("{error}") };
    assert_eq!(http.kind(), HttpErrorKind::Connect, "{error}");
    assert!(error.is_retryable());
    assert!(error.to_string().contains(why), "{error}");
}

#[tokio::test]
async fn a_server_of_a_private_ca_is_trusted() {
    let authority = Authority::new();
    let (door, files) = (open(&authority.issues(), None).await, Files::with_ca(&authority));
    let mut source = source::<u32>(files.trusting(door.url("/v")));
    assert_eq!(poll(&mut source).await, "+1");
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(door.certificates(), [None], "one connection");
}

#[tokio::test]
async fn a_server_of_another_ca_is_not_trusted() {
    let door = open(&Authority::new().issues(), None).await;
    let files = Files::with_ca(&Authority::new());
    let error = fails(&mut source(files.trusting(door.url("/v")))).await;
    is_a_failed_connection(&error, "invalid peer certificate");
    let error = fails(&mut source(declare(door.url("/v")).retries(0))).await;
    is_a_failed_connection(&error, "certificate");
    assert_eq!(door.server.requests().len(), 0);
}

#[tokio::test]
async fn an_expired_certificate_is_named_in_the_error() {
    let authority = Authority::new();
    let door = open(&authority.issues_until(2020), None).await;
    let error = fails(&mut source(Files::with_ca(&authority).trusting(door.url("/v")))).await;
    is_a_failed_connection(&error, "expired");
}

#[tokio::test]
async fn a_certificate_of_our_own_is_shown_where_it_is_wanted() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let (files, ours) = (Files::with_ca(&authority), authority.issues());
    files.write_identity(&ours);
    assert_eq!(poll(&mut source::<u32>(files.mutual(door.url("/v")))).await, "+1");
    assert_eq!(door.certificates(), [Some(ours.certificate.der().clone())]);
}

#[tokio::test]
async fn a_byte_order_mark_is_no_part_of_a_certificate_or_a_key() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let (files, ours) = (Files::new(), authority.issues());
    files.write("ca.pem", format!("\u{feff}{}", authority.pem()));
    files.write("tls.crt", format!("\u{feff}{}", ours.certificate.pem()));
    files.write("tls.key", format!("\u{feff}{}", ours.key.serialize_pem()));
    assert_eq!(poll(&mut source::<u32>(files.mutual(door.url("/v")))).await, "+1");
    assert_eq!(door.certificates(), [Some(ours.certificate.der().clone())]);
}

#[tokio::test]
async fn without_a_certificate_of_our_own_where_it_is_wanted_the_poll_fails_and_may_be_tried_again()
{
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let error = fails(&mut source(Files::with_ca(&authority).trusting(door.url("/v")))).await;
    assert!(error.is_retryable(), "{error}");
    assert!(error.to_string().contains("CertificateRequired"), "{error}");
    assert_eq!(door.server.requests().len(), 0);
}

#[tokio::test]
async fn a_certificate_that_is_rotated_is_shown_on_a_new_connection_after_a_minute() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let files = Files::with_ca(&authority);
    let (one, two) = (authority.issues(), authority.issues());
    files.write_identity(&one);
    let mut source = source::<u32>(files.mutual(door.url("/v")));
    assert_eq!(poll(&mut source).await, "+1");
    files.write_identity(&two);
    pass(50).await;
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(door.certificates().len(), 1);
    pass(11).await;
    assert_eq!(poll(&mut source).await, ".");
    let shown = [&one, &two].map(|leaf| Some(leaf.certificate.der().clone()));
    assert_eq!(door.certificates(), shown);
    // What is read again and is the same keeps its connections.
    pass(61).await;
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(door.certificates(), shown);
    drop(source);
    door.server.wait_until_idle().await;
}

#[tokio::test]
async fn a_certificate_that_is_refused_is_read_again_at_once() {
    let (authority, other) = (Authority::new(), Authority::new());
    let door = open(&authority.issues(), Some(&authority)).await;
    let files = Files::with_ca(&authority);
    files.write_identity(&other.issues());
    let mut source = source::<u32>(files.mutual(door.url("/v")));
    let error = fails(&mut source).await;
    assert!(error.is_retryable(), "{error}");
    files.write_identity(&authority.issues());
    assert_eq!(poll(&mut source).await, "+1");
}

#[tokio::test]
async fn a_certificate_that_is_refused_by_a_status_is_read_again_at_once() {
    for status in [400, 403] {
        let authority = Authority::new();
        let door = open(&authority.issues(), Some(&authority)).await;
        let files = Files::with_ca(&authority);
        let [one, two] = [(); 2].map(|()| authority.issues());
        files.write_identity(&one);
        door.server.queue("/v", [Reply::status(status)]);
        let mut source = source::<u32>(files.mutual(door.url("/v")));
        assert_eq!(poll(&mut source).await, format!("!{status}"));
        files.write_identity(&two);
        assert_eq!(poll(&mut source).await, "+1");
        assert_eq!(door.certificates().last().unwrap().as_ref(), Some(two.certificate.der()));
    }
}

#[tokio::test]
async fn a_ca_that_is_replaced_is_read_again_at_once_after_a_failed_handshake() {
    let authority = Authority::new();
    let (door, files) = (open(&authority.issues(), None).await, Files::with_ca(&Authority::new()));
    let mut source = source::<u32>(files.trusting(door.url("/v")));
    is_a_failed_connection(&fails(&mut source).await, "invalid peer certificate");
    files.write("ca.pem", authority.pem());
    assert_eq!(poll(&mut source).await, "+1");
}

#[tokio::test]
async fn the_last_good_files_are_kept_while_they_are_half_written() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let files = Files::with_ca(&authority);
    let (one, two) = (authority.issues(), authority.issues());
    files.write_identity(&one);
    let mut source = source::<u32>(files.mutual(door.url("/v")));
    assert_eq!(poll(&mut source).await, "+1");
    let (ca, certificate) = (authority.pem(), one.certificate.pem());
    let halves = [
        ("tls.crt", Vec::new()),
        ("tls.crt", certificate.as_bytes()[..certificate.len() / 2].to_vec()),
        ("tls.crt", two.certificate.pem().into_bytes()),
        ("tls.key", b"-----BEGIN PRIVATE KEY-----\nMIIB".to_vec()),
        ("tls.key", vec![0; 100]),
        ("ca.pem", Vec::new()),
        ("ca.pem", ca.as_bytes()[..ca.len() / 2].to_vec()),
    ];
    for (name, half) in halves {
        files.write(name, &half);
        pass(61).await;
        assert_eq!(poll(&mut source).await, ".", "{name} {half:?}");
        files.write_identity(&one);
        files.write("ca.pem", &ca);
    }
    fs::remove_file(files.at("tls.key")).unwrap();
    pass(61).await;
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(door.certificates().len(), 1, "the same client all the time");
    // Whole again, they are taken at the next poll.
    files.write_identity(&two);
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(door.certificates().last().unwrap().as_ref(), Some(two.certificate.der()));
}

#[tokio::test]
async fn files_that_are_missing_or_wrong_at_the_start_are_named_and_waited_for() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let files = Files::new();
    let mut source = source::<u32>(files.mutual(door.url("/v")));
    is_a_failed_connection(&fails(&mut source).await, "/ca.pem`: No such file");
    files.write("ca.pem", "no certificate");
    files.write_identity(&authority.issues());
    is_a_failed_connection(&fails(&mut source).await, "/ca.pem`: there is no certificate in it");
    files.write("ca.pem", authority.pem());
    files.write("tls.crt", authority.issues().certificate.pem());
    is_a_failed_connection(&fails(&mut source).await, "/tls.key`");
    files.write("tls.key", vec![b'x'; 2 << 20]);
    is_a_failed_connection(&fails(&mut source).await, "/tls.key` has more than 1048576 bytes");
    assert_eq!(door.server.connections(), 0);
    files.write_identity(&authority.issues());
    assert_eq!(poll(&mut source).await, "+1");
}

#[tokio::test]
async fn a_file_of_certificates_is_bounded() {
    const MOST: usize = 1024 * 1024;
    let authority = Authority::new();
    let door = open(&authority.issues(), None).await;
    for (bytes, fits) in [(MOST, true), (MOST + 1, false)] {
        let files = Files::new();
        let pem = authority.pem();
        files.write("ca.pem", format!("{pem}{}", "\n".repeat(bytes - pem.len())));
        let mut source = source::<u32>(files.trusting(door.url("/v")));
        match fits {
            true => assert_eq!(poll(&mut source).await, "+1"),
            false => is_a_failed_connection(&fails(&mut source).await, "more than 1048576 bytes"),
        }
    }
}

#[tokio::test]
async fn no_key_reaches_an_error_or_debug_output() {
    let authority = Authority::new();
    let files = Files::with_ca(&authority);
    let ours = authority.issues();
    let key = ours.key.serialize_pem();
    let secret = key.lines().nth(1).unwrap();
    files.write("tls.crt", authority.issues().certificate.pem());
    for content in [key.clone(), key.replace("-----END", "----"), format!("{secret}\n{secret}")] {
        files.write("tls.key", content);
        let mut source = source::<u32>(files.mutual("https://127.0.0.1:1/v"));
        let error = fails(&mut source).await;
        let told = format!("{error} {error:?} {source:?}");
        assert!(!told.contains(&secret[..20]), "{told}");
    }
}

#[tokio::test]
async fn watchers_with_the_same_files_share_their_connections() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    let files = Files::with_ca(&authority);
    files.write_identity(&authority.issues());
    let [mut one, mut two] = [(); 2].map(|()| source::<u32>(files.mutual(door.url("/v"))));
    assert_eq!((poll(&mut one).await, poll(&mut two).await), ("+1".into(), "+1".into()));
    assert_eq!(door.certificates().len(), 1);
}

#[tokio::test]
async fn the_tls_files_hold_for_a_token_endpoint_as_well() {
    let authority = Authority::new();
    let door = open(&authority.issues(), Some(&authority)).await;
    door.server.set("/token", Reply::json(r#"{"access_token":"t0ken","token_type":"Bearer"}"#));
    let (files, ours) = (Files::with_ca(&authority), authority.issues());
    files.write_identity(&ours);
    let secret = SecretSource::Value("s3cr3t".into());
    let token_url = door.url("/v").replace("/v", "/token");
    let credentials = ClientCredentials::new(token_url, "us", secret);
    let mut source = source::<u32>(files.mutual(door.url("/v")).oauth2(credentials));
    assert_eq!(poll(&mut source).await, "+1");
    assert_eq!(door.certificates(), [Some(ours.certificate.der().clone())], "one connection");
    assert_eq!(door.server.requests()[1].header("authorization"), Some("Bearer t0ken"));
}

#[tokio::test]
async fn with_a_certificate_of_our_own_no_redirect_to_another_origin_is_followed() {
    let authority = Authority::new();
    let [door, other] = [
        open(&authority.issues(), Some(&authority)).await,
        open(&authority.issues(), Some(&authority)).await,
    ];
    let files = Files::with_ca(&authority);
    files.write_identity(&authority.issues());
    door.server.set("/v", Reply::redirect(302, &other.url("/v")));
    let mut mutual = source::<u32>(files.mutual(door.url("/v")));
    assert_eq!(poll(&mut mutual).await, "!redirect");
    assert_eq!(other.certificates(), []);
}

#[tokio::test]
async fn a_next_page_at_another_origin_is_trusted_by_the_same_ca_and_shown_no_certificate() {
    let authority = Authority::new();
    let first = open(&authority.issues(), Some(&authority)).await;
    let other = open(&authority.issues(), None).await;
    let strict = open(&authority.issues(), Some(&authority)).await;
    let files = Files::with_ca(&authority);
    files.write_identity(&authority.issues());
    other.server.set("/v", page("b1"));
    strict.server.set("/v", page("b1"));
    let origin = |door: &Door| format!("https://{}", door.address());
    let paging = Paging::link_header().origin(origin(&other)).origin(origin(&strict));
    let declared = list(first.url("/v")).tls_ca(files.at("ca.pem")).pages(paging);
    let declared = declared.tls_identity(files.at("tls.crt"), files.at("tls.key"));
    let mut walk = source::<Item>(declared);
    first.server.set("/v", page_before(&other.url("/v"), "a1"));
    assert_eq!(poll(&mut walk).await, "+a1+b1");
    first.server.set("/v", page_before(&strict.url("/v"), "a2"));
    assert!(["!connect", "!interrupted"].contains(&poll(&mut walk).await.as_str()));
    assert_eq!(strict.server.requests().len(), 0);
}

/// A socket in a folder, and the server behind it.
#[cfg(unix)]
async fn on_a_socket(folder: &Files) -> (Server, JoinSet<()>) {
    let server = Server::start().await;
    let listener = tokio::net::UnixListener::bind(folder.at("socket")).unwrap();
    let (inner, mut task) = (server.address(), JoinSet::new());
    task.spawn(async move {
        let mut connections = JoinSet::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            connections.spawn(async move {
                let mut inner = TcpStream::connect(inner).await?;
                tokio::io::copy_bidirectional(&mut stream, &mut inner).await
            });
        }
    });
    (server, task)
}

#[cfg(unix)]
#[tokio::test]
async fn a_unix_socket_is_asked_in_place_of_the_host() {
    let folder = Files::new();
    let (server, _task) = on_a_socket(&folder).await;
    server.set("/v", value(1));
    let url = "http://no-such-host.invalid/v";
    let mut there = source::<u32>(declare(url).unix_socket(folder.at("socket")));
    assert_eq!((poll(&mut there).await, poll(&mut there).await), ("+1".into(), ".".into()));
    assert_eq!(server.requests()[0].header("host"), Some("no-such-host.invalid"));
    let nowhere = declare(url).unix_socket(folder.at("none")).retries(0);
    is_a_failed_connection(&fails(&mut source(nowhere)).await, "No such file");
}

#[cfg(unix)]
#[tokio::test]
async fn what_another_origin_wishes_is_not_the_wish_of_the_socket() {
    let folder = Files::new();
    let ((server, _task), other) = (on_a_socket(&folder).await, Server::start().await);
    server.set("/v", page_before(&other.url("/v"), "a1"));
    server.set("/w", value(1));
    other.set("/v", Reply::status(429).header("retry-after", "60"));
    let paging = Paging::link_header().origin(other.url(""));
    let walk = list("http://socket/v").pages(paging).unix_socket(folder.at("socket"));
    let mut walk = source::<Item>(walk);
    assert_eq!(poll(&mut walk).await, "!429");
    let beside = declare("http://socket/w").unix_socket(folder.at("socket"));
    assert_eq!(poll(&mut source::<u32>(beside)).await, "+1");
}

/// Runs a test again in a process of its own, where the environment has a proxy: it is read once in each.
async fn proxied(test: &str, proxy: &str) {
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    child.args([&format!("http::tls::{test}"), "--exact", "--test-threads", "1"]);
    child.env("KOPRS_EXTERNAL_TEST_PROXIED", "1");
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"] {
        child.env(name, proxy);
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    let output = tokio::time::timeout(Duration::from_secs(60), child.output()).await;
    let output = output.unwrap().unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn is_proxied() -> bool {
    std::env::var_os("KOPRS_EXTERNAL_TEST_PROXIED").is_some()
}

#[tokio::test]
async fn a_proxy_of_the_environment_is_used() {
    const URL: &str = "http://no-such-host.invalid/v";
    if is_proxied() {
        assert_eq!(poll(&mut source::<u32>(declare(URL))).await, "+1");
        return;
    }
    let proxy = Server::start().await;
    proxy.set("/v", value(1));
    proxied("a_proxy_of_the_environment_is_used", &proxy.url("")).await;
    assert_eq!(proxy.requests()[0].uri.to_string(), URL);
}

#[tokio::test]
async fn the_password_of_a_proxy_is_not_shown() {
    if is_proxied() {
        for url in ["http://no-such-host.invalid/v", "https://no-such-host.invalid/v"] {
            let mut source = source::<u32>(declare(url));
            is_clean(url, &told(&fails(&mut source).await));
            is_clean(url, &shown(&source));
        }
        return;
    }
    let proxy = Server::start().await;
    proxy.fallback(Reply::status(407));
    for address in [proxy.address(), "127.0.0.1:1".parse().unwrap()] {
        let url = format!("http://us:s3cr3t@{address}");
        proxied("the_password_of_a_proxy_is_not_shown", &url).await;
    }
    assert!(proxy.requests()[0].header("proxy-authorization").is_some());
}
