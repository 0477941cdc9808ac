use koprs_external::ExternalSource;
use serde::Deserialize;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", prefix = "x/"), interval = "30s")]
struct Prefix {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", timeout = "5s"), interval = "30s")]
struct Timeout {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(object_store(url = "s3://b/", limit = 3), interval = "30s")]
struct Limit {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", settle = "5s"), interval = "30s")]
struct Settle {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", name = "flags"), interval = "30s")]
struct Name {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", proxy = "http://p"), interval = "30s")]
struct Proxy {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", tls(insecure)), interval = "30s")]
struct Insecure {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", auth(header("X-Key" = env("A")))), interval = "30s")]
struct Key {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", pages(cursor = "/meta/next")), items = "", interval = "30s")]
struct Cursor {
    name: String,
}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(http(url = "https://h/x", pages(offset = "skip")), items = "", interval = "30s")]
struct Offset {
    name: String,
}

fn main() {}
