//! A list on a server, as a test writes it down: `a1 b1 | c1` is two pages of items.

use koprs_external::spec::{Paging, WatcherBuilder};
use koprs_external_tests::{Reply, Server};
use serde::Deserialize;

use super::stage::{Shown, declare};

/// `a1` is `{"id":"a","n":1}`.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) n: u64,
}

impl Shown for Item {
    fn shown(&self) -> String {
        format!("{}{}", self.id, self.n)
    }
}

/// An item as JSON.
pub(super) fn item(word: &str) -> String {
    let (id, n) = word.split_at(word.find(|c: char| c.is_ascii_digit()).unwrap());
    format!(r#"{{"id":"{id}","n":{n}}}"#)
}

/// Items as a JSON array.
pub(super) fn array(items: &str) -> String {
    let items: Vec<_> = items.split_whitespace().map(item).collect();
    format!("[{}]", items.join(","))
}

/// A page, with an `ETag` of its content.
pub(super) fn page(items: &str) -> Reply {
    Reply::json(array(items)).etag(&format!("\"{}\"", items.replace(' ', "-")))
}

/// The same with a link to another page.
pub(super) fn page_before(next: &str, items: &str) -> Reply {
    page(items).header("link", format!("<{next}>; rel=\"next\""))
}

/// The key of the n-th page, from 1.
pub(super) fn at(n: usize) -> String {
    if n == 1 { "/v".to_owned() } else { format!("/v?page={n}") }
}

/// Serves pages, each with a link to the next.
pub(super) fn serve(server: &Server, pages: &str) {
    let pages: Vec<_> = pages.split('|').map(str::trim).collect();
    for (n, items) in (1..).zip(&pages) {
        let reply = if n < pages.len() { page_before(&at(n + 1), items) } else { page(items) };
        server.set(&at(n), reply);
    }
}

/// The event of each of these items.
pub(super) fn each(sign: char, items: &str) -> String {
    let items = items.split_whitespace().filter(|word| *word != "|");
    items.map(|word| format!("{sign}{word}")).collect()
}

/// Items with the keys `kaaaa`, `kaaab` and so on, in their order: letters, so that the version stands apart.
pub(super) fn many(numbers: std::ops::Range<u32>) -> String {
    let letter =
        |digit: char| char::from(b'a' + u8::try_from(digit.to_digit(10).unwrap()).unwrap());
    let key = |n: u32| format!("{n:04}").chars().map(letter).collect::<String>();
    numbers.map(|n| format!("k{}1", key(n))).collect::<Vec<_>>().join(" ")
}

/// A page that names the next one in its body, in JSON.
pub(super) fn wrapped(items: &str, next: &str) -> Reply {
    Reply::json(format!(r#"{{"meta":{{"next":{next}}},"data":{}}}"#, array(items)))
}

/// What a row of a table adds to a declaration.
pub(super) type With = fn(WatcherBuilder) -> WatcherBuilder;

/// A declared list in one page.
pub(super) fn list(url: impl Into<String>) -> WatcherBuilder {
    declare(url).items("").key("/id")
}

/// A declared list in pages that are linked.
pub(super) fn linked(url: impl Into<String>) -> WatcherBuilder {
    list(url).pages(Paging::link_header())
}
