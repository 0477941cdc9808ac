//! Random edits of the file and of what is there, failures, and a consumer that takes its time: what the consumer
//! knows comes to what is declared and there, without an event that contradicts what it knew.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use tokio::time::timeout_at;

use super::*;

#[derive(Clone, Debug)]
enum Step {
    /// The file declares these, each of a kind, with an interval.
    Declare(BTreeMap<char, (char, u32)>),
    /// The file has a mistake.
    Spoil,
    /// This is there for a watcher.
    Put(char, Items),
    /// Polls of a watcher fail, or take so long.
    Fail(char, Option<Fails>, u64),
    /// So many seconds pass, in which the consumer takes so long for an event.
    Pass(u64, u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let name = || prop::char::range('u', 'w');
    let kind = || prop_oneof![4 => Just('x'), 1 => Just('y')];
    let items = || btree_map(prop::char::range('a', 'e'), 0..3_u32, 0..5);
    let fails = prop_oneof![
        3 => Just(None),
        2 => Just(Some(Fails::Once)),
        1 => Just(Some(Fails::ForEver)),
    ];
    let step = prop_oneof![
        4 => btree_map(name(), (kind(), 10..13_u32), 0..4).prop_map(Step::Declare),
        1 => Just(Step::Spoil),
        4 => (name(), items()).prop_map(|(name, items)| Step::Put(name, items)),
        2 => (name(), fails, 0..15_u64).prop_map(|(name, fails, takes)| Step::Fail(name, fails, takes)),
        5 => (0..15_u64, 0..4_u64).prop_map(|(seconds, takes)| Step::Pass(seconds, takes)),
    ];
    vec(step, 0..40)
}

/// What a consumer knows.
#[derive(Default)]
pub(super) struct Known(pub(super) BTreeMap<(String, char), u32>);

impl Known {
    pub(super) fn take(&mut self, (name, event): Event) -> std::result::Result<(), TestCaseError> {
        let told = format!("{name}: {event:?}");
        let (key, value) = *event.value();
        let before = self.0.get(&(name.clone(), key)).copied();
        match event {
            ExternalEvent::Added(_) => prop_assert_eq!(before, None, "{}", told),
            ExternalEvent::Modified(_) => {
                prop_assert!(before.is_some_and(|it| it != value), "{told}")
            }
            ExternalEvent::Removed(_) => prop_assert_eq!(before, Some(value), "{}", told),
        }
        match event {
            ExternalEvent::Removed(_) => self.0.remove(&(name, key)),
            _ => self.0.insert((name, key), value),
        };
        Ok(())
    }

    async fn read(
        &mut self,
        stage: &mut Stage,
        seconds: u64,
        takes: u64,
    ) -> std::result::Result<(), TestCaseError> {
        let end = Instant::now() + Duration::from_secs(seconds);
        while let Ok(told) = timeout_at(end, stage.events.recv()).await {
            self.take(told.unwrap())?;
            sleep(Duration::from_secs(takes)).await;
        }
        Ok(())
    }
}

async fn play(steps: Vec<Step>) -> std::result::Result<(), TestCaseError> {
    let world = World::default();
    let mut stage = Stage::start("u/x v/x", OnRemovedWatcher::Remove, &world);
    let mut declared = BTreeMap::from([('u', ('x', 10)), ('v', ('x', 10))]);
    let mut known = Known::default();
    for step in steps {
        match step {
            Step::Declare(watchers) => {
                // The file is looked at while the consumer waits: what was not read yet is replaced.
                if stage.file.try_send(yaml(&words(&watchers))).is_ok() {
                    declared = watchers;
                }
            }
            Step::Spoil => drop(stage.file.try_send("watchers: 1".to_owned())),
            Step::Put(name, items) => world.of(&name.to_string(), |there| there.items = items),
            Step::Fail(name, fails, takes) => world.of(&name.to_string(), |there| {
                (there.fails, there.latency) = (fails, Duration::from_secs(takes));
            }),
            Step::Pass(seconds, takes) => known.read(&mut stage, seconds, takes).await?,
        }
    }
    for name in ["u", "v", "w"] {
        world.of(name, |there| (there.fails, there.latency) = (None, Duration::ZERO));
    }
    // What can never work begins anew when it is declared otherwise.
    declared.values_mut().for_each(|(_, interval)| *interval = 20);
    known.read(&mut stage, 1, 0).await?;
    stage.declare(&words(&declared));
    known.read(&mut stage, 2000, 0).await?;
    let mut expected = BTreeMap::new();
    for name in declared.keys().map(char::to_string) {
        let items = world.of(&name, |there| there.items.clone());
        expected.extend(items.into_iter().map(|(key, value)| ((name.clone(), key), value)));
        let status = stage.events.status(&name).unwrap();
        prop_assert_eq!(status.items, world.of(&name, |there| there.items.len() as u64));
    }
    prop_assert_eq!(&known.0, &expected);
    let names: Vec<_> =
        stage.events.statuses().into_iter().map(|(name, _)| name.to_string()).collect();
    prop_assert_eq!(names, declared.keys().map(char::to_string).collect::<Vec<_>>());
    Ok(())
}

fn words(watchers: &BTreeMap<char, (char, u32)>) -> String {
    let words = watchers.iter().map(|(name, (kind, interval))| format!("{name}/{kind}:{interval}"));
    words.collect::<Vec<_>>().join(" ")
}

/// As many as are asked for, else some.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(64)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn what_the_consumer_knows_comes_to_what_is_declared_and_there(steps in steps()) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(play(steps))?;
    }
}
