//! How the watchers are doing: lines that stay at the bottom of a terminal, or a line for each change.

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use chrono::Local;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use koprs_external::watcher::{State, Status};
use tokio::time::Instant;

use super::status_line::{StatusLine, absent, left_out};
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

/// What was last reported of a watcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    state: State,
    absent: Option<String>,
    left: Option<String>,
}

type Statuses = [(Arc<str>, Status)];

impl Board {
    /// Lines that stay in place, on a terminal.
    pub(super) fn lines(style: Style) -> Self {
        let multi = MultiProgress::with_draw_target(ProgressDrawTarget::stderr());
        Self::Lines { bars: Vec::new(), multi, style }
    }

    /// A line on the standard error for a first failure, for a recovery, and for an absent value.
    pub(super) fn changes() -> Self {
        Self::Changes(HashMap::new())
    }

    /// Whether it stays in place on a terminal.
    pub(super) fn stays(&self) -> bool {
        matches!(self, Self::Lines { .. })
    }

    pub(super) fn is_shown(&self) -> bool {
        !matches!(self, Self::None)
    }

    /// Shows how the watchers are doing now.
    pub(super) fn show(&mut self, statuses: &Statuses) {
        match self {
            Self::Lines { multi, bars, style } => {
                resize(multi, bars, room(statuses.len(), terminal::rows()));
                let lines = board(statuses, bars.len(), terminal::columns(), *style);
                let changed = bars.iter().zip(lines).filter(|(bar, line)| bar.message() != *line);
                changed.for_each(|(bar, line)| bar.set_message(line));
                rest_cursor();
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
            Self::Lines { multi, .. } => {
                let printed = multi.suspend(print);
                rest_cursor();
                printed
            }
            Self::Changes(_) | Self::None => print(),
        }
    }

    /// Takes the lines away for good: a bar that is dropped would draw the others once more.
    pub(super) fn clear(&mut self) {
        if let Self::Lines { multi, .. } = self {
            let _ = multi.clear();
            multi.set_draw_target(ProgressDrawTarget::hidden());
        }
    }
}

/// Moves the cursor to the begin of the last line. In the last column, where the lines end, a terminal would wrap the
/// `^C` that it echoes, and the lines could not be taken away.
fn rest_cursor() {
    let _ = io::stderr().write_all(b"\r");
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
fn board(statuses: &Statuses, room: usize, columns: usize, style: Style) -> Vec<String> {
    let now = Instant::now();
    let names = statuses.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let lines = statuses.iter().map(|(name, status)| (name, StatusLine::of(status, now)));
    fit(lines.collect(), room, |name, status| status.line(name, names, columns, style))
}

/// As many lines as there is room for; where some are left out, those that fail come first.
fn fit<'a>(
    mut statuses: Vec<(&'a Arc<str>, StatusLine)>,
    room: usize,
    line: impl Fn(&'a str, &StatusLine) -> String,
) -> Vec<String> {
    if statuses.len() > room {
        statuses.sort_by_key(|(_, status)| rank(status));
    }
    let mut lines: Vec<_> =
        statuses.iter().take(room).map(|(name, status)| line(name, status)).collect();
    if let (true, Some(last)) = (statuses.len() > room, lines.last_mut()) {
        let left = statuses.get(room.saturating_sub(1)..).unwrap_or_default();
        let bad = left.iter().filter(|(_, status)| rank(status) == 0).count();
        let bad = if bad > 0 { format!(", {bad} of them failing") } else { String::new() };
        *last = format!("… and {} more{bad}", left.len());
    }
    lines
}

/// What is worth a line comes first: those that fail or have stopped, then those that wait or find nothing.
fn rank(status: &StatusLine) -> u8 {
    match status.state {
        State::Healthy if status.absence.is_none() => 2,
        State::Healthy | State::Pending | State::Blocked | State::Suspended => 1,
        _ => 0,
    }
}

/// What to report of those that now fail, have recovered or are absent, and of what is left out.
fn changes(known: &mut HashMap<Arc<str>, Known>, statuses: &Statuses) -> Vec<String> {
    let now = Instant::now();
    let mut lines = Vec::new();
    for (name, status) in statuses {
        let before = known.remove(name);
        let before = before.unwrap_or(Known { state: State::Pending, absent: None, left: None });
        // While nobody reads, it is neither known to fail nor to have recovered.
        let state = if status.state == State::Blocked { before.state } else { status.state };
        let (absent, left) = (absent(&status.report), left_out(&status.report));
        match (before.state, state) {
            (before, now) if before == now => {}
            (_, State::Failing) => {
                let error = StatusLine::of(status, now).error.unwrap_or_default();
                lines.push(format!("{name} fails: {error}"));
            }
            (State::Failing, State::Healthy) => lines.push(format!("{name} has recovered")),
            _ => {}
        }
        let news = [(&before.absent, &absent), (&before.left, &left)];
        for (_, what) in news.into_iter().filter(|(before, now)| before != now) {
            lines.extend(what.iter().map(|what| format!("{name}  {what}")));
        }
        known.insert(Arc::clone(name), Known { state, absent, left });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEALTHY: StatusLine = StatusLine {
        state: State::Healthy,
        items: 1,
        absence: None,
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
        let seen = names
            .iter()
            .zip(states)
            .map(|(name, state)| (name, StatusLine { state: *state, ..HEALTHY }));
        fit(seen.collect(), room, |name, status| format!("{name} {:?}", status.state))
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
