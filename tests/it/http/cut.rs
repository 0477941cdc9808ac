//! A body cut at every offset: it never removes anything, and never gives a wrong value.
//!
//! A connection that closes before the announced end is an error whatever the format. A cut that looks like a
//! whole answer is one as well in JSON, of which no proper prefix of an array or an object is a text of its
//! own. Of NDJSON and CSV it may be another list, a shorter one: nothing in the answer tells a list that was
//! cut at the end of a line from one that is so short. There the guard is what protects, and an item that was
//! cut in the middle is a bad one, or a key that nobody knows.

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::Format;
use koprs_external::watcher::{ExternalEvent, ExternalSource};
use koprs_external_tests::{Reply, Server};
use proptest::prelude::*;

use super::shelf::{Item, With, list};
use super::stage::{declare, poll};

/// How a body is sent whose end is somewhere.
type Framing = fn(Reply) -> Reply;

const FRAMINGS: [(&str, Framing); 3] = [
    ("a length", |reply| reply),
    ("chunks", Reply::chunked),
    ("the end of the connection", Reply::no_length),
];

/// A format, and a list of items in it: each with a text that is in the way of a simple reader.
struct Kind {
    name: &'static str,
    declare: With,
    content_type: &'static str,
    write: fn(&[Item]) -> String,
}

fn json(item: &Item) -> String {
    serde_json::json!({"id": item.id, "n": item.n, "note": "é \"],[}\n"}).to_string()
}

fn joined(items: &[Item], between: &str) -> String {
    items.iter().map(json).collect::<Vec<_>>().join(between)
}

const JSON: Kind = Kind {
    name: "JSON",
    declare: |list| list,
    content_type: "application/json",
    write: |items| format!("[{}]", joined(items, ",")),
};

const NDJSON: Kind = Kind {
    name: "NDJSON",
    declare: |list| list.decode(Format::Ndjson),
    content_type: "application/x-ndjson",
    write: |items| format!("{}\n", joined(items, "\n")),
};

const CSV: Kind = Kind {
    name: "CSV",
    declare: |list| list.decode(Format::Csv),
    content_type: "text/csv",
    write: |items| {
        let lines = items.iter().map(|Item { id, n }| format!("{id},{n},\"é \"\",\n\"\r\n"));
        format!("id,n,note\r\n{}", lines.collect::<String>())
    },
};

const ONE: Kind = Kind {
    name: "a value",
    declare: |value| value,
    content_type: "application/json",
    write: |items| json(&items[0]),
};

impl Kind {
    fn reply(&self, items: &[Item]) -> Reply {
        Reply::bytes(self.content_type, (self.write)(items))
    }

    fn source(&self, server: &Server) -> DeclaredSource<Item> {
        let url = server.url("/v");
        // Of any number of items, no half of them may vanish at once.
        let declared = if self.name == "a value" {
            declare(url)
        } else {
            list(url).hold_min(1).hold_above(0.0)
        };
        DeclaredSource::new((self.declare)(declared).build().unwrap()).unwrap()
    }
}

/// What was, what is now, and that something has changed in it: at least ten items.
fn lists() -> impl Strategy<Value = (Vec<Item>, Vec<Item>)> {
    let keys = prop::collection::btree_set("[a-z]{1,3}", 10..14);
    let versions = prop::collection::vec(10..1000_u64, 14);
    (keys, versions).prop_map(|(keys, versions)| {
        let items = |more: u64| {
            let pairs = keys.iter().zip(&versions);
            pairs.map(|(id, n)| Item { id: id.clone(), n: n + more }).collect::<Vec<_>>()
        };
        (items(0), items(1000))
    })
}

/// Events that may be seen of a cut list: of items that are there, as they are there.
fn are_right(events: &[ExternalEvent<Item>], now: &[Item]) -> Result<(), String> {
    for event in events {
        let right = match event {
            ExternalEvent::Removed(_) => false,
            ExternalEvent::Added(item) | ExternalEvent::Modified(item) => now.contains(item),
        };
        if !right {
            return Err(format!("{event:?}"));
        }
    }
    Ok(())
}

fn runs<F: Future<Output = Result<(), TestCaseError>>>(test: F) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(test)
}

/// A connection that closes, or is reset, before the end that was announced: at every offset.
async fn closes_early(kind: Kind, before: &[Item], now: &[Item]) -> Result<(), TestCaseError> {
    let server = Server::start().await;
    let mut source = kind.source(&server);
    server.set("/v", kind.reply(before));
    prop_assert!(poll(&mut source).await.starts_with('+'));
    let cuts: [fn(Reply, u64) -> Reply; 4] = [
        Reply::truncate,
        Reply::reset_after,
        |reply, at| reply.chunked().truncate(at),
        |reply, at| reply.chunked().reset_after(at),
    ];
    for at in 0..(kind.write)(now).len() {
        let cut = cuts[at % cuts.len()];
        server.set("/v", cut(kind.reply(now), at as u64));
        prop_assert_eq!(poll(&mut source).await, "!interrupted", "{} at {}", kind.name, at);
    }
    server.set("/v", kind.reply(now));
    let expected = if kind.name == "a value" { 1 } else { now.len() };
    let word = poll(&mut source).await;
    prop_assert_eq!(word.matches('~').count(), expected, "{}: {}", kind.name, word);
    prop_assert!(!word.contains(['+', '-']), "{}", word);
    Ok(())
}

/// A whole answer with the first part of the body: at every offset, each to a source of its own kind.
async fn is_shorter(kind: Kind, before: &[Item], now: &[Item]) -> Result<(), TestCaseError> {
    let server = Server::start().await;
    let mut source = kind.source(&server);
    let whole = (kind.write)(now);
    for at in 0..whole.len() {
        server.set("/v", kind.reply(before));
        // Whatever the last cut has left, it is as before.
        source.poll().await.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (framing, sent_by) = FRAMINGS[at % FRAMINGS.len()];
        server.set("/v", sent_by(Reply::bytes(kind.content_type, whole.as_bytes()[..at].to_vec())));
        let polled = source.poll().await;
        let by_lines = kind.name == NDJSON.name || kind.name == CSV.name;
        match polled {
            Err(error) => prop_assert!(
                matches!(error, koprs_external::ExternalError::Decode(_)),
                "{} at {} by {}: {}",
                kind.name,
                at,
                framing,
                error
            ),
            Ok(events) => {
                prop_assert!(by_lines, "{} at {} by {}: {:?}", kind.name, at, framing, events);
                let right = are_right(&events, now);
                prop_assert_eq!(right, Ok(()), "{} at {} by {}", kind.name, at, framing);
                let held = source.report().held_removals.is_some();
                prop_assert!(held || at > whole.len() / 2, "{} at {}", kind.name, at);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn a_body_whose_connection_closes_early_is_an_error_at_every_offset((before, now) in lists()) {
        for kind in [ONE, JSON, NDJSON, CSV] {
            runs(closes_early(kind, &before, &now))?;
        }
    }

    #[test]
    fn a_body_of_json_that_is_shorter_is_an_error_at_every_offset((before, now) in lists()) {
        for kind in [ONE, JSON] {
            runs(is_shorter(kind, &before, &now))?;
        }
    }

    #[test]
    fn a_body_of_lines_that_is_shorter_removes_nothing_and_gives_no_wrong_value((before, now) in lists()) {
        for kind in [NDJSON, CSV] {
            runs(is_shorter(kind, &before, &now))?;
        }
    }
}
