//! From a new content of the file to watchers that start and stop.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::stream::BoxStream;
use futures_util::StreamExt;
use tracing::field::display;
use tracing::{error, info, warn};

use super::super::WatcherSet;
use super::super::binder::Binder;
use super::super::handle::{SetHandle, Unsynced};
use super::super::parts::{Parts, Running, start};
use super::super::prepared::Prepared;
use super::super::refused::Refused;
use super::OnRemovedWatcher;
use super::plan::{Step, plan};
use super::warned::{Warned, Warning};
use crate::config::Declared;
use crate::error::Result;
use crate::printable::printable;
use crate::spec::WatcherSpec;

/// Brings what runs in line with the file.
pub(in super::super) struct Follower<E> {
    path: Arc<Path>,
    /// What it declares, once for each content.
    contents: BoxStream<'static, Result<WatcherSet>>,
    on_removed: OnRemovedWatcher,
    binder: Binder<E>,
    warned: Warned,
    /// By their names.
    watchers: BTreeMap<Arc<str>, Watcher<E>>,
    /// Those that are declared no more or differently, by their names, until they have ended.
    ending: HashMap<Arc<str>, Ending<E>>,
}

/// A watcher that is declared.
struct Watcher<E> {
    declared: Declared,
    life: Life<E>,
}

enum Life<E> {
    /// It waits until one of the same name has ended.
    Waits(Waiting<E>),
    Runs(Running<E>),
}

/// A watcher that hands over or retires.
struct Ending<E> {
    declared: Declared,
    running: Running<E>,
}

struct Waiting<E> {
    source: Prepared<E>,
    /// It starts as one of so many.
    of: usize,
    /// Until then the set is not synced.
    held: Unsynced,
}

/// The sources that a new content needs, by the names of their watchers.
type Sources<E> = HashMap<Arc<str>, Prepared<E>>;

impl<E> Follower<E> {
    pub(in super::super) fn new(
        path: Arc<Path>,
        contents: BoxStream<'static, Result<WatcherSet>>,
        on_removed: OnRemovedWatcher,
        binder: Binder<E>,
    ) -> Self {
        let (watchers, ending) = (BTreeMap::new(), HashMap::new());
        let warned = Warned::default();
        Self { path, contents, on_removed, binder, warned, watchers, ending }
    }

    /// A watcher runs that was started with the set.
    pub(in super::super) fn runs(&mut self, declared: Declared, running: Running<E>) {
        let name = declared.spec.name().into();
        self.watchers.insert(name, Watcher { declared, life: Life::Runs(running) });
    }

    /// Takes what is new of the file.
    pub(in super::super) fn poll(
        &mut self,
        cx: &mut Context<'_>,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        while let Poll::Ready(Some(content)) = self.contents.poll_next_unpin(cx) {
            let taken = content.and_then(|set| self.take(set, parts, handle));
            if let Err(error) = &taken {
                let file = self.path.display();
                error!(file = %printable(&file), %error, "the watchers of the file are refused; keeping the running configuration");
            }
            handle.reloaded(taken);
        }
    }

    /// A watcher has come to its end. What waited for that starts, and takes over what the consumer knows; where it
    /// cannot, or where nothing waits, the known items are removed first.
    pub(in super::super) fn ended(&mut self, name: &str, parts: &mut Parts<E>, handle: &SetHandle) {
        let Some(Ending { declared: before, running }) = self.ending.remove(name) else { return };
        let left = running.finish();
        match (self.watchers.remove(name), left) {
            (Some(Watcher { declared, life: Life::Waits(mut waiting) }), left) => {
                if let Some(mut left) = left
                    && !waiting.source.inherit(&mut left)
                {
                    self.retire(before, left, parts, handle);
                }
                self.begin(declared, waiting.source, waiting.of, parts, handle);
                drop(waiting.held);
            }
            (None, Some(left)) => self.retire(before, left, parts, handle),
            (None, None) => handle.remove(name),
            (Some(watcher), _) => drop(self.watchers.insert(name.into(), watcher)),
        }
    }

    /// Starts a source that another watcher has left, to emit removals for all known items.
    fn retire(
        &mut self,
        declared: Declared,
        source: Prepared<E>,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        let Some(running) = start(&declared, source, 1, parts, handle) else { return };
        let name: Arc<str> = declared.spec.name().into();
        // Before it ends, so that whoever waits for it does not take that for a failure.
        handle.leaves(&name);
        running.watcher.retire();
        self.ending.insert(name, Ending { declared, running });
    }

    /// All of a new content, or nothing.
    fn take(&mut self, set: WatcherSet, parts: &mut Parts<E>, handle: &SetHandle) -> Result<()> {
        let running: Vec<_> = self.watchers.values().map(|it| specified(&it.declared)).collect();
        let declared: Vec<_> = set.watchers.iter().map(specified).collect();
        let steps = plan(&running, &declared, WatcherSpec::does_the_same_as);
        let sources = self.sources(&set, &steps)?;
        let count = |is: fn(&&Step<Arc<str>>) -> bool| steps.iter().filter(is).count();
        info!(
            file = %printable(&self.path.display()),
            started = count(|step| matches!(step, Step::Start(_))),
            restarted = count(|step| matches!(step, Step::Restart(_))),
            stopped = count(|step| matches!(step, Step::Stop(_))),
            "the watchers of the file are taken"
        );
        self.warned.update(&set).into_iter().for_each(log);
        self.execute(steps, set.watchers, sources, parts, handle);
        Ok(())
    }

    fn sources(&self, set: &WatcherSet, steps: &[Step<Arc<str>>]) -> Result<Sources<E>> {
        let (mut sources, mut refused) = (Sources::new(), Refused::default());
        for step in steps {
            let (Step::Start(name) | Step::Restart(name)) = step else { continue };
            let Some(declared) = set.declared(name) else { continue };
            match self.binder.bind(&declared.spec) {
                Ok(source) => drop(sources.insert(Arc::clone(name), source)),
                Err(error) => refused.push_error(declared, error),
            }
        }
        refused.finish().map(|()| sources)
    }

    /// Executes the steps of a plan.
    fn execute(
        &mut self,
        steps: Vec<Step<Arc<str>>>,
        declared: Vec<Declared>,
        mut sources: Sources<E>,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        let of = sources.len();
        let declared = declared.into_iter().map(|it| (Arc::<str>::from(it.spec.name()), it));
        let mut declared: HashMap<_, _> = declared.collect();
        for step in steps {
            let (Step::Stop(name) | Step::Start(name) | Step::Restart(name) | Step::Keep(name)) =
                &step;
            let (old, source) = (self.watchers.remove(name), sources.remove(name));
            match (&step, old, declared.remove(name), source) {
                (Step::Stop(name), Some(old), ..) => self.stop(name, old, parts, handle),
                (Step::Keep(name), Some(Watcher { life, .. }), Some(declared), _) => {
                    handle.moved(name, declared.home());
                    self.watchers.insert(Arc::clone(name), Watcher { declared, life });
                }
                (
                    Step::Restart(_),
                    Some(Watcher { life: Life::Runs(running), declared: old }),
                    Some(declared),
                    Some(source),
                ) => self.restart(old, running, (declared, source, of), parts, handle),
                // One that waits to be started has not begun.
                (Step::Start(_) | Step::Restart(_), _, Some(declared), Some(source)) => {
                    self.begin(declared, source, of, parts, handle);
                }
                // A plan names what runs, what is declared, and what was bound.
                _ => {}
            }
        }
    }

    /// Stops a watcher that is no longer declared.
    fn stop(
        &mut self,
        name: &Arc<str>,
        Watcher { declared, life }: Watcher<E>,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        match life {
            Life::Runs(running) => self.remove(declared, running, parts, handle),
            Life::Waits(_) => {
                if let Some(ending) = self.ending.get(name) {
                    ending.running.watcher.retire();
                }
            }
        }
    }

    /// Starts a watcher in the place of another one. In between, the set is not synced.
    fn restart(
        &mut self,
        before: Declared,
        running: Running<E>,
        (declared, source, of): (Declared, Prepared<E>, usize),
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        match self.on_removed {
            OnRemovedWatcher::Forget => {
                self.begin(declared, source, of, parts, handle);
                running.stop();
            }
            OnRemovedWatcher::Remove => {
                let name: Arc<str> = declared.spec.name().into();
                let watcher = running.watcher.clone();
                self.ending.insert(Arc::clone(&name), Ending { declared: before, running });
                self.begin(declared, source, of, parts, handle);
                // Before it ends, so that whoever waits for it does not take that for a failure; and once its
                // successor is waited for.
                handle.leaves(&name);
                watcher.hand_over();
                if watcher.is_stopped() {
                    self.ended(&name, parts, handle);
                }
            }
        }
    }

    fn remove(
        &mut self,
        declared: Declared,
        running: Running<E>,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        let name: Arc<str> = declared.spec.name().into();
        handle.leaves(&name);
        match self.on_removed {
            OnRemovedWatcher::Forget => {
                running.stop();
                handle.remove(&name);
            }
            OnRemovedWatcher::Remove => {
                running.watcher.retire();
                let has_ended = running.watcher.is_stopped();
                self.ending.insert(Arc::clone(&name), Ending { declared, running });
                if has_ended {
                    self.ended(&name, parts, handle);
                }
            }
        }
    }

    /// Starts a watcher as one of so many; later, if one of its name has not ended yet.
    fn begin(
        &mut self,
        declared: Declared,
        source: Prepared<E>,
        of: usize,
        parts: &mut Parts<E>,
        handle: &SetHandle,
    ) {
        let name: Arc<str> = declared.spec.name().into();
        let life = match self.ending.contains_key(&name) {
            true => {
                let held = handle.unsynced(Arc::clone(&name));
                Some(Life::Waits(Waiting { source, of, held }))
            }
            false => start(&declared, source, of, parts, handle).map(Life::Runs),
        };
        if let Some(life) = life {
            self.watchers.insert(name, Watcher { declared, life });
        }
    }
}

fn log((watcher, warning): Warning<'_>) {
    let (place, code, help) = (warning.place(), warning.code(), warning.help());
    let (warning, help) = (warning.message(), help.map(display));
    let watcher = watcher.map(display);
    warn!(watcher, %place, %code, %warning, help, "the watchers of the file are legal but unwise");
}

fn specified(declared: &Declared) -> (Arc<str>, &WatcherSpec) {
    (declared.spec.name().into(), &declared.spec)
}
