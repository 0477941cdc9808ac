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
/// The rows that are left to events.
const EVENTS: usize = 4;

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
    pub(super) fn lines(style: Style) -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self::Lines { bars: Vec::new(), multi, style }
    }

    /// A line on the standard error for a first failure, for a recovery, and for one that finds nothing.
    pub(super) fn changes() -> Self {
        Self::Changes(HashMap::new())
    }

    /// Shows how the watchers are doing now.
    pub(super) fn show(&mut self, statuses: &Statuses, nothing: &HashSet<Arc<str>>) {
        match self {
            Self::Lines { multi, bars, style } => {
                resize(multi, bars, room(statuses.len(), terminal::rows()));
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

/// How many lines there are for so many watchers, on a terminal of so many rows.
fn room(watchers: usize, rows: usize) -> usize {
    watchers.min(MOST).min(rows.saturating_sub(EVENTS).max(1))
}

/// As many lines as there is room for now.
fn resize(multi: &MultiProgress, bars: &mut Vec<ProgressBar>, room: usize) {
    if bars.len() > room {
        let _ = multi.clear();
        bars.drain(room..).for_each(|bar| multi.remove(&bar));
    }
    let plain = ProgressStyle::with_template("{msg}");
    bars.extend((bars.len()..room).map(|_| {
        let bar = multi.add(ProgressBar::no_length());
        plain.iter().cloned().fold(bar, ProgressBar::with_style)
    }));
}

/// A line for each watcher, as many as there is room for.
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
    fit(seen.collect(), room, |name, seen| seen.line(name, names, columns, style))
}

/// As many lines as there is room for; where some are left out, those that fail come first.
fn fit<'a>(
    mut seen: Vec<(&'a Arc<str>, Seen)>,
    room: usize,
    line: impl Fn(&'a str, &Seen) -> String,
) -> Vec<String> {
    if seen.len() > room {
        seen.sort_by_key(|(_, seen)| rank(seen.state));
    }
    let mut lines: Vec<_> = seen.iter().take(room).map(|(name, seen)| line(name, seen)).collect();
    if let (true, Some(last)) = (seen.len() > room, lines.last_mut()) {
        let left = seen.get(room.saturating_sub(1)..).unwrap_or_default();
        let bad = left.iter().filter(|(_, seen)| rank(seen.state) == 0).count();
        let bad = if bad > 0 { format!(", {bad} of them failing") } else { String::new() };
        *last = format!("… and {} more{bad}", left.len());
    }
    lines
}

/// What is worth a line comes first: those that fail or have stopped, then those that wait.
fn rank(state: State) -> u8 {
    match state {
        State::Healthy => 2,
        State::Pending | State::Blocked | State::Suspended => 1,
        _ => 0,
    }
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
        let before = known.get(name).cloned();
        let before = before.unwrap_or(Known { state: State::Pending, nothing: false, left: None });
        // While nobody reads, it is neither known to fail nor to have recovered.
        let state = if status.state == State::Blocked { before.state } else { status.state };
        let nothing = nothing.contains(name);
        let left = left_out(&status.report);
        known.insert(Arc::clone(name), Known { state, nothing, left: left.clone() });
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

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: Seen = Seen {
        state: State::Healthy,
        items: 1,
        nothing: false,
        left: None,
        failures: 0,
        error: None,
        undelivered: None,
        success_ago: None,
        next_in: None,
    };

    /// The lines of watchers in these states, named by their place.
    fn lines(states: &[State], room: usize) -> Vec<String> {
        let names: Vec<Arc<str>> = (0..states.len()).map(|at| at.to_string().into()).collect();
        let seen =
            names.iter().zip(states).map(|(name, state)| (name, Seen { state: *state, ..HEALTHY }));
        fit(seen.collect(), room, |name, seen| format!("{name} {:?}", seen.state))
    }

    #[test]
    fn a_low_terminal_has_fewer_lines_and_always_one() {
        let of_twenty = [0, 1, 5, 6, 12, 20, 50].map(|rows| room(20, rows));
        assert_eq!(of_twenty, [1, 1, 1, 2, 8, 16, 16]);
        assert_eq!([0, 1, 3].map(|watchers| room(watchers, 24)), [0, 1, 3]);
    }

    #[test]
    fn those_that_fail_come_first_where_some_are_left_out() {
        use State::{Failing, Healthy, Pending};
        let states = [Healthy, Pending, Failing, Healthy];
        assert_eq!(lines(&states, 3), ["2 Failing", "1 Pending", "… and 2 more"]);
        let as_written = ["0 Healthy", "1 Pending", "2 Failing", "3 Healthy"];
        assert_eq!(lines(&states, 4), as_written);
    }

    #[test]
    fn those_that_fail_and_have_no_line_are_counted() {
        use State::{Failing, Healthy};
        let states = [Healthy, Failing, Failing];
        assert_eq!(lines(&states, 2), ["1 Failing", "… and 2 more, 1 of them failing"]);
        assert_eq!(lines(&states, 1), ["… and 3 more, 2 of them failing"]);
    }

    #[test]
    fn lines_come_and_go_with_the_room() {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let mut bars = Vec::new();
        for room in [3, 1, 5, 0] {
            resize(&multi, &mut bars, room);
            assert_eq!(bars.len(), room);
        }
    }
}
