use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://models/"), interval = "30s")]
struct Bucket {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "gs://models/"), interval = "30s")]
struct Gcs {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "az://models/"), interval = "30s")]
struct Azure {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "https://dav.example.com/models/"), interval = "30s")]
struct WebDav {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "file:///var/models/"), interval = "30s")]
struct Folder {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), decode = yaml, interval = "30s")]
struct Yaml {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), decode = csv, items(key = "/id"), interval = "30s")]
struct Csv {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://h/x",
        auth(oauth2(token_url = "https://h/t", client_id = "a", client_secret(env = "S"))),
    ),
    interval = "30s"
)]
struct OAuth2 {}

fn main() {}
