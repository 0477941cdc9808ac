//! What a reader makes of events, and what it may rely on.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use koprs_external::watcher::ExternalEvent;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

/// What the events so far come to, by path.
#[derive(Debug)]
pub(crate) struct Known<V> {
    pub(crate) objects: BTreeMap<String, V>,
    /// What is there while it is polled.
    there: BTreeSet<String>,
    /// What was there in each poll since it was told last.
    stayed: BTreeSet<String>,
}

impl<V: Debug + PartialEq> Known<V> {
    pub(crate) fn new() -> Self {
        Self { objects: BTreeMap::new(), there: BTreeSet::new(), stayed: BTreeSet::new() }
    }

    /// A poll begins while these are there: that they are gone, it may not say.
    pub(crate) fn looks(&mut self, there: BTreeSet<String>) {
        self.stayed.retain(|path| there.contains(path));
        self.there = there;
    }

    /// Takes what a poll has handed over.
    pub(crate) fn take(
        &mut self,
        events: impl IntoIterator<Item = ExternalEvent<(String, V)>>,
    ) -> Result<(), TestCaseError> {
        let mut last = String::new();
        for event in events {
            let path = event.value().0.clone();
            prop_assert!(last <= path, "not by path: {} before {}", last, path);
            self.one(event)?;
            last = path;
        }
        Ok(())
    }

    fn one(&mut self, event: ExternalEvent<(String, V)>) -> Result<(), TestCaseError> {
        match event {
            ExternalEvent::Added((path, value)) => {
                prop_assert!(!self.objects.contains_key(&path), "{} is added twice", path);
                self.is(path, value);
            }
            ExternalEvent::Modified((path, value)) => {
                let known = self.objects.get(&path);
                prop_assert!(known.is_some(), "{} is modified before it is added", path);
                prop_assert_ne!(known, Some(&value), "{} has not changed", path);
                self.is(path, value);
            }
            ExternalEvent::Removed((path, value)) => {
                prop_assert!(!self.stayed.contains(&path), "{} was there all the time", path);
                prop_assert_eq!(self.objects.remove(&path), Some(value), "{}", path);
            }
        }
        Ok(())
    }

    fn is(&mut self, path: String, value: V) {
        if self.there.contains(&path) {
            self.stayed.insert(path.clone());
        }
        self.objects.insert(path, value);
    }
}
