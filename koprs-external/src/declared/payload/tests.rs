//! Untrusted declarations against real sockets. What is inside listens on `127.0.0.1` and is never connected to.
//! What is outside listens on `127.0.0.2`, at the same port, and the guard of these tests takes it for public.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;

use super::*;
use crate::error::{ExternalError, HttpErrorKind};
use crate::http::Guard;
use crate::spec::address::is_public;
use crate::spec::{Paging, Trust, WatcherBuilder};

#[cfg(all(feature = "csv", feature = "yaml"))]
mod heap;

mod connections;
mod large;
mod pages;

const INSIDE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Item {
    id: String,
}

struct Stage {
    inside: Server,
    outside: Server,
    port: u16,
}

impl Stage {
    async fn new() -> Self {
        let inside = Server::start().await;
        let port = inside.address().port();
        let outside = Server::start_at(SocketAddr::new(OUTSIDE, port)).await;
        Self { inside, outside, port }
    }

    fn url(&self, host: &str) -> String {
        format!("http://{host}:{}", self.port)
    }

    /// All hosts that are not to be asked, by name and by address, however they are spelt.
    fn forbidden(&self) -> Vec<String> {
        let hosts = [
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "0x7f.1",
            "2130706433",
            "[::ffff:127.0.0.1]",
            "localhost",
            "localhost.",
            "a.localhost",
            "inside.example.com",
            "mapped.example.com",
            "nowhere.example.com",
            "127.0.0.1..",
            "kubernetes.default",
            "web.docker",
        ];
        hosts.map(|host| self.url(host)).to_vec()
    }

    fn is_untouched(&self) {
        assert_eq!(self.inside.connections(), 0);
    }
}

/// Looks up by a table in place of the network.
fn reach(found: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Reach {
    guard(found).into()
}

fn guard(found: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Guard {
    let look_up = move |name: String| {
        let found = match found(&name) {
            none if none.is_empty() => Err(io::Error::other("no such name")),
            found => Ok(found),
        };
        std::future::ready(found).boxed()
    };
    Guard::new(Arc::new(look_up), |address| address == OUTSIDE || is_public(address))
}

fn names(name: &str) -> Vec<IpAddr> {
    match name {
        "outside.example.com." => vec![OUTSIDE],
        "inside.example.com." => vec![INSIDE],
        "mapped.example.com." => vec![Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()],
        "both.example.com." => vec![INSIDE, OUTSIDE, Ipv4Addr::LOCALHOST.to_ipv6_mapped().into()],
        _ => Vec::new(),
    }
}

fn declare(url: impl Into<String>) -> WatcherBuilder {
    WatcherSpec::http("flags", url).interval(Duration::from_secs(1))
}

/// The guard stands by itself: what is checked before is left out here.
fn guarded<T>(declared: WatcherBuilder, reach: &Reach) -> Http<T>
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    Http::new(&declared.build().unwrap(), None, reach, Budget::default()).unwrap()
}

fn refused<T: fmt::Debug>(polled: Result<T>) -> String {
    match polled {
        Err(ExternalError::Http(error)) if error.kind() == HttpErrorKind::Unreachable => {
            ExternalError::Http(error).to_string()
        }
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn a_public_host_is_asked() {
    let stage = Stage::new().await;
    stage.outside.set("/v", Reply::json("1"));
    let reach = reach(names);
    for host in ["outside.example.com", "OUTSIDE.example.com.", "127.0.0.2", "both.example.com"] {
        let mut source = guarded::<u32>(declare(stage.url(host) + "/v"), &reach);
        assert_eq!(source.poll().await.unwrap(), [ExternalEvent::Added(1)], "{host}");
    }
    stage.is_untouched();
}

#[tokio::test]
async fn a_host_inside_is_never_connected_to() {
    let stage = Stage::new().await;
    let reach = reach(names);
    for url in stage.forbidden() {
        let error = refused(guarded::<u32>(declare(&url), &reach).poll().await);
        assert!(error.contains("cannot be reached on the public internet"), "{error}");
    }
    stage.is_untouched();
}

#[tokio::test]
async fn a_redirect_does_not_lead_inside() {
    let stage = Stage::new().await;
    let reach = reach(names);
    for url in stage.forbidden() {
        stage.outside.set("/v", Reply::redirect(302, &url));
        let declared = declare(stage.url("outside.example.com") + "/v");
        refused(guarded::<u32>(declared, &reach).poll().await);
    }
    stage.is_untouched();
}

#[tokio::test]
async fn a_next_link_does_not_lead_inside() {
    let stage = Stage::new().await;
    let reach = reach(names);
    for url in stage.forbidden() {
        let page = Reply::json(r#"[{"id":"a"}]"#);
        let link = format!("<{url}/v>; rel=\"next\"");
        stage.outside.set("/v", page.clone().header("link", &link));
        let paging = Paging::link_header().origin(&url);
        let declared = declare(stage.url("outside.example.com") + "/v").pages(paging);
        refused(guarded::<Item>(declared.items("").key("/id"), &reach).poll().await);

        stage.outside.set("/c", Reply::json(format!(r#"{{"d":[{{"id":"a"}}],"next":"{url}/v"}}"#)));
        let paging = Paging::cursor_at("/next").origin(&url);
        let declared = declare(stage.url("outside.example.com") + "/c").pages(paging);
        refused(guarded::<Item>(declared.items("/d").key("/id"), &reach).poll().await);
    }
    stage.is_untouched();
}

#[cfg(feature = "oauth2")]
#[tokio::test]
async fn a_token_is_not_asked_for_inside() {
    use crate::spec::{ClientCredentials, SecretSource};

    let stage = Stage::new().await;
    let reach = reach(names);
    for url in stage.forbidden() {
        let secret = SecretSource::Value("s3cr3t".into());
        let credentials = ClientCredentials::new(url, "us", secret);
        let declared = declare(stage.url("outside.example.com") + "/v").oauth2(credentials);
        refused(guarded::<u32>(declared, &reach).poll().await);
    }
    stage.is_untouched();
    assert_eq!(stage.outside.connections(), 0);
}

#[tokio::test]
async fn a_name_is_looked_up_without_a_search_list() {
    let stage = Stage::new().await;
    let as_it_is = |name: &str| {
        // A name that ends in a dot is absolute (RFC 1034 §3.1).
        assert_eq!(name, "api.shop.");
        vec![INSIDE]
    };
    for host in ["api.shop", "api.shop."] {
        refused(guarded::<u32>(declare(stage.url(host)), &reach(as_it_is)).poll().await);
    }
}

#[cfg(feature = "oauth2")]
#[tokio::test]
async fn trusted_and_untrusted_share_no_token() {
    use crate::spec::{ClientCredentials, SecretSource};

    let stage = Stage::new().await;
    stage.outside.set("/v", Reply::json("1"));
    stage.outside.set("/token", Reply::json(r#"{"access_token":"t0ken"}"#));
    let secret = SecretSource::Value("s3cr3t".into());
    let credentials = ClientCredentials::new(stage.url("127.0.0.2") + "/token", "us", secret);
    let declared = || declare(stage.url("127.0.0.2") + "/v").oauth2(credentials.clone());
    let mut sources = [&Reach::Anywhere, &reach(names), &Reach::Anywhere]
        .map(|reach| guarded::<u32>(declared(), reach));
    for (source, tokens) in sources.iter_mut().zip([1, 2, 2]) {
        assert_eq!(source.poll().await.unwrap(), [ExternalEvent::Added(1)]);
        assert_eq!(stage.outside.hits("/token"), tokens);
    }
}

#[tokio::test]
async fn a_name_that_leads_elsewhere_a_moment_later_leads_nowhere() {
    let stage = Stage::new().await;
    stage.outside.set("/v", Reply::json("1").close_after());
    let looked_up = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looked_up);
    let rebound = move |_: &str| match count.fetch_add(1, Ordering::Relaxed) {
        0 => vec![OUTSIDE],
        _ => vec![INSIDE],
    };
    let declared = declare(stage.url("rebound.example.com") + "/v");
    let mut source = guarded::<u32>(declared, &reach(rebound));
    assert_eq!(source.poll().await.unwrap(), [ExternalEvent::Added(1)]);
    assert_eq!(looked_up.load(Ordering::Relaxed), 1, "what was looked at is what is connected to");
    refused(source.poll().await);
    assert_eq!(looked_up.load(Ordering::Relaxed), 2);
    stage.is_untouched();
}

#[tokio::test]
async fn no_message_tells_what_is_inside_from_what_is_not_there() {
    let stage = Stage::new().await;
    let reach = reach(names);
    let mut told = Vec::new();
    for host in ["inside.example.com", "nowhere.example.com", "127.0.0.1", "localhost"] {
        let source = &mut guarded::<u32>(declare(stage.url(host)), &reach);
        let error = source.poll().await.unwrap_err();
        assert!(error.is_retryable() && !error.is_permanent());
        let chain =
            std::iter::successors(Some(&error as &dyn std::error::Error), |&it| it.source());
        let chain: Vec<_> = chain.map(ToString::to_string).collect();
        assert!(host == "127.0.0.1" || !chain.concat().contains("127.0.0"), "{chain:?}");
        told.push(chain.concat().replace(host, "host"));
    }
    assert!(told.windows(2).all(|pair| pair[0] == pair[1]), "{told:?}");
}

/// URLs that give no answer, each for another reason. What is mute is so for the time of the request.
async fn without_answer(stage: &Stage) -> Vec<(&'static str, String)> {
    let closed = Server::start_at(SocketAddr::new(OUTSIDE, 0)).await;
    let port = closed.address().port();
    closed.stop().await;
    stage.outside.set("/reset", Reply::reset());
    stage.outside.set("/close", Reply::close());
    stage.outside.set("/mute", Reply::stall());
    stage.outside.set("/ssh", Reply::garbage("SSH-2.0-OpenSSH_9.6\r\n"));
    stage.outside.set("/old", Reply::garbage("220 mail ESMTP\r\n"));
    let at = |path: &str| stage.url("outside.example.com") + path;
    vec![
        ("closed", format!("http://outside.example.com:{port}/v")),
        ("no TLS", stage.url("outside.example.com").replace("http:", "https:") + "/v"),
        ("reset", at("/reset")),
        ("closed without an answer", at("/close")),
        ("mute", at("/mute")),
        ("no HTTP", at("/ssh")),
        ("no HTTP", at("/old")),
        ("inside", stage.url("inside.example.com")),
        ("not found", stage.url("nowhere.example.com")),
        ("an address inside", stage.url("127.0.0.1")),
    ]
}

/// All that an error says, without the URL.
fn words(error: &ExternalError, url: &str) -> Vec<String> {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |&it| it.source());
    let host = url::Url::parse(url).unwrap().host_str().unwrap().to_owned();
    let bare = |text: String| text.replace(url, "url").replace(&host, "host");
    let bare = |text| bare(text).replace("outside.example.com", "host");
    chain.map(|link| bare(format!("{link}"))).collect()
}

#[tokio::test]
async fn whatever_gives_no_answer_has_one_error() {
    let stage = Stage::new().await;
    let reach = reach(names);
    let brief = |builder: WatcherBuilder| builder.timeout(Duration::from_millis(500)).retries(0);
    let mut first: Option<[Vec<String>; 2]> = None;
    for (what, url) in without_answer(&stage).await {
        let url = url::Url::parse(&url).unwrap().to_string();
        let direct = guarded::<u32>(brief(declare(&url)), &reach).poll().await.unwrap_err();
        stage.outside.set("/v", Reply::redirect(302, &url));
        let start = brief(declare(stage.url("outside.example.com") + "/v"));
        let redirected = guarded::<u32>(start, &reach).poll().await.unwrap_err();
        for error in [&direct, &redirected] {
            assert!(error.is_retryable() && !error.is_permanent(), "{what}: {error}");
            let ExternalError::Http(error) = error else { panic!("{what}: {error}") };
            assert_eq!(error.kind(), HttpErrorKind::Unreachable, "{what}: {error}");
            assert!(!format!("{error:?}").contains("refused"), "{what}: {error:?}");
        }
        let told = [&direct, &redirected].map(|error| words(error, &url));
        assert_eq!(&told, first.get_or_insert(told.clone()), "{what}");
    }
    stage.is_untouched();
}

#[cfg(feature = "oauth2")]
#[tokio::test]
async fn a_token_endpoint_that_gives_no_answer_has_one_error() {
    use crate::spec::{ClientCredentials, SecretSource};

    let stage = Stage::new().await;
    let reach = reach(names);
    let mut first = None;
    // What is mute takes ten seconds here, and is like any other.
    for (what, url) in without_answer(&stage).await.into_iter().filter(|(what, _)| *what != "mute")
    {
        let url = url::Url::parse(&url).unwrap().to_string();
        let credentials = ClientCredentials::new(&url, "us", SecretSource::Value("s3cr3t".into()));
        let declared = declare(stage.url("outside.example.com") + "/v").oauth2(credentials);
        let error = guarded::<u32>(declared, &reach).poll().await.unwrap_err();
        let told = words(&error, &url);
        assert_eq!(&told, first.get_or_insert(told.clone()), "{what}");
    }
    stage.is_untouched();
}

#[tokio::test(start_paused = true)]
async fn whatever_gives_no_answer_takes_the_time_of_the_request() {
    let stage = Stage::new().await;
    let reach = guard(names).even().into();
    let urls = without_answer(&stage).await;
    // An address that is refused as it stands says nothing that its author does not know.
    for (what, url) in urls.into_iter().filter(|(what, _)| *what != "an address inside") {
        let begun = tokio::time::Instant::now();
        let mut source = guarded::<u32>(declare(&url).timeout(Duration::from_secs(7)), &reach);
        refused(source.poll().await);
        assert_eq!(begun.elapsed().as_secs(), 7, "{what}");
    }
}

#[tokio::test]
async fn a_server_that_answers_is_told_by_its_answer() {
    let stage = Stage::new().await;
    let reach = reach(names);
    let answers = [
        (Reply::status(500), HttpErrorKind::Status(500)),
        (Reply::json("1").truncate(0), HttpErrorKind::Interrupted),
        (Reply::json("1").stall_after(0), HttpErrorKind::Timeout),
        (
            Reply::json("1").header("x", "x".repeat(70_000)),
            HttpErrorKind::HeadersTooLarge { limit: 64 * 1024 },
        ),
    ];
    for (reply, kind) in answers {
        stage.outside.set("/v", reply);
        let declared = declare(stage.url("outside.example.com") + "/v").retries(0);
        let declared = declared.timeout(Duration::from_millis(500));
        match guarded::<u32>(declared, &reach).poll().await.unwrap_err() {
            ExternalError::Http(error) => assert_eq!(error.kind(), kind, "{error}"),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_port_that_is_not_open_is_not_asked_unless_the_operator_allows_it() {
    let stage = Stage::new().await;
    let (closed, open) = (reach(names), reach(names).with_ports(&[22]));
    let lead_there = |url: &str| {
        stage.outside.set("/v", Reply::redirect(302, url));
        let page = Reply::json(r#"[{"id":"a"}]"#).header("link", format!("<{url}>; rel=\"next\""));
        stage.outside.set("/p", page);
        let at = |path: &str| declare(stage.url("outside.example.com") + path).retries(0);
        let paging = Paging::link_header().origin(url);
        (declare(url), at("/v"), at("/p").pages(paging).items("").key("/id"))
    };
    for host in ["outside.example.com", "127.0.0.2"] {
        for (reach, says) in [(&closed, "has a port below 1024"), (&open, "cannot be reached")] {
            let (direct, redirected, paged) = lead_there(&format!("http://{host}:22/"));
            let errors = [
                refused(guarded::<u32>(direct, reach).poll().await),
                refused(guarded::<u32>(redirected, reach).poll().await),
                refused(guarded::<Item>(paged, reach).poll().await),
            ];
            assert!(errors.iter().all(|error| error.contains(says)), "{errors:?}");
        }
    }
}

#[tokio::test]
async fn a_refused_host_is_not_tried_again_within_the_poll() {
    let stage = Stage::new().await;
    let looked_up = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looked_up);
    let inside = move |_: &str| {
        count.fetch_add(1, Ordering::Relaxed);
        vec![INSIDE]
    };
    let declared = declare(stage.url("inside.example.com")).retries(5);
    refused(guarded::<u32>(declared, &reach(inside)).poll().await);
    assert_eq!(looked_up.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn trusted_and_untrusted_share_no_connection() {
    let stage = Stage::new().await;
    stage.outside.set("/v", Reply::json("1"));
    let declared = || declare(stage.url("127.0.0.2") + "/v");
    let (guard, anywhere) = (reach(names), Reach::Anywhere);
    for (reach, connections) in [(&anywhere, 1), (&guard, 2), (&anywhere, 2), (&guard, 2)] {
        assert!(guarded::<u32>(declared(), reach).poll().await.is_ok());
        assert_eq!(stage.outside.connections(), connections);
    }
}

#[tokio::test]
async fn what_a_host_wishes_of_the_untrusted_holds_up_nobody_else() {
    let stage = Stage::new().await;
    stage.outside.set("/mine", Reply::status(429).header("retry-after", "3600"));
    stage.outside.set("/v", Reply::json("1"));
    let url = |path: &str| declare(stage.url("127.0.0.2") + path);
    let reach = reach(names);
    let mut told = guarded::<u32>(url("/mine"), &reach);
    assert!(told.poll().await.is_err());
    let polled = guarded::<u32>(url("/v"), &Reach::Anywhere).poll().await;
    assert_eq!(polled.unwrap(), [ExternalEvent::Added(1)]);
    let polled = guarded::<u32>(url("/v"), &reach).poll().await;
    assert!(polled.is_err(), "they share the wish");
}

/// The environment is read once in a process: the test runs again in one of its own. That is waited for on this
/// thread, and the servers have others.
#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn no_proxy_is_taken() {
    const URL: &str = "KOPRS_EXTERNAL_TEST_OUTSIDE";
    if let Ok(url) = std::env::var(URL) {
        let polled = guarded::<u32>(declare(url), &reach(names)).poll().await;
        assert_eq!(polled.unwrap(), [ExternalEvent::Added(1)]);
        return;
    }
    let stage = Stage::new().await;
    stage.outside.set("/v", Reply::json("1"));
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["declared::payload::tests::no_proxy_is_taken", "--exact"]);
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        child.env(name, stage.inside.url(""));
    }
    child.env_remove("NO_PROXY").env_remove("no_proxy");
    child.env(URL, stage.url("outside.example.com") + "/v");
    let output = child.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(stage.outside.hits("/v"), 1);
    stage.is_untouched();
}

#[tokio::test]
async fn an_untrusted_declaration_has_the_guard() {
    let stage = Stage::new().await;
    let spec = declare("http://outside.example.com/v").build().unwrap();
    let spec = spec.under(Trust::Untrusted).unwrap();
    let Reach::Guarded(_) = Reach::new(trust(&spec).unwrap(), &spec.ports) else {
        panic!("no guard")
    };
    // As if the check before had let it through.
    let inside = declare(stage.inside.url("/v")).build().unwrap();
    let inside = WatcherSpec { trust: Some(Trust::Untrusted), ..inside };
    let account = MemoryAccount::untrusted();
    refused(<u32 as Payload>::follow(&inside, None, &account).unwrap().poll().await);
    stage.is_untouched();
}

#[test]
fn who_wrote_it_has_to_be_said_before_there_is_a_source() {
    let unsaid = || WatcherSpec { trust: None, ..declare("https://h.example/v").build().unwrap() };
    for made in [
        crate::declared::DeclaredSource::<u32>::new(unsaid()),
        crate::declared::DeclaredSource::<u32>::distinct(unsaid()),
    ] {
        let error = made.unwrap_err().to_string();
        assert!(error.contains("who wrote the declaration is not said"), "{error}");
        assert!(error.contains("call `WatcherSpec::under`"), "{error}");
    }
}

/// An untrusted source whose memory comes from an account.
fn charged<T>(declared: WatcherBuilder, reach: &Reach, account: &MemoryAccount) -> Http<T>
where
    T: DeserializeOwned + Clone + fmt::Debug + Send + 'static,
{
    let spec = declared.build().unwrap().under(Trust::Untrusted).unwrap();
    let budget = Budget::new(limits(&spec), Some(account.clone()));
    Http::new(&spec, None, reach, budget).unwrap()
}

fn account_limit(polled: Result<impl fmt::Debug>) -> u64 {
    match polled {
        Err(ExternalError::Http(error)) => {
            let HttpErrorKind::AccountLimit { limit } = error.kind() else { panic!("{error}") };
            assert!(error.to_string().contains("`MemoryAccount::set_limit`"), "{error}");
            limit
        }
        other => panic!("not refused: {other:?}"),
    }
}

const OUT: &str = "outside.example.com";

#[tokio::test]
async fn untrusted_watchers_share_an_account_and_give_back_what_they_held() {
    let stage = Stage::new().await;
    let text = |length: usize| Reply::json(format!("\"{}\"", "x".repeat(length)));
    stage.outside.set("/v", text(1000));
    stage.outside.set("/l", Reply::json(format!(r#"[{{"id":"{}"}}]"#, "x".repeat(1000))));
    let (reach, account) = (reach(names), MemoryAccount::new(1 << 20));
    let value = || declare(stage.url(OUT) + "/v");
    let list = || declare(stage.url(OUT) + "/l").items("").key("/id");
    let mut one = charged::<String>(value(), &reach, &account);
    let mut two = charged::<Item>(list(), &reach, &account);
    one.poll().await.unwrap();
    let with_event = account.used();
    assert!(with_event > 2000, "{with_event}");
    one.delivered().await.unwrap();
    let of_one = account.used();
    assert_eq!(of_one * 2, with_event);
    two.poll().await.unwrap();
    two.delivered().await.unwrap();
    assert!(account.used() > of_one + 1000);
    drop(two);
    assert_eq!(account.used(), of_one);
    // A successor has it, and the predecessor no longer.
    let known = one.hand_over().unwrap();
    assert_eq!(account.used(), 0);
    let mut next = charged::<String>(value(), &reach, &account);
    next.inherit(known).unwrap();
    assert_eq!(account.used(), of_one);
    drop(one);
    assert_eq!(account.used(), of_one);
    assert!(next.poll().await.unwrap().is_empty());
    assert_eq!(account.used(), of_one);
    next.retract();
    next.delivered().await.unwrap();
    assert_eq!(account.used(), 0);
}

#[tokio::test]
async fn a_list_that_is_handed_over_is_charged_once() {
    let stage = Stage::new().await;
    let item = |id: &str| format!(r#"{{"id":"{id}"}}"#);
    stage.outside.set("/l", Reply::json(format!("[{},{}]", item("a"), item("b"))));
    let (reach, account) = (reach(names), MemoryAccount::new(1 << 20));
    let list = || declare(stage.url(OUT) + "/l").items("").key("/id");
    let mut one = charged::<Item>(list(), &reach, &account);
    one.poll().await.unwrap();
    one.delivered().await.unwrap();
    let held = account.used();
    let mut next = charged::<Item>(list(), &reach, &account);
    next.inherit(one.hand_over().unwrap()).unwrap();
    assert_eq!(account.used(), held);
    // One more, and one less.
    stage.outside.set("/l", Reply::json(format!("[{},{}]", item("b"), item("c"))));
    assert_eq!(next.poll().await.unwrap().len(), 2);
    next.delivered().await.unwrap();
    assert_eq!(account.used(), held);
    stage.outside.set("/l", Reply::status(410));
    assert_eq!(next.poll().await.unwrap().len(), 2);
    next.delivered().await.unwrap();
    assert_eq!(account.used(), 0);
}

#[tokio::test]
async fn a_sum_that_is_used_up_fails_the_poll_and_removes_nothing() {
    let stage = Stage::new().await;
    let text = |length: usize| Reply::json(format!("\"{}\"", "x".repeat(length)));
    stage.outside.set("/innocent", text(100));
    let (reach, account) = (reach(names), MemoryAccount::new(64 * 1024));
    let url = |path: &str| declare(stage.url(OUT) + path);
    let mut innocent = charged::<String>(url("/innocent"), &reach, &account);
    innocent.poll().await.unwrap();
    innocent.delivered().await.unwrap();
    let held = account.used();
    // As a body, and once it is decoded.
    for length in [40_000, 12_000] {
        stage.outside.set("/greedy", text(length));
        let mut greedy = charged::<String>(url("/greedy"), &reach, &account);
        assert_eq!(account_limit(greedy.poll().await), 64 * 1024, "{length}");
        assert_eq!(account.used(), held);
    }
    // Greedy ones, as many as there is room for.
    stage.outside.set("/greedy", text(2_000));
    let mut greedy = Vec::new();
    loop {
        let mut one = charged::<String>(url("/greedy"), &reach, &account);
        if one.poll().await.is_err() {
            break;
        }
        one.delivered().await.unwrap();
        greedy.push(one);
        assert!(greedy.len() < 100);
    }
    assert!(greedy.len() > 5);
    // An innocent one that holds little still gets another value.
    stage.outside.set("/innocent", text(101));
    assert_eq!(innocent.poll().await.unwrap().len(), 1);
    account.set_limit(0);
    stage.outside.set("/innocent", text(102));
    assert_eq!(account_limit(innocent.poll().await), 0);
    account.set_limit(64 * 1024);
    assert_eq!(innocent.poll().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_poll_that_is_dropped_holds_nothing() {
    let stage = Stage::new().await;
    let page = format!(r#"[{{"id":"{}"}}]"#, "x".repeat(1000));
    let link = format!("<{}/2>; rel=\"next\"", stage.url(OUT));
    stage.outside.set("/1", Reply::json(page.clone()).header("link", &link));
    stage.outside.set("/2", Reply::json(page).stall_after(500));
    let (reach, account) = (reach(names), MemoryAccount::new(1 << 20));
    let paging = Paging::link_header();
    let declared = declare(stage.url(OUT) + "/1").items("").key("/id").pages(paging);
    let mut source = charged::<Item>(declared, &reach, &account);
    {
        let mut poll = source.poll();
        while stage.outside.hits("/2") == 0 || account.used() < 2500 {
            assert!((&mut poll).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(account.used(), 0);
}
