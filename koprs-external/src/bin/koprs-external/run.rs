//! `run`: follows what files declare, and prints what changes.

mod board;
mod ending;
mod event;
mod outcome;
mod seen;
mod terminal;

use std::collections::{HashMap, HashSet};
use std::io::{self, IsTerminal};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Local, Utc};
use futures_util::FutureExt;
use koprs_external::set::{SetHandle, ValueEvent, Values, WatcherSet};
use koprs_external::spec::SourceSpec;
use koprs_external::watcher::{State, Status, WatchHandle};
use tokio::time::{Instant, MissedTickBehavior, interval};

use self::board::Board;
use self::event::Human;
use crate::args::{Run, RunFormat, When};
use crate::output::{Reader, print};
use crate::style::Style;
use crate::{Ended, load, misuse};

/// How often the state of the watchers is looked at.
const LOOK: Duration = Duration::from_millis(100);
/// A next poll that is further away belongs to another look at the source.
const SOON: Duration = Duration::from_millis(500);

/// Why it ends.
enum End {
    /// It was asked to: by a signal, or the time that was given.
    Asked,
    /// Its reader has gone.
    Unread,
    /// Each watcher has polled once.
    Polled,
    /// No watcher goes on.
    Alone,
}

pub(crate) fn run(args: &Run, color: When) -> Ended {
    let style = Style::of(color, &io::stderr());
    let set = load::load_or_tell(&args.files, &args.reading, style)?;
    misuse::check_names(&set, &args.files, &args.only)?;
    let set = if args.only.is_empty() { set } else { set.only(&args.only)? };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(follow(&set, args, color));
    // What still reads a file has nobody left to tell it to.
    runtime.shutdown_background();
    ended
}

async fn follow(set: &WatcherSet, args: &Run, color: When) -> Ended {
    let style = Style::of(color, &io::stderr());
    // First, since the wish to end is taken only once they run.
    let mut values = set.values()?;
    let mut asked = ending::asked(args.time, style)?;
    let mut follower = Follower::new(set, args, color);
    let ended = follower.until_end(&mut values, args, async move { asked.recv().await }).await;
    follower.board.clear();
    if args.once {
        follower.all_polled(&values);
    }
    let statuses = follower.statuses(&values);
    let nothing = follower.nothing(&values, &statuses);
    values.shutdown().await;
    match ended? {
        End::Alone => Err("no watcher goes on".into()),
        _ if !args.once => Ok(ExitCode::SUCCESS),
        End::Asked => {
            let done = |name: &str| follower.done.contains_key(name);
            Ok(outcome::told(&statuses, &nothing, done, style))
        }
        // A reader who has gone wants no more of those that have not polled.
        End::Polled | End::Unread => Ok(outcome::told(&statuses, &nothing, |_| true, style)),
    }
}

struct Follower<'a> {
    set: &'a WatcherSet,
    format: RunFormat,
    human: Human,
    board: Board,
    /// The watchers that have polled once, where that is all they are to do, and how they were then.
    done: HashMap<Arc<str>, Status>,
}

impl<'a> Follower<'a> {
    fn new(set: &'a WatcherSet, args: &Run, color: When) -> Self {
        let terminal = io::stdout().is_terminal();
        let stays = terminal && io::stderr().is_terminal() && args.format == RunFormat::Human;
        let board = match stays {
            true => Board::lines(Style::of(color, &io::stderr())),
            false if args.once => Board::None,
            false => Board::changes(),
        };
        let human = Human {
            style: Style::of(color, &io::stdout()),
            columns: terminal.then(terminal::columns),
            names: set.names().map(|name| name.chars().count()).max().unwrap_or_default(),
        };
        Self { set, format: args.format, human, board, done: HashMap::new() }
    }

    async fn until_end(
        &mut self,
        values: &mut Values,
        args: &Run,
        asked: impl Future,
    ) -> io::Result<End> {
        let mut asked = pin!(asked);
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if args.once {
            values
                .statuses()
                .iter()
                .filter_map(|(name, _)| values.watcher(name))
                .for_each(|it| it.poll_now());
        }
        loop {
            tokio::select! {
                biased;
                _ = &mut asked => return Ok(End::Asked),
                _ = look.tick() => {
                    if args.once && self.all_polled(values) {
                        return Ok(End::Polled);
                    }
                    let statuses = self.statuses(values);
                    let nothing = self.nothing(values, &statuses);
                    self.board.show(&statuses, &nothing);
                }
                event = values.recv() => {
                    let Some(event) = event else { return Ok(if args.once { End::Polled } else { End::Alone }) };
                    if self.print(&event)? == Reader::Gone {
                        return Ok(End::Unread);
                    }
                }
            }
        }
    }

    /// Whether each has polled; one that has polls no more.
    fn all_polled(&mut self, values: &SetHandle) -> bool {
        let statuses = values.statuses();
        let count = statuses.len();
        for (name, status) in statuses {
            if !self.done.contains_key(&name) && polled(values, &name, &status) {
                values.watcher(&name).iter().for_each(WatchHandle::suspend);
                self.done.insert(name, status);
            }
        }
        self.done.len() == count
    }

    /// How the watchers are, or were when they were done.
    fn statuses(&self, values: &SetHandle) -> Vec<(Arc<str>, Status)> {
        let now = values.statuses().into_iter();
        let done = |name: &Arc<str>| self.done.get(name).cloned();
        now.map(|(name, status)| (Arc::clone(&name), done(&name).unwrap_or(status))).collect()
    }

    /// The watchers that have looked, and have found that nothing is there.
    fn nothing(&self, values: &SetHandle, statuses: &[(Arc<str>, Status)]) -> HashSet<Arc<str>> {
        let found = statuses.iter().filter(|(name, status)| match self.set.spec(name) {
            Some(spec) if matches!(spec.source(), SourceSpec::Http(_)) => {
                is_nothing(status, spec.items().is_some(), synced(values, name))
            }
            _ => false,
        });
        found.map(|(name, _)| Arc::clone(name)).collect()
    }

    fn print(&mut self, event: &ValueEvent) -> io::Result<Reader> {
        let ValueEvent { watcher, key, event, .. } = event;
        let line = match self.format {
            RunFormat::Ndjson => event::ndjson(Utc::now(), watcher, key.as_deref(), event)?,
            RunFormat::Human => {
                self.human.columns = self.human.columns.map(|_| terminal::columns());
                self.human.line(Local::now(), watcher, event, key.as_deref())
            }
        };
        self.board.above(|| print(&line))
    }
}

/// Whether a watcher has looked once: all that it saw was told, or it failed. A value that is not there is
/// asked for again after the interval, and a large listing is told in pieces, one at once after the other.
fn polled(set: &SetHandle, name: &str, status: &Status) -> bool {
    let waits = || status.next_poll.is_some_and(|at| at > Instant::now() + SOON);
    let over = status.consecutive_failures > 0 || status.state == State::Stopped;
    over || synced(set, name) || (status.last_success.is_some() && waits())
}

fn synced(set: &SetHandle, name: &str) -> bool {
    set.watcher(name).and_then(|it| it.synced().now_or_never()).is_some()
}

/// What is said of a watcher that has looked, and whose server says that nothing is there.
const NOTHING: &str = "nothing is there: the server answered 404 or 410";

/// Whether a watcher has looked, and its server said that nothing is there. A list may also be empty; of one that
/// is said to be missing this has to be confirmed.
fn is_nothing(status: &Status, is_list: bool, synced: bool) -> bool {
    let looked = status.last_success.is_some() && status.consecutive_failures == 0;
    looked && status.items == 0 && !(is_list && synced)
}
