//! A list, its key under the names that serde reads, and how its pages are found.

use std::time::Duration;

use koprs_external::ExternalSource;
use koprs_external::spec::{Format, OnBadItem, Paging, WatcherBuilder, WatcherSpec};
use serde::Deserialize;

const URL: &str = "https://api.example.com/v1/tenants";

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/tenants",
        pages(link_header, limit = 50, origins("https://cdn.example.com", "https://b:8443/")),
    ),
    items = "/data",
    interval = "30s",
)]
#[serde(rename_all = "camelCase")]
struct Tenant {
    #[external(key)]
    #[allow(dead_code)]
    tenant_id: String,
}

#[derive(Clone, Debug, PartialEq, Deserialize, ExternalSource)]
#[external(
    http(
        url = "https://api.example.com/v1/tenants",
        pages(cursor(at = "/meta/next", param = "cursor"), limit = "7"),
    ),
    items(key = "/meta/id", limit = 1_000),
    on_bad_item = fail,
    ignore("/seen", "/a~1b"),
    distinct = true,
    removal(confirm = 1, hold_above = "0%", hold_min = "1"),
    interval = "30s",
)]
struct Team {}

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", pages(number(param = "page", first = 0))),
    decode = ndjson,
    on_bad_item = keep,
    distinct = false,
    interval = "30s",
)]
struct Line {
    #[external(key)]
    #[serde(rename = "a/b")]
    #[allow(dead_code)]
    id: u64,
}

#[derive(ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", pages(cursor(header = "X-Next"))),
    decode = csv,
    items(key = "/id"),
    item = std::collections::BTreeMap<String, String>,
    interval = "30s",
)]
struct Row;

#[derive(Clone, Debug, Deserialize, ExternalSource)]
#[external(
    http(url = "https://api.example.com/v1/tenants", pages(offset(param = "skip"))),
    items(),
    interval = "30s",
)]
struct Member {}

fn declared(name: &str) -> WatcherBuilder {
    WatcherSpec::http(name, URL).interval(Duration::from_secs(30))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let link = Paging::link_header().limit(50);
    let link = link.origin("https://cdn.example.com").origin("https://b:8443/");
    let tenant = declared("tenant").items("/data").key("/tenantId").pages(link);
    assert_eq!(Tenant::spec()?, tenant.build()?);

    let cursor = Paging::cursor_at("/meta/next").param("cursor").limit(7);
    let team = declared("team").items("").key("/meta/id").item_limit(1_000).pages(cursor);
    let team = team.on_bad_item(OnBadItem::Fail).ignore("/seen").ignore("/a~1b").distinct();
    assert_eq!(Team::spec()?, team.confirm(1).hold_above(0.0).hold_min(1).build()?);

    let line = declared("line").decode(Format::Ndjson).key("/a~1b");
    assert_eq!(Line::spec()?, line.pages(Paging::number("page").first(0)).build()?);

    let row = declared("row").decode(Format::Csv).items("").key("/id");
    assert_eq!(Row::spec()?, row.pages(Paging::cursor_header("X-Next")).build()?);

    let member = declared("member").items("").pages(Paging::offset("skip"));
    assert_eq!(Member::spec()?, member.build()?);
    Ok(())
}
