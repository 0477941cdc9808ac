use koprs_external::ExternalSource;
use koprs_external::store::{Object, StoredObject};
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize)]
struct Model;

#[derive(ExternalSource)]
#[external(object_store(url = "s3://models/"), interval = "30s", item = Model)]
struct Models;

#[derive(ExternalSource)]
#[external(object_store(url = "s3://models/"), interval = "30s", item = Model)]
struct Listing;

#[derive(ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s", item = Model)]
struct Behind;

fn main() {}
