//! What object stores answer: keys, errors, listings, objects.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use futures::FutureExt;
use futures::future::BoxFuture;
use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{SecretSource, WatcherBuilder, WatcherSpec};
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{ObjectStore, ObjectStoreExt};
use koprs_external::store::{Object, ObjectStorePoller, StoredObject};
use koprs_external::watcher::ExternalSource;
use koprs_external_tests::Reply;
use koprs_external_tests::azure::{ACCOUNT, Azure, CONTAINER};
use koprs_external_tests::s3::{BUCKET, S3};
use koprs_external_tests::store::{Op, Protocol, Store};
use koprs_external_tests::webdav::WebDav;

use super::{IN_HEADER, PLANTED, Seen, long, run};

fn value(text: impl Into<String>) -> SecretSource {
    SecretSource::Value(text.into().into())
}

fn declare(url: String) -> WatcherBuilder {
    WatcherSpec::object_store("models", url)
        .interval(Duration::from_secs(30))
        .deadline(Duration::from_secs(20))
}

fn s3(s3: &S3) -> WatcherBuilder {
    declare(format!("s3://{BUCKET}"))
        .option("aws_endpoint", value(s3.endpoint()))
        .option("aws_allow_http", value("true"))
        .option("aws_region", value("eu-west-1"))
        .option("aws_access_key_id", value("key"))
        .option("aws_secret_access_key", value("s3cr3t"))
}

fn azure(azure: &Azure) -> WatcherBuilder {
    declare(format!("az://{CONTAINER}"))
        .option("azure_storage_account_name", value(ACCOUNT))
        .option("azure_storage_account_key", value("c2NyaXB0ZWQ="))
        .option("azure_storage_endpoint", value(azure.account_url()))
        .option("azure_allow_http", value("true"))
}

fn webdav(dav: &WebDav) -> WatcherBuilder {
    declare(format!("{}/", dav.endpoint())).option("allow_http", value("true"))
}

/// Follows what is listed, and what it holds.
fn followed(declaration: WatcherBuilder) -> BoxFuture<'static, Seen> {
    async move {
        let mut seen = Seen::default();
        let spec = declaration.build().unwrap();
        let mut listed = DeclaredSource::<StoredObject>::new(spec.clone()).unwrap();
        seen.polls(&mut listed).await;
        let mut read = DeclaredSource::<Object<u32>>::new(spec).unwrap();
        seen.polls(&mut read).await;
        seen
    }
    .boxed()
}

/// Keys, as they are and with what no path can hold.
fn keys() -> Vec<String> {
    // XML has no NUL, and no other control characters but these.
    let xml: String =
        PLANTED.chars().filter(|c| !c.is_ascii_control() || "\n\r\t".contains(*c)).collect();
    vec![
        IN_HEADER.to_owned(),
        xml.clone(),
        format!("a//{IN_HEADER}"),
        format!("{IN_HEADER}/../b"),
        format!("d/{xml}"),
    ]
}

const MESSAGE: [fn(&str) -> String; 4] = [
    |text| {
        format!(
            "<Error><Code>{text}</Code><Message>{text}</Message><Region>{text}</Region></Error>"
        )
    },
    |text| {
        format!(
            "<Error><Code>AuthorizationHeaderMalformed</Code><Message>{text}; expecting '{text}'</Message></Error>"
        )
    },
    |text| {
        format!("<Error><Code>RequestTimeTooSkewed</Code><ServerTime>{text}</ServerTime></Error>")
    },
    |text| format!("{{\"error\":\"{text}\",\"error_description\":\"{text}\"}}"),
];

/// Answers of which each is wrong in another way.
fn answers(text: &str) -> Vec<Reply> {
    let documents = [
        format!("<{text}>"),
        format!("<x:{text} xmlns:x='{text}'/>"),
        format!("<ListBucketResult><IsTruncated>{text}</IsTruncated></ListBucketResult>"),
        format!("<ListBucketResult><EncodingType>{text}</EncodingType></ListBucketResult>"),
        format!("<ListBucketResult><Prefix>{text}</Prefix></ListBucketResult>"),
        format!(
            "<ListBucketResult><KeyCount>{text}</KeyCount><KeyCount>2</KeyCount></ListBucketResult>"
        ),
        format!(
            "<ListBucketResult><Contents><Key>{text}</Key><Size>{text}</Size></Contents></ListBucketResult>"
        ),
        format!(
            "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>{text}</NextContinuationToken></ListBucketResult>"
        ),
        format!(
            "<EnumerationResults><Blobs><Blob><Name>{text}</Name></Blob></Blobs></EnumerationResults>"
        ),
        format!("<EnumerationResults><NextMarker>{text}</NextMarker></EnumerationResults>"),
        format!(
            "<D:multistatus xmlns:D='DAV:'><D:response><D:href>{text}</D:href><D:status>{text}</D:status></D:response></D:multistatus>"
        ),
        format!(
            "<D:multistatus xmlns:D='DAV:'><D:response><D:href>/{text}</D:href><D:status>HTTP/1.1 403 {text}</D:status></D:response></D:multistatus>"
        ),
        format!("<?xml version='1.0' encoding='{text}'?><ListBucketResult/>"),
        format!(
            "<!DOCTYPE {text} [<!ENTITY x '{text}'>]><ListBucketResult>&x;&{text};</ListBucketResult>"
        ),
        text.to_owned(),
    ];
    let mut replies: Vec<_> =
        documents.into_iter().map(|it| Reply::bytes("application/xml", it)).collect();
    for status in [301, 400, 403, 404] {
        replies.extend(
            MESSAGE.map(|of| Reply::bytes("application/xml", of(text)).status_code(status)),
        );
    }
    replies
}

fn headed() -> Vec<Reply> {
    [
        "x-amz-bucket-region",
        "location",
        "content-encoding",
        "etag",
        "last-modified",
        "content-range",
        "x-ms-error-code",
    ]
    .into_iter()
    .flat_map(|name| [200, 301, 403].map(|status| Reply::status(status).header(name, IN_HEADER)))
    .collect()
}

async fn answered<P: Protocol>(store: &Store<P>, declare: fn(&Store<P>) -> WatcherBuilder) {
    store.put("a", "1");
    let small: String = PLANTED.chars().filter(|c| *c != '\0').collect();
    let long: String = long().chars().take(60_000).collect();
    let all =
        [small.as_str(), long.as_str(), IN_HEADER].into_iter().flat_map(answers).chain(headed());
    for (n, reply) in all.enumerate() {
        for op in [Op::List, Op::Get] {
            let answer = reply.clone();
            store.spoil(op, .., move |_| answer.clone());
            run(&format!("{op:?}, answer {n}"), followed(declare(store))).await;
            store.heal();
        }
    }
}

async fn listed<P: Protocol>(store: &Store<P>, declare: fn(&Store<P>) -> WatcherBuilder) {
    let mut shown = 0;
    for key in keys() {
        store.put(&key, PLANTED);
        store.touch(&key, &format!("\"{IN_HEADER}\""), SystemTime::UNIX_EPOCH);
        shown += run(&format!("key {}", key.escape_debug()), followed(declare(store))).await;
        store.delete(&key);
    }
    assert!(shown > 0);
}

#[tokio::test]
async fn nothing_that_a_key_of_a_store_says_is_obeyed() {
    listed(&S3::start().await, s3).await;
    listed(&Azure::start().await, azure).await;
    listed(&WebDav::start().await, webdav).await;
}

#[tokio::test]
async fn nothing_that_s3_answers_is_obeyed() {
    answered(&S3::start().await, s3).await;
}

#[tokio::test]
async fn nothing_that_azure_answers_is_obeyed() {
    answered(&Azure::start().await, azure).await;
}

#[tokio::test]
async fn nothing_that_webdav_answers_is_obeyed() {
    answered(&WebDav::start().await, webdav).await;
}

#[tokio::test]
async fn nothing_that_a_file_or_an_object_in_memory_says_is_obeyed() {
    let folder = tempfile::tempdir().unwrap();
    let name: String = PLANTED.chars().filter(|c| *c != '\0').collect();
    std::fs::write(folder.path().join(&name), PLANTED).unwrap();
    std::fs::create_dir(folder.path().join(format!("{name}.d"))).unwrap();
    std::fs::write(folder.path().join(format!("{name}.d")).join(&name), PLANTED).unwrap();
    std::fs::write(folder.path().join(format!("{IN_HEADER}.json")), PLANTED).unwrap();
    let url = format!("file://{}/", folder.path().display());
    assert!(run("files", followed(declare(url))).await > 0);
    let gone = format!("file://{}/nowhere/", folder.path().display());
    assert!(run("no folder", followed(declare(gone))).await > 0);

    let memory = Arc::new(InMemory::new());
    memory.put(&Path::from(IN_HEADER), PLANTED.into()).await.unwrap();
    let shows = async {
        let mut seen = Seen::default();
        let poller = || ObjectStorePoller::new(Arc::clone(&memory) as Arc<dyn ObjectStore>);
        seen.polls(&mut poller().contents::<u32>()).await;
        seen.polls(&mut poller().with_prefix(PLANTED)).await;
        seen.polls(&mut poller().with_prefix(long()).contents::<u32>()).await;
        seen.text(poller().name().to_owned());
        seen
    };
    assert!(run("memory", shows.boxed()).await > 0);
}
