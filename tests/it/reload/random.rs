//! Random edits of the file and of what is watched, failures, and a consumer that takes its time: what it knows comes
//! to what is declared and there, and no event contradicts what it knew.
//!
//! `PROPTEST_CASES=500 cargo test -p koprs-external-tests --test it reload::random` runs more of it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use koprs_external::ExternalEvent;
use koprs_external::set::ValueEvent;
use koprs_external_tests::{Reply, Server};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::time::{Instant, sleep, timeout_at};

use super::stage::Stage;

/// What a watcher follows. There are two places of each kind.
#[derive(Clone, Copy, Debug, PartialEq)]
enum What {
    /// What objects hold, or what is listed of them; of all, or of those whose name begins with `s`.
    Objects { place: u8, reads: bool, narrow: bool },
    /// A list of items behind HTTP: with one key or another, with a place that does not count, in pages.
    List { place: u8, alias: bool, ignores: bool, paged: bool },
    /// A value behind HTTP.
    Value { place: u8 },
}

type Watchers = BTreeMap<char, (What, u32)>;

#[derive(Clone, Debug)]
enum Step {
    /// The file declares these, with these intervals.
    Declare(Watchers),
    /// The file has a mistake.
    Spoil,
    /// This is in a place.
    Put(u8, Items),
    /// A place fails from now on, or does no longer.
    Fail(u8, bool),
    /// So many seconds pass, in which the consumer takes so long for an event.
    Pass(u64, u64),
}

/// Those that begin with `s` are followed by a narrow glob.
type Items = BTreeMap<&'static str, u32>;

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let place = || 0..2_u8;
    let what = prop_oneof![
        4 => (place(), any::<bool>(), any::<bool>())
            .prop_map(|(place, reads, narrow)| What::Objects { place, reads, narrow }),
        3 => (place(), any::<bool>(), any::<bool>(), any::<bool>()).prop_map(
            |(place, alias, ignores, paged)| What::List { place, alias, ignores, paged }
        ),
        2 => place().prop_map(|place| What::Value { place }),
    ];
    let items = btree_map(prop::sample::select(vec!["a", "b", "s1", "s2"]), 0..100_u32, 0..5);
    let step = prop_oneof![
        5 => btree_map(prop::char::range('u', 'w'), (what, 10..12_u32), 0..4).prop_map(Step::Declare),
        1 => Just(Step::Spoil),
        4 => (place(), items).prop_map(|(place, items)| Step::Put(place, items)),
        1 => (place(), any::<bool>()).prop_map(|(place, fails)| Step::Fail(place, fails)),
        5 => (0..15_u64, 0..4_u64).prop_map(|(seconds, takes)| Step::Pass(seconds, takes)),
    ];
    vec(step, 0..25)
}

/// What is there: folders, lists and values.
struct World {
    stage: Stage,
    server: Server,
    places: [Items; 2],
    fails: [bool; 2],
}

impl World {
    fn put(&mut self, place: u8, items: Items) {
        let at = usize::from(place);
        let folder = self.folder(place);
        for name in self.places[at].keys().filter(|name| !items.contains_key(*name)) {
            fs::remove_file(folder.join(name)).unwrap();
        }
        for (name, value) in items.iter().filter(|it| self.places[at].get(it.0) != Some(it.1)) {
            fs::write(folder.join(name), value.to_string()).unwrap();
        }
        self.places[at] = items;
        self.serve(place);
    }

    /// Where a folder is; elsewhere while it fails.
    fn folder(&self, place: u8) -> std::path::PathBuf {
        let name = if self.fails[usize::from(place)] { "away" } else { "place" };
        self.stage.file().with_file_name(format!("{name}{place}"))
    }

    fn serve(&self, place: u8) {
        let (items, fails) = (&self.places[usize::from(place)], self.fails[usize::from(place)]);
        let item = |(name, value)| {
            format!(r#"{{"id":"{name}","alias":"other-{name}","n":{value},"x":0}}"#)
        };
        let list = items.iter().map(item).collect::<Vec<_>>().join(",");
        let value = items.values().next().map(|value| Reply::json(value.to_string()));
        let or_fails = |reply| if fails { Reply::status(503) } else { reply };
        self.server.set(&format!("/l{place}"), or_fails(Reply::json(format!("[{list}]"))));
        self.server
            .set(&format!("/v{place}"), or_fails(value.unwrap_or_else(|| Reply::status(404))));
    }

    fn fail(&mut self, place: u8, fails: bool) {
        let before = self.folder(place);
        self.fails[usize::from(place)] = fails;
        fs::rename(before, self.folder(place)).unwrap();
        self.serve(place);
    }

    fn yaml(&self, watchers: &Watchers) -> String {
        let mut yaml = "apiVersion: koprs-external/v1\nwatchers: []\n".to_owned();
        for (name, (what, interval)) in watchers {
            let what = match what {
                What::Objects { place, reads, narrow } => {
                    let decode = if *reads { "decode: json, " } else { "" };
                    let include = if *narrow { ", include: ['s*']" } else { "" };
                    let folder = self.stage.file().with_file_name(format!("place{place}"));
                    let url = format!("file://{}/", folder.display());
                    format!("{decode}objectStore: {{ url: '{url}', settle: 0s{include} }}")
                }
                What::List { place, alias, ignores, paged } => {
                    let url = self.server.url(&format!("/l{place}"));
                    let key = if *alias { "alias" } else { "id" };
                    let ignore = if *ignores { "ignore: [/x], " } else { "" };
                    let pages = if *paged { ", pages: { linkHeader: {} }" } else { "" };
                    format!(
                        "{ignore}items: {{ key: /{key} }}, http: {{ url: '{url}', retries: 0{pages} }}"
                    )
                }
                What::Value { place } => {
                    let url = self.server.url(&format!("/v{place}"));
                    format!("http: {{ url: '{url}', retries: 0 }}")
                }
            };
            yaml = yaml.replace(" []", "");
            // Half of the watchers' removals are held when there are many at once.
            let removal = if interval % 2 == 0 { "removal: { holdMin: 2 }, " } else { "" };
            yaml += &format!(
                "  - {{ name: {name}, interval: {interval}s, jitter: 0%, {removal}{what} }}\n"
            );
        }
        yaml
    }

    /// What a consumer is to know in the end.
    fn expected(&self, watchers: &Watchers) -> BTreeMap<(String, String), String> {
        let mut expected = BTreeMap::new();
        for (name, (what, _)) in watchers {
            let of = |place: u8| &self.places[usize::from(place)];
            let mut knows =
                |key: String, value: String| expected.insert((name.to_string(), key), value);
            match *what {
                What::Objects { place, reads, narrow } => {
                    for (item, value) in
                        of(place).iter().filter(|it| !narrow || it.0.starts_with('s'))
                    {
                        let shown = if reads {
                            value.to_string()
                        } else {
                            format!("size {}", value.to_string().len())
                        };
                        knows(format!("place{place}/{item}"), shown);
                    }
                }
                What::List { place, alias, .. } => of(place).iter().for_each(|(item, value)| {
                    let key = if alias { format!("other-{item}") } else { (*item).to_owned() };
                    knows(key, value.to_string());
                }),
                What::Value { place } => of(place).values().take(1).for_each(|value| {
                    knows(String::new(), value.to_string());
                }),
            }
        }
        expected
    }
}

/// What a consumer knows, by the names of the watchers and the keys of the items.
#[derive(Default)]
struct Known(BTreeMap<(String, String), String>);

impl Known {
    fn take(&mut self, told: &ValueEvent) -> Result<(), TestCaseError> {
        let value = told.event.value();
        let path = |key: &String| {
            key.rsplit('/')
                .take(2)
                .collect::<Vec<_>>()
                .into_iter()
                .rev()
                .collect::<Vec<_>>()
                .join("/")
        };
        let key = told.key.as_ref().map(path).unwrap_or_default();
        let at = (told.watcher.to_string(), key);
        let is_listed = value.get("path").is_some() && value.get("value").is_none();
        let value = match (value.get("value").or_else(|| value.get("n")), value.get("size")) {
            (Some(value), _) => value.to_string(),
            (None, Some(size)) => format!("size {size}"),
            (None, None) => value.to_string(),
        };
        let before = match told.event {
            ExternalEvent::Removed(_) => self.0.remove(&at),
            _ => self.0.insert(at, value.clone()),
        };
        match told.event {
            ExternalEvent::Added(_) => prop_assert_eq!(before, None, "{:?}", told),
            ExternalEvent::Modified(_) => {
                prop_assert!(before.is_some_and(|it| it != value || is_listed), "{told:?}");
            }
            ExternalEvent::Removed(_) => prop_assert_eq!(before, Some(value), "{:?}", told),
        }
        Ok(())
    }

    async fn read(
        &mut self,
        stage: &mut Stage,
        seconds: u64,
        takes: u64,
    ) -> Result<(), TestCaseError> {
        let end = Instant::now() + Duration::from_secs(seconds);
        while let Ok(told) = timeout_at(end, stage.events.recv()).await {
            self.take(&told.unwrap())?;
            sleep(Duration::from_secs(takes)).await;
        }
        Ok(())
    }
}

/// The clock is paused, and goes on while the server is waited for: a poll may meet its timeout early, which is one
/// more failure.
async fn play(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (stage, server) = (Stage::removing(""), Server::start().await);
    let mut world = World { stage, server, places: Default::default(), fails: [false; 2] };
    for place in 0..2 {
        fs::create_dir(world.folder(place)).unwrap();
        world.serve(place);
    }
    let (mut declared, mut known) = (Watchers::new(), Known::default());
    for step in steps {
        match step {
            Step::Declare(watchers) => {
                world.stage.write(&world.yaml(&watchers));
                declared = watchers;
            }
            Step::Spoil => world.stage.write("watchers: 1"),
            Step::Put(place, items) => world.put(place, items),
            Step::Fail(place, fails) => world.fail(place, fails),
            Step::Pass(seconds, takes) => known.read(&mut world.stage, seconds, takes).await?,
        }
    }
    (0..2).for_each(|place| world.fail(place, false));
    world.stage.write(&world.yaml(&declared));
    let expected = world.expected(&declared);
    // On a machine that is busy, polls meet their timeouts early and back off: that takes no real time.
    for _ in 0..200 {
        known.read(&mut world.stage, 60, 0).await?;
        if known.0 == expected {
            break;
        }
    }
    prop_assert_eq!(&known.0, &expected);
    // And so it stays.
    known.read(&mut world.stage, 60, 0).await?;
    prop_assert_eq!(&known.0, &expected);
    let names: Vec<_> = declared.keys().map(char::to_string).collect();
    prop_assert_eq!(world.stage.names(), names.join(" "));
    prop_assert_eq!(world.stage.refused(), None);
    Ok(())
}

/// As many as are asked for, else some.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_is_known_comes_to_what_is_declared_and_there(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps))?;
    }
}
