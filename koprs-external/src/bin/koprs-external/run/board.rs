//! How the watchers are doing: lines that stay at the bottom of a terminal, or a line for each change.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use chrono::Local;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use koprs_external::watcher::{State, Status};
use tokio::time::Instant;

use super::seen::Seen;
use super::terminal;
use crate::style::Style;

/// The most lines that stay in place.
const MOST: usize = 16;

pub(super) enum Board {
    Lines { multi: MultiProgress, bars: Vec<ProgressBar>, style: Style },
    Changes(HashMap<Arc<str>, State>),
    None,
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

    /// A line on the standard error for a first failure and for a recovery.
    pub(super) fn changes() -> Self {
        Self::Changes(HashMap::new())
    }

    /// Shows how the watchers are doing now.
    pub(super) fn show(&mut self, statuses: &Statuses) {
        match self {
            Self::Lines { bars, style, .. } => {
                let lines = board(statuses, bars.len(), terminal::columns(), *style);
                bars.iter().zip(lines).for_each(|(bar, line)| bar.set_message(line));
            }
            Self::Changes(known) => {
                for line in changes(known, statuses) {
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
fn board(statuses: &Statuses, room: usize, columns: usize, style: Style) -> Vec<String> {
    let now = Instant::now();
    let names = statuses.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut seen: Vec<_> =
        statuses.iter().map(|(name, status)| (name, Seen::of(status, now))).collect();
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

/// What is to be said of those that fail now, or no more.
fn changes(known: &mut HashMap<Arc<str>, State>, statuses: &Statuses) -> Vec<String> {
    let now = Instant::now();
    let mut lines = Vec::new();
    for (name, status) in statuses {
        let state = status.state;
        let before = known.insert(Arc::clone(name), state).unwrap_or(State::Pending);
        if state == before {
            continue;
        }
        match (before, state) {
            (_, State::Failing) => {
                let error = Seen::of(status, now).error.unwrap_or_default();
                lines.push(format!("{name} fails: {error}"));
            }
            (State::Failing, State::Healthy) => lines.push(format!("{name} has recovered")),
            _ => {}
        }
    }
    lines
}
