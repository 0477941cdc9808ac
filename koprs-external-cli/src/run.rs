//! `run`: follows what files declare, and prints what changes.

mod board;
mod diff;
mod ending;
mod event;
mod last_values;
mod outcome;
mod status_line;
mod terminal;

use std::collections::HashSet;
use std::io::{self, IsTerminal};
use std::pin::pin;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::{Local, Utc};
use futures_util::FutureExt;
use koprs_external::set::{ValueEvent, Values, WatcherSet};
use koprs_external::spec::SourceSpec;
use koprs_external::watcher::{State, Status, WatchHandle};
use tokio::time::{Instant, MissedTickBehavior, interval};

use self::board::Board;
use self::event::Human;
use self::last_values::LastValues;
use crate::args::{Run, RunFormat};
use crate::output::{Reader, print};
use crate::style::Style;
use crate::{Ended, load, validate_args};

/// How often the watchers are looked at while somebody waits: for the end of `--once`, or at a terminal.
const LOOK: Duration = Duration::from_millis(100);
/// How often they are looked at for the log on the standard error.
const LOG: Duration = Duration::from_secs(1);
/// A next poll that is further away belongs to another look at the source.
const SOON: Duration = Duration::from_millis(500);

/// Why it ends.
enum End {
    /// By a signal, or because the time is over.
    Asked,
    /// Its reader has gone.
    Unread,
    /// Each watcher has polled once.
    Polled,
    /// All watchers have stopped.
    Alone,
}

pub(crate) fn run(args: &Run) -> Ended {
    let style = Style::of(args.colour.color, &io::stderr());
    let set = load::load_or_tell(&args.files, &args.reading, args.strict, style)?;
    validate_args::check_names(&set, &args.files, &args.only)?;
    let set = if args.only.is_empty() { set } else { set.only(&args.only)? };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let ended = runtime.block_on(follow(&set, args));
    // Nobody is left to take what is still being read of files.
    runtime.shutdown_background();
    ended
}

async fn follow(set: &WatcherSet, args: &Run) -> Ended {
    let style = Style::of(args.colour.color, &io::stderr());
    // First, since a request to end is taken only once they run.
    let mut values = set.values()?;
    let mut asked = ending::asked(args.time, style)?;
    let mut follower = Follower::new(set, &values, args);
    let ended = follower.until_end(&mut values, async move { asked.recv().await }).await;
    follower.board.show(&follower.statuses());
    follower.board.clear();
    if args.once {
        follower.all_polled();
    }
    let polled = follower.polled();
    values.shutdown().await;
    let outcome = |is_done: &dyn Fn(&Arc<str>) -> bool| {
        Ok(outcome::report(&follower.statuses(), is_done, args.allow_absent, style))
    };
    match ended? {
        End::Alone => Err("all watchers have stopped".into()),
        _ if !args.once => Ok(ExitCode::SUCCESS),
        End::Asked => outcome(&|name| polled.contains(name)),
        // A reader who has gone does not wait for those that have not polled.
        End::Polled | End::Unread => outcome(&|_| true),
    }
}

/// A watcher of the set, which stays the same until the end.
struct Followed {
    name: Arc<str>,
    handle: WatchHandle,
    /// How it was when it had polled once, where it is to do no more.
    polled: Option<Status>,
}

struct Follower {
    watchers: Vec<Followed>,
    once: bool,
    format: RunFormat,
    human: Human,
    last_values: LastValues,
    board: Board,
}

impl Follower {
    fn new(set: &WatcherSet, values: &Values, args: &Run) -> Self {
        let color = args.colour.color;
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
            of_objects: of_objects(set),
        };
        let watchers = values.watchers().into_iter();
        let watchers = watchers.map(|(name, handle)| Followed { name, handle, polled: None });
        Self {
            watchers: watchers.collect(),
            once: args.once,
            format: args.format,
            human,
            last_values: LastValues::default(),
            board,
        }
    }

    async fn until_end(&mut self, values: &mut Values, asked: impl Future) -> io::Result<End> {
        let mut asked = pin!(asked);
        let mut look = interval(if self.once || self.board.stays() { LOOK } else { LOG });
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        if self.once {
            self.watchers.iter().for_each(|it| it.handle.poll_now());
        }
        loop {
            tokio::select! {
                biased;
                _ = &mut asked => return Ok(End::Asked),
                _ = look.tick() => {
                    if self.once && self.all_polled() {
                        return Ok(End::Polled);
                    }
                    if self.board.is_shown() {
                        let statuses = self.statuses();
                        self.board.show(&statuses);
                    }
                }
                event = values.recv() => {
                    let Some(event) = event else { return Ok(if self.once { End::Polled } else { End::Alone }) };
                    if self.print(&event)? == Reader::Gone {
                        return Ok(End::Unread);
                    }
                }
            }
        }
    }

    /// Whether each watcher has polled. One that has is suspended.
    fn all_polled(&mut self) -> bool {
        for watcher in self.watchers.iter_mut().filter(|it| it.polled.is_none()) {
            // The status comes second: a poll that ends in between would be over, without what it found.
            let is_synced = watcher.handle.synced().now_or_never().is_some();
            let status = watcher.handle.status();
            if is_synced || has_polled(&status) {
                watcher.handle.suspend();
                watcher.polled = Some(status);
            }
        }
        self.watchers.iter().all(|it| it.polled.is_some())
    }

    fn polled(&self) -> HashSet<Arc<str>> {
        let polled = self.watchers.iter().filter(|it| it.polled.is_some());
        polled.map(|it| Arc::clone(&it.name)).collect()
    }

    /// How the watchers are, or were when they had polled once.
    fn statuses(&self) -> Vec<(Arc<str>, Status)> {
        let status = |it: &Followed| it.polled.clone().unwrap_or_else(|| it.handle.status());
        self.watchers.iter().map(|it| (Arc::clone(&it.name), status(it))).collect()
    }

    fn print(&mut self, event: &ValueEvent) -> io::Result<Reader> {
        // Where each watcher polls once, nothing can change.
        let before = if self.once { None } else { self.last_values.update(event) };
        let line = match self.format {
            RunFormat::Ndjson => event::ndjson(Utc::now(), event, before.as_ref())?,
            RunFormat::Human => {
                self.human.columns = self.human.columns.map(|_| terminal::columns());
                self.human.line(Local::now(), event, before.as_ref())
            }
        };
        self.board.above(|| print(&line))
    }
}

/// The names of the watchers that follow object stores.
fn of_objects(set: &WatcherSet) -> HashSet<Arc<str>> {
    let is_of_objects = |name: &&str| {
        set.spec(name).is_some_and(|spec| matches!(spec.source(), SourceSpec::ObjectStore(_)))
    };
    set.names().filter(is_of_objects).map(Arc::from).collect()
}

/// Whether a watcher that is not synced has polled once: it failed, or found nothing. An absent value is requested again
/// after the interval, and a large listing is delivered in batches without a pause.
fn has_polled(status: &Status) -> bool {
    let waits = || status.next_poll.is_some_and(|at| at > Instant::now() + SOON);
    let over = status.consecutive_failures > 0 || status.state == State::Stopped;
    over || (status.last_success.is_some() && waits())
}
