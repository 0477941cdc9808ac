//! The same on several threads and in real time: watchers end, leave what is known and start while others poll.
//!
//! `SEEDS=100 cargo test -p koprs-external --all-features handover::threads` runs more of it.

use tokio::time::timeout_at;

use super::random::Known;
use super::*;
use crate::watcher::WatchHandle;

const NAMES: [&str; 3] = ["u", "v", "w"];

/// Some of the watchers, with intervals and kinds.
fn declaration(rng: &mut fastrand::Rng) -> Vec<(&'static str, String)> {
    let mut declared = Vec::new();
    for name in NAMES {
        if rng.u8(..4) > 0 {
            let kind = if rng.u8(..5) > 0 { 'x' } else { 'y' };
            declared.push((name, format!("{name}/{kind}:{}", rng.u8(10..14))));
        }
    }
    declared
}

fn words(declared: &[(&str, String)]) -> String {
    declared.iter().map(|(_, word)| word.as_str()).collect::<Vec<_>>().join(" ")
}

async fn read(known: &mut Known, stage: &mut Stage, time: Duration) {
    let end = Instant::now() + time;
    while let Ok(told) = timeout_at(end, stage.events.recv()).await {
        known.take(told.unwrap()).unwrap();
    }
}

async fn play(seed: u64, steps: u32) {
    let rng = &mut fastrand::Rng::with_seed(seed);
    let world = World::default();
    let mut stage = Stage::start_faster(1000, "u/x v/x", OnRemovedWatcher::Remove, &world);
    let (mut declared, mut known) = (Vec::new(), Known::default());
    for _ in 0..steps {
        let name = NAMES[rng.usize(..NAMES.len())];
        match rng.u8(..10) {
            0..3 => {
                let next = declaration(rng);
                if stage.file.try_send(yaml(&words(&next))).is_ok() {
                    declared = next;
                }
            }
            3..6 => {
                let item = |key| rng.bool().then(|| (key, rng.u32(..3)));
                let items = ('a'..'f').filter_map(item).collect();
                world.of(name, |there| there.items = items);
            }
            6 => world.of(name, |there| {
                let fails = [None, None, None, Some(Fails::Once), Some(Fails::ForEver)];
                there.fails = fails[rng.usize(..fails.len())];
                there.latency = Duration::from_millis(rng.u64(..4));
            }),
            7 => stage.events.watcher(name).iter().for_each(WatchHandle::poll_now),
            8 if rng.bool() => stage.events.suspend(),
            8 => stage.events.resume(),
            _ => tokio::task::yield_now().await,
        }
        read(&mut known, &mut stage, Duration::from_micros(rng.u64(..6_000))).await;
    }
    NAMES.iter().for_each(|name| {
        world.of(name, |there| (there.fails, there.latency) = (None, Duration::ZERO));
    });
    stage.events.resume();
    read(&mut known, &mut stage, Duration::from_millis(50)).await;
    // What can never work begins anew when it is declared otherwise.
    let declared: Vec<_> = declared
        .into_iter()
        .map(|(name, word)| (name, format!("{}:20", word.split(':').next().unwrap())))
        .collect();
    stage.declare(&words(&declared));
    let mut expected = BTreeMap::new();
    for (name, _) in &declared {
        let items = world.of(name, |there| there.items.clone());
        expected.extend(items.into_iter().map(|(key, value)| (((*name).to_owned(), key), value)));
    }
    for _ in 0..200 {
        read(&mut known, &mut stage, Duration::from_millis(50)).await;
        if known.0 == expected {
            break;
        }
    }
    assert_eq!(known.0, expected, "seed {seed}");
    read(&mut known, &mut stage, Duration::from_millis(100)).await;
    assert_eq!(known.0, expected, "seed {seed}");
    let names: Vec<_> = stage.events.statuses().into_iter().map(|(name, _)| name).collect();
    let declared: Vec<_> = declared.iter().map(|(name, _)| Arc::from(*name)).collect();
    assert_eq!(names, declared, "seed {seed}");
    timeout(5 * SECOND, stage.events.synced()).await.unwrap().unwrap();
    stage.events.shutdown().await;
    assert!(stage.events.recv().await.is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_the_consumer_knows_comes_to_what_is_there_on_several_threads_too() {
    let seeds = std::env::var("SEEDS").ok().and_then(|it| it.parse().ok()).unwrap_or(3);
    for seed in 0..seeds {
        play(seed, 150).await;
    }
}

/// A watcher that a reload ends is not one that has ended by itself, at no moment.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_waits_for_a_set_to_be_synced_hears_of_no_end_while_watchers_restart() {
    let world = World::default();
    world.put("w", "a1");
    world.of("w", |there| there.fails = Some(Fails::Once));
    let mut stage = Stage::start_faster(1000, "w", OnRemovedWatcher::Remove, &world);
    let synced: Vec<_> = (0..8).map(|_| tokio::spawn(stage.events.synced())).collect();
    let mut known = Known::default();
    let restarts = std::env::var("SEEDS").ok().and_then(|it| it.parse().ok()).unwrap_or(200);
    for n in 0..restarts {
        stage.declare(&format!("w{}:{}", ["", "/x"][n % 5 / 4], 10 + n % 2));
        read(&mut known, &mut stage, Duration::from_millis(2)).await;
    }
    assert!(synced.iter().all(|synced| !synced.is_finished()));
    world.of("w", |there| there.fails = None);
    read(&mut known, &mut stage, Duration::from_millis(100)).await;
    for synced in synced {
        timeout(5 * SECOND, synced).await.unwrap().unwrap().unwrap();
    }
}
