//! A set that is suspended polls nothing, whatever its file becomes.

use std::collections::HashSet;

use super::reload::Stage;
use super::*;
use crate::set::{OnRemovedWatcher, WatcherSet};
use crate::watcher::State;

fn states(stage: &Stage) -> String {
    let statuses = stage.events.statuses().into_iter();
    let words = statuses.map(|(name, status)| match status.state {
        State::Suspended => format!("({name})"),
        _ => name.to_string(),
    });
    words.collect::<Vec<_>>().join(" ")
}

fn sorted(mut told: Vec<String>) -> Vec<String> {
    told.sort();
    told
}

#[tokio::test(start_paused = true)]
async fn a_set_that_starts_suspended_polls_when_it_is_resumed() {
    let mut stage = Stage::suspended("a b");
    assert_eq!((stage.told().await, states(&stage)), (vec![], "(a) (b)".to_owned()));
    assert!(stage.events.is_suspended());
    stage.events.resume();
    assert_eq!(sorted(stage.told().await), ["+a", "+b"]);
    assert_eq!(states(&stage), "a b");
}

#[tokio::test(start_paused = true)]
async fn watchers_that_a_reload_starts_in_a_suspended_set_are_suspended() {
    // These sources hand nothing over, so what is known is removed.
    for (on_removed, removed) in
        [(OnRemovedWatcher::Forget, vec![]), (OnRemovedWatcher::Remove, vec!["-a".to_owned()])]
    {
        let mut stage = Stage::start("a b", on_removed, None);
        assert_eq!(sorted(stage.told().await), ["+a", "+b"]);
        stage.events.suspend();
        stage.declare("a:20 b c");
        let told = stage.told().await;
        assert_eq!((told, states(&stage)), (removed, "(a) (b) (c)".to_owned()));
        stage.events.resume();
        let told = stage.told().await;
        assert!(told.contains(&"+c".to_owned()), "{told:?}");
        assert_eq!(states(&stage), "a b c");
        assert_eq!(stage.events.status("a").unwrap().undelivered, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_is_suspended_itself_stays_so_over_a_restart_and_when_the_set_is_resumed() {
    let mut stage = Stage::start("a b", OnRemovedWatcher::Forget, None);
    assert_eq!(sorted(stage.told().await), ["+a", "+b"]);
    stage.events.watcher("a").unwrap().suspend();
    stage.declare("a:20 b:20");
    assert_eq!((stage.told().await, states(&stage)), (vec!["+b".to_owned()], "(a) b".to_owned()));
    stage.events.suspend();
    assert_eq!(states(&stage), "(a) (b)");
    stage.events.resume();
    assert_eq!((stage.told().await, states(&stage)), (vec![], "(a) b".to_owned()));
    stage.events.watcher("a").unwrap().resume();
    assert_eq!((stage.told().await, states(&stage)), (vec!["+a".to_owned()], "a b".to_owned()));
}

/// Also where the one before has to end first.
#[tokio::test(start_paused = true)]
async fn a_watcher_that_is_suspended_itself_stays_so_when_it_is_handed_over() {
    let mut stage = Stage::start("a b", OnRemovedWatcher::Remove, Some(Duration::from_secs(5)));
    assert_eq!(sorted(stage.told().await), ["+a", "+b"]);
    stage.events.watcher("a").unwrap().suspend();
    for declared in ["a:20 b", "a:30 b"] {
        stage.declare(declared);
        stage.told().await;
        assert_eq!(states(&stage), "(a) b");
    }
    stage.events.watcher("a").unwrap().resume();
    stage.told().await;
    assert_eq!(
        (states(&stage), stage.events.status("a").unwrap().state),
        ("a b".into(), State::Healthy)
    );
}

#[tokio::test(start_paused = true)]
async fn a_watcher_of_a_suspended_set_is_not_resumed_alone() {
    let mut stage = Stage::suspended("a b");
    let a = stage.events.watcher("a").unwrap();
    a.suspend();
    a.resume();
    assert_eq!((stage.told().await, states(&stage)), (vec![], "(a) (b)".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_waits_for_one_of_its_name_to_retire_starts_suspended_in_a_suspended_set() {
    let mut stage = Stage::start("a b", OnRemovedWatcher::Remove, Some(Duration::from_secs(5)));
    assert_eq!(sorted(stage.told().await), ["+a", "+b"]);
    stage.declare("b");
    assert_eq!(stage.events.recv().await.unwrap(), "-a");
    stage.events.suspend();
    stage.declare("a b");
    assert_eq!((stage.told().await, states(&stage)), (vec![], "(a) (b)".to_owned()));
    stage.events.resume();
    assert_eq!(stage.told().await, ["+a"]);
}

#[tokio::test(start_paused = true)]
async fn a_watcher_that_is_declared_anew_is_not_suspended() {
    let mut stage = Stage::start("a b", OnRemovedWatcher::Forget, None);
    stage.events.watcher("a").unwrap().suspend();
    assert_eq!(stage.told().await, ["+b"]);
    stage.declare("b");
    assert!(stage.told().await.is_empty());
    stage.declare("a b");
    assert_eq!((stage.told().await, states(&stage)), (vec!["+a".to_owned()], "a b".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_missed_polls_of_a_set_are_spread_when_it_is_resumed() {
    let names: Vec<_> = (0..100).map(|number| format!("w{number}:60")).collect();
    let mut stage = Stage::suspended(&names.join(" "));
    assert!(stage.told().await.is_empty());
    let resumed = tokio::time::Instant::now();
    stage.events.resume();
    assert_eq!(stage.told().await.len(), 100);
    let made = stage.made.lock().unwrap();
    let polls: Vec<_> = made.iter().map(|seen| seen.first_poll().unwrap() - resumed).collect();
    assert!(polls.iter().all(|wait| *wait <= Duration::from_secs(1)), "{polls:?}");
    assert!(polls.iter().collect::<HashSet<_>>().len() > 80, "{polls:?}");
}

#[tokio::test(start_paused = true)]
async fn a_single_watcher_of_a_set_starts_suspended_too_and_is_resumed_by_its_handle() {
    let yaml = "apiVersion: koprs-external/v1
watchers: [{ name: a, interval: 10s, objectStore: { url: 'file:///nothing-here/' } }]";
    let set: WatcherSet = yaml.parse().unwrap();
    let set = set.with_suspended(true).only(["a"]).unwrap();
    let watch = set.watch::<crate::store::StoredObject>("a").unwrap();
    settle().await;
    assert_eq!(watch.status().state, State::Suspended);
    watch.resume();
    assert_ne!(watch.status().state, State::Suspended);

    let (tx, _rx) = tokio::sync::mpsc::channel(1);
    let refused = set.spawn::<crate::store::StoredObject>("a", tx).unwrap_err().to_string();
    assert!(refused.contains("no handle to resume it"), "{refused}");
}
