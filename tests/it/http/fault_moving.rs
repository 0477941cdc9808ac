//! The fault table, lists that move while they are walked. See `fault_table`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{Paging, WatcherBuilder};
use koprs_external::watcher::{ExternalEvent, ExternalSource};
use koprs_external_tests::{Recorded, Reply, Server};
use proptest::prelude::*;

use super::shelf::{Item, each, list, page, page_before, wrapped};
use super::stage::{poll, source};

/// Serves numbered pages of two, of what is there at the time of each request; before the n-th request of a
/// walk something happens.
fn moving(server: &Server, before: &'static str, after: &'static str, from: usize) {
    let asked = std::sync::atomic::AtomicUsize::new(0);
    server.set(
        "/v",
        Reply::with(move |request| {
            let n = asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let items = if n < from { before } else { after };
            let number: usize =
                request.query().unwrap().strip_prefix("page=").unwrap().parse().unwrap();
            let items: Vec<_> = items.split_whitespace().skip(2 * (number - 1)).take(2).collect();
            page(&items.join(" "))
        }),
    );
}

async fn four_polls(source: &mut DeclaredSource<Item>) -> String {
    let mut seen = String::new();
    for _ in 0..4 {
        seen += &poll(source).await;
    }
    seen.replace('.', "")
}

#[tokio::test]
async fn an_item_that_is_deleted_while_numbered_pages_are_walked_removes_no_other() {
    const ALL: &str = "a1 b1 c1 d1 e1 f1";
    // Without `a`, `c` moves to the page that was already read.
    for (deleted, left, event) in [
        ("a", "b1 c1 d1 e1 f1", "-a1"),
        ("b", "a1 c1 d1 e1 f1", "-b1"),
        ("c", "a1 b1 d1 e1 f1", "-c1"),
    ] {
        for from in 0..12 {
            let server = Server::start().await;
            let numbered = list(server.url("/v")).pages(Paging::number("page"));
            let mut source = source::<Item>(numbered);
            moving(&server, ALL, ALL, 0);
            assert_eq!(poll(&mut source).await, each('+', ALL));
            moving(&server, ALL, left, from);
            assert_eq!(four_polls(&mut source).await, event, "{deleted} before request {from}");
        }
    }
}

/// The items are back, and the walk that sees that is one that a deletion makes miss one of them.
#[tokio::test]
async fn an_item_whose_removal_is_held_is_removed_by_no_walk_that_only_misses_it() {
    const ALL: &str = "a1 b1 c1 d1 e1 f1";
    for from in 0..8 {
        let server = Server::start().await;
        let numbered = list(server.url("/v")).pages(Paging::number("page")).hold_min(4);
        let mut source = source::<Item>(numbered);
        moving(&server, ALL, ALL, 0);
        assert_eq!(poll(&mut source).await, each('+', ALL));
        moving(&server, "a1 b1", "a1 b1", 0);
        assert_eq!(poll(&mut source).await, ".");
        assert!(source.report().held_removals.is_some());
        moving(&server, ALL, "b1 c1 d1 e1 f1", from);
        assert_eq!(four_polls(&mut source).await, "-a1", "before request {from}");
    }
}

#[tokio::test]
async fn an_item_that_is_added_while_numbered_pages_are_walked_is_there_once() {
    const ALL: &str = "b1 c1 d1 e1 f1";
    // With `a` before them, the last item of a page is the first of the next one as well.
    for from in 0..12 {
        let server = Server::start().await;
        let numbered = list(server.url("/v")).pages(Paging::number("page"));
        let mut source = source::<Item>(numbered);
        moving(&server, ALL, ALL, 0);
        assert_eq!(poll(&mut source).await, each('+', ALL));
        moving(&server, ALL, "a1 b1 c1 d1 e1 f1", from);
        assert_eq!(four_polls(&mut source).await, "+a1", "before request {from}");
    }
}

/// How pages follow each other: where a request asks, of pages of this size.
#[derive(Clone, Copy, Debug)]
enum Way {
    Link,
    /// The URL of the next page, in the body.
    Url,
    /// A cursor that is a position.
    Cursor,
    Number,
    Offset,
}

impl Way {
    fn declare(self, list: WatcherBuilder) -> WatcherBuilder {
        match self {
            Self::Link => list.pages(Paging::link_header()),
            Self::Url => list.items("/data").pages(Paging::cursor_at("/meta/next")),
            Self::Cursor => list.items("/data").pages(Paging::cursor_at("/meta/next").param("at")),
            Self::Number => list.pages(Paging::number("at")),
            Self::Offset => list.pages(Paging::offset("at")),
        }
    }

    fn asked(self, request: &Recorded, size: usize) -> usize {
        let at = request.query().and_then(|query| query.strip_prefix("at="));
        let at = at.map_or(0, |at| at.parse::<usize>().unwrap());
        if matches!(self, Self::Number) { size * (at - 1) } else { at }
    }

    fn answer(self, request: &Recorded, size: usize, words: &[String]) -> Reply {
        let from = self.asked(request, size).min(words.len());
        let to = (from + size).min(words.len());
        let items = words[from..to].join(" ");
        match self {
            Self::Link if to < words.len() => page_before(&format!("/v?at={to}"), &items),
            Self::Url if to < words.len() => wrapped(&items, &format!("\"/v?at={to}\"")),
            Self::Cursor if to < words.len() => wrapped(&items, &to.to_string()),
            Self::Url | Self::Cursor => wrapped(&items, "null"),
            _ => page(&items),
        }
    }
}

const WAYS: &[Way] = &[Way::Link, Way::Url, Way::Cursor, Way::Number, Way::Offset];

fn ways() -> impl Strategy<Value = Way> {
    prop::sample::select(WAYS)
}

/// Items in some order.
fn items() -> impl Strategy<Value = Vec<String>> {
    let items = prop::collection::btree_map("[a-i]", 1..3_u8, 0..9);
    let words = items.prop_map(|items| {
        items.into_iter().map(|(key, n)| format!("{key}{n}")).collect::<Vec<_>>()
    });
    words.prop_shuffle()
}

/// What the events come to, and of what was there all the time, that none of it was removed.
async fn ends_well(
    (way, size): (Way, usize),
    states: [Vec<String>; 2],
    when: usize,
) -> Result<(), TestCaseError> {
    let server = Server::start().await;
    let declared = way.declare(list(server.url("/v"))).hold_min(100);
    let mut source = source::<Item>(declared);
    let [before, after] = states.clone();
    let asked = AtomicUsize::new(0);
    server.set(
        "/v",
        Reply::with(move |request| {
            let now = asked.fetch_add(1, Ordering::Relaxed) < when;
            way.answer(request, size, if now { &before } else { &after })
        }),
    );
    let mut known = BTreeMap::new();
    let [before, after] = states.map(|words| {
        let pair = |word: String| (word[..1].to_owned(), word[1..].parse::<u64>().unwrap());
        words.into_iter().map(pair).collect::<BTreeMap<_, _>>()
    });
    // The change comes in one of the polls; then one that walks twice, and one that settles it.
    for _ in 0..16 {
        let events = source.poll().await;
        for event in events.map_err(|error| TestCaseError::fail(error.to_string()))? {
            match event {
                ExternalEvent::Added(Item { id, n }) => {
                    prop_assert_eq!(known.insert(id, n), None);
                }
                ExternalEvent::Modified(Item { id, n }) => {
                    prop_assert!(known.insert(id, n).is_some_and(|before| before != n));
                }
                ExternalEvent::Removed(Item { id, n }) => {
                    prop_assert!(!(before.contains_key(&id) && after.contains_key(&id)), "{}", id);
                    prop_assert_eq!(known.remove(&id), Some(n));
                }
            }
        }
        if server.requests().len() > when && known == after {
            break;
        }
    }
    prop_assert_eq!(known, after);
    prop_assert_eq!(poll(&mut source).await, ".");
    Ok(())
}

#[tokio::test]
async fn an_item_that_is_deleted_while_pages_are_walked_removes_no_other_however_they_are_found() {
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    // Without `a`, `c` moves to the page that was already read.
    let states = [words("a1 b1 c1 d1 e1 f1"), words("b1 c1 d1 e1 f1")];
    for &way in WAYS {
        for when in 3..12 {
            ends_well((way, 2), states.clone(), when).await.unwrap_or_else(|error| {
                panic!("{way:?}, before request {when}: {error}");
            });
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { max_shrink_iters: 200, ..ProptestConfig::default() })]

    /// A list that becomes another one between any two requests.
    #[test]
    fn a_list_that_moves_once_while_it_is_walked_ends_in_what_is_there(
        way in (ways(), 1..4_usize),
        before in items(),
        after in items(),
        when in 0..16_usize,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(ends_well(way, [before, after], when))?;
    }
}
