//! What the derive refuses, in the compiler's words, and what it accepts, run.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn each_mistake_is_refused_at_its_place_and_each_twin_runs() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail("ui/fail/*.rs");
    cases.pass("ui/pass/*.rs");
}

#[test]
fn each_mistake_has_a_twin_that_runs() {
    let mut twins = String::new();
    for file in files("pass").filter(|file| stem(file).starts_with("twins_")) {
        twins.push_str(&fs::read_to_string(file).unwrap());
    }
    let (mut without, mut stale) = (Vec::new(), Vec::new());
    let mistakes: BTreeSet<_> = files("fail").map(|file| stem(&file)).collect();
    for mistake in &mistakes {
        let is_run = twins.contains(&format!("\nmod {mistake} {{"))
            && twins.contains(&format!("assert!({mistake}::"));
        without.extend((!is_run).then_some(mistake));
    }
    let modules = twins.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(" {"));
    stale.extend(modules.filter(|module| !mistakes.contains(*module)));
    assert!(without.is_empty() && stale.is_empty(), "without: {without:?}, stale: {stale:?}");
}

/// The Rust files of a folder of `ui`.
fn files(folder: &str) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(Path::new("ui").join(folder)).unwrap();
    let files = entries.map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|extension| extension == "rs"))
}

fn stem(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// Compiled, and read by clippy, under every lint that a user may have set.
mod strict {
    #![deny(
        rust_2018_idioms,
        single_use_lifetimes,
        trivial_casts,
        unreachable_pub,
        unused,
        unused_qualifications,
        clippy::all,
        clippy::nursery,
        clippy::pedantic
    )]

    use koprs_external::set::WatcherSet;
    use koprs_external::{ExternalEvent, ExternalSource, WatcherEvents};
    use serde::Deserialize;

    /// With every setting.
    #[derive(Clone, Debug, PartialEq, Eq, Deserialize, ExternalSource)]
    #[external(
        http(
            url = "https://{region}.api.example.com/v1/flags",
            query("page_size" = "100"),
            header("x-team" = "{team}"),
            body(json = r#"{"team": {team}}"#),
            auth(bearer(value = "{token}")),
            tls(ca = "ca.pem", cert = "tls.crt", key = "tls.key"),
            pages(cursor(at = "/next", param = "cursor"), limit = 100_000),
            timeout = "1m",
            retries = 3,
            respect_max_age,
            max_in_flight = 100_000,
            body_limit = "8MiB",
            header_limit = "1MiB",
            redirect_limit = 3
        ),
        params(region: String, team: &str, token: String),
        interval = "1h",
        max_backoff = "1d",
        jitter = "12.345678%",
        decode = json,
        items(at = "/data", limit = 1_000_000),
        on_bad_item = fail,
        ignore("/seen"),
        distinct,
        removal(confirm = 3, hold_above = "12.345678%", hold_min = 100_000)
    )]
    struct Flags {
        /// Its name.
        #[external(key)]
        id: String,
        /// The flags that are on.
        enabled: Vec<String>,
    }

    /// With every setting of an object store.
    #[derive(Clone, Debug, PartialEq, Eq, Deserialize, ExternalSource)]
    #[external(
        object_store(
            url = "s3://{bucket}/models/",
            option("aws_allow_http" = true, "aws_access_key_id" = "{id}"),
            include("**/*.yaml"),
            exclude("tmp/**"),
            settle = "5s",
            concurrency = 100,
            listing_concurrency = 10,
            object_limit = 1_000_000,
            body_limit = "1MiB"
        ),
        params(bucket: String, id: &str),
        decode = yaml,
        ignore("/seen"),
        distinct,
        removal(hold_above = "12.345678%", hold_min = 100_000),
        interval = "1h"
    )]
    struct Model {
        /// Its name.
        name: String,
    }

    #[derive(Clone, Copy, Debug, Deserialize, ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/mode"), interval = "30s")]
    enum Mode {
        On,
        Off,
    }

    #[derive(ExternalSource)]
    #[external(http(url = "https://api.example.com/v1/n"), interval = "30s", item = u64)]
    struct Number;

    /// With more parameters than clippy lets a function have.
    #[derive(Clone, Debug, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://{a}.example.com/{b}/{c}/{d}/{e}/{f}/{g}/{h}"),
        params(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8, g: u8, h: u8),
        interval = "30s"
    )]
    struct Room {
        /// How many.
        size: u8,
    }

    mod inner {
        pub(super) use koprs_external as polling;
    }

    /// Of a library that is handed on, by a path of which a part would do.
    #[derive(Clone, Debug, PartialEq, Eq, Deserialize, ExternalSource)]
    #[external(
        http(url = "https://api.example.com/{kind}"),
        params(kind: String),
        distinct,
        interval = "30s",
        crate = crate::ui::strict::inner::polling
    )]
    struct Limit {
        /// How many.
        size: u8,
    }

    #[derive(Debug, WatcherEvents)]
    #[watcher(crate = crate::ui::strict::inner::polling)]
    enum HandedOn {
        Limit(ExternalEvent<Limit>),
    }

    #[derive(Debug, WatcherEvents)]
    enum Change {
        Flags(ExternalEvent<Flags>),
        #[watcher(name = "number")]
        Limit(ExternalEvent<f64>),
    }

    #[test]
    fn an_enum_of_events_has_a_watcher_for_each_variant() {
        let set: WatcherSet = "
apiVersion: koprs-external/v1
watchers: [{ name: flags, interval: 1h, http: { url: https://api.example.com/v1/flags } }]
"
        .parse()
        .unwrap();
        let told = set.events::<Change>().unwrap_err().to_string();
        assert!(told.contains("`Change::Limit` has no watcher `number`"), "{told}");
        let changes = [
            Change::Flags(ExternalEvent::Added(Flags { id: String::new(), enabled: Vec::new() })),
            Change::Limit(ExternalEvent::Added(0.5)),
        ];
        let events = changes.iter().filter(|change| match change {
            Change::Flags(event) => event.value().id.is_empty(),
            Change::Limit(event) => *event.value() < 1.0,
        });
        assert_eq!(events.count(), 2);
    }

    #[test]
    fn a_type_with_parameters_has_a_source() {
        let source = Flags::source("eu".to_owned(), "platform", "t0ken".to_owned());
        assert_eq!(source.unwrap().config().interval.as_secs(), 3600);
        let flags = Flags { id: String::new(), enabled: Vec::new() };
        assert!(flags.id.is_empty() && flags.enabled.is_empty());
    }

    #[test]
    fn a_type_of_a_library_that_is_handed_on_has_a_source() {
        assert_eq!(Limit::source("rooms".to_owned()).unwrap().name(), "limit");
        let limit = HandedOn::Limit(ExternalEvent::Added(Limit { size: 1 }));
        let HandedOn::Limit(event) = limit;
        assert_eq!(event.value().size, 1);
    }

    #[test]
    fn a_type_with_many_parameters_has_a_source() {
        let source = Room::source(1, 2, 3, 4, 5, 6, 7, 8);
        assert_eq!(source.unwrap().name(), "room");
        assert_eq!(Room { size: 1 }.size, 1);
    }

    #[test]
    fn a_type_of_an_object_store_has_a_declaration() {
        let spec = Model::spec("models".to_owned(), "operator").unwrap();
        assert_eq!((spec.name(), spec.interval().as_secs()), ("model", 3600));
        assert!(Model { name: String::new() }.name.is_empty());
    }

    #[test]
    fn a_type_without_parameters_has_a_source() {
        assert_eq!(Mode::source().unwrap().name(), "mode");
        assert_eq!(Number::source().unwrap().name(), "number");
    }
}
