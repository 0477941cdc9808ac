//! Promise 15, redirects: no credential goes where it was not meant for.

use koprs_external::http::{HttpPoller, reqwest};
use koprs_external::spec::{Method, SecretSource, WatcherBuilder};
use koprs_external_tests::{Reply, Server};

use super::stage::{Look, declare, poll, source, value, word};

/// How a request can carry something that only its origin may see.
fn with_credentials(server: &Server) -> Vec<(&'static str, Box<dyn Look>)> {
    let url = || server.url("/v");
    let userinfo = || url().replace("http://", "http://user:s3cr3t@");
    let bearer = SecretSource::Value("s3cr3t".into());
    vec![
        ("a bearer", Box::new(HttpPoller::new(url()).with_bearer_token("s3cr3t"))),
        ("a header", Box::new(HttpPoller::new(url()).with_header("x-key", "s3cr3t"))),
        ("userinfo", Box::new(HttpPoller::new(userinfo()))),
        ("a declared bearer", Box::new(source::<u32>(declare(url()).bearer(bearer)))),
        ("a declared header", Box::new(source::<u32>(declare(url()).header("x-key", "s3cr3t")))),
        ("declared userinfo", Box::new(source::<u32>(declare(userinfo())))),
        ("a user alone", Box::new(HttpPoller::new(userinfo().replace(":s3cr3t", "")))),
    ]
}

/// A body may hold a secret as well as a header, and only 307 and 308 keep it.
#[tokio::test]
async fn no_body_follows_a_redirect_to_another_origin() {
    let (server, other) = (Server::start().await, Server::start().await);
    other.set("/v", value(1));
    let elsewhere = [other.url("/v"), server.url("/v").replace("http://", "https://")];
    let post = |builder: WatcherBuilder| builder.method(Method::Post);
    let bodies: [fn(WatcherBuilder) -> WatcherBuilder; 2] = [
        |builder| builder.json_body(r#"{"password":"s3cr3t"}"#),
        |builder| builder.text_body("password=s3cr3t"),
    ];
    for code in [301, 302, 303, 307, 308] {
        for (location, with_body) in elsewhere.iter().flat_map(|it| bodies.map(|body| (it, body))) {
            server.set("/v", Reply::redirect(code, location));
            let polled = source::<u32>(with_body(post(declare(server.url("/v"))))).look().await;
            assert_eq!(word(&polled), "!redirect", "{code} {location}");
            let message = polled.unwrap_err().to_string();
            assert!(!message.contains("s3cr3t"), "{message}");
            let is_kept = matches!(code, 307 | 308);
            assert_eq!(message.contains("the request carries"), is_kept, "{message}");
        }
    }
    assert_eq!(other.connections(), 0);

    // Within the origin it is sent again.
    server.set("/v", Reply::redirect(307, "/there"));
    server.set("/there", value(1));
    let mut posts = source::<u32>(bodies[1](post(declare(server.url("/v")))));
    assert_eq!(poll(&mut posts).await, "+1");
    assert_eq!(server.requests().last().unwrap().body, "password=s3cr3t");
}

fn without_credentials(server: &Server) -> Vec<(&'static str, Box<dyn Look>)> {
    let url = || server.url("/v");
    vec![
        ("bare", Box::new(HttpPoller::new(url()))),
        ("declared", Box::new(source::<u32>(declare(url())))),
        ("a language", Box::new(HttpPoller::new(url()).with_header("accept-language", "fy"))),
        ("a query", Box::new(source::<u32>(declare(url()).query("q", "1")))),
    ]
}

#[tokio::test]
async fn no_credential_follows_a_redirect_to_another_origin() {
    let (server, other) = (Server::start().await, Server::start().await);
    other.set("/v", value(1));
    for code in [301, 302, 303, 307, 308] {
        server.set("/v", Reply::redirect(code, &other.url("/v")));
        for (what, mut source) in with_credentials(&server) {
            let polled = source.look().await;
            assert_eq!(word(&polled), "!redirect", "{what}, {code}");
            let message = polled.unwrap_err().to_string();
            assert!(message.contains(&other.url("/v")), "{message}");
        }
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn without_credentials_a_redirect_to_another_origin_is_followed() {
    let (server, other) = (Server::start().await, Server::start().await);
    other.set("/v", value(1));
    for code in [301, 302, 303, 307, 308] {
        server.set("/v", Reply::redirect(code, &other.url("/v")));
        for (what, mut source) in without_credentials(&server) {
            assert_eq!(word(&source.look().await), "+1", "{what}, {code}");
        }
    }
}

#[tokio::test]
async fn within_the_origin_a_redirect_is_followed_with_credentials() {
    let server = Server::start().await;
    let absolute = server.url("/there");
    for location in ["/there", absolute.as_str()] {
        server.set("/v", Reply::redirect(307, location));
        server.set("/there", value(1));
        for (what, mut source) in with_credentials(&server) {
            assert_eq!(word(&source.look().await), "+1", "{what}");
            let requests = server.requests();
            let [.., first, second] = requests.as_slice() else { panic!("{what}") };
            assert_eq!((first.path(), second.path()), ("/v", "/there"));
            for header in ["authorization", "x-key"] {
                assert_eq!(first.header(header), second.header(header), "{what}");
            }
            let sent = ["authorization", "x-key"].iter().any(|name| second.header(name).is_some());
            assert!(sent, "{what}");
            // The validators are those of where it led to, and asked with there alone.
            assert_eq!(word(&source.look().await), ".", "{what}");
            let requests = server.requests();
            let [.., first, second] = requests.as_slice() else { panic!("{what}") };
            let asked = [first, second].map(|request| request.header("if-none-match"));
            assert_eq!(asked, [None, Some("\"v1\"")], "{what}");
        }
    }
}

#[tokio::test]
async fn userinfo_in_a_location_is_not_made_a_credential() {
    let (server, other) = (Server::start().await, Server::start().await);
    let location = other.url("/v").replace("http://", "http://user:s3cr3t@");
    server.set("/v", Reply::redirect(302, &location));
    other.set("/v", value(1));
    assert_eq!(poll(&mut HttpPoller::new(server.url("/v"))).await, "+1");
    assert_eq!(other.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn five_redirects_are_followed_and_a_loop_ends_after_them() {
    let server = Server::start().await;
    let hop = |n: u32| Reply::redirect(302, &format!("/{n}"));
    let path = |n: u32| format!("/{n}");
    for n in 0..6 {
        server.set(&path(n), hop(n + 1));
    }
    server.set("/6", value(1));
    assert_eq!(poll(&mut HttpPoller::new(server.url("/1"))).await, "+1");
    assert_eq!(server.requests().len(), 6);
    assert_eq!(poll(&mut HttpPoller::new(server.url("/0"))).await, "!redirect");
    assert_eq!(server.requests().len(), 12);
    server.set("/loop", Reply::redirect(302, "/loop"));
    assert_eq!(poll(&mut HttpPoller::new(server.url("/loop"))).await, "!redirect");
    assert_eq!(server.hits("/loop"), 6);
}

#[tokio::test]
async fn a_redirect_that_leads_elsewhere_drops_the_validators_of_before() {
    let server = Server::start().await;
    server.set("/v", Reply::redirect(302, "/a"));
    server.set("/a", value(1).etag("\"same\""));
    server.set("/b", value(2).etag("\"same\""));
    let mut source = source::<u32>(declare(server.url("/v")));
    assert_eq!(poll(&mut source).await, "+1");
    server.set("/v", Reply::redirect(302, "/b"));
    assert_eq!(poll(&mut source).await, "~2");
    server.set("/v", value(3).etag("\"same\""));
    assert_eq!(poll(&mut source).await, "~3");
    assert_eq!(poll(&mut source).await, ".");
    assert_eq!(server.requests().last().unwrap().header("if-none-match"), Some("\"same\""));
}

#[tokio::test]
async fn a_client_of_ones_own_may_carry_credentials_too() {
    let (server, other) = (Server::start().await, Server::start().await);
    server.set("/v", Reply::redirect(302, &other.url("/v")));
    other.set("/v", value(1));
    let secret = [("authorization", "Bearer s3cr3t")];
    let secret = secret.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
    let client = koprs_external_tests::client_builder()
        .default_headers(secret.into_iter().collect())
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let mut poller = HttpPoller::new(server.url("/v")).with_client(client);
    assert_eq!(poll(&mut poller).await, "!redirect");
    assert_eq!(other.requests().len(), 0);
}

#[tokio::test]
async fn a_client_of_ones_own_follows_redirects_by_its_own_policy() {
    let (server, other) = (Server::start().await, Server::start().await);
    server.set("/v", Reply::redirect(302, &other.url("/v")));
    other.set("/v", value(1));
    let mut poller = HttpPoller::new(server.url("/v"))
        .with_bearer_token("s3cr3t")
        .with_client(koprs_external_tests::client());
    assert_eq!(poll(&mut poller).await, "+1");
    assert_eq!(other.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn a_fragment_in_a_location_is_not_part_of_the_resource() {
    let server = Server::start().await;
    server.set("/v", Reply::redirect(302, "/there#part"));
    server.set("/there", value(1));
    let mut source = source::<u32>(declare(server.url("/v")));
    assert_eq!((poll(&mut source).await, poll(&mut source).await), ("+1".into(), ".".into()));
    assert_eq!(server.requests()[3].header("if-none-match"), Some("\"v1\""));
}
