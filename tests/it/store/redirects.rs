//! Promise 17, object stores: no request for a store or for its token leaves its origin by a redirect.

use std::fs;

use koprs_external::error::{ExternalError, StoreErrorKind};
use koprs_external::spec::{SecretSource, WatcherBuilder, WatcherSpec};
use koprs_external::store::{CheckedConnector, Object, StoredObject};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::s3::{Op, S3};
use koprs_external_tests::{Reply, Server};
use object_store::ClientOptions;
use object_store::client::{HttpConnector, HttpRequest};

use super::declared::{INTERVAL, s3, source};

const CODES: [u16; 5] = [301, 302, 303, 307, 308];

fn value(text: impl Into<String>) -> SecretSource {
    SecretSource::Value(text.into().into())
}

fn store(url: &str, options: &[(&str, &str)]) -> WatcherBuilder {
    let builder = WatcherSpec::object_store("models", url).interval(INTERVAL);
    let builder = builder.option("allow_http", value("true"));
    options.iter().fold(builder, |builder, (name, text)| builder.option(*name, value(*text)))
}

/// Declarations whose first request carries a secret: to the store, or to where its token comes from.
fn with_secrets(at: &str, token_file: &str) -> Vec<(&'static str, WatcherBuilder)> {
    let s3 = |options: &[(&str, &str)]| {
        store("s3://bucket/models/", &[options, &[("aws_endpoint", at)]].concat())
    };
    let azure = |options: &[(&str, &str)]| {
        let account = [("azure_storage_account_name", "account"), ("azure_storage_endpoint", at)];
        store("az://container/models/", &[options, &account].concat())
    };
    let key = [("aws_access_key_id", "key"), ("aws_secret_access_key", "s3cr3t")];
    let client = [
        ("azure_storage_client_id", "us"),
        ("azure_storage_tenant_id", "tenant"),
        ("azure_storage_authority_host", at),
    ];
    let msi = format!("{at}/msi");
    let gcs = |options: &[(&str, &str)]| {
        store("gs://bucket/models/", &[options, &[("google_base_url", at)]].concat())
    };
    vec![
        ("S3, a session token", s3(&[&key[..], &[("aws_session_token", "s3cr3t")]].concat())),
        ("S3, IMDS", s3(&[("aws_metadata_endpoint", at)])),
        (
            "S3, EKS",
            s3(&[
                ("aws_container_credentials_full_uri", at),
                ("aws_container_authorization_token_file", token_file),
            ]),
        ),
        ("Azure, a SAS", azure(&[("azure_storage_sas_key", "sv=1&sig=s3cr3t")])),
        ("Azure, a bearer", azure(&[("azure_storage_token", "s3cr3t")])),
        ("Azure, a key", azure(&[("azure_storage_account_key", "czNjcjN0")])),
        (
            "Azure, a client secret",
            azure(&[&client[..], &[("azure_storage_client_secret", "s3cr3t")]].concat()),
        ),
        (
            "Azure, a federated token",
            azure(&[&client[..], &[("azure_federated_token_file", token_file)]].concat()),
        ),
        ("Azure, a managed identity", azure(&[("azure_msi_endpoint", &msi)])),
        ("Google, a bearer", gcs(&[("google_bearer_token", "s3cr3t")])),
        ("WebDAV", store(&format!("{at}/dav/"), &[])),
    ]
}

/// Another port, and another scheme.
fn elsewhere(server: &Server, other: &Server) -> [String; 3] {
    let https = |server: &Server| server.url("/there").replace("http://", "https://");
    [other.url("/there"), https(other), https(server)]
}

#[tokio::test]
async fn no_request_for_a_store_or_its_token_follows_a_redirect_to_another_origin() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    fs::write(&token_file, "s3cr3t").unwrap();
    let token_file = token_file.display().to_string();
    for code in CODES {
        let (server, other) = (Server::start().await, Server::start().await);
        other.fallback(Reply::json("{}"));
        for location in elsewhere(&server, &other) {
            server.fallback(Reply::redirect(code, &location));
            for (what, declared) in with_secrets(&server.url(""), &token_file) {
                let before = (server.total_hits(), server.connections());
                let polled = source::<StoredObject>(declared).poll().await;
                let message = polled.unwrap_err().to_string();
                let what = format!("{what}, {code} to {location}: {message}");
                assert!(server.total_hits() > before.0, "{what}");
                assert!(message.contains("another origin"), "{what}");
                assert!(!message.contains("s3cr3t"), "{what}");
                assert_eq!(server.connections() - before.1, 1, "{what}");
            }
        }
        assert_eq!(other.connections(), 0, "{code}");
    }
}

/// The clients of STS, of Google's tokens and of every metadata service are made by the same connector.
#[tokio::test]
async fn no_client_of_the_connector_follows_a_redirect_to_another_origin() {
    for code in CODES {
        let (server, other) = (Server::start().await, Server::start().await);
        other.fallback(Reply::json("{}"));
        let client = CheckedConnector::default();
        let client = client.connect(&ClientOptions::new().with_allow_http(true)).unwrap();
        for location in elsewhere(&server, &other) {
            server.fallback(Reply::redirect(code, &location));
            for method in ["GET", "POST", "PUT", "HEAD", "PROPFIND", "DELETE"] {
                let request = http::Request::builder()
                    .method(method)
                    .uri(server.url("/token?WebIdentityToken=s3cr3t"))
                    .header("x-amz-security-token", "s3cr3t");
                let request: HttpRequest =
                    request.body("client_secret=s3cr3t".to_owned().into()).unwrap();
                let answered = client.execute(request).await;
                let refused = answered.unwrap_err().to_string();
                assert!(refused.contains(&code.to_string()), "{method} {code}: {refused}");
            }
        }
        assert_eq!(other.connections(), 0, "{code}");
        assert_eq!(server.total_hits(), 18);
    }
}

#[tokio::test]
async fn a_key_of_an_object_follows_no_redirect_to_another_origin() {
    let (server, other) = (S3::start().await, Server::start().await);
    server.put("models/a.json", "1");
    let location = other.url("/there");
    server.spoil(Op::Get, .., move |_| Reply::redirect(307, &location));
    let key = "c2VjcmV0IGtleSBvZiAzMiBieXRlcywgZXhhY3RseS4=";
    let declared = s3(&server)
        .option("aws_access_key_id", value("key"))
        .option("aws_secret_access_key", value("s3cr3t"))
        .option("aws_server_side_encryption", value("sse-c"))
        .option("aws_sse_customer_key_base64", value(key));
    let mut models = source::<Object<u32>>(declared);
    // One object that cannot be read is a bad item, and all of them are a failed poll.
    let polled = models.poll().await;
    assert!(server.count(Op::Get) > 0, "{polled:?}");
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn within_the_origin_a_redirect_is_followed_without_a_referer() {
    let server = Server::start().await;
    for code in CODES {
        let before = server.total_hits();
        server.set("/dav", Reply::redirect(code, "/there"));
        server.fallback(Reply::status(500));
        let client = CheckedConnector::default();
        let client = client.connect(&ClientOptions::new().with_allow_http(true)).unwrap();
        server.set("/there", Reply::text("here"));
        let request = http::Request::builder().uri(server.url("/dav?sig=s3cr3t"));
        let request: HttpRequest = request.body(Vec::new().into()).unwrap();
        assert_eq!(client.execute(request).await.unwrap().status(), 200);
        let requests = server.requests();
        let [first, second] = &requests[before..] else { panic!("{requests:?}") };
        assert_eq!((first.path(), second.path()), ("/dav", "/there"));
        assert_eq!(second.header("referer"), None);
    }
}

#[tokio::test]
async fn redirects_in_a_loop_end() {
    let server = Server::start().await;
    server.fallback(Reply::redirect(302, "/loop"));
    let message = match source::<StoredObject>(store(&server.url("/dav/"), &[])).poll().await {
        Err(ExternalError::Store(error)) if error.kind() == StoreErrorKind::Status(302) => {
            error.to_string()
        }
        other => panic!("{other:?}"),
    };
    assert!(message.contains("redirects"), "{message}");
    assert!(server.total_hits() <= 6, "{}", server.total_hits());
}

/// As S3 answers for a bucket that is in another region.
#[tokio::test]
async fn a_bucket_of_another_region_is_told_with_the_region() {
    let server = S3::start().await;
    let body = "<Error><Code>TemporaryRedirect</Code><Message>Please re-send this request.</Message>\
         <Endpoint>bucket.s3.eu-central-1.amazonaws.com</Endpoint></Error>";
    let declared = || {
        s3(&server)
            .option("aws_access_key_id", value("key"))
            .option("aws_secret_access_key", value("s3cr3t"))
    };
    for (region, expected) in [
        ("eu-central-1", "; the bucket is in another region: set `aws_region` to `eu-central-1`"),
        (
            "",
            "; the bucket is in another region: set `aws_region` to the region of the bucket, which is served at",
        ),
    ] {
        let location = "https://bucket.s3.eu-central-1.amazonaws.com/?list-type=2";
        let reply = Reply::redirect(307, location).body(body);
        let reply = match region {
            "" => reply,
            region => reply.header("x-amz-bucket-region", region),
        };
        server.spoil(Op::List, .., move |_| reply.clone());
        let refused = source::<StoredObject>(declared()).poll().await.unwrap_err();
        assert_eq!(refused.status(), Some(307));
        assert!(refused.to_string().contains(expected), "{refused}");
    }
}

/// `object_store` would panic: it makes a header of the token, and a part of a URL of the role.
#[tokio::test]
async fn a_metadata_service_whose_answers_no_request_can_carry_fails_the_poll() {
    let answers = [
        ("a token", "two\nlines".to_owned(), "role".to_owned()),
        ("a token with a line break behind it", "token\n".to_owned(), "role".to_owned()),
        ("a role with a space", "token".to_owned(), "a role".to_owned()),
        ("a page for people", "token".to_owned(), "<html>\n</html>".to_owned()),
        ("a long role", "token".to_owned(), "x".repeat(65_536)),
    ];
    for (what, token, role) in answers {
        let server = Server::start().await;
        server.fallback(Reply::text("{}"));
        server.set("/latest/api/token", Reply::text(token));
        server.set("/latest/meta-data/iam/security-credentials/", Reply::text(role));
        let at = server.url("");
        let options = [("aws_endpoint", &*at), ("aws_metadata_endpoint", &*at)];
        let mut source = source::<StoredObject>(store("s3://bucket/models/", &options));
        let message = source.poll().await.unwrap_err().to_string();
        assert!(message.contains("cannot be used"), "{what}: {message}");
    }
}
