//! Objects with a `Content-Encoding`, as S3, Google Cloud Storage, Azure and WebDAV serve them.

use std::io::Write;
use std::sync::Arc;

use flate2::Compression;
use flate2::write::GzEncoder;
use koprs_external::spec::{SecretSource, WatcherSpec};
use koprs_external::store::object_store::memory::InMemory;
use koprs_external::store::object_store::path::Path;
use koprs_external::store::object_store::{Attribute, ObjectStore, PutOptions};
use koprs_external::store::{ContentPoller, Object, ObjectStorePoller};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Report};
use koprs_external_tests::s3::{Op, S3};
use koprs_external_tests::{Reply, Server};

use super::declared::{s3, source};
use super::stage::Stage;
use super::stages::Google;

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

fn brotli(content: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    brotli::BrotliCompress(
        &mut &*content,
        &mut encoded,
        &brotli::enc::BrotliEncoderParams::default(),
    )
    .unwrap();
    encoded
}

fn zstd(content: &[u8]) -> Vec<u8> {
    zstd::encode_all(content, 1).unwrap()
}

/// Writes objects with the name of their encoding.
async fn put(store: &InMemory, key: &str, encoding: &'static str, content: impl Into<Vec<u8>>) {
    let mut options = PutOptions::default();
    options.attributes.insert(Attribute::ContentEncoding, encoding.into());
    let content: Vec<u8> = content.into();
    store.put_opts(&Path::from(key), content.into(), options).await.unwrap();
}

async fn observe(poller: &mut ContentPoller<String>) -> (String, Report) {
    let told = poller.poll().await.unwrap();
    let told = told.into_iter().map(|event| event.map(|it| format!("{}={}", it.path, it.value)));
    (told.map(|event| event.to_string()).collect::<Vec<_>>().join(" "), poller.report())
}

#[tokio::test]
async fn an_object_is_decoded_as_its_encoding_says() {
    let store = Arc::new(InMemory::new());
    put(&store, "1.txt", "gzip", gzip(b"one")).await;
    put(&store, "2.txt", "X-Gzip", gzip(b"two")).await;
    put(&store, "3.txt", "br", brotli(b"three")).await;
    put(&store, "4.txt", "zstd", zstd(b"four")).await;
    put(&store, "5.txt", "identity", "five").await;
    put(&store, "6.txt", "aws-chunked,gzip", gzip(b"six")).await;
    put(&store, "7.txt", "gzip", [gzip(b"sev"), gzip(b"en")].concat()).await;
    let mut poller = ObjectStorePoller::new(store).contents::<String>();
    let (told, report) = observe(&mut poller).await;
    let expected =
        "+ 1.txt=one + 2.txt=two + 3.txt=three + 4.txt=four + 5.txt=five + 6.txt=six + 7.txt=seven";
    assert_eq!((told.as_str(), report.bad_items), (expected, 0), "{report:?}");
}

#[tokio::test]
async fn an_object_that_cannot_be_decoded_is_a_bad_item_that_says_why() {
    let cases: [(&str, &str, Vec<u8>); 7] = [
        ("`deflate`", "deflate", b"x".to_vec()),
        ("`aws-kms`", "aws-kms", b"x".to_vec()),
        ("twice over", "gzip, br", b"x".to_vec()),
        ("`Content-Encoding: gzip`", "gzip", b"plain".to_vec()),
        ("`Content-Encoding: gzip`", "gzip", gzip(b"cut short")[..20].to_vec()),
        ("`Content-Encoding: gzip`", "gzip", [gzip(b"one"), b"more".to_vec()].concat()),
        ("`Content-Encoding: zstd`", "zstd", gzip(b"one")),
    ];
    let store = Arc::new(InMemory::new());
    put(&store, "a.txt", "gzip", gzip(b"good")).await;
    put(&store, "b.txt", "gzip", gzip(b"good")).await;
    let mut poller = ObjectStorePoller::new(Arc::clone(&store) as _).contents::<String>();
    assert_eq!(observe(&mut poller).await.0, "+ a.txt=good + b.txt=good");
    for (why, encoding, content) in cases {
        put(&store, "b.txt", encoding, content).await;
        let (told, report) = observe(&mut poller).await;
        assert_eq!((told.as_str(), report.bad_items), ("", 1), "{why}");
        let last = report.last_bad_item.unwrap();
        assert!(last.contains("`b.txt`") && last.contains(why), "{why}: {last}");
    }
    put(&store, "b.txt", "gzip", gzip(b"better")).await;
    let (told, report) = observe(&mut poller).await;
    assert_eq!((told.as_str(), report.bad_items), ("~ b.txt=better", 0));
}

#[tokio::test]
async fn both_sizes_of_an_encoded_object_are_within_the_limit() {
    let store = Arc::new(InMemory::new());
    put(&store, "a.txt", "gzip", gzip(b"ok")).await;
    put(&store, "bomb.txt", "gzip", gzip(&vec![b'0'; 1 << 20])).await;
    let mut large = vec![gzip(&[]); 200].concat();
    large.extend(gzip(b"x"));
    put(&store, "large.txt", "gzip", large).await;
    put(&store, "limit.txt", "gzip", gzip(&[b'0'; 2000])).await;
    put(&store, "over.txt", "gzip", gzip(&[b'0'; 2001])).await;
    let poller = ObjectStorePoller::new(store).contents::<String>();
    let mut poller = poller.with_body_limit(2000);
    let (told, report) = observe(&mut poller).await;
    assert!(told.starts_with("+ a.txt=ok + limit.txt=000"), "{told}");
    assert_eq!((told.matches('+').count(), report.bad_items), (2, 3), "{report:?}");
    assert!(report.last_bad_item.unwrap().contains("`body_limit`"));
}

#[tokio::test]
async fn the_objects_of_a_declared_bucket_are_decoded() {
    let server = S3::start().await;
    server.put("models/a.json", gzip(b"7"));
    server.spoil(Op::Get, .., |reply| reply.header("content-encoding", "gzip"));
    let mut models = source::<Object<u32>>(s3(&server).option("aws_skip_signature", value("true")));
    assert_eq!(first(models.poll().await.unwrap()), 7);
}

/// Its decoder gives up long before its end.
#[tokio::test]
async fn a_large_object_that_cannot_be_decoded_is_not_taken_for_one_that_is_cut() {
    let server = S3::start().await;
    server.put("models/a.json", vec![b'1'; 4 << 20]);
    server.spoil(Op::Get, .., |reply| reply.header("content-encoding", "gzip"));
    let mut models = source::<Object<u32>>(s3(&server).option("aws_skip_signature", value("true")));
    assert_eq!(models.poll().await.unwrap().len(), 0);
    let last = models.report().last_bad_item.unwrap();
    assert!(last.contains("`Content-Encoding: gzip`"), "{last}");
}

fn value(text: &str) -> SecretSource {
    SecretSource::Value(text.into())
}

fn first(events: Vec<ExternalEvent<Object<u32>>>) -> u32 {
    match &events[..] {
        [ExternalEvent::Added(object)] => object.value,
        _ => panic!("{events:?}"),
    }
}

/// Google Cloud Storage decodes what is stored as gzip for a client that does not accept gzip, and then cannot say
/// how long it is.
#[tokio::test]
async fn google_is_asked_for_objects_as_they_are_stored() {
    let stage = Google::start().await;
    let content = gzip(b"7");
    stage.s3.put("a.json", content.clone());
    stage.s3.spoil_by_request(Op::Get, move |request, reply| {
        match request.header("accept-encoding") {
            Some("gzip") => reply.header("content-encoding", "gzip"),
            _ => reply.body("7").chunked(),
        }
    });
    for poller in stage.pollers() {
        let mut poller = poller.contents::<u32>();
        assert_eq!(first(poller.poll().await.unwrap()), 7);
    }
}

/// A server may decode on its own and say so: the size is another one than the listing's.
#[tokio::test]
async fn an_object_that_the_server_has_decoded_is_read_as_it_came() {
    let server = S3::start().await;
    server.put("models/a.json", gzip(b"7"));
    server.spoil(Op::Get, .., |reply| reply.body("7"));
    let mut models = source::<Object<u32>>(s3(&server).option("aws_skip_signature", value("true")));
    assert_eq!(first(models.poll().await.unwrap()), 7);
    assert_eq!(models.poll().await.unwrap(), []);
}

#[tokio::test]
async fn a_webdav_file_is_decoded() {
    let server = Server::start().await;
    let listing = r#"<D:multistatus xmlns:D="DAV:"><D:response><D:href>/</D:href><D:propstat><D:prop>
        <D:resourcetype><D:collection/></D:resourcetype>
        <D:getlastmodified>Tue, 01 Jan 2030 00:00:00 GMT</D:getlastmodified></D:prop>
        <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response><D:response><D:href>/a.json</D:href><D:propstat><D:prop>
        <D:resourcetype/><D:getetag>"1"</D:getetag><D:getcontentlength>21</D:getcontentlength>
        <D:getlastmodified>Tue, 01 Jan 2030 00:00:00 GMT</D:getlastmodified></D:prop>
        <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response></D:multistatus>"#;
    server.fallback(Reply::with(move |request| match request.method.as_str() {
        "PROPFIND" => Reply::bytes("application/xml", listing).status_code(207),
        _ => Reply::bytes("application/json", gzip(b"7"))
            .header("content-encoding", "x-gzip")
            .header("last-modified", "Tue, 01 Jan 2030 00:00:00 GMT")
            .etag("\"1\""),
    }));
    let spec = WatcherSpec::object_store("files", server.url("/"))
        .option("allow_http", value("true"))
        .interval(std::time::Duration::from_secs(30));
    let mut files = source::<Object<u32>>(spec);
    assert_eq!(first(files.poll().await.unwrap()), 7);
}
