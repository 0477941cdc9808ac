use koprs_external::ExternalSource;
use koprs_external::store::{Object, StoredObject};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Model;

#[derive(ExternalSource)]
#[external(object_store(url = "s3://models/"), interval = "30s", item = Object<Model>)]
struct Models;

#[derive(ExternalSource)]
#[external(object_store(url = "s3://models/"), interval = "30s", item = StoredObject)]
struct Listing;

#[derive(ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s", item = koprs_external::store::Object<Model>)]
struct Behind;

fn main() {}
