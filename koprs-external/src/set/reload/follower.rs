//! From a new content of the file to watchers that start and stop.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use tracing::{error, info};

use super::super::binder::Binder;
use super::super::events::{Parts, Running, start};
use super::super::handle::SetHandle;
use super::super::loader::Loader;
use super::super::prepared::Prepared;
use super::super::refused::Refused;
use super::super::{WatcherSet, place};
use super::OnRemovedWatcher;
use super::looks::Look;
use super::plan::{Step, plan};
use crate::config::{Declared, File};
use crate::error::Result;
use crate::spec::WatcherSpec;
use crate::watcher::{State, WatchHandle};

/// Brings what runs in line with the file.
pub(in super::super) struct Follower<E> {
    loader: Loader,
    /// Those that are followed; all, if none were chosen.
    only: Option<Arc<HashSet<String>>>,
    path: Arc<Path>,
    looks: BoxStream<'static, Look>,
    on_removed: OnRemovedWatcher,
    binder: Binder<E>,
    /// In the order of the file.
    watchers: Vec<Watcher<E>>,
    /// Declared no more, and not at their end.
    retiring: Vec<(String, WatchHandle)>,
}

/// A watcher that is declared.
struct Watcher<E> {
    declared: Declared,
    life: Life<E>,
}

enum Life<E> {
    /// It waits until one of the same name has retired.
    Waits(Prepared<E>),
    Runs(Running),
}

/// The sources that a new content needs, by the names of their watchers.
type Sources<E> = HashMap<String, Prepared<E>>;

impl<E> Follower<E> {
    pub(in super::super) fn new(
        set: &WatcherSet,
        path: Arc<Path>,
        looks: BoxStream<'static, Look>,
        on_removed: OnRemovedWatcher,
        binder: Binder<E>,
    ) -> Self {
        let (loader, only) = (set.loader.clone(), set.only.clone());
        let (watchers, retiring) = (Vec::new(), Vec::new());
        Self { loader, only, path, looks, on_removed, binder, watchers, retiring }
    }

    /// A watcher runs that was started with the set.
    pub(in super::super) fn runs(&mut self, declared: Declared, running: Running) {
        self.watchers.push(Watcher { declared, life: Life::Runs(running) });
    }

    /// Goes on with what waited, and takes what is new of the file.
    pub(in super::super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        self.goes_on(parts, handle);
        while let Poll::Ready(Some(look)) = self.looks.poll_next_unpin(cx) {
            let taken = self.take(look, handle);
            if let Err(error) = &taken {
                let file = self.path.display();
                error!(%file, %error, "the watchers of the file are refused; what runs goes on");
            }
            handle.reloaded(taken);
            self.begin(parts, handle);
        }
    }

    /// Starts what waited for one that has come to its end. Returns whether something did.
    pub(in super::super) fn goes_on(&mut self, parts: &mut Parts<E>, handle: &SetHandle) -> bool {
        let runs = |watcher: &WatchHandle| watcher.status().state != State::Stopped;
        let (retiring, ended) =
            std::mem::take(&mut self.retiring).into_iter().partition(|it| runs(&it.1));
        self.retiring = retiring;
        ended.iter().for_each(|(name, _)| handle.remove(name));
        !ended.is_empty() && self.begin(parts, handle)
    }

    /// All of a new content, or nothing.
    fn take(&mut self, look: Look, handle: &SetHandle) -> Result<()> {
        let set = self.loader.load(vec![File { path: Arc::clone(&self.path), bytes: look? }])?;
        let set = match &self.only {
            Some(names) => set.those(Arc::clone(names)),
            None => set,
        };
        let running: Vec<_> = self.watchers.iter().map(|it| specified(&it.declared)).collect();
        let declared: Vec<_> = set.watchers.iter().map(specified).collect();
        let steps = plan(&running, &declared);
        let sources = self.sources(&set, &steps)?;
        let count = |is: fn(&&Step<'_>) -> bool| steps.iter().filter(is).count();
        info!(
            file = %self.path.display(),
            started = count(|step| matches!(step, Step::Start(_))),
            restarted = count(|step| matches!(step, Step::Restart(_))),
            stopped = count(|step| matches!(step, Step::Stop(_))),
            "the watchers of the file are taken"
        );
        self.replace(set.watchers, sources, handle);
        Ok(())
    }

    fn sources(&self, set: &WatcherSet, steps: &[Step<'_>]) -> Result<Sources<E>> {
        let (mut sources, mut refused) = (Sources::new(), Refused::default());
        for step in steps {
            let (Step::Start(name) | Step::Restart(name)) = step else { continue };
            let Some(declared) = set.declared(name) else { continue };
            match self.binder.bind(&declared.spec) {
                Ok(source) => drop(sources.insert((*name).to_owned(), source)),
                Err(error) => refused.push_error(declared, error),
            }
        }
        refused.finish().map(|()| sources)
    }

    /// What has a source begins anew; what has none goes on; all others are declared no more.
    fn replace(&mut self, declared: Vec<Declared>, mut sources: Sources<E>, handle: &SetHandle) {
        let before = std::mem::take(&mut self.watchers).into_iter();
        let mut before: BTreeMap<_, _> =
            before.map(|it| (it.declared.spec.name().to_owned(), it.life)).collect();
        for declared in declared {
            let name = declared.spec.name();
            let life = match (before.remove(name), sources.remove(name)) {
                (life, Some(source)) => {
                    if let Some(Life::Runs(running)) = life {
                        handle.leaves(name);
                        running.stop();
                    }
                    Life::Waits(source)
                }
                (Some(life), None) => {
                    handle.moved(name, place(&declared));
                    life
                }
                (None, None) => continue,
            };
            self.watchers.push(Watcher { declared, life });
        }
        for (name, life) in before {
            if let Life::Runs(running) = life {
                self.remove(name, running, handle);
            }
        }
    }

    fn remove(&mut self, name: String, running: Running, handle: &SetHandle) {
        handle.leaves(&name);
        match self.on_removed {
            OnRemovedWatcher::Forget => {
                running.stop();
                handle.remove(&name);
            }
            OnRemovedWatcher::Remove => {
                running.watcher.retire();
                self.retiring.push((name, running.watcher));
            }
        }
    }

    /// Starts what waits, but for what waits for one that retires. Returns whether there was something.
    fn begin(&mut self, parts: &mut Parts<E>, handle: &SetHandle) -> bool {
        let retiring: HashSet<_> = self.retiring.iter().map(|(name, _)| name.as_str()).collect();
        let begins = |it: &Watcher<E>| {
            matches!(it.life, Life::Waits(_)) && !retiring.contains(it.declared.spec.name())
        };
        let count = self.watchers.iter().filter(|it| begins(it)).count();
        if count == 0 {
            return false;
        }
        let begin = |watcher: Watcher<E>| match watcher {
            it if !begins(&it) => Some(it),
            Watcher { declared, life: Life::Waits(source) } => {
                let running = start(&declared, source, count, parts, handle)?;
                Some(Watcher { declared, life: Life::Runs(running) })
            }
            it => Some(it),
        };
        self.watchers = std::mem::take(&mut self.watchers).into_iter().filter_map(begin).collect();
        true
    }
}

fn specified(declared: &Declared) -> (&str, &WatcherSpec) {
    (declared.spec.name(), &declared.spec)
}
