//! Azure servers that misbehave.

use std::sync::Arc;
use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{SecretSource, WatcherSpec};
use koprs_external::store::object_store::ClientOptions;
use koprs_external::store::object_store::azure::MicrosoftAzureBuilder;
use koprs_external::store::{CheckedConnector, ObjectStorePoller, StoredObject};
use koprs_external_tests::azure::{ACCOUNT, Azure, CONTAINER, Listing, Markers, Names};
use koprs_external_tests::client;
use koprs_external_tests::store::{Delivery, Empty, Format, Order, Paging, Parameter, Tokens};

use super::play::{ODD, Plan, play};
use super::rows::{Dimension, Random, Row, all_hold, is_tolerated, pairs, random, random_cases};
use super::rows::{seed, singles};
use super::s3::{DELIVERIES, SYNTAX, TEXTS};
use crate::store::stages::no_retries;

const KEY: &str = "c2NyaXB0ZWQ=";
const FOLLOWED: [Followed; 3] = [Followed::Paginated, Followed::New, Followed::Declared];
const OBJECTS: [usize; 3] = [12, 2, 24];
const PREFIXES: [&str; 3] = ["", "p", "A b+c"];
const PARAMETERS: [Parameter; 7] = [
    Parameter::Honoured,
    Parameter::Ignored,
    Parameter::Refused(400),
    Parameter::PlusIsLiteral,
    Parameter::DecodedTwice,
    Parameter::LowerCased,
    Parameter::Cut(3),
];
const ORDERS: [Order; 3] = [Order::ByKey, Order::Shuffled(7), Order::Reversed];
const TOKENS: [Tokens; 8] = [
    Tokens::Right,
    Tokens::RepeatsLast,
    Tokens::PageTwice,
    Tokens::Stuck,
    Tokens::Cycles,
    Tokens::Ignored,
    Tokens::Refused(400),
    Tokens::Cut(3),
];
const EMPTY: [Empty; 4] = [Empty::Never, Empty::Between, Empty::AtEnd, Empty::ForEver];
const MARKERS: [Markers; 5] =
    [Markers::Right, Markers::MissingAtEnd, Markers::First, Markers::BlankAtEnd, Markers::Twice];
const NAMES: [Names; 3] = [Names::Plain, Names::Encoded, Names::AllEncoded];

/// How a container is followed.
#[derive(Clone, Copy, Debug)]
enum Followed {
    Paginated,
    New,
    Declared,
}

fn dimensions() -> Vec<Dimension> {
    vec![
        Dimension::of_use("followed", FOLLOWED.len()),
        Dimension::of_use("objects", OBJECTS.len()),
        Dimension::of_use("prefix", PREFIXES.len()),
        Dimension::of_use("odd", 2),
        Dimension::of_use("good_polls", 3),
        Dimension::tolerated("start_from", PARAMETERS.len()),
        Dimension::tolerated("max_results", PARAMETERS.len()),
        Dimension::new("prefix_read", PARAMETERS.len(), &[]),
        Dimension::tolerated("order", ORDERS.len()),
        Dimension::new("tokens", TOKENS.len(), &[1]),
        Dimension::new("empty", EMPTY.len(), &[1, 2]),
        Dimension::new("markers", MARKERS.len(), &[1, 2, 3]),
        Dimension::tolerated("names", NAMES.len()),
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
        etag: 0,
        good_polls: *good_polls,
        is_tolerated: is_tolerated(&dimensions(), row),
    };
    Case { followed: FOLLOWED[*followed], plan, listing: listing(misbehaviours) }
}

fn listing(row: &[usize]) -> Listing {
    let [start_from, max_results, prefix, order, tokens, empty, rest @ ..] = row else { panic!() };
    let [markers, names, syntax, text, delivery] = rest else {
        panic!("a row has a value for each dimension");
    };
    Listing {
        paging: Paging {
            page_size: 3,
            order: ORDERS[*order],
            tokens: TOKENS[*tokens],
            empty: EMPTY[*empty],
        },
        start_from: PARAMETERS[*start_from],
        max_results: PARAMETERS[*max_results],
        prefix: PARAMETERS[*prefix],
        markers: MARKERS[*markers],
        names: NAMES[*names],
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
    let is_slow = matches!(listing.format.delivery, Delivery::CutShort);
    // `object_store` asks for one empty page after the other, until the deadline of the poll.
    let is_endless = listing.paging.empty == Empty::ForEver && matches!(followed, Followed::New);
    listing.is_consistent_lie() || is_endless || (is_slow && matches!(followed, Followed::Declared))
}

async fn run(row: &Row, seed: u64, http: &reqwest::Client) -> Result<(), String> {
    let Case { followed, plan, listing } = case(row, seed);
    let azure = Azure::start().await;
    let client = MicrosoftAzureBuilder::new()
        .with_endpoint(azure.account_url())
        .with_account(ACCOUNT)
        .with_access_key(KEY)
        .with_container_name(CONTAINER)
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_retry(no_retries())
        .with_http_connector(CheckedConnector::with_client(http.clone()));
    let client = Arc::new(client.build().unwrap());
    let well =
        Listing { paging: Paging { page_size: 3, ..Paging::default() }, ..Listing::default() };
    let poller = match followed {
        Followed::Declared => {
            return play(&azure, [well, listing], declared(&azure, plan.prefix), &plan).await;
        }
        Followed::New => ObjectStorePoller::new(client),
        Followed::Paginated => ObjectStorePoller::paginated(client),
    };
    let poller = poller.with_hold(1., u64::MAX);
    match plan.prefix {
        "" => play(&azure, [well, listing], poller, &plan).await,
        prefix => play(&azure, [well, listing], poller.with_prefix(prefix), &plan).await,
    }
}

fn declared(azure: &Azure, prefix: &str) -> DeclaredSource<StoredObject> {
    let option = |value: &str| SecretSource::Value(value.into());
    let prefix = prefix.replace(' ', "%20");
    let spec = WatcherSpec::object_store("container", format!("az://{CONTAINER}/{prefix}"))
        .interval(Duration::from_secs(30))
        .hold_above(1.)
        .option("azure_storage_account_name", option(ACCOUNT))
        .option("azure_storage_account_key", option(KEY))
        .option("azure_storage_endpoint", SecretSource::Value(azure.account_url().into()))
        .option("azure_allow_http", option("true"));
    DeclaredSource::new(spec.build().unwrap()).unwrap()
}

async fn hold(seed: u64, rows: Vec<Row>) {
    println!("KOPRS_EXTERNAL_TEST_SEED={seed}, {} rows", rows.len());
    let http = client();
    let listing = |row: &Row| format!("{:#?}", case(row, seed).listing);
    all_hold(&dimensions(), rows, is_left_out, listing, async |row| run(row, seed, &http).await)
        .await;
}

#[tokio::test]
async fn each_misbehaviour_of_azure_leaves_the_watcher_complete_or_failed_with_a_reason() {
    let seed = seed();
    hold(seed, singles(&dimensions(), &mut Random(seed))).await;
}

#[tokio::test]
async fn azure_is_followed_despite_every_pair_of_tolerated_misbehaviours() {
    let seed = seed();
    hold(seed, pairs(&dimensions(), &mut Random(seed))).await;
}

#[tokio::test]
async fn random_misbehaviours_of_azure_leave_the_watcher_complete_or_failed_with_a_reason() {
    let seed = seed();
    let mut source = Random(seed);
    let rows = (0..random_cases(100)).map(|_| random(&dimensions(), &mut source)).collect();
    hold(seed, rows).await;
}
