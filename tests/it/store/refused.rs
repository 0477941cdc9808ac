//! Requests that a store refuses: the error says what to change.

use koprs_external::declared::DeclaredSource;
use koprs_external::error::{ExternalError, StoreErrorKind};
use koprs_external::spec::{SecretSource, WatcherBuilder, WatcherSpec};
use koprs_external::store::StoredObject;
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::s3::{Op, S3};
use koprs_external_tests::{Reply, Server};

use super::declared::{INTERVAL, s3, source};

/// The kind of the error that the poll of a bucket ends with, and its message.
async fn refused(mut source: DeclaredSource<StoredObject>) -> (StoreErrorKind, String) {
    match source.poll().await {
        Err(ExternalError::Store(error)) => (error.kind(), error.to_string()),
        other => panic!("{other:?}"),
    }
}

async fn refused_listing(reply: Reply) -> (StoreErrorKind, String) {
    let server = S3::start().await;
    server.spoil(Op::List, .., move |_| reply.clone());
    refused(source(signed(s3(&server)))).await
}

fn signed(builder: WatcherBuilder) -> WatcherBuilder {
    builder
        .option("aws_access_key_id", SecretSource::Value("key".into()))
        .option("aws_secret_access_key", SecretSource::Value("s3cr3t".into()))
}

fn webdav(server: &Server) -> WatcherBuilder {
    WatcherSpec::object_store("dav", server.url("/dav/")).interval(INTERVAL)
}

/// S3 redirects without an address, and names the region in a header.
#[tokio::test]
async fn a_bucket_of_another_region_is_answered_with_the_region() {
    let body = "<Error><Code>PermanentRedirect</Code><Message>Please send all future requests to this endpoint.\
         </Message><Endpoint>bucket.s3.eu-central-1.amazonaws.com</Endpoint></Error>";
    for (body, region, expected) in [
        (
            body,
            "eu-central-1",
            "answered 301 PermanentRedirect: Please send all future requests to this endpoint; the bucket is in another region: set `aws_region` to `eu-central-1`",
        ),
        (
            "",
            "eu-central-1",
            "answered 301; the bucket is in another region: set `aws_region` to `eu-central-1`",
        ),
        ("", "", "answered 301; set `aws_region` to the region of the bucket"),
    ] {
        let reply = Reply::bytes("application/xml", body).status_code(301);
        let reply =
            if region.is_empty() { reply } else { reply.header("x-amz-bucket-region", region) };
        let (kind, message) = refused_listing(reply).await;
        assert_eq!(kind, StoreErrorKind::Status(301), "{message}");
        assert!(message.contains(expected), "{message}");
    }
}

#[tokio::test]
async fn a_refusal_without_end_is_read_up_to_a_limit() {
    let endless = Reply::bytes("text/plain", "no ").status_code(403).endless();
    let (kind, message) = refused_listing(endless.clone()).await;
    assert_eq!(kind, StoreErrorKind::Status(403), "{message}");

    let moved = endless.status_code(301).header("x-amz-bucket-region", "eu-central-1");
    let (kind, message) = refused_listing(moved).await;
    assert_eq!(kind, StoreErrorKind::Status(301), "{message}");
    assert!(message.contains("`eu-central-1`"), "{message}");
}

#[tokio::test]
async fn what_a_server_says_is_shown_in_one_line_without_control_characters() {
    let body = "<Error><Code>A&#27;[31m</Code><Message>&lt;b&gt;\n\u{202e}&#7;c</Message></Error>";
    let reply = Reply::bytes("application/xml", body).status_code(403);
    let (_, message) = refused_listing(reply).await;
    assert!(message.contains("answered 403 A\u{fffd}[31m: <b> \u{fffd}\u{fffd}c;"), "{message:?}");
}

#[tokio::test]
async fn a_webdav_server_without_infinite_depth_is_not_asked_for_credentials() {
    let server = Server::start().await;
    let allowed = || webdav(&server).option("allow_http", SecretSource::Value("true".into()));
    let body = "<p>PROPFIND requests with a Depth of \"infinity\" are not allowed for /dav/.</p>";
    server.set("/dav", Reply::bytes("text/html", body).status_code(403));
    let (kind, message) = refused(source(allowed())).await;
    assert_eq!(kind, StoreErrorKind::Status(403), "{message}");
    assert!(message.contains("`Depth: infinity`"), "{message}");
    assert!(!message.contains("credentials"), "{message}");

    server.set("/dav", Reply::status(405));
    let (kind, message) = refused(source(allowed())).await;
    assert_eq!(kind, StoreErrorKind::Status(405), "{message}");
    assert!(message.contains("there is no WebDAV at this URL"), "{message}");
}

#[tokio::test]
async fn plain_http_has_to_be_allowed() {
    let server = Server::start().await;
    let (_, message) = refused(source(webdav(&server))).await;
    assert!(message.contains("set the option `allow_http` to `true`"), "{message}");
    assert!(server.requests().is_empty());
}

/// `object_store` sends the content of the file as it is, and panics where no header can carry it.
#[tokio::test]
async fn a_token_file_that_ends_in_a_line_break_fails_the_poll() {
    let server = S3::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "t0ken-of-the-agent\n").unwrap();
    let uri = format!("{}/v1/credentials", server.endpoint());
    let builder = s3(&server)
        .option("aws_container_credentials_full_uri", SecretSource::Value(uri.into()))
        .option(
            "aws_container_authorization_token_file",
            SecretSource::Value(file.display().to_string().into()),
        );
    let (kind, message) = refused(source(builder)).await;
    assert_eq!(kind, StoreErrorKind::Other, "{message}");
    assert!(message.contains("cannot list: `object_store` panicked"), "{message}");
    assert!(!message.contains("t0ken"), "{message}");
}
