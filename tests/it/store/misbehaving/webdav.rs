//! WebDAV servers that misbehave.

use std::sync::Arc;
use std::time::Duration;

use koprs_external::declared::DeclaredSource;
use koprs_external::spec::{SecretSource, WatcherSpec};
use koprs_external::store::object_store::ClientOptions;
use koprs_external::store::object_store::http::HttpBuilder;
use koprs_external::store::{CheckedConnector, ObjectStorePoller, StoredObject};
use koprs_external_tests::client;
use koprs_external_tests::store::{Delivery, Format, Order};
use koprs_external_tests::webdav::{Depth, Folders, Hrefs, Listing, Responses, Status, WebDav};

use super::play::{Plan, play};
use super::rows::{Dimension, Random, Row, all_hold, is_tolerated, pairs, random, random_cases};
use super::rows::{seed, singles};
use super::s3::{DELIVERIES, SYNTAX, TEXTS};
use crate::store::stages::no_retries;

const FOLLOWED: [Followed; 2] = [Followed::Declared, Followed::New];
const OBJECTS: [usize; 3] = [12, 2, 24];
const PREFIXES: [&str; 3] = ["", "p", "A b+c"];
/// Names that no path can hold.
const ODD: [&str; 6] = ["k//b", "cr\rx", "lf\nx", "tab\tx", "x\u{1}y", "x\u{7f}y"];
const DEPTHS: [Depth; 5] =
    [Depth::Honoured, Depth::AsOne, Depth::AsZero, Depth::Refused(403), Depth::Refused(400)];
const RESPONSES: [Responses; 9] = [
    Responses::Whole,
    Responses::NotFoundToo,
    Responses::FileFailed(403),
    Responses::FileFailed(404),
    Responses::PropertiesFailed(403),
    Responses::FolderFailed(403),
    Responses::FolderFailed(404),
    Responses::FolderFailed(507),
    Responses::Truncated,
];
const HREFS: [Hrefs; 6] = [
    Hrefs::Paths,
    Hrefs::Urls,
    Hrefs::UrlsElsewhere,
    Hrefs::Encoded,
    Hrefs::Relative,
    Hrefs::Below("files"),
];
const FOLDERS: [Folders; 5] =
    [Folders::Slash, Folders::NoSlash, Folders::NotItself, Folders::Missing, Folders::Timeless];
const ORDERS: [Order; 3] = [Order::ByKey, Order::Shuffled(7), Order::Reversed];
const STATUSES: [Status; 2] = [Status::MultiStatus, Status::Ok];

/// How a folder is followed.
#[derive(Clone, Copy, Debug)]
enum Followed {
    Declared,
    New,
}

fn dimensions() -> Vec<Dimension> {
    vec![
        Dimension::of_use("followed", FOLLOWED.len()),
        Dimension::of_use("objects", OBJECTS.len()),
        Dimension::of_use("prefix", PREFIXES.len()),
        Dimension::of_use("odd", 2),
        Dimension::of_use("good_polls", 3),
        Dimension::new("depth", DEPTHS.len(), &[]),
        Dimension::new("responses", RESPONSES.len(), &[]),
        Dimension::new("hrefs", HREFS.len(), &[1, 2, 3]),
        Dimension::new("folders", FOLDERS.len(), &[1, 2, 3, 4]),
        Dimension::tolerated("order", ORDERS.len()),
        Dimension::new("status", STATUSES.len(), &[]),
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
    let [depth, responses, hrefs, folders, order, status, syntax, text, delivery] = row else {
        panic!("a row has a value for each dimension");
    };
    Listing {
        depth: DEPTHS[*depth],
        status: STATUSES[*status],
        responses: RESPONSES[*responses],
        hrefs: HREFS[*hrefs],
        folders: FOLDERS[*folders],
        order: ORDERS[*order],
        format: Format {
            syntax: SYNTAX[*syntax],
            text: TEXTS[*text],
            delivery: DELIVERIES[*delivery],
        },
    }
}

/// Leaves out a server that lies consistently, and one on which a client with retries and real waits would spend long.
fn is_left_out(row: &Row) -> bool {
    let Case { followed, plan, listing } = case(row, 0);
    let is_slow = matches!(listing.format.delivery, Delivery::CutShort);
    // All that is below the root of a server is below this one's.
    let is_hidden = plan.prefix.is_empty() && matches!(listing.hrefs, Hrefs::Below(_));
    listing.is_consistent_lie() || is_hidden || (is_slow && matches!(followed, Followed::Declared))
}

async fn run(row: &Row, seed: u64, http: &reqwest::Client) -> Result<(), String> {
    let Case { followed, plan, listing } = case(row, seed);
    let dav = WebDav::start().await;
    let listings = [Listing::default(), listing];
    if let Followed::Declared = followed {
        return play(&dav, listings, declared(&dav, plan.prefix), &plan).await;
    }
    let client = HttpBuilder::new()
        .with_url(dav.endpoint())
        .with_client_options(ClientOptions::new().with_allow_http(true))
        .with_retry(no_retries())
        .with_http_connector(CheckedConnector::with_client(http.clone()));
    let client = Arc::new(client.build().unwrap());
    let poller = ObjectStorePoller::new(client).with_hold(1., u64::MAX);
    match plan.prefix {
        "" => play(&dav, listings, poller, &plan).await,
        prefix => play(&dav, listings, poller.with_prefix(prefix), &plan).await,
    }
}

fn declared(dav: &WebDav, prefix: &str) -> DeclaredSource<StoredObject> {
    let prefix = prefix.replace(' ', "%20");
    let spec = WatcherSpec::object_store("dav", format!("{}/{prefix}", dav.endpoint()))
        .interval(Duration::from_secs(30))
        .hold_above(1.)
        .option("allow_http", SecretSource::Value("true".into()));
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
async fn each_misbehaviour_of_webdav_leaves_the_watcher_complete_or_failed_with_a_reason() {
    let seed = seed();
    hold(seed, singles(&dimensions(), &mut Random(seed))).await;
}

#[tokio::test]
async fn webdav_is_followed_despite_every_pair_of_tolerated_misbehaviours() {
    let seed = seed();
    hold(seed, pairs(&dimensions(), &mut Random(seed))).await;
}

#[tokio::test]
async fn random_misbehaviours_of_webdav_leave_the_watcher_complete_or_failed_with_a_reason() {
    let seed = seed();
    let mut source = Random(seed);
    let rows = (0..random_cases(100)).map(|_| random(&dimensions(), &mut source)).collect();
    hold(seed, rows).await;
}
