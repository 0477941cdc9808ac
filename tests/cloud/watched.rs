//! Declared watchers of real servers: what they see of the objects, and of what is wrong with one of them.

use std::fmt::{Debug, Display};
use std::fs::{self, File};
use std::io::Write;
use std::time::{Duration, SystemTime};

use flate2::Compression;
use flate2::write::GzEncoder;
use koprs_external::declared::{DeclaredSource, Payload};
use koprs_external::spec::WatcherBuilder;
use koprs_external::store::object_store::{Attribute, Attributes};
use koprs_external::store::{Object, StoredObject};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};
use tokio::time::{interval, timeout};

use crate::azurite::Azurite;
use crate::s3::{Moto, Versitygw};
use crate::store::stage::Stage;
use crate::webdav::Apache;

/// A source whose events are seen as words.
struct Watched<T: Payload>(DeclaredSource<T>);

impl<T: Payload> Watched<T> {
    fn new(builder: WatcherBuilder) -> Self {
        Self(DeclaredSource::new(builder.build().unwrap()).unwrap())
    }

    /// Polls until an observation is complete, or fails.
    async fn observe(&mut self) -> Result<Vec<ExternalEvent<T>>, String> {
        let mut events = Vec::new();
        loop {
            events.extend(self.0.poll().await.map_err(|error| error.to_string())?);
            if self.0.pace() != Pace::Now {
                return Ok(events);
            }
        }
    }

    fn bad(&self) -> String {
        let report = self.0.report();
        format!("{} {}", report.bad_items, report.last_bad_item.unwrap_or_default())
    }
}

impl<T: Display + Clone + Debug + Send + 'static> Watched<Object<T>>
where
    Object<T>: Payload,
{
    /// `+a=1 ~b=2 -c=3`, or the error.
    async fn contents(&mut self) -> String {
        match self.observe().await {
            Ok(events) => words(events, |object| format!("{}={}", object.path, object.value)),
            Err(error) => error,
        }
    }
}

impl Watched<StoredObject> {
    /// `+a ~b -c`, or the error.
    async fn keys(&mut self) -> String {
        match self.observe().await {
            Ok(events) => words(events, |object| object.path.escape_debug().to_string()),
            Err(error) => error,
        }
    }
}

fn words<T>(events: Vec<ExternalEvent<T>>, shown: impl Fn(&T) -> String) -> String {
    let word = |event: &ExternalEvent<T>| {
        let sign = match event {
            ExternalEvent::Added(_) => '+',
            ExternalEvent::Modified(_) => '~',
            ExternalEvent::Removed(_) => '-',
        };
        format!("{sign}{}", shown(event.value()))
    };
    events.iter().map(word).collect::<Vec<_>>().join(" ")
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn encoded() -> Attributes {
    Attributes::from_iter([(Attribute::ContentEncoding, "gzip")])
}

/// Follows what the server holds, changes it, and takes the server away.
async fn is_followed(builder: WatcherBuilder, stage: impl Stage) {
    stage.put_all(&["a.json", "d/b.json", "d/c.txt"]).await;
    let mut watched = Watched::<Object<u32>>::new(builder.include("**/*.json"));
    assert_eq!(watched.contents().await, "+a.json=1 +d/b.json=1");
    assert_eq!(watched.contents().await, "");
    stage.put("d/b.json", "22").await;
    stage.delete("a.json").await;
    stage.put("e.json", "3").await;
    assert_eq!(watched.contents().await, "-a.json=1 ~d/b.json=22 +e.json=3");
    assert_eq!(watched.contents().await, "");
    drop(stage);
    for _ in 0..3 {
        let error = watched.contents().await;
        assert!(error.contains("cannot list"), "an outage is no removal: {error}");
    }
}

#[tokio::test]
async fn a_declared_bucket_of_versitygw_is_followed() {
    let stage = Versitygw::start().await;
    is_followed(stage.bucket.declared(&[]), stage).await;
}

#[tokio::test]
async fn a_declared_bucket_of_moto_is_followed() {
    let stage = Moto::start().await;
    is_followed(stage.bucket.declared(&[]), stage).await;
}

#[tokio::test]
async fn a_declared_container_of_azurite_is_followed() {
    let stage = Azurite::start().await;
    is_followed(stage.declared(&[]), stage).await;
}

#[tokio::test]
async fn a_declared_folder_of_apache_is_followed() {
    let stage = Apache::start().await;
    is_followed(stage.declared(&[]), stage).await;
}

#[tokio::test]
async fn objects_in_gzip_are_decoded() {
    let (body, larger) = (gzip("1"), gzip("22"));
    let s3 = Versitygw::start().await;
    s3.bucket.put_with("a.json", &body, encoded()).await;
    let mut watched = Watched::<Object<u32>>::new(s3.bucket.declared(&[]));
    assert_eq!(watched.contents().await, "+a.json=1", "versitygw: {}", watched.bad());
    s3.bucket.put_with("a.json", &larger, encoded()).await;
    assert_eq!(watched.contents().await, "~a.json=22", "versitygw: {}", watched.bad());

    let moto = Moto::start().await;
    moto.bucket.put_with("a.json", &body, encoded()).await;
    let mut watched = Watched::<Object<u32>>::new(moto.bucket.declared(&[]));
    assert_eq!(watched.contents().await, "+a.json=1", "moto: {}", watched.bad());

    let azurite = Azurite::start().await;
    azurite.put_with("a.json", &body, encoded()).await;
    let mut watched = Watched::<Object<u32>>::new(azurite.declared(&[]));
    assert_eq!(watched.contents().await, "+a.json=1", "azurite: {}", watched.bad());

    // Apache knows it by the name of the file, and calls it as it is told to.
    for coding in ["gzip", "x-gzip"] {
        let directives =
            format!("Dav On\nDavDepthInfinity On\nRequire all granted\nAddEncoding {coding} .gz");
        let apache = Apache::with(&directives).await;
        fs::write(apache.www().join("a.json.gz"), &body).unwrap();
        let mut watched = Watched::<Object<u32>>::new(apache.declared(&[]));
        assert_eq!(watched.contents().await, "+a.json.gz=1", "apache: {}", watched.bad());
    }
}

#[tokio::test]
async fn an_archived_object_does_not_slow_its_neighbours() {
    let stage = Moto::start().await;
    stage.put_all(&["a", "z"]).await;
    let archived = Attributes::from_iter([(Attribute::StorageClass, "GLACIER")]);
    stage.bucket.put_with("m", b"1", archived).await;
    let mut watched = Watched::<Object<u32>>::new(stage.bucket.declared(&[]));
    assert_eq!(watched.contents().await, "+a=1 +z=1");
    let bad = watched.bad();
    assert!(bad.starts_with("1 ") && bad.contains("`m`") && bad.contains("archived"), "{bad}");
    stage.put("z", "22").await;
    assert_eq!(watched.contents().await, "~z=22");
    stage.put("m", "22").await;
    assert_eq!(watched.contents().await, "+m=22");
    assert_eq!(watched.0.report().bad_items, 0, "{}", watched.bad());
}

/// Keys that neither paths nor XML have a form for, among others, over several pages.
#[tokio::test]
async fn odd_keys_are_reported_and_the_others_followed() {
    for page_size in [1, 2, 3, 1_000] {
        let stage = Moto::with_page_size(page_size).await;
        let odd = ["a//b", "c/../d", "e/./f", "g\rh", "k//", "/l"];
        let mut watched = Watched::<StoredObject>::new(stage.bucket.declared(&[]));
        stage.put_all(&["a", " b ", "c+d", "c%2Fd", "é", "m&n", "o<p>", "z"]).await;
        stage.put_all(&odd).await;
        assert_eq!(
            watched.keys().await,
            "+ b  +a +c%2Fd +c+d +m&n +o<p> +z +é",
            "{page_size}: {}",
            watched.bad()
        );
        let bad = watched.bad();
        assert!(bad.starts_with(&format!("{} ", odd.len())), "{page_size}: {bad}");
        stage.put("z", "22").await;
        stage.delete("a").await;
        assert_eq!(watched.keys().await, "-a ~z", "{page_size}: {}", watched.bad());
        for key in odd {
            stage.delete(key).await;
        }
        assert_eq!(watched.keys().await, "", "{page_size}");
        assert_eq!(watched.0.report().bad_items, 0, "{page_size}: {}", watched.bad());
    }
}

#[tokio::test]
async fn an_etag_of_apache_that_becomes_strong_is_no_change() {
    let stage = Apache::start().await;
    let mut watched = Watched::<StoredObject>::new(stage.declared(&[]));
    stage.put("a", "1").await;
    let etag = async || stage.head("a").await.e_tag.unwrap();
    // Made anew until it is seen in its first second.
    let mut first = etag().await;
    for _ in 0..10 {
        if first.starts_with("W/") && watched.keys().await == "+a" {
            break;
        }
        watched = Watched::new(stage.declared(&[]));
        stage.put("a", "1").await;
        first = etag().await;
    }
    assert!(first.starts_with("W/"), "{first}");
    let mut ticks = interval(Duration::from_millis(50));
    let becomes_strong = timeout(Duration::from_secs(30), async {
        while etag().await.starts_with("W/") {
            ticks.tick().await;
        }
    });
    becomes_strong.await.unwrap();
    assert_eq!(watched.keys().await, "");
    assert_eq!(watched.keys().await, "");
}

#[tokio::test]
async fn objects_settle_by_the_clock_of_the_server() {
    let stage = Apache::start().await;
    stage.put_all(&["new", "old"]).await;
    let hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    File::options()
        .append(true)
        .open(stage.www().join("old"))
        .unwrap()
        .set_modified(hour_ago)
        .unwrap();
    let mut watched =
        Watched::<StoredObject>::new(stage.declared(&[]).settle(Duration::from_secs(600)));
    assert_eq!(watched.keys().await, "+old");
    let unsettled = watched.0.report().unsettled.unwrap();
    assert_eq!((unsettled.items, unsettled.key.as_str()), (1, "new"));
}
