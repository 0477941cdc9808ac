//! Random edits of the file and of what is watched, and a consumer that takes its time: what it knows comes to what
//! is declared and there.

use std::collections::BTreeMap;
use std::time::Duration;

use koprs_external::ExternalEvent;
use koprs_external::set::ValueEvent;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::time::{Instant, sleep, timeout_at};

use super::stage::Stage;

#[derive(Clone, Debug)]
enum Step {
    /// The file declares these, with these intervals.
    Declare(BTreeMap<String, u32>),
    /// The file has a mistake.
    Spoil,
    /// A watcher has another value.
    Put(String, u32),
    /// So many seconds pass, in which the consumer takes so long for an event.
    Pass(u64, u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || "[a-d]";
    let step = prop_oneof![
        3 => btree_map(name(), 10..12_u32, 0..4).prop_map(Step::Declare),
        1 => Just(Step::Spoil),
        3 => (name(), 0..100_u32).prop_map(|(name, value)| Step::Put(name, value)),
        4 => (0..15_u64, 0..4_u64).prop_map(|(seconds, takes)| Step::Pass(seconds, takes)),
    ];
    vec(step, 0..20)
}

/// What a consumer knows, by the names of the watchers and the items.
#[derive(Default)]
struct Known(BTreeMap<String, u32>);

impl Known {
    /// What is added was unknown, and what is modified or removed is known.
    fn take(&mut self, told: &ValueEvent) -> Result<(), TestCaseError> {
        let value = u32::try_from(told.event.value()["value"].as_u64().unwrap()).unwrap();
        let name = told.watcher.to_string();
        let before = match told.event {
            ExternalEvent::Added(_) => {
                prop_assert_eq!(self.0.insert(name, value), None, "{:?}", told);
                return Ok(());
            }
            ExternalEvent::Modified(_) => self.0.insert(name, value).filter(|it| *it != value),
            ExternalEvent::Removed(_) => self.0.remove(&name).filter(|it| *it == value),
        };
        prop_assert!(before.is_some(), "{told:?}");
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

async fn play(steps: Vec<Step>) -> Result<(), TestCaseError> {
    let mut stage = Stage::removing("a b");
    let mut declared = BTreeMap::from([("a".to_owned(), 10), ("b".to_owned(), 10)]);
    let mut known = Known::default();
    let mut there: BTreeMap<String, u32> = BTreeMap::new();
    // All of the folders.
    stage.yaml("a b c d");
    for step in steps {
        match step {
            Step::Declare(watchers) => {
                stage.declare(&words(&watchers));
                declared = watchers;
            }
            Step::Spoil => {
                stage.write("watchers: []");
            }
            Step::Put(name, value) => {
                stage.put(&format!("{name}/one"), &value.to_string());
                there.insert(name, value);
            }
            Step::Pass(seconds, takes) => known.read(&mut stage, seconds, takes).await?,
        }
    }
    stage.declare(&words(&declared));
    known.read(&mut stage, 60, 0).await?;
    let value = |name: &String| there.get(name).copied().unwrap_or(1);
    let expected: BTreeMap<_, _> =
        declared.keys().map(|name| (name.clone(), value(name))).collect();
    prop_assert_eq!(&known.0, &expected);
    let names: Vec<_> = declared.into_keys().collect();
    prop_assert_eq!(stage.names(), names.join(" "));
    prop_assert_eq!(stage.refused(), None);
    Ok(())
}

fn words(watchers: &BTreeMap<String, u32>) -> String {
    let words = watchers.iter().map(|(name, interval)| format!("{name}:{interval}"));
    words.collect::<Vec<_>>().join(" ")
}

/// As many as are asked for, else some.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_is_known_comes_to_what_is_declared_and_there(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps))?;
    }
}
