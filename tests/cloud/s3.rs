//! S3, as servers that others wrote serve it: `versitygw` from a directory, moto from memory.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Arc;

use http::{Method, Request};
use koprs_external::spec::WatcherBuilder;
use koprs_external::store::object_store::aws::{
    AmazonS3, AmazonS3Builder, AwsAuthorizer, AwsCredential,
};
use koprs_external::store::object_store::client::{HttpConnector, HttpRequestBody};
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{
    Attributes, ClientOptions, ObjectStore, ObjectStoreExt, PutOptions, RetryConfig,
};
use koprs_external::store::{CheckedConnector, ObjectStorePoller};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tempfile::TempDir;

use crate::declare;
use crate::process::{Program, Server};
use crate::store::stage::{Can, Rewrites, Stage};

pub(crate) const BUCKET: &str = "bucket";
pub(crate) const REGION: &str = "eu-west-1";
const KEY_ID: &str = "key";
const SECRET: &str = "secret";

/// What stands for itself in the path of a request.
const KEPT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A server with one bucket.
pub(crate) struct Bucket {
    pub(crate) server: Server,
    store: Arc<AmazonS3>,
}

impl Bucket {
    async fn make(server: Server) -> Self {
        let store = AmazonS3Builder::new()
            .with_endpoint(endpoint(&server))
            .with_client_options(options())
            .with_bucket_name(BUCKET)
            .with_region(REGION)
            .with_access_key_id(KEY_ID)
            .with_secret_access_key(SECRET)
            .with_retry(RetryConfig { max_retries: 0, ..RetryConfig::default() })
            .with_http_connector(CheckedConnector::default())
            .build()
            .unwrap();
        make_bucket(&endpoint(&server)).await;
        Self { server, store: Arc::new(store) }
    }

    /// The declaration of a watcher of this bucket, with these options instead of the ones that are right.
    pub(crate) fn declared(&self, options: &[(&str, &str)]) -> WatcherBuilder {
        declared(&self.server, BUCKET, options)
    }

    pub(crate) async fn put_with(&self, key: &str, content: &[u8], attributes: Attributes) {
        let options = PutOptions { attributes, ..PutOptions::default() };
        let path = Path::parse(key).unwrap();
        self.store.put_opts(&path, content.to_vec().into(), options).await.unwrap();
    }

    async fn put(&self, key: &str, content: &str) {
        match Path::parse(key) {
            Ok(path) if path.as_ref() == key => {
                self.store.put(&path, content.to_owned().into()).await.unwrap();
            }
            _ => unsigned(self.server.port, "PUT", key, content),
        }
    }

    async fn delete(&self, key: &str) {
        match Path::parse(key) {
            Ok(path) if path.as_ref() == key => self.store.delete(&path).await.unwrap(),
            _ => unsigned(self.server.port, "DELETE", key, ""),
        }
    }

    fn pollers(&self) -> Vec<ObjectStorePoller> {
        let store = Arc::clone(&self.store) as Arc<dyn ObjectStore>;
        let paginated = ObjectStorePoller::paginated(Arc::clone(&self.store));
        vec![ObjectStorePoller::new(store).with_name("new"), paginated.with_name("paginated")]
    }
}

pub(crate) fn declared(server: &Server, bucket: &str, options: &[(&str, &str)]) -> WatcherBuilder {
    let endpoint = endpoint(server);
    let right = [
        ("aws_endpoint", endpoint.as_str()),
        ("aws_allow_http", "true"),
        ("aws_region", REGION),
        ("aws_access_key_id", KEY_ID),
        ("aws_secret_access_key", SECRET),
    ];
    declare(&format!("s3://{bucket}/"), &right, options)
}

fn endpoint(server: &Server) -> String {
    format!("http://127.0.0.1:{}", server.port)
}

fn options() -> ClientOptions {
    ClientOptions::new().with_allow_http(true)
}

/// `object_store` makes no buckets, but exports what signs a request.
async fn make_bucket(endpoint: &str) {
    let body = format!(
        "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    );
    let mut request = Request::new(HttpRequestBody::from(body));
    *request.method_mut() = Method::PUT;
    *request.uri_mut() = format!("{endpoint}/{BUCKET}").parse().unwrap();
    let credential =
        AwsCredential { key_id: KEY_ID.into(), secret_key: SECRET.into(), token: None };
    AwsAuthorizer::new(&credential, "s3", REGION).try_authorize(&mut request, None).unwrap();
    let client = CheckedConnector::default().connect(&options()).unwrap();
    let response = client.execute(request).await.unwrap();
    assert_eq!(response.status(), 200);
}

/// Sends a request about a key that neither `object_store` nor `url` leave as it is, for servers that do not check
/// signatures.
fn unsigned(port: u16, method: &str, key: &str, body: &str) {
    let path = utf8_percent_encode(key, KEPT);
    let length = body.len();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(
        stream,
        "{method} /{BUCKET}/{path} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-length: {length}\r\n\
         authorization: AWS4-HMAC-SHA256 Credential={KEY_ID}/20260101/{REGION}/s3/aws4_request, \
         SignedHeaders=host, Signature=none\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 2"), "{method} {key:?}: {answer}");
}

macro_rules! stage_of_bucket {
    ($stage:ty: $can:expr, $start:path) => {
        impl Stage for $stage {
            const CAN: Can = $can;

            async fn start() -> Self {
                $start().await
            }

            fn store(&self) -> Arc<dyn ObjectStore> {
                Arc::clone(&self.bucket.store) as _
            }

            fn pollers(&self) -> Vec<ObjectStorePoller> {
                self.bucket.pollers()
            }

            async fn put(&self, key: &str, content: &str) {
                self.bucket.put(key, content).await;
            }

            async fn delete(&self, key: &str) {
                self.bucket.delete(key).await;
            }
        }
    };
}

/// Keys are paths of files: `//`, `.` and `..` cannot be part of one.
pub(crate) struct Versitygw {
    pub(crate) bucket: Bucket,
    _directory: TempDir,
}

impl Versitygw {
    async fn make() -> Self {
        const PROGRAM: Program = Program {
            variable: "VERSITYGW",
            name: "versitygw",
            install: "go install github.com/versity/versitygw/cmd/versitygw@latest",
        };
        let directory = tempfile::tempdir().unwrap();
        let server = Server::start(PROGRAM, |command, port| {
            command
                .args(["--access", KEY_ID, "--secret", SECRET, "--region", REGION, "--quiet"])
                .args(["--keep-alive", "--port", &format!("127.0.0.1:{port}"), "posix"])
                .arg(directory.path());
        })
        .await;
        Self { bucket: Bucket::make(server).await, _directory: directory }
    }
}

stage_of_bucket!(Versitygw:
    Can { etags: true, rewrites: Rewrites::OtherContent, raw_keys: false, backslashes: true },
    Versitygw::make);

/// Neither signatures nor regions are checked; each key can be stored, and storage classes are those of AWS.
pub(crate) struct Moto {
    pub(crate) bucket: Bucket,
}

impl Moto {
    async fn make() -> Self {
        Self::with_page_size(1_000).await
    }

    /// Lists so many keys a page.
    pub(crate) async fn with_page_size(keys: u16) -> Self {
        const PROGRAM: Program = Program {
            variable: "MOTO_SERVER",
            name: "moto_server",
            install: "pip install 'moto[server,s3]'",
        };
        let server = Server::start(PROGRAM, |command, port| {
            command.env("MOTO_S3_DEFAULT_MAX_KEYS", keys.to_string()).args([
                "-H",
                "127.0.0.1",
                "-p",
                &port.to_string(),
            ]);
        })
        .await;
        Self { bucket: Bucket::make(server).await }
    }
}

stage_of_bucket!(Moto:
    Can { etags: true, rewrites: Rewrites::OtherContent, raw_keys: true, backslashes: true },
    Moto::make);
