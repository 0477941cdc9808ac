//! A long list, and two who follow it.

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use koprs_external::declared::DeclaredSource;
use koprs_external::spec::WatcherSpec;
use serde::Deserialize;

/// An item as such APIs have them.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(crate) struct Tenant {
    id: String,
    name: String,
    plan: String,
    region: String,
    seats: u32,
    enabled: bool,
    tags: Vec<String>,
    owner: Owner,
    limits: Limits,
    created_at: String,
    note: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Owner {
    email: String,
    team: String,
}

#[derive(Clone, Debug, Deserialize, PartialEq)]
struct Limits {
    cpu: u32,
    memory: u64,
    ratio: f64,
}

/// So many items; in another version, one of a hundred differs.
pub(crate) fn body(items: usize, version: usize) -> Bytes {
    let mut body = String::from("{\"data\":[");
    for n in 0..items {
        let comma = if n == 0 { "" } else { "," };
        let seats = if n % 100 == 0 { version } else { n % 1000 };
        write!(
            body,
            "{comma}{{\"id\":\"tenant-{n:08}\",\"name\":\"Tenant number {n}\",\"plan\":\"professional\",\
             \"region\":\"eu-west-{r}\",\"seats\":{seats},\"enabled\":true,\"tags\":[\"production\",\"tier-{r}\"],\
             \"owner\":{{\"email\":\"owner-{n}@example.com\",\"team\":\"platform\"}},\
             \"limits\":{{\"cpu\":16,\"memory\":68719476736,\"ratio\":0.75}},\
             \"created_at\":\"2026-01-02T03:04:05Z\",\"note\":\"moved from the old cluster, see the ticket\"}}",
            r = n % 3,
        )
        .unwrap();
    }
    body.push_str("]}");
    body.into()
}

/// The whole body into a vector, and that compared with the one before.
#[derive(Default)]
pub(crate) struct Naive {
    known: Vec<Tenant>,
}

#[derive(Deserialize)]
struct Page {
    data: Vec<Tenant>,
}

impl Naive {
    /// How many items have changed.
    pub(crate) fn poll(&mut self, body: &[u8]) -> usize {
        let Page { data } = serde_json::from_slice(body).unwrap();
        let before = std::mem::replace(&mut self.known, data);
        self.known.iter().zip(&before).filter(|(new, old)| new != old).count()
    }
}

/// The same, declared.
pub(crate) fn source(url: &str) -> DeclaredSource<Tenant> {
    let spec = WatcherSpec::http("tenants", url)
        .interval(Duration::from_secs(60))
        .body_limit(64 << 20)
        .items("/data")
        .key("/id");
    DeclaredSource::new(spec.build().unwrap()).unwrap()
}
