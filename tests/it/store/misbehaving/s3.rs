//! S3 servers that misbehave.

use std::sync::Arc;
use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{SecretSource, WatcherSpec};
use koprs_external::store::{CheckedConnector, ObjectStorePoller, StoredObject};
use koprs_external_tests::client;
use koprs_external_tests::s3::{
    BUCKET, Encoding, Entries, Flags, KeyCount, Listing, S3, Starts, Version,
};
use koprs_external_tests::store::{
    Delivery, Empty, Format, Order, Paging, Parameter, Syntax, Text, Tokens,
};

use super::play::{ODD, Plan, play};
use super::rows::{Dimension, Random, Row, all_hold, is_tolerated, pairs, random, random_cases};
use super::rows::{seed, singles};
use crate::store::stages;

const FOLLOWED: [Followed; 5] = [
    Followed::Paginated,
    Followed::InParts(8),
    Followed::New,
    Followed::Declared,
    Followed::ByGoogle,
];
const OBJECTS: [usize; 3] = [12, 2, 24];
const PREFIXES: [&str; 3] = ["", "p", "A b+c"];
const START_AFTER: [(Parameter, Starts); 13] = [
    (Parameter::Honoured, Starts::After),
    (Parameter::Ignored, Starts::After),
    (Parameter::Refused(400), Starts::After),
    (Parameter::Refused(403), Starts::After),
    (Parameter::Refused(404), Starts::After),
    (Parameter::Refused(405), Starts::After),
    (Parameter::Refused(500), Starts::After),
    (Parameter::Refused(501), Starts::After),
    (Parameter::PlusIsLiteral, Starts::After),
    (Parameter::DecodedTwice, Starts::After),
    (Parameter::LowerCased, Starts::After),
    (Parameter::Honoured, Starts::At),
    (Parameter::Honoured, Starts::Empty),
];
const CUT_START: Parameter = Parameter::Cut(4);
const PARAMETERS: [Parameter; 8] = [
    Parameter::Honoured,
    Parameter::Ignored,
    Parameter::Refused(400),
    Parameter::Refused(501),
    Parameter::PlusIsLiteral,
    Parameter::DecodedTwice,
    Parameter::LowerCased,
    Parameter::Cut(3),
];
const ORDERS: [Order; 3] = [Order::ByKey, Order::Shuffled(7), Order::Reversed];
const TOKENS: [Tokens; 9] = [
    Tokens::Right,
    Tokens::RepeatsLast,
    Tokens::PageTwice,
    Tokens::Stuck,
    Tokens::Cycles,
    Tokens::Ignored,
    Tokens::Refused(400),
    Tokens::Refused(501),
    Tokens::Cut(3),
];
const EMPTY: [Empty; 4] = [Empty::Never, Empty::Between, Empty::AtEnd, Empty::ForEver];
const VERSIONS: [Version; 2] = [Version::Two, Version::One];
const FLAGS: [Flags; 14] = [
    Flags::Right,
    Flags::Padded,
    Flags::FalseWithToken,
    Flags::EmptyTokenAtEnd,
    Flags::TokenAtEnd,
    Flags::NotFlagged,
    Flags::Silent,
    Flags::Capitalised,
    Flags::Unreadable,
    Flags::NoToken,
    Flags::EmptyToken,
    Flags::BlankToken,
    Flags::TrueAtEnd,
    Flags::Twice,
];
const KEY_COUNTS: [KeyCount; 5] = [
    KeyCount::Right,
    KeyCount::Missing,
    KeyCount::TooSmall,
    KeyCount::TooLarge,
    KeyCount::Unreadable,
];
const ENTRIES: [Entries; 3] = [Entries::All, Entries::FirstMissing, Entries::LastMissing];
const ENCODINGS: [Encoding; 2] = [Encoding::None, Encoding::Url];
pub(super) const SYNTAX: [Syntax; 9] = [
    Syntax::Plain,
    Syntax::Prefixed,
    Syntax::Namespace,
    Syntax::Comments,
    Syntax::Bom,
    Syntax::Indented,
    Syntax::Bare,
    Syntax::Doctype,
    Syntax::Latin1,
];
pub(super) const TEXTS: [Text; 5] = [Text::Named, Text::Decimal, Text::Hex, Text::CData, Text::Raw];
pub(super) const DELIVERIES: [Delivery; 5] = [
    Delivery::Whole,
    Delivery::CutInTag,
    Delivery::CutBetweenTags,
    Delivery::CutShort,
    Delivery::CutWithoutLength,
];

/// How a bucket is followed.
#[derive(Clone, Copy, Debug)]
enum Followed {
    Paginated,
    /// Paginated, in so many parts from the second poll on.
    InParts(usize),
    New,
    Declared,
    /// Paginated, in parts, by the client of Google Cloud Storage, whose listings are those of S3.
    ByGoogle,
}

fn dimensions() -> Vec<Dimension> {
    vec![
        Dimension::of_use("followed", FOLLOWED.len()),
        Dimension::of_use("objects", OBJECTS.len()),
        Dimension::of_use("prefix", PREFIXES.len()),
        Dimension::of_use("odd", 2),
        Dimension::of_use("good_polls", 3),
        Dimension::tolerated("start_after", START_AFTER.len() + 1),
        Dimension::tolerated("max_keys", PARAMETERS.len()),
        Dimension::new("prefix_read", PARAMETERS.len(), &[]),
        Dimension::tolerated("order", ORDERS.len()),
        Dimension::new("tokens", TOKENS.len(), &[1]),
        Dimension::new("empty", EMPTY.len(), &[1, 2]),
        Dimension::new("version", VERSIONS.len(), &[]),
        Dimension::new("flags", FLAGS.len(), &[1, 2, 3, 4]),
        Dimension::new("key_count", KEY_COUNTS.len(), &[1]),
        Dimension::new("entries", ENTRIES.len(), &[]),
        Dimension::new("encoding", ENCODINGS.len(), &[]),
        Dimension::new("syntax", SYNTAX.len(), &[1, 2, 3, 4, 5, 6]),
        Dimension::tolerated("text", TEXTS.len()),
        Dimension::new("delivery", DELIVERIES.len(), &[]),
    ]
}

struct Case {
    followed: Followed,
    plan: Plan,
    listing: Listing,
}

fn case(row: &Row, seed: u64) -> Case {
    let [followed, objects, prefix, odd, good_polls, misbehaviours @ ..] = &row[..] else {
        panic!("a row has a value for each dimension");
    };
    let plan = Plan {
        seed,
        objects: OBJECTS[*objects],
        odd: if *odd == 1 { &ODD } else { &[] },
        prefix: PREFIXES[*prefix],
        etag: if matches!(FOLLOWED[*followed], Followed::InParts(_) | Followed::ByGoogle) {
            500
        } else {
            0
        },
        good_polls: *good_polls,
        is_tolerated: is_tolerated(&dimensions(), row),
    };
    Case { followed: FOLLOWED[*followed], plan, listing: listing(misbehaviours) }
}

fn listing(row: &[usize]) -> Listing {
    let [start, max_keys, prefix, order, tokens, empty, rest @ ..] = row else { panic!() };
    let [version, flags, key_count, entries, encoding, syntax, text, delivery] = rest else {
        panic!("a row has a value for each dimension");
    };
    let cut = (CUT_START, Starts::After);
    let (start_after, starts) = *START_AFTER.get(*start).unwrap_or(&cut);
    Listing {
        paging: Paging {
            page_size: 3,
            order: ORDERS[*order],
            tokens: TOKENS[*tokens],
            empty: EMPTY[*empty],
        },
        start_after,
        starts,
        max_keys: PARAMETERS[*max_keys],
        prefix: PARAMETERS[*prefix],
        version: VERSIONS[*version],
        flags: FLAGS[*flags],
        key_count: KEY_COUNTS[*key_count],
        entries: ENTRIES[*entries],
        encoding: ENCODINGS[*encoding],
        format: Format {
            syntax: SYNTAX[*syntax],
            text: TEXTS[*text],
            delivery: DELIVERIES[*delivery],
        },
    }
}

/// Leaves out a server that lies consistently, and one on which a client with retries and real waits would spend long.
fn is_left_out(row: &Row) -> bool {
    let Case { followed, listing, .. } = case(row, 0);
    let is_slow = |parameter| matches!(parameter, Parameter::Refused(500..));
    let refuses = [listing.prefix, listing.start_after].into_iter().any(is_slow)
        || matches!(listing.paging.tokens, Tokens::Refused(500..))
        || matches!(listing.format.delivery, Delivery::CutShort);
    // `object_store` asks for one empty page after the other, until the deadline of the poll.
    let is_endless = listing.paging.empty == Empty::ForEver && matches!(followed, Followed::New);
    listing.is_consistent_lie() || is_endless || (refuses && matches!(followed, Followed::Declared))
}

async fn run(row: &Row, seed: u64, http: &reqwest::Client) -> Result<(), String> {
    let Case { followed, plan, listing } = case(row, seed);
    let s3 = S3::start().await;
    let connector = || CheckedConnector::with_client(http.clone());
    let client = stages::client(&s3.endpoint()).with_http_connector(connector());
    let client = Arc::new(client.build().unwrap());
    let poller = match followed {
        Followed::Declared => return played(&s3, declared(&s3, plan.prefix), listing, &plan).await,
        Followed::New => ObjectStorePoller::new(client),
        Followed::Paginated => ObjectStorePoller::paginated(client),
        Followed::InParts(parts) => {
            ObjectStorePoller::paginated(client).with_listing_concurrency(parts)
        }
        Followed::ByGoogle => {
            let client = stages::google(&s3.endpoint()).with_http_connector(connector());
            let client = Arc::new(client.build().unwrap());
            ObjectStorePoller::paginated(client).with_listing_concurrency(4)
        }
    };
    let poller = poller.with_hold(1., u64::MAX);
    match plan.prefix {
        "" => played(&s3, poller, listing, &plan).await,
        prefix => played(&s3, poller.with_prefix(prefix), listing, &plan).await,
    }
}

async fn played(
    s3: &S3,
    source: impl koprs_external::watcher::ExternalSource<Item = StoredObject>,
    listing: Listing,
    plan: &Plan,
) -> Result<(), String> {
    play(s3, [Listing::pages_of(3), listing], source, plan).await
}

pub(super) fn declared(s3: &S3, prefix: &str) -> DeclaredSource<StoredObject> {
    let option = |value: &str| SecretSource::Value(value.into());
    let prefix = prefix.replace(' ', "%20");
    let spec = WatcherSpec::object_store("bucket", format!("s3://{BUCKET}/{prefix}"))
        .interval(Duration::from_secs(30))
        .hold_above(1.)
        .option("aws_endpoint", SecretSource::Value(s3.endpoint().into()))
        .option("aws_allow_http", option("true"))
        .option("aws_region", option("eu-west-1"))
        .option("aws_access_key_id", option("key"))
        .option("aws_secret_access_key", option("secret"));
    DeclaredSource::new(spec.build().unwrap()).unwrap()
}

async fn hold(seed: u64, rows: Vec<Row>) {
    println!("KOPRS_EXTERNAL_TEST_SEED={seed}, {} rows", rows.len());
    let http = client();
    let describe = |row: &Row| format!("{:#?}", case(row, seed).listing);
    all_hold(&dimensions(), rows, is_left_out, describe, async |row| run(row, seed, &http).await)
        .await;
}

#[tokio::test]
async fn each_misbehaviour_of_s3_leaves_the_watcher_complete_or_failed_with_a_reason() {
    let seed = seed();
    hold(seed, singles(&dimensions(), &mut Random(seed))).await;
}

#[tokio::test]
async fn s3_is_followed_despite_every_pair_of_tolerated_misbehaviours() {
    let seed = seed();
    hold(seed, pairs(&dimensions(), &mut Random(seed))).await;
}

#[tokio::test]
async fn random_misbehaviours_of_s3_leave_the_watcher_complete_or_failed_with_a_reason() {
    let seed = seed();
    let mut source = Random(seed);
    let rows = (0..random_cases(150)).map(|_| random(&dimensions(), &mut source)).collect();
    hold(seed, rows).await;
}
