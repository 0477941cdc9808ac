use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://bucket/models/"), interval = "30s")]
struct Prefix {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", option("timeout" = "5s")), interval = "30s")]
struct Timeout {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", object_limit = 100000), interval = "30s")]
struct Limit {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), interval = "30s")]
struct Settle {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"), name = "flags", interval = "30s")]
struct Name {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x"/* by `HTTPS_PROXY` */), interval = "30s")]
struct Proxy {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", tls(ca = "ca.pem")), interval = "30s")]
struct Insecure {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", auth(header(name = "X-Key", env = "KEY"))), interval = "30s")]
struct Key {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", pages(cursor(at = "/meta/next", param = "cursor"))), items = "", interval = "30s")]
struct Cursor {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", pages(offset(param = "skip"))), items = "", interval = "30s")]
struct Offset {
    name: String,
}

fn main() {}
