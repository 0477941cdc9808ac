//! Promise 14, for connections.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Waker;

use futures_util::future::join_all;
use futures_util::task::{ArcWake, waker};
use http::Request;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::server::conn::auto;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::super::{Kind, Roots};
use super::*;

/// Always has more to read.
struct Endless;

impl Read for Endless {
    fn poll_read(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        mut room: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        room.put_slice(&vec![b'0'; room.remaining()]);
        Poll::Ready(Ok(()))
    }
}

impl Write for Endless {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

impl Connection for Endless {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

#[derive(Default)]
struct Woken(AtomicUsize);

impl ArcWake for Woken {
    fn wake_by_ref(woken: &Arc<Self>) {
        woken.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_connection_gives_way_after_each_part_that_it_reads() {
    let woken = Arc::new(Woken::default());
    let waker: Waker = waker(Arc::clone(&woken));
    let mut stream = Paced::new(Endless);
    for turn in 1..10 {
        let mut room = vec![0; 400 * 1024];
        let mut buffer = ReadBuf::new(&mut room);
        let mut read =
            || Pin::new(&mut stream).poll_read(&mut Context::from_waker(&waker), buffer.unfilled());
        assert!(read().is_ready());
        assert!(read().is_pending());
        assert_eq!(buffer.filled().len(), SHARE);
        // It goes on by itself.
        assert_eq!(woken.0.load(Ordering::Relaxed), turn);
    }
}

struct Localhost;

impl dns::Resolve for Localhost {
    fn resolve(&self, _: dns::Name) -> dns::Resolving {
        let found: dns::Addrs = Box::new([SocketAddr::from(([127, 0, 0, 1], 0))].into_iter());
        async { Ok(found) }.boxed()
    }
}

/// A TLS server that speaks these protocols and says what it was asked, and what trusts it.
async fn stage(protocols: &[&str]) -> (u16, Tls) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["api.test".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let stream = TokioIo::new(acceptor.accept(stream).await.unwrap());
                let answer = service_fn(|request: Request<Incoming>| async move {
                    let header = |name| request.headers()[name].to_str().unwrap().to_owned();
                    let (accept, agent) = (header(ACCEPT), header(USER_AGENT));
                    let said = format!("{:?} {accept} {agent} ", request.version());
                    // More than is read at a time.
                    let body = said + &"x".repeat(10 * SHARE);
                    Ok::<_, Infallible>(Response::new(Full::new(bytes::Bytes::from(body))))
                });
                let _ =
                    auto::Builder::new(TokioExecutor::new()).serve_connection(stream, answer).await;
            });
        }
    });
    let tls = Tls::new(Roots::only(cert.pem().as_bytes()).unwrap(), None).unwrap();
    (port, tls)
}

fn by(route: Route) -> Options {
    Options { route, ..Options::default() }
}

fn guarded(tls: &Tls) -> Client {
    let resolver = Some(Arc::new(Localhost) as _);
    Client::new(tls, &Options { resolver, ..by(Route::Direct) })
}

async fn sent(
    client: &Client,
    request: reqwest::Request,
) -> Result<reqwest::Response, super::super::Error> {
    client.send(request, Arc::default()).await
}

fn get(url: &str) -> reqwest::Request {
    reqwest::Request::new(http::Method::GET, url.parse().unwrap())
}

#[tokio::test]
async fn it_speaks_the_version_of_http_that_the_server_chooses() {
    for (protocols, version) in
        [(&["h2", "http/1.1"][..], "HTTP/2.0"), (&["http/1.1"], "HTTP/1.1"), (&[], "HTTP/1.1")]
    {
        let (port, tls) = stage(protocols).await;
        let client = guarded(&tls);
        let url = format!("https://api.test:{port}/a?b=c");
        // One connection after the other, and several requests at a time.
        for answer in join_all((0..3).map(|_| sent(&client, get(&url)))).await {
            let answer = answer.unwrap();
            assert_eq!(answer.url().as_str(), url);
            assert_eq!(format!("{:?}", answer.version()), version);
            let body = answer.text().await.unwrap();
            let (said, rest) = body.split_at(body.len() - 10 * SHARE);
            assert_eq!(said, format!("{version} */* {} ", super::super::USER_AGENT));
            assert!(rest.bytes().all(|byte| byte == b'x'));
        }
    }
}

#[tokio::test]
async fn what_is_not_trusted_or_not_there_is_an_error_of_the_connection() {
    let (port, tls) = stage(&[]).await;
    let client = guarded(&tls);
    for url in [format!("https://other.test:{port}/"), "http://api.test:1/".to_owned()] {
        let error = sent(&client, get(&url)).await.unwrap_err();
        assert_eq!(error.kind, Kind::Connect, "{error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_is_not_established_times_out() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let tls = Tls::new(Roots::system(), None).unwrap();
    let client = guarded(&tls);
    // TLS is never answered.
    let error = sent(&client, get(&format!("https://api.test:{port}/"))).await.unwrap_err();
    assert_eq!(error.kind, Kind::Timeout, "{error:?}");
    let root = std::iter::successors(error.source(), |&cause| cause.source()).last();
    let message = root.map(ToString::to_string).unwrap_or_default();
    assert!(message.starts_with("no connection within 5s"), "{message}");
    drop(poll_fn(|cx| listener.poll_accept(cx)).await);
}

/// What a proxy was asked, without the parts that differ by run.
type Asked = Arc<Mutex<Vec<String>>>;

/// A proxy that knows all hosts as this machine.
async fn proxy_server() -> (u16, Asked) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Asked::default();
    tokio::spawn({
        let asked = Arc::clone(&asked);
        async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                let head = String::from_utf8(head).unwrap();
                let mut lines = head.lines();
                let first = lines.next().unwrap();
                let credential = lines.find(|line| line.starts_with("proxy-authorization"));
                asked.lock().unwrap().push(format!("{first} {}", credential.unwrap_or_default()));
                let Some(target) = first.strip_prefix("CONNECT ") else {
                    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                    stream.write_all(answer).await.unwrap();
                    continue;
                };
                let port = target.split([':', ' ']).nth(1).unwrap().parse().unwrap();
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
                let mut server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                tokio::spawn(async move {
                    let _ = copy_bidirectional(&mut stream, &mut server).await;
                });
            }
        }
    });
    (port, asked)
}

#[tokio::test]
async fn a_proxy_is_asked_for_the_url_or_for_a_tunnel_with_its_credential() {
    let (https, tls) = stage(&["h2", "http/1.1"]).await;
    let (port, asked) = proxy_server().await;
    let url = format!("http://u:p@127.0.0.1:{port}");
    let route = Route::by_proxy(&url, "127.0.0.1".to_owned()).unwrap();
    let client = Client::new(&tls, &by(route));

    let answer = sent(&client, get("http://api.test/a?b=c")).await.unwrap();
    assert_eq!(answer.text().await.unwrap(), "ok");
    let answer = sent(&client, get(&format!("https://api.test:{https}/a"))).await.unwrap();
    assert!(answer.text().await.unwrap().starts_with("HTTP/2.0 "));
    // Not this one.
    sent(&client, get(&format!("http://127.0.0.1:{port}/"))).await.unwrap();

    let credential = "proxy-authorization: Basic dTpw";
    let expected = [
        format!("GET http://api.test/a?b=c HTTP/1.1 {credential}"),
        format!("CONNECT api.test:{https} HTTP/1.1 {credential}"),
        "GET / HTTP/1.1 ".to_owned(),
    ];
    assert_eq!(*asked.lock().unwrap(), expected);
}

#[tokio::test]
async fn a_proxy_of_a_kind_that_is_not_known_is_an_error_and_not_left_out() {
    let (_, tls) = stage(&[]).await;
    let proxies = Matcher::builder().all("socks5://127.0.0.1:1").build();
    let client = Client::new(&tls, &by(Route::Proxies(Arc::new(proxies))));
    let error = sent(&client, get("http://127.0.0.1:1/")).await.unwrap_err();
    assert_eq!(error.kind, Kind::Connect);
    let why = error.source().unwrap().to_string();
    assert!(why.contains("proxies"), "{why}");
}

#[tokio::test]
async fn no_spelling_of_a_proxy_lets_requests_past_it() {
    let (_, tls) = stage(&[]).await;
    for (user, spelt) in
        [("", "127.0.0.1"), ("a:s^|<> @p@", "127.0.0.1"), ("ü:p@", "127.0.0.1"), ("", "127.1")]
    {
        let (port, asked) = proxy_server().await;
        for scheme in ["http://", "HTTP://", " http://", ""] {
            let proxy = format!("{scheme}{user}{spelt}:{port}");
            let route = Route::by_proxy(&proxy, String::new()).unwrap();
            let client = Client::new(&tls, &by(route));
            let answer = sent(&client, get("http://api.test/")).await;
            assert_eq!(answer.unwrap().text().await.unwrap(), "ok", "{proxy}");
        }
        assert_eq!(asked.lock().unwrap().len(), 4, "{user}{spelt}");
    }
    for other in ["socks5://h:1", "ftp://h", "http://", ""] {
        assert!(Route::by_proxy(other, String::new()).is_err(), "{other}");
    }
}

struct Addresses(Vec<SocketAddr>);

impl dns::Resolve for Addresses {
    fn resolve(&self, _: dns::Name) -> dns::Resolving {
        let found: dns::Addrs = Box::new(self.0.clone().into_iter());
        async { Ok(found) }.boxed()
    }
}

/// Linux drops the packets of a connection that finds the backlog full, like a host that is down.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_dead_address_leaves_time_for_the_next_one_of_its_host() {
    let (port, _) = proxy_server().await;
    let dead = SocketAddr::from(([127, 0, 0, 2], port));
    let socket = tokio::net::TcpSocket::new_v4().unwrap();
    socket.bind(dead).unwrap();
    let _listener = socket.listen(1).unwrap();
    let mut waiting = Vec::new();
    while let Ok(stream) = timeout(Duration::from_millis(200), TcpStream::connect(dead)).await {
        waiting.push(stream.unwrap());
    }
    let addresses = vec![dead, SocketAddr::from(([127, 0, 0, 1], port))];
    let options = Options {
        resolver: Some(Arc::new(Addresses(addresses))),
        connect_timeout: Duration::from_secs(1),
        ..by(Route::Direct)
    };
    let tls = Tls::new(Roots::system(), None).unwrap();
    let answer = sent(&Client::new(&tls, &options), get(&format!("http://api.test:{port}/"))).await;
    assert_eq!(answer.unwrap().text().await.unwrap(), "ok");
}

/// An HTTP/2 server that does not process the first requests: it refuses them, or closes their connections gracefully.
async fn unprocessing(times: usize, closes: bool) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked = Arc::new(AtomicUsize::new(0));
    tokio::spawn({
        let asked = Arc::clone(&asked);
        async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let asked = Arc::clone(&asked);
                tokio::spawn(async move {
                    let mut preface = [0; 24];
                    stream.read_exact(&mut preface).await.unwrap();
                    stream.write_all(&[0, 0, 0, SETTINGS, 0, 0, 0, 0, 0]).await.unwrap();
                    let mut head = [0; 9];
                    while stream.read_exact(&mut head).await.is_ok() {
                        let [_, high, low, kind, _, id @ ..] = head;
                        let mut rest = vec![0; u16::from_be_bytes([high, low]).into()];
                        stream.read_exact(&mut rest).await.unwrap();
                        if kind != HEADERS {
                            continue;
                        }
                        let is_answered = asked.fetch_add(1, Ordering::Relaxed) >= times;
                        let (kind, flags, id, rest) = match (is_answered, closes) {
                            // The status 200, and the end of the headers and of the stream.
                            (true, _) => (HEADERS, 5, id, vec![0x88]),
                            (false, true) => (GO_AWAY, 0, [0; 4], vec![0; 8]),
                            (false, false) => (RST_STREAM, 0, id, vec![0, 0, 0, REFUSED_STREAM]),
                        };
                        let length = u8::try_from(rest.len()).unwrap();
                        let frame = [&[0, 0, length, kind, flags][..], &id, &rest].concat();
                        stream.write_all(&frame).await.unwrap();
                    }
                });
            }
        }
    });
    (port, asked)
}

const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;
const REFUSED_STREAM: u8 = 7;

#[tokio::test]
async fn a_request_that_an_http2_server_did_not_process_is_sent_again_up_to_twice() {
    let tls = Tls::new(Roots::system(), None).unwrap();
    let options = Options { http2_only: true, ..by(Route::Direct) };
    for closes in [false, true] {
        for (times, is_answered) in [(1, true), (2, true), (3, false)] {
            let (port, asked) = unprocessing(times, closes).await;
            let client = Client::new(&tls, &options);
            let mut request = get(&format!("http://127.0.0.1:{port}/"));
            *request.method_mut() = http::Method::POST;
            *request.body_mut() = Some("body".into());
            let answer = sent(&client, request).await;
            assert_eq!(answer.is_ok(), is_answered, "{times} {closes} {answer:?}");
            assert_eq!(asked.load(Ordering::Relaxed), 3.min(times + 1));
        }
    }
}
