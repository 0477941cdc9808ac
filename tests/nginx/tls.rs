//! TLS, with certificates at both ends, and HTTP/2.

use std::collections::BTreeSet;
use std::fs;
use std::time::Duration;

use koprs_external::error::{ExternalError, HttpErrorKind};
use koprs_external::spec::WatcherBuilder;
use koprs_external::watcher::ExternalSource;

use crate::nginx::Nginx;
use crate::{declare, poll, polls, source};
use koprs_external_tests::authority::{Authority, Leaf};

const SERVER: &str = "ssl_certificate DIR/server.crt; ssl_certificate_key DIR/server.key;";
const MUTUAL: &str = "ssl_client_certificate DIR/ca.pem; ssl_verify_client on;";

/// An nginx with a certificate of this authority, from which those of clients must descend, too.
async fn secure(authority: &Authority, server: &str) -> Nginx {
    let mut nginx = Nginx::new();
    fs::write(nginx.at("ca.pem"), authority.pem()).unwrap();
    certify(&nginx, "server", &authority.issues());
    nginx.begin(&format!("listen ADDRESS ssl; {SERVER} {server}")).await;
    nginx.write("v", "1");
    nginx
}

/// Writes a certificate and its key.
fn certify(nginx: &Nginx, name: &str, leaf: &Leaf) {
    fs::write(nginx.at(&format!("{name}.crt")), leaf.certificate.pem()).unwrap();
    fs::write(nginx.at(&format!("{name}.key")), leaf.key.serialize_pem()).unwrap();
}

fn trusting(nginx: &Nginx) -> WatcherBuilder {
    declare(format!("https://{}/v", nginx.address())).tls_ca(nginx.at("ca.pem"))
}

/// With the certificate `client`.
fn mutual(nginx: &Nginx) -> WatcherBuilder {
    trusting(nginx).tls_identity(nginx.at("client.crt"), nginx.at("client.key"))
}

#[tokio::test]
async fn a_certificate_of_our_own_is_shown_where_it_is_wanted() {
    let authority = Authority::new();
    let nginx = secure(&authority, MUTUAL).await;
    certify(&nginx, "client", &authority.issues());
    assert_eq!(polls(&mut source::<u32>(mutual(&nginx)), 2).await, "+1 .");
    // The handshake succeeds, and the request is refused.
    let mut anonymous = source::<u32>(trusting(&nginx));
    let error = ExternalSource::poll(&mut anonymous).await.unwrap_err();
    assert_eq!(error.status(), Some(400));
    assert!(error.to_string().contains("a certificate of ours"), "{error}");
    certify(&nginx, "stranger", &Authority::new().issues());
    let stranger =
        trusting(&nginx).tls_identity(nginx.at("stranger.crt"), nginx.at("stranger.key"));
    assert_eq!(polls(&mut source::<u32>(stranger), 2).await, "!400 !400");
}

#[tokio::test]
async fn a_server_of_another_ca_is_not_trusted() {
    let nginx = secure(&Authority::new(), "").await;
    fs::write(nginx.at("other.pem"), Authority::new().pem()).unwrap();
    let mut source = source::<u32>(trusting(&nginx).tls_ca(nginx.at("other.pem")));
    let error = ExternalSource::poll(&mut source).await.unwrap_err();
    let ExternalError::Http(http) = &error else { panic!("{error}") };
    assert_eq!(http.kind(), HttpErrorKind::Connect);
    assert!(error.to_string().contains("certificate"), "{error}");
    // The one of our CA takes its place.
    fs::copy(nginx.at("ca.pem"), nginx.at("other.pem")).unwrap();
    assert_eq!(poll(&mut source).await, "+1");
}

#[tokio::test]
async fn the_certificate_of_the_server_is_replaced_under_the_polls() {
    let authority = Authority::new();
    let mut nginx = secure(&authority, MUTUAL).await;
    certify(&nginx, "client", &authority.issues());
    let mut source = source::<u32>(mutual(&nginx).retries(2));
    assert_eq!(poll(&mut source).await, "+1");
    for n in 2..5 {
        certify(&nginx, "server", &authority.issues());
        nginx.write("v", n.to_string());
        let (words, ()) = tokio::join!(polls(&mut source, 5), nginx.reload());
        assert_eq!(words, format!("~{n} . . . ."));
        assert_eq!(polls(&mut source, 2).await, ". .");
    }
    // One of another CA is an error, and nothing more.
    certify(&nginx, "server", &Authority::new().issues());
    nginx.reload().await;
    assert_eq!(polls(&mut source, 2).await, "!connect !connect");
    certify(&nginx, "server", &authority.issues());
    nginx.reload().await;
    assert_eq!(polls(&mut source, 2).await, ". .");
}

#[tokio::test]
async fn our_certificate_is_replaced_under_the_polls() {
    let authority = Authority::new();
    let nginx = secure(&authority, MUTUAL).await;
    certify(&nginx, "client", &authority.issues());
    let mut source = source::<u32>(mutual(&nginx));
    assert_eq!(polls(&mut source, 2).await, "+1 .");
    certify(&nginx, "client", &authority.issues());
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(61)).await;
    tokio::time::resume();
    assert_eq!(polls(&mut source, 2).await, ". .");
    let serials = nginx.log(4, "ssl_client_serial").await;
    assert!(serials[0] == serials[1] && serials[1] != serials[2] && serials[2] == serials[3]);
    assert_eq!(nginx.statuses(4).await, "200 304 304 304");
}

#[tokio::test]
async fn a_certificate_of_ours_that_is_refused_is_read_again_at_once() {
    let authority = Authority::new();
    let nginx = secure(&authority, MUTUAL).await;
    certify(&nginx, "client", &Authority::new().issues());
    let mut source = source::<u32>(mutual(&nginx));
    assert_eq!(poll(&mut source).await, "!400");
    certify(&nginx, "client", &authority.issues());
    assert_eq!(polls(&mut source, 2).await, "+1 .");
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered() {
    let authority = Authority::new();
    let mut nginx = Nginx::new();
    fs::write(nginx.at("ca.pem"), authority.pem()).unwrap();
    certify(&nginx, "server", &authority.issues());
    nginx.begin(&format!("listen ADDRESS ssl http2; {SERVER} keepalive_requests 3;")).await;
    nginx.write("v", "1");
    let mut source = source::<u32>(trusting(&nginx));
    assert_eq!(polls(&mut source, 7).await, "+1 . . . . . .");
    nginx.write("v", "2");
    assert_eq!(polls(&mut source, 2).await, "~2 .");
    nginx.remove("v");
    assert_eq!(polls(&mut source, 2).await, ". -2");
    assert_eq!(nginx.statuses(11).await, "200 304 304 304 304 304 304 200 304 404 404");
    assert_eq!(nginx.log(11, "server_protocol").await, ["HTTP/2.0"; 11]);
    assert!(BTreeSet::from_iter(nginx.log(11, "connection").await).len() >= 4);
}
