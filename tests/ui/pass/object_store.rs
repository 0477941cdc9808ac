//! An object store: every setting, with arguments in the URL and in an option.

use std::time::Duration;

use koprs_external::spec::SourceSpec;
use koprs_external::store::Object;
use koprs_external::{ExternalSource, Watch};
use serde::Deserialize;

#[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
#[external(
    object_store(
        url = "s3://{bucket}/{environment}/models/",
        option(
            "aws_region" = "eu-west-1",
            "aws_allow_http" = true,
            "AWS_Access_Key_Id" = "{id}",
            "aws_secret_access_key" = env("MODELS_KEY"),
            "aws_session_token" = file("/run/token"),
            "timeout" = value("5s")
        ),
        include("**/*.{yaml,yml}"),
        exclude("tmp/**"),
        settle = "5s",
        concurrency = 16,
        listing_concurrency = 8,
        object_limit = 100_000,
        body_limit = "8MiB"
    ),
    params(bucket: &str, environment: &str, id: String),
    decode = yaml,
    ignore("/updated_at"),
    distinct,
    removal(hold_above = "25%", hold_min = 5),
    interval = "30s"
)]
struct Model {
    name: String,
}

/// A folder, which is polled as often as an endpoint may be.
#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "file:///var/models/"), interval = "1s")]
struct Folder {
    name: String,
}

fn _watch() -> koprs_external::error::Result<Watch<Object<Model>>> {
    Model::watch("models", "test", "id".to_owned())
}

fn main() {
    let spec = Model::spec("models", "a b", "id".to_owned()).unwrap();
    let SourceSpec::ObjectStore(store) = spec.source() else { panic!("{spec:?}") };
    assert_eq!(store.url().as_str(), "s3://models/a%20b/models/");
    assert_eq!(store.include(), ["**/*.{yaml,yml}"]);
    assert_eq!((store.settle(), store.object_limit()), (Duration::from_secs(5), Some(100_000)));
    for bucket in ["", "a/b", "a@b"] {
        assert!(Model::spec(bucket, "test", "id".to_owned()).is_err(), "{bucket}");
    }
    for environment in ["", "..", "a/b"] {
        assert!(Model::spec("models", environment, "id".to_owned()).is_err(), "{environment}");
    }
    assert!(Model::spec("models", "test", String::new()).is_err());
    assert_eq!(Folder::spec().unwrap().interval(), Duration::from_secs(1));
    let (model, folder) = (Model { name: String::new() }, Folder { name: String::new() });
    assert_eq!(model.name, folder.name);
}
