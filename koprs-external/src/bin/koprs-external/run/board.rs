//! How the watchers are doing: lines that stay at the bottom of a terminal, or a line for each change.

use std::collections::{HashMap, HashSet};
use std::io::{self, Write};
use std::sync::Arc;

use chrono::Local;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use koprs_external::watcher::{State, Status};
use tokio::time::Instant;

use super::NOTHING;
use super::seen::{Seen, left_out};
use super::terminal;
use crate::style::Style;

/// The most lines that stay in place.
const MOST: usize = 16;

pub(super) enum Board {
    Lines { multi: MultiProgress, bars: Vec<ProgressBar>, style: Style },
    Changes(HashMap<Arc<str>, Known>),
    None,
}

/// What was last said of a watcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    state: State,
    nothing: bool,
    left: Option<String>,
}

type Statuses = Vec<(Arc<str>, Status)>;

impl Board {
    /// Lines that stay in place, on a terminal.
    pub(super) fn lines(watchers: usize, style: Style) -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        let plain = ProgressStyle::with_template("{msg}");
        let bars = (0..watchers.min(MOST)).map(|_| multi.add(ProgressBar::no_length()));
        let bars = bars.map(|bar| plain.iter().cloned().fold(bar, ProgressBar::with_style));
        Self::Lines { bars: bars.collect(), multi, style }
    }

    /// A line on the standard error for a first failure, for a recovery, and for one that finds nothing.
    pub(super) fn changes() -> Self {
        Self::Changes(HashMap::new())
    }

    /// Shows how the watchers are doing now.
    pub(super) fn show(&mut self, statuses: &Statuses, nothing: &HashSet<Arc<str>>) {
        match self {
            Self::Lines { bars, style, .. } => {
                let lines = board(statuses, nothing, bars.len(), terminal::columns(), *style);
                let changed = bars.iter().zip(lines).filter(|(bar, line)| bar.message() != *line);
                changed.for_each(|(bar, line)| bar.set_message(line));
            }
            Self::Changes(known) => {
                for line in changes(known, statuses, nothing) {
                    let time = Local::now().format("%H:%M:%S");
                    let _ = writeln!(io::stderr(), "{time}  {line}");
                }
            }
            Self::None => {}
        }
    }

    /// Prints, above the lines that stay in place.
    pub(super) fn above<T>(&self, print: impl FnOnce() -> T) -> T {
        match self {
            Self::Lines { multi, .. } => multi.suspend(print),
            Self::Changes(_) | Self::None => print(),
        }
    }

    /// Takes the lines away.
    pub(super) fn clear(&self) {
        if let Self::Lines { multi, .. } = self {
            let _ = multi.clear();
        }
    }
}

/// As many lines as there is room for; where some are left out, those that fail come first.
fn board(
    statuses: &Statuses,
    nothing: &HashSet<Arc<str>>,
    room: usize,
    columns: usize,
    style: Style,
) -> Vec<String> {
    let now = Instant::now();
    let names = statuses.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let seen = statuses.iter().map(|(name, status)| {
        let nothing = nothing.contains(name);
        (name, Seen { nothing, ..Seen::of(status, now) })
    });
    let mut seen: Vec<_> = seen.collect();
    if seen.len() > room {
        seen.sort_by_key(|(_, seen)| seen.state == State::Healthy);
    }
    let lines = seen.iter().take(room);
    let mut lines: Vec<_> =
        lines.map(|(name, seen)| seen.line(name, names, columns, style)).collect();
    if let (true, Some(last)) = (seen.len() > room, lines.last_mut()) {
        *last = format!("… and {} more", seen.len() - room + 1);
    }
    lines
}

/// What is to be said of those that fail now, or no more, of those that find nothing, and of what is left out.
fn changes(
    known: &mut HashMap<Arc<str>, Known>,
    statuses: &Statuses,
    nothing: &HashSet<Arc<str>>,
) -> Vec<String> {
    let now = Instant::now();
    let mut lines = Vec::new();
    for (name, status) in statuses {
        let state = status.state;
        let nothing = nothing.contains(name);
        let left = left_out(&status.report);
        let now_known = Known { state, nothing, left: left.clone() };
        let before = known.insert(Arc::clone(name), now_known);
        let before = before.unwrap_or(Known { state: State::Pending, nothing: false, left: None });
        match (before.state, state) {
            (before, now) if before == now => {}
            (_, State::Failing) => {
                let error = Seen::of(status, now).error.unwrap_or_default();
                lines.push(format!("{name} fails: {error}"));
            }
            (State::Failing, State::Healthy) => lines.push(format!("{name} has recovered")),
            _ => {}
        }
        if nothing && !before.nothing {
            lines.push(format!("{name}  {NOTHING}"));
        }
        if let (true, Some(left)) = (left != before.left, left) {
            lines.push(format!("{name}  {left}"));
        }
    }
    lines
}
