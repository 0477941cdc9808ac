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
        ];
        hosts.map(|host| self.url(host)).to_vec()
    }

    fn is_untouched(&self) {
        assert_eq!(self.inside.connections(), 0);
    }
}

/// Looks up by a table in place of the network.
fn reach(found: impl Fn(&str) -> Vec<IpAddr> + Send + Sync + 'static) -> Reach {
    let look_up = move |name: String| {
        let found = match found(&name) {
            none if none.is_empty() => Err(io::Error::other("no such name")),
            found => Ok(found),
        };
        std::future::ready(found).boxed()
    };
    Guard::new(Arc::new(look_up), |address| address == OUTSIDE || is_public(address)).into()
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
    Http::new(&declared.build().unwrap(), None, reach).unwrap()
}

fn refused<T: fmt::Debug>(polled: Result<T>) -> String {
    match polled {
        Err(ExternalError::Http(error)) if error.kind() == HttpErrorKind::NotPublic => {
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
        assert!(error.contains("is not found on the public internet"), "{error}");
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
    let Reach::Guarded(_) = Reach::from(trust(&spec).unwrap()) else { panic!("no guard") };
    // As if the check before had let it through.
    let inside = declare(stage.inside.url("/v")).build().unwrap();
    let inside = WatcherSpec { trust: Some(Trust::Untrusted), ..inside };
    refused(<u32 as Payload>::follow(&inside, None).unwrap().poll().await);
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
