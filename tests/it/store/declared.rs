//! Stores as they are declared: options, secrets that rotate, and what can go wrong with them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use koprs_external::declared::{DeclaredSource, Payload};
use koprs_external::error::{ExternalError, StoreErrorKind};
use koprs_external::set::WatcherSet;
use koprs_external::spec::{SecretSource, WatcherBuilder, WatcherSpec};
use koprs_external::store::{Object, StoredObject};
use koprs_external::watcher::{ExternalEvent, ExternalSource, Pace};
use koprs_external_tests::s3::{BUCKET, Op, S3, error};
use koprs_external_tests::{Reply, Server};
use tempfile::TempDir;

pub(super) const INTERVAL: Duration = Duration::from_secs(30);

pub(super) fn s3(s3: &S3) -> WatcherBuilder {
    WatcherSpec::object_store("models", format!("s3://{BUCKET}/models/"))
        .interval(INTERVAL)
        .option("aws_endpoint", SecretSource::Value(s3.endpoint().into()))
        .option("aws_allow_http", SecretSource::Value("true".into()))
        .option("aws_region", SecretSource::Value("eu-west-1".into()))
}

fn signed(builder: WatcherBuilder, secret: SecretSource) -> WatcherBuilder {
    builder
        .option("aws_access_key_id", SecretSource::Value("key".into()))
        .option("aws_secret_access_key", secret)
}

pub(super) fn source<T: Payload>(builder: WatcherBuilder) -> DeclaredSource<T> {
    DeclaredSource::new(builder.build().unwrap()).unwrap()
}

/// Looks until there is no more to see: what was told, a word each, or the error at the end.
async fn look<T>(source: &mut DeclaredSource<Object<T>>) -> Result<String, ExternalError>
where
    Object<T>: Payload,
    T: std::fmt::Display,
{
    let mut words = Vec::new();
    loop {
        for event in source.poll().await? {
            let (sign, object) = match event {
                ExternalEvent::Added(object) => ('+', object),
                ExternalEvent::Modified(object) => ('~', object),
                ExternalEvent::Removed(object) => ('-', object),
            };
            words.push(format!("{sign}{}={}", object.path, object.value));
        }
        if source.pace() != Pace::Now {
            return Ok(words.join(" "));
        }
    }
}

#[tokio::test]
async fn a_declared_bucket_is_followed_by_what_its_objects_hold() {
    let server = S3::start().await;
    server.put("models/a.json", "1");
    server.put("models/b.json", "2");
    server.put("models/c.txt", "3");
    server.put("other/a.json", "4");
    let key = SecretSource::Value("s3cr3t".into());
    let mut models = source(signed(s3(&server), key).include("*.json"));
    assert_eq!(look::<u32>(&mut models).await.unwrap(), "+models/a.json=1 +models/b.json=2");
    server.put("models/b.json", "3");
    server.delete("models/a.json");
    assert_eq!(look(&mut models).await.unwrap(), "-models/a.json=1 ~models/b.json=3");
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_the_place_of_the_file_of_an_option_is_not_waited_for() {
    let server = S3::start().await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut models = source::<StoredObject>(signed(s3(&server), SecretSource::File(path)));
    let error = models.poll().await.unwrap_err().to_string();
    assert!(error.contains("it is no file") && error.contains("aws_secret_access_key"), "{error}");
}

#[tokio::test]
async fn a_yaml_file_declares_a_bucket() {
    let server = S3::start().await;
    server.put("models/a.yaml", "size: 7");
    server.put("models/b.yaml", "size: 8");
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("key"), "s3cr3t\n").unwrap();
    let file = folder.path().join("watchers.yaml");
    let text = format!(
        "apiVersion: koprs-external/v1
watchers:
  - name: models
    interval: 30s
    objectStore:
      url: s3://{BUCKET}/models/
      option:
        aws_endpoint: {}
        aws_allow_http: true
        aws_region: eu-west-1
        aws_access_key_id: key
        aws_secret_access_key: {{ file: key }}
      include: [\"a.*\"]
    decode: yaml
",
        server.endpoint()
    );
    fs::write(&file, text).unwrap();
    let set = WatcherSet::from_path(&file).unwrap();

    #[derive(Clone, Debug, serde::Deserialize)]
    struct Model {
        size: u32,
    }
    let mut models = set.source::<Object<Model>>("models").unwrap();
    let events = models.poll().await.unwrap();
    assert!(
        matches!(&events[..], [ExternalEvent::Added(it)] if it.value.size == 7 && it.path == "models/a.yaml"),
        "{events:?}"
    );
    let wrong = set.source::<Model>("models").unwrap_err().to_string();
    assert!(wrong.contains("`Object<T>` or `StoredObject`"), "{wrong}");
    let wrong = set.source::<StoredObject>("models").unwrap_err().to_string();
    assert!(wrong.contains("follow an `Object<T>`, or leave `decode` out"), "{wrong}");
}

#[tokio::test]
async fn an_object_that_is_only_listed_may_be_larger_than_the_body_limit() {
    let server = S3::start().await;
    server.put("models/a.json", "12345678");
    let spec = s3(&server).body_limit(1).concurrency(1);
    let spec = signed(spec, SecretSource::Value("s3cr3t".into()));
    let mut listed = source::<StoredObject>(spec.clone());
    let events = listed.poll().await.unwrap();
    assert!(matches!(&events[..], [ExternalEvent::Added(it)] if it.size == 8), "{events:?}");
    assert_eq!(server.count(Op::Get), 0);
    let error = look(&mut source::<Object<u32>>(spec)).await.unwrap_err();
    assert!(error.to_string().contains("`body_limit`"), "{error}");
}

fn rotating(server: &S3, folder: &TempDir) -> DeclaredSource<Object<u32>> {
    let file = |name: &str| SecretSource::File(folder.path().join(name));
    source(
        s3(server)
            .option("aws_access_key_id", file("id"))
            .option("aws_secret_access_key", file("key")),
    )
}

fn write(folder: &Path, id: &str) {
    fs::write(folder.join("id"), format!("{id}\n")).unwrap();
    fs::write(folder.join("key"), "s3cr3t").unwrap();
}

#[tokio::test]
async fn a_secret_in_a_file_is_read_again_at_once_after_a_refusal() {
    let server = S3::start().await;
    server.put("models/a.json", "1");
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "one");
    let mut models = rotating(&server, &folder);
    assert_eq!(look(&mut models).await.unwrap(), "+models/a.json=1");

    for (status, code) in [(403, "AccessDenied"), (400, "ExpiredToken"), (401, "Unauthorized")] {
        write(folder.path(), code);
        server.put("models/a.json", status.to_string());
        server.spoil(Op::List, 0..=0, move |_| error(status, code));
        assert_eq!(look(&mut models).await.unwrap(), format!("~models/a.json={status}"));
        server.heal();
        assert_eq!(server.access_keys().last().map(String::as_str), Some(code));
    }

    // The same one again is no other: it is not tried twice.
    let before = server.count(Op::List);
    server.spoil(Op::List, .., |_| error(403, "AccessDenied"));
    let refused = look(&mut models).await.unwrap_err();
    assert_eq!(refused.status(), Some(403));
    assert_eq!(server.count(Op::List) - before, 1);
    server.heal();
    assert_eq!(look(&mut models).await.unwrap(), "");
}

#[tokio::test]
async fn while_a_file_cannot_be_read_the_last_good_secret_is_kept() {
    let server = S3::start().await;
    server.put("models/a.json", "1");
    let folder = tempfile::tempdir().unwrap();
    let mut models = rotating(&server, &folder);
    let missing = look(&mut models).await.unwrap_err();
    assert!(matches!(missing, ExternalError::Credential { .. }), "{missing:?}");
    assert!(missing.to_string().contains("for the option `aws_access_key_id`"), "{missing}");

    write(folder.path(), "one");
    assert_eq!(look(&mut models).await.unwrap(), "+models/a.json=1");
    fs::remove_file(folder.path().join("id")).unwrap();
    server.spoil(Op::List, 0..=0, |_| error(403, "AccessDenied"));
    look(&mut models).await.unwrap_err();
    server.heal();
    assert_eq!(look(&mut models).await.unwrap(), "");
}

/// `object_store` would panic at each poll.
#[tokio::test]
async fn while_a_file_has_what_no_header_can_carry_the_last_good_secret_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    for bad in ["two\nlines", "two\r\nlines", "a\0b", "a\u{7f}b", "a\u{feff}b"] {
        let server = S3::start().await;
        server.put("models/a.json", "1");
        write(folder.path(), "\u{feff}one");
        let mut models = rotating(&server, &folder);
        assert_eq!(look(&mut models).await.unwrap(), "+models/a.json=1", "{bad:?}");
        write(folder.path(), bad);
        server.spoil(Op::List, 0..=0, |_| error(403, "AccessDenied"));
        look(&mut models).await.unwrap_err();
        server.heal();
        server.put("models/a.json", "2");
        assert_eq!(look(&mut models).await.unwrap(), "~models/a.json=2", "{bad:?}");
        assert!(server.access_keys().iter().all(|key| key == "one"), "{bad:?}");
        let refused = look(&mut rotating(&server, &folder)).await.unwrap_err();
        assert!(matches!(refused, ExternalError::Credential { .. }), "{refused:?}");
        assert!(refused.to_string().contains("one line of text"), "{refused}");
    }
}

#[test]
fn an_option_that_no_request_can_carry_is_refused_when_it_is_read() {
    let stores = [
        ("s3://bucket/a/", &["aws_access_key_id", "aws_session_token", "aws_region"][..]),
        (
            "az://container/a/",
            &["azure_storage_token", "azure_storage_sas_key", "azure_msi_endpoint"][..],
        ),
        ("gs://bucket/a/", &["google_bearer_token", "google_base_url"][..]),
        ("https://dav.example.com/a/", &["user_agent", "proxy_url"][..]),
    ];
    for (url, options) in stores {
        for (option, bad) in
            options.iter().flat_map(|it| ["two\nlines", "a\0b", "a\u{feff}b"].map(|bad| (*it, bad)))
        {
            let spec = WatcherSpec::object_store("models", url).interval(INTERVAL);
            let spec = spec.option(option, SecretSource::Value(bad.into()));
            let refused = spec.build().unwrap_err();
            assert_eq!(refused.mistakes[0].code, "bad-option", "{option} {bad:?}");
            assert!(refused.mistakes[0].help.is_some());
        }
    }
    // JSON has lines.
    let account = SecretSource::Value("{\n}\n".into());
    let spec = WatcherSpec::object_store("models", "gs://bucket/a/").interval(INTERVAL);
    assert!(spec.option("google_service_account_key", account).build().is_ok());
}

#[test]
fn an_option_that_stands_in_a_url_has_room_there() {
    let cases = [
        ("az://container/a/", "azure_storage_sas_key", "x", 4096),
        ("az://container/a/", "azure_storage_sas_key", "+", 4096 / 3),
        ("az://container/a/", "azure_storage_account_name", "x", 4096),
        ("az://container/a/", "azure_storage_tenant_id", "x", 4096),
        ("s3://bucket/a/", "aws_container_credentials_relative_uri", "/", 4096),
        ("s3://bucket/a/", "aws_region", "x", 4096),
    ];
    for (url, option, text, most) in cases {
        let build = |length: usize| {
            let value = SecretSource::Value(text.repeat(length).into());
            let spec = WatcherSpec::object_store("models", url).interval(INTERVAL);
            spec.option(option, value).build().map_err(|refused| refused.to_string())
        };
        assert!(build(most).is_ok(), "{option}: {:?}", build(most));
        let refused = build(most + 1).unwrap_err();
        assert!(refused.contains(&format!("the option `{option}` is not")), "{refused}");
        assert!(refused.len() < 1000, "{refused}");
    }
}

#[tokio::test]
async fn no_secret_of_an_option_is_shown() {
    let server = S3::start().await;
    let key = SecretSource::Value("s3cr3t-of-mine".into());
    let builder = signed(s3(&server), key);
    let spec = builder.clone().build().unwrap();
    assert!(!format!("{spec:?} {builder:?}").contains("s3cr3t"));
    let mut models = source::<Object<u32>>(builder);
    server.spoil(Op::List, .., |_| {
        Reply::bytes(
            "application/xml",
            "<Error><Code>SignatureDoesNotMatch</Code><Message>not s3cr3t-of-mine</Message></Error>",
        )
        .status_code(403)
    });
    let refused = look(&mut models).await.unwrap_err();
    let shown = format!("{refused} {refused:?} {models:?}");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    assert!(
        refused.to_string().contains(
            "watcher `models` (s3://bucket/models/): cannot list: the store answered 403 SignatureDoesNotMatch: \
             not ***"
        ),
        "{refused}"
    );
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_no_empty_one() {
    let folder = tempfile::tempdir().unwrap();
    let models = folder.path().join("models");
    fs::create_dir(&models).unwrap();
    fs::write(models.join("a.json"), "1").unwrap();
    let url = format!("file://{}", models.display());
    let mut models_of = source(WatcherSpec::object_store("models", url).interval(INTERVAL));
    let path = models.join("a.json").display().to_string().trim_start_matches('/').to_owned();
    assert_eq!(look::<u32>(&mut models_of).await.unwrap(), format!("+{path}=1"));

    let away = folder.path().join("away");
    fs::rename(&models, &away).unwrap();
    for _ in 0..3 {
        let ExternalError::Store(error) = look(&mut models_of).await.unwrap_err() else { panic!() };
        assert_eq!(error.kind(), StoreErrorKind::NotFound);
        assert!(error.to_string().contains("cannot list the folder"), "{error}");
    }
    fs::rename(&away, &models).unwrap();
    assert_eq!(look(&mut models_of).await.unwrap(), "");
    fs::remove_file(models.join("a.json")).unwrap();
    assert_eq!(look(&mut models_of).await.unwrap(), format!("-{path}=1"));
}

#[tokio::test]
async fn an_answer_that_is_no_listing_is_told_as_what_it_is() {
    let server = S3::start().await;
    server.put("models/a.json", "1");
    let mut models = source(signed(s3(&server), SecretSource::Value("s3cr3t".into())));
    assert_eq!(look::<u32>(&mut models).await.unwrap(), "+models/a.json=1");
    server.spoil(Op::List, .., |_| Reply::bytes("text/html", "<html>Sign in</html>"));
    let told = look(&mut models).await.unwrap_err().to_string();
    assert!(
        told.contains("no listing but `html`: is there a proxy or a login in between?"),
        "{told}"
    );
    server.heal();
    assert_eq!(look(&mut models).await.unwrap(), "");
}

#[tokio::test]
async fn a_404_of_webdav_is_no_empty_folder() {
    let listing = |objects: &str| {
        Reply::bytes(
            "application/xml",
            format!("<D:multistatus xmlns:D=\"DAV:\">{objects}</D:multistatus>"),
        )
        .status_code(207)
    };
    let object = "<D:response><D:href>/dav/</D:href><D:propstat><D:prop>\
         <D:getlastmodified>Tue, 24 Nov 2026 08:00:00 GMT</D:getlastmodified>\
         <D:resourcetype><D:collection/></D:resourcetype></D:prop>\
         <D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\
         <D:response><D:href>/dav/a.json</D:href><D:propstat><D:prop>\
         <D:getlastmodified>Tue, 24 Nov 2026 08:00:00 GMT</D:getlastmodified>\
         <D:getcontentlength>1</D:getcontentlength><D:resourcetype/><D:getetag>\"1\"</D:getetag>\
         </D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>";
    let server = Server::start().await;
    server.set("/dav", listing(object));
    let spec = WatcherSpec::object_store("dav", server.url("/dav/"))
        .interval(INTERVAL)
        .option("allow_http", SecretSource::Value("true".into()));
    let mut dav = source::<StoredObject>(spec);
    assert_eq!(dav.poll().await.unwrap().len(), 1);
    server.set("/dav", Reply::bytes("text/plain", "no such thing").status_code(404));
    let away = dav.poll().await.unwrap_err();
    server.set("/dav", listing(object));
    assert!(away.to_string().contains("check the folder in the URL"), "{away}");
    assert!(dav.poll().await.unwrap().is_empty());
}

#[test]
fn an_environment_variable_that_is_missing_is_told_when_the_source_is_made() {
    let spec = WatcherSpec::object_store("models", "s3://bucket/models/")
        .interval(INTERVAL)
        .option("aws_secret_access_key", SecretSource::Env("NO_SUCH_VARIABLE".to_owned()))
        .build()
        .unwrap();
    let told = DeclaredSource::<StoredObject>::new(spec).unwrap_err().to_string();
    assert!(told.contains("the environment variable `NO_SUCH_VARIABLE` is not set"), "{told}");
}

#[test]
fn a_glob_that_is_none_is_told_when_the_source_is_made() {
    let spec = WatcherSpec::object_store("models", "file:///models")
        .interval(INTERVAL)
        .include("{a,b}{c")
        .build();
    let told = match spec {
        Ok(spec) => DeclaredSource::<StoredObject>::new(spec).unwrap_err().to_string(),
        Err(refused) => refused.to_string(),
    };
    assert!(told.contains("{a,b}{c"), "{told}");
}
